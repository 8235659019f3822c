"""Finds words in all publications of a register, including withdrawn and waiting ones.

Only staff may search there. Most texts stay the same from one publication to the next, so each
text is kept once, with the numbers of the first and last publication that contain it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django_countries import countries

from compliance.page import inline, joiners
from compliance.published.history import History, HistoryReader, ShownPage
from compliance.published.index import Index

# The fields of the frozen JSON that people read. The others are ids, numbers and fixed terms.
_MARKDOWN_FIELDS = {"prose", "text"}
_WORD_FIELDS = {
    "title",
    "label",
    "name",
    "url",
    "developer",
    "aliases",
    "continues",
    "legal_entity",
    "website",
}
_COUNTRY_FIELDS = {"processing_countries", "storage_countries", "country"}
# The first and last number of publications that follow each other.
NumberRange = tuple[int, int]


@dataclass
class TextIndex(History):
    """The texts in a register's publications, with the ranges of publications that contain them."""

    _numbers: list[int] = field(default_factory=list)
    # The first publication of the range, for each text that the newest publication contains.
    _current: dict[str, int] = field(default_factory=dict)
    _ended: list[tuple[str, NumberRange]] = field(default_factory=list)

    def find(self, words: Iterable[str]) -> list[NumberRange]:
        """Return the ranges of publications that contain every word, oldest first.

        Capitals and joiners do not count.
        """
        numbers = set(self._numbers)
        for word in words:
            numbers &= self._numbers_with(word)
        return list(_ranges(sorted(numbers)))

    def _numbers_with(self, word: str) -> set[int]:
        wanted, numbers = joiners.without(word).casefold(), set[int]()
        for text, (first, last) in self._texts():
            if wanted in joiners.without(text).casefold():
                numbers.update(range(first, last + 1))
        return numbers

    def _texts(self) -> Iterator[tuple[str, NumberRange]]:
        yield from self._ended
        for text, first in self._current.items():
            yield text, (first, self._numbers[-1])

    def copy(self) -> Self:
        return type(self)(list(self._numbers), dict(self._current), list(self._ended))

    def add(self, page: ShownPage, frozen: dict[str, Any]) -> None:
        texts = _read_texts(frozen)
        for text in self._current.keys() - texts:
            self._ended.append((text, (self._current.pop(text), self._numbers[-1])))
        for text in texts:
            self._current.setdefault(text, page.number)
        self._numbers.append(page.number)


def _read_texts(frozen: dict[str, Any]) -> set[str]:
    """Return the texts of the frozen JSON: as they are written, and as a reader sees them."""
    texts: set[str] = set()
    markdown: set[str] = set()
    _collect_texts(frozen, "", texts, markdown)
    # With escapes and addresses, and without: staff search for addresses too.
    return texts | markdown | {inline.plain(text) for text in markdown}


def _collect_texts(value: Any, field_name: str, texts: set[str], markdown: set[str]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if item:
                _collect_texts(item, key, texts, markdown)
    elif isinstance(value, list):
        for item in value:
            _collect_texts(item, field_name, texts, markdown)
    elif field_name in _MARKDOWN_FIELDS:
        markdown.add(value)
    elif field_name in _COUNTRY_FIELDS:
        texts.add(str(countries.name(value)) or value)
    elif field_name in _WORD_FIELDS:
        texts.add(value)


def _ranges(numbers: list[int]) -> Iterator[NumberRange]:
    """Yield the ranges without gaps in some ascending numbers."""
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = number
        elif number != last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


_text_indexes: HistoryReader[TextIndex] = HistoryReader(TextIndex)


def read_text_index(index: Index) -> TextIndex:
    """Return the texts of all publications of a register; raises StoreFault."""
    pages = [ShownPage(entry, entry.number, entry.effective_from) for entry in index.publications]
    return _text_indexes.read(index, pages)
