"""manage.py remind_reviews: each owner gets one mail, and a mail that reaches nobody is an error."""

from datetime import UTC, date, datetime
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.factories import make_document, make_provider, make_term, make_user

pytestmark = pytest.mark.django_db
MARCH = datetime(2025, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def remind(capsys):
    """Run the command on a day a year later; give what it printed and how it ended."""

    def run(day=2, **options):
        ended = 0
        with time_machine.travel(datetime.combine(date(2026, 3, day), MARCH.timetz())):
            try:
                call_command("remind_reviews", **options)
            except SystemExit as error:
                ended = error.code
        printed = capsys.readouterr()
        return ended, printed.out, printed.err

    with time_machine.travel(MARCH):
        yield run


def owner(name, **values):
    return make_user(name, **{"email": f"{name}@example.com", **values})


def test_each_owner_gets_one_mail_with_all_that_is_theirs(remind, settings):
    settings.SITE_URL = "https://privacy.example.com"
    ruth, otto = owner("ruth"), owner("otto")
    acme = make_provider("Acme", owner=ruth)
    make_document(acme, label="Acme FAQ", owner=ruth)
    make_term("30 days", owner=otto)

    ended, out, err = remind()

    assert (ended, err) == (0, "")
    assert out.splitlines() == [
        "ruth@example.com was mailed about Acme FAQ, Acme.", "otto@example.com was mailed about 30 days.",
    ]  # fmt: skip
    assert [message.to for message in mail.outbox] == [["ruth@example.com"], ["otto@example.com"]]
    assert mail.outbox[0].subject == "Review calendar: 2 due, 2 overdue"
    assert (
        mail.outbox[0].body.count(
            f"https://privacy.example.com/admin/compliance/provider/{acme.pk}/change/"
        )
        == 2
    )
    assert "- Acme (provider): overdue, was due on 1 Mar 2026; owner ruth" in mail.outbox[0].body


def test_a_review_due_today_is_reported_but_not_as_overdue(remind):
    make_provider("Acme", owner=owner("ruth"))

    remind(day=1, within=0)

    assert [message.subject for message in mail.outbox] == ["Review calendar: 1 due, 0 overdue"]


def test_reviews_due_within_the_given_days_are_reported(remind):
    make_term("soon", owner=owner("ruth"), review_interval=12)

    with time_machine.travel(datetime(2026, 2, 20, tzinfo=UTC)):
        call_command("remind_reviews", within=8)
        assert mail.outbox == []
        call_command("remind_reviews", within=9)

    [message] = mail.outbox
    assert message.subject == "Review calendar: 1 due, 0 overdue"
    assert "- soon (term): due on 1 Mar 2026" in message.body


@pytest.mark.parametrize("values", [{"is_active": False}, {"email": ""}, None])
def test_reviews_without_a_reachable_owner_go_to_the_fallback_address(remind, settings, values):
    settings.REVIEWS_EMAIL = "legal@example.com"
    make_provider("Acme", owner=values and owner("ruth", **values))

    ended, out, _ = remind()

    assert (ended, out) == (0, "legal@example.com was mailed about Acme.\n")
    assert [message.to for message in mail.outbox] == [["legal@example.com"]]
    assert ("owner ruth" if values else "no owner") in mail.outbox[0].body


def test_reviews_that_reach_nobody_are_named_and_the_command_fails(remind):
    make_provider("Acme")
    make_term("30 days", owner=owner("ruth"))

    ended, out, err = remind()

    assert ended == 1
    assert out == "ruth@example.com was mailed about 30 days.\n"
    assert (
        err
        == "Nobody was mailed about Acme: there is no owner with an address, and REVIEWS_EMAIL is not set.\n"
    )


def test_a_refused_address_does_not_keep_others_from_getting_their_mail(remind, monkeypatch):
    def send(message, **options):
        if message.to == ["ruth@example.com"]:
            raise SMTPRecipientsRefused({"ruth@example.com": (550, b"No such box")})

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    make_provider("Acme", owner=owner("ruth"))
    make_provider("Bolt", owner=owner("otto"))

    ended, out, err = remind()

    assert ended == 1
    assert out == "otto@example.com was mailed about Bolt.\n"
    assert err.startswith("ruth@example.com was not mailed about Acme: ")


def test_an_unreachable_mail_server_is_named(remind, settings):
    settings.EMAIL_BACKEND = "tests.publishing.test_notifications.NoServer"
    make_provider("Acme", owner=owner("ruth"))

    assert remind() == (1, "", "ruth@example.com was not mailed about Acme: No mail server.\n")


def test_without_a_mail_server_no_mail_is_sent(remind, settings):
    settings.EMAIL_BACKEND = "compliance.accounts.mail.NoMailServer"
    make_provider("Acme", owner=owner("ruth"))

    assert remind() == (
        1,
        "",
        "Nobody was mailed about Acme: no mail server is set (EMAIL_HOST).\n",
    )


def test_that_nothing_is_due_is_printed(remind):
    make_provider("Acme", owner=owner("ruth"), review_interval=24)

    assert remind() == (0, "Nothing is due for review, and nothing ends.\n", "")
    assert mail.outbox == []


def test_the_owner_of_a_document_is_reminded_of_its_end_in_time(remind, settings):
    settings.AGREEMENT_NOTICE_DAYS = 30
    acme, ruth = make_provider("Acme", review_interval=36), owner("ruth")
    for label, day in (("Contract", date(2026, 4, 1)), ("Later", date(2026, 4, 2))):
        make_document(acme, label=label, owner=ruth, review_interval=36, valid_until=day)

    ended, out, err = remind()

    assert (ended, out, err) == (0, "ruth@example.com was mailed about Contract.\n", "")
    [message] = mail.outbox
    assert message.subject == "Review calendar: 0 due, 0 overdue, 1 ending"
    assert "- Contract: ends on 1 Apr 2026; owner ruth" in message.body


@pytest.mark.parametrize("within", [-1, 367, 10**9])
def test_days_out_of_range_are_refused(within):
    with pytest.raises(
        CommandError, match=f"--within {within} is not between 0 and 366 days."
    ) as caught:
        call_command("remind_reviews", within=within)

    assert caught.value.returncode == 2
