"""The screen that answers since when a model's prompts go to a provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

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
from compliance.page.names import spelling_key

_NOT_CHOSEN = {"required": "Choose one."}
# How many similar models or providers the error about an unknown one names.
_MOST_SIMILAR = 5


@dataclass(frozen=True)
class PartyNames:
    """All models, or all providers, that there ever were: their names by their ids."""

    existing: dict[str, str]
    deleted: dict[str, str]

    @classmethod
    def of(cls, kind: Any) -> Self:
        """Read the names of a kind of record; a deleted one has the name that it had last."""
        existing = dict(kind.objects.values_list("slug", "name"))
        deletions = rows_of(kind).filter(history_type="-").order_by("history_id")
        deleted = dict(deletions.values_list("slug", "name"))
        return cls(existing, {id: name for id, name in deleted.items() if id not in existing})

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Id and name of each, by name."""
        deleted = [(id, f"{name} (deleted)") for id, name in self.deleted.items()]
        return sorted([*self.existing.items(), *deleted], key=lambda named: named[1].casefold())

    def find_id(self, text: str) -> str:
        """Return the id of the only one with a name, in any spelling; else the text itself."""
        found = self._named(text)
        return found[0] if len(found) == 1 and text not in self._names else text

    def fault(self, text: str) -> str:
        """Return why a text names none of them, with the ids of those that were perhaps meant."""
        if found := self._named(text):
            return f"{text} is the name of several. Give the id of one: {', '.join(found)}."
        names = {name.casefold(): id for id, name in self._names.items()}
        ids = {id: id for id in self._names}
        matches = get_close_matches(text.casefold(), names | ids, n=_MOST_SIMILAR)
        similar = dict.fromkeys((names | ids)[match] for match in matches)
        if not similar:
            return f"There was never one called {text}. Choose one, or give its id."
        offered = " or ".join(f"{id} ({self._names[id]})" for id in similar)
        return f"There was never one called {text}. Choose one, or give its id, such as {offered}."

    def _named(self, text: str) -> list[str]:
        key = spelling_key(text)
        return [id for id, name in self._names.items() if spelling_key(name) == key]

    @property
    def _names(self) -> dict[str, str]:
        return {**self.deleted, **self.existing}


class OfferingForm(forms.Form):
    """A model and a provider, deleted ones included. Each is given by its id or its name."""

    model = forms.ChoiceField(label="Model", error_messages=_NOT_CHOSEN)
    provider = forms.ChoiceField(label="Provider", error_messages=_NOT_CHOSEN)

    def __init__(self, asked: Mapping[str, str], *, is_bound: bool) -> None:
        names = {"model": PartyNames.of(AIModel), "provider": PartyNames.of(Provider)}
        found = {name: names[name].find_id(asked[name]) for name in names.keys() & asked.keys()}
        super().__init__(found if is_bound else None, initial=found)
        for name, known in names.items():
            field: Any = self.fields[name]
            field.choices = [("", "Choose"), *known.choices]
            # The message is a format: a typed "%" must stand for itself.
            fault = known.fault(found.get(name, "")).replace("%", "%%")
            field.error_messages["invalid_choice"] = fault


@require_safe
def offering_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the form, and for a model and a provider what each register says of them."""
    user: Any = request.user
    is_reader = user.has_perms(["compliance.view_publication", "compliance.view_changeset"])
    if not (is_reader and sees_pages(user)):
        raise PermissionDenied
    # A link from the form of a model or provider gives only one of them.
    is_asked = OfferingForm.base_fields.keys() <= request.GET.keys()
    form = OfferingForm(request.GET.dict(), is_bound=is_asked)
    answers: list[OfferingAnswer] = []
    if is_asked and form.is_valid():
        answers = _answers(form.cleaned_data["model"], form.cleaned_data["provider"])
    context = {
        **site.each_context(request),
        "title": "Where prompts go",
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
