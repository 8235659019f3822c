"""A form that came without a session, or with the token of an older one: what was typed is not lost."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers

# What a form carries beside what was typed into it.
_CARRIED = ("_", "initial-", "opened", "version", "following", "shown", "against")
_OF_SESSION = "csrfmiddlewaretoken"


def unsent(request: HttpRequest) -> HttpResponse | None:
    """Return a page with what was typed, from which it can be sent again; None where nothing was, or it may not be.

    Only what a browser says it sent from a page of this site is offered again: another site's form would become ours
    by one press. Nor is a password, which no page repeats. See https://www.w3.org/TR/fetch-metadata/.
    """
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if request.method != "POST" or not is_ours or any("password" in name for name in request.POST):
        return None
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name != _OF_SESSION]
    typed = [(_label(name), value) for name, value in sent if _is_text(name, value)]
    if not typed:
        return None
    context = {
        "title": "Not saved yet",
        "site_title": "Compliance registry",
        "site_header": "Compliance registry",
        "sent": sent,
        "typed": typed,
        "has_file": bool(request.FILES),
    }
    response = TemplateResponse(request, "admin/unsent.html", context, status=403)
    add_never_cache_headers(response)
    return response


def _is_text(name: str, value: str) -> bool:
    return bool(value.strip()) and not value.isdecimal() and not name.startswith(_CARRIED)


def _label(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
