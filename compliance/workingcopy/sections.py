"""Sections and columns of a register that were edited: what has to follow from the edit."""

from collections.abc import Mapping

from compliance.models import Cell, Column, Register
from compliance.page import inline
from compliance.page.training import training_text, training_use
from compliance.page.vocabulary import Asks, ColumnRole, TrainingUse
from compliance.workingcopy.writes import Writes


def join_prose(register: Register) -> None:
    """Join sections without a table to the next one: a reader of the page cannot tell them apart.

    The next one begins with their prose, and they are deleted. Writes into the open changeset.
    """
    waiting = None
    for section in register.sections.prefetch_related("columns"):
        if waiting is not None:
            proses = [prose for prose in (waiting.prose, section.prose) if prose]
            section.set(prose="\n\n".join(proses))
            waiting.delete()
        waiting = None if section.columns.all() else section


def read_training_anew(formerly_asked: Mapping[Column, str]) -> None:
    """Let stated training cells print what they printed before their column asked otherwise.

    `formerly_asked` has what each of the columns asked. Their cells keep the printed words, and
    what these mean is read anew. A use that an editor chose, other than the words said, stays.
    Writes into the open changeset.
    """
    columns = {
        column.pk: column
        for column, asked in formerly_asked.items()
        if column.role == ColumnRole.TRAINING and column.asks != asked
    }
    writes = Writes()
    for cell in Cell.objects.filter(column__in=columns, is_blank=False):
        column = columns[cell.column_id]
        asked, asks = _asks(formerly_asked[column]), _asks(column.asks)
        use = TrainingUse(cell.use)
        text = cell.text or _usual_text(use, asked)
        words = inline.plain(text)
        if training_use(words, asks=asked) is use:
            use = training_use(words, asks=asks)
        writes.set(cell, use=use.value, text="" if text == _usual_text(use, asks) else text)
    writes.write()


def _asks(value: str) -> Asks | None:
    return Asks(value) if value else None


def _usual_text(use: TrainingUse, asks: Asks | None) -> str:
    return inline.escape(training_text(use, asks=asks))
