"""The rules that the database itself enforces, on SQLite and PostgreSQL alike.

The most important one: rows of the record are inserted, never changed or deleted. Guards are
triggers, because no constraint can refuse an UPDATE or a DELETE. They also hold against a program
that writes to the database past the models; whoever owns the database can remove them, which
`missing` and the ledger show afterwards.

SQLite alters most columns by making the table anew, and drops the table's triggers with it. So
`install` runs after every migration.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, UUIDField

from compliance.audit import triggers
from compliance.audit.triggers import MARK, DatabaseTrigger, Guard, Mirror
from compliance.models import graph
from compliance.models.accounts import (
    DecisionSignature,
    FactorEndorsement,
    FactorRemoval,
    Invitation,
    RecordedFactor,
)
from compliance.models.changesets import Changeset
from compliance.models.ledger import LedgerEntry
from compliance.models.listings import Cell, Listing
from compliance.models.publications import (
    Contribution,
    Decision,
    Publication,
    PublicEvent,
    PublishedFile,
    Record,
)
from compliance.models.reviews import Review
from compliance.models.sections import Column, Section
from compliance.models.tracked import Tracked


def append_only_models() -> list[type[Model]]:
    """Return the models whose rows are inserted and then never changed or deleted."""
    histories = [model.history.model for model in graph.tracked_models()]
    return [
        Changeset,
        Publication,
        PublishedFile,
        Contribution,
        Decision,
        DecisionSignature,
        PublicEvent,
        LedgerEntry,
        Record,
        Review,
        Invitation,
        RecordedFactor,
        FactorRemoval,
        FactorEndorsement,
        *histories,
    ]


def _append_only_guards() -> Iterator[Guard]:
    for model in append_only_models():
        table = model._meta.db_table
        message = f"{table}: a row of the record is never changed or deleted."
        yield Guard(f"{MARK}{table}_update", table, "UPDATE", "TRUE", message)
        yield Guard(f"{MARK}{table}_delete", table, "DELETE", "TRUE", message)
        # SQLite's INSERT OR REPLACE deletes the row in its way without firing a DELETE trigger.
        yield Guard(f"{MARK}{table}_replace", table, "INSERT", _same_key_exists(model), message)


def _same_key_exists(model: type[Model]) -> str:
    """Return the SQL condition that a row with one of the new row's unique keys exists."""
    keys = [[model._meta.pk.column]]
    for constraint in model._meta.total_unique_constraints:
        fields = [field for field in model._meta.fields if field.name in constraint.fields]
        keys.append([field.column for field in fields])
    conditions = []
    for key in keys:
        equal = " AND ".join(f"{column} = NEW.{column}" for column in key)
        conditions.append(f"({equal})")
    return f"EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE {' OR '.join(conditions)})"


def _slug_guards() -> Iterator[Guard]:
    """Yield the guards that keep slugs: a public address must not come to mean something else."""
    for model in graph.models_with_slugs():
        table = model._meta.db_table
        yield Guard(
            f"{MARK}{table}_slug",
            table,
            "UPDATE",
            "NEW.slug <> OLD.slug",
            f"{table}: a slug is set once and stays.",
        )


def _version_guards() -> Iterator[Guard]:
    """Yield the guards of versions: every UPDATE raises the version that it was based on by one.

    Two editors who read the same version cannot both write it, whatever code they come through.
    """
    for model in graph.tracked_models():
        table = model._meta.db_table
        message = f"{table}: a row was changed after it was read. Read it again."
        yield Guard(
            f"{MARK}{table}_version",
            table,
            "UPDATE",
            "NEW.lock_version <> OLD.lock_version + 1",
            message,
        )


_SECTION = Section._meta.db_table
_COLUMN = Column._meta.db_table
_CELL = Cell._meta.db_table
_LISTING = Listing._meta.db_table
# SQL of the guards of cells: c is the column of NEW.
_ITS_COLUMN = f"FROM {_COLUMN} c WHERE c.id = NEW.column_id"
_ROW_HAS_ANOTHER = (
    f"EXISTS (SELECT 1 FROM {_CELL} o"
    # `+ 0`, so that the index of the listing is used: a column has very many cells.
    " WHERE o.listing_id = NEW.listing_id AND o.column_id + 0 = NEW.column_id"
    # SQLite has not numbered a new row yet.
    " AND o.id <> COALESCE(NEW.id, -1))"
)


def _section_guards() -> Iterator[Guard]:
    """Yield the guards that keep what names a column: a published key must not change its meaning.

    A section stays in its register for the same reason.
    """
    yield Guard(
        f"{MARK}{_SECTION}_register",
        _SECTION,
        "UPDATE",
        "NEW.register_id <> OLD.register_id",
        f"{_SECTION}: a section stays in its register.",
    )
    yield Guard(
        f"{MARK}{_COLUMN}_key",
        _COLUMN,
        "UPDATE",
        "NEW.key <> OLD.key OR NEW.role <> OLD.role OR NEW.section_id <> OLD.section_id",
        f"{_COLUMN}: the key, role and section of a column are set once and stay.",
    )


def _cell_guards() -> Iterator[Guard]:
    """Yield the guards that hold between a cell, its column and its listing."""
    for event in ("INSERT", "UPDATE"):
        name = f"{MARK}{_CELL}_{event.lower()}"
        yield Guard(
            f"{name}_section",
            _CELL,
            event,
            f"NOT EXISTS (SELECT 1 {_ITS_COLUMN} AND c.section_id ="
            f" (SELECT l.section_id FROM {_LISTING} l WHERE l.id = NEW.listing_id))",
            f"{_CELL}: a cell stands in a column of the section of its listing.",
        )
        yield Guard(
            f"{name}_role",
            _CELL,
            event,
            f"NOT EXISTS (SELECT 1 {_ITS_COLUMN} AND CASE c.role"
            " WHEN 'training' THEN NEW.term_id IS NULL AND (NEW.is_blank OR NEW.use <> '')"
            " WHEN 'retention' THEN NEW.use = '' AND (NEW.is_blank OR NEW.term_id IS NOT NULL)"
            " WHEN 'documents' THEN NEW.is_blank"
            " WHEN 'models' THEN FALSE"
            " WHEN 'providers' THEN FALSE"
            " ELSE NEW.use = '' AND NEW.term_id IS NULL AND NOT NEW.is_blank END)",
            f"{_CELL}: a cell has what the role of its column asks for, and nothing else.",
        )
        yield Guard(
            f"{name}_once",
            _CELL,
            event,
            f"EXISTS (SELECT 1 {_ITS_COLUMN}"
            f" AND c.role IN ('training', 'retention', 'documents')) AND {_ROW_HAS_ANOTHER}",
            f"{_CELL}: a listing has one cell in a column of claims or documents.",
        )


# SQL shared by the guards below. NEW is the decision that is inserted; c is a contribution, s its
# changeset, p the publication, d an earlier approval and w a withdrawal.
_PUBLICATION = Publication._meta.db_table
_FILE = PublishedFile._meta.db_table
_DECISION = Decision._meta.db_table

_CONTRIBUTED = (
    f"FROM {Contribution._meta.db_table} c"
    f" JOIN {Changeset._meta.db_table} s ON s.id = c.changeset_id"
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
        f"{MARK}ledger_chained",
        _LEDGER,
        "INSERT",
        f"NEW.number <> 1 + COALESCE((SELECT MAX(number) FROM {_LEDGER}), 0)"
        " OR NEW.previous_sha256 <>"
        f" COALESCE((SELECT sha256 FROM {_LEDGER} ORDER BY number DESC LIMIT 1), '')",
        "An entry of the ledger continues the one before it.",
    ),
    Guard(
        f"{MARK}one_record",
        Record._meta.db_table,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {Record._meta.db_table})",
        "An installation keeps one record.",
    ),
    Guard(
        f"{MARK}imported_before_native",
        _PUBLICATION,
        "INSERT",
        f"NEW.source = 'imported' AND EXISTS (SELECT 1 FROM {_PUBLICATION} p"
        " WHERE p.register_id = NEW.register_id AND p.source = 'native')",
        "A page from before the registry cannot follow a publication of the registry.",
    ),
    Guard(
        f"{MARK}files_frozen",
        _FILE,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id)",
        "The files of a publication are complete before it is decided.",
    ),
    Guard(
        f"{MARK}decision_register",
        _DECISION,
        "INSERT",
        f"NOT EXISTS (SELECT 1 {_OF_NEW} AND p.register_id = NEW.register_id)",
        "A decision belongs to the register of its publication.",
    ),
    Guard(
        f"{MARK}approved_hash",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NOT EXISTS (SELECT 1 {_OF_NEW}"
        " AND p.content_sha256 = NEW.content_sha256"
        f" AND EXISTS (SELECT 1 FROM {_FILE} f WHERE f.publication_id = p.id AND f.format = 'json'"
        " AND f.sha256 = NEW.content_sha256))",
        "Another hash than that of the publication was approved.",
    ),
    Guard(
        f"{MARK}number_without_gap",
        _DECISION,
        "INSERT",
        "NEW.kind = 'approved'"
        f" AND NEW.number <> 1 + COALESCE((SELECT MAX(d.number) {_EARLIER}), 0)",
        "Publication numbers have no gaps.",
    ),
    Guard(
        f"{MARK}effective_in_order",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_STANDING}"
        " AND d.effective_from >= NEW.effective_from)",
        "A publication takes effect later than every one before it.",
    ),
    Guard(
        f"{MARK}imported_in_the_past",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NEW.effective_from > NEW.at"
        f" AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'imported')",
        "An imported page was public before it is imported.",
    ),
    Guard(
        f"{MARK}native_not_backdated",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND NEW.effective_from < NEW.at)",
        "A publication takes effect on or after its approval.",
    ),
    Guard(
        f"{MARK}four_eyes",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND (NEW.by_id IS NULL OR NEW.by_id = p.submitted_by_id"
        f" OR EXISTS (SELECT 1 {_CONTRIBUTED})))",
        "Nobody approves what they submitted or edited.",
    ),
    Guard(
        f"{MARK}base_in_force",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND COALESCE(p.base_id, 0) <>"
        f" COALESCE((SELECT d.publication_id {_STANDING}"
        " ORDER BY d.effective_from DESC LIMIT 1), 0))",
        "A publication follows the one that it was compared with.",
    ),
    Guard(
        f"{MARK}effective_as_requested",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native' AND ("
        "NEW.effective_from < p.requested_effective_from OR NEW.effective_from <> NEW.at"
        " AND (p.requested_effective_from IS NULL"
        " OR NEW.effective_from <> p.requested_effective_from)"
        # If the publication before takes effect at the same instant, this one takes effect a
        # microsecond later, so that their order is never in doubt.
        f" AND NOT EXISTS (SELECT 1 {_STANDING} AND d.effective_from >= NEW.at"
        " AND MICROSECONDS(NEW.effective_from) = MICROSECONDS(d.effective_from) + 1)))",
        "A publication takes effect when it was asked to, or on its approval if that is later.",
    ),
    Guard(
        f"{MARK}decided_once",
        _DECISION,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id"
        " AND (NEW.kind <> 'withdrawn' OR d.kind <> 'approved'))",
        "A publication is decided once; only an approved one can be withdrawn after that.",
    ),
    Guard(
        f"{MARK}decided_in_order",
        _DECISION,
        "INSERT",
        f"EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND (NEW.at < p.submitted_at OR EXISTS (SELECT 1"
        f" FROM {_DECISION} d JOIN {_PUBLICATION} o ON o.id = d.publication_id"
        " WHERE d.register_id = NEW.register_id"
        " AND o.source = 'native' AND d.at > NEW.at)))",
        "A decision is not earlier than what it decides of, nor than the decision before it.",
    ),
    Guard(
        f"{MARK}contributions_frozen",
        Contribution._meta.db_table,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id)",
        "Whose edits are in a publication is complete before it is decided.",
    ),
)


def guards() -> list[Guard]:
    return [
        *_append_only_guards(),
        *_slug_guards(),
        *_section_guards(),
        *_cell_guards(),
        *_version_guards(),
        *PUBLICATION_GUARDS,
    ]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every guard, in place of those that the database has."""
    triggers.install(connection, _triggers(connection.vendor))


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Drop every guard: before a migration on SQLite, or before a test cleans up."""
    triggers.uninstall(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the guards that the database lacks or has in another form, sorted."""
    return triggers.missing(connection, _triggers(connection.vendor))


def _triggers(vendor: str) -> Iterator[DatabaseTrigger]:
    tables = [model._meta.db_table for model in append_only_models()]
    mirrors = map(_mirror, graph.tracked_models())
    return triggers.triggers_for(vendor, guards(), tables, mirrors)


def _mirror(model: type[Tracked]) -> Mirror:
    id_type = "uuid" if isinstance(model._meta.pk, UUIDField) else "bigint"
    return Mirror(model._meta.db_table, model.history.model._meta.db_table, id_type)
