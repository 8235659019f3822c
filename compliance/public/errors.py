"""What a public page refuses, and the friendly page that says so."""

from collections.abc import Callable
from functools import wraps

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from compliance.published.store import StoreFault


class Refusal(Exception):
    """A request that gets another answer than 200; `sentence` tells the reader what to do."""

    def __init__(self, status: int, heading: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.heading = heading
        self.sentence = sentence


def not_found(sentence: str) -> Refusal:
    """Return the refusal of a page that is not there."""
    return Refusal(404, "Page not found", sentence)


def error_page(refusal: Refusal) -> HttpResponse:
    """Return the error page. It needs no database, no published store and no static files."""
    context = {
        "heading": refusal.heading,
        "sentence": refusal.sentence,
        "style_sheet": _style_sheet(),
    }
    html = render_to_string("public/error.html", context)
    return HttpResponse(html, status=refusal.status, headers={"Cache-Control": "no-store"})


def _style_sheet() -> str:
    """Return the style sheet's address, or "" if `collectstatic` has not collected it."""
    try:
        return str(staticfiles_storage.url("compliance/public.css"))
    except (OSError, ValueError):
        return ""


View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Make a view that answers GET and HEAD only, and turns a refusal or a fault of the store into its page."""

    @csrf_exempt  # a POST is refused as a method, not as a forged form
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, **place: str | int) -> HttpResponse:
        try:
            return view(request, **place)
        except Refusal as refusal:
            return error_page(refusal)
        except StoreFault:
            response = error_page(
                Refusal(503, "Not available now", "The page cannot be shown now. Try again later.")
            )
            response["Retry-After"] = "60"
            return response

    return answer
