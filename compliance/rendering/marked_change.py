"""The words of a change as readers see them: those that came or went marked, with their links."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from compliance.page import inline
from compliance.page.diff.sequences import edit_steps
from compliance.rendering.markdown import published_address
from compliance.rendering.marked_words import MarkedText, words_of

# How many characters two texts may have together to be shown as a whole.
_WHOLE_LENGTH = 1_000

# A word and the address that it leads to, None where it is no link.
_Word = tuple[str, str | None]


def marked_lines_of(before: str, after: str) -> list[tuple[MarkedText, ...]]:
    """Return the lines of two Markdown texts, those that differ with their words marked.

    Of long texts the lines that stayed are left out; "…" stands for them.
    """
    old, new = before.split("\n"), after.split("\n")
    is_short = len(before) + len(after) <= _WHOLE_LENGTH
    lines: list[tuple[MarkedText, ...]] = []
    for kind, i, k, j, m in edit_steps(old, new):
        if kind != "equal":
            lines.append(tuple(_pieces("\n".join(old[i:k]), "\n".join(new[j:m]))))
        elif is_short:
            lines += [tuple(_pieces(line, line)) for line in new[j:m]]
        elif any(new[j:m]):
            lines.append((MarkedText("", "…"),))
    return [pieces for pieces in lines if pieces]


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
