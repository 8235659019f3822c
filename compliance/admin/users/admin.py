"""The list and the form of the people who sign in.

Accounts are deactivated, never deleted, because changesets refer to them.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from compliance.accounts import invitations
from compliance.admin.components.change_form import ChangeFormMixin
from compliance.admin.components.fields import acting
from compliance.admin.components.lookups import LookupAllowlistMixin
from compliance.admin.site import site
from compliance.admin.users import actions, as_of
from compliance.admin.users.forms import AccountForm
from compliance.models import Changeset, Invitation, User
from compliance.models.changesets import changeset
from compliance.rendering.moments import minute_text
from compliance.templatetags.moments import minute_element

_FACTOR_NAMES = {"totp": "app", "webauthn": "passkey", "recovery_codes": "recovery codes"}


class MaySignInFilter(admin.BooleanFieldListFilter):
    """Accounts that may sign in, or not any more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "may sign in"


class RoleFilter(admin.RelatedFieldListFilter):
    """Accounts with a role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "role"


@admin.register(User, site=site)
class RegistryUserAdmin(LookupAllowlistMixin, ChangeFormMixin, admin.ModelAdmin):
    """The staff. Administrators keep the accounts, auditors read them."""

    form = AccountForm
    change_form_template = "admin/users/change_form.html"
    change_list_template = "admin/users/change_list.html"
    fieldsets = (
        ("Person", {"fields": ("username", "first_name", "last_name", "email")}),
        ("What they may do", {"fields": ("roles", "is_active")}),
        ("Signing in", {"fields": ("sign_in_state", "factors", "invited", "last_sign_in")}),
        (None, {"fields": ("reason",)}),
    )
    add_fieldsets = (
        ("Person", {"fields": ("username", "first_name", "last_name", "email")}),
        ("What they may do", {"fields": ("roles",)}),
        (None, {"fields": ("reason",)}),
    )
    readonly_fields = ("sign_in_state", "factors", "invited", "last_sign_in")
    list_display = (
        "user_name",
        "full_name",
        "account_roles",
        "factors",
        "last_sign_in",
        "sign_in_state",
    )
    list_filter = (("is_active", MaySignInFilter), ("groups", RoleFilter))
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = "Search user names, names and mail addresses."
    ordering = ("username",)
    allowed_lookups = ("is_active__exact", "groups__id__exact")
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_urls(self) -> list[Any]:
        """Add the screens of what an administrator does for somebody, and of a past day."""
        own = [
            path("as-of/", site.admin_view(self.as_of_view), name="compliance_user_as_of"),
            path("<int:pk>/link/", site.admin_view(self.link_view), name="compliance_user_link"),
            path(
                "<int:pk>/reset-factors/",
                site.admin_view(self.reset_view),
                name="compliance_user_reset_factors",
            ),
        ]
        return own + super().get_urls()

    def as_of_view(self, request: HttpRequest) -> HttpResponse:
        """Show who could do what on a day; see `as_of`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return as_of.as_of_response(request)

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send somebody a link to choose a password."""
        return actions.action_response(request, self, pk, actions.LINK)

    def reset_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove somebody's second factors."""
        return actions.action_response(request, self, pk, actions.RESET)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Prefetch("authenticator_set", Authenticator.objects.order_by("pk"))
        return super().get_queryset(request).prefetch_related("groups", factors)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, which knows who fills it in."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = acting(request)
        return form

    @admin.display(description="User name", ordering="username")
    def user_name(self, user: User) -> str:
        return user.username

    @admin.display(description="Last sign-in", ordering="last_login")
    def last_sign_in(self, user: User) -> str:
        return minute_element(user.last_login) if user.last_login else "never"

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="Roles")
    def account_roles(self, user: User) -> str:
        return ", ".join(user.role_names) or "none"

    @admin.display(description="Second factor")
    def factors(self, user: User) -> str:
        """Return the kinds of the person's factors, with the names of passkeys."""
        names = []
        for factor in user.authenticator_set.all():
            kind = _FACTOR_NAMES[factor.type]
            name = factor.data.get("name", "") if factor.type == "webauthn" else ""
            names.append(f"{kind} “{name}”" if name else kind)
        return ", ".join(names) or "none"

    @admin.display(description="Invited")
    def invited(self, user: User) -> str:
        invitation = Invitation.objects.filter(user=user).select_related("changeset").first()
        if invitation is None:
            return "Not in the record"
        changeset = invitation.changeset
        return f"by {changeset.label}, {minute_text(changeset.recorded_at)}"

    @admin.display(description="Can sign in")
    def sign_in_state(self, user: User) -> str:
        """Return whether the person can sign in, else what is missing."""
        if not user.is_active:
            return "No, deactivated"
        if not user.role_names:
            return "No, without a role"
        if not user.is_staff:  # made in a shell
            return "No, until the account is saved here once"
        factors = {factor.type for factor in user.authenticator_set.all()}
        if "webauthn" in factors:
            return "Yes"
        if not user.has_usable_password():
            return "Not yet, has chosen no password"
        return "Yes" if factors else "Yes, sets up a second factor first"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and acting(request).is_administrator

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow administrators; only a superuser changes the account of a superuser."""
        actor = acting(request)
        if not super().has_change_permission(request, obj) or not actor.is_administrator:
            return False
        return obj is None or actor.is_superuser or not obj.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the account in a changeset, and invite a new person by mail."""
        who, why = acting(request), form.cleaned_data["reason"]
        with changeset(by=who, reason=why, kind=Changeset.Kind.ACCOUNT):
            form.save_account(obj)
        if not change:
            invitations.send(obj, by=who, reason=why)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Say where the invitation went."""
        messages.success(request, f"{obj} is invited: a link went to {obj.email}.")
        return HttpResponseRedirect(reverse("admin:compliance_user_changelist"))

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        """Say that the person is told of it."""
        messages.success(request, f"The account of {obj} is saved. {obj} is told by mail.")
        return HttpResponseRedirect(reverse("admin:compliance_user_changelist"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to what the record holds of the account."""
        user = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, user):
            raise PermissionDenied
        about = urlencode({"kind": "user", "name": user.get_username() if user else ""})
        address = reverse("admin:compliance_changeset_changelist")
        return HttpResponseRedirect(f"{address}?{about}")
