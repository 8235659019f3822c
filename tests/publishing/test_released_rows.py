"""What a page keeps for a row held back was last published with that row, whoever deleted it since.

Each scene is an attack: an approver deletes or alters something beside the rows, a publication that
holds a row back still shows it, and the next one shows the row without it. Without the rule the
approver approves their own edit.
"""

import pytest

from compliance.models.changesets import changeset
from compliance.publishing import NotApprovable, approve, outlook
from compliance.publishing.page_before import PageBefore
from compliance.workingcopy.listings import move_listing
from tests.factories import (
    STANDARD_COLUMNS,
    cite,
    make_footnote,
    make_listing,
    make_provider,
    make_register,
    make_section,
    make_term,
    state,
)
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def listing():
    acme = make_provider("Acme", declared_retention=make_term("90 days"), declared_training="never")
    elsewhere = make_section(
        make_register(), columns=STANDARD_COLUMNS, prose="## Second\n\nWe never sell your prompts."
    )
    return make_listing(elsewhere, models=["GPT 6"], providers=[acme])


# Each returns what somebody else edits first, and what the author edits then.


def a_column_that_states_what_is_declared(listing):
    return (lambda: None), listing.section.columns.get(key="training").delete


def a_column_that_asks_the_opposite(listing):
    column = listing.section.columns.get(key="training")
    return (lambda: None), lambda: column.set(asks="does_not_train")


def a_footnote(listing):
    note = make_footnote(listing.register, text="A court ordered us to keep all logs.")
    mark = cite(note, listed_model=listing.listed_models.get())
    return mark.delete, note.delete


def a_footnote_that_goes_to_another_register(listing):
    note = make_footnote(listing.register, text="A court ordered us to keep all logs.")
    mark = cite(note, listed_model=listing.listed_models.get())
    return mark.delete, lambda: note.set(register=make_register())


def a_section_with_its_prose(listing):
    section, other = listing.section, make_section(listing.register, columns=STANDARD_COLUMNS)
    make_listing(other, models=["Kimi"])
    return (lambda: move_listing(listing, to=other, after=None)), section.delete


def the_order_of_rows_among_which_it_comes(listing):
    other = make_section(listing.register, columns=STANDARD_COLUMNS)
    first, second = (make_listing(other, models=[name]) for name in ("Kimi", "Qwen"))

    def move():
        move_listing(listing, to=other, after=first)
        second.refresh_from_db()

    return move, lambda: second.set(position=1)


SCENES = [
    a_column_that_states_what_is_declared,
    a_column_that_asks_the_opposite,
    a_footnote,
    a_footnote_that_goes_to_another_register,
    a_section_with_its_prose,
    the_order_of_rows_among_which_it_comes,
]


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
def released(request, listing, author, editor, approver):
    """Return a submission of the row that was held back over the author's edit."""
    register = listing.register
    edit_first, edit_then = request.param(listing)
    published(register, editor, approver)
    with changeset(by=editor, reason="Another matter"):
        register.set(title="Another title")
        edit_first()
    with changeset(by=author, reason="Away with it"):
        edit_then()
    published(register, editor, approver, at=NOON + HOUR, listings=[])
    return submitted(register, editor, at=NOON + 2 * HOUR)


def test_whoever_deleted_what_a_row_held_back_kept_does_not_approve_that_it_goes(
    released, author, approver
):
    with pytest.raises(NotApprovable, match="Edits of yours are in it"):
        approve_released(released, author)

    assert outlook(released, by=approver, at=NOON + 2 * HOUR).obstacle == ""


@pytest.fixture
def without_the_rule(monkeypatch):
    """Count all beside the rows since the page before, whatever that held back."""
    monkeypatch.setattr(PageBefore, "texts_published", lambda self, changed: self.captured)
    monkeypatch.setattr(PageBefore, "published", lambda self, part, **options: self.captured)


def test_if_the_page_before_counted_as_published_the_author_would_approve_it(
    without_the_rule, released, author
):
    approve_released(released, author)

    assert released.number == 3


def approve_released(publication, by):
    approve(publication, by=by, at=NOON + 2 * HOUR, approval_sha256=publication.approval_sha256)


def test_an_edit_beside_the_rows_bars_nobody_while_the_row_is_held_back(
    listing, author, editor, approver
):
    register = listing.register
    other = make_listing(listing.section, models=["Kimi"], training="never")
    published(register, editor, approver)
    with changeset(by=author, reason="Another title"):
        register.set(title="Another title")
    with changeset(by=editor, reason="Edit the row"):
        state(listing, training="by_default")
    published(register, editor, approver, at=NOON + HOUR, listings=[])
    with changeset(by=editor, reason="Edit the other row"):
        state(other, training="by_default")

    still_held_back = submitted(register, editor, at=NOON + 2 * HOUR, listings=[other])
    released = submitted(register, editor, at=NOON + 2 * HOUR)

    assert outlook(still_held_back, by=author, at=NOON + 2 * HOUR).obstacle == ""
    assert outlook(released, by=author, at=NOON + 2 * HOUR).obstacle != ""
