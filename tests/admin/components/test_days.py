"""Tests of compliance.admin.components.days: every common way to write a day or a moment."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from compliance.admin.components.days import DayField, MomentField, read_day, read_moment

DAY = date(2026, 12, 15)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-15",
        "2026/12/15",
        "15.12.2026",
        "15/12/2026",
        "12/15/2026",
        "15-12-2026",
        "15 Dec 2026",
        " 15  december 2026 ",
        "Dec 15, 2026",
        "December 15 2026",
        "15th Dec. 2026",
        "Tue, 15 Dec 2026",
        "15-Dec-2026",
        "15th of December 2026",
        "20261215",
    ],
)
def test_a_day_is_read_in_every_common_form(typed):
    assert read_day(typed) == DAY


def test_a_day_that_can_be_taken_either_way_is_refused_with_both_readings():
    with pytest.raises(ValidationError) as refusal:
        read_day("03/04/2026")

    assert refusal.value.messages == [
        "“03/04/2026” can be 3 Apr 2026 or 4 Mar 2026. Write one of these."
    ]
    assert read_day("05/05/2026") == date(2026, 5, 5)


@pytest.mark.parametrize(
    "typed",
    ["tomorrow", "32 Dec 2026", "31/31/2026", "15.12.26", "1 Jan 1899", "١٥.12.2026", "9" * 99],
)
def test_what_is_no_day_is_refused_with_examples(typed):
    with pytest.raises(ValidationError, match=r"is not a day\. Write it as 15 Dec 2026"):
        read_day(typed)


@pytest.mark.parametrize("typed", ["2026-02-30", "31 Jun 2026", "29.02.2027"])
def test_a_day_that_its_month_does_not_have_is_refused_as_that(typed):
    with pytest.raises(ValidationError, match="that month has fewer days"):
        read_day(typed)


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [
        ("15.12.2026 14.00", 13, 0),
        ("2026-12-15 14:00", 13, 0),
        ("2026-12-15T14:00:30", 13, 0),
        ("15 December 2026 14:00", 13, 0),
        ("15 Dec 2026, 14:00 (13:00 UTC)", 13, 0),
        ("15.12.2026 2pm", 13, 0),
        ("Dec 15, 2026 at 2:30 p.m.", 13, 30),
        ("15/12/2026 14:00 UTC", 14, 0),
        ("2026-12-15T14:00:00Z", 14, 0),
        ("2026-12-15 14:00+02:00", 12, 0),
        ("15 Dec 2026 09:00 America/New_York", 14, 0),
    ],
)
def test_a_moment_is_in_the_time_zone_of_the_person_unless_another_is_written(typed, hour, minute):
    with timezone.override("Europe/Berlin"):
        moment = read_moment(typed)

    assert moment.astimezone(UTC).replace(second=0) == datetime(
        2026, 12, 15, hour, minute, tzinfo=UTC
    )


def test_a_day_alone_is_its_first_minute():
    with timezone.override("Europe/Berlin"):
        assert read_moment("15 Dec 2026") == datetime(2026, 12, 14, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("noon", "is not a moment"),
        ("15 Dec 2026 25:00", "is not a moment"),
        ("15 Dec 2026 14", "is not a moment"),
        ("15 Dec 2026 13pm", "is not a moment"),
        ("03/04/2026 14:00", "3 Apr 2026 or 4 Mar 2026"),
        ("15 Dec 2026 14:00 XYZ", "“XYZ” is not a known time zone"),
        ("15 Dec 2026 14:00 +99:00", "is not a known time zone"),
        ("29 Mar 2026 02:30", "there is no 02:30 in Europe/Berlin"),
        ("25 Oct 2026 02:30", "or there are two"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_cause(typed, sentence):
    with timezone.override("Europe/Berlin"), pytest.raises(ValidationError, match=sentence):
        read_moment(typed)


def test_the_fields_show_what_they_read():
    with timezone.override("Europe/Berlin"):
        moment = datetime(2026, 12, 15, 13, tzinfo=UTC)
        shown = MomentField().widget.format_value(MomentField().prepare_value(moment))
        assert shown == "15 Dec 2026, 14:00"
        assert MomentField().clean(shown) == moment
    assert DayField().clean(DayField().widget.format_value(DAY)) == DAY
    assert DayField(required=False).clean("  ") is None
