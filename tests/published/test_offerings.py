"""compliance.published.offerings and its pages, without a database: these tests do not ask for one, so a query is an error."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine

from compliance.page.snapshot import Model, Provider
from compliance.published import reader
from compliance.published.offerings import PartyKind, histories, read_histories
from tests.stores import FIRST, listing, publish, snapshot

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REGISTER = "/models-and-privacy/"
ONE, TWO = Model("one", "One", ()), Model("two", "Two", ())
ACME, BOLT = Provider("acme", "Acme", (), None), Provider("bolt", "Bolt", (), None)
ROW = listing("row", models=(ONE,), providers=(ACME,))


@pytest.fixture(autouse=True)
def _site():
    histories.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def daily(*rows, changes=None, **options):
    """Publish a page of each group of rows, one a day."""
    moments = {
        n: {"effective_from": FIRST + n * DAY, **(changes or {}).get(n, {})}
        for n in range(1, len(rows) + 1)
    }
    return publish(*(snapshot(*each) for each in rows), changes=moments, **options)


def spans(index, subject, id, at=NOW):
    life = read_histories(index, at).history(subject, id)
    return [(getattr(span.offering, "provider" if subject == PartyKind.MODEL else "model"), span.offering.retention,
             span.first.number, span.end and span.end.number) for span in life.periods]  # fmt: skip


def parsed(response):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        response.content.decode()
    )


def words(response):
    return " ".join("".join(parsed(response).find(".//main").itertext()).split())


def test_a_life_is_told_by_provider_and_terms():
    longer = replace(ROW, retention=replace(ROW.retention, text="1 year"))
    index = daily(
        [ROW],
        [ROW, listing("else")],
        [longer],
        [replace(longer, providers=(ACME, BOLT))],
        [listing("else")],
    )

    assert spans(index, PartyKind.MODEL, "one") == [
        ("bolt", "1 year", 4, 5),
        ("acme", "1 year", 3, 5),
        ("acme", "30 days", 1, 3),
    ]
    life = read_histories(index, NOW).history(PartyKind.MODEL, "one")
    assert (life.first.number, life.end.number) == (1, 5)


def test_a_model_that_comes_back_has_two_spans():
    index = daily([ROW], [listing("else")], [ROW])

    assert spans(index, PartyKind.MODEL, "one") == [
        ("acme", "30 days", 3, None),
        ("acme", "30 days", 1, 2),
    ]
    assert read_histories(index, NOW).history(PartyKind.MODEL, "one").end is None


def test_a_provider_lives_in_its_models():
    index = daily([ROW], [replace(ROW, models=(ONE, TWO))])

    assert spans(index, PartyKind.PROVIDER, "acme") == [
        ("one", "30 days", 1, None),
        ("two", "30 days", 2, None),
    ]


def test_a_model_and_a_provider_of_one_name_are_two():
    same = replace(ROW, models=(Model("acme", "Acme M", ()),))
    told = read_histories(daily([same]), NOW)

    assert told.history(PartyKind.MODEL, "acme").names == ("Acme M",)
    assert told.history(PartyKind.PROVIDER, "acme").names == ("Acme",)


def test_names_are_told_the_newest_first():
    index = daily([ROW], [replace(ROW, models=(replace(ONE, name="Uno"),))], [ROW])

    assert read_histories(index, NOW).history(PartyKind.MODEL, "one").names == ("One", "Uno")


def test_a_row_without_providers_is_told_too():
    assert spans(daily([replace(ROW, providers=())]), PartyKind.MODEL, "one") == [
        (None, "30 days", 1, None)
    ]


def test_what_was_withdrawn_or_waits_is_not_told():
    other = listing("other", models=(TWO,))
    index = daily(
        [ROW],
        [other],
        [ROW],
        changes={2: {"withdrawn_at": NOW - DAY}, 3: {"effective_from": NOW + DAY}},
    )

    assert read_histories(index, NOW).history(PartyKind.MODEL, "two") is None
    assert spans(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, None)]


def test_only_what_is_new_is_read(monkeypatch):
    read, content = [], reader.read_file
    monkeypatch.setattr(
        reader, "read_file", lambda i, entry, f: read.append(entry.number) or content(i, entry, f)
    )

    read_histories(daily([ROW], [ROW]), NOW)
    index = daily([ROW], [ROW], [listing("else")], revision=2)
    read_histories(index, NOW)
    read_histories(index, NOW)

    assert read == [1, 2, 3]
    assert spans(index, PartyKind.MODEL, "one")[0][3] == 3


def test_what_was_told_is_told_anew_after_a_withdrawal():
    read_histories(daily([ROW], [listing("else")]), NOW)

    index = daily([ROW], [listing("else")], changes={2: {"withdrawn_at": NOW - DAY}}, revision=2)

    assert spans(index, PartyKind.MODEL, "one") == [("acme", "30 days", 1, None)]


def test_the_page_of_a_model_tells_its_life(client):
    daily(
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


def test_an_announced_end_is_told_with_its_date(client):
    announced = {"effective_from": NOW + 30 * DAY, "approved_at": NOW - DAY, "announced": True}
    daily([ROW], [listing("else")], changes={2: announced})

    said = words(client.get(f"{REGISTER}models/one/"))
    assert (
        "first listed on 3 March 2026 and is listed now. Announced: no longer from 1 October 2026."
        in said
    )
    assert "until 1 October 2026" in said
    assert "No longer listed" not in words(client.get(f"{REGISTER}models/"))
    assert "Announced: this model is listed from 1 October 2026." in words(
        client.get(f"{REGISTER}models/acme-one/")
    )


def test_everyone_is_listed(client):
    daily([ROW], [replace(ROW, models=(TWO,))])

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
def test_who_was_never_listed_has_no_page(client, path):
    daily([ROW])

    response = client.get(REGISTER + path)

    assert response.status_code == 404
    assert "<b>" not in response.content.decode()


@pytest.mark.parametrize("path", ["models/", "models/one/", "providers/acme/"])
class TestEveryPageOfLives:
    """What holds for all of them."""

    def test_is_kept_by_caches_and_not_sent_again(self, client, path):
        daily([ROW])

        response = client.get(REGISTER + path)

        assert not response.cookies
        assert "max-age=60" in response["Cache-Control"]
        assert (
            client.get(REGISTER + path, headers={"If-None-Match": response["ETag"]}).status_code
            == 304
        )
        assert client.get(f"{REGISTER}{path}?utm=x").content == response.content
        assert client.post(REGISTER + path).status_code == 405

    def test_shows_hostile_texts_as_they_are(self, client, path):
        hostile = '"><script>alert(1)</script>'
        daily(
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

    def test_is_not_there_where_the_store_is_damaged(self, client, path, published_root):
        daily([ROW])
        (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")

        assert client.get(REGISTER + path).status_code == 503


@pytest.mark.parametrize("path", ["models/acme-two/", "providers/borealis/"])
def test_who_is_listed_now_is_a_link_away_on_the_page(client, path):
    daily([listing("first")])

    links = [link.get("href") for link in parsed(client.get(f"{REGISTER}{path}")).iter("a")]
    page, _, anchor = next(
        link for link in links if "#" in link and link.startswith(REGISTER)
    ).partition("#")
    assert f'id="{anchor}"' in client.get(page).content.decode()
