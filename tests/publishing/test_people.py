"""compliance.publishing.people: who acts is read again once nobody else can edit or decide."""

import importlib
from contextlib import nullcontext

import pytest
from django.db import IntegrityError

from compliance.models import Publication, User
from compliance.publishing import NotAllowed, approve, reject, revert, submit, withdraw
from compliance.publishing.people import acting_person, approvers_besides
from tests.factories import make_listing, make_user, state
from tests.publications import HOUR, NOON, answers_to, published, submitted

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


@pytest.fixture
def listing():
    return make_listing()


@pytest.fixture
def person(editor):
    """Return somebody who may submit and approve, with the rights that their session has read."""
    person = make_user("both", role="editor")
    person.groups.add(*make_user(role="approver").groups.all())
    assert person.has_perm("compliance.approve_publication")
    return person


def deactivate(person):
    User.objects.filter(pk=person.pk).update(is_active=False)


def take_roles(person):
    User.objects.get(pk=person.pk).groups.clear()


LEAVING = [
    (deactivate, "The account of both was deactivated"),
    (take_roles, "both may not"),
]


def try_submit(listing, person, editor, approver):
    return lambda: submit(
        listing.register, by=person, at=NOON, reason="Why", answers=answers_to(listing.register)
    )


def try_revert(listing, person, editor, approver):
    published(listing.register, editor, approver)
    state(listing, training="never")
    published(listing.register, editor, approver, at=LATER)
    return lambda: revert(listing.register, to=1, by=person, at=LATER, reason="Why")


def try_approve(listing, person, editor, approver):
    waiting = submitted(listing.register, editor)
    return lambda: approve(waiting, by=person, at=NOON, approval_sha256=waiting.approval_sha256)


def try_reject(listing, person, editor, approver):
    waiting = submitted(listing.register, editor)
    return lambda: reject(waiting, by=person, at=NOON, reason="Why")


def try_withdraw_in_review(listing, person, editor, approver):
    waiting = submitted(listing.register, editor)
    return lambda: withdraw(waiting, by=person, at=NOON, reason="Why")


def try_withdraw(listing, person, editor, approver):
    standing = published(listing.register, editor, approver)
    return lambda: withdraw(standing, by=person, at=LATER, reason="Why")


ACTS = [
    try_submit,
    try_revert,
    try_approve,
    try_reject,
    try_withdraw_in_review,
    try_withdraw,
]


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("leave", "said"), LEAVING)
def test_whoever_left_since_their_account_was_read_does_nothing(
    listing, person, editor, approver, act, leave, said
):
    perform = act(listing, person, editor, approver)
    before = Publication.objects.count()
    leave(person)

    with pytest.raises(NotAllowed, match=said):
        perform()

    assert Publication.objects.count() == before
    assert not person.changesets.exists()


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("leave", [deactivate, take_roles])
def test_without_reading_the_account_again_whoever_left_still_acts(
    listing, person, editor, approver, act, leave, monkeypatch
):
    perform = act(listing, person, editor, approver)
    leave(person)
    for module in ("decide", "submit"):
        # By the module's name: the package has functions of the same names.
        imported = importlib.import_module(f"compliance.publishing.{module}")
        monkeypatch.setattr(imported, "acting_person", lambda person: person)
    # Of decisions, the database asks the record itself.
    is_guarded = leave is take_roles and act in (try_approve, try_reject, try_withdraw)
    expected = (
        pytest.raises(IntegrityError, match="Only an approver") if is_guarded else nullcontext()
    )

    with expected:
        perform()


def test_a_right_that_was_given_since_the_account_was_read_holds(approver):
    person = make_user()
    assert not person.has_perm("compliance.approve_publication")
    person.groups.add(*approver.groups.all())

    assert acting_person(person).has_perm("compliance.approve_publication")


@pytest.mark.parametrize("values", [{"is_superuser": True}, {"role": "administrator"}])
def test_an_administrator_may_edit_and_submit_and_never_approves(approver, values):
    person = make_user(**values)
    person.groups.add(*approver.groups.all())

    assert person.has_perm("compliance.change_listing")
    assert person.has_perm("compliance.submit_publication")
    assert not person.has_perm("compliance.approve_publication")
    assert person not in approvers_besides([])
