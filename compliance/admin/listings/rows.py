"""From the lines of a form to records: the fewest writes that make a listing's rows what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.models import Citation, Footnote
from compliance.models.positions import arrange
from compliance.workingcopy.importing.matching import align


@dataclass(frozen=True)
class Wanted:
    """A row as it shall be: what is listed, its other values, and the numbers of the footnotes that mark it."""

    target: Any
    numbers: tuple[int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a list, by name."""

    added: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    replaced: list[tuple[str, str]] = field(default_factory=list)

    def sentence(self, kind: str) -> str:
        """Return what happened as text for the editor, empty if nothing did."""
        replaced = [f"{old} by {new}" for old, new in self.replaced]
        acts = {"added": self.added, "retired": self.retired, "replaced": replaced}
        said = [f"{act} {', '.join(names)}" for act, names in acts.items() if names]
        return f"{kind}: {'; '.join(said)}." if said else ""


def make_rows(
    row_class: Any,
    present: Sequence[Any],
    wanted: Sequence[Wanted],
    *,
    names: str,
    notes: dict[int, Footnote],
    **owner: Any,
) -> Outcome:
    """Make the rows equal to what is wanted, and say what was added, retired and replaced.

    `present` are the rows in order, with `citations` prefetched; `names` is the field that names what is listed;
    `owner` is what a new row belongs to. A row whose target stays is kept wherever it moves;
    one replaced in place is updated.
    """
    outcome = Outcome()
    listed, targets = [getattr(row, names) for row in present], [each.target for each in wanted]
    continued = align(
        [each.pk for each in listed],
        [each.pk for each in targets],
        names=([str(each) for each in listed], [str(each) for each in targets]),
    )
    for index, row in enumerate(present):
        if index not in continued:
            outcome.retired.append(str(getattr(row, names)))
            row.delete()
    kept = [None if index is None else present[index] for index in continued]
    positions = arrange([row.position if row else None for row in kept])
    for each, row, position in zip(wanted, kept, positions, strict=True):
        if row is None:
            row = row_class(**owner, **{names: each.target}, position=position, **each.values)
            row.save()
            outcome.added.append(str(each.target))
        else:
            if getattr(row, names) != each.target:
                outcome.replaced.append((str(getattr(row, names)), str(each.target)))
            row.set(**{names: each.target}, position=position, **each.values)
        cite(each.numbers, notes, **{f"listed_{names}": row})
    return outcome


def cite(numbers: Sequence[int], notes: dict[int, Footnote], **target: Any) -> None:
    """Make the footnotes that mark a target those with the numbers; `cell` stands beside `listing`."""
    marked = next(iter(target.values()))
    cell = target.get("cell", "")
    present = [citation for citation in marked.citations.all() if citation.cell == cell]
    for citation in present:
        if citation.footnote.position not in numbers:
            citation.delete()
    standing = {citation.footnote.position for citation in present}
    for number in numbers:
        if number not in standing:
            Citation(footnote=notes[number], **target).save()
