"""Which of the parts that differ a submission takes in, and who edited each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from compliance.models import Changeset, User
from compliance.publishing import Candidate, ChangedPart

# The names of the boxes, of the buttons that choose many at once, and of the link to one row.
PARTS, CHOOSE, ONLY = "parts", "_choose", "only"


@dataclass(frozen=True, slots=True)
class PartChoice:
    """A part to choose or hold back, with its changesets, the latest first.

    `note` says why it is in although it was not chosen, or stays although it was.
    """

    changed: ChangedPart
    is_included: bool
    changesets: Sequence[Changeset]
    note: str

    @property
    def editors(self) -> str:
        """Who edited it since it was last published."""
        return ", ".join(sorted({changeset.label for changeset in self.changesets}))

    @property
    def reason(self) -> str:
        """Why it was last edited."""
        return self.changesets[0].reason if self.changesets else ""


def chosen_parts(
    everything: Candidate, posted: QueryDict, *, only: str = "", by: User
) -> set[str] | None:
    """Return the keys of the parts that somebody chose, None if they chose nothing yet."""
    differing = {part.key for part in everything.changed}
    if only:
        return {only} & differing
    match posted.get(CHOOSE):
        case "mine":
            edits = everything.changesets_by_part()
            return {
                part
                for part in differing
                if any(changeset.by_id == by.pk for changeset in edits.get(part, ()))
            }
        case "all":
            return differing
        case "none":
            return set()
    return set(posted.getlist(PARTS)) if posted else None


def part_choices(content: Candidate, edits: Mapping[str, Sequence[Changeset]]) -> list[PartChoice]:
    """Return the parts to choose from; `edits` are the changesets of each, by its key."""
    choices = []
    for changed in content.changed:
        note = ""
        if changed.key in content.came_along:
            note = "Comes along, because a part that you chose needs it."
        elif changed.key in content.stayed:
            note = "Stays as published, because a part that you held back needs it."
        is_included = changed.key not in content.held_back
        choices.append(PartChoice(changed, is_included, edits.get(changed.key, ()), note))
    return choices
