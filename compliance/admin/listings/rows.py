"""What a listing lists and states, read once, and as the lines of its form."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from compliance.admin.components.lines import TypedLine
from compliance.admin.listings.finders import document_names
from compliance.models import (
    Cell,
    Citation,
    Column,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
)
from compliance.workingcopy.documents import DefaultDocuments

_CITATIONS = Prefetch("citations", Citation.objects.select_related("footnote"))
# The parts of a listing, with their citations and what its claims are derived from.
_PARTS = (
    Prefetch(
        "listed_models",
        ListedModel.objects.select_related("model__retention_floor").prefetch_related(
            "model__retention_floor__clauses", _CITATIONS
        ),
    ),
    Prefetch(
        "listed_providers",
        ListedProvider.objects.select_related("provider__declared_retention").prefetch_related(
            "provider__declared_retention__clauses", _CITATIONS
        ),
    ),
    Prefetch(
        "listed_documents",
        ListedDocument.objects.select_related("document__provider").prefetch_related(_CITATIONS),
    ),
    Prefetch(
        "cells",
        Cell.objects.select_related("column", "term").prefetch_related("term__clauses", _CITATIONS),
    ),
)


class ListingRows:
    """The rows of a listing as stored, with their citations."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.models: list[ListedModel] = []
        self.providers: list[ListedProvider] = []
        self.documents: list[ListedDocument] = []
        self._cells: defaultdict[int, list[Cell]] = defaultdict(list)
        if listing._state.adding:
            return
        # The listing keeps them: it is named by them.
        prefetch_related_objects([listing], *_PARTS)
        self.models = list(listing.listed_models.all())
        self.providers = list(listing.listed_providers.all())
        self.documents = list(listing.listed_documents.all())
        for cell in listing.cells.all():
            self._cells[cell.column_id].append(cell)

    def cells(self, column: Column) -> list[Cell]:
        """Return the cells that state something in a column, in order."""
        return self._cells[column.pk]

    def model_lines(self) -> str:
        """Return the models as lines."""
        return as_lines(
            TypedLine(str(row.model), cited_numbers(row), row.text) for row in self.models
        )

    def provider_lines(self) -> str:
        """Return the providers as lines."""
        return as_lines(
            TypedLine(str(row.provider), cited_numbers(row), row.text) for row in self.providers
        )

    def document_lines(self) -> str:
        """Return the documents that the listing states as lines; if it states none, its providers'.

        Those are in the order of the providers.
        """
        documents = [row.document for row in self.documents]
        numbers = [cited_numbers(row) for row in self.documents]
        if not documents:
            providers = [row.provider_id for row in self.providers]
            documents = DefaultDocuments(providers).of(providers)
            numbers = [()] * len(documents)
        names = document_names()
        return as_lines(
            TypedLine(names[document.pk], marks)
            for document, marks in zip(documents, numbers, strict=True)
        )


def as_lines(lines: Iterable[TypedLine]) -> str:
    """Return lines as the text of a field."""
    return "\n".join(map(str, lines))


def cited_numbers(row: Any) -> tuple[int, ...]:
    """Return the numbers of the footnotes that mark a row or cell, whose citations are loaded.

    What a refused form would add has none yet.
    """
    if row.pk is None:
        return ()
    return tuple(sorted({citation.footnote.position for citation in row.citations.all()}))
