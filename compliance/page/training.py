"""What the wording of a training cell means, and the wording that is printed for a training use.

To have a wording understood, add its words to one of the four tables below, and the wording to
tests/page/wordings.py. All patterns are matched whole, against words in the form of
`wording.read_wording`. None may match words that leave a doubt, and none that promise the user less
than the use.
"""

import re
from functools import cache, lru_cache

from compliance.page.vocabulary import Asks, TrainingUse
from compliance.page.wording import MAX_WORDING_LENGTH, NOT_STATED, phrases, read_wording

_Patterns = dict[TrainingUse, str]

_WHOSE = "(the |your |our |their |any |all )?(customer |customers' |user |users' |api )?"
_DATA = (
    f"{_WHOSE}((inputs?|prompts?) (and|or) (outputs?|responses?|completions?)"
    "|(data|prompts?|inputs?|outputs?|content|conversations?|requests?))"
)
# What a denial must be about to be one of all prompts: not only outputs, nor "not all prompts".
_CONTENT = (
    "(the |your |their |any )?(customer |customers' |user |users' |api )?"
    "((inputs?|prompts?)( (and|or) (outputs?|responses?|completions?))?|data|content)"
)
_MODELS = "(the |our |its |their |any )?(own |ai |foundation |language |future )?(models?|llms?|ai)"
_PRODUCTS = "(the |our |its |their |any )?(services?|products?|offerings?|quality|features?)"
# What data is said to be used for. A use "to improve" may be training; that it is denied is no
# denial of training, and consent to it no consent to training.
_FOR_TRAINING = (
    f"(for (any )?(model |ai )?training( purposes| (of )?{_MODELS})?( (or|and) improvement)?"
    f"|to (train|fine-tune)(,? (or|and) (improve|develop|fine-tune))?( {_MODELS})?)"
)
_FOR_IMPROVEMENT = (
    f"(to (improve|develop)( ({_MODELS}|{_PRODUCTS})( and ({_MODELS}|{_PRODUCTS}))?)?"
    "|for (service |product |model )?improvement)"
)
_FOR_EITHER = f"({_FOR_TRAINING}|{_FOR_IMPROVEMENT})"
# All training. "Not used to train our models" leaves those of others, "not used to fine-tune" all
# other training, and "not used to train and improve" one of the two.
_ANY_MODELS = "(any )?(ai )?(models?|ai)"
_FOR_ANY_TRAINING = (
    f"(for (any )?(model |ai )?training( purposes| (of )?{_ANY_MODELS})?( or improvement)?"
    f"|to train(,? or (improve|develop|fine-tune))?( {_ANY_MODELS})?)"
)
# On a page, "we" may be the provider of the row or whoever publishes the page. A denial counts
# only if it is the provider's.
_WE = "((we|they|it|the provider|provider) )?"
_PROVIDER = "((they|it|the provider|provider) )?"

# All training that there is, so that a condition of it is one of all training.
_ANY_USED = (
    f"(({_CONTENT} )?((is |are |will be )?used|(may|might|can|could) be used) {_FOR_ANY_TRAINING}"
    f"|{_PROVIDER}((may |might |could )?train|trains)( {_ANY_MODELS})?( on {_CONTENT})?"
    f"|{_PROVIDER}((may |might |could )?use|uses) {_CONTENT} {_FOR_ANY_TRAINING}"
    f"|trained on {_CONTENT}|({_CONTENT} )?(may|might|can|could) be used)"
)
_USED = (
    f"(({_DATA} )?(is |are |will be )?used {_FOR_EITHER}"
    f"|{_WE}(trains?|uses? {_DATA} {_FOR_EITHER})( {_MODELS})?( on {_DATA})?"
    f"|trained on {_DATA})"
)
_MAY_BE_USED = (
    f"(({_DATA} )?(may|might|can|could) be used( {_FOR_EITHER})?"
    f"|{_WE}(may|might|could) (train|use {_DATA} {_FOR_EITHER})"
    f"( {_MODELS})?( on {_DATA})?)"
)
_NOT_USED = (
    f"(({_CONTENT} )?(is |are |will )?(not|never)( be)? used( {_FOR_ANY_TRAINING})?"
    f"|no {_CONTENT} (is |are )?used {_FOR_ANY_TRAINING}"
    f"|{_PROVIDER}(do(es)? not|never|will not) (trains?( {_ANY_MODELS})?( on {_CONTENT})?"
    f"|use {_CONTENT} {_FOR_ANY_TRAINING})"
    f"|no (model |ai )?training( on {_CONTENT})?|(not|never) trained on( {_CONTENT})?"
    f"|({_CONTENT} )?(is |are )?excluded from (model |ai )?training)"
)

_USER = "(you|users?|the user|customers?|the customer)"
_WHOSE_CONSENT = "(your |user |the user's |customer |the customer's )"
_MANNER = "((prior|explicit|express|written)(,? (and )?)){0,3}"
# "Agreement" alone may be a contract, and "approval" the provider's.
_CONSENT = (
    f"({_WHOSE_CONSENT}?{_MANNER}(consent|permission|opt-?in)"
    f"|{_WHOSE_CONSENT}{_MANNER}(approval|agreement))"
)
_OPTS_IN = f"({_USER} )?(explicitly )?(opts?|opted)[- ]in"
_IF_OPTED_IN = (
    f"((only )?(if|when|where|once) {_OPTS_IN}|(only )?(with|after|on|upon) {_CONSENT}( only)?)"
)
# Only behind a denial: alone, "without consent" says that nobody is asked.
_WITHOUT_CONSENT = f"without {_CONSENT}"
_UNLESS_OPTED_IN = f"unless ({_OPTS_IN}|{_USER} (consents?|agrees?|allows? it))"
_OPT_IN = "(only )?opt[- ]?in( only| required)?"
_OPTS_OUT = f"({_USER} )?(opts?|opted)[- ]out"
_OPTING_OUT = (
    f"(unless {_OPTS_OUT}|(with )?(an? )?opt[- ]out( is)?( available| possible)?"
    f"|(but )?({_USER} )?(can|may) (opt[- ]out|be disabled|be turned off))"
)
_BY_DEFAULT = "(by )?default"
_BY_CONTRACT = (
    # Not "by agreement" or "under contract", which not everybody has.
    "by contract|(by|per) (the |our )(contract|agreement|dpa)"
    "|contractually( guaranteed| excluded| prohibited)?|(excluded|prohibited) by contract"
)
_FEEDBACK = "(flagged (content|prompts|data)|(user )?feedback)"
_EXCEPT = f"except( for)? {_FEEDBACK}"

# Somebody's name, which is no word that would change the meaning: not "by default or the provider",
# nor "by Acme in Europe or the provider".
_NO_NAME = (
    "default|contract|law|request|opt|consent|no|not|never|yes|or|nor|and|but|if|unless|except"
    "|only|without|all|some|most|mostly|usually|more|less|least|than|other|may|might|can|could"
    "|will|used|in|on|at|for|to|from|of|via|with|by|until|after|before|since|when|where|while"
    "|free|paid|plans?|tiers?|users?"
)
_WORD_OF_NAME = rf"(?!({_NO_NAME})\b)[\w.&'-]+"
_NAME = f"{_WORD_OF_NAME}( {_WORD_OF_NAME}){{0,3}}"
_THE_PROVIDER = "(the |any |its )?(model |api |ai |inference )?(providers?|hosts?)"
# Only where the provider is among those who do not: "No, by us" leaves room for it.
_BY_ALL = (
    f"(by (the )?{_NAME}(, (by )?{_NAME}){{0,3}},? (or|nor) (by )?{_THE_PROVIDER}"
    f"|by {_THE_PROVIDER} (or|nor) (by )?{_NAME}"
    "|by any(one|body))"
)
_NEITHER_TRAINS = (
    f"(neither (the )?{_NAME} nor (the )?(model )?provider|nobody|no one) trains?( on {_CONTENT})?"
)

# Wordings that mean the same whatever the label of their column asks.
_STATEMENTS: _Patterns = {
    TrainingUse.NEVER: phrases(f"{_NOT_USED}(,? ({_BY_CONTRACT}|at all))?", _NEITHER_TRAINS),
    TrainingUse.OPT_IN: phrases(
        f"{_NOT_USED}(,? {_UNLESS_OPTED_IN}| {_WITHOUT_CONSENT})",
        f"{_ANY_USED},? {_IF_OPTED_IN}|{_IF_OPTED_IN},? {_ANY_USED}",
        f"only used {_FOR_ANY_TRAINING} {_IF_OPTED_IN}",
    ),
    TrainingUse.CONDITIONAL: phrases(
        f"({_MAY_BE_USED})( {_BY_CONTRACT})?",
        f"({_BY_DEFAULT},? )?{_NOT_USED},? {_BY_DEFAULT}",
        f"{_BY_DEFAULT},? {_NOT_USED}",
        f"{_NOT_USED},? {_EXCEPT}",
        "(only )?in (some|certain) cases|sometimes|conditional|partly|partially",
        "(depends|depending)( on (the |your )?(plan|tier|settings|configuration|region))?",
    ),
    TrainingUse.OPT_OUT: f"{_ANY_USED}( {_BY_DEFAULT})?[,;]? {_OPTING_OUT}",
    TrainingUse.BY_DEFAULT: phrases(
        f"{_USED}(,? ({_BY_DEFAULT}|{_BY_CONTRACT}))?",
        f"{_BY_DEFAULT},? {_USED}",
        f"used {_BY_DEFAULT}|{_MAY_BE_USED},? {_BY_DEFAULT}",
    ),
    TrainingUse.NOT_STATED: NOT_STATED,
}
# Wordings that say when data is used, below a label that asks for it or that asks nothing. Below
# "Does not train", "only if you opt in" may mean the opposite.
_CONDITIONS: _Patterns = {
    TrainingUse.OPT_IN: phrases(
        f"{_IF_OPTED_IN}|{_OPT_IN}|{_CONSENT} required",
        f"(not|never)(,? {_UNLESS_OPTED_IN}| {_WITHOUT_CONSENT})",
    ),
    TrainingUse.OPT_OUT: _OPTING_OUT,
}
# Wordings that only answer the label.
_TRAINS: _Patterns = {
    TrainingUse.NEVER: phrases(
        f"(no|never|none|no, never)(,? ({_BY_CONTRACT}|at all))?",
        f"(no,? (not |neither )?|not |neither ){_BY_ALL}|by (nobody|no one)",
        f"(no,? )?neither ({_NAME} nor {_THE_PROVIDER}|{_THE_PROVIDER} nor {_NAME})",
        "contractually (excluded|prohibited)|(excluded|prohibited)( by contract)?",
    ),
    TrainingUse.OPT_IN: phrases(
        # Not "no, with consent": the condition may be one of the No.
        f"no,? {_UNLESS_OPTED_IN}|no, (not|never) {_WITHOUT_CONSENT}",
        f"yes,? ({_IF_OPTED_IN}|{_OPT_IN})",
    ),
    TrainingUse.CONDITIONAL: phrases(
        f"(no|not|never),? {_BY_DEFAULT}|not always",
        f"(no|never),? {_EXCEPT}|only {_FEEDBACK}|{_FEEDBACK} only",
    ),
    TrainingUse.OPT_OUT: f"yes(,? {_BY_DEFAULT})?,? {_OPTING_OUT}",
    TrainingUse.BY_DEFAULT: phrases(
        f"(yes|always|yes, always)(,? ({_BY_DEFAULT}|{_BY_CONTRACT}))?", _BY_DEFAULT
    ),
}
_DOES_NOT_TRAIN: _Patterns = {
    TrainingUse.NEVER: f"(yes|yes, always)(,? ({_BY_CONTRACT}))?",
    TrainingUse.OPT_IN: f"yes(,? {_UNLESS_OPTED_IN}| {_WITHOUT_CONSENT})",
    TrainingUse.CONDITIONAL: f"yes,? ({_BY_DEFAULT}|{_EXCEPT})",
    TrainingUse.OPT_OUT: f"no,? unless {_OPTS_OUT}",
    TrainingUse.BY_DEFAULT: "no",
}


_TABLES: dict[Asks | None, tuple[_Patterns, ...]] = {
    Asks.TRAINS: (_TRAINS, _CONDITIONS, _STATEMENTS),
    Asks.DOES_NOT_TRAIN: (_DOES_NOT_TRAIN, _STATEMENTS),
    None: (_CONDITIONS, _STATEMENTS),
}
# "No, not used for training": an answer, and a statement that says the same.
_ANSWER_AND_STATEMENT = re.compile(r"(?P<answer>yes|no)[,:] (?P<statement>.+)")
_AGREEING: dict[tuple[Asks | None, str], tuple[TrainingUse, ...]] = {
    (Asks.TRAINS, "no"): (TrainingUse.NEVER, TrainingUse.OPT_IN),
    (Asks.TRAINS, "yes"): (TrainingUse.OPT_OUT, TrainingUse.BY_DEFAULT),
    (Asks.DOES_NOT_TRAIN, "no"): (TrainingUse.OPT_OUT, TrainingUse.BY_DEFAULT),
    (Asks.DOES_NOT_TRAIN, "yes"): (TrainingUse.NEVER, TrainingUse.OPT_IN),
}

_PRINTED_STATEMENTS = {
    TrainingUse.NEVER: "Not used for training",
    TrainingUse.OPT_IN: "Used for training only if you opt in",
    TrainingUse.CONDITIONAL: "In some cases",
    TrainingUse.OPT_OUT: "Used for training unless you opt out",
    TrainingUse.BY_DEFAULT: "Used for training",
    TrainingUse.NOT_STATED: "Not specified",
    TrainingUse.UNKNOWN: "Unknown",
}
_PRINTED_CONDITIONS = _PRINTED_STATEMENTS | {
    TrainingUse.OPT_IN: "Only if you opt in",
    TrainingUse.OPT_OUT: "Unless you opt out",
}
_PRINTED: dict[Asks | None, dict[TrainingUse, str]] = {
    Asks.TRAINS: _PRINTED_CONDITIONS | {TrainingUse.NEVER: "No", TrainingUse.BY_DEFAULT: "Yes"},
    Asks.DOES_NOT_TRAIN: _PRINTED_STATEMENTS
    | {TrainingUse.NEVER: "Yes", TrainingUse.BY_DEFAULT: "No"},
    None: _PRINTED_CONDITIONS,
}


def training_use(text: str, *, asks: Asks | None = Asks.TRAINS) -> TrainingUse:
    """Return what the plain words of a training cell say below a label that asks something.

    It is not stated where there are no words, and unknown where a single word is not understood, or
    a symbol contradicts the words.
    """
    if not text.strip():
        return TrainingUse.NOT_STATED
    return TrainingUse.UNKNOWN if len(text) > MAX_WORDING_LENGTH else _training_use(text, asks)


# A page says the same thing in many rows.
@lru_cache(maxsize=10_000)
def _training_use(text: str, asks: Asks | None) -> TrainingUse:
    wording = read_wording(text)
    # Brackets, semicolons and dashes part words as commas do.
    words = re.sub(r"[,;]? ?\(([^()]*)\)", r", \1", wording.words)
    words = re.sub(r";|\.(?= )| -(?= )", ",", words)
    use = _use_of_words(words, asks)
    is_contradicted = wording.is_contradicted(
        is_good=use is TrainingUse.NEVER,
        is_bad=use in (TrainingUse.OPT_OUT, TrainingUse.BY_DEFAULT),
        is_reversed=asks is Asks.DOES_NOT_TRAIN,
    )
    return TrainingUse.UNKNOWN if is_contradicted else use


def _use_of_words(words: str, asks: Asks | None) -> TrainingUse:
    use = _read(words, *_TABLES[asks])
    # "Not used" below "Training opt-out" is the opposite.
    if asks is None and use is TrainingUse.NEVER and "train" not in words:
        return TrainingUse.UNKNOWN
    match = _ANSWER_AND_STATEMENT.fullmatch(words)
    if use is TrainingUse.UNKNOWN and match:
        stated = _read(match["statement"], _STATEMENTS)
        if stated in _AGREEING.get((asks, match["answer"]), ()):
            return stated
    return use


def _read(words: str, *tables: _Patterns) -> TrainingUse:
    for table in tables:
        for use, pattern in table.items():
            if _compiled(pattern).fullmatch(words):
                return use
    return TrainingUse.UNKNOWN


# Compiled when first needed: most commands read no wordings.
@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(phrases(pattern))


def training_text(use: TrainingUse, *, asks: Asks | None = Asks.TRAINS) -> str:
    """Return the printed wording of a training use, which `training_use` reads back."""
    return _PRINTED[asks][use]
