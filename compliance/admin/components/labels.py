"""Names of records for titles, messages and lists, with the place where a record is found."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, prefetch_related_objects
from django.utils.text import capfirst

from compliance.models import Cell, Citation, ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.tracked import Tracked
from compliance.page import inline
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.vocabulary import ColumnRole

# The parts of a listing that name it, each with what it refers to. A join reads that: SQLite
# refuses the query in which Django would ask for a thousand models by their keys.
_NAMING_PARTS: dict[str, tuple[type[Tracked], str]] = {
    "listed_models": (ListedModel, "model"),
    "listed_providers": (ListedProvider, "provider"),
    "listed_documents": (ListedDocument, "document__provider"),
    "cells": (Cell, "term"),
}
# What names each part of a listing.
_PART_RELATIONS: dict[type[Model], tuple[str, ...]] = {
    ListedModel: ("model",),
    ListedProvider: ("provider",),
    ListedDocument: ("document__provider",),
    Cell: ("column", "term"),
}
_CITED = ("provider", "model", "listed_model", "listed_provider", "listed_document", "cell")


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


def name_relations(path: str = "") -> list[Any]:
    """Return the relations that name a listing, to prefetch them for several; `path` leads to it.

    They are what `listing_title` and `listing_label` read, and the register.
    """
    prefix = f"{path}__" if path else ""
    parts = [
        Prefetch(f"{prefix}{name}", model._default_manager.select_related(named))
        for name, (model, named) in _NAMING_PARTS.items()
    ]
    return [f"{prefix}section__register", f"{prefix}section__columns", *parts]


def prefetch_locations(records: Iterable[Model]) -> None:
    """Read what `location_label` needs for records of any kinds, in a fixed number of queries."""
    by_kind: defaultdict[type[Model], list[Model]] = defaultdict(list)
    for record in records:
        by_kind[type(record)].append(record)
    if citations := by_kind[Citation]:
        prefetch_related_objects(citations, "footnote__register", *_CITED)
        for citation in citations:
            target = citation.target  # type: ignore[attr-defined]  # a citation, by its kind
            by_kind[type(target)].append(target)
    listings = by_kind[Listing]
    for kind, relations in _PART_RELATIONS.items():
        parts: list[Any] = by_kind[kind]
        prefetch_related_objects(parts, *relations, "listing")
        listings += [part.listing for part in parts]
    prefetch_related_objects(listings, *name_relations())


def location_label(record: Model) -> str:
    """Return the name of a record with the place where somebody finds it."""
    match record:
        case ListedModel() | ListedProvider() | ListedDocument():
            return f"{record} in {listing_title(record.listing)}"
        case Cell():
            words = record.words or "empty on purpose"
            return f"{record.column}: {words} in {listing_title(record.listing)}"
        case Citation(provider=None, model=None):
            return f"Cited on {location_label(record.target)}"
        case Citation():
            return f"Cited on {record.target}, wherever {record.footnote.register} lists it"
        case Listing():
            return listing_title(record)
    return f"{capfirst(record._meta.verbose_name)}: {record}"


def listing_title(listing: Listing) -> str:
    """Return a listing by its position, its register and its first model.

    A listing without models is called by its first cell. For more than one listing, prefetch
    `name_relations`.
    """
    first = next(iter(listing.listed_models.all()), None)
    name = f"{first.model.name}, …" if first else first_cell(listing)
    title = f"row {listing.position} of {listing.register}"
    return f"{title} ({name})" if name else title


def listing_label(listing: Listing) -> str:
    """Return a listing by its first few models, as sentences and choices name it.

    A listing without models is called by its first cell. For more than one listing, prefetch
    `name_relations`.
    """
    names = [row.model.name for row in listing.listed_models.all()]
    return join_names(names, limit=FEW) or first_cell(listing) or "a row without a name"


def first_cell(listing: Listing) -> str:
    """Return the words that a listing itself has in the first column, which is its row's header."""
    column = next(iter(listing.section.columns.all()), None)
    if column is None:
        return ""
    words: list[str]
    match column.role:
        case ColumnRole.MODELS:
            words = [inline.plain(row.text) or str(row) for row in listing.listed_models.all()]
        case ColumnRole.PROVIDERS:
            words = [inline.plain(row.text) or str(row) for row in listing.listed_providers.all()]
        case ColumnRole.DOCUMENTS:
            words = [str(row) for row in listing.listed_documents.all()]
        case _:
            cells = (cell for cell in listing.cells.all() if cell.column_id == column.pk)
            words = [cell.words for cell in cells]
    return join_names([word for word in words if word], limit=FEW)
