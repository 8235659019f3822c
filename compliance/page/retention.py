"""What a retention wording means: the tables of `retention_words` put together, and the reader."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from compliance.page import retention_words as words
from compliance.page.durations import duration_seconds
from compliance.page.table import Clause
from compliance.page.vocabulary import (
    DURATION,
    Asks,
    Bound,
    ClauseKind,
    DataClass,
    Trigger,
    Unit,
)
from compliance.page.wording import MAX_WORDING_LENGTH, compiled, read_wording

_Meaning = TypeVar("_Meaning")

_NUMBER = rf"{words.HALVES}|[0-9]{{1,6}}|{words.NUMBER_WORDS}"
_UNIT = "|".join(words.UNITS.values())
_SUBJECT = words.SUBJECT
_CONDITION = "|".join(words.CONDITIONS.values())
_UNLESS = "|".join(words.EXCEPTIONS.values())


def _duration_pattern(*, bare_number: bool) -> str:
    """Return the pattern of a duration; with `bare_number`, digits alone are one too."""
    # Tried last: "forty-five" is a number. Words stand apart from a unit: "and" is not "an d".
    blank = r"(?:[ -]|(?<=[0-9½+]))"
    range_start = (
        rf"(?:(?P<between>between )?(?:from )?(?P<least>{_NUMBER})"
        rf"(?:{blank}(?P<least_unit>{_UNIT}))?"
        r"(?(between) and |(?: ?- ?| to )))??"
    )
    number = rf"(?P<number>{_NUMBER})(?P<plus>\+)?{blank}(?P<unit>{_UNIT})(?:'s?)?"
    if bare_number:
        number = rf"(?:{number}|(?P<bare_number>{words.HALVES}|[0-9]{{1,6}}))"
    return (
        rf"(?:(?P<before>{'|'.join(words.BOUNDS.values())})\s*)?{range_start}{number}"
        rf"(?:\s*(?P<after>{'|'.join(words.BOUNDS_AFTER.values())}))?"
    )


# Compiled when first needed: most commands read no wordings.
@cache
def _part_pattern(unit: Unit | None) -> re.Pattern[str]:
    """Return the pattern of a part of a wording, in the order of the docstring of the words."""
    duration = _duration_pattern(bare_number=unit is not None)
    none = words.KINDS[ClauseKind.NONE]
    kinds = "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in words.KINDS.items()
        if kind is not ClauseKind.NONE
    )
    return re.compile(
        rf"(?P<otherwise>otherwise )?"
        rf"(?:(?:(?P<condition_before>{_CONDITION})|(?P<default>{words.DEFAULT}))(?:: ?| ))?"
        rf"(?:(?:only )?(?P<subject>{_SUBJECT})(?: only)?(?:: ?| - | ))?"
        rf"(?:(?P<label>{words.LABEL})(?:: ?| is | of | ))?"
        rf"(?:(?P<keeps>{words.ACTIVE_VERB}) (?:(?P<object>{_SUBJECT}) )?)?"
        r"(?:"
        rf"(?:(?:{words.VERB}) )?(?P<duration>{duration})(?: (?:{words.DURATION_REMARK})){{0,3}}"
        rf"|(?:(?:is|are) )?(?P<{ClauseKind.NONE}>{none})"
        rf"|(?:(?:is|are) )?(?:(?:{words.VERB}) )?(?:only )?(?:{kinds})"
        rf"|(?P<answer>yes|no|none|nothing)"
        rf"|{words.DENIED}"
        r")"
        rf"(?: (?:{words.REMARK})){{0,3}}"
        rf"(?:,? (?P<choice>{words.CHOICE}))?"
        # "24-hour cache", but "Deleted upon request completion" is not about completions.
        rf"(?: (?(duration)(?:(?:for|of|in) )?|(?:for|of|in) )(?P<purpose>{_SUBJECT})(?: only)?)?"
        rf"(?: (?P<condition>{_CONDITION}))?"
        rf"(?(duration)(?: (?:{words.DURATION_REMARK})){{0,3}}|)"
        rf"(?: (?P<exception>{_UNLESS}|(?:{words.EXCEPT}) (?P<except>{_SUBJECT})))?"
    )


_NAMES_OF_SUBJECTS = ("subject", "object", "purpose", "denied", "not_kept", "kept_not")

# Not within brackets: "Prompts (30 days, 2 years if flagged)" is one segment. To know that, each
# mark looks ahead to the next bracket, which takes quadratic time without MAX_WORDING_LENGTH. A
# comma between two digits is part of a number ("1,000").
_OUTSIDE_BRACKETS = r"\s*(?:(?:and|but|then) )?(?![^()]*\))"
_SENTENCE_END = re.compile(rf"\s*(?:;|\.(?= )){_OUTSIDE_BRACKETS}")
_COMMA = re.compile(rf"\s*(?:(?<![0-9]),|,(?![0-9])){_OUTSIDE_BRACKETS}")
_SEPARATOR = re.compile(rf"{_SENTENCE_END.pattern}|{_COMMA.pattern}")
_CONJUNCTION = re.compile(r" (?:and|plus|but|\+) ")
# "30, 5" and "1 000": one number or two? What separates the digits does not say it.
_DIVIDED_NUMBER = re.compile(r"[0-9]+(?:[\s,;]+[0-9]+)+")
_DIGITS = re.compile(r"[0-9]+")
_BRACKETED = re.compile(r"(?P<before>[^()]*?)\s*\((?P<inner>[^()]*)\)")
_NUMBER_TWICE = rf"(?P<first>{_NUMBER}) ?\((?P<second>{_NUMBER})\)(?=[ -]?(?:{_UNIT})(?![a-z]))"
_BOUND_AFTER = "|".join(words.BOUNDS_AFTER.values())
_REMARK = (
    rf"{words.DURATION_REMARK}|{words.CHOICE}|{_BOUND_AFTER}|{_CONDITION}|how long is not said"
)
_EXCEPTION = rf"{_UNLESS}|(?:{words.EXCEPT}) (?:{_SUBJECT})"
_REMARK_IN_BRACKETS = rf"\((?P<remark>{_REMARK}|{_EXCEPTION})\)"
_SUBJECT_IN_BRACKETS = rf"\((?:for )?(?P<subject>{_SUBJECT})\)"
_REMARK_BEHIND_COMMA = rf"[,;] (?=(?:{_REMARK}|{_EXCEPTION})(?:$|[,;.)]))"
_CONDITION_BEFORE_COMMA = rf"(?P<before>^|[;.] )(?P<condition>{_CONDITION}|{words.DEFAULT}), "
# Not at the start: "Except for prompts 30 days" is the opposite of "prompts 30 days", so it must
# not be understood as that.
_EXCEPTED_TERM = rf"(?<=[a-z0-9)])[;,]? (?:{words.EXCEPT}) (?=(?:{_SUBJECT})(?:: | \())"


class _Question(NamedTuple):
    """What the column of a wording asks, what it is about, and what its bare numbers count."""

    asks: Asks | None
    covers: DataClass
    unit: Unit | None

    def subject(self) -> tuple[DataClass, Trigger]:
        """Return what clauses are about that name nothing."""
        is_flagged = self.covers is DataClass.FLAGGED_CONTENT
        return self.covers, Trigger.FLAGGED if is_flagged else Trigger.ALWAYS

    def unknown(self) -> Clause:
        """Return the clause of words that are not understood."""
        return Clause(self.covers, ClauseKind.UNKNOWN, None, Bound.EXACT, Trigger.ALWAYS)


class _ReadClause(NamedTuple):
    """A clause, and what its words tell of the words around it.

    `has_subject`: they name a subject ("prompts", "files", …). `is_open`: they say that data is
    kept, and the next part may say how long ("Kept, 30 days"). `is_otherwise`: they say what is so
    where the conditions before them do not hold.
    """

    clause: Clause
    has_subject: bool
    is_open: bool = False
    is_otherwise: bool = False


def read_clauses(
    wording: str,
    *,
    asks: Asks | None = Asks.HOW_LONG,
    covers: DataClass = DataClass.ALL_CONTENT,
    unit: Unit | None = None,
) -> tuple[Clause, ...]:
    """Return the clauses of a retention wording, given in plain words; none of an empty wording.

    The clauses stand in the order of the wording, equal ones once. `asks`, `covers` and `unit` are
    those of the column: they tell what "Yes" means, what a clause is about that does not say, and
    what a bare number counts.

    Nothing is guessed: a part in which a single word is not understood becomes one clause of the
    kind unknown. So does a part without a subject behind others, where it could be about the
    subject of those, a wording that a symbol beside it contradicts, and a text longer than
    `MAX_WORDING_LENGTH`, which would take too long to read.
    """
    question = _Question(asks, covers, unit)
    if not wording.strip():
        return ()
    if len(wording) > MAX_WORDING_LENGTH:
        return (question.unknown(),)
    return _read_clauses(wording, question)


# A page says the same thing in many rows.
@lru_cache(maxsize=10_000)
def _read_clauses(text: str, question: _Question) -> tuple[Clause, ...]:
    wording = read_wording(text)
    clauses = _clauses(wording.words, question)
    kinds = {clause.kind for clause in clauses if clause.trigger is Trigger.ALWAYS}
    if wording.is_contradicted(
        is_good=ClauseKind.NONE in kinds,
        is_bad=not kinds.isdisjoint((ClauseKind.INDEFINITE, ClauseKind.KEPT)),
        is_reversed=question.asks is Asks.IS_NOT_KEPT,
    ):
        return (question.unknown(),)
    return clauses


def _clauses(text: str, question: _Question) -> tuple[Clause, ...]:
    # "30 days (flagged" was cut off somewhere.
    if text.count("(") != text.count(")") or _DIVIDED_NUMBER.fullmatch(text):
        return (question.unknown(),)
    read: list[_ReadClause] = []
    for sentence in _sentences(text):
        read += _sentence_clauses(sentence, question)
    return tuple(dict.fromkeys(_certain(_completed(read), question))) or (question.unknown(),)


def _completed(read: Sequence[_ReadClause]) -> Sequence[_ReadClause]:
    """Return the clauses without a first one that the second one completes: "Kept, 30 days"."""
    if len(read) < 2 or not read[0].is_open:
        return read
    first, second = read[0].clause, read[1].clause
    says_how_long = (ClauseKind.DURATION, ClauseKind.UNTIL_EVENT, ClauseKind.INDEFINITE)
    completes = (
        first.kind is ClauseKind.KEPT
        and second.kind in says_how_long
        and (second.data_class, second.trigger) == (first.data_class, first.trigger)
    )
    return read[1:] if completes else read


def _certain(read: Sequence[_ReadClause], question: _Question) -> Iterator[Clause]:
    """Give the clauses, with an unknown one for each that may be about the subject of another."""
    for index, (clause, has_subject, _, is_otherwise) in enumerate(read):
        before = read[:index]
        # "Zero data retention (ZDR)" says one thing twice: nothing is doubtful about it.
        if any(_says_the_same(clause, earlier.clause) for earlier in before):
            continue
        # "Prompts: 30 days, 1 year if opted in": prompts alone for a year, or all content?
        may_share_subject = any(earlier.has_subject for earlier in before)
        is_always = clause.trigger is Trigger.ALWAYS
        is_doubtful = bool(before) and (is_always or may_share_subject) and not has_subject
        if is_otherwise:
            has_conditions = all(earlier.clause.trigger is not Trigger.ALWAYS for earlier in before)
            is_doubtful = not before or not has_conditions or may_share_subject
        yield question.unknown() if is_doubtful else clause


def _says_the_same(one: Clause, other: Clause) -> bool:
    """Return whether two clauses say one thing in different words: "2 weeks (14 days)"."""
    if one.duration and other.duration:
        if duration_seconds(one.duration) != duration_seconds(other.duration):
            return False
        one = replace(one, duration=other.duration)
    return one == other


def _sentences(text: str) -> list[str]:
    """Split a wording at semicolons and ends of sentences outside of brackets.

    What belongs to the words before it is joined to them first: "30 days (files)" is "30 days for
    files", and "30 days, by default" is "30 days by default".
    """
    if "(" in text:
        text = compiled(_NUMBER_TWICE).sub(_number_once, text)
        text = compiled(_REMARK_IN_BRACKETS).sub(r"\g<remark>", text)
        text = compiled(_SUBJECT_IN_BRACKETS).sub(r"for \g<subject>", text)
    text = compiled(_CONDITION_BEFORE_COMMA).sub(r"\g<before>\g<condition>: ", text)
    text = compiled(_EXCEPTED_TERM).sub(_excepted_term, text)
    text = compiled(_REMARK_BEHIND_COMMA).sub(" ", text)
    # "Prompts (30 days) and outputs (7 days)": a segment can have one bracket only.
    text = re.sub(r"\) (?:and|plus|but) ", "); ", text)
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence]


def _number_once(match: re.Match[str]) -> str:
    """Return "30" for "thirty (30)"; what says two different numbers stays as it is."""
    is_same = _halves(match["first"]) == _halves(match["second"])
    return match["first"] if is_same else match[0]


def _excepted_term(match: re.Match[str]) -> str:
    """Return a semicolon for "except" between two terms: "Not stored, except files: 7 days".

    "All data except files: 30 days" is one term, and stays as it is.
    """
    before = re.split(r"[;,.] ", match.string[: match.start()])[-1]
    return match[0] if re.fullmatch(_SUBJECT, before) else "; "


def _sentence_clauses(sentence: str, question: _Question) -> list[_ReadClause]:
    """Return the clauses of a sentence, only an unknown one if some of it is not understood.

    What is not understood may narrow or reverse the rest: "Not for prompts (30 days)", "Not stored
    (Enterprise)", "30 days, then anonymised".
    """
    found: list[_ReadClause] = []
    for segment in _COMMA.split(sentence):
        for part in _parts(segment):
            found += _part_clauses(part, question)
    if any(read.clause.kind is ClauseKind.UNKNOWN for read in found):
        return [_ReadClause(question.unknown(), has_subject=False)]
    return found


def _parts(segment: str) -> list[str]:
    """Return the words before a bracket, and the parts of the bracket; all words without one."""
    match = _BRACKETED.fullmatch(segment)
    if not match:
        return [segment] if segment else []
    before, inner = match["before"], _SEPARATOR.split(match["inner"])
    # "Flagged prompts (2 years)": read by itself, the bracket would be about all content.
    if re.fullmatch(_SUBJECT, before):
        return [f"{before}: {inner[0]}", *inner[1:]]
    return [before, *inner] if before else inner


def _part_clauses(part: str, question: _Question) -> list[_ReadClause]:
    if whole := _read_part(part, question):
        return whole
    found: list[_ReadClause] = []
    for half in _CONJUNCTION.split(part):
        read = _read_part(half, question)
        # "30 and 5": a number that counts days stands alone.
        if not read or _DIGITS.fullmatch(half):
            return [_ReadClause(question.unknown(), has_subject=False)]
        found += read
    # "1 year and 6 months" is one duration.
    if any(_is_plain_duration(one) and _is_plain_duration(two) for one, two in pairwise(found)):
        return [_ReadClause(question.unknown(), has_subject=False)]
    return found


def _is_plain_duration(read: _ReadClause) -> bool:
    is_duration = read.clause.kind is ClauseKind.DURATION
    return is_duration and not read.has_subject and read.clause.trigger is Trigger.ALWAYS


def _read_part(part: str, question: _Question) -> list[_ReadClause]:
    """Return the clause that a whole part states, and that of its exception; none if neither."""
    match = _part_pattern(question.unit).fullmatch(part)
    clause = _stated(match, question) if match else None
    if match is None or clause is None:
        return []
    if clause.kind is ClauseKind.NONE and (_leaves_some(match) or _says_kept(match)):
        return []
    if _is_only_logged(match) or _is_deleted_by_choice(match, clause):
        return []
    has_subject = bool(_subject_words(match)) or clause.data_class is not question.covers
    read = _ReadClause(clause, has_subject, _is_open(match), bool(match["otherwise"]))
    if not match["exception"]:
        return [read]
    return [read, _ReadClause(_exception(match, clause, question), has_subject=True)]


def _leaves_some(match: re.Match[str]) -> bool:
    """Return whether a denial leaves open that some is kept.

    What is kept by choice is not said: "Not stored by default". "Does not store all data" is no
    denial of all.
    """
    is_of_all = any(
        named.startswith(("all ", "of all ", "everything")) for named in _subject_words(match)
    )
    return is_of_all or bool(match["default"] or match["choice"])


def _says_kept(match: re.Match[str]) -> bool:
    """Return whether words beside a denial say that data is kept: "Not stored (cached)"."""
    named = "".join(_subject_words(match))
    is_kept = match["keeps"] or named.endswith(("cached", "in memory"))
    return bool(is_kept) and not match["answer"] and not match["duration"]


def _is_only_logged(match: re.Match[str]) -> bool:
    """Return whether a part may be about a log alone: "Not logged", "Logged for 30 days"."""
    is_logged = bool(words.LOGGED.search(match[0])) and not _subject_words(match)
    return is_logged and not words.MORE_THAN_LOGGED.search(match[0])


def _is_deleted_by_choice(match: re.Match[str], clause: Clause) -> bool:
    """Return whether data is deleted only if the user acts: "Deleted after 30 days on request"."""
    is_limit = clause.kind in (ClauseKind.DURATION, ClauseKind.NONE)
    is_chosen = clause.trigger is Trigger.OPT_IN
    return is_limit and is_chosen and bool(words.DELETED.search(match[0]))


def _is_open(match: re.Match[str]) -> bool:
    says_kept = match["answer"] or re.fullmatch(words.KEPT, match[0])
    return bool(says_kept) and match["condition"] is None


def _stated(match: re.Match[str], question: _Question) -> Clause | None:
    named = _subject_words(match)
    conditions = [found for found in (match["condition_before"], match["condition"]) if found]
    # "prompts 30 days for outputs" names two subjects.
    if len(named) > 1 or len(conditions) > 1:
        return None
    data_class, trigger = _subject(named[0], question) if named else question.subject()
    if conditions:
        # "Flagged prompts 30 days if opted in" has two conditions, and a clause holds one.
        if trigger is not Trigger.ALWAYS:
            return None
        trigger = _meaning(words.CONDITIONS, conditions[0])
        # "2 years if flagged" is about what was flagged, not about all content.
        if not named and trigger is Trigger.FLAGGED:
            data_class = DataClass.FLAGGED_CONTENT
    if match["duration"]:
        return _duration_clause(match, data_class, trigger)
    kind = _kind(match, question)
    return Clause(data_class, kind, None, Bound.EXACT, trigger) if kind else None


def _subject(named: str, question: _Question) -> tuple[DataClass, Trigger]:
    """Return what the words of a subject name; "data" is what the column is about."""
    if words.DATA.fullmatch(named):
        return question.subject()
    return _meaning(words.SUBJECTS, named)


def _subject_words(match: re.Match[str]) -> list[str]:
    return [match[name] for name in _NAMES_OF_SUBJECTS if match[name]]


def _kind(match: re.Match[str], question: _Question) -> ClauseKind | None:
    if match["answer"]:
        return _answer(match, question)
    # Of all that a part may be, what is left is a denial ("Does not store prompts").
    return next((kind for kind in words.KINDS if match[kind]), ClauseKind.NONE)


def _answer(match: re.Match[str], question: _Question) -> ClauseKind | None:
    # "No (opt-in)": not kept unless you opt in, or not kept if you opt in?
    if match["answer"] == "no" and (match["condition"] or match["condition_before"]):
        return None
    # "Retention: none" has the label in it.
    asks = question.asks
    if match["label"]:
        is_asking = re.fullmatch(words.ASKING_LABEL, match["label"])
        asks = Asks.HOW_LONG if is_asking else None
    return words.ANSWERS.get(asks, {}).get(match["answer"])


def _exception(match: re.Match[str], clause: Clause, question: _Question) -> Clause:
    """Return the clause of what is kept although the rest of the part says otherwise."""
    if match["except"]:
        data_class, trigger = _subject(match["except"], question)
    else:
        own_class, trigger = _meaning(words.EXCEPTIONS, match["exception"])
        data_class = own_class or clause.data_class
    return Clause(data_class, ClauseKind.KEPT, None, Bound.EXACT, trigger)


def _duration_clause(
    match: re.Match[str], data_class: DataClass, trigger: Trigger
) -> Clause | None:
    bounds = [match["before"], match["after"], match["plus"], match["least"]]
    # "at least 30 days or less" contradicts itself.
    if sum(map(bool, bounds)) > 1:
        return None
    bound = _bound(match)
    unit = _meaning(words.UNITS, match["unit"]) if match["unit"] else "P{}D"
    halves = _halves(match["number"] or match["bare_number"])
    if not halves:
        if bound in (Bound.AT_LEAST, Bound.ABOUT) or match["least"]:
            return None
        return Clause(data_class, ClauseKind.NONE, None, Bound.EXACT, trigger)
    duration = _iso_duration(halves, unit)
    if duration is None or (match["least"] and not _is_shorter(match, unit, duration)):
        return None
    return Clause(data_class, ClauseKind.DURATION, duration, bound, trigger)


def _bound(match: re.Match[str]) -> Bound:
    # The larger number of a range is the one that a reader can rely on.
    if match["least"]:
        return Bound.AT_MOST
    if match["plus"]:
        return Bound.AT_LEAST
    if match["before"]:
        return _meaning(words.BOUNDS, match["before"])
    return _meaning(words.BOUNDS_AFTER, match["after"]) if match["after"] else Bound.EXACT


def _is_shorter(match: re.Match[str], unit: str, duration: str) -> bool:
    """Return whether the first number of a range is less than the last: "30-90 days"."""
    if match["least_unit"]:
        unit = _meaning(words.UNITS, match["least_unit"])
    halves = _halves(match["least"])
    least = _iso_duration(halves, unit) if halves else None
    if halves and not least:
        return False
    return not least or duration_seconds(least) < duration_seconds(duration)


def _halves(number: str) -> int:
    """Return twice a number, which is given in digits ("2", "2.5", "2½") or words."""
    if number == "½" or number.startswith("half"):
        return 1
    digits = number.replace(".5", "½")
    whole = digits.removesuffix("½").strip()
    if whole.isdecimal():
        return 2 * int(whole) + ("½" in digits)
    total = 0
    for word in re.split("[ -]", number):
        if word == "hundred":
            total *= 100
        elif word != "and":
            total += words.TENS.get(word) or words.SMALL_NUMBERS[word]
    return 2 * total


def _iso_duration(halves: int, unit: str) -> str | None:
    """Return so many halves of a unit in ISO 8601, None where one number cannot say it."""
    if halves % 2:
        if unit not in words.HALF_UNITS:
            return None
        size, unit = words.HALF_UNITS[unit]
        duration = unit.format(halves * size)
    else:
        duration = unit.format(halves // 2)
    return duration if DURATION.match(duration) else None


def _meaning(table: Mapping[_Meaning, str], found: str) -> _Meaning:
    """Return the meaning in a table of words that one of its patterns matches."""
    return next(meaning for meaning, pattern in table.items() if re.fullmatch(pattern, found))
