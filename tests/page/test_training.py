import pytest

from compliance.page.training import training_text, training_use
from compliance.page.vocabulary import TrainingUse


@pytest.mark.parametrize("use", TrainingUse)
def test_a_printed_training_use_reads_back(use: TrainingUse):
    assert training_use(training_text(use)) is use


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("no.", "never"),
        ("Opt-in", "opt_in"),
        ("YES", "by_default"),
        ("Opt-out", "opt_out"),
        ("No, mostly", "unknown"),
        ("No, unless you opt-in", "opt_in"),
        ("Opt in", "opt_in"),
        ("Does not train", "never"),
        ("Not used to train", "never"),
    ],
)
def test_a_training_cell_becomes_a_training_use(text: str, use: str):
    assert training_use(text) == use


def test_training_uses_are_ordered_from_best_to_worst():
    uses = sorted(TrainingUse, key=lambda use: use.severity)

    assert uses == [
        "never", "opt_in", "conditional", "opt_out", "by_default", "not_stated", "unknown"
    ]  # fmt: skip
