"""What an edit would change, as every screen with a preview shows it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

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

# Nobody reads more rows before a save; the sentences above them name every change.
_MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class RegisterPreview:
    """What would change on the page of one register.

    `models` is the number of models concerned. `reach` holds sentences on models whose prompts
    would go to somebody new. `findings` are those that the edit would bring, `mended` those that
    it would end. `rows` is the HTML of the rows that differ, with marks.
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
    """What would change on all pages, for templates/admin/preview/summary.html.

    `following` is the last changeset before the dry run: the edit may only be made while no other
    has come since. `writes` is the number of records written, and `doubts` are the warnings of a
    save.
    """

    following: int
    writes: int
    registers: tuple[RegisterPreview, ...]
    doubts: tuple[str, ...] = ()


def preview(dry_run_result: DryRun, *, doubts: tuple[str, ...] = ()) -> Preview:
    """Return a dry run as it is shown, in a fixed number of queries for each register."""
    registers = tuple(_register_preview(consequence) for consequence in dry_run_result.consequences)
    return Preview(dry_run_result.following, dry_run_result.writes, registers, doubts)


def _register_preview(consequence: Consequence) -> RegisterPreview:
    before, after = consequence.before, consequence.after
    return RegisterPreview(
        register=str(consequence.register),
        is_new=before is None,
        models=len(_affected_models(before, after)),
        reach=tuple(_reach(before, after)) if before else (),
        counts=count_changes(consequence.changes, before, after),
        changes=sort_weaker_first(consequence.changes),
        findings=_finding_rows(consequence.findings),
        mended=_finding_rows(consequence.mended),
        rows=marked_page.marked_rows(before, after, most=_MOST_ROWS),
    )


def _affected_models(before: Snapshot | None, after: Snapshot) -> set[str]:
    models: set[str] = set()
    for change in affected_changes(before, after):
        models.update(change.models)
    return models


def _finding_rows(findings: tuple[Finding, ...]) -> list[FindingRow]:
    return describe_findings((finding.to_dict() for finding in findings), {})


def _reach(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield a sentence for models that stay listed and whose prompts would go to somebody new.

    Models with the same new recipients share a sentence.
    """
    old, new = _recipients(before), _recipients(after)
    gaining: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for model, recipients in new.items():
        if model in old:
            known = old[model].names
            gained = [name for id, name in recipients.names.items() if id not in known]
            if gained:
                gaining[tuple(gained)].append(recipients.model)
    for names, models in gaining.items():
        yield f"{join_names(models, limit=FEW)} would newly go to {join_names(names)}."


@dataclass(slots=True)
class _Recipients:
    """The name of a model, and the names of the providers that get its prompts, by their ids."""

    model: str
    names: dict[str, str] = field(default_factory=dict)


def _recipients(snapshot: Snapshot) -> dict[str, _Recipients]:
    """Return the recipients of each model on a page, by the model's id."""
    names = {provider.id: provider.name for provider in snapshot.providers}
    by_model = {model.id: _Recipients(model.name) for model in snapshot.models}
    for row in snapshot.rows():
        for model in row.models:
            recipients = by_model[model.model]
            for provider in row.providers:
                recipients.names[provider.provider] = names[provider.provider]
    return by_model
