"""The export of the public site as static files, and nginx serving it as the application does."""

import http.client
import os
import shutil
import socket
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import feedparser
import pytest
import time_machine
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.encoding import iri_to_uri

from compliance.management.commands import export_site
from compliance.page.snapshot import Model, Provider
from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from compliance.published.log import encode_log, sign_log
from compliance.staticsite import crawl as site_crawl
from compliance.staticsite import folder as site_folder
from compliance.staticsite import nginx
from tests.published.test_log import KEY, OTHERS, log_of
from tests.stores import (
    FIRST,
    MODELS,
    PROVIDERS,
    SECOND,
    listing,
    models_cell,
    providers_cell,
    publish,
    put,
    snapshot,
)

NOW = datetime(2026, 8, 14, 12, 0, tzinfo=UTC)
HOST = "privacy.example.com"
SLUG = "/models-and-privacy/"
DEPLOY = project.BASE_DIR / "deploy"
LATER_MODELS = (
    Model("größe-2", "Größe 2"),
    Model("x" * 250, "X" * 250),
    Model("gpt-4.1", "GPT 4.1"),
)
LATER_PROVIDER = Provider("ü", "Ü, “Q” $uri & \\")
LATER = listing(
    "later", models=models_cell(*LATER_MODELS), providers=providers_cell(LATER_PROVIDER)
)
CATALOGUE = {
    "models": (*MODELS, *LATER_MODELS),
    "providers": (*PROVIDERS, LATER_PROVIDER),
}
# A register of prose, and of a table that names neither models nor providers.
PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)
OTHER_TABLES = replace(
    snapshot(models=(), providers=(), slug="third"),
    sections=(
        Section(
            "prose",
            "See [the terms](https://acme.example/terms).",
            (PURPOSE,),
            (Listing("chat", {"purpose": Cell((TextItem("[Chat](https://acme.example/)"),))}),),
        ),
        Section("end", "## Questions\n\nWrite to us."),
    ),
)
PUBLISHED = (
    snapshot(listing()),
    snapshot(LATER, title="Two", **CATALOGUE),
    snapshot(listing(), LATER, **CATALOGUE),
    snapshot(LATER, **CATALOGUE),
    snapshot(LATER, **CATALOGUE),
)
ANNOUNCED = {"effective_from": NOW + timedelta(days=9), "announced": True}
CHANGES = {
    1: {"effective_from": FIRST + timedelta(days=150)},
    2: {"effective_from": SECOND - timedelta(days=2), "withdrawn_at": SECOND},
    3: {"effective_from": SECOND + timedelta(days=1)},
    4: {**ANNOUNCED, "renewed_by": 5, "renewed_at": SECOND + timedelta(days=1)},
    5: {**ANNOUNCED, "renews": 4},
}


needs_nginx = pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")),
    reason="nginx or openssl is not installed",
)


@pytest.fixture(autouse=True)
def _site(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    shutil.copytree(project.BASE_DIR / "compliance" / "static", settings.STATIC_ROOT)
    settings.SITE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "site"


def export(folder, **options):
    out = StringIO()
    call_command("export_site", folder, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def exported(folder):
    """Return the exported files by name."""
    public = folder / "current" / "public"
    return {
        f"{path.relative_to(public)}": path.read_bytes()
        for path in public.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_files_are_named_after_their_addresses_and_contain_what_was_published(folder):
    publish(*PUBLISHED, changes=CHANGES)

    export(folder)

    files = exported(folder)
    assert (
        files["models-and-privacy.json"]
        == files["models-and-privacy/3.json"]
        == PUBLISHED[2].canonical_bytes()
    )
    for name in (
        "index.html",
        "robots.txt",
        "sitemap.xml",
        "llms.txt",
        ".well-known/security.txt",
        "favicon.ico",
        "models-and-privacy/index.html",
        "models-and-privacy/4/index.html",
        "models-and-privacy/compare/1/3/index.html",
        "models-and-privacy/changes/3/index.html",
        "models-and-privacy/as-of/2026-08-01/index.html",
        "models-and-privacy/models/gpt-4.1/index.html",
        "models-and-privacy/feed.atom",
        "404.html",
    ):
        assert name in files


@pytest.mark.slow
def test_every_link_of_every_page_and_feed_leads_to_an_exported_address(folder):
    publish(*PUBLISHED, changes=CHANGES)
    publish(snapshot(slug="second"), snapshot(listing("b"), slug="second"))
    publish(OTHER_TABLES)

    export(folder)

    known = addresses_of(folder)
    pages = feeds = 0
    for name, content in exported(folder).items():
        address = next((key for key, file in known.items() if file == f"/{name}"), None)
        if name.endswith(".html") and address:
            links = site_crawl.PageLinks(address)
            links.feed(content.decode())
            assert [link for link in links.links if link not in known] == [], name
            pages += len(links.links)
        elif name.endswith(".atom"):
            feed = feedparser.parse(content)
            urls = [link.href for entry in [feed.feed, *feed.entries] for link in entry.links]
            paths = [url.removeprefix(f"https://{HOST}") for url in urls]
            assert [path for path in paths if path not in known] == [], name
            feeds += len(urls)
    assert pages > 500
    assert feeds > 20


def addresses_of(folder):
    """Return the file of each address, as nginx's configuration has them."""
    maps = (folder / "current" / "nginx-maps.conf").read_text()
    files = {}
    for variable in ("$registry_plain", "$registry_file"):
        for line in maps.partition(f" {variable} {{\n")[2].partition("\n}")[0].splitlines()[1:]:
            key, _, name = line.strip().rstrip(";").partition('" ')
            files[iri_to_uri(key.strip('"'))] = name.strip('"')
    return files


@pytest.mark.slow
def test_a_publication_that_is_not_public_yet_is_not_exported(folder):
    publish(
        *PUBLISHED[:2], changes={2: {"effective_from": NOW + timedelta(days=1), "title": "SECRET"}}
    )

    export(folder)

    for name, content in exported(folder).items():
        assert "models-and-privacy/2" not in name
        assert b"SECRET" not in content


@pytest.mark.slow
def test_a_second_export_writes_nothing_if_nothing_has_changed(folder):
    publish(*PUBLISHED, changes=CHANGES)
    export(folder)
    first = (folder / "current").resolve()

    message = export(folder)

    assert message == "Nothing has changed since the last export.\n"
    assert (folder / "current").resolve() == first


@pytest.mark.slow
@pytest.mark.parametrize("hours", [12, 9 * 24])
def test_a_new_day_and_a_publication_that_takes_effect_are_exported(folder, hours):
    publish(*PUBLISHED, changes=CHANGES)
    export(folder)

    with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
        message = export(folder)

    assert "Nothing" not in message


@pytest.mark.slow
def test_files_that_the_old_site_has_are_hard_linked(folder):
    publish(*PUBLISHED[:1], changes=CHANGES)
    export(folder)
    before = folder / "current" / "public" / SLUG[1:] / "1.csv"
    inode = before.stat().st_ino

    publish(*PUBLISHED, changes=CHANGES)
    export(folder)

    assert (folder / "current" / "public" / SLUG[1:] / "1.csv").stat().st_ino == inode
    assert before.exists()
    message = export(folder, anew=True)
    assert message.endswith(" 0 files are new.\n")
    assert sorted(path.name for path in (folder / "sites").iterdir()) == ["2", "3"]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["store", "disk", "killed"])
def test_an_export_that_fails_leaves_the_earlier_export_as_it_was(
    folder, published_root, monkeypatch, fault
):
    publish(*PUBLISHED[:1], changes=CHANGES)
    export(folder)
    before = exported(folder)
    publish(*PUBLISHED, changes=CHANGES)
    if fault == "store":
        (published_root / "models-and-privacy" / "3.html").unlink()
    elif fault == "disk":
        monkeypatch.setattr(
            nginx,
            "server",
            lambda files: (_ for _ in ()).throw(OSError(28, "No space left on device")),
        )
    else:
        monkeypatch.setattr(os, "sync", lambda: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises((CommandError, KeyboardInterrupt)):
        export(folder)

    assert exported(folder) == before
    monkeypatch.undo()


@pytest.mark.slow
def test_an_export_starts_again_if_something_is_published_meanwhile(folder, monkeypatch):
    publish(*PUBLISHED[:1], changes=CHANGES)
    crawl = export_site.crawl

    def interrupted(*args):
        yield from crawl(*args)
        monkeypatch.setattr(export_site, "crawl", crawl)
        publish(*PUBLISHED, changes=CHANGES, revision=2)

    monkeypatch.setattr(export_site, "crawl", interrupted)
    export(folder)

    assert exported(folder)["models-and-privacy.json"] == PUBLISHED[2].canonical_bytes()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_folder_that_holds_something_else_is_refused(folder, kind):
    publish(*PUBLISHED[:1])
    if kind == "file":
        folder.write_text("Mine.")
    else:
        folder.mkdir()
        (folder / "notes").write_text("Mine.")

    with pytest.raises(CommandError, match="holds something else") as refused:
        export(folder)

    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    "address", ["", "https://[bad", "https://site.example?x=1", "https://site.example/sub", "site"]
)
def test_an_export_needs_the_address_of_the_site(folder, settings, address):
    settings.SITE_URL = address

    with pytest.raises(CommandError, match="is not the address of a site"):
        export(folder)


def test_an_export_without_collected_static_files_is_refused_with_the_command_to_run(
    folder, settings
):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    publish(*PUBLISHED[:1])

    with pytest.raises(CommandError, match=r"Run manage\.py collectstatic") as refused:
        export(folder)

    assert refused.value.returncode == 2
    assert not folder.exists()


@pytest.mark.slow
def test_an_export_is_refused_while_another_one_runs(folder):
    publish(*PUBLISHED[:1])
    with (
        site_folder.Folder(folder).locked(),
        pytest.raises(CommandError, match="Another export writes into"),
    ):
        export(folder)

    export(folder)


@pytest.mark.slow
def test_the_public_log_is_exported_with_the_proof_of_each_visible_publication(folder):
    log = log_of(publish(*PUBLISHED, changes=CHANGES))
    put("log.json", encode_log(log))

    export(folder)

    files = exported(folder)
    assert files["checkpoint.txt"].decode() == log.checkpoint
    assert len(files["checkpoint/leaves.txt"].split()) == log.size
    assert sorted(name for name in files if name.endswith("proof.json")) == [
        f"models-and-privacy/{number}/proof.json" for number in (1, 3, 5)
    ]
    assert "Nothing has changed" in export(folder)

    put("log.json", encode_log(sign_log(KEY, [*log.leaf_hashes, *OTHERS])))
    assert "Nothing has changed" not in export(folder)


@pytest.mark.slow
def test_the_csv_is_exported_with_its_metadata(folder):
    publish(*PUBLISHED[:1])
    export(folder)

    assert {f"{SLUG[:-1]}.csv-metadata.json", f"{SLUG}1.csv-metadata.json"} <= {
        *addresses_of(folder)
    }


def test_an_address_that_allowed_hosts_leaves_out_is_refused(folder, settings):
    publish(*PUBLISHED[:1])
    settings.ALLOWED_HOSTS = ["another.example"]

    with pytest.raises(CommandError, match="is answered with 400"):
        export(folder)


@pytest.mark.parametrize("value", ["a\nb", "a\rb"])
def test_a_header_with_a_line_break_is_refused(value):
    headers = {"Content-Type": "text/html", "X": value}
    file = site_folder.ExportedFile("/", 200, headers, "/index.html")

    with pytest.raises(ValueError, match=r"a\sb"):
        nginx.server([file])


@pytest.fixture
def served(folder):
    """Serve an export with nginx and deploy/nginx-static.conf; return a function that requests it."""
    put("log.json", encode_log(log_of(publish(*PUBLISHED, changes=CHANGES))))
    export(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shipped = (DEPLOY / "nginx-static.conf").read_text()
    shipped = (
        shipped.replace("/srv/registry/site", str(folder))
        .replace("listen 8118", f"listen 127.0.0.1:{port}")
        .replace("privacy.example.com", HOST)
    )
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder.with_name("nginx.conf")
    user = "user root;" if os.getuid() == 0 else ""
    configuration.write_text(
        f"{user}\ndaemon off;\npid {folder}/pid;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{shipped}\n}}\n"
    )
    server = subprocess.Popen(["nginx", "-c", configuration, "-e", folder.with_name("nginx.log")])

    def request(address, method="GET", **headers):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request(method, address, headers={"Host": HOST, **headers})
            response = connection.getresponse()
            headers = dict(response.getheaders()) | {
                "Vary": ", ".join(response.headers.get_all("Vary", []))
            }
            return response.status, headers, response.read()

    try:
        for _ in range(100):
            try:
                request("/")
                break
            except OSError:
                time.sleep(0.1)
        yield request
    finally:
        server.terminate()
        server.wait()


CONNECTION_HEADERS = {"Server", "Date", "Connection", "Content-Length", "Transfer-Encoding"}


def comparable(headers):
    """Return headers without those of the connection.

    Vary always gets Accept-Encoding, which nginx adds because it may compress.
    """
    vary = {name for name in headers.get("Vary", "").split(", ") if name} | {"Accept-Encoding"}
    return {
        name.lower(): value for name, value in headers.items() if name not in CONNECTION_HEADERS
    } | {"vary": vary}


@pytest.mark.slow
@needs_nginx
def test_nginx_answers_every_address_as_the_application_does(served, folder):
    client = Client(HTTP_HOST=HOST)
    addresses = addresses_of(folder).keys() - {site_crawl.MISSING}

    for address in addresses:
        expected = client.get(address, secure=True)
        status, headers, content = served(address)

        assert status == expected.status_code, address
        if status == 308:
            assert headers["Location"] == expected["Location"], address
            continue
        assert content == b"".join(expected), address
        assert comparable(headers) == comparable(dict(expected.items())), address
    assert len(addresses) > 100


@pytest.mark.slow
@needs_nginx
def test_nginx_answers_queries_unknown_addresses_and_conditions_as_the_application_does(served):
    client = Client(HTTP_HOST=HOST)
    etag, moment = (client.get(SLUG, secure=True)[name] for name in ("ETag", "Last-Modified"))
    requests = [
        ("/models-and-privacy", {}),
        (f"{SLUG}?unknown=1", {}),
        (f"{SLUG}feed.atom?effect=weaker", {}),
        ("/nothing/here/or/there/", {}),
        ("/models-and-privacy.pdf", {}),
        (f"{SLUG}99/", {}),
        (f"{SLUG}2/", {}),
        (f"{SLUG}as-of/2026-08-10.md", {}),
        (SLUG, {"If-None-Match": etag}),
        (SLUG, {"If-None-Match": f'"other", W/{etag}'}),
        (SLUG, {"If-None-Match": "*"}),
        (SLUG, {"If-None-Match": '"other"'}),
        (SLUG, {"If-None-Match": '"other"', "If-Modified-Since": moment}),
        (SLUG, {"If-Modified-Since": moment}),
        (SLUG, {"If-Modified-Since": "Mon, 02 Mar 2020 09:30:00 GMT"}),
        ("/models-and-privacy.json", {"If-None-Match": etag}),
    ]

    for address, conditions in requests:
        expected = client.get(address, headers=conditions, secure=True)
        status, headers, content = served(address, **conditions)
        assert status == expected.status_code, (address, conditions)
        if status in (200, 410):
            assert (content, comparable(headers)) == (
                expected.content,
                comparable(dict(expected.items())),
            ), address
        for name in ("ETag", "Location", "Cache-Control"):
            assert headers.get(name) == expected.get(name), (address, conditions, name)


@pytest.mark.slow
@needs_nginx
def test_nginx_refuses_requests_that_only_the_application_can_answer(served):
    assert served(f"{SLUG}feed.atom?effect=weaker&model=acme-one")[0] == 404
    assert served(f"{SLUG}feed.atom?model=nobody")[0] == 404
    assert served(SLUG, "POST")[0] == 405
    assert served("/../../etc/passwd")[0] == 400
    assert served("/nothing%0d%0aX-Evil:%201")[1].get("X-Evil") is None


@needs_nginx
def test_nginx_closes_requests_for_another_host(served):
    assert served("/")[0] == 200
    with pytest.raises(http.client.RemoteDisconnected):
        served("/", Host="evil.example")
