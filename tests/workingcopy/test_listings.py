"""compliance.workingcopy.listings: edits of a whole listing in one step."""

import pytest

from compliance.models import AIModel, ListedModel, Listing
from compliance.models.changesets import changeset
from compliance.page.table import ClaimItem
from compliance.workingcopy.listings import (
    ListingActionError,
    ModelRow,
    ProviderRow,
    add,
    add_alike,
    merge,
    move,
    rename,
    reorder,
    replace,
    retire,
    split,
)
from compliance.workingcopy.resolve import capture
from tests.factories import (
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _act():
    with changeset(by=None, label="tests", reason="One act"):
        yield


@pytest.fixture
def register():
    return make_register()


@pytest.fixture
def row(register):
    """Make a row of two models, each with a note of its own."""
    row = make_listing(
        register,
        models=["GPT 5", "GPT 5 mini"],
        providers=["OpenAI", "Azure"],
        training_use="never",
    )
    for listed in row.listed_models.all():
        cite(make_footnote(register), listed_model=listed)
    return row


@pytest.fixture
def other(register):
    return make_listing(register, models=["Kimi K3"], providers=["Moonshot"])


def listed(listing, name):
    return listing.listed_models.get(model__name=name)


def printed(register):
    """Return each row as its models with their marks, and its providers."""
    return [
        (
            [(model.text, *model.footnotes) for model in row.models],
            [provider.text for provider in row.providers],
        )
        for row in capture(register).rows()
    ]


def models(listing):
    return [str(listed) for listed in listing.listed_models.all()]


def test_added_models_stand_in_order_behind_the_chosen_one(register, row):
    note = register.footnotes.first()

    add(
        row,
        models=[ModelRow(AIModel(name="GPT 6"), (note,)), ModelRow(make_model("o4"))],
        after=listed(row, "GPT 5"),
    )
    add(row, models=[ModelRow(AIModel(name="GPT 7"))], after=None)

    assert models(row) == ["GPT 7", "GPT 5", "GPT 6", "o4", "GPT 5 mini"]
    assert ("GPT 6", 1) in printed(register)[0][0]


def test_a_model_is_not_added_twice(row):
    with pytest.raises(ListingActionError, match="GPT 5 would stand twice"):
        add(row, models=[ModelRow(AIModel.objects.get(name="GPT 5"))], after=None)
    new = AIModel(name="GPT 6")
    with pytest.raises(ListingActionError, match="GPT 6 would stand twice"):
        add(row, models=[ModelRow(new), ModelRow(new)], after=None)


def test_retired_models_leave_the_row_but_are_not_deleted(row):
    retire([listed(row, "GPT 5")])

    assert models(row) == ["GPT 5 mini"]
    assert AIModel.objects.filter(name="GPT 5").exists()


@pytest.mark.parametrize(
    ("keeping_place", "keeping_marks", "expected"),
    [
        (True, True, [("GPT 6", 1), ("GPT 5 mini", 2)]),
        (True, False, [("GPT 6",), ("GPT 5 mini", 2)]),
        (False, True, [("GPT 5 mini", 2), ("GPT 6", 1)]),
        (False, False, [("GPT 5 mini", 2), ("GPT 6",)]),
    ],
)
def test_a_newer_version_takes_over_place_and_marks_if_asked(
    register, row, keeping_place, keeping_marks, expected
):
    old = listed(row, "GPT 5")

    replace(
        [old], by=AIModel(name="GPT 6"), keeping_place=keeping_place, keeping_marks=keeping_marks
    )

    assert printed(register)[0][0] == expected
    assert listed(row, "GPT 6").pk == old.pk


def test_a_successor_in_all_rows_inherits_what_marked_the_model_everywhere(register, row):
    second = make_listing(register, models=["GPT 5"], providers=["Bolt"])
    cite(make_footnote(register), model=AIModel.objects.get(name="GPT 5"))

    replace(
        list(ListedModel.objects.filter(model__name="GPT 5")),
        by=AIModel(name="GPT 6"),
        keeping_place=True,
        keeping_marks=True,
    )

    assert [models for models, *_ in printed(register)] == [
        [("GPT 6", 1, 3), ("GPT 5 mini", 2)],
        [("GPT 6", 3)],
    ]
    assert models(second) == ["GPT 6"]


def test_a_successor_in_one_row_inherits_there_and_leaves_the_rest(register, row):
    make_listing(register, models=["GPT 5"], providers=["Bolt"])
    cite(make_footnote(register), model=AIModel.objects.get(name="GPT 5"))

    replace(
        [listed(row, "GPT 5")], by=AIModel(name="GPT 6"), keeping_place=True, keeping_marks=True
    )

    assert [models for models, *_ in printed(register)] == [
        [("GPT 6", 1, 3), ("GPT 5 mini", 2)],
        [("GPT 5", 3)],
    ]


def test_a_renamed_model_keeps_its_old_name_as_an_alias():
    model = make_model("GPT 5", aliases="gpt-5")

    rename(model, name="GPT 5 chat")
    rename(model, name="GPT 5")

    assert (model.name, model.slug, model.aliases.splitlines()) == (
        "GPT 5",
        "gpt-5",
        ["gpt-5", "GPT 5 chat"],
    )
    with pytest.raises(ListingActionError, match="called GPT 5 already"):
        rename(model, name="GPT 5")


def test_moved_models_keep_their_marks_and_are_the_same_rows(register, row, other):
    moving = listed(row, "GPT 5")

    move([moving], to=other, first=True)

    assert printed(register) == [
        ([("GPT 5 mini", 2)], ["OpenAI", "Azure"]),
        ([("GPT 5", 1), ("Kimi K3",)], ["Moonshot"]),
    ]
    assert listed(other, "GPT 5").pk == moving.pk


def test_a_row_is_not_left_without_a_model_and_lists_none_twice(row, other):
    with pytest.raises(ListingActionError, match="all the models of the row"):
        move(list(row.listed_models.all()), to=other, first=False)
    add(other, models=[ModelRow(AIModel.objects.get(name="GPT 5"))], after=None)
    with pytest.raises(ListingActionError, match="GPT 5 would stand twice"):
        move([listed(row, "GPT 5")], to=other, first=False)


def test_a_split_row_copies_the_terms_with_their_marks_and_gets_its_own_providers(register, other):
    note, term = make_footnote(register), make_term("30 days")
    openai, azure = make_provider("OpenAI"), make_provider("Azure")
    documents = [make_document(openai, label="A"), make_document(azure, label="B")]
    row = make_listing(
        register,
        models=["GPT 5", "GPT 5 mini"],
        providers=[openai, azure],
        documents=documents,
        training_use="opt_out",
        retention_term=term,
    )
    cite(note, listing=row, cell="retention")
    cite(note, listed_document=row.listed_documents.first())

    new = split(
        [listed(row, "GPT 5 mini")],
        providers=[
            ProviderRow(openai, (note,)),
            ProviderRow(make_provider("Bolt"), (), "fallback", "when it is full"),
        ],
        copying_terms=True,
        after=other,
    )

    _, new_row, original = capture(register).rows()
    new_cells = new_row.listing.cells
    assert (original.id, new_row.id) == (str(row.pk), str(new.pk))
    assert (original.name, new_row.name) == ("GPT 5", "GPT 5 mini")
    assert new_cells["training"].use == "opt_out"
    assert new_cells["retention"].items == (ClaimItem("30 days", (1,)),)
    assert [(provider.text, provider.footnotes) for provider in new_row.providers] == [
        ("OpenAI", (1,)),
        ("Bolt", ()),
    ]
    assert [(document.text, document.footnotes) for document in new_row.documents] == [("A", (1,))]
    assert new.listed_providers.last().condition == "when it is full"


def test_a_split_row_without_the_terms_says_what_its_providers_declare(register, row):
    moonshot = make_provider("Moonshot AI", declared_training="opt_in")

    new = split(
        [listed(row, "GPT 5")], providers=[ProviderRow(moonshot)], copying_terms=False, after=None
    )

    first = next(capture(register).rows())
    assert first.id == str(new.pk)
    assert first.listing.cells["training"].use == "opt_in"


def test_a_merge_keeps_the_first_and_the_marks_of_both(register, row, other):
    cite(make_footnote(register), listed_model=listed(other, "Kimi K3"))
    add(
        other,
        models=[ModelRow(AIModel.objects.get(name="GPT 5"), (register.footnotes.last(),))],
        after=None,
    )

    merge(row, other=other, taking_providers=False)

    assert printed(register) == [
        ([("GPT 5", 1, 3), ("GPT 5 mini", 2), ("Kimi K3", 3)], ["OpenAI", "Azure"])
    ]
    assert Listing.objects.get() == row


def test_a_merge_takes_over_the_providers_if_asked(register, row, other):
    merge(row, other=other, taking_providers=True)

    assert printed(register)[0][1] == ["OpenAI", "Azure", "Moonshot"]


def test_rows_are_reordered_with_few_writes(register, row, other):
    third = make_listing(register, models=["Qwen 3"])
    before = Listing.history.count()

    reorder(register, order=[third, row, other])

    assert list(register.listings.all()) == [third, row, other]
    assert Listing.history.count() == before + 1
    with pytest.raises(ListingActionError, match="each row once"):
        reorder(register, order=[third, row])


@pytest.mark.slow
def test_a_row_copied_from_another_starts_with_its_values(register, row, other):
    note = make_footnote(register)

    new = add_alike(
        row,
        models=[ModelRow(AIModel(name="GPT 6"), (note,))],
        providers=[ProviderRow(make_provider("Bolt"))],
        copying_terms=True,
        after=row,
    )

    _, copied, _ = capture(register).rows()
    assert (copied.id, copied.listing.cells["training"].use) == (str(new.pk), "never")
    assert printed(register)[1] == ([("GPT 6", 3)], ["Bolt"])
    assert models(row) == ["GPT 5", "GPT 5 mini"]
