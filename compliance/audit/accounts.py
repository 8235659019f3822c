"""Verifies accounts: whether they are as the record holds them, and whether approvers decided."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import Q

from compliance.accounts.identities import subject_sha256
from compliance.accounts.recording import factor_of, recorded_values, standing_factors
from compliance.audit.ledger_chain import Entries, entry_of
from compliance.models import (
    AccountState,
    Decision,
    FactorRenaming,
    IdentityState,
    Publication,
    RecordedFactor,
    User,
)


def state_faults() -> Iterator[str]:
    """Yield a fault for each account that may do something else than the record says."""
    recorded = {state.user_id: state for state in AccountState.objects.order_by("pk").iterator()}
    for user in User.objects.prefetch_related("groups").order_by("pk"):
        values, state = recorded_values(user), recorded.get(user.pk)
        # Who may do nothing is in the record from the first role on.
        if state is None and not user.role_names:
            continue
        if state is None or any(getattr(state, name) != value for name, value in values.items()):
            yield f"compliance_user: row {user.pk} was changed past the registry."


def identity_faults() -> Iterator[str]:
    """Yield a fault for each identity that was connected or taken away past the registry.

    Without single sign-on, there is no table to compare with.
    """
    if not apps.is_installed("allauth.socialaccount"):
        return
    recorded: set[tuple[int, str]] = set()
    for state in IdentityState.objects.order_by("pk").iterator():
        key = (state.user_id, state.subject_sha256)
        recorded = recorded | {key} if state.is_connected else recorded - {key}
    models = import_module("allauth.socialaccount.models")
    identities = models.SocialAccount.objects.order_by("pk")
    found = {(identity.user_id, subject_sha256(identity.uid)) for identity in identities}
    for user, _ in sorted(found ^ recorded):
        yield (
            f"socialaccount_socialaccount: an identity of user {user} was changed past the "
            "registry."
        )


def decider_faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each decision by somebody who was no approver, as the record has it."""
    entries_of: defaultdict[int, list[int]] = defaultdict(list)
    states_of: defaultdict[int, list[AccountState]] = defaultdict(list)
    for state in AccountState.objects.order_by("pk").iterator():
        entries_of[state.user_id].append(entry_of(entries, AccountState, state.pk))
        states_of[state.user_id].append(state)
    kinds = Decision.Kind
    takes_an_approver = (
        Q(kind=kinds.REJECTED)
        | Q(kind=kinds.APPROVED, publication__source=Publication.Source.NATIVE)
        | Q(kind=kinds.WITHDRAWN, publication__decisions__kind=kinds.APPROVED)
    )
    for decision in Decision.objects.filter(takes_an_approver).distinct().order_by("pk"):
        by = decision.by_id or 0
        place = bisect_left(entries_of[by], entry_of(entries, Decision, decision.pk))
        if not place or not states_of[by][place - 1].may_approve:
            yield (
                f"compliance_decision: row {decision.pk} is by {decision.label}, who was no "
                "approver then."
            )


def factor_faults() -> Iterator[str]:
    """Yield a fault for each factor that only the table of factors or only the record has."""
    names = dict(FactorRenaming.objects.order_by("pk").values_list("factor", "name"))
    standing: defaultdict[tuple[object, ...], list[RecordedFactor]] = defaultdict(list)
    for record in standing_factors().order_by("-pk").iterator():
        key = record.user_id, record.kind, bytes(record.credential_id), bytes(record.public_key)
        standing[key].append(record)
    for authenticator in Authenticator.objects.order_by("pk").iterator():
        row = f"mfa_authenticator: row {authenticator.pk}"
        try:
            factor = factor_of(authenticator)
        except ValueError as error:
            yield f"mfa_authenticator: {error}"
            continue
        records = standing[factor.user, factor.kind, factor.credential_id, factor.public_key]
        if not records:
            yield f"{row}, a second factor of user {factor.user}, was set up past the registry."
            continue
        record = records.pop()
        if names.get(record.pk, record.name) != factor.name:
            yield f"{row}, a passkey of user {factor.user}, was renamed past the registry."
    for records in standing.values():
        for record in records:
            yield (
                f"compliance_recordedfactor: row {record.pk}, a second factor of user "
                f"{record.user_id}, was removed past the registry."
            )
