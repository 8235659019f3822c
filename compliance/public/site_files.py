"""Files that browsers and crawlers look for at fixed addresses of every site.

They are robots.txt, sitemap.xml, llms.txt, security.txt and favicon.ico. All addresses in them are
absolute. They begin with SITE_URL or, if that is not set, with the host of the request.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import chain, islice
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from compliance.page.inline import escape
from compliance.public.context import PublicationContext, RegisterContext
from compliance.public.errors import public
from compliance.public.metadata import ABOUT
from compliance.public.responses import settings_response, site_response
from compliance.published import reader
from compliance.published.index import Index, moment_text
from compliance.published.log import PublicLog
from compliance.published.offerings import PartyKind, read_histories

_TEXT = "text/plain; charset=utf-8"
# A sitemap holds at most 50,000 addresses (https://www.sitemaps.org/protocol.html).
_MOST_ADDRESSES = 50_000
# RFC 9116 recommends less than a year, so that nobody relies on an old copy.
_VALIDITY = timedelta(days=180)


@public
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers where the sitemap is and which pages to leave out."""
    home = reverse("public:home")
    # The last two take filters, which can be combined without end.
    disallowed = [reverse("admin:index"), f"{home}accounts/", f"{home}*/fit/?", f"{home}*/filter/?"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in disallowed)]
    lines += ["", f"Sitemap: {_absolute(request, reverse('public:sitemap'))}", ""]
    return settings_response("\n".join(lines).encode(), _TEXT)


@public
def security(request: HttpRequest) -> HttpResponse:
    """Tell security researchers whom to contact (RFC 9116).

    The file expires at a midnight, so that caches see it change only once a day.
    """
    expires = datetime.combine(timezone.now().astimezone(UTC).date() + _VALIDITY, time(), UTC)
    contact = (
        settings.SECURITY_CONTACT or settings.SITE_URL or _absolute(request, reverse("public:home"))
    )
    lines = [f"Contact: {contact}", f"Expires: {moment_text(expires)}", "Preferred-Languages: en"]
    if settings.SITE_URL:
        lines.append(f"Canonical: {_absolute(request, reverse('public:security'))}")
    return settings_response("\n".join([*lines, ""]).encode(), _TEXT)


@public
def favicon(request: HttpRequest) -> HttpResponse:
    """Return the icon for browsers that read no link to it; `icon.svg` is the same drawing."""
    return settings_response(_icon(), "image/vnd.microsoft.icon")


@cache
def _icon() -> bytes:
    return Path(str(finders.find("compliance/icon.ico"))).read_bytes()


@public
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the pages for search engines, each with the time at which its register last changed."""
    versions, at = reader.index_versions(), timezone.now()
    indexes = _visible(at)
    shown = [index for index in indexes if index.in_force(at)]
    # The home page shows a single register under the register's own canonical address.
    home = [] if len(shown) == 1 else [(reverse("public:home"), None)]
    pages = chain(home, *(_pages(index, at) for index in indexes))
    entries = [
        {
            "address": _absolute(request, path),
            "changed_at": moment_text(changed_at) if changed_at else "",
        }
        for path, changed_at in islice(pages, _MOST_ADDRESSES)
    ]
    content = render_to_string("public/sitemap.xml", {"pages": entries}).encode()
    return site_response(content, "application/xml", indexes, versions=versions, at=at)


def _pages(index: Index, at: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the paths of a register's pages with the time at which the register last changed."""
    register, changed_at = RegisterContext(index, at), index.changed_at(at)
    names = (
        ["register", "fit", "changes", "parties"] if register.current else ["changes", "parties"]
    )
    for name in names:
        yield register.path_of(name), changed_at
    histories = read_histories(index, at)
    for kind in PartyKind:
        for id in chain(*histories.listed_ids(kind, at)):
            yield register.path_of(kind, id=id), changed_at


@public
def llms(request: HttpRequest) -> HttpResponse:
    """Tell language models which pages, files and feeds there are (https://llmstxt.org)."""
    versions, at = reader.index_versions(), timezone.now()
    indexes = _visible(at)
    registers = [RegisterContext(index, at) for index in indexes]
    sections = [f"# {_site_name(registers)}\n", f"> {ABOUT}\n"]
    for register in registers:
        heading = escape(register.named.title) if len(registers) > 1 else "Pages, files and feeds"
        links = [_link(request, *link) for link in _links(register)]
        sections.append("\n".join([f"## {heading}\n", *links, ""]))
    api = [
        ("OpenAPI document", reverse("api:openapi"), "a read API, without an account"),
        ("JSON Schema", reverse("schema"), "of each register's JSON"),
    ]
    sections.append("\n".join(["## API\n", *(_link(request, *link) for link in api), ""]))
    if log := reader.readable_log():
        sections.append(_log_section(request, log))
    return site_response("\n".join(sections).encode(), _TEXT, indexes, versions=versions, at=at)


def _log_section(request: HttpRequest, log: PublicLog) -> str:
    links = [
        ("Signed checkpoint", reverse("public:checkpoint"), "of the log of all publications"),
        ("Hashes of the leaves", reverse("public:leaf_hashes"), "of that log, one a line"),
    ]
    lines = [_link(request, *link) for link in links]
    key = f"- The public key that verifies the checkpoint: `{log.verifier_key}`"
    return "\n".join(["## Public log\n", *lines, key, ""])


def _site_name(registers: list[RegisterContext]) -> str:
    """Return the title and publisher of the one register, else a name for all of them."""
    if len(registers) != 1:
        return "Privacy register"
    named = registers[0].named
    return escape(f"{named.title} – {named.publisher}" if named.publisher else named.title)


def _links(register: RegisterContext) -> Iterator[tuple[str, str, str]]:
    """Yield label, path and description of each page, file and feed of a register."""
    if current := register.current:
        page = PublicationContext(register.index, register.at, current)
        yield (
            "The page in force",
            page.register_path,
            f"publication {current.number}, with its footnotes",
        )
        for label, path in page.files:
            yield f"The page in force as {label}", path, "the bytes that were approved"
        yield (
            "Which models fit?",
            register.path_of("fit"),
            "the models that satisfy a policy on training and retention",
        )
    yield "What changed", register.changes_path, "each publication compared with the one before it"
    yield (
        "Models and providers",
        register.path_of("parties"),
        "when each was listed, and on which terms",
    )
    yield "Atom feed", register.path_of("feed_atom"), "what changed"
    yield "JSON feed", register.path_of("feed_json"), "what changed"


def _link(request: HttpRequest, label: str, path: str, description: str) -> str:
    return f"- [{label}]({_absolute(request, path)}): {description}"


def _visible(at: datetime) -> list[Index]:
    """Return the registers with at least one visible publication; raises StoreFault."""
    return [index for index in reader.read_indexes() if index.visible(at)]


def _absolute(request: HttpRequest, path: str) -> str:
    """Return the absolute address of a path that `reverse` returned."""
    return (
        urljoin(settings.SITE_URL, path) if settings.SITE_URL else request.build_absolute_uri(path)
    )
