"""Verifies the public log: its events against the decisions, and checkpoints saved outside."""

from collections.abc import Iterable, Iterator

from compliance.models import Decision
from compliance.published import comparison, reader
from compliance.published.log import checkpoint_text
from compliance.published.projection import leaf_of
from compliance.published.signed_note import InvalidNote, VerifierKey, load_signing_key


def event_faults() -> Iterator[str]:
    """Yield a fault for each public decision without its event, and each event that is another."""
    approvals: dict[int, Decision] = {}
    number = 0
    decisions = Decision.objects.order_by("pk").select_related("publication__register", "event")
    for decision in decisions.iterator():
        if decision.kind == Decision.Kind.APPROVED:
            approvals[decision.publication_id] = decision
        leaf = leaf_of(decision, approvals.get(decision.publication_id))
        event = getattr(decision, "event", None)
        number += leaf is not None
        if leaf is None and event:
            yield f"compliance_publicevent: row {event.pk} tells of a decision that is not public."
        elif leaf and event is None:
            yield f"compliance_decision: row {decision.pk} is not in the public log."
        elif event and (event.number, event.leaf) != (number, leaf):
            yield f"compliance_publicevent: row {event.pk} is not what decision {decision.pk} says."


def checkpoint_faults(checkpoints: Iterable[str]) -> Iterator[str]:
    """Yield a fault for each saved checkpoint of the public log that the log does not continue.

    Such a log was cut, or was written anew: its own checkpoint then fits it and proves nothing.
    """
    leaf_hashes = comparison.leaf_hashes()
    for note in checkpoints:
        origin, size = note.split("\n")[:2]
        saved = f"the saved checkpoint of {origin} with {size} events"
        try:
            text = _verifier_key().open(note)
        except InvalidNote as error:
            yield f"The public log cannot be compared with {saved}. {error}"
            continue
        if int(size) > len(leaf_hashes):
            yield f"The public log has {len(leaf_hashes)} events, fewer than {saved}: it was cut."
        elif checkpoint_text(origin, leaf_hashes[: int(size)]) != text:
            yield f"The public log does not continue {saved}: it was rewritten."


def _verifier_key() -> VerifierKey:
    """Return the public key of the log; raises InvalidNote if there is none."""
    if key := load_signing_key():
        return key.verifier_key
    if log := reader.readable_log():
        return log.verifier_key
    raise InvalidNote("There is no key of the log, neither in SIGNING_KEY_FILE nor in the store.")
