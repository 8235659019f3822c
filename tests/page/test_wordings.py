from itertools import chain

import pytest
from django.conf import settings

from compliance.page.descriptions import describe_clauses
from compliance.page.retention import read_clauses
from compliance.page.training import training_use
from compliance.page.vocabulary import ClauseKind, TrainingUse
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
