"""Signed notes (https://c2sp.org/signed-note), and the Ed25519 key that signs the public log.

A key is written as one line of text, in the form of Go's package golang.org/x/mod/sumdb/note:

    NAME+ID+KEY                 the public key, which verifies
    PRIVATE+KEY+NAME+ID+KEY     the private key, which signs
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from compliance.published.errors import WrongSetting

_PRIVATE = "PRIVATE+KEY+"
_ED25519 = b"\x01"
_KEY_BYTES = 32


class InvalidNote(ValueError):
    """A text is no signed note, or the key did not sign it; the message says which."""


class UnusableKey(WrongSetting):
    """The file with the signing key cannot be used, or its key is not the one of the log."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name of who signs."""

    name: str
    public_key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of the same name apart."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public_key
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that a line of text holds; raises ValueError."""
        # The base64 may have a plus itself.
        name, id, encoded = text.strip().split("+", 2)
        key = cls(name, _decode_key(encoded))
        if not name or id != key.id.hex():
            raise ValueError("the id is not that of the key")
        return key

    def open(self, note: str) -> str:
        """Return the text of a note that this key signed; raises InvalidNote."""
        text, blank_line, signatures = note.rpartition("\n\n")
        if not blank_line:
            raise InvalidNote("It is no signed note.")
        for line in signatures.splitlines():
            dash, name, signature = [*line.split(" "), "", "", ""][:3]
            if dash == "—" and name == self.name and self._verifies(f"{text}\n", signature):
                return f"{text}\n"
        raise InvalidNote(f"The key {self} did not sign it.")

    def _verifies(self, text: str, signature: str) -> bool:
        try:
            signed = base64.b64decode(signature, validate=True)
            if signed[:4] != self.id:
                return False
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signed[4:], text.encode())
        except (binascii.Error, InvalidSignature):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the name of who signs."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that a line of text holds; raises ValueError."""
        if not text.startswith(_PRIVATE):
            raise ValueError("it holds no private key")
        name, id, encoded = text.removeprefix(_PRIVATE).strip().split("+", 2)
        key = cls(name, _decode_key(encoded))
        if not name or id != key.verifier_key.id.hex():
            raise ValueError("the id is not that of the key")
        return key

    def encode(self) -> str:
        """Return the key as a line of text, which must be kept secret."""
        key = base64.b64encode(_ED25519 + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier_key.id.hex()}+{key}"

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key."""
        return VerifierKey(self.name, self._private_key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return a signed note of a text that ends with a line break."""
        signature = self.verifier_key.id + self._private_key.sign(text.encode())
        return f"{text}\n— {self.name} {base64.b64encode(signature).decode()}\n"

    @property
    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _decode_key(encoded: str) -> bytes:
    decoded = base64.b64decode(encoded, validate=True)
    if decoded[:1] != _ED25519 or len(decoded) != 1 + _KEY_BYTES:
        raise ValueError("it is no Ed25519 key")
    return decoded[1:]


def load_signing_key() -> SigningKey | None:
    """Return the key in the file that SIGNING_KEY_FILE names, or None if there is no such file.

    Raises UnusableKey for a file that cannot be read or holds no key.
    """
    path = Path(settings.SIGNING_KEY_FILE)
    try:
        return SigningKey.parse(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableKey(f"SIGNING_KEY_FILE={path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnusableKey(
            f"SIGNING_KEY_FILE={path} holds no signing key."
            " Put back the file that make_signing_key made."
        ) from error
