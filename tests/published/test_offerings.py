"""When models were offered, through which providers and on which terms, read from the store.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from compliance.page.snapshot import Model, Provider
from compliance.published import reader
from compliance.published.offerings import PartyKind, histories, read_histories
from tests.stores import listing, publish_daily

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = Model("one", "One", ()), Model("two", "Two", ())
ACME, BOLT = Provider("acme", "Acme", (), None), Provider("bolt", "Bolt", (), None)
ROW = listing("row", models=(ONE,), providers=(ACME,))


@pytest.fixture(autouse=True)
def _empty_histories():
    histories.clear()


def periods(index, kind, id, at=NOW):
    """Return the other party, retention, first and last publication of each period."""
    history = read_histories(index, at).history(kind, id)
    other = "provider" if kind == PartyKind.MODEL else "model"
    return [
        (
            getattr(period.offering, other),
            period.offering.retention,
            period.first.number,
            period.end and period.end.number,
        )
        for period in history.periods
    ]


def test_a_history_has_a_period_for_each_provider_and_terms():
    longer = replace(ROW, retention=replace(ROW.retention, text="1 year"))
    index = publish_daily(
        [ROW],
        [ROW, listing("else")],
        [longer],
        [replace(longer, providers=(ACME, BOLT))],
        [listing("else")],
    )

    assert periods(index, PartyKind.MODEL, "one") == [
        ("bolt", "1 year", 4, 5),
        ("acme", "1 year", 3, 5),
        ("acme", "30 days", 1, 3),
    ]
    history = read_histories(index, NOW).history(PartyKind.MODEL, "one")
    assert (history.first.number, history.end.number) == (1, 5)


def test_a_model_that_is_listed_again_has_two_periods():
    index = publish_daily([ROW], [listing("else")], [ROW])

    assert periods(index, PartyKind.MODEL, "one") == [
        ("acme", "30 days", 3, None),
        ("acme", "30 days", 1, 2),
    ]
    assert read_histories(index, NOW).history(PartyKind.MODEL, "one").end is None


def test_the_history_of_a_provider_is_that_of_its_models():
    index = publish_daily([ROW], [replace(ROW, models=(ONE, TWO))])

    assert periods(index, PartyKind.PROVIDER, "acme") == [
        ("one", "30 days", 1, None),
        ("two", "30 days", 2, None),
    ]


def test_a_model_and_a_provider_with_the_same_id_have_histories_of_their_own():
    same = replace(ROW, models=(Model("acme", "Acme M", ()),))
    both = read_histories(publish_daily([same]), NOW)

    assert both.history(PartyKind.MODEL, "acme").names == ("Acme M",)
    assert both.history(PartyKind.PROVIDER, "acme").names == ("Acme",)


def test_a_history_has_all_names_with_the_newest_first():
    index = publish_daily([ROW], [replace(ROW, models=(replace(ONE, name="Uno"),))], [ROW])

    assert read_histories(index, NOW).history(PartyKind.MODEL, "one").names == ("One", "Uno")


def test_a_row_without_providers_has_a_period_without_a_provider():
    assert periods(publish_daily([replace(ROW, providers=())]), PartyKind.MODEL, "one") == [
        (None, "30 days", 1, None)
    ]


def test_withdrawn_and_unannounced_publications_are_left_out():
    other = listing("other", models=(TWO,))
    index = publish_daily(
        [ROW],
        [other],
        [ROW],
        changes={2: {"withdrawn_at": NOW - DAY}, 3: {"effective_from": NOW + DAY}},
    )

    assert read_histories(index, NOW).history(PartyKind.MODEL, "two") is None
    assert periods(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, None)]


def test_only_new_publications_are_read(monkeypatch):
    read, content = [], reader.read_file
    monkeypatch.setattr(
        reader, "read_file", lambda i, entry, f: read.append(entry.number) or content(i, entry, f)
    )

    read_histories(publish_daily([ROW], [ROW]), NOW)
    index = publish_daily([ROW], [ROW], [listing("else")], revision=2)
    read_histories(index, NOW)
    read_histories(index, NOW)

    assert read == [1, 2, 3]
    assert periods(index, PartyKind.MODEL, "one")[0][3] == 3


def test_histories_are_read_again_after_a_withdrawal():
    read_histories(publish_daily([ROW], [listing("else")]), NOW)

    index = publish_daily(
        [ROW], [listing("else")], changes={2: {"withdrawn_at": NOW - DAY}}, revision=2
    )

    assert periods(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, None)]
