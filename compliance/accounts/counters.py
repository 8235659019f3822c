"""The cache that counts failed tries to sign in."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router

from compliance.models.outages import outage_of


class Counters(DatabaseCache):
    """Counters in the database. One that cannot be written to is an error, not a full counter."""

    def _base_set(self, *args: Any, **options: Any) -> bool:
        """Write a value; raises OperationalError if the database takes none.

        Django returns False for that, as for a counter that somebody else has locked, and allauth
        then refuses the sign-in as one try too many.
        """
        outages: list[BaseException] = []

        def note_outages(execute: Callable[..., Any], *statement: Any) -> Any:
            try:
                return execute(*statement)
            except DatabaseError as error:
                outages.extend(filter(None, [outage_of(error)]))
                raise

        database = connections[router.db_for_write(self.cache_model_class)]
        with database.execute_wrapper(note_outages):
            is_written: bool = super()._base_set(*args, **options)  # type: ignore[misc]
        if outages:
            raise outages[0]
        return is_written
