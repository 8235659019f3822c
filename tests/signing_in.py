"""Helpers that sign in over HTTP, as a person does: username and password, then a code."""

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import SESSION_KEY
from django.test import Client

from compliance.models import User
from tests.factories import make_user

PASSWORD = "a-quite-long-password-7"
OTHER_PASSWORD = "another-long-password-8"
NOON = 1_790_000_000  # any moment, as a Unix time: codes of an app depend on it


def make_account(name="ada", **values) -> User:
    return make_user(name, password=PASSWORD, email=f"{name}@example.com", **values)


def sign_in_by_password(user, password=PASSWORD, *, client=None, address="192.0.2.1", **query):
    """Send username and password; return the client and the response."""
    client = client or Client(REMOTE_ADDR=address)
    return client, client.post(
        "/accounts/login/",
        {"login": user if isinstance(user, str) else user.username, "password": password, **query},
    )


def sign_in(*arguments, **values):
    """Sign in as above, and show a second factor where the password was right."""
    client, answer = sign_in_by_password(*arguments, **values)
    if SESSION_KEY in client.session:
        session = client.session
        record = {"method": "mfa", "type": "totp", "at": time.time()}
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            *session.get(AUTHENTICATION_METHODS_SESSION_KEY, []),
            record,
        ]
        session.save()
    return client, answer


def send_code(client, code):
    """Send a code as the second factor."""
    return client.post("/accounts/2fa/authenticate/", {"code": code})


def add_authenticator_app(user) -> str:
    """Give a user an authenticator app; return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret, at=NOON) -> str:
    return format_hotp_value(hotp_value(secret, at // 30))


def may_open_admin(client) -> bool:
    return client.get("/admin/").status_code == 200
