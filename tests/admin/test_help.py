"""Tests of compliance.admin.help: the manual as a screen, and the part that each screen links to."""

import pytest
from django.urls import reverse

from compliance.admin import help, site
from compliance.rendering.manual import headings
from tests.factories import make_user


def test_every_screen_leads_to_a_part_that_the_manual_has():
    anchors = {heading.anchor for heading in headings(help.MANUAL.read_text(encoding="utf-8"))}

    assert {anchor for anchor in help.HELP.values() if anchor not in anchors} == set()


def test_every_entry_is_the_name_of_screens_that_there_are():
    names = {str(pattern.name) for pattern in _patterns(site.get_urls())}

    assert [
        screen
        for screen in help.HELP
        if not any(name == screen or name.startswith(f"{screen}_") for name in names)
    ] == []


def _patterns(patterns):
    for pattern in patterns:
        yield from (
            _patterns(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]
        )


@pytest.mark.parametrize(
    ("screen", "anchor"),
    [
        ("index", "the-desk"),
        ("compliance_listing_act", "actions-in-one-step"),
        ("compliance_footnote_change", "footnotes"),
        ("unknown", ""),
    ],
)
def test_a_screen_has_the_part_of_the_longest_name_that_it_begins_with(screen, anchor):
    assert help.anchor_of(screen) == anchor


@pytest.mark.django_db
def test_the_manual_is_a_screen_to_which_the_others_link(client):
    client.force_login(make_user())

    manual = client.get(reverse("admin:help"))
    desk = client.get(reverse("admin:index"))

    assert '<h2 id="the-desk">The desk</h2>' in manual.text
    assert "<table>" in manual.text
    assert "<img" not in manual.text
    assert f'href="{reverse("admin:help")}#the-desk"' in desk.text
