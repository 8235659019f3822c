"""Approvals and withdrawals signed with a passkey: what is accepted, and each attack refused."""

import json

import pytest
from django.db import connection
from django.utils import timezone

from compliance.accounts.passkeys import passkeys_of
from compliance.audit.verification import first_record_fault, verify
from compliance.models import Decision, DecisionSignature, LedgerEntry, Publication
from compliance.models.accounts import FactorRemoval
from compliance.models.changesets import changeset
from compliance.publishing import (
    NotApprovable,
    NotSigned,
    approve,
    import_history,
    outlook,
    reject,
    signatures,
    withdraw,
)
from compliance.workingcopy.importing import PastPage
from tests.factories import make_listing, make_user, state
from tests.pages import page, row
from tests.passkeys import HOST, UP, add_passkey
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def listing():
    return make_listing()


@pytest.fixture
def publication(listing, editor):
    """Return a publication in review."""
    return submitted(listing.register, editor)


@pytest.fixture
def key(approver):
    """Return the passkey of the approver."""
    return add_passkey(approver, "Laptop")


def approve_signed(publication, by, assertion, *, at=NOON):
    return approve(
        publication,
        by=by,
        at=at,
        approval_sha256=publication.approval_sha256,
        assertion=assertion,
    )


def withdraw_signed(publication, by, assertion, *, at=NOON):
    return withdraw(
        publication,
        by=by,
        at=at,
        reason="Wrong",
        withdrawal_sha256=publication.withdrawal_sha256,
        assertion=assertion,
    )


def assert_undecided(publication):
    assert publication.state == Publication.State.IN_REVIEW
    assert not DecisionSignature.objects.exists()


def test_a_signed_approval_keeps_its_signature_and_seals_it(publication, approver, key):
    assertion = key.sign(publication.approval_sha256)

    approve_signed(publication, approver, assertion)

    decision = Decision.objects.get()
    signature = decision.signature
    assert signature.factor == passkeys_of(approver)[0]
    assert bytes(signature.credential_id) == key.credential_id
    assert bytes(signature.authenticator_data) == assertion.authenticator_data
    assert bytes(signature.client_data) == assertion.client_data
    assert bytes(signature.signature) == assertion.signature
    sealed = json.loads(LedgerEntry.objects.last().sealed)
    assert [str(signature.pk)] == list(sealed["compliance_decisionsignature"]["rows"])
    assert [str(decision.pk)] == list(sealed["compliance_decision"]["rows"])


def test_a_signed_withdrawal_keeps_its_signature(publication, approver, key):
    approve_signed(publication, approver, key.sign(publication.approval_sha256))

    withdraw_signed(publication, approver, key.sign(publication.withdrawal_sha256))

    assert publication.state == Publication.State.WITHDRAWN
    assert DecisionSignature.objects.count() == 2


def test_an_editor_with_a_passkey_signs_the_withdrawal_of_a_submission(publication, editor):
    key = add_passkey(editor)

    with pytest.raises(NotSigned):
        withdraw_signed(publication, editor, None)
    withdraw_signed(publication, editor, key.sign(publication.withdrawal_sha256))

    assert publication.state == Publication.State.WITHDRAWN


@pytest.mark.django_db(transaction=True)
def test_signed_decisions_verify_as_sound(listing, editor, approver, key):
    publication = submitted(listing.register, editor, at=timezone.now())
    approve_signed(publication, approver, key.sign(publication.approval_sha256), at=timezone.now())
    withdraw_signed(
        publication, approver, key.sign(publication.withdrawal_sha256), at=timezone.now()
    )

    assert verify().entries == LedgerEntry.objects.count()


def test_each_passkey_of_a_person_signs(publication, approver, key):
    phone = add_passkey(approver, "Phone")

    approve_signed(publication, approver, phone.sign(publication.approval_sha256))

    assert DecisionSignature.objects.get().factor.name == "Phone"


def test_whoever_has_a_passkey_does_not_decide_without_it(publication, approver, key):
    with pytest.raises(NotSigned, match="did not sign it"):
        approve_signed(publication, approver, None)
    assert_undecided(publication)
    with pytest.raises(NotSigned, match="did not sign it"):
        withdraw_signed(publication, make_editor_too(approver), None)
    assert_undecided(publication)


def make_editor_too(approver):
    """Let somebody also submit, and return them as a request would read them."""
    approver.groups.add(*make_user(role="editor").groups.all())
    return type(approver).objects.get(pk=approver.pk)


def test_a_passkey_that_was_removed_is_not_asked_for(publication, approver, key):
    with changeset(by=approver, reason="Lost it"):
        FactorRemoval(factor=passkeys_of(approver)[0]).save()

    with pytest.raises(NotSigned, match="not one of yours"):
        approve_signed(publication, approver, key.sign(publication.approval_sha256))
    approve_signed(publication, approver, None)

    assert not DecisionSignature.objects.exists()


def test_somebody_without_a_passkey_decides_without_a_signature(publication, approver):
    approve_signed(publication, approver, None)
    withdraw_signed(publication, approver, None)

    assert not DecisionSignature.objects.exists()


# Signatures that are not those of this decision by this person


def signed_by_another_person(publication, key):
    return add_passkey(make_user("mallory")).sign(publication.approval_sha256)


def signed_by_an_unrecorded_key(publication, key):
    """Sign with a new key under the credential id of the recorded one."""
    other = type(key)(HOST)
    other.credential_id = key.credential_id
    return other.sign(publication.approval_sha256)


def signed_for_another_publication(publication, key):
    other = submitted(publication.register, make_user("bob", role="editor"))
    return key.sign(other.approval_sha256)


def signed_for_withdrawing(publication, key):
    return key.sign(publication.withdrawal_sha256)


def signed_without_verifying_the_person(publication, key):
    return key.sign(publication.approval_sha256, flags=UP)


def signed_on_another_site(publication, key):
    return key.sign(publication.approval_sha256, origin="https://evil.example")


ATTACKS = [
    (signed_by_another_person, "not one of yours"),
    (signed_by_an_unrecorded_key, "not by this passkey"),
    (signed_for_another_publication, "signed something else"),
    (signed_for_withdrawing, "signed something else"),
    (signed_without_verifying_the_person, "did not verify who"),
    (signed_on_another_site, "another site"),
]


@pytest.mark.parametrize(("attack", "said"), ATTACKS)
def test_a_signature_of_something_else_approves_nothing(publication, approver, key, attack, said):
    assertion = attack(publication, key)

    with pytest.raises(NotSigned, match=said):
        approve_signed(publication, approver, assertion)

    assert_undecided(publication)


@pytest.mark.parametrize("attack", [attack for attack, _ in ATTACKS[1:]])
def test_control_each_of_them_is_accepted_if_signatures_are_not_verified(
    publication, approver, key, attack, monkeypatch
):
    monkeypatch.setattr(signatures, "verify_signature", lambda *args, **kwargs: None)

    approve_signed(publication, approver, attack(publication, key))

    assert publication.state == Publication.State.APPROVED


def test_control_the_key_of_another_person_is_accepted_if_passkeys_have_no_owner(
    publication, approver, key, monkeypatch
):
    mallory = make_user("mallory")
    assertion = add_passkey(mallory).sign(publication.approval_sha256)
    everybody = [*passkeys_of(approver), *passkeys_of(mallory)]
    monkeypatch.setattr(signatures, "passkeys_of", lambda user: everybody)

    approve_signed(publication, approver, assertion)

    assert publication.state == Publication.State.APPROVED


def test_the_signature_of_an_approval_withdraws_nothing(publication, approver, key, monkeypatch):
    assertion = key.sign(publication.approval_sha256)
    approve_signed(publication, approver, assertion)

    with pytest.raises(NotSigned, match="signed something else"):
        withdraw_signed(publication, approver, assertion)

    # Control: if both purposes had the same hash, it would.
    decided_sha256 = Publication.decided_sha256
    monkeypatch.setattr(
        Publication,
        "decided_sha256",
        lambda self, purpose, **options: decided_sha256(self, "approve", **options),
    )
    withdraw_signed(publication, approver, assertion)
    assert publication.state == Publication.State.WITHDRAWN


# Where signatures are required


def test_where_signatures_are_required_nobody_decides_without_one(
    publication, editor, approver, settings
):
    settings.REQUIRE_SIGNED_APPROVALS = True

    assert "signed with a passkey here" in outlook(publication, by=approver, at=NOON).obstacle
    with pytest.raises(NotApprovable, match="you have none"):
        approve_signed(publication, approver, None)
    with pytest.raises(NotSigned, match="you have none"):
        withdraw_signed(publication, editor, None)
    assert_undecided(publication)

    # Control: without the setting it is withdrawn.
    settings.REQUIRE_SIGNED_APPROVALS = False
    withdraw_signed(publication, editor, None)
    assert publication.state == Publication.State.WITHDRAWN


def test_where_signatures_are_required_a_signed_approval_goes_through(
    publication, approver, key, settings
):
    settings.REQUIRE_SIGNED_APPROVALS = True

    assert outlook(publication, by=approver, at=NOON).obstacle == ""
    approve_signed(publication, approver, key.sign(publication.approval_sha256))

    assert publication.state == Publication.State.APPROVED


def test_where_signatures_are_required_a_rejection_needs_none(publication, approver, settings):
    settings.REQUIRE_SIGNED_APPROVALS = True

    reject(publication, by=approver, at=NOON, reason="Why")

    assert publication.state == Publication.State.REJECTED


def test_where_signatures_are_required_earlier_pages_are_imported(db, settings):
    settings.REQUIRE_SIGNED_APPROVALS = True

    [(_, imported)] = import_history(
        [PastPage(page(row("GPT 6", "Acme")), NOON, "First page")],
        slug="imported",
        at=NOON + HOUR,
        label="ops",
    )

    assert imported.state == Publication.State.APPROVED


@pytest.fixture
def signed_urgent(listing, editor, approver):
    """Schedule a change of a row under a signature; return what approves an urgent change of the title."""
    published(listing.register, editor, approver)
    key = add_passkey(approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    planned = submitted(listing.register, editor, effective_from=NOON + 9 * HOUR)
    approve_signed(planned, approver, key.sign(planned.approval_sha256), at=NOON + HOUR)
    with changeset(by=editor, reason="Edit"):
        listing.register.set(title="Another title")
    urgent = submitted(listing.register, editor, at=NOON + HOUR, listings=[])

    def decide(**choice):
        act = {"by": approver, "at": NOON + 2 * HOUR, **choice}
        shown = outlook(urgent, **act).approval_sha256
        approve(urgent, approval_sha256=shown, assertion=key.sign(shown), **act)
        return planned

    return decide


@pytest.mark.parametrize(
    ("choice", "end", "approvals"), [({}, "renewed", 4), ({"calling_off": [2]}, "withdrawn", 3)]
)
def test_what_becomes_of_a_scheduled_publication_is_covered_by_the_signature_of_the_approval(
    signed_urgent, choice, end, approvals
):
    planned = signed_urgent(**choice)

    assert planned.state == end
    assert Decision.objects.filter(kind="approved").count() == approvals
    signed = [signature.decision for signature in DecisionSignature.objects.all()]
    assert [(decision.kind, decision.number) for decision in signed] == [
        ("approved", 2),
        ("approved", 3),
    ]
    connection.check_constraints()  # as at commit
    assert first_record_fault() is None
