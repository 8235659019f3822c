"""Tests of compliance.admin.review_calendar: what is due, and one press that records a review."""

from datetime import UTC, date, datetime
from itertools import chain

import pytest
import time_machine
from django.urls import reverse

from compliance.models import Changeset, Review
from compliance.models.changesets import changeset
from tests.factories import make_document, make_provider, make_term, make_user

pytestmark = pytest.mark.django_db
CALENDAR = reverse("admin:review_calendar")


@pytest.fixture
def acme(editor):
    return make_provider("Acme", owner=editor, review_interval=12)


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def groups(client, **query):
    response = client.get(CALENDAR, query)
    return {
        group.name: [row.due.name for row in group.rows] for group in response.context["groups"]
    }


def stamp(client, name):
    rows = (row for group in client.get(CALENDAR).context["groups"] for row in group.rows)
    return next(row.stamp for row in rows if row.due.name == name)


def test_records_stand_by_when_their_review_is_due(client):
    for name, day in (("Late", date(2026, 2, 27)), ("Soon", date(2026, 2, 28)), ("Far", None)):
        record = make_provider(name, review_interval=1 if day else 12)
        if day:
            with changeset(by=None, label="tests", reason="Read it"):
                record.reviews.create(review_date=day)

    with time_machine.travel(datetime(2026, 3, 28, 12, tzinfo=UTC), tick=False):
        found = groups(client)

    assert found == {"Overdue": ["Late"], "Next 30 days": ["Soon"], "Later": ["Far"]}


def test_the_pages_together_have_each_record_once_and_keep_the_owner(client, editor):
    for number in range(130):
        make_term(f"{number} days")
    make_term("Another owner", owner=editor)

    first, second = groups(client, owner="none"), groups(client, owner="none", page=2)

    names = [*chain(*first.values()), *chain(*second.values())]
    assert sorted(names) == sorted(f"{number} days" for number in range(130))
    page = client.get(CALENDAR, {"owner": "none"}).text
    assert 'href="?owner=none&amp;page=2"' in page
    assert '<span class="quiet">(130)</span>' in page


def test_the_calendar_of_one_owner(client, editor, acme):
    make_term("30 days")

    assert [*chain(*groups(client, owner=editor.pk).values())] == ["Acme"]
    assert [*chain(*groups(client, owner="none").values())] == ["30 days"]


def test_one_press_records_the_review_with_the_note(client, acme):
    response = client.post(
        CALENDAR, {"reviewed": stamp(client, "Acme"), "reason": "Read the policy"}
    )

    assert response.status_code == 302
    review = Review.objects.get()
    assert (review.provider, review.changeset.label, review.changeset.reason) == (
        acme,
        "eve",
        "Read the policy",
    )


def test_the_note_of_a_review_stays_for_the_next_one_alone(client, acme):
    client.post(CALENDAR, {"reviewed": stamp(client, "Acme"), "reason": "Read all of them"})

    notes = [client.get(CALENDAR).context["form"]["reason"].value() for _ in range(2)]

    assert notes == ["Read all of them", ""]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": ""}, "The note is empty."),
        ({"reviewed": "provider-99.999"}, "It was deleted meanwhile"),
        ({"reviewed": "user-1.1"}, "Press the button beside what you reviewed."),
    ],
)
def test_nothing_is_recorded_without_a_note_or_of_nothing(client, acme, typed, sentence):
    before = Changeset.objects.count()

    response = client.post(
        CALENDAR, {"reviewed": stamp(client, "Acme"), "reason": "Read it", **typed}
    )

    assert sentence in response.text
    assert (Review.objects.count(), Changeset.objects.count()) == (0, before)


def test_a_record_that_changed_meanwhile_is_not_reviewed_unseen(client, editor, acme):
    document = make_document(acme)
    of_provider, of_document = stamp(client, "Acme"), stamp(client, str(document))
    with changeset(by=editor, reason="Another name"):
        acme.set(legal_entity="Acme Ltd")

    refused = client.post(CALENDAR, {"reviewed": of_provider, "reason": "Read it"})
    taken = client.post(CALENDAR, {"reviewed": of_document, "reason": "Read it"})

    assert "Acme was changed after you opened this screen" in refused.text
    assert taken.status_code == 302
    assert [review.document for review in Review.objects.all()] == [document]


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("approver", 200), ("", 403)])
def test_only_those_who_may_edit_may_record_a_review(client, acme, role, status):
    pressed = {"reviewed": stamp(client, "Acme"), "reason": "Read it"}
    client.force_login(make_user(role=role))

    page = client.get(CALENDAR)

    assert page.status_code == status
    assert "Reviewed today" not in page.text
    assert client.post(CALENDAR, pressed).status_code == 403
    assert not Review.objects.exists()
