"""Turns history rows into lines with the old and the new value.

Every record is called by the name that it had when the row was written.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from django.db.models import Field, ForeignKey, Max, Model, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst

from compliance.models import (
    AIModel,
    Cell,
    Citation,
    Column,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
    Review,
    Section,
    User,
    graph,
)
from compliance.models.tracked import Tracked
from compliance.page import inline
from compliance.page.diff.sentences import label_of_row, the_row_of
from compliance.page.documents import document_label
from compliance.page.vocabulary import ColumnRole, DocumentKind
from compliance.rendering.marked_words import MarkedText, marked_words

# A row of a history table. django-simple-history makes these classes at run time.
HistoryRow = Any
# A record by its model and primary key.
RecordKey = tuple[type[Model], Any]
# The part of a listing that stands in a column, by the role of the column; for others, its cells.
_LISTED: dict[str, type[Tracked]] = {
    ColumnRole.MODELS.value: ListedModel,
    ColumnRole.PROVIDERS.value: ListedProvider,
    ColumnRole.DOCUMENTS.value: ListedDocument,
}
# Fields of a part that say nothing when it is added or deleted.
_SET_BY_ITSELF = ("position", "key")


@dataclass(frozen=True)
class HistoryLine:
    """One field of a record before and after an edit.

    `what` says which field. `before` is empty if there was no value, `after` if there is none now.
    `about` is the model and key of the record that was edited, or of the owner of an edited part.
    """

    what: str
    before: str
    after: str
    about: tuple[type[Model], Any]

    @property
    def address(self) -> str:
        """The history screen of the record; empty for a document without a provider, or a user."""
        model, pk = self.about
        if model in (PolicyDocument, User):
            return ""
        return reverse(f"admin:compliance_{model._meta.model_name}_history", args=[pk])

    @cached_property
    def pieces(self) -> tuple[MarkedText, ...]:
        """Both values as one text in which added and removed words are marked."""
        return marked_words(self.before, self.after)

    @property
    def before_pieces(self) -> list[MarkedText]:
        """The old value, with the removed words marked."""
        return [piece for piece in self.pieces if piece.sign != "+"]

    @property
    def after_pieces(self) -> list[MarkedText]:
        """The new value, with the added words marked."""
        return [piece for piece in self.pieces if piece.sign != "-"]


def rows_of(model: Any) -> QuerySet[Any]:
    """Return all history rows of a tracked model, unordered."""
    rows: QuerySet[Any] = _history_model(model)._default_manager.order_by()
    return rows


@cache
def _history_model(model: Any) -> Any:
    # django-simple-history makes a new manager class whenever `history` is read. That takes a
    # millisecond, and one page reads it a hundred times.
    return model.history.model


def model_of(row: HistoryRow) -> type[Tracked]:
    model: type[Tracked] = row.instance_type
    return model


class RowReader:
    """Turns history rows and reviews into lines.

    `previous` holds the row before each row of the same record, by model and history key. `root`
    is the model of the one record that the screen is about; its name is left out of the lines.
    Loads everything that the rows refer to when it is made, in a fixed number of queries.
    """

    def __init__(
        self,
        rows: Sequence[HistoryRow],
        previous: Mapping[tuple[type, int], HistoryRow],
        *,
        root: type[Tracked] | None,
        reviews: Sequence[Review] = (),
    ) -> None:
        self._root = root
        self._previous = previous
        self._named_rows: dict[RecordKey, list[HistoryRow]] = {}
        # The rows of the parts of listings by their listing, and of columns by their section.
        self._parts: defaultdict[RecordKey, list[HistoryRow]] = defaultdict(list)
        self._listing_labels: dict[tuple[Any, int], str] = {}
        self._usernames: dict[Any, str] = {}
        all_rows = [*rows, *previous.values()]
        changesets = [row.changeset_id for row in (*all_rows, *reviews)]
        self._first_changeset = min(changesets, default=0)
        self._last_changeset = max(changesets, default=0)
        self._load(all_rows, reviews)

    def name_of(self, row: HistoryRow) -> str:
        """Return the name that the record of a row had when the row was written."""
        return capfirst(self._name_in_row(model_of(row), row, row))

    def review_line(self, review: Review) -> HistoryLine:
        """Return a line which says that a record was reviewed."""
        model, pk = review.target
        if model is self._root:
            what = "Reviewed"
        else:
            what = f"{_kind_label(model)}, {self._name(model, pk, review)}: reviewed"
        return HistoryLine(what, "", "Nothing to change", (model, pk))

    def lines_of(self, row: HistoryRow) -> list[HistoryLine]:
        """Return a line for each field that a row changed."""
        model = model_of(row)
        before = None
        if row.history_type != "+":
            before = self._previous.get((model, row.previous_row))
        after = row if row.history_type != "-" else None
        if model is Citation:
            return self._citation_lines(before, after)
        if model is Cell:
            return self._cell_lines(before, after)
        return self._field_lines(row, before, after)

    def _field_lines(
        self, row: HistoryRow, before: HistoryRow | None, after: HistoryRow | None
    ) -> list[HistoryLine]:
        lines = []
        for field in row.tracked_fields:
            if self._is_hidden(row, field, before, after):
                continue
            old = self._value(before, field, before) if before else ""
            new = self._value(after, field, row) if after else ""
            if old != new:
                label = self._field_label(row, field)
                lines.append(HistoryLine(label, old, new, self._about(row)))
        return lines

    # What is shown

    def _is_hidden(
        self, row: HistoryRow, field: Field, before: HistoryRow | None, after: HistoryRow | None
    ) -> bool:
        """Return whether a field needs no line: it did not change, or its value is obvious."""
        if field.primary_key:
            return True
        if before and after and getattr(before, field.attname) == getattr(after, field.attname):
            # The record that a foreign key leads to may have a new name. That is not this edit.
            return True
        return self._is_obvious(row, field)

    def _is_obvious(self, row: HistoryRow, field: Field) -> bool:
        """Return whether a value of a part follows from the part being added or deleted.

        Its owner does, and its position and defaults do.
        """
        part = graph.part(model_of(row))
        if part is None or row.history_type == "~":
            return False  # a part that moved to another owner has a line about that
        if field.name == part.owner:
            return True
        if not part.word or field.name == part.label:
            return False
        is_default = getattr(row, field.attname) == field.get_default()
        return field.name in _SET_BY_ITSELF or is_default

    def _field_label(self, row: HistoryRow, field: Field) -> str:
        """Return the label of a field, with the part or record that it belongs to."""
        model = model_of(row)
        label = str(field.verbose_name)
        if model is self._root:
            return capfirst(label)
        kind = f"{_kind_label(model)}{self._in_owner(row)}"
        if graph.part(model) and field.name == graph.label_field(model):
            return kind
        return f"{kind}, {self._name_in_row(model, row, row)}: {label}"

    def _in_owner(self, row: HistoryRow) -> str:
        """Return " in …" for a part of a listing and for a column of a section.

        It is empty on the screen of a listing, whose parts need no name of it.
        """
        model = model_of(row)
        if model is Column:
            return f" in {self._name(Section, row.section_id, row)}"
        if self._root is not Listing and graph.part(model) in graph.parts_of(Listing):
            return f" in {self._name(Listing, row.listing_id, row)}"
        return ""

    def _cell_lines(self, before: HistoryRow | None, after: HistoryRow | None) -> list[HistoryLine]:
        """Return a line with the column of a cell and what the cell says in it.

        A cell that moved to another column is two lines: one removed, one added.
        """
        if before and after and before.column_id != after.column_id:
            return [*self._cell_lines(before, None), *self._cell_lines(None, after)]
        row: HistoryRow = after or before
        old = self._cell_words(before, before) if before else ""
        new = self._cell_words(after, row) if after else ""
        if old == new:
            return self._field_lines(row, before, after)  # another place among the items
        what = f"{self._name(Column, row.column_id, row)}{self._in_owner(row)}"
        return [HistoryLine(what, old, new, self._about(row))]

    def _cell_words(self, row: HistoryRow, at: HistoryRow | Review) -> str:
        """Return what a cell says: its text, or what it claims; for a training use, both."""
        if row.is_blank:
            return "Empty on purpose"
        if row.use:
            use = row.get_use_display()
            return f"{use}: {row.text}" if row.text else use
        if row.text or row.term_id is None:
            return str(row.text)
        return self._name(RetentionTerm, row.term_id, at)

    def _citation_lines(
        self, before: HistoryRow | None, after: HistoryRow | None
    ) -> list[HistoryLine]:
        """Return a line that names what is cited and the number of the footnote.

        A citation that moved to another place is two lines: one removed, one added.
        """
        if before and after and self._cited_place(before) != self._cited_place(after):
            return [*self._citation_lines(before, None), *self._citation_lines(None, after)]
        row: HistoryRow = after or before
        place = self._cited_place(row)
        if self._root is Footnote:
            what, value = "Marks", place
        else:
            what = f"Footnote on {place}"
            value = self._name(Footnote, row.footnote_id, row)
        return [
            HistoryLine(what, value if before else "", value if after else "", self._about(row))
        ]

    def _cited_place(self, row: HistoryRow) -> str:
        """Return the name of what a citation marks."""
        if row.cell_id:
            return self._cited_cell(row.cell_id, row)
        for part in graph.parts_of(Listing):
            if pk := getattr(row, f"{part.cited_as}_id"):
                return self._name(part.model, pk, row)
        if row.provider_id:
            return f"{self._name(Provider, row.provider_id, row)}, wherever it is listed"
        return f"{self._name(AIModel, row.model_id, row)}, wherever it is listed"

    def _cited_cell(self, cell: Any, at: HistoryRow) -> str:
        """Return the column of a cell and, unless the screen is about a listing, the listing."""
        name = self._name(Cell, cell, at)
        row = self._row(Cell, cell, at)
        if self._root is Listing or row is None:
            return name
        return f"{name} of {self._name(Listing, row.listing_id, at)}"

    def _value(self, row: HistoryRow, field: Field, at: HistoryRow | Review) -> str:
        """Return the text of a field's value, with names from the time when `at` was written."""
        value = getattr(row, field.attname)
        if isinstance(field, ForeignKey):
            return "" if value is None else self._name(field.related_model, value, at)
        if field.flatchoices and value:
            # Fields of several countries have choices too, but their value is not one of these.
            return str(dict(field.flatchoices).get(value, value))
        return _text(value)

    # What records were called

    def _name(self, model: type[Model], pk: Any, at: HistoryRow | Review) -> str:
        """Return the name that a record had when `at` was written; users have their name of now."""
        if model is User:
            return self._usernames.get(pk, str(pk))
        row = self._row(model, pk, at)
        return self._name_in_row(model, row, at) if row else str(pk)

    def _row(self, model: type[Model], pk: Any, at: HistoryRow | Review) -> HistoryRow | None:
        """Return the row of a record that was the last one when `at` was written."""
        rows = self._named_rows.get((model, pk), [])
        known_rows = [row for row in rows if row.changeset_id <= at.changeset_id] or rows
        return known_rows[-1] if known_rows else None

    def _name_in_row(self, model: type[Model], row: HistoryRow, at: HistoryRow | Review) -> str:
        if model is Listing:
            return the_row_of(self._listing_label(row, at))
        if model is PolicyDocument:
            kind = DocumentKind(row.kind)
            return row.label or document_label(self._name(Provider, row.provider_id, at), kind)
        if model is Section:
            # `row.instance` would read what its foreign keys lead to.
            name = str(Section(prose=row.prose, position=row.position))
            is_known = self._root is Register
            return name if is_known else f"{name} of {self._name(Register, row.register_id, at)}"
        if model is Column:
            return str(Column(label=row.label, key=row.key))
        field: Any = model._meta.get_field(graph.label_field(model))
        return self._value(row, field, at)

    def _listing_label(self, listing: HistoryRow, at: HistoryRow | Review) -> str:
        """Return what a listing was called when `at` was written, as `Listing.__str__` does.

        A listing that had no model any more is called by those removed last.
        """
        key = (listing.id, at.changeset_id)
        if key not in self._listing_labels:
            models = self._in_order(self._parts[ListedModel, listing.id], at)
            self._listing_labels[key] = label_of_row(
                [self._printed(model, at) for model in models],
                () if models else self._first_cell(listing, at),
            )
        return self._listing_labels[key]

    def _first_cell(self, listing: HistoryRow, at: HistoryRow | Review) -> list[str]:
        """Return what a listing had in the first column when `at` was written."""
        columns = self._in_order(self._parts[Column, listing.section_id], at)
        if not columns:
            return []
        if part := _LISTED.get(columns[0].role):
            listed = self._in_order(self._parts[part, listing.id], at)
            return [self._printed(row, at) for row in listed]
        cells = [row for row in self._parts[Cell, listing.id] if row.column_id == columns[0].id]
        return [inline.plain(self._cell_words(cell, at)) for cell in self._in_order(cells, at)]

    def _printed(self, row: HistoryRow, at: HistoryRow | Review) -> str:
        """Return the words that a part of a listing printed: its own, or the name of its record."""
        return inline.plain(getattr(row, "text", "")) or self._name_in_row(model_of(row), row, at)

    @staticmethod
    def _in_order(rows: Iterable[HistoryRow], at: HistoryRow | Review) -> list[HistoryRow]:
        """Return the rows of the parts that stood there when `at` was written, in their order.

        Where there was none any more, they are those removed last.
        """
        newest = {row.id: row for row in rows if row.changeset_id <= at.changeset_id}
        candidates = [row for row in newest.values() if row.history_type != "-"]
        if not candidates:
            last_removal = max((row.changeset_id for row in newest.values()), default=0)
            candidates = [row for row in newest.values() if row.changeset_id == last_removal]
        return sorted(candidates, key=lambda row: (row.position, row.id))

    def _about(self, row: HistoryRow) -> tuple[type[Tracked], Any]:
        """Return the model and key of a row's record, or of the root if the record is a part."""
        model = model_of(row)
        part = graph.part(model)
        if part is None or (pk := getattr(row, f"{part.owner}_id")) is None:
            return model, row.id
        owner_field: Any = model._meta.get_field(part.owner)
        owner = owner_field.related_model
        if graph.part(owner) is None:
            return owner, pk
        # A part of a part, such as a column of a section. Whatever a row refers to is loaded.
        owner_row = self._row(owner, pk, row)
        return self._about(owner_row) if owner_row else (owner, pk)

    # Loading

    def _load(self, rows: Sequence[HistoryRow], reviews: Iterable[Review]) -> None:
        """Load the records that rows and reviews refer to, then those that give these their names.

        Takes one query for each model and step.
        """
        wanted: set[RecordKey] = {review.target for review in reviews}
        shown = {}
        for row in rows:
            wanted.update(_references(row))
            if model_of(row) is Listing:
                shown[row.id] = row
        listings = {pk for model, pk in wanted if model is Listing} | shown.keys()
        if self._root is Listing and len(listings) < 2:
            # No line names the listing that the screen is about, unless a part moved to another.
            self._load_with_names(wanted)
            return
        self._load_with_names(wanted | self._load_parts(ListedModel, "listing_id", listings))
        # Listings that only a mark on one of their cells leads to.
        later = {pk for model, pk in self._named_rows if model is Listing} - listings
        self._load_with_names(self._load_parts(ListedModel, "listing_id", later))
        self._load_first_cells(listings | later, shown)

    def _load_with_names(self, wanted: set[RecordKey]) -> None:
        """Load records, and the records that give them their names, until every name is known."""
        wanted = wanted - self._named_rows.keys()
        while wanted:
            loaded = self._load_records(wanted)
            wanted = set()
            for row in loaded:
                wanted.update(_name_references(row))
            wanted -= self._named_rows.keys()

    def _load_first_cells(self, listings: Iterable[Any], shown: Mapping[Any, HistoryRow]) -> None:
        """Load what is in the first columns, by which listings without a model are called."""
        unnamed = {pk for pk in listings if not self._parts[ListedModel, pk]}
        sections: set[Any] = set()
        for pk in unnamed:
            rows = [*self._named_rows.get((Listing, pk), ()), *filter(None, [shown.get(pk)])]
            sections.update(row.section_id for row in rows)
        wanted = self._load_parts(Column, "section_id", sections)
        for model in (ListedProvider, ListedDocument, Cell):
            wanted |= self._load_parts(model, "listing_id", unnamed)
        self._load_with_names(wanted)

    def _load_parts(self, model: type[Any], owner: str, keys: Collection[Any]) -> set[RecordKey]:
        """Load the parts of some owners; return the records that give the parts their names."""
        wanted: set[RecordKey] = set()
        if not keys:
            return wanted
        for row in self._rows_of_the_time(model, Q(**{f"{owner}__in": keys})):
            self._parts[model, getattr(row, owner)].append(row)
            wanted.update(_name_references(row))
        return wanted

    def _load_records(self, keys: set[RecordKey]) -> list[HistoryRow]:
        """Load the history rows of some records and the names of users; return the rows."""
        keys_by_model: defaultdict[type[Any], set[Any]] = defaultdict(set)
        for model, pk in keys:
            self._named_rows[model, pk] = []
            keys_by_model[model].add(pk)
        if users := keys_by_model.pop(User, None):
            usernames = User.objects.filter(pk__in=users).values_list("pk", "username")
            self._usernames |= dict(usernames)
        loaded = []
        for model, pks in keys_by_model.items():
            loaded += self._rows_of_the_time(model, Q(id__in=pks))
        for row in loaded:
            self._named_rows[model_of(row), row.id].append(row)
        return loaded

    def _rows_of_the_time(self, model: type[Any], condition: Q) -> list[HistoryRow]:
        """Return the rows that say what records were at any of the shown changesets.

        These are all rows in between, and the last row of each record before the first changeset.
        """
        rows = rows_of(model).filter(condition)
        earlier_rows = rows.filter(changeset__lt=self._first_changeset)
        last_before = earlier_rows.values("id").annotate(last=Max("history_id")).values("last")
        between = Q(changeset__gte=self._first_changeset, changeset__lte=self._last_changeset)
        return list(rows.filter(between | Q(history_id__in=last_before)).order_by("history_id"))


def _kind_label(model: type[Model]) -> str:
    part = graph.part(model)
    return part.word if part and part.word else capfirst(str(model._meta.verbose_name))


# The fields that give a record its name, where it is not the label field alone.
_NAME_FIELDS: dict[type[Model], tuple[str, ...]] = {
    PolicyDocument: ("provider",),
    Section: ("register",),
    Cell: ("column", "listing", "term"),
}


def _name_references(row: HistoryRow) -> Iterator[RecordKey]:
    """Give the records from which a row's record takes its name."""
    model = model_of(row)
    names = _NAME_FIELDS.get(model) or (graph.label_field(model),)
    for field in row.tracked_fields:
        if field.name in names and isinstance(field, ForeignKey):
            yield from _target(row, field)


def _references(row: HistoryRow) -> Iterator[RecordKey]:
    """Give the records that the foreign keys of a row lead to."""
    for field in row.tracked_fields:
        if isinstance(field, ForeignKey):
            yield from _target(row, field)


def _target(row: HistoryRow, field: ForeignKey) -> Iterator[RecordKey]:
    pk = getattr(row, field.attname)
    if pk is not None:
        yield field.related_model, pk


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "Yes"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return str(value)
    return ", ".join(country.name for country in value)
