"""What the rules judge: a snapshot, what is known besides, and what several rules look up in it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from compliance.page import diff
from compliance.page.claims import has_rivals
from compliance.page.diff import Change
from compliance.page.diff.sections import section_names
from compliance.page.diff.sentences import (
    FEW,
    UNNAMED_ROW,
    column_title,
    join_names,
    row_label,
    the_row_of,
)
from compliance.page.names import Mention, Names, find_families, names_of
from compliance.page.remembered import rows_with, values_of
from compliance.page.rules.facts import Facts, KnownModel
from compliance.page.snapshot import Model, Snapshot
from compliance.page.table import Cell, Column, DocumentItem, Item, Row, Term
from compliance.page.vocabulary import ONCE_IN_A_TABLE, Asks, ColumnRole, DataClass

_T = TypeVar("_T")
_BARE_WORDS = {"yes", "no", "none"}
_USUAL_QUESTIONS = (Asks.TRAINS, Asks.HOW_LONG)
# What texts are of one kind, and in a sentence.
TEXT_KINDS = {
    "model": "models",
    "provider": "providers",
    "document": "documents",
    "wording": "wordings",
    "text": "texts",
    "label": "labels",
}


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """An item that cites a footnote, and the row that it stands in."""

    row: Row
    item: Item


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document as it is shown, with the rows that show it."""

    item: DocumentItem
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a row says in a claim column that is not empty there."""

    row: Row
    column: Column
    cell: Cell

    @property
    def text(self) -> str:
        """The words that a reader sees."""
        return self.cell.plain

    @property
    def covers(self) -> DataClass:
        """The kind of data that a retention column is about."""
        return self.column.covers or DataClass.ALL_CONTENT

    @property
    def among(self) -> tuple[str, ...]:
        """What tells the claim from others of its row: nothing in the usual column of its role."""
        return () if self.column.key == self.column.role else (self.column.key,)

    @property
    def is_bare(self) -> bool:
        """Whether the wording says nothing without the label that it answers."""
        return self.text.casefold().rstrip(".") in _BARE_WORDS

    @property
    def question(self) -> str:
        """The label in quotation marks where the wording needs it to be understood, else ""."""
        is_unclear = self.is_bare and self.column.asks not in _USUAL_QUESTIONS
        return column_title(self.column) if is_unclear or has_rivals(self.column, self.row) else ""

    @property
    def quoted(self) -> str:
        """The wording in quotation marks, with the label where it is needed."""
        of_label = f" of {self.question}" if self.question else ""
        return f"“{self.text}”{of_label}"


class RuleContext:
    """A snapshot, the one in force before it (or None), and the facts; each lookup is done once."""

    def __init__(self, snapshot: Snapshot, before: Snapshot | None, facts: Facts) -> None:
        self.snapshot = snapshot
        self.before = before
        self.facts = facts

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The changes since the page in force; none if there is no page in force."""
        return diff.compare(self.before, self.snapshot) if self.before else ()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all tables in the order of the page."""
        return self.snapshot.all_rows

    def rows_with(self, function: Callable[[Row], _T]) -> list[tuple[Row, _T]]:
        """Return the rows for which a function gives something, with that; see `remembered`."""
        return rows_with(function, self.rows)

    def values_of(self, function: Callable[[Row], _T]) -> Iterator[tuple[Row, _T]]:
        """Give each row with what a function gives for it; see `remembered`."""
        return zip(self.rows, values_of(function, self.rows), strict=True)

    @cached_property
    def texts_by_kind(self) -> dict[str, dict[str, None]]:
        """The texts of a page that stand for things, each once, by kind in the page's order."""
        texts: dict[str, dict[str, None]] = {kind: {} for kind in TEXT_KINDS}
        for _, words_by_kind in self.values_of(_words_by_kind):
            for kind, words in words_by_kind:
                texts[kind].update(words)
        for section in self.snapshot.sections:
            texts["label"].update(dict.fromkeys(column.label for column in section.columns))
        for model in self.snapshot.models:
            texts["model"].update(dict.fromkeys((model.name, *model.aliases)))
        for provider in self.snapshot.providers:
            texts["provider"].update(dict.fromkeys((provider.name, *provider.aliases)))
        return texts

    @cached_property
    def models(self) -> dict[str, str]:
        """The names of the listed models as first printed, by id."""
        found: dict[str, str] = {}
        for _, models in self.values_of(names_of_models):
            for id, name in models:
                found.setdefault(id, name)
        return found

    @cached_property
    def model_ids(self) -> dict[str, str]:
        """The ids of the listed models, by name."""
        return {name: id for id, name in self.models.items()}

    @cached_property
    def named_models(self) -> tuple[tuple[str, str], ...]:
        """The same as pairs; those of a page change seldom, so what follows is remembered."""
        return tuple(self.models.items())

    @cached_property
    def floors(self) -> dict[str, Term]:
        """The shortest retention that any provider of a model can offer, by the model's id."""
        return {
            model.id: model.retention_floor
            for model in self.snapshot.models
            if model.retention_floor
        }

    @cached_property
    def recipients(self) -> dict[str, str]:
        """The names of the providers of a row as first printed, by id."""
        found: dict[str, str] = {}
        for _, providers in self.values_of(names_of_providers):
            for id, name in providers:
                found.setdefault(id, name)
        return found

    @cached_property
    def providers(self) -> dict[str, str]:
        """The names of all providers, by id: the recipients, and the authors of documents."""
        named = {provider.id: provider.name for provider in self.snapshot.providers}
        return named | self.recipients

    @cached_property
    def mentions(self) -> dict[str, list[Mention]]:
        """The models that each footnote names, by the footnote's id.

        They are models listed here or on the page in force, models of the working copy by name or
        alias, and unknown names that the text calls models.
        """
        # A note may still name a model that has just left the page.
        before = self.before.models if self.before else ()
        listed = {model.name for model in self.snapshot.models}
        gone = [model.name for model in before if model.name not in listed]
        unlisted = [model for model in self.facts.models if model.id not in self.models]
        aliases: dict[str, str] = {}
        known: list[Model | KnownModel] = [*self.snapshot.models, *unlisted]
        for model in known:
            printed = self.models.get(model.id, model.name)
            aliases.update(dict.fromkeys((model.name, *model.aliases), printed))
        printed_names = (*self.models.values(), *gone, *(model.name for model in unlisted))
        names = names_of(printed_names, tuple(aliases.items()))
        mentions: dict[str, list[Mention]] = {}
        for note in self.snapshot.footnotes:
            mentions[note.id] = names.found_in(note.text)
            unknown = [family for family in find_families(note.text) if family.name not in names]
            mentions[note.id] += unknown
        return mentions

    @cached_property
    def citations(self) -> dict[int, list[CitedPlace]]:
        """The places that cite each footnote in the order of the page, by the footnote's number."""
        found: defaultdict[int, list[CitedPlace]] = defaultdict(list)
        for row, items in self.rows_with(_marked_items):
            for item in items:
                for number in item.footnotes:
                    found[number].append(CitedPlace(row, item))
        return found

    @cached_property
    def documents(self) -> tuple[ShownDocument, ...]:
        """The documents that are shown, each once with its rows.

        Marks differ from row to row, and a page that was read from a file numbers its documents:
        neither makes another document.
        """
        found: dict[DocumentItem, ShownDocument] = {}
        for row, documents in self.rows_with(_documents_by_key):
            for key, item in documents:
                shown = found.get(key)
                if shown is None:
                    shown = found[key] = ShownDocument(item)
                if not shown.rows or shown.rows[-1] is not row:
                    shown.rows.append(row)
        return tuple(found.values())

    @cached_property
    def provider_names(self) -> Names:
        """The names of the providers, to search texts for."""
        return names_of(tuple(self.providers.values()))

    @cached_property
    def rows_of_model(self) -> dict[str, list[Row]]:
        """The rows that name each model, by its id; each row once."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row, ids in self.values_of(_model_ids):
            for id in ids:
                found[id].append(row)
        return found

    @cached_property
    def rows_of_provider(self) -> dict[str, list[Row]]:
        """The rows that name each provider, by its id; each row once."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row, ids in self.values_of(_provider_ids):
            for id in ids:
                found[id].append(row)
        return found

    def claims(self, role: ColumnRole) -> Iterator[Claim]:
        """Give the claims of a role in all rows, without the empty ones, which claim nothing."""
        for row, claims in self.rows_with(_CLAIMS[role]):
            for column, cell in claims:
                yield Claim(row, column, cell)

    @cached_property
    def section_names(self) -> dict[str, str]:
        """What each section is called, by its id."""
        return section_names(self.snapshot)

    @cached_property
    def _names(self) -> dict[str, str]:
        """What each row is called, by its id."""
        names = self._distinct(self.rows, values_of(_name, self.rows))
        return {row.id: name for row, name in zip(self.rows, names, strict=True)}

    def _distinct(self, rows: Sequence[Row], names: Sequence[str]) -> list[str]:
        """Return names of rows, with what tells apart those that are called alike.

        First their providers tell them apart, "GPT 5 at Azure", and then their sections.
        """
        names = _where_shared(names, rows, _at_providers)
        if len(self.snapshot.sections) > 1:
            names = _where_shared(names, rows, self._in_section)
        return names

    def _in_section(self, row: Row) -> str:
        return f" in {self.section_names[row.section.id]}"

    def the_row(self, row: Row) -> str:
        """Return a row as it stands in a sentence: by its models, as its number may change."""
        return the_row_of(self._names[row.id] or UNNAMED_ROW)

    def the_rows(self, rows: Iterable[Row]) -> str:
        """Return one row by its models, or the first few of several by the first model of each."""
        several = list(rows)
        if len(several) == 1:
            return self.the_row(several[0])
        names = self._distinct(several, [_first_name(row) or "no name" for row in several])
        return f"the rows of {join_names(names, limit=FEW)}"


def row_claims(row: Row, role: ColumnRole) -> Iterator[Claim]:
    """Give the claims of a role in a row, without the empty ones, which claim nothing."""
    for column, cell in row.claims(role):
        if cell.items:
            yield Claim(row, column, cell)


def rows_with_providers(row: Row) -> list[tuple[str, str | None]]:
    """Return the id of a row with each of its providers: what an answer about the row is about."""
    providers = dict.fromkeys(item.provider for item in row.providers) or [None]
    return [(row.id, provider) for provider in providers]


def quoted(texts: Iterable[str]) -> str:
    """Return texts in quotation marks, each once, the first few of many."""
    return join_names((f"“{text}”" for text in dict.fromkeys(texts)), limit=FEW)


def words_of(row: Row) -> tuple[str, ...]:
    """Return the names, labels and wordings that a row prints, each of them once."""
    words = [item.plain for _, cell in row.cells for item in cell.items]
    return tuple(dict.fromkeys(words))


def names_of_models(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the ids of the models of a row, each with its name as printed."""
    return tuple((item.model, item.plain) for item in row.models)


def names_of_providers(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the ids of the providers of a row, each with its name as printed."""
    return tuple((item.provider, item.plain) for item in row.providers)


def _model_ids(row: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.model for item in row.models))


def _provider_ids(row: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.provider for item in row.providers))


def _words_by_kind(row: Row) -> tuple[tuple[str, dict[str, None]], ...]:
    return tuple(
        (_kind_of(column.role), dict.fromkeys(item.plain for item in cell.items))
        for column, cell in row.cells
    )


def _marked_items(row: Row) -> tuple[Item, ...]:
    return tuple(item for _, cell in row.cells for item in cell.items if item.footnotes)


def _documents_by_key(row: Row) -> tuple[tuple[DocumentItem, DocumentItem], ...]:
    return tuple((replace(item, document="", footnotes=()), item) for item in row.documents)


def _claims_of(role: ColumnRole) -> Callable[[Row], tuple[tuple[Column, Cell], ...]]:
    def claims(row: Row) -> tuple[tuple[Column, Cell], ...]:
        return tuple((column, cell) for column, cell in row.claims(role) if cell.items)

    return claims


_CLAIMS = {role: _claims_of(role) for role in ColumnRole if role.is_claim}


def _kind_of(role: ColumnRole) -> str:
    if role in ONCE_IN_A_TABLE:
        return role.value.removesuffix("s")
    return "wording" if role.is_claim else "text"


def _name(row: Row) -> str:
    """Return the first few models of a row, else the words of its first cell that has some."""
    words = _words(row.models or _first_items(row))
    return row_label(row, words) if words else ""


def _first_name(row: Row) -> str:
    """Return the first model of a row, else its name."""
    return row.models[0].plain if row.models else _name(row)


def _first_items(row: Row) -> tuple[Item, ...]:
    return next((cell.items for _, cell in row.cells if cell.items), ())


def _words(items: Iterable[Item]) -> list[str]:
    return list(dict.fromkeys(item.plain for item in items))


def _at_providers(row: Row) -> str:
    """Return " at Azure"; "" where the row is called by its providers, or has none."""
    is_name = not row.models and row.providers == _first_items(row)
    if not row.providers or is_name:
        return ""
    return f" at {join_names(_words(row.providers), limit=FEW)}"


def _where_shared(
    names: Sequence[str], rows: Sequence[Row], ending: Callable[[Row], str]
) -> list[str]:
    """Return the names of rows, and behind each one that is there twice its ending."""
    count = Counter(names)
    longer = []
    for name, row in zip(names, rows, strict=True):
        longer.append(name + ending(row) if name and count[name] > 1 else name)
    return longer
