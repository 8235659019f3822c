"""compliance.workingcopy.preview: what an edit would change, without performing it."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from compliance.accounts import factors
from compliance.models import AIModel, Changeset, LedgerEntry, Listing, Register, changesets
from compliance.workingcopy.preview import dry_run
from tests.factories import (
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def sentences(rehearsed):
    return [
        (consequence.register.slug, change.sentence)
        for consequence in rehearsed.consequences
        for change in consequence.changes
    ]


@pytest.mark.slow
def test_an_edit_of_a_provider_is_previewed_for_every_register_that_lists_it():
    term = make_term("30 days")
    acme = make_provider("Acme", declared_training="never", declared_retention=term)
    for slug in ("one", "two", "three"):
        register = make_register(slug=slug, title=slug)
        make_listing(register, models=["Kimi K3"], providers=[acme if slug != "three" else "Other"])

    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        acme.set(declared_training="by_default")

    changes = sentences(rehearsed)
    assert {slug for slug, _ in changes} == {"one", "two"}
    assert any("train" in sentence for _, sentence in changes)


def test_another_publisher_is_a_consequence_for_its_register():
    register = make_register(slug="one", publisher="Acme")

    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        register.set(publisher="Bolt")

    assert sentences(rehearsed) == [("one", "The publisher is now “Bolt”, instead of “Acme”.")]


@pytest.mark.slow
def test_a_dry_run_leaves_no_trace():
    register = make_register()
    listing = make_listing(register, models=["Kimi K3"], providers=["Acme"])
    before = (Changeset.objects.count(), LedgerEntry.objects.count(), Listing.history.count())

    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        make_listing(register, models=["Kimi K4"], providers=["Acme"])
        listing.delete()

    assert (
        rehearsed.writes == 7
    )  # a model, a listing and its two rows; a listing and its two rows that go
    assert Listing.objects.count() == 1
    assert not AIModel.objects.filter(name="Kimi K4").exists()
    assert (
        Changeset.objects.count(),
        LedgerEntry.objects.count(),
        Listing.history.count(),
    ) == before


def test_a_refused_edit_is_undone_and_its_error_raised():
    with pytest.raises(ValidationError), dry_run(by=None, label="tests", at=NOON):
        make_model("Kimi K3").set(name="")

    assert not AIModel.objects.exists()


@pytest.mark.slow
def test_an_edit_that_no_page_prints_has_no_consequence():
    acme = make_provider("Acme")
    make_listing(make_register(), models=["Kimi K3"], providers=[acme])

    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        acme.set(review_interval=36)

    assert rehearsed.writes
    assert rehearsed.consequences == ()


def test_an_edit_that_changes_nothing_writes_nothing():
    model = make_model("Kimi K3")

    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        model.set(name="Kimi K3")

    assert not rehearsed.writes


@pytest.mark.slow
def test_new_and_mended_findings_are_in_the_preview():
    register = make_register()
    empty = make_listing(register, models=["Kimi K3"], providers=[])
    full = make_listing(register, models=["Qwen 3"], providers=["Acme"])
    gone = str(empty.pk)

    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        full.listed_providers.get().delete()
        empty.delete()

    (consequence,) = rehearsed.consequences
    assert str(full.pk) in {finding.subject for finding in consequence.findings}
    assert gone in {finding.subject for finding in consequence.mended}


def test_the_preview_of_a_new_register_has_all_of_it():
    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        make_listing(make_register(slug="new"), models=["Kimi K3"], providers=["Acme"])

    (consequence,) = rehearsed.consequences
    assert consequence.before is None
    assert not Register.objects.filter(slug="new").exists()


def test_a_previewed_edit_is_performed_if_nobody_saved_in_between():
    model = make_model("Kimi K3")
    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        model.set(name="Kimi K4")

    with changesets.changeset(
        by=None, label="tests", reason="As shown", following=rehearsed.following
    ):
        AIModel.objects.get().set(name="Kimi K5")

    assert AIModel.objects.get().name == "Kimi K5"


def test_a_previewed_edit_is_refused_if_somebody_saved_in_between():
    alice = make_user("alice")
    make_model("Kimi K3")
    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        AIModel.objects.get().set(developer="Moonshot")
    with changesets.changeset(by=alice, reason="Name it in full"):
        AIModel.objects.get().set(name="Kimi K3 Preview")

    with (
        pytest.raises(changesets.StaleChangeset, match="changed meanwhile") as refused,
        changesets.changeset(
            by=None, label="tests", reason="As shown", following=rehearsed.following
        ),
    ):
        AIModel.objects.get().set(developer="Moonshot")

    assert [changeset.label for changeset in refused.value.changesets] == ["alice"]
    assert AIModel.objects.get().developer == ""


def test_a_previewed_edit_is_performed_though_somebody_set_up_a_factor():
    alice = make_user("alice")
    make_model("Kimi K3")
    with dry_run(by=None, label="tests", at=NOON) as rehearsed:
        AIModel.objects.get().set(developer="Moonshot")
    factors.enrol(alice)

    with changesets.changeset(
        by=None, label="tests", reason="As shown", following=rehearsed.following
    ):
        AIModel.objects.get().set(developer="Moonshot")

    assert Changeset.objects.filter(kind="account").exists()
    assert AIModel.objects.get().developer == "Moonshot"
