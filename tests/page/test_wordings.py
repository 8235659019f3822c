import string
from itertools import chain

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.claims import effective_clauses
from compliance.page.descriptions import describe_clauses
from compliance.page.durations import duration_seconds
from compliance.page.retention import read_clauses
from compliance.page.severity import severity
from compliance.page.training import training_use
from compliance.page.vocabulary import Asks, ClauseKind, TrainingUse
from tests.page.wordings import (
    RETENTION_WORDINGS,
    TRAINING_WORDINGS,
    Retention,
    Training,
    document,
)

RETENTION = list(chain.from_iterable(RETENTION_WORDINGS.values()))
TRAINING = list(chain.from_iterable(TRAINING_WORDINGS.values()))


@pytest.mark.parametrize("example", RETENTION, ids=lambda example: example.wording)
def test_a_retention_wording_is_read_as_its_clauses(example: Retention):
    clauses = read_clauses(example.wording, asks=example.asks, unit=example.unit)

    assert describe_clauses(clauses) == example.meaning
    is_understood = all(clause.kind is not ClauseKind.UNKNOWN for clause in clauses)
    assert is_understood is (example.open_question == "")


@pytest.mark.parametrize("example", TRAINING, ids=lambda example: example.wording)
def test_a_training_wording_is_read_as_its_use(example: Training):
    use = training_use(example.wording, asks=example.asks)

    assert use is example.meaning
    assert (use is TrainingUse.UNKNOWN) is (example.open_question != "")


def test_the_manual_lists_all_wordings():
    written = (settings.BASE_DIR / "docs/wordings.md").read_text(encoding="utf-8")

    assert written == document(), "run: python -m tests.page.wordings > docs/wordings.md"


# Below the usual label.
USUAL = [
    example.wording.rstrip(".")
    for example in RETENTION
    if example.asks is Asks.HOW_LONG and example.unit is None
]
# Nobody says such things of retention, so their words are in no table.
DOUBTS = ["mostly", "in Europe", "for Enterprise", "on paid plans", "if possible", "on average"]
JOINED = ["{} {}", "{}, {}", "{}; {}", "{}. {}", "{} ({})", "{} and {}"]


def _standing(wording: str) -> tuple[object, ...]:
    """Return how bad a wording is for the user; larger is worse."""
    return severity(effective_clauses(read_clauses(wording)))


def _best(wording: str) -> tuple[int, int]:
    """Return what is best for the user in a wording; larger is worse."""
    kinds = list(ClauseKind)
    return min(
        (kinds.index(clause.kind), duration_seconds(clause.duration) if clause.duration else 0)
        for clause in read_clauses(wording)
    )


@given(
    wording=st.sampled_from(USUAL),
    doubt=st.sampled_from(DOUBTS) | st.text(string.ascii_lowercase, min_size=9),
    joined=st.sampled_from([*JOINED, "{1} {0}", "{1}: {0}", "{1}, {0}"]),
)
def test_words_that_are_not_understood_make_no_wording_better(
    wording: str, doubt: str, joined: str
):
    assert _standing(joined.format(wording, doubt)) >= _standing(wording)


@given(
    one=st.sampled_from(USUAL),
    other=st.sampled_from(USUAL),
    joined=st.sampled_from(JOINED),
)
def test_two_wordings_together_promise_no_more_than_the_better_one(
    one: str, other: str, joined: str
):
    assert _best(joined.format(one, other)) >= min(_best(one), _best(other))


@given(
    one=st.sampled_from(TRAINING),
    other=st.sampled_from(TRAINING),
    joined=st.sampled_from(["{}; {}", "{}. {}"]),
)
def test_two_training_wordings_together_promise_no_more_than_the_better_one(
    one: Training, other: Training, joined: str
):
    together = training_use(joined.format(one.wording.rstrip("."), other.wording))

    uses = (training_use(example.wording) for example in (one, other))
    assert together.severity >= min(use.severity for use in uses)


WORDS = [
    "no",
    "not",
    "30",
    "999999.5",
    "½",
    "years",
    "days",
    "data",
    "kept",
    "none",
    "✅",
    "opt-in",
]


@given(st.lists(st.sampled_from([*WORDS, " ", ", ", "; ", "(", ")", "-", " to ", "for "])))
def test_any_text_is_read_as_clauses_that_a_page_can_hold(words):
    for clause in read_clauses("".join(words)):
        assert clause.fault() is None
