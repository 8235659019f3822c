"""The public side as files: every address that takes no query, asked of the same views that the server runs.

Which addresses there are the index says; what else they lead to is found in their pages, so no link of an exported
page is dead.
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
from compliance.published import reader
from compliance.published.index import Index

# No such address: what it is answered, any other unknown one is answered too.
MISSING = "/.missing/"


class NotExportable(Exception):
    """An address of the public side that is answered with a fault; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An address, with its query if it has one, and its answer."""

    address: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """What it is, without parameters."""
        return self.headers["Content-Type"].partition(";")[0]


class Asking:
    """Asks addresses as a reader would who came to a site's own address; raises NotExportable."""

    def __init__(self, site: str) -> None:
        self._parts = urlsplit(site)
        self._handler = BaseHandler()
        self._handler.load_middleware()
        self._requests = RequestFactory(
            SERVER_NAME=self._parts.hostname or "", HTTP_HOST=self._parts.netloc
        )

    def __call__(self, address: str) -> Answered:
        """Return the answer of an address."""
        request = self._requests.get(address, secure=self._parts.scheme == "https")
        response = self._handler.get_response(request)
        expected = (404,) if address == MISSING else (200, 410)
        if response.status_code not in expected:
            raise NotExportable(
                f"{address} is answered with {response.status_code}. Are SITE_URL and ALLOWED_HOSTS right, and the "
                "store whole? Nothing was exported."
            )
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        return Answered(address, response.status_code, headers, _content(response))


def _content(response: HttpResponseBase) -> bytes:
    try:
        return b"".join(response)
    finally:
        # As the test client does: no request ends here, and the database, which is not asked, is not to be looked at.
        request_finished.disconnect(close_old_connections)
        response.close()
        request_finished.connect(close_old_connections)


def addresses(at: datetime) -> Iterator[str]:
    """Give the addresses of the public side at a moment; raises StoreFault."""
    yield MISSING
    yield from (reverse(name) for name in ("public:home", "schema", "api:openapi"))
    yield from (
        reverse(f"public:{name}") for name in ("robots", "sitemap", "llms", "security", "favicon")
    )
    if reader.read_checkpoint():
        yield reverse("public:checkpoint")
    for index in reader.read_indexes():
        if index.visible(at):
            yield from _of_register(index, at)


def _of_register(index: Index, at: datetime) -> Iterator[str]:
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
        if entry.is_visible(at) or entry.withdrawn_at:
            yield from _of_publication(index, entry.number, at)
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


def _of_publication(index: Index, number: int, at: datetime) -> Iterator[str]:
    place = {"slug": index.slug, "number": number}
    yield from (reverse(f"public:{name}", kwargs=place) for name in ("publication", "step"))
    yield from (
        reverse("public:publication_file", kwargs={**place, "format": name}) for name in FORMATS
    )
    if before := index.before(number, at):
        yield reverse("public:compare", kwargs={**place, "number": before.number, "other": number})


def _days(index: Index, at: datetime) -> Iterator[str]:
    """Give the days from the first on which something was public."""
    first = min(entry.effective_from for entry in index.publications)
    day, today = first.astimezone(UTC).date(), at.astimezone(UTC).date()
    while day <= today:
        if index.public_at(as_of(day.isoformat(), now=at)):
            yield day.isoformat()
        day += timedelta(days=1)


def crawl(ask: Callable[[str], Answered], at: datetime, parameters: set[str]) -> Iterator[Answered]:
    """Give the answer of every address, and of what their pages lead to; put the parameters they know into a set."""
    waiting = deque(addresses(at))
    known = set(waiting)
    while waiting:
        answered = ask(waiting.popleft())
        yield answered
        if answered.media_type != "text/html":
            continue
        page = Links(answered.address)
        page.feed(answered.content.decode())
        parameters |= page.parameters
        for link in page.links:
            # From a page with a query no further than one parameter: filters and orders can be combined without end.
            if link not in known and ("?" not in answered.address or link.count("&") == 0):
                known.add(link)
                waiting.append(link)


class Links(HTMLParser):
    """The addresses of this site that a page leads to, without fragments, and the query parameters that it knows."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._base = f"https://site.invalid{address}"
        self.links: list[str] = []
        self.parameters: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what an element leads to or asks."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in ("input", "select", "button", "textarea") and attributes.get("name"):
            self.parameters.add(attributes["name"])
        for name in ("href", "src"):
            if name in attributes:
                self._take(attributes[name])

    def _take(self, url: str) -> None:
        parts = urlsplit(urldefrag(urljoin(self._base, url)).url)
        if (parts.scheme, parts.netloc) == ("https", "site.invalid"):
            self.parameters |= {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
            self.links.append(f"{parts.path}?{parts.query}" if parts.query else parts.path)
