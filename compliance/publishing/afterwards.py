"""What follows a commit."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

_Subject = TypeVar("_Subject")


def after_commit(act: Callable[[_Subject], None], subject: _Subject) -> None:
    """Do something with a subject once the transaction is committed; if it fails that is logged and undoes nothing."""
    # A lambda, because Django logs the failure by __qualname__, which a functools.partial has not.
    transaction.on_commit(lambda: act(subject), robust=True)
