"""Names of records for titles, messages and lists, with the place where a record is found."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, prefetch_related_objects
from django.utils.text import capfirst

from compliance.models import Cell, Citation, ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.tracked import Tracked
from compliance.page.diff.sentences import UNNAMED_ROW, the_row_of

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
    does not say on which page the row is.
    """

    def __init__(self, record: Model, name: str) -> None:
        self._record, self._name = record, name

    def __str__(self) -> str:
        return self._name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._record, attribute)


def name_relations(path: str = "") -> list[Any]:
    """Return the relations that name a listing, to prefetch them for several; `path` leads to it.

    They are what `str()` of a listing and `listing_title` read.
    """
    prefix = f"{path}__" if path else ""
    parts = [_naming(name, prefix) for name in _NAMING_PARTS]
    return [f"{prefix}section__register", f"{prefix}section__columns", *parts]


def read_names(listings: Iterable[Any]) -> None:
    """Read the relations of `name_relations` for listings: all of them only where models lack."""
    several = list(listings)
    prefetch_related_objects(several, "section__register", _naming("listed_models"))
    unnamed = [listing for listing in several if not listing.listed_models.all()]
    prefetch_related_objects(unnamed, *name_relations())


def row_name(listing: Any) -> str:
    """Return what a row is called where the name stands alone; a model's name stays as it is."""
    name = str(listing)
    return str(capfirst(name)) if name == UNNAMED_ROW else name


def _naming(part: str, prefix: str = "") -> Prefetch:
    model, named = _NAMING_PARTS[part]
    return Prefetch(f"{prefix}{part}", model._default_manager.select_related(named))


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
    read_names(listings)


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
    """Return a listing as it stands in a sentence, with its register.

    For more than one listing, prefetch `name_relations`, or use `read_names`.
    """
    return f"{the_row_of(str(listing))} on {listing.register}"


class RowPlaces:
    """Where listings stand: their register and their number, as readers count the rows of a page.

    It takes one query for all listings of all their registers.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        registers = {listing.register_id for listing in listings}
        rows = Listing.objects.filter(section__register__in=registers)
        order = ("section__position", "section_id", "position", "pk")
        counted: Counter[int] = Counter()
        self._numbers: dict[Any, int] = {}
        for register, pk in rows.order_by(*order).values_list("section__register", "pk"):
            counted[register] += 1
            self._numbers[pk] = counted[register]

    def number(self, listing: Listing) -> int:
        """Return the number of a listing on its page."""
        return self._numbers[listing.pk]

    def place(self, listing: Listing) -> str:
        """Return the register and the number: "Models and privacy, row 3"."""
        return f"{listing.register}, row {self.number(listing)}"

    def named(self, listing: Listing) -> str:
        """Return the place with what the row is called: "Models and privacy, row 3: GPT 6"."""
        return f"{self.place(listing)}: {listing}"
