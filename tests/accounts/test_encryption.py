"""compliance.accounts.encryption: a copy of the database opens no account."""

import re

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from compliance.accounts import encryption, factors
from tests.signing_in import (
    add_authenticator_app,
    code_of,
    make_account,
    may_open_admin,
    send_code,
    sign_in_by_password,
)

pytestmark = pytest.mark.django_db

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def keys(settings):
    """Return a function that sets the keys of the server."""

    def set_keys(*keys):
        settings.FACTOR_KEYS = list(keys)

    set_keys(OLD)
    return set_keys


def stored():
    return " ".join(str(factor.data) for factor in Authenticator.objects.all())


def test_no_secret_of_a_factor_is_readable_in_the_database(keys):
    user = make_account(role="editor")
    codes = factors.enrol(user)
    secret = add_authenticator_app(make_account("ben", role="editor"))

    assert secret not in stored()
    assert not [code for code in codes if code in stored()]
    values = [
        factor.data[name]
        for factor in Authenticator.objects.all()
        for name in ("secret", "seed")
        if name in factor.data
    ]
    assert len(values) == 3
    assert secret in map(encryption.decrypt, values)


def test_an_app_works_with_the_key_that_it_was_stored_with(keys, time_machine):
    time_machine.move_to(1_790_000_000, tick=False)
    user = make_account(role="editor")
    secret = add_authenticator_app(user)
    keys(NEW, OLD)  # the keys are being replaced

    client, _ = sign_in_by_password(user)
    send_code(client, code_of(secret))

    assert may_open_admin(client)


def test_a_factor_under_a_lost_key_is_told_in_a_sentence_and_can_be_reset(keys):
    user = make_account(role="editor")
    code = factors.enrol(user)[0]
    keys(NEW)

    client, _ = sign_in_by_password(user)
    answer = send_code(client, code)

    assert answer.status_code == 200
    assert "Ask an administrator to reset your second factor" in answer.text
    assert factors.reset(user) == 2


def test_the_keys_are_replaced_by_a_command(keys, capsys):
    user = make_account(role="editor")
    code = factors.enrol(user)[0]
    before = stored()
    keys(NEW, OLD)

    call_command("rotate_factor_keys")
    keys(NEW)

    assert "2 second factors" in capsys.readouterr().out
    assert before != stored()
    client, _ = sign_in_by_password(user)
    send_code(client, code)
    assert may_open_admin(client)


def test_a_command_without_the_old_key_changes_nothing(keys):
    factors.enrol(make_account(role="editor"))
    before = stored()
    keys(NEW)

    with pytest.raises(CommandError, match="none of FACTOR_KEYS"):
        call_command("rotate_factor_keys")

    assert stored() == before


@pytest.mark.parametrize("key", ["short", "ä" * 44, "a" * 44])
def test_a_key_that_is_none_is_named_without_being_shown(keys, key):
    keys(key)

    with pytest.raises(ImproperlyConfigured, match="FACTOR_KEYS") as refused:
        encryption.encrypt("x")
    assert key not in str(refused.value)
    assert re.search(r"python3 -c", encryption.keys_fault())


def test_only_a_demonstration_needs_no_key(keys, settings):
    keys()
    assert "FACTOR_KEYS is not set" in encryption.keys_fault()
    settings.DEMO = True
    assert encryption.decrypt(encryption.encrypt("x")) == "x"


def test_the_page_of_factors_opens_with_a_lost_key(keys):
    user = make_account(role="editor")
    factors.enrol(user)
    client = Client()
    client.force_login(user)
    keys(NEW)

    assert client.get("/accounts/2fa/").status_code == 200
