"""Reads the publications of a register one after the other, and each of them once.

Some answers take every publication: when a model was listed, or which publications contain a word.
What was computed is kept, and continued when there is a new publication.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, Self, TypeVar

from compliance.published.index import Index, PublishedEntry
from compliance.published.reader import read_json


class History(ABC):
    """What the publications of a register add up to."""

    @abstractmethod
    def copy(self) -> Self:
        """Return a copy that can be continued while others still read the original."""

    @abstractmethod
    def add(self, entry: PublishedEntry, frozen: dict[str, Any]) -> None:
        """Take in the next publication; `frozen` is its JSON.

        It is not a Snapshot: making one of each of ten thousand publications would take a minute.
        """


HistoryType = TypeVar("HistoryType", bound=History)
_EntryKey = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Progress(Generic[HistoryType]):
    """A history, with the number and hash of each publication that it was computed from."""

    read: list[_EntryKey]
    history: HistoryType


class HistoryReader(Generic[HistoryType]):
    """Keeps one history for each register."""

    def __init__(self, make_empty: Callable[[], HistoryType]) -> None:
        self._make_empty = make_empty
        self._progress: dict[str, _Progress[HistoryType]] = {}
        self._lock = Lock()

    def read(self, index: Index, entries: Sequence[PublishedEntry]) -> HistoryType:
        """Return the history of some publications of an index, the oldest first.

        Starts anew if they do not begin with those that were read before, as after a withdrawal.
        Raises StoreFault.
        """
        keys = [(entry.number, entry.content_sha256) for entry in entries]
        with self._lock:
            progress = self._progress.get(index.slug)
            if progress and progress.read == keys:
                return progress.history
            history, start = self._make_empty(), 0
            if progress and progress.read == keys[: len(progress.read)]:
                history, start = progress.history.copy(), len(progress.read)
            for entry in entries[start:]:
                history.add(entry, read_json(index, entry))
            self._progress[index.slug] = _Progress(keys, history)
            return history

    def clear(self) -> None:
        """Clear the cache."""
        with self._lock:
            self._progress.clear()
