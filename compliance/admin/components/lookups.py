"""What a change list takes from its address: which filters, and how much to search for."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.text import smart_split

LONGEST = 200  # characters
# Each word joins the tables again: PostgreSQL took minutes and gigabytes for a hundred words.
MOST_WORDS = 8


def shortened_search_term(typed: str) -> str:
    """Return the part of a search term that is searched for: its first words, each once."""
    words = list(dict.fromkeys(smart_split(typed[:LONGEST])))
    return " ".join(words[:MOST_WORDS])


class LookupAllowlistMixin:
    """A change list that takes only the lookups in `allowed_lookups` from its address.

    Django allows every lookup on a field of the model itself. With `?password__startswith=` or
    `?name__iregex=` a reader could ask for what is not shown, or keep the database busy.
    """

    allowed_lookups: Sequence[str] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Return whether a filter of the list offers the lookup."""
        # PostgreSQL raises an error for NUL in a text.
        return lookup in self.allowed_lookups and "\x00" not in str(value)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Search for no more words than `shortened_search_term` returns."""
        return super().get_search_results(request, queryset, shortened_search_term(search_term))  # type: ignore[misc]
