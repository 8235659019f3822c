"""Requests every public address from the views that the server runs, to export the responses.

The published indexes say which addresses there are. The links in the pages lead to the rest, so no
link of an exported page is dead.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import reverse

from compliance.models.publications import as_of
from compliance.page.formats import FORMATS
from compliance.published import lookup, reader
from compliance.published.events import list_events
from compliance.published.index import Index

# An address that does not exist; its response is exported for all unknown addresses.
MISSING = "/.missing/"


class NotExportable(Exception):
    """A public address returned an error; the message says which address and which status."""


@dataclass(frozen=True, slots=True)
class CrawledResponse:
    """The response to a public address; `address` is a path with its query, if it has one."""

    address: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers["Content-Type"].partition(";")[0]


class SiteClient:
    """Requests addresses of this application as a browser does that visits the published site.

    Links in the responses then begin with the address of the published site.
    """

    def __init__(self, site: str) -> None:
        self._parts = urlsplit(site)
        self._handler = BaseHandler()
        self._handler.load_middleware()
        self._requests = RequestFactory(
            SERVER_NAME=self._parts.hostname or "", HTTP_HOST=self._parts.netloc
        )

    def get(self, address: str) -> CrawledResponse:
        """Return the response to an address; raises NotExportable if it is an error."""
        request = self._requests.get(address, secure=self._parts.scheme == "https")
        response = self._handler.get_response(request)
        expected = (404,) if address == MISSING else (200, 308, 410)
        if response.status_code not in expected:
            raise NotExportable(
                f"{address} is answered with {response.status_code}. Are SITE_URL and ALLOWED_HOSTS"
                " right, and the store whole? Nothing was exported."
            )
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        return CrawledResponse(address, response.status_code, headers, _content(response))


def _content(response: HttpResponseBase) -> bytes:
    try:
        return b"".join(response)
    finally:
        # Closing a response would also close the database connection of this command. Django's test
        # client disconnects the signal for the same reason.
        request_finished.disconnect(close_old_connections)
        response.close()
        request_finished.connect(close_old_connections)


def addresses(at: datetime) -> Iterator[str]:
    """Yield the public addresses that the indexes name; raises StoreFault."""
    yield MISSING
    yield from (reverse(name) for name in ("public:home", "schema", "api:openapi"))
    yield from (
        reverse(f"public:{name}") for name in ("robots", "sitemap", "llms", "security", "favicon")
    )
    log = reader.read_log()
    if log:
        yield from (reverse(f"public:{name}") for name in ("checkpoint", "leaf_hashes"))
    for index in reader.read_indexes():
        if list_events(index, at):
            yield from _register_addresses(index, at)
        for entry in index.publications:
            if log and log.has(entry) and _is_addressed(index, entry.number, at):
                yield reverse("public:proof", kwargs={"slug": index.slug, "number": entry.number})


def _register_addresses(index: Index, at: datetime) -> Iterator[str]:
    slug = {"slug": index.slug}
    if entry := index.in_force(at):
        yield from (reverse(name, kwargs=slug) for name in ("public:register", "api:export"))
        if "csv" in entry.files:
            yield reverse("public:csv_metadata", kwargs=slug)
        yield from (
            reverse("public:register_file", kwargs={**slug, "format": name}) for name in FORMATS
        )
    for name in ("changes", "parties", "feed_atom", "feed_json"):
        yield reverse(f"public:{name}", kwargs=slug)
    for entry in index.publications:
        if _is_addressed(index, entry.number, at):
            yield from _publication_addresses(index, entry.number, at)
            if "csv" in entry.files:
                yield reverse(
                    "public:publication_csv_metadata", kwargs={**slug, "number": entry.number}
                )
    for day in _days(index, at):
        yield reverse("public:as_of", kwargs={**slug, "day": day})
        yield from (
            reverse("public:as_of_file", kwargs={**slug, "day": day, "format": name})
            for name in FORMATS
        )


def _is_addressed(index: Index, number: int, at: datetime) -> bool:
    """Return whether a publication has a page, a redirect to it, or a page that it is withdrawn."""
    try:
        lookup.find_entry(index, number, at)
    except (lookup.RenewedPublication, lookup.WithdrawnPublication):
        return True
    except lookup.UnknownNumber:
        return False
    return True


def _publication_addresses(index: Index, number: int, at: datetime) -> Iterator[str]:
    parameters = {"slug": index.slug, "number": number}
    yield from (reverse(f"public:{name}", kwargs=parameters) for name in ("publication", "step"))
    yield from (
        reverse("public:publication_file", kwargs={**parameters, "format": name})
        for name in FORMATS
    )
    if before := index.before(number, at):
        compared = {"slug": index.slug, "number": before.number, "other": number}
        yield reverse("public:compare", kwargs=compared)


def _days(index: Index, at: datetime) -> Iterator[str]:
    """Yield the days on which something was public, up to today."""
    first = min(entry.effective_from for entry in index.publications)
    day, today = first.astimezone(UTC).date(), at.astimezone(UTC).date()
    while day <= today:
        if index.public_at(as_of(day.isoformat(), now=at)):
            yield day.isoformat()
        day += timedelta(days=1)


def crawl(
    get: Callable[[str], CrawledResponse], at: datetime, parameters: set[str]
) -> Iterator[CrawledResponse]:
    """Yield the response to every address of `addresses` and of the links in their pages.

    Adds to `parameters` the names of the query parameters in links and forms of the pages.
    """
    waiting = deque(addresses(at))
    known = set(waiting)
    while waiting:
        response = get(waiting.popleft())
        yield response
        if response.media_type != "text/html" or response.status == 308:
            continue
        page = PageLinks(response.address)
        page.feed(response.content.decode())
        parameters |= page.parameters
        for link in page.links:
            # Filters can be combined without end, so a page with a query is left only by links
            # with at most one parameter.
            if link not in known and ("?" not in response.address or link.count("&") == 0):
                known.add(link)
                waiting.append(link)


class PageLinks(HTMLParser):
    """The addresses of this site that a page links to, and the parameters that it sends."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._base = f"https://site.invalid{address}"
        self.links: list[str] = []
        self.parameters: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the links and the parameter names of an element."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in ("input", "select", "button", "textarea") and attributes.get("name"):
            self.parameters.add(attributes["name"])
        for name in ("href", "src"):
            if name in attributes:
                self._add_link(attributes[name])

    def _add_link(self, url: str) -> None:
        parts = urlsplit(urldefrag(urljoin(self._base, url)).url)
        if (parts.scheme, parts.netloc) == ("https", "site.invalid"):
            self.parameters |= {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
            self.links.append(f"{parts.path}?{parts.query}" if parts.query else parts.path)
