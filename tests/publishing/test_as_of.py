"""Answers about any moment or day are what was public then, in every interface and format.

A few sequences of submissions and decisions are drawn here. To draw a hundred:

    SEQUENCES=100 python -m pytest tests/publishing/test_as_of.py -n 0
"""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import publications
from compliance.models.publications import PublicationQuerySet, as_of
from compliance.published import writer
from compliance.published.index import Index, PublishedEntry
from tests.databases import once
from tests.publishing.replays import DAY, MICROSECOND, START, Replay, Step

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEQUENCES = int(os.environ.get("SEQUENCES", "3"))
INSTANTS = 40  # at random, of each sequence; those at which something changed are asked besides

ACTS = [
    "publish",
    "publish",
    "edit",
    "submit",
    "approve",
    "reject",
    "take_back",
    "withdraw",
    "withdraw",
    "revert",
]
# Comparisons go wrong where moments are the same, and at the ends of days.
edges = st.sampled_from([timedelta(), MICROSECOND, DAY - MICROSECOND, DAY, 3 * DAY])
delays = edges | st.timedeltas(timedelta(), 3 * DAY)


def steps(acts):
    return st.builds(
        Step,
        act=st.sampled_from(acts),
        after=delays,
        wanted=st.none() | st.none() | delays,
        announce=st.booleans(),
        which=st.integers(0, 5),
        look=st.just(0) | st.floats(0, 1),
    )


# Something is published first, or else most acts would find nothing to be done to.
sequences = st.builds(
    lambda first, later: [first, *later],
    steps(["publish"]),
    st.lists(steps(ACTS), min_size=5, max_size=12),
)
# Parts of the time told of; of a true random, because hypothesis itself prefers few of them.
places = st.randoms(use_true_random=True).map(
    lambda random: [random.random() for _ in range(INSTANTS)]
)


@pytest.fixture
def told(client, editor, approver, django_capture_on_commit_callbacks):
    """Do steps to a new register, and ask all along, and of everything once they are done."""
    writer.complete()

    def replay(steps, places):
        replay = Replay(client, editor, approver, django_capture_on_commit_callbacks)
        for step, following in zip(
            steps, [*(step.after for step in steps[1:]), 5 * DAY], strict=True
        ):
            replay.do(step)
            before_the_next = max(following - MICROSECOND, timedelta())
            replay.assert_in_force(replay.now + min(following * step.look, before_the_next))
        _assert_past(replay, places, now=replay.now + 2 * DAY)
        return replay.done

    return replay


def _assert_past(replay, places, *, now):
    changed = {
        moment for span in replay.timeline.spans for moment in (span.since, span.until) if moment
    }
    for at in sorted(changed):
        for instant in (at - MICROSECOND, at, at + MICROSECOND):
            replay.assert_instant(instant)
    for place in places:
        replay.assert_instant(START + (now + 3 * DAY - START) * place)
    for days in range(-1, (now - START).days + 2):
        replay.assert_day((START + days * DAY).date(), now=now)


STORY = [
    Step("submit"), Step("reject"), Step("submit"), Step("take_back"),
    Step("publish", timedelta(hours=14)), Step("publish", wanted=3 * DAY, announce=True), Step("publish"),
    Step("publish", wanted=DAY), Step("withdraw", which=-1, after=timedelta(hours=1)), Step("publish", timedelta()),
    Step("edit"), Step("submit"), Step("approve"), Step("withdraw", which=-1), Step("revert"),
    Step("submit"), Step("publish", timedelta()), Step("approve"),
    Step("publish"), Step("publish"),
    Step("publish", wanted=3 * DAY, announce=True), Step("revert", which=-3), Step("withdraw", which=-1),
]  # fmt: skip
EVERYWHERE = [place / INSTANTS for place in range(INSTANTS)]


def test_every_door_answers_right_after_each_act_of_a_fixed_sequence(told):
    done = told(STORY, EVERYWHERE)

    assert set(+done) == {
        "edit", "submit", "reject", "take back", "approve", "refused", "overtake", "withdraw", "withdraw before its day",
        "revert", "carry",
    }  # fmt: skip


def test_every_door_answers_right_after_each_act_of_random_sequences(told):
    @settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sequences, places)
    def is_told(steps, places):
        # Undone, because the next sequence begins at a moment before the last entry of this one.
        # By savepoint: an index is only written in a transaction that is in no other.
        before = transaction.savepoint()
        told(steps, places)
        transaction.savepoint_rollback(before)

    is_told()


def without_withdrawals(entry, at):
    return entry.effective_from <= at


def with_its_last_microsecond(entry, at):
    return entry.effective_from <= at and not (entry.withdrawn_at and entry.withdrawn_at < at)


def from_the_instant_after(index, at):
    standing = [
        entry
        for entry in index.publications
        if entry.effective_from < at and not entry.withdrawn_at
    ]
    return standing[-1] if standing else None


def once_announced(index, at):
    standing = [entry for entry in index.publications if entry.is_visible(at)]
    return standing[-1] if standing else None


def as_it_is_known_now(publications, at):
    return publications.in_force(at)


def before_it_was_withdrawn(publications, at):
    return publications.approved().taken_effect(at).last()


def at_noon(text, *, now):
    return min(now, as_of(text, now=now) - DAY / 2)


@once
@pytest.mark.parametrize(
    ("owner", "question", "answer"),
    [
        (PublishedEntry, "stood", without_withdrawals),
        (PublishedEntry, "stood", with_its_last_microsecond),
        (Index, "in_force", from_the_instant_after),
        (Index, "in_force", once_announced),
        (PublicationQuerySet, "public_at", as_it_is_known_now),
        (PublicationQuerySet, "public_at", before_it_was_withdrawn),
        (publications, "as_of", at_noon),
    ],
)
def test_the_comparison_finds_a_wrong_answer(told, monkeypatch, owner, question, answer):
    monkeypatch.setattr(owner, question, answer)

    with pytest.raises(AssertionError, match="2026"):
        told(STORY, EVERYWHERE)
