"""The one admin site."""

from functools import update_wrapper
from typing import Any, cast

from allauth.account import views as account
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from compliance.accounts import factors
from compliance.accounts.kept_form import kept_form_response
from compliance.admin import search
from compliance.admin.dashboard import Dashboard
from compliance.models import User

# What is edited most stands first.
_ORDER = [
    "Listing",
    "AIModel",
    "Provider",
    "RetentionTerm",
    "Footnote",
    "Register",
    "Publication",
    "Changeset",
]

_FACTOR_MISSING = (
    "Approvers and superusers sign in with a second factor. Set up an authenticator app or a passkey, "
    "or, where you have one, sign out and use it."
)


class RegistryAdminSite(admin.AdminSite):
    """The staff's side of the registry."""

    site_header = "Compliance registry"
    site_title = "Compliance registry"
    index_title = "Dashboard"
    empty_value_display = "–"

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the desk, and below it what can be opened."""
        desk = Dashboard(
            cast(User, request.user), timezone.now(), only=request.GET.get("register", "")
        )
        return super().index(request, {"desk": desk, **(extra_context or {})})

    def get_urls(self) -> Any:
        """Add the search."""
        return [
            path("search/", self.admin_view(self.search_view), name="search"),
            *super().get_urls(),
        ]

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Show what is found of everything."""
        return search.search_response(request, self)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return what can be opened, what is edited most first."""
        app_list = super().get_app_list(request, app_label)
        for app in app_list:
            app["models"].sort(key=_place)
        return app_list

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in staff only, and approvers and superusers only with a second factor."""
        return super().has_permission(request) and not factors.is_factor_missing(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Take what a browser sends, and lose no text with a session that ended.

        Django's own screens answer every other method as if it were GET, and a form without a session by the sign-in.
        """
        admitted = super().admin_view(view, cacheable)

        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            kept = None if request.user.is_authenticated else kept_form_response(request)
            return kept or admitted(request, *args, **kwargs)

        return require_http_methods(["GET", "HEAD", "POST"])(update_wrapper(answer, admitted))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the sign-in, or to the second factor that is missing; refuse whoever is no staff."""
        if not request.user.is_authenticated:
            wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
            return redirect_to_login(wanted, reverse("account_login"))
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_staff:
            messages.warning(request, _FACTOR_MISSING)
            return redirect("mfa_index")
        raise PermissionDenied

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out as everywhere else."""
        return account.logout(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the one form for it, which is throttled."""
        return redirect("account_change_password")


def _place(model: dict[str, Any]) -> int:
    name = model["object_name"]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


site = RegistryAdminSite()
