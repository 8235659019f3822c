"""Ends the sessions of a user when their permissions change.

Django itself ends them when the password changes.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from compliance.models import User

_PERMISSION_FIELDS = ("is_active", "is_staff", "is_superuser")


def end_sessions(users: Collection[int]) -> None:
    """End every session of some users, given by primary key."""
    if not users:
        return
    # The user is only in the encoded data of a session, so all sessions have to be read. There
    # are few: one for each person who signed in within SESSION_COOKIE_AGE.
    keys = {str(user) for user in users}
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        if session.get_decoded().get(SESSION_KEY) in keys:
            session.delete()


@receiver(pre_save, sender=User)
def _end_when_flags_change(
    instance: User, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    if instance._state.adding:
        return
    if update_fields is not None and not {*update_fields} & {*_PERMISSION_FIELDS}:
        return
    stored = User.objects.filter(pk=instance.pk).values(*_PERMISSION_FIELDS).first()
    if stored and any(getattr(instance, name) != value for name, value in stored.items()):
        end_sessions({instance.pk})


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
def _end_when_grants_change(
    instance: Any, action: str, pk_set: set[int] | None, **kwargs: Any
) -> None:
    if not _changes(action, pk_set):
        return
    if isinstance(instance, User):
        end_sessions({instance.pk})
    else:  # changed from the group or permission, whose users `pk_set` names
        end_sessions(pk_set or _ids(instance.user_set.all()))


@receiver(m2m_changed, sender=Group.permissions.through)
def _end_when_group_permissions_change(
    instance: Any, action: str, pk_set: set[int] | None, **kwargs: Any
) -> None:
    if not _changes(action, pk_set):
        return
    if isinstance(instance, Group):
        groups = {instance.pk}
    else:  # changed from the permission, whose groups `pk_set` names
        groups = pk_set or _ids(instance.group_set.all())
    end_sessions(_ids(User.objects.filter(groups__in=groups)))


@receiver(pre_delete, sender=Group)
def _end_when_group_is_deleted(instance: Group, **kwargs: Any) -> None:
    end_sessions(_ids(instance.user_set.all()))


def _changes(action: str, pk_set: set[int] | None) -> bool:
    """Return whether a signal about a many-to-many field means that something changed.

    A clear is announced before it happens and names no keys. An addition of what is there already
    names none either.
    """
    return action == "pre_clear" or (action in ("post_add", "post_remove") and bool(pk_set))


def _ids(records: QuerySet[Any]) -> set[int]:
    return set(records.values_list("pk", flat=True))
