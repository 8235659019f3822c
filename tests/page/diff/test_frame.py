"""compliance.page.diff.frame_changes: publisher, contact and licence, which stand around a page."""

import pytest

from compliance.page.diff import ChangeKind, Effect, frame_changes
from compliance.page.parts import part_of_change

FRAME = {"publisher": "Acme", "contact": "privacy@acme.example", "licence": ""}


@pytest.mark.parametrize(("field", "text", "sentence"), [
    ("publisher", "Bolt", "The publisher is now “Bolt”, instead of “Acme”."),
    ("contact", "", "The contact is no longer named; it was “privacy@acme.example”."),
    ("licence", "CC0", "The licence is now “CC0”; none was named before."),
])  # fmt: skip
def test_another_text_of_the_frame_is_a_change_that_needs_no_grade(field, text, sentence):
    [change] = frame_changes(FRAME, {**FRAME, field: text})

    assert (change.kind, change.effect, change.sentence) == (
        ChangeKind.TEXT,
        Effect.UNJUDGED,
        sentence,
    )
    assert not change.needs_grade
    assert part_of_change(change) == f"frame:{field}"


@pytest.mark.parametrize("before", [FRAME, None, {**FRAME, "publisher": "Ac\u00adme"}])
def test_the_same_frame_and_that_of_a_first_page_are_no_change(before):
    assert frame_changes(before, FRAME) == ()
