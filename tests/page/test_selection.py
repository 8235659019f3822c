"""compliance.page.selection: changed listings, and the snapshot that a choice of them makes."""

from dataclasses import replace

from compliance.page.selection import changed_listings, select
from compliance.page.snapshot import Footnote, Provider
from tests.stores import listing, snapshot

OTHER = (Provider("cirrus", "Cirrus", (), None),)


def test_listings_that_were_added_changed_and_removed_differ():
    before = snapshot(listing("kept"), listing("edited"), listing("gone"))
    working = snapshot(listing("kept"), listing("new"), listing("edited", providers=OTHER))

    assert changed_listings(before, working) == ["new", "edited", "gone"]


def test_a_footnote_with_another_number_is_still_the_same_footnote():
    before = snapshot(listing())
    notes = tuple(replace(note, number=3 - note.number) for note in before.footnotes)
    swapped = {1: 2, 2: 1}

    def renumbered(target):
        return replace(
            target, footnotes=tuple(sorted(swapped[number] for number in target.footnotes))
        )

    row = before.listings[0]
    moved = replace(
        row,
        models=tuple(map(renumbered, row.models)),
        providers=tuple(map(renumbered, row.providers)),
        retention=renumbered(row.retention),
    )

    assert changed_listings(before, replace(before, listings=(moved,), footnotes=notes)) == []
    assert changed_listings(before, replace(before, footnotes=notes)) == ["first"]


def test_without_a_page_before_every_listing_differs():
    assert changed_listings(None, snapshot(listing("a"), listing("b"))) == ["a", "b"]


def test_a_listing_held_back_stays_as_it_was_published():
    before = snapshot(listing("a"), listing("b"))
    working = snapshot(
        listing("a", providers=OTHER), listing("b", providers=OTHER), title="New title"
    )

    result = select(before, working, ["a"])

    assert result.listings == (before.listings[0], working.listings[1])
    assert result.register.title == "New title"


def test_a_new_listing_held_back_is_left_out():
    working = snapshot(listing("a"), listing("new"))

    assert [each.id for each in select(snapshot(listing("a")), working, ["new"]).listings] == ["a"]
    assert [each.id for each in select(None, working, ["new"]).listings] == ["a"]


def test_a_removed_listing_held_back_stays_after_the_row_it_followed():
    before = snapshot(listing("first"), listing("a"), listing("gone"), listing("b"))
    working = snapshot(listing("b"), listing("a"))

    kept = select(before, working, ["first", "gone"])

    assert [each.id for each in kept.listings] == ["first", "b", "a", "gone"]


def test_marks_of_a_listing_held_back_follow_their_footnotes():
    before = snapshot(listing())
    notes = (
        Footnote("new", 1, "A new note."),
        *(replace(note, number=note.number + 1) for note in before.footnotes),
    )
    working = replace(snapshot(listing(providers=OTHER)), footnotes=notes)

    [row] = select(before, working, ["first"]).listings

    assert row.models[0].footnotes == (2,)
    assert row.providers[0].footnotes == (2, 3)
    assert row.retention.footnotes == (3,)


def test_a_footnote_that_only_a_listing_held_back_cites_is_kept():
    before = snapshot(listing())
    new = Footnote("new", 1, "A new note.")
    working = replace(
        snapshot(listing(models=(), providers=OTHER)), footnotes=(new, before.footnotes[1])
    )

    result = select(before, working, ["first"])

    assert [(note.id, note.number) for note in result.footnotes] == [
        ("new", 1),
        ("note-2", 2),
        ("note-1", 3),
    ]
    assert result.listings[0].models[0].footnotes == (3,)
    assert set(result.marks()) <= {note.number for note in result.footnotes}
