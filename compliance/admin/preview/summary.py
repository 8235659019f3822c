"""What an edit would change, as every screen with a preview shows it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from compliance.admin.components.links import addresses
from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
    sort_weaker_first,
)
from compliance.page.derived import DerivedClaims
from compliance.page.diff import Change, ChangeKind, affected_changes
from compliance.page.diff.facts import continued
from compliance.page.diff.rows import row_index
from compliance.page.diff.sentences import FEW, column_title, join_names, row_label
from compliance.page.row_pairs import differing_rows, rows_by_id
from compliance.page.rules import Finding, SubjectKind
from compliance.page.snapshot import Declared, Snapshot, printed_cell
from compliance.page.table import Cell, Column, Row
from compliance.page.vocabulary import Basis, ColumnRole
from compliance.rendering import marked_page
from compliance.workingcopy.preview import Consequence, DryRun

# Nobody reads more rows before a save; the sentences above them name every change.
_MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A claim that a row states itself, although what it could follow would now say otherwise.

    `words` is what it states, `derived` what it would print if it followed its providers and
    models. `address` is the form of the listing.
    """

    row: str
    column: str
    words: str
    derived: str
    address: str


@dataclass(frozen=True, slots=True)
class RegisterPreview:
    """What would change on the page of one register.

    `listings` is the number of rows that would print or mean something else, `models` the number of
    their models that this concerns. `reach` holds sentences on models whose prompts would go to
    somebody new. `stated` are claims that do not follow what is newly declared or required,
    `more_stated` the number of others. `findings` are
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
    reprinted = _reprinted(before, after)
    return RegisterPreview(
        register=str(consequence.register),
        is_new=before is None,
        models=len(_affected_models(before, after, reprinted)),
        listings=len(reprinted),
        reach=tuple(_reach(before, after)) if before else (),
        counts=count_changes(consequence.changes, before, after),
        changes=sort_weaker_first(consequence.changes),
        stated=_stated_rows(stated[:_MOST_ROWS], after),
        more_stated=max(len(stated) - _MOST_ROWS, 0),
        findings=_finding_rows(consequence.findings),
        mended=_finding_rows(consequence.mended),
        rows=marked_page.marked_rows(before, after, most=_MOST_ROWS),
    )


# What these are about is published, but no row prints it.
_UNPRINTED = {
    ChangeKind.DECLARED,
    ChangeKind.MODEL_FACT,
    ChangeKind.PROVIDER_FACT,
    ChangeKind.DOCUMENT_FACT,
}


def _affected_models(before: Snapshot | None, after: Snapshot, reprinted: set[str]) -> set[str]:
    """Return the models that a change of the printed page concerns."""
    models: set[str] = set()
    for affected in affected_changes(before, after):
        change = affected.change
        is_claim = change.kind in (ChangeKind.TRAINING, ChangeKind.RETENTION)
        if change.kind in _UNPRINTED or (is_claim and change.listing not in reprinted):
            continue
        models.update(affected.models)
    return models


def _reprinted(before: Snapshot | None, after: Snapshot) -> set[str]:
    """Return the ids of the rows that print or mean something else, or are on one page only."""
    pairs = differing_rows(before or Snapshot(after.register, ()), after)
    return {pair.id for pair in pairs if _print(pair.old) != _print(pair.new)}


def _print(row: Row | None) -> list[Any] | None:
    """Return what a row prints and what its claims mean, whether stated or derived."""
    if row is None:
        return None
    return [(column.key, printed_cell(cell), cell.use, cell.clauses) for column, cell in row.cells]


def _stated_claims(before: Snapshot, after: Snapshot) -> Iterator[tuple[Row, Column, Cell]]:
    """Yield the claims that rows state themselves and keep, while what they could follow changes.

    That is what their providers declare and what their models require.
    """
    changed = set(_changed_declarations(before, after))
    if not changed:
        return
    old_rows = rows_by_id(before)
    for row in after.rows():
        followed = [(SubjectKind.PROVIDER, item.provider) for item in row.providers]
        followed += [(SubjectKind.MODEL, item.model) for item in row.models]
        for role in (ColumnRole.TRAINING, ColumnRole.RETENTION):
            if any((*subject, role) in changed for subject in followed):
                for column, cell in row.claims(role):
                    old_row = old_rows.get(row.id)
                    is_kept = old_row is not None and old_row.listing.cells.get(column.key) == cell
                    if cell.basis is Basis.STATED and is_kept:
                        yield row, column, cell


def _changed_declarations(
    before: Snapshot, after: Snapshot
) -> Iterator[tuple[SubjectKind, str, ColumnRole]]:
    """Yield the providers and models that rows follow and that say something else.

    Each comes with what it is about: a model requires a retention.
    """
    nothing = Declared(None, None)
    for old, provider in continued(before.providers, after.providers):
        declared, declares = old.declared or nothing, provider.declared or nothing
        if declared.training != declares.training:
            yield SubjectKind.PROVIDER, provider.id, ColumnRole.TRAINING
        if declared.retention != declares.retention:
            yield SubjectKind.PROVIDER, provider.id, ColumnRole.RETENTION
    for old, model in continued(before.models, after.models):
        if old.retention_floor != model.retention_floor:
            yield SubjectKind.MODEL, model.id, ColumnRole.RETENTION


def _stated_rows(
    claims: list[tuple[Row, Column, Cell]], after: Snapshot
) -> tuple[StatedClaim, ...]:
    forms = addresses((SubjectKind.LISTING, row.id) for row, _, _ in claims)
    derived = DerivedClaims(after)
    return tuple(
        StatedClaim(
            row=row_label(row),
            column=column_title(column),
            words=cell.plain,
            derived=derived.cell(row, column).plain,
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
    rows = [pair.new for pair in differing_rows(before, after) if pair.new]
    changed = {item.model for row in rows for item in row.models}
    old, new = _recipients(before, changed), _recipients(after, changed)
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
    names: dict[str, str]


def _recipients(snapshot: Snapshot, models: Collection[str]) -> dict[str, _Recipients]:
    """Return the recipients of some models on a page, by the model's id."""
    index = row_index(snapshot)
    return {
        model: _Recipients(
            name,
            {
                item.provider: index.provider_names[item.provider]
                for row in index.by_model[model]
                for item in row.providers
            },
        )
        for model, name in index.model_names.items()
        if model in models
    }
