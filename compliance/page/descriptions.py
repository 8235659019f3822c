"""What retention clauses and training uses mean, in plain words."""

from collections.abc import Iterable

from compliance.page.durations import describe_duration
from compliance.page.table import Clause
from compliance.page.vocabulary import Bound, ClauseKind, DataClass, TrainingUse, Trigger

_DATA_WORDS = {DataClass.PROMPT: "prompts", DataClass.OUTPUT: "outputs", DataClass.FILE: "files"}
BOUND_WORDS = {
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

_TRAINING_WORDS = {
    TrainingUse.NEVER: "never used for training",
    TrainingUse.OPT_IN: "used for training only if the customer opts in",
    TrainingUse.CONDITIONAL: "used for training in some cases",
    TrainingUse.OPT_OUT: "used for training unless the customer opts out",
    TrainingUse.BY_DEFAULT: "used for training by default",
    TrainingUse.NOT_STATED: "not stated",
    TrainingUse.UNKNOWN: "not understood",
}


def describe_training(use: TrainingUse) -> str:
    """Return a training use in words: "never used for training"."""
    return _TRAINING_WORDS[use]


def describe_clauses(clauses: Iterable[Clause]) -> str:
    """Return clauses in words: "all content kept 30 days; files kept at most 1 hour"."""
    return "; ".join(map(_clause_words, clauses)) or "nothing"


def _clause_words(clause: Clause) -> str:
    what = _DATA_WORDS.get(clause.data_class, clause.data_class.replace("_", " "))
    how = _KIND_WORDS.get(clause.kind, "")
    if clause.duration:
        how = f"kept {BOUND_WORDS[clause.bound]}{describe_duration(clause.duration)}"
    return f"{what} {how}{_TRIGGER_WORDS[clause.trigger]}"
