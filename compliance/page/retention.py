"""What a retention wording means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from compliance.page.retention_words import (
    ANSWERS,
    BOUNDS,
    BOUNDS_AFTER,
    CONDITIONS,
    KINDS,
    NUMBERS,
    SUBJECTS,
    UNITS,
    VERB,
)
from compliance.page.table import Clause
from compliance.page.vocabulary import (
    Asks,
    Bound,
    ClauseKind,
    DataClass,
    Trigger,
    Unit,
)

_SUBJECT = "|".join(SUBJECTS)
_CONDITION = "|".join(CONDITIONS)


def _duration_pattern(*, bare_number: bool = False) -> str:
    """Return the pattern of a duration; with `bare_number`, digits alone are one too."""
    # [0-9]{1,6} and not \d+: a snapshot holds no digits of other scripts and no longer numbers.
    number = rf"(?P<number>[0-9]{{1,6}}|{'|'.join(NUMBERS)})[ -]?(?P<unit>{'|'.join(UNITS)})"
    if bare_number:
        number = rf"(?:{number}|(?P<bare_number>[0-9]{{1,6}}))"
    return (
        rf"(?:(?P<before>{'|'.join(BOUNDS.values())})\s*)?{number}"
        rf"(?:\s*(?P<after>{'|'.join(BOUNDS_AFTER.values())}))?(?: retention)?"
    )


_KIND = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in KINDS.items())


def _part_pattern(duration: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?P<subject>{_SUBJECT})(?:: ?| ))?"
        rf"(?:(?:{VERB} )?(?P<duration>{duration})"
        rf"|(?:(?:is |are )?(?:{VERB} )?(?:{_KIND}))|(?P<answer>yes|no|none|nothing))"
        rf"(?: (?:for|of) (?P<purpose>{_SUBJECT}))?"
        rf"(?: (?P<condition>{_CONDITION}))?"
    )


_PARTS = {
    None: _part_pattern(_duration_pattern()),
    Unit.DAYS: _part_pattern(_duration_pattern(bare_number=True)),
}
# Not within brackets: "Prompts (30 days, 2 years if flagged)" is one segment. To know that, each
# comma looks ahead to the next bracket, which takes quadratic time without MAX_WORDING_LENGTH.
# A comma between two digits is part of a number ("1,000").
_SEPARATOR = re.compile(r"\s*(?:;|(?<![0-9]),|,(?![0-9]))\s*(?:(?:and|but|then) )?(?![^()]*\))")
# "30, 5" and "1 000": one number or two? What separates the digits does not say it.
_DIVIDED_NUMBER = re.compile(r"[0-9]+(?:[\s,;]+[0-9]+)+")
MAX_WORDING_LENGTH = 500  # characters of a wording
_CONJUNCTION = re.compile(r" (?:and|plus|but) ")
_BRACKETED = re.compile(r"(?P<before>[^()]*?)\s*\((?P<inner>[^()]*)\)")
_NAMING_BRACKET = re.compile(rf"\(((?:for )?(?:{_SUBJECT}|{_CONDITION}))\)")
# Only behind a comma: at the start, "Except for prompts 30 days" is the opposite of "prompts 30
# days", so it must not be understood as that.
_EXCEPTION = re.compile(rf"(?<=[;,] )except(?: for)? (?=(?:{_SUBJECT})(?:: | \())")


_Meaning = TypeVar("_Meaning")


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
    """A clause, and whether its words name a subject ("prompts", "files", …)."""

    clause: Clause
    has_subject: bool


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
    subject of those, and a text longer than `MAX_WORDING_LENGTH`, which would take too long to
    read.
    """
    question = _Question(asks, covers, unit)
    if not wording.strip():
        return ()
    if len(wording) > MAX_WORDING_LENGTH:
        return (question.unknown(),)
    with_plain_hyphens = wording.casefold().replace("‐", "-").replace("‑", "-")
    text = " ".join(with_plain_hyphens.split()).rstrip(".")
    read: list[_ReadClause] = []
    for segment in _segments(text):
        read += _segment_clauses(segment, question)
    return tuple(dict.fromkeys(_certain(read, question))) or (question.unknown(),)


def _certain(read: Sequence[_ReadClause], question: _Question) -> Iterator[Clause]:
    """Give the clauses, with an unknown one for each that may be about the subject of another."""
    for index, (clause, has_subject) in enumerate(read):
        before = read[:index]
        # "Prompts: 30 days, 1 year if opted in": prompts alone for a year, or all content?
        may_share_subject = clause.trigger is Trigger.ALWAYS or any(
            earlier.has_subject for earlier in before
        )
        # "Zero data retention (ZDR)" says one thing twice: nothing is doubtful about it.
        is_repeated = clause in [earlier.clause for earlier in before]
        is_doubtful = bool(before) and may_share_subject and not has_subject
        yield question.unknown() if is_doubtful and not is_repeated else clause


def _segments(text: str) -> list[str]:
    """Split a wording at semicolons and commas outside of brackets.

    A bracket that only names a subject or a condition is taken off first: "30 days (files)" is "30
    days for files".
    """
    text = _EXCEPTION.sub("", _NAMING_BRACKET.sub(_unbracketed, text))
    # "30 days (flagged" was cut off somewhere; undivided it is not understood.
    if text.count("(") != text.count(")"):
        return [text]
    if _DIVIDED_NUMBER.fullmatch(text):
        return [text]
    # "Prompts (30 days) and outputs (7 days)": a segment can have one bracket only.
    text = re.sub(r"\) (?:and|plus|but) ", "); ", text)
    return [segment for segment in _SEPARATOR.split(text) if segment]


def _unbracketed(match: re.Match[str]) -> str:
    named = match.group(1)
    return named if named.startswith("for ") or re.fullmatch(_CONDITION, named) else f"for {named}"


def _segment_clauses(segment: str, question: _Question) -> list[_ReadClause]:
    """Return the clauses of a segment; only an unknown one if it is unknown before a bracket."""
    match = _BRACKETED.fullmatch(segment)
    if not match:
        return _part_clauses(segment, question)
    before, inner = match["before"], _SEPARATOR.split(match["inner"])
    # "Flagged prompts (2 years)": read by itself, the bracket would be about all content.
    if re.fullmatch(_SUBJECT, before):
        parts = [f"{before}: {inner[0]}", *inner[1:]]
    else:
        parts = [before, *inner] if before else inner
    first, *others = [_part_clauses(part, question) for part in parts]
    # "Not for prompts (30 days)": words that are not understood may reverse what the bracket says.
    if any(read.clause.kind is ClauseKind.UNKNOWN for read in first):
        return first
    return list(chain(first, *others))


def _part_clauses(part: str, question: _Question) -> list[_ReadClause]:
    if whole := _clause(part, question):
        return [whole]
    halves: list[_ReadClause] = []
    for half in _CONJUNCTION.split(part):
        clause = _clause(half, question)
        if clause is None:
            return [_ReadClause(question.unknown(), has_subject=False)]
        halves.append(clause)
    return halves


def _clause(part: str, question: _Question) -> _ReadClause | None:
    """Return the clause that a whole part states, or None."""
    match = _PARTS[question.unit].fullmatch(part)
    # "prompts 30 days for outputs" names two subjects.
    if not match or (match["subject"] and match["purpose"]):
        return None
    subject = match["subject"] or match["purpose"]
    data_class, trigger = _subject(subject) if subject else question.subject()
    if match["condition"]:
        # "Flagged prompts 30 days if opted in" has two conditions, and a clause holds one.
        if trigger is not Trigger.ALWAYS:
            return None
        trigger = _of_pattern(CONDITIONS, match["condition"])
        # "2 years if flagged" is about what was flagged, not about all content.
        if not subject and trigger is Trigger.FLAGGED:
            data_class = DataClass.FLAGGED_CONTENT
    clause = _stated(match, data_class, trigger, question)
    if clause is None:
        return None
    return _ReadClause(clause, bool(subject) or data_class is not question.covers)


def _stated(
    match: re.Match[str], data_class: DataClass, trigger: Trigger, question: _Question
) -> Clause | None:
    if match["duration"]:
        return _duration_clause(match, data_class, trigger)
    kind = _answer(match, question.asks) if match["answer"] else _kind(match)
    return Clause(data_class, kind, None, Bound.EXACT, trigger) if kind else None


def _answer(match: re.Match[str], asks: Asks | None) -> ClauseKind | None:
    # "No (opt-in)": not kept unless you opt in, or not kept if you opt in?
    if match["answer"] == "no" and match["condition"]:
        return None
    return ANSWERS.get(asks, {}).get(match["answer"])


def _kind(match: re.Match[str]) -> ClauseKind:
    return next(kind for kind in KINDS if match[kind])


def _duration_clause(
    match: re.Match[str], data_class: DataClass, trigger: Trigger
) -> Clause | None:
    # "at least 30 days or less" contradicts itself.
    if match["before"] and match["after"]:
        return None
    number, unit = _number_and_unit(match)
    bound = _bound(BOUNDS, match["before"]) or _bound(BOUNDS_AFTER, match["after"]) or Bound.EXACT
    if not number:
        if bound in (Bound.AT_LEAST, Bound.ABOUT):
            return None
        return Clause(data_class, ClauseKind.NONE, None, Bound.EXACT, trigger)
    return Clause(data_class, ClauseKind.DURATION, unit.format(number), bound, trigger)


def _number_and_unit(match: re.Match[str]) -> tuple[int, str]:
    """Return the number of a duration, and its unit as ISO 8601 with a place for the number."""
    words = match["number"]
    if words is None:
        return int(match["bare_number"]), "P{}D"
    number = NUMBERS[words] if words in NUMBERS else int(words)
    return number, _of_pattern(UNITS, match["unit"])


def _subject(words: str) -> tuple[DataClass, Trigger]:
    return _of_pattern(SUBJECTS, words)


def _of_pattern(meanings: Mapping[str, _Meaning], words: str) -> _Meaning:
    """Return the meaning of the first pattern that fits some words, which one of them does."""
    return next(meaning for pattern, meaning in meanings.items() if re.fullmatch(pattern, words))


def _bound(bounds: dict[Bound, str], words: str | None) -> Bound | None:
    for bound, pattern in bounds.items():
        if words and re.fullmatch(pattern, words):
            return bound
    return None
