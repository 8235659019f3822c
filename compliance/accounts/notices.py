"""Mails by which people learn of every change to their account, whoever made it."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.template.loader import render_to_string

from compliance.models import AccountState, Changeset, User
from compliance.models.account_states import ROLES

logger = logging.getLogger(__name__)


def changes_between(before: AccountState, after: AccountState) -> list[str]:
    """Return a sentence for each thing that is different in an account, said to its owner."""
    sentences = []
    if before.username != after.username:
        sentences.append(f"Your user name is now {after.username}, before {before.username}.")
    if before.is_active != after.is_active:
        sentences.append(
            "You may sign in again." if after.is_active else "You may not sign in any more."
        )
    for role in ROLES:
        was, now = role in before.roles, role in after.roles
        if was != now:
            article = "an" if role[0] in "aeiou" else "a"
            sentences.append(f"You are {'now' if now else 'no longer'} {article} {role}.")
    if after.changes_mail:
        sentences.append("Your account has another mail address.")
    return sentences


def tell_of_changes(user: User, changeset: Changeset, *also: str) -> None:
    """Mail a person after the commit what a changeset changed in their account.

    `also` are former addresses, which get the mail too.
    """

    def send() -> None:
        states = AccountState.objects.filter(user=user)
        of_changeset = list(states.filter(changeset=changeset))
        before = states.filter(pk__lt=of_changeset[0].pk).last()
        if before is not None:
            after = of_changeset[-1]
            after.changes_mail = any(state.changes_mail for state in of_changeset)
            _send(user, changeset, changes_between(before, after), *also)

    transaction.on_commit(send, robust=True)


def tell(user: User, changeset: Changeset, sentence: str) -> None:
    """Mail a person after the commit what was done to their account."""
    transaction.on_commit(lambda: _send(user, changeset, [sentence]), robust=True)


def _send(user: User, changeset: Changeset, sentences: Sequence[str], *also: str) -> None:
    """Send the mails; a failure is only logged."""
    context = {
        "account": user,
        "changeset": changeset,
        "sentences": sentences,
        "site": settings.SITE_URL,
    }
    subject, _, text = render_to_string("mail/account_changed.txt", context).partition("\n")
    for address in dict.fromkeys(filter(None, (user.email, *also))) if sentences else ():
        try:
            mail.send_mail(subject, text.lstrip("\n"), None, [address])
        except Exception:
            logger.exception("%s could not be told of a change to the account.", user)
