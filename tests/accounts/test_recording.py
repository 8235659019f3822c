"""Tests of compliance.accounts.recording: what happens to accounts and factors is in the record."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.test import Client
from fido2.utils import websafe_decode

from compliance.accounts import factors, invitations
from compliance.audit import accounts, guards, verification
from compliance.models import (
    Changeset,
    FactorRemoval,
    FactorRenaming,
    Invitation,
    LedgerEntry,
    RecordedFactor,
    User,
)
from compliance.models.changesets import changeset
from compliance.publishing import approve
from tests.factories import make_listing, make_user, state
from tests.passkeys import SoftwarePasskey, add_passkey
from tests.publications import NOON as PUBLISHED_AT
from tests.publications import submitted
from tests.signing_in import NOON, PASSWORD, add_authenticator_app, code_of, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


def disagreements() -> list[str]:
    """Return in what the record and the table of factors differ."""
    return list(accounts.factor_faults())


def standing() -> list[str]:
    """Return the kinds of the recorded factors that were not removed."""
    return sorted(RecordedFactor.objects.filter(removal=None).values_list("kind", flat=True))


# Which writes are recorded

ADDITIONS = {
    "an authenticator app": lambda user: TOTP.activate(user, generate_totp_secret()),
    "recovery codes": RecoveryCodes.activate,
    "a passkey": add_passkey,
    "two of them": factors.enrol,
    "create() of the table": lambda user: Authenticator.objects.create(
        user=user, type="totp", data={}
    ),
    "get_or_create() of the table": lambda user: Authenticator.objects.get_or_create(
        user=user, type="totp", data={}
    ),
}
REMOVALS = {
    "a reset": factors.reset,
    "the command": lambda user: call_command(
        "reset_second_factor", "ada", by=make_user("root", is_superuser=True), reason="Lost"
    ),
    "delete() of each row": lambda user: [row.delete() for row in Authenticator.objects.all()],
    "delete() of the table": lambda user: Authenticator.objects.all().delete(),
    "delete() of some rows": lambda user: Authenticator.objects.filter(user=user).delete(),
}


@pytest.mark.parametrize("add", ADDITIONS.values(), ids=ADDITIONS)
def test_a_factor_is_recorded_however_it_is_set_up(add, ada):
    add(ada)

    assert Authenticator.objects.exists()
    assert standing() == sorted(Authenticator.objects.values_list("type", flat=True))
    assert disagreements() == []


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_a_factor_is_recorded_however_it_is_removed(remove, ada):
    factors.enrol(ada)
    add_passkey(ada)

    remove(ada)

    assert not Authenticator.objects.exists()
    assert FactorRemoval.objects.count() == 3
    assert disagreements() == []


def test_a_factor_that_was_set_up_past_the_registry_is_a_fault(ada):
    Authenticator.objects.bulk_create([Authenticator(user=ada, type="totp", data={})])

    [fault] = disagreements()

    assert fault == (
        f"mfa_authenticator: row {Authenticator.objects.get().pk}, a second factor of user "
        f"{ada.pk}, was set up past the registry."
    )


def test_a_passkey_that_took_the_place_of_another_is_a_fault(ada):
    add_passkey(ada)
    foreign = {"name": "Key", "credential": SoftwarePasskey().registration()}
    Authenticator.objects.update(data=foreign)

    faults = disagreements()

    assert "was set up past the registry" in faults[0]
    assert "was removed past the registry" in faults[1]


def test_an_unreadable_passkey_is_a_fault_and_can_be_removed(ada):
    add_passkey(ada)
    Authenticator.objects.update(data={"name": "Key", "credential": "none"})

    assert "is unreadable" in disagreements()[0]

    Authenticator.objects.get().delete()
    assert not Authenticator.objects.exists()


def test_a_factor_that_was_removed_past_the_registry_is_a_fault(ada):
    factors.enrol(ada)
    Authenticator.objects.filter(type="totp")._raw_delete(using="default")

    [fault] = disagreements()

    assert fault.endswith(f"a second factor of user {ada.pk}, was removed past the registry.")
    assert fault == verification.first_record_fault()


def test_a_factor_from_past_the_registry_is_not_recorded_by_what_its_owner_does_later(ada):
    passkey = {"name": "Key", "credential": SoftwarePasskey().registration()}
    Authenticator.objects.bulk_create([Authenticator(user=ada, type="webauthn", data=passkey)])
    foreign = Authenticator.objects.get()

    foreign.record_usage()
    foreign.data["name"] = "Mine"
    foreign.save()

    assert "was set up past the registry" in disagreements()[0]
    assert not RecordedFactor.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_factor_that_cannot_be_recorded_is_not_set_up(ada, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OSError("The disk is full.")

    monkeypatch.setattr(RecordedFactor, "save", refuse)
    with pytest.raises(OSError, match="full"):
        Authenticator(user=ada, type="totp", data={}).save()
    assert not Authenticator.objects.exists()

    # Django's own save() has committed the row before it sends the signal.
    with pytest.raises(OSError, match="full"):
        models.Model.save(Authenticator(user=ada, type="totp", data={}))
    assert Authenticator.objects.exists()


# What is recorded


def test_a_passkey_is_recorded_with_its_public_key_and_name(ada):
    passkey = add_passkey(ada, "Laptop")

    factor = RecordedFactor.objects.get()

    assert (factor.user, factor.kind, factor.latest_name) == (ada, "webauthn", "Laptop")
    assert bytes(factor.credential_id) == passkey.credential_id
    assert bytes(factor.public_key) == passkey.public_key


def test_a_name_is_recorded_without_what_breaks_a_line_or_reorders_it(ada):
    add_passkey(ada, "Lap\ntop\u202e" + "x" * 200)

    assert RecordedFactor.objects.get().name == "Laptop" + "x" * 144
    assert disagreements() == []


def test_a_shell_records_the_user_of_the_operating_system(ada, monkeypatch):
    monkeypatch.setenv("LOGNAME", "olga")

    factors.enrol(ada)

    recorded = Changeset.objects.get()
    assert (recorded.by, recorded.label, recorded.source) == (None, "olga", "command")
    assert recorded.kind == "account"
    assert recorded.reason == "Replace the second factors by recovery codes."


def test_what_is_recorded_is_sealed(ada):
    factors.enrol(ada)
    factors.reset(ada)

    assert LedgerEntry.objects.count() == 2
    assert verification.first_record_fault() is None

    # The control: a row past the models is sealed by no entry.
    unsealed = RecordedFactor(user=ada, kind="totp", changeset=Changeset.objects.first())
    RecordedFactor.objects.bulk_create([unsealed])
    assert "is sealed by no entry" in verification.first_record_fault()


def test_a_renamed_passkey_keeps_its_record(ada):
    add_passkey(ada, "Key")
    factor = Authenticator.objects.get()

    factor.data["name"] = "Laptop"
    factor.save()
    factor.save()

    assert FactorRenaming.objects.get().name == "Laptop"
    assert RecordedFactor.objects.get().latest_name == "Laptop"
    assert disagreements() == []


def test_signing_in_records_nothing(ada):
    add_authenticator_app(ada)
    code = factors.enrol(ada)[0]
    before = LedgerEntry.objects.count()

    for factor in Authenticator.objects.all():
        factor.record_usage()
    assert RecoveryCodes.activate(ada).validate_code(code)

    assert LedgerEntry.objects.count() == before


# Invitations

MAKERS = {
    "createsuperuser": lambda: call_command(
        "createsuperuser", username="ada", email="ada@example.com", interactive=False
    ),
    "create_user() in a shell": lambda: User.objects.create_user("ada"),
    "save() in a shell": lambda: User(username="ada").save(),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_an_account_made_by_a_command_has_an_invitation(make, monkeypatch):
    monkeypatch.setenv("LOGNAME", "olga")

    make()

    invitation = Invitation.objects.get()
    assert invitation.user == User.objects.get()
    assert (invitation.changeset.by, invitation.changeset.label) == (None, "olga")
    assert (invitation.changeset.source, invitation.changeset.kind) == ("command", "account")


def test_a_saved_account_is_invited_once():
    user = User.objects.create_user("ada")

    user.first_name = "Ada"
    user.save()

    assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_account_that_cannot_be_recorded_is_not_made(monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OSError("The disk is full.")

    monkeypatch.setattr(Invitation, "save", refuse)
    with pytest.raises(OSError, match="full"):
        User.objects.create_user("ada")
    assert not User.objects.exists()

    with pytest.raises(OSError, match="full"):
        models.Model.save(User(username="ada"))
    assert User.objects.exists()


def invite(user, *, by) -> Invitation:
    with changeset(by=by, label="shell", reason="Join", source="admin", kind="account"):
        return Invitation.objects.create(user=user)


def test_the_first_factor_answers_the_invitation_of_somebody_else(ada):
    invitation = invite(ada, by=make_user("root"))

    factors.enrol(ada)
    add_passkey(ada)

    answering = RecordedFactor.objects.exclude(invitation=None)
    assert [(factor.kind, factor.invitation) for factor in answering] == [("totp", invitation)]


def test_a_factor_after_a_removed_one_answers_no_invitation(ada):
    invite(ada, by=make_user("root"))
    add_passkey(ada)
    factors.reset(ada)

    add_passkey(ada)

    assert [bool(factor.invitation_id) for factor in RecordedFactor.objects.all()] == [True, False]


def test_an_account_is_invited_once(ada):
    invite(ada, by=make_user("root"))

    with pytest.raises(IntegrityError), transaction.atomic():
        invite(ada, by=make_user("olga"))


@pytest.mark.parametrize("by", ["nobody", "the person"])
def test_an_invitation_by_no_other_person_is_not_answered(by, ada):
    invite(ada, by=ada if by == "the person" else None)

    add_passkey(ada)

    assert RecordedFactor.objects.get().invitation is None


# The screens of django-allauth


def register_passkey(client, name) -> SoftwarePasskey:
    """Set up a passkey on the screen for it."""
    client.get("/accounts/2fa/webauthn/add/")
    challenge = websafe_decode(client.session[STATE_SESSION_KEY]["challenge"])
    passkey = SoftwarePasskey()
    typed = {"name": name, "credential": json.dumps(passkey.registration(challenge))}
    assert client.post("/accounts/2fa/webauthn/add/", typed).status_code == 302
    return passkey


def signed_in(account) -> Client:
    """Sign in and confirm the password, which the screens of factors ask for."""
    client, _ = sign_in(account)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def activate_app(client) -> str:
    """Set up an authenticator app on the screen for it; return its secret."""
    page = client.get("/accounts/2fa/totp/activate/").text
    secret = re.search("<code>(.*?)</code>", page)[1]
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret, NOON + 60)})
    return secret


def texts_of_the_record() -> list[str]:
    """Return every value in the tables that are only added to, as text."""
    texts = []
    for model in guards.append_only_models():
        for row in model._default_manager.values_list():
            texts += [bytes(v).hex() if isinstance(v, bytes | memoryview) else str(v) for v in row]
    return texts


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # allauth counts an app as set up once it is committed
def test_the_record_follows_every_screen_and_holds_no_secret(time_machine):
    time_machine.move_to(NOON - 60, tick=False)
    root = make_user("root", is_superuser=True)
    admin = Client()
    admin.force_login(root)
    made = {"username": "ada", "email": "ada@example.com", "roles": "editor", "reason": "Joins"}
    admin.post("/admin/compliance/user/add/", made)
    ada = User.objects.get(username="ada")
    chosen = dict.fromkeys(("new_password1", "new_password2"), PASSWORD)
    assert Client().post(invitations.address_for(ada), chosen).status_code == 302
    ada.refresh_from_db()
    secrets = {ada.password, "ada@example.com", PASSWORD}
    # Nothing else happens at the moment of the sign-in, which must not be recorded.
    time_machine.move_to(NOON, tick=False)
    client = signed_in(ada)
    time_machine.move_to(NOON + 60, tick=False)
    came_and_went = []

    def note() -> None:
        assert disagreements() == []
        came_and_went.append(standing())
        secrets.update(secrets_of(ada))

    secrets.add(activate_app(client))
    note()
    passkey = register_passkey(client, "Laptop")
    note()
    key = Authenticator.objects.get(type="webauthn").pk
    client.post(f"/accounts/2fa/webauthn/keys/{key}/edit/", {"name": "Old laptop"})
    note()
    client.post("/accounts/2fa/recovery-codes/generate/")
    note()
    client.post(f"/accounts/2fa/webauthn/keys/{key}/remove/")
    note()
    client.post("/accounts/2fa/totp/deactivate/")
    note()
    factors.enrol(ada)
    note()
    call_command("reset_second_factor", "ada", by="root", reason="Lost")
    note()

    app, both = ["recovery_codes", "totp"], ["recovery_codes", "totp", "webauthn"]
    assert came_and_went == [app, both, both, both, app, [], app, []]
    recorded = RecordedFactor.objects.get(kind="webauthn")
    assert bytes(recorded.public_key) == passkey.public_key
    assert recorded.latest_name == "Old laptop"
    assert {factor.changeset.by for factor in RecordedFactor.objects.all()} == {ada, None}
    assert RecordedFactor.objects.get(invitation__changeset__by=root).kind == "totp"
    texts = texts_of_the_record()
    assert not [secret for secret in secrets for text in texts if secret in text]
    # The control: the search finds what is there.
    assert any(passkey.public_key.hex() in text for text in texts)
    assert any("Old laptop" in text for text in texts)


def secrets_of(user) -> set[str]:
    """Return what must not be recorded of an account and its factors as they are now."""
    user.refresh_from_db()
    secrets = {user.password, user.email, *Session.objects.values_list("session_key", flat=True)}
    secrets.add(user.last_login.isoformat())
    secrets.add(str(user.last_login))
    for factor in Authenticator.objects.filter(user=user):
        if factor.type == "totp":
            secrets |= {factor.data["secret"], decrypt(factor.data["secret"])}
        if factor.type == "recovery_codes":
            secrets |= {factor.data["seed"], *RecoveryCodes(factor).get_unused_codes()}
    return secrets


@pytest.mark.slow
def test_a_changeset_of_an_account_is_in_no_publication(editor, approver):
    listing = make_listing()
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    passkey = add_passkey(approver)
    account = Changeset.objects.first()

    publication = submitted(listing.register, editor)

    assert publication.captured_changeset == account
    assert account not in {one.changeset for one in publication.contributions.all()}
    # So whoever set up a passkey in between may still approve.
    sha256 = publication.approval_sha256
    approve(
        publication,
        by=approver,
        at=PUBLISHED_AT,
        approval_sha256=sha256,
        assertion=passkey.sign(sha256),
    )
