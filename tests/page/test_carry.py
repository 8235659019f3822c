"""compliance.page.selection: differences that are carried over to another page, as properties."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.page import diff
from compliance.page.combination import Combination
from compliance.page.parts import Page, changed_parts, differing, part_names
from compliance.page.selection import carry, says_all, select
from compliance.page.snapshot import Declared, Snapshot
from compliance.page.table import Cell
from compliance.page.vocabulary import TrainingUse
from tests.stores import PROVIDERS, listing, providers_cell, retention_cell, snapshot, training_cell
from tests.strategies import snapshots

BOREALIS = providers_cell(PROVIDERS[1])
FRAME = {"publisher": "Acme", "contact": "", "licence": ""}
frames = st.fixed_dictionaries({name: st.sampled_from(["", "A", "B"]) for name in FRAME})


def page(*listings, frame=FRAME, **options):
    return Page(snapshot(*listings, **options), frame)


@st.composite
def pages(draw):
    """A page of one register: sections and footnotes of two pages have the same ids."""
    drawn = draw(snapshots())
    return Page(replace(drawn, register=replace(drawn.register, slug="page")), draw(frames))


def assert_closed(result):
    """Assert that every citation has its footnote and every column its cell, and all is readable."""
    assert Snapshot.from_dict(json.loads(result.snapshot.canonical_bytes())) == result.snapshot
    for row in result.snapshot.rows():
        assert row.listing.cells.keys() == {column.key for column in row.section.columns}


slowly = settings(max_examples=15, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
def test_any_choice_is_closed_and_all_or_nothing_is_one_of_the_pages():
    @slowly
    @given(pages(), pages(), st.data())
    def holds(before, working, data):
        parts = [part.key for part in changed_parts(before, working)]
        held_back = data.draw(st.sets(st.sampled_from(parts))) if parts else set()

        assert_closed(select(before, working, held_back))
        assert select(before, working, ()) == working
        assert not parts or select(before, working, differing(before, working)) == before

    holds()


def test_without_what_comes_along_a_choice_is_not_closed(monkeypatch):
    monkeypatch.setattr(Combination, "needed", lambda self: ())
    before = page(listing("a"), notes=("First note.", "Second note."))
    working = page(listing("a"), listing("b"), notes=("First note.", "Second note."))
    without_notes = replace(before, snapshot=replace(before.snapshot, sections=(), footnotes=()))
    held_back = {"footnote:note-1", "footnote:note-2"}

    with pytest.raises(KeyError):
        select(without_notes, working, held_back)


@pytest.mark.slow
def test_carrying_to_the_same_page_gives_the_own_one_and_no_differences_leave_the_base():
    @slowly
    @given(pages(), pages(), pages())
    def holds(origin, own, base):
        onto_origin, nothing = carry(origin, own, origin), carry(origin, origin, base)

        assert onto_origin.page == own
        assert nothing.page == base
        assert not onto_origin.conflicts
        assert not nothing.conflicts
        carried = carry(origin, own, base)
        assert_closed(carried.page)
        assert part_names(origin, base, own).keys() >= set(carried.conflicts)

    holds()


# What somebody changes, by a name; each is apart from all others.
ORIGIN = page(listing("a"), listing("b"), listing("c"))
CHANGES = {
    "row a": lambda rows: {**rows, "a": listing("a", training=training_cell("Yes"))},
    "row b": lambda rows: {**rows, "b": listing("b", retention=retention_cell("90 days"))},
    "row c goes": lambda rows: {id: row for id, row in rows.items() if id != "c"},
    "row d comes": lambda rows: {**rows, "d": listing("d", providers=BOREALIS)},
    "row e comes": lambda rows: {**rows, "e": listing("e", models=Cell())},
}
TEXTS = {
    "title": {"title": "Where prompts go"},
    "prose": {"prose": "Where they go."},
    "note": {"notes": ("First note.", "Second note, again.")},
    "new note": {"notes": ("First note.", "Second note.", "Third note.")},
}


def changed(names):
    """Return the origin with some changes."""
    rows = {row.id: row.listing for row in ORIGIN.snapshot.rows()}
    texts = {}
    for name in sorted(names):
        if name in CHANGES:
            rows = CHANGES[name](rows)
        texts.update(TEXTS.get(name, {}))
    frame = {**FRAME, "licence": "CC0-1.0"} if "licence" in names else FRAME
    return page(*rows.values(), frame=frame, **texts)


NAMES = sorted({*CHANGES, *TEXTS, "licence"} - {"new note"})


@pytest.mark.slow
@settings(max_examples=60)
@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_differences_apart_from_each_other_are_told_the_same_when_they_are_carried(mine, others):
    others = others - mine
    own, base = changed(mine), changed(others)

    carried = carry(ORIGIN, own, base)

    assert not carried.conflicts
    assert set(diff.compare(base.snapshot, carried.page.snapshot)) == set(
        diff.compare(ORIGIN.snapshot, own.snapshot)
    )
    assert set(differing(base, carried.page)) == set(differing(ORIGIN, own))


def test_a_part_that_both_changed_with_different_outcomes_is_a_conflict():
    own = page(listing("a", training=training_cell("Yes")), listing("b"), listing("c"))
    base = page(listing("a", training=training_cell("Opt-in")), listing("b"), listing("c"))

    assert carry(ORIGIN, own, base).conflicts == ("listing:a",)
    assert carry(ORIGIN, own, own).conflicts == ()


def test_a_change_of_a_row_that_the_base_removed_is_a_conflict():
    own = changed({"row a"})
    base = page(listing("b"), listing("c"))

    assert carry(ORIGIN, own, base).conflicts == ("listing:a",)


def test_a_footnote_that_a_carried_row_needs_and_the_base_removed_is_a_conflict():
    origin = page(listing("a", models=Cell(), providers=BOREALIS))
    own = page(listing("a", models=Cell(), providers=BOREALIS), listing("b"))
    base = page(
        listing("a", models=Cell(), providers=BOREALIS, retention=retention_cell("30 days")),
        notes=("First note.",),
    )

    assert "footnote:note-2" in carry(origin, own, base).conflicts


def renamed(*listings, name="Borealis (US)", **facts):
    """Return a page on which a provider has another name, or another fact."""
    return page(*listings, providers=(PROVIDERS[0], replace(PROVIDERS[1], name=name, **facts)))


def test_facts_that_only_the_page_underneath_changed_are_no_conflict():
    new_name = providers_cell(replace(PROVIDERS[1], name="Borealis (US)"))
    own_words = Cell((replace(BOREALIS.items[0], text="Borealis, our own words"),))
    origin = page(listing("a", providers=BOREALIS), listing("b"), listing("c"))
    own = page(
        listing("a", providers=BOREALIS),
        listing("b", providers=BOREALIS),
        listing("c", providers=own_words),
    )
    base = renamed(
        listing("a", providers=new_name),
        listing("b"),
        listing("c"),
        legal_entity="Borealis Inc.",
        declared=Declared(TrainingUse.NEVER, None),
    )

    carried = carry(origin, own, base)

    assert carried.conflicts == ()
    assert carried.page == renamed(
        listing("a", providers=new_name),
        listing("b", providers=new_name),
        listing("c", providers=own_words),
        legal_entity="Borealis Inc.",
        declared=Declared(TrainingUse.NEVER, None),
    )


def test_a_page_says_all_of_another_under_the_names_that_it_has():
    new_name = providers_cell(replace(PROVIDERS[1], name="Borealis (US)"))
    origin = page(listing("a", providers=BOREALIS), listing("b"))
    own = page(listing("a", providers=BOREALIS), listing("b", providers=BOREALIS))

    assert says_all(renamed(listing("a"), listing("b", providers=new_name)), origin, own)
    assert not says_all(renamed(listing("a", providers=new_name), listing("b")), origin, own)


def test_facts_that_both_changed_with_different_outcomes_are_a_conflict():
    origin = page(listing("a", providers=BOREALIS))
    own = renamed(listing("a", providers=BOREALIS), name="Borealis (EU)")
    base = renamed(listing("a", providers=BOREALIS))

    assert carry(origin, own, base).conflicts == ("provider:borealis",)


def test_the_frame_is_carried_like_any_other_part():
    own, base = changed({"licence"}), changed({"title"})

    carried = carry(ORIGIN, own, base)

    assert carried.page.frame["licence"] == "CC0-1.0"
    assert carried.page.snapshot.register.title == "Where prompts go"
    assert "frame:licence" not in carried.held_back
    assert "register:title" in carried.held_back


def test_without_a_page_underneath_everything_of_the_own_one_is_carried():
    assert carry(None, ORIGIN, None).page == ORIGIN
    assert carry(None, ORIGIN, None).conflicts == ()


@pytest.mark.parametrize(
    "part", ["register:title", "prose:table", "footnote:note-2", "frame:licence"]
)
def test_a_text_held_back_stays_as_it_was_published(part):
    working = changed({"title", "prose", "note", "licence", "row a"})
    parts = {each.key for each in changed_parts(ORIGIN, working)}
    [key] = [key for key in parts if key.startswith(part.removesuffix("table"))]

    result = select(ORIGIN, working, {key})

    assert [each.key for each in changed_parts(result, working)] == [key]
    assert {each.key for each in changed_parts(ORIGIN, result)} == parts - {key}
