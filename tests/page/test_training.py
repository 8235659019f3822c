import pytest

from compliance.page.training import training_text, training_use
from compliance.page.vocabulary import Asks, TrainingUse

LABELS = [Asks.TRAINS, Asks.DOES_NOT_TRAIN, None]


@pytest.mark.parametrize("asks", LABELS)
@pytest.mark.parametrize("use", TrainingUse)
def test_a_printed_training_use_reads_back(use: TrainingUse, asks: Asks | None):
    assert training_use(training_text(use, asks=asks), asks=asks) is use


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
        ("", "not_stated"),
    ],
)
def test_a_training_cell_becomes_a_training_use(text: str, use: str):
    assert training_use(text) == use


@pytest.mark.parametrize(
    ("text", "asks", "use"),
    [
        ("Yes", Asks.TRAINS, "by_default"),
        ("No", Asks.TRAINS, "never"),
        ("Yes", Asks.DOES_NOT_TRAIN, "never"),
        ("No", Asks.DOES_NOT_TRAIN, "by_default"),
        ("Yes", None, "unknown"),
        ("No", None, "unknown"),
        ("None", None, "unknown"),
        ("Never", None, "unknown"),
    ],
)
def test_a_bare_word_answers_the_label(text: str, asks: Asks | None, use: str):
    assert training_use(text, asks=asks) == use


@pytest.mark.parametrize(
    "text", ["Never", "None", "Opt-in", "Yes, unless you opt out", "No (opt-in)", "By default"]
)
def test_what_could_be_meant_either_way_is_unknown_below_does_not_train(text: str):
    assert training_use(text, asks=Asks.DOES_NOT_TRAIN) is TrainingUse.UNKNOWN


@pytest.mark.parametrize("asks", LABELS)
@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("Not used for training", "never"),
        ("Does not train", "never"),
        ("Sometimes", "conditional"),
        ("Not stated", "not_stated"),
        (" ", "not_stated"),
    ],
)
def test_a_statement_means_the_same_below_every_label(text: str, use: str, asks: Asks | None):
    assert training_use(text, asks=asks) == use


@pytest.mark.parametrize("asks", LABELS)
@pytest.mark.parametrize("joined", ["{} {}", "{}, {}", "{}; {}", "{} ({})", "{1}, {0}", "{1}: {0}"])
@pytest.mark.parametrize(
    "condition",
    [
        "with consent",
        "if you opt in",
        "after consent",
        "by agreement",
        "under contract",
        "on paper",
    ],
)
def test_a_denial_under_a_condition_is_unknown(condition: str, joined: str, asks: Asks | None):
    for denial in ["No", "Never", "Not used", "Not used for training", "Does not train", "Yes"]:
        if denial == "Yes" and asks is Asks.TRAINS:
            continue
        wording = joined.format(denial, condition)
        assert training_use(wording, asks=asks) is TrainingUse.UNKNOWN, wording


@pytest.mark.parametrize(
    "wording",
    [
        "Not used to train {} models",
        "Does not train {} models",
        "Data is not used for training {} models",
        "Used to train {} models only if you opt in",
        "Used to train {} models unless you opt out",
    ],
)
@pytest.mark.parametrize(
    "models", ["own", "our", "their", "the", "foundation", "language", "future", "base", "other"]
)
def test_what_is_said_of_some_models_is_not_said_of_all_training(wording: str, models: str):
    assert training_use(wording.format(models)) is TrainingUse.UNKNOWN


def test_training_uses_are_ordered_from_best_to_worst():
    uses = sorted(TrainingUse, key=lambda use: use.severity)

    assert uses == [
        "never", "opt_in", "conditional", "opt_out", "by_default", "not_stated", "unknown"
    ]  # fmt: skip


@pytest.mark.parametrize(("letter", "use"), [("Y", "by_default"), ("n", "never")])
def test_a_letter_answers_for_yes_and_no(letter, use):
    assert training_use(letter, asks=Asks.TRAINS) == use
    assert training_use(letter, asks=None) is TrainingUse.UNKNOWN
