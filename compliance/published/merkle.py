"""Merkle trees as RFC 6962 defines them in section 2.1: root, and audit path of a leaf."""

import hashlib
from collections.abc import Sequence

# From the hashes of the leaves up to the root.
Levels = list[list[bytes]]


def hash_leaf(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def _hash_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def build_levels(leaf_hashes: Sequence[bytes]) -> Levels:
    """Return the levels of the tree.

    A last node without a neighbour rises unchanged. That gives the tree of the RFC, which divides
    the leaves at the largest power of two below their number.
    """
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        nodes = levels[-1]
        pairs = zip(nodes[::2], nodes[1::2], strict=False)
        above = [_hash_pair(left, right) for left, right in pairs]
        if len(nodes) % 2:
            above.append(nodes[-1])
        levels.append(above)
    return levels


def root(levels: Levels) -> bytes:
    """Return the root; that of no leaves is the hash of nothing."""
    return levels[-1][0] if levels[-1] else hashlib.sha256().digest()


def audit_path(levels: Levels, index: int) -> list[bytes]:
    """Return the hashes that lead from the leaf at `index`, counted from 0, to the root."""
    path = []
    for nodes in levels[:-1]:
        neighbour = index ^ 1
        if neighbour < len(nodes):
            path.append(nodes[neighbour])
        index //= 2
    return path
