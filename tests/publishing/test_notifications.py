"""compliance.publishing.notifications: who gets which mail; a failure undoes nothing."""

from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail

from compliance.models import Publication, Register, User
from compliance.models.changesets import changeset
from compliance.page.diff.sentences import row_label
from compliance.publishing import approve, ask_for_change, comment, rebase, reject, submit, withdraw
from tests.factories import make_listing, make_user, state
from tests.publications import HOUR, NOON, answers_to, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Make an editor and two approvers, one of whom has edited the page."""
    editor = make_user("eve", role="editor", email="eve@example.com")
    make_user("ada", role="approver", email="ada@example.com")
    both = make_user("bo", role="approver", email="bo@example.com")
    make_user("nomail", role="approver")
    make_user("gone", role="approver", email="gone@example.com", is_active=False)
    with changeset(by=both, reason="Edit"):
        make_listing()
    return editor


@pytest.fixture
def publication(people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return submitted(Register.objects.get(), people)


def user(name):
    return User.objects.get(username=name)


@pytest.mark.slow
def test_approvers_who_may_decide_are_told_that_something_waits(publication, settings):
    [message] = mail.outbox

    assert message.to == ["ada@example.com"]
    assert message.subject == "Models and privacy: a publication waits for your approval – Why"
    assert f"/admin/compliance/publication/{publication.pk}/change/" in message.body
    assert "Reason: Why" in message.body


@pytest.mark.slow
@pytest.mark.parametrize("act", ["approved", "rejected", "withdrawn"])
def test_the_submitter_is_told_of_the_decision(
    publication, act, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    ada = user("ada")
    ada.groups.add(*user("eve").groups.all())

    with django_capture_on_commit_callbacks(execute=True):
        if act == "approved":
            approve(publication, by=ada, at=NOON, approval_sha256=publication.approval_sha256)
        else:
            {"rejected": reject, "withdrawn": withdraw}[act](
                publication, by=ada, at=NOON, reason="Because"
            )

    [message] = mail.outbox
    assert message.to == ["eve@example.com"]
    name = "publication 1" if act == "approved" else "a publication"
    assert message.subject == f"Models and privacy: {name} was {act} – Why"
    assert ("publication 1" if act == "approved" else "Reason: Because\n") in message.body


@pytest.mark.slow
def test_the_submitter_is_told_that_what_was_scheduled_is_called_off(
    people, django_capture_on_commit_callbacks
):
    ada = user("ada")
    later = submitted(Register.objects.get(), people, effective_from=NOON + 9 * HOUR)
    approve(later, by=ada, at=NOON, approval_sha256=later.approval_sha256)

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(later, by=ada, at=NOON + HOUR, reason="Not yet")

    [message] = mail.outbox
    assert message.to == ["eve@example.com"]
    assert message.subject == "Models and privacy: publication 1 was called off – Why"
    assert "Reason: Not yet\n" in message.body


@pytest.mark.slow
def test_the_submitter_gets_one_mail_of_all_that_an_approval_carries_over(
    people, django_capture_on_commit_callbacks
):
    ada, eve, register = user("ada"), user("eve"), Register.objects.get()
    first = submitted(register, people)
    approve(first, by=ada, at=NOON, approval_sha256=first.approval_sha256)
    for days, use in enumerate(["never", "opt_in"], start=1):
        with changeset(by=eve, reason="Edit"):
            state(register.listings.get(), training=use)
        later = submitted(register, eve, effective_from=NOON + days * 24 * HOUR)
        approve(later, by=ada, at=NOON, approval_sha256=later.approval_sha256)
    with changeset(by=eve, reason="Edit"):
        register.set(title="Another title")
    urgent = submitted(register, eve, at=NOON + HOUR, listings=[])
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        approve(urgent, by=ada, at=NOON + HOUR, approval_sha256=urgent.approval_sha256)

    [message] = mail.outbox
    assert message.to == ["eve@example.com"]
    assert message.subject.endswith(": publication 4 was approved, 2 carried over – Why")
    assert message.body.count("Its changes are now in") == 2
    assert message.body.count("Reason: Carried over with") == 2
    assert message.body.count("/admin/compliance/publication/") == 3


@pytest.mark.slow
def test_the_submitter_is_told_who_brought_it_up_to_date(
    publication, django_capture_on_commit_callbacks
):
    ada, eve, register = user("ada"), user("eve"), publication.register
    approve(publication, by=ada, at=NOON, approval_sha256=publication.approval_sha256)
    with changeset(by=eve, reason="Edit"):
        state(register.listings.get(), training="never")
    waiting = submitted(register, eve, at=NOON + HOUR)
    with changeset(by=eve, reason="Edit"):
        register.set(title="Another title")
    urgent = submitted(register, eve, at=NOON + HOUR, listings=[])
    approve(urgent, by=ada, at=NOON + HOUR, approval_sha256=urgent.approval_sha256)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        rebase(waiting, by=ada, at=NOON + 2 * HOUR)

    told = {message.to[0]: message.subject for message in mail.outbox}
    # Not ada, who did it; bo may approve it too.
    assert told.keys() == {"eve@example.com", "bo@example.com"}
    assert told["eve@example.com"].endswith("a publication was brought up to date – Why")


@pytest.mark.slow
def test_a_line_break_in_a_reason_does_not_enter_the_subject(
    people, django_capture_on_commit_callbacks
):
    register = Register.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        submit(
            register,
            by=people,
            at=NOON,
            reason="Move\nBcc: x@example.com",
            answers=answers_to(register),
        )

    [message] = mail.outbox
    assert message.subject.endswith(" – Move Bcc: x@example.com")
    assert "Reason: Move\nBcc: x@example.com\n" in message.body
    assert message.recipients() == ["ada@example.com"]


@pytest.mark.slow
def test_a_comment_reaches_the_submitter_and_who_commented_before(
    publication, django_capture_on_commit_callbacks
):
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        ask_for_change(publication, by=user("ada"), at=NOON, text="Which\nregion?")
    with django_capture_on_commit_callbacks(execute=True):
        comment(
            publication,
            by=user("bo"),
            at=NOON,
            text="All regions?",
            listing=next(publication.snapshot().rows()).id,
        )
    with django_capture_on_commit_callbacks(execute=True):
        comment(publication, by=user("eve"), at=NOON, text="All.")

    assert [message.to for message in mail.outbox] == [
        ["eve@example.com"],
        ["eve@example.com"],
        ["ada@example.com"],
        ["ada@example.com"],
        ["bo@example.com"],
    ]
    assert mail.outbox[0].subject == "Models and privacy: a publication needs a change – Why"
    assert "Which\nregion?\n" in mail.outbox[0].body
    row = row_label(publication.snapshot().all_rows[0])
    assert f" about {row}:\n" in mail.outbox[1].body
    assert " about " not in mail.outbox[0].body.partition(":\n")[0]


@pytest.mark.slow
def test_nobody_is_told_of_their_own_withdrawal(
    publication, people, django_capture_on_commit_callbacks
):
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(publication, by=people, at=NOON, reason="Too early")

    assert mail.outbox == []


@pytest.mark.slow
def test_a_mail_server_that_fails_undoes_nothing(
    people, settings, caplog, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "tests.publishing.test_notifications.NoServer"

    with django_capture_on_commit_callbacks(execute=True):
        publication = submitted(Register.objects.get(), people)

    assert publication.state == Publication.State.IN_REVIEW
    assert "could not be sent" in caplog.text


@pytest.mark.slow
def test_a_refused_address_does_not_keep_others_from_getting_their_mail(
    people, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    recipients = []

    def send(message):
        if message.to == ["ada@example.com"]:
            raise SMTPRecipientsRefused({"ada@example.com": (550, b"No such box")})
        recipients.append(message.to[0])

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    make_user("ben", role="approver", email="ben@example.com")
    make_user("aaa", role="approver", email="aaa@example.com")

    with django_capture_on_commit_callbacks(execute=True):
        submitted(Register.objects.get(), people)

    assert set(recipients) == {"ben@example.com", "aaa@example.com"}
    assert "refused ada@example.com as a recipient" in caplog.text


class NoServer:
    """A mail backend whose server is away."""

    def __init__(self, **options):
        raise ConnectionRefusedError("No mail server.")
