"""What publications changed, read from the store.

No test here uses the database, so a query is an error.
"""

from datetime import timedelta

import pytest

from compliance.page import diff
from compliance.page.diff import AffectedChange, Change, ChangeKind, Effect
from compliance.published import change_filter, changelog, reader
from compliance.published.change_filter import ChangeFilter
from compliance.published.events import list_events
from tests.stores import FIRST, SECOND, listing, publish, snapshot

NOW = SECOND + timedelta(days=20)
DAY = timedelta(days=1)
A, B, C = (snapshot(*(listing(str(number)) for number in range(count))) for count in (1, 2, 3))


@pytest.fixture(autouse=True)
def _forgotten():
    """Empty the caches that other tests filled."""
    changelog._compare.cache_clear()
    changelog._read_snapshot.cache_clear()


def test_changes_are_those_between_the_frozen_pages_with_weaker_ones_first():
    index = publish(A, B)

    changes = changelog.event_changes(index, list_events(index, NOW)[0])

    assert [affected.change for affected in changes] == list(diff.compare(A, B))
    effects = [
        each.change.effect for each in changelog.compare_publications(index, None, index.entry(2))
    ]
    assert effects == sorted(effects, key=list(Effect).index)


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

    for event in list_events(index, NOW):
        assert len(changelog.event_changes(index, event)) > 0

    assert changelog._compare.cache_info().currsize == changelog._KEPT_COMPARISONS
    assert changelog._read_snapshot.cache_info().currsize == changelog._KEPT_SNAPSHOTS


class TestGrades:
    """The effects that a submitter gave."""

    CHANGE = Change(
        ChangeKind.FOOTNOTE_CHANGED, Effect.UNJUDGED, "", None, ("note",), touches_promise=True
    )

    @pytest.fixture(autouse=True)
    def _changed(self, monkeypatch):
        affected = AffectedChange(self.CHANGE, frozenset(), frozenset())
        monkeypatch.setattr(
            changelog, "affected_changes", lambda before, after, **options: (affected,)
        )

    def publish(self, **changes):
        graded = {"grades": {self.CHANGE.key: "weaker"}}
        return publish(A, B, C, changes={2: {**graded, **changes}, 3: {"announced": True}})

    def test_are_the_effects_from_a_publication_to_its_neighbour(self):
        index = self.publish()

        third, second, _ = list_events(index, NOW)

        [graded] = changelog.event_changes(index, second)
        assert (graded.change.effect, graded.change.is_graded) == (Effect.WEAKER, True)
        [ungraded] = changelog.event_changes(index, third)
        assert (ungraded.change.effect, ungraded.change.is_graded) == (Effect.UNJUDGED, False)

    def test_do_not_count_in_comparisons_of_any_two_and_in_withdrawals(self):
        index = self.publish(withdrawn_at=SECOND + DAY)
        withdrawal = next(event for event in list_events(index, NOW) if "withdrawn" in event.id)

        [change] = changelog.compare_publications(index, index.entry(1), index.entry(2))
        assert change.change.effect is Effect.UNJUDGED
        [undone] = changelog.event_changes(index, withdrawal)
        assert undone.change.effect is Effect.UNJUDGED

    def test_change_what_a_filter_finds(self):
        change_filter._kept.clear()
        index = self.publish()
        events = list_events(index, NOW)

        def found(effect):
            return [event.id for event in ChangeFilter(effect=effect).select(index, events)]

        # Unjudged changes of promises may be weaker.
        assert found(Effect.WEAKER) == ["3", "2", "1"]
        assert found(Effect.UNJUDGED) == ["3", "1"]


def test_a_filter_compares_only_as_many_publications_as_it_has_to(monkeypatch):
    change_filter._kept.clear()
    index = publish(A, B, C, changes={3: {"effective_from": SECOND + DAY}})
    events = list_events(index, NOW)
    wanted = ChangeFilter(models=frozenset({"acme-one"}))

    assert [event.id for event in wanted.select(index, events, limit=1)] == ["3"]
    assert len(change_filter._kept) == 1
    wanted.select(index, events)
    monkeypatch.setattr(changelog, "_compare", None)
    assert len(wanted.select(index, events)) == 3
