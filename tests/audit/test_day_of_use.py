"""What people do in a day is sound: no check of `verify` is stricter than honest writing."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from compliance.audit import verification
from compliance.models import AIModel, LedgerEntry, Provider, Register, User, ledger
from compliance.models.bulk import save_all
from compliance.models.changesets import changeset
from compliance.publishing import approve, import_history, reject, withdraw
from compliance.workingcopy.importing import PastPage, import_page
from compliance.workingcopy.reviews import record_review
from tests.factories import make_user
from tests.pages import page, row
from tests.passkeys import add_passkey
from tests.publications import HOUR, reverted, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EARLIER = page(row("GPT 6", "Acme"))


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Record at the moments of the clock, as the registry does."""
    monkeypatch.setattr(ledger, "timezone", timezone)


def submit_page(register, editor, **values):
    at = timezone.now()
    return submitted(register, editor, at=at, **values)


def approve_page(publication, approver):
    sha256 = publication.approval_sha256
    return approve(publication, by=approver, at=timezone.now(), approval_sha256=sha256)


def rename(register, editor, title):
    with changeset(by=editor, reason="Rename"):
        Register.objects.get(pk=register.pk).set(title=title)


def test_a_day_of_use_is_sound(settings):
    settings.DEMO = True
    call_command("demo")
    editor, approver = make_user("eva", role="editor"), make_user("ann", role="approver")
    User.objects.create_user("new", password=None)
    add_passkey(make_user("zoe", role="approver"))
    past = [PastPage(EARLIER, timezone.now() - 24 * HOUR, "As it was")]
    [(imported, first)] = import_history(past, slug="second", at=timezone.now(), label="tests")
    register = imported.register
    import_page(page(row("GPT 6, GPT 7", "Acme")), slug="second", reason="Import", by=editor)
    with changeset(by=editor, reason="Many at once"):
        save_all(AIModel(name=f"Model {number}") for number in range(30))
    with changeset(by=editor, reason="Read again"):
        record_review(Provider.objects.first(), at=timezone.now())
    with changeset(by=editor, reason="Not needed"):
        AIModel.objects.get(name="Model 3").delete()
    client = Client()
    client.force_login(editor)
    client.get("/admin/")

    second = approve_page(submit_page(register, editor), approver)
    rename(register, editor, "Another title")
    reject(submit_page(register, editor), by=approver, at=timezone.now(), reason="No")
    dropped = submit_page(register, editor)
    withdraw(dropped, by=editor, at=timezone.now(), reason="Wrong")
    scheduled = submit_page(register, editor, effective_from=timezone.now() + HOUR, announce=True)
    approve_page(scheduled, approver)
    rename(register, editor, "A third title")
    approve_page(submit_page(register, editor), approver)
    back = reverted(register, editor, to=second.number, at=timezone.now(), reason="Back")
    fifth = approve_page(back, approver)
    withdraw(fifth, by=approver, at=timezone.now(), reason="Wrong")
    withdraw(first, by=approver, at=timezone.now(), reason="Wrong")

    verified = verification.verify()
    assert verified.entries == LedgerEntry.objects.count() > 20
