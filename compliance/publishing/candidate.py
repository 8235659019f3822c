"""What a submission would freeze, with all that its submitter should see before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Changeset, Listing, Publication, Register
from compliance.page import diff, selection
from compliance.page.diff import Change
from compliance.page.rules import Answer, Finding, Severity
from compliance.page.rules.facts import CatalogueEntry
from compliance.page.snapshot import Snapshot
from compliance.publishing.contributions import changesets_by_listing, contributing
from compliance.publishing.errors import NotPublishable
from compliance.workingcopy import findings
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class ChangedListing:
    """A listing that differs from the page that would be replaced: its id, its models, how it differs."""

    id: str
    name: str
    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What would be frozen on a day: `before` is what it is compared with, `changed` all that can be chosen."""

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
        """The changesets whose edits are in it."""
        return contributing(self.register, self.base, self.snapshot, self._chosen)

    def behind(self) -> dict[str | None, list[Changeset]]:
        """Return the changesets behind each listing that goes in, the latest first; None: behind the rest."""
        found = changesets_by_listing(self.register, self.base, self.snapshot, self._chosen)
        changesets = Changeset.objects.filter(pk__in={pk for pks in found.values() for pk in pks})
        by_pk = {changeset.pk: changeset for changeset in changesets}
        return {
            listing: [by_pk[pk] for pk in sorted(pks, reverse=True)]
            for listing, pks in found.items()
        }

    @property
    def _chosen(self) -> list[str]:
        return [each.id for each in self.changed if each.id not in self.held_back]

    @property
    def answered(self) -> dict[str, Answer]:
        """The answers given before that still hold: until a day not passed, and what they are about is found again."""
        given = (
            {key: Answer.of(value) for key, value in self.base.answers.items()} if self.base else {}
        )
        return {
            finding.key: given[finding.key]
            for finding in self.findings
            if finding.key in given and given[finding.key].holds_on(self.day)
        }

    def unanswered(self, answers: Mapping[str, Answer]) -> list[Finding]:
        """Return the blockers, and the warnings that have no written answer."""
        return [
            finding
            for finding in self.findings
            if finding.severity == Severity.BLOCKER
            or (finding.severity == Severity.WARNING and finding.key not in answers)
        ]


def candidate(
    register: Register,
    *,
    at: datetime,
    listings: Iterable[Listing | UUID | str] | None = None,
    effective_from: datetime | None = None,
    catalogue: tuple[CatalogueEntry, ...] | None = None,
) -> Candidate:
    """Return what submitting a register at a moment would freeze; nothing is written.

    `listings` are the changed ones that go in, all by default. It is compared with what will be in force when it
    takes effect: an emergency with what is in force now, even while another publication waits. The rules judge it as
    of then: what lapses before has lapsed. A `catalogue` is what the product offers, for the rules. Raises
    NotPublishable for a listing that has not changed.
    """
    publications = register.publications
    takes_effect = publications.earliest_effect(at=at, requested=effective_from)
    base = publications.followed_at(takes_effect)
    before = base.snapshot() if base else None
    working = capture(register)
    changed = selection.changed_listings(before, working)
    held_back = _held_back(changed, listings)
    snapshot = selection.select(before, working, held_back)
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
    asked = {str(listing.pk if isinstance(listing, Listing) else listing) for listing in listings}
    if strays := sorted(asked - set(changed)):
        raise NotPublishable(
            f"Listing {strays[0]} does not differ from the page it would change. Choose among the listings that do."
        )
    return tuple(id for id in changed if id not in asked)


def _changed_listings(
    ids: list[str], before: Snapshot | None, working: Snapshot
) -> Iterator[ChangedListing]:
    was = {listing.id: listing for listing in before.listings} if before else {}
    now = {listing.id: listing for listing in working.listings}
    told = defaultdict(list)
    for change in diff.compare(before, working):
        told[change.listing].append(change)
    for id in ids:
        name = (
            ", ".join(model.name for model in (now.get(id) or was[id]).models)
            or "a row without models"
        )
        kind = "removed" if id not in now else "changed" if id in was else "added"
        yield ChangedListing(id, name, kind, tuple(told[id]))
