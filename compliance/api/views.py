"""The read API: each view reads the clock and the published store, and answers.

Nobody signs in and nothing is written.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.api import description, shapes
from compliance.api.pagination import Pagination
from compliance.api.problems import BadParameter
from compliance.api.schemas import reference, register_schema, snapshot_schema
from compliance.api.throttling import Throttle
from compliance.page import canonical, names
from compliance.page.diff import AffectedChange, Effect
from compliance.page.policy import InvalidPolicy, Policy, verdicts
from compliance.page.snapshot import Snapshot
from compliance.published import changelog, lookup, reader
from compliance.published.cache_headers import http_moment, short_caching
from compliance.published.index import Index, PublishedEntry


class ReadView(APIView):
    """A view that only reads; it refuses query parameters that it does not know.

    A misspelt parameter would otherwise select everything that the program meant to leave out.
    """

    http_method_names = ["get", "head"]
    throttle_classes = [Throttle]
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise BadParameter for a query parameter that is unknown or has no value."""
        for name, value in request.query_params.items():
            if name not in self.parameters:
                known = ", ".join(sorted(self.parameters)) or "none"
                raise BadParameter(
                    f"{name[:40]} is not a query parameter of this address. Known: {known}."
                )
            if not value:
                raise BadParameter(f"{name} has no value. Give it one, or leave it out.")
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Set the caching headers that the view has not set itself."""
        response.headers.setdefault("Cache-Control", "public, max-age=60")
        if isinstance(response, Response):
            response.add_post_render_callback(_add_etag)
        return super().finalize_response(request, response, *args, **kwargs)


class ListView(ReadView):
    """A view that answers with a part of a list."""

    parameters = frozenset({"limit", "offset"})

    def paginate(
        self,
        entries: Sequence[Any],
        headers: dict[str, str],
        *,
        make_shape: Callable[[Any], Any] = lambda entry: entry,
    ) -> Response:
        """Return the part of a list that the request asks for; raises BadParameter.

        `make_shape` is called only for the entries of that part.
        """
        pagination = Pagination()
        page = pagination.paginate_queryset(entries, self.request, view=self)
        response = pagination.get_paginated_response([make_shape(entry) for entry in page or []])
        for name, value in headers.items():
            response[name] = value
        return response


class RegistersView(ListView):
    """The registers with a publication in force."""

    @extend_schema(
        operation_id="registers_list",
        parameters=[description.LIMIT, description.OFFSET],
        responses=description.answers(description.list_of(shapes.RegisterShape), "The registers."),
    )
    def get(self, request: Request) -> Response:
        """List the registers that have a publication in force."""
        at, origin = timezone.now(), _origin(request)
        registers, moments = [], []
        for index in reader.read_indexes():
            entry = index.in_force(at)
            if entry:
                registers.append(shapes.make_register(index, entry, origin))
                moments.append(index.changed_at(at))
        headers = {"Last-Modified": http_moment(max(moments))} if moments else {}
        return self.paginate(registers, headers)


class RegisterView(ReadView):
    """One register."""

    @extend_schema(
        operation_id="register",
        parameters=[description.SLUG],
        responses=description.answers(reference(shapes.RegisterShape), "The register.", 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return a register with its publication in force."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        register = shapes.make_register(index, entry, _origin(request))
        return Response(register, headers=_caching_headers(index, at))


class PublicationsView(ListView):
    """The publications of a register that the public may see."""

    @extend_schema(
        operation_id="publications_list",
        parameters=[description.SLUG, description.LIMIT, description.OFFSET],
        responses=description.answers(
            description.list_of(shapes.PublicationShape), "The publications, newest first.", 404
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List a register's publications, the newest first, without withdrawn ones."""
        at = timezone.now()
        index = lookup.find_index(slug)
        return self.paginate(
            index.visible(at),
            _caching_headers(index, at),
            make_shape=lambda entry: _make_publication(request, index, entry, at),
        )


class PublicationView(ReadView):
    """One publication."""

    @extend_schema(
        operation_id="publication",
        parameters=[description.SLUG, description.NUMBER],
        responses=description.answers(
            reference(shapes.PublicationShape), "The publication.", 404, 410
        ),
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return a publication by its number."""
        at = timezone.now()
        index, entry = lookup.find_numbered(slug, number, at)
        publication = _make_publication(request, index, entry, at)
        return Response(publication, headers=_caching_headers(index, at))


class CurrentPublicationView(ReadView):
    """The publication in force."""

    @extend_schema(
        operation_id="publication_in_force",
        parameters=[description.SLUG],
        responses=description.answers(
            reference(shapes.PublicationShape), "The publication in force.", 404
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return the publication in force."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        publication = _make_publication(request, index, entry, at)
        return Response(publication, headers=_caching_headers(index, at))


class ExportView(ReadView):
    """The publication in force as its canonical JSON."""

    @extend_schema(
        operation_id="export",
        parameters=[description.SLUG],
        responses=description.answers(
            snapshot_schema(),
            "The canonical JSON (RFC 8785): the SHA-256 of the answer is the ETag.",
            404,
        ),
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Return the snapshot in force, byte for byte as it was approved."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        return HttpResponse(
            reader.read_file(index, entry, "json"),
            content_type="application/json",
            headers={
                "ETag": f'"{entry.content_sha256}"',
                "Publication-Number": str(entry.number),
                "Content-SHA256": entry.content_sha256,
                **_caching_headers(index, at),
            },
        )


class OfferingsView(ListView):
    """The offerings of the publication in force."""

    parameters = ListView.parameters | {"training", "longest", "model", "provider"}

    @extend_schema(
        operation_id="offerings_list",
        parameters=[
            description.SLUG,
            description.TRAINING,
            description.LONGEST,
            description.MODEL,
            description.PROVIDER,
            description.LIMIT,
            description.OFFSET,
        ],
        responses=description.answers(
            description.list_of(shapes.OfferingShape),
            "The offerings, in the order of the page.",
            404,
        ),
        examples=[description.list_example("offerings", description.OFFERING)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """List each model at each provider whose row fits the policy asked for."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        snapshot = changelog.read_snapshot(index, entry)
        fitting = _fitting_listings(snapshot, _read_policy(request))
        model = request.query_params.get("model", "")
        provider = request.query_params.get("provider", "")
        offerings = [
            offering
            for offering in shapes.make_offerings(snapshot, fitting)
            if _is_called(offering["model"], model) and _is_called(offering["provider"], provider)
        ]
        return self.paginate(offerings, _caching_headers(index, at))


class ChangesView(ListView):
    """What each publication of a register changed."""

    parameters = ListView.parameters | {"weaker", "model", "provider"}

    @extend_schema(
        operation_id="changes_list",
        parameters=[
            description.SLUG,
            description.WEAKER,
            description.MODEL_ID,
            description.PROVIDER_ID,
            description.LIMIT,
            description.OFFSET,
        ],
        responses=description.answers(
            description.list_of(shapes.StepShape), "The publications, newest first.", 404
        ),
        examples=[description.list_example("publications", description.STEP)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the publications, the newest first, each with the changes that were asked for."""
        at = timezone.now()
        index = lookup.find_index(slug)
        weaker = request.query_params.get("weaker", "0")
        if weaker not in ("0", "1"):
            raise BadParameter(f"weaker={weaker[:40]} is neither 1 nor 0. Use weaker=1.")
        model = request.query_params.get("model", "")
        provider = request.query_params.get("provider", "")

        def is_wanted(affected: AffectedChange) -> bool:
            if weaker == "1" and affected.change.effect != Effect.WEAKER:
                return False
            if model and model not in affected.models:
                return False
            return not provider or provider in affected.providers

        def make_step(step: changelog.PublicationStep) -> shapes.StepShape:
            changes = filter(is_wanted, step.changes)
            return shapes.make_step(step, changes, at, _origin(request))

        steps = changelog.list_steps(index, at)
        return self.paginate(steps, _caching_headers(index, at), make_shape=make_step)


class FitView(ReadView):
    """The models of the publication in force, judged by a policy."""

    parameters = frozenset({"training", "longest"})

    @extend_schema(
        operation_id="fit",
        parameters=[description.SLUG, description.TRAINING, description.LONGEST],
        responses=description.answers(
            reference(shapes.FitShape), "The verdict on each model, in the order of the page.", 404
        ),
        examples=[
            description.example("verdicts", {"publication": 2, "models": [description.VERDICT]})
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Judge each model by the worst that the page prints for it, and name the providers."""
        at = timezone.now()
        index, entry = lookup.find_in_force(slug, at)
        found = verdicts(changelog.read_snapshot(index, entry), _read_policy(request))
        fit: shapes.FitShape = {
            "publication": entry.number,
            "models": [shapes.make_verdict(verdict) for verdict in found],
        }
        return Response(fit, headers=_caching_headers(index, at))


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
        responses=description.answers(OpenApiTypes.OBJECT, "An OpenAPI 3.1 document."),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the OpenAPI document of this API."""
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return answer


def _add_etag(response: HttpResponse) -> None:
    # Django's middleware adds it to answers of GET alone; HEAD must have the same headers.
    response.headers.setdefault("ETag", f'"{canonical.sha256(response.content)}"')


def _caching_headers(index: Index, at: datetime) -> dict[str, str]:
    return {
        "Last-Modified": http_moment(index.changed_at(at)),
        "Cache-Control": short_caching(index, at),
    }


def _origin(request: Request) -> str:
    """Return the scheme and host of a request, without a slash at the end."""
    return request.build_absolute_uri("/").rstrip("/")


def _make_publication(
    request: Request, index: Index, entry: PublishedEntry, at: datetime
) -> shapes.PublicationShape:
    in_force = entry == index.in_force(at)
    return shapes.make_publication(index, entry, _origin(request), in_force=in_force)


def _read_policy(request: Request) -> Policy:
    """Return the policy in a query; raises BadParameter."""
    query = request.query_params
    try:
        return Policy.of(query.get("training", ""), query.get("longest", ""))
    except InvalidPolicy as fault:
        raise BadParameter(str(fault)) from fault


def _fitting_listings(snapshot: Snapshot, policy: Policy) -> set[str]:
    """Return the ids of the listings that give no reason against a policy."""
    return {listing.id for listing in snapshot.listings if not any(policy.reasons(listing))}


def _is_called(party: dict[str, Any], wanted: str) -> bool:
    """Return whether a model or provider has an id or a name, in any spelling of the name."""
    if not wanted or wanted == party["id"]:
        return True
    return names.spelling_key(wanted) == names.spelling_key(party["name"])
