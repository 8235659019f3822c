"""Signatures by passkeys that the record holds.

A signature is a WebAuthn assertion whose challenge is the signed hash. It is verified by the steps
of https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion, against the recorded public key.
Nothing here reads a request, so that a signature can be verified at any later time.
"""

import ipaddress
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import cryptography.exceptions
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.rpid import verify_rp_id
from fido2.utils import sha256
from fido2.webauthn import (
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    CredentialRequestOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRequestOptions,
    PublicKeyCredentialType,
    UserVerificationRequirement,
)

from compliance.models import User
from compliance.models.accounts import Assertion, RecordedFactor

# What fido2 raises for bytes that are no client data, authenticator data or key.
_MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    struct.error,
)
# How long the browser waits for the person, in milliseconds.
_TIMEOUT = 5 * 60 * 1000


class InvalidSignature(Exception):
    """A passkey did not sign this. The message is a sentence that says what is wrong."""


@dataclass(frozen=True, slots=True)
class PasskeyAssertion:
    """What a browser returned when it was asked for a signature.

    `rp_id` is the host for which it was asked (WebAuthn's relying party identifier).
    """

    credential_id: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes
    rp_id: str

    @classmethod
    def from_json(cls, text: str, *, rp_id: str) -> Self:
        """Read the JSON of a PublicKeyCredential; raises InvalidSignature if it is none."""
        try:
            answer = AuthenticationResponse.from_dict(json.loads(text))
            return cls(
                credential_id=answer.raw_id,
                authenticator_data=bytes(answer.response.authenticator_data),
                client_data=bytes(answer.response.client_data),
                signature=answer.response.signature,
                rp_id=rp_id,
            )
        except _MALFORMED:
            raise InvalidSignature("What the browser sent is no signature by a passkey.") from None


def passkeys_of(user: User) -> list[RecordedFactor]:
    """Return the passkeys with which a user signs, the earliest first: those that the record holds.

    `verify` holds every decision to them, so nothing else counts: a passkey that was deleted past
    the registry, and does not open the account any more, still has to sign.
    """
    return list(
        RecordedFactor.objects.filter(
            user=user, kind=RecordedFactor.Kind.WEBAUTHN, removal__isnull=True
        )
    )


def host_obstacle(host: str) -> str:
    """Return why browsers use no passkey at a host, which may have a port, "" if they do.

    WebAuthn takes domain names only (https://www.w3.org/TR/webauthn-3/#relying-party-identifier).
    """
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return ""
    return (
        f"Browsers refuse passkeys here, because {name} is an IP address. Open this site under its"
        " name."
    )


def request_options(
    signed_sha256: str, passkeys: Iterable[RecordedFactor], *, rp_id: str
) -> dict[str, Any]:
    """Return, for JSON, the options of navigator.credentials.get() that ask to sign a hash.

    `signed_sha256` is hexadecimal. The authenticator has to verify who touches it.
    """
    options = CredentialRequestOptions(
        public_key=PublicKeyCredentialRequestOptions(
            challenge=bytes.fromhex(signed_sha256),
            timeout=_TIMEOUT,
            rp_id=rp_id,
            allow_credentials=[
                PublicKeyCredentialDescriptor(
                    type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(passkey.credential_id)
                )
                for passkey in passkeys
            ],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )
    return dict(options)


def verify_assertion(
    factor: RecordedFactor,
    *,
    challenge: bytes,
    authenticator_data: bytes,
    client_data: bytes,
    signature: bytes,
    rp_id: str | None,
) -> None:
    """Verify that a recorded passkey signed a challenge; raises InvalidSignature if it did not.

    `rp_id` is the host that asked for the signature, None if that is not known any more. The hosts
    that the browser and the passkey name must be the same in any case.
    """
    try:
        client = CollectedClientData(bytes(client_data))
        authenticator = AuthenticatorData(bytes(authenticator_data))
        key = CoseKey.parse(cbor.decode(bytes(factor.public_key)))  # type: ignore[arg-type]
        host = urlsplit(client.origin).hostname or ""
    except _MALFORMED:
        raise InvalidSignature("The signature is malformed.") from None
    if client.type != CollectedClientData.TYPE.GET:
        raise InvalidSignature("The passkey was asked for something other than a signature.")
    if client.challenge != challenge:
        raise InvalidSignature("The passkey signed something else.")
    is_this_host = rp_id is None or host == rp_id
    # verify_rp_id() also looks at the scheme: HTTPS, or HTTP on this machine.
    if client.cross_origin or not is_this_host or not verify_rp_id(host, client.origin):
        raise InvalidSignature(f"A page of another site asked for the signature: {client.origin}.")
    if authenticator.rp_id_hash != sha256(host.encode()):
        raise InvalidSignature("The passkey signed for another site than the browser.")
    if not authenticator.is_user_present():
        raise InvalidSignature("Nobody touched the passkey.")
    if not authenticator.is_user_verified():
        raise InvalidSignature("The passkey did not verify who touched it.")
    try:
        key.verify(bytes(authenticator) + client.hash, bytes(signature))
    except (cryptography.exceptions.InvalidSignature, NotImplementedError, *_MALFORMED):
        raise InvalidSignature("The signature is not by this passkey.") from None


def verify_signature(signature: Assertion, signed_sha256: str, *, rp_id: str | None = None) -> None:
    """Verify a row that holds the signature of a hexadecimal hash; see `verify_assertion`."""
    verify_assertion(
        signature.factor,
        challenge=bytes.fromhex(signed_sha256),
        authenticator_data=bytes(signature.authenticator_data),
        client_data=bytes(signature.client_data),
        signature=bytes(signature.signature),
        rp_id=rp_id,
    )
