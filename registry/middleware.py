"""What every request and answer passes, and no library of ours does."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse

SIGN_IN = "/accounts/"
API = "/api/"
STAFF = ("/admin/", SIGN_IN)


def cross_origin_isolation(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add COEP and CORP to every answer, so that no other site can embed it or read it."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return respond


def headers_alone_for_head(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Take the content from the answer to a HEAD request; its headers stay, Content-Length too.

    Django leaves that to the server, and gunicorn writes a warning each time. A 304 has no content either, and says no
    length: Django says 0, but it would be that of the content (RFC 9110, section 8.6).
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            response.headers.pop("Content-Length", None)
        return response

    return respond


def no_cookies_in_public(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Drop the cookies of a request for a public address, before anything reads them.

    A malformed session or CSRF cookie would otherwise be answered with a new one, on a page that caches keep.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(STAFF):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return respond


def staff_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let browsers post the forms of staff; let them use passkeys where one signs in, and keep none of those pages."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith(STAFF):
            # Under "no-referrer", the policy of all other pages, browsers post forms with "Origin: null", and Django's
            # CSRF check refuses that. See "append a request Origin header" in https://fetch.spec.whatwg.org/.
            response.headers["Referrer-Policy"] = "same-origin"
        if request.path_info.startswith(SIGN_IN):
            allowed = response.headers["Permissions-Policy"].replace(
                "credentials-get=()", "credentials-get=(self)"
            )
            response.headers["Permissions-Policy"] = allowed
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return respond


def open_to_programs(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let scripts of every site read what is made for programs: the API, files and feeds, also that one is not there.

    Pages stay this site's own. All of it is public, carries no cookie and is the same for everybody, so nothing is to
    be asked beforehand: a plain GET needs no preflight, and anything else is not answered.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_html = response.headers.get("Content-Type", "text/html").startswith("text/html")
        is_program = request.path_info.startswith(API) or PurePosixPath(request.path_info).suffix
        is_page = is_html and not is_program
        if not is_page and not request.path_info.startswith(STAFF):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = (
                "Content-SHA256, ETag, Link, Memento-Datetime, Publication-Number, Retry-After"
            )
        return response

    return respond
