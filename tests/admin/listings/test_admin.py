"""The form of a listing, which edits one row of the page as a whole."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from compliance.admin.components.lines import TypedLine, read_lines
from compliance.models import AIModel, Changeset, Citation, ListedModel, ListedProvider, Listing
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
    make_user,
)
from tests.forms import complaints, form_values, post_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


def url_of(listing) -> str:
    return f"/admin/compliance/listing/{listing.pk}/change/"


def models_of(listing) -> list[str]:
    return [row.model.name for row in listing.listed_models.select_related("model")]


def messages_of(response) -> str:
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def edit(editor, listing, **typed):
    response = post_form(editor, url_of(listing), reason="The provider said so", **typed)
    assert complaints(response) == ""
    return messages_of(response)


def refused(editor, listing, **typed):
    response = post_form(editor, url_of(listing), reason="The provider said so", **typed)
    assert response.status_code == 200
    return complaints(response)


def written_by(editor_name="edith"):
    """Return the kinds of history rows that the editor's changesets hold, by class."""
    counted = {}
    for model in (Listing, AIModel, ListedModel, ListedProvider, Citation):
        for row in model.history.filter(changeset__label=editor_name).order_by("history_id"):
            counted.setdefault(model.__name__, []).append(row.history_type)
    return {name: "".join(kinds) for name, kinds in counted.items()}


@pytest.mark.slow
def test_models_are_added_retired_and_replaced_in_one_save(editor):
    listing = make_listing(models=["GPT 5", "GPT 5 mini", "GPT 4.1", "o3"])
    replaced = listing.listed_models.get(model__name="GPT 4.1").pk

    said = edit(editor, listing, cell_models="GPT 5\r\nGPT 4.2\r\no3\r\nGPT 6\r\nGPT 6 mini")

    assert models_of(listing) == ["GPT 5", "GPT 4.2", "o3", "GPT 6", "GPT 6 mini"]
    assert (
        "Models: added GPT 6, GPT 6 mini; retired GPT 5 mini; replaced GPT 4.1 by GPT 4.2." in said
    )
    assert listing.listed_models.get(model__name="GPT 4.2").pk == replaced


@pytest.mark.slow
def test_a_list_that_is_pasted_loses_its_marks_and_says_so(editor):
    listing = make_listing(models=["1. FC Uno"])

    said = edit(editor, listing, cell_models="1. FC Uno\n1.\tGPT 6\n2.\tGPT\u00a07\n• 3.5 Sonnet")

    assert models_of(listing) == ["1. FC Uno", "GPT 6", "GPT 7", "3.5 Sonnet"]
    assert "Model: taken off as marks of a list: “•”, “1.” and “2.”." in said


@pytest.mark.slow
def test_the_marks_of_a_pasted_list_are_told_in_the_preview(editor):
    listing = make_listing(models=["GPT 5"])

    shown = post_form(editor, url_of(listing), cell_models="- GPT 5\n- GPT 6", _preview="1")

    assert shown.context["preview"].doubts == (
        "Model: taken off as marks of a list: “-”.",
        "This adds a new model, GPT 6. Did you mean GPT 5?",
    )
    assert models_of(listing) == ["GPT 5"]


@pytest.mark.slow
def test_aliases_that_are_pasted_lose_their_marks(editor):
    model = make_model("GPT 5")
    url = f"/admin/compliance/aimodel/{model.pk}/change/"

    saved = post_form(
        editor, url, reason="New names", aliases="\uf0b7\tgpt-5 \r\n\r\n\uf0b7\tgpt-5-2025\r\n"
    )

    assert AIModel.objects.get().aliases == "gpt-5\ngpt-5-2025"
    assert "Aliases: taken off as marks of a list: a bullet." in messages_of(saved)
    assert "A tab stands between “a” and “b”" in complaints(
        post_form(editor, url, reason="New names", aliases="a\tb")
    )


@pytest.mark.slow
def test_a_model_replaced_in_its_line_keeps_its_row_and_is_one_update(editor):
    listing = make_listing(models=["Claude 4.5 Haiku", "Claude 4.1 Opus", "Claude 4.5 Sonnet"])
    row = listing.listed_models.get(model__name="Claude 4.1 Opus")

    edit(editor, listing, cell_models="Claude 4.5 Haiku\nClaude 4.5 Opus\nClaude 4.5 Sonnet")

    assert ListedModel.objects.get(pk=row.pk).model.name == "Claude 4.5 Opus"
    assert written_by() == {"AIModel": "+", "ListedModel": "~"}


@pytest.mark.slow
def test_a_model_that_moves_is_one_update(editor):
    listing = make_listing(models=["A", "B", "C", "D"])

    edit(editor, listing, cell_models="D\nA\nB\nC")

    assert models_of(listing) == ["D", "A", "B", "C"]
    assert written_by() == {"ListedModel": "~"}


@pytest.mark.slow
def test_an_existing_model_is_listed_and_not_made_again(editor):
    make_listing(models=["Kimi K3"])
    listing = make_listing(models=["GPT 5"])

    edit(editor, listing, cell_models="GPT 5\nKimi K3")

    assert AIModel.objects.filter(name="Kimi K3").count() == 1
    assert models_of(listing) == ["GPT 5", "Kimi K3"]


@pytest.mark.slow
def test_a_model_may_stand_twice_in_a_row(editor):
    listing = make_listing(models=["GPT 5"])

    edit(editor, listing, cell_models="GPT 5\nNew one\nGPT 5\nNew one")

    assert models_of(listing) == ["GPT 5", "New one", "GPT 5", "New one"]


@pytest.mark.slow
def test_a_probable_mistake_is_saved_with_a_warning(editor):
    listing = make_listing(models=["GPT 5"], providers=["OpenAI", "Azure"])

    doubled = edit(
        editor,
        listing,
        cell_models="GPT 5\nGPT 6\nGPT 5",
        cell_providers="OpenAI\nAzure\nOpenAI\nOpenAI",
    )
    emptied = edit(editor, listing, cell_models="", cell_providers="")

    assert "The row names the model GPT 5 more than once." in doubled
    assert "The row names the provider OpenAI more than once." in doubled
    assert "model GPT 6" not in doubled
    assert "provider Azure" not in doubled
    assert "The row has no model. Add one, or delete the row." in emptied
    assert "The row has no provider. Add one, or delete the row." in emptied


@pytest.mark.slow
def test_a_listing_without_doubts_is_saved_without_warnings(editor):
    listing = make_listing(models=["GPT 5"], providers=["OpenAI"])

    said = edit(editor, listing, cell_models="GPT 6")

    assert "The listing has" not in said
    assert "The row names" not in said


@pytest.mark.slow
def test_an_unchanged_save_writes_nothing_and_says_so(editor):
    register = make_register()
    note = make_footnote(register)
    listing = make_listing(register, models=["GPT 5", "o3"], providers=["OpenAI", "Azure"])
    cite(note, listed_model=listing.listed_models.first())
    before = Changeset.objects.count()

    said = edit(editor, listing)

    assert "nothing was saved" in said
    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_the_changeset_of_a_save_says_who_when_why_and_from_where(editor):
    listing = make_listing(models=["GPT 5"])

    edit(editor, listing, cell_models="GPT 6")

    changeset = Changeset.objects.first()
    assert (changeset.by.username, changeset.label) == ("edith", "edith")
    assert (changeset.reason, changeset.source) == ("The provider said so", "admin")


@pytest.mark.slow
def test_without_a_reason_nothing_is_saved_and_nothing_typed_is_lost(editor):
    listing = make_listing(models=["GPT 5"])

    response = post_form(editor, url_of(listing), cell_models="GPT 6\r\nGPT 7", reason="  ")

    assert "Say why you make this change" in complaints(response)
    assert b"GPT 6\r\nGPT 7</textarea>" in response.content
    assert models_of(listing) == ["GPT 5"]


@pytest.mark.slow
def test_an_unknown_provider_is_refused_with_similar_names(editor):
    make_provider("Fireworks.ai")
    listing = make_listing(providers=["Groq"])

    said = refused(editor, listing, cell_providers="Groq\nFirework.ai")

    assert "There is no provider Firework.ai yet. Did you mean Fireworks.ai?" in said
    assert [row.provider.name for row in listing.listed_providers.all()] == ["Groq"]


@pytest.mark.slow
def test_a_suggestion_is_written_as_it_must_be_typed(editor):
    make_provider("Open [3]")

    assert "Did you mean Open [3] []?" in refused(editor, make_listing(), cell_providers="Open [3]")


@pytest.mark.slow
def test_a_name_that_ends_in_brackets_is_followed_by_an_empty_pair(editor):
    listing = make_listing(models=["GPT 5"])

    edit(editor, listing, cell_models="GPT 5\nGPT 6 [a] []")
    edit(editor, listing, cell_training="never")

    assert models_of(listing) == ["GPT 5", "GPT 6 [a]"]


@pytest.mark.slow
def test_a_new_listing_with_everything_is_one_form_and_one_changeset(editor):
    register = make_register()
    make_listing(register)
    for name in ("OpenAI", "Azure"):
        make_provider(name)
    make_footnote(register)
    term = make_term("30 days")

    response = post_form(
        editor,
        "/admin/compliance/listing/add/",
        cell_models="• GPT 6\r\n• GPT 6 mini [1]",
        cell_providers="OpenAI [1]\nAzure | Microsoft Azure",
        cell_training="never",
        cell_retention="30 days",
        cell_retention_footnotes="1",
        reason="OpenAI announced them",
    )

    assert complaints(response) == ""
    listing = register.listings.last()
    assert listing.position == 20
    assert models_of(listing) == ["GPT 6", "GPT 6 mini"]
    assert listing.listed_providers.get(provider__name="Azure").text == "Microsoft Azure"
    assert [(cell.use, cell.term) for cell in listing.cells.all()] == [("never", None), ("", term)]
    assert Citation.objects.count() == 3
    assert Changeset.objects.filter(source="admin").count() == 1


@pytest.mark.slow
def test_a_printed_text_is_shown_as_it_is_typed(editor):
    listing = make_listing(providers=["OpenAI", "Azure"])

    edit(editor, listing, cell_providers="OpenAI\nAzure | [Azure](https://azure.example.com/), EU")
    page = editor.get(url_of(listing)).content.decode()

    assert "Azure | [Azure](https://azure.example.com/), EU</textarea>" in page
    assert [row.text for row in listing.listed_providers.all()] == [
        "",
        "[Azure](https://azure.example.com/), EU",
    ]


@pytest.mark.slow
def test_footnotes_are_set_and_taken_away_in_the_lines(editor):
    register = make_register()
    notes = [make_footnote(register) for _ in range(3)]
    listing = make_listing(register, models=["GPT 5", "o3"])
    first, second = listing.listed_models.all()
    cite(notes[0], listed_model=first)

    edit(
        editor,
        listing,
        cell_models="GPT 5 [3]\no3 [2, 1]",
        cell_training="never",
        cell_training_footnotes="1, 3",
    )

    assert [c.footnote.position for c in first.citations.all()] == [3]
    assert sorted(c.footnote.position for c in second.citations.all()) == [1, 2]
    training = cell_of(listing, "training").citations.all()
    assert sorted(c.footnote.position for c in training) == [1, 3]
    assert b"GPT 5 [3]\no3 [1, 2]</textarea>" in editor.get(url_of(listing)).content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        (
            "cell_models",
            "GPT 5 [7]",
            "GPT 5: There is no footnote 7 yet. The numbers in this register are 1, 2.",
        ),
        ("cell_providers", "Acme AI [9]", "Acme AI: There is no footnote 9 yet."),
        (
            "cell_training_footnotes",
            "3",
            "There is no footnote 3 yet. The numbers in this register are 1, 2.",
        ),
        ("cell_retention_footnotes", "one", "one is not a list of footnote numbers. Write 1, 3."),
        (
            "cell_models",
            "gpt 5",
            "gpt 5 differs from GPT 5 only in capitals, blanks or hyphens. Write GPT 5.",
        ),
        ("cell_models", "gpt5", "only in capitals, blanks or hyphens. Write GPT 5."),
        ("cell_models", "GPT - 5", "only in capitals, blanks or hyphens. Write GPT 5."),
        ("cell_providers", "AcmeAI", "only in capitals, blanks or hyphens. Write Acme AI."),
        ("cell_models", "GLM-9\nGLM–9", "only in capitals, blanks or hyphens. Write GLM-9."),
        ("cell_models", "GLM-9\nGLM\u22129", "only in capitals, blanks or hyphens. Write GLM-9."),
        (
            "cell_models",
            "Baz [-1]",
            "Baz [-1] does not end in footnote numbers. Write them as [1, 3], or Baz [-1] [] if",
        ),
        (
            "cell_models",
            "[1]",
            "[1] has no name. Write one before the numbers, or [1] [] if that is the name.",
        ),
        ("position", "9223372036854775807", "Enter 1000000 or less."),
        ("cell_models", "Foo [1;2]", "Foo [1;2] does not end in footnote numbers."),
        ("cell_models", "GPT 5\nBar [1.3]\nX [a]", "Bar [1.3] does not end in footnote numbers."),
        ("cell_models", "GPT 5\nBar [1.3]\nX [a]", "X [a] does not end in footnote numbers."),
        (
            "cell_providers",
            "acme AI",
            "acme AI differs from Acme AI only in capitals, blanks or hyphens.",
        ),
        ("cell_providers", "Acme AI [x]", "Acme AI [x] does not end in footnote numbers."),
        ("cell_models", "GPT 6⁴", "Write a footnote in brackets: GPT 6 [1]."),
        ("cell_models", "GPT\u202e6", "A character that changes the direction of the text"),
        (
            "cell_models",
            "Uno\tAcme\nDue\tAcme",
            "A tab stands between “Uno” and “Acme”, as between",
        ),
        ("cell_models", f"{'x' * 201}", "Shorten this to 200 characters. It has 201."),
        ("cell_training_text", "Hardly ever", "Choose what “Hardly ever” means for training."),
        ("cell_training_text", "![x](https://x.example.com/)", "An image has no place in it."),
        ("cell_retention", "<b>30 days</b>", "has no place in it."),
    ],
)
def test_a_mistake_in_a_line_is_refused_with_a_sentence_and_nothing_is_written(
    editor, field, typed, expected
):
    register = make_register()
    make_footnote(register)
    make_footnote(register)
    listing = make_listing(register, models=["GPT 5"])
    before = Changeset.objects.count()

    said = refused(editor, listing, **{field: typed})

    assert expected in said
    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_a_listing_gets_documents_of_its_own_only_when_that_is_chosen(editor):
    acme = make_provider("Acme AI")
    make_document(acme, kind="privacy_policy", position=10)
    make_document(acme, kind="faq", position=20)
    listing = make_listing(providers=[acme])

    page = editor.get(url_of(listing)).content.decode()
    assert "Acme AI Privacy Policy\nAcme AI FAQ</textarea>" in page
    said = refused(editor, listing, cell_documents="Acme AI FAQ")
    assert "“Exactly those below” is not chosen" in said
    edit(editor, listing, cell_documents_which="stated", cell_documents="Acme AI FAQ")
    assert [row.document.kind for row in listing.listed_documents.all()] == ["faq"]
    edit(editor, listing, cell_documents_which="none")
    assert not listing.listed_documents.exists()
    assert cell_of(listing, "documents").is_blank
    edit(editor, listing, cell_documents_which="")
    assert not listing.cells.exists()


@pytest.fixture
def with_documents():
    """Make a listing of two providers that states the documents of both, in another order."""
    documents = [make_document(make_provider(name), label=name) for name in ("Acme", "Bolt")]
    providers = [document.provider for document in documents]
    return make_listing(providers=providers, documents=documents[::-1])


def documents_of(listing):
    return [row.document.label for row in listing.listed_documents.all()]


@pytest.mark.slow
def test_the_documents_of_a_provider_leave_a_listing_with_it(editor, with_documents):
    third = make_document(make_provider("Crusoe"), label="Crusoe", is_default=False)

    said = edit(editor, with_documents, cell_providers="Bolt\nCrusoe")
    assert documents_of(with_documents) == []
    assert "The row follows its providers’ documents again." in said

    edit(
        editor,
        with_documents,
        cell_providers="Bolt",
        cell_documents_which="stated",
        cell_documents="Bolt\nCrusoe",
    )
    assert documents_of(with_documents) == ["Bolt", third.label]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "expected"), [("Acme\nBolt", []), ("Bolt\nAcme", ["Bolt", "Acme"])]
)
def test_a_listing_that_states_just_its_providers_documents_follows_them(
    editor, with_documents, typed, expected
):
    edit(editor, with_documents, cell_documents=typed, position="70")

    assert documents_of(with_documents) == expected


@pytest.mark.slow
def test_a_save_says_whether_the_documents_of_a_listing_are_its_own(editor):
    providers = [make_provider(name) for name in ("Acme", "Bolt")]
    for provider in providers:
        make_document(provider, label=provider.name)
    make_document(providers[0], label="Extra", is_default=False)
    listing = make_listing(providers=providers)

    def said(which, *lines):
        typed = {"cell_documents": "\n".join(lines)} if lines else {}
        messages = edit(editor, listing, cell_documents_which=which, **typed).splitlines()
        return [message for message in messages if "ocuments" in message]

    assert said("stated", "Acme") == ["The row states its own documents, without Bolt."]
    assert said("stated", "Acme", "Extra") == ["Documents: added Extra."]
    assert said("stated", "Acme", "Bolt") == ["The row follows its providers’ documents again."]
    assert said("stated", "Extra", "Acme") == [
        "The row states its own documents, without Bolt, with Extra."
    ]
    assert said("none") == ["The row prints no documents any more."]
    assert said("") == ["The row follows its providers’ documents again."]
    assert said("") == []


@pytest.mark.slow
def test_documents_with_a_mark_of_their_own_stay_stated(editor, with_documents):
    make_footnote(with_documents.register)

    edit(editor, with_documents, cell_documents="Acme [1]\nBolt")

    assert documents_of(with_documents) == ["Acme", "Bolt"]


@pytest.mark.slow
def test_documents_with_the_same_label_are_distinguished_by_their_address(editor):
    one, other = make_provider("One"), make_provider("Other")
    make_document(one, label="Privacy Policy", url="https://one.example.com/", position=10)
    theirs = make_document(
        other, label="Privacy Policy", url="https://other.example.com/", position=10
    )
    listing = make_listing(providers=[one, other])

    edit(
        editor,
        listing,
        cell_documents_which="stated",
        cell_documents="Privacy Policy <https://other.example.com/>",
    )

    assert [row.document for row in listing.listed_documents.all()] == [theirs]


@pytest.mark.slow
@pytest.mark.parametrize("version", [None, "", "x", "999999", "9" * 30])
def test_a_form_without_its_version_is_refused_also_the_second_time(editor, version):
    listing = make_listing()

    response = post_form(
        editor, url_of(listing), version=version, cell_models="GPT 7", reason="Try"
    )
    again = editor.post(url_of(listing), form_values(response.content))

    for said in (complaints(response), complaints(again)):
        assert "The form does not say which version you opened" in said
    assert models_of(listing) == ["GPT 6"]


@pytest.mark.slow
def test_titles_and_messages_name_a_listing_by_its_models(editor):
    listing = make_listing(make_register(title="Ours"), models=["GPT 6", "o3"])
    name = "The row of GPT 6 on Ours"
    delete = url_of(listing).replace("change", "delete")

    said = edit(editor, listing, cell_models="GPT 6")
    form = editor.get(url_of(listing)).content.decode()
    past = editor.get(url_of(listing).replace("change", "history")).content.decode()
    asked = editor.get(delete)
    gone = editor.post(
        delete, {"post": "yes", "reason": "Over", "version": asked.context["version"]}
    )

    assert name in said
    assert name in form  # the title of the window
    assert "Row: GPT 6" in form
    other = make_listing(listing.register, models=["o3"])
    assert "Row: o3" in editor.get(url_of(other)).content.decode()
    assert past.count(name) >= 3
    assert f"“{name}”" in asked.content.decode()
    assert f"“{name}” was deleted" in messages_of(gone)
    assert "Row at" not in form + past


@pytest.mark.slow
def test_the_form_does_not_move_a_listing_to_another_table(editor):
    listing, other = make_listing(), make_register().sections.get()

    edit(editor, listing, section=other.pk, cell_models="GPT 7")

    assert Listing.objects.get(pk=listing.pk).section != other


def test_a_line_reads_back_as_it_was_written():
    written = [
        TypedLine("GPT 5 chat", (4,)),
        TypedLine("Model [2]"),
        TypedLine("Odd [x]"),
        TypedLine("Pipe | fallback"),
    ]

    assert read_lines("\n".join(map(str, written))) == written


def test_a_line_with_a_printed_text_reads_back_as_it_was_written():
    written = [
        TypedLine("Azure", (1,), "Microsoft Azure"),
        TypedLine("Azure", (), "[Azure](https://azure.example.com/)"),
        TypedLine("Azure [2]", (), "Azure \\[3\\]"),
        TypedLine("Pipe | Pipe", (1, 2), ""),
        TypedLine("Pipe | Pipe", (), r"Pipe \| pipe"),
        TypedLine("Azure", (), ""),
    ]

    assert read_lines("\n".join(map(str, written)), with_texts=True) == written


@pytest.mark.slow
def test_a_provider_whose_name_holds_a_bar_can_be_saved(editor):
    listing = make_listing(models=["GPT 5"], providers=["Pipe | Pipe"])

    edit(editor, listing, cell_models="GPT 6")

    assert models_of(listing) == ["GPT 6"]


@pytest.mark.slow
def test_listings_are_found_by_model_and_by_provider(editor):
    register = make_register(title="Ours")
    make_listing(register, models=["GPT 6"], providers=["OpenAI"])
    make_listing(register, models=["Kimi K3", "Kimi K4"], providers=["Groq", "Nebius"])

    by_model = editor.get("/admin/compliance/listing/?q=Kimi").content.decode()
    by_provider = editor.get("/admin/compliance/listing/?q=OpenAI").content.decode()

    assert "Kimi K3 and Kimi K4" in by_model
    assert "Groq, Nebius" in by_model
    assert "GPT 6" not in by_model.split("result_list")[1]
    assert "GPT 6" in by_provider.split("result_list")[1]
