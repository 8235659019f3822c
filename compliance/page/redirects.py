"""Addresses that lead through another site: who they tell of a reader's click, and where they lead.

A mail program or a search engine puts its own address before the one that a page means to give.
"""

import base64
import binascii
import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

# They give no hint of where they lead. Left out are those of one company, such as aka.ms.
_SHORTENERS = {
    "amzn.to", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "clck.ru", "cutt.ly", "dlvr.it",
    "dub.sh", "fb.me", "goo.gl", "is.gd", "l.ead.me", "lnkd.in", "n9.cl", "ow.ly", "ouo.io",
    "plnk.to", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "short.gy", "shorturl.at", "soo.gd",
    "surl.li", "t.co", "t.ly", "t1p.de", "tiny.cc", "tiny.one", "tinyurl.com", "trib.al",
    "u.to", "urlz.fr", "v.gd",
}  # fmt: skip
# Copies that are kept for good show what was said on a day, so that they are linked on purpose.
_ARCHIVES = {
    "web.archive.org", "archive.org", "archive.ph", "archive.today", "archive.is", "perma.cc",
    "webcitation.org", "webarchive.nationalarchives.gov.uk", "arquivo.pt",
}  # fmt: skip
# Parameters that say where a reader comes from, not where the address leads.
_ORIGINS = {"from", "origin", "ref", "referer", "referrer", "source", "utm_source", "via"}
_ADDRESS = re.compile(r"https?:/{1,2}[^/\s]", re.IGNORECASE)
_MIMECAST = re.compile(r"(?:protect|url)[a-z0-9.-]*\.mimecast(?:protect)?\.com\Z")
_TRANSLATED = re.compile(r"(?P<host>[a-z0-9-]+)\.translate\.goog\Z")
# `search?q=cache:` and, in some addresses, the key of the copy stand before the address.
_CACHED = re.compile(r"cache:(?:[\w-]{12}:)?(?P<url>\S+)")
_BING = re.compile(r"a1([A-Za-z0-9_-]+)\Z")
_URLDEFENSE = re.compile(r"/v3/__(https?:/{1,2}.+?)__;")
# A redirector may lead to another.
_MOST_STEPS = 4


def redirector(url: str) -> tuple[str, str | None] | None:
    """Return the host that an address leads through, and the address it leads to if it says so.

    None for an address that leads straight to what it names, for a copy in an archive, and for one
    within the same site.
    """
    parts = _split(url)
    if parts is None:
        return None
    host, target = _host(parts), _target(parts)
    if target is None:
        return (host, None) if host in _SHORTENERS or _is_opaque(parts) else None
    for _ in range(_MOST_STEPS):
        inner = _split(target)
        target = (_target(inner) if inner else None) or target
    return host, target


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def _is_bing(parts: SplitResult) -> bool:
    return _host(parts) == "bing.com" and parts.path.startswith("/ck/")


def _is_opaque(parts: SplitResult) -> bool:
    """Return whether an address leads elsewhere without saying where."""
    is_mimecast = parts.path.startswith("/s/") and _MIMECAST.match(_host(parts))
    return (
        bool(is_mimecast)
        or _is_bing(parts)
        or (_host(parts), parts.path)
        in (
            ("baidu.com", "/link"),
            ("urldefense.com", parts.path),
            ("urldefense.proofpoint.com", parts.path),
        )
    )


def _target(parts: SplitResult) -> str | None:
    """Return the address of another site that an address holds."""
    if _host(parts) in _ARCHIVES:
        return None
    if shown := _translated(parts) or _cached(parts):
        return shown
    for found in _addresses_in(parts):
        address = _completed(found)
        inner = _split(address) if address else None
        if inner and _site(_host(inner)) != _site(_host(parts)):
            return address
    return None


def _translated(parts: SplitResult) -> str | None:
    """Return the address of the page that Google translates under a host made of its host."""
    match = _TRANSLATED.match(_host(parts))
    if not match:
        return None
    host = match["host"].replace("--", "\0").replace("-", ".").replace("\0", "-")
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = urlencode([(name, value) for name, value in query if not name.startswith("_x_tr_")])
    shown: str = urlunsplit(("https", host, parts.path, kept, parts.fragment))
    return shown


def _cached(parts: SplitResult) -> str | None:
    """Return the address of the page whose passing copy a search engine shows."""
    if _host(parts) != "webcache.googleusercontent.com":
        return None
    searched = dict(parse_qsl(parts.query)).get("q", "")
    match = _CACHED.match(searched)
    if not match:
        return None
    address: str = match["url"]
    return address if _ADDRESS.match(address) else f"https://{address}"


def _addresses_in(parts: SplitResult) -> list[str]:
    """Return what may be an address in the query and the path of another."""
    query = parse_qsl(parts.query, keep_blank_values=True)
    own = [value for name, value in query if name == "u"]
    if _is_bing(parts):
        return [_decoded(value) for value in own]
    if _host(parts) == "urldefense.proofpoint.com":
        return [unquote(value.replace("-", "%").replace("_", "/")) for value in own]
    if _host(parts) == "urldefense.com":
        match = _URLDEFENSE.match(parts.path)
        # A `*` stands for a character that is given in another way behind it.
        return [match[1]] if match and "*" not in match[1] else []
    values = [value for name, value in query if name.casefold() not in _ORIGINS]
    if not query or query[0][1] == "":
        # `href.li/?https://…` has the address in place of a name.
        values.append(unquote(parts.query))
    path = unquote(parts.path)
    if found := _ADDRESS.search(path):
        behind = f"?{parts.query}" if parts.query else ""
        values.append(path[found.start() :] + behind)
    return values


def _decoded(value: str) -> str:
    """Return the address that Bing gives in base64, "" for anything else."""
    match = _BING.match(value)
    try:
        padded = match[1] + "=" * (-len(match[1]) % 4) if match else ""
        return base64.urlsafe_b64decode(padded).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _completed(found: str) -> str | None:
    """Return an address with both slashes, which some redirectors make one; None for another."""
    if not _ADDRESS.match(found):
        return None
    scheme, _, rest = found.partition(":")
    return f"{scheme.casefold()}://{rest.lstrip('/')}"


def _site(host: str) -> str:
    """Return the site that a host belongs to, as far as the end of its name tells it."""
    labels = host.split(".")
    # `co.uk` and `com.br` are no sites.
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-count:])
