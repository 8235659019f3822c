"""The answer to staff while the database cannot be used: 503, a sentence, and what they typed."""

from django.http import HttpRequest, HttpResponse

from compliance.accounts.kept_form import kept_form_response
from compliance.models.outages import AWAY, LOST, describe
from compliance.public.errors import Refusal, error_page


def outage_response(request: HttpRequest, outage: BaseException) -> HttpResponse:
    """Answer a request that failed because the database could not be used."""
    sentence = describe(outage)
    if sentence == LOST and request.method != "POST":
        sentence = AWAY
    return unavailable(request, sentence)


def unavailable(request: HttpRequest, sentence: str = AWAY) -> HttpResponse:
    """Answer a request that needs the database; what was typed into a form is shown again."""
    response = kept_form_response(request, outage=sentence)
    if response is None:
        response = error_page(Refusal(503, "Not available now", sentence))
    response["Retry-After"] = "30"
    return response
