"""The read API: each view reads the clock and the store, and answers. Nobody signs in, nothing is written."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.api.examples import OFFERING, STEP, VERDICT
from compliance.api.pagination import Pages
from compliance.api.problems import MEDIA_TYPE, BadParameter, Missing, Withdrawn
from compliance.api.schemas import (
    fit_schema,
    offering_schema,
    register_schema,
    snapshot_schema,
    step_schema,
    whole,
)
from compliance.api.serializers import (
    ProblemSerializer,
    PublicationSerializer,
    RegisterSerializer,
    offering_objects,
    publication_object,
    register_object,
    step_object,
    verdict_object,
)
from compliance.api.throttling import Throttle
from compliance.page import canonical, names
from compliance.page.diff import AffectedChange, Effect
from compliance.page.policy import LONGEST, InvalidPolicy, Policy, verdicts
from compliance.page.snapshot import TrainingUse
from compliance.published import changelog, reader
from compliance.published.index import Index, PublishedEntry

_SLUG = OpenApiParameter(
    "slug", str, OpenApiParameter.PATH, description="The register's name in URLs."
)
_NUMBER = OpenApiParameter(
    "number", int, OpenApiParameter.PATH, description="The publication's number, from 1."
)
_LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    description=Pages.limit_query_description,
)
_OFFSET = OpenApiParameter(
    "offset",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
    description=Pages.offset_query_description,
)

_TRAINING = OpenApiParameter(
    "training",
    str,
    enum=list(TrainingUse),
    description="The worst use for training that is accepted.",
)
_LONGEST = OpenApiParameter(
    "longest",
    {"type": "string", "pattern": whole(LONGEST), "examples": ["P30D", "PT24H", "P2Y", "P0D"]},
    description="The longest retention that is accepted, ISO 8601 of one number and one unit; P0D for none.",
)
_SOME_TEXT = {"type": "string", "minLength": 1}
_MODEL = OpenApiParameter("model", _SOME_TEXT, description="The id or the name of a model.")
_PROVIDER = OpenApiParameter(
    "provider", _SOME_TEXT, description="The id or the name of a provider."
)
_MODEL_ID = OpenApiParameter(
    "model", _SOME_TEXT, description="The id of a model: only what concerns it."
)
_PROVIDER_ID = OpenApiParameter(
    "provider", _SOME_TEXT, description="The id of a provider: only what concerns it."
)
_NAMED = ("model", "provider")
_WEAKER = OpenApiParameter("weaker", str, enum=["0", "1"], description="1: only what gets weaker.")


def _answers(success: Any, *problems: int) -> dict[Any, Any]:
    """Return a view's answers for the OpenAPI document: the success, and the statuses that carry a problem."""
    meanings = {
        400: "A query parameter is unknown or has no such value.",
        404: "It is not there.",
        406: "The client accepts no JSON.",
        410: "The publication was withdrawn.",
        429: "The address asks too often.",
        503: "What is published cannot be read now.",
    }
    statuses = sorted({400, 406, 429, 503, *problems})
    refused = {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, meanings[status])
        for status in statuses
    }
    return {200: success, **refused}


def _page_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a page of a list, for entries that no serializer describes."""
    return Pages().get_paginated_response_schema({"type": "array", "items": schema})


def _page(entry: dict[str, Any]) -> dict[str, Any]:
    return {"count": 1, "next": None, "previous": None, "results": [entry]}


def _example(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=["200"])


class ReadView(APIView):
    """A view that only reads and knows its query parameters; any other is refused, and one without a value."""

    http_method_names = ["get", "head"]
    throttle_classes = [Throttle]
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a query parameter that the view does not know, or that says nothing; raises BadParameter."""
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
        """Let caches keep an answer for a minute, unless it says otherwise, and know it again by its bytes."""
        response.headers.setdefault("Cache-Control", "public, max-age=60")
        if isinstance(response, Response):
            response.add_post_render_callback(_tag)
        return super().finalize_response(request, response, *args, **kwargs)


class ListView(ReadView):
    """A view that gives a list in pages."""

    parameters = frozenset({"limit", "offset"})
    pagination_class = Pages

    def paged(
        self,
        entries: Sequence[Any],
        changed_at: datetime | None,
        *,
        caching: str = "",
        shown: Callable[[Any], dict[str, Any]] = dict,
    ) -> Response:
        """Return the page that the request asks for, each entry as `shown` makes it; raises BadParameter."""
        pages = Pages()
        page = pages.paginate_queryset(entries, self.request, view=self)
        response = pages.get_paginated_response([shown(entry) for entry in page or []])
        if changed_at:
            response["Last-Modified"] = _http_moment(changed_at)
        if caching:
            response["Cache-Control"] = caching
        return response


class Registers(ListView):
    """The registers with a publication in force."""

    @extend_schema(
        operation_id="registers_list",
        parameters=[_LIMIT, _OFFSET],
        responses=_answers(OpenApiResponse(RegisterSerializer(many=True), "The registers.")),
    )
    def get(self, request: Request) -> Response:
        """List the registers that have a publication in force."""
        at = timezone.now()
        in_force = [
            (index, entry) for index in reader.read_indexes() if (entry := index.in_force(at))
        ]
        changed_at = max((index.changed_at(at) for index, _ in in_force), default=None)
        return self.paged(
            [register_object(index, entry, _base(request)) for index, entry in in_force], changed_at
        )


class Register(ReadView):
    """One register."""

    @extend_schema(
        operation_id="register",
        parameters=[_SLUG],
        responses=_answers(OpenApiResponse(RegisterSerializer, "The register."), 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Give a register with its publication in force."""
        index, entry, at = _in_force(slug)
        return _answer(register_object(index, entry, _base(request)), index, at)


class Publications(ListView):
    """The publications of a register that the public may see."""

    @extend_schema(
        operation_id="publications_list",
        parameters=[_SLUG, _LIMIT, _OFFSET],
        responses=_answers(
            OpenApiResponse(PublicationSerializer(many=True), "The publications, newest first."),
            404,
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List a register's publications, the newest first; withdrawn ones are left out."""
        index, at = _index(slug), timezone.now()
        return self.paged(
            index.visible(at),
            index.changed_at(at),
            caching=_changing(index, at),
            shown=lambda entry: _publication(request, index, entry, at),
        )


class Publication(ReadView):
    """One publication."""

    @extend_schema(
        operation_id="publication",
        parameters=[_SLUG, _NUMBER],
        responses=_answers(OpenApiResponse(PublicationSerializer, "The publication."), 404, 410),
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Give a publication by its number."""
        index, at = _index(slug), timezone.now()
        entry = index.entry(number)
        if entry and entry.withdrawn_at:
            raise Withdrawn(f"Publication {number} of {slug} was withdrawn. Use the one in force.")
        if not entry or not entry.is_visible(at):
            raise Missing(
                f"There is no publication {number} of {slug}. List them under publications/."
            )
        return _answer(_publication(request, index, entry, at), index, at)


class CurrentPublication(ReadView):
    """The publication in force."""

    @extend_schema(
        operation_id="publication_in_force",
        parameters=[_SLUG],
        responses=_answers(
            OpenApiResponse(PublicationSerializer, "The publication in force."), 404
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Give the publication in force."""
        index, entry, at = _in_force(slug)
        return _answer(_publication(request, index, entry, at), index, at)


class Export(ReadView):
    """The publication in force as its canonical JSON."""

    @extend_schema(
        operation_id="export",
        parameters=[_SLUG],
        responses=_answers(
            OpenApiResponse(
                snapshot_schema(),
                "The canonical JSON (RFC 8785): the SHA-256 of the answer is the ETag.",
            ),
            404,
        ),
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Give the snapshot in force, byte for byte as it was approved."""
        index, entry, at = _in_force(slug)
        return HttpResponse(
            reader.read_file(index, entry, "json"),
            content_type="application/json",
            headers={
                "ETag": f'"{entry.content_sha256}"',
                "Last-Modified": _http_moment(index.changed_at(at)),
                "Publication-Number": str(entry.number),
                "Content-SHA256": entry.content_sha256,
                "Cache-Control": _changing(index, at),
            },
        )


class Offerings(ListView):
    """The offerings of the publication in force."""

    parameters = ListView.parameters | {"training", "longest", "model", "provider"}

    @extend_schema(
        operation_id="offerings_list",
        parameters=[_SLUG, _TRAINING, _LONGEST, _MODEL, _PROVIDER, _LIMIT, _OFFSET],
        responses=_answers(
            OpenApiResponse(
                _page_of(offering_schema()), "The offerings, in the order of the page."
            ),
            404,
        ),
        examples=[_example("offerings", _page(OFFERING))],
    )
    def get(self, request: Request, slug: str) -> Response:
        """List each model at each provider, as far as its row fits the policy asked for."""
        index, entry, at = _in_force(slug)
        policy, model, provider = (
            _policy(request),
            *(request.query_params.get(name, "") for name in _NAMED),
        )

        def is_wanted(offering: dict[str, Any]) -> bool:
            return _is_called(offering["model"], model) and _is_called(
                offering["provider"], provider
            )

        snapshot = changelog.read_snapshot(index, entry)
        fitting = {listing.id for listing in snapshot.listings if not any(policy.reasons(listing))}
        found = filter(is_wanted, offering_objects(snapshot, fitting))
        return self.paged(list(found), index.changed_at(at), caching=_changing(index, at))


class Changes(ListView):
    """What each publication of a register changed."""

    parameters = ListView.parameters | {"weaker", "model", "provider"}

    @extend_schema(
        operation_id="changes_list",
        parameters=[_SLUG, _WEAKER, _MODEL_ID, _PROVIDER_ID, _LIMIT, _OFFSET],
        responses=_answers(
            OpenApiResponse(_page_of(step_schema()), "The publications, newest first."), 404
        ),
        examples=[_example("publications", _page(STEP))],
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the publications, the newest first, each with what it changed, as far as that was asked for."""
        index, at = _index(slug), timezone.now()
        weaker, model, provider = (
            request.query_params.get(name, "") for name in ("weaker", *_NAMED)
        )
        if weaker not in ("", "0", "1"):
            raise BadParameter(f"weaker={weaker[:40]} is neither 1 nor 0. Use weaker=1.")

        def is_wanted(told: AffectedChange) -> bool:
            is_about = (not model or model in told.models) and (
                not provider or provider in told.providers
            )
            return is_about and (weaker != "1" or told.change.effect == Effect.WEAKER)

        return self.paged(
            changelog.list_steps(index, at),
            index.changed_at(at),
            caching=_changing(index, at),
            shown=lambda step: step_object(
                step, filter(is_wanted, step.changes), at, _base(request)
            ),
        )


class Fit(ReadView):
    """The models of the publication in force, judged by a policy."""

    parameters = frozenset({"training", "longest"})

    @extend_schema(
        operation_id="fit",
        parameters=[_SLUG, _TRAINING, _LONGEST],
        responses=_answers(
            OpenApiResponse(fit_schema(), "The verdict on each model, in the order of the page."),
            404,
        ),
        examples=[_example("verdicts", {"publication": 2, "models": [VERDICT]})],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Judge each model by the worst that the page prints for it, and say at which provider that is."""
        index, entry, at = _in_force(slug)
        found = verdicts(changelog.read_snapshot(index, entry), _policy(request))
        return _answer(
            {"publication": entry.number, "models": [verdict_object(each) for each in found]},
            index,
            at,
        )


class SchemaRenderer(JSONRenderer):
    """JSON under the media type of JSON Schema."""

    media_type = "application/schema+json"


class Schema(ReadView):
    """The JSON Schema of what is served."""

    renderer_classes = [SchemaRenderer, JSONRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Give the JSON Schema (2020-12) of `register/1`, the shape of `/{r}.json`."""
        return Response(register_schema(f"{_base(request)}{request.path}"))


class Document(ReadView, SpectacularJSONAPIView):
    """The OpenAPI document of this API."""

    @extend_schema(
        operation_id="openapi",
        responses=_answers(OpenApiResponse(OpenApiTypes.OBJECT, "An OpenAPI 3.1 document.")),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give the OpenAPI document of this API."""
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return answer


def _tag(response: HttpResponse) -> None:
    """Give an answer the hash of its bytes, to HEAD too: Django's middleware does so for GET alone."""
    response.headers.setdefault("ETag", f'"{canonical.sha256(response.content)}"')


def _answer(value: dict[str, Any], index: Index, at: datetime) -> Response:
    headers = {
        "Last-Modified": _http_moment(index.changed_at(at)),
        "Cache-Control": _changing(index, at),
    }
    return Response(value, headers=headers)


def _changing(index: Index, at: datetime) -> str:
    """Return how long a cache may keep an answer: at most a minute, and never past the next known change."""
    return f"public, max-age={index.fresh_for(at, seconds=60)}"


def _http_moment(moment: datetime) -> str:
    return http_date(moment.timestamp())


def _base(request: Request) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _index(slug: str) -> Index:
    index = reader.read_index(slug)
    if index is None:
        raise Missing(f"There is no register named {slug}. List them under /api/v1/registers/.")
    return index


def _in_force(slug: str) -> tuple[Index, PublishedEntry, datetime]:
    index, at = _index(slug), timezone.now()
    if entry := index.in_force(at):
        return index, entry, at
    raise Missing(f"Nothing of {slug} is in force now. List its publications under publications/.")


def _publication(
    request: Request, index: Index, entry: PublishedEntry, at: datetime
) -> dict[str, Any]:
    return publication_object(index, entry, _base(request), in_force=entry == index.in_force(at))


def _policy(request: Request) -> Policy:
    """Return the policy of a request; raises BadParameter."""
    try:
        return Policy.of(
            request.query_params.get("training", ""), request.query_params.get("longest", "")
        )
    except InvalidPolicy as fault:
        raise BadParameter(str(fault)) from fault


def _is_called(party: dict[str, Any], wanted: str) -> bool:
    """Say whether a model or provider has an id or a name, that in any spelling that readers take for the same."""
    return (
        not wanted
        or wanted == party["id"]
        or names.spelling_key(wanted) == names.spelling_key(party["name"])
    )
