"""Tests of compliance.accounts.factors: who needs a second factor, and resetting a lost one."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLResolver, reverse
from django.urls.resolvers import RoutePattern

from compliance.accounts import factors
from compliance.admin import site
from compliance.models import Changeset, FactorRemoval
from compliance.models.account_states import ROLES
from tests.factories import make_listing, make_user
from tests.publications import submitted
from tests.signing_in import (
    NOON,
    PASSWORD,
    add_authenticator_app,
    code_of,
    make_account,
    may_open_admin,
    send_code,
)
from tests.signing_in import (
    sign_in_by_password as sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon(time_machine):
    """Stop the clock, because the code of an authenticator app changes every half minute."""
    time_machine.move_to(NOON, tick=False)


NEEDS_FACTOR = pytest.mark.parametrize(
    "role",
    [*({"role": role} for role in ROLES), {"is_superuser": True}],
    ids=[*ROLES, "superuser"],
)


def admin_addresses(patterns=site.urls[0], prefix="/admin/"):
    """Give the addresses of the admin, with 1 for each argument."""
    for pattern in patterns:
        if not isinstance(pattern.pattern, RoutePattern):
            continue
        path = prefix + re.sub("<[^>]+>", "1", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from admin_addresses(pattern.url_patterns, path)
        else:
            yield path


@pytest.mark.slow
@NEEDS_FACTOR
def test_no_address_of_the_admin_opens_without_a_second_factor(role):
    client, _ = sign_in(make_account(**role))
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
    assert "signs in with a second factor" in client.get("/accounts/2fa/").text


@pytest.mark.slow
def test_nothing_is_approved_without_a_second_factor(editor):
    publication = submitted(make_listing().register, editor)
    client, _ = sign_in(make_account(role="approver"))

    client.post(
        reverse("admin:compliance_publication_approve", args=[publication.pk]),
        {"approval_sha256": publication.approval_sha256},
    )

    assert not publication.decisions.exists()


@pytest.mark.slow
@NEEDS_FACTOR
@pytest.mark.django_db(transaction=True)  # allauth counts a factor as set up once it is committed
def test_setting_up_an_app_shows_recovery_codes_once_and_opens_the_admin(role, noon):
    client, _ = sign_in(make_account(**role))
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
    assert may_open_admin(client)


def test_setting_up_a_factor_needs_the_password():
    client, _ = sign_in(make_account(role="approver"))

    for address in ("totp/activate/", "webauthn/add/", "recovery-codes/generate/"):
        for answer in (
            client.get(f"/accounts/2fa/{address}"),
            client.post(f"/accounts/2fa/{address}", {"code": "1"}),
        ):
            assert answer.url.startswith("/accounts/reauthenticate/"), address


@pytest.mark.slow
def test_with_an_app_the_password_alone_is_not_enough(noon):
    user = make_account(role="approver")
    secret = add_authenticator_app(user)

    client, answer = sign_in(user)

    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert SESSION_KEY not in client.session
    assert not may_open_admin(client)
    assert "Incorrect code" in send_code(client, code_of(secret, NOON - 600)).text
    assert send_code(client, code_of(secret)).url == "/admin/"
    assert may_open_admin(client)


def test_a_code_of_an_app_works_once(noon):
    user = make_account(role="approver")
    secret = add_authenticator_app(user)
    first, second = sign_in(user)[0], sign_in(user)[0]
    send_code(first, code_of(secret))

    answer = send_code(second, code_of(secret))

    assert "Incorrect code" in answer.text
    assert not may_open_admin(second)


@pytest.mark.slow
def test_a_recovery_code_works_once():
    user = make_account(role="approver")
    code = factors.enrol(user)[0]
    first, second = sign_in(user)[0], sign_in(user)[0]

    assert send_code(first, code).url == "/admin/"
    assert "Incorrect code" in send_code(second, code).text
    assert may_open_admin(first)
    assert not may_open_admin(second)


def test_a_session_without_a_factor_stays_outside_when_one_is_set_up_elsewhere():
    user = make_account(role="approver")
    client, _ = sign_in(user)

    add_authenticator_app(user)

    assert not may_open_admin(client)


def test_removing_the_last_factor_closes_the_admin(noon):
    user = make_account(role="approver")
    secret = add_authenticator_app(user)
    client, _ = sign_in(user)
    send_code(client, code_of(secret))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert not may_open_admin(client)


def test_a_passkey_must_verify_the_user_and_not_only_the_device():
    client = Client()

    options = client.get(
        "/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}
    ).json()
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"})

    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    assert answer.url == "/accounts/login/"
    assert not may_open_admin(client)


# A second factor that is lost


def reset_second_factor(user="ada", by="root", reason="Phone stolen; called back"):
    call_command("reset_second_factor", user, by=by, reason=reason)


def test_a_reset_ends_the_sessions_and_is_recorded_with_its_reason():
    user, root = make_account(role="approver"), make_user("root", is_superuser=True)
    client, _ = sign_in(user)
    code = factors.enrol(user)[0]
    client, _ = sign_in(user)
    send_code(client, code)
    assert may_open_admin(client)

    reset_second_factor()

    assert not may_open_admin(client)
    assert not Authenticator.objects.exists()
    recorded = Changeset.objects.first()
    assert (recorded.by, recorded.reason, recorded.source, recorded.kind) == (
        root, "Phone stolen; called back", "command", "account"
    )  # fmt: skip
    removals = FactorRemoval.objects.filter(changeset=recorded)
    assert {removal.factor.kind for removal in removals} == {"totp", "recovery_codes"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"user": "nobody"}, "There is no active user nobody"),
        ({"by": "ada"}, "ada is no administrator"),
        ({"reason": " "}, "The reason is empty"),
        ({}, "ada has no second factor"),
    ],
)
def test_a_reset_that_is_refused_changes_nothing(arguments, message):
    user = make_account(role="approver")
    make_user("root", is_superuser=True)
    if arguments:
        add_authenticator_app(user)

    with pytest.raises(CommandError, match=message):
        reset_second_factor(**arguments)

    assert Authenticator.objects.count() == bool(arguments)
    assert not FactorRemoval.objects.exists()
