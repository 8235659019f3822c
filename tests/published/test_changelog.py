"""What publications changed, read from the store.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.page import diff
from compliance.page.diff import AffectedChange, Change, ChangeKind, Effect
from compliance.page.snapshot import Model
from compliance.published import change_filter, changelog, reader
from compliance.published.change_filter import ChangeFilter
from compliance.published.earlier_names import name_earlier_models
from compliance.published.events import list_events
from tests.stores import FIRST, SECOND, listing, models_cell, publish, snapshot

NOW = SECOND + timedelta(days=20)
DAY = timedelta(days=1)
A, B, C = (snapshot(*(listing(str(number)) for number in range(count))) for count in (1, 2, 3))


@pytest.fixture(autouse=True)
def _forgotten():
    """Empty the caches that other tests filled."""
    changelog._compare.cache_clear()
    changelog._read_snapshot.cache_clear()
    changelog._says_all.cache_clear()


def test_changes_are_those_between_the_frozen_pages_with_weaker_ones_first():
    index = publish(A, B)

    changes = changelog.event_changes(index, list_events(index, NOW)[0])

    assert [affected.change for affected in changes] == list(diff.compare(A, B))
    effects = [
        each.change.effect for each in changelog.compare_publications(index, None, index.entry(2))
    ]
    assert effects == sorted(effects, key=list(Effect).index)


def test_another_publisher_of_the_same_page_is_a_change_in_both_directions():
    index = publish(A, A, changes={2: {"publisher": "Bolt"}})
    first, second = index.publications

    [told] = changelog.event_changes(index, list_events(index, NOW)[0])
    [back] = changelog.compare_any(index, second, first)

    assert told.change.sentence == "The publisher is now “Bolt”, instead of “Acme Search”."
    assert back.change.sentence == "The publisher is now “Acme Search”, instead of “Bolt”."
    assert (told.models, told.providers) == (frozenset(), frozenset())


def test_a_model_whose_history_was_joined_has_the_name_of_an_earlier_page():
    slip, mended = Model("devsral", "Devsral"), Model("devstral", "Devstral")
    pages = [
        snapshot(listing(models=models_cell(model)), models=(model,))
        for model in (slip, mended, replace(mended, continues=("devsral",)))
    ]
    index = publish(*pages, changes={3: {"effective_from": SECOND + DAY}})
    changes = changelog.event_changes(index, list_events(index, NOW)[0])

    def sentences(at):
        named = name_earlier_models(index, changes, at)
        return [affected.change.sentence for affected in named]

    assert sentences(NOW) == ["Devstral is the same model as “Devsral”, which was listed before."]
    # Before anything was public, no name was.
    assert sentences(FIRST - DAY) == [
        "Devstral is the same model as “devsral”, which was listed before."
    ]


def test_a_filter_tells_apart_events_between_the_same_pages_with_other_frames():
    change_filter._kept.clear()
    wanted = ChangeFilter(effect=Effect.UNJUDGED)
    index = publish(A, A, changes={2: {"publisher": "Bolt"}})
    event = list_events(index, NOW)[0]
    same = replace(event, after=replace(event.after, publisher="Acme Search"))

    assert wanted.select(index, [event, same]) == [event]


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


class TestFulfilled:
    """A publication that was called off because another one says all that it would change."""

    def fulfilled_by(self, *pages, **frame):
        """Return which publication fulfils the second of three pages, None for none."""
        at = NOW - DAY
        called_off = {"effective_from": NOW + DAY, "approved_at": SECOND, "announced": True}
        index = publish(
            *pages,
            changes={
                2: {**called_off, "withdrawn_at": at, **frame},
                3: {"effective_from": at, "approved_at": at},
            },
        )
        told = [event for event in list_events(index, NOW) if event.entry.number == 2]
        assert [event.id for event in told] == ["2-called_off", "2"]
        end, announcement = (changelog.fulfilled_by(index, event) for event in told)
        assert end == announcement
        return end and end.number

    def test_by_a_page_that_says_more(self):
        assert self.fulfilled_by(A, B, C) == 3

    def test_by_the_same_page(self):
        assert self.fulfilled_by(A, B, B) == 3

    def test_not_by_a_page_that_lacks_a_part(self):
        assert self.fulfilled_by(A, C, B) is None

    def test_not_by_a_page_with_another_frame(self):
        assert self.fulfilled_by(A, B, C, publisher="Another publisher") is None

    def test_not_where_it_would_have_changed_nothing(self):
        assert self.fulfilled_by(A, A, C) is None

    def test_not_where_it_was_not_called_off(self):
        index = publish(A, B, C, changes={2: {"withdrawn_at": NOW - DAY}})

        for event in list_events(index, NOW):
            assert changelog.fulfilled_by(index, event) is None
