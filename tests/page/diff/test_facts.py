"""compliance.page.diff.facts: what is published of models, providers, documents and notes."""

from dataclasses import replace
from datetime import date

import pytest

from compliance.page.diff import ChangeKind, Effect, compare
from compliance.page.retention import read_clauses
from compliance.page.table import Term
from tests.page.diff.shapes import NOVA, PAGE, POLICY, with_cells


def told(before, after):
    return [(change.kind, change.effect, change.sentence) for change in compare(before, after)]


def with_model(**facts):
    model, *others = PAGE.models
    return replace(PAGE, models=(replace(model, **facts), *others))


def with_provider(**facts):
    provider, *others = PAGE.providers
    return replace(PAGE, providers=(replace(provider, **facts), *others))


@pytest.mark.parametrize(("facts", "sentence"), [
    ({"legal_entity": "Acme LLC"}, "The legal entity of Acme is now “Acme LLC”, before “Acme Inc”."),
    ({"website": ""}, "The website of Acme is now not stated, before “https://acme.example”."),
    ({"processing_countries": ("DE", "US")}, "The countries of processing of Acme are now “DE” and “US”, before “DE”."),
    ({"storage_countries": ()}, "The countries of storage of Acme are now not stated, before “FR”."),
    ({"aliases": ("Acme AI",)}, "The other names of Acme are now “Acme AI”, before “ACME”."),
])  # fmt: skip
def test_a_fact_of_a_provider_is_told_in_a_sentence(facts, sentence):
    assert told(PAGE, with_provider(**facts)) == [
        (ChangeKind.PROVIDER_FACT, Effect.UNJUDGED, sentence)
    ]


@pytest.mark.parametrize(("facts", "effect", "sentence"), [
    ({"developer": "Nova Labs"}, Effect.UNJUDGED, "The developer of Nova 2 is now “Nova Labs”, before “Acme”."),
    ({"aliases": ()}, Effect.UNJUDGED, "The other names of Nova 2 are now not stated, before “nova”."),
    ({"continues": ("n1", "n0")}, Effect.NEUTRAL, "Nova 2 is the same model as “n0”, which was listed before."),
    ({"retention_floor": Term("1 week", read_clauses("1 week"))}, Effect.WEAKER, "The shortest retention of Nova 2 is now “1 week”, before “1 day”."),
    ({"retention_floor": None}, Effect.STRONGER, "The shortest retention of Nova 2 is now not stated, before “1 day”."),
])  # fmt: skip
def test_a_fact_of_a_model_is_told_and_its_floor_is_a_promise(facts, effect, sentence):
    assert told(PAGE, with_model(**facts)) == [(ChangeKind.MODEL_FACT, effect, sentence)]


def test_a_fact_of_a_document_is_told_once_for_all_rows_that_show_it():
    before = with_cells(PAGE, "atlas", documents=NOVA.cells["documents"])
    policy = replace(POLICY, valid_until=date(2031, 6, 30))
    longer = replace(NOVA.cells["documents"], items=(policy,))

    after = with_cells(with_cells(PAGE, "nova", documents=longer), "atlas", documents=longer)

    assert told(before, after) == [
        (
            ChangeKind.DOCUMENT_FACT,
            Effect.UNJUDGED,
            "The last day of validity of “Acme Privacy Policy” at https://acme.example/privacy "
            "is now 30 Jun 2031, before 1 Jan 2030.",
        )
    ]


def test_the_validity_of_a_footnote_is_told_apart_from_its_text():
    one, two = PAGE.footnotes
    one = replace(one, text="Uno.", valid_until=None)

    changes = compare(PAGE, replace(PAGE, footnotes=(one, two)))

    assert [change.sentence for change in changes] == [
        "Footnote 1 now reads: “Uno.” It read: “One.”",
        "The last day of validity of footnote 1 is now not stated, before 1 Jan 2030.",
    ]
    assert len({change.key for change in changes}) == 2
