"""While the database is locked or away, what was typed stays on the page and is sent again from it."""

from unittest.mock import patch

import pytest
from django.db import OperationalError
from playwright.sync_api import expect

from compliance.models import Provider, outages
from tests.e2e.accessible import found_by_axe
from tests.factories import make_provider, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TYPED = {"Name": "Acme & Sons", "Reason for this change": "They <b>merged</b>, as Acme wrote to us"}


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
@pytest.mark.parametrize("outage", ["locked", "away"])
def test_an_edit_is_kept_and_sent_again_once_the_database_is_back(visit, width, outage):
    acme = make_provider("Acme")
    eve = make_user("eve", role="editor")
    page = visit(eve, refusals=1, viewport={"width": width, "height": 900}, bypass_csp=True)
    page.goto(f"/admin/compliance/provider/{acme.pk}/change/")
    for label, text in TYPED.items():
        page.get_by_label(label, exact=True).fill(text)

    with (
        patch.object(outages.watch, "answers", lambda: False)
        if outage == "away"
        else patch(
            "compliance.models.changesets.take_editing_lock",
            side_effect=OperationalError("database is locked"),
        )
    ):
        page.get_by_role("button", name="Save", exact=True).click()
        sentence = outages.AWAY if outage == "away" else outages.BUSY
        expect(page.get_by_role("alert")).to_contain_text(sentence)
    for text in TYPED.values():
        expect(page.get_by_role("definition").filter(has_text=text)).to_be_visible()
    assert found_by_axe(page, "light") == ""
    page.get_by_role("button", name="Send it again").click()

    expect(page.locator(".messagelist")).to_contain_text("Saved: Acme & Sons.")
    assert Provider.objects.get().name == "Acme & Sons"


def test_signing_in_says_what_is_wrong_and_keeps_no_password(visit):
    page = visit(refusals=1, viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("eve")
    page.get_by_label("Password", exact=True).fill("correct horse battery")

    with patch.object(outages.watch, "answers", lambda: False):
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text(outages.AWAY)
    expect(page.get_by_role("definition")).to_have_text("eve")
    assert "correct horse" not in page.content()
    assert found_by_axe(page, "light") == ""
    page.get_by_role("link", name="Open the form again").click()

    expect(page.get_by_label("Password", exact=True)).to_be_visible()
