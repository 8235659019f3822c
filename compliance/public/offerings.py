"""The pages of models and providers: when each was listed, with whom, and on which terms."""

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from compliance.public.context import RegisterContext
from compliance.public.errors import not_found, public
from compliance.public.responses import html_response
from compliance.published import lookup
from compliance.published.index import PublishedEntry
from compliance.published.offerings import (
    OfferingHistories,
    OfferingHistory,
    PartyKind,
    Period,
    read_histories,
)
from compliance.rendering import html

_OTHER_KIND = {PartyKind.MODEL: PartyKind.PROVIDER, PartyKind.PROVIDER: PartyKind.MODEL}


@dataclass(frozen=True, slots=True)
class OfferingLine:
    """A period as the page prints it.

    `name` and `path` are of the other party: the provider of a model, or the model of a provider.
    """

    period: Period
    name: str
    path: str
    first_path: str
    end_path: str


@dataclass(frozen=True, slots=True)
class PartyContext(RegisterContext):
    """A model or provider and its history, as shown at a moment."""

    histories: OfferingHistories
    kind: PartyKind
    id: str
    history: OfferingHistory

    @property
    def name(self) -> str:
        """Its newest name."""
        return self.history.names[0]

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
        return self.history.first.is_waiting(self.at)

    @property
    def is_gone(self) -> bool:
        """Whether it is no longer listed."""
        return all(period.has_ended(self.at) for period in self.history.periods)

    def _line(self, period: Period) -> OfferingLine:
        kind = _OTHER_KIND[self.kind]
        id = period.offering.party(kind)
        return OfferingLine(
            period=period,
            name=self.histories.name(kind, id) if id else f"no {kind}",
            path=self.path_of(kind, id=id) if id else "",
            first_path=self._step_path(period.first),
            end_path=self._step_path(period.end) if period.end else "",
        )

    def _step_path(self, entry: PublishedEntry) -> str:
        return self.path_of("step", number=entry.number)


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
    history = histories.history(kind, id)
    if history is None:
        raise not_found(
            f"No {kind} called {id[:60]} was ever listed. Its address is made of its first name."
        )
    page = PartyContext(index, at, histories, kind, id, history)
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
        groups.append(
            (kind, _links(page, histories, kind, listed), _links(page, histories, kind, gone))
        )
    return html_response("public/parties.html", {"page": page, "groups": groups}, index, at)


def _links(
    page: RegisterContext, histories: OfferingHistories, kind: PartyKind, ids: list[str]
) -> list[tuple[str, str]]:
    """Return the name and address of some models or providers."""
    return [(histories.name(kind, id), page.path_of(kind, id=id)) for id in ids]
