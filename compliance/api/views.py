"""The read API: each view reads the clock and the published store, and answers.

Nobody signs in and nothing is written.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api import description, shapes
from compliance.api.base import ListView, ReadView, caching_headers
from compliance.api.pagination import by_event, in_order_of, numbered_from_end
from compliance.api.problems import BadParameter
from compliance.api.schemas import component_reference, register_schema
from compliance.published import lookup, reader
from compliance.published.cache_headers import http_moment
from compliance.published.change_filter import ChangeFilter, InvalidFilter, read_effect
from compliance.published.changelog import fulfilled_by
from compliance.published.earlier_names import name_earlier_models
from compliance.published.events import list_events
from compliance.published.index import Index, PublishedEntry
from compliance.published.offerings import PartyKind, find_party


class RegistersView(ListView):
    """The registers with a publication in force."""

    @extend_schema(
        operation_id="registers_list",
        parameters=[description.LIMIT, description.AFTER_NAME],
        responses=description.answers(shapes.REGISTERS.reference(), "The registers."),
    )
    def get(self, request: Request) -> Response:
        """List the registers that have a publication in force, in the order of their names."""
        at, origin = timezone.now(), _origin(request)
        in_force = [
            (index, entry) for index in reader.read_indexes() if (entry := index.in_force(at))
        ]
        moments = [index.changed_at(at) for index, _ in in_force]
        return self.answer(
            in_force,
            in_order_of([index.slug for index, _ in in_force]),
            {"Last-Modified": http_moment(max(moments))} if moments else {},
            make_shape=lambda entry: shapes.make_register(entry[0], entry[1], origin),
        )


class RegisterView(ReadView):
    """One register."""

    @extend_schema(
        operation_id="register",
        parameters=[description.SLUG],
        responses=description.answers(
            component_reference(shapes.RegisterShape), "The register.", 404
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return a register with its publication in force."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        register = shapes.make_register(index, entry, _origin(request))
        return Response(register, headers=caching_headers(index, at))


class PublicationsView(ListView):
    """The publications of a register that the public may see."""

    @extend_schema(
        operation_id="publications_list",
        parameters=[description.SLUG, description.LIMIT, description.AFTER_NUMBER],
        responses=description.answers(
            shapes.PUBLICATIONS.reference(), "The publications, newest first.", 404
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List a register's publications, the newest first, without withdrawn ones."""
        at = timezone.now()
        index = lookup.find_index(slug)
        entries = index.visible(at)
        return self.answer(
            entries,
            numbered_from_end([entry.number for entry in entries]),
            caching_headers(index, at),
            make_shape=lambda entry: _make_publication(request, index, entry, at),
        )


class PublicationView(ReadView):
    """One publication."""

    @extend_schema(
        operation_id="publication",
        parameters=[description.SLUG, description.NUMBER],
        responses=description.answers(
            component_reference(shapes.PublicationShape), "The publication.", 404, 410
        ),
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return a publication by its number."""
        at = timezone.now()
        index, entry = lookup.find_numbered(slug, number, at)
        publication = _make_publication(request, index, entry, at)
        return Response(publication, headers=caching_headers(index, at))


class CurrentPublicationView(ReadView):
    """The publication in force."""

    @extend_schema(
        operation_id="publication_in_force",
        parameters=[description.SLUG],
        responses=description.answers(
            component_reference(shapes.PublicationShape), "The publication in force.", 404
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return the publication in force."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        publication = _make_publication(request, index, entry, at)
        return Response(publication, headers=caching_headers(index, at))


class ChangesView(ListView):
    """What happened to the publications of a register, and what each event changed."""

    parameters = ListView.parameters | {"effect", "model", "provider"}

    @extend_schema(
        operation_id="changes_list",
        parameters=[
            description.SLUG,
            description.EFFECT,
            description.MODEL_ID,
            description.PROVIDER_ID,
            description.LIMIT,
            description.AFTER_EVENT,
        ],
        responses=description.answers(
            shapes.EVENTS.reference(), "What happened, the newest first.", 404
        ),
        examples=[description.list_example("events", description.EVENT)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """List publications, withdrawals and called-off changes, the newest first.

        With a filter, those with changes that were asked for.
        """
        at = timezone.now()
        index = lookup.find_index(slug)
        asked = _read_filter(request, index, at)
        events = list_events(index, at)
        selected = asked.select(index, events)
        return self.answer(
            selected,
            by_event(selected, events),
            caching_headers(index, at),
            make_shape=lambda event: shapes.make_event(
                index,
                event,
                name_earlier_models(index, asked.wanted_of(index, event), at),
                at,
                _origin(request),
                fulfilled_by=fulfilled_by(index, event),
            ),
        )


class SchemaRenderer(JSONRenderer):
    """JSON with the media type of JSON Schema."""

    media_type = "application/schema+json"


class SchemaView(ReadView):
    """The JSON Schema of the canonical JSON."""

    renderer_classes = [SchemaRenderer, JSONRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the JSON Schema (2020-12) of `register/1`, the shape of `/{r}.json`."""
        return Response(register_schema(f"{_origin(request)}{request.path}"))


class OpenApiDocumentView(ReadView, SpectacularJSONAPIView):
    """The OpenAPI document of this API."""

    @extend_schema(
        operation_id="openapi",
        responses=description.answers(shapes.OPENAPI_DOCUMENT, "An OpenAPI 3.1 document."),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the OpenAPI document of this API."""
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return answer


def _origin(request: Request) -> str:
    """Return the scheme and host of a request, without a slash at the end."""
    return request.build_absolute_uri("/").rstrip("/")


def _read_filter(request: Request, index: Index, at: datetime) -> ChangeFilter:
    """Return the filter in a query.

    Raises BadParameter for what is no effect, NeverListed for the id of no model or provider.
    """
    query = request.query_params
    models, providers = (
        find_party(index, kind, query[kind], at).ids if kind in query else frozenset()
        for kind in PartyKind
    )
    try:
        effect = read_effect(query["effect"]) if "effect" in query else None
    except InvalidFilter as fault:
        raise BadParameter(str(fault)) from fault
    return ChangeFilter(effect, models, providers)


def _make_publication(
    request: Request, index: Index, entry: PublishedEntry, at: datetime
) -> shapes.PublicationShape:
    in_force = entry == index.in_force(at)
    return shapes.make_publication(index, entry, _origin(request), in_force=in_force)
