"""compliance.accounts.passkeys: whose passkeys, and what counts as a signature."""

import json
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from compliance.accounts.factors import reset
from compliance.accounts.passkeys import (
    InvalidSignature,
    PasskeyAssertion,
    host_obstacle,
    passkeys_of,
    request_options,
    verify_assertion,
)
from compliance.audit.accounts import factor_faults
from compliance.models.accounts import FactorRemoval, RecordedFactor
from compliance.models.changesets import changeset
from tests.factories import make_user
from tests.passkeys import HOST, UP, UV, SoftwarePasskey, add_passkey, as_json

HASH = "ab" * 32
OTHER_HASH = "cd" * 32


@pytest.fixture
def passkey():
    return SoftwarePasskey()


def recorded(passkey):
    return RecordedFactor(public_key=passkey.public_key, credential_id=passkey.credential_id)


def verify(passkey, assertion, *, signed=HASH, rp_id=HOST):
    verify_assertion(
        recorded(passkey),
        challenge=bytes.fromhex(signed),
        authenticator_data=assertion.authenticator_data,
        client_data=assertion.client_data,
        signature=assertion.signature,
        rp_id=rp_id,
    )


@pytest.mark.parametrize("rp_id", [HOST, None], ids=["asked now", "asked long ago"])
def test_a_signature_by_the_recorded_passkey_is_accepted(passkey, rp_id):
    verify(passkey, passkey.sign(HASH), rp_id=rp_id)


@pytest.mark.parametrize(
    ("host", "name"),
    [("10.0.0.7", "10.0.0.7"), ("127.0.0.1:8000", "127.0.0.1"), ("[::1]:8000", "::1")],
)
def test_an_ip_address_is_said_to_have_no_passkeys(host, name):
    assert f"because {name} is an IP address" in host_obstacle(host)


@pytest.mark.parametrize("host", ["localhost:8000", "privacy.example.com", "10.example.com:443"])
def test_a_host_name_has_passkeys(host):
    assert host_obstacle(host) == ""


@pytest.mark.django_db
def test_the_page_that_adds_a_passkey_says_so_under_an_ip_address(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(make_user("ada"))

    def page(host):
        return client.get(reverse("mfa_add_webauthn"), headers={"host": host}).text

    assert "because 10.0.0.7 is an IP address" in page("10.0.0.7")
    assert "is an IP address" not in page("registry.eu")


@pytest.mark.parametrize("origin", ["http://localhost", "http://localhost:8000"])
def test_a_page_on_this_machine_needs_no_https(origin):
    passkey = SoftwarePasskey("localhost")

    verify(passkey, passkey.sign(HASH, origin=origin), rp_id="localhost")


@pytest.mark.parametrize("rp_id", [HOST, None], ids=["asked now", "asked long ago"])
@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ({"type": "webauthn.create"}, "other than a signature"),
        ({"cross_origin": True}, "another site"),
        ({"origin": f"http://{HOST}"}, "another site"),
        ({"origin": "https://evil.example"}, "another site"),
        ({"origin": f"https://{HOST}.evil.example"}, "another site"),
        ({"origin": f"https://sub.{HOST}"}, "another site"),
        ({"origin": "https://[evil"}, "malformed"),
        ({"flags": UV}, "Nobody touched"),
        ({"flags": UP}, "did not verify who"),
    ],
)
def test_what_is_no_signature_of_this_site_is_refused(passkey, signature, said, rp_id):
    with pytest.raises(InvalidSignature, match=said):
        verify(passkey, passkey.sign(HASH, **signature), rp_id=rp_id)


def test_a_signature_for_another_host_is_refused(passkey):
    with pytest.raises(InvalidSignature, match="another site"):
        verify(passkey, passkey.sign(HASH), rp_id="registry.example")


def test_a_signature_of_another_hash_is_refused(passkey):
    with pytest.raises(InvalidSignature, match="signed something else"):
        verify(passkey, passkey.sign(OTHER_HASH))


def test_a_signature_by_another_passkey_is_refused(passkey):
    with pytest.raises(InvalidSignature, match="not by this passkey"):
        verify(passkey, SoftwarePasskey().sign(HASH))


@pytest.mark.parametrize("part", ["authenticator_data", "client_data", "signature"])
def test_a_signature_whose_parts_were_altered_is_refused(passkey, part):
    signature, other = passkey.sign(HASH), passkey.sign(HASH, origin=f"https://{HOST}:444")
    parts = {
        # the counter, which nothing but the signature protects
        "authenticator_data": signature.authenticator_data[:-1] + b"\x07",
        "client_data": other.client_data,
        "signature": other.signature,
    }

    with pytest.raises(InvalidSignature, match="not by this passkey"):
        verify(passkey, replace(signature, **{part: parts[part]}))


@pytest.mark.parametrize(
    "parts",
    [
        {"client_data": b""},
        {"client_data": b"{}"},
        {"client_data": b"[" * 100_000},
        {"client_data": b'{"type":"webauthn.get","challenge":"","origin":1}'},
        {"authenticator_data": b""},
        {"authenticator_data": bytes(36)},
        {"authenticator_data": bytes(32) + b"\xc5" + bytes(4) + b"\x81" * 5_000},
    ],
)
def test_a_malformed_signature_is_refused(passkey, parts):
    with pytest.raises(InvalidSignature, match="malformed"):
        verify(passkey, replace(passkey.sign(HASH), **parts))


@pytest.mark.parametrize("key", [b"", b"\xa0", b"\x01", b"\xa1\x03\x26"])
def test_a_recorded_key_that_is_none_verifies_nothing(passkey, key):
    factor, signature = RecordedFactor(public_key=key), passkey.sign(HASH)

    with pytest.raises(InvalidSignature):
        verify_assertion(
            factor,
            challenge=bytes.fromhex(HASH),
            authenticator_data=signature.authenticator_data,
            client_data=signature.client_data,
            signature=signature.signature,
            rp_id=HOST,
        )


def test_the_answer_of_a_browser_is_read(passkey):
    signature = passkey.sign(HASH)

    assert PasskeyAssertion.from_json(as_json(signature), rp_id=HOST) == signature


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '{"rawId": "AA"}', '{"id": "AA", "rawId": "AB"}', "[" * 100_000],
)
def test_another_answer_of_a_browser_is_refused(text):
    with pytest.raises(InvalidSignature, match="no signature by a passkey"):
        PasskeyAssertion.from_json(text, rp_id=HOST)


def test_the_browser_is_asked_to_verify_the_person_and_to_sign_the_hash(passkey):
    options = request_options(HASH, [recorded(passkey)], rp_id=HOST)["publicKey"]

    assert options["userVerification"] == "required"
    assert options["rpId"] == HOST
    assert options["challenge"] == "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"  # base64url
    assert [key["type"] for key in options["allowCredentials"]] == ["public-key"]
    json.dumps(options)


@pytest.mark.django_db
def test_a_user_signs_with_passkeys_that_the_record_holds():
    ada, eve = make_user("ada"), make_user("eve")
    passkeys = [add_passkey(ada, name) for name in ("Laptop", "Phone", "Lost")]
    add_passkey(eve, "Another person's")
    *_, lost = factors = passkeys_of(ada)
    assert [factor.name for factor in factors] == ["Laptop", "Phone", "Lost"]
    assert bytes(factors[0].credential_id) == passkeys[0].credential_id

    with changeset(by=ada, reason="Lost it"):
        FactorRemoval(factor=lost).save()
    assert [factor.name for factor in passkeys_of(ada)] == ["Laptop", "Phone"]

    # Past the signal that records a removal
    Authenticator.objects.filter(user=ada, data__name="Phone")._raw_delete("default")
    assert [factor.name for factor in passkeys_of(ada)] == ["Laptop", "Phone"]

    # Whoever lost them can decide again after a reset, and then nothing is left that lacks a row.
    reset(ada)
    assert passkeys_of(ada) == []
    assert list(factor_faults()) == []
