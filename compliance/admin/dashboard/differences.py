"""The rows that differ from the published page, as cards on the desk."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from compliance.admin.components.links import screen_address
from compliance.admin.components.summaries import describe_moment, sort_weaker_first
from compliance.models import Changeset, Publication, User
from compliance.page.diff import Change, Effect
from compliance.page.parts import Page, differing
from compliance.publishing import Candidate, CandidateEdits
from compliance.publishing.candidate import ChangedPart
from compliance.publishing.pending import pending_parts

_LISTING_FORM = "admin:compliance_listing_change"
_DISCARD = "Discard"


@dataclass(frozen=True, slots=True)
class DifferingListing:
    """A listing that differs from the published page, with the changesets that edited it.

    With an empty name it stands for everything that differs outside of the listings. `address`
    is the form where it is edited, empty for a removed listing. `undo` is the label and the
    address of the screen that takes it back, None where there is none or the person may not, and
    `undo_obstacle` says why it cannot be taken back now, "" if it can.
    `submit` is the address of the screen that submits it alone, empty without one. `is_mine` is
    true if the person made it differ, and `others` are the names of others who did. `submitted_as`
    says in words which publication has it as it is now, in review or scheduled; empty if none has.
    """

    name: str
    kind: str
    address: str
    submit: str
    undo: tuple[str, str] | None
    undo_obstacle: str
    changes: tuple[Change, ...]
    changesets: tuple[Changeset, ...]
    is_mine: bool
    others: tuple[str, ...]
    submitted_as: str

    @property
    def is_weaker(self) -> bool:
        """Whether a change in it is weaker for readers, at least in one part."""
        return any(change.effect in (Effect.WEAKER, Effect.MIXED) for change in self.changes)

    @property
    def is_draft(self) -> bool:
        """Whether the person edited it and nobody has submitted it since."""
        return self.is_mine and not self.submitted_as


@dataclass(frozen=True)
class Differences:
    """What differs in a register; `by` is the person, `pending` what is in review or scheduled."""

    candidate: Candidate
    by: User
    pending: Sequence[Publication]

    def listings(self) -> Iterator[DifferingListing]:
        """Give each listing that differs, and at the end what differs outside of the listings."""
        candidate, edits = self.candidate, CandidateEdits({}, {})
        if self._may("view_changeset"):
            edits = candidate.edits()
        register = candidate.register
        for part in candidate.listings:
            is_removed = part.kind == "removed"
            yield self._differing(
                [part.key],
                name=part.name,
                kind=part.kind,
                address="" if is_removed else reverse(_LISTING_FORM, args=[part.listing]),
                submit=f"{screen_address('publication_submit', register)}?only={part.key}",
                undo=self._undo(part) if candidate.base else None,
                changes=part.changes,
                changesets=edits.by_part.get(part.key, []),
                is_mine=edits.is_by(self.by, part.key),
                others=edits.other_editors(self.by, part.key),
            )
        other_changes = [change for change in candidate.changes if change.listing is None]
        if other_changes:
            others = edits.beside_listings
            yield self._differing(
                [part.key for part in candidate.changed if not part.listing],
                name="",
                kind="",
                address=screen_address("register_change", register),
                submit="",
                undo=None,
                changes=other_changes,
                changesets=others,
                is_mine=any(changeset.by_id == self.by.pk for changeset in others),
                others=sorted({edit.label for edit in others if edit.by_id != self.by.pk}),
            )

    def _differing(
        self,
        parts: Collection[str],
        *,
        name: str,
        kind: str,
        address: str,
        submit: str,
        undo: tuple[str, str] | None,
        changes: Sequence[Change],
        changesets: Sequence[Changeset],
        is_mine: bool,
        others: Sequence[str],
    ) -> DifferingListing:
        containing = [
            publication
            for publication in self.pending
            if not self._unlike[publication.pk].intersection(parts)
        ]
        obstacle = ""
        if undo and undo[0] == _DISCARD and not containing:
            obstacle = self._obstacle_to_discarding(parts)
        return DifferingListing(
            name=name,
            kind=kind,
            address=address,
            submit=submit if self._may("submit_publication") else "",
            undo=None if obstacle else undo,
            undo_obstacle=obstacle,
            changes=tuple(sort_weaker_first(changes)),
            changesets=tuple(changesets),
            is_mine=is_mine,
            others=tuple(others),
            submitted_as=_describe_submission(containing[0]) if containing else "",
        )

    @cached_property
    def _unlike(self) -> dict[int, set[str]]:
        """The keys of the parts that a submission has otherwise than the working copy has them."""
        page = Page(self.candidate.snapshot, self.candidate.frame)
        return {one.pk: set(differing(one.page(), page)) for one in self.pending}

    def _obstacle_to_discarding(self, parts: Collection[str]) -> str:
        """Return why the edits of parts cannot be discarded, "" if they can."""
        found = [one for part in parts for one in self._in_review.get(part, ())]
        if not found:
            return ""
        return (
            f"It cannot be discarded while a submission has this row in review "
            f"(“{found[0].reason}”)."
        )

    @cached_property
    def _in_review(self) -> dict[str, list[Any]]:
        """The submissions in review by the key of each part that they would change."""
        return pending_parts(one for one in self.pending if not _is_ahead(one))

    def _undo(self, part: ChangedPart) -> tuple[str, str] | None:
        """Return the label and the address of the screen that takes back the edits of a listing."""
        match part.kind:
            case "removed":
                permission, label = "add_listing", "Put it back"
                address = reverse("admin:compliance_listing_deleted")
            case "added":
                permission, label = "delete_listing", "Delete it"
                address = reverse("admin:compliance_listing_delete", args=[part.listing])
            case _:
                permission, label = "change_listing", _DISCARD
                address = reverse("admin:compliance_listing_act", args=[part.listing, "discard"])
        return (label, address) if self._may(permission) else None

    def _may(self, permission: str) -> bool:
        return self.by.has_perm(f"compliance.{permission}")


def _is_ahead(publication: Any) -> bool:
    """Return whether a publication is scheduled or announced; else it is in review."""
    return bool(getattr(publication, "takes_effect_at", None))


def _describe_submission(publication: Any) -> str:
    """Return whether a publication is in review, or for when it is scheduled or announced."""
    return describe_moment(publication) if _is_ahead(publication) else "in review"
