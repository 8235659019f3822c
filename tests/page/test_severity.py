from itertools import pairwise

from compliance.page.retention import read_clauses
from compliance.page.severity import severity, worst_term
from compliance.page.table import Term


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


def test_worst_term_is_the_first_of_equals():
    month, days, hour = (
        Term(wording, read_clauses(wording)) for wording in ("1 month", "30 days", "1 hour")
    )

    assert worst_term([hour, month, days]) is month
