"""Tests of the day on which a footnote says that it ends."""

from datetime import date

import pytest

from compliance.page.ends import named_end, with_named_ends
from compliance.page.formats import markdown


@pytest.mark.parametrize(
    "text",
    [
        "Contract ends 2030-01-31.",
        "Contract ends on 31 January 2030, unless it is renewed.",
        "Only valid until 31 January 2030",
        "The order expires on 2030-01-31.",
        "Expires: Jan. 31, 2030",
        "In force until the 31st of January 2030.",
        "Agreed on 1 March 2029, ends January 31st, 2030.",
        "Runs through *31 Jan 2030*.",
        "See the [order](https://acme.example/2029-05-05), which lapses on 31. January 2030.",
        "The exception ends\non 2030-01-31.",
        "Ends 2030-01-31. It really ends on 31 January 2030.",
    ],
)
def test_the_day_of_an_end_is_found(text: str):
    assert named_end(text) == date(2030, 1, 31)


@pytest.mark.parametrize(
    "text",
    [
        "Since 2030-01-31.",
        "On 31 January 2030 the contract was signed.",
        "Ends 2030-01-31 for chat, and ends 2030-02-28 for search.",
        "Ends on 31/01/2030.",
        "Ends in January 2030.",
        "Ends on 31 June 2030.",
        "Ends 2030-13-01.",
        "Ends 2030-01-31-b.",
        "Depends on 2030-01-31.",
        "Until further notice.",
        "Before 2030-01-31.",
    ],
)
def test_no_day_is_guessed(text: str):
    assert named_end(text) is None


def test_a_reading_offers_the_day_and_sets_none():
    reading = markdown.read("# M\n\n| Model |\n| - |\n| A* |\n\n* Contract ends 2030-01-31.\n")

    assert reading.snapshot.footnotes[0].valid_until is None
    assert reading.notes[-1] == (
        "Line 7: Footnote 1 says that it ends on 2030-01-31. Enter that day as its last."
    )


def test_the_day_is_taken_where_none_is_entered():
    snapshot = markdown.parse("# M\n\nText.\n\n¹ Ends 2030-01-31.\n\n² Since 2029-01-31.\n")

    taken = with_named_ends(snapshot)

    assert [note.valid_until for note in taken.footnotes] == [date(2030, 1, 31), None]
    assert with_named_ends(taken) == taken
