"""Which texts may be shown, and the slug of a name."""

import re
import unicodedata
from collections.abc import Container
from urllib.parse import urlsplit, urlunsplit

# Bidirectional controls (Unicode TR 9) and characters without width: what is read must be what is stored.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = frozenset("\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff")
_SPACES = re.compile(r"[ \t]+(?=\n)|(?<=\n)[ \t]+")


def fault(text: str, *, multiline: bool = False) -> str | None:
    """Return a sentence on what makes a text unfit to be shown, or None.

    Refused are control characters, surrogates, noncharacters (U+FFFF ends an Atom feed), bidirectional controls,
    characters without width, blanks at the edges, and anything but Unicode normal form C. A single-line text has no
    line break; in a multiline one no line begins or ends with a blank, because Markdown would drop it.
    """
    for character in text:
        if problem := _character_fault(character, multiline=multiline):
            return f"{problem} (U+{ord(character):04X}) is not allowed. Remove it."
    if text != text.strip():
        return "The text begins or ends with a blank. Remove it."
    if multiline and _SPACES.search(text):
        return "A line begins or ends with a blank. Remove it."
    if not unicodedata.is_normalized("NFC", text):
        return "The text is not in Unicode normal form C. Type it anew instead of pasting it."
    return None


def _character_fault(character: str, *, multiline: bool) -> str | None:
    if character == "\n":
        return None if multiline else "A line break"
    if character in _BIDI:
        return "A character that changes the direction of the text"
    if character in _ZERO_WIDTH:
        return "A character without width"
    if character in "\u2028\u2029":
        return "A line separator"
    category = unicodedata.category(character)
    if category == "Cc":
        return "A control character"
    if category == "Cs" or (category == "Cn" and _is_noncharacter(ord(character))):
        return "A code that is no character"
    return None


def _is_noncharacter(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def slug(name: str) -> str:
    """Return the case-folded name in which each run of other than letters and digits is one `-`, none at the edges.

    Letters of every script stay, with their combining marks: "GLM-4.5" gives "glm-4-5", "Модель 2" gives "модель-2".
    A name without letter or digit gives "unnamed".
    """
    folded = unicodedata.normalize("NFC", name.casefold())
    kept = (character if _stays_in_slug(character) else " " for character in folded)
    return "-".join("".join(kept).split()) or "unnamed"


def _stays_in_slug(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or unicodedata.category(character) == "Nd"


def free_slug(name: str, taken: Container[str]) -> str:
    """Return the slug of a name, with `-2`, `-3`, … where it is taken."""
    wanted, number = slug(name), 1
    candidate = wanted
    while candidate in taken:
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate


_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*\Z")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})\Z")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")
_DEFAULT_PORTS = {"https": 443, "http": 80}
URL_MAX_LENGTH = 2000


def url_fault(url: str) -> str | None:
    """Return a sentence on what makes a URL unfit to be published as a link, or None.

    A link is https or http (http is a finding, not a fault), to a dotted public host name, without user, password,
    odd port or backslash, written in the characters of RFC 3986, at most 2,000 of them.
    """
    if len(url) > URL_MAX_LENGTH:
        return f"The URL has {len(url)} characters. Use one of at most {URL_MAX_LENGTH}."
    if not _URL_CHARACTERS.match(url):
        return (
            f"{url!r} holds a character that a URL may not hold. Write a host in Punycode and the rest percent-encoded."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"{url} is not a URL: {error}."
    if parts.scheme not in _DEFAULT_PORTS or not url.startswith(f"{parts.scheme}://"):
        return f"{url} does not begin with https://. Give the whole address."
    if "@" in parts.netloc:
        return f"{url} holds a user name before the host. Remove it."
    if port not in (None, _DEFAULT_PORTS[parts.scheme]):
        return f"{url} names port {port}. Use the default port."
    host = (parts.hostname or "").removesuffix(".")
    if not _HOST.match(host) or f".{host}".endswith(_PRIVATE_SUFFIXES):
        return f"{host or url!r} is not the name of a public host."
    if urlunsplit(parts) != url:
        return f"{url} is not written the usual way. Use {urlunsplit(parts)}."
    return None
