"""The one admin site."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from compliance.models import Changeset, Publication, Register

# What is edited most stands first.
_ORDER = ["Listing", "AIModel", "Provider", "RetentionTerm", "Footnote", "Register", "Publication", "Changeset"]


class RegistryAdminSite(admin.AdminSite):
    """The staff's side of the registry."""

    site_header = "Compliance registry"
    site_title = "Compliance registry"
    index_title = "Working copy"
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what can be edited, and the latest changesets to whoever may read them."""
        may_read = request.user.has_perm("compliance.view_changeset")
        latest = Changeset.objects.all()[:8] if may_read else Changeset.objects.none()
        context = {"latest_changesets": latest, **_publishing(request), **(extra_context or {})}
        return super().index(request, context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return what can be opened, what is edited most first."""
        app_list = super().get_app_list(request, app_label)
        for app in app_list:
            app["models"].sort(key=_place)
        return app_list

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view for staff only, with forms that browsers can post."""
        return _with_origin(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the sign-in form, which browsers can post."""
        return _with_origin(super().login)(request, extra_context)


def _publishing(request: HttpRequest) -> dict[str, Any]:
    """Return what waits for approval, and the registers that the person may publish."""
    may_read = request.user.has_perm("compliance.view_publication")
    may_submit = request.user.has_perm("compliance.submit_publication")
    return {
        "in_review": Publication.objects.in_review().select_related("register")[:10] if may_read else [],
        "registers": Register.objects.all()[:10] if may_submit else [],
    }


def _place(model: dict[str, Any]) -> int:
    name = model["object_name"]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _with_origin(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    # Under "no-referrer", the policy of all other pages, browsers post forms with "Origin: null", and Django's
    # CSRF check refuses that. See "append a request Origin header" in https://fetch.spec.whatwg.org/.
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return answer


site = RegistryAdminSite()
