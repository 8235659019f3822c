"""What the public saw happen, told from an index alone."""

from datetime import timedelta

from compliance.published.events import EventKind, list_events
from compliance.published.index import Index
from tests.stores import FIRST, RECORD, SECOND, entry

NOW = SECOND + timedelta(days=20)
DAY = timedelta(days=1)
FUTURE = {"effective_from": NOW + 9 * DAY, "approved_at": SECOND + DAY}
ANNOUNCED = {**FUTURE, "announced": True}


def make_index(*changes):
    """Return an index with a publication for each dictionary of changes, by number."""
    entries = [
        entry(number, {"json": b""}, **values) for number, values in enumerate(changes, start=1)
    ]
    return Index(RECORD, 1, "models-and-privacy", tuple(entries))


def told(index, at=NOW):
    """Return the id of each event with the numbers of the pages before and after it."""
    return [
        (event.id, event.before and event.before.number, event.after and event.after.number)
        for event in list_events(index, at)
    ]


def test_each_publication_is_an_event_that_leads_from_the_one_before_it():
    index = make_index({}, {}, {"effective_from": SECOND + DAY})

    assert told(index) == [("3", 2, 3), ("2", 1, 2), ("1", None, 1)]


def test_a_publication_that_is_not_in_force_yet_is_told_only_if_announced():
    assert told(make_index({}, FUTURE)) == [("1", None, 1)]
    assert told(make_index({}, ANNOUNCED)) == [("2", 1, 2), ("1", None, 1)]
    assert told(make_index({}, ANNOUNCED), FUTURE["approved_at"] - DAY) == [("1", None, 1)]


def test_a_withdrawal_leads_to_the_page_that_was_shown_instead():
    index = make_index({}, {"withdrawn_at": NOW - DAY}, {"effective_from": NOW - DAY / 2})

    assert told(index) == [("3", 1, 3), ("2-withdrawn", 2, 1), ("2", 1, 2), ("1", None, 1)]


def test_a_withdrawal_of_the_only_page_leads_to_none():
    index = make_index({"withdrawn_at": NOW - DAY}, {"effective_from": NOW - DAY / 2})

    assert told(index) == [("2", None, 2), ("1-withdrawn", 1, None), ("1", None, 1)]


def test_a_withdrawal_of_an_earlier_page_changes_nothing():
    index = make_index({"withdrawn_at": NOW - DAY}, {})

    [withdrawal, second, _] = list_events(index, NOW)

    assert (withdrawal.kind, withdrawal.changes_page) == (EventKind.WITHDRAWN, False)
    assert (withdrawal.before, withdrawal.after) == (index.entry(2), index.entry(2))
    assert second.before == index.entry(1)


def test_an_announced_publication_that_does_not_come_is_called_off():
    index = make_index({}, {**ANNOUNCED, "withdrawn_at": NOW - DAY})

    called_off, published, _ = list_events(index, NOW)

    assert [called_off.id, published.id] == ["2-called_off", "2"]
    assert (called_off.before, called_off.after) == (index.entry(1), index.entry(1))
    assert called_off.takes_back.id == published.id
    assert called_off.announced_for == NOW - DAY - FUTURE["approved_at"]


def test_a_called_off_announcement_is_dated_by_when_it_was_called_off():
    fix = {"effective_from": NOW - DAY / 2, "approved_at": NOW - DAY / 2}
    index = make_index({}, {**ANNOUNCED, "withdrawn_at": NOW - DAY}, fix)

    assert [event.id for event in list_events(index, NOW)] == ["3", "2-called_off", "2", "1"]
    called_off, published = list_events(index, NOW)[1:3]
    assert published.moment == published.updated_at == NOW - DAY
    assert called_off.shares_day
    # The control: until then it stands at the moment for which it is announced.
    announced = list_events(index, NOW - 2 * DAY)[0]
    assert (announced.id, announced.moment) == ("2", FUTURE["effective_from"])
    assert announced.updated_at == FUTURE["approved_at"]


def test_what_ended_before_the_public_saw_it_is_not_told():
    index = make_index({}, {**FUTURE, "withdrawn_at": NOW - DAY}, {"effective_from": NOW - DAY})

    assert told(index) == [("3", 1, 3), ("1", None, 1)]


class TestTimeInForce:
    """How long a publication had been in force when it was withdrawn."""

    def of(self, *changes):
        """Return the answer for the second of some publications, and since when it was announced."""
        [withdrawal] = (
            event for event in list_events(make_index(*changes), NOW) if event.id == "2-withdrawn"
        )
        return withdrawal.in_force_for, withdrawal.announced_at

    def test_is_from_its_moment_to_its_withdrawal(self):
        seconds = timedelta(seconds=43)

        assert self.of({}, {"withdrawn_at": SECOND + seconds}) == (seconds, None)

    def test_leaves_out_the_time_in_which_it_was_announced(self):
        announced = {
            "approved_at": SECOND,
            "announced": True,
            "effective_from": SECOND + DAY,
            "withdrawn_at": SECOND + DAY + timedelta(seconds=10),
        }

        assert self.of({}, announced) == (timedelta(seconds=10), SECOND)

    def test_is_announced_since_the_first_of_those_that_were_renewed(self):
        renewed = {
            "approved_at": SECOND,
            "announced": True,
            "effective_from": SECOND + 3 * DAY,
            "renewed_by": 3,
            "renewed_at": SECOND + DAY,
        }
        renewal = {
            **renewed,
            "approved_at": SECOND + DAY,
            "renewed_by": None,
            "renewed_at": None,
            "renews": 2,
            "withdrawn_at": SECOND + 4 * DAY,
        }

        assert self.of({}, renewed, renewal) == (DAY, SECOND)

    def test_leaves_out_the_time_in_which_a_later_one_stood(self):
        wrong = {"withdrawn_at": SECOND + 9 * DAY}
        later = {"effective_from": SECOND + DAY, "withdrawn_at": SECOND + 3 * DAY}
        last = {"effective_from": SECOND + 7 * DAY}
        called_off = {"effective_from": SECOND + 5 * DAY, "withdrawn_at": SECOND + 4 * DAY}

        assert self.of({}, wrong, later, last, called_off) == (5 * DAY, None)


class TestRenewal:
    """A scheduled publication that another one takes over."""

    INDEX = make_index(
        {},
        {**ANNOUNCED, "renewed_by": 4, "renewed_at": NOW - DAY},
        {"effective_from": NOW - DAY, "approved_at": NOW - DAY},
        {**ANNOUNCED, "approved_at": NOW - DAY, "renews": 2, "renewed_by": 6, "renewed_at": NOW},
        {"effective_from": NOW, "approved_at": NOW},
        {**ANNOUNCED, "approved_at": NOW, "renews": 4},
    )

    def test_is_told_as_an_update_of_what_was_announced_first(self):
        renewed = list_events(self.INDEX, NOW)[0]

        assert told(self.INDEX) == [("2", 5, 6), ("5", 3, 5), ("3", 1, 3), ("1", None, 1)]
        assert [entry.number for entry in renewed.announced_as] == [2, 4]
        assert (renewed.told_at, renewed.updated_at) == (FUTURE["approved_at"], NOW)

    def test_of_one_that_was_not_announced_has_its_own_number(self):
        unseen = {**FUTURE, "renewed_by": 3, "renewed_at": NOW - DAY}
        renewal = {"effective_from": NOW - DAY / 2, "approved_at": NOW - DAY, "renews": 2}

        assert told(make_index({}, unseen, renewal)) == [("3", 1, 3), ("1", None, 1)]

    def test_that_is_called_off_is_told_with_the_first_number(self):
        renewed = {**ANNOUNCED, "renewed_by": 3, "renewed_at": NOW - 2 * DAY}
        renewal = {
            **ANNOUNCED,
            "approved_at": NOW - 2 * DAY,
            "renews": 2,
            "withdrawn_at": NOW - DAY,
        }

        assert told(make_index({}, renewed, renewal)) == [
            ("2-called_off", 1, 1),
            ("2", 1, 3),
            ("1", None, 1),
        ]


class TestPageInstead:
    """The page in whose favour an announced publication was called off."""

    CALLED_OFF = {**ANNOUNCED, "withdrawn_at": NOW - 5 * DAY}
    AT_ONCE = {"effective_from": NOW - 5 * DAY, "approved_at": NOW - 5 * DAY}

    def of(self, *changes, at=NOW):
        """Return the number of that page, and when what is told of the second one changed."""
        events = list_events(make_index({}, self.CALLED_OFF, *changes), at)
        told = [event for event in events if event.entry.number == 2]
        assert len(told) == 2
        [answer] = {
            (event.instead.number if event.instead else None, event.updated_at) for event in told
        }
        return answer

    def test_is_the_one_that_was_approved_in_the_same_act(self):
        assert self.of(self.AT_ONCE) == (3, NOW - 5 * DAY)

    def test_is_the_one_before_it_where_another_was_withdrawn(self):
        assert self.of() == (1, NOW - 5 * DAY)

    def test_is_not_known_before_the_public_may_see_it(self):
        later = {**self.AT_ONCE, "effective_from": NOW - DAY}

        assert self.of(later, at=NOW - 2 * DAY) == (None, NOW - 5 * DAY)
        assert self.of(later) == (3, NOW - DAY)
        assert self.of({**later, "announced": True}, at=NOW - 2 * DAY) == (3, NOW - 5 * DAY)

    def test_is_none_once_that_one_is_called_off_too(self):
        announced = {**self.AT_ONCE, "effective_from": NOW + DAY, "announced": True}
        ended = {**announced, "withdrawn_at": NOW - DAY}

        assert self.of(announced) == (3, NOW - 5 * DAY)
        assert self.of(ended, at=NOW - 2 * DAY) == (3, NOW - 5 * DAY)
        assert self.of(ended) == (None, NOW - DAY)

    def test_stays_the_one_that_took_effect_when_it_is_withdrawn_later(self):
        assert self.of({**self.AT_ONCE, "withdrawn_at": NOW - DAY}) == (3, NOW - 5 * DAY)

    def test_is_the_one_that_renewed_it(self):
        announced = {**self.AT_ONCE, "effective_from": NOW + DAY, "announced": True}
        renewed = {**announced, "renewed_by": 5, "renewed_at": NOW - DAY}
        fix = {"effective_from": NOW - DAY, "approved_at": NOW - DAY}
        renewal = {**announced, "approved_at": NOW - DAY, "renews": 3}

        assert self.of(renewed, fix, renewal, at=NOW - 2 * DAY) == (3, NOW - 5 * DAY)
        assert self.of(renewed, fix, renewal) == (5, NOW - DAY)


class TestGrades:
    """Whether the two pages of an event are those that were graded."""

    def test_count_from_a_publication_to_its_neighbour(self):
        assert [event.has_grades for event in list_events(make_index({}, {}), NOW)] == [True, True]

    def test_do_not_count_while_the_page_in_between_is_not_announced(self):
        between = {"effective_from": NOW - DAY, "approved_at": SECOND}
        index = make_index({}, between, {**ANNOUNCED})

        before = list_events(index, NOW - 2 * DAY)[0]
        after = list_events(index, NOW)[0]

        assert [(event.before.number, event.has_grades) for event in (before, after)] == [
            (1, False),
            (2, True),
        ]

    def test_do_not_count_for_a_withdrawal(self):
        index = make_index({}, {"withdrawn_at": NOW - DAY})

        assert not list_events(index, NOW)[0].has_grades


class TestUpdatedAt:
    """When what is told of an event last changed."""

    def test_is_when_the_publication_took_effect(self):
        index = make_index({}, {})

        assert [event.updated_at for event in list_events(index, NOW)] == [SECOND, FIRST]

    def test_is_the_approval_of_an_announced_publication(self):
        index = make_index({}, ANNOUNCED)

        for at in (NOW, NOW + 30 * DAY):
            assert list_events(index, at)[0].updated_at == FUTURE["approved_at"]

    def test_is_not_the_later_withdrawal_of_it_or_of_the_one_before(self):
        gone = {"withdrawn_at": NOW - DAY}
        index = make_index({}, gone, {"effective_from": SECOND + DAY, **gone})

        updated = {event.id: event.updated_at for event in list_events(index, NOW)}

        assert (updated["2"], updated["3"]) == (SECOND, SECOND + DAY)
        assert (updated["2-withdrawn"], updated["3-withdrawn"]) == (NOW - DAY, NOW - DAY)

    def test_is_not_the_end_of_a_publication_that_was_never_public(self):
        unseen = {**FUTURE, "withdrawn_at": NOW - DAY}
        index = make_index({}, unseen, {"effective_from": SECOND + DAY})

        assert list_events(index, NOW)[0].updated_at == SECOND + DAY

    def test_is_when_another_publication_takes_effect_before_an_announced_one(self):
        between = {"effective_from": NOW - DAY, "approved_at": SECOND}
        index = make_index({}, between, ANNOUNCED)

        assert list_events(index, NOW - 2 * DAY)[0].updated_at == FUTURE["approved_at"]
        assert list_events(index, NOW)[0].updated_at == NOW - DAY


def test_events_of_one_day_are_marked():
    index = make_index({}, {"withdrawn_at": SECOND + timedelta(seconds=43)})

    assert [event.shares_day for event in list_events(index, NOW)] == [True, True, False]
