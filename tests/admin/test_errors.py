"""Tests of compliance.admin.errors: what staff is told where a screen is missing or shut."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from tests.factories import make_register, make_user

pytestmark = pytest.mark.django_db
DESK = '<a class="button primary" href="/admin/">Back to the desk</a>'


def test_an_unknown_screen_is_named_and_leads_back_to_the_desk(client, editor):
    client.force_login(editor)

    response = client.get("/admin/nowhere/")

    assert response.status_code == 404
    assert "The admin has no screen at /admin/nowhere/." in response.text
    assert DESK in response.text


@pytest.mark.parametrize("screen", ["register/4711/preview/", "publication/submit/4711/"])
def test_a_record_that_is_gone_is_named_for_what_it_was(client, editor, screen):
    client.force_login(editor)

    response = client.get(f"/admin/compliance/{screen}")

    assert response.status_code == 404
    assert "This register is not there. It may have been deleted." in response.text


@pytest.mark.parametrize(
    ("role", "screen", "sentence"),
    [
        ("approver", "add/", "This takes the role of editor. You have: approver."),
        ("", "", "This takes the role of editor, approver or auditor. You have no role yet."),
    ],
)
def test_a_shut_screen_says_which_role_it_takes(client, role, screen, sentence):
    client.force_login(make_user(role=role))

    response = client.get(f"/admin/compliance/register/{screen}")

    assert response.status_code == 403
    assert sentence in response.text
    assert DESK in response.text


def test_submitting_takes_an_editor_although_an_auditor_sees_publications(client):
    client.force_login(make_user(role="auditor"))

    response = client.get(reverse("admin:compliance_publication_submit", args=[make_register().pk]))

    assert response.status_code == 403
    assert "This takes the role of editor. You have: auditor." in response.text


def test_accounts_are_said_to_be_kept_by_administrators(client, editor):
    client.force_login(editor)

    assert "Accounts are kept by administrators." in client.get("/admin/compliance/user/").text


def test_strangers_and_readers_see_the_public_error_page(client):
    assert "Back to the desk" not in client.get("/nowhere/").text
    client.force_login(make_user(is_staff=False))

    response = client.get("/admin/login/")

    assert response.status_code == 403
    assert "Back to the desk" not in response.text


def test_a_permission_without_a_role_counts_too(client):
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_register"))
    client.force_login(user)

    assert client.get("/admin/compliance/register/").status_code == 200
    assert client.get("/admin/compliance/register/add/").status_code == 403
