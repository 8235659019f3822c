"""compliance.page.diff.affected: the models and providers that a change concerns."""

from dataclasses import replace

import pytest

from compliance.page.diff import ChangeKind, affected_changes, compare
from compliance.page.snapshot import Declared, Model, Provider, Training
from compliance.page.vocabulary import TrainingUse
from tests.page.diff.test_compare import keyed
from tests.stores import listing, snapshot

ACME, BOLT = Provider("acme", "Acme", (), None), Provider("bolt", "Bolt", (), None)
ONE, TWO = Model("one", "One", ()), Model("two", "Two", ())
ROW = listing("row", models=(ONE, TWO), providers=(ACME,))
OTHER = listing("other", models=(Model("three", "Three", ()),), providers=(BOLT,))
PAGE = snapshot(ROW, OTHER, notes=())


def concerned(before, after, kind):
    """Return whom the only change of a kind concerns."""
    [found] = [each for each in affected_changes(before, after) if each.change.kind == kind]
    return sorted(found.models), sorted(found.providers)


def paged(*rows, notes=()):
    return snapshot(*rows, notes=notes)


def test_affected_changes_are_those_of_compare():
    after = paged(replace(ROW, models=(ONE,)))

    assert tuple(each.change for each in affected_changes(PAGE, after)) == compare(PAGE, after)
    assert affected_changes(keyed(PAGE), keyed(PAGE)) == ()


@pytest.mark.parametrize(("after", "kind", "models", "providers"), [
    (paged(replace(ROW, training=Training(TrainingUse.OPT_OUT, "Opt-out", ROW.training.basis, ())), OTHER), ChangeKind.TRAINING, ["one", "two"], ["acme"]),
    (paged(replace(ROW, models=(ONE,)), OTHER), ChangeKind.MODEL_RETIRED, ["two"], ["acme"]),
    (paged(replace(ROW, models=(ONE, TWO, Model("new", "New", ()))), OTHER), ChangeKind.MODEL_ADDED, ["new"], ["acme"]),
    (paged(replace(ROW, providers=(ACME, BOLT)), OTHER), ChangeKind.PROVIDER_ADDED, ["one", "two"], ["bolt"]),
    (paged(replace(ROW, providers=(replace(ACME, name="Acme AI"),)), OTHER), ChangeKind.PROVIDER_RENAMED, ["one", "two"], ["acme"]),
    (paged(replace(ROW, providers=(replace(ACME, declared=Declared(TrainingUse.OPT_IN, None)),)), OTHER), ChangeKind.DECLARED, ["one", "two"], ["acme"]),
    (paged(ROW), ChangeKind.LISTING_REMOVED, ["three"], ["bolt"]),
    (paged(OTHER, ROW), ChangeKind.LISTING_MOVED, ["three"], ["bolt"]),
    (snapshot(ROW, OTHER, notes=(), title="Else"), ChangeKind.TEXT, [], []),
])  # fmt: skip
def test_a_change_concerns_the_models_and_providers_it_is_about(after, kind, models, providers):
    assert concerned(PAGE, after, kind) == (models, providers)


def test_a_model_that_moves_away_concerns_the_provider_that_loses_it():
    after = paged(replace(ROW, models=(ONE,)), replace(OTHER, models=(*OTHER.models, TWO)))

    assert concerned(PAGE, after, ChangeKind.MODEL_MOVED) == (["two"], ["acme", "bolt"])


@pytest.mark.parametrize(("marked", "models", "providers"), [
    ({"models": (replace(ONE, footnotes=(1,)), TWO)}, ["one"], []),
    ({"providers": (replace(ACME, footnotes=(1,)),)}, ["one", "two"], ["acme"]),
    ({"retention": replace(ROW.retention, footnotes=(1,))}, ["one", "two"], ["acme"]),
])  # fmt: skip
def test_a_footnote_concerns_what_it_marks(marked, models, providers):
    row = replace(listing("row", models=(ONE, TWO), providers=(ACME,)), **marked)
    before, after = paged(row, OTHER, notes=("Was.",)), paged(row, OTHER, notes=("Is.",))

    assert concerned(before, after, ChangeKind.FOOTNOTE_CHANGED) == (models, providers)
