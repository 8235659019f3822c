"""Verifies the history: rows that fit their newest history row, and people that fit changesets."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Max, Q

from compliance.models import (
    Cell,
    Changeset,
    Decision,
    Publication,
    ReviewComment,
    User,
    graph,
    ledger,
)
from compliance.models.tracked import Tracked

# What names a person: each model with the names of its fields for the account and the moment.
_NAMING = (
    (Changeset, "by", "recorded_at"),
    (Publication, "submitted_by", "submitted_at"),
    (Decision, "by", "at"),
    (ReviewComment, "by", "at"),
)


def attribution_faults() -> Iterator[str]:
    """Yield a fault for each history row with another person or reason than its changeset has."""
    same_person = Q(history_user=F("changeset__by")) | Q(history_user=None, changeset__by=None)
    for model in graph.tracked_models():
        history = model.history
        table = history.model._meta.db_table
        others = history.exclude(
            same_person, history_change_reason=F("changeset__reason")
        ).order_by("history_id")
        for row, changeset in others.values_list("history_id", "changeset").iterator():
            yield (
                f"{table}: row {row} names another person or reason than its changeset {changeset}."
            )


def label_faults() -> Iterator[str]:
    """Yield a fault for each row whose label is the name of another account than its own.

    Usernames can change, and the record does not hold when. So a label is only a fault if it is the
    username of another account now, and that account's last row before this one said so too.
    """
    accounts = dict(User.objects.values_list("username", "pk"))
    for model, person, moment in _NAMING:
        rows = model._default_manager.exclude(**{person: None}).exclude(
            label=F(f"{person}__username")
        )
        named = rows.order_by("pk").values_list("pk", "label", person, moment)
        for key, label, by, at in named.iterator():
            account = accounts.get(label)
            if account not in (None, by) and _label_of(account, at) == label:
                yield f"{model._meta.db_table}: row {key} names {label}, but is by another account."


def _label_of(account: int, at: datetime) -> str | None:
    """Return the label of the last row by an account up to a moment, None if it has none."""
    last = [
        model._default_manager.filter(**{person: account, f"{moment}__lte": at})
        .order_by(moment, "pk")
        .values_list(moment, "label")
        .last()
        for model, person, moment in _NAMING
    ]
    return max(filter(None, last), default=(at, None))[1]


def row_faults() -> Iterator[str]:
    """Yield a fault for each tracked row that differs from its newest history row.

    SQLite has no deferred trigger that could compare them at commit, as PostgreSQL does.
    """
    for model in graph.tracked_models():
        yield from _row_faults_of(model)


def _row_faults_of(model: type[Tracked]) -> Iterator[str]:
    table = model._meta.db_table
    # Once, because simple-history makes a class for the manager each time that it is asked for.
    history = model.history
    columns = [field.attname for field in history.model.tracked_fields]
    newest = (
        history.order_by()
        .values("id")
        .annotate(newest=Max("history_id"))
        .values_list("newest", flat=True)
    )
    rows_with_history = 0
    for keys in ledger.chunks(newest.iterator()):
        logged = {}
        for history_row in history.filter(pk__in=keys).values("history_type", *columns):
            is_deletion = history_row.pop("history_type") == "-"
            logged[history_row["id"]] = None if is_deletion else history_row
        rows = {row["id"]: row for row in model.objects.filter(pk__in=logged).values(*columns)}
        rows_with_history += len(rows)
        for key, expected in logged.items():
            if rows.get(key) != expected:
                yield f"{table}: row {key} is not what its history says it is."
    if rows_with_history != model.objects.count():
        yield f"{table}: a row has no history."


def cell_faults() -> Iterator[str]:
    """Yield a fault for each cell in a column of another section than that of its listing.

    A guard refuses such a cell, but a listing that moves is for a moment without its cells.
    """
    strays = Cell.objects.exclude(column__section=F("listing__section")).order_by("pk")
    for key in strays.values_list("pk", flat=True).iterator():
        yield f"compliance_cell: row {key} is not in a column of its listing's section."
