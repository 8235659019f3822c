"""What the rules judge: a snapshot, what is known besides, and what several rules look up in it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from compliance.page import diff
from compliance.page.claims import has_rivals
from compliance.page.derived import floors_of
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
from compliance.page.remembered import by_identity, rows_with, values_of
from compliance.page.rows_by_id import RowsById, model_ids, provider_ids
from compliance.page.rules.facts import Facts, KnownModel
from compliance.page.snapshot import Footnote, Model, Provider, Snapshot
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
    """A document as it is shown, with the places of the rows that show it, from 0."""

    item: DocumentItem
    places: list[int] = field(default_factory=list)


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
    def texts_by_kind(self) -> dict[str, tuple[str, ...]]:
        """The texts of a page that stand for things, each once, by kind in the page's order."""
        named: dict[str, tuple[Model | Provider, ...]] = {
            "model": self.snapshot.models,
            "provider": self.snapshot.providers,
        }
        texts = {
            kind: _texts(values_of(words_of_kind, self.rows), named.get(kind, ()))
            for kind, words_of_kind in _WORDS.items()
        }
        columns = (column for section in self.snapshot.sections for column in section.columns)
        return texts | {"label": tuple(dict.fromkeys(column.label for column in columns))}

    @cached_property
    def models(self) -> dict[str, str]:
        """The names of the listed models as first printed, by id."""
        return first_names(values_of(names_of_models, self.rows))

    @cached_property
    def model_ids(self) -> dict[str, str]:
        """The ids of the listed models, by name."""
        return _ids_by_name(self.models)

    @cached_property
    def floors(self) -> dict[str, Term]:
        """The shortest retention that any provider of a model can offer, by the model's id."""
        return floors_of(self.snapshot.models)

    @cached_property
    def recipients(self) -> dict[str, str]:
        """The names of the providers of a row as first printed, by id."""
        return first_names(values_of(names_of_providers, self.rows))

    @cached_property
    def providers(self) -> dict[str, str]:
        """The names of all providers, by id: the recipients, and the authors of documents."""
        return _all_names(self.snapshot.providers, self.recipients)

    @cached_property
    def unlisted_models(self) -> tuple[KnownModel, ...]:
        """The models of the working copy that the page does not list."""
        return _unlisted(self.facts.models, self.models)

    @cached_property
    def mentions(self) -> dict[str, list[Mention]]:
        """The models that each footnote names, by the footnote's id.

        They are models listed here or on the page in force, models of the working copy by name or
        alias, and unknown names that the text calls models.
        """
        before = self.before.models if self.before else ()
        snapshot = self.snapshot
        return _mentions(
            snapshot.footnotes, self.models, snapshot.models, before, self.unlisted_models
        )

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
        return _shown_documents(values_of(_documents_by_key, self.rows))

    def documents_where(
        self, is_meant: Callable[[DocumentItem], object]
    ) -> tuple[tuple[DocumentItem, list[Row]], ...]:
        """Return the documents of which a function is true, each with the rows that show it."""
        found = _documents_where(is_meant, self.documents)
        return tuple((shown.item, [self.rows[place] for place in shown.places]) for shown in found)

    @cached_property
    def provider_names(self) -> Names:
        """The names of the providers, to search texts for."""
        return provider_names(self.providers)

    @cached_property
    def rows_of_model(self) -> RowsById:
        """The rows that name each model, by its id; each row once."""
        return RowsById(self.rows, values_of(model_ids, self.rows))

    @cached_property
    def rows_of_provider(self) -> RowsById:
        """The rows that name each provider, by its id; each row once."""
        return RowsById(self.rows, values_of(provider_ids, self.rows))

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
        names, at_providers = values_of(_name, self.rows), values_of(_at_providers, self.rows)
        names = self._distinct(self.rows, names, at_providers)
        return {row.id: name for row, name in zip(self.rows, names, strict=True)}

    def _distinct(
        self, rows: Sequence[Row], names: list[str], at_providers: list[str]
    ) -> list[str]:
        """Return names of rows, with what tells apart those that are called alike.

        First their providers tell them apart, "GPT 5 at Azure", and then their sections.
        """
        names = _where_shared(names, at_providers)
        if len(self.snapshot.sections) > 1:
            names = _where_shared(names, [self._in_section(row) for row in rows])
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
        names = [_first_name(row) or "no name" for row in several]
        names = self._distinct(several, names, [_at_providers(row) for row in several])
        return f"the rows of {join_names(names, limit=FEW)}"


# The following depend on parts of a page that change seldom. An edit of a claim leaves all of them
# as they are, and so the objects are the same.


@by_identity(16)
def first_names(named: list[tuple[tuple[str, str], ...]]) -> dict[str, str]:
    """Return the names of things as first printed, by id; `named` has those of each row."""
    found: dict[str, str] = {}
    for names in named:
        for id, name in names:
            found.setdefault(id, name)
    return found


@by_identity(8)
def _ids_by_name(names: dict[str, str]) -> dict[str, str]:
    return {name: id for id, name in names.items()}


@by_identity(8)
def _all_names(providers: tuple[Provider, ...], recipients: dict[str, str]) -> dict[str, str]:
    return {provider.id: provider.name for provider in providers} | recipients


@by_identity(8)
def provider_names(providers: dict[str, str]) -> Names:
    """Return the names of providers, to search texts for."""
    return names_of(tuple(providers.values()))


@by_identity(32)
def _texts(words: list[dict[str, None]], named: tuple[Model | Provider, ...]) -> tuple[str, ...]:
    """Return the words of all rows and the names and aliases of what is named, each once."""
    texts: dict[str, None] = {}
    for words_of_row in words:
        texts.update(words_of_row)
    for thing in named:
        texts[thing.name] = None
        for alias in thing.aliases:
            texts[alias] = None
    return tuple(texts)


@by_identity(8)
def _unlisted(models: tuple[KnownModel, ...], printed: dict[str, str]) -> tuple[KnownModel, ...]:
    return tuple([model for model in models if model.id not in printed])


@by_identity(8)
def _mentions(
    notes: tuple[Footnote, ...],
    printed: dict[str, str],
    models: tuple[Model, ...],
    before: tuple[Model, ...],
    unlisted: tuple[KnownModel, ...],
) -> dict[str, list[Mention]]:
    # A note may still name a model that has just left the page.
    listed = {model.name for model in models}
    gone = [model.name for model in before if model.name not in listed]
    aliases: dict[str, str] = {}
    known: list[Model | KnownModel] = [*models, *unlisted]
    for model in known:
        name = printed.get(model.id, model.name)
        for other in (model.name, *model.aliases):
            if other != name:
                aliases[other] = name
    printed_names = (*printed.values(), *gone, *(model.name for model in unlisted))
    names = names_of(printed_names, tuple(aliases.items()))
    mentions: dict[str, list[Mention]] = {}
    for note in notes:
        unknown = [family for family in find_families(note.text) if family.name not in names]
        mentions[note.id] = [*names.found_in(note.text), *unknown]
    return mentions


@by_identity(8)
def _shown_documents(
    documents: list[tuple[tuple[DocumentItem, DocumentItem], ...]],
) -> tuple[ShownDocument, ...]:
    found: dict[DocumentItem, ShownDocument] = {}
    for place, documents_of_row in enumerate(documents):
        for key, item in documents_of_row:
            shown = found.get(key)
            if shown is None:
                shown = found[key] = ShownDocument(item)
            if not shown.places or shown.places[-1] != place:
                shown.places.append(place)
    return tuple(found.values())


@by_identity(64)
def _documents_where(
    is_meant: Callable[[DocumentItem], object], documents: tuple[ShownDocument, ...]
) -> tuple[ShownDocument, ...]:
    return tuple(shown for shown in documents if is_meant(shown.item))


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


def _marked_items(row: Row) -> tuple[Item, ...]:
    return tuple(item for _, cell in row.cells for item in cell.items if item.footnotes)


def _documents_by_key(row: Row) -> tuple[tuple[DocumentItem, DocumentItem], ...]:
    return tuple((replace(item, document="", footnotes=()), item) for item in row.documents)


def _claims_of(role: ColumnRole) -> Callable[[Row], tuple[tuple[Column, Cell], ...]]:
    def claims(row: Row) -> tuple[tuple[Column, Cell], ...]:
        return tuple((column, cell) for column, cell in row.claims(role) if cell.items)

    return claims


def _words_of_kind(kind: str) -> Callable[[Row], dict[str, None]]:
    def words(row: Row) -> dict[str, None]:
        cells = [cell for column, cell in row.cells if _kind_of(column.role) == kind]
        return dict.fromkeys(item.plain for cell in cells for item in cell.items)

    return words


_CLAIMS = {role: _claims_of(role) for role in ColumnRole if role.is_claim}
_WORDS = {kind: _words_of_kind(kind) for kind in TEXT_KINDS if kind != "label"}


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


@by_identity(16)
def _where_shared(names: list[str], endings: list[str]) -> list[str]:
    """Return the names of rows, and behind each one that is there twice its ending."""
    count = Counter(names)
    return [
        name + ending if name and count[name] > 1 else name
        for name, ending in zip(names, endings, strict=True)
    ]
