"""Endorsements: an older passkey of an account signs that a newer one belongs to the same person.

Whoever owns the database can add a passkey to somebody's account, but cannot sign for it with a
passkey that this person already has.
"""

from compliance.accounts.passkeys import (
    InvalidSignature,
    PasskeyAssertion,
    passkeys_of,
    verify_signature,
)
from compliance.models import Changeset, FactorEndorsement, Record, RecordedFactor
from compliance.models.changesets import changeset
from compliance.page import canonical


def enrolment_sha256(passkey: RecordedFactor, *, record: str = "") -> str:
    """Return the SHA-256 of the canonical JSON (RFC 8785) that an older passkey signs.

    `record` is the id of the installation's record, read from the database if it is not given.
    """
    enrolled = {
        "purpose": "enrol",
        "record": record or str(Record.identity()),
        "user": passkey.user_id,
        "credential_id": bytes(passkey.credential_id).hex(),
        "public_key": bytes(passkey.public_key).hex(),
    }
    return canonical.sha256(canonical.encode(enrolled))


def endorse(passkey: RecordedFactor, assertion: PasskeyAssertion) -> FactorEndorsement:
    """Record the signature by which an older passkey of the same person vouches for a passkey.

    Raises InvalidSignature if the signature is not by such a passkey, or of something else.
    """
    usable = passkeys_of(passkey.user)
    if passkey not in usable:
        raise InvalidSignature("Only a passkey that is in use can be vouched for.")
    older = [one for one in usable if one.pk < passkey.pk]
    signing = [one for one in older if bytes(one.credential_id) == assertion.credential_id]
    if not signing:
        raise InvalidSignature("It was not signed with an older passkey of the same account.")
    endorsement = FactorEndorsement(
        endorsed=passkey,
        factor=signing[0],
        credential_id=assertion.credential_id,
        authenticator_data=assertion.authenticator_data,
        client_data=assertion.client_data,
        signature=assertion.signature,
    )
    verify_endorsement(endorsement, rp_id=assertion.rp_id)
    with changeset(by=passkey.user, reason="Vouch for a passkey.", kind=Changeset.Kind.ACCOUNT):
        endorsement.save()
    return endorsement


def verify_endorsement(
    endorsement: FactorEndorsement, *, rp_id: str | None = None, record: str = ""
) -> None:
    """Verify the signature of an endorsement; raises InvalidSignature if it is not valid.

    `rp_id` is the host that asked for it, None if that is not known any more.
    """
    signed_sha256 = enrolment_sha256(endorsement.endorsed, record=record)
    verify_signature(endorsement, signed_sha256, rp_id=rp_id)
