"""compliance.publishing.contributions: who edited each row that differs from the page in force."""

import pytest

from compliance.models.changesets import changeset
from compliance.publishing import candidate
from compliance.workingcopy.listings import move_listing
from tests.factories import (
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_section,
    make_term,
    state,
)
from tests.publications import HOUR, NOON, published

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR
# The register's texts: 3, and its notes. The rows, four kinds of parts, and their marks. Models and
# providers. Clauses, terms, and the cells, models and providers that are linked to terms. Documents,
# and marks on models and providers; the changesets.
QUERIES = 4 + 6 + 2 + 5 + 1 + 1 + 1


def behind(register):
    """Return the reasons behind each changed part, by its key, the latest first."""
    return reasons(candidate(register, at=LATER))


def reasons(content):
    return {
        part: [changeset.reason for changeset in changesets]
        for part, changesets in content.changesets_by_part().items()
    }


def key(listing):
    return f"listing:{listing.pk}"


def act(reason):
    return changeset(by=None, label="tests", reason=reason)


@pytest.fixture
def rows(editor, approver):
    """Publish two rows of one register, each with a model and a provider of its own; return them."""
    first = make_listing(models=["GPT 6"], providers=[make_provider("Acme")], training="never")
    second = make_listing(first.register, models=["Kimi K3"], providers=[make_provider("Bolt")])
    published(first.register, editor, approver)
    return first, second


@pytest.mark.slow
def test_an_edit_of_one_row_is_attributed_to_that_row_alone(rows):
    first, second = rows
    with act("Trains now"):
        state(first, training="by_default")
    with act("Never"):
        state(second, training="never")

    assert behind(first.register) == {
        key(first): ["Trains now"],
        key(second): ["Never"],
    }


@pytest.mark.slow
def test_an_edit_of_a_shared_record_is_attributed_to_every_row_that_prints_it(rows):
    first, second = rows
    acme = first.listed_providers.get().provider
    with act("Acme serves Kimi too"):
        second.listed_providers.get().set(provider=acme)
    with act("Acme is called Apex"):
        acme.set(name="Apex")

    attributed = behind(first.register)

    assert attributed[key(first)] == ["Acme is called Apex"]
    assert attributed[key(second)] == ["Acme is called Apex", "Acme serves Kimi too"]


def a_term(listing):
    with act("Keep"):
        listing.listed_providers.get().provider.set(declared_retention=make_term("90 days"))


def a_document(listing):
    with act("Keep"):
        make_document(listing.listed_providers.get().provider)


def a_mark(listing):
    note = make_footnote(listing.register)
    with act("Keep"):
        cite(note, listed_model=listing.listed_models.get())


def a_new_name(listing):
    with act("Keep"):
        listing.listed_models.get().model.set(name="GPT 6.1")


def a_mark_of_a_cell(listing):
    note = make_footnote(listing.register)
    with act("Keep"):
        cite(note, cell=cell_of(listing, "training"))


def a_cell(listing):
    with act("Keep"):
        state(listing, training="opt_in")


def a_cell_that_goes(listing):
    with act("Keep"):
        state(listing, training=None)


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit", [a_term, a_document, a_mark, a_new_name, a_mark_of_a_cell, a_cell, a_cell_that_goes]
)
def test_every_kind_of_edit_is_found(rows, edit):
    first, second = rows

    edit(first)

    attributed = behind(first.register)
    assert "Keep" in attributed[key(first)]
    assert key(second) not in attributed


@pytest.mark.slow
def test_an_edit_of_a_fact_beside_the_table_contributes_though_no_row_differs(rows):
    first, _ = rows
    acme = first.listed_providers.get().provider
    with act("Named as in the contract"):
        acme.set(legal_entity="Acme Ireland Ltd.")
    with act("Reviewed more often"):
        second_provider = rows[1].listed_providers.get().provider
        second_provider.set(review_interval=6)

    assert behind(first.register) == {"provider:acme": ["Named as in the contract"]}


@pytest.mark.slow
def test_a_fact_of_a_row_held_back_contributes_and_the_row_does_not(rows):
    first, second = rows
    with act("Trains now"):
        state(first, training="by_default")
    with act("Never"):
        state(second, training="never")
    with act("Named as in the contract"):
        first.listed_providers.get().provider.set(legal_entity="Acme Ireland Ltd.")

    attributed = reasons(candidate(first.register, at=LATER, listings=[second]))

    assert attributed == {"provider:acme": ["Named as in the contract"], key(second): ["Never"]}


@pytest.mark.slow
def test_an_edit_of_the_provider_of_a_document_contributes(rows, editor, approver):
    _, second = rows
    core = make_provider("Core")
    other = make_listing(second.register, models=["GLM"], documents=[make_document(core)])
    published(second.register, editor, approver, at=LATER)
    with act("Named as in the contract"):
        core.set(legal_entity="Core Ireland Ltd.")

    attributed = reasons(candidate(other.register, at=LATER + HOUR))

    assert attributed["provider:core"] == ["Named as in the contract"]


@pytest.mark.slow
def test_moving_a_model_is_attributed_to_both_rows(rows):
    first, second = rows
    with act("GPT 6 moves"):
        first.listed_models.get().set(listing=second, position=20)

    attributed = behind(first.register)

    assert attributed[key(first)] == attributed[key(second)] == ["GPT 6 moves"]


@pytest.mark.slow
def test_moving_a_mark_is_attributed_to_both_rows(rows, editor, approver):
    first, second = rows
    mark = cite(make_footnote(first.register), listed_model=first.listed_models.get())
    published(first.register, editor, approver, at=LATER)
    with act("The note moves"):
        mark.set(listed_model=second.listed_models.get())

    attributed = reasons(candidate(first.register, at=LATER + HOUR))

    assert attributed == {
        key(first): ["The note moves"],
        key(second): ["The note moves"],
    }


@pytest.mark.slow
def test_the_removal_of_a_row_is_attributed_to_it(rows):
    first, _ = rows
    first_key = key(first)
    with act("Retired"):
        first.delete()

    assert behind(rows[1].register)[first_key] == ["Retired"]


@pytest.mark.slow
def test_an_edit_of_the_registers_own_texts_is_attributed_to_no_row(rows):
    register = rows[0].register
    with act("New title"):
        register.set(title="Where prompts go")

    assert behind(register) == {"register:title": ["New title"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("record", "values", "kind"),
    [
        (lambda row: row.section, {"prose": "Where prompts go."}, "prose:"),
        (lambda row: row.section.columns.first(), {"label": "Name"}, "column:"),
    ],
)
def test_an_edit_of_prose_or_of_a_column_is_attributed_to_no_row(rows, record, values, kind):
    with act("New words"):
        record(rows[0]).set(**values)

    [(part, found)] = behind(rows[0].register).items()
    assert part.startswith(kind)
    assert found == ["New words"]


@pytest.mark.slow
def test_moving_a_row_to_another_section_is_attributed_to_it(rows):
    first, second = rows
    with act("A second table"):
        section = make_section(first.register, columns=STANDARD_COLUMNS)
    with act("Moved"):
        move_listing(first, to=section, after=None)

    attributed = behind(first.register)

    assert attributed[key(first)] == ["Moved"]
    assert key(second) not in attributed
    assert attributed[f"prose:{section.pk}"] == ["A second table"]


@pytest.mark.slow
def test_the_changesets_of_all_rows_are_those_of_the_candidate(rows):
    first, _ = rows
    for edit in (a_term, a_document, a_mark, a_new_name):
        edit(first)
    content = candidate(first.register, at=LATER)

    together = {
        changeset
        for changesets in content.changesets_by_part().values()
        for changeset in changesets
    }

    assert together == set(content.changesets)


@pytest.mark.slow
def test_attribution_takes_the_same_queries_whatever_the_size(django_assert_num_queries):
    listing = make_listing(retention="30 days")
    for _ in range(3):
        make_listing(listing.register, models=[make_model()], providers=[make_provider()])
    few = candidate(listing.register, at=NOON)
    with django_assert_num_queries(QUERIES):
        few.changesets_by_part()
    for _ in range(20):
        make_listing(
            listing.register,
            models=[make_model(), make_model()],
            providers=[make_provider(), make_provider(declared_retention=make_term())],
        )
    many = candidate(listing.register, at=NOON)

    with django_assert_num_queries(QUERIES):
        many.changesets_by_part()
