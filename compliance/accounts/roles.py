"""The roles: editor, approver and auditor, as groups that code keeps."""

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from compliance.models.tracked import Tracked

EDITOR, APPROVER, AUDITOR = "editor", "approver", "auditor"


def install_groups() -> None:
    """Make the three groups with exactly their permissions; who is in them is left alone."""
    models = apps.get_app_config("compliance").get_models()
    edited = [model._meta.model_name for model in models if issubclass(model, Tracked)]
    # No role sees the user accounts: those are for superusers and whoever they name.
    ours = Permission.objects.filter(content_type__app_label="compliance").exclude(
        content_type__model="user"
    )
    may_read = Q(codename__startswith="view_")
    may_edit = Q(content_type__model__in=edited)
    submit, approve = Q(codename="submit_publication"), Q(codename="approve_publication")
    _grant(EDITOR, ours.filter(may_read | may_edit | submit))
    _grant(APPROVER, ours.filter(may_read | approve))
    _grant(AUDITOR, ours.filter(may_read))


def _grant(name: str, permissions: QuerySet[Permission]) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)
