"""What retention clauses mean, in plain words."""

from collections.abc import Iterable

from compliance.page.durations import describe_duration
from compliance.page.table import Clause
from compliance.page.vocabulary import Bound, ClauseKind, DataClass, Trigger

_DATA_WORDS = {DataClass.PROMPT: "prompts", DataClass.OUTPUT: "outputs", DataClass.FILE: "files"}
_BOUND_WORDS = {
    Bound.EXACT: "",
    Bound.AT_MOST: "at most ",
    Bound.AT_LEAST: "at least ",
    Bound.ABOUT: "about ",
}
_KIND_WORDS = {
    ClauseKind.NONE: "not kept",
    ClauseKind.UNTIL_EVENT: "kept until an event",
    ClauseKind.INDEFINITE: "kept without limit",
    ClauseKind.KEPT: "kept, how long is not said",
    ClauseKind.NOT_STATED: "not stated",
    ClauseKind.UNKNOWN: "not understood",
}
_TRIGGER_WORDS = {
    Trigger.ALWAYS: "",
    Trigger.FLAGGED: " if flagged",
    Trigger.OPT_IN: " with opt-in",
}


def describe_clauses(clauses: Iterable[Clause]) -> str:
    """Return clauses in words: "all content kept 30 days; files kept at most 1 hour"."""
    return "; ".join(map(_clause_words, clauses)) or "nothing"


def _clause_words(clause: Clause) -> str:
    what = _DATA_WORDS.get(clause.data_class, clause.data_class.replace("_", " "))
    how = _KIND_WORDS.get(clause.kind, "")
    if clause.duration:
        how = f"kept {_BOUND_WORDS[clause.bound]}{describe_duration(clause.duration)}"
    return f"{what} {how}{_TRIGGER_WORDS[clause.trigger]}"
