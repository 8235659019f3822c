"""Nobody approves what they wrote, also where others set it back: random edits, undone and discarded.

The oracle of the four-eyes property keeps who wrote each text, and so who wrote what comes back.
"""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.models import Changeset, Listing
from compliance.publishing import published_as_of, published_from
from compliance.workingcopy.restore import (
    NotRestorable,
    put_back,
    roots_of,
    states_at,
    states_before,
)
from tests.publishing import test_four_eyes_property as four_eyes
from tests.publishing.test_four_eyes_property import ANN, BEN, CID, EXAMPLES, PUBLISH, World

without_rendering = four_eyes.without_rendering  # the fixture that freezes JSON alone
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATEST = 8  # saves among which the one to undo is chosen


class WorldWithUndo(World):
    """A world in which people set back as well."""

    def __init__(self, editor, approver):
        super().__init__(editor, approver)
        self.authors = {}
        self.note_texts()

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
stories = st.lists(
    st.tuples(st.lists(edits, min_size=2, max_size=6), four_eyes.publications),
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


def tell(story, editor, approver):
    return four_eyes.tell(story, editor, approver, make_world=WorldWithUndo)


def test_nobody_may_approve_what_they_wrote_after_others_set_it_back(editor, approver):
    done = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @example(STORY)
    @given(stories)
    def holds(story):
        done.update(tell(story, editor, approver))

    holds()

    assert {"undo", "discard", "published", "barred", "may approve"} <= set(+done)


# Ann's text was replaced before the page that is in force. Ben would bring it back.
AN_OLD_TEXT = [
    ([("rename_model", BEN, 0, 0)], PUBLISH),
    ([("rename_model", ANN, 0, 0), ("rename_model", BEN, 0, 0)], PUBLISH),
    ([("undo", BEN, 0, 0)], PUBLISH),
]


def test_a_text_from_before_the_page_in_force_does_not_come_back(editor, approver):
    assert tell(AN_OLD_TEXT, editor, approver)["undo"] == 0


def test_if_it_came_back_the_property_would_fail(editor, approver, monkeypatch):
    monkeypatch.setattr(f"{__name__}.published_from", lambda *args, **kwargs: None)

    with pytest.raises(AssertionError, match="ann wrote, moved or removed"):
        tell(AN_OLD_TEXT, editor, approver)
