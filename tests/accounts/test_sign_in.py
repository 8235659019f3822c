"""Tests of signing in: throttling, redirects, resetting a password, and the pages."""

import json
import re

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.core import mail
from django.db import connection
from django.test import Client
from fido2.utils import websafe_decode, websafe_encode

from compliance.models import User
from tests.passkeys import add_passkey, as_json
from tests.signing_in import (
    NOON,
    OTHER_PASSWORD,
    PASSWORD,
    add_authenticator_app,
    code_of,
    make_account,
    may_open_admin,
    send_code,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon(time_machine):
    """Stop the clock, because the code of an authenticator app changes every half minute."""
    time_machine.move_to(NOON, tick=False)


# The throttle


@pytest.mark.slow
def test_five_wrong_passwords_lock_an_account_from_any_address():
    ada, eve = make_account("ada", role="editor"), make_account("eve", role="editor")
    for number in range(5):
        sign_in(ada, "wrong", address=f"192.0.2.{number}")

    _, answer = sign_in("ADA", address="192.0.2.77")
    other, _ = sign_in(eve, address="192.0.2.77")

    assert "Too many failed" in answer.text
    assert may_open_admin(other)


@pytest.mark.slow
def test_ten_wrong_passwords_lock_an_address_for_any_account():
    user = make_account(role="editor")
    for number in range(10):
        sign_in(f"guess{number}", "wrong", address="192.0.2.66")

    client, answer = sign_in(user, address="192.0.2.66")
    elsewhere, _ = sign_in(user, address="192.0.2.67")

    assert "Too many failed" in answer.text
    assert not may_open_admin(client)
    assert may_open_admin(elsewhere)


@pytest.mark.slow
def test_the_lock_ends_after_five_minutes(time_machine):
    user = make_account(role="editor")
    time_machine.move_to(NOON)
    for _ in range(6):
        sign_in(user, "wrong")

    time_machine.move_to(NOON + 301)

    assert may_open_admin(sign_in(user)[0])


def test_failed_tries_are_counted_in_the_database():
    sign_in(make_account(), "wrong")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sign_in_counters")
        assert cursor.fetchone()[0] >= 2


@pytest.mark.slow
def test_five_wrong_codes_lock_the_second_factor_from_any_address(noon):
    user = make_account(role="approver")
    secret = add_authenticator_app(user)
    client, _ = sign_in(user)
    for _ in range(5):
        send_code(client, "000000")
    elsewhere, _ = sign_in(user, address="192.0.2.9")

    answer = send_code(elsewhere, code_of(secret))

    assert "Too many failed" in answer.text
    assert not may_open_admin(elsewhere)


def guesses(number, **headers):
    client = Client(REMOTE_ADDR="192.0.2.1", headers=headers)
    return sign_in(f"guess{number}", "wrong", client=client)[1]


@pytest.mark.slow
def test_a_client_cannot_choose_its_address_by_a_header():
    answers = [
        guesses(n, **{"X-Forwarded-For": f"198.51.100.{n}", "X-Real-IP": f"198.51.100.{n}"})
        for n in range(11)
    ]

    assert "Too many failed" in answers[-1].text


@pytest.mark.slow
def test_behind_a_proxy_the_address_comes_from_its_header(settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"

    answers = [guesses(n, **{"X-Real-IP": f"198.51.100.{n}"}) for n in range(11)]

    assert "Too many failed" not in answers[-1].text
    assert guesses(12).status_code == 403  # a request that did not come through the proxy


def test_too_many_password_resets_show_an_error_page(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    client = Client()
    client.raise_request_exception = (
        False  # the form's own page cannot be shown: nothing is collected
    )

    answers = [
        client.post("/accounts/password/reset/", {"email": "ada@example.com"}) for _ in range(6)
    ]

    assert (answers[-1].status_code, answers[-1]["Cache-Control"]) == (429, "no-store, private")
    assert "<h1>Too many tries</h1>" in answers[-1].text


def test_the_sign_in_of_the_admin_redirects_to_the_throttled_form():
    user = make_account(role="editor")
    client = Client()

    answer = client.post("/admin/login/", {"username": user.username, "password": PASSWORD})

    assert answer.url.startswith("/accounts/login/")
    assert not may_open_admin(client)


# Redirects


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:x"]
)
def test_no_sign_in_redirects_to_another_site(elsewhere):
    user = make_account(role="editor")

    client, answer = sign_in(user, next=elsewhere)
    again = client.get("/accounts/login/", {"next": elsewhere})
    out = client.post("/accounts/logout/", {"next": elsewhere})

    assert (answer.url, again.url, out.url) == ("/admin/", "/admin/", "/accounts/login/")


def test_a_sign_in_leads_to_the_page_that_was_asked_for():
    asked = Client().get("/admin/compliance/listing/", follow=True)

    assert "/accounts/login/" in asked.request["PATH_INFO"]
    assert (
        sign_in(make_account(role="editor"), next="/admin/compliance/listing/")[1].url
        == "/admin/compliance/listing/"
    )


def test_the_admin_refuses_users_who_are_not_staff():
    client, _ = sign_in(make_account(is_staff=False))

    assert client.get("/admin/", follow=True).status_code == 403


def test_nobody_signs_up():
    answers = [
        Client().get("/accounts/signup/"),
        Client().post(
            "/accounts/signup/",
            {"username": "mallory", "password1": PASSWORD, "password2": PASSWORD},
        ),
    ]

    assert all("Accounts are made by an administrator" in answer.text for answer in answers)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["email/", "confirm-email/", "confirm-email/x/", "login/code/", "3rdparty/", "sessions/"],
)
def test_unused_addresses_of_allauth_are_not_found(address):
    client, _ = sign_in(make_account(role="editor"))

    assert client.get(f"/accounts/{address}").status_code == 404


# Password reset


def ask_for_reset(address, client=None):
    client = client or Client()
    return client, client.post("/accounts/password/reset/", {"email": address})


def code_in(message) -> str:
    return re.search(r"^[B-Z]{4}-[B-Z]{4}$", message.body, re.MULTILINE)[0]


def set_by_code(client, code):
    client.post("/accounts/password/reset/code/", {"code": code})
    return client.post(
        "/accounts/password/reset/new/", {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    )


def test_a_password_reset_sets_the_password_and_ends_the_sessions():
    user = make_account(role="editor")
    before, _ = sign_in(user)
    client, _ = ask_for_reset(user.email)

    set_by_code(client, code_in(mail.outbox[0]))

    assert not may_open_admin(before)
    assert not may_open_admin(client)
    assert may_open_admin(sign_in(user, OTHER_PASSWORD)[0])
    assert "Your password has been reset" in mail.outbox[1].body


def test_a_password_reset_does_not_replace_the_second_factor():
    user = make_account(role="approver")
    add_authenticator_app(user)
    client, _ = ask_for_reset(user.email)
    set_by_code(client, code_in(mail.outbox[0]))

    client, answer = sign_in(user, OTHER_PASSWORD)

    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert not may_open_admin(client)


def test_a_password_reset_does_not_tell_whether_an_address_is_known():
    make_account("known")
    make_account("left", is_active=False)
    make_account("keyed").set_unusable_password()
    User.objects.filter(username="keyed").update(password="!")
    pages = set()

    for name in ("known", "left", "keyed", "unknown"):
        client, answer = ask_for_reset(f"{name}@example.com")
        page = client.get(answer.url).text.replace(name, "…")
        wrong = client.post(answer.url, {"code": "BBBB-BBBB"}).text.replace(name, "…")
        pages.add((answer.status_code, answer.url, _without_token(page), _without_token(wrong)))

    assert len(pages) == 1
    assert [message.to for message in mail.outbox] == [
        [f"{n}@example.com"] for n in ("known", "left", "keyed", "unknown")
    ]
    assert ["no such account" in message.body for message in mail.outbox] == [
        False,
        True,
        True,
        True,
    ]


def _without_token(page: str) -> str:
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_three_wrong_codes_end_a_password_reset():
    user = make_account(role="editor")
    client, _ = ask_for_reset(user.email)
    for _ in range(3):
        client.post("/accounts/password/reset/code/", {"code": "XXXX-XXXX"})

    set_by_code(client, code_in(mail.outbox[0]))

    assert may_open_admin(sign_in(user)[0])


def test_a_reset_code_works_only_in_the_session_that_asked_for_it():
    user = make_account(role="editor")
    ask_for_reset(user.email)

    set_by_code(Client(), code_in(mail.outbox[0]))

    assert may_open_admin(sign_in(user)[0])


def test_a_failing_mail_server_changes_no_response(monkeypatch, caplog):
    user = make_account()
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self: 1 / 0)

    answers = [ask_for_reset(address)[1] for address in (user.email, "unknown@example.com")]

    assert len({(answer.status_code, answer.url) for answer in answers}) == 1
    assert "could not be sent" in caplog.text


# Pages


PAGES = [
    "login/", "password/reset/", "signup/", "inactive/", "logout/", "password/change/",
    "reauthenticate/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_have_no_inline_scripts_or_styles_and_are_not_cached(page):
    client = Client()
    if page not in PAGES[:4]:
        client, _ = sign_in(make_account(role="approver"))
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answer = client.get(f"/accounts/{page}")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "publickey-credentials-get=(self)" in answer.headers["Permissions-Policy"]
    assert " style=" not in answer.text
    assert not re.search(r" on[a-z]+=", answer.text)
    assert all(
        "src=" in script or "json" in script for script in re.findall("<script[^>]*>", answer.text)
    )
    labels = set(re.findall('<label for="([^"]*)"', answer.text))
    assert (
        set(
            re.findall(
                '<input type="(?:text|password|email|checkbox)"[^>]* id="([^"]*)"', answer.text
            )
        )
        <= labels
    )


def test_public_pages_do_not_allow_passkeys():
    assert "publickey-credentials-get=()" in Client().get("/").headers["Permissions-Policy"]


@pytest.mark.slow
def test_a_passkey_opens_a_name_that_strangers_have_closed():
    ada = make_account("ada", role="editor")
    passkey = add_passkey(ada, "Laptop")
    for number in range(12):
        sign_in(ada, "wrong", address=f"192.0.2.{number}")
    _, refused = sign_in(ada, address="192.0.2.77")

    client = Client(REMOTE_ADDR="192.0.2.77")
    options = client.get(
        "/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}
    ).json()
    challenge = websafe_decode(options["request_options"]["publicKey"]["challenge"])
    assertion = json.loads(as_json(passkey.sign(challenge.hex())))
    assertion["response"]["userHandle"] = websafe_encode(user_pk_to_url_str(ada).encode())
    client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(assertion)})

    assert "Too many failed" in refused.text
    assert "A passkey opens your account all the same." in " ".join(refused.text.split())
    assert may_open_admin(client)
