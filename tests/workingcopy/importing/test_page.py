"""compliance.workingcopy.importing: a page is imported with as few writes as possible."""

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compliance.management.demo_data import import_declarations
from compliance.models import (
    AIModel,
    Cell,
    Changeset,
    Citation,
    ListedDocument,
    ListedModel,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
    changesets,
    graph,
)
from compliance.models.changesets import changeset
from compliance.page.formats import markdown
from compliance.workingcopy.importing import NotImportable, import_page, write_page
from compliance.workingcopy.preview import dry_run
from compliance.workingcopy.resolve import capture
from tests.factories import make_listing, make_model, make_provider, make_register, make_term
from tests.pages import ACME, BOLT, REVISIONS, page, row

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIXTURE = Path(__file__).resolve().parents[3] / "fixtures"


def bring(snapshot, slug="register", **values):
    return import_page(snapshot, slug=slug, reason="Bring the page", label="tests", **values)


@contextmanager
def written():
    """Yield a list that fills at the end with each write: the model's name and its kind."""
    tracked = graph.tracked_models()
    before = {model: model.history.count() for model in tracked}
    writes = []
    yield writes
    for model in tracked:
        rows = model.history.order_by("history_id")[before[model] :]
        writes += [(model.__name__, row.history_type) for row in rows]


pytestmark = pytest.mark.django_db


def test_the_first_import_creates_the_register_as_the_page_prints():
    imported = bring(page(row("GPT 6, GPT 6 mini", "Acme", documents=ACME)))

    assert imported.created
    assert imported.register.title == "Models and privacy"
    assert [listed.model.name for listed in Listing.objects.get().listed_models.all()] == [
        "GPT 6",
        "GPT 6 mini",
    ]


@pytest.mark.slow
def test_the_same_page_again_writes_nothing():
    snapshot = page(
        row("GPT 6", "Acme¹", documents=ACME),
        row("GPT 7", "Acme¹", retention="1 year²", documents=ACME),
        notes="¹ One.\n\n² Two.",
    )
    bring(snapshot)

    with written() as writes:
        imported = bring(snapshot)

    assert (writes, imported.changes, imported.created) == ([], (), False)
    assert Changeset.objects.count() == 1


@pytest.mark.slow
def test_a_dry_run_of_an_import_returns_the_changes_and_writes_nothing():
    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        imported = write_page(page(row("GPT 6", "Acme")), slug="register")

    assert imported.changes == rehearsed.consequences[0].changes
    assert not Register.objects.exists()
    assert not Changeset.objects.exists()


@pytest.mark.slow
def test_a_previewed_import_is_refused_if_somebody_saved_in_between():
    bring(page(row("GPT 6", "Acme")))
    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        write_page(page(row("GPT 7", "Acme")), slug="register")
    make_model("Kimi K3")

    with (
        pytest.raises(changesets.StaleChangeset),
        changesets.changeset(
            by=None, label="tests", reason="As shown", following=rehearsed.following
        ),
    ):
        write_page(page(row("GPT 7", "Acme")), slug="register")

    assert not AIModel.objects.filter(name="GPT 7").exists()


@pytest.mark.slow
def test_a_model_replaced_in_place_keeps_its_row_and_its_listing():
    bring(page(row("GPT 6", "Acme"), row("GLM 4", "Bolt")))
    listed = ListedModel.objects.get(model__name="GLM 4")

    with written() as writes:
        bring(page(row("GPT 6", "Acme"), row("GLM 5", "Bolt")))

    listed.refresh_from_db()
    assert listed.model.name == "GLM 5"
    assert writes == [("AIModel", "+"), ("ListedModel", "~")]


@pytest.mark.slow
def test_a_removed_model_changes_no_position():
    bring(page(row("GPT 6, GPT 7, GPT 8", "Acme")))

    with written() as writes:
        bring(page(row("GPT 7, GPT 8", "Acme")))

    assert writes == [("ListedModel", "-")]


@pytest.mark.slow
def test_a_listing_between_two_others_changes_neither():
    bring(page(row("GPT 6", "Acme"), row("GLM 4", "Bolt")))

    with written() as writes:
        bring(page(row("GPT 6", "Acme"), row("Kimi", "Acme"), row("GLM 4", "Bolt")))

    assert sorted(writes) == [
        ("AIModel", "+"),
        ("Cell", "+"),
        ("Cell", "+"),
        ("ListedModel", "+"),
        ("ListedProvider", "+"),
        ("Listing", "+"),
    ]


@pytest.mark.slow
def test_a_page_that_only_reorders_writes_only_positions():
    bring(page(row("GPT 6, GPT 7", "Acme, Bolt"), row("GLM 4", "Bolt"), row("Kimi", "Acme")))

    with written() as writes:
        bring(page(row("Kimi", "Acme"), row("GPT 7, GPT 6", "Bolt, Acme"), row("GLM 4", "Bolt")))

    assert sorted(writes) == [("ListedModel", "~"), ("ListedProvider", "~"), ("Listing", "~")]


@pytest.mark.slow
def test_of_a_split_row_one_part_stays_the_listing():
    bring(page(row("Llama, DeepSeek, Qwen", "Acme")))
    listing = Listing.objects.get()

    bring(page(row("Qwen", "Acme, Bolt"), row("Llama, DeepSeek", "Acme")))

    assert [listed.model.name for listed in listing.listed_models.all()] == ["Llama", "DeepSeek"]


@pytest.mark.slow
def test_a_row_that_left_is_deleted_with_its_parts_and_the_model_is_kept():
    bring(page(row("GPT 6", "Acme"), row("GLM 4", "Bolt")))

    bring(page(row("GPT 6", "Acme")))

    assert Listing.objects.count() == 1
    assert AIModel.objects.filter(name="GLM 4").exists()
    assert ListedModel.history.filter(history_type="-").count() == 1


def test_a_model_may_be_listed_twice_in_a_row():
    bring(page(row("Grok 4, Grok 4", "Acme")))

    assert ListedModel.objects.filter(model__name="Grok 4").count() == 2


@pytest.mark.slow
def test_a_name_written_differently_is_the_same_model_renamed():
    bring(page(row("Grok 3 mini", "Acme")))

    with written() as writes:
        bring(page(row("Grok 3 Mini", "Acme")))

    assert writes == [("AIModel", "~")]
    assert AIModel.objects.get().slug == "grok-3-mini"


@pytest.mark.slow
def test_a_model_that_another_register_lists_is_not_renamed():
    make_listing(models=["Grok 3 mini"])
    bring(page(row("Grok 3 mini", "Acme")))

    bring(page(row("Grok 3 Mini", "Acme")))

    assert {*AIModel.objects.values_list("name", "slug")} == {
        ("Grok 3 mini", "grok-3-mini"),
        ("Grok 3 Mini", "grok-3-mini-2"),
    }


@pytest.mark.slow
def test_a_provider_that_left_while_another_came_with_its_document_was_renamed():
    bring(page(row("Gemini", "Acme", documents="[Privacy Policy](https://acme.example/privacy)")))

    bring(
        page(
            row(
                "Gemini",
                "Acme Cloud, Bolt",
                documents="[Acme Cloud Privacy Policy](https://acme.example/privacy)",
            )
        )
    )

    assert {*Provider.objects.values_list("name", "slug")} == {
        ("Acme Cloud", "acme"),
        ("Bolt", "bolt"),
    }


def test_a_wording_becomes_a_term_with_its_clauses():
    bring(page(row("GPT 6", "Acme", retention="30 days (flagged prompts: 2 years)")))

    clauses = RetentionTerm.objects.get().clauses.values_list("data_class", "duration", "trigger")
    assert list(clauses) == [
        ("all_content", "P30D", "always"),
        ("flagged_content", "P2Y", "flagged"),
    ]


@pytest.mark.parametrize("wording", ["30 minutes", "100000 days", "2 weeks", "6 months"])
def test_any_duration_that_is_read_can_be_imported(wording):
    bring(page(row("GPT 6", "Acme", retention=wording)))

    assert RetentionTerm.objects.get().clauses.get().kind == "duration"


def test_a_wording_not_understood_is_kept_as_a_clause_of_kind_unknown():
    bring(page(row("GPT 6", "Acme", retention="As the moon decides")))

    assert RetentionTerm.objects.get().clauses.get().kind == "unknown"


def test_a_term_that_editors_refined_keeps_its_clauses():
    make_term(
        "As the moon decides", clauses=[{"kind": "duration", "duration": "P1M", "bound": "about"}]
    )

    imported = bring(page(row("GPT 6", "Acme", retention="As the moon decides")))

    [row_kept] = imported.snapshot.rows()
    assert row_kept.listing.cells["retention"].clauses[0].duration == "P1M"


def test_a_derived_cell_that_prints_the_same_stays_derived():
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    register = make_register(slug="register")
    make_listing(
        register,
        models=["GPT 6"],
        providers=[make_provider("Acme", declared_retention=term, declared_training="never")],
    )

    bring(page(row("GPT 6", "Acme")))

    assert not Cell.objects.exists()


def test_a_training_wording_that_is_not_the_usual_one_is_kept():
    bring(page(row("GPT 6", "Acme", training="Never, by contract")))

    assert Cell.objects.get(column__key="training").text == "Never, by contract"


def test_documents_in_provider_order_are_not_listed_again():
    bring(page(row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}")))

    assert not ListedDocument.objects.exists()
    assert [document.label for document in PolicyDocument.objects.all()] == ["", "", ""]


def test_a_row_whose_documents_depart_lists_them_all():
    bring(
        page(
            row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}"),
            row("GPT 7", "Acme, Bolt", documents=f"{BOLT}<br>{ACME}"),
        )
    )

    listings = Listing.objects.all()
    assert [listing.listed_documents.count() for listing in listings] == [0, 3]


def test_a_row_without_documents_departs_where_its_provider_has_some():
    snapshot = page(row("GPT 6", "Acme", documents=ACME), row("GPT 7", "Acme"))

    assert bring(snapshot).snapshot.printed() == snapshot.printed()


def test_a_changed_address_changes_the_document():
    bring(page(row("GPT 6", "Acme", documents=ACME)))

    with written() as writes:
        bring(page(row("GPT 6", "Acme", documents=ACME.replace("/privacy", "/legal"))))

    assert writes == [("PolicyDocument", "~")]


def test_a_document_that_is_no_longer_shown_is_deleted():
    bring(page(row("GPT 6", "Bolt", documents=BOLT)))

    with written() as writes:
        bring(page(row("GPT 6", "Bolt", documents=BOLT.split("<br>")[0])))

    assert writes == [("PolicyDocument", "-")]


def test_documents_of_a_provider_in_another_register_are_only_added_to():
    bring(page(row("GPT 6", "Bolt", documents=BOLT)), slug="first")

    bring(page(row("GPT 6", "Bolt", documents=BOLT.split("<br>")[0])), slug="second")

    [row_of_first] = capture(Register.objects.get(slug="first")).rows()
    assert len(row_of_first.documents) == 2


@pytest.mark.slow
def test_another_registers_page_stays_as_it_is():
    other = page(row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}"))
    bring(other, slug="other")

    mine = page(
        row("GPT 6", "Acme, Bolt", documents=f"{ACME.replace('Policy', 'Notice')}<br>{BOLT}")
    )
    imported = bring(mine, slug="mine")

    assert imported.snapshot.printed() == mine.printed()
    assert capture(Register.objects.get(slug="other")).printed() == other.printed()


def test_a_note_on_every_occurrence_of_a_provider_is_cited_everywhere():
    bring(page(row("GPT 6", "Acme¹"), row("GPT 7", "Acme¹, Bolt"), notes="¹ One."))

    assert Citation.objects.get().provider.name == "Acme"


def test_a_note_on_the_only_occurrence_of_a_provider_is_cited_in_place():
    bring(page(row("GPT 6", "Acme¹"), row("GPT 7", "Bolt"), notes="¹ One."))

    assert Citation.objects.get().listed_provider.provider.name == "Acme"


def test_a_note_on_some_occurrences_of_a_provider_is_cited_in_place():
    bring(page(row("GPT 6", "Acme¹"), row("GPT 7", "Acme¹"), row("GPT 8", "Acme"), notes="¹ One."))

    assert Citation.objects.filter(listed_provider__isnull=False).count() == 2


def test_marks_on_models_documents_and_cells_are_cited_in_place():
    snapshot = page(
        row("GPT 6²", "Acme", training="No¹", retention="30 days³", documents=f"{ACME}⁴"),
        notes="¹ 1.\n\n² 2.\n\n³ 3.\n\n⁴ 4.",
    )

    assert bring(snapshot).snapshot.printed() == snapshot.printed()
    keys = Citation.objects.values_list("cell__column__key", flat=True)
    assert set(keys) == {"training", "retention", None}


@pytest.mark.slow
def test_citations_that_print_the_same_stay_as_editors_set_them():
    bring(page(row("GPT 6", "Acme¹"), notes="¹ One."))
    bring(page(row("GPT 6", "Acme¹"), row("GPT 7", "Bolt"), notes="¹ One."))
    provider = Provider.objects.get(name="Acme")
    with changeset(by=None, label="tests", reason="Everywhere", source="admin"):
        citation = Citation.objects.get()
        citation.set(listed_provider=None, provider=provider)

    with written() as writes:
        bring(page(row("GPT 6", "Acme¹"), row("GPT 7", "Bolt"), notes="¹ One."))

    assert writes == []


def test_a_renumbered_note_keeps_its_citations():
    bring(
        page(row("GPT 6¹", "Acme"), notes="¹ The quota may be used up, and then it goes elsewhere.")
    )

    with written() as writes:
        bring(
            page(
                row("GPT 6²", "Acme¹"),
                notes="¹ No identifier.\n\n² The quota may be used up, and then it goes elsewhere.",
            )
        )

    assert sorted(writes) == [("Citation", "+"), ("Footnote", "+"), ("Footnote", "~")]


@pytest.mark.slow
def test_a_removed_note_is_deleted_with_its_citations():
    bring(page(row("GPT 6¹", "Acme"), notes="¹ One."))

    with written() as writes:
        bring(page(row("GPT 6", "Acme")))

    assert sorted(writes) == [("Citation", "-"), ("Footnote", "-")]


def test_all_writes_of_an_import_belong_to_one_changeset():
    bring(page(row("GPT 6", "Acme", documents=ACME)))

    assert Changeset.objects.get().source == "import"


@pytest.mark.parametrize(("snapshot", "message"), [
    (page(row("GPT 6", "Acme", documents="[Acme Privacy Policy](http://localhost/x)")), "public host"),
    (page(row("G" * 201, "Acme")), "200 characters"),
])  # fmt: skip
def test_what_the_working_copy_cannot_hold_is_refused_and_nothing_changes(snapshot, message):
    with pytest.raises(NotImportable, match=message):
        bring(snapshot)

    assert not Register.objects.exists()
    assert not Changeset.objects.exists()


def test_a_failure_half_way_changes_nothing(monkeypatch):
    monkeypatch.setattr("compliance.workingcopy.importing.page.write_marks", lambda *args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        bring(page(row("GPT 6", "Acme")))

    assert not AIModel.objects.exists()


def test_a_working_copy_that_would_print_otherwise_is_refused(monkeypatch):
    monkeypatch.setattr("compliance.workingcopy.importing.page.write_marks", lambda *args: None)
    [marked] = page(row("GPT 6¹", "Acme"), notes="¹ One.").sections
    [first] = page(row("o5", "Acme")).sections
    snapshot = page(row("GPT 6¹", "Acme"), row("o5", "Acme"), notes="¹ One.")
    sections = replace(first, id="first"), replace(marked, id="second")
    two_tables = replace(snapshot, sections=sections)

    with pytest.raises(NotImportable, match=r"row 2 \(GPT 6\)"):
        bring(two_tables)


@pytest.mark.slow
def test_what_providers_declare_is_imported_and_again_writes_nothing():
    content = (FIXTURE / "providers.json").read_bytes()
    with changeset(by=None, label="tests", reason="Declare", source="command"):
        import_declarations(content)

    with written() as writes, changeset(by=None, label="tests", reason="Declare", source="command"):
        import_declarations(content)

    assert writes == []
    assert Provider.objects.filter(declared_training="never").count() == 13


@pytest.mark.parametrize("content", [b"{", b"{}", b'[{"name": "Acme"}]', b"[1]"])
def test_declarations_of_another_shape_are_refused(content):
    with pytest.raises(NotImportable):
        import_declarations(content)


@pytest.mark.slow
def test_the_fixture_is_kept_byte_for_byte():
    content = (FIXTURE / "llms-privacy.md").read_text(encoding="utf-8")

    assert markdown.render(bring(markdown.parse(content)).snapshot) == content


@pytest.mark.slow
def test_an_import_costs_the_same_queries_whatever_is_unchanged(django_assert_max_num_queries):
    small = page(*(row(f"GPT {number}", "Acme", documents=ACME) for number in range(3)))
    large = page(*(row(f"GPT {number}", "Acme", documents=ACME) for number in range(40)))
    bring(small, slug="small")
    bring(large, slug="large")
    queries = {}

    for slug, snapshot in (("small", small), ("large", large)):
        with django_assert_max_num_queries(60) as counted:
            bring(snapshot, slug=slug)
        queries[slug] = len(counted)

    assert queries["small"] == queries["large"]


@pytest.mark.slow
@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_page_typed_by_hand_is_kept_as_it_prints(path):
    snapshot = markdown.parse(path.read_text(encoding="utf-8"))

    assert bring(snapshot).snapshot.printed() == snapshot.printed()


@pytest.mark.slow
def test_pages_typed_by_hand_one_after_another_are_kept_as_they_print():
    for path in REVISIONS:
        snapshot = markdown.parse(path.read_text(encoding="utf-8"))
        assert bring(snapshot).snapshot.printed() == snapshot.printed()

    assert Provider.objects.get(slug="borealis").name == "Borealis Cloud"


# A column in which no cell is understood would be taken for text in a new register.
COLUMNS = page(row("GPT 6", "Acme")).sections[0].columns


@st.composite
def drawn_pages(draw):
    """Draw a page of few names, so that two of them share, move, split, replace and renumber a lot."""
    numbers = draw(st.integers(0, 3))
    marks = (
        st.lists(st.integers(1, numbers), max_size=2, unique=True).map(sorted)
        if numbers
        else st.just([])
    )

    def marked(text):
        return text + " ".join("¹²³"[number - 1] for number in draw(marks))

    def some(items, least):
        return draw(st.lists(st.sampled_from(items), min_size=least, max_size=4))

    rows = []
    for _ in range(draw(st.integers(1, 4))):
        documents = some(
            [
                ACME,
                *BOLT.split("<br>"),
                "[Privacy](https://bolt.example/faq)",
                "Agreement with Acme",
            ],
            0,
        )
        rows.append(
            row(
                ", ".join(
                    marked(name) for name in some(["GPT 6", "gpt-6", "GLM", "Kimi", "Qwen"], 1)
                ),
                ", ".join(marked(name) for name in some(["Acme", "Acme Cloud", "Bolt", "Core"], 1)),
                training=marked(draw(st.sampled_from(["No", "Yes", "Never, by contract"]))),
                retention=marked(
                    draw(st.sampled_from(["30 days", "Not stored", "As the moon decides"]))
                ),
                documents="<br>".join(marked(document) for document in documents),
            )
        )
    texts = draw(
        st.permutations(["The quota is used up.", "The quota may be used up.", "No identifier."])
    )
    notes = "\n\n".join(f"{'¹²³'[number]} {texts[number]}" for number in range(numbers))
    return page(*rows, notes=notes, columns=COLUMNS)


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(drawn_pages(), min_size=1, max_size=4))
@pytest.mark.slow
def test_any_page_after_any_other_is_kept_as_it_prints_and_again_writes_nothing(drawn):
    with transaction.atomic():
        other = bring(drawn[-1], slug="other")
        for snapshot in drawn:
            assert bring(snapshot).snapshot.printed() == snapshot.printed()
            with written() as writes:
                bring(snapshot)
            assert writes == []
        assert capture(other.register) == other.snapshot  # whatever was done to the first register
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("privacy@acme.example", "“privacy@acme.example” in the row of GPT 7 is a contact"),
        (
            "[Mail](mailto:privacy@acme.example)",
            "“Mail” with the address mailto:privacy@acme.example in the row of GPT 7 is a contact",
        ),
    ],
)
def test_a_contact_among_documents_is_refused(contact, told):
    shown = page(row("GPT 6", "Acme", documents=ACME), row("GPT 7", "Acme", documents=contact))

    with pytest.raises(NotImportable, match=re.escape(told)):
        bring(shown)


@pytest.mark.parametrize("words", ["No", "❌", "See above"])
def test_a_bare_answer_among_documents_is_no_agreement_and_nobodys(words):
    source = markdown.render(
        page(row("GPT 6", "Acme", documents=ACME), row("GPT 7", "Acme", documents=words))
    )

    imported = bring(markdown.parse(source))

    document = PolicyDocument.objects.get(label=words)
    assert (document.kind, document.provider) == ("other", None)
    assert markdown.render(capture(imported.register)) == source


@pytest.mark.parametrize("blank", ["\u00a0", "\u2007", "&nbsp;", "  "])
def test_a_page_with_blanks_of_another_kind_imports_as_no_change(blank):
    source = markdown.render(page(row("GPT 6", "Acme AI", documents=ACME), intro="Who gets it."))
    bring(markdown.parse(source))
    pasted = source.replace("GPT 6", f"GPT{blank}6").replace("Acme AI", f"Acme{blank}AI")

    with written() as writes:
        imported = bring(markdown.parse(pasted.replace("Who gets", f"Who{blank}gets")))

    assert imported.changes == ()
    assert writes == []
