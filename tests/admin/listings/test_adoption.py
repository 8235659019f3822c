"""Adopt declarations: proposed from the rows, previewed, and done in one changeset."""

import pytest
from django.test import Client

from compliance.models import Cell, Changeset, Provider
from tests.factories import (
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_register,
    make_term,
    make_user,
)
from tests.forms import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LIST = "/admin/compliance/provider/"
ADOPT = f"{LIST}adopt/"
COLUMNS = (
    {"role": "models", "label": "Model"},
    {"role": "providers", "label": "Provider"},
    {"role": "training", "label": "Trains", "asks": "trains"},
    {"role": "retention", "label": "Retention", "asks": "how_long", "covers": "all_content"},
)


def term(days):
    return make_term(f"{days} days", clauses=[{"kind": "duration", "duration": f"P{days}D"}])


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("eve", role="editor"))
    return client


@pytest.fixture
def register():
    return make_register(columns=COLUMNS, title="Page")


def make_row(register, models, providers, training="never", retention=None, **values):
    values = {"training": training, "retention": retention, **values}
    stated = {key: value for key, value in values.items() if value}
    return make_listing(register, models=models, providers=providers, **stated)


def key_of(name):
    return str(Provider.objects.get(name=name).pk)


def one_line(answer):
    return " ".join(answer.text.split())


def test_what_is_declared_nowhere_is_ticked_and_rows_that_disagree_are_named(client, register):
    month = term(30)
    make_row(register, ["A"], ["Acme"], retention=month)
    other = make_row(register, ["B"], ["Acme"], retention=term(60))
    make_row(register, ["C"], ["Bolt"], retention=month)
    make_row(register, ["D"], ["Core", "Dome"])

    shown = client.get(ADOPT)

    form = shown.context["form"]
    assert form.fields["training"].choices == [
        (key_of("Acme"), "Acme: “Never”, as in the rows of A and B"),
        (key_of("Bolt"), "Bolt: “Never”, as in the row of C"),
    ]
    assert form.fields["retention"].choices == [
        (key_of("Bolt"), "Bolt: “30 days”, as in the row of C")
    ]
    assert form.initial["training"] == [key_of("Acme"), key_of("Bolt")]
    text = one_line(shown)
    assert "Acme, retention: Its rows disagree." in text
    assert f'<a href="/admin/compliance/listing/{other.pk}/change/" target="_blank">B</a>' in text
    assert "nothing is proposed for them: Core and Dome." in text


def test_rows_that_disagree_are_grouped_by_what_they_say_the_odd_one_first(client, register):
    for number in range(9):
        make_row(register, [f"M{number}"], ["Acme"])
    odd = make_row(register, ["Odd"], ["Acme"], training="by_default")

    shown = client.get(ADOPT)

    [obstacle] = shown.context["form"].obstacles()
    assert [(one.words, one.count, len(one.rows), len(one.more)) for one in obstacle.wordings] == [
        ("Yes", "1 row", 1, 0),
        ("No", "9 rows", 3, 6),
    ]
    text = one_line(shown)
    link = f'<a href="/admin/compliance/listing/{odd.pk}/change/" target="_blank">Odd</a>'
    assert f"“Yes” in 1 row: {link}" in text
    assert "<summary>6 more</summary>" in text


def test_footnotes_that_mark_what_rows_say_are_shown_beside_it(client, register):
    make_row(register, ["A"], ["Acme"])
    marked = make_row(register, ["B"], ["Acme"])
    other = make_row(register, ["C"], ["Bolt"])
    note = make_footnote(register, text="Only on the [paid](https://acme.example) plan.")
    for listing in (marked, other):
        cite(note, cell=cell_of(listing, "training"))

    shown = client.get(ADOPT)

    [(_, label)] = shown.context["form"].fields["training"].choices
    assert label == (
        "Acme: “Never”, as in the row of A. Footnotes mark the row of B, which is no evidence: "
        "read them."
    )
    text = one_line(shown)
    assert "Bolt, training: Footnotes mark what its rows say, and may limit it." in text
    assert "Footnote 1: Only on the paid plan." in text


def test_an_adoption_is_previewed_and_done_in_one_changeset(client, register):
    month = term(30)
    row = make_row(register, ["A"], ["Acme"], retention=month)
    marked = make_row(register, ["B"], ["Acme"], retention=month)
    cite(make_footnote(register), cell=cell_of(marked, "retention"))
    worded = make_row(register, ["C"], ["Acme"], training=("never", "Never"), retention=month)
    before = Changeset.objects.count()

    ticked = form_values(client.get(ADOPT).content)
    shown = client.post(ADOPT, {**ticked, "_preview": ""})
    confirmed = {**form_values(shown.content), "_do": "", "reason": "As our pages say"}
    done = client.post(ADOPT, confirmed, follow=True)

    [page] = shown.context["preview"].registers
    assert page.listings == 0
    assert {change.effect for change in page.changes} == {"neutral"}
    assert [(claim.row, claim.words, claim.derived) for claim in page.stated] == [
        ("B", "30 days", "30 days"),
        ("C", "Never", "No"),
    ]
    text = one_line(shown)
    assert "2 declarations would be saved. 4 claims in 3 rows would follow them" in text
    assert "“Retention” says “30 days”. If it followed, it would say the same." in text
    assert "Adopted 2 declarations. 4 claims in 3 rows follow what is declared now." in (
        one_line(done)
    )
    assert done.redirect_chain == [(LIST, 302)]
    assert Changeset.objects.count() == before + 1
    assert not row.cells.exists()
    assert [cell.column.key for cell in marked.cells.all()] == ["retention"]
    assert [cell.column.key for cell in worded.cells.all()] == ["training"]


def test_training_and_retention_are_chosen_apart(client, register):
    make_row(register, ["A"], ["Acme"], retention=term(30))
    typed = {"training": [key_of("Acme")], "_preview": ""}

    shown = client.post(ADOPT, typed)
    client.post(ADOPT, {**form_values(shown.content), "_do": "", "reason": "They confirmed it"})

    acme = Provider.objects.get(name="Acme")
    assert (acme.declared_training, acme.declared_retention) == ("never", None)


def test_a_register_adopts_for_its_own_providers(client, register):
    make_row(register, ["A"], ["Acme"])
    make_row(make_register(columns=COLUMNS, title="Other"), ["B"], ["Bolt"])
    form = f"/admin/compliance/register/{register.pk}/change/"
    url = f"/admin/compliance/register/{register.pk}/acts/adopt/"

    linked = client.get(form)
    shown = client.post(url, {**form_values(client.get(url).content), "_preview": ""})
    done = client.post(url, {**form_values(shown.content), "_do": "", "reason": "Agreed"})

    assert url in linked.text
    assert [label for _, label in shown.context["form"].fields["training"].choices] == [
        "Acme: “Never”, as in the row of A (Page)"
    ]
    assert done.url == form
    assert Cell.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({}, "Tick what the providers shall declare."),
        ({"training": ["0"]}, "One of those is not proposed any more."),
        ({"retention": ["x"]}, "Tick what the providers shall declare."),
    ],
)
def test_what_is_not_proposed_cannot_be_adopted(client, register, typed, error):
    make_row(register, ["A"], ["Acme"])

    answer = client.post(ADOPT, {**typed, "_preview": ""})

    assert answer.context["preview"] is None
    assert error in answer.text
    assert not Provider.objects.get(name="Acme").declared_training


def test_an_adoption_is_not_done_if_a_row_changed_since_the_preview(client, register):
    row = make_row(register, ["A"], ["Acme"], retention=term(30))
    shown = client.post(ADOPT, {**form_values(client.get(ADOPT).content), "_preview": ""})
    listing = f"/admin/compliance/listing/{row.pk}/change/"
    typed = {**form_values(client.get(listing).content), "cell_retention": "60 days"}
    client.post(listing, {**typed, "reason": "Another contract"})

    answer = client.post(ADOPT, {**form_values(shown.content), "_do": "", "reason": "As before"})

    assert answer.context["confirmation"].overtaken
    assert not Provider.objects.get(name="Acme").declared_training


def test_nothing_can_be_pressed_where_nothing_is_proposed(client, register):
    make_row(register, ["A"], ["Acme"], training="not_stated")

    page = client.get(ADOPT)

    assert "No row states anything that its providers could declare and do not." in one_line(page)
    assert "_preview" not in page.text


@pytest.mark.parametrize(("role", "may"), [("editor", True), ("approver", False)])
def test_only_who_may_adopt_is_led_there(register, role, may):
    client = Client()
    client.force_login(make_user(role, role=role))

    assert (ADOPT in client.get(LIST).text) is may
