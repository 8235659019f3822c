"""Set records back to what they were: a row, everything that one save wrote, what was deleted.

History says what they were. They come back with their ids, so that addresses, marks and whose edits
they were stay the same. Everything is written in the open changeset, or nothing is: where
NotRestorable is raised, the caller rolls back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import ForeignKey, ProtectedError, Q

from compliance.models import Changeset, Citation, Listing, graph
from compliance.models.changesets import current_changeset
from compliance.models.tracked import Tracked
from compliance.workingcopy.writes import Writes

# A row of a history table; django-simple-history makes these classes at run time.
HistoryRow = Any
# A record by its model and primary key.
RecordKey = tuple[type[Tracked], Any]
# What records shall be: the history row that says it, None for a record that shall not be there.
States = dict[RecordKey, HistoryRow | None]


class NotRestorable(Exception):
    """Something is in the way of what was asked for.

    `missing` are the last history rows of deleted records that it needs, `later` the history rows
    by which its records were changed since, and `users` records that use what would be deleted.
    """

    def __init__(
        self,
        *,
        missing: Sequence[HistoryRow] = (),
        later: Sequence[HistoryRow] = (),
        users: Sequence[Any] = (),
    ) -> None:
        super().__init__("Something is in the way, so nothing was set back.")
        self.missing, self.later, self.users = missing, later, users


def states_at(model: type[Tracked], pk: Any, changeset: int) -> States:
    """Return what a record and its parts were at the end of a changeset, given by number.

    Those are the parts that it had then, and those that it has now. A part that stands elsewhere
    now comes back from there, and one that stood elsewhere then goes back there.
    """
    states: States = {}
    # Each record comes before its parts.
    for key, rows in _histories(model, Q(id=pk)).items():
        then = _last([row for row in rows if row.changeset_id <= changeset])
        versions = filter(None, (then, _last(rows)))
        if key == (model, pk) or any(_is_part(row, states) for row in versions):
            states[key] = then
    return states


def changesets_after(states: States, changeset: int) -> list[Changeset]:
    """Return the changesets after one, given by number, that wrote these records, oldest first."""
    keys: defaultdict[type[Tracked], list[Any]] = defaultdict(list)
    for model, pk in states:
        keys[model].append(pk)
    found: set[int] = set()
    for model, pks in keys.items():
        later = _rows(model, Q(id__in=pks, changeset__gt=changeset))
        found.update(later.values_list("changeset", flat=True))
    return list(Changeset.objects.filter(pk__in=found).order_by("pk"))


def states_before(changeset: Changeset) -> States:
    """Return what the records that a changeset wrote were before it.

    Raises NotRestorable if one of them was changed later and is not again what it was then.
    """
    states: States = {}
    later = []
    for model in graph.tracked_models():
        written = _rows(model, Q(changeset=changeset)).values("id")
        for key, rows in _by_record(model, Q(id__in=written)).items():
            states[key] = _last([row for row in rows if row.changeset_id < changeset.pk])
            then = _last([row for row in rows if row.changeset_id <= changeset.pk])
            if not _are_equal(then, _last(rows)):
                later.append(rows[-1])
    if later:
        raise NotRestorable(later=later)
    return states


def roots_of(changeset: Changeset) -> set[RecordKey]:
    """Return the records that a changeset wrote, or whose parts it wrote."""
    roots: set[RecordKey] = set()
    for model in graph.tracked_models():
        for row in _rows(model, Q(changeset=changeset)):
            roots |= _roots(row)
    return roots


def states_before_deletion(model: type[Tracked], pk: Any) -> States:
    """Return what a deleted record and its parts were before the changeset that deleted it.

    Empty if no such record was deleted.
    """
    last_row = _rows(model, Q(id=pk)).order_by("history_id").last()
    if last_row is None or last_row.history_type != "-":
        return {}
    return states_at(model, pk, last_row.changeset_id - 1)


def put_back(states: States) -> None:
    """Make each record what it was.

    Raises NotRestorable, or ValidationError where a name or place is taken by another record.
    """
    _refuse_missing(states)
    present = _present(states)
    kept = [record for key, record in present.items() if states[key] is not None]
    doomed = [record for key, record in present.items() if states[key] is None]
    first, last = _in_order(doomed, kept)
    # Before anything is saved, so that names and places are free.
    _delete(first, doomed)
    left: list[Tracked] = []
    writes = Writes()
    for key, row in states.items():
        if row is not None:
            left += _set(present.get(key) or _new(row), row, writes)
    writes.write()
    for root in left:
        current_changeset().bump_version(root)
    _delete(last, doomed)


# History


def _rows(model: type[Tracked], condition: Q) -> Any:
    return model.history.model._default_manager.filter(condition)


def _by_record(model: type[Tracked], condition: Q) -> dict[RecordKey, list[HistoryRow]]:
    """Return the history rows that meet a condition by their record, oldest first."""
    histories: defaultdict[RecordKey, list[HistoryRow]] = defaultdict(list)
    for row in _rows(model, condition).order_by("history_id"):
        histories[model, row.id].append(row)
    return histories


def _histories(model: type[Tracked], condition: Q) -> dict[RecordKey, list[HistoryRow]]:
    """Return the whole histories of the records that ever met a condition and of all their parts.

    The marks on parts of listings are among the parts.
    """
    keys = _rows(model, condition).values("id")
    histories = _by_record(model, Q(id__in=keys))
    for part in graph.parts_of(model):
        histories |= _histories(part.model, Q(**{f"{part.owner}__in": keys}))
    own = graph.part(model)
    if own and own.cited_as:
        histories |= _histories(Citation, Q(**{f"{own.cited_as}__in": keys}))
    return histories


def _last(rows: Sequence[HistoryRow]) -> HistoryRow | None:
    """Return the last row, None if it says that the record was deleted or there is none."""
    return rows[-1] if rows and rows[-1].history_type != "-" else None


def _are_equal(row: HistoryRow | None, other: HistoryRow | None) -> bool:
    """Return whether two rows say the same of their record; None says that it is not there."""
    if row is None or other is None:
        return row is other
    names = [field.attname for field in row.tracked_fields]
    return all(getattr(row, name) == getattr(other, name) for name in names)


def _is_part(row: HistoryRow, records: States) -> bool:
    """Return whether a row says that its record is a part of one of some records."""
    return any(key in records for key in _owners(row))


def _owners(row: Any) -> Iterator[RecordKey]:
    """Yield the records that a record or history row is a part of."""
    model = _model(row)
    part = graph.part(model)
    names = [part.owner] if part else []
    if model is Citation:
        names += [target.cited_as for target in graph.parts_of(Listing)]
    for name in names:
        field: Any = model._meta.get_field(name)
        pk = getattr(row, field.attname)
        if pk is not None:
            yield field.related_model, pk


def _roots(row: HistoryRow) -> set[RecordKey]:
    """Return the records that a history row's record is a part of, itself if it is a root."""
    owners = list(_owners(row))
    if not owners:
        return {(_model(row), row.id)}
    roots: set[RecordKey] = set()
    for model, pk in owners:
        if graph.part(model) is None:
            roots.add((model, pk))
        else:
            roots |= _roots(_rows(model, Q(id=pk)).order_by("history_id").last())
    return roots


# Records


def _model(row: Any) -> type[Tracked]:
    """Return the model of a record or of a history row."""
    model: type[Tracked] = getattr(row, "instance_type", type(row))
    return model


def _key(record: Tracked) -> RecordKey:
    return type(record), record.pk


def _present(keys: Iterable[RecordKey]) -> dict[RecordKey, Tracked]:
    """Return the records that are there."""
    by_model: defaultdict[type[Tracked], list[Any]] = defaultdict(list)
    for model, pk in keys:
        by_model[model].append(pk)
    found: dict[RecordKey, Tracked] = {}
    for model, pks in by_model.items():
        for pk, record in model._default_manager.in_bulk(pks).items():
            found[model, pk] = record
    return found


def _new(row: HistoryRow) -> Tracked:
    """Return a record with the key that it had, to be filled in."""
    record: Tracked = row.instance_type(pk=row.id)
    # No form that was opened before the deletion has this version.
    record.lock_version = current_changeset().ensure_saved().pk
    return record


def _set(record: Tracked, row: HistoryRow, writes: Writes) -> Iterator[Tracked]:
    """Set a record to what a history row says; yield the root that it leaves."""
    names = [field.attname for field in row.tracked_fields if not field.primary_key]
    changed = [name for name in names if getattr(record, name) != getattr(row, name)]
    if not record._state.adding:
        if not changed:
            return
        if set(_owners(record)) != set(_owners(row)):
            yield record.aggregate()
    for name in changed:
        setattr(record, name, getattr(row, name))
    writes.save(record)


def _targets(row: Any) -> Iterator[RecordKey]:
    """Yield the records that a record or history row refers to."""
    for field in _model(row)._meta.concrete_fields:
        if isinstance(field, ForeignKey) and issubclass(field.related_model, Tracked):
            pk = getattr(row, field.attname)
            if pk is not None:
                yield field.related_model, pk


def _refuse_missing(states: States) -> None:
    """Raise NotRestorable if a record refers to another that is not there."""
    wanted = {target: None for row in states.values() if row for target in _targets(row)}
    outside = [key for key in wanted if key not in states]
    there = _present(outside)
    missing = [key for key in wanted if states.get(key) is None and key not in there]
    if missing:
        raise NotRestorable(
            missing=[_rows(model, Q(id=pk)).order_by("history_id").last() for model, pk in missing]
        )


def _in_order(
    doomed: Sequence[Tracked], kept: Sequence[Tracked]
) -> tuple[list[Tracked], list[Tracked]]:
    """Return what can be deleted at once, and what others refer to until they are set back.

    What belongs to the latter is deleted with it.
    """
    last: dict[RecordKey, Tracked] = {}
    found = True
    while found:
        used = {target for record in (*kept, *last.values()) for target in _targets(record)}
        found = False
        for record in doomed:
            is_used = _key(record) in used or any(key in last for key in _owners(record))
            if is_used and _key(record) not in last:
                last[_key(record)] = record
                found = True
    return [record for record in doomed if _key(record) not in last], list(last.values())


def _delete(records: Sequence[Tracked], doomed: Sequence[Tracked]) -> None:
    """Delete records; raises NotRestorable if others than those that are doomed use one of them."""
    if users := list(_users(records, {_key(record) for record in doomed})):
        raise NotRestorable(users=users)
    writes = Writes()
    for record in records:
        writes.delete(record)
    try:
        writes.write()
    except ProtectedError as error:
        raise NotRestorable(users=list(error.protected_objects)) from error


def _users(records: Sequence[Tracked], doomed: set[RecordKey]) -> Iterator[Tracked]:
    """Yield the records that refer to some others, parts included, but for the doomed ones."""
    for model in {type(record) for record in records}:
        keys = [record.pk for record in records if type(record) is model]
        for relation in model._meta.related_objects:
            user_model: Any = relation.related_model
            if issubclass(user_model, Tracked):
                users = user_model._default_manager.filter(**{f"{relation.field.name}__in": keys})
                yield from (user for user in users if _key(user) not in doomed)
