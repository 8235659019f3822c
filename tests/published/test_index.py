"""The index of a register, and the bytes of its file."""

from datetime import UTC, datetime, timedelta

from compliance.published.index import Index, encode_index, parse_index
from compliance.rendering.html import artefacts
from tests.stores import entry, snapshot

NOON = datetime(2026, 8, 11, 12, 0, tzinfo=UTC)


def index_of(*entries):
    return Index("r", 1, "r", entries)


def test_the_latest_publication_that_took_effect_and_was_not_withdrawn_is_in_force():
    files = artefacts(snapshot())
    days = [NOON + timedelta(days=day) for day in range(4)]
    index = index_of(
        entry(1, files, effective_from=days[0]),
        entry(2, files, effective_from=days[1], withdrawn_at=days[2]),
        entry(3, files, effective_from=days[3], announced=True),
    )

    assert index.in_force(days[0] - timedelta(seconds=1)) is None
    assert [index.in_force(day).number for day in days] == [1, 1, 1, 3]
    assert [index.public_at(day).number for day in days] == [1, 2, 1, 3]
    assert [[seen.number for seen in index.visible(day)] for day in days[:2]] == [[3, 1], [3, 1]]
    assert index.entry(4) is None


def test_an_index_answers_as_a_search_of_its_publications_does():
    files, hour = artefacts(snapshot()), timedelta(hours=1)
    index = index_of(
        entry(1, files, effective_from=NOON, approved_at=NOON, source="imported"),
        entry(
            2,
            files,
            effective_from=NOON + 5 * hour,
            approved_at=NOON,
            withdrawn_at=NOON + 2 * hour,
            announced=True,
        ),
        entry(3, files, effective_from=NOON + 3 * hour, approved_at=NOON + 2 * hour),
        entry(
            4, files, effective_from=NOON + 6 * hour, approved_at=NOON + 4 * hour, announced=True
        ),
        entry(
            5,
            files,
            effective_from=NOON + 7 * hour,
            approved_at=NOON + 4 * hour,
            withdrawn_at=NOON + 9 * hour,
        ),
    )
    said = index.publications
    moments = {
        moment
        for e in said
        for moment in (e.effective_from, e.approved_at, e.withdrawn_at)
        if moment
    }

    for at in [NOON + minutes * hour / 2 for minutes in range(-2, 22)]:
        mementos = [e for e in said if e.effective_from <= at and not e.withdrawn_at]
        visible = [e for e in reversed(said) if e.is_visible(at)]
        assert index.in_force(at) == (mementos[-1] if mementos else None)
        assert index.public_at(at) == max(
            (e for e in said if e.stood(at)), key=lambda e: e.effective_from, default=None
        )
        assert (list(index.mementos(at)), list(index.visible(at))) == (mementos, visible)
        assert index.changed_at(at) == max((m for m in moments if m <= at), default=at)
        assert index.changes_after(at) == min((m for m in moments if m > at), default=None)
        for number in range(1, 6):
            assert index.before(number, at) == next((e for e in visible if e.number < number), None)
            assert index.after(number, at) == next((e for e in mementos if e.number > number), None)


def test_an_index_reads_back_as_it_was_written():
    files = artefacts(snapshot())
    index = index_of(
        entry(1, files, withdrawn_at=NOON), entry(2, files, source="imported", title="Ж “x” \\")
    )

    assert parse_index(encode_index(index), "r") == index
