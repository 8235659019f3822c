"""Claims as they are typed: what a listing states in a training or retention column."""

from typing import Any

from django.core.exceptions import ValidationError

from compliance.models import Column, RetentionClause, RetentionTerm
from compliance.models.choices import TRAINING_USES
from compliance.models.positions import STEP
from compliance.page import inline
from compliance.page.retention import read_clauses
from compliance.page.training import training_text, training_use
from compliance.page.vocabulary import TrainingUse

# The values of the fields of one cell.
CellValues = dict[str, Any]
DEFAULT: CellValues = {"text": "", "use": "", "term": None, "is_blank": False}
BLANK: CellValues = {**DEFAULT, "is_blank": True}
BLANK_CHOICE = "blank"
_TYPED_AND_BLANK = "“{}” is typed, but the cell is to stay empty. Clear one."


def training_choices() -> list[tuple[str, str]]:
    """Return the choices of what a listing states about training; the first is to state nothing."""
    return [
        ("", "As the providers declare"),
        *TRAINING_USES,
        (BLANK_CHOICE, "Nothing: the cell stays empty"),
    ]


def stated_training(column: Column, choice: str, text: str) -> list[CellValues]:
    """Return the values of the cell for a chosen use and a wording; none where it is derived.

    A usual wording says by itself which use it means. Raises ValidationError for a wording without
    a use, or of a cell that stays empty.
    """
    asks = column.to_snapshot().asks
    if choice == BLANK_CHOICE:
        if text:
            raise ValidationError(_TYPED_AND_BLANK.format(text))
        return [BLANK]
    if text and not choice:
        read = training_use(inline.plain(text), asks=asks)
        if read is TrainingUse.UNKNOWN:
            raise ValidationError(f"Choose what “{text}” means for training.")
        choice = read.value
    if not choice:
        return []
    usual = inline.escape(training_text(TrainingUse(choice), asks=asks))
    text = inline.normal(text)
    return [{**DEFAULT, "use": choice, "text": "" if text == usual else text}]


def stated_retention(wording: str, *, is_blank: bool, terms: "NewTerms") -> list[CellValues]:
    """Return the values of the cell for a wording in Markdown; none where the claim is derived.

    A wording that no retention term has gives a new term, which `terms` saves.
    Raises ValidationError for a wording that no cell can hold, one of a cell that stays empty, and
    a new one if the user may not add terms.
    """
    if is_blank:
        if wording:
            raise ValidationError(
                f"“{wording}” is typed, but the cell is to stay empty. Clear one."
            )
        return [BLANK]
    if not wording:
        return []
    if fault := inline.fault(wording):
        raise ValidationError(fault)
    words, text = inline.plain(wording), inline.normal(wording)
    return [
        {
            **DEFAULT,
            "term": terms.find(words),
            "text": "" if text == inline.escape(words) else text,
        }
    ]


class NewTerms:
    """Finds the retention terms that a form words, and makes the new ones, each once."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor
        self._found: dict[str, RetentionTerm] = {}

    def find(self, words: str) -> RetentionTerm:
        """Return the term with a wording, unsaved for a new one.

        Raises ValidationError if the user may not add terms, or for what no term can hold.
        """
        if words not in self._found:
            self._found[words] = self._term_worded(words)
        return self._found[words]

    def _term_worded(self, words: str) -> RetentionTerm:
        terms = RetentionTerm.objects.prefetch_related("clauses")
        present: RetentionTerm | None = terms.filter(wording=words).first()
        if present:
            return present
        if not self._actor.has_perm("compliance.add_retentionterm"):
            raise ValidationError(
                f"There is no retention term “{words}”, and your account may not add one."
            )
        term = RetentionTerm(wording=words)
        try:
            term.clean_fields()
        except ValidationError as error:
            raise ValidationError([f"{words}: {fault}" for fault in error.messages]) from None
        return term


def save_term(term: RetentionTerm) -> None:
    """Save a new retention term, with the clauses that are read from its wording."""
    if not term._state.adding:
        return
    term.save()
    for number, clause in enumerate(read_clauses(term.wording), start=1):
        values = RetentionClause.values_of(clause)
        RetentionClause(term=term, position=number * STEP, **values).save()
