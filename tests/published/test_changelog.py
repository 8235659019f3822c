"""Which publication followed which, and what it changed, read from the store.

No test here uses the database, so a query is an error.
"""

from datetime import timedelta

import pytest

from compliance.page import diff
from compliance.page.diff import Effect
from compliance.published import changelog, reader
from tests.stores import FIRST, SECOND, listing, publish, snapshot

NOW = SECOND + timedelta(days=20)
DAY = timedelta(days=1)
A, B, C = (snapshot(*(listing(str(number)) for number in range(count))) for count in (1, 2, 3))


@pytest.fixture(autouse=True)
def _forgotten():
    """Empty the caches that other tests filled."""
    changelog._compare.cache_clear()
    changelog._read_snapshot.cache_clear()


def numbers(index, at=NOW):
    return [
        (step.entry.number, step.before and step.before.number)
        for step in changelog.list_steps(index, at)
    ]


def test_each_publication_is_compared_with_the_last_one_that_was_not_withdrawn():
    index = publish(
        A, B, C, changes={2: {"withdrawn_at": NOW - DAY}, 3: {"effective_from": SECOND + DAY}}
    )

    assert numbers(index) == [(3, 1), (1, None)]
    assert changelog.make_step(index, index.entry(3), NOW).before == index.entry(1)


def test_a_publication_that_is_not_in_force_yet_is_listed_only_if_announced():
    waiting = {"effective_from": NOW + DAY, "approved_at": NOW - DAY}

    assert numbers(publish(A, B, C, changes={2: waiting, 3: {**waiting, "announced": True}})) == [
        (3, 1),
        (1, None),
    ]
    assert numbers(publish(A, B, changes={2: waiting})) == [(1, None)]


def test_changes_are_those_between_the_frozen_pages_with_weaker_ones_first():
    index = publish(A, B)

    changes = changelog.list_steps(index, NOW)[0].changes

    assert [affected.change for affected in changes] == list(diff.compare(A, B))
    effects = [
        each.change.effect for each in changelog.compare_publications(index, None, index.entry(2))
    ]
    assert effects == sorted(effects, key=[Effect.WEAKER, Effect.STRONGER, Effect.NEUTRAL].index)


def test_two_publications_are_compared_only_once(monkeypatch):
    index = publish(A, B)
    made = changelog.compare_publications(index, index.entry(1), index.entry(2))
    read = []
    monkeypatch.setattr(reader, "read_file", lambda *asked: read.append(asked))

    again = publish(A, B, C, revision=2)

    assert changelog.compare_publications(again, again.entry(1), again.entry(2)) is made
    assert read == []


@pytest.mark.slow
def test_only_a_limited_number_of_comparisons_is_kept_in_memory():
    pages = [
        snapshot(listing("row"), title=f"Title {number}")
        for number in range(changelog._KEPT_COMPARISONS + 30)
    ]
    index = publish(
        *pages,
        changes={n: {"effective_from": FIRST + n * timedelta(hours=1)} for n in range(1, 400)},
    )

    for step in changelog.list_steps(index, NOW):
        assert len(step.changes) > 0

    assert changelog._compare.cache_info().currsize == changelog._KEPT_COMPARISONS
    assert changelog._read_snapshot.cache_info().currsize == changelog._KEPT_SNAPSHOTS


class TestUpdatedAt:
    """When a step last changed."""

    def test_is_when_the_publication_took_effect(self):
        index = publish(A, B)

        assert [step.updated_at for step in changelog.list_steps(index, NOW)] == [SECOND, FIRST]

    def test_is_the_approval_of_an_announced_publication(self):
        announced = {"effective_from": NOW + DAY, "approved_at": SECOND + DAY, "announced": True}
        index = publish(A, B, changes={2: announced})

        for at in (NOW, NOW + 2 * DAY):
            assert changelog.list_steps(index, at)[0].updated_at == SECOND + DAY

    def test_is_the_withdrawal_of_the_publication_before(self):
        index = publish(
            A, B, C, changes={2: {"withdrawn_at": NOW - DAY}, 3: {"effective_from": SECOND + DAY}}
        )

        assert [step.updated_at for step in changelog.list_steps(index, NOW)] == [NOW - DAY, FIRST]

    def test_is_not_the_withdrawal_of_a_publication_that_was_never_public(self):
        unseen = {"effective_from": NOW + DAY, "withdrawn_at": NOW - DAY}
        index = publish(A, B, C, changes={2: unseen, 3: {"effective_from": SECOND + DAY}})

        assert changelog.list_steps(index, NOW)[0].updated_at == SECOND + DAY

    def test_is_when_another_publication_takes_effect_before_an_announced_one(self):
        between = {"effective_from": NOW - DAY, "approved_at": SECOND}
        announced = {"effective_from": NOW + DAY, "approved_at": SECOND + DAY, "announced": True}
        index = publish(A, B, C, changes={2: between, 3: announced})

        assert numbers(index, NOW - 2 * DAY) == [(3, 1), (1, None)]
        assert changelog.list_steps(index, NOW - 2 * DAY)[0].updated_at == SECOND + DAY
        assert changelog.list_steps(index, NOW)[0].updated_at == NOW - DAY
