"""compliance.models.bulk: many records at once, under the guards of save() and delete()."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from compliance.audit import verification
from compliance.models import (
    AIModel,
    Changeset,
    LedgerEntry,
    ListedModel,
    Listing,
    PolicyDocument,
    Provider,
    RetentionClause,
    RetentionTerm,
)
from compliance.models.bulk import delete_all, save_all
from compliance.models.changesets import NoChangeset, StaleRecord, changeset
from compliance.published import writer
from tests.factories import make_listing, make_model, make_provider, make_term, recorded

pytestmark = pytest.mark.django_db


def history_of(model):
    """Return the history rows of a model, without what differs between two writes of the same."""
    left_out = {"history_id", "history_date", "changeset_id", "id", "slug"}
    names = [field.attname for field in model.history.model._meta.concrete_fields]
    kept = [name for name in names if name not in left_out]
    return list(model.history.order_by("history_id").values(*kept))


def acme(number, **values):
    return Provider(
        name=f"Acme {number}",
        legal_entity="Acme Ltd",
        website="https://acme.example/",
        processing_countries=["DE", "FR"],
        declared_training="never",
        **values,
    )


def save_singly(records):
    for record in records:
        record.save()


def delete_singly(records):
    for record in records:
        record.delete()


@pytest.mark.slow
@pytest.mark.parametrize("write", [save_all, save_singly])
def test_new_records_get_the_history_of_single_saves(write, editor):
    with changeset(by=editor, reason="New contract"):
        write([acme(1), acme(2)])

    rows = history_of(Provider)
    assert [row["name"] for row in rows] == ["Acme 1", "Acme 2"]
    for row in rows:
        assert row == {
            **row,
            "history_type": "+",
            "history_user_id": editor.pk,
            "history_change_reason": "New contract",
            "legal_entity": "Acme Ltd",
            "website": "https://acme.example/",
            "processing_countries": "DE,FR",
            "declared_training": "never",
            "review_interval": 12,
        }


@pytest.mark.parametrize("delete", [delete_all, delete_singly])
@pytest.mark.parametrize("save", [save_all, save_singly])
def test_every_step_of_a_record_is_in_the_history(save, delete):
    with recorded():
        save([acme(1), acme(2)])
    providers = list(Provider.objects.order_by("name"))
    for provider in providers:
        provider.legal_entity = "Acme SE"

    with recorded():
        save(providers)
    with recorded():
        delete(list(Provider.objects.order_by("name")))

    steps = Provider.history.order_by("history_id").values_list(
        "name", "history_type", "legal_entity"
    )
    assert list(steps) == [
        (name, kind, entity)
        for kind, entity in (("+", "Acme Ltd"), ("~", "Acme SE"), ("-", "Acme SE"))
        for name in ("Acme 1", "Acme 2")
    ]
    assert not Provider.objects.exists()


def test_records_and_what_refers_to_them_are_written_by_one_call():
    term = RetentionTerm(wording="30 days")
    clause = RetentionClause(term=term, position=10, kind="duration", duration="P30D")
    provider = acme(1, declared_retention=term)

    with recorded():
        save_all([term, clause, provider])

    stored = Provider.objects.get()
    assert stored.declared_retention == term
    assert [str(clause) for clause in stored.declared_retention.clauses.all()] == [
        "All content: P30D"
    ]


def test_the_number_of_queries_does_not_depend_on_the_number_of_records():
    counts = []

    for numbers in (range(2), range(100, 140)):
        with recorded(), CaptureQueriesContext(connection) as queries:
            save_all([acme(number) for number in numbers])
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_write_outside_of_a_changeset_is_refused():
    with pytest.raises(NoChangeset):
        save_all([acme(1)])

    assert not Provider.objects.exists()


def test_a_call_without_records_leaves_no_changeset():
    with recorded():
        save_all([])
        delete_all([])

    assert not Changeset.objects.exists()


def test_one_record_that_somebody_else_wrote_stops_all():
    first, stale = make_provider("Acme"), make_provider("Beta")
    with recorded():
        Provider.objects.get(name="Beta").set(legal_entity="Theirs")
    first.legal_entity = stale.legal_entity = "Mine"

    with (
        pytest.raises(StaleRecord, match=f"Provider {stale.pk} was changed after it was read"),
        recorded(),
    ):
        save_all([first, stale])

    entities = dict(Provider.objects.values_list("name", "legal_entity"))
    assert entities == {"Acme": "", "Beta": "Theirs"}
    assert Provider.history.count() == 3


def test_a_deleted_record_does_not_come_back():
    stale = make_provider("Acme")
    with recorded():
        Provider.objects.get().delete()

    with pytest.raises(StaleRecord), recorded():
        save_all([stale])

    assert not Provider.objects.exists()


def test_a_record_that_somebody_else_wrote_is_not_deleted():
    first, stale = make_provider("Acme"), make_provider("Beta")
    with recorded():
        Provider.objects.get(name="Beta").set(legal_entity="Theirs")

    with pytest.raises(StaleRecord, match=f"Provider {stale.pk}"), recorded():
        delete_all([first, stale])

    assert Provider.objects.count() == 2


def test_a_part_is_not_added_to_a_root_that_somebody_else_wrote():
    stale = make_listing(models=["GPT 6"])
    with recorded():
        Listing.objects.get().set(position=99)

    with pytest.raises(StaleRecord, match="Row"), recorded():
        save_all([ListedModel(listing=stale, model=make_model("Mine"), position=20)])

    assert ListedModel.objects.count() == 1


def test_a_changeset_raises_the_version_of_a_root_once():
    listing = make_listing(models=["GPT 6"])
    before = Listing.objects.get().lock_version
    kept = listing.listed_models.get()
    kept.position = 30

    with recorded():
        save_all([kept, ListedModel(listing=listing, model=make_model("o5"), position=40)])
        save_all([ListedModel(listing=listing, model=make_model("o6"), position=50)])

    assert Listing.objects.get().lock_version == before + 1


def test_a_record_can_be_written_again_in_the_same_changeset():
    with recorded():
        provider = acme(1)
        save_all([provider])
        provider.legal_entity = "Acme SE"
        save_all([provider])
        provider.set(legal_entity="Acme AG")

    assert Provider.objects.get().legal_entity == "Acme AG"
    assert [row.history_type for row in Provider.history.order_by("history_id")] == ["+", "~", "~"]


@pytest.mark.parametrize(("values", "message"), [
    ({"name": "GPT\u202e6"}, "direction"),
    ({"name": ""}, "blank"),
    ({"name": "Acme 1"}, "already exists"),
    ({"declared_training": "sometimes"}, "not a valid choice"),
])  # fmt: skip
def test_a_record_that_is_wrong_is_named_and_nothing_is_written(values, message):
    wrong = acme(2)
    for name, value in values.items():
        setattr(wrong, name, value)

    with pytest.raises(ValidationError, match=message) as error, recorded():
        save_all([acme(1), wrong, acme(3)])

    assert error.value.record is wrong
    assert not Provider.objects.exists()
    assert not Provider.history.exists()


def test_a_record_that_a_constraint_refuses_is_named():
    fits, wrong = (
        PolicyDocument(provider=make_provider(), kind=kind) for kind in ("agreement", "terms")
    )

    with pytest.raises(ValidationError, match="Only an agreement") as error, recorded():
        save_all([fits, wrong])

    assert error.value.record is wrong
    assert not PolicyDocument.objects.exists()


def test_a_changed_record_that_is_wrong_is_named():
    first, second = make_provider("Acme"), make_provider("Beta")
    first.legal_entity, second.name = "Acme SE", "Acme"

    with pytest.raises(ValidationError, match="already exists") as error, recorded():
        save_all([first, second])

    assert error.value.record is second
    assert set(Provider.objects.values_list("name", "legal_entity")) == {("Acme", ""), ("Beta", "")}


def test_a_name_can_be_taken_over_from_a_record_that_is_renamed():
    former = make_provider("Acme")
    former.name = "Acme Holding"

    with recorded():
        save_all([Provider(name="Acme"), former])

    slugs = dict(Provider.objects.values_list("name", "slug"))
    assert slugs == {"Acme Holding": "acme", "Acme": "acme-2"}


def test_slugs_are_never_given_again():
    with recorded():
        make_model("GPT 6").delete()

    with recorded():
        save_all([AIModel(name="GPT 6"), AIModel(name="GPT-6"), AIModel(name="o5")])

    slugs = dict(AIModel.objects.values_list("name", "slug"))
    assert slugs == {"GPT 6": "gpt-6-2", "GPT-6": "gpt-6-3", "o5": "o5"}


def test_a_root_is_deleted_with_its_parts():
    with recorded():
        first, second = make_listing(models=["GPT 6", "o5"]), make_listing(models=["o6"])

    with recorded():
        delete_all([first, second])

    assert not Listing.objects.exists()
    assert not ListedModel.objects.exists()
    assert ListedModel.history.filter(history_type="-").count() == 3
    assert Listing.history.filter(history_type="-").count() == 2


def test_deleting_parts_raises_the_version_of_their_root_once():
    listing = make_listing(models=["GPT 6", "o5"])
    before = Listing.objects.get().lock_version

    with recorded():
        delete_all(ListedModel.objects.all())

    assert Listing.objects.get().lock_version == before + 1
    assert not listing.listed_models.exists()


def test_a_record_that_is_referred_to_stops_all():
    free, used = make_model("GPT 5"), make_model("GPT 6")
    make_listing(models=[used])

    with pytest.raises(ProtectedError), recorded():
        delete_all([free, used])

    assert AIModel.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_was_written_is_sealed_in_the_ledger():
    writer.complete()
    term = make_term()
    provider = make_provider("Acme")
    provider.legal_entity = "Acme SE"

    with recorded():
        save_all([provider, *(acme(number) for number in range(3))])
        delete_all([term])

    sealed = json.loads(LedgerEntry.objects.last().sealed)
    rows = {table: len(seal["rows"]) for table, seal in sealed.items()}
    assert rows == {
        "compliance_changeset": 1,
        "compliance_historicalprovider": 4,
        "compliance_historicalretentionterm": 1,
    }
    verification.verify()
