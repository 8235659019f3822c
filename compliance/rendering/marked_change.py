"""The words of a change as readers see them: those that came or went marked, with their links."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from compliance.page import inline
from compliance.page.diff.sequences import edit_steps
from compliance.rendering.markdown import published_address
from compliance.rendering.marked_words import MarkedText, words_of

# A word and the address that it leads to, None where it is no link.
_Word = tuple[str, str | None]


def marked_lines_of(before: str, after: str) -> list[tuple[MarkedText, ...]]:
    """Return the lines in which two Markdown texts differ, each old one with its new one."""
    old, new = before.split("\n"), after.split("\n")
    lines = []
    for kind, i, k, j, m in edit_steps(old, new):
        if kind != "equal":
            pieces = tuple(_pieces("\n".join(old[i:k]), "\n".join(new[j:m])))
            lines += [pieces] if pieces else []
    return lines


def _pieces(before: str, after: str) -> Iterator[MarkedText]:
    old, new = list(_words(before)), list(_words(after))
    for kind, i, k, j, m in edit_steps(old, new):
        if kind == "equal":
            yield from _grouped("", new[j:m])
        else:
            yield from _grouped("-", old[i:k])
            yield from _grouped("+", new[j:m])


def _words(markdown: str) -> Iterator[_Word]:
    for run in inline.runs(markdown):
        address = published_address(run.url) if run.url else None
        for word in words_of(run.words):
            yield word, address


def _grouped(sign: str, words: Sequence[_Word]) -> Iterator[MarkedText]:
    for address, group in groupby(words, key=lambda word: word[1]):
        yield MarkedText(sign, "".join(word for word, _ in group), address)
