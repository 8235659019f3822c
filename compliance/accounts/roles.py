"""The roles editor, approver and auditor: groups whose permissions are set by code."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from compliance.models import graph

EDITOR, APPROVER, AUDITOR = "editor", "approver", "auditor"


def install_groups() -> None:
    """Create the three groups and set their permissions. Their members stay as they are."""
    tracked = [model._meta.model_name for model in graph.tracked_models()]
    # No role may view accounts: superusers do, and users to whom they grant it.
    permissions = Permission.objects.filter(content_type__app_label="compliance").exclude(
        content_type__model="user"
    )
    may_read = Q(codename__startswith="view_")
    may_edit = Q(content_type__model__in=tracked)
    submit, approve = Q(codename="submit_publication"), Q(codename="approve_publication")
    audit = Q(codename="download_audit_pack")
    _set_permissions(EDITOR, permissions.filter(may_read | may_edit | submit))
    _set_permissions(APPROVER, permissions.filter(may_read | approve | audit))
    _set_permissions(AUDITOR, permissions.filter(may_read | audit))


def _set_permissions(name: str, permissions: QuerySet[Permission]) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)
