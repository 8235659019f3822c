"""When each model was offered by which provider, and on which terms, in the published past.

An offering is a model as served by one provider. Its history consists of periods: each lasts from
the first page that lists the offering with certain terms until the first that does not. The pages
are those that were public one after the other, withdrawn ones for as long as they were shown, and
those that are announced.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from typing import Any, NamedTuple, Self

from compliance.page import inline
from compliance.page.names import spelling_key
from compliance.page.vocabulary import ColumnRole
from compliance.published.events import EventKind, list_events
from compliance.published.history import History, HistoryReader, ShownPage
from compliance.published.index import Index
from compliance.published.lookup import NotPublic


class PartyKind(StrEnum):
    """Whether a listed party is a model or a provider."""

    MODEL = "model"
    PROVIDER = "provider"


# Tuples, because their hashes are quick: a page has thousands of offerings, each with claims.
class PrintedClaim(NamedTuple):
    """What a row says in one claim column, in the words that a reader sees.

    `text` is empty where the cell is. A new label does not make other terms of the same words, but
    another question (`asks`) does: "No" to "Trains?" is not "No" to "Excluded from training?".
    """

    column: str
    asks: str | None
    text: str


class Offering(NamedTuple):
    """A model at a provider, with the row's claims as printed.

    `model` and `provider` are ids. One is None if the row names no model or no provider. `row`
    names a row without models by its first cell, unless that holds the providers; else it is empty.
    """

    model: str | None
    provider: str | None
    row: str
    claims: tuple[PrintedClaim, ...]

    def party(self, kind: PartyKind) -> str | None:
        """Return the id of its model or provider."""
        return self.model if kind is PartyKind.MODEL else self.provider


@dataclass(frozen=True, slots=True)
class Period:
    """The time from the page that first lists an offering until the one that drops it.

    `end` is None while the offering is still listed on the newest page. `labels` are those
    that the columns of its claims had last.
    """

    offering: Offering
    labels: tuple[str, ...]
    first: ShownPage
    end: ShownPage | None

    @property
    def claims(self) -> list[tuple[str, str]]:
        """The label and the words of each claim."""
        texts = [claim.text for claim in self.offering.claims]
        return list(zip(self.labels, texts, strict=True))

    @property
    def is_within_a_day(self) -> bool:
        """Whether it began and ended on the same day in UTC."""
        if self.end is None:
            return False
        return self.first.since.astimezone(UTC).date() == self.end.since.astimezone(UTC).date()

    def is_announced(self, at: datetime) -> bool:
        """Return whether it begins after a moment."""
        return self.first.since > at

    def has_ended(self, at: datetime) -> bool:
        """Return whether it was over at a moment."""
        return self.end is not None and self.end.since <= at


@dataclass(frozen=True, slots=True)
class OfferingHistory:
    """The names that a model or provider had, the newest first, and its periods.

    Periods that still last come first, then the ended ones, the newest first.
    """

    names: tuple[str, ...]
    periods: tuple[Period, ...]

    @property
    def first(self) -> ShownPage:
        """The page that listed it first."""
        return min((period.first for period in self.periods), key=_since)

    @property
    def end(self) -> ShownPage | None:
        """The page that no longer lists it, or None if the newest still does."""
        ends = [period.end for period in self.periods if period.end]
        return max(ends, key=_since) if len(ends) == len(self.periods) else None


@dataclass
class OfferingHistories(History):
    """The history of every model and provider of a register."""

    # The page that first listed each offering of the newest page.
    _listed_since: dict[Offering, ShownPage] = field(default_factory=dict)
    # The labels of the claims of each of them.
    _labels: dict[Offering, tuple[str, ...]] = field(default_factory=dict)
    _ended: list[Period] = field(default_factory=list)
    # Every name that a party had, the newest last.
    _names: dict[tuple[PartyKind, str], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    # The model that took on the history of another, by the id of that one.
    _continued_by: dict[str, str] = field(default_factory=dict)

    def history(self, kind: PartyKind, id: str) -> OfferingHistory | None:
        """Return the history of a model or provider, or None if it was never listed.

        That of a model holds the histories that it took on.
        """
        periods = tuple(period for period in self._periods() if period.offering.party(kind) == id)
        if not periods:
            return None
        names = list(reversed(self._names[kind, id]))
        for (other_kind, other), earlier in self._names.items():
            if other_kind is kind and other != id and self.current_id(kind, other) == id:
                names += reversed(earlier)
        return OfferingHistory(tuple(dict.fromkeys(names)), periods)

    def current_id(self, kind: PartyKind, id: str) -> str:
        """Return the id under which a history is told: of the model that took it on, if one did."""
        if kind is PartyKind.MODEL:
            while id in self._continued_by:
                id = self._continued_by[id]
        return id

    def find_id(self, kind: PartyKind, text: str) -> str | None:
        """Return the id of what has an id or had a name, in any spelling, or None."""
        if self.is_known(kind, text):
            return text
        key = spelling_key(text)
        for (named_kind, id), names in self._names.items():
            if named_kind is kind and key in map(spelling_key, names):
                return id
        return None

    def joined_ids(self, kind: PartyKind, id: str) -> frozenset[str]:
        """Return every id under which the history of a model or provider is told."""
        current = self.current_id(kind, id)
        known = [other for other_kind, other in self._names if other_kind is kind]
        return frozenset(other for other in known if self.current_id(kind, other) == current)

    def is_known(self, kind: PartyKind, id: str) -> bool:
        """Return whether a model or provider was ever listed, or announced and called off."""
        return (kind, id) in self._names

    def name(self, kind: PartyKind, id: str) -> str:
        """Return the newest name of a model or provider; raises KeyError if it is not known."""
        return self._names[kind, id][-1]

    def listed_ids(self, kind: PartyKind, at: datetime) -> tuple[list[str], list[str]]:
        """Return the ids of the models or providers in two lists, each in the order of their names.

        The first list has those that are listed at a moment or announced, the second the others.
        """
        current, listed = set(), set()
        for period in self._periods():
            if id := period.offering.party(kind):
                listed.add(id)
                if not period.has_ended(at):
                    current.add(id)
        ids = sorted(listed, key=lambda id: (self.name(kind, id).casefold(), id))
        return [id for id in ids if id in current], [id for id in ids if id not in current]

    def _periods(self) -> Iterator[Period]:
        periods = self._periods_by_id()
        return self._joined(periods) if self._continued_by else periods

    def _periods_by_id(self) -> Iterator[Period]:
        for offering, first in self._listed_since.items():
            yield Period(offering, self._labels[offering], first, None)
        yield from reversed(self._ended)

    def _joined(self, periods: Iterator[Period]) -> Iterator[Period]:
        """Give periods under the ids that took them on, those that follow each other as one."""
        joined: list[Period] = []
        # The place of the latest period of each offering; they come with the newest first.
        places: dict[Offering, int] = {}
        for period in periods:
            offering = period.offering
            if offering.model is not None:
                offering = offering._replace(model=self.current_id(PartyKind.MODEL, offering.model))
            place = places.get(offering)
            if place is not None and joined[place].first == period.end:
                joined[place] = replace(joined[place], first=period.first)
            else:
                places[offering] = len(joined)
                joined.append(replace(period, offering=offering))
        return iter(joined)

    def copy(self) -> Self:
        names = defaultdict(list, {key: list(names) for key, names in self._names.items()})
        return type(self)(
            dict(self._listed_since),
            dict(self._labels),
            list(self._ended),
            names,
            dict(self._continued_by),
        )

    def add(self, page: ShownPage, frozen: dict[str, Any]) -> None:
        labels: dict[Offering, tuple[str, ...]] = {}
        for section in frozen.get("sections", ()):
            claim_labels = tuple(column["label"] for column in _claim_columns(section))
            for listing in section["listings"]:
                labels.update(dict.fromkeys(listing_offerings(section, listing), claim_labels))
        self._add_names(frozen, labels)
        if page.is_called_off:
            return
        for offering, first in self._listed_since.items():
            if offering not in labels:
                self._ended.append(Period(offering, self._labels[offering], first, page))
        self._listed_since = {
            offering: self._listed_since.get(offering, page) for offering in labels
        }
        self._labels = labels
        self._note_continued(frozen.get("models", ()))

    def _note_continued(self, models: Iterable[dict[str, Any]]) -> None:
        """Note whose history the listed models take on; one that is listed keeps its own."""
        listed = {offering.model for offering in self._listed_since}
        for id, successor in list(self._continued_by.items()):
            if id in listed or successor in listed:
                del self._continued_by[id]
        for model in models:
            if model["id"] in listed:
                for id in set(model.get("continues", ())) - listed:
                    self._continued_by[id] = model["id"]

    def _add_names(self, frozen: dict[str, Any], offerings: Collection[Offering]) -> None:
        """Add the names of the models and providers that rows list, in the order of the page.

        A provider that is named only as the author of a document receives no prompts.
        """
        for kind in PartyKind:
            listed = {offering.party(kind) for offering in offerings}
            for party in frozen.get(f"{kind}s", ()):
                if party["id"] in listed:
                    self._add_name(kind, party)

    def _add_name(self, kind: PartyKind, party: dict[str, Any]) -> None:
        names, name = self._names[kind, party["id"]], party["name"]
        if names and names[-1] == name:
            return
        # A name that comes back is the newest again and is not named twice.
        if name in names:
            names.remove(name)
        names.append(name)


def _claim_columns(section: dict[str, Any]) -> list[dict[str, Any]]:
    return [column for column in section["columns"] if ColumnRole(column["role"]).is_claim]


def listing_offerings(section: dict[str, Any], listing: dict[str, Any]) -> Iterator[Offering]:
    """Yield each pair of a model and a provider; only one of them where a row lacks the other."""
    columns, cells = section["columns"], listing["cells"]
    models = _party_ids(columns, cells, ColumnRole.MODELS, "model")
    providers = _party_ids(columns, cells, ColumnRole.PROVIDERS, "provider")
    if not models and not providers:
        return
    row = "" if models else _row_name(columns, cells)
    claims = tuple(
        PrintedClaim(column["key"], column.get("asks"), _printed_text(cells[column["key"]]))
        for column in _claim_columns(section)
    )
    for model, provider in product(models or [None], providers or [None]):
        yield Offering(model, provider, row, claims)


def _party_ids(
    columns: list[dict[str, Any]], cells: dict[str, Any], role: ColumnRole, field_name: str
) -> list[str | None]:
    items: list[dict[str, Any]] = []
    for column in columns:
        if column["role"] == role:
            items += cells[column["key"]]["items"]
    return [item[field_name] for item in items]


def _row_name(columns: list[dict[str, Any]], cells: dict[str, Any]) -> str:
    if columns[0]["role"] == ColumnRole.PROVIDERS:
        return ""
    return _printed_text(cells[columns[0]["key"]])


def _printed_text(cell: dict[str, Any]) -> str:
    return ", ".join(inline.plain(item["text"]) for item in cell["items"])


def _since(page: ShownPage) -> datetime:
    return page.since


class NeverListed(NotPublic):
    """No model or provider of that id was ever public."""


histories: HistoryReader[OfferingHistories] = HistoryReader(OfferingHistories)


def read_histories(index: Index, at: datetime) -> OfferingHistories:
    """Return the histories in the pages that the public saw, and in announced ones.

    Raises StoreFault.
    """
    return histories.read(index, _shown_pages(index, at))


def _shown_pages(index: Index, at: datetime) -> list[ShownPage]:
    """Return the pages that were shown one after the other, and those that are announced."""
    pages: list[ShownPage] = []
    for event in reversed(list_events(index, at)):
        is_published = event.kind is EventKind.PUBLISHED
        if is_published or event.changes_page:
            since = event.entry.effective_from if is_published else event.moment
            is_called_off = event.called_off_at is not None
            pages.append(ShownPage(event.after, event.entry.number, since, is_called_off))
    return sorted(pages, key=_since)


@dataclass(frozen=True, slots=True)
class KnownParty:
    """A model or provider with its newest name and every id under which it was listed."""

    name: str
    ids: frozenset[str]


def find_party(index: Index, kind: PartyKind, id: str, at: datetime) -> KnownParty:
    """Return the model or provider with an id; raises NeverListed or StoreFault."""
    found = read_histories(index, at)
    if not found.is_known(kind, id):
        raise NeverListed(f"No {kind} with the id {id[:60]} was ever listed.")
    return KnownParty(found.name(kind, found.current_id(kind, id)), found.joined_ids(kind, id))


def find_named_party(index: Index, kind: PartyKind, text: str, at: datetime) -> KnownParty:
    """Return the model or provider that has an id or had a name.

    Raises NeverListed or StoreFault.
    """
    id = read_histories(index, at).find_id(kind, text)
    if id is None:
        raise NeverListed(f"No {kind} called {text[:60]} was ever listed.")
    return find_party(index, kind, id, at)
