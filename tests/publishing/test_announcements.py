"""compliance.publishing.announcements: an announced page shows nothing that nobody announced."""

import pytest

from compliance.models.changesets import changeset
from compliance.publishing import (
    NotApprovable,
    NotPublishable,
    approve,
    outlook,
    rebase_outlook,
)
from tests.factories import make_listing, make_register, state
from tests.publications import at, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def rows(editor, approver):
    """Publish a register with two rows; return them."""
    register = make_register()
    rows = [make_listing(register, models=[name]) for name in ("One", "Two")]
    published(register, editor, approver)
    return rows


@pytest.fixture
def review(rows, editor):
    """Return what edits a row and submits it for a moment, announced or not."""

    def submit(place, hours, *, announce, submitted_at=1):
        with changeset(by=editor, reason="Edit"):
            state(rows[place], training="never")
        return submitted(
            rows[place].register,
            editor,
            at=at(submitted_at),
            listings=[rows[place]],
            effective_from=at(hours),
            announce=announce,
        )

    return submit


def approved(publication, approver, hours=1):
    seen = outlook(publication, by=approver, at=at(hours))
    return approve(publication, by=approver, at=at(hours), approval_sha256=seen.approval_sha256)


def test_nothing_is_announced_on_top_of_what_is_not(review, approver):
    approved(review(0, 24, announce=False), approver)

    with pytest.raises(
        NotPublishable,
        match="Publication 2 of Models and privacy comes before it and is not announced",
    ):
        review(1, 48, announce=True)

    # The controls: unannounced, or once the one before it is in force.
    review(1, 48, announce=False)
    review(1, 48, announce=True, submitted_at=25)


def test_what_was_approved_meanwhile_stops_an_announcement_too(review, approver):
    announced = review(1, 48, announce=True)
    approved(review(0, 24, announce=False), approver)

    outdated = rebase_outlook(announced, at=at(2))

    assert "is not announced" in outdated.obstacle


def test_nothing_hidden_is_put_before_what_is_announced(review, approver):
    hidden = review(0, 24, announce=False)
    approved(review(1, 48, announce=True), approver)

    with pytest.raises(NotApprovable, match="is announced and takes effect after it"):
        approved(hidden, approver)
    with pytest.raises(NotPublishable, match="is announced and takes effect after it"):
        review(0, 24, announce=False, submitted_at=2)

    # The control: announced as well, and it is carried over.
    both = review(0, 24, announce=True, submitted_at=2)
    assert outlook(both, by=approver, at=at(2)).obstacle == ""


def test_an_urgent_fix_needs_no_announcement(rows, review, editor, approver):
    approved(review(1, 48, announce=True), approver)
    with changeset(by=editor, reason="Edit"):
        state(rows[0], training="never")

    urgent = submitted(rows[0].register, editor, at=at(2), listings=[rows[0]])

    assert outlook(urgent, by=approver, at=at(2)).obstacle == ""
