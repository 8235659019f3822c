"""Checks that a publication of a compliance registry is the one in its public log.

    python3 verify_publication.py SITE REGISTER NUMBER KEY [--checkpoint FILE]

    python3 verify_publication.py https://privacy.example.com llms-privacy 3 \\
        'privacy.example.com/log+1a2b3c4d+AQ…' --checkpoint saved-last-year

KEY is the public key of the log. Take it from somebody you trust, or from where you saved it when
you first visited the site: a site that lies can show a key of its own. FILE has checkpoints that
you saved earlier (curl SITE/checkpoint), one after the other; the log must have only grown since.

Needs Python 3.11 and the package cryptography (`apt install python3-cryptography` on Debian), and
nothing of the registry itself. It prints what it found, and exits with 1 and a sentence if
something does not fit. The formats are those of RFC 6962 (the tree), https://c2sp.org/signed-note
and https://c2sp.org/tlog-checkpoint.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Lines of text, an empty line, and lines of signatures (https://c2sp.org/signed-note).
NOTE = re.compile(r"(?:(?!— )[^\n]+\n)+\n(?:— [^\n]+(?:\n|\Z))+")
# What the answers of a site mean, by their status.
ANSWERS = {
    404: "There is no such publication, or the site has no public log.",
    410: "The publication was withdrawn or called off.",
}


class DoesNotFit(Exception):
    """What the site says does not fit together; the message says where."""


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def open_checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """Return the size and the root in a checkpoint that a key signed."""
    name, key_id, encoded = key.split("+", 2)
    public_key = base64.b64decode(encoded, validate=True)  # a byte for Ed25519, then 32 bytes
    if sha256(f"{name}\n".encode() + public_key)[:4].hex() != key_id or public_key[0] != 1:
        raise DoesNotFit("KEY is not the public key of a log.")
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        if line.startswith(f"— {name} "):
            signature = base64.b64decode(line.split(" ")[2])
            try:
                Ed25519PublicKey.from_public_bytes(public_key[1:]).verify(
                    signature[4:], f"{text}\n".encode()
                )
            except InvalidSignature:
                continue
            origin, size, root = text.split("\n")[:3]
            if origin == name and signature[:4].hex() == key_id:
                return int(size), base64.b64decode(root)
    raise DoesNotFit("The checkpoint is not signed by this key.")


def root_by_path(leaf_hash: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root to which a path leads from a leaf (RFC 9162, section 2.1.3.2)."""
    node, last = leaf_hash, size - 1
    if type(index) is not int or not 0 <= index < size:  # JSON has true and 1.0 too
        raise DoesNotFit("The proof names a leaf that the log does not have.")
    for neighbour in path:
        if last == 0:
            raise DoesNotFit("The path of the proof is too long.")
        if index % 2 or index == last:
            node = sha256(b"\x01" + neighbour + node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\x01" + node + neighbour)
        index, last = index // 2, last // 2
    if last:
        raise DoesNotFit("The path of the proof is too short.")
    return node


def root_of(leaf_hashes: list[bytes]) -> bytes:
    """Return the root of the tree over some leaves (RFC 6962, section 2.1)."""
    if len(leaf_hashes) < 2:
        return leaf_hashes[0] if leaf_hashes else sha256(b"")
    half = 1 << (len(leaf_hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + root_of(leaf_hashes[:half]) + root_of(leaf_hashes[half:]))


def verify(
    fetch: Callable[[str], bytes], register: str, number: int, key: str, saved: str | None = None
) -> str:
    """Return what was approved and when; raises DoesNotFit.

    `fetch` gets an address of the site. `saved` has the checkpoints to compare, None for none.
    """
    notes = None if saved is None else saved_notes(saved)
    page = fetch(f"/{quote(register)}/{number}.json")
    proof = json.loads(fetch(f"/{quote(register)}/{number}/proof"))
    leaf = json.loads(proof["leaf"])
    if (leaf["event"], leaf["register"], leaf["number"]) != ("approved", register, number):
        raise DoesNotFit("The proof is that of another publication.")
    if leaf["content_sha256"] != sha256(page).hex():
        raise DoesNotFit("The page is not the one whose hash is in the log.")
    size, root = open_checkpoint(proof["checkpoint"], key)
    path = [bytes.fromhex(node) for node in proof["audit_path"]]
    leaf_hash = sha256(b"\x00" + proof["leaf"].encode())
    if root_by_path(leaf_hash, proof["leaf_index"], size, path) != root:
        raise DoesNotFit("The leaf is not in the log: its path does not lead to the signed root.")
    found = [f"Publication {number} of {register} is event {proof['leaf_index'] + 1} of {size}."]
    found.append(f"It was approved at {leaf['decided_at']} and took or takes effect at")
    found.append(f"{leaf['effective_from']}. What was approved: {leaf['approval_sha256']}.")
    if notes is not None:
        leaf_hashes = [bytes.fromhex(line) for line in fetch("/checkpoint/leaves").decode().split()]
        if len(leaf_hashes) < size or root_of(leaf_hashes[:size]) != root:
            raise DoesNotFit("The log has fewer or other events than its checkpoint signed.")
        found.append(compare(leaf_hashes, notes, key))
    return " ".join(found)


def saved_notes(text: str) -> list[str]:
    """Return the checkpoints in a text; raises DoesNotFit if there is none, or anything else."""
    notes: list[str] = NOTE.findall(text)
    if rest := NOTE.sub("", text).strip():
        raise DoesNotFit(f"FILE has something that is no checkpoint: {rest.splitlines()[0][:60]}")
    if not notes:
        raise DoesNotFit("FILE has no checkpoint, so nothing can be compared.")
    return notes


def compare(leaf_hashes: list[bytes], notes: list[str], key: str) -> str:
    """Return what a log continues; raises DoesNotFit for a saved checkpoint of another log.

    Checkpoints that the key did not sign are named, unless it signed none.
    """
    sizes: list[int] = []
    others: list[str] = []
    for position, note in enumerate(notes, start=1):
        try:
            size, root = open_checkpoint(note, key)
        except (DoesNotFit, ValueError, IndexError):
            others.append(f"{position} (of {note.splitlines()[0][:60]})")
            continue
        if size > len(leaf_hashes):
            raise DoesNotFit(f"The log was cut: saved checkpoint {position} has {size} events.")
        if root_of(leaf_hashes[:size]) != root:
            raise DoesNotFit(f"The log was rewritten since checkpoint {position} was saved.")
        sizes.append(size)
    if not sizes:
        raise DoesNotFit(
            f"None of the saved checkpoints is signed by this key: {', '.join(others)}."
        )
    found = f"The log still begins with the {max(sizes)} events of the saved checkpoint."
    if len(sizes) > 1:
        found = (
            f"The log continues {len(sizes)} saved checkpoints, the last of {max(sizes)} events."
        )
    if others:
        found += f" Not compared, because this key did not sign them: {', '.join(others)}."
    return found


def main() -> str:
    parser = argparse.ArgumentParser(description="Check a publication against the public log.")
    for name in ("site", "register", "number", "key"):
        parser.add_argument(name)
    parser.add_argument("--checkpoint", type=Path, help="a file with checkpoints saved earlier")
    options = parser.parse_args()

    def fetch(address: str) -> bytes:
        url = options.site.rstrip("/") + address
        try:
            with urlopen(url, timeout=30) as response:  # noqa: S310
                content: bytes = response.read()
                return content
        except HTTPError as error:
            meaning = ANSWERS.get(error.code, "Try again later.")
            raise DoesNotFit(f"{url} answers {error.code} {error.reason}. {meaning}") from error
        except URLError as error:
            raise DoesNotFit(f"{url} cannot be reached: {error.reason}.") from error

    saved = options.checkpoint.read_text(encoding="utf-8") if options.checkpoint else None
    return verify(fetch, options.register, int(options.number), options.key, saved)


if __name__ == "__main__":
    try:
        print(main())
    except (DoesNotFit, OSError) as fault:
        sys.exit(str(fault))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        sys.exit(f"What the site, KEY or FILE says cannot be read: {fault!r}")
