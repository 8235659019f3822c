"""The pages about models and providers, past and present.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import html5lib
import pytest
import time_machine

from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared, Model, Provider
from compliance.page.table import Cell, Column, DocumentItem, Section, Term, TextItem, empty_cell
from compliance.page.vocabulary import Basis, ColumnRole, DocumentKind, TrainingUse
from compliance.published.offerings import histories
from tests.stores import (
    COLUMNS,
    MODELS,
    PROVIDERS,
    listing,
    models_cell,
    providers_cell,
    publish_daily,
    retention_cell,
    snapshot,
)

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REGISTER = "/models-and-privacy/"
ONE, TWO = Model("one", "One"), Model("two", "Two")
ACME, BOLT = Provider("acme", "Acme"), Provider("bolt", "Bolt")


def row(model=ONE, *providers, **cells):
    """Return a listing of a model at providers, at Acme where none is given."""
    named = providers_cell(*providers or (ACME,))
    return listing(f"row-{model.id}", models=models_cell(model), providers=named, **cells)


ROW, ELSE = row(), listing("else")


def page(*listings, models=(), providers=()):
    """Return a page of listings; `models` and `providers` stand in for those of their ids."""
    known_models = {model.id: model for model in (ONE, TWO, *MODELS, *models)}
    known_providers = {each.id: each for each in (*PROVIDERS, ACME, BOLT, *providers)}
    return snapshot(
        *listings,
        models=tuple(known_models.values()),
        providers=tuple(known_providers.values()),
    )


@pytest.fixture(autouse=True)
def _now():
    histories.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def parsed(response):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        response.content.decode()
    )


def words(response):
    return " ".join("".join(parsed(response).find(".//main").itertext()).split())


def test_the_address_of_a_continued_model_shows_the_joined_history(client):
    two = Model("two", "Two", continues=("one",))
    publish_daily(page(ROW), page(row(two), models=[two]))

    former, current = client.get(f"{REGISTER}models/one/"), client.get(f"{REGISTER}models/two/")

    assert "Earlier called One." in words(current)
    assert former.content == current.content


def test_the_page_of_a_model_shows_its_history(client):
    renamed = replace(ONE, name="Uno")
    publish_daily(page(ROW), page(row(renamed, BOLT), models=[renamed]), page(ELSE))

    response = client.get(f"{REGISTER}models/one/")

    assert words(response) == (
        "Models and privacy Uno"
        " This model was first listed on 3 March 2026 and is no longer listed since 5 March 2026."
        " Earlier called One. Follow its changes by Atom Before"
        " Through Bolt"
        " The page promises for the row: Trains on prompts: “No”. Retention: “30 days”."
        " From 4 March 2026, publication 2until 5 March 2026, publication 3"
        " Through Acme"
        " The page promises for the row: Trains on prompts: “No”. Retention: “30 days”."
        " From 3 March 2026, publication 1until 4 March 2026, publication 2"
    )
    links = [link.get("href") for link in parsed(response).iter("a")]
    assert {
        f"{REGISTER}providers/bolt/",
        f"{REGISTER}providers/acme/",
        f"{REGISTER}changes/2/",
    } <= set(links)


def test_the_announced_end_of_an_offering_is_shown_with_its_date(client):
    announced = {"effective_from": NOW + 30 * DAY, "approved_at": NOW - DAY, "announced": True}
    publish_daily(page(ROW), page(ELSE), changes={2: announced})

    text = words(client.get(f"{REGISTER}models/one/"))
    assert (
        "first listed on 3 March 2026 and is listed now. Announced: no longer from 1 October 2026."
        in text
    )
    assert "until 1 October 2026" in text
    assert "No longer listed" not in words(client.get(f"{REGISTER}models/"))
    assert "Announced: this model is listed from 1 October 2026." in words(
        client.get(f"{REGISTER}models/acme-one/")
    )


def test_the_list_names_all_models_and_providers_past_and_present(client):
    publish_daily(page(ROW), page(row(TWO)))

    response = client.get(f"{REGISTER}models/")

    assert words(response).endswith("Models Two No longer listed One Providers Acme")


@pytest.mark.parametrize(
    "path",
    [
        "models/nothing/",
        "providers/one/",
        "models/x%00/",
        f"models/{'x' * 5000}/",
        "models/<b>/",
        "models/../",
    ],
)
def test_a_party_that_was_never_listed_has_no_page(client, path):
    publish_daily(page(ROW))

    response = client.get(REGISTER + path)

    assert response.status_code == 404
    assert "<b>" not in response.content.decode()


@pytest.mark.parametrize("path", ["models/", "models/one/", "providers/acme/"])
class TestEveryPageAboutParties:
    """What holds for the list and for the page of each model and provider."""

    def test_may_be_cached_and_is_not_sent_again_to_a_client_that_has_it(self, client, path):
        publish_daily(page(ROW))

        response = client.get(REGISTER + path)

        assert not response.cookies
        assert "max-age=60" in response["Cache-Control"]
        assert (
            client.get(REGISTER + path, headers={"If-None-Match": response["ETag"]}).status_code
            == 304
        )
        assert client.get(f"{REGISTER}{path}?utm=x").content == response.content
        assert client.post(REGISTER + path).status_code == 405

    def test_escapes_html_in_names(self, client, path):
        hostile = '"><script>alert(1)</script>'
        model = replace(ONE, name=hostile, developer=hostile, aliases=(hostile,))
        provider = replace(ACME, name=hostile, legal_entity=hostile, aliases=(hostile,))
        publish_daily(page(row(model, provider), models=[model], providers=[provider]))

        response = client.get(REGISTER + path)

        assert hostile in words(response)
        assert not list(parsed(response).iter("script"))

    def test_is_unavailable_if_a_published_file_is_damaged(self, client, path, published_root):
        publish_daily(page(ROW))
        (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")

        assert client.get(REGISTER + path).status_code == 503


@pytest.mark.parametrize("path", ["models/acme-two/", "providers/borealis/"])
def test_the_page_of_a_listed_party_links_to_its_first_row(client, path):
    publish_daily(page(listing("first")))

    links = [link.get("href") for link in parsed(client.get(f"{REGISTER}{path}")).iter("a")]
    address, _, anchor = next(
        link for link in links if "#" in link and link.startswith(REGISTER)
    ).partition("#")
    assert f'id="{anchor}"' in client.get(address).content.decode()


def test_the_page_of_a_model_tells_its_developer_aliases_and_floor(client):
    known = replace(
        ONE,
        developer="Deep Thought Ltd",
        aliases=("one-latest", "one-1"),
        retention_floor=Term("30 days", read_clauses("30 days")),
    )
    publish_daily(page(ROW, models=[known]))

    assert (
        "Developer Deep Thought Ltd Also known as one-latest, one-1"
        " Kept at any provider for at least 30 days"
    ) in words(client.get(f"{REGISTER}models/one/"))


def test_the_page_of_a_provider_tells_who_and_where_it_is_and_what_it_declares(client):
    known = replace(
        ACME,
        legal_entity="Acme AI Incorporated",
        aliases=("acme-cloud",),
        website="https://acme.example/home",
        processing_countries=("DE", "US"),
        storage_countries=("FR",),
        declared=Declared(TrainingUse.NEVER, Term("Not stored", read_clauses("Not stored"))),
    )
    publish_daily(page(ROW, providers=[known]))

    response = client.get(f"{REGISTER}providers/acme/")

    assert (
        "Legal entity Acme AI Incorporated Also known as acme-cloud"
        " Processes prompts in Germany, United States of America Stores prompts in France"
        " Website https://acme.example/home Declares about all prompts that it is sent"
        " Training: “No”. Retention: “Not stored”."
    ) in words(response)
    assert "https://acme.example/home" in [link.get("href") for link in parsed(response).iter("a")]


def test_the_page_of_a_provider_lists_its_documents_with_their_validity(client):
    terms = DocumentItem(
        "terms",
        "acme",
        DocumentKind.TERMS,
        "Terms",
        "https://acme.example/terms",
        valid_from=date(2026, 1, 2),
        valid_until=date(2027, 1, 1),
    )
    agreement = DocumentItem(
        "agreement", "acme", DocumentKind.AGREEMENT, "Agreement", None, valid_until=date(2028, 2, 3)
    )
    other = DocumentItem("other", "bolt", DocumentKind.FAQ, "FAQ", "https://bolt.example/faq")
    cell = Cell((terms, agreement, other), basis=Basis.STATED)
    publish_daily(page(row(documents=cell), row(TWO, documents=cell)))

    response = client.get(f"{REGISTER}providers/acme/")

    assert (
        "Documents Terms, valid from 2 January 2026 until 1 January 2027"
        " Agreement, valid until 3 February 2028 Now"
    ) in words(response)
    links = [link.get("href") for link in parsed(response).iter("a")]
    assert links.count("https://acme.example/terms") == 1


def test_a_website_that_may_not_be_published_is_no_link(client):
    publish_daily(page(ROW, providers=[replace(ACME, website="javascript:alert(1)")]))

    assert "javascript" not in client.get(f"{REGISTER}providers/acme/").content.decode()


def test_the_page_of_a_model_tells_apart_what_a_provider_declares_and_the_page_promises(client):
    not_stored = Declared(None, Term("Not stored", read_clauses("Not stored")))
    month = Declared(TrainingUse.NEVER, Term("30 days", read_clauses("30 days")))
    providers = [replace(ACME, declared=month), replace(BOLT, declared=not_stored)]
    publish_daily(page(row(ONE, ACME, BOLT), providers=providers))

    text = words(client.get(f"{REGISTER}models/one/"))

    assert (
        "Through Bolt The page promises for the row:"
        " Trains on prompts: “No”. Retention: “30 days”."
        " Bolt itself declares, about all prompts that it is sent: Retention: “Not stored”."
    ) in text
    assert "Retention: “30 days”, at Acme." in text


def test_a_page_says_nothing_of_what_is_declared_about_an_offering_that_ended(client):
    declared = Declared(TrainingUse.NEVER, None)
    named = replace(ACME, declared=declared)
    publish_daily(page(ROW, providers=[named]), page(row(TWO), providers=[named]))

    assert "itself declares" in words(client.get(f"{REGISTER}models/two/"))
    assert "itself declares" not in words(client.get(f"{REGISTER}models/one/"))


def test_the_worst_case_of_a_model_is_that_of_all_its_rows(client):
    longer = replace(row(ONE, BOLT, retention=retention_cell("2 years")), id="longer")
    publish_daily(page(ROW, longer))

    text = words(client.get(f"{REGISTER}models/one/"))

    assert "Worst case" in text
    assert "Trains on prompts: “No”, at Acme, Bolt." in text
    assert "Retention: “2 years”, at Bolt." in text


def test_a_row_that_leaves_open_how_long_all_is_kept_is_the_worst_case(client):
    optional = retention_cell("Zero data retention (opt-in)")
    publish_daily(page(ROW, replace(row(ONE, BOLT, retention=optional), id="optional")))

    assert (
        "Retention: “Zero data retention (opt-in)” (how long all prompts and outputs are kept is "
        "not stated), at Bolt."
    ) in words(client.get(f"{REGISTER}models/one/"))


def test_a_model_that_is_no_longer_listed_has_no_worst_case(client):
    publish_daily(page(ROW), page(ELSE))

    assert "Worst case" not in words(client.get(f"{REGISTER}models/one/"))


def test_the_worst_case_may_be_caused_by_the_model_itself(client):
    floor = Term("30 days", read_clauses("30 days"))
    not_stored = Declared(None, Term("Not stored", read_clauses("Not stored")))
    publish_daily(
        page(
            ROW,
            models=[replace(ONE, retention_floor=floor)],
            providers=[replace(ACME, declared=not_stored)],
        )
    )

    assert "“30 days”, by the model itself: no provider can go below it." in words(
        client.get(f"{REGISTER}models/one/")
    )


class TestTablesOfOtherShapes:
    """Models without providers, providers without models, and tables with neither."""

    @pytest.fixture
    def tables(self):
        """Publish a table of models, one of providers, and one of neither."""
        model, provider, _, retention, _ = COLUMNS
        purpose = Column("purpose", "Purpose", ColumnRole.TEXT)
        chat = Cell((TextItem("Chat"),))
        sections = []
        for id, columns, cells in [
            ("models", (model, retention), (models_cell(ONE), empty_cell(ColumnRole.RETENTION))),
            ("providers", (purpose, provider), (chat, providers_cell(ACME))),
            ("neither", (purpose, retention), (chat, retention_cell("1 year"))),
        ]:
            keys = [column.key for column in columns]
            filled = replace(ROW, id=id, cells=dict(zip(keys, cells, strict=True)))
            sections.append(Section(id, "", columns, (filled,)))
        publish_daily(replace(page(), sections=tuple(sections)))

    @pytest.mark.usefixtures("tables")
    def test_a_model_is_listed_without_a_provider(self, client):
        text = words(client.get(f"{REGISTER}models/one/"))

        assert "Retention: not stated." in text
        assert "No provider named The page promises for the row: Retention: not stated." in text

    @pytest.mark.usefixtures("tables")
    def test_a_provider_is_listed_for_a_row_that_its_first_cell_names(self, client):
        text = words(client.get(f"{REGISTER}providers/acme/"))

        assert "Now For Chat From 3 March 2026" in text
        assert "promises" not in text

    def test_a_provider_that_names_its_row_is_listed(self, client):
        _, provider, *_ = COLUMNS
        acme = replace(ROW, cells={"providers": providers_cell(ACME)})
        publish_daily(replace(page(), sections=(Section("one", "", (provider,), (acme,)),)))

        text = words(client.get(f"{REGISTER}providers/acme/"))

        assert "Now Listed From 3 March 2026" in text

    @pytest.mark.usefixtures("tables")
    def test_both_are_in_the_list(self, client):
        assert words(client.get(f"{REGISTER}models/")).endswith("Models One Providers Acme")

    def test_a_page_that_names_nobody_says_so(self, client):
        purpose = Column("purpose", "Purpose", ColumnRole.TEXT)
        chat = replace(ROW, cells={"purpose": Cell((TextItem("Chat"),))})
        publish_daily(replace(page(), sections=(Section("one", "", (purpose,), (chat,)),)))

        text = words(client.get(f"{REGISTER}models/"))

        assert text.endswith("No row of this page names a model or a provider.")
