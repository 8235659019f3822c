"""The shapes of the API's answers, and the functions that make them.

A shape is a TypedDict. The type checker holds the functions to it, the OpenAPI document is derived
from it, and tests validate every answer against that document.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.urls import reverse

from compliance.api.schemas import (
    COMPONENTS,
    Definitions,
    component_reference,
    definition_name,
    list_schema,
)
from compliance.page import snapshot, values
from compliance.page.claims import effective
from compliance.page.diff import AffectedChange, ChangeKind, Effect
from compliance.page.diff.sentences import row_label
from compliance.page.formats import FORMATS
from compliance.page.policy import Verdict
from compliance.page.snapshot import Snapshot
from compliance.page.table import Cell, Clause, DocumentItem, Row
from compliance.page.vocabulary import ONCE_IN_A_TABLE
from compliance.published.events import EventKind, PublicationEvent
from compliance.published.index import Index, PublishedEntry, moment_text


class FileShape(TypedDict):
    """A publication in one format."""

    url: Annotated[str, {"format": "uri", "description": "Where the file is."}]
    media_type: Annotated[str, {"description": "Its media type."}]
    sha256: Annotated[
        str, {"description": "The SHA-256 of its bytes, 64 hex digits; also its ETag."}
    ]
    size: Annotated[int, {"description": "Its length in bytes."}]


class PublicationShape(TypedDict):
    """A register as it was approved to be public, under its number."""

    number: Annotated[int, {"description": "Its number in the register, from 1, without gaps."}]
    title: Annotated[str, {"description": "The title of the register in this publication."}]
    source: Annotated[
        str,
        {
            "enum": ["native", "imported"],
            "description": "imported: a page from before the registry; native: approved in it.",
        },
    ]
    effective_from: Annotated[
        str, {"format": "date-time", "description": "When it takes or took effect."}
    ]
    approved_at: Annotated[
        str,
        {
            "format": "date-time",
            "description": "When it was approved, or recorded if it is imported.",
        },
    ]
    in_force: Annotated[bool, {"description": "Whether it is the publication in force now."}]
    content_sha256: Annotated[
        str, {"description": "The SHA-256 of its canonical JSON, 64 hex digits."}
    ]
    url: Annotated[str, {"format": "uri", "description": "Its page for people."}]
    files: Annotated[dict[str, FileShape], {"description": "Its files by format: md, csv, json."}]


class RegisterShape(TypedDict):
    """A public list of the models that get users' prompts."""

    slug: Annotated[str, {"description": "Its name in URLs."}]
    title: Annotated[str, {"description": "Its title."}]
    language: Annotated[str, {"description": "The language of its texts, BCP 47."}]
    publisher: Annotated[str, {"description": "Who answers for it; may be empty."}]
    contact: Annotated[str, {"description": "Where to ask; may be empty."}]
    licence: Annotated[str, {"description": "The licence of the data; may be empty."}]
    url: Annotated[str, {"format": "uri", "description": "Its page for people."}]
    current: Annotated[PublicationShape, {"description": "The publication in force."}]


class ProblemShape(TypedDict):
    """An error, as RFC 9457 problem details."""

    type: Annotated[str, {"description": "Always about:blank: the status says the kind."}]
    title: Annotated[str, {"description": "The name of the HTTP status."}]
    status: Annotated[int, {"description": "The HTTP status."}]
    detail: Annotated[str, {"description": "What is wrong and what to do."}]


# What several shapes say of a row.
Effective = Annotated[
    list[Clause],
    {
        "description": "The retention clauses that count, over all retention columns of the row: "
        "one more, not stated, if none says how long all content is always kept."
    },
]


class ListingShape(TypedDict):
    """A row of a table, with its cells as they were frozen."""

    id: Annotated[str, {"description": "Its id, which stays."}]
    section: Annotated[str, {"description": "The id of the section that its table stands in."}]
    name: Annotated[
        str,
        {"description": "What it is called: a few of its models, or the words of its first cell."},
    ]
    cells: Annotated[dict[str, Cell], {"description": "Its cells by the keys of the columns."}]
    effective: Effective


class OfferingShape(TypedDict):
    """A model as served by one provider, on the terms of its row."""

    listing: Annotated[str, {"description": "The id of its row."}]
    section: Annotated[str, {"description": "The id of the section that its table stands in."}]
    model: Annotated[snapshot.Model, {"description": "The model."}]
    provider: Annotated[snapshot.Provider, {"description": "The provider."}]
    footnotes: Annotated[
        list[int], {"description": "The numbers of the footnotes on the model and the provider."}
    ]
    cells: Annotated[
        dict[str, Cell],
        {"description": "The claims, places and texts of the row by the keys of the columns."},
    ]
    effective: Effective
    documents: Annotated[
        list[DocumentItem],
        {"description": "The documents in that row of this provider, or of no provider."},
    ]


class ChangeShape(TypedDict):
    """One difference between two publications."""

    kind: Annotated[ChangeKind, {"description": "What changed."}]
    effect: Annotated[
        Effect, {"description": "What it means for the people whose prompts are sent."}
    ]
    graded: Annotated[
        bool, {"description": "Whether the publisher gave the effect; else rules found it."}
    ]
    touches_promise: Annotated[
        bool, {"description": "Whether it touches a claim or a company that gets prompts."}
    ]
    sentence: Annotated[str, {"description": "The change in words."}]
    listing: Annotated[str | None, {"description": "The id of the row in which it happened."}]
    models: Annotated[list[str], {"description": "The ids of the models that it concerns."}]
    providers: Annotated[list[str], {"description": "The ids of the providers that it concerns."}]


class EventShape(TypedDict):
    """Something that happened to a publication, and what it changed on the page."""

    id: Annotated[
        str, {"description": "Its id in the register. It stays when the publication is renewed."}
    ]
    kind: Annotated[EventKind, {"description": "What happened."}]
    at: Annotated[
        str,
        {
            "format": "date-time",
            "description": "When: a publication when it takes effect or is called off.",
        },
    ]
    publication: Annotated[int, {"minimum": 1, "description": "The number of the publication."}]
    announced_as: Annotated[
        list[int],
        {"description": "The numbers under which it was announced before it was renewed."},
    ]
    before: Annotated[
        int | None, {"description": "The number of the page before it; null where there was none."}
    ]
    after: Annotated[
        int | None, {"description": "The number of the page after it; null where none was left."}
    ]
    fulfilled_by: Annotated[
        int | None,
        {
            "description": "The number of the publication with which the changes of a called-off"
            " one took or take effect; null where they do not come, and of what was not called off."
        },
    ]
    effective_from: Annotated[
        str, {"format": "date-time", "description": "When the publication takes or took effect."}
    ]
    announced: Annotated[
        bool, {"description": "Whether the publication is announced and has not taken effect."}
    ]
    withdrawn_at: Annotated[
        str | None,
        {
            "format": "date-time",
            "description": "When the publication was withdrawn or called off; null if it stands.",
        },
    ]
    url: Annotated[
        str, {"format": "uri", "description": "The page for people with the same changes."}
    ]
    changes: Annotated[
        list[ChangeShape],
        {"description": "What it changed, weaker first; of a called-off one, what was announced."},
    ]


class PartyShape(TypedDict):
    """A provider, by its id and name."""

    id: Annotated[str, {"description": "Its id."}]
    name: Annotated[str, {"description": "Its name."}]


class ReasonShape(TypedDict):
    """Why a model or a row does not fit."""

    sentence: Annotated[str, {"description": "The reason in words."}]
    providers: Annotated[
        list[PartyShape], {"description": "The providers that the reason applies to."}
    ]


class VerdictShape(TypedDict):
    """A model, or a row that names no model, judged by the worst that is printed for it."""

    model: Annotated[str | None, {"description": "The id of the model; null for a row."}]
    listing: Annotated[
        str | None, {"description": "The id of the row that names no model; null for a model."}
    ]
    name: Annotated[str, {"description": "The name of the model, or what names the row."}]
    effective: Annotated[
        list[Clause],
        {"description": "The retention clauses that count in any of its rows, each once."},
    ]
    fits: Annotated[bool, {"description": "Whether it fits."}]
    reasons: Annotated[list[ReasonShape], {"description": "Why it does not fit; empty if it does."}]


class FitShape(TypedDict):
    """A publication, judged by a policy."""

    publication: Annotated[int, {"minimum": 1, "description": "Its number."}]
    verdicts: Annotated[
        list[VerdictShape], {"description": "The verdicts, in the order of the page."}
    ]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of entries of one type; `of_publication` where all are of one publication."""

    entry: Any
    of_publication: bool = False

    @property
    def name(self) -> str:
        """The name of the list among the components of the OpenAPI document."""
        return f"{definition_name(self.entry)}List"

    def reference(self) -> dict[str, Any]:
        """Return a reference to the component."""
        return {"$ref": f"{COMPONENTS}{self.name}"}


REGISTERS = ListOf(RegisterShape)
PUBLICATIONS = ListOf(PublicationShape)
EVENTS = ListOf(EventShape)
LISTINGS = ListOf(ListingShape, of_publication=True)
OFFERINGS = ListOf(OfferingShape, of_publication=True)
MODELS = ListOf(snapshot.Model, of_publication=True)
PROVIDERS = ListOf(snapshot.Provider, of_publication=True)
_LISTS = (REGISTERS, PUBLICATIONS, EVENTS, LISTINGS, OFFERINGS, MODELS, PROVIDERS)


OPENAPI_DOCUMENT = {"$ref": f"{COMPONENTS}OpenApiDocument"}


def add_components(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the named schemas to the OpenAPI document: a post-processing hook of drf-spectacular."""
    definitions = Definitions(COMPONENTS)
    for shape in (ProblemShape, FitShape, Snapshot, *(entries.entry for entries in _LISTS)):
        definitions.reference(shape)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(definitions.schemas)
    schemas["OpenApiDocument"] = {"type": "object", "description": "An OpenAPI 3.1 document."}
    for entries in _LISTS:
        schemas[entries.name] = list_schema(
            component_reference(entries.entry), of_publication=entries.of_publication
        )
    return result


def make_register(index: Index, current: PublishedEntry, base: str) -> RegisterShape:
    """Return a register with its publication in force; `base` is the site's origin."""
    return {
        "slug": index.slug,
        "title": current.title,
        "language": current.language,
        "publisher": current.publisher,
        "contact": current.contact,
        "licence": current.licence,
        "url": base + reverse("public:register", kwargs={"slug": index.slug}),
        "current": make_publication(index, current, base, in_force=True),
    }


def make_publication(
    index: Index, entry: PublishedEntry, base: str, *, in_force: bool
) -> PublicationShape:
    """Return a publication; `base` is the site's origin."""
    page = base + reverse("public:publication", kwargs={"slug": index.slug, "number": entry.number})
    return {
        "number": entry.number,
        "title": entry.title,
        "source": entry.source,
        "effective_from": moment_text(entry.effective_from),
        "approved_at": moment_text(entry.approved_at),
        "in_force": in_force,
        "content_sha256": entry.content_sha256,
        "url": page,
        "files": {
            format: _make_file(entry, format, page) for format in FORMATS if format in entry.files
        },
    }


def _make_file(entry: PublishedEntry, format: str, page: str) -> FileShape:
    file = entry.files[format]
    return {
        "url": f"{page.rstrip('/')}.{format}",
        "media_type": FORMATS[format].media_type,
        "sha256": file.sha256,
        "size": file.size,
    }


def make_listing(row: Row) -> ListingShape:
    """Return a row of a table."""
    return {
        "id": row.id,
        "section": row.section.id,
        "name": row_label(row),
        "cells": values.plain(row.listing.cells),
        "effective": values.plain(effective(row)),
    }


@dataclass(frozen=True, slots=True)
class Offering:
    """A model at a provider in a row; `footnotes` are the numbers that mark the two there."""

    row: Row
    model: snapshot.Model
    provider: snapshot.Provider
    footnotes: tuple[int, ...]


def find_offerings(page: Snapshot) -> Iterator[Offering]:
    """Yield every pair of a model and a provider in a row, in the order of the page."""
    models = {model.id: model for model in page.models}
    providers = {provider.id: provider for provider in page.providers}
    for row in page.rows():
        for model in row.models:
            for provider in row.providers:
                marks = tuple(sorted({*model.footnotes, *provider.footnotes}))
                yield Offering(row, models[model.model], providers[provider.provider], marks)


def make_offering(offering: Offering) -> OfferingShape:
    """Return a model at a provider, on the terms of its row."""
    row = offering.row
    owners = (offering.provider.id, None)
    documents = [document for document in row.documents if document.provider in owners]
    cells = {column.key: cell for column, cell in row.cells if column.role not in ONCE_IN_A_TABLE}
    return {
        "listing": row.id,
        "section": row.section.id,
        "model": values.plain(offering.model),
        "provider": values.plain(offering.provider),
        "footnotes": list(offering.footnotes),
        "cells": values.plain(cells),
        "effective": values.plain(effective(row)),
        "documents": values.plain(tuple(documents)),
    }


def make_event(
    index: Index,
    event: PublicationEvent,
    changes: Iterable[AffectedChange],
    at: datetime,
    base: str,
    *,
    fulfilled_by: PublishedEntry | None,
) -> EventShape:
    """Return an event with some of its changes; `base` is the site's origin.

    `fulfilled_by` is the publication with which the changes of a called-off one come.
    """
    entry = event.entry
    path = reverse("public:step", kwargs={"slug": index.slug, "number": entry.number})
    fragment = "" if event.kind is EventKind.PUBLISHED else "#taken-back"
    return {
        "id": event.id,
        "kind": event.kind,
        "at": moment_text(event.moment),
        "publication": entry.number,
        "announced_as": [renewed.number for renewed in event.announced_as],
        "before": event.before.number if event.before else None,
        "after": event.after.number if event.after else None,
        "fulfilled_by": fulfilled_by.number if fulfilled_by else None,
        "effective_from": moment_text(entry.effective_from),
        "announced": entry.is_waiting(at) and entry.withdrawn_at is None,
        "withdrawn_at": moment_text(entry.withdrawn_at) if entry.withdrawn_at else None,
        "url": f"{base}{path}{fragment}",
        "changes": [_make_change(affected) for affected in changes],
    }


def _make_change(affected: AffectedChange) -> ChangeShape:
    return {
        "kind": affected.change.kind,
        "effect": affected.change.effect,
        "graded": affected.change.is_graded,
        "touches_promise": affected.change.touches_promise,
        "sentence": affected.change.sentence,
        "listing": affected.change.listing,
        "models": sorted(affected.models),
        "providers": sorted(affected.providers),
    }


def make_verdict(verdict: Verdict) -> VerdictShape:
    """Return the verdict on a model."""
    reasons: list[ReasonShape] = []
    for reason in verdict.reasons:
        providers: list[PartyShape] = [
            {"id": provider.id, "name": provider.name} for provider in reason.providers
        ]
        reasons.append({"sentence": reason.sentence, "providers": providers})
    return {
        "model": verdict.model,
        "listing": verdict.listing,
        "name": verdict.name,
        "effective": values.plain(verdict.effective),
        "fits": not reasons,
        "reasons": reasons,
    }
