"""Tests of compliance.accounts.kept_form: the text of a form outlives its session."""

import pytest
from django.conf import settings
from django.test import Client

from compliance.models import Changeset, Provider
from tests.factories import make_provider, make_user
from tests.forms import form_values, read

pytestmark = pytest.mark.django_db

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def url():
    """Return the address of the form of a new provider."""
    return f"/admin/compliance/provider/{make_provider('Acme').pk}/change/"


@pytest.fixture
def client():
    """Return a client of an editor that checks CSRF tokens as a browser would."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("eve", role="editor"))
    return client


def typed_into(client, url):
    form = form_values(client.get(url).content)
    return {**form, "name": "Acme & Sons", "reason": "They <b>merged</b>"}


@pytest.mark.slow
def test_a_form_without_its_session_is_kept_and_can_be_sent_again(client, url):
    typed = typed_into(client, url)
    client.cookies.pop(settings.SESSION_COOKIE_NAME)
    before = Changeset.objects.count()

    kept = client.post(url, typed, headers=OURS)

    assert kept.status_code == 403
    assert "you are signed out" in read(kept)
    assert "Acme & Sons" in read(kept)
    assert "They <b>merged</b>" in read(kept)
    assert "no-store" in kept["Cache-Control"]
    assert Changeset.objects.count() == before

    client.force_login(make_user("eva", role="editor"))
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32  # as a sign-in changes it
    again = client.post(url, form_values(kept.content), headers=OURS)
    assert "you signed in after this form was opened" in read(again)

    assert client.post(url, form_values(again.content), headers=OURS).status_code == 302
    assert Provider.objects.get().name == "Acme & Sons"


@pytest.mark.parametrize(
    "site", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_form_from_another_site_is_not_kept(client, url, site):
    typed = typed_into(client, url)
    forged = {**typed, "csrfmiddlewaretoken": "a" * 64}

    refused = client.post(url, forged, headers=site)
    assert refused.status_code == 403
    assert "Acme" not in read(refused)

    client.cookies.pop(settings.SESSION_COOKIE_NAME)
    refused = client.post(url, typed, headers=site)
    assert refused.status_code == 302
    assert "/accounts/login/" in refused["Location"] or "/admin/login/" in refused["Location"]


@pytest.mark.parametrize(
    ("path", "opened_from"),
    [
        ("publication/7/approve/", "publication/7/change/"),
        ("publication/7/withdraw/", "publication/7/change/"),
        ("register/7/submit/", "register/7/submit/"),
        ("listing/7/delete/", "listing/7/delete/"),
        ("listing/", "listing/"),
    ],
)
def test_a_decision_is_not_sent_again_but_its_text_is_kept(path, opened_from):
    typed = {"reason": "Read it all", "post": "yes"}
    typed |= dict.fromkeys(["approval_sha256", "withdrawal_sha256", "assertion"], "a" * 64)
    typed |= {"action": "delete_selected"} if path == "listing/" else {}

    kept = Client().post(f"/admin/compliance/{path}", typed, headers=OURS)

    assert "Read it all" in read(kept)
    assert "Send it again" not in read(kept)
    assert f'href="/admin/compliance/{opened_from}"' in kept.content.decode()
    assert "a" * 64 not in kept.content.decode()


@pytest.mark.slow
def test_only_typed_text_is_listed_and_very_long_text_is_not_kept(client, url):
    typed = typed_into(client, url)
    listed = read(Client().post(url, typed, headers=OURS))

    assert "Acme & Sons" in listed
    assert "privacy_policy" not in listed
    assert Client().post(url, {**typed, "reason": "x" * 600_000}, headers=OURS).status_code == 302


def test_neither_passwords_nor_empty_forms_are_kept(client):
    stranger = Client()
    typed = {"username": "mallory", "password1": "correct horse", "reason": "x"}

    assert stranger.post("/admin/compliance/user/add/", typed, headers=OURS).status_code == 302
    assert stranger.post("/admin/logout/", {}, headers=OURS).status_code == 302
    assert "kept" not in read(client.post("/accounts/login/", {"login": "eve"}, headers=OURS))


def test_what_was_typed_is_listed_with_the_labels_of_its_form(url):
    typed = {"name": "Acme", "reason": "Merged", "documents-0-is_default": "on"}

    listed = read(Client().post(url, typed, headers=OURS))

    assert "NameAcme" in listed
    assert "Reason for this changeMerged" in listed
    assert "Shown by default" in listed
