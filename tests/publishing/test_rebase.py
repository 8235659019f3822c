"""compliance.publishing.rebase: a submission is brought up to date with what came before it."""

import pytest

from compliance.audit import verification
from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.publishing import (
    NotAllowed,
    NotApprovable,
    NotPublishable,
    approve,
    outdated_submissions,
    rebase,
    rebase_outlook,
    reject,
)
from tests.factories import (
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_register,
    make_user,
    state,
)
from tests.publications import at, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = Publication.State


def edit(listing, use, by):
    with changeset(by=by, reason=f"Say {use}"):
        state(listing, training=use)


@pytest.fixture
def rows(editor, approver):
    """Publish a register with two rows of different providers; return them."""
    register = make_register()
    rows = [
        make_listing(register, models=[name], providers=[f"{name} AI"]) for name in ("One", "Two")
    ]
    published(register, editor, approver)
    return rows


def submitted_row(row, editor, use, **values):
    """Edit one row, and submit that alone."""
    edit(row, use, editor)
    return submitted(row.register, editor, at=at(1), listings=[row], **values)


@pytest.fixture
def overtaken(rows, editor, approver):
    """Submit a change of each row, and approve the second; return the first submission."""
    first = submitted_row(rows[0], editor, "never", announce=True, effective_from=at(48))
    second = submitted_row(rows[1], editor, "opt_out")
    approve(second, by=approver, at=at(2), approval_sha256=second.approval_sha256)
    return first


def uses(publication):
    return [row.listing.cells["training"].use for row in publication.snapshot().rows()]


def test_a_submission_over_other_rows_is_brought_up_to_date_and_approved(overtaken, approver):
    with pytest.raises(NotApprovable, match="Bring it up to date"):
        approve(overtaken, by=approver, at=at(3), approval_sha256=overtaken.approval_sha256)

    renewal = rebase(overtaken, by=approver, at=at(3))

    assert (overtaken.state, renewal.state) == (State.RENEWED, State.IN_REVIEW)
    assert (renewal.renews, renewal.base.number) == (overtaken, 2)
    assert uses(renewal) == ["never", "opt_out"]
    approve(renewal, by=approver, at=at(3), approval_sha256=renewal.approval_sha256)
    assert (renewal.number, renewal.effective_from) == (3, at(48))
    assert verification.first_record_fault() is None


def test_it_keeps_submitter_reason_answers_and_contributors(overtaken, approver):
    renewal = rebase(overtaken, by=approver, at=at(3))

    for name in ("submitted_by", "label", "reason", "announce", "grades"):
        assert getattr(renewal, name) == getattr(overtaken, name)
    # Those that stood before are replaced where the other change answered anew.
    stood = overtaken.base.answers
    given = {key: said for key, said in overtaken.answers.items() if stood.get(key) != said}
    assert given
    assert given == {key: renewal.answers.get(key) for key in given}
    assert list(renewal.contributions.adding().values_list("changeset", flat=True)) == list(
        overtaken.contributions.adding().values_list("changeset", flat=True)
    )


def test_who_edited_it_does_not_approve_it_after_it_was_brought_up_to_date(rows, author, editor):
    other = make_user(role="approver")
    edit(rows[0], "opt_out", author)
    first = submitted(rows[0].register, editor, at=at(1), listings=[rows[0]])
    second = submitted_row(rows[1], editor, "never")
    approve(second, by=other, at=at(2), approval_sha256=second.approval_sha256)
    renewal = rebase(first, by=author, at=at(3))

    with pytest.raises(NotApprovable, match="Edits of yours"):
        approve(renewal, by=author, at=at(3), approval_sha256=renewal.approval_sha256)

    approve(renewal, by=other, at=at(3), approval_sha256=renewal.approval_sha256)


def test_the_same_row_is_named_and_not_brought_up_to_date(rows, editor, approver):
    first = submitted_row(rows[0], editor, "opt_out")
    second = submitted_row(rows[0], editor, "never")
    approve(second, by=approver, at=at(2), approval_sha256=second.approval_sha256)

    with pytest.raises(NotPublishable, match=r"changed the same: .*One"):
        rebase(first, by=editor, at=at(3))

    assert first.state == State.IN_REVIEW


def test_what_the_rules_find_only_in_both_together_is_named(editor, approver):
    register = make_register()
    rows = [make_listing(register, models=[name]) for name in ("One", "Two")]
    published(register, editor, approver)
    first = submitted_row(rows[0], editor, "opt_out")
    second = submitted_row(rows[1], editor, "never")
    approve(second, by=approver, at=at(2), approval_sha256=second.approval_sha256)

    with pytest.raises(NotPublishable, match=r"nobody has answered: .*Acme AI"):
        rebase(first, by=approver, at=at(3))

    assert first.state == State.IN_REVIEW


def test_one_of_which_nothing_is_left_is_not_brought_up_to_date(rows, editor, approver):
    first = submitted_row(rows[0], editor, "opt_out")
    second = submitted_row(rows[0], editor, "opt_out")
    approve(second, by=approver, at=at(2), approval_sha256=second.approval_sha256)

    with pytest.raises(NotPublishable, match="says all that it would change"):
        rebase(first, by=editor, at=at(3))

    assert first.state == State.IN_REVIEW


def test_what_is_up_to_date_or_decided_is_left(rows, editor, approver):
    first = submitted_row(rows[0], editor, "opt_out")

    with pytest.raises(NotPublishable, match="up to date"):
        rebase(first, by=editor, at=at(2))
    assert rebase_outlook(first, at=at(2)) is None

    reject(first, by=approver, at=at(2), reason="Wrong")
    with pytest.raises(NotPublishable, match="is rejected"):
        rebase(first, by=editor, at=at(3))


def test_the_outdated_ones_are_found_in_one_query(
    overtaken, rows, editor, approver, django_assert_num_queries
):
    register = rows[0].register
    edit(rows[1], "by_default", editor)
    ahead = submitted(register, editor, at=at(3), listings=[rows[1]], effective_from=at(72))
    later = submitted(register, editor, at=at(3), listings=[rows[1]], effective_from=at(73))
    now = submitted(register, editor, at=at(3), listings=[rows[1]])
    approve(ahead, by=approver, at=at(3), approval_sha256=ahead.approval_sha256)
    first = submitted(make_register(title="Other"), editor, at=at(1))
    in_review = [overtaken, now, later, first]

    with django_assert_num_queries(1):
        found = outdated_submissions(at=at(4))

    assert found == {overtaken.pk, later.pk}
    assert found == {one.pk for one in in_review if rebase_outlook(one, at=at(4))}


@pytest.mark.parametrize(
    ("role", "may"), [("editor", True), ("approver", True), ("auditor", False)]
)
def test_who_may_submit_or_approve_brings_it_up_to_date(overtaken, role, may):
    person = make_user(role=role)

    if may:
        assert rebase(overtaken, by=person, at=at(3)).decisions.count() == 0
        return
    with pytest.raises(NotAllowed):
        rebase(overtaken, by=person, at=at(3))


@pytest.mark.parametrize("is_cited_again", [True, False])
def test_a_submission_that_changes_something_else_than_was_graded_is_graded_again(
    rows, editor, approver, is_cited_again
):
    register = rows[0].register
    with changeset(by=editor, reason="An edit"):
        for row in rows:
            state(row, training="by_default")
    note = make_footnote(register, text="The menu calls it Uno.")
    cite(note, cell=cell_of(rows[0], "training"))
    published(register, editor, approver, at=at(1))
    with changeset(by=editor, reason="The court ordered it"):
        note.set(text="All prompts are kept by court order.")
    graded = submitted(register, editor, at=at(1))
    with changeset(by=editor, reason="Another matter"):
        if is_cited_again:
            cite(note, cell=cell_of(rows[1], "training"))
        else:
            state(rows[1], training="never")
    published(register, editor, approver, at=at(2), held_back=[f"footnote:{note.pk}"])

    if is_cited_again:
        with pytest.raises(NotPublishable, match="something else than was graded: Footnote 1 now"):
            rebase(graded, by=editor, at=at(3))
    else:
        assert rebase(graded, by=editor, at=at(3)).grades == graded.grades != {}
