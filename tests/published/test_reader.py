"""Reading indexes and files from the published store."""

import os
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from compliance.published import reader, storage
from compliance.published.errors import AlteredFile, MissingFile, StoreFault
from tests.stores import publish, put, snapshot

NOON = datetime(2026, 8, 11, 12, 0, tzinfo=UTC)


def test_a_changed_file_is_refused(published_root):
    index = publish(snapshot())
    put("models-and-privacy/1.json", b"{}")

    with pytest.raises(AlteredFile, match=r"1\.json is not the file that was published"):
        reader.read_file(index, index.entry(1), "json")


def test_a_missing_file_is_refused(published_root):
    index = publish(snapshot())
    (published_root / "models-and-privacy" / "1.json").unlink()

    with pytest.raises(MissingFile, match=r"1\.json is missing"):
        reader.read_file(index, index.entry(1), "json")


def make_older(path):
    """Let a file look older than a tick of the file system's clock."""
    time_passed = storage.TICK + 1
    return patch(
        "compliance.published.storage.time.time_ns", lambda: path.stat().st_ctime_ns + time_passed
    )


def test_an_index_is_read_once_while_its_file_is_unchanged(published_root, monkeypatch):
    publish(snapshot())
    path = published_root / "models-and-privacy" / "index.json"

    with make_older(path):
        first = reader.read_index("models-and-privacy")
        monkeypatch.setattr(storage, "load", None)

        assert reader.read_index("models-and-privacy") is first
        assert first.version == reader.index_version("models-and-privacy")


def test_a_replaced_index_is_read_again(published_root):
    publish(snapshot())
    path = published_root / "models-and-privacy" / "index.json"

    with make_older(path):
        reader.read_index("models-and-privacy")
        publish(snapshot(), snapshot())

        assert reader.read_index("models-and-privacy").entry(2)


def test_an_index_replaced_within_a_clock_tick_by_one_of_equal_size_is_read_again(
    published_root,
):
    publish(snapshot(), revision=1)
    path = published_root / "models-and-privacy" / "index.json"
    reader.read_index("models-and-privacy")
    before, content = path.stat(), path.read_bytes()

    path.write_bytes(content.replace(b'"revision":1', b'"revision":2'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert path.stat().st_ino == before.st_ino
    assert reader.read_index("models-and-privacy").version is None
    assert reader.read_index("models-and-privacy").revision == 2


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"schema":"published-index/2"}', b"\xff", b"null", b'{"a":']
)
def test_an_unreadable_index_is_a_store_fault(content):
    put("r/index.json", content)

    with pytest.raises(StoreFault, match="The published index of r cannot be read"):
        reader.read_index("r")
