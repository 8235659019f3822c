"""The difference between two texts, line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.page.diff.sequences import EditStep, edit_steps
from compliance.rendering.marked_words import MarkedText, marked_words

_CONTEXT = 2


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of a difference; `sign` is "+", "-" or " ".

    `skipped` is how many equal lines are left out before it.
    """

    sign: str
    pieces: tuple[MarkedText, ...]
    skipped: int = 0

    @property
    def text(self) -> str:
        """The line as it stands in its text."""
        return "".join(piece.text for piece in self.pieces)


def marked_lines(before: str, after: str) -> tuple[MarkedLine, ...]:
    """Return the lines that differ, with two lines of context; none if the texts are equal.

    Where one line replaces another, the words that differ are marked. Only a line feed ends a line.
    """
    old, new = _lines(before), _lines(after)
    shown: list[MarkedLine] = []
    skipped = 0
    for (kind, *window), near_start, near_end in _placed(edit_steps(old, new)):
        if kind != "equal":
            lines = _changed(old[window[0] : window[1]], new[window[2] : window[3]])
        else:
            head, left_out, tail = _context(new[window[2] : window[3]], near_start, near_end)
            shown += map(_kept, head)
            skipped, lines = left_out, [_kept(line) for line in tail]
        shown += _after_gap(lines, skipped)
        skipped = 0 if lines else skipped
    return tuple(shown)


def _lines(text: str) -> list[str]:
    # Not splitlines(), which ends lines at other characters too, such as U+0085 and U+2028.
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _placed(all_steps: list[EditStep]) -> Iterator[tuple[EditStep, bool, bool]]:
    """Yield each step, whether a change comes before it, and whether one follows."""
    last = len(all_steps) - 1
    for index, step in enumerate(all_steps):
        yield step, index > 0, index < last


def _context(
    lines: Sequence[str], has_before: bool, has_after: bool
) -> tuple[Sequence[str], int, Sequence[str]]:
    """Shorten the equal lines between two changes.

    Returns the lines to show after a change, how many to leave out, and the lines to show before
    the next change.
    """
    head, tail = (_CONTEXT if has_before else 0), (_CONTEXT if has_after else 0)
    if len(lines) <= head + tail:
        return lines, 0, ()
    return lines[:head], len(lines) - head - tail, lines[len(lines) - tail :] if tail else ()


def _after_gap(lines: list[MarkedLine], skipped: int) -> list[MarkedLine]:
    if not lines or not skipped:
        return lines
    first = lines[0]
    return [MarkedLine(first.sign, first.pieces, skipped), *lines[1:]]


def _changed(old: Sequence[str], new: Sequence[str]) -> list[MarkedLine]:
    """Return the removed lines, then the added ones; pairs of them are compared word by word."""
    pairs = [marked_words(old_line, new_line) for old_line, new_line in zip(old, new, strict=False)]
    removed = [MarkedLine("-", _without("+", pieces)) for pieces in pairs]
    removed += [MarkedLine("-", (MarkedText("", line),)) for line in old[len(pairs) :]]
    added = [MarkedLine("+", _without("-", pieces)) for pieces in pairs]
    return (
        removed + added + [MarkedLine("+", (MarkedText("", line),)) for line in new[len(pairs) :]]
    )


def _without(sign: str, pieces: tuple[MarkedText, ...]) -> tuple[MarkedText, ...]:
    return tuple(piece for piece in pieces if piece.sign != sign)


def _kept(line: str) -> MarkedLine:
    return MarkedLine(" ", (MarkedText("", line),))
