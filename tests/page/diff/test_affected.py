"""compliance.page.diff.affected: the models and providers that a change concerns."""

from dataclasses import replace
from datetime import date

import pytest

from compliance.page.diff import ChangeKind, affected_changes, compare
from compliance.page.snapshot import Declared, Model, Provider
from compliance.page.table import Cell, DocumentItem
from compliance.page.vocabulary import Basis, DocumentKind, TrainingUse
from tests.stores import (
    listing,
    models_cell,
    providers_cell,
    retention_cell,
    snapshot,
    training_cell,
)

ACME, BOLT = Provider("acme", "Acme"), Provider("bolt", "Bolt")
ONE, TWO, THREE, NEW = (Model(name.lower(), name) for name in ("One", "Two", "Three", "New"))
POLICY = DocumentItem("policy", "acme", DocumentKind.OTHER, "Policy", "https://acme.example")
PLAIN = {"retention": retention_cell("30 days"), "documents": Cell((POLICY,), Basis.STATED)}
ROW = listing("row", models=models_cell(ONE, TWO), providers=providers_cell(ACME), **PLAIN)
OTHER = listing(
    "other",
    models=models_cell(THREE),
    providers=providers_cell(BOLT),
    **PLAIN | {"documents": Cell((), Basis.STATED)},
)


def paged(*rows, notes=(), models=(ONE, TWO, THREE, NEW), providers=(ACME, BOLT), **register):
    return snapshot(*rows, notes=notes, models=models, providers=providers, **register)


def with_cells(row, **cells):
    return replace(row, cells={**row.cells, **cells})


def marked(cell, number=1):
    """Return a cell whose first item has a mark."""
    first, *others = cell.items
    return replace(cell, items=(replace(first, footnotes=(number,)), *others))


PAGE = paged(ROW, OTHER)


def concerned(before, after, kind):
    """Return whom the only change of a kind concerns."""
    [found] = [each for each in affected_changes(before, after) if each.change.kind == kind]
    return sorted(found.models), sorted(found.providers)


def test_affected_changes_are_those_of_compare():
    after = paged(with_cells(ROW, models=models_cell(ONE)))

    assert tuple(each.change for each in affected_changes(PAGE, after)) == compare(PAGE, after)
    assert affected_changes(PAGE, PAGE) == ()


@pytest.mark.parametrize(("after", "kind", "models", "providers"), [
    (paged(with_cells(ROW, training=training_cell("Opt-out")), OTHER), ChangeKind.TRAINING, ["one", "two"], ["acme"]),
    (paged(with_cells(ROW, models=models_cell(ONE)), OTHER), ChangeKind.MODEL_RETIRED, ["two"], ["acme"]),
    (paged(with_cells(ROW, models=models_cell(ONE, TWO, NEW)), OTHER), ChangeKind.MODEL_ADDED, ["new"], ["acme"]),
    (paged(with_cells(ROW, providers=providers_cell(ACME, BOLT)), OTHER), ChangeKind.PROVIDER_ADDED, ["one", "two"], ["bolt"]),
    (paged(ROW, OTHER, providers=(replace(ACME, name="Acme AI"), BOLT)), ChangeKind.PROVIDER_RENAMED, ["one", "two"], ["acme"]),
    (paged(ROW, OTHER, providers=(replace(ACME, declared=Declared(TrainingUse.OPT_IN, None)), BOLT)), ChangeKind.DECLARED, ["one", "two"], ["acme"]),
    (paged(ROW, OTHER, providers=(replace(ACME, website="https://acme.example"), BOLT)), ChangeKind.PROVIDER_FACT, ["one", "two"], ["acme"]),
    (paged(ROW, OTHER, models=(ONE, TWO, replace(THREE, developer="Acme"), NEW)), ChangeKind.MODEL_FACT, ["three"], ["bolt"]),
    (paged(with_cells(ROW, documents=Cell((replace(POLICY, valid_from=date(2030, 1, 1)),), Basis.STATED)), OTHER), ChangeKind.DOCUMENT_FACT, ["one", "two"], ["acme"]),
    (paged(ROW), ChangeKind.LISTING_REMOVED, ["three"], ["bolt"]),
    (paged(OTHER, ROW), ChangeKind.LISTING_MOVED, ["three"], ["bolt"]),
    (paged(ROW, OTHER, title="Else"), ChangeKind.TEXT, [], []),
])  # fmt: skip
def test_a_change_concerns_the_models_and_providers_it_is_about(after, kind, models, providers):
    assert concerned(PAGE, after, kind) == (models, providers)


def test_a_model_that_moves_away_concerns_the_provider_that_loses_it():
    after = paged(
        with_cells(ROW, models=models_cell(ONE)), with_cells(OTHER, models=models_cell(THREE, TWO))
    )

    assert concerned(PAGE, after, ChangeKind.MODEL_MOVED) == (["two"], ["acme", "bolt"])


def test_a_recipient_gained_concerns_only_the_models_that_stayed():
    row = with_cells(ROW, models=models_cell(ONE, NEW), providers=providers_cell(ACME, BOLT))
    after = paged(row, OTHER)

    assert concerned(PAGE, after, ChangeKind.RECIPIENT_GAINED) == (["one"], ["bolt"])
    # The control: the other two have a change of their own.
    replaced = concerned(PAGE, after, ChangeKind.MODEL_REPLACED)
    assert replaced == (["new", "two"], ["acme", "bolt"])


def test_a_change_of_a_column_concerns_all_rows_of_its_table():
    [section] = PAGE.sections
    columns = tuple(
        replace(column, label="Kept") if column.key == "retention" else column
        for column in section.columns
    )
    after = replace(PAGE, sections=(replace(section, columns=columns),))

    assert concerned(PAGE, after, ChangeKind.COLUMN_RELABELLED) == (
        ["one", "three", "two"],
        ["acme", "bolt"],
    )


@pytest.mark.parametrize(("key", "models", "providers"), [
    ("models", ["one"], []),
    ("providers", ["one", "two"], ["acme"]),
    ("retention", ["one", "two"], ["acme"]),
    ("documents", ["one", "two"], ["acme"]),
])  # fmt: skip
def test_a_footnote_concerns_what_it_marks(key, models, providers):
    row = with_cells(ROW, **{key: marked(ROW.cells[key])})
    before, after = paged(row, OTHER, notes=("Was.",)), paged(row, OTHER, notes=("Is.",))

    assert concerned(before, after, ChangeKind.FOOTNOTE_CHANGED) == (models, providers)
