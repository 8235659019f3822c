"""A server on a store of its own, and a browser that notes what it should not have seen."""

import os
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
    from playwright.sync_api import sync_playwright
except ImportError:
    collect_ignore_glob = ["test_*.py"]  # `make test` needs no browser; `make e2e` has one

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

# Playwright's loop runs in the thread of the tests, where Django would otherwise refuse to ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def _static_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give WhiteNoise a folder before `live_server` starts, once for all tests: it warns where there is none."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Give Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def site(settings, tmp_path) -> Iterator[str]:
    """Serve the site on a free port, without a database; give its address."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.STATIC_ROOT = tmp_path  # WhiteNoise warns where there is none
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
    """Give a page at a width; afterwards it must have logged no error, asked no other host and set no cookie."""
    width, height = request.param
    context = browser.new_context(base_url=site, viewport={"width": width, "height": height})
    with watched(context, site) as page:
        yield page
        assert context.cookies() == []


@pytest.fixture
def visit(browser: "Browser", live_server, settings) -> "Iterator[Callable[..., Page]]":
    """Give a function that opens the site as a person, or as nobody; its page must log no error."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = (
        False  # the server of the tests speaks plain HTTP
    )

    def opened(person: User | None = None, *, refusals: int = 0, **options: object) -> "Page":
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
        yield opened


@contextmanager
def watched(context: "BrowserContext", site: str, refusals: int = 0) -> "Iterator[Page]":
    """Give a page of a context; afterwards it must have logged no error but the refusals, and asked no other host."""
    page = context.new_page()
    errors: list[str] = []
    foreign: list[str] = []

    def note(message: "ConsoleMessage") -> None:
        if message.type in {"error", "warning"}:
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith(site) else foreign.append(sent.url))
    yield page
    assert [error for error in errors if "status of 403" not in error] == []
    assert len(errors) == refusals
    assert foreign == []
    context.close()
