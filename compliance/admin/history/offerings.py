"""Since when a model's prompts go to a provider, by whose edits, and approved by whom."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from compliance.admin.publishing.attribution import AttributedChange, attribute_changes
from compliance.models import Decision, Publication, PublishedFile, Register
from compliance.published.offerings import Offering, listing_offerings
from compliance.publishing.shown import ShownPublication, shown_publications
from compliance.publishing.statuses import AHEAD, Status, with_statuses
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class Terms:
    """What one row says of an offering: the label and the words of each claim."""

    listing: str
    claims: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PrintedOffering:
    """What a page says of a model at a provider.

    `offerings` is what makes a difference: the claims, wherever they stand and whatever the columns
    are called.
    """

    terms: tuple[Terms, ...]
    offerings: frozenset[Offering]


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
    """What a publication that is in review or scheduled says of an offering."""

    publication: Publication
    status: Status
    terms: tuple[Terms, ...]


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
        wanted = (Status.IN_REVIEW, *AHEAD)
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
                printed[publication.pk].terms if publication.pk in printed else (),
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
        return bool(self.periods or self.working or any(one.terms for one in self.pending))

    @property
    def is_edited(self) -> bool:
        """Whether the working copy says something else than readers see now."""
        steps = self.periods[-1].steps if self.periods and not self.periods[-1].end else []
        shown = {terms.claims for terms in steps[-1].terms} if steps else set()
        working = {terms.claims for terms in self.working.terms} if self.working else set()
        return shown != working

    def _step(self, page: ShownPublication, terms: tuple[Terms, ...]) -> OfferingStep:
        publication = page.publication
        changes: list[AttributedChange] = []
        if publication and page.ending is None:
            changes = attribute_changes(
                publication, models=self.models, providers=frozenset([self.provider])
            )
        approval = publication.approval if publication else None
        return OfferingStep(page.since, publication, approval, page.ending, terms, changes)

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
        offerings: set[Offering] = set()
        for section in page["sections"]:
            labels = {column["key"]: column["label"] for column in section["columns"]}
            for listing in section["listings"]:
                for offering in listing_offerings(section, listing):
                    if offering.model in self.models and offering.provider == self.provider:
                        claims = [(labels[claim.column], claim.text) for claim in offering.claims]
                        terms.append(Terms(listing["id"], tuple(claims)))
                        # A model that takes on another's history is the same offering.
                        offerings.add(offering._replace(model=None))
        return PrintedOffering(tuple(terms), frozenset(offerings)) if terms else None
