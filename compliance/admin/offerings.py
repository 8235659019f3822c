"""The screen that answers since when a model's prompts go to a provider."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.admin.components.links import sees_pages
from compliance.admin.history.offerings import OfferingAnswer
from compliance.admin.history.rows import rows_of
from compliance.models import AIModel, Provider, Register
from compliance.page.continued import predecessors

_NOT_CHOSEN = {"required": "Choose one.", "invalid_choice": "There was never one called %(value)s."}


class OfferingForm(forms.Form):
    """A model and a provider, deleted ones included."""

    model = forms.ChoiceField(label="Model", error_messages=_NOT_CHOSEN)
    provider = forms.ChoiceField(label="Provider", error_messages=_NOT_CHOSEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("model", AIModel), ("provider", Provider)):
            field: Any = self.fields[name]
            field.choices = [("", "Choose"), *_names_by_slug(kind)]


def _names_by_slug(kind: Any) -> list[tuple[str, str]]:
    """Return slug and name of all models or providers there ever were, by name."""
    names = dict(kind.objects.values_list("slug", "name"))
    for slug, name in rows_of(kind).filter(history_type="-").values_list("slug", "name"):
        names.setdefault(slug, f"{name} (deleted)")
    return sorted(names.items(), key=lambda named: named[1].casefold())


@require_safe
def offering_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the form, and for a model and a provider what each register says of them."""
    user: Any = request.user
    is_reader = user.has_perms(["compliance.view_publication", "compliance.view_changeset"])
    if not (is_reader and sees_pages(user)):
        raise PermissionDenied
    # A link from the form of a model or provider gives only one of them.
    is_asked = OfferingForm.base_fields.keys() <= request.GET.keys()
    form = OfferingForm(request.GET if is_asked else None, initial=request.GET.dict())
    answers: list[OfferingAnswer] = []
    if is_asked and form.is_valid():
        answers = _answers(form.cleaned_data["model"], form.cleaned_data["provider"])
    context = {
        **site.each_context(request),
        "title": "Since when do prompts go there?",
        "form": form,
        "is_answered": is_asked and form.is_valid(),
        "answers": answers,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/history/offering.html", context)


def _ids_of_history(model: str) -> frozenset[str]:
    """Return all ids of one history: a model takes on that of another, and a third one its own."""
    deleted = rows_of(AIModel).filter(history_type="-").values_list("slug", "continues")
    continues = {
        slug: ids.split()
        for slug, ids in (*deleted, *AIModel.objects.values_list("slug", "continues"))
    }
    histories = [{slug, *predecessors(slug, continues)} for slug in continues]
    return frozenset([model]).union(*(ids for ids in histories if model in ids))


def _answers(model: str, provider: str) -> list[OfferingAnswer]:
    """Return the answers of the registers that ever listed a model at a provider."""
    models, at = _ids_of_history(model), timezone.now()
    answers = [
        OfferingAnswer(register, models, provider, at)
        for register in Register.objects.order_by("title", "pk")
    ]
    return [answer for answer in answers if answer.is_known]
