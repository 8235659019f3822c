"""Errors of the API as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import exception_handler

from compliance.api.shapes import ProblemShape
from compliance.published import lookup
from compliance.published.errors import StoreFault
from compliance.published.offerings import NeverListed

MEDIA_TYPE = "application/problem+json"
# What a client can do where the public may not see something.
_ADVICE: dict[type[lookup.NotPublic], str] = {
    lookup.UnknownRegister: "List them under /api/v1/registers/.",
    lookup.NothingInForce: "List its publications under publications/.",
    lookup.UnknownNumber: "List them under publications/.",
    lookup.WithdrawnPublication: "What happened is listed under changes/. Use the one in force.",
    NeverListed: "List those of a publication under models/ and providers/.",
}


class BadParameter(APIException):
    """A query parameter is unknown, or has a value that makes no sense."""

    status_code = HTTPStatus.BAD_REQUEST


def problem_response(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the problem document of an exception: REST framework's EXCEPTION_HANDLER.

    Returns None for an exception that nobody expected, which becomes a 500.
    """
    if isinstance(exception, StoreFault):
        response = problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "What is published cannot be read now. Try again later."
        )
        response["Retry-After"] = "60"
        return response
    if isinstance(exception, lookup.RenewedPublication):
        return _redirect(exception, context)
    if isinstance(exception, lookup.NotPublic):
        is_withdrawn = isinstance(exception, lookup.WithdrawnPublication)
        status = HTTPStatus.GONE if is_withdrawn else HTTPStatus.NOT_FOUND
        return problem(status, f"{exception} {_ADVICE.get(type(exception), '')}".strip())
    known = exception_handler(exception, context)
    if known is None:
        return None
    detail = (
        "There is nothing at this address." if isinstance(exception, Http404) else str(exception)
    )
    response = problem(HTTPStatus(known.status_code), detail)
    if known.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = context["view"].headers["Allow"]
    if "Retry-After" in known:
        response["Retry-After"] = known["Retry-After"]
    return response


def _redirect(renewed: lookup.RenewedPublication, context: dict[str, Any]) -> HttpResponse:
    """Return the redirect to the same address with the publication that renews another."""
    request = context["request"]
    if "number" in context["kwargs"]:
        arguments = {**context["kwargs"], "number": renewed.by}
        address = reverse(request.resolver_match.view_name, kwargs=arguments)
    else:
        address = replace_query_param(request.get_full_path(), "publication", renewed.by)
    return HttpResponsePermanentRedirect(address, preserve_request=True)


def problem(status: HTTPStatus, detail: str) -> HttpResponse:
    """Return a problem document; its type is about:blank, so its title is that of the status."""
    content: ProblemShape = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    headers = {"Cache-Control": "no-store"}
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE, headers=headers)


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer a request for an address that the API does not have."""
    return problem(
        HTTPStatus.NOT_FOUND, f"{request.path} is no address of the API. See /api/v1/openapi.json."
    )
