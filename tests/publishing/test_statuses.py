"""compliance.publishing.statuses: what a publication is at a moment."""

from datetime import timedelta

import pytest

from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.publishing import approve, rebase, reject, withdraw
from compliance.publishing.statuses import Status, status, with_statuses
from tests.factories import make_listing, make_provider, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def listing(editor):
    with changeset(by=editor, reason="Add Acme"):
        return make_listing(providers=[make_provider("Acme")])


@pytest.fixture
def first(listing, editor, approver):
    return published(listing.register, editor, approver)


@pytest.fixture
def second(first, listing, editor):
    """Submit an edit for a day later, announced."""
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    return submitted(
        listing.register, editor, at=NOON + HOUR, effective_from=NOON + DAY, announce=True
    )


def approved(publication, approver, at=NOON + HOUR):
    return approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)


def change_the_title(register, editor, approver):
    """Publish another title at once, without the edited row."""
    with changeset(by=editor, reason="Edit the title"):
        register.set(title="Another title")
    urgent = submitted(register, editor, at=NOON + 2 * HOUR, listings=[])
    return approved(urgent, approver, at=NOON + 2 * HOUR)


def test_it_is_in_review_until_it_is_decided(second):
    assert status(second, at=NOON + HOUR) == Status.IN_REVIEW


def test_it_is_announced_until_it_takes_effect_and_then_follows(first, second, approver):
    approved(second, approver)

    assert status(second, at=NOON + HOUR) == Status.ANNOUNCED
    assert status(first, at=NOON + HOUR) == Status.IN_FORCE
    assert status(second, at=NOON + DAY) == Status.IN_FORCE
    assert status(first, at=NOON + DAY) == Status.SUPERSEDED


def test_it_is_scheduled_where_it_is_not_announced(first, listing, editor, approver):
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    quiet = submitted(listing.register, editor, at=NOON + HOUR, effective_from=NOON + DAY)

    approved(quiet, approver)

    assert status(quiet, at=NOON + HOUR) == Status.SCHEDULED


def test_it_is_rejected(second, approver):
    reject(second, by=approver, at=NOON + HOUR, reason="No")

    assert status(second, at=NOON + HOUR) == Status.REJECTED


def test_it_is_withdrawn_in_review_and_after_it_took_effect(first, second, editor, approver):
    withdraw(second, by=editor, at=NOON + HOUR, reason="A slip")
    withdraw(first, by=approver, at=NOON + HOUR, reason="Wrong")

    assert status(second, at=NOON + HOUR) == Status.WITHDRAWN
    assert status(first, at=NOON + HOUR) == Status.WITHDRAWN


def test_it_is_called_off_before_it_takes_effect(second, approver):
    approved(second, approver)

    withdraw(second, by=approver, at=NOON + 2 * HOUR, reason="Not yet")

    assert status(second, at=NOON + 2 * DAY) == Status.CALLED_OFF


def test_it_is_carried_over_while_it_is_scheduled(second, editor, approver):
    approved(second, approver)

    change_the_title(second.register, editor, approver)

    assert status(second, at=NOON + 2 * HOUR) == Status.CARRIED_OVER
    assert status(second.renewed_by, at=NOON + 2 * HOUR) == Status.ANNOUNCED


def test_it_is_brought_up_to_date_while_it_is_in_review(second, editor, approver):
    change_the_title(second.register, editor, approver)

    renewal = rebase(second, by=editor, at=NOON + 3 * HOUR)

    assert status(second, at=NOON + 3 * HOUR) == Status.BROUGHT_UP_TO_DATE
    assert status(renewal, at=NOON + 3 * HOUR) == Status.IN_REVIEW


def test_many_take_one_query(first, second, approver, django_assert_num_queries):
    approved(second, approver)

    with django_assert_num_queries(1):
        found = with_statuses(Publication.objects.order_by("pk"), at=NOON + 2 * HOUR)
        statuses = [Status(publication.status) for publication in found]

    assert statuses == [Status.IN_FORCE, Status.ANNOUNCED]
    ahead = with_statuses(Publication.objects.all(), at=NOON + 2 * HOUR)
    assert list(ahead.filter(status=Status.ANNOUNCED)) == [second]
