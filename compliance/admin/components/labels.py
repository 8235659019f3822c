"""Names of records for titles, messages and lists, with the place where a record is found."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.text import capfirst

from compliance.models import Citation, ListedDocument, ListedModel, ListedProvider, Listing
from compliance.page.diff.sentences import FEW, join_names


class LabelMixin(admin.ModelAdmin):
    """A screen whose titles and messages name its record."""

    def shown(self, record: Any) -> Any:
        """Return the record, so that `str()` of it is its full name without another query."""
        return record


class NamedRecord:
    """A record with a name for `str()`; every attribute is the record's own.

    Django's views take `str()` of a record for their titles and messages. A listing's own `__str__`
    cannot name its models: it would need a query for each.
    """

    def __init__(self, record: Model, name: str) -> None:
        self._record, self._name = record, name

    def __str__(self) -> str:
        return self._name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._record, attribute)


def location_label(record: Model) -> str:
    """Return the name of a record with the place where somebody finds it."""
    match record:
        case ListedModel() | ListedProvider() | ListedDocument():
            return f"{record} in {listing_title(record.listing)}"
        case Citation(listing=Listing() as listing):
            return f"Cited on the {record.get_cell_display().lower()} of {listing_title(listing)}"
        case Citation(provider=None, model=None):
            return f"Cited on {location_label(record.target)}"
        case Citation():
            return f"Cited on {record.target}, wherever {record.footnote.register} lists it"
        case Listing():
            return listing_title(record)
    return f"{capfirst(record._meta.verbose_name)}: {record}"


def listing_title(listing: Listing) -> str:
    """Return a listing by its position, its register and its first model.

    Prefetch `listed_models` with their models for more than one listing.
    """
    first = next(iter(listing.listed_models.all()), None)
    models = f" ({first.model.name}, …)" if first else ""
    return f"listing {listing.position} of {listing.register}{models}"


def listing_label(listing: Listing) -> str:
    """Return a listing by its first few models, as sentences and choices name it.

    Prefetch `listed_models` with their models for more than one listing.
    """
    names = [row.model.name for row in listing.listed_models.all()]
    return join_names(names, limit=FEW) or "a row without models"
