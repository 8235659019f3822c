"""The view of all one-step actions: a form, a preview, and exactly that done or nothing."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
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
from compliance.admin.listings.action_form import ActionForm
from compliance.admin.preview.confirm import ConfirmedAction
from compliance.models import Changeset


class ActionsMixin(ConflictMixin):
    """A screen that links to one-step actions on its record, each with an address of its own."""

    one_step_actions: Sequence[type[ActionForm]] = ()

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the actions."""
        view = self.admin_site.admin_view(self.action_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        return [path("<path:object_id>/acts/<slug:act>/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add links to the actions that the person may perform."""
        record = context["original"]
        if record:
            context["one_step_actions"] = [
                (action.title, self._action_address(record, action))
                for action in self.one_step_actions
                if request.user.has_perms(action.permissions) and action.is_offered(record)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def action_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        """Show the form of an action, preview what it would change, and perform it if confirmed."""
        form_class = self._action_named(act)
        if not request.user.has_perms(form_class.permissions):
            raise PermissionDenied
        record = self.get_object(request, unquote(object_id))
        if record is None:
            page = self.deleted_meanwhile(request, unquote(object_id), form_class.base_fields)
            if page is None:
                raise Http404
            return page
        if not form_class.is_offered(record):
            raise Http404
        title = str(self.shown(record))
        address = reverse(f"admin:compliance_{self.opts.model_name}_change", args=[object_id])
        return action_response(self, request, form_class, record, whence=(title, address))

    def _action_named(self, name: str) -> type[ActionForm]:
        for action in self.one_step_actions:
            if action.name == name:
                return action
        raise Http404

    def _action_address(self, record: Any, action: type[ActionForm]) -> str:
        name = f"admin:compliance_{self.opts.model_name}_act"
        return reverse(name, args=[record.pk, action.name])


def action_response(
    screen: admin.ModelAdmin,
    request: HttpRequest,
    form_class: type[ActionForm],
    record: Any,
    *,
    whence: tuple[str, str],
) -> HttpResponse:
    """Show the form of an action, preview what it would change, and perform it if confirmed.

    `whence` are the name and the address of the screen before. It leads back there if the action
    has no record.
    """
    name, address = whence
    is_filled_in = request.method == "POST" or form_class.is_previewed_at_once
    form = form_class(record, acting(request), request.POST if is_filled_in else None)
    confirmation = ConfirmedAction(request, form, form.perform, source=Changeset.Source.ADMIN)
    if confirmation.is_done():
        changed = form.redirect_to
        return HttpResponseRedirect(_change_address(changed) if changed else address)
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": form_class.title,
        "subtitle": name,
        "record_name": name,
        "record_address": address,
        "form": form,
        "confirmation": confirmation,
        "preview": confirmation.preview,
    }
    return TemplateResponse(request, "admin/listings/action.html", context)


def _change_address(record: Any) -> str:
    return reverse(f"admin:compliance_{record._meta.model_name}_change", args=[record.pk])
