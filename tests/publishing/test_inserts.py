"""compliance.publishing.inserts: each public decision is an event of the public log."""

import json
from datetime import timedelta

import pytest

from compliance.models import LedgerEntry, PublicEvent
from compliance.models.changesets import changeset
from compliance.publishing import reject, withdraw
from tests.factories import make_listing, state
from tests.pages import page, row
from tests.publications import HOUR, NOON, published, submitted
from tests.publishing.test_backfill import bring, past

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = timedelta(days=1)


@pytest.fixture
def listing():
    return make_listing()


def edit(listing, use):
    with changeset(by=None, label="tests", reason="Edit"):
        state(listing, training=use)


def leaves():
    return [json.loads(event.leaf) for event in PublicEvent.objects.all()]


def test_an_approval_is_an_event_that_says_what_was_approved(listing, editor, approver):
    publication = published(listing.register, editor, approver)

    assert leaves() == [
        {
            "event": "approved",
            "register": listing.register.slug,
            "number": 1,
            "approval_sha256": publication.approval_sha256,
            "content_sha256": publication.content_sha256,
            "decided_at": "2026-03-01T12:00:00Z",
            "effective_from": "2026-03-01T12:00:00Z",
        }
    ]


def test_a_withdrawal_is_an_event_with_the_number_of_what_it_withdraws(listing, editor, approver):
    publication = published(listing.register, editor, approver)

    withdraw(publication, by=approver, at=NOON + HOUR, reason="Wrong")

    event = leaves()[1]
    assert (event["event"], event["number"]) == ("withdrawn", 1)
    assert event["approval_sha256"] == publication.decided_sha256("withdraw")
    assert event["decided_at"] == "2026-03-01T13:00:00Z"


def test_a_scheduled_publication_that_is_withdrawn_is_called_off(listing, editor, approver):
    scheduled = published(listing.register, editor, approver, effective_from=NOON + DAY)

    withdraw(scheduled, by=approver, at=NOON + HOUR, reason="Not now")

    assert [event["event"] for event in leaves()] == ["approved", "called_off"]


def test_what_an_approval_calls_off_is_told_before_it(listing, editor, approver):
    published(listing.register, editor, approver, effective_from=NOON + DAY)
    edit(listing, "never")

    published(listing.register, editor, approver, at=NOON + HOUR)

    assert [(event["event"], event["number"]) for event in leaves()] == [
        ("approved", 1),
        ("called_off", 1),
        ("approved", 2),
    ]


def test_what_the_public_never_saw_is_no_event(listing, editor, approver):
    reject(submitted(listing.register, editor), by=approver, at=NOON, reason="Wrong")
    withdraw(submitted(listing.register, editor), by=editor, at=NOON, reason="Wrong")

    assert leaves() == []


def test_earlier_pages_are_events_too():
    bring(*past(page(row("GPT 6", "Acme")), page(row("GPT 7", "Acme"))))

    assert [(event["event"], event["number"]) for event in leaves()] == [
        ("approved", 1),
        ("approved", 2),
    ]


def test_no_event_names_a_person_or_a_reason(listing, editor, approver):
    publication = published(listing.register, editor, approver)
    withdraw(publication, by=approver, at=NOON + HOUR, reason="SECRET-REASON")

    text = "".join(event.leaf for event in PublicEvent.objects.all())

    for name in (editor.username, approver.username, "SECRET-REASON"):
        assert f'"{name}"' not in text


def test_an_event_is_sealed_in_the_entry_of_its_decision(listing, editor, approver):
    publication = published(listing.register, editor, approver)

    sealed = json.loads(LedgerEntry.objects.last().sealed)

    assert list(sealed["compliance_decision"]["rows"]) == [str(publication.approval.pk)]
    assert list(sealed["compliance_publicevent"]["rows"]) == ["1"]
