"""compliance.workingcopy.findings: rules also see what the working copy knows beside the page."""

from datetime import date, timedelta

import pytest

from compliance.workingcopy.findings import findings
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.reviews import record_review
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_term,
    recorded,
)
from tests.publications import NOON

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def found(register, at=NOON):
    """What is found by code: the kind and id of what each finding is about."""
    return {
        each.code: (each.kind, each.subject)
        for each in findings(register, capture(register), before=None, at=at)
    }


@pytest.mark.slow
def test_an_agreement_is_found_lapsed_on_the_day_after_it_ends():
    acme = make_provider("Acme")
    document = make_document(acme, valid_until=date(2026, 3, 1))
    register = make_listing(providers=[acme]).register

    assert "agreement-lapsed" not in found(register)
    assert found(register)["agreement-lapsing"] == ("document", str(document.pk))
    assert found(register, at=NOON + A_DAY)["agreement-lapsed"] == ("document", str(document.pk))


def test_a_lapsed_agreement_that_no_listing_shows_is_not_found():
    acme = make_provider("Acme")
    make_document(acme, valid_until=date(2025, 1, 1), is_default=False)
    register = make_listing(providers=[acme]).register

    assert "agreement-lapsed" not in found(register)


def test_a_model_that_left_the_page_is_known_by_its_name_and_aliases():
    make_model("GPT 5", aliases="gpt-5-latest\n\ngpt-5-2025-08-07")
    listing = make_listing(models=["GPT 6"], retention="30 days")
    note = make_footnote(listing.register, text="For gpt-5-2025-08-07 a proxy answers.")
    cite(note, cell=cell_of(listing, "retention"))

    assert found(listing.register)["footnote-names-absent-model"] == ("footnote", str(note.pk))


def test_a_floor_of_a_model_is_known_with_its_clauses():
    floor = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    term = make_term("Not stored", clauses=[{"kind": "none"}])
    listing = make_listing(models=[make_model("GPT 6", retention_floor=floor)], retention=term)

    assert found(listing.register)["retention-beats-floor"] == ("listing", str(listing.pk))


def test_a_term_whose_clauses_its_words_deny_is_found():
    term = make_term("Kept forever", clauses=[{"kind": "none"}])
    stated = make_listing(models=["GPT 6"], retention=term)

    assert found(stated.register)["wording-denies-claim"] == ("listing", str(stated.pk))


def test_a_review_is_found_overdue_on_the_day_after_it_was_due():
    acme = make_provider("Acme", review_interval=1)
    with recorded():
        record_review(acme, at=NOON)
    register = make_listing(providers=[acme]).register

    assert "review-overdue" not in found(register, at=NOON + 31 * A_DAY)
    assert found(register, at=NOON + 32 * A_DAY)["review-overdue"] == ("provider", "acme")


def test_the_settings_say_how_severe_a_rule_is(settings):
    settings.RULES_SEVERITY = {"no-document": "blocker"}
    register = make_listing().register

    [finding] = findings(register, capture(register), before=None, at=NOON)

    assert (finding.code, finding.severity) == ("no-document", "blocker")


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 12])
def test_findings_take_two_queries_whatever_the_size(size, django_assert_num_queries):
    acme = make_provider("Acme")
    make_document(acme, valid_until=date(2026, 3, 1))
    floor = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    register = make_listing(models=[make_model(retention_floor=floor)], providers=[acme]).register
    for _ in range(size):
        make_listing(register, models=[make_model(aliases="a-1")], providers=[acme])
    snapshot = capture(register)

    # whether the working copy was edited, the intervals of reviews with the first day of all
    with django_assert_num_queries(2):
        findings(register, snapshot, before=None, at=NOON)
