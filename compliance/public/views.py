"""The public pages. Each reads the clock and the store, and answers; none asks the database, except `readyz`."""

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
from compliance.public import lookup
from compliance.public.context import PublicationContext, publication_path
from compliance.public.errors import Refusal, error_page, not_found, public
from compliance.public.responses import file_answer, metadata_answer, page_answer
from compliance.published import store
from compliance.published.store import StoreFault


@public
def home(request: HttpRequest) -> HttpResponse:
    """Show the page where there is one register, else the list of registers."""
    versions, at = store.version(), timezone.now()
    shown = [(index, entry) for index in store.indexes() if (entry := index.in_force(at))]
    if len(shown) == 1:
        index, entry = shown[0]
        frame = PublicationContext(index, at, entry)
        return page_answer(frame, path=frame.register_path).made_of_all(versions)
    registers = [
        (entry, reverse("public:register", kwargs={"slug": index.slug})) for index, entry in shown
    ]
    return HttpResponse(
        render_to_string("public/registers.html", {"registers": registers}),
        headers={"Cache-Control": "no-cache"},
    )


@public
def register(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show the publication in force."""
    index, entry, at = lookup.in_force(slug)
    frame = PublicationContext(index, at, entry)
    return page_answer(frame, path=frame.register_path)


@public
def register_file(request: HttpRequest, *, slug: str, format: str) -> HttpResponse:
    """Give the publication in force in a format."""
    index, entry, at = lookup.in_force(slug)
    return file_answer(
        index, entry, format, at=at, page_path=reverse("public:register", kwargs={"slug": slug})
    )


@public
def publication(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Show a publication by its number."""
    index, entry, at = lookup.numbered(slug, number)
    frame = PublicationContext(index, at, entry)
    return page_answer(frame, path=frame.path)


@public
def publication_file(request: HttpRequest, *, slug: str, number: int, format: str) -> HttpResponse:
    """Give a publication by its number in a format."""
    index, entry, at = lookup.numbered(slug, number)
    return file_answer(
        index,
        entry,
        format,
        at=at,
        page_path=publication_path(index, entry),
        settled=True,
        memento=True,
    )


@public
def as_of(request: HttpRequest, *, slug: str, day: str) -> HttpResponse:
    """Show what was public at the end of a day."""
    index, entry, at = lookup.on_day(slug, day)
    frame = PublicationContext(index, at, entry, day=date.fromisoformat(day))
    return page_answer(frame, path=frame.path)


@public
def as_of_file(request: HttpRequest, *, slug: str, day: str, format: str) -> HttpResponse:
    """Give what was public at the end of a day in a format."""
    index, entry, at = lookup.on_day(slug, day)
    return file_answer(
        index, entry, format, at=at, page_path=publication_path(index, entry), memento=True
    )


@public
def csv_metadata(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Describe the CSV of the publication in force."""
    index, entry, at = lookup.in_force(slug)
    return metadata_answer(
        index, entry, at=at, page_path=reverse("public:register", kwargs={"slug": slug})
    )


@public
def publication_csv_metadata(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Describe the CSV of a publication by its number."""
    index, entry, at = lookup.numbered(slug, number)
    return metadata_answer(index, entry, at=at, page_path=publication_path(index, entry))


@csrf_exempt
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the ledger's last entry: number, hash and time; save it, and `verify --anchor` holds the record to it."""
    try:
        shown = store.checkpoint()
    except StoreFault as fault:
        return _probe_answer({"status": "failing", "reasons": [str(fault)]})
    if shown is None:
        return JsonResponse({"status": "empty"}, status=404, headers={"Cache-Control": "no-store"})
    return JsonResponse(shown, headers={"Cache-Control": "no-cache"})


@csrf_exempt
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say which number is in force for each register, or why the store cannot serve it. The database is not asked."""
    try:
        return _probe_answer({"status": "ok", "in_force": _served(timezone.now())})
    except StoreFault as fault:
        return _probe_answer({"status": "failing", "reasons": [str(fault)]})


@csrf_exempt
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether store, database and guards are ready for editors too, or what is missing."""
    try:
        in_force = _served(timezone.now())
        reasons = [
            f"The guard {name} is missing. Run migrate." for name in guards.missing(connection)
        ]
        reasons += [f"The index of {slug} is not that of the database." for slug in store.behind()]
    except StoreFault as fault:
        reasons = [str(fault)]
    except DatabaseFault:
        reasons = ["The database does not answer."]
    return _probe_answer(
        {"status": "failing", "reasons": reasons}
        if reasons
        else {"status": "ok", "in_force": in_force}
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refused."""
    said = "This request cannot be answered. Check the address; a form may be too long."
    if isinstance(exception, RequestDataTooBig):
        most = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        said = f"What you sent is too long: more than {most}. Nothing was saved. Go back, and send less at once."
    return error_page(Refusal(400, "Bad request", said))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for what the person may not see."""
    return error_page(
        Refusal(403, "Not allowed", "You may not see this page. Ask an administrator for access.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that does not carry the token of the session it came from; of staff's forms no text is lost."""
    if (
        kept := kept_form_response(request)
        if request.path_info.startswith(reverse("admin:index"))
        else None
    ):
        return kept
    said = "The form is no longer valid: you may have signed in again since. Go back, reload, and send it anew."
    return error_page(Refusal(403, "Send the form again", said))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for an address that leads nowhere."""
    return error_page(not_found("There is no page at this address. Start from the first page."))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer somebody who tried too often to sign in; allauth looks for `handler429` in the root URL configuration."""
    sentence = (
        "There were too many tries from here, or for this account. Wait some minutes and try again."
    )
    return error_page(Refusal(429, "Too many tries", sentence))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of ours."""
    return error_page(Refusal(500, "Something went wrong", "The fault is ours. Try again later."))


def _served(at: datetime) -> dict[str, int]:
    """Return the number in force by register, each with its files read and checked; raises StoreFault."""
    numbers = {}
    for index in store.indexes():
        if entry := index.in_force(at):
            for format in entry.files:
                store.content(index, entry, format)
            numbers[index.slug] = entry.number
    if not numbers:
        raise StoreFault(
            "Nothing is in force. Publish a register; if one should be in force, run restore_store."
        )
    return numbers


def _probe_answer(state: dict[str, object]) -> HttpResponse:
    status = 200 if state["status"] == "ok" else 503
    return JsonResponse(state, status=status, headers={"Cache-Control": "no-store"})
