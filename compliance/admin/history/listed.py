"""What changed in the listings of a model or provider while they named it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Q

from compliance.admin.history import queries
from compliance.admin.history.rows import rows_of
from compliance.models import Citation, Listing, graph
from compliance.models.tracked import Tracked


class _Span(NamedTuple):
    """From the changeset in which a listing named a record until the one in which it ended to."""

    first: int
    last: int | None

    @property
    def rows(self) -> Q:
        """The history rows within it."""
        condition = Q(changeset__gte=self.first)
        return condition & Q(changeset__lte=self.last) if self.last else condition


def histories_while_listed(part: graph.Part, pk: Any) -> dict[type[Tracked], Q]:
    """Return the rows of the listings that named a record, from the time when they did.

    `part` is how a listing names it. They are rows of the other parts of these listings (a
    provider's models, cells and documents, or a model's providers, cells and documents), and of
    the marks on them.
    """
    listings: defaultdict[_Span, set[Any]] = defaultdict(set)
    for listing, span in _spans(part, pk):
        listings[span].add(listing)
    histories: dict[type[Tracked], Q] = {}
    for span, keys in listings.items():
        for other in graph.parts_of(Listing):
            if other.model is part.model:
                continue
            of_listings = Q(listing__in=keys)
            marked = rows_of(other.model).filter(of_listings).values("id")
            _add(histories, other.model, of_listings & span.rows)
            _add(histories, Citation, Q(**{f"{other.cited_as}__in": marked}) & span.rows)
    return histories


def _spans(part: graph.Part, pk: Any) -> Iterator[tuple[Any, _Span]]:
    """Yield each listing that named a record, with the time in which it did."""
    names_it = queries.whole_history_of(part.model, Q(**{part.label: pk}))
    versions = rows_of(part.model).filter(names_it).order_by("history_id")
    began: dict[Any, tuple[Any, int]] = {}
    columns = ("id", "listing_id", f"{part.label}_id", "changeset_id", "history_type")
    for key, listing, named, changeset, kind in versions.values_list(*columns):
        is_named = kind != "-" and named == pk
        if key in began and (not is_named or began[key][0] != listing):
            earlier, first = began.pop(key)
            yield earlier, _Span(first, changeset)
        if is_named and key not in began:
            began[key] = (listing, changeset)
    for listing, first in began.values():
        yield listing, _Span(first, None)


def _add(histories: dict[type[Tracked], Q], model: type[Tracked], condition: Q) -> None:
    histories[model] = histories[model] | condition if model in histories else condition
