"""compliance.publishing.carry: a scheduled publication is carried over what comes before it."""

import pytest
from django.db import IntegrityError

from compliance.audit import verification
from compliance.models import Decision, Publication
from compliance.models.changesets import changeset
from compliance.published import reader
from compliance.published.changelog import fulfilled_by
from compliance.published.events import list_events
from compliance.publishing import (
    NotApprovable,
    NotWithdrawable,
    approve,
    outlook,
    withdraw,
    withdrawal_outlook,
)
from tests.factories import (
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_register,
    state,
)
from tests.publications import NOON, at, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = Publication.State


def edit(listing, use, by):
    with changeset(by=by, reason=f"Say {use}"):
        state(listing, training=use)


@pytest.fixture
def rows(editor, approver):
    """Publish a register with two rows; return them."""
    register = make_register()
    rows = [make_listing(register, models=[name]) for name in ("One", "Two")]
    published(register, editor, approver)
    return rows


@pytest.fixture
def register(rows):
    return rows[0].register


@pytest.fixture
def scheduled(rows, editor, approver):
    """Schedule and announce a change of the second row; return it, as publication 2."""
    edit(rows[1], "never", editor)
    later = {"effective_from": at(48), "announce": True}
    return published(rows[1].register, editor, approver, at=at(1), listings=[rows[1]], **later)


def urgent_fix(row, editor, use="opt_out", hours=2, **values):
    """Edit a row, and submit that alone."""
    edit(row, use, editor)
    return submitted(row.register, editor, at=at(hours), listings=[row], **values)


def approved(publication, approver, hours=2, **values):
    at_ = at(hours)
    seen = outlook(
        publication, by=approver, at=at_, calling_off=values.get("calling_off", ())
    ).approval_sha256
    return approve(publication, by=approver, at=at_, approval_sha256=seen, **values)


def uses(publication):
    """Return what each row says about training."""
    return [row.listing.cells["training"].use for row in publication.snapshot().rows()]


@pytest.fixture
def carried(rows, scheduled, editor, approver):
    """Approve an urgent fix of the first row; return what the scheduled one became."""
    urgent = urgent_fix(rows[0], editor)
    approve(urgent, by=approver, at=at(2), approval_sha256=urgent.approval_sha256)
    return Publication.objects.get(renews=scheduled)


def test_an_urgent_fix_keeps_what_is_scheduled(register, scheduled, carried):
    assert (scheduled.state, carried.state) == (State.RENEWED, State.APPROVED)
    assert (carried.number, carried.effective_from) == (4, at(48))
    assert (carried.announce, carried.submitted_by) == (True, scheduled.submitted_by)
    assert carried.reason == scheduled.reason
    assert register.publications.in_force(at(3)).number == 3
    assert register.publications.in_force(at(49)) == carried
    assert uses(register.publications.in_force(at(3))) == ["opt_out", "not_stated"]
    assert uses(carried) == ["opt_out", "never"]
    assert verification.first_record_fault() is None


def test_the_contributors_of_the_carried_one_are_those_of_the_old(scheduled, carried):
    def changesets(publication):
        return set(publication.contributions.adding().values_list("changeset", flat=True))

    assert changesets(carried) == changesets(scheduled) != set()


def test_the_approved_hash_covers_what_is_carried_over(rows, scheduled, editor, approver):
    urgent = urgent_fix(rows[0], editor)
    alone = urgent.decided_sha256("approve", carried=[])

    with pytest.raises(NotApprovable, match="hash"):
        approve(urgent, by=approver, at=at(2), approval_sha256=alone)

    approve(urgent, by=approver, at=at(2), approval_sha256=urgent.approval_sha256)
    urgent = Publication.objects.get(pk=urgent.pk)
    assert urgent.approval.approval_sha256 == urgent.approval_sha256 != alone


def test_what_was_scheduled_after_the_look_was_not_approved(rows, editor, approver):
    urgent = urgent_fix(rows[0], editor, hours=1)
    seen = urgent.approval_sha256
    edit(rows[1], "never", editor)
    published(
        rows[1].register, editor, approver, at=at(1), listings=[rows[1]], effective_from=at(48)
    )

    with pytest.raises(NotApprovable, match="hash"):
        approve(urgent, by=approver, at=at(2), approval_sha256=seen)


def test_several_are_carried_over_one_on_top_of_the_other(
    register, rows, scheduled, editor, approver
):
    third = make_listing(register, models=["Three"], training="by_default")
    published(register, editor, approver, at=at(1), listings=[third], effective_from=at(72))
    urgent = urgent_fix(rows[0], editor)

    approve(urgent, by=approver, at=at(2), approval_sha256=urgent.approval_sha256)

    standing = register.publications.standing()
    assert [each.number for each in standing] == [1, 4, 5, 6]
    assert [each.effective_from for each in standing] == [NOON, at(2), at(48), at(72)]
    assert [uses(each) for each in standing] == [
        ["not_stated", "not_stated"],
        ["opt_out", "not_stated"],
        ["opt_out", "never"],
        ["opt_out", "never", "by_default"],
    ]
    assert verification.first_record_fault() is None


def test_one_that_was_carried_over_is_carried_over_again(register, rows, carried, editor, approver):
    urgent = urgent_fix(rows[0], editor, "by_default", hours=3)
    approve(urgent, by=approver, at=at(3), approval_sha256=urgent.approval_sha256)

    assert carried.state == State.RENEWED
    assert uses(register.publications.in_force(at(49))) == ["by_default", "never"]
    assert register.publications.in_force(at(49)).number == 6
    assert verification.first_record_fault() is None


def test_who_edited_a_scheduled_one_cannot_approve_what_carries_it(rows, author, editor, approver):
    edit(rows[1], "never", author)
    scheduled = published(
        rows[1].register, editor, approver, at=at(1), listings=[rows[1]], effective_from=at(48)
    )
    urgent = urgent_fix(rows[0], editor)

    with pytest.raises(NotApprovable, match=r"Edits of yours are in it.*Ask ada"):
        approve(urgent, by=author, at=at(2), approval_sha256=urgent.approval_sha256)

    # The control: the same person may approve it, if the scheduled one is called off.
    approved(urgent, author, calling_off=[2])
    assert scheduled.state == State.WITHDRAWN
    assert scheduled.decisions.last().reason == "Called off with the approval of publication 3."


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_that_too(rows, author, editor, approver, monkeypatch):
    edit(rows[1], "never", author)
    published(
        rows[1].register, editor, approver, at=at(1), listings=[rows[1]], effective_from=at(48)
    )
    urgent = urgent_fix(rows[0], editor)
    monkeypatch.setattr(
        "compliance.publishing.decide._obstacle_to_carrying", lambda publication, carried, by: ""
    )

    with pytest.raises(IntegrityError, match="Nobody approves"):
        approve(urgent, by=author, at=at(2), approval_sha256=urgent.approval_sha256)


def test_the_same_row_changed_twice_is_called_off(register, rows, scheduled, editor, approver):
    urgent = urgent_fix(rows[1], editor)
    (each,) = outlook(urgent, by=approver, at=at(2)).carried

    approve(urgent, by=approver, at=at(2), approval_sha256=urgent.approval_sha256)

    assert (each.page, each.scheduled) == (None, scheduled)
    assert scheduled.state == State.WITHDRAWN
    assert "Both change" in scheduled.decisions.last().reason
    assert register.publications.in_force(at(49)) == urgent
    assert verification.first_record_fault() is None


def test_what_is_out_of_date_carries_nothing_over(rows, scheduled, editor, approver):
    urgent = urgent_fix(rows[0], editor)
    # The control: before its moment comes, the scheduled one would be carried over.
    assert outlook(urgent, by=approver, at=at(2)).overtakes == (scheduled,)

    late = outlook(urgent, by=approver, at=at(49))

    assert late.overtakes == ()
    assert "Bring it up to date" in late.obstacle


def test_one_of_which_nothing_is_left_is_called_off_and_says_so(
    register, rows, scheduled, editor, approver
):
    edit(rows[0], "opt_out", editor)
    whole = submitted(register, editor, at=at(2))
    (outcome,) = outlook(whole, by=approver, at=at(2)).carried

    approve(whole, by=approver, at=at(2), approval_sha256=whole.approval_sha256)

    assert (outcome.page, outcome.conflicts, outcome.is_fulfilled) == (None, (), True)
    assert scheduled.state == State.WITHDRAWN
    assert "says all that it would change" in scheduled.decisions.last().reason
    assert [one.number for one in register.publications.standing()] == [1, 3]
    assert uses(register.publications.in_force(at(49))) == ["opt_out", "never"]
    assert verification.first_record_fault() is None


def test_one_of_which_nothing_is_left_is_told_to_have_taken_effect(
    register, rows, scheduled, editor, approver, django_capture_on_commit_callbacks
):
    edit(rows[0], "opt_out", editor)
    whole = submitted(register, editor, at=at(2))
    with django_capture_on_commit_callbacks(execute=True):
        approve(whole, by=approver, at=at(2), approval_sha256=whole.approval_sha256)

    index = reader.read_index(register.slug)
    events = {event.id: event for event in list_events(index, at(3))}

    assert set(events) == {"1", "2", "2-called_off", "3"}
    assert fulfilled_by(index, events["2-called_off"]) == index.entry(3)


def test_one_that_corrects_what_is_withdrawn_took_effect_with_the_page_that_comes_back(
    register, rows, editor, approver, django_capture_on_commit_callbacks
):
    edit(rows[0], "opt_out", editor)
    published(register, editor, approver, at=at(0.5))
    edit(rows[0], "never", editor)
    wrong = published(register, editor, approver, at=at(1))
    edit(rows[0], "opt_out", editor)
    later = {"effective_from": at(48), "announce": True}
    correction = published(register, editor, approver, at=at(2), **later)
    seen = withdrawal_outlook(wrong, by=approver, at=at(3)).withdrawal_sha256
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(wrong, by=approver, at=at(3), reason="Wrong", withdrawal_sha256=seen)

    index = reader.read_index(register.slug)
    events = {event.id: event for event in list_events(index, at(4))}

    assert correction.state == State.WITHDRAWN
    assert fulfilled_by(index, events["4-called_off"]) == index.entry(2)


def test_one_that_conflicts_is_told_not_to_come(
    register, rows, scheduled, editor, approver, django_capture_on_commit_callbacks
):
    urgent = urgent_fix(rows[1], editor)
    with django_capture_on_commit_callbacks(execute=True):
        approve(urgent, by=approver, at=at(2), approval_sha256=urgent.approval_sha256)

    index = reader.read_index(register.slug)
    events = {event.id: event for event in list_events(index, at(3))}

    assert fulfilled_by(index, events["2-called_off"]) is None


def test_withdrawing_what_a_scheduled_one_stands_on_carries_it_over_what_comes_back(
    register, rows, editor, approver
):
    edit(rows[0], "opt_out", editor)
    wrong = published(register, editor, approver, at=at(1))
    edit(rows[1], "never", editor)
    scheduled = published(register, editor, approver, at=at(2), effective_from=at(48))
    seen = withdrawal_outlook(wrong, by=approver, at=at(3))

    withdraw(wrong, by=approver, at=at(3), reason="Wrong", withdrawal_sha256=seen.withdrawal_sha256)

    assert (wrong.state, scheduled.state) == (State.WITHDRAWN, State.RENEWED)
    assert uses(register.publications.in_force(at(4))) == ["not_stated", "not_stated"]
    assert uses(register.publications.in_force(at(49))) == ["not_stated", "never"]
    assert verification.first_record_fault() is None


def test_another_hash_withdraws_nothing(register, rows, editor, approver):
    edit(rows[0], "opt_out", editor)
    wrong = published(register, editor, approver, at=at(1))
    seen = withdrawal_outlook(wrong, by=approver, at=at(3)).withdrawal_sha256
    edit(rows[1], "never", editor)
    published(register, editor, approver, at=at(2), effective_from=at(48))

    with pytest.raises(NotWithdrawable, match="hash"):
        withdraw(wrong, by=approver, at=at(3), reason="Wrong", withdrawal_sha256=seen)


def test_where_no_page_is_left_what_is_scheduled_is_called_off(register, scheduled, approver):
    first = register.publications.numbered(1)

    withdraw(first, by=approver, at=at(3), reason="Wrong")

    assert scheduled.state == State.WITHDRAWN
    assert register.publications.in_force(at(49)) is None
    assert verification.first_record_fault() is None


def test_withdrawing_an_earlier_page_leaves_what_is_scheduled(register, rows, editor, approver):
    edit(rows[0], "opt_out", editor)
    published(register, editor, approver, at=at(1))
    edit(rows[1], "never", editor)
    scheduled = published(register, editor, approver, at=at(2), effective_from=at(48))

    withdraw(register.publications.numbered(1), by=approver, at=at(3), reason="Old and wrong")

    assert scheduled.state == State.APPROVED


def test_the_public_log_tells_of_the_number_that_is_renewed(carried):
    leaf = Decision.objects.get(publication=carried).event.leaf

    assert '"renews":2' in leaf
    assert not hasattr(Decision.objects.get(publication=carried.renews, kind="renewed"), "event")


@pytest.mark.django_db(transaction=True)
def test_the_store_holds_both(carried, scheduled):
    index = reader.read_index(carried.register.slug)

    assert (index.entry(2).renewed_by, index.entry(4).renews) == (4, 2)
    assert index.in_force(at(49)).number == 4
    assert [entry.number for entry in index.visible(at(3))] == [4, 3, 1]


@pytest.fixture
def note(register, rows, editor, approver):
    """Schedule other words of a footnote that is on one claim, graded as neutral; return it."""
    for row in rows:
        edit(row, "by_default", editor)
    note = make_footnote(register, text="The menu calls it Uno.")
    cite(note, cell=cell_of(rows[0], "training"))
    published(register, editor, approver, at=at(1))
    with changeset(by=editor, reason="The court ordered it"):
        note.set(text="All prompts are kept by court order.")
    published(register, editor, approver, at=at(1), effective_from=at(48))
    return note


def another_claim(register, rows, note):
    cite(note, cell=cell_of(rows[1], "training"))


def a_claim_that_says_something_else(register, rows, note):
    state(rows[0], training="opt_out")


def another_matter(register, rows, note):
    state(rows[1], training="never")


def a_footnote_before_it(register, rows, note):
    note.set(position=2)
    other = make_footnote(register, text="Only in the EU.", position=1)
    cite(other, cell=cell_of(rows[1], "training"))


@pytest.mark.parametrize(
    ("edit_beneath", "is_graded"),
    [
        (another_claim, False),
        (a_claim_that_says_something_else, False),
        (another_matter, True),
        (a_footnote_before_it, True),
    ],
)
def test_a_grade_is_carried_over_only_for_what_it_was_given_to(
    edit_beneath, is_graded, register, rows, note, editor, approver
):
    scheduled = register.publications.numbered(3)
    with changeset(by=editor, reason="An urgent fix"):
        edit_beneath(register, rows, note)
    urgent = submitted(register, editor, at=at(2), held_back=[f"footnote:{note.pk}"])
    (seen,) = outlook(urgent, by=approver, at=at(2)).carried

    approved(urgent, approver)

    carried = Publication.objects.get(renews=scheduled)
    texts = [footnote.text for footnote in carried.snapshot().footnotes]
    assert "All prompts are kept by court order." in texts
    assert list(scheduled.grades.values()) == ["neutral"]
    assert carried.grades == (scheduled.grades if is_graded else {})
    assert len(seen.ungraded) == (0 if is_graded else 1)
    assert verification.first_record_fault() is None
