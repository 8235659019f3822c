"""manage.py loaddata: Django's command, which here takes records only with history and ledger."""

from collections.abc import Sequence
from typing import Any

from django.core.management.commands import loaddata
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, IntegrityError, connections
from django.db.models import AutoField, Max

from compliance.accounts import recording
from compliance.audit import guards, verification
from compliance.management.inputs import refusal, refused_right, unusable_database
from compliance.models import graph

_NOT_WHOLE = (
    "A fixture must bring the history, changesets and ledger of its records, "
    "so nothing was loaded. To bring in a page, use import_page."
)
_NOT_EMPTY = "Nothing was loaded. Load a dump into a new database, after migrate."


class Command(loaddata.Command):
    """Load fixtures; the registry's records come from a dump of the whole record, or not at all."""

    def save_obj(self, obj: Any) -> bool:
        """Insert one row."""
        try:
            return super().save_obj(obj)
        except IntegrityError as error:
            raise refusal(f"{_first_line(error)} {_NOT_EMPTY}") from error

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Load; a role that may not gets one sentence."""
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if refused_right(error):
                raise unusable_database(error) from error
            raise

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        """Load all fixtures and verify the record that they bring, in one transaction."""
        try:
            with recording.loading():
                super().loaddata(fixture_labels)
        except DeserializationError as error:
            # Django's message is empty for a file that is not JSON; the cause says what is wrong.
            cause = error.__cause__ or error
            raise refusal(f"The fixture cannot be read: {cause}. Nothing was loaded.") from error
        except IntegrityError as error:  # PostgreSQL compares rows and history by itself
            raise refusal(f"{_first_line(error)} {_NOT_WHOLE}") from error
        tracked = graph.tracked_models()
        if self.models.intersection([*tracked, *guards.append_only_models()]):
            if fault := verification.first_record_fault():
                raise refusal(f"{fault} {_NOT_WHOLE}")
            for model in tracked:
                if isinstance(model._meta.pk, AutoField):
                    last = model.history.aggregate(last=Max("id"))["last"]
                    _continue_after(last or 0, model._meta.db_table, connections[self.using])


def _first_line(error: IntegrityError) -> str:
    """Return the sentence of an error, without the context that PostgreSQL adds."""
    return str(error).splitlines()[0].rstrip(".") + "."


def _continue_after(last: int, table: str, connection: Any) -> None:
    """Let the next row of a table get an id after `last`.

    Otherwise a new row could get the id, and with it the history, of a deleted one.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A sequence of PostgreSQL begins at 1: with last = 0, the next id is that 1 itself.
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, %s)",
                [table, max(last, 1), last > 0],
            )
        else:
            # SQLite's own table has no unique column by which a row could be replaced.
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
