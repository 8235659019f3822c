"""What was done to a record and its parts, with old and new values in full, as plain lines to read."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, Q, QuerySet
from django.utils.text import capfirst

from compliance import wording
from compliance.models import (
    AIModel,
    Changeset,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionClause,
    RetentionTerm,
)
from compliance.models.tracked import Tracked
from compliance.snapshot import DocumentKind

# A row of a history table; simple-history makes these classes at run time.
Row = Any


@dataclass(frozen=True)
class Line:
    """One value before and after; empty where there was or is none."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Act:
    """What one changeset did."""

    changeset: Changeset
    lines: tuple[Line, ...]


# The parts of each aggregate: a part's class, and the field that says whose part it is.
_PARTS: dict[type[Tracked], tuple[tuple[type[Tracked], str], ...]] = {
    Provider: ((PolicyDocument, "provider"),),
    RetentionTerm: ((RetentionClause, "term"),),
    Footnote: ((Citation, "footnote"),),
    Listing: ((ListedModel, "listing"), (ListedProvider, "listing"), (ListedDocument, "listing")),
}
_OWNERS = frozenset(part for parts in _PARTS.values() for part in parts)
# What a record is called by: a field of its own, or the record that a field leads to.
_NAMED_BY: dict[type[Model], str] = {
    Register: "title",
    RetentionTerm: "wording",
    RetentionClause: "data_class",
    Provider: "name",
    AIModel: "name",
    Footnote: "position",
    ListedModel: "model",
    ListedProvider: "provider",
    ListedDocument: "document",
}
_CITED_AS: dict[type[Tracked], str] = {
    ListedModel: "listed_model",
    ListedProvider: "listed_provider",
    ListedDocument: "listed_document",
}
_WORDS: dict[type[Model], str] = {
    ListedModel: "Model",
    ListedProvider: "Provider",
    ListedDocument: "Document",
    PolicyDocument: "Document",
    RetentionClause: "Clause",
}


def of(model: type[Tracked], pk: Any) -> list[Act]:
    """Return what was done to a record and its parts, the deleted ones included, the latest first."""
    rows: list[Row] = []
    for history in _histories(model, pk):
        rows += history.select_related("changeset").order_by("history_id")
    lines = _Reader(rows, root=model)
    acts: dict[int, list[Line]] = defaultdict(list)
    changesets = {row.changeset_id: row.changeset for row in rows}
    for row in rows:
        acts[row.changeset_id] += lines.of(row)
    return [Act(changesets[pk], tuple(acts[pk])) for pk in sorted(acts, reverse=True)]


def of_changeset(changeset: Changeset) -> list[Line]:
    """Return all that a changeset did."""
    rows: list[Row] = []
    done: list[Row] = []
    for model in _tracked_models():
        own = _rows(model).filter(changeset=changeset)
        history = list(_rows(model).filter(id__in=own.values("id"), changeset__lte=changeset).order_by("history_id"))
        rows += history
        done += [row for row in history if row.changeset_id == changeset.pk]
    reader = _Reader(rows, root=None)
    return [line for row in done for line in reader.of(row)]


def version(record: Tracked) -> int:
    """Return the number of the last changeset that touched a record or its parts; 0 where none did."""
    first, *others = [history.order_by().values("changeset_id") for history in _histories(type(record), record.pk)]
    last = first.union(*others).order_by("-changeset_id").first() if others else first.order_by("-changeset_id").first()
    return last["changeset_id"] if last else 0


def who(changeset: Changeset) -> str:
    """Return who edited; a name that is no account's says so, because an account may have the same."""
    return changeset.label if changeset.by_id else f"{changeset.label} (command line)"


def since(record: Tracked, number: int) -> list[Act]:
    """Return what was done to a record and its parts after a changeset."""
    return [act for act in of(type(record), record.pk) if act.changeset.pk > number]


def deleted(model: type[Tracked]) -> QuerySet[Any]:
    """Return the last history row of each deleted record, the latest first."""
    standing = model.objects.values("pk")
    return _rows(model).filter(history_type="-").exclude(id__in=standing).select_related("changeset")


def names(rows: Iterable[Row]) -> list[str]:
    """Return what the records of some history rows were called when the rows were written."""
    rows = list(rows)
    reader = _Reader(rows, root=None)
    return [reader.name(row) for row in rows]


def _rows(model: Any) -> QuerySet[Any]:
    """Return all history rows of a class; simple-history puts the manager there at run time."""
    rows: QuerySet[Any] = model.history.all()
    return rows


def _tracked_models() -> Iterator[type[Tracked]]:
    return (model for model in apps.get_app_config("compliance").get_models() if issubclass(model, Tracked))


def _histories(model: type[Tracked], pk: Any) -> list[QuerySet[Any]]:
    """Return the history rows of a record and of every part that it ever had, a queryset a class."""
    histories = [_rows(model).filter(id=pk)]
    for part, owner in _PARTS.get(model, ()):
        ever = _rows(part).filter(**{f"{owner}_id": pk}).values("id")
        histories.append(_rows(part).filter(id__in=ever))
    if model is Listing:
        histories.append(_citations_in(pk))
    return histories


def _citations_in(listing_pk: Any) -> QuerySet[Any]:
    """Return the history rows of the citations that ever marked something in a listing."""
    marked = Q(listing_id=listing_pk)
    for part, owner in _PARTS[Listing]:
        ever = _rows(part).filter(**{f"{owner}_id": listing_pk}).values("id")
        marked |= Q(**{f"{_CITED_AS[part]}_id__in": ever})
    return _rows(Citation).filter(marked)


class _Reader:
    """Turns history rows into lines; what they refer to is called as it was called at the time."""

    def __init__(self, rows: Sequence[Row], *, root: type[Tracked] | None) -> None:
        self._root = root
        self._before: dict[tuple[type, int], Row | None] = {}
        self._named: dict[tuple[type, Any], list[Row]] = defaultdict(list)
        self._models: dict[Any, list[Row]] = defaultdict(list)
        self._first_models: dict[tuple[Any, int], str] = {}
        newest: dict[tuple[type, Any], Row] = {}
        for row in rows:
            key = (_model(row), row.id)
            self._before[(key[0], row.history_id)] = newest.get(key)
            newest[key] = row
            self._named[key].append(row)
        self._load(rows)

    def _load(self, rows: Iterable[Row]) -> None:
        """Read what the rows refer to, a query a class, and then what those are called by."""
        rows = [*rows, *self._load_listed_models(rows)]
        wanted = {reference for row in rows for reference in _references(row)} - self._named.keys()
        while wanted:
            found: list[Row] = []
            by_model: dict[type[Any], set[Any]] = defaultdict(set)
            for model, pk in wanted:
                self._named[(model, pk)] = []
                by_model[model].add(pk)
            for model, pks in by_model.items():
                found += _rows(model).filter(id__in=pks).order_by("history_id")
            for row in found:
                self._named[(_model(row), row.id)].append(row)
            wanted = {reference for row in found for reference in _references(row)} - self._named.keys()

    def _load_listed_models(self, rows: Iterable[Row]) -> list[Row]:
        """Read the models of the listings that need a name; who looks at one listing does not."""
        if self._root is Listing:
            return []
        listings = {row.id for row in rows if _model(row) is Listing}
        listings |= {pk for row in rows for model, pk in _references(row) if model is Listing}
        found = list(_rows(ListedModel).filter(listing_id__in=listings).order_by("history_id")) if listings else []
        for row in found:
            self._models[row.listing_id].append(row)
        return found

    def name(self, row: Row) -> str:
        """Return what the record of a row was called when it was written."""
        return capfirst(self._own_name(_model(row), row, row))

    def of(self, row: Row) -> list[Line]:
        """Return what a row changed."""
        model = _model(row)
        before = self._before[(model, row.history_id)] if row.history_type != "+" else None
        after = row if row.history_type != "-" else None
        if model is Citation:
            return self._citation(before, after)
        lines = []
        for field in row.tracked_fields:
            if field.primary_key or self._goes_without_saying(row, field):
                continue
            line = Line(
                self._what(row, field), self._value(before, field, row, was=True), self._value(after, field, row)
            )
            if line.before != line.after:
                lines.append(line)
        return lines

    def _goes_without_saying(self, row: Row, field: Field) -> bool:
        """Return whether a line would only say whose part a row is, or how a new or deleted part began."""
        model = _model(row)
        if (model, field.name) in _OWNERS:
            return bool(row.history_type != "~")  # a part that moved says where from and where to
        as_it_began = field.name == "position" or getattr(row, field.attname) == field.get_default()
        return model in _WORDS and row.history_type != "~" and field.name != _NAMED_BY.get(model) and as_it_began

    def _what(self, row: Row, field: Field) -> str:
        """Return what a field of a row is called: its label, with the part or record that it belongs to."""
        model, label = _model(row), str(field.verbose_name)
        if model is self._root:
            return capfirst(label)
        word = f"{_WORDS.get(model) or capfirst(model._meta.verbose_name)}{self._where(row)}"
        if model in _WORDS and field.name == _NAMED_BY.get(model):
            return word
        return f"{word}, {self._own_name(model, row, row)}: {label}"

    def _where(self, row: Row) -> str:
        """Return the listing of a part, where the reader is not looking at it already."""
        if self._root is None and _model(row) in (ListedModel, ListedProvider, ListedDocument):
            return f" in {self._name(Listing, row.listing_id, row)}"
        return ""

    def _citation(self, before: Row | None, after: Row | None) -> list[Line]:
        """Return a citation as one line: the marked thing and the note's number."""
        row: Row = after or before
        marked = self._marked(row)
        if self._root is Footnote:
            return [Line("Marks", marked if before else "", marked if after else "")]
        number = self._name(Footnote, row.footnote_id, row)
        return [Line(f"Footnote on {marked}", number if before else "", number if after else "")]

    def _marked(self, row: Row) -> str:
        if row.listing_id:
            return f"{row.get_cell_display().lower()} of {self._name(Listing, row.listing_id, row)}"
        for model, field in _CITED_AS.items():
            if pk := getattr(row, f"{field}_id"):
                return self._name(model, pk, row)
        if row.provider_id:
            return f"{self._name(Provider, row.provider_id, row)}, wherever it is listed"
        return f"{self._name(AIModel, row.model_id, row)}, wherever it is listed"

    def _value(self, row: Row | None, field: Field, at: Row, *, was: bool = False) -> str:
        if row is None:
            return ""
        value = getattr(row, field.attname)
        if isinstance(field, ForeignKey):
            return "" if value is None else self._name(field.related_model, value, row if was else at)
        if field.choices and value:
            return str(dict(field.flatchoices).get(value, value))
        return _text(value)

    def _name(self, model: type[Model], pk: Any, at: Row) -> str:
        """Return what a record was called when a row was written."""
        rows = self._named[(model, pk)]
        known = [row for row in rows if row.changeset_id <= at.changeset_id] or rows
        return self._own_name(model, known[-1], at) if known else str(pk)

    def _own_name(self, model: type[Model], row: Row, at: Row) -> str:
        if model is Listing:
            return f"listing at {row.position}{self._first_model(row.id, at)}"
        if model is PolicyDocument:
            return row.label or wording.document_label(
                self._name(Provider, row.provider_id, at), DocumentKind(row.kind)
            )
        field: Any = model._meta.get_field(_NAMED_BY[model])
        return self._value(row, field, at)

    def _first_model(self, listing_pk: Any, at: Row) -> str:
        """Return the model that stood first in a listing after a changeset, or before it where none stands after."""
        key = (listing_pk, at.changeset_id)
        if key not in self._first_models:
            newest = {row.id: row for row in self._models[listing_pk] if row.changeset_id <= at.changeset_id}
            last = max((row.changeset_id for row in newest.values()), default=0)
            gone = [row for row in newest.values() if row.changeset_id == last]
            standing = [row for row in newest.values() if row.history_type != "-"] or gone
            first = min(standing, key=lambda row: (row.position, row.id), default=None)
            self._first_models[key] = f" ({self._name(AIModel, first.model_id, at)}, …)" if first else ""
        return self._first_models[key]


def _model(row: Row) -> type[Tracked]:
    model: type[Tracked] = row.instance_type
    return model


def _references(row: Row) -> Iterator[tuple[type[Model], Any]]:
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
