"""Verifies signatures of decisions and of passkeys, and names those that nobody vouched for.

A signature counts if it is by a passkey of the person who decided, which the record held at that
moment; and whoever had one then has to have signed. Moments are compared by the order of ledger
entries.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Subquery

from compliance.accounts.endorsements import verify_endorsement
from compliance.accounts.passkeys import InvalidSignature, verify_signature
from compliance.audit.ledger_chain import Entries, entry_of
from compliance.models import (
    Decision,
    DecisionSignature,
    FactorEndorsement,
    FactorRemoval,
    Invitation,
    Publication,
    Record,
    RecordedFactor,
)
from compliance.models.accounts import Assertion

# Later than any entry.
_NEVER = float("inf")


def faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each signature and answered invitation that is invalid, or is missing.

    `entries` are those of all rows. The number of queries does not depend on the number of rows.
    """
    removals = {
        factor: entry_of(entries, FactorRemoval, removal)
        for removal, factor in FactorRemoval.objects.values_list("pk", "factor")
    }
    yield from _decision_faults(entries, removals)
    yield from _unsigned_faults(entries, removals)
    yield from _endorsement_faults(entries, removals)
    yield from _invitation_faults(entries)


def _decision_faults(entries: Entries, removals: dict[int, int]) -> Iterator[str]:
    signatures = DecisionSignature.objects.select_related("decision", "factor").order_by("pk")
    for signature in signatures.iterator():
        row, decision = f"compliance_decisionsignature: row {signature.pk}", signature.decision
        entry = entry_of(entries, Decision, decision.pk)
        for fault in _assertion_faults(signature, decision.by_id, entry, entries, removals):
            yield f"{row} {fault}"
        if entry_of(entries, DecisionSignature, signature.pk) != entry:
            yield f"{row} was not recorded together with the decision that it signs."
        try:
            verify_signature(signature, decision.approval_sha256)
        except InvalidSignature as fault:
            yield f"{row} does not sign decision {decision.pk}. {fault}"


def _unsigned_faults(entries: Entries, removals: dict[int, int]) -> Iterator[str]:
    """Yield a fault for each decision by somebody who had a passkey then and did not sign it.

    Rejections, renewals and approvals of imported pages are not signed. Nor is what an approval or
    withdrawal carries over or calls off: that approval or withdrawal is.
    """
    passkeys: defaultdict[int, list[tuple[int, float, int]]] = defaultdict(list)
    recorded = RecordedFactor.objects.filter(kind=RecordedFactor.Kind.WEBAUTHN).order_by("pk")
    for key, user in recorded.values_list("pk", "user").iterator():
        came = entry_of(entries, RecordedFactor, key)
        passkeys[user].append((came, removals.get(key, _NEVER), key))
    act: Any = None  # the signed approval or withdrawal that these decisions belong to
    following = 0  # the entry of the decision after this one
    for decision in _decisions_of(passkeys).iterator():
        entry = entry_of(entries, Decision, decision.pk)
        if decision.is_signed:
            act, is_exempt = decision, True
        elif decision.kind == Decision.Kind.APPROVED:
            act = None
            is_exempt = decision.is_carried or decision.source == Publication.Source.IMPORTED
        else:
            belongs = entry == following - 1 and _belongs_to(decision, act)
            act = act if belongs else None
            is_exempt = belongs or decision.kind == Decision.Kind.RENEWED
        following = entry
        in_use = [key for came, gone, key in passkeys[decision.by_id] if came < entry < gone]
        if in_use and not is_exempt:
            yield (
                f"compliance_decision: row {decision.pk}, by {decision.username}, is not signed, "
                f"although passkey {in_use[0]} of this person was in use."
            )


def _decisions_of(people: Iterable[int]) -> Any:
    """Return the decisions by some people that are no rejections, the last one first.

    `scheduled` is the moment for which the publication was approved.
    """
    approvals = Decision.objects.filter(
        publication=OuterRef("publication"), kind=Decision.Kind.APPROVED
    )
    decisions = Decision.objects.filter(by__in=list(people)).exclude(kind=Decision.Kind.REJECTED)
    return decisions.order_by("-pk").annotate(
        scheduled=Subquery(approvals.values("effective_from")[:1]),
        is_signed=Exists(DecisionSignature.objects.filter(decision=OuterRef("pk"))),
        is_carried=_carried_and_signed(),
        source=F("publication__source"),
        username=F("by__username"),
    )


def _carried_and_signed() -> Exists:
    """Return whether a decision approves what was carried over, and one that is signed covers it.

    That is an approval or withdrawal in the same act, whose hash `verify` compares.
    """
    return Exists(
        DecisionSignature.objects.filter(
            decision__publication=OuterRef("publication__carried_by"),
            decision__register=OuterRef("register"),
            decision__by=OuterRef("by"),
            decision__at=OuterRef("at"),
        )
    )


def _belongs_to(decision: Any, act: Any) -> bool:
    """Return whether a signed act ended a scheduled publication, which takes effect no earlier.

    `approve` and `withdraw` record these decisions in the entries before their own, by the same
    person, at the same moment.
    """
    return (
        act is not None
        and act.scheduled is not None
        and decision.scheduled is not None
        and decision.scheduled >= act.scheduled
        and (decision.register_id, decision.by_id, decision.at)
        == (act.register_id, act.by_id, act.at)
    )


def _endorsement_faults(entries: Entries, removals: dict[int, int]) -> Iterator[str]:
    record = str(Record.identity())
    endorsements = FactorEndorsement.objects.select_related("endorsed", "factor").order_by("pk")
    for endorsement in endorsements.iterator():
        row, endorsed = f"compliance_factorendorsement: row {endorsement.pk}", endorsement.endorsed
        entry = entry_of(entries, FactorEndorsement, endorsement.pk)
        for fault in _assertion_faults(endorsement, endorsed.user_id, entry, entries, removals):
            yield f"{row} {fault}"
        came = entry_of(entries, RecordedFactor, endorsement.factor_id)
        if came >= entry_of(entries, RecordedFactor, endorsed.pk):
            yield f"{row} is by a passkey that is not older than the one that it vouches for."
        try:
            verify_endorsement(endorsement, record=record)
        except InvalidSignature as fault:
            yield f"{row} does not sign passkey {endorsed.pk}. {fault}"


def _assertion_faults(
    assertion: Assertion,
    user: int | None,
    entry: int,
    entries: Entries,
    removals: dict[int, int],
) -> Iterator[str]:
    """Yield why the passkey of an assertion could not sign for a user in a ledger entry."""
    factor = assertion.factor
    if factor.user_id != user:
        yield "is by a passkey of another person."
    if factor.kind != RecordedFactor.Kind.WEBAUTHN:
        yield f"is by factor {factor.pk}, which is no passkey."
    if bytes(assertion.credential_id) != bytes(factor.credential_id):
        yield f"names another passkey than factor {factor.pk}."
    if entry_of(entries, RecordedFactor, factor.pk) >= entry:
        yield f"is by passkey {factor.pk}, which was not set up before it."
    if removals.get(factor.pk, entry) < entry:
        yield f"is by passkey {factor.pk}, which was removed before it."


def _invitation_faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each factor that answers an invitation which it cannot answer."""
    people_with_factors: set[int] = set()
    factors = RecordedFactor.objects.select_related("invitation__changeset").order_by("pk")
    for factor in factors.iterator():
        if factor.invitation and (
            factor.user_id in people_with_factors or not _can_answer(factor, entries)
        ):
            yield (
                f"compliance_recordedfactor: row {factor.pk} cannot answer invitation "
                f"{factor.invitation_id}."
            )
        if factor.kind != RecordedFactor.Kind.RECOVERY_CODES:
            people_with_factors.add(factor.user_id)


def _can_answer(factor: RecordedFactor, entries: Entries) -> bool:
    """Return whether the invitation of a factor is an earlier one of this person by another."""
    invitation = factor.invitation
    return (
        invitation is not None
        and factor.kind != RecordedFactor.Kind.RECOVERY_CODES
        and invitation.user_id == factor.user_id
        and invitation.changeset.by_id not in (None, factor.user_id)
        and entry_of(entries, Invitation, invitation.pk)
        < entry_of(entries, RecordedFactor, factor.pk)
    )


def notes() -> Iterator[str]:
    """Yield what is no fault, but what somebody should look at.

    These are passkeys that signed decisions and that nobody vouched for, and approvals without a
    signature. Call it for a record without faults.
    """
    yield from _unvouched_passkeys()
    yield from _unsigned_approvals()


def _unvouched_passkeys() -> Iterator[str]:
    decisions: defaultdict[int, list[int]] = defaultdict(list)
    signed = DecisionSignature.objects.order_by("decision").values_list("factor", "decision")
    for factor, decision in signed.iterator():
        decisions[factor].append(decision)
    if not decisions:
        return
    vouched = _vouched_factors()
    unvouched = RecordedFactor.objects.filter(
        pk__in=[factor for factor in decisions if factor not in vouched]
    )
    for passkey in unvouched.select_related("user").order_by("pk"):
        yield (
            f"Nobody vouched for the passkey {passkey.name} of {passkey.user}, "
            f"compliance_recordedfactor row {passkey.pk}: no older passkey of the same account "
            "signed it, and nobody else invited this person before it. It signed "
            f"{_rows_of_decisions(decisions[passkey.pk])}."
        )


def _vouched_factors() -> set[int]:
    """Return the factors that answer an invitation, or that such a one signed, and so on."""
    vouched: set[int] = set()
    rows = RecordedFactor.objects.order_by("pk")
    for factor, invitation, older in rows.values_list(
        "pk", "invitation", "endorsement__factor"
    ).iterator():
        # A passkey is signed by an older one, which has been looked at already.
        if invitation is not None or older in vouched:
            vouched.add(factor)
    return vouched


def _unsigned_approvals() -> Iterator[str]:
    approvals = Decision.objects.filter(kind=Decision.Kind.APPROVED).exclude(
        publication__source=Publication.Source.IMPORTED
    )
    columns = ("pk", "signature", "is_carried", "number", "publication__register__slug", "label")
    approvals = approvals.annotate(is_carried=_carried_and_signed())
    unsigned: list[str] = []
    count = 0
    for key, signature, is_carried, number, slug, label in (
        approvals.order_by("pk").values_list(*columns).iterator()
    ):
        count += 1
        if signature is None and not is_carried:
            unsigned.append(f"row {key}, publication {number} of {slug}, by {label}")
    if not unsigned:
        return
    counted = f"{len(unsigned)} of {count}"
    if settings.REQUIRE_SIGNED_APPROVALS:
        yield (
            f"Approvals not signed with a passkey, which is compulsory now: {counted}. "
            f"compliance_decision {'; '.join(unsigned)}."
        )
    else:
        yield f"Approvals not signed with a passkey: {counted}."


def _rows_of_decisions(keys: Iterable[int]) -> str:
    return f"compliance_decision rows {', '.join(map(str, keys))}"
