"""The error pages of the public site, and the decorator that turns exceptions into them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import wraps

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from compliance.public.context import RegisterContext
from compliance.published import lookup
from compliance.published.cache_headers import SHORT_CACHING_SECONDS
from compliance.published.errors import StoreFault
from compliance.published.events import EventKind
from compliance.published.offerings import NeverListed
from compliance.published.parameters import repeated_parameter, unknown_parameter

# What a reader can do where the public may not see something. A day says so itself.
_ADVICE: dict[type[lookup.NotPublic], str] = {
    lookup.UnknownRegister: "Start from the first page.",
    lookup.NothingVisible: "Come back later.",
    lookup.NothingInForce: "Come back later.",
    lookup.UnknownNumber: "The change log lists all of them.",
    lookup.NothingOnDay: "The change log lists its publications.",
    NeverListed: "“Models and providers” lists all of them.",
}


# The label and the address of a link.
Link = tuple[str, str]


class Refusal(Exception):
    """A request that is answered with an error page; `sentence` tells the reader what to do.

    `links` are the pages that help, besides the first page of the site.
    """

    def __init__(
        self, status: int, heading: str, sentence: str, links: Sequence[Link] = ()
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.heading = heading
        self.sentence = sentence
        self.links = links


def not_found(sentence: str) -> Refusal:
    """Return the refusal for a page that does not exist."""
    return Refusal(404, "Page not found", sentence)


def check_parameters(query: QueryDict, known: Collection[str] = ()) -> None:
    """Raise Refusal for a query parameter that the address does not know, or that is repeated.

    What somebody meant to ask would otherwise look answered.
    """
    for name in query:
        if name not in known:
            raise Refusal(400, "No such parameter", unknown_parameter(name, known))
        if len(query.getlist(name)) > 1:
            raise Refusal(400, "Parameter given more than once", repeated_parameter(name))


def error_page(refusal: Refusal) -> HttpResponse:
    """Return the error page. It needs no database, no published store and no static files."""
    context = {
        "heading": refusal.heading,
        "sentence": refusal.sentence,
        "links": refusal.links,
        "style_sheets": _style_sheets(),
    }
    html = render_to_string("public/error.html", context)
    return HttpResponse(html, status=refusal.status, headers={"Cache-Control": "no-store"})


def _style_sheets() -> list[str]:
    """Return the addresses of the style sheets; none if `collectstatic` has not collected them."""
    try:
        return [staticfiles_storage.url(f"compliance/{name}.css") for name in ("tokens", "public")]
    except (OSError, ValueError):
        return []


View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Decorate a public view: it answers GET and HEAD only, and exceptions with error pages."""

    @csrf_exempt  # A POST gets 405 like any other method, not 403 for a missing token.
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, **arguments: str | int) -> HttpResponse:
        try:
            return view(request, **arguments)
        except Refusal as refusal:
            return error_page(refusal)
        except lookup.RenewedPublication as renewed:
            return _redirect(request, renewed, arguments)
        except lookup.NotPublic as fault:
            return error_page(_refusal(fault, str(arguments.get("slug", ""))))
        except StoreFault:
            response = error_page(
                Refusal(503, "Not available now", "The page cannot be shown now. Try again later.")
            )
            response["Retry-After"] = "60"
            return response

    return answer


def _redirect(
    request: HttpRequest, renewed: lookup.RenewedPublication, arguments: dict[str, str | int]
) -> HttpResponse:
    """Return the redirect to the same page of the publication that renews another."""
    match = request.resolver_match
    numbers = {name: renewed.by for name, value in arguments.items() if value == renewed.number}
    path = reverse(match.view_name if match else "", kwargs={**arguments, **numbers})
    query = request.META.get("QUERY_STRING")
    address = f"{path}?{query}" if query else path
    response = HttpResponsePermanentRedirect(address, preserve_request=True)
    # Not for good: it may be renewed again.
    response["Cache-Control"] = f"public, max-age={SHORT_CACHING_SECONDS}"
    return response


def _refusal(fault: lookup.NotPublic, slug: str) -> Refusal:
    """Return the refusal of what is not public, with links to what is public of the register."""
    sentence = f"{fault} {_ADVICE.get(type(fault), '')}".strip()
    links = list(_links(fault, slug))
    if isinstance(fault, lookup.InvalidDay):
        return Refusal(400, "Not a day", sentence, links)
    if isinstance(fault, lookup.WithdrawnPublication):
        return Refusal(410, _heading(fault), sentence, links)
    return Refusal(404, "Page not found", sentence, links)


def _heading(fault: lookup.WithdrawnPublication) -> str:
    if fault.fulfilled_by:
        return f"Replaced by publication {fault.fulfilled_by}"
    return "Called off" if fault.end is EventKind.CALLED_OFF else "Withdrawn"


def _links(fault: lookup.NotPublic, slug: str) -> Iterator[Link]:
    """Yield what is public of a register, first what happened to a withdrawn publication."""
    at = timezone.now()
    try:
        page = RegisterContext(lookup.find_register(slug, at), at)
    except (lookup.NotPublic, StoreFault):
        return
    if isinstance(fault, lookup.WithdrawnPublication) and fault.end:
        happened = page.path_of("step", number=fault.number)
        yield f"What happened to publication {fault.number}", happened
    if page.current:
        yield "The page in force", page.register_path
    yield "The change log", page.changes_path
