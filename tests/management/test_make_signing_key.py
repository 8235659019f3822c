"""manage.py make_signing_key, and what a start says about the key."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from compliance.checks import public_log_can_be_signed
from compliance.published.log import encode_log, sign_log
from compliance.published.signed_note import SigningKey
from registry.startup import require_signing_key
from tests.published.test_log import log_of
from tests.stores import publish, put, snapshot


def sign(key):
    """Publish a page whose log a key signed."""
    put("log.json", encode_log(sign_log(key, log_of(publish(snapshot())).leaf_hashes)))


def test_a_key_is_made_once_and_its_public_part_printed(settings, capsys):
    settings.SITE_URL = "https://privacy.example.com:8443"

    call_command("make_signing_key")
    made = settings.SIGNING_KEY_FILE.read_text()
    call_command("make_signing_key")

    assert settings.SIGNING_KEY_FILE.read_text() == made
    assert settings.SIGNING_KEY_FILE.stat().st_mode & 0o777 == 0o600
    key = SigningKey.parse(made)
    assert key.name == "privacy.example.com:8443/log"
    assert capsys.readouterr().out == f"{key.verifier_key}\n" * 2


def test_a_file_that_holds_something_else_is_not_overwritten(settings):
    settings.SITE_URL = "https://privacy.example.com"
    settings.SIGNING_KEY_FILE.write_text("Mine\n")

    with pytest.raises(CommandError, match="holds no signing key"):
        call_command("make_signing_key")

    assert settings.SIGNING_KEY_FILE.read_text() == "Mine\n"


def test_a_key_needs_the_name_of_the_site(settings):
    settings.SITE_URL = ""

    with pytest.raises(CommandError, match="gives the log its name"):
        call_command("make_signing_key")

    assert not settings.SIGNING_KEY_FILE.exists()


def test_a_start_needs_no_key_before_something_was_signed(settings):
    publish(snapshot())

    require_signing_key()

    assert [warning.id for warning in public_log_can_be_signed()] == ["compliance.W002"]


def test_a_start_with_the_key_of_the_log_is_let_through(signing_key):
    sign(signing_key)

    require_signing_key()

    assert public_log_can_be_signed() == []


def test_a_start_over_a_log_that_another_key_signed_is_refused(settings, signing_key):
    sign(SigningKey.generate(signing_key.name))
    with pytest.raises(ImproperlyConfigured, match="which is not in SIGNING_KEY_FILE"):
        require_signing_key()

    settings.SIGNING_KEY_FILE.unlink()
    with pytest.raises(ImproperlyConfigured, match="which is not in SIGNING_KEY_FILE"):
        require_signing_key()


def test_a_start_with_a_damaged_key_is_refused(settings):
    settings.SIGNING_KEY_FILE.write_text("?")

    with pytest.raises(ImproperlyConfigured, match="holds no signing key"):
        require_signing_key()
    assert [error.id for error in public_log_can_be_signed()] == ["compliance.E010"]
