"""compliance.workingcopy.importing.continuations: histories that models of a file cannot take on."""

from dataclasses import replace

import pytest

from compliance.models import AIModel
from compliance.models.changesets import changeset
from compliance.workingcopy.importing import NotImportable, import_page
from compliance.workingcopy.resolve import capture
from tests.factories import make_listing, make_model, make_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    """Return a register with two models, beside one that no row lists."""
    make_model("Former")
    return make_listing(models=["GPT 6", "Qwen 3"]).register


def continuing(register, *ids):
    """Import the register's page in which the first model continues others."""
    page = capture(register)
    first, *others = page.models
    page = replace(page, models=(replace(first, continues=ids), *others))
    import_page(page, slug=register.slug, reason="Join", label="tests", with_facts=True)


def joined():
    return AIModel.objects.get(name="GPT 6").continued_ids


def test_the_history_of_a_model_that_no_row_lists_is_taken_on(register):
    continuing(register, "former")

    assert joined() == ("former",)


def test_the_history_of_a_deleted_model_is_taken_on(register):
    with changeset(by=None, label="tests", reason="Away"):
        AIModel.objects.get(name="Former").delete()

    continuing(register, "former")

    assert joined() == ("former",)


def listed_in_the_file(register):
    return "qwen-3", "is a model of the same file"


def listed_elsewhere(register):
    other = make_listing(make_register(slug="other"), models=["Former"]).register
    return "former", f"is still listed in the register {other.slug}"


def that_continues_it(register):
    former = AIModel.objects.get(name="Former")
    with changeset(by=None, label="tests", reason="Join"):
        former.set(continues="gpt-6")
    return "former", "leads back to gpt-6"


def that_never_was(register):
    return "gtp-6", "is no model that ever was"


@pytest.mark.parametrize(
    "former", [listed_in_the_file, listed_elsewhere, that_continues_it, that_never_was]
)
def test_other_histories_are_refused_with_the_place(register, former):
    id, sentence = former(register)

    with pytest.raises(NotImportable) as refusal:
        continuing(register, id)

    assert str(refusal.value).startswith(f"$.models[0].continues[0], {id}, {sentence}")
    assert joined() == ()


def test_the_page_of_a_new_register_may_come_from_another_installation(register):
    page = capture(register)
    # Ids that are free, as those of another installation are here.
    page = replace(
        page,
        register=replace(page.register, slug="moved"),
        sections=tuple(
            replace(
                section,
                id="one",
                listings=tuple(replace(listing, id="first") for listing in section.listings),
            )
            for section in page.sections
        ),
    )
    with changeset(by=None, label="tests", reason="Away"):
        for listing in register.listings:
            listing.delete()
    first, *others = page.models
    page = replace(page, models=(replace(first, continues=("elsewhere",)), *others))

    import_page(page, slug="moved", reason="Move", label="tests", with_facts=True)

    assert joined() == ("elsewhere",)


def test_what_a_model_continues_already_is_kept_though_it_is_listed_again(register):
    continuing(register, "former")
    make_listing(register, models=["Former"])

    imported = import_page(
        capture(register), slug=register.slug, reason="Again", label="tests", with_facts=True
    )

    assert joined() == ("former",)
    assert imported.changes == ()
