"""The navigation at the side: what each role may open, and where the person is."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser

from compliance.admin.rail import rail_groups
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def _groups(rf, user, path="/admin/"):
    request = rf.get(path)
    request.user = user
    return rail_groups(request)


def test_an_editor_sees_the_work_and_not_the_accounts(rf, editor):
    labels = [group.label for group in _groups(rf, editor)]

    assert labels == ["Desk", "Page", "Providers", "Terms", "Footnotes", "Reviews", "Publications"]


def test_somebody_without_a_role_sees_the_desk_only(rf):
    assert [group.label for group in _groups(rf, AnonymousUser())] == ["Desk"]


@pytest.mark.parametrize(
    ("path", "group", "screen"),
    [
        ("/admin/", "Desk", None),
        ("/admin/compliance/aimodel/7/change/", "Page", "Models"),
        ("/admin/compliance/register/7/page/", "Page", "Page"),
        ("/admin/compliance/register/7/change/", "Page", "Registers"),
        ("/admin/offering/", "Providers", "Where prompts go"),
        ("/admin/search/", None, None),
    ],
)
def test_the_group_and_the_screen_of_the_person_are_marked(rf, editor, path, group, screen):
    groups = _groups(rf, editor, path)

    assert [one.label for one in groups if one.is_current] == ([group] if group else [])
    current = [link.label for one in groups for link in one.links if link.is_current]
    assert current == ([screen] if screen else [])


@pytest.mark.slow
def test_each_screen_has_the_heading_that_the_rail_promises(rf, client):
    root = make_user("root", is_superuser=True)
    client.force_login(root)
    links = [(group.label, group.address) for group in _groups(rf, root)]
    links += [(link.label, link.address) for group in _groups(rf, root) for link in group.links]
    # "Page" leads to the page itself, which has the title of its register.
    links = [(label, address) for label, address in links if label != "Page"]

    headings = {}
    for label, address in links:
        [headings[label]] = re.findall(r"<h1[^>]*>(.*?)</h1>", client.get(address).text, re.DOTALL)

    assert {label: heading.strip() for label, heading in headings.items()} == {
        label: label for label, _ in links
    }
