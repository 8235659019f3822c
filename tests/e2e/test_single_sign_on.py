"""Single sign-on in a browser, in a process of its own that has the settings for it."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings as settings_at_start
from playwright.sync_api import expect

from compliance.accounts import factors
from tests.e2e.conftest import watched
from tests.oidc_process import run_with_oidc
from tests.oidc_provider import running
from tests.signing_in import PASSWORD, make_account

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
is_set_up = bool(settings_at_start.OIDC_SERVER_URL)


@pytest.mark.skipif(is_set_up, reason="The scene itself runs in this process.")
def test_the_scene_in_a_process_of_its_own():
    ended = run_with_oidc("-m", "pytest", "-q", "-p", "no:cacheprovider", __file__)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


@pytest.fixture
def page(browser, live_server, settings):
    """Open the site; the browser may ask the provider, which runs on this machine too."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    with watched(browser.new_context(base_url=live_server.url), "http://") as page:
        yield page


@pytest.mark.skipif(not is_set_up, reason="Single sign-on is not set up.")
def test_an_identity_is_connected_and_opens_the_account(page):
    user = make_account(role="editor")
    first_code, second_code = factors.enrol(user)[:2]

    with running(urlsplit(settings_at_start.OIDC_SERVER_URL).port):
        page.goto("/admin/")
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Code").fill(first_code)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Desk")).to_be_visible()

        page.locator(".person-menu summary").click()
        page.get_by_role("link", name="Single sign-on").click()
        page.get_by_role("button", name="Connect it").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Connect it").click()
        expect(page.get_by_text("Your account is connected with Acme ID.")).to_be_visible()

        page.context.clear_cookies()
        page.goto("/admin/compliance/register/")
        page.get_by_role("button", name="Sign in with Acme ID").click()
        page.get_by_label("Code").fill(second_code)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Registers")).to_be_visible()
