"""What each publication of a register says, withdrawn and waiting ones too, to find words in the past.

It takes every publication to know; what was read is kept, and continued when another publication comes. Most texts stay
from one to the next, so each is kept once, with the numbers from which and up to which it was said.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Self

from compliance.published import store
from compliance.published.store import Index

# What of the frozen JSON is text to read; the rest are ids, words of ours and numbers.
_TEXTS = {"title", "intro", "name", "text", "label", "url"}
Run = tuple[int, int]


@dataclass
class TextIndex:
    """Every text that a register's publications say, with the first and last number of each run that says it."""

    _read: list[tuple[int, str]] = field(default_factory=list)
    _lasting: dict[str, int] = field(default_factory=dict)
    _ended: list[tuple[str, Run]] = field(default_factory=list)

    def of(self, words: Iterable[str]) -> list[Run]:
        """Return the runs of publications in which every word is said, in whatever case, the first first."""
        numbers = {number for number, _ in self._read}
        for word in words:
            said = (run for text, run in self._said() if word.casefold() in text.casefold())
            numbers &= {number for first, last in said for number in range(first, last + 1)}
        return list(_runs(sorted(numbers)))

    def _said(self) -> Iterator[tuple[str, Run]]:
        yield from self._ended
        yield from ((text, (first, self._read[-1][0])) for text, first in self._lasting.items())

    def began_as(self, index: Index) -> bool:
        """Say whether what was read is what a register's publications begin with."""
        begun = index.publications[: len(self._read)]
        return [(each.number, each.content_sha256) for each in begun] == self._read

    def continued(self, index: Index) -> Self:
        """Return the mentions with those publications read that were not; raises StoreFault."""
        later = type(self)(list(self._read), dict(self._lasting), list(self._ended))
        for entry in index.publications[len(self._read) :]:
            texts = set(_texts(json.loads(store.content(index, entry, "json"))))
            for text in later._lasting.keys() - texts:
                later._ended.append((text, (later._lasting.pop(text), later._read[-1][0])))
            for text in texts:
                later._lasting.setdefault(text, entry.number)
            later._read.append((entry.number, entry.content_sha256))
        return later


def _texts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, "label" if name == "columns" else key)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    elif isinstance(value, str) and value and name in _TEXTS:
        yield value


def _runs(numbers: list[int]) -> Iterator[Run]:
    for place, first in enumerate(numbers):
        if place == 0 or numbers[place - 1] != first - 1:
            end = place
            while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
                end += 1
            yield first, numbers[end]


_known: dict[str, TextIndex] = {}
_reading: Lock = Lock()


def text_index(index: Index) -> TextIndex:
    """Return what the publications of a register say; raises StoreFault."""
    with _reading:
        known = _known.get(index.slug)
        begun = known if known and known.began_as(index) else TextIndex()
        _known[index.slug] = begun.continued(index)
        return _known[index.slug]
