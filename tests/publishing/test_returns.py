"""compliance.publishing.returns: whose edits come back by a withdrawal, and who may not withdraw."""

from collections import defaultdict

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.audit import guards
from compliance.audit.decisions import decision_faults
from compliance.models import Changeset, Decision, LedgerEntry, Publication
from compliance.models.changesets import changeset
from compliance.publishing import (
    NotApprovable,
    NotWithdrawable,
    approve,
    outlook,
    withdraw,
    withdrawal_outlook,
)
from compliance.publishing.inserts import decide
from compliance.publishing.returns import returning_by_withdrawal
from tests.factories import cite, make_footnote, make_listing, state
from tests.publications import at, published, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing():
    return make_listing()


def edit(listing, use, by=None):
    with changeset(by=by, label="tests", reason=f"Say {use}"):
        state(listing, training=use)


@pytest.fixture
def correction(listing, author, editor, approver):
    """Publish the author's text, then somebody's correction of it; return the latter."""
    edit(listing, "never", by=author)
    published(listing.register, editor, approver)
    edit(listing, "by_default", by=editor)
    return published(listing.register, editor, approver, at=at(1))


def returned(publication):
    return [each.changeset.reason for each in publication.contributions.returning()]


@pytest.mark.slow
def test_whoever_wrote_what_would_come_back_does_not_withdraw(correction, author, approver):
    theirs = withdrawal_outlook(correction, by=author, at=at(2))
    assert theirs.obstacle.startswith("Edits of yours")
    with pytest.raises(NotWithdrawable, match="Edits of yours would come back"):
        withdraw(correction, by=author, at=at(2), reason="Mine was right")

    assert withdrawal_outlook(correction, by=approver, at=at(2)).obstacle == ""
    withdraw(correction, by=approver, at=at(2), reason="It was right")

    assert correction.state == Publication.State.WITHDRAWN
    assert "Say never" in returned(correction)


@pytest.mark.slow
def test_if_nothing_was_said_to_come_back_the_author_would_withdraw(
    correction, author, monkeypatch
):
    monkeypatch.setattr(
        "compliance.publishing.decide.returning_by_withdrawal",
        lambda publication, at: Changeset.objects.none(),
    )
    monkeypatch.setattr(
        "compliance.publishing.decide.returns_edits_of", lambda person, publication, at: False
    )

    withdraw(correction, by=author, at=at(2), reason="Mine was right")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_the_author_too(correction, author):
    with pytest.raises(IntegrityError, match="Nobody withdraws"), transaction.atomic():
        insert_withdrawal(correction, author)

    guards.uninstall(connection)
    insert_withdrawal(correction, author)
    guards.install(connection)


def insert_withdrawal(publication, by):
    decide(
        publication,
        Decision.Kind.WITHDRAWN,
        returning=returning_by_withdrawal(publication, at=at(2)),
        at=at(2),
        by=by,
        label=by.get_username(),
        reason="Mine was right",
    )


@pytest.mark.slow
def test_whoever_removed_what_would_be_gone_again_does_not_withdraw(
    listing, author, editor, approver
):
    mark = cite(make_footnote(listing.register), listed_model=listing.listed_models.get())
    note = mark.footnote
    published(listing.register, editor, approver)
    with changeset(by=author, reason="Remove the warning"):
        mark.delete()
    published(listing.register, editor, approver, at=at(1))
    with changeset(by=editor, reason="Warn again"):
        cite(note, listed_model=listing.listed_models.get())
    warning = published(listing.register, editor, approver, at=at(2))

    with pytest.raises(NotWithdrawable, match="Edits of yours"):
        withdraw(warning, by=author, at=at(3), reason="No warning")
    withdraw(warning, by=approver, at=at(3), reason="No warning")

    assert "Remove the warning" in returned(warning)


@pytest.mark.slow
def test_any_approver_withdraws_at_once_if_no_page_is_left(listing, author, editor, approver):
    edit(listing, "never", by=author)
    publication = published(listing.register, editor, approver)

    withdraw(publication, by=author, at=at(1), reason="It says what is not so")

    assert listing.register.publications.in_force(at(1)) is None
    assert returned(publication) == []


@pytest.fixture
def urgent(listing, author, editor, approver):
    """Submit a page that overtakes the correction of the author's text without bringing it."""
    edit(listing, "never", by=author)
    published(listing.register, editor, approver)
    edit(listing, "by_default", by=editor)
    published(listing.register, editor, approver, at=at(1), effective_from=at(9))
    with changeset(by=editor, reason="Another matter"):
        listing.register.set(title="Another title")
    return submitted(listing.register, editor, at=at(2), listings=[])


def calling_off(urgent):
    """Return the arguments that approve it, and call the scheduled correction off."""
    seen = outlook(urgent, by=urgent.submitted_by, at=at(2), calling_off=[2])
    return {"at": at(2), "approval_sha256": seen.approval_sha256, "calling_off": [2]}


@pytest.mark.slow
def test_whoever_wrote_what_would_stay_does_not_call_its_correction_off(urgent, author, approver):
    act = calling_off(urgent)
    (scheduled,) = outlook(urgent, by=author, at=at(2)).overtakes

    with pytest.raises(NotApprovable, match="edits of yours would come back"):
        approve(urgent, by=author, **act)

    assert outlook(urgent, by=author, at=at(2)).obstacle == ""  # the control: it is carried over
    approve(urgent, by=approver, **act)
    assert scheduled.state == Publication.State.WITHDRAWN
    assert "Say never" in returned(scheduled)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_that_too(urgent, author, monkeypatch):
    monkeypatch.setattr(
        "compliance.publishing.decide.has_edits_returning",
        lambda person, successor, publication: False,
    )
    act = calling_off(urgent)
    with pytest.raises(IntegrityError, match="Nobody withdraws"):
        approve(urgent, by=author, **act)

    guards.uninstall(connection)
    approve(urgent, by=author, **act)
    guards.install(connection)

    assert "is by somebody whose edits it brings back" in " ".join(
        decision_faults(defaultdict(dict))
    )


@pytest.mark.slow
def test_an_approval_that_brings_the_same_correction_at_once_brings_nothing_back(
    listing, author, editor, approver
):
    edit(listing, "never", by=author)
    published(listing.register, editor, approver)
    edit(listing, "by_default", by=editor)
    scheduled = published(listing.register, editor, approver, at=at(1), effective_from=at(9))
    urgent = submitted(listing.register, editor, at=at(2))

    approve(urgent, by=author, **calling_off(urgent))

    assert scheduled.state == Publication.State.WITHDRAWN
    assert returned(scheduled) == []


@pytest.mark.slow
def test_what_comes_back_is_sealed_with_the_withdrawal_and_no_part_of_the_page(
    correction, editor, approver
):
    added = list(correction.contributions.adding())

    withdraw(correction, by=approver, at=at(2), reason="It was right")

    assert list(correction.contributions.adding()) == added
    entry = LedgerEntry.objects.last()
    for contribution in correction.contributions.returning():
        assert f'"{contribution.pk}":' in entry.sealed
