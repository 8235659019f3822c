"""compliance.publishing.vouching: the approver is told what contributors did to their account."""

import pytest

from compliance.accounts import factors
from compliance.models import Changeset, User
from compliance.models.changesets import changeset
from compliance.publishing.vouching import account_edits_by_contributors
from tests.factories import make_listing, make_user, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return make_user("root", role="administrator")


def by(person, act):
    with changeset(by=person, reason="Account", kind=Changeset.Kind.ACCOUNT) as opened:
        act()
    return opened.changeset


def edited_by(person, listing, at=NOON):
    with changeset(by=person, reason="Edit"):
        state(listing, training="never")
    return submitted(listing.register, person, at=at)


def test_an_approver_is_told_who_invited_them(root):
    made = by(root, lambda: User.objects.create_user("ada"))

    publication = edited_by(root, make_listing())

    assert [*account_edits_by_contributors(publication, of=User.objects.get(username="ada"))] == [
        made
    ]


@pytest.mark.parametrize(
    "act",
    [lambda ada: ada.groups.clear(), factors.enrol, factors.reset],
    ids=["role", "factor", "reset"],
)
def test_an_approver_is_told_of_changes_since_the_page_before(root, editor, approver, act):
    listing = make_listing()
    if act is factors.reset:
        factors.enrol(approver)
    before = by(root, lambda: approver.groups.remove(*approver.groups.all()))
    by(root, lambda: approver.groups.add(*make_user(role="approver").groups.all()))
    published(listing.register, editor, User.objects.get(pk=approver.pk), at=NOON)
    since = by(root, lambda: act(approver))

    publication = edited_by(root, listing, at=NOON + HOUR)
    found = list(account_edits_by_contributors(publication, of=approver))

    assert since in found
    assert before not in found


def test_what_others_changed_is_nobodys_business(root, editor, approver):
    by(root, lambda: User.objects.create_user("ben"))
    by(root, lambda: factors.enrol(approver))

    publication = edited_by(editor, make_listing())

    assert not account_edits_by_contributors(publication, of=approver)
    assert not account_edits_by_contributors(publication, of=User.objects.get(username="ben"))


def test_the_review_says_so(root, approver, client):
    by(root, lambda: factors.enrol(approver))
    publication = edited_by(root, make_listing())
    client.force_login(approver)

    page = client.get(f"/admin/compliance/publication/{publication.pk}/change/").text

    assert "Your account:" in page
    client.force_login(make_user("zoe", role="approver"))
    page = client.get(f"/admin/compliance/publication/{publication.pk}/change/").text
    assert "Your account:" not in page
