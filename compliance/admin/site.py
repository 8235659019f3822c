"""The admin site: who is let in, the dashboard, the search, and signing in through allauth."""

from functools import update_wrapper
from typing import Any, cast

from allauth.account import views as account
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from compliance.accounts import factors
from compliance.accounts.kept_form import kept_form_response
from compliance.admin import account as own_account
from compliance.admin import audit_pack, documents, help, review_calendar, search
from compliance.admin.dashboard.dashboard import Dashboard
from compliance.admin.offerings import offering_response
from compliance.admin.rail import rail_groups
from compliance.models import User

# The models in the order in which lists show them, most edited first.
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
    "Everybody signs in with a second factor. "
    "Set up an authenticator app or a passkey, or, where you have one, sign out and use it."
)


class RegistryAdminSite(admin.AdminSite):
    """The screens of the staff."""

    site_header = "Compliance registry"
    site_title = "Compliance registry"
    index_title = "Desk"
    empty_value_display = "–"
    enable_nav_sidebar = False  # `rail` takes its place

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the rail, and the address of the help about the screen."""
        return {
            **super().each_context(request),
            "rail": rail_groups(request),
            "help_address": help.help_address(request),
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the desk."""
        user = cast(User, request.user)
        dashboard = Dashboard(user, timezone.now(), only=request.GET.get("register", ""))
        return super().index(request, {"dashboard": dashboard, **(extra_context or {})})

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Redirect to the desk: the rail takes the place of a list of tables."""
        return redirect("admin:index")

    def get_urls(self) -> Any:
        """Add the addresses of the screens that are about no single kind of record."""
        return [
            path("search/", self.admin_view(self.search_view), name="search"),
            path("offering/", self.admin_view(self.offering_view), name="offering"),
            path("reviews/", self.admin_view(self.calendar_view), name="review_calendar"),
            path("documents/", self.admin_view(self.documents_view), name="documents"),
            path("agreements/", self.admin_view(self.agreements_view), name="agreements"),
            path("account/", self.admin_view(self.account_view), name="account"),
            path("audit-pack/", self.admin_view(self.audit_pack_view), name="audit_pack"),
            path("help/", self.admin_view(self.help_view), name="help"),
            *super().get_urls(),
        ]

    def search_view(self, request: HttpRequest) -> HttpResponse:
        return search.search_response(request, self)

    def offering_view(self, request: HttpRequest) -> HttpResponse:
        return offering_response(request, self)

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        return review_calendar.calendar_response(request, self)

    def documents_view(self, request: HttpRequest) -> HttpResponse:
        return documents.documents_response(request, self)

    def agreements_view(self, request: HttpRequest) -> HttpResponse:
        return documents.agreements_response(request, self)

    def audit_pack_view(self, request: HttpRequest) -> HttpResponseBase:
        return audit_pack.audit_pack_response(request, self)

    def account_view(self, request: HttpRequest) -> HttpResponse:
        return own_account.account_response(request, self)

    def help_view(self, request: HttpRequest) -> HttpResponse:
        return help.help_response(request, self)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the models that the user may open, most edited first."""
        app_list = super().get_app_list(request, app_label)
        for app in app_list:
            app["models"].sort(key=_position)
        return app_list

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in staff only, with a second factor."""
        return super().has_permission(request) and not factors.is_factor_missing(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return a view for staff that accepts GET, HEAD and POST only.

        A form that is sent after the session ended is not lost: it is shown again to be sent after
        signing in.
        """
        # Django's own admin views treat every method but POST as GET.
        view_for_staff = super().admin_view(view, cacheable)

        def view_or_kept_form(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                kept_form = kept_form_response(request)
                if kept_form:
                    return kept_form
            return view_for_staff(request, *args, **kwargs)

        wrapped = update_wrapper(view_or_kept_form, view_for_staff)
        return require_http_methods(["GET", "HEAD", "POST"])(wrapped)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the sign-in, or to setting up a missing second factor.

        Raises PermissionDenied for users who are signed in but not staff.
        """
        if not request.user.is_authenticated:
            next_address = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
            return redirect_to_login(next_address, reverse("account_login"))
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_staff:
            messages.warning(request, _FACTOR_MISSING)
            return redirect("mfa_index")
        raise PermissionDenied

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out through allauth."""
        return account.logout(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Redirect to allauth's form, which is throttled."""
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Redirect to the account: allauth's form says itself that the password was changed."""
        return redirect("admin:account")


def _position(model: dict[str, Any]) -> int:
    name = model["object_name"]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


site = RegistryAdminSite()
