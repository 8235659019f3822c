"""The address of a client, by which the sign-in and the API count requests."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# Whoever has one IPv6 address has all of its network (RFC 6177).
_IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the client without its port, None if it is not known.

    It comes from the header of the proxy if the settings name one. A request without that header
    did not come through the proxy, and its client is not known.
    """
    header = settings.CLIENT_ADDRESS_HEADER
    sent = request.headers.get(header) if header else request.META.get("REMOTE_ADDR")
    return _parsed(sent or "")


def client_network(request: HttpRequest) -> str | None:
    """Return what is counted as one client: its IPv4 address, or the network of its IPv6 address.

    Returns None if the client is not known.
    """
    address = client_address(request)
    if address and ":" in address:
        return str(ip_network(f"{address}/{_IPV6_PREFIX}", strict=False).network_address)
    return address


def _parsed(sent: str) -> str | None:
    text = sent.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or address)
    return str(address)
