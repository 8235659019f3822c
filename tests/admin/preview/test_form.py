"""The preview of a form: what saving it would change, shown above the form."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import AIModel, Changeset, Listing, Provider
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
from tests.forms import form_values, post_form

pytestmark = pytest.mark.django_db

FIXED = {"_preview": "Show what this changes"}


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_user("eve", role="editor"))
    return client


def address(record, what="change"):
    return f"/admin/compliance/{record._meta.model_name}/{record.pk}/{what}/"


def previewed(client, record, **typed):
    return post_form(client, address(record), **FIXED, **typed)


def sentences(answer):
    return [
        change.sentence for shown in answer.context["preview"].registers for change in shown.changes
    ]


def one_line(answer):
    return " ".join(answer.text.split())


@pytest.mark.slow
def test_a_new_provider_of_a_listing_is_previewed_for_each_of_its_models(client):
    make_provider("DeepInfra")
    listing = make_listing(models=["Qwen 3 Coder", "Kimi K3"], providers=["Acme"])

    answer = previewed(client, listing, cell_providers="Acme\nDeepInfra")

    (shown,) = answer.context["preview"].registers
    assert shown.models == 2
    assert shown.reach == ("Qwen 3 Coder and Kimi K3 would newly go to DeepInfra.",)
    assert sentences(answer) == [
        "Qwen 3 Coder and Kimi K3 now also go to DeepInfra. DeepInfra is a new company on the page."
    ]
    assert "This changes 2 models in 1 row." in one_line(answer)


@pytest.mark.slow
def test_a_preview_needs_no_reason_saves_nothing_and_keeps_what_was_typed(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])
    before = Changeset.objects.count()

    answer = previewed(
        client, listing, cell_models="Qwen 3\nKimi K3", cell_training="by_default", reason=""
    )

    typed = form_values(answer.content)
    assert (typed["cell_models"], typed["cell_training"]) == ("Qwen 3\r\nKimi K3", "by_default")
    assert answer.context["faults"] == []
    assert Changeset.objects.count() == before
    assert not AIModel.objects.filter(name="Kimi K3").exists()


@pytest.mark.slow
def test_the_previewed_form_can_be_saved(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])

    shown = previewed(client, listing, cell_models="Qwen 3\nKimi K3", reason="Kimi K3 joins")
    client.post(address(listing), form_values(shown.content))

    assert [str(each) for each in listing.listed_models.all()] == ["Qwen 3", "Kimi K3"]


@pytest.mark.slow
def test_the_preview_shows_the_row_as_it_will_be_printed_with_its_footnotes(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])
    make_footnote(listing.register, text="Only in the *beta*.")

    make_footnote(listing.register, text="Another.")

    answer = previewed(client, listing, cell_models="Qwen 3 [1, 2]")

    (shown,) = answer.context["preview"].registers
    assert "Row 1 differs" in shown.rows
    assert "Only in the <em>beta</em>." in shown.rows
    assert "<sup>1</sup></ins> <ins>" in shown.rows
    assert " id=" not in shown.rows


@pytest.mark.slow
def test_an_edit_of_a_provider_is_previewed_for_every_register_that_lists_it(client):
    term = make_term("90 days", clauses=[{"kind": "duration", "duration": "P90D"}])
    acme = make_provider(
        "Acme",
        declared_retention=make_term("30 days", clauses=[{"duration": "P30D", "kind": "duration"}]),
    )
    for title in ("One", "Two"):
        make_listing(make_register(title=title), models=["Qwen 3"], providers=[acme])
    make_listing(make_register(title="Three"), models=["Kimi K3"], providers=["Other"])

    answer = previewed(client, acme, declared_retention=term.wording, name="Acme AI")

    assert [shown.register for shown in answer.context["preview"].registers] == ["One", "Two"]
    assert sum("90 days" in sentence for sentence in sentences(answer)) >= 2
    assert all("<bdi>90</bdi>" in shown.rows for shown in answer.context["preview"].registers)
    assert Provider.objects.get(name="Acme").declared_retention_id != term.pk


@pytest.mark.slow
def test_rows_that_do_not_follow_a_provider_are_named_with_their_own_claims(client):
    acme = make_provider("Acme", declared_training="never")
    columns = [
        {"role": "text", "label": "Plan"},
        {"role": "providers", "label": "Host"},
        {"role": "training", "label": "Trains in the app", "asks": "trains"},
        {"role": "training", "label": "Trains through the API", "asks": "trains"},
    ]
    register = make_register(columns=columns)
    make_listing(register, plan="Free", providers=[acme])
    keeps = make_listing(
        register, plan="Team", providers=[acme], **{"training-2": ("never", "Not at all")}
    )

    answer = previewed(client, acme, declared_training="by_default")

    [shown] = answer.context["preview"].registers
    assert [(claim.row, claim.column, claim.words, claim.derived) for claim in shown.stated] == [
        ("Team", "“Trains through the API”", "Not at all", "Yes")
    ]
    assert f'<a href="{address(keeps)}" target="_blank">Team</a>' in answer.text
    assert len(shown.changes) == 4
    assert "This changes 2 rows." in answer.text


@pytest.mark.slow
def test_a_declaration_that_no_row_prints_changes_no_row(client):
    acme = make_provider("Acme", declared_training="never")
    make_listing(models=["GPT 6", "GPT 7"], providers=[acme], training="never")

    answer = previewed(client, acme, declared_training="by_default")

    [shown] = answer.context["preview"].registers
    assert (shown.models, shown.listings, len(shown.stated)) == (0, 0, 1)
    assert "No row would read otherwise." in one_line(answer)
    assert "“Trains on User Data via API” says “No”. If it followed, it would say “Yes”." in (
        one_line(answer)
    )


@pytest.mark.slow
def test_a_floor_changes_the_rows_that_print_it_and_names_those_that_state_their_own(client):
    term = make_term("90 days", clauses=[{"kind": "duration", "duration": "P90D"}])
    less = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    acme = make_provider("Acme", declared_retention=less)
    model = make_model("GPT 6")
    register = make_register()
    make_listing(register, models=[model], providers=[acme])
    make_listing(register, models=[model, "GPT 7"], providers=[acme], retention="30 days")

    answer = previewed(client, model, retention_floor=term.wording)

    [shown] = answer.context["preview"].registers
    assert (shown.models, shown.listings) == (1, 1)
    assert [(claim.row, claim.words, claim.derived) for claim in shown.stated] == [
        ("GPT 6 and GPT 7", "30 days", "90 days")
    ]


@pytest.mark.slow
def test_a_term_changes_the_rows_that_print_it_whoever_says_it(client):
    day = [{"kind": "duration", "duration": "P30D"}]
    term, other = make_term("30 days", clauses=day), make_term("One month", clauses=day)
    acme = make_provider("Acme", declared_retention=term)
    model = make_model("GPT 6", retention_floor=term)
    register = make_register()
    make_listing(register, models=["A"], providers=[acme])
    make_listing(register, models=["B"], providers=["Bolt"], retention=term)
    make_listing(register, models=["C"], providers=[acme], retention=other)
    make_listing(register, models=["D", model], providers=["Bolt"], retention=other)

    answer = previewed(client, term, wording="31 days")

    [shown] = answer.context["preview"].registers
    assert (shown.models, shown.listings) == (2, 2)
    assert [(claim.row, claim.words) for claim in shown.stated] == [
        ("C", "One month"),
        ("D and GPT 6", "One month"),
    ]


@pytest.mark.slow
def test_rows_are_let_follow_a_provider_in_the_same_act(client):
    acme = make_provider("Acme", declared_training="never")
    listing = make_listing(providers=[acme], training="never", retention="30 days")
    training = cell_of(listing, "training")

    shown = previewed(
        client, acme, declared_training="by_default", follow=[training.pk], reason="They wrote"
    )
    saved = client.post(address(acme), form_values(shown.content))

    [preview] = shown.context["preview"].registers
    assert preview.stated == ()
    assert "Training on the prompts of GPT 6: “Yes” instead of “No”." in sentences(shown)
    assert saved.status_code == 302
    assert [cell.column.key for cell in listing.cells.all()] == ["retention"]
    assert Changeset.objects.first().reason == "They wrote"


def fieldset_of_rows(answer):
    fieldsets = dict(answer.context["adminform"].fieldsets)
    return fieldsets["Rows with a wording of their own"]


@pytest.mark.slow
def test_rows_are_let_follow_the_floor_of_a_model_in_the_same_act(client):
    model = make_model("GPT 6")
    term = make_term("90 days", clauses=[{"kind": "duration", "duration": "P90D"}])
    acme = make_provider("Acme", declared_retention=term)
    listing = make_listing(
        models=[model], providers=[acme], training="never", retention="One month"
    )
    claim = cell_of(listing, "retention")

    page = client.get(address(model))
    shown = previewed(
        client, model, retention_floor=term.wording, follow=[claim.pk], reason="They ask"
    )
    saved = client.post(address(model), form_values(shown.content))

    assert "Data Retention for API: One month in the row of" in page.text
    assert fieldset_of_rows(page)["classes"] == ["collapse"]
    assert "classes" not in fieldset_of_rows(shown)
    assert "Trains on User Data via API: Never in listing" not in page.text
    assert "Retention for GPT 6: “90 days” instead of “One month”." in sentences(shown)
    assert saved.status_code == 302
    assert [cell.column.key for cell in listing.cells.all()] == ["training"]


@pytest.mark.slow
def test_rows_are_let_follow_a_term_in_the_same_act(client):
    term = make_term("30 days")
    acme = make_provider("Acme", declared_retention=term)
    other = make_listing(providers=[acme], retention="One month")
    same = make_listing(providers=[acme], retention=term)
    make_listing(providers=["Bolt"], retention="One month")
    claim = cell_of(other, "retention")

    shown = previewed(client, term, wording="31 days", follow=[claim.pk], reason="They wrote")
    offered = shown.context["adminform"].form.fields["follow"].choices
    client.post(address(term), form_values(shown.content))

    assert [key for key, _ in offered] == [str(claim.pk)]
    assert not other.cells.exists()
    assert same.cells.get().term == term


@pytest.mark.slow
def test_a_reader_sees_which_rows_do_not_follow_a_provider():
    acme = make_provider("Acme")
    make_listing(make_register(title="Page"), providers=[acme], training="never")
    client = Client()
    client.force_login(make_user("audrey", role="auditor"))

    page = client.get(address(acme)).text

    assert "Trains on User Data via API: Never in the row of GPT 6 on Page" in page
    assert 'name="follow"' not in page


@pytest.mark.slow
def test_edits_of_documents_terms_models_footnotes_and_registers_are_previewed(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])
    acme = listing.listed_providers.get().provider
    make_document(acme, label="Acme FAQ")
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    model, note = listing.listed_models.get().model, make_footnote(listing.register, text="Old")
    cite(note, listed_model=listing.listed_models.get())
    post_form(client, address(listing), cell_retention="30 days", reason="Its own term")

    for record, typed, said in (
        (acme, {"documents-0-label": "Acme Questions"}, "Acme Questions"),
        (term, {"wording": "31 days"}, "31 days"),
        (model, {"name": "Qwen 3.5"}, "Qwen 3.5"),
        (note, {"text": "New"}, "New"),
        (listing.register, {"title": "Another title"}, "Another title"),
    ):
        answer = previewed(client, record, **typed)
        assert answer.status_code == 200, record
        assert any(said in sentence for sentence in sentences(answer)), record


@pytest.mark.slow
def test_the_preview_says_that_no_page_would_change(client):
    provider = make_listing(models=["Qwen 3"]).listed_providers.get().provider

    saved = previewed(client, provider, review_interval="36")
    same = previewed(client, provider)

    assert "No page would read otherwise." in saved.content.decode()
    assert "Nothing would be different." in same.content.decode()


@pytest.mark.slow
def test_the_preview_tells_a_fact_that_the_page_states_beside_its_table(client):
    model = make_listing(models=["Qwen 3"]).listed_models.get().model

    answer = previewed(client, model, developer="Alibaba")

    assert sentences(answer) == ["The developer of Qwen 3 is now “Alibaba”, before not stated."]


@pytest.mark.slow
def test_the_preview_shows_new_findings_and_those_that_would_end(client):
    listing = make_listing(models=["Qwen 3"], providers=[])
    make_provider("Acme")

    mended = (
        previewed(client, listing, cell_providers="Acme").context["preview"].registers[0].mended
    )
    post_form(client, address(listing), cell_providers="Acme", reason="Acme serves it")
    found = previewed(client, listing, cell_providers="").context["preview"].registers[0].findings

    assert any(finding.severity == "blocker" for finding in mended)
    assert {finding.key for finding in mended} & {finding.key for finding in found}


@pytest.mark.slow
def test_a_preview_shows_errors_as_a_save_does_and_keeps_what_was_typed(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])

    answer = previewed(client, listing, cell_providers="Acme\nNobody", cell_training_text="Maybe")

    assert answer.context["faults"]
    assert answer.context["preview"] is None
    assert form_values(answer.content)["cell_providers"] == "Acme\r\nNobody"


@pytest.mark.slow
def test_the_preview_shows_warnings_of_the_save_and_leaves_no_message(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])

    answer = previewed(client, listing, cell_models="")

    assert answer.context["preview"].doubts == (
        "The row has no model. Add one, or delete the row.",
    )
    assert [str(message) for message in client.get("/admin/").context["messages"]] == []


@pytest.mark.slow
def test_a_new_record_is_previewed_too(client):
    section = make_register().sections.get()
    make_provider("Acme")

    answer = post_form(
        client,
        f"/admin/compliance/listing/add/?section={section.pk}",
        **FIXED,
        cell_models="Qwen 3",
        cell_providers="Acme",
    )

    assert sentences(answer)[0].startswith("New row: Qwen 3, through Acme.")
    assert not Listing.objects.exists()
    assert form_values(answer.content)["cell_providers"] == "Acme"


@pytest.mark.slow
def test_the_preview_of_a_form_that_somebody_else_saved_shows_the_conflict(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])
    opened = form_values(client.get(address(listing)).content)
    post_form(client, address(listing), position="70", reason="Moved down")

    answer = client.post(address(listing), {**opened, **FIXED, "cell_models": "Kimi K3"})

    told = {
        each.label: (each.chosen, each.explanation)
        for each in answer.context["conflict"].differences
    }
    assert told["Order"] == ("theirs", "Only they changed this.")
    assert told["Model"] == ("yours", "Only you changed this.")
    assert ("cell_models", "Kimi K3") in answer.context["conflict"].hidden


@pytest.mark.slow
@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_people_who_may_not_save_get_no_preview(role):
    listing = make_listing()
    client = Client()
    client.force_login(make_user(role, role=role))

    assert client.post(address(listing), FIXED).status_code == 403
    assert "Show what this changes" not in client.get(address(listing)).content.decode()


@pytest.mark.slow
def test_queries_do_not_grow_with_the_page(client):
    register, acme = make_register(), make_provider("Acme", declared_training="never")
    counts = []

    for rows in (2, 30):
        for _ in range(rows):
            listing = make_listing(
                register, models=[make_model(), make_model()], providers=[acme], retention="30 days"
            )
            cite(make_footnote(register), cell=cell_of(listing, "retention"))
        previewed(client, acme, declared_training="by_default")
        with CaptureQueriesContext(connection) as captured:
            answer = previewed(client, acme, declared_training="by_default")
        counts.append(len(captured))

    assert answer.context["preview"].registers[0].models == 64
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_a_deletion_is_previewed_before_it_is_confirmed(client):
    listing = make_listing(models=["Qwen 3"], providers=["Acme"])

    one = client.get(address(listing, "delete"))
    selected = client.post(
        "/admin/compliance/listing/",
        {"action": "delete_selected", "_selected_action": listing.pk},
        follow=True,
    )

    for asked in (one, selected):
        assert (
            "Qwen 3 is no longer listed; the row is gone. Acme is no longer on the page."
            in asked.content.decode()
        )
        assert "is in use" not in asked.content.decode()
    assert Listing.objects.filter(pk=listing.pk).exists()


def test_the_deletion_of_a_record_in_use_is_not_previewed(client):
    provider = make_listing(providers=["Acme"]).listed_providers.get().provider

    asked = client.get(address(provider, "delete"))

    assert asked.context["preview"] is None
    assert "because it is in use" in asked.content.decode()
