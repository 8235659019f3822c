"""What the label of a column says that the column is about.

Only whole labels are understood: "Trains (free plan)" promises less than "Trains". A label that is
not understood is no fault: its column holds text, which promises nothing.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from compliance.page.retention_words import SUBJECTS
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit
from compliance.page.wording import compiled

_WHOSE = r"(?:(?:users?|customers?|clients?|your|our|api)(?:'s|s')? )?"
# Not "chats" and "conversations", which may be what the service shows of them, or all of them.
_CONTENT = r"data|prompts|inputs|content|queries"
_BOTH = r"(?:inputs|prompts) (?:and|or) (?:outputs|responses|completions)"
_DATA = rf"{_WHOSE}(?:{_CONTENT}|{_BOTH})"
_ON_DATA = rf"(?: (?:on|with|using) {_DATA})?"
# Not "their models": who denies to train these may train others.
_MODELS_OF_ALL = r"(?: (?:ai )?models?| ai)?"
_BY_WHOM = r"(?:they|it|(?:the )?(?:provider|vendor|model|service)s?)"

_MODELS = (
    r"(?:(?:ai|language|large language|foundation|underlying|base|llm|ml) )*models?"
    r"(?: names?| ids?| used)?|(?:ai )?llms?(?: names?| used)?"
)
_KIND_OF_PROVIDER = (
    r"(?:(?:ai|api|model|llm|inference|hosting|cloud|infrastructure|service|third party|data) )*"
)
_PROVIDERS = (
    rf"{_KIND_OF_PROVIDER}(?:(?:providers?|hosts?|hosters?|vendors?|(?:sub ?)?processors?"
    r"|recipients?)(?: names?)?)|(?:names? of (?:the )?)(?:sub ?)?processors?"
    r"|(?:hosted|served|provided|operated) by|(?:data )?sent to"
)
_ORGANISATIONS = (
    r"(?:legal )?entit(?:y|ies)(?: names?)?|compan(?:y|ies)(?: names?)?|suppliers?"
    r"|organi[sz]ations?(?: names?)?|third part(?:y|ies)"
)
_TRAINING = r"(?:(?:ai|model|llm|ml) )*training"
# Not "used to improve models", whose No denies no training.
_TRAINS = (
    rf"trains?{_MODELS_OF_ALL}{_ON_DATA}|(?:do|does) {_BY_WHOM} train{_MODELS_OF_ALL}{_ON_DATA}"
    rf"|{_TRAINING}(?: use)?{_ON_DATA}|training of{_MODELS_OF_ALL}{_ON_DATA}"
    rf"|(?:(?:is |are |will )?{_DATA} (?:is |are |be )?)?used (?:for|in) {_TRAINING}"
    rf"|(?:(?:is |are |will )?{_DATA} (?:is |are |be )?)?used to train{_MODELS_OF_ALL}"
    rf"|uses {_DATA} (?:for {_TRAINING}|to train{_MODELS_OF_ALL})"
)
_NOT = r"(?:does not|doesn't|do not|don't|never|no)"
_DOES_NOT_TRAIN = (
    rf"{_NOT} (?:train(?:s|ing)?{_MODELS_OF_ALL}|{_TRAINING}){_ON_DATA}|zero {_TRAINING}"
    rf"|(?:{_DATA} )?(?:is |are )?(?:not|never) used (?:(?:for|in) {_TRAINING}"
    rf"|to train{_MODELS_OF_ALL})|(?:{_DATA} )?excluded from {_TRAINING}"
)
_WHAT = r"(?:(?P<subject>.+?) )?"
_KEPT = r"(?:is |are )?(?:kept|stored|retained|logged|saved|held)"
_KEEPS = r"(?:keep|store|retain|log|save)"
_HOW_LONG = (
    rf"{_WHAT}retention(?: (?:of|for) (?P<purpose>.+))?"
    rf"|how long (?:is |are )?(?P<thing>.+? )?{_KEPT}(?: for)?|(?P<item>.+? )?{_KEPT} for"
)
# Below these, None may mean that there is no limit, no policy or no deletion.
_LIMIT = (
    rf"(?:max(?:imum)? {_WHAT}retention|(?:max(?:imum)? )?(?P<thing>.+? )?(?:retention|storage)"
    r" (?:period|policy|time|duration|window|length|term)s?)(?: (?:of|for) (?P<purpose>.+))?"
    rf"|(?P<item>.+? )?(?:is |are )?(?:deleted|erased|removed) after|deletion period"
)
_IS_KEPT = rf"(?:(?:do|does) {_BY_WHOM} {_KEEPS}|{_KEEPS}s) (?P<subject>.+)"
_WHAT_IS_KEPT = rf"{_WHAT}{_KEPT}"
_IS_NOT_KEPT = (
    rf"(?:zero|no) {_WHAT}(?:retention|storage)|zdr|(?:zero|no) (?P<thing>.+ ){_KEPT}"
    rf"|(?P<item>.+? )?(?:is |are )?(?:not|never) {_KEPT}"
    rf"|{_NOT} {_KEEPS}s? (?P<purpose>.+)"
)
_LOGGING = r"(?:(?:request|usage|access) )?logging"
_DOCUMENT = (
    r"(?:privacy )?(?:policy|policies|faqs?|notices?|statements?)|privacy|terms"
    r"|terms (?:of (?:service|use)|and conditions)|conditions|(?:policy |legal )?documents?"
    r"|dpas?|data (?:processing|protection) (?:agreements?|addendums?|addenda)"
    r"|agreements?|contracts?"
)
_LINKS = (
    r"(?:policy |reference |source )?(?:links?|urls?)|sources?|references?|docs?|documentation"
    r"|(?:more|further) info(?:rmation)?|read more"
)
_LOCATED = r"(?:data|hosting|processing|server|storage|data cent(?:er|re))"
_PLACES = (
    rf"(?:{_LOCATED} )*(?:locations?|countr(?:y|ies)|regions?|residency|places?)"
    rf"|(?:country|countries|location|place|region)s? of (?:data )?(?:processing|storage|hosting)"
    r"|data cent(?:er|re)s?|(?:data )?(?:hosted|processed|stored|located) in"
    r"|where (?:(?:is )?data (?:is )?)?(?:hosted|processed|stored|located)"
)


@dataclass(frozen=True, slots=True)
class LabelMeaning:
    """What a label says that its column is about.

    `is_broad` tells that another label of the same role names it better, as "Provider" does beside
    "Company". `may_ask_how_long` tells that the cells decide whether a label such as "Logs kept"
    asks for Yes or No, or for a time.
    """

    role: ColumnRole
    asks: Asks | None = None
    covers: DataClass | None = None
    unit: Unit | None = None
    is_broad: bool = False
    may_ask_how_long: bool = False


# The first that fits counts: "Not kept" must not be read as what is kept.
_MEANINGS = (
    (_MODELS, LabelMeaning(ColumnRole.MODELS)),
    (_PROVIDERS, LabelMeaning(ColumnRole.PROVIDERS)),
    (_ORGANISATIONS, LabelMeaning(ColumnRole.PROVIDERS, is_broad=True)),
    (_DOES_NOT_TRAIN, LabelMeaning(ColumnRole.TRAINING, Asks.DOES_NOT_TRAIN)),
    (_TRAINS, LabelMeaning(ColumnRole.TRAINING, Asks.TRAINS)),
    (
        rf"(?:no|zero) {_LOGGING}",
        LabelMeaning(ColumnRole.RETENTION, Asks.IS_NOT_KEPT, DataClass.METADATA),
    ),
    (_LOGGING, LabelMeaning(ColumnRole.RETENTION, Asks.IS_KEPT, DataClass.METADATA)),
    (_IS_NOT_KEPT, LabelMeaning(ColumnRole.RETENTION, Asks.IS_NOT_KEPT)),
    (_LIMIT, LabelMeaning(ColumnRole.RETENTION)),
    (_HOW_LONG, LabelMeaning(ColumnRole.RETENTION, Asks.HOW_LONG)),
    (_IS_KEPT, LabelMeaning(ColumnRole.RETENTION, Asks.IS_KEPT)),
    (_WHAT_IS_KEPT, LabelMeaning(ColumnRole.RETENTION, Asks.IS_KEPT, may_ask_how_long=True)),
    (rf"(?:{_DOCUMENT})(?: (?:and )?(?:{_DOCUMENT}))*", LabelMeaning(ColumnRole.DOCUMENTS)),
    (_LINKS, LabelMeaning(ColumnRole.DOCUMENTS, is_broad=True)),
    (_PLACES, LabelMeaning(ColumnRole.PLACES)),
)
_ASKS_FOR_ANSWERS = (Asks.IS_KEPT, Asks.IS_NOT_KEPT)
_OF_ALL = re.compile(r"(?:of )?(?:all|any|every|everything|full|entire)\b")
_NAMES_OF_SUBJECT = ("subject", "purpose", "thing", "item")
# What a table about an interface repeats in its labels, and how a label asks for an answer.
_AT_END = re.compile(
    r"(?:\s+(?:(?:via|for|by|through|over)\s+)?(?:the\s+)?api|\s*\(\s*api\s*\)"
    r"|\s*[(\[]\s*y(?:es)?\s*/\s*no?\s*[)\]])[\s?:]*\Z"
)
_UNIT_AT_END = re.compile(
    r"(?:\s*[(\[,]\s*(?:in\s+)?|\s+(?:in\s+)?)(?:no\. of\s+|number of\s+)?"
    r"(?P<unit>minutes|hours|days|weeks|months|years)\s*[)\]]?[\s?:]*\Z"
)
# What these divide is two things: "Model / Provider" is neither the one nor the other.
_DIVIDER = re.compile(r"[/&+,;:|()\[\]–—]| - ")
_PLURAL = re.compile(r"\(e?s\)")
# Signs such as %, < and ✗ may say more of a claim than its words, and so may the note of * or †.
_ONLY_WORDS = re.compile(r"""[\w\s'"“”„.,:;?!()\[\]/&+|–—-]*\Z""")
# No label that is understood is longer, and long ones would take their time.
_LONGEST = 100


@lru_cache(maxsize=1000)
def label_meaning(label: str) -> LabelMeaning | None:
    """Return what a whole label says in plain words, or None where it is not understood."""
    if len(label) > _LONGEST:
        return None
    text = " ".join(label.casefold().replace("’", "'").replace("_", " ").split())
    meaning = _of_text(_AT_END.sub("", _PLURAL.sub("s", text)))
    is_claim = meaning is not None and meaning.role.is_claim
    return None if is_claim and not _ONLY_WORDS.match(text) else meaning


def _of_text(text: str) -> LabelMeaning | None:
    """Return what a label says, whose unit may stand at its end."""
    if meaning := _of_parts(text):
        return meaning
    counted = _UNIT_AT_END.search(text)
    meaning = _of_parts(text[: counted.start()]) if counted else None
    # "Trains in days" and "Zero retention (days)" ask for no number.
    if counted is None or meaning is None or meaning.role is not ColumnRole.RETENTION:
        return None
    if meaning.asks is Asks.IS_NOT_KEPT:
        return None
    unit = Unit.DAYS if counted["unit"] == "days" else None
    asks = meaning.asks and Asks.HOW_LONG
    return replace(meaning, asks=asks, unit=unit, may_ask_how_long=False)


def _of_parts(text: str) -> LabelMeaning | None:
    """Return what all parts of a label say; None if one says something else."""
    parts = [" ".join(re.sub(r"[^\w']+", " ", part).split()) for part in _DIVIDER.split(text)]
    words = [part for part in parts if part]
    if not words:
        return None
    meaning = _of_words(words[0])
    for part in words[1:]:
        subject = _data_class(part)
        if meaning and meaning.covers is DataClass.ALL_CONTENT and subject:
            meaning = replace(meaning, covers=subject)
        elif meaning != _of_words(part):
            return None
    return meaning


def _of_words(words: str) -> LabelMeaning | None:
    for label, meaning in _MEANINGS:
        if not (match := compiled(label).fullmatch(words)):
            continue
        if meaning.role is not ColumnRole.RETENTION or meaning.covers:
            return meaning
        named = match.groupdict()
        subjects = [named[name] for name in _NAMES_OF_SUBJECT if named.get(name)]
        # The log may be all that it speaks of.
        if not subjects and "logged" in words:
            return None
        # "All data kept: No" and "Any data not stored: Yes" leave that some is kept.
        if meaning.asks in _ASKS_FOR_ANSWERS and any(map(_OF_ALL.match, subjects)):
            return None
        covers = [_data_class(subject.strip()) for subject in subjects] or [DataClass.ALL_CONTENT]
        if len(covers) == 1 and covers[0]:
            return replace(meaning, covers=covers[0])
    return None


def _data_class(words: str) -> DataClass | None:
    """Return the kind of data that words name, None where it is none of the known ones."""
    if re.fullmatch(_DATA, words) and not re.fullmatch(
        rf"{_WHOSE}(?:prompts|inputs|queries)", words
    ):
        return DataClass.ALL_CONTENT
    without_whose = re.sub(rf"\A{_WHOSE}", "", words)
    named = "application state" if without_whose == "state" else without_whose
    for (data_class, _), pattern in SUBJECTS.items():
        if re.fullmatch(pattern, named):
            return data_class
    return None
