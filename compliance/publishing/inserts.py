"""The two inserts of publishing: a publication with its files, and a decision on it.

Each is sealed in the ledger. A decision that the public sees has an event of the public log, sealed
in the same entry.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.models import (
    Changeset,
    Contribution,
    Decision,
    DecisionSignature,
    LedgerEntry,
    Publication,
    PublicEvent,
    PublishedFile,
    Record,
    Register,
    ledger,
)
from compliance.models.publications import FRAME
from compliance.page import canonical
from compliance.published import projection


def freeze(
    register: Register,
    files: Mapping[str, bytes],
    *,
    changesets: Iterable[Changeset] = (),
    **facts: Any,
) -> Publication:
    """Insert a publication with its files and the changesets that contributed, and return it.

    `facts` are its field values. Publisher, contact and licence default to the register's.
    """
    # Made here, under the editing lock: the hash that a review shows names it, and a page that is
    # only looked at writes nothing.
    Record.identity()
    frame = {name: getattr(register, name) for name in FRAME}
    publication = Publication.objects.create(
        register=register, content_sha256=canonical.sha256(files["json"]), **{**frame, **facts}
    )
    frozen = PublishedFile.objects.bulk_create(
        PublishedFile(
            publication=publication,
            format=format,
            content=content,
            sha256=canonical.sha256(content),
        )
        for format, content in files.items()
    )
    contributed = Contribution.objects.bulk_create(
        Contribution(publication=publication, changeset=changeset) for changeset in changesets
    )
    rows = [publication, *frozen, *contributed]
    ledger.seal(
        LedgerEntry.Kind.PUBLICATION,
        ((type(row), row.pk) for row in rows),
        at=publication.submitted_at,
    )
    return publication


def decide(
    publication: Publication,
    kind: Decision.Kind,
    *,
    signature: DecisionSignature | None = None,
    returning: Iterable[Changeset] = (),
    **facts: Any,
) -> Decision:
    """Insert a decision of a publication, with its signature if it has one, and return it.

    `returning` are the changesets whose edits come back by a withdrawal. `facts` are the field
    values of the decision. The hashes are those of the publication, unless `approval_sha256` is
    given, which also covers what is carried over.
    """
    returned = Contribution.objects.bulk_create(
        Contribution(publication=publication, changeset=changeset, kind=Contribution.Kind.RETURNS)
        for changeset in returning
    )
    decision = Decision.objects.create(
        publication=publication,
        register=publication.register,
        kind=kind,
        **{**_hashes(publication, kind, facts.pop("approval_sha256", "")), **facts},
    )
    rows: list[Any] = [*returned, decision]
    if event := _record_event(decision):
        rows.append(event)
    if signature:
        signature.decision = decision
        signature.save(force_insert=True)
        rows.append(signature)
    ledger.seal(LedgerEntry.Kind.DECISION, ((type(row), row.pk) for row in rows), at=decision.at)
    return decision


def _record_event(decision: Decision) -> PublicEvent | None:
    """Append a decision to the public log, and return the event; None if it is not public."""
    leaf = projection.leaf_of(decision, decision.publication.approval)
    if leaf is None:
        return None
    last = PublicEvent.objects.last()
    return PublicEvent.objects.create(
        number=last.number + 1 if last else 1, decision=decision, leaf=leaf
    )


def _hashes(publication: Publication, kind: Decision.Kind, approval_sha256: str) -> dict[str, str]:
    """Return the hashes that a decision of a kind records."""
    if kind == Decision.Kind.APPROVED:
        return {
            "content_sha256": publication.content_sha256,
            "approval_sha256": approval_sha256 or publication.decided_sha256("approve"),
        }
    if kind == Decision.Kind.WITHDRAWN:
        return {"approval_sha256": approval_sha256 or publication.decided_sha256("withdraw")}
    return {}
