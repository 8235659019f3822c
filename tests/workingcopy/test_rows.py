"""Rows of a listing are made equal to what is wanted, with the fewest writes."""

import pytest

from compliance.models import ListedModel
from compliance.models.changesets import changeset
from compliance.workingcopy.rows import sync_rows
from tests.factories import make_listing, make_model

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_changeset():
    with changeset(by=None, label="tests", reason="Rows"):
        yield


def rows_of(listing):
    return list(listing.listed_models.select_related("model"))


def test_rows_that_stay_are_kept_and_a_replaced_one_becomes_its_successor():
    listing = make_listing(models=["GPT 4.1", "o3", "Kimi K3"])
    replaced, retired, kept = rows_of(listing)
    successor = make_model("GPT 4.2")

    rows, changes = sync_rows(
        ListedModel, listing, [replaced, retired, kept], [successor, kept.model]
    )

    assert [row.pk for row in rows] == [replaced.pk, kept.pk]
    assert [row.model.name for row in rows_of(listing)] == ["GPT 4.2", "Kimi K3"]
    assert changes.retired == ["o3"]
    assert changes.replaced == [("GPT 4.1", "GPT 4.2")]
    assert changes.added == []


def test_a_new_record_in_the_same_place_gets_a_row_of_its_own_unless_in_place():
    listing = make_listing(models=["GPT 4.1"])
    [old] = rows_of(listing)

    rows, changes = sync_rows(ListedModel, listing, [old], [make_model("o3")], in_place=False)

    assert rows[0].pk != old.pk
    assert (changes.added, changes.retired, changes.replaced) == (["o3"], ["GPT 4.1"], [])
