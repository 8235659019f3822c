"""The fields of a listing's cells: one for each column of its table, whatever the columns are."""

import html
import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client

from compliance.models import Changeset, Listing, Provider, RetentionTerm
from compliance.workingcopy.resolve import capture
from tests.factories import (
    BLANK,
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
    make_user,
    recorded,
    state,
)
from tests.forms import complaints, form_values, post_form, read

pytestmark = pytest.mark.django_db

ADD = "/admin/compliance/listing/add/"
# A table of endpoints: a text comes first, there is no provider, and retention is told twice.
ENDPOINTS = (
    {"role": "text", "label": "Endpoint"},
    {"role": "retention", "label": "Abuse logs (days)", "covers": "abuse_log", "unit": "days"},
    {"role": "retention", "label": "Kept?", "asks": "is_kept"},
    {"role": "places", "label": "Region"},
)


def signed_in(name: str, role: str = "editor") -> Client:
    client = Client()
    client.force_login(make_user(name, role=role))
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in("edith")


@pytest.fixture
def endpoints():
    return make_register(columns=ENDPOINTS)


def url_of(listing) -> str:
    return f"/admin/compliance/listing/{listing.pk}/change/"


def edit(client, listing, **typed):
    response = post_form(client, url_of(listing), reason="The provider said so", **typed)
    assert complaints(response) == ""
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def refused(client, listing, **typed):
    before = Changeset.objects.count()
    response = post_form(client, url_of(listing), reason="The provider said so", **typed)
    assert response.status_code == 200
    assert Changeset.objects.count() == before
    return complaints(response)


def cells_of(listing):
    """Return the cells of a listing as its page would print them now."""
    rows = {row.id: row for row in capture(listing.register).rows()}
    return rows[str(listing.pk)].listing.cells


@pytest.mark.slow
def test_a_listing_of_a_table_without_models_and_providers_is_added(editor, endpoints):
    response = post_form(
        editor,
        ADD,
        cell_endpoint="/v1/responses",
        cell_retention="30",
        **{"cell_retention-2": "Yes"},
        cell_places="Frankfurt, [Germany](https://example.com/de)\nIreland",
        reason="New",
    )

    assert complaints(response) == ""
    cells = cells_of(Listing.objects.get())
    assert cells["endpoint"].plain == "/v1/responses"
    assert [clause.duration for clause in cells["retention"].clauses] == ["P30D"]
    assert [clause.data_class for clause in cells["retention"].clauses] == ["abuse_log"]
    assert [clause.kind for clause in cells["retention-2"].clauses] == ["kept"]
    assert [item.text for item in cells["places"].items] == [
        "Frankfurt, [Germany](https://example.com/de)",
        "Ireland",
    ]


@pytest.mark.slow
def test_the_fields_stand_in_the_order_of_the_page(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files")

    page = editor.get(url_of(listing)).content.decode()

    places = [page.index(f'name="cell_{key}"') for key in ("endpoint", "retention", "places")]
    assert places == sorted(places)
    assert "cell_models" not in page


@pytest.mark.slow
def test_a_table_without_models_is_saved_without_doubts(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files")

    said = edit(editor, listing, cell_endpoint="/v1/batches")

    assert "The row has no" not in said


@pytest.mark.slow
def test_the_entries_of_a_text_keep_their_rows_and_marks_when_one_is_added(editor, endpoints):
    note = make_footnote(endpoints)
    listing = make_listing(endpoints, endpoint="/v1/files", places=["Germany", "Ireland"])
    germany = listing.cells.get(text="Germany")
    cite(note, cell=germany)

    edit(editor, listing, cell_places="France\nGermany [1]\nIreland")

    cells = listing.cells.filter(column__key="places")
    assert [cell.text for cell in cells] == ["France", "Germany", "Ireland"]
    assert cells[1] == germany
    assert germany.citations.get().footnote == note


@pytest.mark.slow
def test_a_footnote_on_an_entry_is_set_and_taken_away(editor, endpoints):
    note = make_footnote(endpoints)
    listing = make_listing(endpoints, endpoint="/v1/files")

    edit(editor, listing, cell_endpoint="/v1/files [1]")
    assert cell_of(listing, "endpoint").citations.get().footnote == note
    edit(editor, listing, cell_endpoint="/v1/files")

    assert not cell_of(listing, "endpoint").citations.exists()


@pytest.mark.slow
def test_a_text_that_ends_in_brackets_is_shown_and_saved_as_it_is(editor, endpoints):
    listing = make_listing(endpoints, endpoint=r"files \[beta\]")
    before = Changeset.objects.count()

    edit(editor, listing)

    assert Changeset.objects.count() == before
    assert cell_of(listing, "endpoint").text == r"files \[beta\]"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("cell_endpoint", "<b>files</b>", "<b>files</b>: <b> has no place in it."),
        ("cell_endpoint", "files [9]", "files: There is no footnote 9 yet."),
        ("cell_places", "Ger\u202emany", "A character that changes the direction"),
        ("cell_retention", "![30](https://example.com/)", "An image has no place in it."),
    ],
)
def test_a_text_that_no_cell_can_hold_is_refused(editor, endpoints, field, typed, expected):
    listing = make_listing(endpoints, endpoint="/v1/files")

    assert expected in refused(editor, listing, **{field: typed})


@pytest.fixture
def derived():
    """A listing whose claims come from two providers and the floor of a model."""
    acme = make_provider(
        "Acme AI", declared_training="never", declared_retention=read_term("30 days")
    )
    bolt = make_provider("Bolt", declared_retention=read_term("7 days"))
    model = make_model("GPT 6", retention_floor=read_term("60 days"))
    return make_listing(make_register(), models=[model], providers=[acme, bolt])


def read_term(wording):
    number = wording.partition(" ")[0]
    return make_term(wording, clauses=[{"kind": "duration", "duration": f"P{number}D"}])


@pytest.mark.slow
def test_a_claim_shows_what_is_derived_from_whom_and_its_clauses(editor, derived):
    answer = editor.get(url_of(derived))
    page = read(answer)

    bolt = Provider.objects.get(name="Bolt")
    assert f"/admin/compliance/provider/{bolt.pk}/change/" in answer.content.decode()
    assert "Not specified, from Acme AI and Bolt (training: not stated)" in page
    assert "Acme AI declares: Never" in page
    assert "Bolt declares nothing" in page
    assert "60 days, from Acme AI, Bolt and GPT 6 (all content kept 60 days)" in page
    assert "Acme AI declares: 30 days" in page
    assert "GPT 6 allows no less than: 60 days" in page


@pytest.mark.slow
def test_a_stated_claim_shows_its_clauses_and_what_it_would_be_otherwise(editor, derived):
    state(derived, retention=read_term("90 days"))

    page = read(editor.get(url_of(derived)))

    assert "own: 90 days (all content kept 90 days)" in page
    assert "Use the providers’ (60 days)" in page


@pytest.mark.slow
def test_a_row_uses_what_its_providers_declare_again(editor, derived):
    state(derived, retention="90 days", training="opt_in")

    edit(editor, derived, cell_retention_follow="on", cell_training_follow="on")

    assert not derived.cells.exists()


def test_the_preview_of_a_claim_that_is_emptied_shows_the_form_again(editor, derived):
    state(derived, retention="90 days")

    response = post_form(editor, url_of(derived), reason="Why", cell_retention=" ", _preview="1")

    assert response.status_code == 200
    assert derived.cells.count() == 1


@pytest.mark.slow
def test_a_stated_claim_shows_what_it_leaves_open(editor, derived):
    flagged = {"data_class": "flagged_content", "trigger": "flagged"}
    clause = {"kind": "duration", "duration": "P2Y", **flagged}
    state(derived, retention=make_term("Flagged prompts: 2 years", clauses=[clause]))

    assert "(flagged content kept 2 years if flagged; all content not stated)" in read(
        editor.get(url_of(derived))
    )


@pytest.mark.slow
def test_a_claim_is_stated_left_empty_and_derived_again(editor, derived):
    edit(editor, derived, cell_training="opt_in", cell_retention="90 days")
    stated = cells_of(derived)
    edit(editor, derived, cell_training="blank", cell_retention="", cell_retention_blank="on")
    empty = cells_of(derived)
    edit(editor, derived, cell_training="", cell_retention_blank=None)
    again = cells_of(derived)

    assert (stated["training"].use, stated["retention"].plain) == ("opt_in", "90 days")
    assert [cell.items for cell in (empty["training"], empty["retention"])] == [(), ()]
    assert [again[key].basis for key in ("training", "retention")] == ["derived", "derived"]
    assert not derived.cells.exists()


@pytest.mark.slow
def test_a_new_wording_becomes_a_retention_term_with_clauses(editor, derived):
    edit(editor, derived, cell_retention="45 days (flagged prompts: 2 years)")

    term = RetentionTerm.objects.get(wording="45 days (flagged prompts: 2 years)")
    assert [clause.duration for clause in term.clauses.all()] == ["P45D", "P2Y"]


@pytest.mark.slow
def test_a_known_wording_is_its_term_and_may_hold_a_link(editor, derived):
    edit(editor, derived, cell_retention="[30 days](https://acme.example.com/retention)")

    cell = cell_of(derived, "retention")
    assert cell.term.wording == "30 days"
    assert cell.text == "[30 days](https://acme.example.com/retention)"
    assert (
        "[30 days](https://acme.example.com/retention)"
        in form_values(editor.get(url_of(derived)).content)["cell_retention"]
    )


@pytest.mark.slow
def test_a_wording_that_is_not_understood_is_saved_with_a_warning(editor, derived):
    said = edit(editor, derived, cell_retention="As long as the moon is blue")

    assert "“As long as the moon is blue” was not understood wholly." in said


@pytest.mark.slow
def test_a_usual_training_wording_says_by_itself_what_it_means(editor, derived):
    edit(editor, derived, cell_training_text="No")

    cell = cell_of(derived, "training")
    assert (cell.use, cell.text) == ("never", "")


@pytest.mark.slow
def test_a_wording_of_its_own_is_printed_for_a_training_use(editor, derived):
    edit(
        editor, derived, cell_training="never", cell_training_text="[No](https://acme.example.com)"
    )

    assert cells_of(derived)["training"].items[0].text == "[No](https://acme.example.com)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"cell_training_footnotes": "1"}, "Only a claim that the row states itself has"),
        ({"cell_retention_footnotes": "1"}, "Only a claim that the row states itself has"),
        (
            {"cell_retention": "30 days", "cell_retention_blank": "on"},
            "“30 days” is typed, but the cell is to stay empty. Clear one.",
        ),
        ({"cell_documents_which": "stated"}, "No document is named."),
    ],
)
def test_a_claim_that_contradicts_itself_is_refused(editor, derived, typed, expected):
    make_footnote(derived.register)

    assert expected in refused(editor, derived, **typed)


@pytest.mark.slow
def test_an_empty_claim_is_shown_as_it_was_stated(editor):
    listing = make_listing(training=BLANK, retention=BLANK)
    before = Changeset.objects.count()

    values = form_values(editor.get(url_of(listing)).content)
    edit(editor, listing)

    assert (values["cell_training"], values["cell_retention_blank"]) == ("blank", "on")
    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_a_new_wording_needs_the_permission_to_add_terms(derived):
    person = make_user("deputy")
    person.user_permissions.set(permissions_without("add_retentionterm"))
    client = Client()
    client.force_login(person)

    said = refused(client, derived, cell_retention="45 days")

    assert said == "There is no retention term “45 days”, and your account may not add one."


def permissions_without(codename):
    of_app = Permission.objects.filter(content_type__app_label="compliance")
    return of_app.exclude(codename=codename)


# Which table


@pytest.mark.slow
def test_the_table_is_asked_first_where_there_are_several(editor, endpoints):
    chat = make_section(endpoints, prose="## Chat", columns=STANDARD_COLUMNS)
    make_section(endpoints, prose="The end.")

    asked = editor.get(ADD)
    response = post_form(editor, f"{ADD}?section={chat.pk}", cell_models="GPT 6", reason="New")

    assert f"{ADD}?section={chat.pk}" in asked.content.decode()
    assert "The end." not in asked.content.decode()
    assert complaints(response) == ""
    assert Listing.objects.get().section == chat


@pytest.mark.slow
def test_the_list_of_one_table_leads_to_the_form_for_it(editor, endpoints):
    chat = make_section(endpoints, prose="## Chat", columns=STANDARD_COLUMNS)
    listed = editor.get(f"/admin/compliance/listing/?section={chat.pk}").content.decode()
    [link] = re.findall(r'href="([^"]+)" class="addlink">\s*Add row', listed)

    form = editor.get(html.unescape(link))

    assert form.context["section"] == chat


@pytest.mark.slow
def test_another_listing_is_added_to_the_same_table(editor, endpoints):
    chat = make_section(endpoints, prose="## Chat", columns=STANDARD_COLUMNS)
    typed = {"cell_models": "GPT 6", "reason": "New", "_addanother": "1"}

    added = post_form(editor, f"{ADD}?section={chat.pk}", **typed)
    changed = post_form(
        editor, url_of(Listing.objects.get()), cell_models="o3", reason="So", _addanother="1"
    )

    assert added.url == changed.url == f"{ADD}?section={chat.pk}"


@pytest.mark.slow
@pytest.mark.parametrize("section", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_listing_of_no_table_is_refused(editor, endpoints, section):
    answer = editor.post(ADD, {"section": section, "cell_endpoint": "/v1", "reason": "Try"})

    assert "The form does not say in which table the row stands." in complaints(answer)
    assert not Listing.objects.exists()


@pytest.mark.slow
def test_a_listing_of_a_section_without_a_table_is_refused(editor, endpoints):
    end = make_section(endpoints, prose="The end.")

    answer = editor.post(ADD, {"section": end.pk, "reason": "Try"})

    assert "The section has no table. Add columns to it first." in complaints(answer)
    assert not Listing.objects.exists()


@pytest.mark.slow
def test_the_list_is_filtered_by_section_and_names_rows_by_their_first_column(editor, endpoints):
    chat = make_section(endpoints, prose="## Chat", columns=STANDARD_COLUMNS)
    make_listing(endpoints, endpoint="/v1/files")
    make_listing(chat, models=["GPT 6"])

    listed = read(editor.get("/admin/compliance/listing/"))
    of_chat = editor.get(f"/admin/compliance/listing/?section={chat.pk}")
    rows = of_chat.content.decode().split('id="result_list"')[1]

    assert "/v1/files" in listed
    assert "GPT 6" in rows
    assert "/v1/files" not in rows
    assert "Models and privacy: Chat" in read(of_chat)


# Readers and conflicts


@pytest.mark.slow
@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_people_who_may_not_edit_read_the_cells(role, derived):
    make_footnote(derived.register, text="Since May.")
    state(derived, retention="90 days")
    client = signed_in("reader", role=role)

    page = client.get(url_of(derived))
    posted = client.post(url_of(derived), {"cell_models": "GPT 7", "reason": "Try"})

    for words in ("GPT 6", "Acme AI", "90 days", "Not specified, from Acme AI", "[1] Since May."):
        assert words in read(page)
    assert 'name="cell_models"' not in page.content.decode()
    assert posted.status_code == 403


def overtake(mine, theirs, listing, *, my, their):
    """Open the form, let somebody else save theirs, then post mine; return the answer."""
    opened = form_values(mine.get(url_of(listing)).content)
    edit(theirs, listing, **their)
    return mine.post(url_of(listing), {**opened, "reason": "My reason", **my})


@pytest.mark.slow
def test_a_conflict_compares_cells_by_their_columns(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files", retention="30")

    conflict = overtake(
        editor,
        signed_in("theo"),
        listing,
        my={"cell_retention": "60", "cell_places": "Germany"},
        their={"cell_retention": "90", "cell_endpoint": "/v1/batches"},
    )

    chosen = {each.label: each.chosen for each in conflict.context["conflict"].differences}
    assert chosen == {"Endpoint": "theirs", "Abuse logs (days)": "", "Region": "yours"}


@pytest.mark.slow
def test_what_was_typed_into_a_column_that_was_removed_is_not_lost(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files")
    opened = form_values(editor.get(url_of(listing)).content)
    with recorded():
        endpoints.sections.get().columns.get(key="places").delete()

    answer = editor.post(url_of(listing), {**opened, "cell_places": "Germany", "reason": "Try"})

    assert "A column was removed after you opened the form" in complaints(answer)
    assert "You typed there: Germany." in complaints(answer)


@pytest.mark.slow
def test_a_column_that_was_removed_while_nothing_was_typed_there_stops_nobody(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files")
    opened = form_values(editor.get(url_of(listing)).content)
    with recorded():
        endpoints.sections.get().columns.get(key="places").delete()

    answer = editor.post(url_of(listing), {**opened, "cell_endpoint": "/v1", "reason": "Shorter"})

    assert complaints(answer) == ""
    assert cell_of(listing, "endpoint").text == "/v1"


@pytest.mark.slow
def test_what_was_typed_about_a_listing_that_was_deleted_is_shown(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files")
    url = url_of(listing)
    opened = form_values(editor.get(url).content)
    with recorded():
        listing.delete()

    answer = editor.post(url, {**opened, "cell_places": "Germany", "reason": "Try"})

    assert "Region" in read(answer)
    assert "Germany" in read(answer)


@pytest.mark.slow
def test_a_save_is_previewed(editor, endpoints):
    listing = make_listing(endpoints, endpoint="/v1/files", retention="30")

    shown = post_form(editor, url_of(listing), cell_retention="90", _preview="1")

    assert shown.context["preview"].registers
    assert cell_of(listing, "retention").term.wording == "30"
    assert not RetentionTerm.objects.filter(wording="90").exists()


def test_the_footnotes_to_choose_from_are_shown_without_markdown(editor):
    listing = make_listing()
    make_footnote(listing.register, text="See [the **FAQ**](https://acme.example/faq).")

    form = editor.get(url_of(listing)).content.decode()

    assert 'data-text="See the FAQ."' in form
    assert "[1] See the FAQ." in form
