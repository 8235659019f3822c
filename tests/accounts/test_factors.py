"""compliance.accounts.factors: who gets in with a password alone, who does not, and what becomes of a lost factor."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLResolver, reverse
from django.urls.resolvers import RoutePattern

from compliance.accounts import factors
from compliance.admin import site
from tests.factories import make_listing, make_user
from tests.publications import submitted
from tests.signing_in import NOON, PASSWORD, account, code_of, gets_in, show, sign_in, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon(time_machine):
    """Hold the clock, so that a code is the code of its half minute."""
    time_machine.move_to(NOON, tick=False)


@pytest.mark.parametrize("role", ["editor", "auditor"])
def test_a_password_is_enough_for_editors_and_auditors(role):
    client, answer = sign_in(account(role=role))

    assert answer.url == "/admin/"
    assert gets_in(client)


MUST = pytest.mark.parametrize(
    "role", [{"role": "approver"}, {"is_superuser": True}], ids=["approver", "superuser"]
)


def admin_addresses(patterns=site.urls[0], prefix="/admin/"):
    """Give the addresses of the admin that the resolver knows, with 1 for what they take."""
    for each in patterns:
        if isinstance(each.pattern, RoutePattern):
            path = prefix + re.sub("<[^>]+>", "1", str(each.pattern))
            yield from (
                admin_addresses(each.url_patterns, path)
                if isinstance(each, URLResolver)
                else [path]
            )


@MUST
def test_without_a_second_factor_no_address_of_the_admin_opens(role):
    client, _ = sign_in(account(**role))
    addresses = {*admin_addresses(), "/admin/compliance/", "/admin/nothing/"} - {
        "/admin/login/",
        "/admin/logout/",
    }

    for address in sorted(addresses):
        for answer in (client.get(address), client.post(address, {"reason": "Try"})):
            assert answer.status_code == 302, address
            assert answer.url.startswith("/admin/login/?next="), address
    assert len(addresses) > 60
    assert client.get("/admin/login/?next=/admin/").url == "/accounts/2fa/"
    assert "sign in with a second factor" in client.get("/accounts/2fa/").text


def test_without_a_second_factor_nothing_is_approved(editor):
    publication = submitted(make_listing().register, editor)
    client, _ = sign_in(account(role="approver"))

    client.post(
        reverse("admin:compliance_publication_approve", args=[publication.pk]),
        {"content_sha256": publication.content_sha256},
    )

    assert not publication.decisions.exists()


@MUST
@pytest.mark.django_db(transaction=True)  # allauth counts a factor as set up once it is committed
def test_the_first_sign_in_leads_to_an_app_recovery_codes_and_the_admin(role, noon):
    client, _ = sign_in(account(**role))
    confirm = client.get("/accounts/2fa/totp/activate/").url
    assert (
        client.post(
            confirm, {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
        ).status_code
        == 302
    )
    secret = re.search("<code>(.*?)</code>", client.get("/accounts/2fa/totp/activate/").text)[1]

    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})

    assert len(re.findall("<code>[0-9]{8}</code>", client.get(answer.url).text)) == 10
    assert "<code>" not in client.get(answer.url).text  # they are shown once
    assert gets_in(client)


def test_a_factor_is_set_up_only_by_whoever_knows_the_password():
    client, _ = sign_in(account(role="approver"))

    for address in ("totp/activate/", "webauthn/add/", "recovery-codes/generate/"):
        for answer in (
            client.get(f"/accounts/2fa/{address}"),
            client.post(f"/accounts/2fa/{address}", {"code": "1"}),
        ):
            assert answer.url.startswith("/accounts/reauthenticate/"), address


def test_with_an_app_the_password_alone_signs_nobody_in(noon):
    user = account(role="approver")
    secret = with_app(user)

    client, answer = sign_in(user)

    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert SESSION_KEY not in client.session
    assert not gets_in(client)
    assert "Incorrect code" in show(client, code_of(secret, NOON - 600)).text
    assert show(client, code_of(secret)).url == "/admin/"
    assert gets_in(client)


def test_a_code_of_the_app_opens_once(noon):
    user = account(role="approver")
    secret = with_app(user)
    first, second = sign_in(user)[0], sign_in(user)[0]
    show(first, code_of(secret))

    answer = show(second, code_of(secret))

    assert "Incorrect code" in answer.text
    assert not gets_in(second)


def test_a_recovery_code_opens_once():
    user = account(role="approver")
    code = factors.enrol(user)[0]
    first, second = sign_in(user)[0], sign_in(user)[0]

    assert show(first, code).url == "/admin/"
    assert "Incorrect code" in show(second, code).text
    assert gets_in(first)
    assert not gets_in(second)


def test_a_session_opened_with_the_password_alone_stays_outside_when_a_factor_is_set_up_elsewhere():
    user = account(role="approver")
    client, _ = sign_in(user)

    with_app(user)

    assert not gets_in(client)


def test_whoever_removes_the_last_factor_is_asked_for_another(noon):
    user = account(role="approver")
    secret = with_app(user)
    client, _ = sign_in(user)
    show(client, code_of(secret))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert not gets_in(client)


def test_a_passkey_must_tell_the_person_not_the_device_alone():
    client = Client()

    options = client.get(
        "/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}
    ).json()
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"})

    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    assert answer.url == "/accounts/login/"
    assert not gets_in(client)


# A second factor that is lost


def reset_second_factor(user="ada", by="root", reason="Phone stolen; called back"):
    call_command("reset_second_factor", user, by=by, reason=reason)


def test_a_reset_ends_the_sessions_and_is_logged_with_its_reason():
    user, root = account(role="approver"), make_user("root", is_superuser=True)
    client, _ = sign_in(user)
    code = factors.enrol(user)[0]
    client, _ = sign_in(user)
    show(client, code)
    assert gets_in(client)

    reset_second_factor()

    assert not gets_in(client)
    assert not Authenticator.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (
        root, str(user.pk), "Second factor reset: Phone stolen; called back"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": "nobody"}, "There is no active user nobody"),
        ({"by": "ada"}, "ada is no superuser"),
        ({"reason": " "}, "The reason is empty"),
        ({}, "ada has no second factor"),
    ],
)
def test_a_reset_that_is_refused_changes_nothing(given, said):
    user = account(role="approver")
    make_user("root", is_superuser=True)
    if given:
        with_app(user)

    with pytest.raises(CommandError, match=said):
        reset_second_factor(**given)

    assert Authenticator.objects.count() == bool(given)
    assert not LogEntry.objects.exists()
