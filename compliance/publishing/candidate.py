"""What a submission would freeze, with everything that the submitter should see first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Changeset, Listing, Publication, Register, User
from compliance.models.carrying import CarriedOver, carry_onto
from compliance.models.publications import FRAME
from compliance.page import diff, selection
from compliance.page.diff import Change
from compliance.page.graded import graded_contents
from compliance.page.parts import Page, Part, changed_parts, listing_key, part_of_change
from compliance.page.rules import Answer, Finding, not_among
from compliance.page.rules.facts import CatalogueEntry
from compliance.page.snapshot import Snapshot
from compliance.publishing.answers import findings_of, standing_answers, unanswered
from compliance.publishing.contributions import contributing, edits_by_part
from compliance.publishing.errors import NotPublishable
from compliance.publishing.grades import changes_to_grade, ungraded
from compliance.workingcopy import findings
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A part that differs from the page before, with the changes in it."""

    part: Part
    changes: tuple[Change, ...]

    @property
    def key(self) -> str:
        return self.part.key

    @property
    def name(self) -> str:
        return self.part.name

    @property
    def kind(self) -> str:
        """How it differs: added, changed or removed."""
        return self.part.kind.value

    @property
    def listing(self) -> str | None:
        """The id of the listing, None for any other part."""
        return self.part.listing


@dataclass(frozen=True, slots=True)
class CandidateEdits:
    """The changesets that contributed to a candidate, latest first, by the key of a part.

    `authored` are those that made the part differ; see `PartEdits`.
    """

    by_part: Mapping[str, list[Changeset]]
    authored: Mapping[str, list[Changeset]]

    def is_by(self, person: User, part: str) -> bool:
        """Return whether an editor would call a part their own."""
        return any(changeset.by_id == person.pk for changeset in self.authored.get(part, ()))

    def other_editors(self, person: User, part: str) -> list[str]:
        """Return the names of the others who made a part differ."""
        others = (edit.label for edit in self.authored.get(part, ()) if edit.by_id != person.pk)
        return sorted(set(others))

    @property
    def beside_listings(self) -> list[Changeset]:
        """The changesets of all parts that are no listings."""
        parts = (
            changesets
            for part, changesets in self.by_part.items()
            if not part.startswith(listing_key(""))
        )
        found = set(chain.from_iterable(parts))
        return sorted(found, key=lambda changeset: changeset.pk, reverse=True)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What would be frozen on a day.

    `before` is the page that it is compared with, `frame` its publisher, contact and licence.
    `changed` are the parts to choose from; those in `held_back` (keys) are left as they were
    published. `came_along` were to be held back, but what is in it needs them; `stayed` were not,
    but what is held back needs them as they were. `working` is the working copy that was read, and
    `catalogue` the product's own list of models that the rules compare it with.
    """

    register: Register
    day: date
    takes_effect: datetime
    catalogue: tuple[CatalogueEntry, ...] | None
    working: Page
    base: Publication | None
    before: Snapshot | None
    snapshot: Snapshot
    frame: Mapping[str, str]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    changed: tuple[ChangedPart, ...]
    held_back: tuple[str, ...]
    came_along: tuple[str, ...]
    stayed: tuple[str, ...]

    def holding_back(self, parts: Collection[str]) -> "Candidate":
        """Return the same without parts (keys), of the working copy as it was read for this one."""
        before = Page(self.before, frame_of(self.base)) if self.before and self.base else None
        page = selection.select(before, self.working, parts)
        left = {part.key for part in changed_parts(page, self.working)} if parts else set()
        keys = [part.key for part in self.changed]
        return replace(
            self,
            snapshot=page.snapshot,
            frame=page.frame,
            changes=_changes(before, page),
            findings=findings.findings(
                self.register,
                page.snapshot,
                before=self.before,
                at=self.takes_effect,
                catalogue=self.catalogue,
            ),
            held_back=tuple(key for key in keys if key in left),
            came_along=tuple(key for key in keys if key in parts and key not in left),
            stayed=tuple(key for key in keys if key in left and key not in parts),
        )

    @property
    def changesets(self) -> QuerySet[Changeset]:
        """The changesets that contributed."""
        return contributing(self.register, self.base, self.snapshot, self._included, self.held_back)

    def edits(self) -> CandidateEdits:
        """Return the changesets that contributed, by included part."""
        by_part = edits_by_part(
            self.register, self.base, self.snapshot, self._included, self.held_back
        )
        keys = chain.from_iterable(edits.changesets for edits in by_part.values())
        changesets = Changeset.objects.in_bulk(set(keys))

        def latest_first(keys: Iterable[int]) -> list[Changeset]:
            return [changesets[key] for key in sorted(keys, reverse=True)]

        return CandidateEdits(
            {part: latest_first(edits.changesets) for part, edits in by_part.items()},
            {part: latest_first(edits.authored) for part, edits in by_part.items()},
        )

    def changesets_by_part(self) -> Mapping[str, list[Changeset]]:
        """Return the changesets by the key of an included part, latest first."""
        return self.edits().by_part

    @property
    def listings(self) -> list[ChangedPart]:
        """The listings among the parts to choose from."""
        return [part for part in self.changed if part.listing]

    @property
    def _included(self) -> list[str]:
        return [
            part.listing for part in self.changed if part.listing and part.key not in self.held_back
        ]

    @property
    def called_off(self) -> list[CarriedOver]:
        """The scheduled publications that would not be carried over this one."""
        scheduled = self.register.publications.standing_after(self.base)
        page = Page(self.snapshot, self.frame)
        return [outcome for outcome in carry_onto(scheduled, page, {}) if outcome.page is None]

    @property
    def answered(self) -> dict[str, Answer]:
        """The answers of the page before that stand, by the keys of the findings."""
        return standing_answers(self.base, self.findings, day=self.day)

    @property
    def new_findings(self) -> list[Finding]:
        """The findings that the page before did not have, nor one that is about more."""
        return not_among(self.findings, findings_of(self.base) if self.base else ())

    def unanswered(self, answers: Mapping[str, Answer]) -> list[Finding]:
        """Return the blockers, and the warnings that have no written answer."""
        return unanswered(self.findings, answers)

    @property
    def to_grade(self) -> tuple[Change, ...]:
        """The changes of which the submitter has to say what they mean for readers."""
        return changes_to_grade(self.before, self.changes)

    @property
    def graded_contents(self) -> dict[str, str]:
        """The digests of what the submitter grades, by the keys of the changes."""
        return graded_contents(self.before, self.snapshot)

    def ungraded(self, grades: Mapping[str, str]) -> list[Change]:
        """Return the changes that need a grade and have none in `grades`, by their keys."""
        return ungraded(self.to_grade, grades)


def candidate(
    register: Register,
    *,
    at: datetime,
    listings: Iterable[Listing | UUID | str] | None = None,
    held_back: Iterable[str] = (),
    effective_from: datetime | None = None,
    catalogue: tuple[CatalogueEntry, ...] | None = None,
) -> Candidate:
    """Return what submitting a register would freeze. Writes nothing.

    `listings` are the changed listings to include, all by default; `held_back` are the keys of
    further parts to hold back. The candidate is compared with what will be in force when it takes
    effect: an urgent one with the page in force now, even while another publication is scheduled.
    The rules judge it as of that moment, so a document that lapses before counts as lapsed.
    `catalogue` is the product's own list of models.

    Raises NotPublishable for a listing or part that has not changed.
    """
    publications = register.publications
    takes_effect = publications.earliest_effect(at=at, requested=effective_from)
    base = publications.followed_at(takes_effect)
    before = Page(base.snapshot(), frame_of(base)) if base else None
    working = Page(capture(register), frame_of(register))
    parts = changed_parts(before, working)
    everything = Candidate(
        register=register,
        day=at.astimezone(UTC).date(),
        takes_effect=takes_effect,
        catalogue=catalogue,
        working=working,
        base=base,
        before=before.snapshot if before else None,
        snapshot=working.snapshot,
        frame=working.frame,
        changes=(),  # these and the findings follow from what goes in
        findings=(),
        changed=tuple(_with_changes(parts, _changes(before, working))),
        held_back=(),
        came_along=(),
        stayed=(),
    )
    return everything.holding_back(_held_back(parts, listings, set(held_back)))


def frame_of(source: Publication | Register) -> dict[str, str]:
    """Return publisher, contact and licence, which the frame of the page prints."""
    return {name: getattr(source, name) for name in FRAME}


def _changes(before: Page | None, after: Page) -> tuple[Change, ...]:
    changes = diff.compare(before.snapshot if before else None, after.snapshot)
    return changes + diff.frame_changes(before.frame if before else None, after.frame)


def _held_back(
    parts: Iterable[Part],
    listings: Iterable[Listing | UUID | str] | None,
    held_back: Collection[str],
) -> set[str]:
    """Return the keys of the parts to hold back."""
    by_key = {part.key: part for part in parts}
    if strays := sorted(set(held_back) - by_key.keys()):
        raise NotPublishable(
            f"The part {strays[0]} does not differ from the page it would change. "
            "Choose among the parts that do."
        )
    if listings is None:
        return set(held_back)
    asked = set()
    for listing in listings:
        asked.add(listing_key(str(listing.pk if isinstance(listing, Listing) else listing)))
    if strays := sorted(asked - by_key.keys()):
        raise NotPublishable(
            f"Row {strays[0].removeprefix('listing:')} does not differ from the page it would "
            "change. Choose among the rows that do."
        )
    others = {part.key for part in by_key.values() if part.listing and part.key not in asked}
    return {*held_back, *others}


def _with_changes(parts: Iterable[Part], changes: Iterable[Change]) -> Iterator[ChangedPart]:
    by_part: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_part[part_of_change(change)].append(change)
    for part in parts:
        yield ChangedPart(part, tuple(by_part[part.key]))
