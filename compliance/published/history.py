"""Reads the publications of a register one after the other, and each of them once.

Some answers take every publication: when a model was listed, or which publications contain a word.
What was computed is kept, and continued when there is a new publication.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Generic, Self, TypeVar

from compliance.published.index import Index, PublishedEntry
from compliance.published.reader import read_json


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page, and since when it was shown; `entry` is None where no page was left.

    `number` is that of the publication that came or was withdrawn then. A page that was called off
    was announced and never shown.
    """

    entry: PublishedEntry | None
    number: int
    since: datetime
    is_called_off: bool = False

    @property
    def is_withdrawal(self) -> bool:
        """Whether it was shown because the publication `number` was withdrawn."""
        return self.entry is None or self.entry.number != self.number


class History(ABC):
    """What the publications of a register add up to."""

    @abstractmethod
    def copy(self) -> Self:
        """Return a copy that can be continued while others still read the original."""

    @abstractmethod
    def add(self, page: ShownPage, frozen: dict[str, Any]) -> None:
        """Take in the next page; `frozen` is its JSON, or empty where no page was left.

        It is not a Snapshot: making one of each of ten thousand publications would take a minute.
        """


HistoryType = TypeVar("HistoryType", bound=History)
_PageKey = tuple[int, datetime, bool, str]


@dataclass(frozen=True, slots=True)
class _Progress(Generic[HistoryType]):
    """A history, with a key of each page that it was computed from."""

    read: list[_PageKey]
    history: HistoryType


class HistoryReader(Generic[HistoryType]):
    """Keeps one history for each register."""

    def __init__(self, make_empty: Callable[[], HistoryType]) -> None:
        self._make_empty = make_empty
        self._progress: dict[str, _Progress[HistoryType]] = {}
        self._lock = Lock()

    def read(self, index: Index, pages: Sequence[ShownPage]) -> HistoryType:
        """Return the history of some pages of an index, the oldest first.

        Starts anew if they do not begin with those that were read before, as where a publication
        comes before an announced one. Raises StoreFault.
        """
        keys = [_page_key(page) for page in pages]
        with self._lock:
            progress = self._progress.get(index.slug)
            if progress and progress.read == keys:
                return progress.history
            history, start = self._make_empty(), 0
            if progress and progress.read == keys[: len(progress.read)]:
                history, start = progress.history.copy(), len(progress.read)
            for page in pages[start:]:
                history.add(page, read_json(index, page.entry) if page.entry else {})
            self._progress[index.slug] = _Progress(keys, history)
            return history

    def clear(self) -> None:
        """Clear the cache."""
        with self._lock:
            self._progress.clear()


def _page_key(page: ShownPage) -> _PageKey:
    sha256 = page.entry.content_sha256 if page.entry else ""
    return page.number, page.since, page.is_called_off, sha256
