"""History rows as lines to read: old and new values in full, each record called as it was called at the time."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from django.db.models import Field, ForeignKey, Max, Model, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst

from compliance.models import (
    AIModel,
    Citation,
    Footnote,
    ListedModel,
    Listing,
    PolicyDocument,
    Provider,
    Review,
    User,
    graph,
)
from compliance.models.tracked import Tracked
from compliance.page.documents import document_label
from compliance.page.snapshot import DocumentKind
from compliance.rendering.marked_words import MarkedText, marked_words

# A row of a history table; simple-history makes these classes at run time.
HistoryRow = Any


@dataclass(frozen=True)
class HistoryLine:
    """One value before and after; empty where there was or is none."""

    what: str
    before: str
    after: str
    about: tuple[type[Tracked], Any]

    @property
    def address(self) -> str:
        """Where the history stands of the record that this was done to, a part's with its owner's; empty for none."""
        model, pk = self.about
        return (
            ""
            if model is PolicyDocument
            else reverse(f"admin:compliance_{model._meta.model_name}_history", args=[pk])
        )

    @cached_property
    def pieces(self) -> tuple[MarkedText, ...]:
        """Both values as one, word by word."""
        return marked_words(self.before, self.after)

    @property
    def before_pieces(self) -> list[MarkedText]:
        """The value before, with the words that went."""
        return [piece for piece in self.pieces if piece.sign != "+"]

    @property
    def after_pieces(self) -> list[MarkedText]:
        """The value after, with the words that came."""
        return [piece for piece in self.pieces if piece.sign != "-"]


def rows_of(model: Any) -> QuerySet[Any]:
    """Return all history rows of a class, in no order; simple-history puts the manager there at run time."""
    rows: QuerySet[Any] = _history_of(model)._default_manager.order_by()
    return rows


@cache
def _history_of(model: Any) -> Any:
    # Each access to `history` makes a manager class anew: a millisecond, a hundred times a page.
    return model.history.model


class RowReader:
    """Turns history rows into lines; what they refer to is called as it was called at the time."""

    def __init__(
        self,
        rows: Sequence[HistoryRow],
        earlier: Mapping[tuple[type, int], HistoryRow],
        *,
        root: type[Tracked] | None,
        reviews: Sequence[Review] = (),
    ) -> None:
        self._root, self._earlier = root, earlier
        self._named: dict[tuple[type, Any], list[HistoryRow]] = {}
        self._models: defaultdict[Any, list[HistoryRow]] = defaultdict(list)
        self._first_models: dict[tuple[Any, int], str] = {}
        self._people: dict[Any, str] = {}
        moments = [row.changeset_id for row in (*rows, *earlier.values(), *reviews)]
        self._first, self._last = min(moments, default=0), max(moments, default=0)
        self._load([*rows, *earlier.values()], reviews)

    def _load(self, rows: Sequence[HistoryRow], reviews: Iterable[Review]) -> None:
        """Read what the rows and reviews refer to, a query a class, and then what those are called by."""
        wanted = {reference for row in rows for reference in _references(row)}
        wanted |= {review.target for review in reviews}
        listed = self._load_listed_models(rows)
        wanted |= {reference for row in listed for reference in _called_by(row)}
        while wanted:
            by_model: defaultdict[type[Any], set[Any]] = defaultdict(set)
            for model, pk in wanted:
                self._named[(model, pk)] = []
                by_model[model].add(pk)
            if people := by_model.pop(User, None):
                self._people |= dict(
                    User.objects.filter(pk__in=people).values_list("pk", "username")
                )
            found = [
                row for model, pks in by_model.items() for row in self._known(model, Q(id__in=pks))
            ]
            for row in found:
                self._named[(model_of(row), row.id)].append(row)
            wanted = {
                reference for row in found for reference in _called_by(row)
            } - self._named.keys()

    def _load_listed_models(self, rows: Iterable[HistoryRow]) -> list[HistoryRow]:
        """Read the models of the listings that need a name; who looks at one listing does not."""
        if self._root is Listing:
            return []
        listings = {row.id for row in rows if model_of(row) is Listing}
        listings |= {pk for row in rows for model, pk in _references(row) if model is Listing}
        found = self._known(ListedModel, Q(listing_id__in=listings)) if listings else []
        for row in found:
            self._models[row.listing_id].append(row)
        return found

    def _known(self, model: type[Any], which: Q) -> list[HistoryRow]:
        """Return what some records were at any of the moments: their rows in between, and each one's last before."""
        rows = rows_of(model).filter(which)
        before = (
            rows.filter(changeset__lt=self._first)
            .values("id")
            .annotate(last=Max("history_id"))
            .values("last")
        )
        between = Q(changeset__gte=self._first, changeset__lte=self._last)
        return list(rows.filter(between | Q(history_id__in=before)).order_by("history_id"))

    def name(self, row: HistoryRow) -> str:
        """Return what the record of a row was called when it was written."""
        return capfirst(self._own_name(model_of(row), row, row))

    def reviewed(self, review: Review) -> HistoryLine:
        """Return that a record was looked at again."""
        model, pk = review.target
        word = _word(model)
        what = (
            "Reviewed"
            if model is self._root
            else f"{word}, {self._name(model, pk, review)}: reviewed"
        )
        return HistoryLine(what, "", "Nothing to change", (model, pk))

    def of(self, row: HistoryRow) -> list[HistoryLine]:
        """Return what a row changed."""
        model = model_of(row)
        before = self._earlier.get((model, row.earlier)) if row.history_type != "+" else None
        after = row if row.history_type != "-" else None
        if model is Citation:
            return self._citation(before, after)
        lines = []
        for field in row.tracked_fields:
            if (
                field.primary_key
                or self._goes_without_saying(row, field)
                or _is_as_it_was(before, field, after)
            ):
                continue
            values = self._value(before, field, row, was=True), self._value(after, field, row)
            line = HistoryLine(self._what(row, field), *values, _about(row))
            if line.before != line.after:
                lines.append(line)
        return lines

    def _goes_without_saying(self, row: HistoryRow, field: Field) -> bool:
        """Return whether a line would only say whose part a row is, or how a new or deleted part began."""
        model = model_of(row)
        part = graph.part(model)
        if part and field.name == part.owner:
            return bool(row.history_type != "~")  # a part that moved says where from and where to
        as_it_began = field.name == "position" or getattr(row, field.attname) == field.get_default()
        return (
            bool(part and part.word)
            and row.history_type != "~"
            and field.name != graph.label_field(model)
            and as_it_began
        )

    def _what(self, row: HistoryRow, field: Field) -> str:
        """Return what a field of a row is called: its label, with the part or record that it belongs to."""
        model, label = model_of(row), str(field.verbose_name)
        if model is self._root:
            return capfirst(label)
        word = f"{_word(model)}{self._where(row)}"
        if graph.part(model) and field.name == graph.label_field(model):
            return word
        return f"{word}, {self._own_name(model, row, row)}: {label}"

    def _where(self, row: HistoryRow) -> str:
        """Return the listing of a part, where the reader is not looking at it already."""
        part = graph.part(model_of(row))
        if self._root is not Listing and part in graph.parts_of(Listing):
            return f" in {self._name(Listing, row.listing_id, row)}"
        return ""

    def _citation(self, before: HistoryRow | None, after: HistoryRow | None) -> list[HistoryLine]:
        """Return a citation as a line: the marked thing and the note's number; as two where it came to mark another."""
        if before and after and self._marked(before) != self._marked(after):
            return [*self._citation(before, None), *self._citation(None, after)]
        row: HistoryRow = after or before
        marked = self._marked(row)
        if self._root is Footnote:
            return [
                HistoryLine("Marks", marked if before else "", marked if after else "", _about(row))
            ]
        number = self._name(Footnote, row.footnote_id, row)
        return [
            HistoryLine(
                f"Footnote on {marked}",
                number if before else "",
                number if after else "",
                _about(row),
            )
        ]

    def _marked(self, row: HistoryRow) -> str:
        if row.listing_id:
            return f"{row.get_cell_display().lower()} of {self._name(Listing, row.listing_id, row)}"
        for part in graph.parts_of(Listing):
            if pk := getattr(row, f"{part.cited_as}_id"):
                return self._name(part.model, pk, row)
        if row.provider_id:
            return f"{self._name(Provider, row.provider_id, row)}, wherever it is listed"
        return f"{self._name(AIModel, row.model_id, row)}, wherever it is listed"

    def _value(
        self, row: HistoryRow | None, field: Field, at: HistoryRow, *, was: bool = False
    ) -> str:
        if row is None:
            return ""
        value = getattr(row, field.attname)
        if isinstance(field, ForeignKey):
            return (
                "" if value is None else self._name(field.related_model, value, row if was else at)
            )
        if field.flatchoices and value:  # countries have choices, and none of these
            return str(dict(field.flatchoices).get(value, value))
        return _text(value)

    def _name(self, model: type[Model], pk: Any, at: HistoryRow) -> str:
        """Return what a record was called when a row was written; a person keeps the name."""
        if model is User:
            return self._people.get(pk, str(pk))
        rows = self._named.get((model, pk), [])
        known = [row for row in rows if row.changeset_id <= at.changeset_id] or rows
        return self._own_name(model, known[-1], at) if known else str(pk)

    def _own_name(self, model: type[Model], row: HistoryRow, at: HistoryRow) -> str:
        if model is Listing:
            return f"listing at {row.position}{self._firstmodel_of(row.id, at)}"
        if model is PolicyDocument:
            return row.label or document_label(
                self._name(Provider, row.provider_id, at), DocumentKind(row.kind)
            )
        field: Any = model._meta.get_field(graph.label_field(model))
        return self._value(row, field, at)

    def _firstmodel_of(self, listing_pk: Any, at: HistoryRow) -> str:
        """Return the model that stood first in a listing after a changeset, or before it where none stands after."""
        key = (listing_pk, at.changeset_id)
        if key not in self._first_models:
            newest = {
                row.id: row
                for row in self._models[listing_pk]
                if row.changeset_id <= at.changeset_id
            }
            last = max((row.changeset_id for row in newest.values()), default=0)
            gone = [row for row in newest.values() if row.changeset_id == last]
            standing = [row for row in newest.values() if row.history_type != "-"] or gone
            first = min(standing, key=lambda row: (row.position, row.id), default=None)
            self._first_models[key] = (
                f" ({self._name(AIModel, first.model_id, at)}, …)" if first else ""
            )
        return self._first_models[key]


def _word(model: type[Model]) -> str:
    part = graph.part(model)
    return part.word if part and part.word else capfirst(str(model._meta.verbose_name))


def model_of(row: HistoryRow) -> type[Tracked]:
    model: type[Tracked] = row.instance_type
    return model


def _is_as_it_was(before: HistoryRow | None, field: Field, after: HistoryRow | None) -> bool:
    """Return whether a value stayed; what it leads to may be called otherwise now."""
    return bool(
        before and after and getattr(before, field.attname) == getattr(after, field.attname)
    )


def _about(row: HistoryRow) -> tuple[type[Tracked], Any]:
    """Return the record that a row tells of, the owner of a part."""
    model = model_of(row)
    part = graph.part(model)
    if part is None or (pk := getattr(row, f"{part.owner}_id")) is None:
        return model, row.id
    owned_by: Any = model._meta.get_field(part.owner)
    return owned_by.related_model, pk


def _called_by(row: HistoryRow) -> Iterator[tuple[type[Model], Any]]:
    """Give what a row's record takes its name from."""
    model = model_of(row)
    named_by = "provider" if model is PolicyDocument else graph.label_field(model)
    for field in row.tracked_fields:
        if (
            field.name == named_by
            and isinstance(field, ForeignKey)
            and (pk := getattr(row, field.attname)) is not None
        ):
            yield field.related_model, pk


def _references(row: HistoryRow) -> Iterator[tuple[type[Model], Any]]:
    """Give what a row refers to."""
    for field in row.tracked_fields:
        if isinstance(field, ForeignKey) and (pk := getattr(row, field.attname)) is not None:
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
