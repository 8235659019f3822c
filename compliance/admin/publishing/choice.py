"""Which of the parts that differ a submission takes in, and who edited each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst

from compliance.admin.components.summaries import describe_moment
from compliance.models import Changeset, User
from compliance.publishing import Candidate, ChangedPart
from compliance.publishing.statuses import Status

# The names of the boxes, of the buttons that choose many at once, and of the link to one row.
PARTS, CHOOSE, ONLY = "parts", "_choose", "only"


@dataclass(frozen=True, slots=True)
class PartChoice:
    """A part to choose or hold back, with its changesets, the latest first.

    `note` says why it is in although it was not chosen, or stays although it was. `pending` says
    where it is submitted already, and what choosing it does.
    """

    changed: ChangedPart
    is_included: bool
    changesets: Sequence[Changeset]
    note: str
    pending: Sequence[str] = ()

    @property
    def reasons(self) -> dict[str, str]:
        """Who edited it since it was last published, with the last reason of each."""
        return {changeset.label: changeset.reason for changeset in reversed(self.changesets)}


def chosen_parts(
    everything: Candidate,
    posted: QueryDict,
    *,
    only: str = "",
    by: User,
    pending: Collection[str] = (),
) -> set[str]:
    """Return the keys of the parts that somebody chose.

    `pending` are those that are submitted already. They are chosen only by hand: with another
    publication they would take effect before their time.
    """
    differing = {part.key for part in everything.changed}
    open_parts = differing.difference(pending)
    if only:
        return {only} & differing
    match posted.get(CHOOSE):
        case "mine":
            edits = everything.edits()
            return {part for part in open_parts if edits.is_by(by, part)}
        case "all":
            return differing
        case "none":
            return set()
    return set(posted.getlist(PARTS)) if posted else open_parts


def part_choices(
    content: Candidate,
    edits: Mapping[str, Sequence[Changeset]],
    pending: Mapping[str, Sequence[Any]],
) -> list[PartChoice]:
    """Return the parts to choose from.

    `edits` are the changesets of each, and `pending` the publications that have it already, by the
    part's key.
    """
    choices = []
    for changed in content.changed:
        note = ""
        if changed.key in content.came_along:
            note = "Comes along, because a part that you chose needs it."
        elif changed.key in content.stayed:
            note = "Stays as published, because a part that you held back needs it."
        is_included = changed.key not in content.held_back
        sentences = [
            _pending_sentence(publication, is_chosen=is_included)
            for publication in pending.get(changed.key, ())
        ]
        changesets = edits.get(changed.key, ())
        choices.append(PartChoice(changed, is_included, changesets, note, sentences))
    return choices


def _pending_sentence(publication: Any, *, is_chosen: bool) -> str:
    """Return where a part is submitted already, and what choosing it does."""
    condition = "You chose it, so it" if is_chosen else "If you choose it, it"
    if publication.status == Status.IN_REVIEW:
        return (
            f"In review already (“{publication.reason}”). {condition} is submitted a second time."
        )
    return (
        f"{capfirst(describe_moment(publication))}. "
        f"{condition} takes effect with this publication instead."
    )
