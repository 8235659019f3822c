"""Signing in under /accounts/: how often one may try, where one lands, a password that is lost, the pages."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from compliance.models import User
from tests.signing_in import (
    ANOTHER,
    NOON,
    PASSWORD,
    account,
    code_of,
    gets_in,
    show,
    sign_in,
    with_app,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon(time_machine):
    """Hold the clock, so that a code is the code of its half minute."""
    time_machine.move_to(NOON, tick=False)


# The throttle


def test_five_wrong_passwords_close_an_account_whatever_the_address():
    ada, eve = account("ada", role="editor"), account("eve", role="editor")
    for number in range(5):
        sign_in(ada, "wrong", address=f"192.0.2.{number}")

    _, answer = sign_in("ADA", address="192.0.2.77")
    other, _ = sign_in(eve, address="192.0.2.77")

    assert "Too many failed" in answer.text
    assert gets_in(other)


def test_ten_wrong_passwords_close_an_address_whatever_the_account():
    user = account(role="editor")
    for number in range(10):
        sign_in(f"guess{number}", "wrong", address="192.0.2.66")

    client, answer = sign_in(user, address="192.0.2.66")
    elsewhere, _ = sign_in(user, address="192.0.2.67")

    assert "Too many failed" in answer.text
    assert not gets_in(client)
    assert gets_in(elsewhere)


def test_the_throttle_opens_again(time_machine):
    user = account(role="editor")
    time_machine.move_to(NOON)
    for _ in range(6):
        sign_in(user, "wrong")

    time_machine.move_to(NOON + 301)

    assert gets_in(sign_in(user)[0])


def test_the_counters_are_in_the_database():
    sign_in(account(), "wrong")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sign_in_counters")
        assert cursor.fetchone()[0] >= 2


def test_five_wrong_codes_close_the_second_factor_whatever_the_address(noon):
    user = account(role="approver")
    secret = with_app(user)
    client, _ = sign_in(user)
    for _ in range(5):
        show(client, "000000")
    elsewhere, _ = sign_in(user, address="192.0.2.9")

    answer = show(elsewhere, code_of(secret))

    assert "Too many failed" in answer.text
    assert not gets_in(elsewhere)


def guesses(number, **headers):
    client = Client(REMOTE_ADDR="192.0.2.1", headers=headers)
    return sign_in(f"guess{number}", "wrong", client=client)[1]


def test_a_client_does_not_choose_its_address():
    answers = [
        guesses(n, **{"X-Forwarded-For": f"198.51.100.{n}", "X-Real-IP": f"198.51.100.{n}"})
        for n in range(11)
    ]

    assert "Too many failed" in answers[-1].text


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_names(settings):
    settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER = "X-Real-IP"

    answers = [guesses(n, **{"X-Real-IP": f"198.51.100.{n}"}) for n in range(11)]

    assert "Too many failed" not in answers[-1].text
    assert guesses(12).status_code == 403  # not past the proxy


def test_too_many_requests_to_reset_a_password_get_an_error_page(settings, tmp_path):
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


def test_the_admin_has_no_form_beside_the_throttled_one():
    user = account(role="editor")
    client = Client()

    answer = client.post("/admin/login/", {"username": user.username, "password": PASSWORD})

    assert answer.url.startswith("/accounts/login/")
    assert not gets_in(client)


# Where one lands


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:x"]
)
def test_nobody_is_led_to_another_site(elsewhere):
    user = account(role="editor")

    client, answer = sign_in(user, next=elsewhere)
    again = client.get("/accounts/login/", {"next": elsewhere})
    out = client.post("/accounts/logout/", {"next": elsewhere})

    assert (answer.url, again.url, out.url) == ("/admin/", "/admin/", "/accounts/login/")


def test_one_lands_where_one_wanted_to_go():
    wanted = Client().get("/admin/compliance/listing/", follow=True)

    assert "/accounts/login/" in wanted.request["PATH_INFO"]
    assert (
        sign_in(account(role="editor"), next="/admin/compliance/listing/")[1].url
        == "/admin/compliance/listing/"
    )


def test_whoever_is_no_staff_is_told_so():
    client, _ = sign_in(account(is_staff=False))

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
def test_no_address_of_allauth_that_we_do_not_use_is_there(address):
    client, _ = sign_in(account(role="editor"))

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
        "/accounts/password/reset/new/", {"password1": ANOTHER, "password2": ANOTHER}
    )


def test_a_reset_gives_a_new_password_and_ends_the_sessions_of_the_old_one():
    user = account(role="editor")
    before, _ = sign_in(user)
    client, _ = ask_for_reset(user.email)

    set_by_code(client, code_in(mail.outbox[0]))

    assert not gets_in(before)
    assert not gets_in(client)
    assert gets_in(sign_in(user, ANOTHER)[0])
    assert "Your password has been reset" in mail.outbox[1].body


def test_a_reset_does_not_stand_in_for_the_second_factor():
    user = account(role="approver")
    with_app(user)
    client, _ = ask_for_reset(user.email)
    set_by_code(client, code_in(mail.outbox[0]))

    client, answer = sign_in(user, ANOTHER)

    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert not gets_in(client)


def test_a_reset_does_not_tell_whether_an_address_is_known():
    account("known")
    account("left", is_active=False)
    account("keyed").set_unusable_password()
    User.objects.filter(username="keyed").update(password="!")
    pages = set()

    for name in ("known", "left", "keyed", "unknown"):
        client, answer = ask_for_reset(f"{name}@example.com")
        page = client.get(answer.url).text.replace(name, "…")
        wrong = client.post(answer.url, {"code": "BBBB-BBBB"}).text.replace(name, "…")
        pages.add((answer.status_code, answer.url, _untold(page), _untold(wrong)))

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


def _untold(page: str) -> str:
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_three_wrong_codes_end_a_reset():
    user = account(role="editor")
    client, _ = ask_for_reset(user.email)
    for _ in range(3):
        client.post("/accounts/password/reset/code/", {"code": "XXXX-XXXX"})

    set_by_code(client, code_in(mail.outbox[0]))

    assert gets_in(sign_in(user)[0])


def test_a_code_is_good_only_where_it_was_asked_for():
    user = account(role="editor")
    ask_for_reset(user.email)

    set_by_code(Client(), code_in(mail.outbox[0]))

    assert gets_in(sign_in(user)[0])


def test_a_mail_server_that_fails_keeps_nobody_out_and_tells_nothing(monkeypatch, caplog):
    user = account()
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self: 1 / 0)

    answers = [ask_for_reset(address)[1] for address in (user.email, "unknown@example.com")]

    assert len({(answer.status_code, answer.url) for answer in answers}) == 1
    assert "could not be sent" in caplog.text


# Pages


PAGES = [
    "login/", "password/reset/", "signup/", "inactive/", "logout/", "password/change/", "reauthenticate/", "2fa/",
    "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_need_no_inline_script_or_style_and_are_not_kept(page):
    client = Client()
    if page not in PAGES[:4]:
        client, _ = sign_in(account(role="approver"))
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


def test_public_pages_allow_no_passkey():
    assert "publickey-credentials-get=()" in Client().get("/").headers["Permissions-Policy"]
