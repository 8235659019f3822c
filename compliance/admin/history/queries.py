"""What was done to records and their parts, by changeset: how it is asked for and read."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from compliance.admin.history.rows import HistoryLine, HistoryRow, RowReader, model_of, rows_of
from compliance.models import (
    Changeset,
    Citation,
    Listing,
    PolicyDocument,
    Provider,
    RetentionTerm,
    Review,
    graph,
)
from compliance.models.tracked import Tracked


@dataclass(frozen=True)
class ChangesetEntry:
    """What one changeset did; `hidden` rows beside are not told."""

    changeset: Changeset
    lines: tuple[HistoryLine, ...]
    hidden: int = 0


# Which rows of each class's history are asked for.
Histories = Mapping[type[Tracked], Q]
# What is reviewed, and the field of a review that leads to it.
_REVIEWED: dict[type[Tracked], str] = {
    Provider: "provider",
    RetentionTerm: "term",
    PolicyDocument: "document",
}


def entries_of_record(model: type[Tracked], pk: Any, *, after: int = 0) -> list[ChangesetEntry]:
    """Return what was done to a record and its parts after a changeset, the deleted ones included, latest first."""
    histories = histories_of(model, [pk])
    changesets = Changeset.objects.filter(changesets_touching(histories), pk__gt=after)
    return read_entries(histories, list(changesets), root=model)


def lines_of_changeset(changeset: Changeset) -> list[HistoryLine]:
    """Return all that a changeset did."""
    [act] = read_entries(histories_of_everything(), [changeset])
    return list(act.lines)


def entries_since(record: Tracked, number: int) -> list[ChangesetEntry]:
    """Return what was done to a record and its parts after a changeset."""
    return entries_of_record(type(record), record.pk, after=number)


def last_changeset_number(model: type[Tracked], pk: Any) -> int:
    """Return the number of the last changeset that touched a record or its parts; 0 where none did."""
    histories = histories_of(model, [pk])
    first, *others = [
        rows_of(model).filter(which).values("changeset_id") for model, which in histories.items()
    ]
    last = (
        first.union(*others).order_by("-changeset_id").first()
        if others
        else first.order_by("-changeset_id").first()
    )
    return last["changeset_id"] if last else 0


def editor_name(changeset: Changeset) -> str:
    """Return who edited; a name that is no account's says so, because an account may have the same."""
    return changeset.label if changeset.by_id else f"{changeset.label} (command line)"


def deleted_rows(model: type[Tracked]) -> QuerySet[Any]:
    """Return the last history row of each deleted record, the latest first."""
    standing = model.objects.values("pk")
    gone = rows_of(model).filter(history_type="-").exclude(id__in=standing)
    return gone.select_related("changeset").order_by("-history_id")


def names_at_the_time(rows: Iterable[HistoryRow]) -> list[str]:
    """Return what the records of some history rows were called when the rows were written."""
    rows = list(rows)
    reader = RowReader(rows, {}, root=None)
    return [reader.name(row) for row in rows]


def histories_of(model: type[Tracked], pks: Any) -> dict[type[Tracked], Q]:
    """Return which rows tell of some records, given by keys or a query for these, and of all parts that they had."""
    histories = {model: Q(id__in=pks)}
    for part in graph.parts_of(model):
        histories[part.model] = whole_history_of(part.model, Q(**{f"{part.owner}__in": pks}))
    if model is Listing:
        marked = (
            Q(**{f"{part.cited_as}__in": _keys(part.model, histories[part.model])})
            for part in graph.parts_of(Listing)
        )
        histories[Citation] = reduce(or_, marked, Q(listing__in=pks))
    return histories


def histories_of_everything() -> dict[type[Tracked], Q]:
    """Return that all rows are asked for."""
    models = apps.get_app_config("compliance").get_models()
    return {model: Q() for model in models if issubclass(model, Tracked)}


def whole_history_of(model: type[Tracked], which: Q) -> Q:
    """Return the whole history of the records that fulfilled a condition at any time: they may have moved since."""
    return Q(id__in=_keys(model, which))


def _keys(model: type[Tracked], which: Q) -> QuerySet[Any]:
    return rows_of(model).filter(which).values("id")


def changesets_touching(histories: Histories) -> Q:
    """Return which changesets wrote some rows, or record a review of what they tell of."""
    written = [
        Q(pk__in=rows_of(model).filter(which).values("changeset"))
        for model, which in histories.items()
    ]
    return reduce(
        or_, [*written, *(Q(pk__in=each.values("changeset")) for each in _reviews(histories))]
    )


def _reviews(histories: Histories) -> list[QuerySet[Review]]:
    """Return the reviews of the records that some histories tell of; where none of them is reviewed, no query."""
    keys = {
        field: _keys(model, histories[model])
        for model, field in _REVIEWED.items()
        if model in histories
    }
    which = [Q(**{f"{field}__in": each}) for field, each in keys.items()]
    return [Review.objects.filter(reduce(or_, which))] if which else []


def read_entries(
    histories: Histories,
    changesets: Sequence[Changeset],
    *,
    root: type[Tracked] | None = None,
    most: int | None = None,
) -> list[ChangesetEntry]:
    """Return what some changesets did in some histories, in their order, in so many queries however much it is.

    `root` is the class of the one record that the reader looks at, whose name goes without saying. Of more than
    `most` rows of a class in a changeset, the first are told.
    """
    rows: list[HistoryRow] = []
    hidden: Counter[int] = Counter()
    for model, which in histories.items():
        found = list(_rows_in(model, which, changesets, most))
        rows += found
        hidden.update(
            {row.changeset_id: row.written - most for row in found if most and row.place == most}
        )
    reviews = [
        review for each in _reviews(histories) for review in each.filter(changeset__in=changesets)
    ]
    reader = RowReader(rows, _earlier(rows), root=root, reviews=reviews)
    lines: defaultdict[int, list[HistoryLine]] = defaultdict(list)
    for row in rows:
        lines[row.changeset_id] += reader.of(row)
    for review in reviews:
        lines[review.changeset_id].append(reader.reviewed(review))
    return [ChangesetEntry(each, tuple(lines[each.pk]), hidden[each.pk]) for each in changesets]


def _rows_in(
    model: type[Tracked], which: Q, changesets: Sequence[Changeset], most: int | None
) -> QuerySet[Any]:
    """Return the rows of some changesets, each with the key of the row before it of the same record."""
    rows: QuerySet[Any] = rows_of(model).filter(
        which, changeset__in=[each.pk for each in changesets]
    )
    rows = rows.annotate(
        earlier=Subquery(_others(model, history_id__lt=OuterRef("history_id"), last=True))
    )
    if most:
        rows = rows.annotate(
            place=Window(RowNumber(), partition_by="changeset_id", order_by="history_id"),
            written=Window(Count("history_id"), partition_by="changeset_id"),
        ).filter(place__lte=most)
    return rows.order_by("history_id")


def _others(model: type[Tracked], *, last: bool = False, **bounds: Any) -> QuerySet[Any]:
    """Return, in a query about a row, the key of the last or first one of the same record within bounds."""
    rows = (
        rows_of(model)
        .filter(id=OuterRef("id"), **bounds)
        .order_by("-history_id" if last else "history_id")
    )
    return rows.values("history_id")[:1]


def with_next_rows(model: type[Tracked], which: Q) -> Q:
    """Return some rows and the next one of each record: that which ended what they say."""
    said = rows_of(model).filter(which)
    later = said.annotate(later=Subquery(_others(model, history_id__gt=OuterRef("history_id"))))
    return which | Q(history_id__in=later.values("later"))


def _earlier(rows: Iterable[HistoryRow]) -> dict[tuple[type, int], HistoryRow]:
    """Return the rows before some rows, by class and key, in a query a class."""
    wanted: defaultdict[type[Tracked], set[int]] = defaultdict(set)
    for row in rows:
        if row.earlier is not None and row.history_type != "+":
            wanted[model_of(row)].add(row.earlier)
    found = (rows_of(model).filter(history_id__in=keys) for model, keys in wanted.items())
    return {(model_of(row), row.history_id): row for row in chain.from_iterable(found)}
