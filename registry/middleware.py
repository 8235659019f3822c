"""Middleware for what no library of this project does."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import PurePosixPath

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.models.outages import watch
from compliance.public.outage import unavailable

SIGN_IN = "/accounts/"
API = "/api/"
ADMIN = "/admin/"
STAFF = (ADMIN, SIGN_IN)
_DECISIONS = {
    f"admin:compliance_publication_{screen}"
    for screen in ("change", "approve", "reject", "withdraw", "again")
}


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
    """Remove the content from the answer to a HEAD request and keep its headers.

    Django leaves that to the server, and gunicorn logs a warning each time. A 304 loses its
    Content-Length: Django says 0, but it would have to be that of the content (RFC 9110, 8.6).
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
    """Drop the cookies of a request for a public address before anything reads them.

    A malformed session or CSRF cookie would otherwise be answered with a new one, on a page that
    caches keep.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(STAFF):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return respond


def refuse_without_database(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse requests of staff at once as long as the database does not answer.

    Otherwise each would wait for it in a thread that public pages need too. It comes after the
    middleware of the CSRF token, because the page gives back what was typed in a form with one.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(STAFF) and not watch.answers():
            return unavailable(request)
        return get_response(request)

    return respond


def staff_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set the headers of staff pages.

    Browsers may post their forms. Sign-in pages are kept by no cache. They and the screen on which
    publications are decided may use passkeys.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith(STAFF):
            # With "no-referrer", the policy of all other pages, browsers post forms with
            # "Origin: null", which Django's CSRF check refuses. See "append a request Origin
            # header" in https://fetch.spec.whatwg.org/.
            response.headers["Referrer-Policy"] = "same-origin"
        is_sign_in = request.path_info.startswith(SIGN_IN)
        if is_sign_in or _is_decision(request):
            allowed = response.headers["Permissions-Policy"].replace(
                "credentials-get=()", "credentials-get=(self)"
            )
            response.headers["Permissions-Policy"] = allowed
        if is_sign_in:
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return respond


def _is_decision(request: HttpRequest) -> bool:
    """Return whether a request is for the screen that decides publications.

    The addresses of the decisions show it again if a decision is refused.
    """
    view = request.resolver_match.view_name if request.resolver_match else ""
    return view in _DECISIONS


def staff_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show and read moments in the admin in the time zone of the person; everywhere else in UTC."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return get_response(request)
        zone = getattr(request.user, "shown_time_zone", settings.TIME_ZONE)
        with timezone.override(zone):
            return get_response(request)

    return respond


def open_to_programs(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let scripts of every site read the API, files and feeds, and their error answers.

    All of these are public, carry no cookie and are the same for everybody. A plain GET needs no
    preflight, and no other method is answered. Pages stay readable by this site only.
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
