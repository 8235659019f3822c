"""Since when a model's prompts go to a provider, by whose edits, and approved by whom."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from compliance.admin.publishing.attribution import AttributedChange, attribute_changes
from compliance.models import Decision, Publication, PublishedFile, Register
from compliance.page import inline
from compliance.published.offerings import Offering, listing_offerings
from compliance.publishing.shown import ShownPublication, shown_publications
from compliance.publishing.statuses import AHEAD, Status, with_statuses
from compliance.workingcopy.resolve import capture

# The label of a document, and its address if it has one.
_Document = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What one row says of an offering: the label and the words of each claim, notes and documents.

    `notes` are the footnotes that mark the row, by their numbers, and `documents` the labels and
    addresses of those of the provider; both without what is only of other models or providers.
    """

    listing: str
    claims: tuple[tuple[str, str], ...]
    notes: tuple[tuple[int, str], ...]
    documents: tuple[_Document, ...]

    @property
    def beside_claims(self) -> "_BesideClaims":
        """What can change what the claims mean: not the numbers of footnotes, and no order."""
        return frozenset(text for _, text in self.notes), frozenset(self.documents)


_BesideClaims = tuple[frozenset[str], frozenset[_Document]]


@dataclass(frozen=True, slots=True)
class PrintedOffering:
    """What a page says of a model at a provider.

    `offerings` is what makes a difference: the claims, wherever they stand and whatever the columns
    are called, each with the notes and documents beside it.
    """

    terms: tuple[Terms, ...]
    offerings: frozenset[tuple[Offering, _BesideClaims]]


@dataclass(frozen=True, slots=True)
class OfferingStep:
    """A moment at which the page began to list an offering, to list it otherwise, or ended to.

    It came with `publication`, or by `withdrawal` of the one before. `publication` is None where
    no page was left. `changes` are those that concern the offering, with the edits behind them.
    """

    at: datetime
    publication: Publication | None
    approval: Decision | None
    withdrawal: Decision | None
    terms: tuple[Terms, ...]
    changes: list[AttributedChange]


@dataclass(slots=True)
class OfferingPeriod:
    """A time in which the page listed an offering without a gap; `end` is None while it lasts."""

    steps: list[OfferingStep]
    end: OfferingStep | None = None

    @property
    def first(self) -> OfferingStep:
        """The step that began it."""
        return self.steps[0]


@dataclass(frozen=True, slots=True)
class PendingOffering:
    """What a publication that readers never had as their page says of an offering.

    It is in review, scheduled or announced, or was called off by `calling_off`. `effective_from` is
    the moment that its approval set, or for which it was submitted; None stands for its approval.
    """

    publication: Publication
    status: Status
    effective_from: datetime | None
    approval: Decision | None
    calling_off: Decision | None
    terms: tuple[Terms, ...]
    changes: list[AttributedChange]


@dataclass(frozen=True)
class OfferingAnswer:
    """What the record of one register says of a model at a provider.

    `models` are the ids of the model: its own, and those whose history it takes on.
    """

    register: Register
    models: frozenset[str]
    provider: str
    at: datetime

    @cached_property
    def periods(self) -> list[OfferingPeriod]:
        """The periods in which readers saw the offering, the oldest first."""
        shown = shown_publications(self.register, at=self.at)
        printed = self._printed({page.publication.pk for page in shown if page.publication})
        periods: list[OfferingPeriod] = []
        before: PrintedOffering | None = None
        for page in shown:
            current = printed.get(page.publication.pk) if page.publication else None
            if current and before is None:
                periods.append(OfferingPeriod([self._step(page, current.terms)]))
            elif current and before and current.offerings != before.offerings:
                periods[-1].steps.append(self._step(page, current.terms))
            elif before and current is None:
                periods[-1].end = self._step(page, ())
            before = current
        return periods

    @cached_property
    def pending(self) -> list[PendingOffering]:
        """What each publication that is in review or scheduled says."""
        return self._read_pending((Status.IN_REVIEW, *AHEAD))

    @cached_property
    def called_off(self) -> list[PendingOffering]:
        """Each publication that would have changed the offering, and was called off."""
        return [one for one in self._read_pending([Status.CALLED_OFF]) if one.changes]

    def _read_pending(self, wanted: Collection[Status]) -> list[PendingOffering]:
        publications = list(
            with_statuses(self.register.publications.all(), at=self.at)
            .filter(status__in=wanted)
            .order_by("pk")
        )
        printed = self._printed({publication.pk for publication in publications})
        return [
            PendingOffering(
                publication,
                Status(publication.status),
                publication.takes_effect_at or publication.requested_effective_from,
                publication.approval,
                publication.decisions.filter(kind=Decision.Kind.WITHDRAWN).first(),
                printed[publication.pk].terms if publication.pk in printed else (),
                self._changes(publication),
            )
            for publication in publications
        ]

    @cached_property
    def working(self) -> PrintedOffering | None:
        """What the working copy says, None if it does not list the offering."""
        return self._printed_on(capture(self.register).to_dict())

    @property
    def is_known(self) -> bool:
        """Whether anything of the register ever listed the offering."""
        unseen = (*self.pending, *self.called_off)
        return bool(self.periods or self.working or any(one.terms for one in unseen))

    @property
    def is_edited(self) -> bool:
        """Whether the working copy says something else than readers see now."""
        steps = self.periods[-1].steps if self.periods and not self.periods[-1].end else []
        shown = steps[-1].terms if steps else ()
        working = self.working.terms if self.working else ()
        return _differ(shown, working)

    def _step(self, page: ShownPublication, terms: tuple[Terms, ...]) -> OfferingStep:
        publication = page.publication
        changes: list[AttributedChange] = []
        if publication and page.ending is None:
            changes = self._changes(publication)
        approval = publication.approval if publication else None
        return OfferingStep(page.since, publication, approval, page.ending, terms, changes)

    def _changes(self, publication: Publication) -> list[AttributedChange]:
        """Return the changes of a publication that concern the offering, with their edits."""
        return attribute_changes(
            publication, models=self.models, providers=frozenset([self.provider])
        )

    def _printed(self, publications: Collection[int]) -> dict[int, PrintedOffering]:
        """Return what publications say, by their keys, without those that say nothing."""
        files = PublishedFile.objects.filter(format="json", publication__in=publications)
        printed: dict[int, PrintedOffering] = {}
        # A page can have megabytes, so as few as possible are read at a time.
        for key, content in files.values_list("publication", "content").iterator(chunk_size=4):
            if found := self._printed_on(json.loads(bytes(content))):
                printed[key] = found
        return printed

    def _printed_on(self, page: dict[str, Any]) -> PrintedOffering | None:
        """Return what a page in JSON says, None if it does not list the offering."""
        terms: list[Terms] = []
        offerings: set[tuple[Offering, _BesideClaims]] = set()
        notes = {note["number"]: inline.plain(note["text"]) for note in page["footnotes"]}
        for section in page["sections"]:
            labels = {column["key"]: column["label"] for column in section["columns"]}
            for listing in section["listings"]:
                for offering in listing_offerings(section, listing):
                    if offering.model in self.models and offering.provider == self.provider:
                        claims = [(labels[claim.column], claim.text) for claim in offering.claims]
                        row = self._terms(listing, claims, notes)
                        terms.append(row)
                        # A model that takes on another's history is the same offering.
                        offerings.add((offering._replace(model=None), row.beside_claims))
        return PrintedOffering(tuple(terms), frozenset(offerings)) if terms else None

    def _terms(
        self, listing: dict[str, Any], claims: list[tuple[str, str]], notes: Mapping[int, str]
    ) -> Terms:
        """Return what a row in JSON says of the offering; `notes` are the texts by number."""
        items = [item for item in _items(listing) if self._concerns(item)]
        numbers = sorted({number for item in items for number in item["footnotes"]})
        documents = [
            (inline.plain(item["text"]), item["url"]) for item in items if "document" in item
        ]
        return Terms(
            listing["id"],
            tuple(claims),
            tuple((number, notes[number]) for number in numbers),
            tuple(documents),
        )

    def _concerns(self, item: dict[str, Any]) -> bool:
        """Return whether an item of a row is not about another model or provider."""
        if "model" in item:
            return item["model"] in self.models
        return item.get("provider") in (self.provider, None)


def _items(listing: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in listing["cells"].values():
        yield from cell["items"]


def _differ(shown: Collection[Terms], working: Collection[Terms]) -> bool:
    """Return whether rows say something else of an offering, whichever rows they are."""
    first, second = (
        {(terms.claims, terms.beside_claims) for terms in rows} for rows in (shown, working)
    )
    return first != second
