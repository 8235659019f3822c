"""compliance.page.graded: what makes a change that was graded another one."""

from dataclasses import replace

import pytest

from compliance.page.graded import graded_contents
from compliance.page.parts import with_marks
from compliance.page.snapshot import Footnote
from tests.stores import (
    MODELS,
    PROVIDERS,
    listing,
    models_cell,
    providers_cell,
    retention_cell,
    snapshot,
    training_cell,
)

NOTE = Footnote("note", 1, "The menu calls it Uno.")
OTHER_WORDS = replace(NOTE, text="All prompts are kept by court order.")


def marked(cell):
    """Return a cell whose only item is marked with footnote 1."""
    [item] = cell.items
    return replace(cell, items=(replace(item, footnotes=(1,)),))


def row(id, **cells):
    """Return a row without marks but for those of some cells."""
    plain = {"models": models_cell(MODELS[0]), "providers": providers_cell(PROVIDERS[0])}
    return listing(id, **{**plain, "retention": retention_cell("30 days"), **cells})


def page(note=NOTE, **cells):
    """Return a page with a row whose training claim is marked, unless it is given."""
    marked_row = row("first", **{"training": marked(training_cell("Never")), **cells})
    return replace(snapshot(marked_row), footnotes=(note,))


def with_prefix(one):
    """Return a page with another footnote on another row before the others."""
    [section] = one.sections
    rows = [with_marks(found, {1: 2}) for found in section.listings]
    first = row("before", retention=marked(retention_cell("60 days")))
    section = replace(section, listings=(first, *rows))
    notes = tuple(replace(note, number=note.number + 1) for note in one.footnotes)
    return replace(
        one, sections=(section,), footnotes=(Footnote("first", 1, "Only in the EU."), *notes)
    )


def graded(before, after):
    """Return the digest of the only change that needs a grade."""
    [digest] = graded_contents(before, after).values()
    return digest


def test_what_needs_no_grade_has_no_digest():
    assert graded_contents(None, page()) == {}
    assert graded_contents(page(), page(retention=retention_cell("60 days"))) == {}
    assert list(graded_contents(page(), page(OTHER_WORDS))) == ["footnote_changed::note"]


def test_a_footnote_elsewhere_on_the_page_changes_nothing():
    plain = graded(page(), page(OTHER_WORDS))

    assert graded(with_prefix(page()), with_prefix(page(OTHER_WORDS))) == plain


@pytest.mark.parametrize(
    "cells",
    [
        {"training": marked(training_cell("By default"))},
        {"retention": marked(retention_cell("60 days"))},
        {"training": training_cell("Never"), "retention": marked(retention_cell("60 days"))},
    ],
    ids=["another thing said", "one more claim", "another claim"],
)
def test_a_footnote_on_another_claim_is_another_change(cells):
    plain = graded(page(), page(OTHER_WORDS))

    assert graded(page(**cells), page(OTHER_WORDS, **cells)) != plain


def test_other_words_are_another_change():
    words = replace(NOTE, text="Some prompts are kept.")

    assert graded(page(), page(OTHER_WORDS)) != graded(page(), page(words))


def test_a_mark_of_a_footnote_with_other_words_is_another_change():
    more = {"retention": marked(retention_cell("60 days"))}
    less = {"retention": retention_cell("60 days")}

    digests = {graded(page(note, **less), page(note, **more)) for note in (NOTE, OTHER_WORDS, NOTE)}

    assert len(digests) == 2


def test_a_label_over_other_claims_is_another_change():
    def relabelled(one):
        [section] = one.sections
        columns = tuple(
            replace(column, label="Kept for") if column.key == "retention" else column
            for column in section.columns
        )
        return replace(one, sections=(replace(section, columns=columns),))

    pages = [page(retention=retention_cell(text)) for text in ("60 days", "90 days", "60 days")]
    digests = {graded(one, relabelled(one)) for one in pages}

    assert len(digests) == 2
