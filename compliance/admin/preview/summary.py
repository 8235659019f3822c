"""What an act of editing would change, as it is shown before it is done. Shared by every screen that previews."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
    sort_weaker_first,
)
from compliance.page.diff import Change, affected_changes
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.rules import Finding
from compliance.page.snapshot import Snapshot
from compliance.rendering import marked_page
from compliance.workingcopy.preview import Consequence, DryRun

# More of them nobody reads before a save; the sentences say all of it.
_MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What one register's page would say: `models` counts those concerned, `reach` says whom prompts newly reach.

    `rows` are those that differ, marked, as HTML.
    """

    register: str
    is_new: bool
    models: int
    reach: tuple[str, ...]
    counts: ChangeCounts
    changes: list[Change]
    findings: list[FindingRow]
    mended: list[FindingRow]
    rows: SafeString


@dataclass(frozen=True, slots=True)
class Preview:
    """A rehearsal for templates/admin/preview/summary.html.

    `doubts` are what the save would warn of, `following` the changeset that doing it must follow.
    """

    following: int
    writes: int
    registers: tuple[Shown, ...]
    doubts: tuple[str, ...] = ()


def preview(rehearsed: DryRun, *, doubts: tuple[str, ...] = ()) -> Preview:
    """Return a rehearsal as it is shown, in a fixed number of queries a register."""
    return Preview(
        rehearsed.following, rehearsed.writes, tuple(map(_shown, rehearsed.consequences)), doubts
    )


def _shown(consequence: Consequence) -> Shown:
    before, after = consequence.before, consequence.after
    return Shown(
        register=str(consequence.register),
        is_new=before is None,
        models=len({model for each in affected_changes(before, after) for model in each.models}),
        reach=tuple(_reach(before, after)) if before else (),
        counts=count_changes(consequence.changes, before, after),
        changes=sort_weaker_first(consequence.changes),
        findings=_judged(consequence.findings),
        mended=_judged(consequence.mended),
        rows=marked_page.marked_rows(before, after, most=_MOST_ROWS),
    )


def _judged(findings: tuple[Finding, ...]) -> list[FindingRow]:
    return describe_findings((finding.to_dict() for finding in findings), {})


def _reach(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Say which models that were listed would go to whom they did not go before."""
    was, now = _recipients(before), _recipients(after)
    gaining: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for model, (name, providers) in now.items():
        if model in was and (
            gained := [each for id, each in providers.items() if id not in was[model][1]]
        ):
            gaining[tuple(gained)].append(name)
    for recipients, names in gaining.items():
        yield f"{join_names(names, limit=FEW)} would newly go to {join_names(recipients)}."


def _recipients(snapshot: Snapshot) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the name of each model, and of the providers that it goes to, by their ids."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for listing in snapshot.listings:
        for model in listing.models:
            _, providers = found.setdefault(model.id, (model.name, {}))
            providers |= {provider.id: provider.name for provider in listing.providers}
    return found
