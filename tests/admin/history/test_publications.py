"""Which publication first shows what somebody wrote, in the history of the admin."""

from datetime import timedelta

import pytest
import time_machine

from compliance.admin.history.publications import first_publications
from compliance.models.changesets import changeset
from compliance.publishing import approve, withdraw
from compliance.publishing.statuses import Status
from tests.factories import make_listing, make_provider, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture
def rows(editor, approver):
    """Publish a page with two rows, and return the rows."""
    with changeset(by=editor, reason="Begin"):
        acme = make_listing(models=["Qwen 4"], providers=[make_provider("Acme")])
        bolt = make_listing(acme.register, models=["Kimi K3"], providers=[make_provider("Bolt")])
    published(acme.register, editor, approver)
    return acme, bolt


def edited(by, listing, reason):
    with changeset(by=by, reason=reason) as act:
        state(listing, training="by_default")
    return act.changeset.pk


def scheduled(listing, editor, approver, *, announce=False, at=NOON + HOUR):
    """Publish an edit of a row a month later; return the publication and the changeset."""
    number = edited(editor, listing, "From April")
    publication = submitted(
        listing.register, editor, at=at, effective_from=NOON + MONTH, announce=announce
    )
    approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)
    return publication, number


def first(number, *, at):
    """Return the number and status of the publication that first shows a changeset, or None."""
    found = first_publications([number], at=at).get(number, [])
    assert len(found) <= 1
    return (found[0].number, found[0].status) if found else None


@pytest.mark.parametrize("announce", [False, True])
def test_what_is_scheduled_is_published_only_when_it_takes_effect(rows, editor, approver, announce):
    _, number = scheduled(rows[0], editor, approver, announce=announce)
    ahead = Status.ANNOUNCED if announce else Status.SCHEDULED

    assert first(number, at=NOON + 2 * HOUR) == (2, ahead)
    assert first(number, at=NOON + MONTH) == (2, Status.IN_FORCE)


def test_what_was_carried_over_is_published_with_the_publication_that_renews_it(
    rows, editor, approver
):
    acme, bolt = rows
    _, number = scheduled(acme, editor, approver)
    urgent = edited(editor, bolt, "Urgent")
    published(acme.register, editor, approver, at=NOON + 2 * HOUR, listings=[bolt])

    assert first(urgent, at=NOON + 3 * HOUR) == (3, Status.IN_FORCE)
    assert first(number, at=NOON + 3 * HOUR) == (4, Status.SCHEDULED)
    assert first(number, at=NOON + MONTH) == (4, Status.IN_FORCE)


def test_what_was_called_off_is_not_published_until_another_publication_shows_it(
    rows, editor, approver
):
    publication, number = scheduled(rows[0], editor, approver, announce=True)
    withdraw(publication, by=approver, at=NOON + 2 * HOUR, reason="Not yet")

    assert first(number, at=NOON + MONTH) is None

    published(rows[0].register, editor, approver, at=NOON + 3 * HOUR)
    assert first(number, at=NOON + MONTH) == (3, Status.IN_FORCE)


def test_what_took_effect_stays_first_published_where_it_was(rows, editor, approver):
    publication, number = scheduled(rows[0], editor, approver)
    withdraw(publication, by=approver, at=NOON + MONTH + HOUR, reason="A slip")
    published(rows[0].register, editor, approver, at=NOON + MONTH + 2 * HOUR)

    assert first(number, at=NOON + 2 * MONTH) == (2, Status.WITHDRAWN)


@pytest.mark.slow
def test_the_time_line_says_for_when_it_is_scheduled(rows, client, editor, approver):
    scheduled(rows[0], editor, approver)
    client.force_login(editor)
    address = f"/admin/compliance/listing/{rows[0].pk}/history/"

    with time_machine.travel(NOON + 2 * HOUR, tick=False):
        ahead = " ".join(client.get(address).content.decode().split())
    with time_machine.travel(NOON + MONTH, tick=False):
        later = " ".join(client.get(address).content.decode().split())

    assert "31 Mar 2026, 12:00 UTC</time> in <a" in ahead
    assert (ahead.count("Scheduled for"), ahead.count("First published in")) == (1, 1)
    assert (later.count("Scheduled for"), later.count("First published in")) == (0, 2)
