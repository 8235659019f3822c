"""Gives public responses again from the memory of this process, before any other middleware runs.

Making a page costs a template and a dozen headers, and what is published changes a few times a
month. A response carries its `ResponseValidity`; one without is made anew each time. The published
bytes in it were compared with their hash when it was made.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date

from compliance.public.responses import PublicResponse, ResponseValidity

# The bytes that each process may use, and what a response takes besides its content.
_CAPACITY, _OVERHEAD = 8 * 2**20, 4096
# A larger content is not kept: it would displace many others, and sending it costs more than
# making it.
_LARGEST_CONTENT = 2**18
# A response without content has no headers about the content (RFC 9110, section 15.4.5).
_CONTENT_HEADERS = {
    "Content-Length",
    "Content-Type",
    "Content-SHA256",
    "Link",
    "Memento-Datetime",
    "Publication-Number",
}
_CONDITIONS = (
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
)

# The scheme, host and path of a request.
CacheKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A response as it left the outermost middleware; `content` is None if it was too large.

    `is_for_any_query` says that the view did not look at the query, so that all share the response.
    """

    validity: ResponseValidity
    is_for_any_query: bool
    content: bytes | None
    headers: dict[str, str]
    headers_without_content: dict[str, str]
    last_modified: int

    @classmethod
    def of(
        cls, response: HttpResponse, validity: ResponseValidity, *, is_for_any_query: bool = False
    ) -> "CachedResponse":
        headers = dict(response.items())
        return cls(
            validity=validity,
            is_for_any_query=is_for_any_query,
            content=response.content if len(response.content) <= _LARGEST_CONTENT else None,
            headers=headers,
            headers_without_content={
                name: value for name, value in headers.items() if name not in _CONTENT_HEADERS
            },
            last_modified=parse_http_date(headers["Last-Modified"]),
        )

    @property
    def size(self) -> int:
        """How many bytes it takes, approximately."""
        return len(self.content or b"") + _OVERHEAD

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response to a request, or None if it must be made anew.

        It is a 304 without content if the client already has the content.
        """
        status = self._status(request)
        if status == 304:
            return HttpResponseNotModified(headers=self.headers_without_content)
        if status == 200 and self.content is not None:
            return HttpResponse(self.content, headers=self.headers)
        return None

    def _status(self, request: HttpRequest) -> int:
        conditions = {name: request.META[name] for name in _CONDITIONS if name in request.META}
        if request.method != "GET" or not conditions:
            return 200
        etag = self.headers["ETag"]
        # What nearly every client sends that asks again.
        if conditions == {"HTTP_IF_NONE_MATCH": etag}:
            return 304
        response = get_conditional_response(request, etag=etag, last_modified=self.last_modified)
        return response.status_code if response is not None else 200


class ResponseCache:
    """The responses that were asked for most recently, as many as there is room for."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._free = capacity
        self._responses: OrderedDict[CacheKey, CachedResponse] = OrderedDict()
        self._lock = Lock()

    def get(self, key: CacheKey) -> CachedResponse | None:
        """Return the response of a key, or None if there is none or it is no longer valid."""
        with self._lock:
            cached = self._responses.get(key)
            if cached:
                self._responses.move_to_end(key)
        return cached if cached and cached.validity.holds(timezone.now()) else None

    def keep(self, key: CacheKey, cached: CachedResponse) -> None:
        """Keep a response, and drop those that were not asked for the longest."""
        with self._lock:
            self._drop(key)
            self._responses[key] = cached
            self._free -= cached.size
            while self._free < 0:
                self._drop(next(iter(self._responses)))

    def _drop(self, key: CacheKey) -> None:
        if cached := self._responses.pop(key, None):
            self._free += cached.size


def response_cache(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost one: answer from memory what was answered before."""
    cache = ResponseCache()

    def respond(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        # Without SITE_URL, feeds and the sitemap hold addresses of the host that was asked.
        key = (str(request.scheme), request.META.get("HTTP_HOST", ""), request.path)
        query = request.META.get("QUERY_STRING")
        cached = cache.get(key)
        if cached and (cached.is_for_any_query or not query):
            answer = cached.answer(request)
            if answer:
                return answer
        response = get_response(request)
        # Django parses the query when it is first asked for, and keeps it on the request.
        is_for_any_query = "GET" not in vars(request)
        # Anybody can make up queries without end, and each answer kept would displace a page.
        if query and not is_for_any_query:
            return response
        if isinstance(response, PublicResponse) and response.validity:
            kept = CachedResponse.of(response, response.validity, is_for_any_query=is_for_any_query)
            cache.keep(key, kept)
        return response

    return respond
