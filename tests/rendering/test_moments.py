"""Tests of compliance.rendering.moments."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from compliance.rendering.moments import minute_text
from compliance.templatetags.moments import day_element, second_element

MOMENT = datetime(2026, 12, 15, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "15 Dec 2026, 13:00 UTC"),
        ("Europe/London", "15 Dec 2026, 13:00 UTC"),
        ("Europe/Berlin", "15 Dec 2026, 14:00 (13:00 UTC)"),
        ("Asia/Tokyo", "15 Dec 2026, 22:00 (13:00 UTC)"),
        ("Pacific/Auckland", "16 Dec 2026, 02:00 (15 Dec, 13:00 UTC)"),
    ],
)
def test_a_moment_is_shown_in_the_current_time_zone_with_utc_beside_it(zone, words):
    with timezone.override(zone):
        assert minute_text(MOMENT) == words


def test_what_readers_see_is_in_utc_whoever_looks():
    with timezone.override("Pacific/Auckland"):
        assert (
            day_element(MOMENT) == '<time datetime="2026-12-15T13:00:00Z">15 December 2026</time>'
        )
        assert "15 December 2026, 13:00:00 UTC" in second_element(MOMENT)
