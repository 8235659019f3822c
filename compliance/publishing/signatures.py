"""Signatures of approvals and withdrawals: who has to sign, and whether they did."""

from django.conf import settings

from compliance.accounts.passkeys import (
    InvalidSignature,
    PasskeyAssertion,
    passkeys_of,
    verify_signature,
)
from compliance.models import User
from compliance.models.accounts import DecisionSignature
from compliance.publishing.errors import NotSigned


def obstacle(by: User) -> str:
    """Return why a person cannot sign what has to be signed, "" if nothing prevents it."""
    if settings.REQUIRE_SIGNED_APPROVALS and not passkeys_of(by):
        return (
            "Approvals and withdrawals are signed with a passkey here, and you have none. "
            "Set one up under “Second factor”."
        )
    return ""


def verified_signature(
    by: User, signed_sha256: str, assertion: PasskeyAssertion | None
) -> DecisionSignature | None:
    """Return the signature to record with a decision; None if `by` decides without one.

    Whoever has a passkey signs with it. Raises NotSigned if they did not, if the signature is not
    theirs or of another hash than `signed_sha256`, or if they lack a passkey that is required.
    """
    if lacking := obstacle(by):
        raise NotSigned(f"Nothing was decided. {lacking}")
    passkeys = {bytes(passkey.credential_id): passkey for passkey in passkeys_of(by)}
    if assertion is None and not passkeys:
        return None
    if assertion is None:
        raise NotSigned(
            "Nothing was decided, because your passkey did not sign it. Try again, "
            "in a browser that has JavaScript turned on."
        )
    if assertion.credential_id not in passkeys:
        raise NotSigned(
            "Nothing was decided: it was signed with a passkey that is not one of yours. "
            "Sign it with a passkey that is listed under “Second factor”."
        )
    signature = DecisionSignature(
        factor=passkeys[assertion.credential_id],
        credential_id=assertion.credential_id,
        authenticator_data=assertion.authenticator_data,
        client_data=assertion.client_data,
        signature=assertion.signature,
    )
    try:
        verify_signature(signature, signed_sha256, rp_id=assertion.rp_id)
    except InvalidSignature as fault:
        raise NotSigned(f"Nothing was decided. {fault} Open it again, and sign it.") from fault
    return signature
