"""The commonest edits of docs/editing.md, with the keyboard alone.

Each runs with JavaScript and without. They also take the pictures of docs/editing.md.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, expect

from compliance.models import Publication
from tests.e2e.keyboard import Keyboard, tab_to
from tests.e2e.test_publishing import approved, review_path, submit_path, submitted
from tests.factories import (
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_section,
    make_term,
    make_user,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("script", [True, False], ids=["script", "no script"]),
]


@pytest.fixture
def acme():
    """Make a provider that declares its training and its retention."""
    days = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    make_term("90 days", clauses=[{"kind": "duration", "duration": "P90D"}])
    acme = make_provider("Acme", declared_training="never", declared_retention=days)
    make_document(acme, url="https://acme.example/privacy")
    return acme


@pytest.fixture
def listing(acme):
    """Make a listing with a footnote on its first model."""
    make_document(
        make_provider("DeepInfra", declared_training="never"),
        url="https://deepinfra.example/privacy",
    )
    listing = make_listing(models=["Qwen 3", "Kimi K3"], providers=[acme])
    cite(
        make_footnote(listing.register, text="Only in the beta."),
        listed_model=listing.listed_models.first(),
    )
    return listing


@pytest.fixture
def endpoints(listing, acme):
    """Make a second table, which has no models, in the register of the listing."""
    section = make_section(
        listing.register,
        prose="## Endpoints",
        columns=[
            {"role": "text", "label": "Endpoint"},
            {"role": "providers", "label": "Hosted by"},
            {"role": "retention", "label": "State kept", "asks": "how_long"},
        ],
    )
    make_listing(section, providers=[acme], endpoint="/v1/responses")
    return section


@pytest.fixture
def ada(listing, endpoints):
    """Make an approver, and put a publication in force."""
    ada = make_user("ada", role="approver")
    approved(submitted(listing.register, make_user("ed", role="editor")), ada)
    return ada


@pytest.fixture
def eve(ada, visit, script) -> Keyboard:
    """Open a page as an editor who uses the keyboard."""
    page = visit(
        make_user("eve", role="editor"),
        java_script_enabled=script,
        viewport={"width": 1180, "height": 1300},
    )
    return Keyboard(page)


def form(record) -> str:
    return reverse(f"admin:compliance_{record._meta.model_name}_change", args=[record.pk])


def preview(eve: Keyboard) -> Locator:
    return eve.page.get_by_role("region", name="What this would change")


def preview_and_explain(eve: Keyboard, sentence: str, *, name: str, reason: str) -> None:
    """Preview an edit, expect a sentence in the preview, take its picture, and write the reason."""
    eve.press("button", "Show what this changes")
    expect(preview(eve)).to_contain_text(sentence)
    eve.picture(name, preview(eve))
    eve.write("Reason", reason)


def test_1_add_a_model(eve, listing):
    eve.page.goto(form(listing))
    eve.press("link", "Add models")
    eve.write("Models", "DeepSeek V4")
    preview_and_explain(
        eve,
        "DeepSeek V4 is added; it goes to Acme.",
        name="add-a-model",
        reason="Acme serves it from today",
    )
    eve.press("button", "Do exactly this")

    expect(eve.page.get_by_text("Added DeepSeek V4.")).to_be_visible()


def test_2_retire_a_model(eve, listing):
    eve.page.goto(form(listing))
    eve.press("link", "Retire models")
    eve.tick("Kimi K3")
    preview_and_explain(eve, "Kimi K3", name="retire-a-model", reason="Acme stopped serving it")
    eve.press("button", "Do exactly this")

    expect(eve.page.get_by_text("Retired Kimi K3.")).to_be_visible()


def test_3_replace_a_model_by_a_newer_version(eve, listing):
    eve.page.goto(form(listing))
    eve.press("link", "Replace a model")
    eve.choose("Model", "Qwen 3")
    eve.write("New model", "Qwen 3.5")
    preview_and_explain(
        eve, "Qwen 3.5 takes the place of Qwen 3.", name="replace-a-model", reason="A newer version"
    )
    eve.press("button", "Do exactly this")

    expect(eve.page.get_by_text("Replaced Qwen 3 by Qwen 3.5.")).to_be_visible()


def test_4_give_a_model_a_row_of_its_own(eve, listing):
    eve.page.goto(form(listing))
    eve.press("link", "Split models off")
    eve.tick("Kimi K3")
    eve.write("Providers of the new row", "DeepInfra")
    preview_and_explain(
        eve,
        "Kimi K3 would newly go to DeepInfra.",
        name="split-a-row",
        reason="Only DeepInfra serves it",
    )
    eve.press("button", "Do exactly this")

    expect(eve.page.get_by_text("Split Kimi K3 off into this new row.")).to_be_visible()


def test_5_add_a_provider_to_a_row(eve, listing):
    eve.page.goto(form(listing))
    eve.write("Providers", "Acme\nDeepInfra")
    sentence = "Qwen 3 and Kimi K3 would newly go to DeepInfra."
    preview_and_explain(eve, sentence, name="add-a-provider", reason="A second source")
    eve.press("button", "Save")

    expect(eve.page.get_by_text("Providers: added DeepInfra.")).to_be_visible()


def test_6_change_what_a_provider_declares(eve, acme):
    eve.page.goto(form(acme))
    eve.choose("Declared retention", "90 days")
    preview_and_explain(eve, "90 days", name="change-a-term", reason="Acme's terms of 1 November")
    eve.press("button", "Save")

    expect(eve.page.get_by_text("Saved:")).to_be_visible()


def test_7_reword_a_footnote(eve, listing):
    eve.page.goto(form(listing.register.footnotes.get()))
    eve.write("Text", "In the beta, and in the preview of next year.")
    preview_and_explain(
        eve, "Footnote 1 now reads", name="reword-a-footnote", reason="The preview begins"
    )
    eve.press("button", "Save")

    expect(eve.page.get_by_text("Saved:")).to_be_visible()


def test_8_change_the_address_of_a_document(eve, acme):
    eve.page.goto(form(acme))
    eve.write("URL", "https://acme.example/legal/privacy")
    preview_and_explain(
        eve, "Acme Privacy Policy", name="change-an-address", reason="Acme moved its policy"
    )
    eve.press("button", "Save")

    expect(eve.page.get_by_text("Saved:")).to_be_visible()


def test_9_submit_for_approval(eve, listing, acme):
    eve.page.goto(form(listing))
    eve.write("Models", "Qwen 3 [1]\nKimi K3\nDeepSeek V4\n")
    eve.write("Providers", "Acme\nDeepInfra")
    eve.write("Reason", "Both serve it from today")
    eve.press("button", "Save")
    expect(eve.page.get_by_text("Models: added DeepSeek V4.")).to_be_visible()
    eve.page.goto(submit_path(listing.register))
    expect(eve.page.get_by_text("DeepInfra").first).to_be_visible()
    answers = eve.page.get_by_label("Answer to").and_(eve.page.locator(":visible"))
    for answer in answers.all():
        if not answer.input_value():
            answer.focus()
            eve.page.keyboard.type("Our contract of 20 November.")
    eve.picture("submit", eve.page.locator("#content"))
    eve.write("Reason", "DeepSeek V4 joins")
    eve.press("button", "Submit for approval")

    expect(eve.page.get_by_text("Submitted. Another person approves it.")).to_be_visible()


def test_10_approve(eve, listing, ada, visit, script):
    eve.page.goto(form(listing))
    eve.write("Models", "Qwen 3 [1]\nKimi K3\nDeepSeek V4\n")
    eve.write("Reason", "Acme serves it from today")
    eve.press("button", "Save")
    expect(eve.page.get_by_text("Models: added DeepSeek V4.")).to_be_visible()
    publication = submitted(listing.register, make_user("ed2", role="editor"))
    approver = Keyboard(
        visit(ada, java_script_enabled=script, viewport={"width": 1180, "height": 1300})
    )

    approver.page.goto(review_path(publication))
    approver.picture("approve", approver.page.locator("#content"))
    approver.press("button", "Approve exactly this")

    expect(approver.page.get_by_text("Approved. It is publication 2")).to_be_visible()
    assert Publication.objects.in_review().count() == 0


def test_11_add_a_column(eve, listing):
    eve.page.goto(form(listing.register))
    eve.open("Add a column")
    eve.write("Label", "Purpose", within="New column")
    eve.choose("Meaning", "Text", within="New column")
    preview_and_explain(eve, "Purpose", name="add-a-column", reason="Readers ask what for")
    eve.press("button", "Save")

    expect(eve.page.get_by_text("Saved:")).to_be_visible()
    eve.page.goto(form(listing))
    eve.write("Entries", "Chat", within="Purpose")
    eve.write("Reason", "Readers ask what for")
    eve.open("More")
    eve.press("button", "Save and continue editing")
    expect(eve.field("Entries", within="Purpose")).to_have_value("Chat")


def test_12_give_a_column_another_label(eve, listing):
    eve.page.goto(form(listing.register))
    eve.write("Label", "Training on your prompts", within="Trains on User Data")
    preview_and_explain(
        eve, "Training on your prompts", name="relabel-a-column", reason="Words of the new policy"
    )
    eve.press("button", "Save")

    expect(eve.page.get_by_text("Saved:")).to_be_visible()


def test_13_add_a_row_to_a_table_without_models(eve, listing):
    eve.page.goto(form(listing.register))
    section = eve.page.get_by_role("group", name="Endpoints")
    tab_to(eve.page, section.get_by_role("link", name="Add a row"))
    eve.page.keyboard.press("Enter")
    expect(eve.page.get_by_text("In the table of Models and privacy: Endpoints")).to_be_visible()
    eve.write("Entries", "/v1/files", within="Endpoint")
    eve.write("Providers", "DeepInfra", within="Hosted by")
    eve.open("Say something else", within="State kept")
    eve.write("Retention", "90 days", within="State kept")
    sentence = "New row: /v1/files, through DeepInfra. Retention: “90 days”."
    preview_and_explain(eve, sentence, name="add-a-row", reason="The new endpoint")
    eve.press("button", "Save")

    expect(eve.page.get_by_text("/v1/files").first).to_be_visible()


def test_14_state_what_a_row_keeps_and_take_it_back(eve, listing):
    eve.page.goto(form(listing))
    eve.open("Say something else", within="Data Retention")
    eve.write("Retention", "90 days", within="Data Retention")
    preview_and_explain(
        eve, "“90 days”", name="state-a-claim", reason="The contract for this row says so"
    )
    eve.open("More")
    eve.press("button", "Save and continue editing")
    expect(eve.page.get_by_text("(all content kept 90 days)")).to_be_visible()
    eve.tick("Use the providers’", within="Data Retention")
    eve.write("Reason", "The contract ended")
    eve.open("More")
    eve.press("button", "Save and continue editing")

    expect(eve.page.get_by_text("own:")).to_have_count(0)
    expect(eve.page.get_by_text("30 days, from")).to_be_visible()
