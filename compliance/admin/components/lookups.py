"""Which lookups a change list takes from its address."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.text import smart_split

LONGEST = 200  # characters that are searched for
MOST_WORDS = 8  # each joins the tables again: PostgreSQL took minutes and gigabytes for a hundred


def looked_for(typed: str) -> str:
    """Return as much of what was typed as is searched for: its first words, each once."""
    return " ".join([*dict.fromkeys(smart_split(typed[:LONGEST]))][:MOST_WORDS])


class LookupAllowlistMixin:
    """A change list that is filtered by its listed filters only: `?name__iregex=` asks the database what it likes."""

    allowed_lookups: Sequence[str] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse every lookup that no filter of the list offers."""
        return lookup in self.allowed_lookups and "\x00" not in str(
            value
        )  # PostgreSQL holds no NUL

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Look for the first words of what was typed."""
        return super().get_search_results(request, queryset, looked_for(search_term))  # type: ignore[misc]
