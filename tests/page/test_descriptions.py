import pytest

from compliance.page.descriptions import describe_clauses
from compliance.page.retention import read_clauses


@pytest.mark.parametrize(("wording", "words"), [
    ("30 days (flagged prompts: 2 years)", "all content kept 30 days; flagged content kept 2 years if flagged"),
    ("Up to 1 hour with opt-in", "all content kept at most 1 hour with opt-in"),
    ("Not stored", "all content not kept"),
    ("Yes", "all content kept, how long is not said"),
    ("prompts: 30 minutes; files: 1 week", "prompts kept 30 minutes; files kept 1 week"),
])  # fmt: skip
def test_clauses_are_described_in_words(wording, words):
    assert describe_clauses(read_clauses(wording)) == words
