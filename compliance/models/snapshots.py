"""The snapshots of publications, which never change: a process reads each of them once."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable

from compliance.page.remembered import settle
from compliance.page.sharing import shared
from compliance.page.snapshot import Snapshot

# How many rows the remembered pages may have together, and how many pages are kept in any case.
_MOST_ROWS = 20_000
_FEWEST_PAGES = 4

_by_sha256: OrderedDict[str, Snapshot] = OrderedDict()
# What was last read of each register; most of the next page of it is equal.
_latest: OrderedDict[int, Snapshot] = OrderedDict()
_MOST_REGISTERS = 8
_lock = threading.Lock()


def remembered(content_sha256: str) -> Snapshot | None:
    """Return the snapshot with this hash, if this process has read it lately."""
    with _lock:
        snapshot = _by_sha256.get(content_sha256)
        if snapshot is not None:
            _by_sha256.move_to_end(content_sha256)
        return snapshot


def published(register: int, content_sha256: str, content: Callable[[], bytes]) -> Snapshot:
    """Return the snapshot of a publication; `content` gives its canonical JSON, asked once."""
    snapshot = remembered(content_sha256)
    if snapshot is None:
        snapshot = Snapshot.from_dict(json.loads(content()))
        snapshot = shared_with_latest(register, snapshot)
        settle(len(snapshot.models) + len(snapshot.all_rows))
        with _lock:
            _by_sha256[content_sha256] = snapshot
            while len(_by_sha256) > _FEWEST_PAGES and _rows() > _MOST_ROWS:
                _by_sha256.popitem(last=False)
    return snapshot


def shared_with_latest(register: int, snapshot: Snapshot) -> Snapshot:
    """Return an equal snapshot that shares what is equal with the last one of its register."""
    with _lock:
        latest = _latest.get(register)
    if latest is not None:
        snapshot = shared(snapshot, latest)
    with _lock:
        _latest[register] = snapshot
        _latest.move_to_end(register)
        while len(_latest) > _MOST_REGISTERS:
            _latest.popitem(last=False)
    return snapshot


def forget() -> None:
    """Forget all snapshots."""
    with _lock:
        _by_sha256.clear()
        _latest.clear()


def _rows() -> int:
    return sum(
        len(section.listings) for snapshot in _by_sha256.values() for section in snapshot.sections
    )
