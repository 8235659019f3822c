"""What the tables that editors work in always hold: slugs, versions, sections, columns, cells."""

from collections.abc import Iterator

from django.db.models import UUIDField

from compliance.audit.guards.triggers import MARK, Guard, Mirror
from compliance.models import graph
from compliance.models.listings import Cell, Listing
from compliance.models.sections import Column, Section
from compliance.models.tracked import Tracked


def working_copy_guards() -> Iterator[Guard]:
    """Yield the guards of the tables that editors work in."""
    yield from _slug_guards()
    yield from _section_guards()
    yield from _cell_guards()
    yield from _version_guards()


def mirrors() -> Iterator[Mirror]:
    """Yield the rule that each row equals its newest history row, for every tracked table."""
    for model in graph.tracked_models():
        yield _mirror(model)


def _mirror(model: type[Tracked]) -> Mirror:
    id_type = "uuid" if isinstance(model._meta.pk, UUIDField) else "bigint"
    return Mirror(model._meta.db_table, model.history.model._meta.db_table, id_type)


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
