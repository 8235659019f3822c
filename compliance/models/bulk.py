"""Write many tracked records at once, under the same guards as save() and delete().

Each record is validated and leaves a history row in the open changeset; each aggregate gets a new
version once. Only the number of queries differs: it depends on the number of batches. No signal is
sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.db.models import prefetch_related_objects
from django.db.models.deletion import Collector

from compliance.models import ledger
from compliance.models.changesets import OpenChangeset, current_changeset
from compliance.models.tracked import Tracked


def save_all(records: Iterable[Tracked]) -> None:
    """Validate and write records, each with its history row, in the open changeset.

    New records are inserted, the others updated, so give only those that changed. Records of
    several models are written model by model: give what is referred to first.

    Raises what `save` raises, also if only one record is wrong. Then nothing is written.
    """
    opened = current_changeset()
    by_model = _by_model(records)
    if not by_model:
        return
    opened.ensure_saved()
    with transaction.atomic():
        for model, of_model in by_model.items():
            _save(opened, model, of_model)


def delete_all(records: Iterable[Tracked]) -> None:
    """Delete records with their parts, each leaving a history row, in the open changeset.

    Records of several models are deleted model by model: give what refers to others first.

    Raises what `delete` raises, also if only one record cannot be deleted. Then none is.
    """
    opened = current_changeset()
    by_model = _by_model(records)
    if not by_model:
        return
    opened.ensure_saved()
    with transaction.atomic():
        for of_model in by_model.values():
            _load_relations(of_model)
            for record in of_model:
                record.refuse_deletion()
            opened.bump_versions(of_model)
            _bump_roots(opened, of_model)
            _delete_with_parts(opened, of_model)


def _by_model(records: Iterable[Tracked]) -> dict[type[Tracked], list[Tracked]]:
    by_model: defaultdict[type[Tracked], list[Tracked]] = defaultdict(list)
    for record in records:
        by_model[type(record)].append(record)
    return by_model


def _save(opened: OpenChangeset, model: type[Tracked], records: list[Tracked]) -> None:
    _take_over_keys(model, records)
    model.prepare_all(records)
    _load_relations(records)
    for record in records:
        record.validate(with_queries=False)
    _bump_roots(opened, records)
    new = [record for record in records if record._state.adding]
    present = [record for record in records if not record._state.adding]
    # First the present ones: a new record may take the name that one of them had.
    for batch in ledger.chunks(present):
        _update(opened, model, batch)
    for batch in ledger.chunks(new):
        _insert(opened, model, batch)


def _take_over_keys(model: type[Tracked], records: Iterable[Tracked]) -> None:
    """Let records refer by key to what was new when it was assigned to them."""
    for field in _foreign_keys(model):
        for record in records:
            if getattr(record, field.attname) is None and field.is_cached(record):
                setattr(record, field.name, getattr(record, field.name))


def _update(opened: OpenChangeset, model: type[Tracked], records: list[Tracked]) -> None:
    opened.refuse_stale(records)
    read = [record.lock_version for record in records]
    for record in records:
        record.lock_version = opened.version(record) + 1
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    try:
        with transaction.atomic():
            # Every key exists, so this updates each row. The SQL of Django's bulk_update() is
            # quadratic in the size of the batch.
            model._base_manager.bulk_create(
                records,
                update_conflicts=True,
                unique_fields=[model._meta.pk.name],
                update_fields=fields,
            )
    except IntegrityError:
        for record, version in zip(records, read, strict=True):
            record.lock_version = version
        _save_each(records)
    else:
        _note(opened, records, "~")


def _insert(opened: OpenChangeset, model: type[Tracked], records: list[Tracked]) -> None:
    keys = [record.pk for record in records]
    try:
        with transaction.atomic():
            model._base_manager.bulk_create(records)
    except IntegrityError:
        for record, key in zip(records, keys, strict=True):
            record.pk = key
            record._state.adding = True
        _save_each(records)
    else:
        _note(opened, records, "+")


def _save_each(records: Iterable[Tracked]) -> None:
    """Save the records of a batch that the database refused one by one.

    The first that is wrong raises the error of `save`, which names it.
    """
    for record in records:
        record.save()


def _note(opened: OpenChangeset, records: list[Tracked], history_type: str) -> None:
    for record in records:
        opened.note_version(record)
    _write_history(opened, records, history_type)


def _write_history(opened: OpenChangeset, records: Sequence[Tracked], history_type: str) -> None:
    history = type(records[0]).history.model
    changeset = opened.ensure_saved()
    facts = {
        "changeset_id": changeset.pk,
        "history_change_reason": changeset.reason,
        "history_date": changeset.recorded_at,
        "history_type": history_type,
        "history_user_id": changeset.by_id,
    }
    names = [field.attname for field in history.tracked_fields]
    rows = [history(**facts) for _ in records]
    for row, record in zip(rows, records, strict=True):
        for name in names:
            setattr(row, name, getattr(record, name))
    opened.add_rows(history._base_manager.bulk_create(rows))


def _delete_with_parts(opened: OpenChangeset, records: Sequence[Tracked]) -> None:
    collector = Collector(using=DEFAULT_DB_ALIAS)
    collector.collect(records)
    collector.sort()
    collected: dict[Any, Any] = collector.data
    for model, instances in collected.items():
        doomed = sorted(instances, key=lambda record: record.pk)
        for batch in ledger.chunks(doomed):
            _write_history(opened, batch, "-")
            model._base_manager.filter(pk__in=[record.pk for record in batch])._raw_delete(
                DEFAULT_DB_ALIAS
            )
        for record in doomed:
            record.pk = None


def _bump_roots(opened: OpenChangeset, records: Iterable[Tracked]) -> None:
    roots: dict[int, Tracked] = {}
    for record in records:
        root = record.aggregate()
        if root is not record:
            roots[id(root)] = root
    for of_model in _by_model(roots.values()).values():
        opened.bump_versions(of_model)


def _load_relations(records: Sequence[Tracked]) -> None:
    """Load what the records refer to, and their roots, by one query for each relation and batch.

    The records themselves would load them one by one.
    """
    level: Sequence[Tracked] = records
    while level:
        owners: dict[int, Tracked] = {}
        for of_model in _by_model(level).values():
            _load_foreign_keys(of_model)
            for record in of_model:
                if (owner := record.part_of) is not None:
                    owners[id(owner)] = owner
        level = list(owners.values())


def _load_foreign_keys(records: Sequence[Tracked]) -> None:
    for field in _foreign_keys(type(records[0])):
        unloaded = [
            record
            for record in records
            if getattr(record, field.attname) is not None and not field.is_cached(record)
        ]
        for batch in ledger.chunks(unloaded):
            prefetch_related_objects(batch, field.name)


def _foreign_keys(model: type[Tracked]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
