"""What every request and answer passes, and no library of ours does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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


def no_cookies_outside_the_admin(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Drop the cookies of a request for a public address, before anything reads them.

    A malformed session or CSRF cookie would otherwise be answered with a new one, on a page that caches keep.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return respond
