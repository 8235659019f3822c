"""A passkey made of software, which signs what a test asks, honest or not."""

import json
from typing import Any

from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from compliance.accounts.passkeys import PasskeyAssertion
from compliance.models import User
from compliance.models.changesets import changeset

HOST = "testserver"  # that of Django's test client
UP, UV, AT = (AuthenticatorData.FLAG[name] for name in ("UP", "UV", "AT"))


class SoftwarePasskey:
    """A key pair (ES256) of one host, with the id of its credential."""

    def __init__(self, host: str = HOST) -> None:
        self.host = host
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = sha256(self.public_key)

    @property
    def public_key(self) -> bytes:
        """The public key in COSE."""
        return cbor.encode(ES256.from_cryptography_key(self._key.public_key()))

    def registration(self, challenge: bytes = b"any") -> dict[str, Any]:
        """Return the JSON of a PublicKeyCredential that was just created."""
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.credential_id, ES256.from_cryptography_key(self._key.public_key())
        )
        flags = UP | UV | AT
        authenticator = AuthenticatorData.create(sha256(self.host.encode()), flags, 0, credential)
        client = CollectedClientData.create("webauthn.create", challenge, f"https://{self.host}")
        return {
            **self._identity,
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(
                    AttestationObject.create("none", authenticator, {})
                ),
            },
        }

    def sign(
        self,
        signed_sha256: str,
        *,
        origin: str = "",
        type: str = "webauthn.get",
        flags: int = UP | UV,
        cross_origin: bool = False,
    ) -> PasskeyAssertion:
        """Return the signature of a hexadecimal hash; `origin` is the address of the page."""
        client = CollectedClientData.create(
            type, bytes.fromhex(signed_sha256), origin or f"https://{self.host}", cross_origin
        )
        rp_id_hash = sha256(self.host.encode())
        authenticator = AuthenticatorData.create(rp_id_hash, AuthenticatorData.FLAG(flags), 0)
        signature = self._key.sign(bytes(authenticator) + client.hash, ec.ECDSA(hashes.SHA256()))
        return PasskeyAssertion(
            credential_id=self.credential_id,
            authenticator_data=bytes(authenticator),
            client_data=bytes(client),
            signature=signature,
            rp_id=self.host,
        )

    @property
    def _identity(self) -> dict[str, str]:
        credential_id = websafe_encode(self.credential_id)
        return {"id": credential_id, "rawId": credential_id, "type": "public-key"}


def add_passkey(user: User, name: str = "Key", *, host: str = HOST) -> SoftwarePasskey:
    """Let a user set up a passkey; return it."""
    passkey = SoftwarePasskey(host)
    with changeset(by=user, reason="Set up a passkey", kind="account"):
        WebAuthn.add(user, name, passkey.registration())
    return passkey


def as_json(assertion: PasskeyAssertion) -> str:
    """Return a signature as the browser sends it."""
    credential_id = websafe_encode(assertion.credential_id)
    return json.dumps(
        {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": websafe_encode(assertion.authenticator_data),
                "clientDataJSON": websafe_encode(assertion.client_data),
                "signature": websafe_encode(assertion.signature),
                "userHandle": None,
            },
        }
    )
