"""compliance.workingcopy.adoption: what rows say of providers that stand alone in them."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import Cell, Provider, Register
from compliance.page.diff.sentences import row_label
from compliance.page.formats import markdown
from compliance.page.table import Column
from compliance.page.vocabulary import Asks, ColumnRole, DataClass
from compliance.workingcopy.adoption import adopt, propose
from compliance.workingcopy.importing import import_page
from compliance.workingcopy.resolve import capture
from tests.factories import (
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    recorded,
)
from tests.pages import SEED, page, row

pytestmark = pytest.mark.django_db
NO_DAYS = [{"kind": "none"}]
DAY = [{"kind": "duration", "duration": "P1D"}]
MONTH = [{"kind": "duration", "duration": "P30D"}]


# A column that is about prompts, whatever its label says.
PROMPTS = Column(
    "retention",
    "Keeps data",
    ColumnRole.RETENTION,
    asks=Asks.HOW_LONG,
    covers=DataClass.PROMPT,
)


def bring(*rows, slug="register", **values):
    snapshot = page(*rows, title=slug.capitalize(), **values)
    return import_page(snapshot, slug=slug, reason="Bring the page", label="tests").register


def proposed(found):
    return [(str(one.provider), one.role.value, one.words) for one in found.proposals]


def refused(found):
    """Return what is not proposed and why, with what the rows say."""
    return [
        (
            str(one.provider),
            one.role.value,
            one.reason,
            [claim.cell.plain for claim in one.claims],
        )
        for one in found.obstacles
    ]


def printed(register):
    return capture(register).printed()


def stated():
    return sorted(Cell.objects.values_list("listing__position", "column__key"))


def test_rows_in_which_a_provider_stands_alone_propose_what_it_declares():
    bring(row("GPT 6", "Acme"), row("GPT 7", "Acme, Bolt", retention="Not stored"))

    found = propose()

    assert proposed(found) == [("Acme", "training", "Never"), ("Acme", "retention", "30 days")]
    assert found.obstacles == ()
    assert [str(provider) for provider in found.never_alone] == ["Bolt"]


def test_rows_that_disagree_propose_nothing_and_are_named():
    bring(
        row("A", "Acme"),
        row("B", "Acme", retention="60 days"),
        row("C", "Acme", training="Yes", retention="60 days"),
    )

    found = propose()

    assert found.proposals == ()
    assert refused(found) == [
        ("Acme", "training", "Its rows disagree.", ["No", "No", "Yes"]),
        ("Acme", "retention", "Its rows disagree.", ["30 days", "60 days", "60 days"]),
    ]


def test_the_rows_of_every_register_have_to_agree():
    bring(row("A", "Acme"), slug="one")
    bring(row("B", "Acme", retention="60 days"), row("C", "Bolt"), slug="two")

    found = propose(Register.objects.get(slug="one"))

    assert proposed(found) == [("Acme", "training", "Never")]
    assert [claim.register for claim in found.obstacles[0].claims] == ["One", "Two"]


def test_other_words_for_the_same_agree_and_the_most_frequent_are_proposed():
    bring(
        row("A", "Acme", retention="For 30 days"),
        row("B", "Acme"),
        row("C", "Acme", retention="For 30 days¹"),
        row("D", "Acme"),
        notes="¹ A note.\n",
    )

    assert proposed(propose()) == [("Acme", "training", "Never"), ("Acme", "retention", "30 days")]


@pytest.mark.parametrize(
    ("models", "providers", "claims", "refused_roles"),
    [
        ("A", "Acme", {"training": "No¹"}, ["training"]),
        ("A", "Acme", {"retention": "Not stored¹"}, ["retention"]),
        ("A", "Acme", {"training": "No²", "retention": "30 days¹"}, ["training", "retention"]),
        ("A", "Acme¹", {}, ["training", "retention"]),
        ("A¹", "Acme", {}, ["training", "retention"]),
        ("A, B²", "Acme", {}, ["training", "retention"]),
    ],
)
def test_what_a_footnote_marks_is_not_proposed(models, providers, claims, refused_roles):
    notes = "¹ Only for large customers; 30 days otherwise.\n\n² Only on the paid plan.\n"
    # Every number is cited.
    rest = row("Z¹ ²", "Bolt", training="Not stated", retention="Not specified")
    bring(row(models, providers, **claims), rest, notes=notes)

    found = propose()

    assert [role for _, role, _ in proposed(found)] == [
        role for role in ("training", "retention") if role not in refused_roles
    ]
    assert [(one.role, len(one.claims[0].notes)) for one in found.obstacles] == [
        (role, 1) for role in refused_roles
    ]
    assert all(one.reason.startswith("Footnotes mark what") for one in found.obstacles)


def test_a_row_is_about_what_its_first_cell_names():
    columns = [
        {"role": "text", "label": "Plan"},
        {"role": "providers", "label": "Provider"},
        {"role": "training", "label": "Trains", "asks": "trains"},
    ]
    make_register(columns=columns, slug="register", title="Register")
    source = (
        "# Register\n\n| Plan | Provider | Trains |\n|--|--|--|\n| Paid¹ | Acme | No |\n\n¹ N.\n"
    )
    snapshot = markdown.parse(source, sections=capture(Register.objects.get()).sections)
    import_page(snapshot, slug="register", reason="Bring the page", label="tests")

    assert propose().proposals == ()


def test_marked_rows_are_told_beside_the_evidence_of_others():
    bring(row("A", "Acme"), row("B", "Acme", training="No¹"), notes="¹ On the paid plan.\n")

    training, retention = propose().proposals

    assert [row_label(claim.row) for claim in training.claims] == ["A"]
    assert [row_label(claim.row) for claim in training.marked] == ["B"]
    assert (len(retention.claims), retention.marked) == (2, ())


def test_a_marked_row_that_says_something_else_disagrees():
    bring(row("A", "Acme"), row("B", "Acme", training="Yes¹"), notes="¹ On the free plan.\n")

    assert refused(propose()) == [("Acme", "training", "Its rows disagree.", ["No", "Yes"])]


def test_marks_do_not_matter_where_a_provider_declares_what_its_rows_say():
    term = make_term("30 days", clauses=MONTH)
    make_provider("Acme", declared_training="never", declared_retention=term)
    bring(row("A", "Acme¹"), notes="¹ A note.\n")

    found = propose()

    assert (found.proposals, found.obstacles) == ((), ())


@pytest.mark.parametrize(
    ("retention", "reason"),
    [
        ("As the moon decides", "What its rows say is not understood."),
        ("30 days; other things as the moon decides", "What its rows say is not understood."),
    ],
)
def test_a_wording_that_is_not_understood_is_not_proposed(retention, reason):
    bring(row("A", "Acme", training="Perhaps", retention=retention))

    assert refused(propose()) == [
        ("Acme", "training", reason, ["Perhaps"]),
        ("Acme", "retention", reason, [retention]),
    ]


def test_a_bare_word_is_not_proposed_as_a_wording_for_all_pages():
    columns = [
        {"role": "models", "label": "Model"},
        {"role": "providers", "label": "Provider"},
        {"role": "retention", "label": "Is kept", "asks": "is_kept", "covers": "all_content"},
    ]
    make_register(columns=columns, slug="register", title="Register")
    source = "# Register\n\n| Model | Provider | Is kept |\n|--|--|--|\n| A | Acme | No |\n"
    snapshot = markdown.parse(source, sections=capture(Register.objects.get()).sections)
    import_page(snapshot, slug="register", reason="Bring the page", label="tests")

    [(_, _, reason, words)] = refused(propose())

    assert words == ["No"]
    assert reason == "What its rows say is understood below the label of their column only."


def test_a_column_about_some_data_proposes_nothing_for_all_of_it():
    bring(row("A", "Acme"), columns=(PROMPTS,))

    assert refused(propose()) == [
        (
            "Acme",
            "retention",
            "Its rows say how long some data is kept, not all of it.",
            ["30 days"],
        )
    ]


def test_rows_that_say_nothing_propose_nothing():
    bring(row("A", "Acme", training="Not stated", retention="Not specified"))

    found = propose()

    assert (found.proposals, found.obstacles) == ((), ())


def test_what_the_floor_of_a_model_requires_is_no_choice_of_its_provider():
    make_model("A", retention_floor=make_term("30 days", clauses=MONTH))
    bring(row("A", "Acme"), row("B", "Acme", retention="Not stored"))

    assert proposed(propose()) == [
        ("Acme", "training", "Never"),
        ("Acme", "retention", "Not stored"),
    ]


def test_a_provider_that_declares_something_else_may_adopt_what_its_rows_say():
    make_provider(
        "Acme", declared_training="opt_out", declared_retention=make_term("1 day", clauses=DAY)
    )
    bring(row("A", "Acme"))

    found = propose()

    assert [(one.words, one.declared, one.is_declared) for one in found.proposals] == [
        ("Never", "Unless the customer opts out", False),
        ("30 days", "1 day", False),
    ]


def test_a_row_that_follows_a_declaration_disagrees_with_one_that_does_not():
    make_provider("Acme", declared_training="opt_out")
    register = bring(row("A", "Acme"), row("B", "Acme", training="Unless you opt out"))

    found = propose()

    assert [code for _, code, _ in proposed(found)] == ["retention"]
    assert refused(found)[0][2] == "Its rows disagree."
    assert printed(register)


def test_a_row_that_follows_a_declaration_of_many_parts_says_nothing_else():
    month = {"kind": "duration", "duration": "P30D"}
    term = make_term(
        "Logs for 30 days, nothing else",
        clauses=[{**month, "data_class": "abuse_log"}, {"kind": "none"}],
    )
    acme = make_provider("Acme", declared_training="never", declared_retention=term)
    make_listing(models=["A"], providers=[acme])

    found = propose()

    assert (found.proposals, found.obstacles) == ((), ())


def test_rows_follow_where_they_say_exactly_what_they_derive():
    register = bring(
        row("A", "Acme"),
        row("B", "Acme", training="Never", retention="For 30 days"),
        row("C", "Acme", retention="30 days¹"),
        row("D", "Acme, Bolt"),
        row("E", "Bolt"),
        notes="¹ A note.\n",
    )
    before = printed(register)

    with recorded():
        adopted = adopt(propose().proposals)

    assert printed(register) == before
    assert (adopted.declarations, adopted.claims, adopted.rows) == (4, 7, 4)
    assert stated() == [(20, "retention"), (20, "training"), (30, "retention")]
    acme = Provider.objects.get(name="Acme")
    assert (acme.declared_training, str(acme.declared_retention)) == ("never", "30 days")


def test_only_what_is_chosen_is_adopted():
    bring(row("A", "Acme"), row("B", "Bolt"))
    chosen = [one for one in propose().proposals if str(one.provider) == "Bolt"]

    with recorded():
        adopt(one for one in chosen if one.role == "training")

    assert stated() == [(10, "retention"), (10, "training"), (20, "retention")]
    assert Provider.objects.get(name="Bolt").declared_retention is None


def test_a_provider_is_written_once_for_both():
    bring(row("A", "Acme"))
    before = Provider.history.count()

    with recorded():
        adopt(propose().proposals)

    assert Provider.history.count() == before + 1


def test_rows_that_state_what_is_declared_already_are_proposed_to_follow():
    bring(row("A", "Acme"), row("B", "Acme, Bolt"))
    term = make_term("Not kept", clauses=NO_DAYS)
    with recorded():
        for name in ("Acme", "Bolt"):
            Provider.objects.get(name=name).set(declared_training="never", declared_retention=term)

    found = propose()

    assert [
        (str(one.provider), one.role.value, one.followers, one.is_declared)
        for one in found.proposals
    ] == [
        ("Acme", "training", 2, True),
        ("Acme", "retention", 0, False),
        ("Bolt", "training", 1, True),
    ]
    with recorded():
        adopted = adopt(one for one in found.proposals if one.is_declared)
    assert (adopted.declarations, adopted.claims) == (0, 2)


def test_nothing_is_proposed_after_everything_was_adopted():
    bring(row("A", "Acme"), row("B", "Acme, Bolt"), row("C", "Bolt", retention="Not stored"))
    with recorded():
        adopt(propose().proposals)

    assert propose().proposals == ()


@pytest.mark.slow
def test_the_seed_prints_the_same_after_its_declarations_were_adopted():
    source = SEED.read_text(encoding="utf-8")
    snapshot = markdown.parse(source)
    imported = import_page(snapshot, slug="register", reason="Bring the page", label="tests")

    with recorded():
        adopted = adopt(propose().proposals)

    assert markdown.render(capture(imported.register)) == source
    assert adopted.declarations == 8


def claims_of(snapshot):
    """Return what each claim prints and means, whether stated or derived."""
    return [
        (row.id, column.key, cell.items, cell.use, cell.clauses)
        for row in snapshot.rows()
        for column, cell in row.cells
        if column.role.is_claim
    ]


@st.composite
def drawn_rows(draw):
    """Draw rows of two models each, for one to three providers, that all state something."""
    providers = st.lists(st.sampled_from(["Acme", "Bolt", "Core"]), min_size=1, unique=True)
    retentions = ["30 days", "30 days¹", "For 30 days", "Not stored", "60 days", ""]
    return [
        row(
            f"Model {number}",
            ", ".join(draw(providers)),
            training=draw(st.sampled_from(["No", "Never", "Yes", "No¹", ""])),
            retention=draw(st.sampled_from(retentions)),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn_rows())
@pytest.mark.slow
def test_no_adoption_changes_what_rows_print_or_mean(rows):
    with transaction.atomic():
        register = bring(*rows, notes="¹ A note.\n")
        before = capture(register)
        stated_before = len(stated())
        found = propose()

        with recorded():
            adopted = adopt(found.proposals)

        after = capture(register)
        assert after.printed() == before.printed()
        assert claims_of(after) == claims_of(before)
        assert len(stated()) == stated_before - adopted.claims
        assert propose().proposals == ()
        # Whatever is proposed for a provider is what each row says in which it stands alone.
        for proposal in found.proposals:
            for claim in proposal.claims:
                assert {item.provider for item in claim.row.providers} == {proposal.provider.slug}
                assert claim.meaning == proposal.claims[0].meaning
        transaction.set_rollback(True)
