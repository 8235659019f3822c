"""The API's views of one publication: its canonical JSON, its parts, and how it fits a policy."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api import description, shapes
from compliance.api.base import PUBLICATION_PARAMETERS, ListView, ReadView, caching_headers
from compliance.api.pagination import by_index, whole_number
from compliance.api.problems import BadParameter
from compliance.api.schemas import component_reference
from compliance.page import names, values
from compliance.page.filters import Filter
from compliance.page.policy import InvalidPolicy, Policy, verdicts
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import Row
from compliance.published import changelog, lookup, reader
from compliance.published.index import Index, PublishedEntry
from compliance.published.offerings import PartyKind, read_histories


class ExportView(ReadView):
    """A publication as its canonical JSON."""

    parameters = PUBLICATION_PARAMETERS

    @extend_schema(
        operation_id="export",
        parameters=[description.SLUG, description.PUBLICATION, description.AS_OF],
        responses=description.answers(
            component_reference(Snapshot),
            "The canonical JSON (RFC 8785): the SHA-256 of the answer is the ETag.",
            404,
            410,
        ),
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Return a snapshot byte for byte as it was approved: the one in force, or another."""
        at = timezone.now()
        index, entry = _find_publication(request, slug, at)
        return HttpResponse(
            reader.read_file(index, entry, "json"),
            content_type="application/json",
            headers={
                "ETag": f'"{entry.content_sha256}"',
                "Publication-Number": str(entry.number),
                "Content-SHA256": entry.content_sha256,
                **caching_headers(index, at),
            },
        )


class PartsView(ListView):
    """A list of parts of one publication: of the one in force, or of another."""

    parameters = ListView.parameters | PUBLICATION_PARAMETERS

    def answer_parts(
        self,
        request: Request,
        slug: str,
        select: Callable[[Snapshot], Sequence[Any]],
        make_shape: Callable[[Any], Any] = values.plain,
    ) -> Response:
        """Return the part of a list that the request asks for.

        `select` gives the entries of the whole list.
        """
        at = timezone.now()
        index, entry = _find_publication(request, slug, at)
        page = changelog.read_snapshot(index, entry)
        return self.answer(
            select(page),
            by_index(),
            caching_headers(index, at),
            make_shape=make_shape,
            publication=entry.number,
        )


class ListingsView(PartsView):
    """The rows of a publication."""

    parameters = PartsView.parameters | {"training", "longest", "section"}

    @extend_schema(
        operation_id="listings_list",
        parameters=[
            description.SLUG,
            description.SECTION,
            description.TRAINING,
            description.LONGEST,
            *description.OF_PUBLICATION,
        ],
        responses=description.answers(
            shapes.LISTINGS.reference(), "The rows, in the order of the page.", 404, 410
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List each row of every table, or of one section, that fits the policy asked for."""
        policy = _read_policy(request)
        section = request.query_params.get("section")

        def select(page: Snapshot) -> list[Row]:
            fitting = Filter(policy).rows(page)
            return [row for row in fitting if section in (None, row.section.id)]

        return self.answer_parts(request, slug, select, shapes.make_listing)


class OfferingsView(PartsView):
    """The offerings of a publication."""

    parameters = PartsView.parameters | {"training", "longest", "model", "provider"}

    @extend_schema(
        operation_id="offerings_list",
        parameters=[
            description.SLUG,
            description.TRAINING,
            description.LONGEST,
            description.MODEL,
            description.PROVIDER,
            *description.OF_PUBLICATION,
        ],
        responses=description.answers(
            shapes.OFFERINGS.reference(), "The offerings, in the order of the page.", 404, 410
        ),
        examples=[description.list_example("offerings", description.OFFERING, publication=2)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """List each model at each provider whose row fits the policy asked for.

        A table without models or without providers has no offerings; see listings/.
        """
        policy = _read_policy(request)
        model = request.query_params.get("model", "")
        provider = request.query_params.get("provider", "")

        def select(page: Snapshot) -> list[shapes.Offering]:
            joined = _joined_ids(slug, model) if model else frozenset()
            models = {
                party.id for party in page.models if party.id in joined or _is_called(party, model)
            }
            providers = {party.id for party in page.providers if _is_called(party, provider)}
            fitting = {row.id for row in Filter(policy).rows(page)}
            return [
                offering
                for offering in shapes.find_offerings(page)
                if offering.row.id in fitting
                and offering.model.id in models
                and offering.provider.id in providers
            ]

        return self.answer_parts(request, slug, select, shapes.make_offering)


class ModelsView(PartsView):
    """The models of a publication."""

    @extend_schema(
        operation_id="models_list",
        parameters=[description.SLUG, *description.OF_PUBLICATION],
        responses=description.answers(
            shapes.MODELS.reference(), "The models, in order of first appearance.", 404, 410
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the models that the page names, with what is published about them."""
        return self.answer_parts(request, slug, lambda page: page.models)


class ProvidersView(PartsView):
    """The providers of a publication."""

    @extend_schema(
        operation_id="providers_list",
        parameters=[description.SLUG, *description.OF_PUBLICATION],
        responses=description.answers(
            shapes.PROVIDERS.reference(), "The providers, in order of first appearance.", 404, 410
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the providers that the page names, with what is published about them."""
        return self.answer_parts(request, slug, lambda page: page.providers)


class FitView(ReadView):
    """A publication, judged by a policy."""

    parameters = PUBLICATION_PARAMETERS | {"training", "longest"}

    @extend_schema(
        operation_id="fit",
        parameters=[
            description.SLUG,
            description.TRAINING,
            description.LONGEST,
            description.PUBLICATION,
            description.AS_OF,
        ],
        responses=description.answers(
            component_reference(shapes.FitShape),
            "The verdict on each model, and on each row without models, in the order of the page.",
            404,
            410,
        ),
        examples=[
            description.example("verdicts", {"publication": 2, "verdicts": [description.VERDICT]})
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Judge each model by the worst that the page prints for it, and name the providers."""
        at = timezone.now()
        index, entry = _find_publication(request, slug, at)
        found = verdicts(changelog.read_snapshot(index, entry), _read_policy(request))
        fit: shapes.FitShape = {
            "publication": entry.number,
            "verdicts": [shapes.make_verdict(verdict) for verdict in found],
        }
        return Response(fit, headers=caching_headers(index, at))


def _read_policy(request: Request) -> Policy:
    """Return the policy in a query; raises BadParameter."""
    query = request.query_params
    try:
        return Policy.of(query.get("training", ""), query.get("longest", ""))
    except InvalidPolicy as fault:
        raise BadParameter(str(fault)) from fault


def _find_publication(request: Request, slug: str, at: datetime) -> tuple[Index, PublishedEntry]:
    """Return the publication that a query asks for, or else the one in force.

    Raises BadParameter, or what `lookup` raises.
    """
    number = request.query_params.get("publication")
    day = request.query_params.get("as_of")
    if number and day:
        raise BadParameter("publication and as_of exclude each other. Give one.")
    if number:
        return lookup.find_numbered(slug, whole_number("publication", number), at)
    if day:
        return _find_on_day(slug, day, at)
    return lookup.find_in_force(slug, at)


def _find_on_day(slug: str, day: str, at: datetime) -> tuple[Index, PublishedEntry]:
    try:
        return lookup.find_on_day(slug, day, at)
    except lookup.InvalidDay as fault:
        raise BadParameter(str(fault)) from fault


def _joined_ids(slug: str, model: str) -> frozenset[str]:
    """Return the ids under which the history of the model with an id is told, none without one."""
    at = timezone.now()
    histories = read_histories(lookup.find_register(slug, at), at)
    if not histories.is_known(PartyKind.MODEL, model):
        return frozenset()
    return histories.joined_ids(PartyKind.MODEL, model)


def _is_called(party: Model | Provider, wanted: str) -> bool:
    """Return whether a model or provider has an id or a name, in any spelling of the name."""
    if not wanted or wanted == party.id:
        return True
    key = names.spelling_key(wanted)
    return any(key == names.spelling_key(name) for name in (party.name, *party.aliases))
