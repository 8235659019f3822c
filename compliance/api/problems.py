"""Errors of the API as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException
from rest_framework.views import exception_handler

from compliance.published.errors import StoreFault

MEDIA_TYPE = "application/problem+json"


class BadParameter(APIException):
    """A query parameter that the address does not know, or a value that it cannot take."""

    status_code = HTTPStatus.BAD_REQUEST


class Missing(APIException):
    """Something that is not there."""

    status_code = HTTPStatus.NOT_FOUND


class Withdrawn(APIException):
    """A publication that was taken back."""

    status_code = HTTPStatus.GONE


def problem_response(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the problem document of an exception, or None for a fault of ours: REST framework's EXCEPTION_HANDLER."""
    if isinstance(exception, StoreFault):
        response = problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "What is published cannot be read now. Try again later."
        )
        response["Retry-After"] = "60"
        return response
    known = exception_handler(exception, context)
    if known is None:
        return None
    detail = (
        "There is nothing at this address." if isinstance(exception, Http404) else str(exception)
    )
    response = problem(HTTPStatus(known.status_code), detail)
    if "Allow" in context["view"].headers and known.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = context["view"].headers["Allow"]
    if "Retry-After" in known:
        response["Retry-After"] = known["Retry-After"]
    return response


def problem(status: HTTPStatus, detail: str) -> HttpResponse:
    """Return a problem document; the type is about:blank, so the title is the status's own."""
    return JsonResponse(
        {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail},
        status=status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer a request for an address that the API does not have."""
    return problem(
        HTTPStatus.NOT_FOUND, f"{request.path} is no address of the API. See /api/v1/openapi.json."
    )
