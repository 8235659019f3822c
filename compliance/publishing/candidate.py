"""What a submission would freeze, with everything that the submitter should see first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Changeset, Listing, Publication, Register
from compliance.page import diff, selection
from compliance.page.diff import Change
from compliance.page.parts import Page, changed_listings, listing_key
from compliance.page.rules import Answer, Finding, Severity
from compliance.page.rules.facts import CatalogueEntry
from compliance.page.snapshot import Snapshot
from compliance.publishing.answers import standing_answers
from compliance.publishing.contributions import changesets_by_listing, contributing
from compliance.publishing.errors import NotPublishable
from compliance.publishing.grades import changes_to_grade, ungraded
from compliance.workingcopy import findings
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class ChangedListing:
    """A listing that differs from the page before. `kind` is added, changed or removed."""

    id: str
    name: str
    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What would be frozen on a day.

    `before` is the page that it is compared with. `changed` are the listings to choose from;
    those in `held_back` are left as they were published.
    """

    register: Register
    day: date
    base: Publication | None
    before: Snapshot | None
    snapshot: Snapshot
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    changed: tuple[ChangedListing, ...]
    held_back: tuple[str, ...]

    @property
    def changesets(self) -> QuerySet[Changeset]:
        """The changesets that contributed."""
        return contributing(self.register, self.base, self.snapshot, self._included)

    def changesets_by_listing(self) -> dict[str | None, list[Changeset]]:
        """Return the changesets by included listing, latest first; None is for the rest."""
        keys = changesets_by_listing(self.register, self.base, self.snapshot, self._included)
        changesets = Changeset.objects.filter(pk__in=set(chain.from_iterable(keys.values())))
        by_pk = {changeset.pk: changeset for changeset in changesets}
        latest_first: dict[str | None, list[Changeset]] = {}
        for listing, pks in keys.items():
            latest_first[listing] = [by_pk[pk] for pk in sorted(pks, reverse=True)]
        return latest_first

    @property
    def _included(self) -> list[str]:
        return [listing.id for listing in self.changed if listing.id not in self.held_back]

    @property
    def answered(self) -> dict[str, Answer]:
        """The answers of the page before that stand, by the keys of the findings."""
        return standing_answers(self.base, self.findings, day=self.day)

    @property
    def new_findings(self) -> list[Finding]:
        """The findings that the page before did not have."""
        known = {finding["key"] for finding in self.base.findings} if self.base else set()
        return [finding for finding in self.findings if finding.key not in known]

    def unanswered(self, answers: Mapping[str, Answer]) -> list[Finding]:
        """Return the blockers, and the warnings that have no written answer."""
        return [
            finding
            for finding in self.findings
            if finding.severity == Severity.BLOCKER
            or (finding.severity == Severity.WARNING and finding.key not in answers)
        ]

    @property
    def to_grade(self) -> tuple[Change, ...]:
        """The changes of which the submitter has to say what they mean for readers."""
        return changes_to_grade(self.before, self.changes)

    def ungraded(self, grades: Mapping[str, str]) -> list[Change]:
        """Return the changes that need a grade and have none in `grades`, by their keys."""
        return ungraded(self.to_grade, grades)


def candidate(
    register: Register,
    *,
    at: datetime,
    listings: Iterable[Listing | UUID | str] | None = None,
    effective_from: datetime | None = None,
    catalogue: tuple[CatalogueEntry, ...] | None = None,
) -> Candidate:
    """Return what submitting a register would freeze. Writes nothing.

    `listings` are the changed listings to include, all by default. The candidate is compared with
    what will be in force when it takes effect: an urgent one with the page in force now, even
    while another publication is scheduled. The rules judge it as of that moment, so a document
    that lapses before counts as lapsed. `catalogue` is the product's own list of models.

    Raises NotPublishable for a listing that has not changed.
    """
    publications = register.publications
    takes_effect = publications.earliest_effect(at=at, requested=effective_from)
    base = publications.followed_at(takes_effect)
    before = base.snapshot() if base else None
    working = capture(register)
    pages = (Page(before, {}) if before else None), Page(working, {})
    changed = changed_listings(*pages)
    held_back = _held_back(changed, listings)
    snapshot = selection.select(*pages, [listing_key(id) for id in held_back]).snapshot
    found = diff.compare(before, snapshot)
    return Candidate(
        register=register,
        day=at.astimezone(UTC).date(),
        base=base,
        before=before,
        snapshot=snapshot,
        changes=found,
        findings=findings.findings(
            register, snapshot, before=before, at=takes_effect, catalogue=catalogue
        ),
        changed=tuple(_changed_listings(changed, before, working)),
        held_back=held_back,
    )


def _held_back(
    changed: list[str], listings: Iterable[Listing | UUID | str] | None
) -> tuple[str, ...]:
    if listings is None:
        return ()
    asked = set()
    for listing in listings:
        asked.add(str(listing.pk if isinstance(listing, Listing) else listing))
    if strays := sorted(asked - set(changed)):
        raise NotPublishable(
            f"Listing {strays[0]} does not differ from the page it would change. "
            "Choose among the listings that do."
        )
    return tuple(id for id in changed if id not in asked)


def _changed_listings(
    ids: list[str], before: Snapshot | None, working: Snapshot
) -> Iterator[ChangedListing]:
    published = {row.id: row for row in before.rows()} if before else {}
    edited = {row.id: row for row in working.rows()}
    changes_by_listing = defaultdict(list)
    for change in diff.compare(before, working):
        changes_by_listing[change.listing].append(change)
    for id in ids:
        row = edited.get(id) or published[id]
        kind = "added"
        if id in published:
            kind = "changed" if id in edited else "removed"
        yield ChangedListing(id, row.name, kind, tuple(changes_by_listing[id]))
