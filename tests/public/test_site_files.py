"""robots.txt, sitemap.xml, llms.txt, security.txt and favicon.ico.

No test here asks for a database, so a query is an error.
"""

import re
import struct
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.test.utils import override_script_prefix
from markdown_it import MarkdownIt

from compliance.checks import settings_are_known
from compliance.page import canonical
from compliance.page.formats import FORMATS
from tests.stores import SECOND, listing, publish, put, snapshot

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
FROM_SETTINGS = ["/robots.txt", "/.well-known/security.txt", "/favicon.ico"]
FROM_STORE = ["/sitemap.xml", "/llms.txt"]
PATHS = [*FROM_SETTINGS, *FROM_STORE]
NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
ONE, OTHER = snapshot(listing()), snapshot(listing(), slug="другой", title="Another [x](y) <b>")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def pages(response) -> dict[str, str | None]:
    """Return the addresses of a sitemap with their last changes."""
    root = ET.fromstring(response.content)  # noqa: S314  our own response
    return {
        url.findtext("s:loc", None, NAMESPACE): url.findtext("s:lastmod", None, NAMESPACE)
        for url in root.findall("s:url", NAMESPACE)
    }


def links(response) -> list[str]:
    """Return the addresses that a Markdown page links to."""
    tokens = MarkdownIt("commonmark").parse(response.text)
    return [
        child.attrs["href"]
        for token in tokens
        for child in token.children or ()
        if child.type == "link_open"
    ]


def fields(response) -> dict[str, str]:
    """Return the fields of a security.txt."""
    return dict(line.split(": ", 1) for line in response.text.splitlines())


class TestEveryFile:
    """What holds for each of these files, as for the public pages."""

    pytestmark = pytest.mark.parametrize("path", PATHS)

    def test_is_public_for_caches_and_sets_no_cookie(self, client, path):
        publish(ONE)

        response = client.get(path, headers={"Cookie": "sessionid=x; csrftoken=zz"})

        assert response.status_code == 200
        assert re.fullmatch("public, max-age=(60|3600)", response["Cache-Control"])
        assert response["ETag"] == f'"{canonical.sha256(response.content)}"'
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")

    def test_is_not_sent_again_to_a_client_that_has_it(self, client, path):
        publish(ONE)

        again = client.get(path, headers={"If-None-Match": client.get(path)["ETag"]})

        assert (again.status_code, again.content) == (304, b"")

    def test_has_the_same_headers_for_head(self, client, path):
        publish(ONE)

        head, got = client.head(path), client.get(path)

        assert (head.status_code, head.content) == (200, b"")
        assert head.headers == got.headers

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    def test_refuses_methods_that_write(self, path, method):
        client = Client(enforce_csrf_checks=True)

        assert getattr(client, method)(path).status_code == 405

    @pytest.mark.parametrize(
        "host", ["elsewhere.example", "testserver\r\nX: y", 'a"b', "testserver@elsewhere.example"]
    )
    def test_refuses_another_host(self, client, path, host):
        publish(ONE)

        response = client.get(path, HTTP_HOST=host)

        assert response.status_code == 400
        assert "elsewhere" not in response.text

    def test_ignores_parameters(self, client, path):
        publish(ONE)

        assert client.get(f"{path}?x=%0d%0aEvil:%20y").content == client.get(path).content

    def test_names_the_site_by_site_url_on_every_host(self, client, settings, path):
        settings.SITE_URL = "https://privacy.example.com"
        settings.ALLOWED_HOSTS = ["one.example", "two.example"]
        publish(ONE, OTHER)

        one, two = (client.get(path, HTTP_HOST=host).content for host in settings.ALLOWED_HOSTS)

        assert one == two
        assert b".example/" not in one

    def test_names_addresses_below_the_path_prefix(self, client, path):
        publish(ONE)

        with override_script_prefix("/registry/"):
            response = client.get(path, SCRIPT_NAME="/registry")

        addresses = re.findall(rb"https?://testserver[^\s<)]*", response.content)
        assert all(address.startswith(b"http://testserver/registry/") for address in addresses)
        assert addresses or path == "/favicon.ico"


@pytest.mark.parametrize("path", FROM_SETTINGS)
def test_a_file_made_from_settings_is_served_without_a_store(client, path):
    # Crawlers stay away from a site whose robots.txt is answered with 503.
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", FROM_STORE)
def test_a_file_made_from_the_store_is_unavailable_without_a_store(client, path):
    assert client.get(path).status_code == 503


@pytest.mark.parametrize("path", FROM_STORE)
def test_publications_that_are_not_public_are_not_named(client, path):
    publish(
        ONE,
        snapshot(title="Secret"),
        changes={2: {"effective_from": NOW + timedelta(days=1), "title": "Secret"}},
    )
    publish(OTHER, changes={1: {"withdrawn_at": SECOND}})

    response = client.get(path)

    assert "Secret" not in response.text
    assert "%D0%B4" not in response.text


@pytest.mark.parametrize("path", FROM_STORE)
def test_caches_keep_a_file_no_longer_than_until_the_next_publication_takes_effect(client, path):
    publish(ONE, snapshot(), changes={2: {"effective_from": NOW + timedelta(seconds=20)}})
    publish(OTHER)

    assert client.get(path)["Cache-Control"] == "public, max-age=20"


@pytest.mark.parametrize("path", FROM_STORE)
def test_a_file_is_served_from_memory_until_a_register_changes(client, path, monkeypatch):
    # Only responses made from index files that are some seconds old are kept in memory.
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4000), tick=False):
        publish(ONE)
        first = client.get(path)
        with monkeypatch.context() as patched:
            patched.setattr("compliance.published.reader.read_indexes", lambda: 1 / 0)
            again = client.get(path)
        publish(OTHER)
        changed = client.get(path)

    assert (again.content, again.headers) == (first.content, first.headers)
    assert changed.content != first.content


def test_robots_txt_names_the_sitemap_and_disallows_sign_in_admin_and_questions(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text == (
        "User-agent: *\n"
        "Disallow: /admin/\n"
        "Disallow: /accounts/\n"
        "Disallow: /*/fit/?\n"
        "Disallow: /*/filter/?\n"
        "\n"
        "Sitemap: http://testserver/sitemap.xml\n"
    )


def test_the_sitemap_keeps_to_the_protocol_of_sitemaps_org(client):
    put("record", b"a-record\n")
    empty = client.get("/sitemap.xml")
    publish(ONE)
    publish(OTHER)

    sitemap = client.get("/sitemap.xml")

    assert empty.text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        "<url>\n<loc>http://testserver/</loc>\n</url>\n"
        "</urlset>\n"
    )
    root = ET.fromstring(sitemap.content)  # noqa: S314  our own response
    namespace = f"{{{NAMESPACE['s']}}}"
    assert (root.tag, root.attrib) == (f"{namespace}urlset", {})
    assert len(root) > 10
    for url in root:
        assert (url.tag, url.attrib) == (f"{namespace}url", {})
        address, *changed_at = url
        assert address.tag == f"{namespace}loc"
        # Without blanks and percent-encoded, on the host of the sitemap, at most 2,048 characters.
        assert re.fullmatch(r"http://testserver/[!-~]{0,2000}", address.text)
        assert [element.tag for element in changed_at] in ([], [f"{namespace}lastmod"])
        for element in changed_at:
            assert datetime.fromisoformat(element.text).tzinfo == UTC


def test_the_sitemap_lists_each_page_with_its_last_change(client):
    publish(ONE, ONE)
    publish(OTHER)

    response = client.get("/sitemap.xml")

    assert response["Content-Type"] == "application/xml"
    assert response["Last-Modified"] == "Tue, 11 Aug 2026 14:00:00 GMT"
    listed = pages(response)
    one = {
        address: changed for address, changed in listed.items() if "/models-and-privacy/" in address
    }
    assert set(listed) - set(one) == {"http://testserver/"} | {
        address.replace("models-and-privacy", "%D0%B4%D1%80%D1%83%D0%B3%D0%BE%D0%B9")
        for address in one
    }
    assert one == dict.fromkeys(
        f"http://testserver/models-and-privacy/{page}"
        for page in (
            "",
            "fit/",
            "changes/",
            "models/",
            "models/acme-one/",
            "models/acme-two/",
            "providers/acme/",
            "providers/borealis/",
        )
    ) | dict.fromkeys(one, "2026-08-11T14:00:00Z")
    assert {client.get(address).status_code for address in listed} == {200}


def test_the_sitemap_lists_a_single_register_only_under_its_own_address(client):
    publish(ONE)

    assert "http://testserver/" not in pages(client.get("/sitemap.xml"))


def test_the_sitemap_of_an_empty_registry_lists_the_home_page(client):
    put("record", b"a-record\n")

    assert pages(client.get("/sitemap.xml")) == {"http://testserver/": None}


def test_llms_txt_lists_pages_files_and_feeds_with_links_that_work(client):
    publish(ONE)

    response = client.get("/llms.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.startswith(
        "# Models and privacy – Acme Search\n\n"
        "> Which AI models get users’ prompts, through which providers, and on what terms.\n\n"
        "## Pages, files and feeds\n\n"
        "- [The page in force](http://testserver/models-and-privacy/):"
        " publication 1, with its footnotes\n"
        "- [The page in force as Markdown](http://testserver/models-and-privacy.md):"
        " the bytes that were approved\n"
    )
    addresses = links(response)
    assert {
        "http://testserver/models-and-privacy.json",
        "http://testserver/models-and-privacy/feed.atom",
    } < {*addresses}
    assert addresses[-2:] == [
        "http://testserver/api/v1/openapi.json",
        "http://testserver/schema/register/1",
    ]
    assert {client.get(address).status_code for address in addresses} == {200}


def test_markup_in_a_title_is_escaped_in_llms_txt(client):
    publish(ONE)
    publish(OTHER, changes={1: {"title": OTHER.register.title}})

    response = client.get("/llms.txt")

    tokens = MarkdownIt("commonmark").parse(response.text)
    headings = []
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            headings.append("".join(child.content for child in following.children))
    assert headings == ["Privacy register", "Models and privacy", "Another [x](y) <b>", "API"]
    assert "y" not in links(response)


def test_security_txt_names_the_contact_of_the_settings_and_expires_at_midnight(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.com"
    settings.SITE_URL = "https://privacy.example.com"

    response = client.get("/.well-known/security.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields(response) == {
        "Contact": "mailto:security@example.com",
        "Expires": "2027-02-28T00:00:00Z",
        "Preferred-Languages": "en",
        "Canonical": "https://privacy.example.com/.well-known/security.txt",
    }


def test_security_txt_is_the_same_all_day(client):
    etags = []
    for hours in (0, 11, 13):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            etags.append(client.get("/.well-known/security.txt")["ETag"])

    assert etags[0] == etags[1] != etags[2]


@pytest.mark.parametrize(
    ("site", "contact"),
    [("https://privacy.example.com", "https://privacy.example.com"), ("", "https://testserver/")],
)
def test_security_txt_names_the_site_if_no_contact_is_set(client, settings, site, contact):
    settings.SITE_URL = site

    assert fields(client.get("/.well-known/security.txt", secure=True))["Contact"] == contact


@pytest.mark.parametrize(
    "contact",
    [
        "mailto:security@example.com",
        "mailto:a@b.example?subject=Registry",
        "https://example.com/security",
        "https://[2001:db8::1]/",
    ],
)
def test_a_security_contact_may_be_a_mailto_or_https_address(settings, contact):
    settings.SECURITY_CONTACT = contact

    assert settings_are_known() == []


@pytest.mark.parametrize(
    "contact",
    [
        "security@example.com",
        "http://example.com/",
        "javascript:alert(1)",
        "mailto:security",
        "https://",
        "https://example.com/\nExpires: 2000-01-01T00:00:00Z",
        "mailto:security@example.com\r\n",
        "mailto:security@example.com ",
        "mailto:sécurité@example.com",
        "https://example.com/<x>",
        "https://example.com/%0d%0aExpires:x",
        "mailto:security@example.com?subject=%0d%0aBcc:a@b.example",
    ],
)
def test_an_invalid_security_contact_is_reported_by_the_system_checks(settings, contact):
    settings.SECURITY_CONTACT = contact

    [error] = settings_are_known()

    assert error.id == "compliance.E008"
    assert error.msg == (
        f"SECURITY_CONTACT={contact!r} is not a mailto: or https: address. "
        "Write for example mailto:security@example.com."
    )
    with pytest.raises(SystemCheckError, match="SECURITY_CONTACT="):
        call_command("check")


@pytest.mark.parametrize(
    "site",
    ["https://privacy.example.com", "http://localhost:8000", "http://[::1]:8000"],
)
def test_a_site_url_is_a_host_and_perhaps_a_port(settings, site):
    settings.SITE_URL = site

    assert settings_are_known() == []


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ("privacy.example.com", "is not the address of a site"),
        ("ftp://x.example", "is not the address of a site"),
        ("https://x.example\nDisallow: /", "is not the address of a site"),
        ("https://", "is not the address of a site"),
        ("https://[bad", "is not the address of a site"),
        ("https://x.example:port", "is not the address of a site"),
        ("https://user:hunter2@x.example", "a user name or a password"),
        ("https://user@x.example", "a user name or a password"),
        ("https://hunter2@", "a user name or a password"),
        ("https://x.example/registry", "goes on after the host with '/registry'"),
        ("https://x.example?x=1", "goes on after the host with '?x=1'"),
        ("https://x.example#top", "goes on after the host with '#top'"),
    ],
)
@pytest.mark.parametrize("demo", [False, True])
def test_an_invalid_site_url_is_reported_by_the_system_checks(settings, site, told, demo):
    settings.SITE_URL, settings.DEMO = site, demo
    settings.ALLOWED_HOSTS = ["localhost"]

    [error] = settings_are_known()

    assert error.id == "compliance.E007"
    assert told in error.msg
    assert "hunter2" not in error.msg


def test_the_favicon_holds_an_icon_of_three_sizes(client):
    response = client.get("/favicon.ico")

    assert response["Content-Type"] == "image/vnd.microsoft.icon"
    assert struct.unpack_from("<HHH", response.content) == (0, 1, 3)
    assert [response.content[6 + 16 * place] for place in range(3)] == [16, 32, 48]


def test_no_format_of_a_register_has_the_ending_of_one_of_these_files():
    assert not {PurePosixPath(path).suffix[1:] for path in PATHS} & set(FORMATS)
