"""Keeps the text of a form that could not be taken.

It was sent without a session, with the token of an older one, or while the database was away.
"""

import re
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers

# Prefixes of the fields that a form carries besides those into which people type.
_CARRIED_FIELDS = (
    "_",
    "initial-",
    "opened",
    "version",
    "following",
    "shown",
    "against",
    "post",
    "action",
    "approval_sha256",
    "withdrawal_sha256",
    "assertion",
)
_PRIMARY_KEY = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+")
_CSRF_FIELD = "csrfmiddlewaretoken"
# Actions that people decide by what the page shows, so that the page has to be opened again first.
# Those on a publication are decided on its review screen.
_PUBLICATION_ACTIONS = ("approve", "reject", "withdraw", "again")
_DECISIONS = (*_PUBLICATION_ACTIONS, "submit", "delete")
_MOST_CHARACTERS = 2**19
# What is never printed into a page: passwords, codes, and what a passkey answered.
_SECRETS = {"code", "credential"}
# What fields are called on screens that have no model behind them.
_LABELS = {"login": "Username"}


def kept_form_response(request: HttpRequest, *, outage: str = "") -> HttpResponse | None:
    """Return a page with the text that was typed into a form, from which it can be sent again.

    Returns None if nothing was typed or the form must not be shown again:

    - It did not come from a page of this site, as the browser says. One press would turn another
      site's form into ours (https://www.w3.org/TR/fetch-metadata/).
    - It has a secret, such as a password, which is never printed into a page.

    A decision such as an approval or a deletion cannot be sent again. Its text is shown to be
    copied.

    `outage` says why the database cannot be used. The page then needs no database, and shows a form
    with a secret too, without the secret, to be copied.
    """
    is_same_origin = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if request.method != "POST" or not is_same_origin:
        return None
    has_secret = any(_is_secret(name) for name in request.POST)
    if has_secret and not outage:
        return None
    sent = _sent_fields(request.POST)
    typed = [
        (_label(request, name), value)
        for name, value in sent
        if _is_typed(request.POST, name, value)
    ]
    is_too_long = sum(len(value) for _, value in sent) > _MOST_CHARACTERS
    if not typed or (is_too_long and not outage):
        return None
    record_path, _, action = request.path.rstrip("/").rpartition("/")
    is_decision = action in _DECISIONS or "action" in request.POST
    is_of_publication = action in _PUBLICATION_ACTIONS
    context: dict[str, Any] = {
        "title": "Not available now" if outage else "Not saved yet",
        "site_title": "Compliance registry",
        "site_header": "Compliance registry",
        "sent": [] if is_decision or has_secret else sent,
        "typed": typed,
        "opened_from": f"{record_path}/change/" if is_of_publication else request.path,
        "has_file": bool(request.FILES),
        "has_secret": has_secret,
        "outage": outage,
    }
    if outage:
        # In place of those that would be read from the database.
        context |= {"user": AnonymousUser(), "perms": {}, "messages": []}
    status = 503 if outage else 403
    response = TemplateResponse(request, "account/kept_form.html", context, status=status)
    add_never_cache_headers(response)
    return response.render() if outage else response


def _is_secret(name: str) -> bool:
    return name in _SECRETS or "password" in name


def _sent_fields(posted: QueryDict) -> list[tuple[str, str]]:
    """Return the name and value of each field, without the token of the session."""
    fields = []
    for name, values in posted.lists():
        if name != _CSRF_FIELD and not _is_secret(name):
            fields += [(name, str(value)) for value in values]
    return fields


def _is_typed(posted: QueryDict, name: str, value: str) -> bool:
    """Return whether somebody typed a value: the form did not show it before, nor is it a key."""
    if name.startswith(_CARRIED_FIELDS) or "__prefix__" in name:
        return False
    is_unchanged = posted.get(f"initial-{name}") == value
    return bool(value.strip()) and not is_unchanged and not _PRIMARY_KEY.fullmatch(value)


def _label(request: HttpRequest, name: str) -> str:
    """Return the label of a posted field: that of its screen, or else its name in words."""
    view = getattr(request.resolver_match, "func", None)
    screen: Any = getattr(view, "model_admin", None)
    label = screen.field_label(name) if hasattr(screen, "field_label") else ""
    words = name.removeprefix("cell_").partition(":")[0].replace("_", " ").replace("-", " ")
    return label or _LABELS.get(name, words.capitalize())
