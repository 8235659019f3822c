"""The lookup `says`: whether a text contains a word, whatever its capitals, on both databases."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.db.models import CharField, Lookup, TextField

from compliance.page import joiners


@CharField.register_lookup
@TextField.register_lookup
class Says(Lookup):
    """`name__says="word"`: the text contains the word, whatever its capitals and joiners.

    Django's `icontains` does not do it for every script: SQLite's LIKE folds ASCII only, and
    PostgreSQL's UPPER() what the locale of the database knows.
    """

    lookup_name = "says"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Compare with REGEXP, which Django defines for SQLite by Python's `re`."""
        text, params = self.process_lhs(compiler, connection)
        return f"{text} REGEXP %s", [*params, f"(?i){joiners.search_pattern(self.rhs)}"]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Compare in capitals, by the ICU collation that covers every script."""
        text, params = self.process_lhs(compiler, connection)
        capitals = 'UPPER({}::text COLLATE "und-x-icu")'
        kept = capitals.format(f"TRANSLATE({text}, %s, '')")
        return f"STRPOS({kept}, {capitals.format('%s')}) > 0", [
            *params,
            joiners.JOINERS,
            joiners.without(self.rhs),
        ]
