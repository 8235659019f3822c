"""Which texts a page may show."""

import re
import unicodedata

from compliance.page import joiners

# Bidirectional controls (Unicode TR 9) and characters without width show a reader another text than
# the one that is stored and compared.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = frozenset("\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff")
_SPACES = re.compile(r"[ \t]+(?=\n)|(?<=\n)[ \t]+")


def fault(text: str, *, multiline: bool = False) -> str | None:
    """Return a sentence that says why a text may not be shown, None where it may.

    Refused are control characters, surrogates, noncharacters (U+FFFF makes an Atom feed
    unreadable), bidirectional controls, characters without width (but joiners where they can be
    seen), blanks at the edges, and anything but Unicode normal form C. A single-line text has no
    line break; in a multiline one no line begins or ends with a blank, because Markdown would drop
    it.
    """
    # Most texts are printable ASCII, in which no character is refused.
    suspects = "" if text.isascii() and text.isprintable() else text
    for place, character in enumerate(suspects):
        problem = _character_fault(character, multiline=multiline)
        if problem and not (character in joiners.JOINERS and joiners.acts(text, place)):
            return f"{problem} (U+{ord(character):04X}) is not allowed. Remove it."
    if text != text.strip():
        return "The text begins or ends with a blank. Remove it."
    if multiline and _SPACES.search(text):
        return "A line begins or ends with a blank. Remove it."
    if not unicodedata.is_normalized("NFC", text):
        return "The text is not in Unicode normal form C. Type it anew instead of pasting it."
    return None


def _character_fault(character: str, *, multiline: bool) -> str | None:
    if character == "\n":
        return None if multiline else "A line break"
    if character in _BIDI:
        return "A character that changes the direction of the text"
    if character in _ZERO_WIDTH:
        return "A character without width"
    # Categories Zl and Zp, not Cc; many programs begin a new line there.
    if character in "\u2028\u2029":
        return "A line separator"
    category = unicodedata.category(character)
    if category == "Cc":
        return "A control character"
    # Other codes of category Cn may be characters of a Unicode version newer than Python's.
    if category == "Cs" or (category == "Cn" and _is_noncharacter(ord(character))):
        return "A code that is no character"
    return None


def _is_noncharacter(code: int) -> bool:
    # The 66 noncharacters of Unicode: a block of 32, and the last two codes of each plane.
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
