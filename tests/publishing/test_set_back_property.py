"""Nobody approves what they wrote, also where others set it back: random edits, undone and discarded.

The oracle of the four-eyes property keeps who wrote each text, and so who wrote what comes back.
"""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.models import Changeset, Listing
from compliance.publishing import (
    published_as_of,
    published_from,
    withdraw,
    withdrawal_outlook,
)
from compliance.publishing.row_histories import RowHistory
from compliance.workingcopy.restore import (
    NotRestorable,
    put_back,
    roots_of,
    states_at,
    states_before,
)
from tests.publishing import test_four_eyes_property as four_eyes
from tests.publishing.test_four_eyes_property import (
    ANN,
    BEN,
    CID,
    EXAMPLES,
    PUBLISH,
    SCHEDULE,
    World,
)

without_rendering = four_eyes.without_rendering  # the fixture that freezes JSON alone
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HOLD_PROSE_BACK = ("publish", ANN, 1, 0)
LATEST = 8  # saves among which the one to undo is chosen


class WorldWithUndo(World):
    """A world in which people set back as well, and withdraw."""

    PUBLICATIONS = (*World.PUBLICATIONS, "withdraw")

    def __init__(self, editor, approver):
        super().__init__(editor, approver)
        self.authors = {}
        # The publications that stand one after the other, and the pages that were scheduled.
        self.standing, self.were_scheduled = [], {}
        self.note_texts()

    def decide(self, publication, page):
        super().decide(publication, page)
        if publication.requested_effective_from:
            self.were_scheduled[publication.number] = page
        else:
            self.standing.append(publication)

    def earlier_pages(self):
        """Return the pages that can come again: also what was withdrawn or called off."""
        return {**self.pages, **({} if self.scheduled else self.were_scheduled)}

    def withdraw(self, which):
        """Withdraw the page in force, unless it is the first or another one is scheduled."""
        self.hours += 1
        if self.scheduled or len(self.standing) < 2:
            return
        publication, successor = self.standing.pop(), self.standing[-1]
        page = self.pages[successor.number]
        for person in self.barred(page, self.base):
            obstacle = withdrawal_outlook(publication, by=person, at=self.now).obstacle
            assert obstacle, f"{person.username} may withdraw what a text of theirs comes back by."
        withdraw(publication, by=self.approver, at=self.now, reason="withdraw")
        self.base = page
        self.done["withdraw"] += 1

    def act(self, act, person, which, other):
        """Do it, or nothing where something is in the way."""
        try:
            super().act(act, person, which, other)
        except (NotRestorable, ValidationError):
            if act not in ("undo", "discard"):
                raise
            self.done["in the way"] += 1
        else:
            self.note_texts()

    def note_texts(self):
        """Let the oracle note who wrote the texts that are there."""
        for written, text in self.texts():
            self.authors[written, text] = self.writers.get(written)

    def texts(self):
        """Return each text that the working copy prints, with its field."""
        rows = self.look().values()
        return [pair for things in rows for texts in things.values() for pair in texts.items()]

    def undo(self, person, which, other):
        """Undo one of the latest saves, unless a page in force was published from it."""
        latest = list(Changeset.objects.filter(by__in=self.people)[:LATEST])
        if not latest:
            return False
        changeset = latest[which % len(latest)]
        if published_from(changeset, roots_of(changeset), at=self.now):
            self.done["published"] += 1
            return False
        put_back(states_before(changeset))
        self.note_authors()
        return True

    def discard(self, person, which, other):
        publication = self.register.publications.in_force(self.now)
        listing = self.listing(which)
        changeset = publication and published_as_of(publication, str(listing.pk))
        if not changeset:
            return False
        put_back(states_at(Listing, listing.pk, changeset))
        self.note_authors()
        shown = next(row for row in publication.snapshot().rows() if row.id == str(listing.pk))
        assert {model.model for model in shown.models} == set(
            listing.listed_models.values_list("model__slug", flat=True)
        )
        return True

    def note_authors(self):
        """Let the oracle note who wrote the texts that came back, and which records are there."""
        for written, text in self.texts():
            if (written, text) in self.authors:
                self.writers[written] = self.authors[written, text]
        for model, keys in self.keys.items():
            there = set(model.objects.filter(pk__in=keys).values_list("pk", flat=True))
            self.keys[model] = [key for key in keys if key in there]


EDITS = [*four_eyes.EDITS, *["undo"] * 8, *["discard"] * 4]
edits = st.tuples(st.sampled_from(EDITS), st.integers(0, 2), four_eyes.numbers, four_eyes.numbers)
withdrawals = st.tuples(st.just("withdraw"), st.just(ANN), st.just(0), st.just(0))
stories = st.lists(
    st.tuples(st.lists(edits, min_size=2, max_size=6), four_eyes.publications | withdrawals),
    min_size=2,
    max_size=4,
)
# What Ann wrote comes back by Ben, before and after a page that shows it or does not.
STORY = [
    ([("rename_model", ANN, 0, 0), ("write_note", ANN, 0, 0)], PUBLISH),
    ([("rename_model", ANN, 0, 0), ("rename_model", BEN, 0, 0), ("undo", BEN, 0, 0)], PUBLISH),
    (
        [
            ("state_term", ANN, 0, 3), ("split_row", ANN, 0, 1), ("undo", BEN, 0, 0),
            ("list_or_move_model", CID, 0, 4), ("discard", BEN, 0, 0),
        ],
        four_eyes.HOLD_A_ROW_BACK,
    ),
    ([("undo", CID, 0, 0), ("undo", BEN, 1, 0), ("undo", BEN, 2, 0), ("undo", ANN, 3, 0)], PUBLISH),
]  # fmt: skip


# What shows Ben's text is withdrawn, so that Ann's can be set back, and comes again.
AN_UNDO_AND_A_REVERT = [
    ([("rename_model", BEN, 0, 0)], PUBLISH),
    ([("rename_model", ANN, 0, 0), ("rename_model", BEN, 0, 0)], PUBLISH),
    ([("rename_model", CID, 1, 0)], ("withdraw", ANN, 0, 0)),
    ([("undo", BEN, 1, 0)], ("revert", ANN, 1, 0)),
    ([], PUBLISH),
]
# A page that is called off comes again, after a part of it was set back.
A_CALLING_OFF = [
    ([("rename_model", BEN, 0, 0)], PUBLISH),
    ([("write_prose", ANN, 0, 0), ("write_prose", BEN, 0, 0)], SCHEDULE),
    ([("rename_model", CID, 0, 0)], HOLD_PROSE_BACK),
    ([("undo", BEN, 1, 0)], ("revert", ANN, 1, 0)),
    ([], PUBLISH),
]


def tell(story, editor, approver):
    return four_eyes.tell(story, editor, approver, make_world=WorldWithUndo)


def test_nobody_may_approve_what_they_wrote_after_others_set_it_back(editor, approver):
    done = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @example(STORY)
    @example(AN_UNDO_AND_A_REVERT)
    @example(A_CALLING_OFF)
    @given(stories)
    def holds(story):
        done.update(tell(story, editor, approver))

    holds()

    assert {
        "undo",
        "discard",
        "published",
        "withdraw",
        "called off",
        "reverted",
        "barred",
        "may approve",
    } <= set(+done)


# Ann's text was replaced before the page that is in force. Ben would bring it back.
AN_OLD_TEXT = [
    ([("rename_model", BEN, 0, 0)], PUBLISH),
    ([("rename_model", ANN, 0, 0), ("rename_model", BEN, 0, 0)], PUBLISH),
    ([("undo", BEN, 0, 0)], PUBLISH),
]


def test_a_text_from_before_the_page_in_force_does_not_come_back(editor, approver):
    assert tell(AN_OLD_TEXT, editor, approver)["undo"] == 0


@pytest.fixture
def with_any_undo(monkeypatch):
    """Let people undo also what a page shows."""
    monkeypatch.setattr(f"{__name__}.published_from", lambda *args, **kwargs: None)


@pytest.fixture
def without_the_rule(monkeypatch):
    """Count only who edited since the page before."""
    monkeypatch.setattr(RowHistory, "unseen_edits", RowHistory.edits_after)


def test_if_it_came_back_it_would_count(with_any_undo, editor, approver):
    assert tell(AN_OLD_TEXT, editor, approver)["undo"] == 1


def test_if_it_came_back_and_did_not_count_the_property_would_fail(
    with_any_undo, without_the_rule, editor, approver
):
    with pytest.raises(AssertionError, match="ann wrote, moved or removed"):
        tell(AN_OLD_TEXT, editor, approver)


def test_if_what_comes_back_did_not_count_the_property_would_fail(
    without_the_rule, editor, approver
):
    with pytest.raises(AssertionError, match="ann wrote, moved or removed"):
        tell(AN_UNDO_AND_A_REVERT, editor, approver)
