"""Verifies publications and the decisions on them: whatever the guards would have refused."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Min, Q, QuerySet

from compliance.audit.ledger_chain import Entries, entry_of
from compliance.models import Contribution, Decision, Publication, PublishedFile, Record
from compliance.models.publications import ENDED
from compliance.page import canonical

_PUBLICATION, _DECISION = Publication._meta.db_table, Decision._meta.db_table
_IMPORTED, _NATIVE = Publication.Source.IMPORTED, Publication.Source.NATIVE
# Later than any entry.
_NEVER = float("inf")
_CHUNK = 200


def publication_faults() -> Iterator[str]:
    """Yield a fault for each file that differs from its hash, and each JSON that was exchanged."""
    files = PublishedFile.objects.order_by("pk").values_list(
        "pk", "content", "sha256", "format", "publication__register__slug"
    )
    # A page can have megabytes, so as few are read at a time as one publication has.
    for key, content, sha256, format, slug in files.iterator(chunk_size=4):
        if canonical.sha256(bytes(content)) != sha256:
            yield f"compliance_publishedfile: row {key} does not have the hash beside it."
        if format == "json" and not _is_page_of(bytes(content), slug):
            yield f"compliance_publishedfile: row {key} is not a page of the register {slug}."
    same = PublishedFile.objects.filter(format="json", sha256=F("publication__content_sha256"))
    exchanged = Publication.objects.exclude(pk__in=same.values("publication")).order_by("pk")
    for key in exchanged.values_list("pk", flat=True).iterator():
        yield f"{_PUBLICATION}: row {key} names another hash than its JSON has."


def _is_page_of(content: bytes, slug: str) -> bool:
    """Return whether a page in JSON names the register that has a slug."""
    try:
        return bool(json.loads(content)["register"]["slug"] == slug)
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def relation_faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each publication that names another than it may as its base or origin.

    `entries` are those of all rows.
    """
    publications = Publication.objects.order_by("pk")
    of_others = publications.exclude(base=None).exclude(base__register=F("register"))
    for key in of_others.values_list("pk", flat=True).iterator():
        yield f"{_PUBLICATION}: row {key} is compared with a page of another register."
    reverting = publications.exclude(reverts=None).select_related("reverts")
    hashes = _hashes_by_publication(reverting)
    approvals = dict(
        Decision.objects.filter(kind=Decision.Kind.APPROVED).values_list("publication", "pk")
    )
    for publication in reverting.defer("findings", "reverts__findings").iterator():
        key, origin = publication.pk, publication.reverts
        assert origin  # noqa: S101  # those without one are left out
        if origin.register_id != publication.register_id:
            yield f"{_PUBLICATION}: row {key} reverts to a page of another register."
        if hashes[key] != hashes[origin.pk]:
            yield f"{_PUBLICATION}: row {key} reverts to row {origin.pk}, but has other bytes."
        submitted = entry_of(entries, Publication, key)
        approval = approvals.get(origin.pk)
        if approval is None or entry_of(entries, Decision, approval) > submitted:
            yield f"{_PUBLICATION}: row {key} reverts to row {origin.pk}, which was not approved."


def renewal_faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each publication that renews another one, and for each that is renewed.

    A renewal takes over what another publication says, and who wrote it. Of a scheduled one it is
    decided in one act with an approval or a withdrawal, which covers it. `entries` are those of all
    rows.
    """
    renewals = Publication.objects.exclude(renews=None).order_by("pk").defer("findings")
    related = renewals.select_related("renews").prefetch_related(
        "decisions",
        "contributions",
        "renews__decisions",
        "renews__contributions",
        "carried_by__decisions",
    )
    renewed = set()
    for renewal in related.iterator(chunk_size=_CHUNK):
        renewed.add(renewal.renews_id)
        for rule in _broken_rules_of_renewal(renewal, entries):
            yield f"{_PUBLICATION}: row {renewal.pk} {rule}"
    carried = Publication.objects.exclude(carried_by=None).filter(renews=None).order_by("pk")
    for key in carried.values_list("pk", flat=True).iterator():
        yield f"{_PUBLICATION}: row {key} is carried over, but renews no other."
    ended = Decision.objects.filter(kind=Decision.Kind.RENEWED).exclude(publication__in=renewed)
    for key in ended.order_by("pk").values_list("pk", flat=True).iterator():
        yield f"{_DECISION}: row {key} renews a publication that no other takes over."


def _broken_rules_of_renewal(renewal: Publication, entries: Entries) -> Iterator[str]:
    """Yield the rules that a publication breaks that renews another one."""
    renewed = renewal.renews
    assert renewed  # noqa: S101  # those without one are left out
    if renewed.register_id != renewal.register_id:
        yield "renews a publication of another register."
    if entry_of(entries, Publication, renewed.pk) > entry_of(entries, Publication, renewal.pk):
        yield "renews a later publication."
    if renewed.submitted_by_id != renewal.submitted_by_id:
        yield "has another submitter than the publication that it renews."
    if not _added(renewed) <= _added(renewal):
        yield "lacks edits that are in the publication that it renews."
    decisions = {decision.kind: decision for decision in renewal.decisions.all()}
    ended = {decision.kind: decision for decision in renewed.decisions.all()}
    end, approval = ended.get(Decision.Kind.RENEWED), decisions.get(Decision.Kind.APPROVED)
    if end is None:
        yield "renews a publication that has not ended."
    is_scheduled = Decision.Kind.APPROVED in ended
    if is_scheduled != (renewal.carried_by is not None):
        yield "renews an approved publication and is carried by none, or the other way round."
    elif end and is_scheduled and not (approval and _same_act(approval, end)):
        yield "renews a scheduled publication, but was not approved in the same act."
    carrier = renewal.carried_by
    if (
        carrier
        and approval
        and not any(
            _same_act(approval, decision) and decision.kind != Decision.Kind.REJECTED
            for decision in carrier.decisions.all()
        )
    ):
        yield "was not approved together with the publication that carries it."


def _added(publication: Publication) -> set[int]:
    """Return the keys of the changesets whose edits are in a publication."""
    return {
        contribution.changeset_id
        for contribution in publication.contributions.all()
        if contribution.kind == Contribution.Kind.ADDS
    }


def _same_act(decision: Decision, other: Decision) -> bool:
    """Return whether two decisions are by the same person at the same moment."""
    return (decision.register_id, decision.by_id, decision.at) == (
        other.register_id,
        other.by_id,
        other.at,
    )


def _hashes_by_publication(reverting: QuerySet[Publication]) -> dict[int, dict[str, str]]:
    """Return the hashes of files by format, for reverts and what they revert to, by their keys."""
    named = Q(publication__in=reverting.values("pk")) | Q(
        publication__in=reverting.values("reverts")
    )
    hashes: defaultdict[int, dict[str, str]] = defaultdict(dict)
    files = PublishedFile.objects.filter(named).order_by()
    for publication, format, sha256 in files.values_list("publication", "format", "sha256"):
        hashes[publication][format] = sha256
    return hashes


def imported_faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each imported publication that came after the first native one.

    An imported page was public before it was recorded, so its moments prove nothing. What tells it
    from a forged one is that it stands in the ledger before everything that was published here.
    `entries` are those of all rows.
    """
    first_native = _first_native_entries(entries)
    imported = Publication.objects.filter(source=_IMPORTED).order_by("pk")
    for key, register in imported.values_list("pk", "register").iterator():
        if entry_of(entries, Publication, key) > first_native.get(register, _NEVER):
            yield (
                f"{_PUBLICATION}: row {key} is imported, but was recorded after a publication of "
                "the registry."
            )
    approvals = Decision.objects.filter(
        kind=Decision.Kind.APPROVED, publication__source=_IMPORTED
    ).order_by("pk")
    for key, register in approvals.values_list("pk", "register").iterator():
        if entry_of(entries, Decision, key) > first_native.get(register, _NEVER):
            yield (
                f"{_DECISION}: row {key} approves an imported page, but was recorded after a "
                "publication of the registry."
            )


def _first_native_entries(entries: Entries) -> dict[int, int]:
    """Return by register the entry that seals its first native publication."""
    native = Publication.objects.filter(source=_NATIVE).order_by().values("register")
    first = native.annotate(first=Min("pk")).values_list("register", "first")
    return {register: entry_of(entries, Publication, key) for register, key in first}


@dataclass
class _Decided:
    """What was decided in a register before a decision.

    `standing` are its approved publications that were neither withdrawn nor renewed: by their key
    the moment from which they are in force.
    """

    approvals: int = 0
    standing: dict[int, datetime] = field(default_factory=dict)


def decision_faults(entries: Entries) -> Iterator[str]:
    """Yield a fault for each decision that the guards would have refused.

    `entries` are those of all rows.
    """
    barred = _barred()
    states: dict[int, str] = {}
    decided_by_register: defaultdict[int, _Decided] = defaultdict(_Decided)
    # In the order of recording, so that what stands at a decision is what no earlier row withdrew.
    for decision in _decisions().iterator():
        publication, decided = decision.publication_id, decided_by_register[decision.register_id]
        broken = [*_broken_rules(decision, states.get(publication), entries)]
        states[publication] = decision.kind
        if decision.kind == Decision.Kind.APPROVED:
            decided.approvals += 1
            adding = barred[Contribution.Kind.ADDS][publication]
            broken += _broken_rules_of_approval(decision, decided, adding)
            decided.standing[publication] = decision.effective_from or decision.at
        elif decision.kind == Decision.Kind.RENEWED:
            decided.standing.pop(publication, None)
        elif decision.kind == Decision.Kind.WITHDRAWN:
            decided.standing.pop(publication, None)
            returning = barred[Contribution.Kind.RETURNS][publication]
            broken += _broken_rules_of_withdrawal(decision, returning)
        for rule in broken:
            yield f"{_DECISION}: row {decision.pk} {rule}"


def hash_faults() -> Iterator[str]:
    """Yield a fault for each decision with another hash than that of everything that it decides."""
    record = str(Record.identity())
    decided = _decisions().filter(kind__in=[Decision.Kind.APPROVED, Decision.Kind.WITHDRAWN])
    carried = decided.prefetch_related(
        "publication__decisions",
        "publication__carried__decisions",
        "publication__carried__renews",
    )
    for decision in carried.iterator(chunk_size=_CHUNK):
        purpose = "approve" if decision.kind == Decision.Kind.APPROVED else "withdraw"
        if decision.approval_sha256 != decision.publication.decided_sha256(purpose, record=record):
            yield (
                f"{_DECISION}: row {decision.pk} names another hash than that of everything that "
                "it decides."
            )


def _decisions() -> QuerySet[Decision]:
    """Return the decisions in the order of recording, with what their hashes cover."""
    related = Decision.objects.select_related("publication__register", "publication__base")
    return related.defer("publication__findings", "publication__base__findings").order_by("pk")


def _barred() -> dict[str, defaultdict[int, set[int]]]:
    """Return who may not decide: by the kind of contribution and the publication, their keys."""
    barred: dict[str, defaultdict[int, set[int]]] = {
        kind: defaultdict(set) for kind in Contribution.Kind.values
    }
    people = Contribution.objects.exclude(changeset__by=None).order_by()
    for kind, publication, person in people.values_list(
        "kind", "publication", "changeset__by"
    ).iterator():
        barred[kind][publication].add(person)
    return barred


def _broken_rules(decision: Decision, state: str | None, entries: Entries) -> Iterator[str]:
    """Yield the rules for every decision that this one breaks; `state` is that before it."""
    publication = decision.publication
    if state and not (decision.kind in ENDED and state == Decision.Kind.APPROVED):
        yield "is a second decision on its publication."
    if decision.register_id != publication.register_id:
        yield "belongs to another register than its publication."
    submitted = entry_of(entries, Publication, publication.pk)
    if (
        decision.at < publication.submitted_at
        or entry_of(entries, Decision, decision.pk) < submitted
    ):
        yield "is backdated."
    if decision.by_id is None and publication.source == _NATIVE:
        yield "is by nobody."


def _broken_rules_of_approval(
    decision: Decision, decided: _Decided, adding: set[int]
) -> Iterator[str]:
    """Yield the rules for approvals that this one breaks.

    `adding` are the keys of the people whose edits the publication adds.
    """
    publication, standing = decision.publication, decided.standing
    if decision.number != decided.approvals:
        yield f"has the number {decision.number}, where {decided.approvals} follows."
    if decision.content_sha256 != publication.content_sha256:
        yield "approves another hash than that of its publication."
    effective_from = decision.effective_from or decision.at
    if standing and effective_from <= max(standing.values()):
        yield "takes effect no later than the publication before it."
    if publication.source == _IMPORTED:
        yield from _broken_rules_of_import(decision)
        return
    if decision.by_id in {publication.submitted_by_id, *adding}:
        yield "is by somebody who submitted or edited it."
    if decision.at > effective_from:
        yield "is backdated."
    requested = max(decision.at, publication.requested_effective_from or decision.at)
    # If the publication before takes effect at the same instant, this one does a microsecond later.
    after_last = max(standing.values(), default=requested) + timedelta(microseconds=1)
    if effective_from not in (requested, after_last) or effective_from < requested:
        yield "takes effect at another moment than it was asked to."
    if publication.base_id != max(standing, key=standing.__getitem__, default=None):
        yield "follows another publication than the one it was compared with."


def _broken_rules_of_import(decision: Decision) -> Iterator[str]:
    """Yield the rules that the approval of an imported publication breaks.

    It says two moments: when the page was public, and when that was recorded.
    """
    effective_from = decision.effective_from or decision.at
    was_public = decision.publication.requested_effective_from
    if effective_from != was_public or effective_from > decision.at:
        yield "takes effect at another moment than the imported page was public."


def _broken_rules_of_withdrawal(decision: Decision, returning: set[int]) -> Iterator[str]:
    """Yield the rules for withdrawals that this one breaks.

    `returning` are the keys of the people whose edits come back.
    """
    if decision.by_id in returning:
        yield "is by somebody whose edits it brings back."
