"""compliance.page.diff on generated pages: there is a change exactly if something differs."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.page.diff import Effect, affected_changes, compare
from compliance.page.snapshot import Snapshot
from tests.strategies import altered, snapshots


def content(page: Snapshot) -> Any:
    """Return what a page says: its JSON without the ids of documents."""

    def without_ids(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_ids(part) for key, part in value.items() if key != "document"}
        return [without_ids(part) for part in value] if isinstance(value, list) else value

    return without_ids(page.to_dict())


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(snapshots(), snapshots())
def test_two_pages_differ_exactly_if_there_is_a_change(before, after):
    after = replace(after, register=replace(after.register, slug=before.register.slug))

    changes = compare(before, after)

    assert (changes == ()) == (content(before) == content(after))
    assert len({change.key for change in changes}) == len(changes)
    assert compare(before, before) == ()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    snapshots().filter(lambda page: any(section.listings for section in page.sections)), st.data()
)
def test_a_difference_in_one_cell_is_told(before, data):
    after = data.draw(altered(before))

    changes = compare(before, after)

    assert (changes == ()) == (content(before) == content(after))
    assert len({change.key for change in changes}) == len(changes)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(snapshots(), snapshots())
def test_no_gain_stands_beside_an_unjudged_change_of_its_row(before, after):
    changes = compare(before, after)
    unjudged = {change.listing for change in changes if change.effect is Effect.UNJUDGED}
    gains = {change.listing for change in changes if change.effect is Effect.STRONGER}

    assert (unjudged & gains) <= {None}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(snapshots(), snapshots())
def test_whoever_a_change_concerns_stands_on_one_of_the_pages(before, after):
    models = {item.model for page in (before, after) for row in page.rows() for item in row.models}
    changes = affected_changes(before, after)

    assert tuple(affected.change for affected in changes) == compare(before, after)
    assert all(affected.models <= models for affected in changes)
