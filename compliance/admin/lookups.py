"""Which lookups a change list takes from its address."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

LONGEST = 200  # characters that are searched for


class RefusesUnlistedLookups:
    """A change list that is filtered by its listed filters only: `?name__iregex=` asks the database what it likes."""

    allowed_lookups: Sequence[str] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse every lookup that no filter of the list offers."""
        return lookup in self.allowed_lookups and "\x00" not in str(value)  # PostgreSQL holds no NUL

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Look for what fits on a line: each word is a condition, and SQLite takes no thousand of them."""
        return super().get_search_results(request, queryset, search_term[:LONGEST])  # type: ignore[misc]
