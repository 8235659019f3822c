"""When sessions end: with every change of what a user may do. (With a password's change Django ends them itself.)"""

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

_ROLE = ("is_active", "is_staff", "is_superuser")


def end_sessions(users: Collection[int]) -> None:
    """End every session of the users, given by primary key."""
    # A session names its user only inside; there are as many as people who signed in within SESSION_COOKIE_AGE.
    ended = {str(user) for user in users}
    for session in Session.objects.filter(expire_date__gt=timezone.now()) if ended else ():
        if session.get_decoded().get(SESSION_KEY) in ended:
            session.delete()


@receiver(pre_save, sender=User)
def _saved(instance: User, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    if instance._state.adding or (update_fields is not None and not {*update_fields} & {*_ROLE}):
        return
    stored = User.objects.filter(pk=instance.pk).values(*_ROLE).first()
    if stored and any(getattr(instance, name) != value for name, value in stored.items()):
        end_sessions({instance.pk})


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
def _given_or_taken(instance: Any, action: str, pk_set: set[int] | None, **kwargs: Any) -> None:
    if _changes(action, pk_set):
        end_sessions(
            {instance.pk} if isinstance(instance, User) else pk_set or _ids(instance.user_set.all())
        )


@receiver(m2m_changed, sender=Group.permissions.through)
def _group_changed(instance: Any, action: str, pk_set: set[int] | None, **kwargs: Any) -> None:
    if _changes(action, pk_set):
        groups = (
            {instance.pk}
            if isinstance(instance, Group)
            else pk_set or _ids(instance.group_set.all())
        )
        end_sessions(_ids(User.objects.filter(groups__in=groups)))


@receiver(pre_delete, sender=Group)
def _group_deleted(instance: Group, **kwargs: Any) -> None:
    end_sessions(_ids(instance.user_set.all()))


def _changes(action: str, pk_set: set[int] | None) -> bool:
    """Return whether something was given or taken; a clear names nothing, and what was there already is empty."""
    return action == "pre_clear" or (action in ("post_add", "post_remove") and bool(pk_set))


def _ids(records: QuerySet[Any]) -> set[int]:
    return set(records.values_list("pk", flat=True))
