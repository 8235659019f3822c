"""The pages about models and providers, past and present.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine

from compliance.page.snapshot import Model, Provider
from compliance.published.offerings import histories
from tests.stores import listing, publish_daily

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REGISTER = "/models-and-privacy/"
ONE, TWO = Model("one", "One", ()), Model("two", "Two", ())
ACME, BOLT = Provider("acme", "Acme", (), None), Provider("bolt", "Bolt", (), None)
ROW = listing("row", models=(ONE,), providers=(ACME,))


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


def test_the_page_of_a_model_shows_its_history(client):
    publish_daily(
        [ROW],
        [replace(ROW, models=(replace(ONE, name="Uno"),), providers=(BOLT,))],
        [listing("else")],
    )

    response = client.get(f"{REGISTER}models/one/")

    assert words(response) == (
        "Models and privacy The life of Uno"
        " This model was first listed on 3 March 2026 and is no longer listed since 5 March 2026."
        " Earlier called One. Follow its changes by Atom Before"
        " Through Bolt Training: “No”. Retention: “30 days”."
        " From 4 March 2026, publication 2until 5 March 2026, publication 3"
        " Through Acme AI Training: “No”. Retention: “30 days”."
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
    publish_daily([ROW], [listing("else")], changes={2: announced})

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
    publish_daily([ROW], [replace(ROW, models=(TWO,))])

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
    publish_daily([ROW])

    response = client.get(REGISTER + path)

    assert response.status_code == 404
    assert "<b>" not in response.content.decode()


@pytest.mark.parametrize("path", ["models/", "models/one/", "providers/acme/"])
class TestEveryPageAboutParties:
    """What holds for the list and for the page of each model and provider."""

    def test_may_be_cached_and_is_not_sent_again_to_a_client_that_has_it(self, client, path):
        publish_daily([ROW])

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
        publish_daily(
            [
                replace(
                    ROW,
                    models=(replace(ONE, name=hostile),),
                    providers=(replace(ACME, name=hostile),),
                )
            ]
        )

        response = client.get(REGISTER + path)

        assert hostile in words(response)
        assert not list(parsed(response).iter("script"))

    def test_is_unavailable_if_a_published_file_is_damaged(self, client, path, published_root):
        publish_daily([ROW])
        (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")

        assert client.get(REGISTER + path).status_code == 503


@pytest.mark.parametrize("path", ["models/acme-two/", "providers/borealis/"])
def test_the_page_of_a_listed_party_links_to_its_first_row(client, path):
    publish_daily([listing("first")])

    links = [link.get("href") for link in parsed(client.get(f"{REGISTER}{path}")).iter("a")]
    page, _, anchor = next(
        link for link in links if "#" in link and link.startswith(REGISTER)
    ).partition("#")
    assert f'id="{anchor}"' in client.get(page).content.decode()
