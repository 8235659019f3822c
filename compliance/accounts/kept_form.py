"""A form that came without a session, or with the token of an older one: what was typed is not lost."""

import re

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers

# What a form carries beside what was typed into it.
_CARRIED = (
    "_",
    "initial-",
    "opened",
    "version",
    "following",
    "shown",
    "against",
    "post",
    "action",
    "content_sha256",
)
_IDENTIFIER = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+")
_OF_SESSION = "csrfmiddlewaretoken"
# Acts that are decided upon what a page shows, which is opened again before: the first from the page of a publication.
_OF_PUBLICATION = ("approve", "reject", "withdraw", "again")
_DECIDED = (*_OF_PUBLICATION, "submit", "delete")
_LARGEST = 2**19


def kept_form_response(request: HttpRequest) -> HttpResponse | None:
    """Return a page with what was typed, from which it can be sent again; None where nothing was, or it may not be.

    Only what a browser says it sent from a page of this site is offered again: another site's form would become ours
    by one press. Nor is a password, which no page repeats; nor an act that is decided upon what a page shows, such as
    an approval or a deletion: of that only the text is kept, to be copied. See https://www.w3.org/TR/fetch-metadata/.
    """
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if request.method != "POST" or not is_ours or any("password" in name for name in request.POST):
        return None
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != _OF_SESSION
    ]
    typed = [(_label(name), value) for name, value in sent if _is_typed(request.POST, name, value)]
    if not typed or sum(len(value) for _, value in sent) > _LARGEST:
        return None
    place, _, act = request.path.rstrip("/").rpartition("/")
    context = {
        "title": "Not saved yet",
        "site_title": "Compliance registry",
        "site_header": "Compliance registry",
        "sent": [] if act in _DECIDED or "action" in request.POST else sent,
        "typed": typed,
        "opened_from": f"{place}/change/" if act in _OF_PUBLICATION else request.path,
        "has_file": bool(request.FILES),
    }
    response = TemplateResponse(request, "account/kept_form.html", context, status=403)
    add_never_cache_headers(response)
    return response


def _is_typed(posted: QueryDict, name: str, value: str) -> bool:
    """Say whether a text was typed: what the form showed already, and keys of what was chosen, were not."""
    is_said = (
        bool(value.strip())
        and not _IDENTIFIER.fullmatch(value)
        and posted.get(f"initial-{name}") != value
    )
    return is_said and not name.startswith(_CARRIED) and "__prefix__" not in name


def _label(name: str) -> str:
    return name.partition(":")[0].replace("_", " ").replace("-", " ").capitalize()
