"""What the columns of an imported page mean is chosen in a browser, with and without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from compliance.models import Column
from tests.e2e.accessible import assert_clean
from tests.factories import make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PAGE = """\
# Hosts

| Run at | Zero data retention | Logs kept |
|--|--|--|
| Acme | No | 30 |
"""


@pytest.fixture
def eve():
    return make_user("eve", role="editor")


def preview(page) -> None:
    page.goto(reverse("admin:compliance_register_import_new"))
    page.get_by_label("Slug").fill("hosts")
    page.get_by_role("textbox", name="Page").fill(PAGE)
    page.get_by_role("button", name="Show what this changes").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_columns_get_the_meaning_that_was_chosen(visit, eve, script):
    page = visit(eve, java_script_enabled=script)
    preview(page)
    expect(page.get_by_text("What the page claims was guessed from its labels.")).to_be_visible()

    page.get_by_label("Meaning of “Run at”").select_option("Providers")
    page.get_by_label("Bare numbers count").nth(1).select_option("Days")
    page.get_by_role("button", name="Show what this changes").click()

    expect(page.get_by_text("“30”: metadata kept 30 days")).to_be_visible()
    page.get_by_label("Reason").fill("Begin")
    page.get_by_role("button", name="Do exactly this").click()
    expect(page.get_by_text("Done as it was shown")).to_be_visible()
    assert list(Column.objects.values_list("role", "unit")) == [
        ("providers", ""),
        ("retention", ""),
        ("retention", "days"),
    ]


def test_the_choice_of_meanings_is_accessible(visit, eve):
    # axe sets inline styles, which the policy forbids.
    page = visit(eve, bypass_csp=True)

    preview(page)

    assert_clean(page)
