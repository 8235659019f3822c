"""Every screen behind the sign-in: accessible, and without errors in the browser's console."""

import pytest
from axe_playwright_python.sync_playwright import Axe

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


@pytest.mark.parametrize(
    "look", [(1280, "light"), (320, "dark")], ids=["wide-light", "narrow-dark"]
)
@pytest.mark.parametrize("part", range(2))
def test_no_screen_breaks_a_rule_of_accessibility(visit, scene, root, look, part):
    width, scheme = look
    viewport = {"width": width, "height": 900}
    # axe sets inline styles, which the policy forbids.
    page = visit(root, viewport=viewport, color_scheme=scheme, bypass_csp=True)
    axe, faults = Axe(), []

    for route in SCREENS[part::2]:
        page.goto(address(route, scene))
        page.locator("details").evaluate_all(
            "elements => elements.forEach(element => element.open = true)"
        )
        for fault in axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]:
            faults.append(
                f"{route} {fault['id']}: {[node['html'][:160] for node in fault['nodes']][:3]}"
            )

    assert not faults, "\n".join(faults)
