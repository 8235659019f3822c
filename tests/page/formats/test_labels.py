"""Tests of what the label of a column says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.formats.labels import label_meaning
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (
            ColumnRole.MODELS,
            "Model, AI models, LLM, Model(s), Foundation model, model_name, Large language model, "
            "🤖 Model, MODEL:",
        ),
        (
            ColumnRole.PROVIDERS,
            "Model Provider, Sub-processors, Subprocessor(s), Hosted by, Vendor, AI vendor, Entity,"
            "Company, Name of subprocessor, Vendor / Provider, Third-party provider",
        ),
        (
            ColumnRole.DOCUMENTS,
            "Privacy Policy / FAQ, Policies, Terms of service, DPA, Links, Sources, Reference,"
            "Terms & Conditions, Privacy Policy and Terms, Documentation",
        ),
        (
            ColumnRole.PLACES,
            "Data location, Location, Region, Country, Country/Region, Data residency,"
            "Location of processing, Where is data stored?, Hosted in",
        ),
        (
            None,
            "Purpose, Service, Tool, Developer, Notes, –, Model / Provider, Model (provider),"
            "Models and providers, Number of models, Model version, Policy (free plan),"
            "Locations (EU only)",
        ),
    ],
)
def test_a_label_names_a_role(role: ColumnRole | None, labels: str):
    for label in labels.split(","):
        meaning = label_meaning(label.strip())

        assert (meaning and meaning.role) == role, label


def test_two_words_for_two_things_are_no_label_of_either():
    assert label_meaning("Model, provider") is None
    assert label_meaning("") is None
    assert label_meaning("Model " * 50) is None


@pytest.mark.parametrize(
    ("asks", "labels"),
    [
        (
            Asks.TRAINS,
            "Trains|Trains?|Trains on User Data via API|Trains on prompts|Used for training?|"
            "Trains on your data?|Model training|Training (Y/N)|"
            "Do they train on your data?|Is your data used for training?|Trains (API)|"
            "Uses data to train models|data_used_for_training",
        ),
        (
            Asks.DOES_NOT_TRAIN,
            "No training|Doesn’t train on your data|Never trains|Data not used to train models|"
            "Zero training|Excluded from training|No model training",
        ),
        (
            None,
            "Trains (free plan)|Trains on free plan|Trains by default|Opt-out of training|"
            "Training opt-out|Training data|Trained on|Trains on files|No training by default|"
            "Training, retention|May train|Data used to improve models|Used to improve models|"
            "Used for improving AI models|Trains its models|Used to train their models|"
            "Does not train the model",
        ),
    ],
)
def test_a_label_asks_about_training(asks: Asks | None, labels: str):
    for label in labels.split("|"):
        meaning = label_meaning(label)

        assert (meaning and meaning.asks) == asks, label
        assert meaning is None or meaning.role is ColumnRole.TRAINING


@pytest.mark.parametrize(
    ("asks", "covers", "labels"),
    [
        (
            Asks.HOW_LONG,
            DataClass.ALL_CONTENT,
            "Data Retention for API|Retention|Data retention?|Kept for|Stored for|"
            "How long is data kept?|Retention of prompts and outputs",
        ),
        (
            Asks.HOW_LONG,
            DataClass.PROMPT,
            "Prompt retention|Retention of prompts|Retention (prompts)|How long prompts are stored",
        ),
        (Asks.HOW_LONG, DataClass.CACHE, "Cache retention|Prompt cache retention"),
        (Asks.HOW_LONG, DataClass.FILE, "Files stored for|File retention|Retention: files"),
        (Asks.HOW_LONG, DataClass.ABUSE_LOG, "Abuse log retention|Abuse logs kept for"),
        (Asks.HOW_LONG, DataClass.METADATA, "Log retention"),
        (Asks.IS_KEPT, DataClass.ALL_CONTENT, "Data stored|Stores your data|Kept"),
        (
            Asks.IS_KEPT,
            DataClass.PROMPT,
            "Keeps prompts|Prompts logged|Logs prompts|Queries stored",
        ),
        (Asks.IS_KEPT, DataClass.APPLICATION_STATE, "State kept|Application state stored"),
        (Asks.IS_KEPT, DataClass.ABUSE_LOG, "Abuse logs kept"),
        (Asks.IS_KEPT, DataClass.METADATA, "Logging|Logs kept"),
        (
            Asks.IS_NOT_KEPT,
            DataClass.ALL_CONTENT,
            "Zero data retention|Zero retention|ZDR|Zero data retention (ZDR)|No data stored|"
            "Not stored|No storage",
        ),
        (
            Asks.IS_NOT_KEPT,
            DataClass.PROMPT,
            "Prompts not stored|Does not store prompts|No prompt retention",
        ),
        # "We write no logs" does not say that nothing is kept.
        (Asks.IS_NOT_KEPT, DataClass.METADATA, "No logging|No logs kept"),
        # None may mean that there is no limit, no policy or no deletion.
        (
            None,
            DataClass.ALL_CONTENT,
            "Deleted after|Data deleted after|Maximum retention|Max. retention|Retention policy|"
            "Retention period|Maximum data retention|Data retention window|Storage duration|"
            "Retention period for data",
        ),
        (None, DataClass.PROMPT, "Maximum prompt retention|Retention policy for prompts"),
    ],
)
def test_a_label_asks_about_retention(asks: Asks | None, covers: DataClass, labels: str):
    for label in labels.split("|"):
        meaning = label_meaning(label)

        assert meaning, label
        assert (meaning.role, meaning.asks, meaning.covers, meaning.unit) == (
            ColumnRole.RETENTION,
            asks,
            covers,
            None,
        ), label


@pytest.mark.parametrize(
    "label",
    [
        "Zero data retention available",
        "ZDR on request",
        "Zero data retention (EU)",
        "Zero retention (days)",
        "Data retention (EU)",
        "Retention (free plan)",
        "Default retention",
        "Retention by default",
        "Minimum retention",
        "Personal data retention",
        "Images kept",
        "Retention limit",
        "Chats stored",
        "Conversations kept",
        "Chat retention",
        "All data kept",
        "Everything kept",
        "Everything is stored?",
        "Keeps all prompts",
        "All prompts logged",
        "Does not store all data",
        "Any data not stored",
        "Logged",
        "Not logged",
        "Logged for",
        "Storage",
        "Retention / training",
    ],
)
def test_a_label_that_narrows_retention_is_no_claim(label: str):
    assert label_meaning(label) is None


@pytest.mark.parametrize(
    ("label", "covers", "unit"),
    [
        ("Retention (days)", DataClass.ALL_CONTENT, Unit.DAYS),
        ("Retention in days", DataClass.ALL_CONTENT, Unit.DAYS),
        ("Retention, days", DataClass.ALL_CONTENT, Unit.DAYS),
        ("Retention [days]", DataClass.ALL_CONTENT, Unit.DAYS),
        ("retention_days", DataClass.ALL_CONTENT, Unit.DAYS),
        ("Prompt retention (in days)", DataClass.PROMPT, Unit.DAYS),
        ("Prompts kept (days)", DataClass.PROMPT, Unit.DAYS),
        # The contract knows no other unit, so that bare numbers are not understood.
        ("Retention (months)", DataClass.ALL_CONTENT, None),
        ("Retention in hours", DataClass.ALL_CONTENT, None),
    ],
)
def test_a_label_says_in_what_bare_numbers_count(label: str, covers: DataClass, unit: Unit | None):
    meaning = label_meaning(label)

    assert meaning
    assert (meaning.asks, meaning.covers, meaning.unit) == (Asks.HOW_LONG, covers, unit)


CLAIMS = [
    "Trains",
    "No training",
    "Trains on your data",
    "Used for training",
    "Uses data for training",
    "Retention",
    "Data retention",
    "Zero data retention",
    "ZDR",
    "Kept",
    "Data stored",
    "Stored for",
    "Not stored",
    "Prompts kept",
    "Keeps prompts",
    "Logging",
    "No logging",
    "Retention (days)",
    "Deleted after",
    "How long is data kept?",
    "Trains on User Data via API",
    "Data Retention for API",
    "Prompt retention",
    "Does not store prompts",
]
NARROWING = [
    "*",
    "†",
    "¹",
    "[^1]",
    "§",
    "a)",
    "free plan",
    "EU",
    "on request",
    "available",
    "enterprise",
    "by default",
    "default",
    "for images",
    "opt-in",
    "optional",
    "if enabled",
    "Team",
    "paid",
    "eligible",
    "possible",
    "can be turned off",
    "contractual",
    "personal data",
    "voice",
    "in Germany",
    "partial",
    "batch",
    "new users",
    "until 2025",
    "only",
    "minimum",
    "temporary chats",
    "self-hosted",
    "web",
    "may",
    "without consent",
    "of staff",
    "human review",
    "status",
    "cost",
    "per user",
    "%",
    "✗",
    "< 30",
    "≠",
]
SHAPES = (
    "{0}{1}|{0} {1}|{0} ({1})|{1} {0}|{0}: {1}|{0} for {1}|{0} / {1}|{0}, {1}|{0} - {1}|{1}: {0}"
)


@given(st.sampled_from(CLAIMS), st.sampled_from(NARROWING), st.sampled_from(SHAPES.split("|")))
def test_whatever_stands_beside_a_claim_makes_it_text(claim: str, narrowing: str, shape: str):
    assert label_meaning(claim), claim
    assert label_meaning(shape.format(claim, narrowing)) is None


@given(st.text(max_size=120) | st.lists(st.sampled_from(CLAIMS + NARROWING)).map(" ".join))
def test_any_label_is_read(label: str):
    meaning = label_meaning(label)

    assert meaning is None or meaning.role is not ColumnRole.TEXT
