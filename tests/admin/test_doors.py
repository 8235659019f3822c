"""Requests that the admin must refuse; test_matrix.py has every address for every role."""

import pytest
from django.contrib.auth.models import Group, Permission
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


# A user who may change accounts and is not a superuser


@pytest.fixture
def warden() -> User:
    """Return a user who may administer accounts and view registers, and nothing else."""
    user = make_user("warden")
    codenames = [
        "add_user",
        "change_user",
        "view_user",
        "add_group",
        "change_group",
        "delete_group",
        "view_register",
    ]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def wardens_client(warden) -> Client:
    client = Client()
    client.force_login(warden)
    return client


def test_nobody_can_make_themselves_superuser(wardens_client, warden):
    response = post_form(
        wardens_client,
        f"/admin/compliance/user/{warden.pk}/change/",
        is_superuser="on",
        first_name="W",
    )

    warden.refresh_from_db()
    assert complaints(response) == ""
    assert (warden.first_name, warden.is_superuser) == ("W", False)


@pytest.mark.slow
def test_nobody_can_grant_permissions_that_they_do_not_have(wardens_client, warden):
    other = make_user("other")
    url = f"/admin/compliance/user/{other.pk}/change/"
    delete = Permission.objects.get(codename="delete_provider")

    by_permission = post_form(wardens_client, url, user_permissions=[delete.pk])
    by_group = post_form(wardens_client, url, groups=[Group.objects.get(name="editor").pk])
    within = post_form(
        wardens_client, url, user_permissions=[Permission.objects.get(codename="view_register").pk]
    )

    assert "What was chosen is not on offer here" in complaints(by_permission)
    assert "What was chosen is not on offer here" in complaints(by_group)
    assert complaints(within) == ""
    assert User.objects.get(pk=other.pk).get_all_permissions() == {"compliance.view_register"}


@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("stronger", ["superuser", "editor"])
def test_nobody_can_edit_an_account_with_more_permissions(wardens_client, stronger, is_active):
    is_superuser = stronger == "superuser"
    other = make_user(
        "stronger",
        role="" if is_superuser else "editor",
        is_superuser=is_superuser,
        is_active=is_active,
    )

    for url in (
        f"/admin/compliance/user/{other.pk}/change/",
        f"/admin/compliance/user/{other.pk}/password/",
    ):
        answer = wardens_client.post(
            url, {"username": "mine", "password1": "a-long-one-9", "password2": "a-long-one-9"}
        )
        assert answer.status_code == 403
    other.refresh_from_db()
    assert other.username == "stronger"


def test_nobody_can_take_over_an_account_by_changing_its_email_address(wardens_client):
    ada = make_user(
        "ada", role="approver", email="ada@example.com", password="a-quite-long-password-7"
    )
    url = f"/admin/compliance/user/{ada.pk}/change/"

    answer = wardens_client.post(
        url, {"username": "ada", "email": "warden@example.com", "is_staff": "on"}
    )
    Client().post("/accounts/password/reset/", {"email": "warden@example.com"})

    assert answer.status_code == 403
    assert User.objects.get(pk=ada.pk).email == "ada@example.com"
    assert "no such account" in mail.outbox[0].body


def test_no_screen_shows_or_edits_a_second_factor():
    assert [
        model._meta.label for model in site._registry if model.__module__.startswith("allauth")
    ] == []


def test_the_roles_are_read_only_and_groups_give_only_permissions_of_their_maker(wardens_client):
    role = Group.objects.get(name="auditor")
    approve = Permission.objects.get(codename="approve_publication")

    assert (
        wardens_client.post(f"/admin/auth/group/{role.pk}/change/", {"name": "x"}).status_code
        == 403
    )
    assert (
        signed_in("superuser")
        .post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"})
        .status_code
        == 403
    )
    made = post_form(
        wardens_client, "/admin/auth/group/add/", name="Mine", permissions=[approve.pk]
    )
    assert "What was chosen is not on offer here." in complaints(made)


def test_users_can_be_deactivated_but_not_deleted():
    client, other = signed_in("superuser"), make_user("leaver")

    client.post(f"/admin/compliance/user/{other.pk}/delete/", {"post": "yes"})
    client.post(
        "/admin/compliance/user/",
        {"action": "delete_selected", "_selected_action": other.pk, "post": "yes"},
    )
    response = post_form(client, f"/admin/compliance/user/{other.pk}/change/", is_active=None)

    assert complaints(response) == ""
    assert User.objects.get(pk=other.pk).is_active is False


def test_the_tests_above_cover_every_tracked_model():
    screens = {
        model._meta.model_name for model, _ in site._registry.items() if issubclass(model, Tracked)
    }

    assert screens == set(TRACKED)
