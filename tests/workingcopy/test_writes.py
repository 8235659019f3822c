"""compliance.workingcopy.writes: records that are collected and written together."""

import pytest
from django.core.exceptions import ValidationError

from compliance.models import AIModel, Citation, ListedModel, Listing
from compliance.models.changesets import changeset
from compliance.workingcopy.writes import Writes
from tests.factories import cite, make_footnote, make_listing, make_model, make_register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_changeset():
    with changeset(by=None, label="tests", reason="One act"):
        yield


def test_records_are_saved_after_those_that_they_refer_to():
    listing = make_listing(models=["GPT 6"])
    model = AIModel(name="GPT 7")
    listed = ListedModel(listing=listing, model=model, position=20)
    citation = Citation(footnote=make_footnote(listing.register), listed_model=listed)
    writes = Writes()

    for record in (citation, listed, model):
        writes.set(record)
    writes.write()

    assert Citation.objects.get().listed_model.model == model


def test_records_are_deleted_before_those_that_they_refer_to():
    register = make_register()
    listing = make_listing(register, models=["GPT 6"])
    cite(make_footnote(register), listed_model=listing.listed_models.get())
    writes = Writes()

    writes.delete(Listing.objects.get())
    writes.delete(AIModel.objects.get())
    writes.delete(Citation.objects.get())
    writes.write()

    for model in (Listing, AIModel, Citation):
        assert not model.objects.exists()
        assert model.history.filter(history_type="-").count() == 1


def test_what_was_written_is_not_written_again():
    writes = Writes()
    writes.set(AIModel(name="GPT 6"))

    writes.write()
    writes.write()

    assert AIModel.history.count() == 1


def test_every_record_that_is_wrong_by_itself_is_told():
    first, second = make_model("GPT 6"), make_model("GPT 7")
    writes = Writes()
    writes.set(first, developer="Acme\u202e")
    writes.set(second, developer="Acme\u202e")
    writes.set(AIModel(name="GPT 8"))

    with pytest.raises(ValidationError) as refusal:
        writes.write()

    assert refusal.value.record is first
    assert [fault.record for fault in writes.faults()] == [first, second]
    assert set(AIModel.objects.values_list("developer", flat=True)) == {""}
