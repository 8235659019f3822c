"""The folder of the published files."""

import threading
from datetime import UTC, datetime

import pytest

from compliance.published import reader
from compliance.published.index import encode_index
from tests.stores import listing, publish, put, snapshot

NOON = datetime(2026, 8, 11, 12, 0, tzinfo=UTC)


@pytest.mark.slow
def test_a_reader_sees_the_old_or_the_new_index_but_never_a_part_of_one(published_root):
    first, second = publish(snapshot()), publish(snapshot(), snapshot(listing("new")), revision=2)
    texts = [encode_index(first), encode_index(second)]
    seen, stop = set(), threading.Event()

    def replace():
        for turn in range(200):
            put("models-and-privacy/index.json", texts[turn % 2])
        stop.set()

    writer = threading.Thread(target=replace)
    writer.start()
    while not stop.is_set():
        seen.add(reader.read_index("models-and-privacy").revision)
    writer.join()

    assert seen == {1, 2}


def test_a_failed_write_leaves_the_old_file_and_no_temporary_file(published_root, monkeypatch):
    put("a/1.md", b"old")
    monkeypatch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        put("a/1.md", b"new")

    assert [path.name for path in (published_root / "a").iterdir()] == ["1.md"]
    assert (published_root / "a" / "1.md").read_bytes() == b"old"
