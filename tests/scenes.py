"""Scenes: what a fixture writes into an empty database and store, written once and copied after that.

Tracked saves validate, version, record and seal each row, which takes most of the time of a test
that begins with a published register. A scene is built that way by the first test of a process that
asks for it; for the others its rows are inserted as they were read, under the guards of the
database, and the files of the store are copied.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from compliance.models import Decision, PublicEvent, User

# Made anew, with other ids, by each migration and whenever a test has flushed the database.
_MADE_BY_MIGRATION = {
    ContentType,
    Permission,
    Group,
    Group.permissions.through,
    User.user_permissions.through,
}
_LATE = [Decision, PublicEvent]
_MEMBERSHIP = User.groups.through._meta.db_table


@dataclass(frozen=True)
class Table:
    """The rows of a table as the database gives them."""

    name: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Copy:
    """A scene as it was built: its rows, the names of the groups by id, its files, and what the builder returned."""

    tables: list[Table]
    groups: dict[int, str]
    files: Path
    result: Any


class Scenes:
    """The scenes of a process; `folder` keeps their files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies: dict[tuple[Callable[[], Any], bool], Copy] = {}

    def enter(self, build: Callable[[], Any], store: Path) -> Any:
        """Build a scene, or copy it; return the record, or the sequence of records, that its builder returns."""
        assert not read_tables(), (
            "A scene is not the first thing that this test writes. Ask for it first."
        )
        # What follows a commit, such as the files of the store, is there only if it was committed.
        key = build, connection.in_atomic_block
        if key not in self._copies:
            result = build()
            files = self._folder / str(len(self._copies))
            if store.exists():
                shutil.copytree(store, files)
            groups = dict(Group.objects.values_list("pk", "name"))
            self._copies[key] = Copy(read_tables(), groups, files, result)
        else:
            self._restore(self._copies[key], store)
        return _read_again(self._copies[key].result)

    def _restore(self, copy: Copy, store: Path) -> None:
        groups = dict(Group.objects.values_list("name", "pk"))
        with transaction.atomic(), connection.cursor() as cursor:
            for table in copy.tables:
                rows = table.rows
                if table.name == _MEMBERSHIP:
                    place = table.columns.index("group_id")
                    rows = [
                        (*row[:place], groups[copy.groups[row[place]]], *row[place + 1 :])
                        for row in rows
                    ]
                columns, values = ", ".join(table.columns), ", ".join(["%s"] * len(table.columns))
                cursor.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({values})", rows)
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
        if copy.files.exists():
            shutil.copytree(copy.files, store, dirs_exist_ok=True)


def _models() -> list[type[Model]]:
    """Return the models whose tables a scene may fill.

    Decisions come late, because the guards let nothing be added to what was decided; their public
    events follow.
    """
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model not in _MADE_BY_MIGRATION
    ]
    return sorted(models, key=lambda model: _LATE.index(model) if model in _LATE else -1)


def read_tables() -> list[Table]:
    """Return every table that a scene may fill and that has rows."""
    tables = []
    with connection.cursor() as cursor:
        for model in _models():
            name, key = model._meta.db_table, model._meta.pk.column
            cursor.execute(f"SELECT * FROM {name} ORDER BY {key}")
            columns = [column[0] for column in cursor.description]
            if rows := cursor.fetchall():
                tables.append(Table(name, columns, rows))
    return tables


def _read_again(result: Any) -> Any:
    """Return records as the database holds them, so that no test gets what another one changed."""
    if isinstance(result, Model):
        return type(result)._default_manager.get(pk=result.pk)
    if isinstance(result, Sequence) and not isinstance(result, str):
        return type(result)(map(_read_again, result))
    return result
