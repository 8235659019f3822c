"""Tests of compliance.admin.users: who made an account, and why."""

import pytest
from django.test import Client

from compliance.models import Invitation, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a-quite-long-password-7"


def add_account(by, **values):
    client = Client()
    client.force_login(by)
    typed = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, **values}
    return client.post("/admin/compliance/user/add/", {"username": "ada", **typed})


def test_an_account_made_in_the_admin_has_an_invitation_by_its_maker():
    root = make_user("root", is_superuser=True)

    answer = add_account(root, reason="Joins the legal team")

    assert answer.status_code == 302
    made = Invitation.objects.get()
    assert made.user == User.objects.get(username="ada")
    assert (made.changeset.by, made.changeset.reason) == (root, "Joins the legal team")
    assert (made.changeset.source, made.changeset.kind) == ("admin", "account")


def test_the_form_of_an_account_offers_no_preview():
    """Its view knows none: the button would save."""
    client = Client()
    client.force_login(make_user("root", is_superuser=True))

    page = client.get(f"/admin/compliance/user/{make_user('ada').pk}/change/").text

    assert "May sign in" in page
    assert 'name="_save"' in page
    assert 'name="_preview"' not in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "The reason is empty. Say why this person gets an account."),
        (" \n ", "The reason is empty. Say why this person gets an account."),
        ("\u202e", "changes the direction"),
    ],
    ids=["empty", "blank", "not to be shown"],
)
def test_an_account_that_is_refused_has_no_invitation(typed, told):
    answer = add_account(make_user("root", is_superuser=True), reason=typed)

    assert answer.status_code == 200
    assert told in str(answer.context["adminform"].form.errors["reason"])
    assert not Invitation.objects.exists()
    assert not User.objects.filter(username="ada").exists()
