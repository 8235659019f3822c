"""Tests of compliance.audit.signatures: forged signatures are named, and keys that nobody vouched for.

The attacks write past the guards, as whoever owns the database can. Such a person can chain the
ledger anew as well, so each test asks for the faults of signatures alone. That they are none before
the attack, shows in each of them that the attack is what is found.
"""

import json
from dataclasses import dataclass
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from compliance.accounts.endorsements import endorse, enrolment_sha256
from compliance.audit import guards, signatures, verification
from compliance.audit.ledger_chain import LedgerVerifier
from compliance.audit.ledger_order import OrderVerifier
from compliance.models import (
    Changeset,
    Decision,
    DecisionSignature,
    FactorEndorsement,
    Invitation,
    LedgerEntry,
    Listing,
    Publication,
    RecordedFactor,
    User,
    ledger,
)
from compliance.models.changesets import changeset
from compliance.published import writer
from compliance.publishing import NotSigned, approve, import_history
from compliance.publishing.inserts import decide
from compliance.workingcopy.importing import PastPage
from tests.factories import make_listing, make_user, state
from tests.pages import page, row
from tests.passkeys import UP, SoftwarePasskey, add_passkey
from tests.publications import HOUR, NOON, submitted

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Signed:
    """A publication approved with the passkey Laptop by ada, whom root invited.

    Ada had removed `lost` before she approved. After that, Laptop endorsed `phone`.
    """

    laptop: SoftwarePasskey
    lost: SoftwarePasskey
    phone: SoftwarePasskey
    eves: SoftwarePasskey


def invite(user, *, by):
    with changeset(by=by, label="shell", reason="Join", kind="account"):
        Invitation.objects.create(user=user)


def remove(user, passkey):
    for factor in user.authenticator_set.all():
        if passkey.credential_id.hex() in factor.wrap().authenticator_data.hex():
            with changeset(by=user, reason="Lost", kind="account"):
                factor.delete()


def factor_of(passkey) -> RecordedFactor:
    return RecordedFactor.objects.get(credential_id=passkey.credential_id)


def sign_and_approve(publication, approver, passkey, *, at=NOON):
    assertion = passkey.sign(publication.approval_sha256) if passkey else None
    sha256 = publication.approval_sha256
    return approve(publication, by=approver, at=at, approval_sha256=sha256, assertion=assertion)


def build() -> Signed:
    root, ada = make_user("root", is_superuser=True), make_user("ada", role="approver")
    eve = make_user("eve", role="editor")
    invite(ada, by=root)
    laptop, lost = add_passkey(ada, "Laptop"), add_passkey(ada, "Lost")
    remove(ada, lost)
    writer.complete()
    publication = submitted(make_listing().register, eve)
    sign_and_approve(publication, ada, laptop)
    phone, eves = add_passkey(ada, "Phone"), add_passkey(eve, "Key")
    endorse(factor_of(phone), laptop.sign(enrolment_sha256(factor_of(phone))))
    return Signed(laptop, lost, phone, eves)


@pytest.fixture
def signed(scene):
    keys = scene(build)
    assert list(faults()) == []
    guards.uninstall(connection)
    return keys


def resign(assertion, passkey, sha256, **values):
    """Put another signature in the place of one."""
    forged = passkey.sign(sha256, **values)
    assertion.factor = factor_of(passkey)
    assertion.credential_id = forged.credential_id
    assertion.authenticator_data = forged.authenticator_data
    assertion.client_data = forged.client_data
    assertion.signature = forged.signature
    type(assertion).objects.bulk_update(
        [assertion],
        ["factor", "credential_id", "authenticator_data", "client_data", "signature"],
    )


# Signatures of decisions


def of_another_person(signed):
    signature = DecisionSignature.objects.get()
    resign(signature, signed.eves, signature.decision.approval_sha256)


def by_no_passkey(signed):
    RecordedFactor.objects.filter(pk=factor_of(signed.laptop).pk).update(kind="totp")


def of_another_credential(signed):
    DecisionSignature.objects.update(credential_id=b"other")


def by_a_passkey_that_came_later(signed):
    signature = DecisionSignature.objects.get()
    resign(signature, signed.phone, signature.decision.approval_sha256)


def by_a_passkey_that_was_removed(signed):
    signature = DecisionSignature.objects.get()
    resign(signature, signed.lost, signature.decision.approval_sha256)


def added_later(signed):
    signature = DecisionSignature.objects.get()
    DecisionSignature.objects.all().delete()
    signature.pk += 1
    signature.save(force_insert=True)
    ledger.seal(LedgerEntry.Kind.DECISION, [(DecisionSignature, signature.pk)], at=NOON)


def of_another_hash(signed):
    resign(DecisionSignature.objects.get(), signed.laptop, "ab" * 32)


def of_another_decision(signed):
    Decision.objects.update(approval_sha256="ab" * 32)


def without_verifying_the_person(signed):
    signature = DecisionSignature.objects.get()
    resign(signature, signed.laptop, signature.decision.approval_sha256, flags=UP)


def with_another_public_key(signed):
    laptop = RecordedFactor.objects.filter(pk=factor_of(signed.laptop).pk)
    laptop.update(public_key=signed.phone.public_key)


FORGED_SIGNATURES = {
    of_another_person: "is by a passkey of another person.",
    by_no_passkey: "which is no passkey.",
    of_another_credential: "names another passkey than factor",
    by_a_passkey_that_came_later: "which was not set up before it.",
    by_a_passkey_that_was_removed: "which was removed before it.",
    added_later: "was not recorded together with the decision that it signs.",
    of_another_hash: "The passkey signed something else.",
    of_another_decision: "The passkey signed something else.",
    without_verifying_the_person: "The passkey did not verify who touched it.",
    with_another_public_key: "The signature is not by this passkey.",
}


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGED_SIGNATURES, ids=lambda forge: forge.__name__)
def test_a_forged_signature_of_a_decision_is_named(signed, forge):
    forge(signed)

    fault = next(faults())

    row = DecisionSignature.objects.get().pk
    assert fault.startswith(f"compliance_decisionsignature: row {row} ")
    assert fault.endswith(FORGED_SIGNATURES[forge]) or FORGED_SIGNATURES[forge] in fault


@pytest.mark.slow
def test_verify_names_a_signature_that_was_added_later_although_the_ledger_seals_it(monkeypatch):
    ada = make_user("ada", role="approver")
    publication = submitted(make_listing().register, make_user("eve", role="editor"))
    sign_and_approve(publication, ada, None)
    passkey = add_passkey(ada)
    assert verification.first_record_fault() is None
    decision = Decision.objects.get()
    forged = passkey.sign(decision.approval_sha256)

    signature = DecisionSignature.objects.create(
        decision=decision,
        factor=factor_of(passkey),
        credential_id=forged.credential_id,
        authenticator_data=forged.authenticator_data,
        client_data=forged.client_data,
        signature=forged.signature,
    )
    entry = ledger.seal(LedgerEntry.Kind.DECISION, [(DecisionSignature, signature.pk)], at=NOON)

    assert verification.first_record_fault() == (
        f"compliance_ledgerentry: entry {entry.number} seals 0 rows of compliance_decision, where "
        "it seals one."
    )
    monkeypatch.setattr(OrderVerifier, "faults", lambda *args: iter(()))
    assert verification.first_record_fault() == (
        f"compliance_decisionsignature: row {signature.pk} is by passkey {signature.factor_id}, "
        "which was not set up before it."
    )


# Decisions that somebody who has a passkey did not sign


@dataclass(frozen=True)
class Unsigned:
    """Ada has the passkey `laptop`. Eve submitted `waiting`, which nobody decided yet."""

    ada: User
    eve: User
    laptop: SoftwarePasskey
    listing: Listing
    waiting: Publication


@pytest.fixture
def undecided(approver, editor):
    laptop, listing = add_passkey(approver, "Laptop"), make_listing()
    writer.complete()
    return Unsigned(approver, editor, laptop, listing, submitted(listing.register, editor))


def insert(publication, kind, by, *, at=NOON, **values):
    """Insert a decision with its event and its ledger entry, as plain INSERTs could."""
    if kind == Decision.Kind.APPROVED:
        values = {"number": 1, "effective_from": at, **values}
    return decide(publication, kind, at=at, by=by, label=by.get_username(), **values)


def without_the_guard_at_commit():
    """Take away the one guard that PostgreSQL has against it, and SQLite has not."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER guard_signed_with_passkey ON compliance_decision")


def approve_unsigned(scene):
    return insert(scene.waiting, Decision.Kind.APPROVED, scene.ada)


def withdraw_from_review(scene):
    return insert(scene.waiting, Decision.Kind.WITHDRAWN, scene.ada, reason="No")


def withdraw_what_was_approved(scene):
    sign_and_approve(scene.waiting, scene.ada, scene.laptop)
    return insert(scene.waiting, Decision.Kind.WITHDRAWN, scene.ada, at=NOON + HOUR, reason="No")


def withdraw_at_the_moment_of_an_approval(scene):
    sign_and_approve(scene.waiting, scene.ada, scene.laptop)
    return insert(scene.waiting, Decision.Kind.WITHDRAWN, scene.ada, reason="No")


def submit_another(scene, use, **values):
    with changeset(by=scene.eve, reason="Edit"):
        state(scene.listing, training=use)
    return submitted(scene.listing.register, scene.eve, **values)


def withdraw_what_an_approval_does_not_overtake(scene):
    """Withdraw what is in review right before an approval of the same person and moment."""
    sign_and_approve(scene.waiting, scene.ada, scene.laptop)
    other = submit_another(scene, "never", at=NOON + HOUR)
    again = submit_another(scene, "opt_out", at=NOON + HOUR)
    withdrawal = insert(
        other, Decision.Kind.WITHDRAWN, scene.ada, at=NOON + 2 * HOUR, reason="Overtaken."
    )
    sign_and_approve(again, scene.ada, scene.laptop, at=NOON + 2 * HOUR)
    return withdrawal


UNSIGNED = [
    approve_unsigned,
    withdraw_from_review,
    withdraw_what_was_approved,
    withdraw_at_the_moment_of_an_approval,
    withdraw_what_an_approval_does_not_overtake,
]


@pytest.mark.slow
@pytest.mark.parametrize("forge", UNSIGNED, ids=lambda forge: forge.__name__)
def test_a_decision_that_somebody_with_a_passkey_did_not_sign_is_named(
    undecided, forge, monkeypatch
):
    without_the_guard_at_commit()
    decision = forge(undecided)
    connection.check_constraints()  # as at commit: without its guard, PostgreSQL refuses nothing

    assert verification.first_record_fault() == (
        f"compliance_decision: row {decision.pk}, by {undecided.ada}, is not signed, although "
        f"passkey {factor_of(undecided.laptop).pk} of this person was in use."
    )
    # The control: nothing else finds it.
    monkeypatch.setattr(signatures, "_unsigned_faults", lambda *args: iter(()))
    assert verification.first_record_fault() is None


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no deferred trigger")
@pytest.mark.parametrize("forge", UNSIGNED, ids=lambda forge: forge.__name__)
def test_postgresql_refuses_at_commit_what_somebody_with_a_passkey_did_not_sign(undecided, forge):
    def forge_and_commit():
        with transaction.atomic():
            forge(undecided)
            connection.check_constraints()

    with pytest.raises(IntegrityError, match="Whoever has a passkey"):
        forge_and_commit()


def assert_sound():
    connection.check_constraints()  # as at commit
    assert verification.first_record_fault() is None


def test_a_passkey_that_came_later_or_was_removed_before_does_not_have_to_sign(undecided):
    remove(undecided.ada, undecided.laptop)
    sign_and_approve(undecided.waiting, undecided.ada, None)
    with time_machine.travel(NOON + HOUR):
        add_passkey(undecided.ada, "Later")

    assert_sound()


@pytest.mark.slow
def test_what_a_signed_approval_overtakes_is_withdrawn_without_a_signature(undecided):
    ada, laptop = undecided.ada, undecided.laptop
    sign_and_approve(undecided.waiting, ada, laptop)
    scheduled = submit_another(undecided, "never", at=NOON, effective_from=NOON + 9 * HOUR)
    sign_and_approve(scheduled, ada, laptop)
    urgent = submit_another(undecided, "opt_out", at=NOON + HOUR)
    sign_and_approve(urgent, ada, laptop, at=NOON + HOUR)

    assert scheduled.state == Publication.State.WITHDRAWN
    assert_sound()


@pytest.mark.slow
def test_an_imported_page_is_approved_without_a_signature(approver):
    add_passkey(approver)
    past = PastPage(page(row("GPT 6", "Acme")), NOON - HOUR, "First page")
    import_history([past], slug="imported", at=NOON, by=approver)

    assert Decision.objects.get().by == approver
    assert_sound()


def test_a_passkey_that_was_deleted_past_the_registry_still_has_to_sign(undecided):
    Authenticator.objects.all()._raw_delete("default")

    with pytest.raises(NotSigned, match="did not sign it"):
        sign_and_approve(undecided.waiting, undecided.ada, None)
    sign_and_approve(undecided.waiting, undecided.ada, undecided.laptop)

    assert list(faults()) == []


# Passkeys that vouch for others


def endorsed_by_another_person(signed):
    endorsement = FactorEndorsement.objects.get()
    resign(endorsement, signed.eves, enrolment_sha256(endorsement.endorsed))


def endorsed_by_itself(signed):
    endorsement = FactorEndorsement.objects.get()
    resign(endorsement, signed.phone, enrolment_sha256(endorsement.endorsed))


def endorsed_by_a_removed_passkey(signed):
    endorsement = FactorEndorsement.objects.get()
    resign(endorsement, signed.lost, enrolment_sha256(endorsement.endorsed))


def endorsed_under_another_key(signed):
    RecordedFactor.objects.filter(pk=factor_of(signed.phone).pk).update(public_key=b"other")


def endorsed_for_another_person(signed):
    eve = User.objects.get(username="eve")
    RecordedFactor.objects.filter(pk=factor_of(signed.phone).pk).update(user=eve)


FORGED_ENDORSEMENTS = {
    endorsed_by_another_person: "is by a passkey of another person.",
    endorsed_by_itself: "is by a passkey that is not older than the one that it vouches for.",
    endorsed_by_a_removed_passkey: "which was removed before it.",
    endorsed_under_another_key: "The passkey signed something else.",
    endorsed_for_another_person: "is by a passkey of another person.",
}


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGED_ENDORSEMENTS, ids=lambda forge: forge.__name__)
def test_a_forged_endorsement_is_named(signed, forge):
    forge(signed)

    fault = next(faults())

    row = FactorEndorsement.objects.get().pk
    assert fault.startswith(f"compliance_factorendorsement: row {row} ")
    assert fault.endswith(FORGED_ENDORSEMENTS[forge])


# Invitations


def invited_by_oneself(ada):
    Changeset.objects.filter(kind="account").update(by=ada)


def invited_by_nobody(ada):
    Changeset.objects.filter(kind="account").update(by=None)


def another_person_invited(ada):
    Invitation.objects.update(user=User.objects.get(username="eve"))


def answered_by_a_second_factor(ada):
    first, second, *_ = RecordedFactor.objects.order_by("pk")
    RecordedFactor.objects.filter(pk=first.pk).update(invitation=None)
    RecordedFactor.objects.filter(pk=second.pk).update(invitation=Invitation.objects.get())


def answered_by_recovery_codes(ada):
    RecordedFactor.objects.exclude(invitation=None).update(kind="recovery_codes")


def invited_later(ada):
    invitation = Invitation.objects.get()
    Invitation.objects.update(id=(key := invitation.pk + 1))
    RecordedFactor.objects.exclude(invitation=None).update(invitation=key)
    ledger.seal(LedgerEntry.Kind.CHANGESET, [(Invitation, key)], at=NOON)


INVITATIONS = [
    invited_by_oneself,
    invited_by_nobody,
    another_person_invited,
    answered_by_a_second_factor,
    answered_by_recovery_codes,
    invited_later,
]


@pytest.mark.parametrize("forge", INVITATIONS, ids=lambda forge: forge.__name__)
def test_an_invitation_that_a_factor_cannot_answer_is_named(forge):
    ada = make_user("ada")
    make_user("eve")
    invite(ada, by=make_user("root"))
    add_passkey(ada)
    add_passkey(ada)
    assert list(faults()) == []
    guards.uninstall(connection)
    with connection.constraint_checks_disabled():
        forge(ada)

        [fault] = faults()

    row = RecordedFactor.objects.exclude(invitation=None).get().pk
    assert fault == (
        f"compliance_recordedfactor: row {row} cannot answer invitation "
        f"{RecordedFactor.objects.get(pk=row).invitation_id}."
    )


# What is no fault, but worth a look


def entries():
    """Return by table and key the entries that seal rows."""
    ledger = LedgerVerifier()
    list(ledger.faults(()))
    return ledger.keys


def faults():
    """Return the faults of signatures, without those that the ledger itself shows."""
    return signatures.faults(entries())


def notes() -> list[str]:
    assert list(faults()) == []
    return list(signatures.notes())


@pytest.mark.slow
def test_a_passkey_that_answers_an_invitation_is_not_noted(signed):
    assert notes() == []


@pytest.mark.slow
def test_a_passkey_that_nobody_vouched_for_is_noted_with_its_decisions(signed):
    RecordedFactor.objects.update(invitation=None)

    [note] = notes()

    assert note == (
        f"Nobody vouched for the passkey Laptop of ada, compliance_recordedfactor row "
        f"{factor_of(signed.laptop).pk}: no older passkey of the same account signed it, and "
        "nobody else invited this person before it. It signed compliance_decision rows "
        f"{Decision.objects.get().pk}."
    )


@pytest.fixture
def phone_decided(signed):
    """Approve another publication, with the passkey that Laptop endorsed."""
    eve, ada = (User.objects.get(username=name) for name in ("eve", "ada"))
    listing = Listing.objects.get()
    with changeset(by=eve, reason="Edit"):
        state(listing, training="never")
    publication = submitted(listing.register, eve, at=NOON + HOUR)
    sign_and_approve(publication, ada, signed.phone, at=NOON + HOUR)
    return signed


@pytest.mark.slow
def test_a_passkey_that_a_vouched_one_endorsed_is_not_noted(phone_decided):
    assert notes() == []


@pytest.mark.slow
def test_a_passkey_that_nobody_endorsed_is_noted(phone_decided):
    FactorEndorsement.objects.all().delete()

    [note] = notes()

    assert note.startswith("Nobody vouched for the passkey Phone of ada")


@pytest.mark.slow
def test_a_passkey_endorsed_by_one_that_nobody_vouched_for_is_noted_too(phone_decided):
    RecordedFactor.objects.update(invitation=None)

    laptop, phone = notes()

    assert "the passkey Laptop of ada" in laptop
    assert "the passkey Phone of ada" in phone


@pytest.fixture
def unsigned(approver, editor):
    """Approve a publication without a passkey."""
    writer.complete()
    publication = submitted(make_listing().register, editor)
    sign_and_approve(publication, approver, None)
    return Decision.objects.get()


@pytest.mark.slow
def test_unsigned_approvals_are_counted(unsigned):
    assert notes() == ["Approvals not signed with a passkey: 1 of 1."]


@pytest.mark.slow
def test_unsigned_approvals_are_named_where_signatures_are_compulsory(unsigned, settings):
    settings.REQUIRE_SIGNED_APPROVALS = True

    assert notes() == [
        "Approvals not signed with a passkey, which is compulsory now: 1 of 1. "
        f"compliance_decision row {unsigned.pk}, publication 1 of "
        f"{unsigned.register.slug}, by {unsigned.by}."
    ]


@pytest.mark.slow
def test_imported_approvals_are_not_counted(unsigned):
    guards.uninstall(connection)
    Publication.objects.update(source="imported")

    assert notes() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_verify_prints_notes_and_ends_with_status_0(unsigned):
    output = StringIO()

    call_command("verify", stdout=output)

    sound, note, head = output.getvalue().splitlines()
    assert sound.startswith("Sound: ")
    assert note == "Note: Approvals not signed with a passkey: 1 of 1."
    assert json.loads(head)["number"] == LedgerEntry.objects.count()


@pytest.mark.slow
def test_the_number_of_queries_does_not_depend_on_the_number_of_signatures(signed):
    def queries_taken() -> int:
        sealed = entries()
        with CaptureQueriesContext(connection) as captured:
            assert list(signatures.faults(sealed)) == []
            list(signatures.notes())
        return len(captured)

    once = queries_taken()
    listing, ada = Listing.objects.get(), User.objects.get(username="ada")
    eve = User.objects.get(username="eve")
    for hours, use in enumerate(("never", "opt_out"), start=1):
        with changeset(by=eve, reason="Edit"):
            state(listing, training=use)
        publication = submitted(listing.register, eve, at=NOON + hours * HOUR)
        sign_and_approve(publication, ada, signed.phone, at=NOON + hours * HOUR)
        key = add_passkey(ada)
        endorse(factor_of(key), signed.laptop.sign(enrolment_sha256(factor_of(key))))

    assert queries_taken() == once
