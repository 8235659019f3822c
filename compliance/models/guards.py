"""The rules that the database itself holds, on SQLite and PostgreSQL alike: the record is only ever added to.

They are triggers, because no constraint can refuse an UPDATE or a DELETE. A migration that remakes a table loses
them on SQLite, so `install` runs after every migration; `missing` says what is not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, UUIDField

from compliance.models.ai_models import AIModel
from compliance.models.changesets import Changeset
from compliance.models.ledger import LedgerEntry
from compliance.models.providers import Provider
from compliance.models.publications import Contribution, Decision, Publication, PublishedFile, Record
from compliance.models.registers import Register
from compliance.models.tracked import Tracked

_MARK = "guard_"


@dataclass(frozen=True)
class Guard:
    """Refuse an event on a table where a condition over OLD and NEW holds; `message` is what the writer is told."""

    name: str
    table: str
    event: str
    condition: str
    message: str


def _tracked_models() -> list[type[Tracked]]:
    return [model for model in apps.get_app_config("compliance").get_models() if issubclass(model, Tracked)]


def _append_only_models() -> list[type[Model]]:
    histories = [model.history.model for model in _tracked_models()]
    return [Changeset, Publication, PublishedFile, Contribution, Decision, LedgerEntry, Record, *histories]


def _append_only() -> Iterator[Guard]:
    for model in _append_only_models():
        table = model._meta.db_table
        message = f"{table}: a row of the record is never changed or deleted."
        yield Guard(f"{_MARK}{table}_update", table, "UPDATE", "TRUE", message)
        yield Guard(f"{_MARK}{table}_delete", table, "DELETE", "TRUE", message)
        yield Guard(f"{_MARK}{table}_replace", table, "INSERT", _same_key_exists(model), message)


def _same_key_exists(model: type[Model]) -> str:
    """Return the condition of a row that would collide: SQLite's INSERT OR REPLACE deletes without a DELETE trigger."""
    keys = [[model._meta.pk.column]]
    for constraint in model._meta.total_unique_constraints:
        keys.append([field.column for field in model._meta.fields if field.name in constraint.fields])
    same = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
    return f"EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE {same})"


def _slugs_stay() -> Iterator[Guard]:
    for model in (Register, Provider, AIModel):
        table = model._meta.db_table
        yield Guard(
            f"{_MARK}{table}_slug", table, "UPDATE", "NEW.slug <> OLD.slug", f"{table}: a slug is set once and stays."
        )


_PUBLICATION = Publication._meta.db_table
_FILE = PublishedFile._meta.db_table
_DECISION = Decision._meta.db_table

_CONTRIBUTED = (
    f"FROM {Contribution._meta.db_table} c JOIN {Changeset._meta.db_table} s ON s.id = c.changeset_id"
    " WHERE c.publication_id = p.id AND s.by_id = NEW.by_id"
)
_OF_NEW = f"FROM {_PUBLICATION} p WHERE p.id = NEW.publication_id"
_EARLIER = f"FROM {_DECISION} d WHERE d.register_id = NEW.register_id AND d.kind = 'approved'"
_STANDING = (
    f"{_EARLIER} AND NOT EXISTS (SELECT 1 FROM {_DECISION} w"
    " WHERE w.publication_id = d.publication_id AND w.kind = 'withdrawn')"
)

_LEDGER = LedgerEntry._meta.db_table

PUBLICATION_GUARDS = (
    Guard(
        f"{_MARK}ledger_chained",
        _LEDGER,
        "INSERT",
        f"NEW.number <> 1 + COALESCE((SELECT MAX(number) FROM {_LEDGER}), 0) OR NEW.previous_sha256 <>"
        f" COALESCE((SELECT sha256 FROM {_LEDGER} ORDER BY number DESC LIMIT 1), '')",
        "An entry of the ledger continues the one before it.",
    ),
    Guard(
        f"{_MARK}one_record",
        Record._meta.db_table,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {Record._meta.db_table})",
        "An installation keeps one record.",
    ),
    Guard(
        f"{_MARK}imported_before_native",
        _PUBLICATION,
        "INSERT",
        f"NEW.source = 'imported' AND EXISTS (SELECT 1 FROM {_PUBLICATION} p"
        " WHERE p.register_id = NEW.register_id AND p.source = 'native')",
        "A page from before the registry cannot follow a publication of the registry.",
    ),
    Guard(
        f"{_MARK}files_frozen",
        _FILE,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id)",
        "The files of a publication are complete before it is decided.",
    ),
    Guard(
        f"{_MARK}decision_register",
        _DECISION,
        "INSERT",
        f"NOT EXISTS (SELECT 1 {_OF_NEW} AND p.register_id = NEW.register_id)",
        "A decision belongs to the register of its publication.",
    ),
    Guard(
        f"{_MARK}approved_hash",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NOT EXISTS (SELECT 1 {_OF_NEW} AND p.content_sha256 = NEW.content_sha256"
        f" AND EXISTS (SELECT 1 FROM {_FILE} f WHERE f.publication_id = p.id AND f.format = 'json'"
        " AND f.sha256 = NEW.content_sha256))",
        "Another hash than that of the publication was approved.",
    ),
    Guard(
        f"{_MARK}number_without_gap",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NEW.number <> 1 + COALESCE((SELECT MAX(d.number) {_EARLIER}), 0)",
        "Publication numbers have no gaps.",
    ),
    Guard(
        f"{_MARK}effective_in_order",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_STANDING} AND d.effective_from >= NEW.effective_from)",
        "A publication takes effect later than every one before it.",
    ),
    Guard(
        f"{_MARK}imported_in_the_past",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NEW.effective_from > NEW.at"
        f" AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'imported')",
        "An imported page was public before it is imported.",
    ),
    Guard(
        f"{_MARK}native_not_backdated",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND NEW.effective_from < NEW.at)",
        "A publication takes effect on or after its approval.",
    ),
    Guard(
        f"{_MARK}four_eyes",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        f" AND (NEW.by_id IS NULL OR NEW.by_id = p.submitted_by_id OR EXISTS (SELECT 1 {_CONTRIBUTED})))",
        "Nobody approves what they submitted or edited.",
    ),
    Guard(
        f"{_MARK}base_in_force",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native' AND COALESCE(p.base_id, 0) <>"
        f" COALESCE((SELECT d.publication_id {_STANDING} ORDER BY d.effective_from DESC LIMIT 1), 0))",
        "A publication follows the one that it was compared with.",
    ),
    Guard(
        f"{_MARK}effective_as_requested",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native' AND ("
        "NEW.effective_from < p.requested_effective_from OR NEW.effective_from <> NEW.at"
        " AND (p.requested_effective_from IS NULL OR NEW.effective_from <> p.requested_effective_from)"
        # Of the same instant as the one before, it takes effect a microsecond later.
        f" AND NOT EXISTS (SELECT 1 {_STANDING} AND d.effective_from IN (NEW.at, p.requested_effective_from))))",
        "A publication takes effect when it was asked to, or on its approval if that is later.",
    ),
    Guard(
        f"{_MARK}decided_once",
        _DECISION,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id"
        " AND (NEW.kind <> 'withdrawn' OR d.kind <> 'approved'))",
        "A publication is decided once; only an approved one can be withdrawn after that.",
    ),
    Guard(
        f"{_MARK}decided_in_order",
        _DECISION,
        "INSERT",
        f"EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native' AND (NEW.at < p.submitted_at OR EXISTS (SELECT 1"
        f" FROM {_DECISION} d JOIN {_PUBLICATION} o ON o.id = d.publication_id WHERE d.register_id = NEW.register_id"
        " AND o.source = 'native' AND d.at > NEW.at)))",
        "A decision is not earlier than what it decides of, nor than the decision before it.",
    ),
    Guard(
        f"{_MARK}contributions_frozen",
        Contribution._meta.db_table,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id)",
        "Whose edits are in a publication is complete before it is decided.",
    ),
)


def guards() -> list[Guard]:
    """Return every guard, in no order that matters."""
    return [*_append_only(), *_slugs_stay(), *PUBLICATION_GUARDS]


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every guard in place, anew."""
    uninstall(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Take every guard away: only before a migration's or a test's own clean-up."""
    with connection.cursor() as cursor:
        for table, name in _present(connection):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the guards that the database does not hold."""
    present = {name for _, name in _present(connection)}
    return sorted(name for name in _names(connection.vendor) if name not in present)


def _present(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%%'")
        else:
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgname LIKE 'guard_%%' AND tgenabled = 'A'"
            )
        return [(table, name) for table, name in cursor.fetchall()]


def _names(vendor: str) -> list[str]:
    names = [_short(guard.name) for guard in guards()]
    if vendor == "postgresql":
        names += [_short(f"{_MARK}{model._meta.db_table}_truncate") for model in _append_only_models()]
        names += [_short(f"{_MARK}{model._meta.db_table}_mirrored") for model in _tracked_models()]
    return names


def _short(name: str) -> str:
    return name[:63]  # PostgreSQL cuts longer names


def _statements(vendor: str) -> Iterator[str]:
    if vendor == "sqlite":
        yield from (_sqlite_trigger(guard) for guard in guards())
        return
    for guard in guards():
        yield from _postgresql_trigger(guard)
    for model in _append_only_models():
        yield from _postgresql_truncate(model._meta.db_table)
    yield _MIRROR_FUNCTION
    for tracked in _tracked_models():
        yield from _postgresql_mirror(tracked)


def _sqlite_trigger(guard: Guard) -> str:
    return (
        f"CREATE TRIGGER {_short(guard.name)} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
        f" WHEN {guard.condition} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _postgresql_trigger(guard: Guard) -> Iterator[str]:
    name = _short(guard.name)
    row = "OLD" if guard.event == "DELETE" else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {guard.condition} THEN"
        f" RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        f" RETURN {row}; END $$"
    )
    yield f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    yield f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {name}"


def _postgresql_truncate(table: str) -> Iterator[str]:
    name = _short(f"{_MARK}{table}_truncate")
    yield (
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION {_short(f'{_MARK}{table}_delete')}()"
    )
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


# At commit the newest history row equals the row: so a write that simple-history did not see is refused. SQLite has
# no deferred trigger; there a test fixture compares (tests/conftest.py), and later `verify`.
_MIRROR_FUNCTION = """
CREATE OR REPLACE FUNCTION guard_mirrored() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_id text := COALESCE(to_jsonb(NEW), to_jsonb(OLD)) ->> 'id';
    stood jsonb;
    logged jsonb;
BEGIN
    EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE id = $1::%s', TG_TABLE_NAME, TG_ARGV[1]) INTO stood USING row_id;
    EXECUTE format('SELECT to_jsonb(h) FROM %I h WHERE id = $1::%s ORDER BY history_id DESC LIMIT 1',
        TG_ARGV[0], TG_ARGV[1]) INTO logged USING row_id;
    IF logged IS NULL
        OR (stood IS NULL) <> (logged ->> 'history_type' = '-')
        OR (stood IS NOT NULL AND NOT logged @> stood)
    THEN
        RAISE EXCEPTION '%: row % was written without its history.', TG_TABLE_NAME, row_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""


def _postgresql_mirror(model: type[Tracked]) -> Iterator[str]:
    table, history_table = model._meta.db_table, model.history.model._meta.db_table
    id_type = "uuid" if isinstance(model._meta.pk, UUIDField) else "bigint"
    name = _short(f"{_MARK}{table}_mirrored")
    yield (
        f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED"
        f" FOR EACH ROW EXECUTE FUNCTION guard_mirrored('{history_table}', '{id_type}')"
    )
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
