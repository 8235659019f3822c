"""The pages of models and providers: when each was listed, with whom, and on which terms."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import DocumentItem
from compliance.page.worst_case import WorstCase, worst_cases
from compliance.public.context import RegisterContext
from compliance.public.errors import not_found, public
from compliance.public.facts import Fact, declared_facts, model_facts, provider_facts
from compliance.public.facts import documents as published_documents
from compliance.public.facts import website as published_website
from compliance.public.responses import html_response
from compliance.published import changelog, lookup
from compliance.published.history import ShownPage
from compliance.published.offerings import (
    OfferingHistories,
    OfferingHistory,
    PartyKind,
    Period,
    read_histories,
)
from compliance.rendering import html

_OTHER_KIND = {PartyKind.MODEL: PartyKind.PROVIDER, PartyKind.PROVIDER: PartyKind.MODEL}


# A name and the address that it links to.
NamedLink = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OfferingLine:
    """A period as the page prints it.

    `name` and `path` are of the other party: the provider of a model, or the model of a provider.
    Both are empty where the row names none. `declared` is what the provider of a model declares of
    all its traffic, as label and words; empty unless the offering is on the page in force.
    """

    period: Period
    name: str
    path: str
    declared: list[Fact]
    first_path: str
    end_path: str


@dataclass(frozen=True, slots=True)
class WorstCaseLine:
    """The worst claim of a model as the page prints it, with links to the providers that cause it.

    Where there is none, `is_floor` tells whether the model itself causes it.
    """

    case: WorstCase
    providers: list[NamedLink]


@dataclass(frozen=True)
class PartyContext(RegisterContext):
    """A model or provider and its history, as shown at a moment.

    `snapshot` is the page in force, None if there is none.
    """

    histories: OfferingHistories
    kind: PartyKind
    id: str
    history: OfferingHistory
    snapshot: Snapshot | None

    @property
    def name(self) -> str:
        """Its newest name."""
        return self.history.names[0]

    @cached_property
    def model(self) -> Model | None:
        """The model on the page in force, None if it is not there or this is a provider."""
        if self.snapshot is None or self.kind is not PartyKind.MODEL:
            return None
        return next((model for model in self.snapshot.models if model.id == self.id), None)

    @cached_property
    def providers(self) -> dict[str, Provider]:
        """The providers on the page in force by their ids."""
        found = self.snapshot.providers if self.snapshot else ()
        return {provider.id: provider for provider in found}

    @property
    def facts(self) -> list[Fact]:
        """What the page in force knows about it besides its name."""
        if self.model:
            return model_facts(self.model)
        if self.kind is PartyKind.PROVIDER and self.id in self.providers:
            return provider_facts(self.providers[self.id])
        return []

    @property
    def website(self) -> str:
        """The address of a provider's website, empty if it may not be a link."""
        if self.kind is not PartyKind.PROVIDER or self.id not in self.providers:
            return ""
        return published_website(self.providers[self.id])

    @property
    def documents(self) -> list[DocumentItem]:
        """The documents of a provider on the page in force; empty for a model."""
        if self.snapshot is None or self.kind is not PartyKind.PROVIDER:
            return []
        provider = self.providers.get(self.id)
        return published_documents(self.snapshot, provider) if provider else []

    @property
    def declared(self) -> list[Fact]:
        """What a provider declares of all its traffic; empty for a model."""
        return self._declared(self.id) if self.kind is PartyKind.PROVIDER else []

    @property
    def worst_cases(self) -> list[WorstCaseLine]:
        """The worst claims of a model on the page in force; empty for a provider."""
        if self.snapshot is None or self.model is None:
            return []
        return [
            WorstCaseLine(case, self._provider_links(case.providers))
            for case in worst_cases(self.snapshot, self.model)
        ]

    def _provider_links(self, providers: tuple[Provider, ...]) -> list[NamedLink]:
        return [(provider.name, self.path_of("provider", id=provider.id)) for provider in providers]

    @property
    def path(self) -> str:
        """Its permanent address."""
        return self.path_of(self.kind, id=self.id)

    @property
    def row_path(self) -> str:
        """The address of the first row of the page in force that names it."""
        return f"{self.register_path}#{quote(html.anchor(self.kind, self.id))}"

    @property
    def feed_path(self) -> str:
        """The address of the feed of the changes that concern it."""
        return f"{self.path_of('feed_atom')}?{urlencode({str(self.kind): self.id})}"

    @property
    def sections(self) -> list[tuple[str, list[OfferingLine]]]:
        """The headings of the page with their periods: announced, current and earlier ones."""
        sections: dict[str, list[OfferingLine]] = {"Announced": [], "Now": [], "Before": []}
        for period in self.history.periods:
            sections[self._heading(period)].append(self._line(period))
        return [(heading, lines) for heading, lines in sections.items() if lines]

    def _heading(self, period: Period) -> str:
        if period.has_ended(self.at):
            return "Before"
        return "Announced" if period.is_announced(self.at) else "Now"

    @property
    def is_announced(self) -> bool:
        """Whether it was announced and never listed so far."""
        return self.history.first.since > self.at

    @property
    def is_gone(self) -> bool:
        """Whether it is no longer listed."""
        return all(period.has_ended(self.at) for period in self.history.periods)

    def _line(self, period: Period) -> OfferingLine:
        kind = _OTHER_KIND[self.kind]
        id = period.offering.party(kind)
        is_now = self._heading(period) == "Now"
        return OfferingLine(
            period=period,
            name=self.histories.name(kind, id) if id else "",
            path=self.path_of(kind, id=id) if id else "",
            declared=self._declared(id) if id and is_now and kind is PartyKind.PROVIDER else [],
            first_path=self._step_path(period.first),
            end_path=self._step_path(period.end) if period.end else "",
        )

    def _declared(self, id: str) -> list[Fact]:
        return declared_facts(self.providers[id]) if id in self.providers else []

    def _step_path(self, page: ShownPage) -> str:
        path = self.path_of("step", number=page.number)
        return f"{path}#taken-back" if page.is_withdrawal else path


@public
def model(request: HttpRequest, *, slug: str, id: str) -> HttpResponse:
    """Show the history of a model."""
    return _party_page(slug, PartyKind.MODEL, id)


@public
def provider(request: HttpRequest, *, slug: str, id: str) -> HttpResponse:
    """Show the history of a provider."""
    return _party_page(slug, PartyKind.PROVIDER, id)


def _party_page(slug: str, kind: PartyKind, id: str) -> HttpResponse:
    at = timezone.now()
    index = lookup.find_register(slug, at)
    histories = read_histories(index, at)
    # The address of a model whose history another one took on stays, and shows that history.
    id = histories.current_id(kind, id)
    history = histories.history(kind, id)
    if history is None:
        raise not_found(
            f"No {kind} called {id[:60]} was ever listed. Its address is made of its first name."
        )
    entry = index.in_force(at)
    snapshot = changelog.read_snapshot(index, entry) if entry else None
    page = PartyContext(index, at, histories, kind, id, history, snapshot)
    return html_response("public/party.html", {"page": page}, index, at)


@public
def parties(request: HttpRequest, *, slug: str) -> HttpResponse:
    """List the models and providers that are listed, and those that were."""
    at = timezone.now()
    index = lookup.find_register(slug, at)
    histories, page = read_histories(index, at), RegisterContext(index, at)
    groups = []
    for kind in PartyKind:
        listed, gone = histories.listed_ids(kind, at)
        if listed or gone:
            links = (_links(page, histories, kind, listed), _links(page, histories, kind, gone))
            groups.append((kind, *links))
    return html_response("public/parties.html", {"page": page, "groups": groups}, index, at)


def _links(
    page: RegisterContext, histories: OfferingHistories, kind: PartyKind, ids: list[str]
) -> list[NamedLink]:
    """Return the name and address of some models or providers."""
    return [(histories.name(kind, id), page.path_of(kind, id=id)) for id in ids]
