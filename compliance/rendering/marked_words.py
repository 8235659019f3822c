"""Two versions of a text as one, with the words that differ marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compliance.page.diff.sequences import edit_steps

# A number or name with a point or hyphen in it is one word ("4.5"). Each ideograph and kana is one,
# because they are written without blanks.
_SIGNS = r"!-/:-@\[-`{-~"
_ALONE = r"\u3040-\u30ff\u3400-\u9fff"
_TOKENS = re.compile(
    rf"\s+|[{_ALONE}]|[{_SIGNS}]|[^\s{_SIGNS}{_ALONE}]+(?:[.,'-][^\s{_SIGNS}{_ALONE}]+)*"
)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A part of a text; `sign` is "+" if it was added, "-" if it was removed, "" if it stayed.

    `address` is where it leads if it is a link.
    """

    sign: str
    text: str
    address: str | None = None


def words_of(text: str) -> list[str]:
    """Return the words, signs and blanks of a text, which make it up together."""
    return _TOKENS.findall(text)


def marked_words(before: str, after: str) -> tuple[MarkedText, ...]:
    """Return both texts as one.

    Without the added parts it reads as `before`, without the removed parts as `after`.
    """
    old, new = words_of(before), words_of(after)
    parts = (
        ("".join(old[i:k]), "".join(new[j:m]), kind == "equal")
        for kind, i, k, j, m in edit_steps(old, new)
    )
    return tuple(_pieces(parts))


def replaced(before: str, after: str) -> tuple[MarkedText, ...]:
    """Return both texts, each as a whole: for an address, which nobody reads word by word."""
    if before == after:
        return (MarkedText("", after),) if after else ()
    return tuple(piece for piece in (MarkedText("-", before), MarkedText("+", after)) if piece.text)


def _pieces(parts: Iterator[tuple[str, str, bool]]) -> Iterator[MarkedText]:
    """Yield removed parts before added ones; a blank between two changes belongs to both."""
    removed = added = blank = ""
    for old, new, is_equal in parts:
        # Otherwise two words that were replaced by two others would be marked in four pieces.
        if is_equal and (removed or added) and not new.strip(" "):
            blank = new
        elif is_equal:
            yield from _change(removed, added, blank)
            yield MarkedText("", new)
            removed = added = blank = ""
        else:
            removed, added, blank = removed + blank + old, added + blank + new, ""
    yield from _change(removed, added, blank)


def _change(removed: str, added: str, blank: str) -> Iterator[MarkedText]:
    yield from replaced(removed, added)
    if blank:
        yield MarkedText("", blank)


def differ(pieces: tuple[MarkedText, ...]) -> bool:
    """Return whether any of some texts is marked."""
    return any(piece.sign for piece in pieces)
