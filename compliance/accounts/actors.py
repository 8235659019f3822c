"""Who acts: the person of the current request, or whoever runs a command."""

import getpass
from typing import Any

from allauth.core import context

from compliance.models import Changeset


def operating_system_user() -> str:
    """Return the operating system's name for whoever runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown operating system user"


def changeset_origin() -> dict[str, Any]:
    """Return who makes a changeset now and through which door, as arguments of `changeset()`."""
    user = getattr(context.request, "user", None)
    if user is not None and user.is_authenticated:
        return {"by": user, "source": Changeset.Source.ADMIN}
    return {"by": None, "label": operating_system_user(), "source": Changeset.Source.COMMAND}
