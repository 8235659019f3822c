"""The public site.

No test here uses the database, so a query is an error.
"""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.test.utils import override_script_prefix

from compliance.page import canonical
from compliance.page.formats import FORMATS, markdown
from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from compliance.published import writer
from compliance.rendering.html import html_body
from tests.factories import make_user
from tests.pages import SEED
from tests.stores import FIRST, SECOND, listing, publish, put, snapshot

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
PAGE = "/models-and-privacy/"

OLD, NEW = snapshot(listing("first")), snapshot(listing("first"), listing("second"))


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def get(client: Client):
    return client.get


def text(response) -> str:
    return response.content.decode()


def dataset(tree):
    """Return the JSON-LD of a page for search engines."""
    return json.loads("".join(tree.find(".//script[@type='application/ld+json']").itertext()))


def strictly_parsed(response):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text(response))


def test_the_page_of_a_register_contains_the_frozen_body(get):
    publish(OLD, NEW)

    response = get(PAGE)

    assert response.status_code == 200
    assert html_body(NEW) in text(response)
    tree = strictly_parsed(response)
    assert tree.get("lang") == "en"
    assert "".join(tree.find(".//title").itertext()) == "Models and privacy – Acme Search"
    status = " ".join("".join(tree.find(".//section[@class='status']").itertext()).split())
    assert status.startswith(
        "Publication 2 In force since 11 August 2026 Approved 11 August 2026 Content hash"
    )
    assert canonical.sha256(NEW.canonical_bytes()) in text(response)
    assert "mailto:privacy@acme.example" in text(response)
    assert "CC-BY-4.0" in text(response)
    assert "no longer in force" not in text(response)


def test_the_home_page_is_the_only_register(get):
    publish(OLD)

    assert get("/").content == get(PAGE).content


def test_the_home_page_lists_two_registers(get):
    publish(OLD)
    publish(snapshot(slug="модели-2", title="Модели", language="ru"))

    response = get("/")

    links = [link.get("href") for link in strictly_parsed(response).iter("a")]
    assert links[1:] == [PAGE, "/%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D0%B8-2/"]
    assert get(links[2]).status_code == 200


def test_a_missing_store_is_unavailable_and_not_an_empty_registry(get):
    for path in ("/", PAGE, f"{PAGE[:-1]}.json", "/api/v1/registers/"):
        assert get(path).status_code == 503, path


@pytest.mark.parametrize(
    "path", ["/", PAGE, "/healthz", "/nothing/", "/api/v1/registers/", "/api/v1/nothing/"]
)
def test_a_malformed_cookie_sets_no_cookie(client, path):
    publish(NEW)

    response = client.get(path, headers={"Cookie": "csrftoken=zz; sessionid=x"})

    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_wrong_method_is_refused_with_405(method):
    publish(NEW)
    client = Client(enforce_csrf_checks=True)

    for path in ("/", PAGE, f"{PAGE[:-1]}.json", "/healthz", "/readyz"):
        assert getattr(client, method)(path).status_code == 405, path
    unknown = getattr(client, method)("/api/v1/nothing/")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db  # a request for staff first asks whether the database is there
def test_an_expired_form_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})

    assert response.status_code == 403
    assert "Go back, reload, and send it anew" in text(response)


def test_the_home_page_says_so_if_nothing_is_published(get):
    put("record", b"a-record\n")

    response = get("/")

    assert response.status_code == 200
    assert "Nothing is published here yet" in text(response)


@pytest.mark.parametrize(
    ("format", "media_type"),
    [("md", "text/markdown"), ("csv", "text/csv"), ("json", "application/json")],
)
def test_files_are_served_byte_for_byte_with_their_headers(get, format, media_type):
    index = publish(OLD, NEW)

    response = get(f"/models-and-privacy.{format}")

    file = index.entry(2).files[format]
    assert response.status_code == 200
    assert canonical.sha256(response.content) == file.sha256
    assert response["ETag"] == f'"{file.sha256}"'
    assert response["Content-Type"].startswith(media_type)
    assert response["Publication-Number"] == "2"
    assert response["Content-SHA256"] == NEW.content_sha256()
    assert response["Last-Modified"] == "Tue, 11 Aug 2026 14:00:00 GMT"
    assert '</models-and-privacy/>; rel="canonical"' in response["Link"]
    assert f"/models-and-privacy.{format}>" not in response["Link"]


def test_the_json_file_hashes_to_the_content_hash(get):
    publish(NEW)

    assert canonical.sha256(get("/models-and-privacy.json").content) == NEW.content_sha256()


def test_the_page_in_force_names_its_permanent_link(get):
    publish(OLD, NEW)

    facts = {
        "".join(fact.find("dt").itertext()): fact.find("dd/a")
        for fact in strictly_parsed(get(PAGE)).findall(".//dl/div")
    }

    assert facts["Permanent link to this version"].get("href") == f"{PAGE}2/"


def test_an_earlier_publication_links_to_the_page_in_force(get):
    publish(OLD, NEW)

    response = get(f"{PAGE}1/")

    assert html_body(OLD) in text(response)
    banner = strictly_parsed(response).find(".//section[@class='banner']")
    assert "no longer in force" in "".join(banner.itertext())
    assert banner.find(".//a").get("href") == PAGE
    assert "until" in text(response)
    assert get(f"{PAGE}1.json").content == OLD.canonical_bytes()
    assert response["Publication-Number"] == "1"


def test_an_imported_publication_says_that_it_is_older_than_the_registry(get):
    publish(OLD, changes={1: {"source": "imported", "approved_at": NOW}})

    assert "Approved</dt> <dd>before this registry" in text(get(PAGE))
    assert "1 September 2026" not in text(get(PAGE))


@pytest.mark.parametrize("path", ["2/", "2.json", "2.md", "2.csv"])
def test_a_publication_is_not_found_before_it_takes_effect(get, path):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(days=1)}})

    assert get(PAGE + path).status_code == 404
    assert "Publication 2" not in text(get(PAGE))
    with time_machine.travel(NOW + timedelta(days=1)):
        assert get(PAGE + path).status_code == 200
        assert get(PAGE)["Publication-Number"] == "2"


def test_an_announced_publication_is_shown_before_it_takes_effect(get):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(days=1), "announced": True}})

    assert "not in force yet" in text(get(f"{PAGE}2/"))
    assert get(PAGE)["Publication-Number"] == "1"


@pytest.mark.parametrize("path", ["2/", "2.json", "as-of/2026-08-12/", "as-of/2026-08-12.md"])
def test_a_withdrawn_publication_is_gone(get, path):
    publish(OLD, NEW, changes={2: {"withdrawn_at": NOW - timedelta(days=1)}})

    response = get(PAGE + path)

    assert response.status_code == 410
    assert "was withdrawn" in text(response)
    assert get(PAGE)["Publication-Number"] == "1"


def test_last_modified_moves_on_when_a_publication_is_withdrawn(get):
    publish(OLD, NEW, changes={2: {"withdrawn_at": NOW - timedelta(hours=1)}})

    response = get(
        "/models-and-privacy.md", headers={"If-Modified-Since": "Tue, 11 Aug 2026 14:00:00 GMT"}
    )

    assert response.status_code == 200
    assert response["Last-Modified"] == "Tue, 01 Sep 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("day", "number"),
    [("2026-03-02", "1"), ("2026-08-10", "1"), ("2026-08-11", "2"), ("2026-09-01", "2")],
)
def test_a_day_shows_what_was_public_at_its_end(get, day, number):
    publish(OLD, NEW)

    page, file = get(f"{PAGE}as-of/{day}/"), get(f"{PAGE}as-of/{day}.json")

    assert page["Publication-Number"] == file["Publication-Number"] == number
    assert file.content == (OLD if number == "1" else NEW).canonical_bytes()


def test_today_means_now(get):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(hours=1)}})

    assert get(f"{PAGE}as-of/2026-09-01/")["Publication-Number"] == "1"


@pytest.mark.parametrize("ending", ["/", ".md"])
@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2026-03-01", 404),
        ("2000-01-01", 404),
        ("1999-12-31", 400),
        ("2026-09-02", 400),
        ("9999-12-31", 400),
        ("2026-02-30", 400),
        ("20260302", 400),
        ("2026-W10-1", 400),
        ("２０２６-０３-０２", 400),
        ("yesterday", 400),
        ("2026-03-02\x00", 400),
        ("9" * 5000, 400),
    ],
)
def test_an_invalid_day_is_refused(get, day, status, ending):
    publish(OLD)

    assert get(f"{PAGE}as-of/{day}{ending}").status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/nothing.md",
        "/nothing/1/",
        "/nothing/as-of/2026-03-02/",
        "/models-and-privacy.html",
        "/models-and-privacy.exe",
        "/models-and-privacy/0/",
        "/models-and-privacy/3/",
        "/models-and-privacy/01/",
        f"/models-and-privacy/{'9' * 5000}/",
        "/models-and-privacy/1.html",
        "/Models-and-privacy/",
        "/../record",
        "/..%2frecord/",
        "/record/",
        "/models-and-privacy/index.json",
        "/models-and-privacy%00/",
        f"/{'ж' * 100}/",
        f"/{'x' * 5000}/",
    ],
)
def test_an_unknown_address_gets_an_error_page(get, path):
    publish(OLD)

    response = get(path)

    assert response.status_code == 404
    strictly_parsed(response)
    assert "<h1>Page not found</h1>" in text(response)
    assert response["Cache-Control"] == "no-store"


def test_html_in_an_address_is_escaped(get):
    publish(OLD)

    response = get(f'{PAGE}as-of/<script>alert("x")<script>/')

    assert response.status_code == 400
    assert "<script>" not in text(response)


@pytest.mark.parametrize(
    "path", ["/", PAGE, f"{PAGE}1/", "/models-and-privacy.md", f"{PAGE}1.csv", "/healthz"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_methods_other_than_get_and_head_are_refused(client, path, method):
    publish(OLD)

    assert getattr(client, method)(path).status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/", PAGE, f"{PAGE}1/", f"{PAGE}as-of/2026-03-02/", "/models-and-privacy.md", f"{PAGE}1.json"],
)
class TestEveryResponse:
    """What holds for pages and files alike."""

    def test_sets_no_cookie_and_does_not_vary_by_one(self, get, path):
        publish(OLD)

        response = get(path, headers={"Cookie": "sessionid=x"})

        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "max-age" in response["Cache-Control"]

    def test_is_not_sent_again_to_a_client_that_has_it(self, get, path):
        publish(OLD)
        first = get(path)

        by_tag = get(path, headers={"If-None-Match": first["ETag"]})
        by_time = get(path, headers={"If-Modified-Since": first["Last-Modified"]})
        changed = get(path, headers={"If-None-Match": '"another"'})

        assert (by_tag.status_code, by_time.status_code, changed.status_code) == (304, 304, 200)
        assert by_tag.content == b""

    def test_has_the_same_headers_for_head(self, client, path):
        publish(OLD)

        head, got = client.head(path), client.get(path)

        assert head.status_code == 200
        assert head.content == b""
        assert {
            name: head[name] for name in ("ETag", "Link", "Content-SHA256", "Content-Length")
        } == {name: got[name] for name in ("ETag", "Link", "Content-SHA256", "Content-Length")}

    def test_ignores_unknown_parameters(self, get, path):
        publish(OLD)

        assert get(f"{path}?utm_source=x&format=evil").content == get(path).content


def test_the_page_names_no_other_host_and_has_no_script_but_data(get):
    publish(NEW)

    tree = strictly_parsed(get(PAGE))

    assert [script.get("type") for script in tree.iter("script")] == ["application/ld+json"]
    assert not list(tree.iter("style"))
    assert not [element for element in tree.iter() if element.get("style") or element.get("src")]
    assert all(link.get("href").startswith("/") for link in tree.iter("link"))


def test_html_in_the_title_of_a_register_is_escaped(get):
    publish(
        snapshot(title='</title><script>alert("t")</script>'),
        changes={1: {"title": '</title><script>x</script>"'}},
    )

    tree = strictly_parsed(get(PAGE))

    assert "".join(tree.find(".//title").itertext()).startswith('</title><script>x</script>"')
    assert dataset(tree)["name"] == '</title><script>x</script>"'
    assert len(list(tree.iter("script"))) == 1


@pytest.mark.parametrize(
    "path", [PAGE, "/", "/models-and-privacy.md", f"{PAGE}1/", f"{PAGE}1.json"]
)
@pytest.mark.parametrize("fault", ["altered", "missing", "index"])
def test_bytes_that_do_not_match_their_hash_are_never_served(get, published_root, path, fault):
    publish(OLD)
    if fault == "index":
        put("models-and-privacy/index.json", b"{")
    for file in published_root.glob("models-and-privacy/1.*"):
        if fault == "missing":
            file.unlink()
        elif fault == "altered":
            file.write_bytes(file.read_bytes().replace(b"Acme", b"Evil"))

    response = get(path)

    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "Evil" not in text(response)


def test_healthz_names_the_number_in_force(get):
    publish(OLD, NEW)

    response = get("/healthz")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "in_force": {"models-and-privacy": 2}},
    )


def test_healthz_says_what_is_wrong(get, published_root):
    assert get("/healthz").status_code == 503
    publish(OLD)
    (published_root / "models-and-privacy" / "1.csv").unlink()

    response = get("/healthz")

    assert response.status_code == 503
    assert response.json()["reasons"] == [
        "models-and-privacy/1.csv is missing from the published store. Run restore_store."
    ]


def test_readyz_says_that_the_database_does_not_answer(get, monkeypatch):
    publish(OLD)

    def fail(connection):
        raise OperationalError("refused")

    monkeypatch.setattr("compliance.public.views.write_fault", fail)
    stopped = get("/readyz")
    # Without a query: it would wait, and SQLite would make an empty file where there is none.
    monkeypatch.setattr("compliance.models.outages.watch.answers", lambda: False)
    monkeypatch.setattr("compliance.public.views.write_fault", lambda _: pytest.fail("asked"))
    away = get("/readyz")

    for response in (stopped, away):
        assert (response.status_code, response.json()["reasons"]) == (
            503,
            ["The database does not answer."],
        )


@pytest.mark.parametrize(
    ("path", "status"), [("/%ff/", 404), (f"{PAGE}?a=%00", 200), (f"{PAGE}?{'a=1&' * 2000}", 200)]
)
def test_malformed_requests_are_no_server_error(get, path, status):
    publish(OLD)

    assert get(path).status_code == status


def test_times_are_in_utc(get):
    publish(OLD)

    assert re.findall(r'datetime="([^"]+)"', text(get(PAGE)))[0] == FIRST.strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    assert SECOND.tzinfo is UTC


def test_an_index_with_times_in_another_zone_is_read(get):
    publish(
        OLD, changes={1: {"effective_from": datetime.fromisoformat("2026-03-02T11:30:00+02:00")}}
    )

    assert json.loads(get("/healthz").content)["in_force"] == {"models-and-privacy": 1}


def test_a_server_error_gets_an_error_page(client, monkeypatch):
    monkeypatch.setattr("compliance.published.reader.read_index", lambda slug: 1 / 0)
    client.raise_request_exception = False

    response = client.get(PAGE)

    assert response.status_code == 500
    assert "The fault is ours." in text(response)
    assert "ZeroDivisionError" not in text(response)
    assert "Back to the desk" not in text(response)


@pytest.mark.django_db
def test_a_server_error_under_the_admin_leads_back_to_the_desk(client, monkeypatch):
    monkeypatch.setattr("compliance.admin.search.shortened_search_term", lambda words: 1 / 0)
    client.force_login(make_user("eve", role="editor"))
    client.raise_request_exception = False

    response = client.get("/admin/search/", {"q": "acme"})

    assert response.status_code == 500
    assert '<a href="/admin/">Back to the desk</a>' in response.text


@pytest.fixture
def uncollected(settings, tmp_path):
    """Let STATIC_ROOT be a folder into which `collectstatic` never wrote."""
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()


@pytest.mark.parametrize("manifest", [None, "{", '{"version": "9"}'])
@pytest.mark.parametrize(
    ("path", "host", "status", "heading"),
    [
        ("/nothing/", "testserver", 404, "Page not found"),
        (PAGE, "elsewhere.example", 400, "Bad request"),
        (f"{PAGE}1/", "testserver", 500, "Something went wrong"),
        (f"{PAGE}2/", "testserver", 503, "Not available now"),
    ],
)
def test_an_error_page_needs_no_style_sheet(
    client, uncollected, settings, published_root, manifest, path, host, status, heading
):
    publish(OLD, NEW)
    (published_root / "models-and-privacy" / "2.html").unlink()
    if manifest:
        (settings.STATIC_ROOT / "staticfiles.json").write_text(manifest)
    client.raise_request_exception = False

    response = client.get(path, HTTP_HOST=host)

    assert response.status_code == status
    assert f"<h1>{heading}</h1>" in text(response)
    assert strictly_parsed(response).findall(".//link") == []


def test_an_error_page_links_to_the_style_sheets_if_there_are_any(get):
    style_sheets = strictly_parsed(get("/nothing/")).findall(".//link")

    assert [link.get("href") for link in style_sheets] == [
        "/static/compliance/tokens.css",
        "/static/compliance/public.css",
    ]


def test_an_error_page_links_to_the_home_page_below_a_path_prefix(get):
    put("record", b"a-record\n")

    with override_script_prefix("/registry/"):
        response = get("/nothing/", SCRIPT_NAME="/registry")

    assert {link.get("href") for link in strictly_parsed(response).iter("a")} == {
        "#main",
        "/registry/",
    }


def _links(response):
    """Return the Link header's targets by relation."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; datetime="([^"]*)")?', response["Link"])
    return {rel: (target, moment) for target, rel, moment in found}


@pytest.mark.parametrize("suffix", ["/", ".md", ".csv", ".json"])
def test_a_past_day_is_a_memento_of_the_page(get, suffix):
    publish(OLD, NEW)

    response = get(f"/models-and-privacy/as-of/2026-03-05{suffix}")

    assert response["Memento-Datetime"] == "Mon, 02 Mar 2026 09:30:00 GMT"
    links = _links(response)
    assert links["original"][0] == f"/models-and-privacy{suffix}"
    assert links["first memento"] == (
        f"/models-and-privacy/1{suffix}",
        "Mon, 02 Mar 2026 09:30:00 GMT",
    )
    assert links["next last memento"] == (
        f"/models-and-privacy/2{suffix}",
        "Tue, 11 Aug 2026 14:00:00 GMT",
    )
    assert links["latest-version"][0] == PAGE


def test_a_numbered_publication_is_a_memento_but_the_page_in_force_is_not(get):
    publish(OLD, NEW)

    assert get(f"{PAGE}2/")["Memento-Datetime"] == "Tue, 11 Aug 2026 14:00:00 GMT"
    assert "Memento-Datetime" not in get(PAGE)
    assert "Memento-Datetime" not in get("/models-and-privacy.md")


def test_an_announced_publication_is_no_memento_before_it_takes_effect(get):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(days=1), "announced": True}})

    response = get(f"{PAGE}2/")

    assert response.status_code == 200
    assert "Memento-Datetime" not in response


@pytest.mark.parametrize(
    "path", [PAGE, "/models-and-privacy.md", "/api/v1/registers/models-and-privacy/export/"]
)
def test_caches_keep_a_page_no_longer_than_until_the_next_change(get, path):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(seconds=20)}})

    assert get(path)["Cache-Control"] == "public, max-age=20"
    with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
        response = get(path)
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Publication-Number"] == "2"


@pytest.mark.parametrize(
    "path",
    [PAGE, "/models-and-privacy.md", f"{PAGE}changes/", f"{PAGE}feed.atom", "/api/v1/registers/"],
)
@pytest.mark.parametrize("withdrawn_at", [None, NOW - timedelta(minutes=1)])
def test_an_approval_that_is_not_public_changes_no_response(get, path, withdrawn_at):
    publish(NEW)
    before = get(path)
    publish(NEW, OLD, changes={2: {
        "effective_from": NOW + timedelta(days=9), "approved_at": NOW - timedelta(hours=1), "withdrawn_at": withdrawn_at,
    }})  # fmt: skip

    after = get(path)

    assert (after.content, dict(after.headers)) == (before.content, dict(before.headers))


def test_an_announcement_changes_last_modified(get):
    announced = {
        "effective_from": NOW + timedelta(days=9),
        "approved_at": NOW - timedelta(hours=1),
        "announced": True,
    }
    publish(NEW, OLD, changes={2: announced})

    assert get(PAGE)["Last-Modified"] == "Tue, 01 Sep 2026 11:00:00 GMT"


def test_the_page_describes_itself_as_a_dataset(get, settings):
    settings.SITE_URL = "https://privacy.example"
    index = publish(OLD, NEW)

    told = dataset(strictly_parsed(get(PAGE)))

    assert (told["@context"], told["@type"], told["name"]) == (
        "https://schema.org",
        "Dataset",
        "Models and privacy",
    )
    assert told["url"] == f"https://privacy.example{PAGE}"
    assert (told["version"], told["dateModified"]) == ("2", "2026-08-11T14:00:00Z")
    assert told["publisher"] == {"@type": "Organization", "name": "Acme Search"}
    assert told["license"] == {"@type": "CreativeWork", "name": "CC-BY-4.0"}
    assert {each["contentUrl"]: each["sha256"] for each in told["distribution"]} == {
        f"https://privacy.example/models-and-privacy.{name}": index.entry(2).files[name].sha256
        for name in FORMATS
    }


def test_the_dataset_leaves_out_what_the_register_does_not_have(get):
    waiting = {"effective_from": NOW + timedelta(days=1), "announced": True}
    publish(
        OLD, NEW, changes={2: {**waiting, "publisher": "", "licence": "https://a.example/licence"}}
    )

    told = dataset(strictly_parsed(get(f"{PAGE}2/")))

    assert told["url"] == f"{PAGE}2/"
    assert told["license"] == "https://a.example/licence"
    assert not {"publisher", "dateModified"} & set(told)


def test_the_page_of_the_seed_stays_small(get):
    seed = SEED.read_text(encoding="utf-8")
    publish(markdown.parse(seed))

    response = get("/")

    assert len(response.content) < 40_000
    tree = strictly_parsed(response)
    assert [
        link.get("rel")
        for link in tree.iter("link")
        if link.get("rel") in ("stylesheet", "preload")
    ] == ["stylesheet", "stylesheet"]  # the tokens, and what the public pages make of them
    assert not list(tree.iter("img"))


@pytest.mark.parametrize("stem", ["/models-and-privacy", "/models-and-privacy/1"])
def test_the_csv_links_to_its_metadata(get, stem):
    publish(OLD, NEW)
    file = get(f"{stem}.csv")

    assert (
        f'<{stem}.csv-metadata.json>; rel="describedby"; type="application/csvm+json"'
        in file["Link"]
    )
    response = get(f"{stem}.csv-metadata.json")

    described = response.json()
    header = next(csv.reader(io.StringIO(file.content.decode())))
    assert [column["titles"] for column in described["tableSchema"]["columns"]] == header
    assert described["url"] == f"{stem.rpartition('/')[2]}.csv"
    assert (described["dialect"]["delimiter"], described["dialect"]["lineTerminators"]) == (
        ",",
        ["\r\n"],
    )
    assert response["Access-Control-Allow-Origin"] == "*"
    assert (
        get(f"{stem}.csv-metadata.json", headers={"If-None-Match": response["ETag"]}).status_code
        == 304
    )


def test_the_metadata_of_a_csv_describe_the_columns_of_its_own_tables(get):
    purpose = Column("purpose", "Purpose", ColumnRole.TEXT)
    row = Listing("row", {"purpose": Cell((TextItem("Chat"),))})
    table = Section("purposes", "", (purpose,), (row,))
    publish(replace(snapshot(models=(), providers=()), sections=(table,)))

    described = get("/models-and-privacy.csv-metadata.json").json()

    header = next(csv.reader(io.StringIO(get("/models-and-privacy.csv").content.decode())))
    assert [column["titles"] for column in described["tableSchema"]["columns"]] == header
    assert "Purpose" in header or "purpose" in header


def test_the_json_links_to_its_schema(get):
    publish(NEW)

    assert '</schema/register/1>; rel="describedby"' in get("/models-and-privacy.json")["Link"]
    with override_script_prefix("/registry/"):
        link = get("/models-and-privacy.json", SCRIPT_NAME="/registry")["Link"]
    assert '</registry/schema/register/1>; rel="describedby"' in link
    assert get("/schema/register/1").status_code == 200


def test_a_publication_that_is_not_public_has_no_csv_metadata(get):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(days=1)}})

    assert get("/models-and-privacy/2.csv-metadata.json").status_code == 404
    assert get("/nothing.csv-metadata.json").status_code == 404


@pytest.mark.django_db
def test_a_new_installation_is_ready_with_nothing_in_force(client):
    writer.complete()

    ready, healthy = client.get("/readyz"), client.get("/healthz")

    assert (ready.status_code, ready.json()["in_force"]) == (200, {})
    assert healthy.status_code == 503
    assert "Nothing is in force" in healthy.text
