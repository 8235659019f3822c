"""What a record is called in titles, messages and lists, with where it stands."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.text import capfirst

from compliance.models import Citation, ListedDocument, ListedModel, ListedProvider, Listing


class LabelMixin(admin.ModelAdmin):
    """A screen that says which record it is about."""

    def shown(self, record: Any) -> Any:
        """Return a record as messages and titles call it; by itself it may not know its name without a query."""
        return record


class Called:
    """A record that is called by a name which it does not know itself; in everything else the record."""

    def __init__(self, record: Model, name: str) -> None:
        self._record, self._name = record, name

    def __str__(self) -> str:
        return self._name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._record, attribute)


def place(record: Model) -> str:
    """Return a record with where it stands, for somebody who wants to go there."""
    match record:
        case ListedModel() | ListedProvider() | ListedDocument():
            return f"{record} in {listing_name(record.listing)}"
        case Citation(listing=Listing() as listing):
            return f"Cited on the {record.get_cell_display().lower()} of {listing_name(listing)}"
        case Citation(provider=None, model=None):
            return f"Cited on {place(record.target)}"
        case Citation():
            return f"Cited on {record.target}, wherever {record.footnote.register} lists it"
        case Listing():
            return listing_name(record)
    return f"{capfirst(record._meta.verbose_name)}: {record}"


def listing_name(listing: Listing) -> str:
    """Return a listing by its place and its first model."""
    first = next(iter(listing.listed_models.all()), None)
    return f"listing {listing.position} of {listing.register}" + (
        f" ({first.model.name}, …)" if first else ""
    )
