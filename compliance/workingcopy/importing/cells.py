"""What a listing has to state in its columns, so that it prints what a row of the page says."""

from collections.abc import Sequence
from typing import Any

from compliance.models import AIModel, Cell, Column, PolicyDocument, Provider
from compliance.page import inline, table
from compliance.page.derived import derived_cell
from compliance.page.snapshot import Declared
from compliance.page.table import ClaimItem
from compliance.page.training import training_text, training_use
from compliance.page.vocabulary import ColumnRole, TrainingUse
from compliance.workingcopy.importing.parties import Parties

# The values of the fields of one cell.
CellValues = dict[str, Any]
# What a claim prints and means. The clauses are left out for a page that does not tell them.
_Says = tuple[str, TrainingUse | None, tuple[table.Clause, ...] | None]
_NOTHING: CellValues = {"text": "", "use": "", "term": None, "is_blank": False}
BLANK: CellValues = {**_NOTHING, "is_blank": True}


class Claims:
    """The claims of a page's rows, as cells that state them or as what derives them.

    `with_facts` says that the page says what its claims mean, as JSON does.
    """

    def __init__(self, parties: Parties, *, with_facts: bool) -> None:
        self._parties = parties
        self._with_facts = with_facts
        # Few sets of providers and floors stand behind many rows.
        self._derived: dict[tuple[Any, ...], _Says] = {}
        self._meanings: dict[Any, table.Column] = {}

    def values(
        self,
        column: Column,
        shown: table.Column,
        cell: table.Cell,
        present: Sequence[Cell],
        parties: tuple[Sequence[AIModel], Sequence[Provider]],
    ) -> list[CellValues] | None:
        """Return the values of the cell that states a claim: none where it is derived.

        `shown` is the column on the page, `parties` are the models and providers of the row.
        Returns None for a cell that prints the same as before and stays as it is. Else a claim is
        stated only where the row's declarations do not derive exactly its text and meaning, or
        where a footnote marks it.
        """
        if not cell.items:
            return [BLANK]
        item: Any = cell.items[0]
        use = self._use(column, shown, cell)
        if present and self._prints(present[0], column, item.text, use):
            return None
        says = (item.text, use, cell.clauses if self._with_facts else None)
        if not item.footnotes and self._derive(column, *parties) == says:
            return []
        return [self._stated(column, item, use)]

    def _use(self, column: Column, shown: table.Column, cell: table.Cell) -> TrainingUse | None:
        """Return what a training cell says, read anew if its column asks otherwise than thought."""
        if shown.role is not ColumnRole.TRAINING:
            return None
        asks = self._meaning(column).asks
        return cell.use if asks is shown.asks else training_use(cell.plain, asks=asks)

    def _prints(self, cell: Cell, column: Column, text: str, use: TrainingUse | None) -> bool:
        if cell.is_blank:
            return False
        if use is None:
            term = cell.term_id and self._parties.clauses[cell.term_id]
            return (cell.text or (term.text if term else "")) == text
        printed = cell.text or self._usual_text(column, TrainingUse(cell.use))
        # Editors may have said what a wording means that no reader understands.
        return printed == text and (not self._with_facts or cell.use == use.value)

    def _stated(self, column: Column, item: ClaimItem, use: TrainingUse | None) -> CellValues:
        if use is not None:
            text = "" if item.text == self._usual_text(column, use) else item.text
            return {**_NOTHING, "use": use.value, "text": text}
        words = item.plain
        text = "" if item.text == inline.escape(words) else item.text
        return {**_NOTHING, "term": self._parties.terms[words], "text": text}

    def _derive(
        self, column: Column, models: Sequence[AIModel], providers: Sequence[Provider]
    ) -> _Says:
        """Return what a row prints in a column in which it states nothing."""
        floors = {model.retention_floor_id for model in models if model.retention_floor_id}
        key = (column.pk, tuple(provider.pk for provider in providers), tuple(sorted(floors)))
        if key not in self._derived:
            self._derived[key] = self._computed(column, providers, sorted(floors))
        return self._derived[key]

    def _computed(
        self, column: Column, providers: Sequence[Provider], floors: Sequence[int]
    ) -> _Says:
        clauses = self._parties.clauses
        declared = []
        for provider in providers:
            training, term = provider.declared_training, provider.declared_retention_id
            use = TrainingUse(training) if training else None
            declared.append(Declared(use, clauses[term] if term else None))
        cell = derived_cell(self._meaning(column), declared, [clauses[floor] for floor in floors])
        return cell.items[0].text, cell.use, cell.clauses if self._with_facts else None

    def _usual_text(self, column: Column, use: TrainingUse) -> str:
        return inline.escape(training_text(use, asks=self._meaning(column).asks))

    def _meaning(self, column: Column) -> table.Column:
        if column.pk not in self._meanings:
            self._meanings[column.pk] = column.to_snapshot()
        return self._meanings[column.pk]


def text_values(cell: table.Cell) -> list[CellValues]:
    """Return the values of the cells of a text or place column, one for each item."""
    return [{**_NOTHING, "text": item.text} for item in cell.items]


def stated_documents(
    shown: Sequence[PolicyDocument],
    usual: Sequence[PolicyDocument],
    present: Sequence[int],
    *,
    is_marked: bool,
    is_blank: bool,
) -> Sequence[PolicyDocument] | None:
    """Return the documents that a listing has to state, None if it need not state any.

    `usual` are those that its providers show by default, in their order, `present` the keys of
    those that it states now. It need not if the row shows the usual ones. But it does if it states
    exactly these documents already, and if one of them has a mark, because a citation refers to the
    stated document.
    """
    keys = [document.pk for document in shown]
    is_stated = keys == list(present) if present else is_blank and not keys
    return shown if is_stated or is_marked or shown != usual else None
