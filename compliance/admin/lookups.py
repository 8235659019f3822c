"""Which lookups a change list takes from its address."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest


class RefusesUnlistedLookups:
    """A change list that is filtered by its listed filters only: `?name__iregex=` asks the database what it likes."""

    allowed_lookups: Sequence[str] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse every lookup that no filter of the list offers."""
        return lookup in self.allowed_lookups and "\x00" not in str(value)  # PostgreSQL holds no NUL
