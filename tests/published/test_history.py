"""The incremental reader of publications."""

from typing import Self

import pytest

from compliance.published import reader
from compliance.published.errors import AlteredFile
from compliance.published.history import History, HistoryReader, ShownPage
from tests.stores import listing, publish, snapshot

A, B, C = (snapshot(listing(name)) for name in "abc")


class ListingIds(History):
    """The ids of the listings of each publication."""

    def __init__(self, ids: tuple[str, ...] = ()) -> None:
        self.ids = ids

    def copy(self) -> Self:
        return type(self)(self.ids)

    def add(self, page, frozen) -> None:
        self.ids += (frozen["sections"][0]["listings"][0]["id"],)


@pytest.fixture
def read_numbers(monkeypatch):
    """Record the numbers of the publications whose files are read."""
    numbers, read_file = [], reader.read_file

    def recorded(index, entry, format):
        numbers.append(entry.number)
        return read_file(index, entry, format)

    monkeypatch.setattr(reader, "read_file", recorded)
    return numbers


def pages(index):
    return [ShownPage(entry, entry.number, entry.effective_from) for entry in index.publications]


def read(histories, *snapshots):
    index = publish(*snapshots)
    return histories.read(index, pages(index))


def test_only_new_publications_are_read(read_numbers):
    histories = HistoryReader(ListingIds)

    read(histories, A, B)
    assert read(histories, A, B, C).ids == ("a", "b", "c")

    assert read_numbers == [1, 2, 3]


def test_nothing_is_read_if_no_publication_is_new(read_numbers):
    histories = HistoryReader(ListingIds)

    assert read(histories, A, B) is read(histories, A, B)

    assert read_numbers == [1, 2]


def test_a_history_starts_anew_if_an_earlier_publication_is_another():
    histories = HistoryReader(ListingIds)

    read(histories, A, B)

    assert read(histories, C, B).ids == ("c", "b")


def test_an_earlier_history_stays_as_it_was_returned():
    histories = HistoryReader(ListingIds)

    earlier = read(histories, A)
    read(histories, A, B)

    assert earlier.ids == ("a",)


def test_a_damaged_file_leaves_the_earlier_history(published_root):
    histories = HistoryReader(ListingIds)
    earlier = read(histories, A)
    index = publish(A, B)
    (published_root / index.slug / "2.json").write_bytes(b"{}")

    with pytest.raises(AlteredFile):
        histories.read(index, pages(index))

    assert read(histories, A) is earlier
