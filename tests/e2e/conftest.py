"""A server for each test, and a browser whose pages must log no error and ask no other host."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client, override_settings
from django.test.testcases import QuietWSGIRequestHandler

from compliance.models import User

pytest.register_assert_rewrite("tests.e2e.accessible")

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    collect_ignore_glob = ["test_*.py"]  # Playwright is only installed for `make e2e`
else:
    expect.set_options(timeout=30_000)  # the default of five seconds is too short on a busy machine

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

# Playwright runs an event loop in the thread of the tests. Django refuses to query the database in
# such a thread unless this is set.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def _static_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Create STATIC_ROOT before `live_server` starts: WhiteNoise warns about a missing folder."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def site(settings, tmp_path) -> Iterator[str]:
    """Serve the site on a free port, without a database, and yield its address."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.STATIC_ROOT = tmp_path  # WhiteNoise warns about a missing folder
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, browser: "Browser", site: str) -> "Iterator[Page]":
    """Open a page, wide and narrow; it must log no error, ask no other host and set no cookie."""
    width, height = request.param
    context = browser.new_context(base_url=site, viewport={"width": width, "height": height})
    with watched(context, site) as page:
        yield page
        assert context.cookies() == []


@pytest.fixture
def visit(browser: "Browser", live_server, settings) -> "Iterator[Callable[..., Page]]":
    """Return a function that opens the site, signed in or not; its pages must log no error."""
    # The server of the tests speaks plain HTTP.
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    # Over plain HTTP browsers take no cookie whose name begins with __Host-.
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"

    def open_as(person: User | None = None, *, refusals: int = 0, **options: object) -> "Page":
        context = browser.new_context(base_url=live_server.url, **options)
        if person:
            client = Client()
            client.force_login(person)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        return visits.enter_context(watched(context, live_server.url, refusals))

    with ExitStack() as visits:
        yield open_as


@contextmanager
def watched(context: "BrowserContext", site: str, refusals: int = 0) -> "Iterator[Page]":
    """Open a page that must ask no other host and log no error.

    `refusals` is the number of responses with status 403, 404 or 503 that the page has to log.
    """
    page = context.new_page()
    errors: list[str] = []
    foreign: list[str] = []

    def note_message(message: "ConsoleMessage") -> None:
        if message.type in {"error", "warning"}:
            errors.append(message.text)

    def note_request(request: "Request") -> None:
        if not request.url.startswith(site):
            foreign.append(request.url)

    page.on("console", note_message)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", note_request)
    yield page
    assert [error for error in errors if not re.search("status of (40|503)", error)] == []
    assert len(errors) == refusals
    assert foreign == []
    context.close()
