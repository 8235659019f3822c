import pytest

from compliance.page.retention import read_clauses
from compliance.page.vocabulary import Asks, Bound, ClauseKind, DataClass, Trigger, Unit


def _clause_texts(wording: str, **column) -> list[tuple[str, ...]]:
    """Return the parts of each clause of a wording that are not the usual ones."""
    usual = {DataClass.ALL_CONTENT, ClauseKind.DURATION, Bound.EXACT, Trigger.ALWAYS, None}
    return [
        tuple(
            str(part)
            for part in (
                clause.data_class,
                clause.kind,
                clause.duration,
                clause.bound,
                clause.trigger,
            )
            if part not in usual
        )
        for clause in read_clauses(wording, **column)
    ]


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("30 days (flagged prompts: 2 years)", [("P30D",), ("flagged_content", "P2Y", "flagged")]),
        ("24 hours", [("PT24H",)]),
        ("30-day", [("P30D",)]),
        ("90d", [("P90D",)]),
        ("one month", [("P1M",)]),
        ("Two years.", [("P2Y",)]),
        ("Not stored", [("none",)]),
        ("Zero retention", [("none",)]),
        ("ZDR", [("none",)]),
        ("None", [("none",)]),
        ("0 days", [("none",)]),
        (
            "Not stored (flagged prompts: 30 days)",
            [("none",), ("flagged_content", "P30D", "flagged")],
        ),
        ("Not specified", [("not_stated",)]),
        ("Not stated", [("not_stated",)]),
        ("Up to 30 days", [("P30D", "at_most")]),
        ("30 days or less", [("P30D", "at_most")]),
        ("At least 1 year", [("P1Y", "at_least")]),
        ("Minimum 30 days", [("P30D", "at_least")]),
        ("~30 days", [("P30D", "about")]),
        ("approximately 6 weeks", [("P6W", "about")]),
        ("Until deleted", [("until_event",)]),
        ("Until account deletion", [("until_event",)]),
        ("Indefinitely", [("indefinite",)]),
        ("30 days for abuse monitoring", [("abuse_log", "P30D")]),
        ("30 days (abuse monitoring)", [("abuse_log", "P30D")]),
        ("55 days for prompts", [("prompt", "P55D")]),
        ("Logs: 90 days", [("metadata", "P90D")]),
        ("Prompts are stored for 30 days", [("prompt", "P30D")]),
        ("Inputs 30 days, outputs 7 days", [("prompt", "P30D"), ("output", "P7D")]),
        ("Prompts 30 days and outputs 7 days", [("prompt", "P30D"), ("output", "P7D")]),
        ("90 days if opted in", [("P90D", "opt_in")]),
        ("Flagged prompts (2 years)", [("flagged_content", "P2Y", "flagged")]),
        ("Abuse monitoring (30 days)", [("abuse_log", "P30D")]),
        ("Prompts (30 days), outputs (7 days)", [("prompt", "P30D"), ("output", "P7D")]),
        ("Prompts (30 days) and outputs (7 days)", [("prompt", "P30D"), ("output", "P7D")]),
        ("Not stored, except for abuse monitoring (30 days)", [("none",), ("abuse_log", "P30D")]),
        (
            "Prompts: 30 days, 2 years if flagged",
            [("prompt", "P30D"), ("flagged_content", "P2Y", "flagged")],
        ),
        (
            "Prompts (30 days, 2 years if flagged)",
            [("prompt", "P30D"), ("flagged_content", "P2Y", "flagged")],
        ),
        ("30 days (2 years if flagged)", [("P30D",), ("flagged_content", "P2Y", "flagged")]),
        ("Zero data retention (ZDR)", [("none",)]),
        ("Deleted within 30 days", [("P30D", "at_most")]),
    ],
)
def test_a_wording_becomes_clauses(wording: str, expected: list[tuple[str, ...]]):
    assert _clause_texts(wording) == expected


@pytest.mark.parametrize(
    "wording",
    [";", "30", "30 moons", "30 days unless the law asks for more", "until the moon falls", "at least 0 days",
     "at least 30 days or less", "30 days (", "see policy", "prompts 30 days for outputs",
     "Some prompts (30 days)", "Not for prompts (30 days, flagged prompts: 2 years)", "For some users, 30 days",
     "Logs (prompts: 30 days)", "Except for prompts 30 days", "30 days (flagged", "No logs", "thirty moons",
     "30 days" + "," * 250_000],
)  # fmt: skip
def test_a_wording_that_is_not_understood_is_one_unknown_clause(wording: str):
    assert _clause_texts(wording) == [("unknown",)]


@pytest.mark.parametrize(
    "deleted", ["Deleted", "Erased", "Automatically removed", "Data is purged"]
)
@pytest.mark.parametrize("time", ["30 days", "within 30 days", "after one month", "in 7 days"])
@pytest.mark.parametrize(
    "request_",
    ["of request", "after the request", "from your request", "of receipt of a request", "on request",
     "upon request", "if requested", "by request", "after receipt of your request"],
)  # fmt: skip
def test_deletion_on_request_does_not_say_how_long_before(deleted: str, time: str, request_: str):
    assert _clause_texts(f"{deleted} {time} {request_}") == [("unknown",)]


@pytest.mark.parametrize(
    ("wording", "asks", "kind"),
    [
        ("None", Asks.HOW_LONG, "none"),
        ("Yes", Asks.HOW_LONG, "kept"),
        ("No", Asks.HOW_LONG, "unknown"),
        ("Yes", Asks.IS_KEPT, "kept"),
        ("No", Asks.IS_KEPT, "none"),
        ("None", Asks.IS_KEPT, "unknown"),
        ("Yes", Asks.IS_NOT_KEPT, "none"),
        ("No", Asks.IS_NOT_KEPT, "kept"),
        ("None", Asks.IS_NOT_KEPT, "unknown"),
        ("None", None, "unknown"),
        ("Yes", None, "unknown"),
        ("No", None, "unknown"),
    ],
)
def test_a_bare_word_answers_the_label(wording: str, asks: Asks | None, kind: str):
    assert _clause_texts(wording, asks=asks) == [(kind,)]


@pytest.mark.parametrize("asks", [Asks.HOW_LONG, Asks.IS_KEPT, Asks.IS_NOT_KEPT, None])
def test_other_words_mean_the_same_below_every_label(asks: Asks | None):
    assert _clause_texts("Not stated", asks=asks) == [("not_stated",)]
    assert _clause_texts("Not stored", asks=asks) == [("none",)]
    assert _clause_texts("30 days", asks=asks) == [("P30D",)]
    assert _clause_texts(" ", asks=asks) == []


def test_a_bare_word_answers_for_the_subject_that_it_follows():
    found = _clause_texts("Prompts: no; files: yes", asks=Asks.IS_KEPT)

    assert found == [("prompt", "none"), ("file", "kept")]


def test_no_with_a_condition_is_not_understood():
    assert _clause_texts("No (opt-in)", asks=Asks.IS_NOT_KEPT) == [("unknown",)]
    assert _clause_texts("Yes (opt-in)", asks=Asks.IS_NOT_KEPT) == [("none", "opt_in")]


@pytest.mark.parametrize(
    ("wording", "covers", "expected"),
    [
        ("30 days", DataClass.FILE, [("file", "P30D")]),
        ("30 days; prompts: 7 days", DataClass.FILE, [("file", "P30D"), ("prompt", "P7D")]),
        ("All data: 30 days", DataClass.FILE, [("file", "P30D")]),
        ("Everything: 30 days", DataClass.CACHE, [("cache", "P30D")]),
        ("No customer data is retained", DataClass.FILE, [("file", "none")]),
        ("Data is not stored", DataClass.METADATA, [("metadata", "none")]),
        ("Does not store your data", DataClass.FILE, [("file", "none")]),
        ("Data is deleted after 1 day", DataClass.ABUSE_LOG, [("abuse_log", "P1D")]),
        ("No content is kept", DataClass.FILE, [("file", "none")]),
        ("Data: 2 years", DataClass.FLAGGED_CONTENT, [("flagged_content", "P2Y", "flagged")]),
        ("Inputs and outputs: 30 days", DataClass.FILE, [("P30D",)]),
        ("Not logged", DataClass.FILE, [("file", "unknown")]),
        ("whenever", DataClass.FILE, [("file", "unknown")]),
        ("2 years if flagged", DataClass.PROMPT, [("flagged_content", "P2Y", "flagged")]),
        ("2 years", DataClass.FLAGGED_CONTENT, [("flagged_content", "P2Y", "flagged")]),
    ],
)
def test_a_clause_that_names_no_data_is_about_what_the_column_covers(
    wording: str, covers: DataClass, expected: list[tuple[str, ...]]
):
    assert _clause_texts(wording, covers=covers) == expected


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("30", [("P30D",)]),
        ("0", [("none",)]),
        ("up to 30", [("P30D", "at_most")]),
        ("30+", [("P30D", "at_least")]),
        ("24 hours", [("PT24H",)]),
        ("30 (flagged prompts: 90)", [("P30D",), ("flagged_content", "P90D", "flagged")]),
        ("7-30", [("P30D", "at_most")]),
        ("30 and 5", [("unknown",)]),
        ("a", [("unknown",)]),
    ],
)
def test_a_bare_number_counts_the_days_of_a_column_in_days(
    wording: str, expected: list[tuple[str, ...]]
):
    assert _clause_texts(wording, unit=Unit.DAYS) == expected


@pytest.mark.parametrize(
    "wording",
    [
        "1,000",
        "1.000",
        "1 000",
        "1,000,000",
        "30,5",
        "30, 5",
        "30; 5",
        "1,000 days",
        "up to 1,000",
        "Prompts: 1,000",
    ],
)
def test_digits_apart_by_a_separator_are_not_understood(wording: str):
    assert _clause_texts(wording, unit=Unit.DAYS) == [("unknown",)]


def test_a_comma_behind_a_number_still_ends_a_part():
    found = _clause_texts("30, 7 for files", unit=Unit.DAYS)

    assert found == [("P30D",), ("file", "P7D")]


def test_only_the_part_that_is_not_understood_is_unknown():
    assert _clause_texts("30 days; files until the moon falls") == [("P30D",), ("unknown",)]


@pytest.mark.parametrize(
    ("wording", "first"),
    [
        ("30 days, 2 years", ("P30D",)),
        ("Not stored (30 days)", ("none",)),
        ("Prompts: 30 days, 2 years", ("prompt", "P30D")),
        ("Prompts 30 days and 7 days", ("prompt", "P30D")),
        ("Prompts: 30 days, 1 year if opted in", ("prompt", "P30D")),
    ],
)
def test_a_part_without_a_subject_is_unknown_behind_others(wording: str, first: tuple[str, ...]):
    assert _clause_texts(wording) == [first, ("unknown",)]
