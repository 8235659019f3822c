"""Discarding the changes of a row, undoing a save and restoring a row, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from compliance.models import Listing
from compliance.models.changesets import changeset
from compliance.workingcopy import listings
from compliance.workingcopy.resolve import capture
from tests.e2e.accessible import assert_clean
from tests.factories import cite, make_footnote, make_listing, make_user, state
from tests.publications import published

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def eve():
    return make_user("eve", role="editor")


@pytest.fixture
def listing(eve):
    """Publish a page, and edit one of its rows."""
    listing = make_listing(
        models=["Quokka 4.1", "Quokka 5"], providers=["Acme AI"], training="never"
    )
    make_listing(listing.register, models=["Kimi K3"], providers=["Bolt"])
    published(listing.register, eve, make_user("ada", role="approver"))
    with changeset(by=eve, reason="Acme wrote on 3 March"):
        state(listing, training="by_default")
        listings.retire([listing.listed_models.last()])
        cite(make_footnote(listing.register), listed_model=listing.listed_models.first())
    return listing


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["wide", "narrow"])
def test_a_row_is_set_back_and_that_is_undone(visit, listing, eve, size):
    width, height = size
    # axe sets inline styles, which the policy forbids
    page = visit(eve, viewport={"width": width, "height": height}, bypass_csp=True)
    edited = capture(listing.register)

    page.goto(reverse("admin:compliance_listing_change", args=[listing.pk]))
    page.get_by_role("link", name="Discard the changes of this row").click()
    expect(page.get_by_role("heading", name="What this would change")).to_be_visible()
    assert_clean(page)
    page.get_by_label("Reason for this change").fill("They wrote again")
    page.get_by_role("button", name="Do exactly this").click()
    expect(page.get_by_text("Discarded the changes of this row.")).to_be_visible()
    assert len(next(iter(capture(listing.register).rows())).models) == 2

    page.get_by_role("link", name="History").first.click()
    page.get_by_role("link", name="the whole change").first.click()
    page.get_by_role("link", name="Undo this change").click()
    assert_clean(page)
    page.get_by_label("Reason for this change").fill("No, they did not")
    page.get_by_role("button", name="Do exactly this").click()
    expect(page.get_by_text("The change was undone.")).to_be_visible()
    assert capture(listing.register).sections == edited.sections


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["wide", "narrow"])
def test_a_deleted_row_is_restored(visit, listing, eve, size):
    width, height = size
    # axe sets inline styles, which the policy forbids
    page = visit(eve, viewport={"width": width, "height": height}, bypass_csp=True)
    before = capture(listing.register)
    with changeset(by=eve, reason="No longer offered"):
        Listing.objects.get(pk=listing.pk).delete()

    page.goto(reverse("admin:compliance_listing_changelist"))
    page.get_by_role("link", name="Deleted rows").click()
    assert_clean(page)
    page.get_by_role("link", name="Restore").click()
    expect(page.get_by_role("heading", name="What this would change")).to_be_visible()
    assert_clean(page)
    page.get_by_label("Reason for this change").fill("Offered again")
    page.get_by_role("button", name="Do exactly this").click()
    expect(page.get_by_text("The row of Quokka 4.1 was restored.")).to_be_visible()
    assert capture(listing.register) == before
