"""What uses a record: links on its form, and the reasons why it cannot be deleted."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_user("eve", role="editor"))
    return client


@pytest.fixture
def used():
    """Make records that one listing uses, and a listing with a document of its own."""
    register, term, acme, model = (
        make_register(title="Page"),
        make_term("30 days"),
        make_provider("Acme"),
        make_model("K3"),
    )
    listing = make_listing(
        register, models=[model, "K4"], providers=[acme], retention=term, position=30
    )
    make_provider("Declaring", declared_retention=term)
    make_model("Requiring", retention_floor=term)
    departing = make_listing(
        register, models=["Q3"], providers=["Bolt"], documents=[make_document(acme, label="FAQ")]
    )
    note = make_footnote(register, text="Only in Europe.")
    cite(note, listed_model=listing.listed_models.first())
    cite(note, provider=acme)
    cite(note, model=model)
    return {
        "listing": listing,
        "departing": departing,
        "provider": acme,
        "term": term,
        "model": model,
        "note": note,
    }


def address(record, what="change"):
    return f"/admin/compliance/{record._meta.model_name}/{record.pk}/{what}/"


def uses(client, record):
    return {use.kind: use.links for use in client.get(address(record)).context["uses"]}


def test_a_footnote_says_whether_it_is_cited_in_rows_or_only_marks_everywhere(client):
    register = make_register()
    unused, everywhere = (make_footnote(register, text=text) for text in ("Unused", "Everywhere"))
    cite(everywhere, provider=make_provider("Acme"))

    assert "Nowhere. Set it on a row&#x27;s form." in client.get(address(unused)).text
    assert "Nowhere besides what it marks everywhere." in client.get(address(everywhere)).text


@pytest.mark.slow
def test_each_form_links_to_what_uses_its_record(client, used):
    row = ("Page, row 2: K3 and K4", address(used["listing"]))
    departing = ("Page, row 1: Q3", address(used["departing"]))
    note = ("Footnote 1: Only in Europe.", address(used["note"]))

    assert uses(client, used["provider"]) == {
        "Rows that name it": [row],
        "Rows that name a document of it themselves": [departing],
        "Footnotes that mark it everywhere": [note],
    }
    assert uses(client, used["model"]) == {
        "Rows that name it": [row],
        "Footnotes that mark it everywhere": [note],
    }
    assert uses(client, used["note"]) == {
        "Providers that it marks everywhere": [("Acme", address(used["provider"]))],
        "Models that it marks everywhere": [("K3", address(used["model"]))],
        "Rows that cite it in place": [row],
    }
    assert [[name for name, _ in links] for links in uses(client, used["term"]).values()] == [
        ["Page, row 2: K3 and K4"],
        ["Declaring"],
        ["Requiring"],
    ]


@pytest.mark.slow
def test_rows_without_models_are_named_by_their_first_cell(client):
    columns = [
        {"role": "text", "label": "Plan"},
        {"role": "retention", "label": "In the app"},
        {"role": "retention", "label": "Through the API"},
    ]
    term = make_term("30 days")
    register = make_register(title="Page", columns=columns)
    row = make_listing(register, plan="Team", **{"retention-2": term})
    note = make_footnote(register, text="Only in Europe.")
    cite(note, cell=cell_of(row, "retention-2"))

    asked = client.get(address(term, "delete")).text
    form = client.get(address(note))

    assert uses(client, term) == {
        "Rows that say it themselves": [("Page, row 1: Team", address(row))]
    }
    assert uses(client, note) == {
        "Rows that cite it in place": [("Page, row 1: Team", address(row))]
    }
    assert "Through the API: 30 days in the row of Team on Page" in asked
    assert "Cited on Through the API: 30 days in the row of Team on Page" in form.text


@pytest.mark.slow
def test_every_link_to_a_use_opens(client, used):
    for name in ("provider", "term", "model", "note"):
        for use in client.get(address(used[name])).context["uses"]:
            for target in [*(link for _, link in use.links), *filter(None, [use.everything])]:
                assert client.get(target).status_code == 200, target


def test_the_form_of_an_unused_record_says_so(client):
    assert "Nothing uses it." in client.get(address(make_term())).content.decode()


@pytest.mark.slow
def test_many_uses_are_counted_with_a_link_to_their_list(client):
    acme, register = make_provider("Acme"), make_register()
    for _ in range(23):
        make_listing(register, models=[], providers=[acme])
    make_listing(register, models=[], providers=["Bolt"])

    (use,) = client.get(address(acme)).context["uses"]

    assert (len(use.links), use.more) == (20, 3)
    assert client.get(use.everything).context["cl"].result_count == 23


@pytest.mark.slow
def test_uses_by_records_that_the_person_may_not_view_are_left_out(used):
    person = make_user("deputy")
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_provider", "view_footnote"])
    )
    client = Client()
    client.force_login(person)

    assert set(uses(client, used["provider"])) == {"Footnotes that mark it everywhere"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "provider",
            [
                "Acme in the row of K3 and K4 on Page",
                "FAQ in the row of Q3 on Page",
                "Cited on Acme, wherever Page lists it",
            ],
        ),
        ("term", ["the row of K3 and K4 on Page", "Provider: Declaring", "Model: Requiring"]),
        ("model", ["K3 in the row of K3 and K4 on Page", "Cited on K3, wherever Page lists it"]),
        (
            "note",
            [
                "Cited on K3 in the row of K3 and K4 on Page",
                "Cited on Acme, wherever Page lists it",
            ],
        ),
    ],
)
def test_a_used_record_is_not_deleted_and_each_use_is_named(client, used, name, said):
    asked = client.get(address(used[name], "delete"))

    assert "cannot be deleted, because it is in use" in asked.content.decode()
    for place in said:
        assert place in asked.content.decode()
    client.post(
        address(used[name], "delete"),
        {"post": "yes", "reason": "Try", "version": asked.context["version"]},
    )
    assert type(used[name]).objects.filter(pk=used[name].pk).exists()


@pytest.mark.slow
def test_a_register_with_listings_is_not_deleted_and_names_them(client, used):
    asked = client.get(address(used["listing"].register, "delete"))

    assert "the row of K3 and K4 on Page" in asked.content.decode()


@pytest.mark.slow
def test_queries_of_a_refused_deletion_do_not_grow(client):
    register, acme, model, term = (
        make_register(),
        make_provider("Acme"),
        make_model("K3"),
        make_term(),
    )
    note = make_footnote(register)
    counts: dict[str, list[int]] = {}

    for more in (3, 30):
        for _ in range(more):
            listing = make_listing(register, models=[model], providers=[acme], retention=term)
            cite(note, listed_model=listing.listed_models.get())
        for record in (acme, model, term, note, register):
            url = address(record, "delete")
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                asked = client.get(url)
            counts.setdefault(record._meta.model_name, []).append(len(captured))

    assert {name: few for name, (few, many) in counts.items() if few != many} == {}
    assert "more places" in asked.content.decode()
