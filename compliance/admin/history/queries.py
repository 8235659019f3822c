"""Reads from the history tables what changesets did to records and their parts."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from compliance.admin.history.accounts import account_lines
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
    """What one changeset did, as lines; `hidden` counts the history rows that are left out."""

    changeset: Changeset
    lines: tuple[HistoryLine, ...]
    hidden: int = 0


# A condition on the history rows of each model; models that are missing have no row.
Histories = Mapping[type[Tracked], Q]

# The models that are reviewed, with the field of a review that leads to the record.
_REVIEW_FIELDS: dict[type[Tracked], str] = {
    Provider: "provider",
    RetentionTerm: "term",
    PolicyDocument: "document",
}


# What was done


def entries_of_record(model: type[Tracked], pk: Any, *, after: int = 0) -> list[ChangesetEntry]:
    """Return what was done to a record and its parts, latest first, deleted parts included.

    Only changesets with a number above `after` are returned.
    """
    histories = histories_of(model, [pk])
    changesets = Changeset.objects.filter(changesets_touching(histories), pk__gt=after)
    return read_entries(histories, list(changesets), root=model)


def entries_since(record: Tracked, changeset: int) -> list[ChangesetEntry]:
    """Return what was done to a record and its parts after a changeset, latest first."""
    return entries_of_record(type(record), record.pk, after=changeset)


def lines_of_changeset(changeset: Changeset) -> list[HistoryLine]:
    """Return all lines of a changeset."""
    [entry] = read_entries(histories_of_everything(), [changeset])
    return list(entry.lines)


def read_entries(
    histories: Histories,
    changesets: Sequence[Changeset],
    *,
    root: type[Tracked] | None = None,
    most: int | None = None,
) -> list[ChangesetEntry]:
    """Return what changesets did in some histories, in the order of the changesets.

    `root` is the model of the one record that the screen is about; its name is left out of the
    lines. At most `most` rows of each model are read for one changeset. The number of queries does
    not grow with the number of changesets or rows.
    """
    rows: list[HistoryRow] = []
    hidden: Counter[int] = Counter()
    for model, condition in histories.items():
        for row in _rows_in(model, condition, changesets, most):
            rows.append(row)
            if most and row.place == most:  # the last row that is shown knows how many there are
                hidden[row.changeset_id] += row.written - most
    reviews = list(_reviews_in(histories).filter(changeset__in=changesets))
    reader = RowReader(rows, _previous_rows(rows), root=root, reviews=reviews)
    lines: defaultdict[int, list[HistoryLine]] = defaultdict(list)
    for row in rows:
        lines[row.changeset_id] += reader.lines_of(row)
    for review in reviews:
        lines[review.changeset_id].append(reader.review_line(review))
    for number, of_accounts in account_lines(changesets).items():
        lines[number] += of_accounts
    return [
        ChangesetEntry(changeset, tuple(lines[changeset.pk]), hidden[changeset.pk])
        for changeset in changesets
    ]


def last_changeset_number(model: type[Tracked], pk: Any) -> int:
    """Return the number of the last changeset that touched a record or its parts; 0 if none did."""
    histories = histories_of(model, [pk])
    first, *others = [
        rows_of(model).filter(condition).values("changeset_id")
        for model, condition in histories.items()
    ]
    rows = first.union(*others) if others else first
    last_row = rows.order_by("-changeset_id").first()
    return last_row["changeset_id"] if last_row else 0


def editor_name(changeset: Changeset) -> str:
    """Return who edited.

    A user of the operating system is marked as such, since an account may have the same name.
    """
    return changeset.label if changeset.by_id else f"{changeset.label} (command line)"


# Deleted records


def deleted_rows(model: type[Tracked]) -> QuerySet[Any]:
    """Return the last history row of each deleted record, latest first."""
    existing = model.objects.values("pk")
    deletions = rows_of(model).filter(history_type="-").exclude(id__in=existing)
    return deletions.select_related("changeset").order_by("-history_id")


def names_at_the_time(rows: Iterable[HistoryRow]) -> list[str]:
    """Return the names that the records of history rows had when the rows were written."""
    rows = list(rows)
    reader = RowReader(rows, {}, root=None)
    return [reader.name_of(row) for row in rows]


# Which rows belong to what


def histories_of(model: type[Tracked], pks: Any) -> dict[type[Tracked], Q]:
    """Return the rows of records and of all parts that they ever had, and their citations.

    `pks` is a list of primary keys or a query for them.
    """
    histories = {model: Q(id__in=pks)}
    _add_parts(histories, graph.parts_of(model), pks)
    if model is Listing:
        is_cited = Q()
        for part in graph.parts_of(Listing):
            keys = _record_keys(part.model, histories[part.model])
            is_cited |= Q(**{f"{part.cited_as}__in": keys})
        histories[Citation] = is_cited
    return histories


def _add_parts(histories: dict[type[Tracked], Q], parts: Iterable[graph.Part], pks: Any) -> None:
    """Add the rows of all parts that some records ever had, and of the parts of these."""
    for part in parts:
        histories[part.model] = whole_history_of(part.model, Q(**{f"{part.owner}__in": pks}))
        _add_parts(histories, part.parts, _record_keys(part.model, histories[part.model]))


def histories_of_everything() -> dict[type[Tracked], Q]:
    """Return all rows of all tracked models."""
    models = apps.get_app_config("compliance").get_models()
    return {model: Q() for model in models if issubclass(model, Tracked)}


def whole_history_of(model: type[Tracked], condition: Q) -> Q:
    """Return all rows of the records of which any row ever met a condition."""
    return Q(id__in=_record_keys(model, condition))


def with_next_rows(model: type[Tracked], condition: Q) -> Q:
    """Return the rows that meet a condition and the next row of each record, which ended it."""
    next_row = _neighbour(model, "history_id", history_id__gt=OuterRef("history_id"))
    rows = rows_of(model).filter(condition).annotate(next_row=Subquery(next_row))
    return condition | Q(history_id__in=rows.values("next_row"))


def changesets_touching(histories: Histories) -> Q:
    """Return the changesets that wrote some rows or recorded a review of their records."""
    conditions = [
        Q(pk__in=rows_of(model).filter(condition).values("changeset"))
        for model, condition in histories.items()
    ]
    conditions.append(Q(pk__in=_reviews_in(histories).values("changeset")))
    return reduce(or_, conditions)


def _record_keys(model: type[Tracked], condition: Q) -> QuerySet[Any]:
    return rows_of(model).filter(condition).values("id")


def _reviews_in(histories: Histories) -> QuerySet[Review]:
    """Return the reviews of the records whose history is asked for, without a query if none can."""
    conditions = [
        Q(**{f"{field}__in": _record_keys(model, histories[model])})
        for model, field in _REVIEW_FIELDS.items()
        if model in histories
    ]
    if not conditions:
        return Review.objects.none()
    return Review.objects.filter(reduce(or_, conditions))


def _rows_in(
    model: type[Tracked], condition: Q, changesets: Sequence[Changeset], most: int | None
) -> QuerySet[Any]:
    """Return the rows that changesets wrote, oldest first.

    Each has as `previous_row` the key of the row before it of the same record, and, if `most` is
    given, its `place` in its changeset and the number of rows `written` there.
    """
    numbers = [changeset.pk for changeset in changesets]
    previous_row = _neighbour(model, "-history_id", history_id__lt=OuterRef("history_id"))
    rows: QuerySet[Any] = (
        rows_of(model)
        .filter(condition, changeset__in=numbers)
        .annotate(previous_row=Subquery(previous_row))
    )
    if most:
        rows = rows.annotate(
            place=Window(RowNumber(), partition_by="changeset_id", order_by="history_id"),
            written=Window(Count("history_id"), partition_by="changeset_id"),
        ).filter(place__lte=most)
    return rows.order_by("history_id")


def _neighbour(model: type[Tracked], order: str, **bounds: Any) -> QuerySet[Any]:
    """Return a subquery for the key of the first other row of the same record within bounds."""
    rows = rows_of(model).filter(id=OuterRef("id"), **bounds).order_by(order)
    return rows.values("history_id")[:1]


def _previous_rows(rows: Iterable[HistoryRow]) -> dict[tuple[type, int], HistoryRow]:
    """Return the rows before some rows, by model and history key; one query for each model."""
    keys_by_model: defaultdict[type[Tracked], set[int]] = defaultdict(set)
    for row in rows:
        if row.previous_row is not None and row.history_type != "+":
            keys_by_model[model_of(row)].add(row.previous_row)
    previous = {}
    for model, keys in keys_by_model.items():
        for row in rows_of(model).filter(history_id__in=keys):
            previous[model, row.history_id] = row
    return previous
