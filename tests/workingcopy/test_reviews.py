"""compliance.workingcopy.reviews: which reviews are due when, and how one is recorded."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection

from compliance.audit import guards, verification
from compliance.models import Changeset, PolicyDocument, Provider, RetentionTerm, Review, changesets
from compliance.models.reviews import REVIEW_INTERVALS, earliest_day_in_time, months_after
from compliance.published import writer
from compliance.publishing.later_edits import edited_since
from compliance.workingcopy.reviews import overdue, record_review
from tests.factories import (
    make_document,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
    recorded,
)
from tests.publications import NOON, submitted

pytestmark = pytest.mark.django_db
MARCH = datetime(2025, 3, 1, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)


def reviewed(thing, at=NOON, *, by=None, note="Read it, all is as it was"):
    with changesets.changeset(by=by or make_user(), reason=note):
        return record_review(thing, at=at)


def names(today, **options):
    return [due.name for due in overdue(today, **options)]


@time_machine.travel(MARCH)
def test_a_record_is_due_an_interval_after_it_was_added():
    make_provider("Acme")

    assert names(date(2026, 3, 1)) == []
    assert names(date(2026, 3, 2)) == ["Acme"]


@time_machine.travel(MARCH)
def test_a_record_is_due_an_interval_after_its_last_review():
    owner = make_user()
    acme = make_provider("Acme", review_interval=3, owner=owner)
    reviewed(acme, MARCH + 40 * A_DAY)
    reviewed(acme, MARCH + 10 * A_DAY)

    assert names(date(2025, 7, 10)) == []
    [due] = overdue(date(2025, 7, 11))

    assert (due.kind, due.id, due.owner) == ("provider", "acme", owner)
    assert (due.last_reviewed_on, due.due_on) == (date(2025, 4, 10), date(2025, 7, 10))


@time_machine.travel(MARCH, tick=False)
def test_an_edit_is_no_review():
    acme = make_provider("Acme")
    with time_machine.travel(MARCH + 300 * A_DAY), recorded():
        acme.set(legal_entity="Acme Ireland Ltd.")

    assert names(date(2026, 3, 2)) == ["Acme"]


@time_machine.travel(MARCH)
def test_the_longest_overdue_comes_first_whatever_its_kind():
    make_provider("Acme", review_interval=6)
    make_term("30 days", review_interval=1)
    document = make_document(make_provider("Bolt", review_interval=36), review_interval=3)

    assert [(due.kind, due.id) for due in overdue(date(2026, 1, 1))] == [
        ("term", "30 days"), ("document", str(document.pk)), ("provider", "acme"),
    ]  # fmt: skip


@time_machine.travel(MARCH)
def test_a_document_without_a_provider_is_never_due():
    with recorded():
        PolicyDocument(label="FAQ", url="https://acme.example.com/faq").save()

    assert overdue(date(2030, 1, 1)) == []


@pytest.mark.slow
@time_machine.travel(MARCH)
def test_of_a_register_only_what_its_listings_print_from_is_due():
    acme, elsewhere = (
        make_provider("Acme", declared_retention=make_term("declared")),
        make_provider("Elsewhere"),
    )
    make_document(acme, label="Shown")
    make_document(acme, label="Kept back", is_default=False)
    make_document(elsewhere, label="Another's")
    make_term("of no listing")
    floor, stated = make_term("floor"), make_term("stated")
    listing = make_listing(
        models=[make_model(retention_floor=floor)],
        providers=[acme],
        retention=stated,
        documents=[make_document(elsewhere, label="Named", is_default=False)],
    )

    assert set(names(date(2030, 1, 1), register=listing.register)) == {
        "Acme", "Shown", "Named", "declared", "floor", "stated",
    }  # fmt: skip
    assert names(date(2030, 1, 1), register=make_register()) == []


@pytest.mark.parametrize("months", [months for months, _ in REVIEW_INTERVALS])
def test_the_earliest_day_in_time_is_right_at_the_ends_of_months(months):
    days = [date(2024, 1, 1) + number * A_DAY for number in range(3 * 366)]

    for today in days[-100:]:
        first = earliest_day_in_time(today, months)
        assert months_after(first - A_DAY, months) < today <= months_after(first, months)
    for day in days:  # a later day is never due earlier, so that one first day tells them all
        assert months_after(day, months) <= months_after(day + A_DAY, months)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
    ],
)
def test_a_day_that_the_later_month_lacks_becomes_its_last_day(day, months, expected):
    assert months_after(day, months) == expected


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 12])
@time_machine.travel(MARCH)
def test_the_calendar_takes_four_queries_whatever_the_size(size, django_assert_num_queries):
    for _ in range(size):
        reviewed(make_document(make_provider(owner=make_user())), MARCH)
        make_term()

    # the intervals with the first day of all, and one for each kind
    with django_assert_num_queries(4):
        assert len(overdue(date(2030, 1, 1))) == 3 * size


@time_machine.travel(MARCH)
def test_as_long_as_nothing_can_be_due_nothing_is_searched(django_assert_num_queries):
    make_provider(review_interval=6)

    with django_assert_num_queries(1):
        assert overdue(date(2025, 9, 1)) == []
    assert len(overdue(date(2025, 9, 2))) == 1


@time_machine.travel(MARCH)
def test_a_review_of_a_day_before_the_first_edit_counts():
    acme = make_provider("Acme", review_interval=1)
    reviewed(acme, MARCH - 5 * A_DAY)

    assert names(date(2025, 3, 25)) == ["Acme"]


# The act


def test_a_review_is_recorded_with_who_and_why_and_leaves_the_record_alone(editor):
    acme = make_provider("Acme")

    review = reviewed(acme, by=editor, note="Read the policy of 3 May")

    assert (review.provider, review.review_date) == (acme, NOON.date())
    assert (review.changeset.by, review.changeset.reason) == (editor, "Read the policy of 3 May")
    assert acme.history.count() == 1


def test_a_review_outside_of_a_changeset_is_refused():
    acme = make_provider()

    with pytest.raises(changesets.NoChangeset):
        record_review(acme, at=NOON)


def test_a_review_is_of_exactly_one_record():
    acme, term = make_provider(), make_term()

    for targets in ({}, {"provider": acme, "term": term}):
        with pytest.raises(IntegrityError), recorded():
            Review.objects.create(review_date=NOON.date(), **targets)


def test_an_interval_is_one_of_its_choices():
    with pytest.raises(ValidationError, match="review_interval"):
        make_provider(review_interval=5)


@pytest.mark.slow
def test_a_reviewer_is_not_a_contributor(editor):
    listing = make_listing(providers=["Acme"])
    publication = submitted(listing.register, editor)
    reviewer = make_user("ruth")

    reviewed(Provider.objects.get(), by=reviewer)

    assert list(edited_since(publication)) == []
    with recorded():
        Provider.objects.get().set(name="Acme AI")
    assert [changeset.label for changeset in edited_since(publication)] == ["tests"]


def test_a_review_outlives_what_was_reviewed():
    acme = make_provider("Acme")
    reviewed(acme)
    with recorded():
        acme.delete()
    writer.complete()

    assert Review.objects.get().provider_id is not None
    verification.verify()


def test_a_review_written_past_the_ledger_is_found():
    acme = make_provider()
    Review(provider=acme, review_date=NOON.date(), changeset=Changeset.objects.get()).save_base(
        raw=True
    )

    with pytest.raises(
        verification.RecordCorrupt, match=r"compliance_review: row \d+ is sealed by no entry"
    ):
        verification.verify()


WITHOUT_THE_CALENDAR = """
    migrations.RemoveConstraint("retentionterm", "compliance_retentionterm_review_interval_known"),
    migrations.RemoveField("retentionterm", "review_interval"),
    migrations.RemoveField("historicalretentionterm", "review_interval"),
    migrations.DeleteModel("Review"),
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_calendar_is_migrated_away_and_back(migrations):
    migrations.add("0002_without_the_calendar", WITHOUT_THE_CALENDAR)
    term = make_term()
    try:
        call_command("migrate", "compliance", "0002", verbosity=0)
        assert "compliance_review" not in connection.introspection.table_names()
        assert "guard_compliance_review_update" in guards.missing(connection)
    finally:
        call_command("migrate", "compliance", "0001", verbosity=0)

    assert guards.missing(connection) == []
    assert RetentionTerm.objects.get() == term
    assert (RetentionTerm.objects.get().review_interval, term.history.get().review_interval) == (
        12,
        12,
    )
