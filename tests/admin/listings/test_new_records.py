"""What a row names and nobody has added yet is described on its form, and saved with it."""

import pytest
from django.test import Client

from compliance.models import (
    Changeset,
    Footnote,
    Listing,
    PolicyDocument,
    Provider,
    RetentionTerm,
)
from tests.factories import (
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_user,
)
from tests.forms import complaints, form_values, post_form, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


def form_of(listing) -> str:
    return f"/admin/compliance/listing/{listing.pk}/change/"


def test_an_unknown_provider_is_asked_about_and_saved_with_the_row(editor):
    listing = make_listing(providers=["Acme"])

    asked = post_form(editor, form_of(listing), cell_providers="Acme\nMeta", reason="Contract")
    typed = form_values(asked.content)
    answer = editor.post(
        form_of(listing),
        {
            **typed,
            "new_provider-0-training": "never",
            "new_provider-0-retention": "45 days",
            "new_provider-0-label": "Meta Terms of Use",
            "new_provider-0-url": "https://meta.example/terms",
        },
    )

    assert "There is no provider Meta yet." in complaints(asked)
    assert (typed["reason"], typed["new_provider-0-name"]) == ("Contract", "Meta")
    assert answer.status_code == 302
    meta = Provider.objects.get(name="Meta")
    assert (meta.declared_training, meta.declared_retention.wording) == ("never", "45 days")
    document = meta.documents.get()
    assert (document.label, document.kind) == ("Meta Terms of Use", "terms")
    assert [row.provider.name for row in listing.listed_providers.all()] == ["Acme", "Meta"]
    assert Changeset.objects.latest("pk").reason == "Contract"
    assert meta.history.get().changeset == document.history.get().changeset


def test_a_new_provider_needs_no_more_than_its_name(editor):
    listing = make_listing(providers=["Acme"])

    post_form(
        editor,
        form_of(listing),
        **{"cell_providers": "Meta", "new_provider-0-name": "Meta", "reason": "Contract"},
    )

    assert list(listing.listed_providers.values_list("provider__name", flat=True)) == ["Meta"]


def test_a_fault_in_what_describes_it_is_said_beside_the_field(editor):
    listing = make_listing(providers=["Acme"])
    typed = {"new_provider-0-name": "Meta", "new_provider-0-url": "https://10.0.0.1/x"}

    answer = post_form(editor, form_of(listing), cell_providers="Meta", reason="Contract", **typed)

    assert "Put right what describes the new provider Meta" in complaints(answer)
    assert form_values(answer.content)["new_provider-0-url"] == "https://10.0.0.1/x"
    assert not Provider.objects.filter(name="Meta").exists()


def test_what_was_described_goes_to_the_name_that_was_put_right(editor):
    listing = make_listing(providers=["Acme"])
    typed = {"new_provider-0-name": "Meat", "new_provider-0-label": "Meta Policy"}

    answer = post_form(editor, form_of(listing), cell_providers="Meta", reason="Contract", **typed)

    values = form_values(answer.content)
    assert values["new_provider-0-name"] == "Meta"
    assert values["new_provider-0-label"] == "Meta Policy"


def test_the_row_and_the_new_provider_may_word_one_new_term(editor):
    listing = make_listing(providers=["Acme"])
    typed = {"new_provider-0-name": "Meta", "new_provider-0-retention": "45 days"}

    post_form(
        editor,
        form_of(listing),
        cell_providers="Meta",
        cell_retention="45 days",
        reason="Contract",
        **typed,
    )

    assert RetentionTerm.objects.filter(wording="45 days").count() == 1


def test_a_number_without_a_footnote_is_asked_for_its_text(editor):
    listing = make_listing(models=["GPT 5"], retention="30 days")
    make_footnote(listing.register)

    asked = post_form(
        editor,
        form_of(listing),
        cell_models="GPT 5 [2]",
        cell_retention_footnotes="2",
        reason="Beta",
    )
    typed = form_values(asked.content)
    editor.post(form_of(listing), {**typed, "new_footnote-0-text": "Only in the beta."})

    assert "There is no footnote 2 yet." in complaints(asked)
    note = Footnote.objects.get(position=2)
    assert note.text == "Only in the beta."
    assert note.citations.count() == 2


def test_a_new_provider_and_the_new_footnote_that_it_cites_are_asked_about_at_once(editor):
    listing = make_listing(providers=["Acme"])

    asked = post_form(editor, form_of(listing), cell_providers="Acme\nMeta [1]", reason="Contract")
    typed = form_values(asked.content)
    saved = editor.post(form_of(listing), {**typed, "new_footnote-0-text": "Only in the beta."})

    assert saved.status_code == 302, complaints(saved)
    assert Footnote.objects.get().citations.get().listed_provider.provider.name == "Meta"


def test_a_new_model_is_named_before_it_is_saved_and_after(editor):
    listing = make_listing(models=["Claude Opus 5"])
    typed = {"cell_models": "Claude Opus 5\nClaude Opus 55", "reason": "New"}

    told = post_form(editor, form_of(listing), _preview="1", _live="1", **typed)
    saved = post_form(editor, form_of(listing), **typed)

    sentence = "This adds a new model, Claude Opus 55. Did you mean Claude Opus 5?"
    assert sentence in read(told)
    assert sentence in read(editor.get(saved.url))


def test_a_model_that_is_there_is_not_called_new(editor):
    make_model("GPT 6")
    listing = make_listing(models=["GPT 5"])

    told = post_form(editor, form_of(listing), cell_models="GPT 6", _preview="1", _live="1")

    assert "new model" not in read(told)


def test_an_unknown_document_is_added_to_the_provider_that_is_chosen(editor):
    bolt = make_provider("Bolt")
    listing = make_listing(providers=["Acme", bolt])

    asked = post_form(
        editor,
        form_of(listing),
        cell_documents_which="stated",
        cell_documents="Bolt FAQ",
        reason="They published one",
    )
    typed = form_values(asked.content)
    editor.post(
        form_of(listing),
        {
            **typed,
            "new_document-0-url": "https://bolt.example/faq",
            "new_document-0-provider": "Bolt",
        },
    )

    assert "There is no document Bolt FAQ yet." in complaints(asked)
    document = PolicyDocument.objects.get()
    assert (document.provider, document.kind, document.is_default) == (bolt, "faq", False)
    assert [row.document for row in listing.listed_documents.all()] == [document]


def test_a_row_like_another_has_its_providers_and_claims_and_stands_below_it(editor):
    first = make_listing(models=["One"], providers=["Acme"], retention="30 days", training="never")
    make_listing(first.section, models=["Two"])
    cite(make_footnote(first.register), cell=cell_of(first, "retention"))
    address = f"/admin/compliance/listing/add/?like={first.pk}"

    opened = form_values(editor.get(address).content)
    post_form(editor, address, cell_models="Three", reason="The new one")

    assert (opened["cell_models"], opened["cell_providers"].strip()) == ("", "Acme")
    assert (opened["cell_training"], opened["cell_retention"]) == ("never", "30 days")
    assert opened["cell_retention_footnotes"] == ""
    rows = Listing.objects.filter(section=first.section).order_by("position")
    assert [row.listed_models.get().model.name for row in rows] == ["One", "Three", "Two"]


def test_the_lookup_finds_names_for_people_who_may_edit(editor):
    make_provider("Acme Cloud", aliases="Old Acme")
    make_provider("Bolt", aliases="Acme labs")
    make_provider("Other")
    address = "/admin/compliance/listing/lookup/providers/?q=acme"

    found = editor.get(address).json()

    assert found == {
        "results": [
            {"name": "Acme Cloud", "note": ""},
            {"name": "Bolt", "note": "also called Acme labs"},
        ],
        "more": False,
    }
    spelled_otherwise = editor.get(address.replace("acme", "acmecloud")).json()["results"]
    assert spelled_otherwise == [{"name": "Acme Cloud", "note": ""}]
    assert editor.get("/admin/compliance/listing/lookup/users/?q=a").status_code == 404
    editor.force_login(make_user(role="auditor"))
    assert editor.get(address).status_code == 403


def test_a_script_is_told_in_sentences_what_saving_would_change(editor):
    listing = make_listing(models=["GPT 5"])

    told = post_form(
        editor, form_of(listing), cell_models="GPT 5\nGPT 6", _preview="1", _live="1"
    ).content.decode()
    faults = post_form(
        editor, form_of(listing), cell_providers="Nobody", _preview="1", _live="1"
    ).content.decode()

    assert "GPT 6 is added" in told
    assert "<html" not in told
    assert "Not ready to be saved" in faults
    assert "There is no provider Nobody yet." in faults


def test_a_save_lands_on_the_page_at_the_row_or_goes_on_to_the_submission(editor):
    listing = make_listing(models=["GPT 5"])
    register = listing.register_id

    saved = post_form(editor, form_of(listing), cell_models="GPT 6", reason="New")
    page = editor.get(saved.url).content.decode()
    sent = post_form(editor, form_of(listing), cell_models="GPT 7", reason="New", _submit="1")

    address = f"/admin/compliance/register/{register}/page/?row={listing.pk}#row-{listing.pk}"
    assert saved.url == address
    assert f'<a href="{sent.url}">Submit for approval</a>' in page
    assert sent.url.endswith(f"/submit/{register}/") or "submit" in sent.url


def test_a_form_leads_back_to_where_the_person_came_from_and_nowhere_else(editor):
    provider = make_provider("Acme")
    address = f"/admin/compliance/provider/{provider.pk}/change/"

    back = post_form(editor, f"{address}?next=/admin/search/", name="Acme Inc", reason="Renamed")
    away = post_form(editor, f"{address}?next=https://evil.example/", name="Acme", reason="Back")

    assert back.url == "/admin/search/"
    assert away.url == "/admin/compliance/provider/"
