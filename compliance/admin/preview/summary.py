"""What an edit would change, as every screen with a preview shows it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from compliance.admin.components.links import addresses
from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
    sort_weaker_first,
)
from compliance.page.diff import Change, affected_changes
from compliance.page.diff.sentences import FEW, column_title, join_names, row_label
from compliance.page.rules import Finding, SubjectKind
from compliance.page.snapshot import Declared, Snapshot
from compliance.page.table import Cell, Column, Row
from compliance.page.vocabulary import Basis, ColumnRole
from compliance.rendering import marked_page
from compliance.workingcopy.preview import Consequence, DryRun

# Nobody reads more rows before a save; the sentences above them name every change.
_MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A claim that a row states itself, although its provider would now declare something else.

    `address` is the form of the listing.
    """

    row: str
    column: str
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class RegisterPreview:
    """What would change on the page of one register.

    `models` is the number of models concerned, `listings` the number of rows that differ. `reach`
    holds sentences on models whose prompts would go to somebody new. `stated` are claims that do
    not follow a provider's new declaration, `more_stated` the number of others. `findings` are
    those that the edit would bring, `mended` those that it would end. `rows` is the HTML of the
    rows that differ, with marks.
    """

    register: str
    is_new: bool
    models: int
    listings: int
    reach: tuple[str, ...]
    counts: ChangeCounts
    changes: list[Change]
    stated: tuple[StatedClaim, ...]
    more_stated: int
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
    stated = list(_stated_claims(before, after)) if before else []
    listings = {change.listing for change in consequence.changes if change.listing}
    return RegisterPreview(
        register=str(consequence.register),
        is_new=before is None,
        models=len(_affected_models(before, after)),
        listings=len(listings),
        reach=tuple(_reach(before, after)) if before else (),
        counts=count_changes(consequence.changes, before, after),
        changes=sort_weaker_first(consequence.changes),
        stated=_stated_rows(stated[:_MOST_ROWS]),
        more_stated=max(len(stated) - _MOST_ROWS, 0),
        findings=_finding_rows(consequence.findings),
        mended=_finding_rows(consequence.mended),
        rows=marked_page.marked_rows(before, after, most=_MOST_ROWS),
    )


def _affected_models(before: Snapshot | None, after: Snapshot) -> set[str]:
    models: set[str] = set()
    for change in affected_changes(before, after):
        models.update(change.models)
    return models


def _stated_claims(before: Snapshot, after: Snapshot) -> Iterator[tuple[Row, Column, Cell]]:
    """Yield the claims that rows state themselves and keep, while a provider declares another."""
    changed = set(_changed_declarations(before, after))
    if not changed:
        return
    old_cells = {row.id: row.listing.cells for row in before.rows()}
    for row in after.rows():
        providers = {item.provider for item in row.providers}
        for role in (ColumnRole.TRAINING, ColumnRole.RETENTION):
            if any((provider, role) in changed for provider in providers):
                for column, cell in row.claims(role):
                    is_kept = old_cells.get(row.id, {}).get(column.key) == cell
                    if cell.basis is Basis.STATED and is_kept:
                        yield row, column, cell


def _changed_declarations(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, ColumnRole]]:
    """Yield the providers that declare something else, each with what it is about."""
    nothing = Declared(None, None)
    old_by_id = {provider.id: provider for provider in before.providers}
    for provider in after.providers:
        if provider.id not in old_by_id:
            continue
        old = old_by_id[provider.id].declared or nothing
        new = provider.declared or nothing
        if old.training != new.training:
            yield provider.id, ColumnRole.TRAINING
        if old.retention != new.retention:
            yield provider.id, ColumnRole.RETENTION


def _stated_rows(claims: list[tuple[Row, Column, Cell]]) -> tuple[StatedClaim, ...]:
    forms = addresses((SubjectKind.LISTING, row.id) for row, _, _ in claims)
    return tuple(
        StatedClaim(
            row=row_label(row),
            column=column_title(column),
            words=cell.plain,
            address=forms.get((SubjectKind.LISTING, row.id), ""),
        )
        for row, column, cell in claims
    )


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
