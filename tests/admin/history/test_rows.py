"""Tests of compliance.admin.history.rows, queries and mixin: old and new values, read-only."""

import pytest
from django.test import Client
from django.utils.text import capfirst

from compliance.admin.history import queries
from compliance.models import (
    AIModel,
    Changeset,
    Column,
    Footnote,
    Listing,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.models.changesets import changeset
from tests.factories import (
    BLANK,
    cell_of,
    cite,
    make_column,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
    make_user,
    state,
)

pytestmark = pytest.mark.django_db


def because(reason):
    return changeset(by=None, label="lena", reason=reason, source="command")


def lines_of(entry):
    return [(line.what, line.before, line.after) for line in entry.lines]


def test_a_replaced_model_is_shown_with_its_old_and_new_name():
    listing = make_listing(models=["Claude 4.1 Opus"])
    with because("4.5 replaces 4.1"):
        listing.listed_models.get().set(model=make_model("Claude 4.5 Opus"))

    latest = queries.entries_of_record(Listing, listing.pk)[0]

    assert (latest.changeset.label, latest.changeset.reason) == ("lena", "4.5 replaces 4.1")
    assert lines_of(latest) == [("Model", "Claude 4.1 Opus", "Claude 4.5 Opus")]


def test_a_removed_model_stays_in_the_history_with_its_footnote():
    register = make_register()
    listing = make_listing(register, models=["o3"])
    cite(make_footnote(register), listed_model=listing.listed_models.get())
    with because("o3 is gone"):
        listing.listed_models.get().delete()

    latest = queries.entries_of_record(Listing, listing.pk)[0]

    assert ("Model", "o3", "") in lines_of(latest)
    assert ("Footnote on o3", "1", "") in lines_of(latest)


@pytest.mark.slow
def test_records_are_called_by_their_names_of_the_time():
    listing = make_listing(models=["Old name"])
    with because("Renamed"):
        AIModel.objects.get().set(name="New name")

    first = queries.entries_of_record(Listing, listing.pk)[-1]

    assert ("Model", "", "Old name") in lines_of(first)


def test_long_values_are_shown_in_full():
    old, new = "old " * 200 + "end", "new " * 200 + "end"
    note = make_footnote(make_register(), text=old)
    with because("Say it anew"):
        note.set(text=new)

    assert lines_of(queries.entries_of_record(Footnote, note.pk)[0]) == [("Text", old, new)]


def test_the_history_of_a_provider_has_its_documents():
    provider = make_provider("Acme AI")
    document = make_document(provider, url="https://acme.example.com/old")
    with because("They moved it"):
        document.set(url="https://acme.example.com/new")
    with because("They took it down"):
        document.delete()

    taken_down, moved, *_ = queries.entries_of_record(Provider, provider.pk)

    assert lines_of(moved) == [
        (
            "Document, Acme AI Privacy Policy: URL",
            "https://acme.example.com/old",
            "https://acme.example.com/new",
        )
    ]
    assert (
        "Document, Acme AI Privacy Policy: URL",
        "https://acme.example.com/new",
        "",
    ) in lines_of(taken_down)


def test_the_history_of_a_term_has_its_clauses():
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])

    lines = lines_of(queries.entries_of_record(RetentionTerm, term.pk)[0])

    assert ("Wording", "", "30 days") in lines
    assert ("Clause, All content: duration", "", "P30D") in lines


def test_a_changeset_shows_every_line_of_every_record():
    with because("Set it up"):
        register = make_register(title="Ours")
        listing = make_listing(register, models=["GPT 6"], providers=["OpenAI"], training="never")
        cite(make_footnote(register), cell=cell_of(listing, "training"))

    lines = [
        (line.what, line.before, line.after)
        for line in queries.lines_of_changeset(Changeset.objects.get())
    ]

    assert ("Register, Ours: title", "", "Ours") in lines
    assert ("Model in the row of GPT 6", "", "GPT 6") in lines
    assert ("Column in Section at 10 of Ours", "", "Model") in lines
    assert ("Column in Section at 10 of Ours, Model: meaning", "", "Models") in lines
    training = "Trains on User Data via API"
    assert (f"{training} in the row of GPT 6", "", "Never") in lines
    assert (f"Footnote on {training} of the row of GPT 6", "", "1") in lines


def test_cells_are_told_by_their_column_and_in_words():
    listing = make_listing(training="never", retention="30 days")
    training, retention = "Trains on User Data via API", "Data Retention for API"
    with because("More precise"):
        state(listing, training=("opt_in", "Only if you ask"), retention="60 days")
    with because("Nothing of it"):
        state(listing, training=BLANK, retention=None)

    emptied, changed, added = queries.entries_of_record(Listing, listing.pk)

    assert {(training, "", "Never"), (retention, "", "30 days")} <= set(lines_of(added))
    assert lines_of(changed) == [
        (training, "Never", "Only if the customer opts in: Only if you ask"),
        (retention, "30 days", "60 days"),
    ]
    assert lines_of(emptied) == [
        (training, "Only if the customer opts in: Only if you ask", "Empty on purpose"),
        (retention, "60 days", ""),
    ]


def test_the_history_of_a_register_has_its_sections_and_columns():
    register = make_register(title="Ours", columns=())
    with because("A table"):
        section = make_section(register, prose="## Hosts\n\nWho runs it.")
        column = make_column(section, "retention", label="Kept", asks="how_long")
    with because("Another label"):
        column.set(label="Kept for")
    with because("Without it"):
        column.delete()
        section.delete()

    removed, relabelled, added, _ = queries.entries_of_record(Register, register.pk)
    asks = Column(asks="how_long").get_asks_display()

    assert lines_of(added) == [
        ("Section, Hosts: prose", "", "## Hosts\n\nWho runs it."),
        ("Column in Hosts", "", "Kept"),
        ("Column in Hosts, Kept: meaning", "", "Retention"),
        ("Column in Hosts, Kept: what the label asks", "", asks),
        ("Column in Hosts, Kept: covers", "", "All content"),
    ]
    assert lines_of(relabelled) == [("Column in Hosts", "Kept", "Kept for")]
    assert ("Column in Hosts", "Kept for", "") in lines_of(removed)
    address = f"/admin/compliance/register/{register.pk}/history/"
    assert {line.address for entry in (removed, added) for line in entry.lines} == {address}


@pytest.mark.parametrize(
    ("columns", "cells", "name"),
    [
        ([{"role": "text", "label": "Plan"}], {"plan": "[Team](https://a.example/)"}, "Team"),
        ([{"role": "providers"}, {"role": "models"}], {"providers": ["Acme"]}, "Acme"),
        ([{"role": "documents"}], {}, ""),
        ([{"role": "retention"}, {"role": "models"}], {"retention": "30 days"}, "30 days"),
    ],
)
def test_a_listing_without_models_is_named_after_its_first_cell_of_the_time(columns, cells, name):
    register = make_register(columns=columns)
    with because("A row"):
        listing = make_listing(register, **{"models": [], "providers": [], **cells})
        pk = listing.pk
    with because("It is gone"):
        listing.delete()

    changesets = Changeset.objects.order_by("-pk")[:2]
    whats = [line.what for each in changesets for line in queries.lines_of_changeset(each)]

    title = f"the row of {name}" if name else "a row without a name"
    assert any(title in what for what in whats)
    assert queries.names_at_the_time(Listing.history.filter(id=pk)) == [capfirst(title)] * 2


def test_a_mark_on_a_cell_is_told_with_its_column_and_listing():
    register = make_register(columns=[{"role": "text", "label": "Plan"}])
    with because("Marked"):
        listing = make_listing(register, plan="Team")
        note = make_footnote(register)
        cite(note, cell=cell_of(listing, "plan"))

    of_listing = lines_of(queries.entries_of_record(Listing, listing.pk)[0])
    of_note = lines_of(queries.entries_of_record(Footnote, note.pk)[0])

    assert ("Footnote on Plan", "", "1") in of_listing
    assert ("Marks", "", "Plan of the row of Team") in of_note


def test_the_last_changeset_of_a_listing_includes_edits_of_its_parts_and_citations():
    register = make_register()
    listing = make_listing(register)
    note = make_footnote(register)
    before = queries.last_changeset_number(Listing, listing.pk)

    citation = cite(note, listed_model=listing.listed_models.get())
    cited = queries.last_changeset_number(Listing, listing.pk)
    with because("Not any more"):
        citation.delete()

    assert before < cited < queries.last_changeset_number(Listing, listing.pk)
    assert queries.last_changeset_number(Listing, listing.pk) == Changeset.objects.first().pk


@pytest.mark.slow
def test_reading_a_history_takes_the_same_number_of_queries_however_long(django_assert_num_queries):
    listing = make_listing(models=["A", "B"], providers=["P", "Q"])
    with because("Set the scene"):
        listing.listed_models.first().set(model=make_model("Z"))

    def count():
        # changesets; listing, models, providers, documents, cells, citations; the models before;
        # then what they refer to: listings, sections, registers, models, providers
        with django_assert_num_queries(13):
            return len(queries.entries_of_record(Listing, listing.pk))

    short = count()
    for name in "CDEFGH":
        with because("More"):
            listing.listed_models.first().set(model=make_model(name))

    assert count() == short + 6


@pytest.fixture
def auditor(client: Client) -> Client:
    client.force_login(make_user("audrey", role="auditor"))
    return client


@pytest.mark.slow
def test_the_history_screen_shows_who_when_why_and_both_values(auditor):
    listing = make_listing(models=["Claude 4.1 Opus"])
    with because("4.5 replaces 4.1"):
        listing.listed_models.get().set(model=make_model("Claude 4.5 Opus"))

    page = auditor.get(f"/admin/compliance/listing/{listing.pk}/history/").content.decode()

    for text in ("lena", "4.5 replaces 4.1", "<bdi>4.1</bdi>", "<bdi>4.5</bdi>", "UTC"):
        assert text in page


@pytest.mark.slow
def test_a_deleted_record_is_listed_with_its_history(auditor):
    provider = make_provider("Gone AI")
    pk = provider.pk
    with because("Contract ended"):
        provider.delete()

    listed = auditor.get("/admin/compliance/provider/deleted/").content.decode()
    page = auditor.get(f"/admin/compliance/provider/{pk}/history/").content.decode()

    assert "Gone AI" in listed
    assert f"/admin/compliance/provider/{pk}/history/" in listed
    assert "Contract ended" in page
    assert "<bdi>Gone AI</bdi>" in page


@pytest.mark.slow
def test_a_deleted_listing_is_named_after_its_last_models(auditor, django_assert_num_queries):
    listing = make_listing(models=["Retired", "Kimi K3", "Kimi K4"])
    with because("Retired"):
        listing.listed_models.first().delete()
    with because("Contract ended"):
        listing.delete()
    with because("Renamed later"):
        AIModel.objects.get(name="Kimi K3").set(name="Kimi K3 old")
    address = "/admin/compliance/listing/deleted/"
    auditor.get(address)  # Django remembers content types

    # session, user, permissions twice; count, page; the models of its listings; the names of
    # sections, registers and models
    with django_assert_num_queries(10):
        page = auditor.get(address).content.decode()

    assert "The row of Kimi K3 and Kimi K4</a>" in page


@pytest.mark.slow
def test_a_listing_is_named_after_its_models_of_the_time():
    listing = make_listing(models=["Claude 4.1 Opus"])
    with because("4.5 replaces 4.1"):
        listing.listed_models.get().set(model=make_model("Claude 4.5 Opus"))

    made, replaced = (
        Changeset.objects.order_by("id")[:1],
        Changeset.objects.filter(reason="4.5 replaces 4.1"),
    )
    before, after = (queries.lines_of_changeset(found.get())[-1].what for found in (made, replaced))

    assert "the row of Claude 4.1 Opus" in before
    assert after == "Model in the row of Claude 4.5 Opus"


def test_the_history_escapes_html(auditor):
    provider = make_provider("<script>alert(1)</script>")

    page = auditor.get(f"/admin/compliance/provider/{provider.pk}/history/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_the_screen_of_one_history_row_shows_its_own_changeset_only(auditor):
    provider = make_provider("First name")
    with because("Renamed once"):
        provider.set(name="Second name")
    row = provider.history.latest("history_id")

    page = auditor.get(
        f"/admin/compliance/provider/{provider.pk}/history/{row.pk}/"
    ).content.decode()

    assert "Renamed once" in page
    assert "Set the scene" not in page


@pytest.mark.parametrize(
    "path",
    [
        "7777/history/",
        "x/history/",
        "1/history/x/",
        "7777/history/1/",
        "00/history/1/",
        f"{10**22}/history/",
        f"-{10**22}/history/",
        f"{10**22}/history/1/",
        f"1/history/{10**22}/",
        f"{'9' * 5000}/history/",
    ],
)
def test_the_history_of_a_record_that_never_existed_is_not_found(auditor, path):
    make_provider()

    assert auditor.get(f"/admin/compliance/provider/{path}").status_code == 404


@pytest.mark.slow
def test_an_impossible_key_in_an_address_is_not_an_error(client):
    client.force_login(make_user("root", is_superuser=True))

    for name in (
        "provider",
        "aimodel",
        "footnote",
        "register",
        "retentionterm",
        "listing",
        "changeset",
        "publication",
    ):
        base = f"/admin/compliance/{name}/{10**22}"
        assert client.get(f"{base}/change/").status_code == 302, name
        assert client.post(f"{base}/change/", {"reason": "Try"}).status_code in (302, 403), name
        assert client.get(f"{base}/delete/").status_code in (302, 403), name
        assert client.post(f"{base}/delete/", {"reason": "Try", "post": "yes"}).status_code in (
            302,
            403,
        ), name
    assert client.get(f"/admin/compliance/register/{10**22}/preview/").status_code == 404
    for query in (
        f"section__register__id__exact={10**22}",
        f"listed_providers__provider__id__exact={10**22}",
    ):
        assert client.get(f"/admin/compliance/listing/?{query}").status_code in (200, 302), query


@pytest.mark.slow
def test_a_command_is_distinguished_from_an_account_of_the_same_name(client):
    root = make_user("wendy", is_superuser=True)
    client.force_login(root)
    provider = make_provider("First name")
    with changeset(by=None, label="wendy", reason="By command", source="command"):
        provider.set(name="Second name")
    with changeset(by=root, reason="By hand"):
        provider.set(name="Third name")

    for url in ("", "compliance/changeset/", f"compliance/provider/{provider.pk}/history/"):
        page = client.get(f"/admin/{url}").content.decode()
        assert (
            page.count("wendy (command line)") - page.count("wendy (command line)</option>") == 1
        ), url
        assert page.count("wendy") > 1, url


def test_countries_are_shown_by_name():
    provider = make_provider("Acme")
    with because("Where"):
        provider.set(storage_countries=["DE", "US"])

    (line,) = queries.entries_of_record(Provider, provider.pk)[0].lines

    assert (line.what, line.before, line.after) == (
        "Storage countries",
        "",
        "Germany, United States of America",
    )
