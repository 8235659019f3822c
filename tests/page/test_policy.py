"""compliance.page.policy: which models fit a reader's policy."""

from dataclasses import replace

import pytest

from compliance.page.policy import InvalidPolicy, Policy, verdicts
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared, Model, Provider, Retention, Training
from compliance.page.table import Term
from compliance.page.training import training_use
from compliance.page.vocabulary import TrainingUse
from tests.stores import listing, snapshot


def declaring(name, training=None, retention=None):
    term = Term(retention, read_clauses(retention)) if retention else None
    return Provider(name.lower(), name, (), Declared(training and training_use(training), term))


ACME = declaring("Acme")


def row(id, models="One", providers=(ACME,), training="No", retention="30 days"):
    plain = listing(id)
    return replace(
        plain,
        models=tuple(Model(name.lower(), name, ()) for name in models.split(", ")),
        providers=tuple(providers),
        training=Training(training_use(training), training, plain.training.basis, ()),
        retention=Retention(retention, plain.retention.basis, (), read_clauses(retention)),
    )


def judged(*rows, training="", longest=""):
    """Return the reasons by model: each sentence with the providers at which it is so."""
    found = verdicts(snapshot(*rows), Policy.of(training, longest))
    return {
        each.name: [(why.sentence, [p.name for p in why.providers]) for why in each.reasons]
        for each in found
    }


@pytest.mark.parametrize(("retention", "longest", "fits"), [
    ("30 days", "P30D", True), ("30 days", "P29D", False), ("30 days", "P1M", True), ("24 hours", "P1D", True),
    ("Up to 30 days", "P30D", True), ("About 30 days", "P30D", True), ("At least 30 days", "P2Y", False),
    ("Not stored", "P0D", True), ("24 hours", "P0D", False), ("Until deleted", "P2Y", False),
    ("Indefinitely", "P2Y", False), ("Not specified", "P2Y", False), ("Who knows", "P2Y", False),
    ("30 days (flagged prompts: 2 years)", "P30D", False), ("30 days (flagged prompts: 2 years)", "P2Y", True),
    ("Who knows", "", True),
])  # fmt: skip
def test_retention_is_judged_by_its_longest_clause(retention, longest, fits):
    assert (judged(row("a", retention=retention), longest=longest)["One"] == []) == fits


@pytest.mark.parametrize(("training", "accepted", "fits"), [
    ("No", "never", True), ("Opt-in", "never", False), ("Opt-in", "opt_in", True), ("No", "opt_out", True),
    ("Yes", "opt_out", False), ("Not specified", "by_default", False), ("Unknown", "unknown", True), ("Yes", "", True),
])  # fmt: skip
def test_training_is_judged_by_the_worst_use_accepted(training, accepted, fits):
    assert (judged(row("a", training=training), training=accepted)["One"] == []) == fits


def test_a_reason_names_the_providers_that_cause_it():
    providers = [
        declaring("Acme", "No", "Not stored"),
        declaring("Bolt", "Yes", "30 days"),
        declaring("Cold"),
    ]

    found = judged(row("a", providers=providers, training="Yes"), training="never", longest="P1D")

    assert found["One"] == [
        ("Training: “Yes”.", ["Bolt"]),
        ("Retention: “30 days”, that is: all content kept 30 days.", ["Bolt"]),
    ]


def test_a_reason_that_no_provider_declares_names_all_of_the_row():
    providers = [declaring("Acme", "No", "Not stored"), Provider("bolt", "Bolt", (), None)]

    assert judged(row("a", providers=providers), longest="P1D")["One"][0][1] == ["Acme", "Bolt"]


def test_the_row_decides_not_what_a_provider_declares():
    assert judged(row("a", providers=[declaring("Acme", "Yes")]), training="never") == {"One": []}


def test_only_the_clauses_that_are_too_long_are_named():
    found = judged(row("a", retention="30 days (flagged prompts: 2 years)"), longest="P30D")

    assert found["One"][0][0].endswith("that is: flagged content kept 2 years if flagged.")


def test_a_model_in_several_rows_must_fit_in_all_and_says_each_reason_once():
    rows = [
        row("a", "One, Two"),
        row("b", "One", retention="1 year"),
        row("c", "One", retention="1 year"),
    ]

    found = judged(*rows, longest="P30D")

    assert list(found) == ["One", "Two"]
    assert [len(reasons) for reasons in found.values()] == [1, 0]


@pytest.mark.parametrize(("training", "longest", "said"), [
    ("yes", "", "training=yes is no training use. Use one of never, opt_in, "), ("never", "30 days", "longest=30 days is"),
    ("", "P0Y", "longest=P0Y"), ("", "P1DT1H", "longest"), ("", "P30D\n", "longest"), ("", "x" * 99, "longest=" + "x" * 40),
])  # fmt: skip
def test_a_policy_of_unknown_values_is_refused(training, longest, said):
    with pytest.raises(InvalidPolicy, match=said.split("=")[0]) as refused:
        Policy.of(training, longest)

    assert str(refused.value).startswith(said.split(" is")[0][:48])
    assert TrainingUse.NEVER in str(refused.value) or "P30D" in str(refused.value)
