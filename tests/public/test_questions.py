"""The pages that answer a reader's question.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine

from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from tests.stores import (
    COLUMNS,
    MODELS,
    listing,
    models_cell,
    publish,
    retention_cell,
    snapshot,
    training_cell,
)

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
PAGE = "/models-and-privacy/"
FIT, FILTER = f"{PAGE}fit/", f"{PAGE}filter/"
PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)
LOGS = Column("retention-2", "Keeps logs", ColumnRole.RETENTION)


def purpose(id, name, retention, logs):
    """Return a listing that names no model and no provider."""
    return Listing(
        id,
        {
            "purpose": Cell((TextItem(name),)),
            "retention": retention_cell(retention),
            "retention-2": retention_cell(logs),
        },
    )


# A page of one table without models and without providers, with two retention columns.
PURPOSES = replace(
    snapshot(models=(), providers=()),
    sections=(
        Section(
            "purposes",
            "",
            (PURPOSE, COLUMNS[3], LOGS),
            (
                purpose("chat", "[Chat](https://acme.example/chat)", "30 days", "1 day"),
                purpose("search", "Search", "1 day", "1 year"),
            ),
        ),
    ),
)
WORSE = listing(
    "second",
    models=models_cell(MODELS[1]),
    retention=retention_cell("2 years"),
    training=training_cell("Yes"),
)


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        publish(snapshot(listing("first"), WORSE))
        yield


@pytest.fixture
def ask(client):
    """Return a function that returns the response to an address and the parsed page."""

    def asked(address, **query):
        response = client.get(address, query)
        return response, html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
            response.content
        )

    return asked


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_id(tree, id):
    return next(element for element in tree.iter() if element.get("id") == id)


def field(tree, name):
    return next(element for element in tree.iter() if element.get("name") == name)


class TestFit:
    """`/{r}/fit/`."""

    def test_models_that_fit_link_to_their_pages(self, ask):
        _, tree = ask(FIT, longest="P30D")

        assert words(by_id(tree, "count")).startswith("1 of 2 models fit.")
        fitting = by_id(tree, "answer").find(".//ul[@class='names']//a")
        assert (words(fitting), fitting.get("href")) == ("Acme One", f"{PAGE}models/acme-one/")

    def test_models_that_do_not_fit_are_shown_with_reasons_and_providers(self, ask):
        _, tree = ask(FIT, longest="P30D", training="never")

        row = by_id(tree, "answer").find(".//tbody/tr")
        assert words(row.find("th")) == "Acme Two"
        assert [words(item) for item in row.find("td").iter("li")] == [
            "Training: “Yes”. At Acme AI, Borealis Cloud.",
            "Retention: “2 years”, that is: all content kept 2 years. At Acme AI, Borealis Cloud.",
        ]
        assert [link.get("href") for link in row.iter("a")][1] == f"{PAGE}providers/acme/"

    def test_gives_the_same_answer_as_the_api(self, ask, client):
        _, tree = ask(FIT, longest="P30D")

        path = by_id(tree, "count").find(".//a").get("href")
        answer = client.get(path).json()
        assert path.endswith("/fit/?longest=P30D")
        assert [model["fits"] for model in answer["verdicts"]] == [True, False]

    def test_without_a_policy_every_model_fits_and_the_page_says_why(self, ask):
        _, tree = ask(FIT)

        assert words(by_id(tree, "count")).startswith(
            "2 of 2 models fit, as everything is accepted."
        )

    @pytest.mark.parametrize(
        ("longest", "said"), [("P730D", "730 days"), ("PT90M", "90 minutes"), ("P0D", "Not kept")]
    )
    def test_the_form_shows_the_submitted_values(self, ask, longest, said):
        _, tree = ask(FIT, longest=longest, training="opt_in")

        chosen = [words(each) for each in tree.iter("option") if each.get("selected") is not None]
        assert chosen[0] == "Only if you opt in"
        assert chosen[1].startswith(said)

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [("training", "sometimes", "is no training use"), ("longest", "30 days", "is no duration"), ("longest", "<i>", "<i>")],
    )  # fmt: skip
    def test_the_error_of_an_invalid_value_is_shown_at_its_field(self, ask, name, value, said):
        response, tree = ask(FIT, **{name: value})

        assert (response.status_code, response["Cache-Control"]) == (400, "no-store")
        control = field(tree, name)
        assert control.get("aria-invalid") == "true"
        assert said in words(by_id(tree, control.get("aria-describedby")))
        assert words(tree.find(".//title")).startswith("Error: ")
        assert by_id(tree, "mistakes") is not None

    def test_rows_without_models_are_named_by_their_first_cell_and_linked_to(self, ask):
        publish(PURPOSES)

        _, tree = ask(FIT, longest="P30D")

        assert words(by_id(tree, "count")).startswith("1 of 2 rows fit.")
        fitting = by_id(tree, "answer").find(".//ul[@class='names']//a")
        assert (words(fitting), fitting.get("href")) == ("Chat", f"{PAGE}#listing-chat")
        assert words(by_id(tree, "answer").find(".//tbody//th")) == "Search"

    def test_models_and_rows_of_several_tables_are_judged(self, ask):
        publish(replace(snapshot(), sections=(*snapshot().sections, *PURPOSES.sections)))

        _, tree = ask(FIT, longest="P30D")

        assert words(by_id(tree, "count")).startswith("3 of 4 models and rows fit.")

    def test_the_longest_retentions_to_choose_from_are_those_of_all_columns(self, ask):
        publish(PURPOSES)

        _, tree = ask(FIT)

        options = [words(option) for option in field(tree, "longest").iter("option")]
        assert options == ["Any", "Not kept at all", "1 day", "30 days", "1 year"]


class TestFilter:
    """`/{r}/filter/`."""

    def test_counts_matching_rows_and_links_to_the_whole_page(self, ask):
        _, tree = ask(FILTER, model="one")

        count = by_id(tree, "count")
        assert words(count).startswith("1 of 2 rows of publication 1. The others are left out here")
        assert count.find(".//a").get("href") == PAGE
        assert [row.get("id") for row in tree.iter("tr") if row.get("id")] == ["listing-first"]

    @pytest.mark.slow
    def test_shows_at_most_200_rows(self, ask):
        publish(snapshot(*(listing(f"row-{number}") for number in range(203))))

        _, tree = ask(FILTER, model="one")

        assert words(by_id(tree, "count")).startswith(
            "203 of 203 rows of publication 1, of which the first 200 are shown."
        )
        assert len([row for row in tree.iter("tr") if row.get("id")]) == 200

    def test_sorts_rows(self, ask):
        _, tree = ask(FILTER, sort="-retention")

        assert [row.get("id") for row in tree.iter("tr") if row.get("id")] == [
            "listing-second",
            "listing-first",
        ]

    def test_shows_retention_clause_by_clause_on_request(self, ask):
        for other in ({}, {"clauses": "0"}):
            assert "clauses" not in {
                element.get("class") for element in ask(FILTER, **other)[1].iter("ul")
            }
        _, tree = ask(FILTER, clauses="1")

        assert words(tree.find(".//td/ul[@class='clauses']")) == "all content kept 30 days"

    def test_rows_of_other_tables_are_found_and_shown_in_their_own(self, ask):
        publish(replace(snapshot(), sections=(*snapshot().sections, *PURPOSES.sections)))

        _, tree = ask(FILTER, longest="P30D")

        assert words(by_id(tree, "count")).startswith("2 of 3 rows")
        first, second = tree.iter("table")
        assert [words(label) for label in second.find("thead").iter("th")] == [
            "Purpose",
            "Retention",
            "Keeps logs",
        ]
        assert [row.get("id") for row in second.iter("tr") if row.get("id")] == ["listing-chat"]
        assert [row.get("id") for row in first.iter("tr") if row.get("id")] == ["listing-first"]

    @pytest.mark.parametrize("query", [{"model": "chat"}, {"sort": "provider"}, {"sort": "model"}])
    def test_a_table_without_models_and_providers_can_be_asked(self, ask, query):
        publish(PURPOSES)

        response, tree = ask(FILTER, **query)

        assert response.status_code == 200
        matching = "0 of 2 rows" if "model" in query else "2 of 2 rows"
        assert words(by_id(tree, "count")).startswith(matching)

    def test_names_the_page_in_force_as_canonical_for_search_engines(self, ask):
        response, tree = ask(FILTER, provider="acme")

        assert response["Link"] == f'<{PAGE}>; rel="canonical"'
        assert [
            meta.get("content") for meta in tree.iter("meta") if meta.get("name") == "robots"
        ] == ["noindex"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [("provider", "nobody"), ("sort", "price"), ("training", "x"), ("longest", "x"), ("model", "m" * 201),
         ("provider", "\x00")],
    )  # fmt: skip
    def test_the_error_of_an_invalid_value_is_shown_at_its_field(self, ask, name, value):
        response, tree = ask(FILTER, **{name: value})

        assert response.status_code == 400
        assert "_error" in field(tree, name).get("aria-describedby")
        assert not list(tree.iter("table"))

    @pytest.mark.slow
    def test_a_model_name_with_a_null_character_is_refused(self, client):
        assert client.get(FILTER, {"model": "\x00"}).status_code == 400


@pytest.mark.parametrize("address", [FIT, FILTER])
class TestBoth:
    """What holds for both pages."""

    def test_refuses_an_unknown_parameter(self, client, address):
        response = client.get(f"{address}?trainig=never")

        assert response.status_code == 400
        assert "trainig is not a query parameter of this address." in response.content.decode()
        assert client.get(f"{address}?training=never").status_code == 200

    def test_may_be_cached_as_long_as_the_page_in_force(self, client, address):
        first = client.get(f"{address}?training=never")

        assert first["Cache-Control"] == "public, max-age=60"
        assert (
            client.get(
                f"{address}?training=never", headers={"If-None-Match": first["ETag"]}
            ).status_code
            == 304
        )
        assert client.head(address)["ETag"] == client.get(address)["ETag"]
        assert not first.cookies

    def test_answers_from_the_publication_in_force(self, client, address):
        later = snapshot(listing("third"))
        publish(snapshot(), later, changes={2: {"effective_from": NOW + timedelta(seconds=20)}})

        assert client.get(address)["Cache-Control"] == "public, max-age=20"
        with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
            assert "publication 2" in client.get(address).content.decode()

    def test_says_so_if_nothing_is_in_force(self, client, address):
        assert client.get(address.replace("models-and-privacy", "nothing")).status_code == 404

    def test_is_linked_from_the_page_in_force(self, client, address):
        assert f'href="{address}"' in client.get(PAGE).content.decode()

    def test_escapes_html_in_submitted_values(self, client, address):
        hostile = '"><script>alert(1)</script>'

        response = client.get(address, {"model": hostile, "longest": hostile, "sort": hostile})

        assert "<script>alert" not in response.content.decode()
