"""Finds changesets of accounts, and turns what they did into lines, beside those of history rows.

A passkey is called by the name with which it was set up.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from compliance.admin.history.rows import HistoryLine
from compliance.models import (
    Changeset,
    FactorEndorsement,
    FactorRemoval,
    FactorRenaming,
    Invitation,
    RecordedFactor,
    User,
)

# What is recorded of accounts, with the ways from a row to the names by which it is found.
_NAMES: Mapping[Any, Sequence[str]] = {
    Invitation: ["user__username"],
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


def _rows(model: Any, changesets: Sequence[int], *related: str) -> Any:
    return model.objects.filter(changeset__in=changesets).select_related(*related)


def _factor_line(factor: RecordedFactor, before: str, after: str) -> HistoryLine:
    kind = factor.get_kind_display().lower()
    return HistoryLine(f"Account {factor.user}, {kind}", before, after, (User, factor.user_id))
