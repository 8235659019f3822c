"""Users and groups in the admin.

Nobody can grant a permission that they do not have, and users are deactivated, never deleted.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from compliance.accounts import roles
from compliance.admin.components.change_form import ChangeFormMixin
from compliance.admin.components.fields import ReasonField, acting
from compliance.admin.components.lookups import LookupAllowlistMixin
from compliance.admin.site import site
from compliance.models import Changeset, User
from compliance.models.changesets import changeset

# Set by code after every migration (accounts/roles.py), so nobody edits them here.
_ROLES = (roles.EDITOR, roles.APPROVER, roles.AUDITOR)


def _permissions_of(user: Any) -> QuerySet[Permission]:
    """Return the permissions of a user.

    Django gives an inactive user none, but they come back when the user is activated again.
    """
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=user) | Q(group__user=user)).distinct()


def _grantable_groups(actor: Any) -> QuerySet[Group]:
    """Return the groups without a permission that the actor does not have."""
    beyond_actor = Permission.objects.exclude(pk__in=_permissions_of(actor).values("pk"))
    return Group.objects.exclude(permissions__in=beyond_actor)


class AddUserForm(AdminUserCreationForm):
    """The form of a new account. Why it is made stands in the record, beside who made it."""

    reason = ReasonField(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why this person gets an account. It stays in the record, beside your name. "
        "Name the ticket, the mail or whoever asked for it.",
        error_messages={"required": "The reason is empty. Say why this person gets an account."},
    )


# The words of the form of an account, in place of Django's: label and help by field.
_WORDS = {
    "username": ("User name", "What the person signs in with, and what the record calls them."),
    "first_name": ("First name", ""),
    "last_name": ("Last name", ""),
    "email": ("Mail address", "Where reminders and reset codes go. Never shown to the public."),
    "is_active": ("May sign in", "Untick it when somebody leaves. Accounts are never deleted."),
    "is_staff": ("Member of the staff", "Only staff sees these screens."),
    "is_superuser": ("Administrator", "May do everything but approve, accounts included."),
    "groups": ("Roles", "Editors edit and submit, approvers approve, auditors read everything."),
    "user_permissions": ("Permissions beside the roles", "Rarely needed."),
}


class RegistryUserAdmin(LookupAllowlistMixin, ChangeFormMixin, UserAdmin):
    """The staff. Those who leave are deactivated, because changesets refer to their accounts."""

    add_form = AddUserForm
    add_form_template = None  # that of Django leaves the summary of errors out
    add_fieldsets = (*UserAdmin.add_fieldsets, (None, {"fields": ("reason",)}))
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "What they may do",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Moments", {"fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "full_name", "email", "account_roles", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    search_help_text = "Search user names, names and mail addresses."
    filter_horizontal = ()
    allowed_lookups = (
        "is_staff__exact",
        "is_superuser__exact",
        "is_active__exact",
        "groups__id__exact",
    )
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="Roles")
    def account_roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["administrator", *names] if user.is_superuser else names)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the account; the invitation of a new one has who made it, and why."""
        if change:
            super().save_model(request, obj, form, change)
            return
        who, why = acting(request), form.cleaned_data["reason"]
        with changeset(by=who, reason=why, kind=Changeset.Kind.ACCOUNT):
            super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse actors who have fewer permissions than the user whom they want to edit.

        Otherwise they could set that user's password and sign in with more permissions.
        """
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return (
            not obj.is_superuser
            and not _permissions_of(obj)
            .exclude(pk__in=_permissions_of(request.user).values("pk"))
            .exists()
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make the recorded moments read-only, and for all but superusers the superuser status."""
        readonly = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        return readonly if request.user.is_superuser else [*readonly, "is_superuser"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Word the fields for the people who keep accounts."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in _WORDS:
            field.label, field.help_text = _WORDS[db_field.name]
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only the groups and permissions that the actor may grant."""
        if db_field.name == "groups":
            kwargs["queryset"] = _grantable_groups(request.user)
        if db_field.name == "user_permissions":
            kwargs["queryset"] = _permissions_of(request.user).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class RegistryGroupAdmin(LookupAllowlistMixin, ChangeFormMixin, GroupAdmin):
    """Groups. Nobody edits the three roles here."""

    filter_horizontal = ()
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse the roles, and groups with permissions that the actor does not have."""
        may_change = super().has_change_permission(request, obj)
        return may_change and _is_editable(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse the roles, and groups with permissions that the actor does not have."""
        may_delete = super().has_delete_permission(request, obj)
        return may_delete and _is_editable(obj, request.user)

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Offer only the permissions that the actor has."""
        if db_field.name == "permissions" and request:
            kwargs["queryset"] = _permissions_of(request.user).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _is_editable(group: Group | None, actor: Any) -> bool:
    """Return whether an actor may edit a group; None asks about groups in general."""
    if group is None:
        return True
    return group.name not in _ROLES and _grantable_groups(actor).filter(pk=group.pk).exists()


site.register(User, RegistryUserAdmin)
site.register(Group, RegistryGroupAdmin)
