"""The roles of accounts: groups whose permissions are set by code."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from compliance.models import graph
from compliance.models.account_states import ADMINISTRATOR, APPROVER, AUDITOR, EDITOR

__all__ = ["ADMINISTRATOR", "APPROVER", "AUDITOR", "EDITOR", "install_groups"]


def install_groups() -> None:
    """Create the four groups and set their permissions. Their members stay as they are."""
    tracked = [model._meta.model_name for model in graph.tracked_models()]
    permissions = Permission.objects.filter(content_type__app_label="compliance").exclude(
        content_type__model="user"
    )
    accounts = Permission.objects.filter(
        content_type__model="user", content_type__app_label="compliance"
    )
    may_read = Q(codename__startswith="view_")
    may_edit = Q(content_type__model__in=tracked)
    submit, approve = Q(codename="submit_publication"), Q(codename="approve_publication")
    audit = Q(codename="download_audit_pack")
    _set_permissions(EDITOR, permissions.filter(may_read | may_edit | submit))
    _set_permissions(APPROVER, permissions.filter(may_read | approve | audit))
    _set_permissions(
        AUDITOR, permissions.filter(may_read | audit) | accounts.filter(codename="view_user")
    )
    _set_permissions(
        ADMINISTRATOR,
        permissions.filter(may_read | may_edit | submit | audit)
        | accounts.exclude(codename="delete_user"),
    )


def _set_permissions(name: str, permissions: QuerySet[Permission]) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)
