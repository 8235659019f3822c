"""The ten registers in a real browser; `SHAPES=folder` saves pictures of their pages."""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from compliance.models import Listing, User
from compliance.published import writer
from tests.e2e.accessible import assert_clean
from tests.shapes.desk import make_public
from tests.shapes.registers import CATALOGUE, SHAPES, SUBPROCESSORS, Shape

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
SIZES = {"wide": WIDE, "narrow": NARROW}


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SHAPES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_public_page_is_accessible_wide_and_narrow_light_and_dark(visit, shape: Shape):
    writer.complete()
    make_public(shape)

    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            page = visit(viewport=viewport, color_scheme=scheme)
            page.goto(f"/{shape.slug}/")
            keep(page, f"{shape.slug}-{size}-{scheme}")
            assert_clean(page)


@pytest.mark.parametrize("shape", [SUBPROCESSORS, CATALOGUE], ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_the_forms_of_a_register_and_of_a_listing_are_accessible(visit, shape: Shape, size):
    register = make_public(shape)
    editor = User.objects.get(username=f"edith-{shape}")
    # axe sets inline styles, which the policy of the admin forbids.
    page = visit(editor, viewport=SIZES[size], bypass_csp=True)
    forms = {
        "register": ("compliance_register_change", register.pk),
        "listing": ("compliance_listing_change", Listing.objects.first().pk),
    }

    for name, (address, key) in forms.items():
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme="light")
        page.goto(reverse(f"admin:{address}", args=[key]))
        keep(page, f"{shape.slug}-form-{name}-{size}")
        assert_clean(page)
