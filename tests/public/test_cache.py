"""Responses from memory equal new ones, and are dropped when their sources change."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from compliance.public import cache
from compliance.public.responses import PublicResponse, ResponseValidity
from tests.stores import listing, publish, snapshot

# Far in the future, so that files written by these tests look old.
NOW = datetime(2036, 9, 1, 12, 0, tzinfo=UTC)
PAGE, FILE, FEED = (
    "/models-and-privacy/",
    "/models-and-privacy.json",
    "/models-and-privacy/feed.json",
)
OLD, NEW = snapshot(listing("first")), snapshot(listing("first"), listing("second"))


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made(monkeypatch):
    """Record the keys of the responses that are kept in memory."""
    kept = []
    monkeypatch.setattr(
        cache.ResponseCache,
        "keep",
        lambda self, key, value, keep=cache.ResponseCache.keep: (
            kept.append(key),
            keep(self, key, value),
        ),
    )
    return kept


@pytest.mark.parametrize(
    "path",
    ["/", PAGE, FILE, FEED, f"{PAGE}1/", f"{PAGE}1.csv", f"{PAGE}changes/", f"{PAGE}models/"],
)
def test_a_second_request_gets_the_same_response_from_memory(client, made, path):
    publish(OLD)

    first, second = client.get(path), client.get(path)

    assert len(made) == 1
    assert (second.status_code, second.content, dict(second.items())) == (
        200,
        first.content,
        dict(first.items()),
    )
    # By the handler itself: the test client takes the content away.
    takes_any_query = path not in (FEED, f"{PAGE}changes/")
    for asked in (path, f"{path}?x") if takes_any_query else (path,):
        head = WSGIHandler().get_response(RequestFactory().head(asked))
        assert (head["Content-Length"], head.content) == (first["Content-Length"], b"")


@pytest.mark.parametrize("path", [PAGE, FILE])
@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_a_client_that_has_the_response_gets_304_with_the_same_headers(client, made, path, header):
    publish(OLD)
    first = client.get(path)
    condition = {header: first["ETag" if header == "If-None-Match" else "Last-Modified"]}

    anew, again = client.get(f"{path}?x=1", headers=condition), client.get(path, headers=condition)

    assert (anew.status_code, again.status_code, again.content) == (304, 304, b"")
    said, meant = dict(again.items()), dict(anew.items())
    assert "Content-Length" not in said
    assert ("Access-Control-Allow-Origin" in said) == (path == FILE)
    assert said == meant


def test_a_request_with_another_condition_is_answered_as_without_the_cache(client):
    publish(OLD)
    client.get(PAGE)

    assert client.get(PAGE, headers={"If-Match": '"another"'}).status_code == 412
    assert client.get(PAGE, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/", PAGE])
def test_a_response_is_dropped_when_the_index_changes(client, path):
    publish(OLD)
    client.get(path)

    publish(OLD, NEW)

    assert client.get(path)["Publication-Number"] == "2"


def test_the_home_page_is_dropped_when_the_index_of_any_register_changes(client):
    publish(OLD)
    assert client.get("/")["Publication-Number"] == "1"

    publish(snapshot(slug="second", title="Second"))

    assert b'href="/second/"' in client.get("/").content


def test_a_response_is_dropped_a_minute_before_and_when_a_publication_takes_effect(client):
    publish(
        OLD,
        NEW,
        changes={
            2: {
                "effective_from": NOW + timedelta(seconds=90),
                "approved_at": NOW - timedelta(days=1),
            }
        },
    )
    client.get(PAGE)

    told = []
    for seconds in (0, 29, 50, 89, 90):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            response = client.get(PAGE)
            told.append((response["Publication-Number"], response["Cache-Control"]))

    assert told == [
        ("1", "public, max-age=60"),
        ("1", "public, max-age=60"),
        ("1", "public, max-age=40"),
        ("1", "public, max-age=1"),
        ("2", "public, max-age=60"),
    ]


def test_a_response_is_dropped_when_the_store_is_gone(client, published_root):
    publish(OLD)
    client.get(PAGE)

    published_root.rename(published_root.with_name("lost"))

    assert client.get(PAGE).status_code == 503


def test_a_response_from_a_very_new_index_file_is_not_kept(client, made):
    with time_machine.travel(time_machine.escape_hatch.datetime.datetime.now(UTC), tick=False):
        publish(OLD)
        client.get(PAGE)

    assert made == []


@pytest.mark.parametrize(
    "path",
    [
        f"{FEED}?effect=weaker",
        f"{PAGE}9/",
        "/nothing/",
        "/healthz",
        "/admin/login/",
        "/api/v1/openapi.json",
    ],
)
def test_responses_to_queries_errors_and_other_pages_are_not_kept(client, made, path):
    publish(OLD)

    client.get(path)

    assert made == []


@pytest.mark.parametrize("path", ["/", PAGE, FILE, f"{PAGE}1/", f"{PAGE}models/"])
def test_queries_that_a_page_does_not_know_share_one_entry(client, made, path):
    publish(OLD)

    answers = [client.get(f"{path}?x={n}") for n in range(3)] + [client.get(path)]

    assert len(made) == 1
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }


def test_queries_that_a_page_knows_or_refuses_are_answered_by_themselves(client, made):
    publish(OLD, NEW)
    changes = f"{PAGE}changes/"
    client.get(changes)
    client.get(FEED)

    assert client.get(changes, {"model": "second"}).content != client.get(changes).content
    assert client.get(changes, {"x": "1"}).status_code == 400
    assert client.get(FEED, {"effect": "weaker"}).json()["items"] == []
    assert client.get(FEED).json()["items"]
    assert len(made) == 2  # neither question was kept


def test_responses_are_kept_by_host_and_scheme(client, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    publish(OLD, NEW)

    one = client.get(FEED, headers={"Host": "one.example"}).json()["feed_url"]
    two = client.get(FEED, headers={"Host": "two.example"}).json()["feed_url"]
    secure = client.get(FEED, headers={"Host": "two.example"}, secure=True).json()["feed_url"]

    assert (one, two, secure) == tuple(
        f"{site}{FEED}"
        for site in ("http://one.example", "http://two.example", "https://two.example")
    )
    assert client.get(FEED, headers={"Host": "three.example"}).status_code == 400


def test_the_responses_requested_most_recently_are_kept():
    index = publish(OLD)
    holding = ResponseValidity("models-and-privacy", None, None)

    def kept(size):
        answer = PublicResponse(b"x" * size, headers={"ETag": '"x"'}).made_of(index, NOW)
        return cache.CachedResponse.of(answer, holding)

    room = cache.ResponseCache(capacity=3 * kept(10_000).size)
    for name in "abc":
        room.keep(("", "", name), kept(10_000))
    room.get(("", "", "a"))
    room.keep(("", "", "d"), kept(10_000))
    room.keep(("", "", "d"), kept(9_000))
    room.keep(("", "", "large"), kept(10_000_000))

    assert [name for *_, name in room._responses] == ["a", "d", "large"]
    assert (
        room._free
        == 3 * kept(10_000).size - kept(10_000).size - kept(9_000).size - kept(10_000_000).size
    )


def test_a_large_response_is_kept_without_its_content(client, made, monkeypatch):
    monkeypatch.setattr(cache, "_LARGEST_CONTENT", 1000)
    publish(OLD)
    first = client.get(PAGE)

    again = client.get(PAGE, headers={"If-None-Match": first["ETag"]})
    assert (len(made), again.status_code) == (1, 304)

    second = client.get(PAGE)
    assert (len(made), second.status_code, second.content) == (2, 200, first.content)
