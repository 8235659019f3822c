"""compliance.workingcopy.restore: records become what they were."""

import pytest
from django.core.exceptions import ValidationError

from compliance.models import (
    AIModel,
    Changeset,
    Footnote,
    ListedModel,
    Listing,
    Provider,
    graph,
)
from compliance.models.changesets import changeset, last_changeset
from compliance.workingcopy import listings
from compliance.workingcopy.citations import set_citations
from compliance.workingcopy.listings import ModelRow, ProviderRow
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.restore import (
    NotRestorable,
    put_back,
    states_at,
    states_before,
    states_before_deletion,
)
from tests.factories import (
    cell_of,
    cite,
    make_column,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
    state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    return make_register()


@pytest.fixture
def row(register):
    """Make a row with something in every cell, and marks."""
    document = make_document(make_provider("OpenAI"), label="Terms", is_default=False)
    row = make_listing(
        register,
        models=["GPT 5", "GPT 5 mini"],
        providers=["OpenAI", "Azure"],
        documents=[document],
        training="opt_out",
        retention=make_term("30 days"),
    )
    note = make_footnote(register)
    cite(note, cell=cell_of(row, "retention"))
    cite(note, listed_model=row.listed_models.first())
    return row


def edit():
    return changeset(by=None, label="tests", reason="One edit")


def contents():
    """Return every record of the working copy by its key, without the versions."""
    return {
        (model, record["id"]): {key: record[key] for key in record if key != "lock_version"}
        for model in graph.tracked_models()
        for record in model.objects.values()
    }


def as_at(row, number):
    with edit() as written:
        put_back(states_at(Listing, row.pk, number))
    return written.written


def undo_last():
    with edit():
        put_back(states_before(Changeset.objects.first()))


def restore(model, pk):
    with edit():
        put_back(states_before_deletion(model, pk))


# A row as it was


def test_a_row_becomes_what_it_was_with_parts_cells_marks_and_place(register, row):
    before, number = contents(), last_changeset()
    with edit():
        retired, kept = row.listed_models.all()
        listings.retire([retired])
        set_citations(kept, [make_footnote(register)])
        Footnote.objects.last()
        row.listed_documents.all().delete()
        state(row, training="never", retention=None)
        Listing.objects.get(pk=row.pk).set(position=70)
    extra = register.footnotes.last()

    assert as_at(row, number) > 0

    after = contents()
    assert after.pop((Footnote, extra.pk))
    assert after == before


def test_a_row_that_is_what_it_was_is_not_written(row):
    assert as_at(row, last_changeset()) == 0


def test_what_was_done_to_other_rows_stays(register, row):
    other = make_listing(register, models=["Kimi K3"])
    number = last_changeset()
    with edit():
        listings.retire([row.listed_models.first()])
        state(other, training="never")

    as_at(row, number)

    assert cell_of(other, "training").use == "never"
    assert row.listed_models.count() == 2


def test_a_model_that_was_moved_comes_back_from_the_other_row(register, row):
    other = make_listing(register, models=["Kimi K3"])
    version, number = other.lock_version, last_changeset()
    moved = row.listed_models.last()
    with edit():
        listings.move([moved], to=other, first=True)
    with edit():
        cite(make_footnote(register), listed_model=moved)

    as_at(other, number)
    assert ListedModel.objects.get(pk=moved.pk).listing == row
    # The marks that it got there went to nothing that the other row had.
    assert not moved.citations.exists()
    assert Listing.objects.get(pk=other.pk).lock_version > version


def test_a_row_is_not_set_back_without_what_it_listed(row):
    number = last_changeset()
    openai = Provider.objects.get(name="OpenAI")
    with edit():
        row.listed_documents.get().delete()
        row.listed_providers.get(provider=openai).delete()
        Provider.objects.get(pk=openai.pk).delete()
    before = contents()

    with pytest.raises(NotRestorable) as refusal:
        as_at(row, number)

    assert {gone.history_object.pk for gone in refusal.value.missing} == {
        openai.pk,
        openai.documents.model.history.latest("history_id").id,
    }
    assert contents() == before


# Undoing a save


def split_row(register, row):
    listings.split(
        [row.listed_models.last()],
        providers=[ProviderRow(make_provider("Bolt"))],
        copying_terms=True,
        after=row,
    )


def merge_rows(register, row):
    other = Listing.objects.exclude(pk=row.pk).get()
    listings.merge(row, other=other, taking_providers=True)


def replace_model(register, row):
    listings.replace(
        [row.listed_models.first()],
        by=AIModel(name="GPT 6"),
        keeping_place=True,
        keeping_marks=True,
    )


def swap_names(register, row):
    AIModel.objects.get(name="GPT 5").set(name="GPT 5 (old)")
    listings.add(row, models=[ModelRow(AIModel(name="GPT 5"))], after=None)


def move_to_another_table(register, row):
    section = make_section(register, columns=({"role": "models"}, {"role": "providers"}))
    other = Listing.objects.exclude(pk=row.pk).get()
    listings.move_listing(other, to=section, after=None)


def delete_row(register, row):
    row.delete()


ACTS = [split_row, merge_rows, replace_model, swap_names, move_to_another_table, delete_row]


@pytest.mark.parametrize("act", ACTS)
def test_every_act_is_undone_and_the_undoing_too(register, row, act):
    make_listing(register, models=["Kimi K3"], providers=["Moonshot"])
    before, page = contents(), capture(register)
    with edit():
        act(register, row)
    after = contents()
    assert after != before

    undo_last()
    assert (contents(), capture(register)) == (before, page)
    undo_last()
    assert contents() == after


def test_a_save_is_not_undone_after_a_later_one_of_the_same_row(row):
    with edit():
        state(row, training="never")
    first = Changeset.objects.first()
    with edit():
        state(row, retention=make_term("90 days"))
    with edit():
        state(row, training="opt_in")

    with pytest.raises(NotRestorable) as refusal, edit():
        put_back(states_before(first))

    [later] = refusal.value.later
    assert (later.id, later.changeset) == (cell_of(row, "training").pk, Changeset.objects.first())
    assert cell_of(row, "training").use == "opt_in"


def test_two_saves_of_the_same_row_are_undone_one_after_the_other(row):
    before = contents()
    with edit():
        state(row, training="never")
    first = Changeset.objects.first()
    with edit():
        state(row, training="opt_in")
    undo_last()

    with edit():
        put_back(states_before(first))

    assert contents() == before


def test_a_save_is_not_undone_while_something_uses_what_it_added(register, row):
    with edit():
        bolt = make_provider("Bolt")
    added = Changeset.objects.first()
    document = make_document(bolt)
    other = make_listing(register, providers=[bolt])

    with pytest.raises(NotRestorable) as refusal, edit():
        put_back(states_before(added))

    assert set(refusal.value.users) == {document, other.listed_providers.get()}
    assert Provider.objects.filter(pk=bolt.pk).exists()


# Restoring what was deleted


def test_a_deleted_row_comes_back_with_its_id_parts_and_marks(register, row):
    before = contents()
    with edit():
        Listing.objects.get(pk=row.pk).delete()

    restore(Listing, row.pk)

    assert contents() == before


def test_a_form_that_was_opened_before_the_deletion_does_not_fit_the_restored_row(row):
    version = row.lock_version
    with edit():
        Listing.objects.get(pk=row.pk).delete()

    restore(Listing, row.pk)

    assert Listing.objects.get(pk=row.pk).lock_version > version


@pytest.mark.parametrize(
    "make",
    [
        lambda register: make_model("GPT 6", developer="OpenAI"),
        lambda register: make_document(make_provider("Bolt")).provider,
        lambda register: make_document(make_provider("Bolt")),
        lambda register: make_term("90 days", clauses=[{"kind": "none"}]),
        lambda register: make_footnote(register),
        lambda register: make_section(register, columns=({"role": "models"}, {"role": "text"})),
        lambda register: make_column(register.sections.get(), label="Purpose"),
    ],
)
def test_every_kind_of_record_comes_back_with_its_id_and_address(register, make):
    record = make(register)
    before = contents()
    with edit():
        type(record).objects.get(pk=record.pk).delete()
    assert contents() != before

    restore(type(record), record.pk)

    assert contents() == before


def test_a_name_that_is_taken_refuses_the_restoration():
    model = make_model("GPT 6")
    with edit():
        model.delete()
    make_model("GPT 6")

    with pytest.raises(ValidationError, match="already exists"):
        restore(AIModel, AIModel.history.earliest("history_id").id)

    assert AIModel.objects.count() == 1


def test_only_what_is_deleted_is_restored(row):
    assert states_before_deletion(Listing, row.pk) == {}
