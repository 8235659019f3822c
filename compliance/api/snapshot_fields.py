"""What each field of the canonical JSON says, for the readers of its schema."""

from typing import Any

from compliance.page import snapshot, table

_MARKS = "The numbers of the footnotes that are cited here."
_ITEM_TEXT = "What is printed, as inline Markdown: words, escapes and links."
_ID = "An id that stays."

FIELD_DESCRIPTIONS: dict[Any, dict[str, str]] = {
    snapshot.Snapshot: {
        "register": "The register's own texts.",
        "sections": "The sections of the page in their order.",
        "models": "What the sections name as models, once each, in order of first appearance.",
        "providers": "What the sections name as providers, once each, in order of appearance.",
        "footnotes": "The footnotes in the order of their numbers.",
    },
    snapshot.Register: {
        "slug": "Its name in URLs.",
        "title": "The title of the page.",
        "link_base": "The https URL that links without a host are joined to; may be empty.",
        "language": "The language of its texts, BCP 47.",
    },
    snapshot.Model: {
        "id": _ID,
        "name": "Its name.",
        "developer": "Who made it; may be empty.",
        "aliases": "Its other names, and its names in APIs.",
        "retention_floor": "The term that no host of the model can go below, or null.",
        "continues": "The ids of the models whose history this one takes on.",
    },
    snapshot.Declared: {
        "training": "Whether it trains on what it is sent; null where it declares nothing.",
        "retention": "How long it keeps what it is sent; null where it declares nothing.",
    },
    snapshot.Provider: {
        "id": _ID,
        "name": "Its name.",
        "legal_entity": "Its name in contracts; may be empty.",
        "website": "Its website; may be empty.",
        "processing_countries": "Where prompts are processed, as codes of ISO 3166-1.",
        "storage_countries": "Where prompts are stored, as codes of ISO 3166-1.",
        "aliases": "Its other names.",
        "declared": "What it declares for everything it is sent; null where it declares nothing.",
    },
    snapshot.Footnote: {
        "id": _ID,
        "number": "Its printed number.",
        "text": "Inline Markdown, which may have several lines.",
        "valid_until": "The last day on which it holds, or null.",
    },
    table.Section: {
        "id": _ID,
        "prose": "Markdown blocks before the table: headings, paragraphs, lists and quotes.",
        "columns": "The columns of its table in their order; none where it has no table.",
        "listings": "The rows of its table in their order.",
    },
    table.Column: {
        "key": "The key of its cells in each listing, which stays when the label changes.",
        "label": "The printed label.",
        "role": "What it means.",
        "asks": "What the label asks, which gives a bare Yes, No or None its meaning; or null.",
        "covers": "In a retention column: what clauses are about that name no kind of data.",
        "unit": "In a retention column: what a bare number counts, or null.",
    },
    table.Listing: {
        "id": _ID,
        "cells": "Its cells by the keys of the columns; there is one for each.",
    },
    table.Cell: {
        "items": "The items in their order: of models, providers, documents, claims or texts.",
        "basis": "In claims and documents: whether it was written here, or is derived.",
        "use": "In a training column: whether prompts are used for training.",
        "clauses": "In a retention column: the structured parts of the wording.",
    },
    table.ModelItem: {"model": "The id of the model.", "text": _ITEM_TEXT, "footnotes": _MARKS},
    table.ProviderItem: {
        "provider": "The id of the provider.",
        "text": _ITEM_TEXT,
        "footnotes": _MARKS,
    },
    table.DocumentItem: {
        "document": "The id of the document.",
        "provider": "The id of the provider whose document it is, or null.",
        "kind": "What kind of document it is.",
        "text": _ITEM_TEXT,
        "url": "Where it is, or null.",
        "valid_from": "The first day on which it holds, or null.",
        "valid_until": "The last day on which it holds, or null.",
        "footnotes": _MARKS,
    },
    table.ClaimItem: {"text": _ITEM_TEXT, "footnotes": _MARKS},
    table.TextItem: {
        "text": _ITEM_TEXT,
        "country": "The code of ISO 3166-1 where a place is a country, or null.",
        "footnotes": _MARKS,
    },
    table.Term: {
        "text": "The printed wording.",
        "clauses": "Its structured parts.",
    },
    table.Clause: {
        "data_class": "What kind of data it is about.",
        "kind": "How it ends.",
        "duration": "ISO 8601, such as P30D; null unless the kind is duration.",
        "bound": "How the duration is meant.",
        "trigger": "When it applies.",
    },
}
