"""What the OpenAPI document says about the views: parameters, answers and examples."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from compliance.api.pagination import DEFAULT_LIMIT, EVENT_ID, MAX_LIMIT, WHOLE_NUMBER
from compliance.api.problems import MEDIA_TYPE
from compliance.api.schemas import component_reference, whole_text_pattern
from compliance.api.shapes import EventShape, ProblemShape, VerdictShape
from compliance.page import values
from compliance.page.diff import ChangeKind, Effect
from compliance.page.policy import LONGEST as LONGEST_PATTERN
from compliance.page.table import Clause
from compliance.page.vocabulary import Bound, ClauseKind, DataClass, TrainingUse, Trigger
from compliance.published.events import EventKind

SLUG = OpenApiParameter(
    "slug", str, OpenApiParameter.PATH, description="The register's name in URLs."
)
NUMBER = OpenApiParameter(
    "number", int, OpenApiParameter.PATH, description="The publication's number, from 1."
)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    description=f"How many entries to return, from 1 to {MAX_LIMIT}.",
)
_AFTER = "The key of the entry after which to go on, as `next` gives it."
AFTER_NAME = OpenApiParameter("after", {"type": "string", "minLength": 1}, description=_AFTER)
AFTER_NUMBER = OpenApiParameter(
    "after",
    {"type": "string", "pattern": whole_text_pattern(WHOLE_NUMBER), "examples": ["50"]},
    description=_AFTER,
)
PUBLICATION = OpenApiParameter(
    "publication",
    {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    description="The number of a publication, instead of the one in force.",
)
AS_OF = OpenApiParameter(
    "as_of",
    {"type": "string", "format": "date"},
    description="A day in UTC: what was public at its end, instead of what is in force.",
)
OF_PUBLICATION = (PUBLICATION, AS_OF, LIMIT, AFTER_NUMBER)
SECTION = OpenApiParameter(
    "section", {"type": "string", "minLength": 1}, description="The id of a section: only its rows."
)
TRAINING = OpenApiParameter(
    "training",
    component_reference(TrainingUse),
    description="The worst use for training that is accepted.",
)
LONGEST = OpenApiParameter(
    "longest",
    {
        "type": "string",
        "pattern": whole_text_pattern(LONGEST_PATTERN),
        "examples": ["P30D", "PT24H", "P2Y", "P0D"],
    },
    description=(
        "The longest retention that is accepted, as an ISO 8601 duration of one number and one"
        " unit; P0D for none."
    ),
)
_SOME_TEXT = {"type": "string", "minLength": 1}
MODEL = OpenApiParameter(
    "model",
    _SOME_TEXT,
    description="The name of a model, or any id under which it was listed.",
)
PROVIDER = OpenApiParameter("provider", _SOME_TEXT, description="The id or the name of a provider.")
MODEL_ID = OpenApiParameter(
    "model",
    _SOME_TEXT,
    description=(
        "The id of a model: only changes that concern it, under whichever id it was listed then."
    ),
)
PROVIDER_ID = OpenApiParameter(
    "provider", _SOME_TEXT, description="The id of a provider: only changes that concern it."
)
EFFECT = OpenApiParameter(
    "effect",
    component_reference(Effect),
    description=(
        "Only changes with this effect. `weaker` also gives mixed ones, and unjudged ones that"
        " touch a claim or a company that gets prompts."
    ),
)
AFTER_EVENT = OpenApiParameter(
    "after",
    {"type": "string", "pattern": whole_text_pattern(EVENT_ID), "examples": ["2", "2-withdrawn"]},
    description=_AFTER,
)

_PROBLEMS = {
    400: "A query parameter is unknown, repeated, or has a value that makes no sense.",
    404: "It does not exist.",
    406: "The client accepts no JSON.",
    410: "The publication was withdrawn or called off.",
    429: "Too many requests came from this address.",
    503: "What is published cannot be read now.",
}
_COMMON_PROBLEMS = {400, 406, 429, 503}


def answers(schema: Any, description: str, *problems: int) -> dict[Any, OpenApiResponse]:
    """Return the answers of a view: the successful one, and the statuses that carry a problem."""
    responses: dict[Any, OpenApiResponse] = {200: OpenApiResponse(schema, description)}
    if HTTPStatus.GONE in problems:
        responses[308] = OpenApiResponse(description="Another publication has renewed it.")
    for status in sorted(_COMMON_PROBLEMS.union(problems)):
        responses[status, MEDIA_TYPE] = OpenApiResponse(
            component_reference(ProblemShape), _PROBLEMS[status]
        )
    return responses


def example(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=["200"])


def list_example(name: str, entry: Any, **further: Any) -> OpenApiExample:
    """Return an example of a list with one entry; `further` stands before the rest."""
    return example(name, {**further, "count": 1, "next": None, "results": [entry]})


_MONTH = Clause(DataClass.ALL_CONTENT, ClauseKind.DURATION, "P30D", Bound.EXACT, Trigger.ALWAYS)
_TERM: dict[str, Any] = {"text": "30 days", "clauses": [values.plain(_MONTH)]}
OFFERING: dict[str, Any] = {
    "listing": "6f1c5b0e-8d2b-4f57-9a55-0f3c1e6c2b11",
    "section": "0b1d6a52-77c4-4d43-8f0e-5a4f6f2f4d10",
    "model": {
        "id": "acme-one",
        "name": "Acme One",
        "developer": "Acme",
        "aliases": ["acme-1-2026-03"],
        "retention_floor": None,
        "continues": [],
    },
    "provider": {
        "id": "acme",
        "name": "Acme AI",
        "legal_entity": "Acme AI Ireland Ltd.",
        "website": "https://acme.example/",
        "processing_countries": ["IE"],
        "storage_countries": ["IE"],
        "aliases": [],
        "declared": {"training": "never", "retention": _TERM},
    },
    "footnotes": [1],
    "cells": {
        "training": {
            "items": [{"text": "No", "footnotes": []}],
            "basis": "derived",
            "use": "never",
        },
        "retention": {
            "items": [{"text": "30 days", "footnotes": []}],
            "basis": "derived",
            "clauses": _TERM["clauses"],
        },
    },
    "effective": _TERM["clauses"],
    "documents": [
        {
            "document": "3a0f9d1c-52f5-4f0b-8a3b-4d6c2f7b9e21",
            "provider": "acme",
            "kind": "privacy_policy",
            "text": "Acme AI Privacy Policy",
            "url": "https://acme.example/privacy",
            "valid_from": None,
            "valid_until": None,
            "footnotes": [],
        }
    ],
}
EVENT: EventShape = {
    "id": "2",
    "kind": EventKind.PUBLISHED,
    "at": "2026-08-11T14:00:00Z",
    "publication": 2,
    "announced_as": [],
    "before": 1,
    "after": 2,
    "fulfilled_by": None,
    "effective_from": "2026-08-11T14:00:00Z",
    "announced": False,
    "withdrawn_at": None,
    "url": "https://registry.example/models-and-privacy/changes/2/",
    "changes": [
        {
            "kind": ChangeKind.PROVIDER_ADDED,
            "effect": Effect.WEAKER,
            "graded": False,
            "touches_promise": True,
            "sentence": "Acme One now also goes to Borealis Cloud.",
            "listing": "k3v9",
            "models": ["acme-one"],
            "providers": ["borealis"],
        }
    ],
}
VERDICT: VerdictShape = {
    "model": "acme-one",
    "listing": None,
    "name": "Acme One",
    "effective": _TERM["clauses"],
    "fits": False,
    "reasons": [
        {
            "sentence": "Retention: “30 days”, that is: all content kept 30 days.",
            "providers": [{"id": "acme", "name": "Acme AI"}],
        }
    ],
}
