"""Answers given again from this process's memory, before any other middleware, as long as they hold.

A page costs a template and a dozen headers; what is published changes a few times a month. An answer says itself what
it holds by (`answers.Holding`); one that does not say is made anew each time. The published bytes in it were compared
with their hash when it was made.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date

from compliance.public.responses import PublicResponse, Validity

# Bytes in each process, what an answer takes beside its content, and the largest content that is kept with it: a larger
# one would take the place of many, and sending it costs more than making it.
_ROOM, _BESIDE, _LARGEST = 8 * 2**20, 4096, 2**18
# Headers that tell of the content, which an answer without it does not carry (RFC 9110, section 15.4.5).
_OF_CONTENT = {
    "Content-Length", "Content-Type", "Content-SHA256", "Link", "Memento-Datetime", "Publication-Number",
}  # fmt: skip

_CONDITIONS = (
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
)

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer as it left the outermost middleware; its content is None where it is too large to be kept."""

    holding: Validity
    content: bytes | None
    headers: dict[str, str]
    headers_alone: dict[str, str]
    last_modified: int

    @classmethod
    def of(cls, response: HttpResponse, holding: Validity) -> "CachedResponse":
        """Return what is kept of a response."""
        headers = dict(response.items())
        alone = {name: value for name, value in headers.items() if name not in _OF_CONTENT}
        content = response.content if len(response.content) <= _LARGEST else None
        return cls(holding, content, headers, alone, parse_http_date(headers["Last-Modified"]))

    @property
    def size(self) -> int:
        """How many bytes it takes, about."""
        return len(self.content or b"") + _BESIDE

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to a request, without its content where the client has it, None where it must be made."""
        conditions = {name: request.META[name] for name in _CONDITIONS if name in request.META}
        etag, status = self.headers["ETag"], 200
        if request.method == "GET" and conditions == {"HTTP_IF_NONE_MATCH": etag}:
            status = 304  # what nearly everybody asks, who asks again
        elif request.method == "GET" and conditions:
            other = get_conditional_response(request, etag=etag, last_modified=self.last_modified)
            status = other.status_code if other is not None else 200
        if status == 304:
            return HttpResponseNotModified(headers=self.headers_alone)
        is_here = status == 200 and self.content is not None
        return HttpResponse(self.content, headers=self.headers) if is_here else None


class ResponseCache:
    """The answers that were asked for last, as many as there is room for."""

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> CachedResponse | None:
        """Return the answer that is kept under a key, None where there is none that holds."""
        with self._lock:
            kept = self._kept.get(key)
            if kept:
                self._kept.move_to_end(key)
        return kept if kept and kept.holding.still(timezone.now()) else None

    def keep(self, key: Key, kept: CachedResponse) -> None:
        """Keep an answer in place of those that nobody asked for the longest."""
        with self._lock:
            self._forget(key)
            self._kept[key] = kept
            self._room -= kept.size
            while self._room < 0:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        if kept := self._kept.pop(key, None):
            self._room += kept.size


def remembered(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer from memory what was answered before; middleware, and the outermost."""
    memory = ResponseCache()

    def respond(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or request.META.get("QUERY_STRING"):
            return get_response(request)
        key = (str(request.scheme), request.META.get("HTTP_HOST", ""), request.path)
        if (kept := memory.get(key)) and (answer := kept.answer(request)):
            return answer
        response = get_response(request)
        if isinstance(response, PublicResponse) and response.holding:
            memory.keep(key, CachedResponse.of(response, response.holding))
        return response

    return respond
