"""compliance.page.selection: changed listings, and the snapshot that a choice of them makes."""

from dataclasses import replace

from compliance.page import parts, selection
from compliance.page.parts import Page, listing_key
from compliance.page.snapshot import Footnote, Model, Provider
from compliance.page.table import Cell, Column, Section, TextItem
from compliance.page.vocabulary import ColumnRole, TrainingUse
from tests.stores import MODELS, PROVIDERS, listing, models_cell, providers_cell
from tests.stores import snapshot as plain_snapshot

CIRRUS = Provider("cirrus", "Cirrus")
OTHER = providers_cell(CIRRUS)
PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)


def select(before, working, held_back):
    """Return the snapshot in which some listings are held back."""
    pages = (Page(before, {}) if before else None), Page(working, {})
    return selection.select(*pages, [listing_key(id) for id in held_back]).snapshot


def changed_listings(before, working):
    return parts.changed_listings(Page(before, {}) if before else None, Page(working, {}))


def snapshot(*listings, **options):
    return plain_snapshot(*listings, providers=(*PROVIDERS, CIRRUS), **options)


def ids(page):
    """Return the ids of the listings of each section."""
    return [[found.id for found in section.listings] for section in page.sections]


def sections(page, **listings):
    """Return a page with sections of its table by their ids, each with some listings."""
    [section] = page.sections
    return replace(
        page,
        sections=tuple(replace(section, id=id, listings=rows) for id, rows in listings.items()),
    )


def with_purpose(page, **texts):
    """Return a page with a text column, and what it says by the id of a listing."""
    [section] = page.sections
    rows = tuple(
        replace(
            row,
            cells={
                **row.cells,
                "purpose": Cell((TextItem(texts[row.id]),)) if row.id in texts else Cell(),
            },
        )
        for row in section.listings
    )
    section = replace(section, columns=(*section.columns, PURPOSE), listings=rows)
    return replace(page, sections=(section,))


def test_listings_that_were_added_changed_and_removed_differ():
    before = snapshot(listing("kept"), listing("edited"), listing("gone"))
    working = snapshot(listing("kept"), listing("new"), listing("edited", providers=OTHER))

    assert changed_listings(before, working) == ["new", "edited", "gone"]


def test_a_footnote_with_another_number_is_still_the_same_footnote():
    before = snapshot(listing())
    notes = tuple(replace(note, number=3 - note.number) for note in before.footnotes)
    swapped = {1: 2, 2: 1}

    def renumbered(cell):
        items = tuple(
            replace(item, footnotes=tuple(sorted(swapped[number] for number in item.footnotes)))
            for item in cell.items
        )
        return replace(cell, items=items)

    [section] = before.sections
    cells = {key: renumbered(cell) for key, cell in section.listings[0].cells.items()}
    moved = replace(section, listings=(replace(section.listings[0], cells=cells),))

    assert changed_listings(before, replace(before, sections=(moved,), footnotes=notes)) == []
    assert changed_listings(before, replace(before, footnotes=notes)) == ["first"]


def test_without_a_page_before_every_listing_differs():
    assert changed_listings(None, snapshot(listing("a"), listing("b"))) == ["a", "b"]


def test_a_listing_held_back_stays_as_it_was_published():
    before = snapshot(listing("a"), listing("b"))
    working = snapshot(
        listing("a", providers=OTHER), listing("b", providers=OTHER), title="New title"
    )

    result = select(before, working, ["a"])

    [published], [edited], [section] = before.sections, working.sections, result.sections
    assert section.listings == (published.listings[0], edited.listings[1])
    assert result.register.title == "New title"


def test_a_new_listing_held_back_is_left_out():
    working = snapshot(listing("a"), listing("new"))

    assert ids(select(snapshot(listing("a")), working, ["new"])) == [["a"]]
    assert ids(select(None, working, ["new"])) == [["a"]]


def test_a_removed_listing_held_back_stays_after_the_row_it_followed():
    before = snapshot(listing("first"), listing("a"), listing("gone"), listing("b"))
    working = snapshot(listing("b"), listing("a"))

    kept = select(before, working, ["first", "gone"])

    assert ids(kept) == [["first", "b", "a", "gone"]]


def test_marks_of_a_listing_held_back_follow_their_footnotes():
    before = snapshot(listing())
    notes = (
        Footnote("new", 1, "A new note."),
        *(replace(note, number=note.number + 1) for note in before.footnotes),
    )
    working = replace(snapshot(listing(providers=OTHER)), footnotes=notes)

    [row] = select(before, working, ["first"]).rows()

    assert row.models[0].footnotes == (2,)
    assert row.providers[0].footnotes == (2, 3)
    assert row.listing.cells["retention"].items[0].footnotes == (3,)


def test_a_footnote_that_only_a_listing_held_back_cites_is_kept():
    before = snapshot(listing())
    new = Footnote("new", 1, "A new note.")
    working = replace(
        snapshot(listing(models=Cell(), providers=OTHER)), footnotes=(new, before.footnotes[1])
    )

    result = select(before, working, ["first"])

    assert [(note.id, note.number) for note in result.footnotes] == [
        ("note-1", 1),
        ("new", 2),
        ("note-2", 3),
    ]
    [row] = result.rows()
    assert row.models[0].footnotes == (1,)
    assert set(result.marks()) <= {note.number for note in result.footnotes}


def test_a_new_column_alone_changes_no_listing_and_what_it_says_does():
    before = snapshot(listing("a"), listing("b"))

    assert changed_listings(before, with_purpose(before, b="Search")) == ["b"]


def test_a_listing_that_stands_in_another_section_differs():
    before = sections(snapshot(), chat=(listing("a"),), api=(listing("b"),))
    working = sections(snapshot(), chat=(), api=(listing("a"), listing("b")))

    assert changed_listings(before, working) == ["a"]


def test_a_moved_listing_held_back_stands_in_its_section_as_it_was_published():
    before = sections(snapshot(), chat=(listing("a"), listing("b")), api=(listing("c"),))
    working = sections(snapshot(), chat=(listing("a"),), api=(listing("b"), listing("c")))

    assert ids(select(before, working, ["b"])) == [["a", "b"], ["c"]]


def test_a_removed_section_comes_back_with_the_listings_held_back_alone():
    before = sections(snapshot(), chat=(listing("a"), listing("b")), api=(listing("c"),))
    working = sections(snapshot(), api=(listing("c"),))

    result = select(before, working, ["b"])

    assert [section.id for section in result.sections] == ["chat", "api"]
    assert result.sections[0].prose == before.sections[0].prose
    assert ids(result) == [["b"], ["c"]]


def test_a_removed_column_comes_back_where_a_listing_held_back_says_something_in_it():
    before = with_purpose(snapshot(listing("a"), listing("b")), a="Search")
    working = snapshot(listing("a", providers=OTHER), listing("b", providers=OTHER))

    with_a, with_b = select(before, working, ["a"]), select(before, working, ["b"])

    assert with_a.sections[0].columns[-1] == PURPOSE
    assert [row.listing.cells["purpose"].plain for row in with_a.rows()] == ["Search", ""]
    assert with_b.sections[0].columns == working.sections[0].columns
    assert [set(row.listing.cells) for row in with_b.rows()] == [set(listing().cells)] * 2


def test_a_listing_held_back_is_empty_in_a_column_that_it_did_not_have():
    before, working = snapshot(listing("a")), snapshot(listing("a", providers=OTHER))
    [section] = before.sections
    columns = tuple(column for column in section.columns if column.role is not ColumnRole.TRAINING)
    cells = {column.key: section.listings[0].cells[column.key] for column in columns}
    table = replace(section, columns=columns, listings=(replace(section.listings[0], cells=cells),))

    [row] = select(replace(before, sections=(table,)), working, ["a"]).rows()

    assert row.listing.cells["training"].items == ()
    assert row.listing.cells["training"].use == TrainingUse.NOT_STATED


def test_a_column_that_has_taken_the_key_of_a_needed_one_keeps_it():
    before = with_purpose(snapshot(listing("a")), a="Search")
    working = with_purpose(snapshot(listing("a", providers=OTHER)), a="Berlin")
    [section] = working.sections
    place = replace(PURPOSE, role=ColumnRole.PLACES)
    section = replace(section, columns=(*section.columns[:-1], place))

    result = select(before, replace(working, sections=(section,)), ["a"])

    assert [column.key for column in result.sections[0].columns[-2:]] == ["purpose", "purpose-2"]
    [row] = result.rows()
    assert [row.listing.cells[key].plain for key in ("purpose", "purpose-2")] == ["", "Search"]


def test_the_catalogue_holds_what_the_result_names_with_the_facts_of_the_working_copy():
    gone, new = Model("gone", "Gone"), Model("new", "New")
    before = snapshot(listing("a", models=models_cell(gone)), listing("b"), models=(gone, *MODELS))
    known = replace(MODELS[0], developer="Acme")
    working = snapshot(
        listing("a", models=models_cell(new)), listing("b"), models=(new, known, MODELS[1])
    )

    result = select(before, working, ["a"])

    assert result.models == (gone, known, MODELS[1])
    assert [provider.id for provider in result.providers] == ["acme", "borealis"]


def test_prose_alone_is_always_the_working_copys():
    before = snapshot(listing("a"))
    working = replace(before, sections=(*before.sections, Section("end", "Ask us.")))

    result = select(before, working, ["a"])

    assert [section.prose for section in result.sections] == ["Where prompts go.", "Ask us."]
