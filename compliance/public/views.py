"""The pages and files of a register, the probes, and the error pages of the whole site.

Each view reads the clock and the published store and answers; only `readyz` asks the database.
"""

import sys
from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseFault
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from compliance.accounts.kept_form import kept_form_response
from compliance.audit import guards
from compliance.models.outages import outage_of, watch, write_fault
from compliance.public.context import PublicationContext, publication_path
from compliance.public.errors import Refusal, error_page, not_found, public
from compliance.public.outage import outage_response
from compliance.public.responses import file_response, metadata_response, page_response
from compliance.published import comparison, lookup, reader
from compliance.published.errors import StoreFault
from compliance.published.index import Index, PublishedEntry

_NOTHING_IN_FORCE = (
    "Nothing is in force. Publish a register; if one should be in force, run restore_store."
)


@public
def home(request: HttpRequest) -> HttpResponse:
    """Show the register's page if there is one register, otherwise the list of registers."""
    # The versions before the indexes: an index replaced in between must not count as read.
    versions, at = reader.index_versions(), timezone.now()
    in_force = list(_in_force(at))
    if len(in_force) == 1:
        index, entry = in_force[0]
        page = PublicationContext(index, at, entry)
        return page_response(page, path=page.register_path).made_of_all(versions)
    registers = [(entry, _register_path(index.slug)) for index, entry in in_force]
    return HttpResponse(
        render_to_string("public/registers.html", {"registers": registers}),
        headers={"Cache-Control": "no-cache"},
    )


@public
def register(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show the publication in force."""
    at = timezone.now()
    index, entry = lookup.find_in_force(slug, at)
    page = PublicationContext(index, at, entry)
    return page_response(page, path=page.register_path)


@public
def register_file(request: HttpRequest, *, slug: str, format: str) -> HttpResponse:
    """Return the publication in force in a format."""
    at = timezone.now()
    index, entry = lookup.find_in_force(slug, at)
    return file_response(index, entry, format, at=at, page_path=_register_path(slug))


@public
def publication(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Show a publication by its number."""
    at = timezone.now()
    index, entry = lookup.find_numbered(slug, number, at)
    page = PublicationContext(index, at, entry)
    return page_response(page, path=page.path)


@public
def publication_file(request: HttpRequest, *, slug: str, number: int, format: str) -> HttpResponse:
    """Return a publication by its number in a format."""
    at = timezone.now()
    index, entry = lookup.find_numbered(slug, number, at)
    path = publication_path(index, entry)
    return file_response(index, entry, format, at=at, page_path=path, settled=True, memento=True)


@public
def as_of(request: HttpRequest, *, slug: str, day: str) -> HttpResponse:
    """Show what was public at the end of a day."""
    at = timezone.now()
    index, entry = lookup.find_on_day(slug, day, at)
    page = PublicationContext(index, at, entry, day=date.fromisoformat(day))
    return page_response(page, path=page.path)


@public
def as_of_file(request: HttpRequest, *, slug: str, day: str, format: str) -> HttpResponse:
    """Return what was public at the end of a day in a format."""
    at = timezone.now()
    index, entry = lookup.find_on_day(slug, day, at)
    path = publication_path(index, entry)
    return file_response(index, entry, format, at=at, page_path=path, memento=True)


@public
def csv_metadata(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Describe the CSV file of the publication in force."""
    at = timezone.now()
    index, entry = lookup.find_in_force(slug, at)
    return metadata_response(index, entry, at=at, page_path=_register_path(slug))


@public
def publication_csv_metadata(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Describe the CSV file of a publication by its number."""
    at = timezone.now()
    index, entry = lookup.find_numbered(slug, number, at)
    return metadata_response(index, entry, at=at, page_path=publication_path(index, entry))


@csrf_exempt
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say which publication of each register is in force, or why the store cannot serve it.

    The database is not asked: the public pages do without it.
    """
    try:
        in_force = _served_numbers(timezone.now())
    except StoreFault as fault:
        return _probe_response([str(fault)])
    return _probe_response([] if in_force else [_NOTHING_IN_FORCE], in_force)


@csrf_exempt
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether store, database and guards are ready for editors, or what is missing.

    A new installation is ready with nothing in force.
    """
    try:
        at = timezone.now()
        in_force = _served_numbers(at)
        if not watch.answers():
            return _probe_response(["The database does not answer."])
        if fault := write_fault(connection):
            return _probe_response([fault])
        reasons = guards.faults(connection)
        reasons += comparison.differences_in_force(at)
    except StoreFault as fault:
        return _probe_response([str(fault)])
    except DatabaseFault:
        return _probe_response(["The database does not answer."])
    return _probe_response(reasons, in_force)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refused, such as one for a host that is not ours."""
    sentence = "This request cannot be answered. Check the address; a form may be too long."
    if isinstance(exception, RequestDataTooBig):
        limit = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        sentence = (
            f"What you sent is too long: more than {limit}. Nothing was saved."
            " Go back, and send less at once."
        )
    return error_page(Refusal(400, "Bad request", sentence))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for a page that the person may not see."""
    return error_page(
        Refusal(403, "Not allowed", "You may not see this page. Ask an administrator for access.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the token of its session; text typed into a staff form is kept."""
    if request.path_info.startswith(reverse("admin:index")):
        kept = kept_form_response(request)
        if kept:
            return kept
    sentence = (
        "The form is no longer valid: you may have signed in again since."
        " Go back, reload, and send it anew."
    )
    return error_page(Refusal(403, "Send the form again", sentence))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for an address that does not exist."""
    return error_page(not_found("There is no page at this address. Start from the first page."))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer somebody who tried to sign in too often; allauth calls it as `handler429`."""
    sentence = (
        "There were too many tries from here, or for this account. Wait some minutes and try again."
    )
    return error_page(Refusal(429, "Too many tries", sentence))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after an exception that nothing else handled, such as that the database is away."""
    outage = outage_of(sys.exc_info()[1])
    if outage:
        return outage_response(request, outage)
    desk = reverse("admin:index")
    links = [("Back to the desk", desk)] if request.path_info.startswith(desk) else []
    sentence = "The fault is ours. Try again later."
    return error_page(Refusal(500, "Something went wrong", sentence, links))


def _register_path(slug: str) -> str:
    return reverse("public:register", kwargs={"slug": slug})


def _in_force(at: datetime) -> Iterator[tuple[Index, PublishedEntry]]:
    """Yield each register that has a publication in force, with it; raises StoreFault."""
    for index in reader.read_indexes():
        entry = index.in_force(at)
        if entry:
            yield index, entry


def _served_numbers(at: datetime) -> dict[str, int]:
    """Return the number in force by register, after every file of it was read and checked.

    Raises StoreFault.
    """
    numbers = {}
    for index, entry in _in_force(at):
        for format in entry.files:
            reader.read_file(index, entry, format)
        numbers[index.slug] = entry.number
    return numbers


def _probe_response(reasons: list[str], in_force: dict[str, int] | None = None) -> HttpResponse:
    """Return the answer of a probe: 503 with the reasons if there are any."""
    headers = {"Cache-Control": "no-store"}
    if reasons:
        failing = {"status": "failing", "reasons": reasons}
        return JsonResponse(failing, status=503, headers=headers)
    return JsonResponse({"status": "ok", "in_force": in_force or {}}, headers=headers)
