"""Verifies publications and the decisions on them: whatever the guards would have refused."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from compliance.models import Decision, Publication
from compliance.page import canonical


def publication_faults() -> Iterator[str]:
    """Yield a fault for each file that differs from its hash, and each JSON that was exchanged."""
    for publication in Publication.objects.order_by("pk").iterator():
        files = {file.format: file for file in publication.files.all()}
        for file in files.values():
            if canonical.sha256(bytes(file.content)) != file.sha256:
                yield f"compliance_publishedfile: row {file.pk} does not have the hash beside it."
        if "json" not in files or files["json"].sha256 != publication.content_sha256:
            yield (
                f"compliance_publication: row {publication.pk} names another hash than its JSON "
                "has."
            )


def decision_faults() -> Iterator[str]:
    """Yield a fault for each decision that the guards would have refused."""
    decided: set[int] = set()
    approvals: Counter[int] = Counter()
    standing_by_register: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    # In the order of recording, so that what stands at a decision is what no earlier row withdrew.
    for decision in Decision.objects.order_by("pk").select_related("publication").iterator():
        register = decision.register_id
        standing = standing_by_register[register]
        if decision.publication_id in decided and decision.kind != Decision.Kind.WITHDRAWN:
            yield f"compliance_decision: row {decision.pk} is a second decision on its publication."
        decided.add(decision.publication_id)
        if decision.kind == Decision.Kind.APPROVED:
            approvals[register] += 1
            yield from _approval_faults(decision, approvals[register], standing)
            standing[decision.publication_id] = decision.effective_from or decision.at
        elif decision.kind == Decision.Kind.WITHDRAWN:
            standing.pop(decision.publication_id, None)


def _approval_faults(
    decision: Decision, expected_number: int, standing: Mapping[int, datetime]
) -> Iterator[str]:
    """Yield the rules that an approval breaks.

    `standing` are the register's approved and not withdrawn publications before it: by their key
    the moment from which they are in force.
    """
    row, publication = f"compliance_decision: row {decision.pk}", decision.publication
    if decision.number != expected_number:
        yield f"{row} has the number {decision.number}, where {expected_number} follows."
    if decision.content_sha256 != publication.content_sha256:
        yield f"{row} approves another hash than that of its publication."
    effective_from = decision.effective_from or decision.at
    if standing and effective_from <= max(standing.values()):
        yield f"{row} takes effect no later than the publication before it."
    if publication.source == Publication.Source.IMPORTED:
        return
    barred = {
        None,
        publication.submitted_by_id,
        *publication.contributions.adding().values_list("changeset__by", flat=True),
    }
    if decision.by_id in barred:
        yield f"{row} is by somebody who submitted or edited it."
    if not publication.submitted_at <= decision.at <= effective_from:
        yield f"{row} is backdated."
    requested = max(decision.at, publication.requested_effective_from or decision.at)
    # If the publication before takes effect at the same instant, this one does a microsecond later.
    after_last = max(standing.values(), default=requested) + timedelta(microseconds=1)
    if effective_from not in (requested, after_last) or effective_from < requested:
        yield f"{row} takes effect at another moment than it was asked to."
    if publication.base_id != max(standing, key=standing.__getitem__, default=None):
        yield f"{row} follows another publication than the one it was compared with."
