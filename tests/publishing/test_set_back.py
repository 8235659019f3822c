"""Rows that were set back: whose edits a publication then contains (compliance.workingcopy.restore)."""

import pytest

from compliance.models import Listing, Section
from compliance.models.changesets import changeset
from compliance.publishing import candidate, published_as_of
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.restore import (
    put_back,
    states_at,
    states_before,
    states_before_deletion,
)
from tests.factories import cell_of, make_listing, make_section, make_user, state
from tests.publications import HOUR, NOON, published

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


@pytest.fixture
def ann():
    return make_user("ann", role="editor")


@pytest.fixture
def bob():
    return make_user("bob", role="editor")


@pytest.fixture
def rows(editor, approver):
    """Publish two rows of one register; return them."""
    first = make_listing(models=["GPT 6"], training="never")
    second = make_listing(first.register, models=["Kimi K3"])
    published(first.register, editor, approver)
    return first, second


def edits(user):
    return changeset(by=user, reason="An edit")


def publish_something(listing, editor, approver):
    with edits(editor):
        state(listing, training="opt_out")
    published(listing.register, editor, approver, at=LATER)


def contributors(register):
    content = candidate(register, at=LATER + HOUR)
    return {str(edit.by) for edit in content.changesets}


def test_a_discarded_edit_makes_nobody_a_contributor(rows, ann, bob):
    first, second = rows
    with edits(ann):
        state(first, training="by_default")
    assert contributors(first.register) == {"ann"}
    publication = first.register.publications.get()

    with edits(bob):
        put_back(states_at(Listing, first.pk, published_as_of(publication, str(first.pk))))

    assert capture(first.register) == publication.snapshot()
    assert contributors(first.register) == set()
    with edits(ann):
        state(second, training="opt_in")
    assert contributors(first.register) == {"ann"}


def test_who_wrote_a_text_stays_its_contributor_after_others_set_it_back(rows, ann, bob):
    first, _ = rows
    with edits(ann):
        state(first, training="by_default")
    with edits(bob) as discarded:
        state(first, training="never")
    with edits(bob):
        put_back(states_before(discarded.changeset))

    assert cell_of(first, "training").use == "by_default"
    assert contributors(first.register) == {"ann", "bob"}


def test_who_wrote_a_row_stays_its_contributor_after_others_restored_it(
    rows, ann, bob, editor, approver
):
    first, _ = rows
    with edits(ann):
        new = make_listing(first.register, models=["GPT 7"], training="opt_in")
        key = new.pk
    with edits(ann):
        new.delete()
    publish_something(first, editor, approver)
    with edits(bob):
        put_back(states_before_deletion(Listing, key))

    assert contributors(first.register) == {"ann", "bob"}


def test_who_wrote_prose_stays_its_contributor_after_others_restored_it(
    rows, ann, bob, editor, approver
):
    first, _ = rows
    with edits(ann):
        section = make_section(first.register, prose="Only in the EU.", columns=({"role": "text"},))
        key = section.pk
    with edits(ann):
        section.delete()
    publish_something(first, editor, approver)
    with edits(bob):
        put_back(states_before_deletion(Section, key))

    assert contributors(first.register) == {"ann", "bob"}
