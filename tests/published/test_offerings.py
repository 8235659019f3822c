"""When models were offered, through which providers and on which terms, read from the store.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.snapshot import Model, Provider
from compliance.page.table import Cell, Column, DocumentItem, Listing, Section, TextItem
from compliance.page.vocabulary import Asks, Basis, ColumnRole, DocumentKind
from compliance.published import history, reader
from compliance.published.index import Index
from compliance.published.offerings import PartyKind, histories, read_histories
from tests.stores import (
    COLUMNS,
    MODELS,
    PROVIDERS,
    RECORD,
    entry,
    listing,
    models_cell,
    providers_cell,
    publish_daily,
    retention_cell,
    snapshot,
    training_cell,
)

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = Model("one", "One"), Model("two", "Two")
ACME, BOLT = Provider("acme", "Acme"), Provider("bolt", "Bolt")
MODEL, PROVIDER, TRAINING, RETENTION, _ = COLUMNS


def row(*models, at=(ACME,), **cells):
    """Return a listing of models at providers."""
    return listing("row", models=models_cell(*models), providers=providers_cell(*at), **cells)


ROW, ELSE = row(ONE), listing("else")


def page(*listings, models=(ONE, TWO)):
    """Return a page of five columns with listings."""
    return snapshot(*listings, models=(*models, *MODELS), providers=(ACME, BOLT, PROVIDERS[1]))


def table(columns, *rows):
    """Return a page with one table of any columns, and a listing for each tuple of cells."""
    keys = [column.key for column in columns]
    listings = [
        Listing(f"row-{number}", dict(zip(keys, cells, strict=True)))
        for number, cells in enumerate(rows, start=1)
    ]
    return replace(page(), sections=(Section("one", "", tuple(columns), tuple(listings)),))


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
            dict(period.claims)["Retention"],
            period.first.number,
            period.end and period.end.number,
        )
        for period in history.periods
    ]


def test_a_history_has_a_period_for_each_provider_and_terms():
    longer = row(ONE, retention=retention_cell("1 year"))
    longer_at_both = row(ONE, at=(ACME, BOLT), retention=retention_cell("1 year"))
    index = publish_daily(
        page(ROW), page(ROW, ELSE), page(longer), page(longer_at_both), page(ELSE)
    )

    assert periods(index, PartyKind.MODEL, "one") == [
        ("bolt", "1 year", 4, 5),
        ("acme", "1 year", 3, 5),
        ("acme", "30 days", 1, 3),
    ]
    history = read_histories(index, NOW).history(PartyKind.MODEL, "one")
    assert (history.first.number, history.end.number) == (1, 5)


def test_a_model_that_is_listed_again_has_two_periods():
    index = publish_daily(page(ROW), page(ELSE), page(ROW))

    assert periods(index, PartyKind.MODEL, "one") == [
        ("acme", "30 days", 3, None),
        ("acme", "30 days", 1, 2),
    ]
    assert read_histories(index, NOW).history(PartyKind.MODEL, "one").end is None


def test_the_history_of_a_provider_is_that_of_its_models():
    index = publish_daily(page(ROW), page(row(ONE, TWO)))

    assert periods(index, PartyKind.PROVIDER, "acme") == [
        ("one", "30 days", 1, None),
        ("two", "30 days", 2, None),
    ]


def test_a_model_and_a_provider_with_the_same_id_have_histories_of_their_own():
    same = Model("acme", "Acme M")
    both = read_histories(publish_daily(page(row(same), models=(same,))), NOW)

    assert both.history(PartyKind.MODEL, "acme").names == ("Acme M",)
    assert both.history(PartyKind.PROVIDER, "acme").names == ("Acme",)


def test_a_history_has_all_names_with_the_newest_first():
    renamed = replace(ONE, name="Uno")
    index = publish_daily(page(ROW), page(row(renamed), models=(renamed,)), page(ROW))

    assert read_histories(index, NOW).history(PartyKind.MODEL, "one").names == ("One", "Uno")


def continuing(*ids):
    """The model Two as a page gives it that says which models it was before."""
    return replace(TWO, continues=ids)


def joined_page(*ids):
    return page(row(TWO), models=(continuing(*ids),))


def test_a_model_takes_on_the_history_of_the_one_that_it_was():
    index = publish_daily(page(ROW), page(row(TWO)), joined_page("one"))
    found = read_histories(index, NOW)

    assert periods(index, PartyKind.MODEL, "two") == [("acme", "30 days", 1, None)]
    assert found.history(PartyKind.MODEL, "two").names == ("Two", "One")
    assert found.current_id(PartyKind.MODEL, "one") == "two"
    assert found.listed_ids(PartyKind.MODEL, NOW) == (["two"], [])
    assert periods(index, PartyKind.PROVIDER, "acme") == [("two", "30 days", 1, None)]


def test_models_that_nothing_joins_have_histories_of_their_own():
    index = publish_daily(page(ROW), page(row(TWO)))

    assert periods(index, PartyKind.MODEL, "two") == [("acme", "30 days", 2, None)]
    assert read_histories(index, NOW).listed_ids(PartyKind.MODEL, NOW) == (["two"], ["one"])


THREE = Model("three", "Three", continues=("two",))
CHAIN = [page(ROW), joined_page("one"), page(row(THREE), models=(THREE,))]


def test_histories_are_joined_by_way_of_others():
    index = publish_daily(*CHAIN)

    assert periods(index, PartyKind.MODEL, "three") == [("acme", "30 days", 1, None)]


def test_histories_that_no_page_joins_any_more_are_apart_again():
    index = publish_daily(*CHAIN, page(row(THREE), models=(replace(THREE, continues=()),)))

    assert periods(index, PartyKind.MODEL, "three") == [("acme", "30 days", 3, None)]
    assert periods(index, PartyKind.MODEL, "two") == [("acme", "30 days", 1, 3)]


def test_a_model_that_is_listed_again_keeps_its_own_history():
    both = page(row(ONE, TWO), models=(ONE, continuing("one")))
    index = publish_daily(page(ROW), joined_page("one"), both)

    assert periods(index, PartyKind.MODEL, "one") == [
        ("acme", "30 days", 3, None),
        ("acme", "30 days", 1, 2),
    ]


def test_models_that_continue_each_other_in_turn_have_one_history():
    back = replace(ONE, continues=("two",))
    index = publish_daily(page(ROW), joined_page("one"), page(row(back), models=(back,)))

    assert periods(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, None)]


def test_a_row_without_providers_has_a_period_without_a_provider():
    index = publish_daily(page(row(ONE, at=())))

    assert periods(index, PartyKind.MODEL, "one") == [(None, "30 days", 1, None)]


def test_a_withdrawn_publication_counts_for_as_long_as_it_was_shown():
    index = publish_daily(page(ROW), page(row(TWO)), changes={2: {"withdrawn_at": NOW - DAY}})

    [two] = read_histories(index, NOW).history(PartyKind.MODEL, "two").periods
    again, before = read_histories(index, NOW).history(PartyKind.MODEL, "one").periods

    assert (two.first.since, two.end.since) == (index.entry(2).effective_from, NOW - DAY)
    assert (before.first.number, before.end.number) == (1, 2)
    assert (again.first.since, again.first.is_withdrawal, again.end) == (NOW - DAY, True, None)


def test_a_withdrawal_of_the_only_page_ends_every_period():
    index = publish_daily(page(ROW), changes={1: {"withdrawn_at": NOW - DAY}})

    history = read_histories(index, NOW).history(PartyKind.MODEL, "one")

    assert (history.end.entry, history.end.since) == (None, NOW - DAY)


def test_an_earlier_publication_that_is_withdrawn_keeps_its_time():
    index = publish_daily(page(ROW), page(ELSE), changes={1: {"withdrawn_at": NOW - DAY}})

    assert periods(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, 2)]


def test_publications_that_never_took_effect_have_no_periods():
    called_off = {
        "effective_from": NOW + DAY,
        "approved_at": NOW - 2 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    unseen = {"effective_from": NOW + DAY}
    index = publish_daily(page(ROW), page(row(TWO)), page(ELSE), changes={2: called_off, 3: unseen})

    found = read_histories(index, NOW)

    assert found.history(PartyKind.MODEL, "two") is None
    assert periods(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, None)]
    assert [found.is_known(PartyKind.MODEL, id) for id in ("two", "acme-one")] == [True, False]


_HOURS = st.integers(0, 40)


@given(st.lists(st.tuples(_HOURS, st.none() | _HOURS, st.booleans()), max_size=8), _HOURS)
def test_histories_agree_with_what_was_public_at_every_moment(published, hour):
    histories.clear()
    start, moment = NOW - 2 * DAY, NOW - 2 * DAY + timedelta(hours=hour, minutes=30)
    changes = {}
    # As the database has it: each takes effect after those before it that stand.
    last = start
    for number, (wait, stood, announced) in enumerate(published, start=1):
        last += timedelta(hours=1)
        effective_from = last + timedelta(hours=wait) if announced else last
        withdrawn_at = None if stood is None else last + timedelta(hours=stood, minutes=20)
        is_over = withdrawn_at is not None and withdrawn_at < NOW
        if effective_from > last and not is_over:
            effective_from = last
        changes[number] = {
            "approved_at": last,
            "effective_from": effective_from,
            "announced": announced,
            "withdrawn_at": withdrawn_at if is_over else None,
        }
    models = [Model(f"m{number}", f"M {number}") for number in changes]
    entries = [entry(number, {"json": b""}, **values) for number, values in changes.items()]
    index = Index(RECORD, 1, "models-and-privacy", tuple(entries))

    with patch.object(history, "read_json", lambda index, entry: _frozen(models[entry.number - 1])):
        found = read_histories(index, NOW)

    shown = index.public_at(moment)
    assert _listed_at(found, moment) == ({f"m{shown.number}"} if shown else set())


def _frozen(model):
    return page(row(model), models=(model,)).to_dict()


def _listed_at(found, moment):
    listed = set()
    for id in chain(*found.listed_ids(PartyKind.MODEL, NOW)):
        for period in found.history(PartyKind.MODEL, id).periods:
            if period.first.since <= moment and not period.has_ended(moment):
                listed.add(id)
    return listed


def test_only_new_publications_are_read(monkeypatch):
    read, content = [], reader.read_file
    monkeypatch.setattr(
        reader, "read_file", lambda i, entry, f: read.append(entry.number) or content(i, entry, f)
    )

    read_histories(publish_daily(page(ROW), page(ROW)), NOW)
    index = publish_daily(page(ROW), page(ROW), page(ELSE), revision=2)
    read_histories(index, NOW)
    read_histories(index, NOW)

    assert read == [1, 2, 3]
    assert periods(index, PartyKind.MODEL, "one")[0][3] == 3


def test_a_withdrawal_is_added_to_what_was_read():
    read_histories(publish_daily(page(ROW), page(ELSE)), NOW)

    index = publish_daily(
        page(ROW), page(ELSE), changes={2: {"withdrawn_at": NOW - DAY}}, revision=2
    )

    assert periods(index, PartyKind.MODEL, "one") == [
        ("acme", "30 days", 2, None),
        ("acme", "30 days", 1, 2),
    ]


def test_a_history_has_every_claim_of_the_row_by_the_label_of_its_column():
    logs = Column("retention-2", "Keeps logs", ColumnRole.RETENTION)
    index = publish_daily(
        table(
            (MODEL, RETENTION, TRAINING, logs),
            (models_cell(ONE), retention_cell("30 days"), training_cell("No"), Cell()),
        )
    )

    history = read_histories(index, NOW).history(PartyKind.MODEL, "one")

    assert [dict(period.claims) for period in history.periods] == [
        {"Retention": "30 days", "Trains on prompts": "No", "Keeps logs": ""}
    ]


def test_a_column_with_a_new_label_makes_no_other_terms():
    cells = (models_cell(ONE), training_cell("No"))
    index = publish_daily(
        table((MODEL, TRAINING), cells), table((MODEL, replace(TRAINING, label="Trains?")), cells)
    )

    [period] = read_histories(index, NOW).history(PartyKind.MODEL, "one").periods

    assert (period.first.number, dict(period.claims)) == (1, {"Trains?": "No"})


def test_the_same_word_to_the_opposite_question_makes_other_terms():
    cells = (models_cell(ONE), training_cell("No"))
    excluded = Column("training", "Excluded", ColumnRole.TRAINING, asks=Asks.DOES_NOT_TRAIN)
    index = publish_daily(table((MODEL, TRAINING), cells), table((MODEL, excluded), cells))

    found = read_histories(index, NOW).history(PartyKind.MODEL, "one").periods

    assert [(period.first.number, dict(period.claims)) for period in found] == [
        (2, {"Excluded": "No"}),
        (1, {"Trains on prompts": "No"}),
    ]


def test_rows_without_models_are_told_apart_by_their_first_cell():
    purpose = Column("purpose", "Purpose", ColumnRole.TEXT)
    index = publish_daily(
        table(
            (purpose, PROVIDER),
            (Cell((TextItem("[Chat](https://acme.example/)"),)), providers_cell(ACME, BOLT)),
            (Cell((TextItem("Search"),)), providers_cell(ACME)),
        )
    )

    found = read_histories(index, NOW).history(PartyKind.PROVIDER, "acme").periods

    assert [(period.offering.model, period.offering.row) for period in found] == [
        (None, "Chat"),
        (None, "Search"),
    ]


def test_a_provider_in_the_first_column_does_not_name_its_own_row():
    index = publish_daily(table((PROVIDER, RETENTION), (providers_cell(ACME), Cell())))

    [period] = read_histories(index, NOW).history(PartyKind.PROVIDER, "acme").periods

    assert period.offering.row == ""


def test_models_of_several_tables_have_one_history_each():
    first, second = page(ROW), table((MODEL, RETENTION), (models_cell(ONE), Cell()))
    both = replace(first, sections=(*first.sections, *second.sections))

    index = publish_daily(both)

    assert periods(index, PartyKind.MODEL, "one") == [
        ("acme", "30 days", 1, None),
        (None, "", 1, None),
    ]


def test_a_provider_that_only_publishes_a_document_has_no_history():
    policy = DocumentItem("1", "bolt", DocumentKind.FAQ, "FAQ", "https://bolt.example/")
    index = publish_daily(page(row(ONE, documents=Cell((policy,), basis=Basis.STATED))))

    assert read_histories(index, NOW).history(PartyKind.PROVIDER, "bolt") is None
    assert read_histories(index, NOW).listed_ids(PartyKind.PROVIDER, NOW) == (["acme"], [])
