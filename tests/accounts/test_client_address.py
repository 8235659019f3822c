"""One notion of a client's address, for the sign-in and the API."""

import pytest
from allauth.core.internal import ratelimit
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from compliance.accounts.client_address import client_address, client_network

SENT = "198.51.100.2"


def asked(address: str = SENT, **headers: str):
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize("sent", [SENT, f"{SENT}:4000", f" {SENT} ", f"::ffff:{SENT}"])
def test_an_address_is_the_same_with_a_port(sent, settings):
    assert client_address(asked(sent)) == SENT

    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    assert client_address(asked("127.0.0.1", **{"X-Real-IP": sent})) == SENT


@pytest.mark.parametrize(
    "sent",
    ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4000", "2001:0db8:0::1", "2001:db8::1%e"],
)
def test_an_address_of_version_6_is_the_same_in_every_form(sent):
    assert client_address(asked(sent)) == "2001:db8::1"


@pytest.mark.parametrize("sent", ["", "unix:", "nobody", "198.51.100.2, 198.51.100.3", "1.2.3"])
def test_what_is_no_address_is_nobody(sent, settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"

    assert client_address(asked(**{"X-Real-IP": sent})) is None
    assert client_network(asked(**{"X-Real-IP": sent})) is None


def test_a_request_past_the_proxy_is_nobody_and_cannot_sign_in(settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"

    assert client_address(asked()) is None
    with pytest.raises(PermissionDenied):
        ratelimit.get_ip(asked())


@pytest.mark.parametrize(
    "sent", [SENT, f"{SENT}:4000", "2001:db8:0:0:1::1", "[2001:db8::ffff]:4000", f"::ffff:{SENT}"]
)
def test_the_sign_in_and_the_api_count_the_same_client(sent):
    counted = client_network(asked(sent))

    assert counted == ratelimit.get_ip(asked(sent))
    assert counted in (SENT, "2001:db8::")
