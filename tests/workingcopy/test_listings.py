"""compliance.workingcopy.listings: edits of a whole listing in one step."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.models import AIModel, Citation, ListedModel, Listing
from compliance.models.changesets import changeset
from compliance.page.diff.sentences import row_label
from compliance.page.table import ClaimItem
from compliance.workingcopy.listings import (
    ListingActionError,
    ModelRow,
    ProviderRow,
    add,
    add_alike,
    merge,
    move,
    move_listing,
    rename,
    reorder,
    replace,
    retire,
    split,
)
from compliance.workingcopy.resolve import capture
from tests.factories import (
    BLANK,
    STANDARD_COLUMNS,
    cell_of,
    cite,
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
        training="never",
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


@pytest.fixture
def documents():
    """Make the documents of OpenAI and Azure."""
    return [
        make_document(make_provider("OpenAI"), label="A"),
        make_document(make_provider("Azure"), label="B"),
    ]


@pytest.fixture
def stating_row(register, documents):
    """Make a row that states the documents of its providers in another order, with a mark."""
    row = make_listing(
        register,
        models=["GPT 5", "GPT 5 mini"],
        providers=["OpenAI", "Azure"],
        documents=documents[::-1],
        training="opt_out",
        retention=(make_term("30 days"), "[30 days](https://example.com/terms)"),
    )
    note = make_footnote(register)
    cite(note, cell=cell_of(row, "retention"))
    cite(note, listed_document=row.listed_documents.last())
    return row


def rows_of(*providers):
    return [ProviderRow(provider) for provider in providers]


def printed_documents(listing):
    [row] = [row for row in capture(listing.register).rows() if row.id == str(listing.pk)]
    return [(document.text, *document.footnotes) for document in row.documents]


def test_a_split_row_copies_the_terms_with_their_marks_and_gets_its_own_providers(
    register, stating_row, other
):
    note = register.footnotes.first()

    new = split(
        [listed(stating_row, "GPT 5 mini")],
        providers=[
            ProviderRow(make_provider("Bolt"), (note,)),
            ProviderRow(make_provider("Crusoe")),
        ],
        copying_terms=True,
        after=other,
    )

    original, _, new_row = capture(register).rows()
    new_cells = new_row.listing.cells
    assert (original.id, new_row.id) == (str(stating_row.pk), str(new.pk))
    assert (row_label(original), row_label(new_row)) == ("GPT 5", "GPT 5 mini")
    assert new_cells["training"].use == "opt_out"
    assert new_cells["retention"].items == (
        ClaimItem("[30 days](https://example.com/terms)", (1,)),
    )
    assert [(provider.text, provider.footnotes) for provider in new_row.providers] == [
        ("Bolt", (1,)),
        ("Crusoe", ()),
    ]


def test_a_split_row_copies_documents_only_for_the_same_providers(stating_row, documents):
    openai, azure = [document.provider for document in documents]

    moved = split(
        [listed(stating_row, "GPT 5 mini")],
        providers=rows_of(openai),
        copying_terms=True,
        after=stating_row,
    )
    alike = add_alike(
        stating_row,
        models=[ModelRow(AIModel(name="GPT 6"))],
        providers=rows_of(azure, openai),
        copying_terms=True,
        after=stating_row,
    )

    assert not moved.listed_documents.exists()
    assert printed_documents(moved) == [("A",)]
    assert printed_documents(alike) == [("B",), ("A", 1)]


def test_a_row_that_prints_no_documents_passes_that_on_only_to_the_same_providers(
    register, documents
):
    openai, azure = [document.provider for document in documents]
    row = make_listing(register, providers=[openai, azure], documents=BLANK)
    models = [ModelRow(make_model())]

    alike = add_alike(
        row, models=models, providers=rows_of(openai, azure), copying_terms=True, after=row
    )
    other = add_alike(row, models=models, providers=rows_of(azure), copying_terms=True, after=row)

    assert printed_documents(alike) == []
    assert printed_documents(other) == [("B",)]


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


def test_a_merged_row_that_states_just_its_providers_documents_follows_them(register, documents):
    openai, azure = [document.provider for document in documents]
    row = make_listing(register, models=["GPT 5"], providers=[openai], documents=documents)
    marked = make_listing(register, models=["GPT 6"], providers=[openai], documents=documents)
    cite(make_footnote(register), listed_document=marked.listed_documents.first())
    for number, target in enumerate((row, marked)):
        other = make_listing(register, models=[f"Kimi K{number}"], providers=[azure])
        merge(target, other=other, taking_providers=True)

    assert not row.listed_documents.exists()
    assert printed_documents(row) == [("A",), ("B",)]
    assert printed_documents(marked) == [("A", 1), ("B",)]


def test_rows_are_reordered_with_few_writes(register, row, other):
    third = make_listing(register, models=["Qwen 3"])
    before = Listing.history.count()

    reorder(row.section, order=[third, row, other])

    assert list(row.section.listings.all()) == [third, row, other]
    assert Listing.history.count() == before + 1
    with pytest.raises(ListingActionError, match="each row once"):
        reorder(row.section, order=[third, row])


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


def test_a_row_moved_to_another_section_takes_its_cells_and_marks_along(register, row):
    state(row, training="opt_out", documents=BLANK)
    cite(register.footnotes.first(), cell=cell_of(row, "training"))
    columns = [{"role": "text", "label": "Purpose"}, *reversed(STANDARD_COLUMNS)]
    section = make_section(register, columns=columns)
    first = make_listing(section, models=["Kimi K3"])
    training = cell_of(row, "training").pk

    move_listing(row, to=section, after=first)

    assert [str(moved.id) for moved in section.listings.all()] == [str(first.pk), str(row.pk)]
    moved = list(capture(register).rows())[1]
    assert moved.section.id == str(section.pk)
    assert [model.text for model in moved.models] == ["GPT 5", "GPT 5 mini"]
    assert moved.listing.cells["training"].items == (ClaimItem("Unless you opt out", (1,)),)
    assert (moved.documents, moved.listing.cells["documents"].basis) == ((), "stated")
    assert cell_of(row, "training").pk == training


@pytest.mark.parametrize("dropped", ["models", "providers", "training"])
def test_a_filled_cell_without_a_column_refuses_the_move_by_name(register, row, dropped):
    columns = [column for column in STANDARD_COLUMNS if column["role"] != dropped]
    section = make_section(register, columns=columns)
    label = row.section.columns.get(key=dropped).label

    with pytest.raises(ListingActionError, match=f"“{label}” is filled in"):
        move_listing(row, to=section, after=None)


def test_a_column_of_the_same_key_and_another_role_refuses_the_move(register):
    sections = [
        make_section(register, columns=[{"role": role, "label": "Places"}])
        for role in ("text", "places")
    ]
    row = make_listing(sections[0], places="Germany")

    with pytest.raises(ListingActionError, match="“Places” is filled in"):
        move_listing(row, to=sections[1], after=None)


def test_a_row_without_a_column_of_models_takes_none(register, row):
    section = make_section(register, columns=[{"role": "providers", "label": "Provider"}])
    target = make_listing(section)

    with pytest.raises(ListingActionError, match="no column of models"):
        move([listed(row, "GPT 5")], to=target, first=True)


def add_many(rows, other, note):
    added = [ModelRow(AIModel(name=f"New {row.pk}"), (note,)) for row in rows]
    add(other, models=added, after=other.listed_models.last())


def retire_many(rows, other, note):
    retire(rows)


def move_many(rows, other, note):
    move(rows, to=other, first=False)


def split_many(rows, other, note):
    provider = ProviderRow(make_provider(), (note,))
    split(rows, providers=[provider], copying_terms=True, after=other)


def merge_many(rows, other, note):
    merge(other, other=rows[0].listing, taking_providers=True)


def move_row_with_many(rows, other, note):
    move_listing(rows[0].listing, to=make_section(other.register, columns=COLUMNS), after=None)


COLUMNS = [*STANDARD_COLUMNS, {"role": "text", "label": "Purpose"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    "act", [add_many, retire_many, move_many, split_many, merge_many, move_row_with_many]
)
def test_an_act_on_forty_models_takes_the_queries_of_four(act):
    counts = []

    for number in (4, 40):
        register = make_register()
        section = make_section(register, columns=COLUMNS)
        note = make_footnote(register)
        row = make_listing(
            section,
            models=[make_model() for _ in range(number + 1)],
            providers=[make_provider() for _ in range(number)],
            purpose=[f"Purpose {index}" for index in range(number)],
        )
        other = make_listing(section, models=["Kimi K3"])
        add(other, models=[ModelRow(row.listed_models.first().model)], after=None)
        for listed_row in row.listed_models.all():
            cite(note, listed_model=listed_row)
        rows = list(row.listed_models.select_related("model", "listing")[1:])
        with CaptureQueriesContext(connection) as captured:
            act(rows, other, note)
        counts.append(len(captured))

    assert counts[0] == counts[1]


@pytest.mark.slow
@pytest.mark.parametrize("keeping_marks", [True, False])
@pytest.mark.parametrize("keeping_place", [True, False])
def test_a_model_is_replaced_in_forty_rows_by_the_queries_of_four(keeping_place, keeping_marks):
    counts = []

    for number in (4, 40):
        register, model = make_register(), make_model()
        note, general = make_footnote(register), make_footnote(register)
        for _ in range(number + 1):
            row = make_listing(register, models=[model, make_model()])
            cite(note, listed_model=row.listed_models.first())
        cite(general, model=model)
        rows = list(model.listed.select_related("model")[:number])
        with CaptureQueriesContext(connection) as captured:
            replace(
                rows,
                by=AIModel(name=f"Successor of {model}"),
                keeping_place=keeping_place,
                keeping_marks=keeping_marks,
            )
        counts.append(len(captured))
        successors = Citation.objects.filter(listed_model__in=rows)
        assert successors.count() == (2 * number if keeping_marks else 0)

    assert counts[0] == counts[1]
    assert model.listed.count() == 1


def test_a_model_that_a_row_lists_twice_is_not_replaced_in_both_places(register, row):
    model = AIModel.objects.get(name="GPT 5")
    twice = ListedModel(listing=row, model=model, position=90)
    twice.save()

    with pytest.raises(ListingActionError, match="GPT 6 would stand twice"):
        replace(
            list(model.listed.all()),
            by=AIModel(name="GPT 6"),
            keeping_place=True,
            keeping_marks=True,
        )
