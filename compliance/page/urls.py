"""Which URLs may be published as links."""

import re
from urllib.parse import urlsplit, urlunsplit

# The characters of RFC 3986 only. Django's URLValidator accepts quotes and bidirectional controls.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*\Z")
# Labels have at most 63 characters (RFC 1035). The last one has no digit, except in Punycode, so
# that no IP address passes (169.254.169.254 is the metadata service of cloud machines).
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})\Z"
)
# Reserved for private networks and Tor: RFC 6761, 6762, 8375 and 7686, and `.internal` by ICANN.
_PRIVATE_SUFFIXES = (
    ".localhost",
    ".local",
    ".internal",
    ".intranet",
    ".lan",
    ".home.arpa",
    ".onion",
)
_DEFAULT_PORTS = {"https": 443, "http": 80}
URL_MAX_LENGTH = 2000
# A control character in percent-encoding, also encoded more than once (`%250d`): a program that
# decodes the address writes it into a header or a log. U+0080 to U+009F are two bytes of UTF-8.
# `%u000d` is no URL encoding, but what JavaScript's unescape() and some servers decode.
_ENCODED_CONTROL = re.compile(
    r"%(?:25)*(?:[01][0-9a-f]|7f|c2%(?:25)*[89][0-9a-f]|u00(?:[0189][0-9a-f]|7f))", re.IGNORECASE
)
# The bidirectional controls (Unicode TR 9), encoded likewise. Browsers leave them encoded, but not
# every program that shows the address decoded does: it then reads as another one.
_ENCODED_BIDI = re.compile(
    r"%(?:25)*(?:d8%(?:25)*9c|e2%(?:25)*80%(?:25)*(?:8[ef]|a[a-e])|e2%(?:25)*81%(?:25)*a[6-9]"
    r"|u061c|u200[ef]|u202[a-e]|u206[6-9])",
    re.IGNORECASE,
)
# Without `%`, `?` and `&`, by which a link adds recipients (`?bcc=`) or a text to the mail.
_MAILBOX = re.compile(r"[A-Za-z0-9._+'-]{1,64}\Z")
_LIKE_ADDRESS = re.compile(
    r"(?:www\.\S+|[a-z][a-z0-9+.-]*:/+\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/?#]\S*)?)\Z", re.IGNORECASE
)


def looks_like_address(words: str) -> bool:
    """Return whether words are an address that somebody wrote, even without https://."""
    return bool(_LIKE_ADDRESS.match(words))


def url_fault(url: str) -> str | None:
    """Return a sentence that says why a URL may not be published as a link, None where it may.

    A link is https or http, to a public host name with a dot, without user, password, unusual port
    or backslash, in the characters of RFC 3986, at most 2,000 of them, and without control
    characters in percent-encoding. That http is not encrypted is reported by the rule `not-https`
    instead.
    """
    if len(url) > URL_MAX_LENGTH:
        return f"The URL has {len(url)} characters. Use one of at most {URL_MAX_LENGTH}."
    if not _URL_CHARACTERS.match(url):
        return (
            f"{url!r} holds a character that a URL may not hold. "
            "Write a host in Punycode and the rest percent-encoded."
        )
    if fault := encoded_control_fault(url):
        return fault
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"{url} is not a URL: {error}."
    # urlsplit lowers the scheme and does without slashes: it takes `HTTPS://` and `https:path` too.
    if parts.scheme == "mailto" or "@" in parts.path.partition("/")[0]:
        return (
            f"{url} is a mail address, not that of a page. "
            "A contact belongs in a column of text or in the text before the table."
        )
    if parts.scheme not in _DEFAULT_PORTS or not url.startswith(f"{parts.scheme}://"):
        return f"{url} does not begin with https://. Give the whole address."
    # https://known.example@evil.example looks like one host and leads to the other.
    if "@" in parts.netloc:
        return f"{url} holds a user name before the host. Write the address without it."
    if port not in (None, _DEFAULT_PORTS[parts.scheme]):
        return f"{url} names port {port}. Use the default port."
    host = (parts.hostname or "").removesuffix(".")
    if not _HOST.match(host) or f".{host}".endswith(_PRIVATE_SUFFIXES):
        return f"{host or url!r} is not the name of a public host."
    # An empty `?` or `#` is lost here: one document would have two addresses.
    if urlunsplit(parts) != url:
        return f"{url} is not written the usual way. Use {urlunsplit(parts)}."
    return None


def encoded_control_fault(url: str) -> str | None:
    """Return a sentence on a control character that a URL holds percent-encoded, else None."""
    if found := _ENCODED_CONTROL.search(url):
        return (
            f"{url} holds {found[0]}, a control character, with which an address can write lines"
            " of its own into headers and logs. Remove it."
        )
    if found := _ENCODED_BIDI.search(url):
        return (
            f"{url} holds {found[0]}, a control character of direction, with which an address reads"
            " as another one where it is shown decoded. Remove it."
        )
    return None


def mail_address_fault(address: str) -> str | None:
    """Return a sentence that says why a mail address may not be published, None where it may.

    It has letters, digits, dots, hyphens, apostrophes, `+` and `_` before the `@`, and a host name
    with a dot.
    """
    mailbox, _, host = address.rpartition("@")
    if _MAILBOX.match(mailbox) and _HOST.match(host.lower()):
        return None
    return f"{address} is not a plain mail address. Write one such as privacy@example.com."


def link_fault(url: str) -> str | None:
    """Return a sentence that says why a link in a text may not be published, None where it may.

    Beside what `url_fault` admits it may be a mail address (`mailto:`, without subject or further
    recipients), or a path on the site of the register's link base.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        return f"{url} is not a URL: {error}."
    if parts.scheme == "mailto":
        return mail_address_fault(url.partition(":")[2])
    return url_fault(url) if parts.scheme else encoded_control_fault(url)
