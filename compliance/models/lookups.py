"""Whether a text says a word, in whatever case and script, on both databases."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from typing import Any

from django.db.models import CharField, Lookup, TextField


@CharField.register_lookup
@TextField.register_lookup
class Says(Lookup):
    """`name__says="word"`: the text holds the word as it is typed, upper and lower case alike.

    `icontains` folds ASCII alone on SQLite, and on PostgreSQL what the database's locale knows.
    """

    lookup_name = "says"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Ask Django's own function, which is Python's `re`."""
        text, params = self.process_lhs(compiler, connection)
        return f"{text} REGEXP %s", [*params, f"(?i){re.escape(self.rhs)}"]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Compare in capitals, by the collation that knows every script."""
        text, params = self.process_lhs(compiler, connection)
        capitals = 'UPPER({}::text COLLATE "und-x-icu")'
        return f"STRPOS({capitals.format(text)}, {capitals.format('%s')}) > 0", [*params, self.rhs]
