"""Versions of records: nobody overwrites what somebody else wrote after they read it."""

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.audit import guards
from compliance.models import Changeset, Column, ListedModel, Listing, Provider, graph
from compliance.models.changesets import StaleRecord
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    recorded,
)

pytestmark = pytest.mark.django_db


def version_of(record):
    return type(record).objects.get(pk=record.pk).lock_version


@pytest.fixture
def everything():
    """Make one record of every tracked class."""
    provider = make_provider()
    term = make_term(clauses=[{"kind": "none"}])
    listing = make_listing(
        providers=[provider], documents=[make_document(provider)], retention=term
    )
    cite(make_footnote(listing.register), cell=cell_of(listing, "retention"))


@pytest.mark.slow
@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("model", graph.tracked_models(), ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    "version", ["lock_version", "lock_version + 2", "lock_version - 1", "NULL"]
)
def test_the_database_refuses_an_update_that_does_not_raise_the_version_by_one(model, version):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET lock_version = {version}")


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_an_update_that_keeps_the_version_passes():
    make_provider()
    guards.uninstall(connection)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_provider SET slug = slug")

    guards.install(connection)


def test_a_record_that_somebody_else_wrote_since_it_was_read_is_not_saved():
    stale = make_provider()
    with recorded():
        Provider.objects.get().set(legal_entity="Theirs")
    before = Changeset.objects.count()

    with pytest.raises(StaleRecord, match="was changed after it was read"), recorded():
        stale.set(legal_entity="Mine")

    assert Provider.objects.get().legal_entity == "Theirs"
    assert Changeset.objects.count() == before


def test_a_record_that_somebody_else_wrote_since_it_was_read_is_not_deleted():
    stale = make_provider()
    with recorded():
        Provider.objects.get().set(legal_entity="Theirs")

    with (
        pytest.raises(StaleRecord, match=f"Provider {stale.pk} was changed after it was read"),
        recorded(),
    ):
        stale.delete()

    assert Provider.objects.exists()


def test_a_part_is_not_added_to_a_root_that_somebody_else_wrote_since_it_was_read():
    stale = make_listing(models=["GPT 6"])
    with recorded():
        ListedModel(listing=Listing.objects.get(), model=make_model("Theirs"), position=20).save()

    with pytest.raises(StaleRecord, match="Row"), recorded():
        ListedModel(listing=stale, model=make_model("Mine"), position=20).save()

    assert {str(row) for row in stale.listed_models.all()} == {"GPT 6", "Theirs"}


def test_saving_a_deleted_record_does_not_bring_it_back():
    stale = make_provider()
    with recorded():
        Provider.objects.get().delete()

    with pytest.raises(StaleRecord), recorded():
        stale.set(legal_entity="Mine")

    assert not Provider.objects.exists()


@pytest.mark.slow
def test_writing_parts_raises_the_version_of_their_root_once_and_of_no_other():
    register, provider = make_register(), make_provider()
    term = make_term(clauses=[{"kind": "none"}])
    listing = make_listing(register, models=["GPT 6", "o3"], providers=[provider])
    note = make_footnote(register)
    moves = {
        listing: lambda: [row.set(position=row.position + 1) for row in ListedModel.objects.all()],
        provider: lambda: make_document(Provider.objects.get()).set(position=20),
        term: lambda: term.clauses.get().delete(),
        note: lambda: cite(note, provider=provider),
        register: lambda: [column.set(label="New") for column in Column.objects.all()],
    }

    for record, move in moves.items():
        before = {root: version_of(root) for root in moves}
        with recorded():
            move()
        assert {root: version_of(root) for root in before} == {**before, record: before[record] + 1}


@pytest.mark.parametrize("target", ["listed_model", "cell"])
def test_citing_in_a_listing_raises_the_version_of_the_listing_and_not_of_the_footnote(target):
    listing = make_listing(training="never")
    note = make_footnote(listing.register)
    marked = {"listed_model": listing.listed_models.get(), "cell": cell_of(listing, "training")}
    before = version_of(listing), version_of(note)

    cite(note, **{target: marked[target]})

    assert (version_of(listing), version_of(note)) == (before[0] + 1, before[1])


def test_one_changeset_can_write_a_record_and_its_parts_several_times():
    listing = make_listing(models=["GPT 6"])

    with recorded():
        listing.listed_models.get().set(position=20)
        Listing.objects.get().set(position=30)
        listing.set(position=40)
        ListedModel(listing=listing, model=make_model(), position=30).save()

    assert Listing.objects.get().position == 40


def test_a_raised_version_is_not_in_the_history():
    listing = make_listing(models=["GPT 6"])
    before = Listing.history.count()

    with recorded():
        listing.listed_models.get().set(position=20)

    assert Listing.history.count() == before
    assert "lock_version" not in {field.name for field in Listing.history.model._meta.fields}


def test_a_part_that_goes_to_another_root_raises_the_versions_of_both():
    register = make_register()
    left, entered = (
        make_listing(register, models=[name], providers=[]) for name in ("GPT 6", "Kimi K3")
    )
    stale = Listing.objects.get(pk=left.pk)
    before = version_of(left), version_of(entered)

    with recorded():
        left.listed_models.get().set(listing=entered)

    assert (version_of(left), version_of(entered)) == tuple(version + 1 for version in before)
    with pytest.raises(StaleRecord), recorded():
        stale.set(position=99)
