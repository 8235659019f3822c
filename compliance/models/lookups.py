"""The lookup `says`: whether a text contains a word, whatever the case, on both databases."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from typing import Any

from django.db.models import CharField, Lookup, TextField


@CharField.register_lookup
@TextField.register_lookup
class Says(Lookup):
    """`name__says="word"`: the text contains the word, with upper and lower case taken as equal.

    Django's `icontains` does not do it for every script: SQLite's LIKE folds ASCII only, and
    PostgreSQL's UPPER() what the locale of the database knows.
    """

    lookup_name = "says"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Compare with REGEXP, which Django defines for SQLite by Python's `re`."""
        text, params = self.process_lhs(compiler, connection)
        return f"{text} REGEXP %s", [*params, f"(?i){re.escape(self.rhs)}"]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Compare in capitals, by the ICU collation that covers every script."""
        text, params = self.process_lhs(compiler, connection)
        capitals = 'UPPER({}::text COLLATE "und-x-icu")'
        return f"STRPOS({capitals.format(text)}, {capitals.format('%s')}) > 0", [*params, self.rhs]
