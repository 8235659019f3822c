"""What a page prints in other words than the names of the records is recognised by these words."""

import pytest

from compliance.models import AIModel, ListedProvider, PolicyDocument, Provider
from compliance.page.formats import markdown
from compliance.workingcopy.importing import import_page
from compliance.workingcopy.resolve import capture
from tests.factories import make_document, make_listing, make_provider, recorded
from tests.pages import row

pytestmark = pytest.mark.django_db


def bring_again(register, change=lambda text: text):
    """Import what the register prints, with a change."""
    text = markdown.render(capture(register))
    page = markdown.parse(change(text))
    return import_page(page, slug=register.slug, reason="Again", label="tests")


def print_as(listing, *texts):
    with recorded():
        for listed, text in zip(listing.listed_providers.all(), texts, strict=True):
            listed.set(text=text)


@pytest.fixture
def listing():
    acme = make_provider("Acme")
    listing = make_listing(models=["GPT 6"], providers=[acme, "Bolt"])
    print_as(listing, "[Acme GmbH](https://acme.example) (EU only)", "")
    return listing


def test_a_provider_that_prints_another_text_is_known_again(listing):
    imported = bring_again(listing.register)

    assert imported.changes == ()
    assert [*Provider.objects.values_list("name", flat=True)] == ["Acme", "Bolt"]


def test_a_new_row_with_the_printed_words_names_the_same_provider(listing):
    add = row("GPT 7", "Acme GmbH (EU only)", documents="")

    bring_again(listing.register, lambda text: text.rstrip("\n") + f"\n{add}\n")

    assert AIModel.objects.count() == 2
    assert {*ListedProvider.objects.values_list("provider__name", "text")} == {
        ("Acme", "[Acme GmbH](https://acme.example) (EU only)"),
        ("Acme", "Acme GmbH (EU only)"),
        ("Bolt", ""),
    }


def test_the_name_and_another_text_of_a_provider_are_one_provider(listing):
    make_listing(listing.register, models=["GPT 7"], providers=["Acme"])

    assert bring_again(listing.register).changes == ()
    assert Provider.objects.count() == 2


def test_words_that_stand_for_two_providers_are_a_name_of_neither(listing):
    print_as(listing, "Cloud", "Cloud")

    bring_again(listing.register)

    assert {*Provider.objects.values_list("name", flat=True)} >= {"Acme", "Bolt", "Cloud"}


def test_a_document_keeps_the_kind_that_its_label_does_not_say():
    acme = make_provider("Acme")
    make_document(acme, kind="privacy_policy", label="Datenschutz", url="https://acme.example/d")
    register = make_listing(models=["GPT 6"], providers=[acme]).register

    assert bring_again(register).changes == ()
    assert PolicyDocument.objects.get().kind == "privacy_policy"


def test_a_document_with_another_label_is_of_the_kind_that_it_says():
    acme = make_provider("Acme")
    make_document(acme, kind="privacy_policy", label="Datenschutz", url="https://acme.example/d")
    register = make_listing(models=["GPT 6"], providers=[acme]).register

    bring_again(register, lambda text: text.replace("Datenschutz", "Acme FAQ"))

    assert PolicyDocument.objects.get().kind == "faq"
