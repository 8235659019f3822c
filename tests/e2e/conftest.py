"""A server on a store of its own, and a browser that notes what it should not have seen."""

from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    collect_ignore_glob = ["test_*.py"]  # `make test` needs no browser; `make e2e` has one

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Give Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
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
    """Give a page at a width; afterwards it must have logged no error and asked no other host."""
    width, height = request.param
    context = browser.new_context(base_url=site, viewport={"width": width, "height": height})
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
    assert errors == []
    assert foreign == []
    assert context.cookies() == []
    context.close()
