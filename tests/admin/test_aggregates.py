"""The other forms of the admin: providers, terms, models, footnotes, registers with the preview."""

import re
from datetime import date
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from compliance.models import (
    AIModel,
    Changeset,
    Citation,
    Footnote,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
    User,
)
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
    recorded,
    state,
)
from tests.forms import complaints, form_values, post_form

pytestmark = pytest.mark.django_db

ADMIN = "/admin/compliance"


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


def save(editor, url, **typed):
    response = post_form(editor, f"{ADMIN}/{url}", reason="It is so", **typed)
    assert complaints(response) == ""
    return messages_of(response)


def refused(editor, url, **typed):
    before = Changeset.objects.count()
    response = post_form(editor, f"{ADMIN}/{url}", reason="It is so", **typed)
    assert response.status_code == 200
    assert Changeset.objects.count() == before
    return complaints(response)


def messages_of(response) -> str:
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def test_a_new_term_is_worded_on_the_form_of_a_provider(editor):
    acme = make_provider("Acme", declared_retention=make_term("30 days"))

    save(editor, f"provider/{acme.pk}/change/", declared_retention="7 days, logs 1 year")

    acme.refresh_from_db()
    assert acme.declared_retention.wording == "7 days, logs 1 year"
    assert [clause.duration for clause in acme.declared_retention.clauses.all()] == ["P7D", "P1Y"]
    assert Changeset.objects.first().reason == "It is so"


def test_a_provider_whose_term_is_typed_again_is_not_changed(editor):
    acme = make_provider("Acme", declared_retention=make_term("30 days"))

    told = save(editor, f"provider/{acme.pk}/change/", declared_retention=" 30 days ")

    assert "Nothing was different" in told


def test_who_may_not_add_terms_words_no_new_one(editor):
    acme = make_provider("Acme")
    edith = User.objects.get()
    edith.groups.get().permissions.remove(Permission.objects.get(codename="add_retentionterm"))
    editor.force_login(edith)  # a change of rights ends the sessions

    told = refused(editor, f"provider/{acme.pk}/change/", declared_retention="7 days")

    assert "There is no retention term “7 days”, and your account may not add one." in told


def test_a_model_continues_only_ids_that_a_model_had(editor):
    model = make_model("GPT 5")
    address = f"aimodel/{model.pk}/change/"
    make_model("GTP 5")

    assert "No model ever had the id gtp-6." in refused(editor, address, continues="gtp-6")
    save(editor, address, continues=" gtp-5 ")
    model.refresh_from_db()
    assert model.continues == "gtp-5"


def test_a_model_does_not_continue_itself(editor):
    slip, model = make_model("GTP 5"), make_model("GPT 5", continues="gtp-5")

    assert "would continue itself" in refused(
        editor, f"aimodel/{model.pk}/change/", continues="gpt-5"
    )
    assert "would continue itself" in refused(
        editor, f"aimodel/{slip.pk}/change/", continues="gpt-5"
    )


@pytest.mark.parametrize("make", [make_provider, make_term, make_model, make_register])
def test_a_form_saved_as_it_was_opened_writes_nothing(editor, make):
    record = make()
    name = record._meta.model_name
    before = Changeset.objects.count()

    said = save(editor, f"{name}/{record.pk}/change/")

    assert "nothing was saved" in said
    assert Changeset.objects.count() == before


def test_a_popup_in_which_nothing_was_different_closes(editor):
    url = f"{ADMIN}/provider/{make_provider().pk}/change/?_popup=1"

    closing = post_form(editor, url, reason="It is so")

    assert closing.templates[0].name.endswith("popup_response.html")
    assert not Changeset.objects.filter(reason="It is so").exists()


@pytest.mark.slow
def test_a_text_of_several_lines_is_unchanged_when_the_browser_posts_it_again(editor):
    note = make_footnote(make_register(), text="One line\nand another")
    provider = make_provider(aliases="One\nTwo")
    register = make_register(prose="First paragraph.\n\nSecond paragraph.")
    before = Changeset.objects.count()

    for record in (note, provider, register):
        save(editor, f"{record._meta.model_name}/{record.pk}/change/")

    assert Changeset.objects.count() == before


# Providers


def test_a_provider_is_added_with_its_documents_in_order(editor):
    document = {
        "kind": "privacy_policy",
        "label": "",
        "url": "https://acme.example.com/privacy",
        "position": "0",
    }
    document["review_interval"] = "12"
    faq = {**document, "kind": "faq", "url": "https://acme.example.com/faq"}
    typed = {
        f"documents-{index}-{key}": value
        for index, each in enumerate([document, faq])
        for key, value in each.items()
    }

    save(editor, "provider/add/", name="Acme AI", **typed, **{"documents-TOTAL_FORMS": "2"})

    documents = Provider.objects.get(name="Acme AI").documents.all()
    assert [(each.kind, each.position) for each in documents] == [
        ("privacy_policy", 10),
        ("faq", 20),
    ]
    assert Changeset.objects.filter(source="admin").count() == 1


@pytest.mark.slow
def test_a_new_document_without_a_position_goes_to_the_end_and_the_others_stay(editor):
    provider = make_provider()
    make_document(provider, position=10)
    make_document(provider, kind="faq", position=20)
    added = {
        "documents-2-kind": "terms",
        "documents-2-url": "https://acme.example.com/terms",
        "documents-2-position": "",
        "documents-2-review_interval": "12",
    }

    save(
        editor,
        f"provider/{provider.pk}/change/",
        **added,
        **{"documents-TOTAL_FORMS": "3", "documents-0-position": ""},
    )

    assert next(iter(provider.documents.values_list("kind", "position"))) == ("privacy_policy", 10)
    assert list(provider.documents.values_list("kind", "position"))[2] == ("terms", 30)


@pytest.mark.slow
def test_a_changed_document_writes_only_the_document(editor):
    provider = make_provider()
    document = make_document(provider, position=10)
    make_document(provider, position=20)

    save(
        editor,
        f"provider/{provider.pk}/change/",
        **{"documents-0-url": "https://acme.example.com/new"},
    )

    assert PolicyDocument.objects.get(pk=document.pk).url == "https://acme.example.com/new"
    assert PolicyDocument.history.filter(changeset__label="edith").count() == 1
    assert not Provider.history.filter(changeset__label="edith").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://user@acme.example.com/", "holds a user name before the host"),
        ("https://127.0.0.1/", "is not the name of a public host"),
        ("", "Only an agreement may have no URL."),
    ],
)
def test_a_document_that_may_not_be_published_is_refused_in_a_sentence(editor, url, expected):
    provider = make_provider()
    make_document(provider, position=10)

    said = refused(editor, f"provider/{provider.pk}/change/", **{"documents-0-url": url})

    assert expected in said


@pytest.mark.slow
def test_a_name_that_is_taken_is_refused(editor):
    make_provider("Acme AI")

    assert "Another one has this already" in refused(editor, "provider/add/", name="Acme AI")


@pytest.mark.slow
def test_a_provider_in_use_is_not_deleted_and_the_places_are_named(editor):
    listing = make_listing(make_register(title="Ours"), models=["GPT 6"], providers=["OpenAI"])
    provider = listing.listed_providers.get().provider

    page = editor.get(f"{ADMIN}/provider/{provider.pk}/delete/").content.decode()
    editor.post(f"{ADMIN}/provider/{provider.pk}/delete/", {"post": "yes", "reason": "Try"})

    assert "OpenAI in the row of GPT 6 on Ours" in page
    assert Provider.objects.filter(pk=provider.pk).exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["openai", "open\u00a0ai", "OPEN  AI"])
def test_a_name_that_looks_like_a_slip_for_another_is_refused(editor, name):
    make_provider("OpenAI")
    make_provider("Open AI")

    assert "only in capitals, blanks or hyphens. Write Open" in refused(
        editor, "provider/add/", name=name
    )


@pytest.mark.slow
def test_what_nobody_sees_is_no_change(editor):
    provider = make_provider("Open AI", legal_entity="Open AI Ltd.")
    note = make_footnote(make_register(), text="Until the end.")
    before = Changeset.objects.count()

    pasted = {"name": "Open\u00a0AI", "legal_entity": "Open  AI\u200b Ltd.\u00a0"}
    post_form(editor, f"{ADMIN}/provider/{provider.pk}/change/", **pasted, reason="Paste")
    text = "Until\u202fthe end.\ufeff"
    post_form(editor, f"{ADMIN}/footnote/{note.pk}/change/", text=text, reason="Paste")

    assert Changeset.objects.count() == before
    provider.refresh_from_db()
    assert (provider.name, provider.legal_entity) == ("Open AI", "Open AI Ltd.")


@pytest.mark.slow
def test_the_spelling_of_a_name_may_be_changed_and_stored_names_may_stay(editor):
    one, other = make_provider("openai"), make_provider("OpenAI")
    lonely = make_model("gpt 9")

    save(editor, f"provider/{one.pk}/change/", legal_entity="OpenAI Ireland Ltd.")
    save(editor, f"aimodel/{lonely.pk}/change/", name="GPT 9")

    assert Provider.objects.filter(pk__in=[one.pk, other.pk]).count() == 2
    assert AIModel.objects.get().name == "GPT 9"


# Deleting


@pytest.mark.slow
def test_a_deletion_asks_for_the_reason_and_records_it(editor):
    provider = make_provider("Gone AI")
    url = f"{ADMIN}/provider/{provider.pk}/delete/"

    without = editor.post(url, {"post": "yes", "reason": " "}, follow=True)
    assert "Say why you make this change; nothing was deleted." in without.content.decode()
    assert Provider.objects.filter(pk=provider.pk).exists()
    editor.post(
        url,
        {"post": "yes", "reason": "The contract ended", "version": asked_version(editor.get(url))},
    )

    gone = Provider.history.get(id=provider.pk, history_type="-")
    assert (gone.changeset.reason, gone.changeset.label) == ("The contract ended", "edith")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            "Ticket \u202e7 moc.elpmaxe",
            "A character that changes the direction of the text (U+202E) is not allowed.",
        ),
        ("Ticket\u180e 7", "A character without width (U+180E) is not allowed."),
        ("x" * 2001, "Shorten this to 2000 characters"),
    ],
)
def test_a_reason_that_does_not_read_as_it_is_stored_is_refused(editor, reason, expected):
    provider = make_provider("Acme AI")
    url = f"{ADMIN}/provider/{provider.pk}"
    before = Changeset.objects.count()

    saved = post_form(editor, f"{url}/change/", name="Acme", reason=reason)
    version = asked_version(editor.get(f"{url}/delete/"))
    deleted = editor.post(
        f"{url}/delete/", {"post": "yes", "reason": reason, "version": version}, follow=True
    )

    assert expected in complaints(saved)
    assert expected in messages_of(deleted)
    assert Changeset.objects.count() == before
    assert Provider.objects.get().name == "Acme AI"


@pytest.mark.slow
def test_a_reason_of_several_lines_is_recorded_with_line_feeds(editor):
    save_because = {"name": "Acme", "reason": "Ticket 7.\r\nThe mail of 3 May."}

    post_form(editor, f"{ADMIN}/provider/{make_provider().pk}/change/", **save_because)

    assert Changeset.objects.latest("id").reason == "Ticket 7.\nThe mail of 3 May."


def asked_version(page):
    """Return the versions that the page of a deletion posts."""
    return re.search(r'name="version" value="([^"]+)"', page.content.decode())[1]


@pytest.mark.parametrize("version", ["", "0", "999999"])
def test_a_deletion_of_another_version_is_refused(editor, version):
    provider = make_provider("Gone AI")

    said = editor.post(
        f"{ADMIN}/provider/{provider.pk}/delete/",
        {"post": "yes", "reason": "Try", "version": version},
        follow=True,
    )

    assert "changed after you were asked" in said.content.decode()
    assert Provider.objects.filter(pk=provider.pk).exists()


@pytest.mark.slow
def test_a_deletion_of_what_was_changed_meanwhile_is_refused(editor):
    listing = make_listing(models=["GPT 6"])
    url = f"{ADMIN}/listing/{listing.pk}/delete/"
    version = asked_version(editor.get(url))
    with recorded():
        listing.listed_models.get().set(position=20)

    editor.post(url, {"post": "yes", "reason": "Try", "version": version})

    assert Listing.objects.filter(pk=listing.pk).exists()


@pytest.mark.slow
def test_selected_records_are_deleted_in_one_changeset(editor):
    models = [make_model(name) for name in ("A", "B")]
    chosen = {"action": "delete_selected", "_selected_action": [model.pk for model in models]}

    asked = editor.post(f"{ADMIN}/aimodel/", chosen)
    assert b'name="reason"' in asked.content
    version = asked_version(asked)
    editor.post(f"{ADMIN}/aimodel/", {**chosen, "post": "yes", "version": version})
    editor.post(f"{ADMIN}/aimodel/", {**chosen, "post": "yes", "reason": "Never listed"})
    assert AIModel.objects.count() == 2
    editor.post(
        f"{ADMIN}/aimodel/", {**chosen, "post": "yes", "reason": "Never listed", "version": version}
    )

    assert not AIModel.objects.exists()
    assert {row.changeset.reason for row in AIModel.history.filter(history_type="-")} == {
        "Never listed"
    }
    assert AIModel.history.filter(history_type="-").values("changeset").distinct().count() == 1


# Terms


@pytest.mark.slow
def test_the_clauses_of_a_new_term_are_read_from_its_wording(editor):
    said = save(editor, "retentionterm/add/", wording="30 days (flagged prompts: 2 years)")

    clauses = RetentionTerm.objects.get().clauses.all()
    assert [(clause.duration, clause.trigger) for clause in clauses] == [
        ("P30D", "always"),
        ("P2Y", "flagged"),
    ]
    assert "The clauses were read from the wording" in said


@pytest.mark.slow
def test_a_wording_that_is_not_understood_is_kept_with_a_warning(editor):
    said = save(editor, "retentionterm/add/", wording="As long as the moon is blue")

    assert RetentionTerm.objects.get().clauses.get().kind == "unknown"
    assert "was not understood wholly" in said


def test_typed_clauses_are_not_replaced_by_those_of_the_wording(editor):
    clause = {
        "data_class": "prompt",
        "kind": "duration",
        "bound": "at_most",
        "amount": "6",
        "unit": "{}M",
    }
    typed = {
        f"clauses-0-{key}": value
        for key, value in {**clause, "trigger": "always", "position": "0"}.items()
    }

    save(
        editor, "retentionterm/add/", wording="Half a year", **typed, **{"clauses-TOTAL_FORMS": "1"}
    )

    assert RetentionTerm.objects.get().clauses.get().duration == "P6M"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("duration", "amount", "unit"), [("PT24H", 24, "T{}H"), ("P2Y", 2, "{}Y"), ("P6W", 6, "{}W")]
)
def test_a_duration_is_shown_and_saved_as_number_and_unit(editor, duration, amount, unit):
    term = make_term(clauses=[{"kind": "duration", "duration": duration}])
    url = f"retentionterm/{term.pk}/change/"

    values = form_values(editor.get(f"{ADMIN}/{url}").content)
    assert (values["clauses-0-amount"], values["clauses-0-unit"]) == (str(amount), unit)
    save(editor, url, **{"clauses-0-amount": amount + 1})

    assert term.clauses.get().duration == duration.replace(str(amount), str(amount + 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        ("duration", "", "Say how long."),
        ("none", "30", "The clause is not for a time."),
        ("duration", "0", "Enter 1 or more."),
    ],
)
def test_a_clause_that_contradicts_itself_is_refused(editor, kind, amount, expected):
    term = make_term(clauses=[{"kind": "duration", "duration": "P30D"}])
    typed = {"clauses-0-kind": kind, "clauses-0-amount": amount}

    assert expected in refused(editor, f"retentionterm/{term.pk}/change/", **typed)


# Footnotes


@pytest.mark.slow
def test_a_footnote_can_mark_models_and_providers_wherever_they_are_listed(editor):
    register = make_register()
    openai, azure = make_provider("OpenAI"), make_provider("Azure")
    note = make_footnote(register)
    cite(note, provider=openai)

    save(editor, f"footnote/{note.pk}/change/", provider_lines="Azure", model_lines="")

    assert [citation.provider for citation in Citation.objects.all()] == [azure]


@pytest.mark.slow
def test_a_footnote_marks_names_that_end_in_brackets(editor):
    note = make_footnote(make_register())
    cite(note, provider=make_provider("Open [3]"))

    save(editor, f"footnote/{note.pk}/change/", text="Changed.")

    assert Citation.objects.get().provider.name == "Open [3]"


def test_a_footnote_has_the_last_day_on_which_it_is_true(editor):
    note = make_footnote(make_register())

    save(editor, f"footnote/{note.pk}/change/", valid_until="2027-06-30")

    note.refresh_from_db()
    assert note.valid_until == date(2027, 6, 30)


def test_a_footnote_without_a_number_gets_the_next(editor):
    register = make_register()
    make_footnote(register, position=4)

    save(editor, "footnote/add/", register=register.pk, position="", text="New.")

    assert Footnote.objects.get(text="New.").position == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"position": "1"}, "1 is the number of “The first.”. Give that note another first."),
        ({"provider_lines": "Opnai"}, "There is no provider Opnai."),
        ({"model_lines": "GPT 99"}, "There is no model GPT 99."),
        ({"text": "One\n\nTwo"}, "blank line"),
    ],
)
def test_an_impossible_footnote_is_refused(editor, typed, expected):
    register = make_register()
    make_footnote(register, text="The first.")
    second = make_footnote(register)

    assert expected in refused(editor, f"footnote/{second.pk}/change/", **typed)


@pytest.mark.slow
def test_a_cited_footnote_is_not_deleted_and_says_where_it_is_cited(editor):
    register = make_register(title="Ours")
    listing = make_listing(register, models=["GPT 6"])
    note = make_footnote(register)
    cite(note, listed_model=listing.listed_models.get())
    state(listing, retention="30 days")
    cite(note, cell=cell_of(listing, "retention"))
    cite(note, provider=listing.listed_providers.get().provider)

    page = editor.get(f"{ADMIN}/footnote/{note.pk}/delete/").content.decode()

    assert "Cited on GPT 6 in the row of GPT 6 on Ours" in page
    assert "Cited on Data Retention for API: 30 days in the row of GPT 6 on Ours" in page
    assert "Cited on Acme AI, wherever Ours lists it" in page


# Registers


@pytest.mark.slow
def test_a_slug_is_set_once(editor):
    register = make_register(slug="ours")

    save(editor, f"register/{register.pk}/change/", slug="theirs", title="New title")

    register.refresh_from_db()
    assert (register.slug, register.title) == ("ours", "New title")


def test_the_preview_shows_the_working_copy_and_says_that_it_is_not_public(editor):
    register = make_register(title="Ours")
    make_listing(register, models=["GPT 6"], providers=["OpenAI"])

    page = editor.get(f"{ADMIN}/register/{register.pk}/preview/")

    assert "Working copy, not public." in page.content.decode()
    assert "GPT 6" in page.content.decode()
    assert "<main" in page.content.decode()
    assert editor.post(f"{ADMIN}/register/{register.pk}/preview/").status_code == 405
    assert editor.get(f"{ADMIN}/register/7777/preview/").status_code == 404


# What the database refuses


@pytest.mark.slow
def test_a_refusal_of_the_database_is_a_sentence_and_keeps_what_was_typed(editor):
    make_provider("Acme AI")

    with patch.object(Provider, "save", side_effect=IntegrityError("UNIQUE constraint failed")):
        response = post_form(
            editor, f"{ADMIN}/provider/add/", name="Other AI", reason="New contract"
        )

    assert "Somebody else saved the same thing at the same moment" in complaints(response)
    assert b'value="Other AI"' in response.content
    assert b"New contract</textarea>" in response.content


@pytest.mark.slow
def test_an_error_while_saving_a_record_is_a_sentence_on_the_form(editor):
    register = make_register()
    make_footnote(register, text="The first.")
    second = make_footnote(register)
    refusal = ValidationError({"text": "The moon is not blue."})

    # The form asks, then save(), then the form that is shown again.
    with patch.object(Footnote, "clean", side_effect=[None, refusal, None]):
        response = post_form(
            editor, f"{ADMIN}/footnote/{second.pk}/change/", text="Changed.", reason="Try"
        )

    assert "The moon is not blue." in complaints(response)


# The browser's side


@pytest.mark.slow
def test_pages_hold_nothing_that_the_content_security_policy_blocks(editor):
    listing = make_listing()
    pages = [
        "/admin/",
        f"{ADMIN}/listing/",
        f"{ADMIN}/listing/{listing.pk}/change/",
        f"{ADMIN}/provider/add/",
    ]

    for url in pages:
        page = editor.get(url).content.decode()
        assert " style=" not in page, url
        assert " onclick=" not in page, url
        assert "<script>" not in page, url


@pytest.mark.parametrize("url", ["/admin/", "/admin/login/", f"{ADMIN}/listing/add/"])
def test_pages_let_the_browser_send_the_origin_of_a_form(client, url):
    """Under `Referrer-Policy: no-referrer` it posts `Origin: null`, which Django refuses."""
    if "login" not in url:
        client.force_login(make_user(role="editor"))

    assert client.get(url).headers["Referrer-Policy"] == "same-origin"


def test_a_register_is_made_in_the_admin(editor):
    save(editor, "register/add/", title="Ours", slug="ours")

    assert Register.objects.get().title == "Ours"
