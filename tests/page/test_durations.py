import pytest

from compliance.page.durations import describe_duration, duration_seconds, split_duration


@pytest.mark.parametrize(
    ("duration", "number", "unit", "words"),
    [
        ("PT90M", 90, "TM", "90 minutes"),
        ("PT1H", 1, "TH", "1 hour"),
        ("P30D", 30, "D", "30 days"),
        ("P6M", 6, "M", "6 months"),
    ],
)
def test_a_duration_is_one_number_and_one_unit(duration, number, unit, words):
    assert split_duration(duration) == (number, unit)
    assert describe_duration(duration) == words


@pytest.mark.parametrize("duration", ["", "P", "P0D", "P1Y2M", "30D", "PT30D", "P٣D", "P30D\n"])
def test_a_text_that_is_no_duration_is_refused(duration):
    with pytest.raises(ValueError, match="is not a duration"):
        duration_seconds(duration)
