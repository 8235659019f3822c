"""The public log: a Merkle tree over the events that the public sees, and its signed checkpoint.

The published store holds it in one file, so that hashes and checkpoint always belong together. The
checkpoint has the form of https://c2sp.org/tlog-checkpoint.
"""

import base64
import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from compliance.published import merkle
from compliance.published.errors import AlteredFile, StoreFault
from compliance.published.index import Index, PublishedEntry
from compliance.published.leaves import Event, make_leaf
from compliance.published.signed_note import InvalidNote, SigningKey, VerifierKey

SCHEMA = "public-log/1"


class NotInLog(StoreFault):
    """The log does not have the event of a publication yet."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof that a leaf is in the log.

    `audit_path` has the hashes that lead from the leaf, which is at `leaf_index`, to the root that
    `checkpoint` signs.
    """

    leaf: str
    leaf_index: int
    audit_path: tuple[str, ...]
    checkpoint: str


@dataclass(frozen=True)
class PublicLog:
    """The hashes of all leaves, and the checkpoint over them that a key signed."""

    verifier_key: VerifierKey
    checkpoint: str
    leaf_hashes: tuple[bytes, ...]
    # The version of the file that it was read from; None if the storage could not tell.
    version: Hashable | None = field(default=None, compare=False)

    @property
    def size(self) -> int:
        """How many events the log has."""
        return len(self.leaf_hashes)

    def has(self, entry: PublishedEntry) -> bool:
        """Return whether the log has the approval of a publication already."""
        return 0 < entry.event <= self.size

    def prove(self, index: Index, entry: PublishedEntry) -> Proof:
        """Return the proof that a publication's approval is in the log.

        Raises NotInLog if the log does not have it yet, AlteredFile if it has something else.
        """
        if not self.has(entry):
            raise NotInLog(
                f"The public log does not have publication {entry.number} of {index.slug} yet."
            )
        position = entry.event - 1
        leaf = make_leaf(
            Event.APPROVED,
            register=index.slug,
            number=entry.number,
            approval_sha256=entry.approval_sha256,
            content_sha256=entry.content_sha256,
            decided_at=entry.approved_at,
            effective_from=entry.effective_from,
            renews=entry.renews,
        )
        if merkle.hash_leaf(leaf.encode()) != self.leaf_hashes[position]:
            raise AlteredFile(
                f"The public log has another publication {entry.number} of {index.slug}."
                " Run verify."
            )
        path = merkle.audit_path(self._levels, position)
        return Proof(leaf, position, tuple(node.hex() for node in path), self.checkpoint)

    @cached_property
    def _levels(self) -> merkle.Levels:
        return merkle.build_levels(self.leaf_hashes)


def checkpoint_text(origin: str, leaf_hashes: Sequence[bytes]) -> str:
    """Return the text of the checkpoint over some leaves: origin, size and root."""
    root = base64.b64encode(merkle.root(merkle.build_levels(leaf_hashes))).decode()
    return f"{origin}\n{len(leaf_hashes)}\n{root}\n"


def sign_log(key: SigningKey, leaf_hashes: Sequence[bytes]) -> PublicLog:
    """Return the log of some leaves with a checkpoint that a key signs.

    It is the same whenever it is signed: a signature with Ed25519 has no random part.
    """
    note = key.sign(checkpoint_text(key.name, leaf_hashes))
    return PublicLog(key.verifier_key, note, tuple(leaf_hashes))


def encode_log(log: PublicLog) -> bytes:
    """Return a log as the bytes of its file."""
    value = {
        "schema": SCHEMA,
        "verifier_key": str(log.verifier_key),
        "checkpoint": log.checkpoint,
        "leaf_hashes": [leaf_hash.hex() for leaf_hash in log.leaf_hashes],
    }
    # Plain JSON, not RFC 8785: nothing hashes this file, and the canonical form takes ten times as
    # long at every approval.
    return json.dumps(value, ensure_ascii=False).encode()


def parse_log(content: bytes) -> PublicLog:
    """Return the log in the bytes of its file.

    Raises StoreFault unless the key beside it signed a checkpoint over exactly these leaves.
    """
    try:
        value: dict[str, Any] = json.loads(content)
        if value["schema"] != SCHEMA:
            raise ValueError("it is something else")
        key = VerifierKey.parse(value["verifier_key"])
        leaf_hashes = tuple(map(bytes.fromhex, value["leaf_hashes"]))
        if key.open(value["checkpoint"]) != checkpoint_text(key.name, leaf_hashes):
            raise InvalidNote("the checkpoint is over other leaves")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreFault(f"The public log cannot be read ({error}). Run restore_store.") from error
    return PublicLog(key, value["checkpoint"], leaf_hashes)
