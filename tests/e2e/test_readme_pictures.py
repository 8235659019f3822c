"""The three screens that the README shows; `PICTURES=1` saves their pictures."""

import os

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.models import Listing, Provider, Register
from compliance.models.changesets import changeset
from compliance.publishing import candidate, import_history, submit
from compliance.workingcopy.importing import read_manifest
from tests.e2e.keyboard import PICTURES
from tests.factories import cell_of, make_listing, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FIXTURES = settings.BASE_DIR / "fixtures"
SIZE = {"width": 1280, "height": 860}


@pytest.fixture
def register():
    """Publish the demo's page."""
    pages = read_manifest(FIXTURES / "history.tsv")
    import_history(pages, slug="llms-privacy", at=timezone.now(), label="demo")
    return Register.objects.get()


@pytest.fixture
def editor(register):
    """Make an editor who has changed two rows since the publication."""
    eve = make_user("eve", role="editor")
    with changeset(by=eve, reason="Ticket 4711: the model is offered in the app"):
        make_listing(register, models=["Kimi K3"], providers=[Provider.objects.first()])
    first = Listing.objects.filter(section__register=register).first()
    with changeset(by=eve, reason="Mail from the provider of 12 November"):
        cell_of(first, "training").set(use="opt_out", text="")
    return eve


def keep(page: Page, name: str) -> None:
    if os.environ.get("PICTURES"):
        page.screenshot(path=PICTURES / f"{name}.png")


def test_the_public_page(visit, register):
    page = visit(viewport=SIZE)

    page.goto("/llms-privacy/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    keep(page, "page")


def test_the_desk_of_an_editor(visit, editor):
    page = visit(editor, viewport=SIZE)

    page.goto(reverse("admin:index"))

    expect(page.get_by_text("Kimi K3").first).to_be_visible()
    keep(page, "desk")


def test_the_review_of_an_approver(visit, register, editor):
    now = timezone.now()
    content = candidate(register, at=now)
    publication = submit(
        register,
        by=editor,
        at=now,
        reason="The page of November",
        answers={finding.key: "Known." for finding in content.findings},
        grades={change.key: "neutral" for change in content.to_grade},
    )
    page = visit(make_user("ada", role="approver"), viewport=SIZE)

    page.goto(reverse("admin:compliance_publication_change", args=[publication.pk]))

    expect(page.get_by_text("Kimi K3").first).to_be_visible()
    keep(page, "review")
