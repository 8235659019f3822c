"""The indexes, leaves and files that the database gives; the published store is a copy of them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Length

from compliance.models import Decision, LedgerEntry, Publication, PublishedFile, Register
from compliance.models.ledger import moment_text as ledger_moment_text
from compliance.published.index import Index, PublishedEntry, StoredFile
from compliance.published.leaves import Event, make_leaf


def published_registers() -> QuerySet[Register, Any]:
    """Return the registers with an approved publication, ordered by slug.

    Each has a `revision`: the primary key of the last decision that changed what the public sees.
    """
    approved = Decision.objects.filter(kind=Decision.Kind.APPROVED)
    registers: QuerySet[Register, Any] = Register.objects.filter(pk__in=approved.values("register"))
    revision = Max("decisions__pk", filter=Q(decisions__event__isnull=False))
    return registers.annotate(revision=revision).order_by("slug")


def build_index(register: Register, record: str, *, known: Index | None) -> Index | None:
    """Return a register's index as the database gives it, or None if nothing was approved.

    `known` is an index that was written earlier, or None. If the ledger still confirms it, only
    the decisions made since then are read.
    """
    published = published_registers().filter(pk=register.pk).first()
    if published is None:
        return None
    entries: dict[int, PublishedEntry] = {}
    known_revision = 0
    # Reading every publication at each approval would take longer with each one.
    if known and is_confirmed(known, record):
        entries = {entry.number: entry for entry in known.publications}
        known_revision = known.revision
    decisions = Decision.objects.filter(register=register, pk__gt=known_revision)
    publications = Publication.objects.filter(pk__in=decisions.values("publication")).approved()
    for publication in publications.prefetch_related("decisions__event"):
        entry = _entry(publication)
        entries[entry.number] = entry
    return Index(
        record=record,
        revision=published.revision,
        slug=published.slug,
        publications=tuple(entries[number] for number in sorted(entries)),
        head=head_of(LedgerEntry.objects.last()),
    )


def is_confirmed(index: Index, record: str) -> bool:
    """Return whether the ledger holds the head of an index.

    Then everything before the head is unchanged. After a backup was restored it may not be.
    """
    if index.record != record or index.head is None:
        return False
    number, sha256 = index.head["number"], index.head["hash"]
    return LedgerEntry.objects.filter(number=number, sha256=sha256).exists()


def head_of(entry: LedgerEntry | None) -> Mapping[str, Any] | None:
    """Return the number, hash and time of an entry of the ledger, as the store publishes them."""
    if entry is None:
        return None
    recorded_at = ledger_moment_text(entry.recorded_at)
    return {"number": entry.number, "hash": entry.sha256, "time": recorded_at}


def leaf_of(decision: Decision, approval: Decision | None) -> str | None:
    """Return the leaf of a decision in the public log, or None if the public sees nothing of it.

    `approval` is that of the same publication. A rejection and the withdrawal of a publication in
    review are not public. A renewal is told by the approval of the publication that renews.
    """
    publication = decision.publication
    if approval is None or approval.number is None or approval.effective_from is None:
        return None
    if decision.kind == Decision.Kind.RENEWED:
        return None
    event = Event.APPROVED
    if decision != approval:
        is_too_early = decision.at < approval.effective_from
        event = Event.CALLED_OFF if is_too_early else Event.WITHDRAWN
    return make_leaf(
        event,
        register=publication.register.slug,
        number=approval.number,
        approval_sha256=decision.approval_sha256,
        content_sha256=publication.content_sha256,
        decided_at=decision.at,
        effective_from=approval.effective_from,
        renews=_renewed_number(publication) if decision == approval else None,
    )


def frozen_file(register: Register, entry: PublishedEntry, format: str) -> bytes:
    """Return a file of a publication as the database holds it."""
    file = PublishedFile.objects.get(
        publication__register=register, publication__decisions__number=entry.number, format=format
    )
    return bytes(file.content)


def entry_in_force(register: Register, at: datetime) -> PublishedEntry | None:
    """Return the entry of the publication in force at a moment, or None if there is none."""
    publication = register.publications.in_force(at)
    return _entry(publication) if publication else None


def _entry(publication: Any) -> PublishedEntry:
    decisions = {decision.kind: decision for decision in publication.decisions.all()}
    approval = decisions[Decision.Kind.APPROVED]
    withdrawal = decisions.get(Decision.Kind.WITHDRAWN)
    renewal = decisions.get(Decision.Kind.RENEWED)
    title, language = _frozen_heading(publication)
    return PublishedEntry(
        number=approval.number,
        approval_sha256=approval.approval_sha256,
        # Verification names an approval without an event.
        event=approval.event.number if hasattr(approval, "event") else 0,
        title=title,
        language=language,
        publisher=publication.publisher,
        contact=publication.contact,
        licence=publication.licence,
        source=publication.source,
        effective_from=approval.effective_from,
        approved_at=approval.at,
        announced=publication.announce,
        withdrawn_at=withdrawal.at if withdrawal else None,
        renews=_renewed_number(publication),
        renewed_by=publication.renewed_by.number if renewal else None,
        renewed_at=renewal.at if renewal else None,
        grades=publication.grades,
        files=_stored_files(publication),
    )


def _renewed_number(publication: Publication) -> int | None:
    """Return the number of the scheduled publication that one carries over, None without one."""
    return publication.renews.number if publication.renews else None


def _frozen_heading(publication: Publication) -> tuple[str, str]:
    """Return the title and language in the frozen JSON: the register may have been edited since."""
    register = json.loads(bytes(publication.files.get(format="json").content))["register"]
    return register["title"], register["language"]


def _stored_files(publication: Publication) -> dict[str, StoredFile]:
    files = publication.files.annotate(size=Length("content"))
    rows = files.values_list("format", "sha256", "size")
    return {format: StoredFile(sha256, size) for format, sha256, size in rows}
