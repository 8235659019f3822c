"""The Atom feed and the JSON Feed.

No test here uses the database, so a query is an error.
"""

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import html5lib
import pytest
import time_machine
from django.urls import reverse

from compliance.page.diff import compare
from compliance.page.snapshot import Model, Provider
from tests.stores import (
    FIRST,
    PROVIDERS,
    RECORD,
    SECOND,
    listing,
    models_cell,
    providers_cell,
    publish,
    snapshot,
    training_cell,
)

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ATOM, JSON = "/models-and-privacy/feed.atom", "/models-and-privacy/feed.json"
ONE, TWO = Model("one", "One"), Model("two", "Two")
ACME, BOLT = Provider("acme", "Acme"), Provider("bolt", "Bolt")
AT_ACME = {"models": models_cell(ONE), "providers": providers_cell(ACME)}
ROW = listing("row", **AT_ACME)
OTHER = listing("other", models=models_cell(TWO), providers=providers_cell(BOLT))
CATALOGUE = {"models": (ONE, TWO), "providers": (ACME, BOLT, PROVIDERS[1])}
OLD = snapshot(ROW, OTHER, **CATALOGUE)
WORSE = snapshot(listing("row", **AT_ACME, training=training_cell("Yes")), OTHER, **CATALOGUE)
PAGE_OF_ONE = snapshot(ROW, models=(ONE,), providers=(ACME, PROVIDERS[1]))
OTHER_PAGE = snapshot(ROW, OTHER, title="Other", **CATALOGUE)
WORSE_TOO = snapshot(
    listing("row", **AT_ACME, training=training_cell("Yes")), OTHER, title="Other", **CATALOGUE
)
_ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        yield


def entries(client, query="", **options):
    """Return id, time of change and sentences of each entry of the Atom feed.

    Fails unless the JSON Feed has the same entries.
    """
    feed = ElementTree.fromstring(client.get(ATOM + query, **options).content)  # noqa: S314
    entries = [
        (
            entry.findtext(f"{_ATOM}id"),
            entry.findtext(f"{_ATOM}updated"),
            _sentences(entry.findtext(f"{_ATOM}summary")),
        )
        for entry in feed.iter(f"{_ATOM}entry")
    ]
    items = client.get(JSON + query, **options).json()["items"]
    json_items = [
        (item["id"], item["date_modified"], _sentences(item["content_html"])) for item in items
    ]
    assert json_items == [
        (id, updated.replace("+00:00", "Z"), sentences) for id, updated, sentences in entries
    ]
    return entries


def _sentences(html):
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    assert {element.tag for element in tree.iter()} <= {
        *("DOCUMENT_FRAGMENT", "ul", "li", "p", "ins", "del", "a", "br")
    }
    return ["".join(item.itertext()) for item in tree.iter("li")]


def ids(client, query=""):
    return [id.split("?")[0].rpartition("/")[2] for id, _, _ in entries(client, query)]


def test_each_publication_is_an_entry_with_its_changes(client):
    publish(OLD, WORSE)

    newest, oldest = entries(client)

    assert newest[2] == ["Weaker: Training on the prompts of One: “Yes” instead of “No”."]
    assert len(oldest[2]) == len(compare(None, OLD))
    assert [newest[1], oldest[1]] == [SECOND.isoformat(), FIRST.isoformat()]


def test_ids_are_tag_uris_that_depend_on_neither_host_nor_clock(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    publish(OLD, WORSE)

    first = entries(client, headers={"host": "a.example"})
    with time_machine.travel(NOW + DAY, tick=False):
        again = entries(client, headers={"host": "b.example"})

    assert first == again
    assert first[0][0] == f"tag:{RECORD}.registry.invalid,2026:models-and-privacy/changes/2"


def test_updated_stays_the_same_while_nothing_changes(client):
    publish(OLD, WORSE)

    first = client.get(ATOM)
    with time_machine.travel(NOW + DAY, tick=False):
        again = client.get(ATOM)

    assert first.content == again.content
    assert b"<updated>2026-08-11T14:00:00+00:00</updated>" in first.content
    assert first["Last-Modified"] == "Tue, 11 Aug 2026 14:00:00 GMT"


@pytest.mark.parametrize("query", ["", "?effect=weaker"])
def test_the_entry_of_an_announced_publication_stays_when_it_takes_effect(client, query):
    announced = {"effective_from": NOW + DAY, "approved_at": NOW - DAY, "announced": True}
    publish(OLD, WORSE, changes={2: announced})

    before = entries(client, query)
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        assert entries(client, query) == before

    assert before[0][1] == (NOW - DAY).isoformat()


def test_what_was_never_public_has_no_entry(client):
    waiting = {"effective_from": NOW + DAY, "approved_at": NOW - 2 * DAY}

    publish(OLD, WORSE, changes={2: waiting})
    assert ids(client) == ["1"]
    publish(OLD, WORSE, changes={2: {**waiting, "withdrawn_at": NOW - DAY}})
    assert ids(client) == ["1"]
    publish(OLD, WORSE, changes={2: {**waiting, "announced": True}})
    assert ids(client) == ["2", "1"]


def test_a_withdrawal_is_an_entry_with_what_it_undoes(client):
    publish(OLD, WORSE, changes={2: {"withdrawn_at": SECOND + timedelta(seconds=43)}})

    withdrawal, publication, _ = client.get(JSON).json()["items"]

    assert withdrawal["title"] == "Publication 2 withdrawn, 2026-08-11 14:00 UTC: 1 stronger"
    assert "It was in force for 43 seconds. Publication 1 is shown instead." in " ".join(
        withdrawal["content_html"].split()
    )
    assert withdrawal["date_published"] == "2026-08-11T14:00:43Z"
    assert publication["date_modified"] == "2026-08-11T14:00:00Z"
    assert entries(client)[0][2] == [
        "Stronger: Training on the prompts of One: “No” instead of “Yes”."
    ]
    assert ids(client, "?effect=weaker") == ["2-withdrawn", "2"]
    assert entries(client, "?effect=weaker")[0][2] == entries(client)[0][2]
    assert ids(client, "?effect=stronger") == ["2-withdrawn"]
    assert ids(client, "?effect=neutral") == ["1"]


def test_a_withdrawal_says_since_when_the_publication_had_been_announced(client):
    announced = {
        "effective_from": NOW - DAY,
        "approved_at": NOW - 3 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY + timedelta(seconds=10),
    }
    publish(OLD, WORSE, changes={2: announced})

    assert (
        "It was in force for 10 seconds, and had been announced since 29 August 2026, 12:00 UTC."
    ) in " ".join(client.get(JSON).json()["items"][0]["content_html"].split())


def test_the_withdrawal_of_a_page_that_was_not_in_force_any_more_is_told_like_its_changes(client):
    later = {"effective_from": NOW - 2 * DAY}
    publish(OLD, WORSE, WORSE_TOO, changes={2: {"withdrawn_at": NOW - DAY}, 3: later})

    assert ids(client, "?effect=weaker") == ["2-withdrawn", "2"]
    assert (
        "did not change" in client.get(f"{JSON}?effect=weaker").json()["items"][0]["content_html"]
    )


def test_an_announced_change_that_is_called_off_is_an_entry(client):
    called_off = {
        "effective_from": NOW + DAY,
        "approved_at": NOW - 2 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    publish(OLD, WORSE, changes={2: called_off})

    for query in ("", "?effect=weaker", "?model=one"):
        assert ids(client, query)[:2] == ["2-called_off", "2"]
    assert ids(client, "?effect=stronger") == []
    end, announcement = client.get(JSON).json()["items"][:2]
    assert "does not come" in end["content_html"]
    assert end["title"] == (
        "Publication 2 called off, 2026-08-31 12:00 UTC; does not come: 1 weaker"
    )
    assert announcement["title"] == (
        "Publication 2, announced for 2026-09-02 12:00 UTC, was called off: 1 weaker"
    )
    assert "called off on 31 August 2026" in " ".join(announcement["content_html"].split())
    assert announcement["date_modified"] == "2026-08-31T12:00:00Z"


def test_an_announced_change_that_took_effect_with_another_one_is_told_as_that(client):
    called_off = {
        "effective_from": NOW + DAY,
        "approved_at": NOW - 2 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    at_once = {"effective_from": NOW - DAY, "approved_at": NOW - DAY}
    publish(OLD, WORSE, WORSE_TOO, changes={2: called_off, 3: at_once})

    assert ids(client) == ["3", "2-called_off", "2", "1"]
    end, announcement = client.get(JSON).json()["items"][1:3]
    assert end["title"] == (
        "Publication 2 took effect with publication 3, 2026-08-31 12:00 UTC: 1 weaker"
    )
    assert announcement["title"] == (
        "Publication 2, announced for 2026-09-02 12:00 UTC,"
        " took effect with publication 3: 1 weaker"
    )
    assert (
        "Publication 2, announced for 2 September 2026, took effect with publication 3,"
        " which says all that it would have changed. What changed:"
    ) in " ".join(end["content_html"].split())
    assert (
        "It was announced for 2 September 2026"
        " and took effect with publication 3 on 31 August 2026 already."
    ) in " ".join(announcement["content_html"].split())


def test_a_renewed_publication_keeps_its_entry_and_updates_it(client):
    announced = {"effective_from": NOW + DAY, "approved_at": SECOND, "announced": True}
    publish(OLD, WORSE, changes={2: announced})
    before = entries(client)

    renewed = {**announced, "renewed_by": 4, "renewed_at": NOW - DAY}
    fix = {"effective_from": NOW - DAY, "approved_at": NOW - DAY}
    renewal = {**announced, "approved_at": NOW - DAY, "renews": 2}
    publish(OLD, WORSE, OTHER_PAGE, WORSE_TOO, changes={2: renewed, 3: fix, 4: renewal})
    after = entries(client)

    assert ids(client) == ["2", "3", "1"]
    assert after[0][0] == before[0][0]
    assert after[0][1] == (NOW - DAY).isoformat()
    assert after[0][2] == before[0][2]
    item = client.get(JSON).json()["items"][0]
    assert item["title"].startswith("Publication 4, in force from 2026-09-02")
    assert item["date_published"] == "2026-08-11T14:00:00Z"


def test_the_title_of_a_filtered_feed_has_the_names(client):
    publish(OLD, WORSE)

    assert client.get(f"{JSON}?model=one").json()["title"] == (
        "Models and privacy: what changed for One"
    )
    assert client.get(f"{JSON}?effect=weaker&provider=acme&model=one").json()["title"] == (
        "Models and privacy: weaker, mixed and unjudged changes for One at Acme"
    )
    assert client.get(f"{JSON}?effect=stronger").json()["title"] == (
        "Models and privacy: stronger changes"
    )


@pytest.mark.parametrize("path", [ATOM, JSON])
@pytest.mark.parametrize("query", ["model=nobody", "model=%00", "provider=one", "model=acme"])
def test_the_id_of_no_model_or_provider_is_refused(client, path, query):
    publish(OLD, WORSE)

    response = client.get(f"{path}?{query}")

    assert response.status_code == 404
    assert "was ever listed" in response.content.decode()


def test_the_feed_of_a_model_has_the_changes_under_its_earlier_id(client):
    new = Model("new", "New", continues=("one",))
    renamed = listing("row", models=models_cell(new), providers=providers_cell(ACME))
    publish(OLD, WORSE, snapshot(renamed, **{**CATALOGUE, "models": (new, TWO)}))

    for query in ("?model=new", "?model=one"):
        assert ids(client, query) == ["3", "2", "1"]
        assert "for New" in client.get(JSON + query).json()["title"]
    assert ids(client, "?model=two") == ["3", "1"]


def test_a_model_that_only_a_withdrawn_publication_listed_has_a_feed(client):
    publish(PAGE_OF_ONE, OLD, changes={2: {"withdrawn_at": NOW - DAY}})

    assert ids(client, "?model=two") == ["2-withdrawn", "2"]


@pytest.mark.parametrize("path", [ATOM, JSON])
def test_a_repeated_parameter_is_refused(client, path):
    publish(OLD, WORSE)

    repeated = client.get(f"{path}?effect=weaker&effect=stronger")

    assert repeated.status_code == 400
    assert "effect is given more than once" in repeated.content.decode()
    assert client.get(f"{path}?effect=weaker").status_code == 200


@pytest.mark.parametrize("path", [ATOM, JSON])
def test_an_unknown_parameter_is_refused(client, path):
    publish(OLD)

    assert client.get(f"{path}?utm=x").status_code == 400
    old = client.get(f"{path}?weaker=1")
    assert (old.status_code, "effect=weaker" in old.content.decode()) == (400, True)


@pytest.mark.parametrize(("query", "told"), [
    ("", ["3", "2", "1"]), ("?effect=stronger", ["3"]), ("?model=one", ["3", "2", "1"]), ("?model=two", ["1"]),
    ("?provider=acme", ["3", "2", "1"]), ("?provider=bolt", ["1"]), ("?model=one&effect=stronger", ["3"]),
    ("?model=one&provider=bolt&effect=stronger", []),
])  # fmt: skip
def test_parameters_select_entries(client, query, told):
    publish(OLD, WORSE, OLD, changes={3: {"effective_from": SECOND + DAY}})

    assert ids(client, query) == told


def test_a_filtered_entry_has_only_matching_changes_and_an_id_of_its_own(client):
    worse = [
        listing(old.id, **{**old.cells, "training": training_cell(words)})
        for old, words in ((ROW, "Yes"), (OTHER, "Perhaps"))
    ]
    publish(OLD, snapshot(*worse, **CATALOGUE))

    plain, chosen = entries(client)[0], entries(client, "?effect=weaker&model=two")[0]

    assert len(plain[2]) == 2
    assert chosen[2] == ["Weaker: Training on the prompts of Two: “Perhaps” instead of “No”."]
    assert chosen[0] == f"{plain[0]}?model=two&effect=weaker"


@pytest.mark.parametrize("path", [ATOM, JSON])
@pytest.mark.parametrize("value", ["yes", "", "2", "%00", "9" * 5000])
def test_an_invalid_parameter_is_refused(client, path, value):
    publish(OLD)

    assert client.get(f"{path}?effect={value}").status_code == 400
    assert client.get(f"{path}?model=").status_code == 400
    assert client.get(path.replace("models", "nothing")).status_code == 404


@pytest.mark.parametrize(
    ("path", "media_type"), [(ATOM, "application/atom+xml"), (JSON, "application/feed+json")]
)
def test_a_feed_may_be_cached_and_is_not_sent_again_to_a_client_that_has_it(
    client, path, media_type
):
    publish(OLD, WORSE)

    response = client.get(path, headers={"Cookie": "sessionid=x"})

    assert response["Content-Type"].startswith(media_type)
    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=60"
    assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert (
        client.get(path, headers={"If-Modified-Since": response["Last-Modified"]}).status_code
        == 304
    )
    assert client.post(path).status_code == 405


def test_html_in_texts_is_escaped(client):
    hostile = '</li></ul><script>alert(1)</script>]]>&amp;<b title="'
    model = Model("x", hostile)
    page = snapshot(
        listing("row", models=models_cell(model)),
        models=(model,),
        title=hostile,
    )
    publish(page, changes={1: {"title": hostile, "publisher": hostile}})

    assert any(hostile in sentence for sentence in entries(client)[0][2])
    feed = ElementTree.fromstring(client.get(ATOM).content)  # noqa: S314
    assert feed.findtext(f"{_ATOM}title") == f"{hostile}: what changed"
    assert feed.findtext(f"{_ATOM}author/{_ATOM}name") == hostile


def test_a_feed_is_unavailable_if_a_published_file_is_damaged(client, published_root):
    publish(snapshot(ROW, title="Never read before", **CATALOGUE))
    (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")

    for path in (ATOM, JSON):
        assert client.get(path).status_code == 503


@pytest.mark.slow
def test_a_feed_has_the_newest_fifty_publications(client):
    pages = [snapshot(ROW, title=f"Title {number}", **CATALOGUE) for number in range(60)]
    publish(*pages, changes={n: {"effective_from": FIRST + n * DAY} for n in range(1, 61)})

    assert ids(client) == [str(number) for number in range(60, 10, -1)]


@pytest.mark.slow
def test_a_filtered_feed_has_the_newest_fifty_that_match(client):
    pages = [snapshot(ROW, title=f"Title {number}", **CATALOGUE) for number in range(60)]
    publish(OLD, *pages, changes={n: {"effective_from": FIRST + n * DAY} for n in range(1, 62)})

    assert ids(client, "?model=two") == ["2", "1"]


def test_pages_link_to_the_feeds(client):
    publish(OLD, WORSE)

    for name in ("register", "changes", "parties"):
        page = client.get(
            reverse(f"public:{name}", kwargs={"slug": "models-and-privacy"})
        ).content.decode()
        assert (
            f'<link rel="alternate" type="application/atom+xml" title="What changed" href="{ATOM}">'
            in page
        )
    assert f'{ATOM}?model=one"' in client.get("/models-and-privacy/models/one/").content.decode()


def test_the_json_feed_keeps_to_json_feed_1_1(client):
    publish(WORSE, OLD)

    feed = json.loads(client.get(f"{JSON}?effect=stronger").content)

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://testserver{JSON}?effect=stronger"
    assert feed["home_page_url"] == "http://testserver/models-and-privacy/changes/"
    [item] = feed["items"]
    assert item["url"] == "http://testserver/models-and-privacy/changes/2/"
    assert item["title"] == "Publication 2, in force from 2026-08-11 14:00 UTC: 1 stronger"
    assert item["tags"] == ["stronger"]


def test_feedparser_reads_the_atom_feed(client):
    feedparser = pytest.importorskip("feedparser", reason="feedparser is not in the lock yet")
    publish(OLD, WORSE)

    feed = feedparser.parse(client.get(ATOM).content)

    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.entries[0].title == "Publication 2, in force from 2026-08-11 14:00 UTC: 1 weaker"
    assert all(entry.id.startswith("tag:") and entry.updated_parsed for entry in feed.entries)
    assert feed.feed.id.startswith("tag:")
