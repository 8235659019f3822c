"""The acts in one step: a form, what it would change, and exactly that done, or nothing."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from compliance.admin.components.fields import acting
from compliance.admin.conflicts.mixin import ConflictMixin
from compliance.admin.listings.actions import ActionForm
from compliance.admin.preview.confirm import ConfirmedAction
from compliance.models import Changeset


class ActionsMixin(ConflictMixin):
    """A screen from which acts in one step start, each at an address of its own."""

    acts: Sequence[type[ActionForm]] = ()

    def get_urls(self) -> list[URLPattern]:
        """Add the acts."""
        view = self.admin_site.admin_view(self.act_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        return [path("<path:object_id>/acts/<slug:act>/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Lead from a record to the acts that the person may do."""
        if record := context["original"]:
            context["acts"] = [
                (act.title, self._address(record, act))
                for act in self.acts
                if request.user.has_perms(act.permissions)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def act_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        """Ask what is to be done; show what it would change; do that, if nobody changed anything meanwhile."""
        kind = next((each for each in self.acts if each.name == act), None)
        if kind is None:
            raise Http404
        if not request.user.has_perms(kind.permissions):
            raise PermissionDenied
        record = self.get_object(request, unquote(object_id))
        if record is None:
            if gone := self.gone(request, unquote(object_id), kind.base_fields):
                return gone
            raise Http404
        title = str(self.shown(record))
        form = kind(record, acting(request), request.POST if request.method == "POST" else None)
        binding = ConfirmedAction(request, form, form.perform, source=Changeset.Source.ADMIN)
        if binding.is_done():
            return HttpResponseRedirect(_page_of(form.leads_to))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": kind.title,
            "subtitle": title,
            "record_name": title,
            "record_address": reverse(
                f"admin:compliance_{self.opts.model_name}_change", args=[object_id]
            ),
            "form": form,
            "binding": binding,
            "preview": binding.preview,
        }
        return TemplateResponse(request, "admin/listings/action.html", context)

    def _address(self, record: Any, act: type[ActionForm]) -> str:
        return reverse(f"admin:compliance_{self.opts.model_name}_act", args=[record.pk, act.name])


def _page_of(record: Any) -> str:
    return reverse(f"admin:compliance_{record._meta.model_name}_change", args=[record.pk])
