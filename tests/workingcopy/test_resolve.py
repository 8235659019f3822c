"""compliance.workingcopy.resolve: the working copy as a snapshot."""

import pytest
from django.db import connection

from compliance.models.changesets import changeset
from compliance.page.vocabulary import Basis, ClauseKind, TrainingUse
from compliance.workingcopy.resolve import capture
from tests.factories import (
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
)

pytestmark = pytest.mark.django_db


def row_of(listing):
    return next(capture(listing.register).rows())


def claim_of(row, key):
    """Return a claim's cell and its one item."""
    cell = row.listing.cells[key]
    [item] = cell.items
    return cell, item


def test_a_stated_cell_prints_what_it_states():
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])

    row = row_of(
        make_listing(training_use="never", training_text="Never, by contract", retention_term=term)
    )

    training, training_item = claim_of(row, "training")
    assert (training.use, training.basis) == (TrainingUse.NEVER, Basis.STATED)
    assert training_item.text == "Never, by contract"
    retention, retention_item = claim_of(row, "retention")
    assert (retention_item.text, retention.basis) == ("30 days", Basis.STATED)
    assert retention.clauses[0].duration == "P30D"


def test_a_derived_cell_prints_the_worst_of_what_providers_declare():
    none = make_term("Not stored", clauses=[{"kind": "none"}])
    long = make_term("1 year", clauses=[{"kind": "duration", "duration": "P1Y"}])
    acme = make_provider("Acme", declared_training="never", declared_retention=none)
    bolt = make_provider("Bolt", declared_training="opt_out", declared_retention=long)

    captured = capture(make_listing(providers=[acme, bolt]).register)

    [row] = captured.rows()
    training, retention = row.listing.cells["training"], row.listing.cells["retention"]
    assert (training.use, training.basis) == (TrainingUse.OPT_OUT, Basis.DERIVED)
    assert (retention.plain, retention.basis) == ("1 year", Basis.DERIVED)
    assert captured.providers[0].declared.retention.text == "Not stored"


def test_a_provider_that_declares_nothing_is_worse_than_one_that_declares_a_time():
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    acme = make_provider("Acme", declared_training="never", declared_retention=term)

    captured = capture(make_listing(providers=[acme, make_provider("Bolt")]).register)

    [row] = captured.rows()
    assert row.listing.cells["training"].use == TrainingUse.NOT_STATED
    assert row.listing.cells["retention"].clauses[0].kind == ClauseKind.NOT_STATED
    assert captured.providers[1].declared is None


def test_no_provider_prints_less_than_the_floor_of_the_model():
    none = make_term("Not stored", clauses=[{"kind": "none"}])
    floor = make_term("2 years", clauses=[{"kind": "duration", "duration": "P2Y"}])

    row = row_of(
        make_listing(
            models=[make_model("GPT 6", retention_floor=floor)],
            providers=[make_provider("Acme", declared_retention=none)],
        )
    )

    assert row.listing.cells["retention"].plain == "2 years"


def test_documents_are_the_providers_in_provider_order():
    acme, bolt = make_provider("Acme"), make_provider("Bolt")
    make_document(bolt, kind="faq", position=20)
    make_document(bolt, kind="privacy_policy", position=10)
    make_document(acme, kind="agreement", url="", label="By contract")

    row = row_of(make_listing(providers=[bolt, acme]))

    assert [document.text for document in row.documents] == [
        "Bolt Privacy Policy",
        "Bolt FAQ",
        "By contract",
    ]
    assert [document.provider for document in row.documents] == ["bolt", "bolt", "acme"]
    assert row.documents[2].url is None


def test_documents_of_a_departing_listing_are_exactly_its_own():
    acme = make_provider("Acme")
    first, second = make_document(acme), make_document(acme, kind="faq")

    row = row_of(make_listing(providers=[acme], documents=[second, first]))

    assert [document.kind for document in row.documents] == ["faq", "privacy_policy"]
    assert row_of(make_listing(providers=[acme], departs=True)).documents == ()


def test_marks_stand_in_number_order_each_once():
    listing = make_listing(models=["GPT 6"], providers=["Acme"])
    model, provider = listing.listed_models.get(), listing.listed_providers.get()
    third, first = (
        make_footnote(listing.register, position=3),
        make_footnote(listing.register, position=1),
    )
    cite(third, provider=provider.provider)
    cite(first, listed_provider=provider)
    cite(first, provider=provider.provider)
    cite(third, model=model.model)
    cite(first, listing=listing, cell="training")
    cite(third, listing=listing, cell="retention")

    row = row_of(listing)

    assert row.providers[0].footnotes == (1, 3)
    assert row.models[0].footnotes == (3,)
    assert claim_of(row, "training")[1].footnotes == (1,)
    assert claim_of(row, "retention")[1].footnotes == (3,)


def test_a_note_of_another_register_marks_nothing_here():
    provider = make_provider("Acme")
    listing = make_listing(providers=[provider])
    cite(make_footnote(make_register()), provider=provider)

    assert row_of(listing).providers[0].footnotes == ()


def test_everything_stands_in_order_of_position():
    register = make_register()
    make_listing(register, models=["Second"], position=20)
    make_listing(register, models=["First"], position=10)

    assert [row.name for row in capture(register).rows()] == ["First", "Second"]


def test_renamed_records_print_their_present_names():
    listing = make_listing(providers=["Acme"])
    with changeset(by=None, label="tests", reason="Renamed", source="admin"):
        listing.listed_providers.get().provider.set(name="Acme Cloud")

    assert row_of(listing).providers[0].text == "Acme Cloud"


@pytest.mark.parametrize("size", [1, 30])
@pytest.mark.slow
def test_it_takes_the_same_queries_whatever_the_size(size, django_assert_num_queries):
    register = make_register()
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    for number in range(size):
        provider = make_provider(f"Acme {number}", declared_retention=term)
        listing = make_listing(
            register,
            models=[f"GPT {number}"],
            providers=[provider],
            documents=[make_document(provider)],
        )
        cite(make_footnote(register), listed_model=listing.listed_models.get())

    # savepoint, register, listings, footnotes, listed models, listed providers, providers, listed documents, providers'
    # documents, terms, clauses, citations, release; on PostgreSQL the lock
    with django_assert_num_queries(13 if connection.vendor == "sqlite" else 14):
        capture(register)
