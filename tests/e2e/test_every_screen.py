"""Every screen behind the sign-in: accessible, and without errors in the browser's console."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.admin.doors import address, make_samples, read_table, routes
from tests.factories import make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# Addresses that show a superuser a page; the others redirect.
SCREENS = [
    route
    for route in routes()
    if read_table()[route, "GET"]["superuser"] == "200"
    # a script, and names for a script
    and "jsi18n" not in route
    and "/lookup/" not in route
]
# How the screens are looked at, and in how many tests.
LOOKS = [(1280, "light"), (390, "light"), (320, "dark")]
PARTS = 4


@pytest.fixture
def scene():
    return make_samples()


@pytest.fixture
def root(scene):
    return make_user("root", is_superuser=True)


def test_every_screen_obeys_the_security_policy_and_asks_no_other_host(visit, scene, root):
    page = visit(root)  # the fixture asserts that the console has no error

    for route in SCREENS:
        page.goto(address(route, scene))


@pytest.mark.parametrize("part", range(PARTS))
def test_no_screen_breaks_a_rule_of_accessibility(visit, scene, root, part):
    # axe sets inline styles, which the policy forbids.
    page = visit(root, bypass_csp=True)
    faults = []

    for route in SCREENS[part::PARTS]:
        page.goto(address(route, scene))
        faults += faults_of(page, route)

    assert not faults, "\n".join(faults)


def test_the_screens_of_errors_and_of_the_sign_in_break_no_rule(visit, scene, root):
    """A page that is not there, one that is not for the person, and the ways in."""
    user = scene["user", "id"]
    forbidden, unknown = f"/admin/compliance/user/{user}/delete/", "/admin/nowhere/"
    signed_in = visit(root, bypass_csp=True, refusals=2)
    signed_out = visit(bypass_csp=True)
    faults = []

    for path in (forbidden, unknown):
        signed_in.goto(path)
        expect(signed_in.get_by_role("link", name="Back to the desk")).to_be_visible()
        faults += faults_of(signed_in, path)
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        signed_out.goto(path)
        faults += faults_of(signed_out, path)

    assert not faults, "\n".join(faults)


def faults_of(page: Page, screen: str) -> list[str]:
    """Return what axe finds on a screen, wide and narrow, and where it scrolls sideways."""
    page.locator("details").evaluate_all(
        "elements => elements.forEach(element => element.open = true)"
    )
    faults = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        # Links fade into their colour. axe must measure the final one.
        page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{screen} scrolls sideways at {width}")
        results = Axe().run(page, options={"resultTypes": ["violations"]}).response
        faults += [
            f"{screen} {width} {fault['id']}: {[node['html'][:160] for node in fault['nodes']][:3]}"
            for fault in results["violations"]
        ]
    return faults
