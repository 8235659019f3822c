"""compliance.page.severity: how bad retention clauses are for the user."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.claims import effective_clauses
from compliance.page.retention import read_clauses
from compliance.page.severity import Standing, severity, worst_clause
from tests.page.test_claims import CLAUSES, LEAVING_OPEN

TERMS = st.lists(CLAUSES, max_size=4).map(tuple)


def standing(wording: str) -> Standing:
    return Standing.of(read_clauses(wording))


def test_what_is_kept_for_an_unsaid_time_is_worse_than_without_limit():
    kept, indefinite, not_stated = (
        read_clauses(wording) for wording in ("Yes", "Indefinitely", "Not stated")
    )

    assert severity(indefinite) < severity(kept) < severity(not_stated)


def test_severity_orders_terms_from_best_to_worst_for_the_user():
    order = [
        "Not stored",
        "Not stored (flagged prompts: 2 years)",
        "24 hours",
        "30 days",
        "30 days (flagged prompts: 2 years)",
        "31 days",
        "1 year",
        "at least 1 day",
        "until deleted",
        "indefinitely",
        "not specified",
        "who knows",
    ]

    ranks = [severity(read_clauses(wording)) for wording in order]
    assert all(better < worse for better, worse in pairwise(ranks))


def test_severity_counts_a_month_as_30_days_and_a_year_as_365():
    assert (
        severity(read_clauses("1 month"))
        == severity(read_clauses("30 days"))
        == severity(read_clauses("720 hours"))
    )
    assert severity(read_clauses("1 year")) == severity(read_clauses("365 days"))


@pytest.mark.parametrize("wording", LEAVING_OPEN)
def test_a_term_that_leaves_all_content_open_is_as_bad_as_not_stated(wording):
    assert severity(read_clauses(wording)) == severity(read_clauses("Not stated"))


def test_a_clause_on_some_data_makes_a_term_worse_and_never_better():
    assert severity(read_clauses("30 days; files: 60 days")) > severity(read_clauses("30 days"))
    assert severity(read_clauses("30 days; files: 60 days")) < severity(read_clauses("60 days"))
    assert severity(read_clauses("30 days; files: 7 days")) == severity(read_clauses("30 days"))


def test_the_worst_clause_is_one_that_always_applies():
    found = worst_clause(read_clauses("30 days (flagged prompts: 2 years); files: 60 days"))

    assert found.duration == "P60D"
    assert worst_clause(read_clauses("Flagged prompts: 2 years")).kind == "not_stated"


@pytest.mark.parametrize(
    ("old", "new", "is_worse", "is_better"),
    [
        ("30 days", "60 days", True, False),
        ("Not stored", "Zero data retention (opt-in)", True, False),
        ("30 days", "30 days; not stored with opt-in", False, True),
        ("30 days (flagged prompts: 2 years)", "20 days (flagged prompts: 5 years)", True, True),
        ("30 days", "30 days; abuse logs: 1 year", True, False),
        ("1 year; abuse logs: 30 days", "180 days; abuse logs: 60 days", True, True),
        ("Prompts: 30 days; outputs: 7 days", "Prompts: 30 days; outputs: 20 days", True, False),
        ("30 days (flagged prompts: 2 years)", "30 days", False, True),
        ("flagged prompts: 2 years", "flagged prompts: 5 years", True, False),
        ("30 days", "At least 30 days", True, False),
        ("30 days", "Up to 30 days", False, False),
        ("30 days", "720 hours", False, False),
    ],
)
def test_a_standing_compares_each_case(old, new, is_worse, is_better):
    found = (
        standing(new).is_worse_than(standing(old)),
        standing(new).is_better_than(standing(old)),
    )

    assert found == (is_worse, is_better)


def test_data_that_are_no_longer_mentioned_are_not_kept_for_a_shorter_time():
    old, new = standing("30 days; metadata: 1 year"), standing("30 days")

    assert not new.is_better_than(old)
    assert not new.is_worse_than(old)


@given(TERMS, TERMS)
def test_a_term_that_is_no_worse_in_any_case_is_no_worse_in_all(first, second):
    if not Standing.of(first).is_worse_than(Standing.of(second)):
        assert severity(first) <= severity(second)


@given(TERMS, TERMS, TERMS)
def test_the_order_of_severity_is_total(first, second, third):
    best, middle, worst = sorted((severity(first), severity(second), severity(third)))

    assert best <= middle <= worst
    assert best <= worst


@given(TERMS, TERMS)
def test_the_worst_standing_is_as_bad_as_each(first, second):
    worst = Standing.worst([Standing.of(first), Standing.of(second)])

    assert not Standing.of(first).is_worse_than(worst)
    assert not Standing.of(second).is_worse_than(worst)


@given(TERMS)
def test_clauses_count_as_they_are_completed(clauses):
    assert severity(clauses) == severity(effective_clauses(clauses))
