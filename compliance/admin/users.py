"""Users and groups, with guards: nobody gives away more than they hold, and nobody is deleted."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from compliance.accounts import roles
from compliance.admin.components.lookups import LookupAllowlistMixin
from compliance.admin.site import site
from compliance.models import User

_KEPT_BY_CODE = (roles.EDITOR, roles.APPROVER, roles.AUDITOR)


def _held(user: Any) -> QuerySet[Permission]:
    """Return the permissions of a user, an inactive one's too: activating it again gives them back."""
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=user) | Q(group__user=user)).distinct()


def _grantable(actor: Any) -> QuerySet[Group]:
    """Return the groups that give nothing that the actor does not hold."""
    more = Permission.objects.exclude(pk__in=_held(actor).values("pk"))
    return Group.objects.exclude(permissions__in=more)


class RegistryUserAdmin(LookupAllowlistMixin, UserAdmin):
    """The staff. Who leaves is deactivated: the record names them."""

    filter_horizontal = ()
    allowed_lookups = (
        "is_staff__exact",
        "is_superuser__exact",
        "is_active__exact",
        "groups__id__exact",
    )
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody: users are deactivated."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse those who hold less than the user to be edited: its password would give them the rest."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return (
            not obj.is_superuser
            and not _held(obj).exclude(pk__in=_held(request.user).values("pk")).exists()
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the moments that the software notes, and let only a superuser make one."""
        readonly = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        return readonly if request.user.is_superuser else [*readonly, "is_superuser"]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only the groups and permissions that the actor may give."""
        if db_field.name == "groups":
            kwargs["queryset"] = _grantable(request.user)
        if db_field.name == "user_permissions":
            kwargs["queryset"] = _held(request.user).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class RegistryGroupAdmin(LookupAllowlistMixin, GroupAdmin):
    """Groups. The roles are kept by code after every migration, so nobody edits them here."""

    filter_horizontal = ()
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse the roles, and groups that hold more than the actor."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or (
            obj.name not in _KEPT_BY_CODE and _grantable(request.user).filter(pk=obj.pk).exists()
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse the roles, and groups that hold more than the actor."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or (
            obj.name not in _KEPT_BY_CODE and _grantable(request.user).filter(pk=obj.pk).exists()
        )

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Offer only the permissions that the actor holds."""
        if db_field.name == "permissions" and request:
            kwargs["queryset"] = _held(request.user).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


site.register(User, RegistryUserAdmin)
site.register(Group, RegistryGroupAdmin)
