"""compliance.publishing.comments: what people say about a publication, and what stays on a desk."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance.audit import verification
from compliance.models import LedgerEntry, ListedProvider, Publication, ReviewComment
from compliance.models.changesets import changeset
from compliance.publishing import (
    NotCommentable,
    approve,
    ask_for_change,
    comment,
    drop,
    reject,
    unfinished,
    withdraw,
)
from tests.factories import cell_of, make_listing, make_provider, make_user, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing(editor):
    with changeset(by=editor, reason="Add Acme"):
        return make_listing(providers=[make_provider("Acme")])


@pytest.fixture
def waiting(listing, editor):
    return submitted(listing.register, editor)


def open_ones():
    return unfinished(Publication.objects.all())


def edited(listing, editor, use):
    with changeset(by=editor, reason="Edit"):
        state(listing, training=use)


def test_a_comment_on_a_row_is_recorded_and_sealed(waiting, approver, listing):
    recorded = comment(
        waiting, by=approver, at=NOON, text=" Which region?\r\nAll? ", listing=listing.pk
    )

    entry = LedgerEntry.objects.last()
    assert (recorded.text, recorded.listing, recorded.label) == (
        "Which region?\nAll?",
        listing.pk,
        "ada",
    )
    assert (entry.kind, entry.recorded_at) == ("comment", recorded.at)
    assert verification.first_record_fault() is None


def test_verify_misses_the_seal_of_a_comment_that_was_written_past_the_models(waiting, approver):
    ReviewComment.objects.create(
        publication=waiting, kind="comment", text="Forged", at=NOON, by=approver, label="ada"
    )

    assert "compliance_reviewcomment: row 1 is sealed by no entry" in (
        verification.first_record_fault().replace(f"row {ReviewComment.objects.get().pk}", "row 1")
    )


def test_a_comment_is_not_about_a_row_of_another_page(waiting, approver):
    other = make_listing()

    with pytest.raises(NotCommentable, match="neither in the publication nor"):
        comment(waiting, by=approver, at=NOON, text="Which?", listing=other.pk)

    assert not ReviewComment.objects.exists()


def test_a_comment_is_about_a_row_left_as_it_is_only_until_it_is_rejected(
    listing, editor, approver
):
    with changeset(by=editor, reason="Begin"):
        other = make_listing(listing.register)
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        state(listing, training="opt_out")
    waiting = submitted(listing.register, editor, at=NOON + HOUR)
    at = NOON + 2 * HOUR

    assert comment(waiting, by=approver, at=at, text="This too?", listing=other.pk)
    reject(waiting, by=approver, at=at, reason="No")

    assert comment(waiting, by=approver, at=at, text="This one", listing=listing.pk)
    with pytest.raises(NotCommentable, match="did not change this row"):
        comment(waiting, by=approver, at=at, text="This too?", listing=other.pk)


@pytest.mark.parametrize("text", ["", " \n", "a\u202eb", "x" * 2001])
def test_a_comment_that_cannot_be_shown_is_refused(waiting, approver, text):
    with pytest.raises(NotCommentable, match=r"^The comment "):
        comment(waiting, by=approver, at=NOON, text=text)

    assert comment(waiting, by=approver, at=NOON, text="x" * 2000)


def test_only_who_may_submit_or_approve_comments(waiting, editor, approver):
    with pytest.raises(PermissionDenied, match="may not comment"):
        comment(waiting, by=make_user("aud", role="auditor"), at=NOON, text="Why?")

    assert comment(waiting, by=editor, at=NOON, text="Why?")
    assert comment(waiting, by=approver, at=NOON, text="Why?")


def test_a_change_is_asked_for_while_it_is_in_review(waiting, approver):
    asked = ask_for_change(waiting, by=approver, at=NOON, text="Name the region.")

    assert asked.kind == ReviewComment.Kind.CHANGE_ASKED
    assert waiting.state == Publication.State.IN_REVIEW
    reject(waiting, by=approver, at=NOON, reason="No")
    with pytest.raises(NotCommentable, match="is decided"):
        ask_for_change(waiting, by=approver, at=NOON, text="Name the region.")


def test_nobody_asks_themselves_for_a_change(waiting, editor):
    with pytest.raises(NotCommentable, match="You submitted it"):
        ask_for_change(waiting, by=editor, at=NOON, text="Name the region.")


def test_a_rejected_publication_is_unfinished_until_it_is_submitted_again(
    waiting, editor, approver, listing
):
    reject(waiting, by=approver, at=NOON, reason="No")
    assert open_ones() == [waiting]

    edited(listing, editor, "never")
    submitted(listing.register, editor, at=NOON + HOUR)

    assert open_ones() == []


def test_it_stays_unfinished_while_other_rows_are_submitted(listing, editor, approver):
    published(listing.register, editor, approver)
    edited(listing, editor, "never")
    rejected = submitted(listing.register, editor, at=NOON + HOUR)
    reject(rejected, by=approver, at=NOON + HOUR, reason="No")
    with changeset(by=editor, reason="Add another"):
        other = make_listing(listing.register, providers=[make_provider("Other")])

    submitted(listing.register, editor, at=NOON + HOUR, listings=[other])

    assert open_ones() == [rejected]


def test_it_is_unfinished_again_when_the_second_try_is_rejected_too(
    waiting, editor, approver, listing
):
    reject(waiting, by=approver, at=NOON, reason="No")
    edited(listing, editor, "never")
    second = submitted(listing.register, editor, at=NOON + HOUR)

    reject(second, by=approver, at=NOON + HOUR, reason="Not yet")

    assert set(open_ones()) == {waiting, second}


def test_what_is_dropped_is_finished(waiting, editor, approver):
    with pytest.raises(NotCommentable, match="does not wait"):
        drop(waiting, by=editor, at=NOON, text="Not needed.")
    reject(waiting, by=approver, at=NOON, reason="No")

    dropped = drop(waiting, by=editor, at=NOON, text="Not needed.")

    assert dropped.kind == ReviewComment.Kind.DROPPED
    assert open_ones() == []


def test_a_scheduled_publication_that_was_called_off_is_unfinished(listing, editor, approver):
    published(listing.register, editor, approver)
    edited(listing, editor, "never")
    at = NOON + HOUR
    scheduled = submitted(
        listing.register, editor, at=at, effective_from=at + timedelta(days=9), announce=True
    )
    approve(scheduled, by=approver, at=at, approval_sha256=scheduled.approval_sha256)
    assert open_ones() == []

    withdraw(scheduled, by=approver, at=at + HOUR, reason="Not yet")

    assert open_ones() == [scheduled]


def test_what_was_called_off_stays_until_the_same_content_comes_again(listing, editor, approver):
    register = listing.register
    published(register, editor, approver)
    edited(listing, editor, "never")
    moment = NOON + timedelta(days=9)
    scheduled = published(
        register, editor, approver, at=NOON + HOUR, effective_from=moment, announce=True
    )

    for hours, use in [(2, "opt_in"), (3, "opt_out")]:  # the first calls it off
        edited(listing, editor, use)
        published(register, editor, approver, at=NOON + hours * HOUR)
        assert scheduled.state == Publication.State.WITHDRAWN
        assert open_ones() == [scheduled]

    edited(listing, editor, "never")
    with changeset(by=editor, reason="Another cell of the row"):
        state(listing, retention="30 days")
    submitted(register, editor, at=NOON + 4 * HOUR, effective_from=moment)
    assert open_ones() == []


@pytest.mark.slow
def test_what_was_called_off_comes_again_also_after_its_provider_was_renamed(
    listing, editor, approver
):
    register = listing.register
    bolt = make_provider("Bolt")
    make_listing(register, models=["Kimi"], providers=[bolt])
    published(register, editor, approver)
    with changeset(by=editor, reason="One more provider"):
        listed = ListedProvider(listing=listing, provider=bolt, position=90)
        listed.save()
    moment = NOON + timedelta(days=9)
    published(register, editor, approver, at=NOON + HOUR, effective_from=moment)
    with changeset(by=editor, reason="For now"):
        listed.delete()
        state(listing, training="opt_in")
    published(register, editor, approver, at=NOON + 2 * HOUR)
    assert len(open_ones()) == 1

    with changeset(by=editor, reason="Again, under its new name"):
        bolt.set(name="Bolt Systems")
        ListedProvider(listing=listing, provider=bolt, position=90).save()
        cell_of(listing, "training").delete()
    submitted(register, editor, at=NOON + 3 * HOUR, effective_from=moment)

    assert open_ones() == []


@pytest.mark.slow
def test_what_was_called_off_because_nothing_was_left_of_it_is_finished(
    listing, editor, approver, django_assert_max_num_queries
):
    register = listing.register
    published(register, editor, approver)
    edited(listing, editor, "never")
    later = {"effective_from": NOON + timedelta(days=9), "announce": True}
    scheduled = published(register, editor, approver, at=NOON + HOUR, **later)
    with changeset(by=editor, reason="Another row"):
        make_listing(register, models=["Another"], providers=[make_provider("Bolt")])

    sooner = published(register, editor, approver, at=NOON + 2 * HOUR)

    assert scheduled.state == Publication.State.WITHDRAWN
    assert open_ones() == []
    with pytest.raises(NotCommentable, match="does not wait for being submitted again"):
        drop(scheduled, by=editor, at=NOON + 2 * HOUR, text="Done")
    with django_assert_max_num_queries(1):
        open_ones()
    # It stays finished when the sooner one goes: that was decided later, and for its own reason.
    withdraw(sooner, by=approver, at=NOON + 3 * HOUR, reason="Too early")
    assert open_ones() == []


def test_what_was_rejected_stays_although_a_submission_from_before_has_its_edits(
    listing, editor, approver
):
    register = listing.register
    published(register, editor, approver)
    edited(listing, editor, "never")
    with changeset(by=editor, reason="Add another"):
        make_listing(register, providers=[make_provider("Other")])
    overtaking = submitted(register, editor, at=NOON + HOUR)
    rejected = submitted(register, editor, at=NOON + HOUR, listings=[listing])

    reject(rejected, by=approver, at=NOON + 2 * HOUR, reason="No")
    approve(
        overtaking,
        by=approver,
        at=NOON + 3 * HOUR,
        approval_sha256=overtaking.approval_sha256,
    )

    assert open_ones() == [rejected]


def test_a_submission_that_was_withdrawn_in_review_is_finished(waiting, editor):
    withdraw(waiting, by=editor, at=NOON, reason="A slip")

    assert open_ones() == []


def test_it_takes_as_many_queries_for_many_as_for_one(
    waiting, editor, approver, listing, django_assert_max_num_queries
):
    reject(waiting, by=approver, at=NOON, reason="No")
    for hours in range(1, 4):
        edited(listing, editor, ["never", "opt_in", "opt_out"][hours - 1])
        again = submitted(listing.register, editor, at=NOON + hours * HOUR)
        reject(again, by=approver, at=NOON + hours * HOUR, reason="No")

    with django_assert_max_num_queries(3):
        assert len(open_ones()) == 4
