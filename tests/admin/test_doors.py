"""Requests that the admin must refuse; test_matrix.py has every address for every role."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from compliance.admin import site
from compliance.models import Changeset, Publication, Review, User
from compliance.models.tracked import Tracked
from tests.admin.doors import signed_in
from tests.factories import (
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_register,
    make_term,
    make_user,
)
from tests.forms import complaints, form_values, post_form

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "staff", "editor", "approver", "auditor", "superuser"]
READERS = {"editor", "approver", "auditor", "superuser"}
WRITERS = {"editor", "superuser"}
TRACKED = ["register", "provider", "retentionterm", "aimodel", "listing", "footnote"]


@pytest.fixture
def records() -> dict[str, Tracked]:
    """Return a record of each kind with screens of its own, each of which can be deleted."""
    listing = make_listing(make_register(), models=[], providers=[])
    return {
        "register": make_register(),
        "provider": make_document().provider,
        "retentionterm": make_term(),
        "aimodel": make_model(),
        "listing": listing,
        "footnote": make_footnote(listing.register),
    }


def expected(role: str, allowed: set[str], status: int = 200) -> int:
    return 302 if role == "anonymous" else status if role in allowed else 403


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
def test_only_editors_and_superusers_may_add_change_and_delete(role, records):
    client = signed_in(role)
    before = Changeset.objects.count()

    for name, record in records.items():
        base = f"/admin/compliance/{name}/"
        for url in ("add/", f"{record.pk}/change/"):
            answer = client.post(base + url, {"reason": "Try"})
            # The form is incomplete: those who may write see it again, nobody saves anything.
            assert answer.status_code == expected(role, WRITERS), base + url
    assert Changeset.objects.count() == before
    for name, record in records.items():
        url = f"/admin/compliance/{name}/{record.pk}/delete/"
        version = (client.get(url).context or {}).get("version", "")
        answer = client.post(url, {"post": "yes", "reason": "Try", "version": version})
        assert answer.status_code == expected(role, WRITERS, 302), name
        assert type(record).objects.filter(pk=record.pk).exists() == (role not in WRITERS), name


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_only_editors_and_superusers_may_record_a_review(role, records):
    client = signed_in(role)

    for name in ("provider", "retentionterm"):
        url = f"/admin/compliance/{name}/{records[name].pk}/review/"
        assert client.get(url).status_code == expected(role, WRITERS), url
        key = f"{name}-{records[name].pk}"
        typed = {"version": records[name].lock_version, "reviewed": key, "reason": "Read it"}
        assert client.post(url, typed).status_code == expected(role, WRITERS, 302), url
        assert client.put(url, typed).status_code == 405
    assert Review.objects.count() == (2 if role in WRITERS else 0)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
def test_no_history_screen_accepts_a_post(role, records):
    client = signed_in(role)
    before = Changeset.objects.count()

    for name, record in records.items():
        base = f"/admin/compliance/{name}/"
        row = type(record).history.filter(id=record.pk).latest("history_id")
        change = client.get(f"{base}{record.pk}/change/")
        typed = form_values(change.content) if change.status_code == 200 else {}
        for url in (f"{record.pk}/history/", f"{record.pk}/history/{row.pk}/", "deleted/"):
            answer = client.post(
                base + url,
                {**typed, "name": "Overwritten", "reason": "Try", "_change_history": "1"},
            )
            assert answer.status_code == (302 if role == "anonymous" else 405), base + url
            assert role != "anonymous" or "login" in answer.url
    assert Changeset.objects.count() == before


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_changesets_and_publications_are_read_only_for_everybody(role):
    register = make_register()
    publication = Publication.objects.create(
        register=register,
        source="imported",
        content_sha256="0" * 64,
        submitted_at=timezone.now(),
        label="me",
        reason="x",
    )
    client = signed_in(role)

    for name, record in {
        "changeset": Changeset.objects.first(),
        "publication": publication,
    }.items():
        base = f"/admin/compliance/{name}/"
        assert client.get(base).status_code == expected(role, READERS)
        assert client.get(f"{base}{record.pk}/change/").status_code == expected(role, READERS)
        for url in ("add/", f"{record.pk}/delete/"):
            assert client.get(base + url).status_code == expected(role, set())
        past = f"{base}{record.pk}/history/"
        assert client.get(past).status_code == (302 if role == "anonymous" else 404)
        assert client.post(past, {"reason": "Try"}).status_code == (
            302 if role == "anonymous" else 405
        )
        assert past not in client.get(f"{base}{record.pk}/change/").content.decode()
        for url in ("add/", f"{record.pk}/change/", f"{record.pk}/delete/"):
            assert client.post(
                base + url, {"post": "yes", "reason": "Try"}
            ).status_code == expected(role, set())
        client.post(
            base,
            {
                "action": "delete_selected",
                "_selected_action": record.pk,
                "post": "yes",
                "reason": "x",
            },
        )
        assert type(record).objects.filter(pk=record.pk).exists()


@pytest.mark.parametrize("role", ROLES)
def test_only_auditors_and_administrators_see_accounts(role):
    client = signed_in(role)
    other = make_user("other")
    readers = {"auditor", "administrator", "superuser"}

    for url in ("compliance/user/", f"compliance/user/{other.pk}/change/"):
        assert client.get(f"/admin/{url}").status_code == expected(role, readers), url
    assert client.get(f"/admin/compliance/user/{other.pk}/delete/").status_code == expected(
        role, set()
    )


@pytest.mark.parametrize("role", ["editor", "approver", "auditor", "superuser"])
@pytest.mark.parametrize(
    "query",
    [
        "provider/?name__iregex=a",
        "provider/?name=a",
        "provider/?declared_retention__wording__startswith=3",
        "listing/?register__title__regex=.",
        "publication/?reason__contains=a",
        "aimodel/?id__gt=1",
    ],
)
def test_a_lookup_without_a_filter_is_refused(role, query):
    assert signed_in(role).get(f"/admin/compliance/{query}").status_code == 400


@pytest.mark.slow
def test_every_filter_of_a_list_works():
    client, listing = signed_in("editor"), make_listing()
    provider = listing.listed_providers.get().provider

    for query in (
        f"listing/?section__register__id__exact={listing.register_id}"
        f"&section={listing.section_id}&listed_providers__provider__id__exact={provider.pk}",
        "listing/?section=another",
        f"footnote/?register__id__exact={listing.register_id}",
        "provider/?declared_training__exact=never",
        "changeset/?source=admin",
        "provider/?review=overdue",
        "retentionterm/?review=overdue",
        "retentionterm/?review=another",
        f"publication/?register__id__exact={listing.register_id}&source__exact=native",
    ):
        assert client.get(f"/admin/compliance/{query}").status_code == 200, query


def test_nobody_can_take_over_an_account_by_changing_its_email_address():
    """Nor does somebody with the permissions of accounts who is no administrator."""
    warden = make_user("warden", role="approver")
    warden.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client = Client()
    client.force_login(warden)
    ada = make_user(
        "ada", role="approver", email="ada@example.com", password="a-quite-long-password-7"
    )

    answer = client.post(
        f"/admin/compliance/user/{ada.pk}/change/",
        {"username": "ada", "email": "warden@example.com", "roles": "approver", "reason": "Mine"},
    )
    Client().post("/accounts/password/reset/", {"email": "warden@example.com"})

    assert answer.status_code == 403
    assert User.objects.get(pk=ada.pk).email == "ada@example.com"
    assert "no such account" in mail.outbox[-1].body


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "user_permissions", "groups"])
def test_no_form_gives_rights_but_by_a_role(field):
    client, other = signed_in("administrator"), make_user("other", email="o@example.com")

    client.post(
        f"/admin/compliance/user/{other.pk}/change/",
        {
            "username": "other",
            "email": "o@example.com",
            "is_active": "on",
            "reason": "Try",
            field: "1",
        },
    )

    other = User.objects.get(pk=other.pk)
    assert not other.is_superuser
    assert not other.get_all_permissions()


def test_no_screen_shows_or_edits_a_second_factor():
    assert [
        model._meta.label for model in site._registry if model.__module__.startswith("allauth")
    ] == []


def test_users_can_be_deactivated_but_not_deleted():
    client, other = signed_in("superuser"), make_user("leaver")

    client.post(f"/admin/compliance/user/{other.pk}/delete/", {"post": "yes"})
    client.post(
        "/admin/compliance/user/",
        {"action": "delete_selected", "_selected_action": other.pk, "post": "yes"},
    )
    response = post_form(
        client,
        f"/admin/compliance/user/{other.pk}/change/",
        is_active=None,
        email="leaver@example.com",
        reason="Left",
    )

    assert complaints(response) == ""
    assert User.objects.get(pk=other.pk).is_active is False


def test_the_tests_above_cover_every_tracked_model():
    screens = {
        model._meta.model_name for model, _ in site._registry.items() if issubclass(model, Tracked)
    }

    assert screens == set(TRACKED)
