"""Finds changesets of accounts, and turns what they did into lines, beside those of history rows.

A passkey is called by the name with which it was set up.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from compliance.admin.history.rows import HistoryLine
from compliance.models import (
    AccountState,
    Changeset,
    FactorEndorsement,
    FactorRemoval,
    FactorRenaming,
    IdentityState,
    Invitation,
    RecordedFactor,
    User,
)

# What is recorded of accounts, with the ways from a row to the names by which it is found.
_NAMES: Mapping[Any, Sequence[str]] = {
    Invitation: ["user__username"],
    AccountState: ["user__username", "username"],
    IdentityState: ["user__username", "provider"],
    RecordedFactor: ["user__username", "name", "renamings__name"],
    FactorRenaming: ["factor__user__username", "factor__name", "name"],
    FactorRemoval: ["factor__user__username", "factor__name", "factor__renamings__name"],
    FactorEndorsement: ["endorsed__user__username", "endorsed__name", "factor__name"],
}


def changesets_of_accounts(name: str = "") -> Q:
    """Return the changesets about accounts that have a name, or a second factor that ever had it.

    A part of the name is enough; an empty one finds all.
    """
    if not name:
        return Q(kind=Changeset.Kind.ACCOUNT)
    conditions = []
    for model, paths in _NAMES.items():
        named = reduce(or_, (Q(**{f"{path}__says": name}) for path in paths))
        conditions.append(Q(pk__in=model.objects.filter(named).order_by().values("changeset")))
    return reduce(or_, conditions)


def account_lines(changesets: Sequence[Changeset]) -> Mapping[int, list[HistoryLine]]:
    """Return the lines about accounts by changeset, without a query where none is of accounts."""
    numbers = [changeset.pk for changeset in changesets if changeset.kind == Changeset.Kind.ACCOUNT]
    lines: defaultdict[int, list[HistoryLine]] = defaultdict(list)
    if not numbers:
        return lines
    for invitation in _rows(Invitation, numbers, "user"):
        lines[invitation.changeset_id].append(
            HistoryLine(f"Account {invitation.user}", "", "Made", (User, invitation.user_id))
        )
    for number, line in _state_lines(numbers):
        lines[number].append(line)
    for identity in _rows(IdentityState, numbers, "user"):
        title, user = f"Account {identity.user}, single sign-on", (User, identity.user_id)
        before, after = (
            ("", identity.provider) if identity.is_connected else (identity.provider, "")
        )
        lines[identity.changeset_id].append(HistoryLine(title, before, after, user))
    for factor in _rows(RecordedFactor, numbers, "user"):
        lines[factor.changeset_id].append(_factor_line(factor, "", factor.name or "Set up"))
    for renaming in _rows(FactorRenaming, numbers, "factor__user"):
        lines[renaming.changeset_id].append(_factor_line(renaming.factor, "", renaming.name))
    for endorsement in _rows(FactorEndorsement, numbers, "endorsed__user", "factor"):
        signed = f"Signed with the passkey {endorsement.factor.name}"
        lines[endorsement.changeset_id].append(_factor_line(endorsement.endorsed, "", signed))
    for removal in _rows(FactorRemoval, numbers, "factor__user"):
        before = removal.factor.name or "Set up"
        lines[removal.changeset_id].append(_factor_line(removal.factor, before, ""))
    return lines


def _state_lines(changesets: Sequence[int]) -> Iterator[tuple[int, HistoryLine]]:
    """Give what changed of accounts with the changeset, in the words of the form."""
    states = list(_rows(AccountState, changesets, "user"))
    users = {state.user_id for state in states}
    latest: dict[int, AccountState | None] = {}
    wanted = {state.pk for state in states}
    for state in AccountState.objects.filter(user__in=users).select_related("user").order_by("pk"):
        before = latest.get(state.user_id)
        latest[state.user_id] = state
        if state.pk not in wanted:
            continue
        for label, value in _STATED.items():
            # Of a new account, another line says that it was made; it is called as the row says.
            if before is None and label != "roles":
                continue
            old, new = value(before) if before else "", value(state)
            if old != new:
                title = f"Account {state.user}, {label}"
                yield state.changeset_id, HistoryLine(title, old, new, (User, state.user_id))


_STATED: Mapping[str, Callable[[AccountState], str]] = {
    "user name": lambda state: state.username,
    "roles": lambda state: ", ".join(state.roles),
    "may sign in": lambda state: "Yes" if state.is_active else "No",
    "mail address": lambda state: "Changed" if state.changes_mail else "",
}


def _rows(model: Any, changesets: Sequence[int], *related: str) -> Any:
    return model.objects.filter(changeset__in=changesets).select_related(*related)


def _factor_line(factor: RecordedFactor, before: str, after: str) -> HistoryLine:
    kind = factor.get_kind_display().lower()
    return HistoryLine(f"Account {factor.user}, {kind}", before, after, (User, factor.user_id))
