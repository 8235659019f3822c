"""Which texts a page may show, and the form in which texts that look the same are the same."""

import re
import unicodedata

from compliance.page import joiners
from compliance.page.lengths import MOST_MARKS

# Bidirectional controls (Unicode TR 9) and characters without width show a reader another text than
# the one that is stored and compared.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = frozenset("\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff")
_SPACES = re.compile(r"[ \t]\n|\n[ \t]")
# In the combining classes of characters, which are 0 for a letter.
_TOO_MANY_MARKS = re.compile(rb"[^\0]{%d}" % (MOST_MARKS + 1))

# Blanks of another width or that no line breaks at (category Zs), and what fonts show as a blank:
# the fillers of Hangul and the empty Braille pattern.
_OTHER_BLANK = "\u00a0\u115f\u1160\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0"
_OTHER_HYPHEN = "\u2010\u2011"
# Characters without a glyph of their own (Default_Ignorable_Code_Point of Unicode's
# DerivedCoreProperties.txt), without those that are refused or that can be seen in their effect.
_UNSEEN = (
    "\u00ad\u034f\u17b4\u17b5\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_SELECTOR = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# The flags of England, Scotland and Wales are a black flag with tag characters.
_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
_KEYCAP = "\u20e3"
_EMOJI_PUNCTUATION = tuple("\u203c\u2049\u3030\u303d")
_LOOKS_PLAIN = re.compile(
    f"(?P<flag>{_FLAG})|(?P<selector>[{_SELECTOR}])|(?P<unseen>[{_UNSEEN}])"
    f"|(?P<joiner>[{joiners.JOINERS}])|(?P<blank>[{_OTHER_BLANK}])|(?P<hyphen>[{_OTHER_HYPHEN}])"
)
# Where all goes from left to right, nothing changes by a mark that says so.
_LEFT_TO_RIGHT_MARKS = "\u200e\u202a\u202c\u202d\u2066\u2068\u2069"
_LEFT_TO_RIGHT = re.compile(f"[{_LEFT_TO_RIGHT_MARKS}]")
_RIGHT_TO_LEFT = re.compile("[\u061c\u200f\u202b\u202e\u2067]")
# A text without any of these is plain; one set is searched faster than the patterns above.
_SUSPECT = re.compile(
    f"[{_SELECTOR}{_UNSEEN}{joiners.JOINERS}{_OTHER_BLANK}{_OTHER_HYPHEN}{_LEFT_TO_RIGHT_MARKS}]"
)
_BLANKS = re.compile("  +")
# So many characters before a refused one are shown.
_SHOWN = 20
_NORMALISED = {
    "blank": "No-break spaces and the like became blanks.",
    "hyphen": "No-break hyphens became hyphens.",
    "unseen": "Characters that cannot be seen were removed.",
    "selector": "Characters that cannot be seen were removed.",
    "joiner": "Characters that cannot be seen were removed.",
}
_NOT_COMPOSED = "The text was put into Unicode normal form C."


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
        problem = character_fault(character, multiline=multiline)
        if problem and not (character in joiners.JOINERS and joiners.acts(text, place)):
            # Nobody sees it, so that the message has to say where it is.
            before = text[max(0, place - _SHOWN) : place].split("\n")[-1].strip()
            return f"{problem} It stands behind “{before}”." if before else problem
    if text != text.strip():
        return "The text begins or ends with a blank. Remove the blank."
    if multiline and _SPACES.search(text):
        return "A line begins or ends with a blank. Remove the blank."
    if has_too_many_marks(text):
        return f"More than {MOST_MARKS} marks stand upon one letter. Remove them."
    if not unicodedata.is_normalized("NFC", text):
        return "The text is not in Unicode normal form C. Type it anew instead of pasting it."
    return None


def has_too_many_marks(words: str) -> bool:
    """Return whether more marks stand upon a letter than any writing has; `fault` refuses them."""
    if words.isascii() or len(words) <= MOST_MARKS:
        return False
    return bool(_TOO_MANY_MARKS.search(bytes(map(unicodedata.combining, words))))


def composed(words: str) -> str:
    """Return a text in Unicode normal form C, but a text with too many marks as it is."""
    return words if has_too_many_marks(words) else unicodedata.normalize("NFC", words)


def character_fault(character: str, *, multiline: bool = False) -> str | None:
    """Return a sentence that says why no text may hold a character, None where one may."""
    name = _refused(character, multiline=multiline)
    return f"{name} (U+{ord(character):04X}) is not allowed. Remove it." if name else None


def _refused(character: str, *, multiline: bool) -> str | None:
    """Return what a character is called that is refused."""
    if character == "\n":
        return None if multiline else "A line break"
    if character in _BIDI:
        return "A character that changes the direction of the text"
    if character in _ZERO_WIDTH:
        return "A character without width"
    # Categories Zl and Zp, not Cc; many programs begin a new line there.
    if character in "\u2028\u2029":
        return "A line separator"
    if character == "\t":
        return "A tab"
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


def normalised(words: str) -> str:
    """Return a text of one line as it is stored: all that a reader sees as the same is the same.

    Blanks of other kinds become plain ones, of which one stands where several stood; the no-break
    hyphen becomes a hyphen; characters that cannot be seen go; the rest is put into Unicode normal
    form C. Blanks at the edges stay: words beside a link need theirs.
    """
    plain = words if words.isascii() else _plain(words)
    return _BLANKS.sub(" ", plain) if "  " in plain else plain


def normalised_lines(words: str) -> str:
    """Return a text of several lines as it is stored: each `normalised`, without outer blanks."""
    return "\n".join(normalised(line).strip() for line in words.split("\n"))


def plain_line(line: str) -> str:
    """Return a line of Markdown with plain characters for all that look like them.

    Runs of blanks stay. At the beginning, where plain blanks would be an indentation, those of
    other kinds go, and at the end, where two plain ones would be a line break.
    """
    if line.isascii():
        return line
    words = line.lstrip(" \t")
    indent = line[: len(line) - len(words)]
    plain = _plain(words).lstrip(" ")
    return indent + (plain if words.endswith(" ") else plain.rstrip(" "))


def normalisations(words: str) -> list[str]:
    """Return a sentence on each kind of character in a text that is replaced."""
    if words.isascii():
        return []
    found: dict[str, None] = {}
    if _SUSPECT.search(words):
        for match in _LOOKS_PLAIN.finditer(words):
            if match.lastgroup in _NORMALISED and _plain_character(match) != match[0]:
                found[_NORMALISED[match.lastgroup]] = None
        if _has_idle_marks(words):
            found[_NORMALISED["unseen"]] = None
    if composed(words) != words:
        found[_NOT_COMPOSED] = None
    return list(found)


def _plain(words: str) -> str:
    if not _SUSPECT.search(words):
        return composed(words)
    if _has_idle_marks(words):
        words = _LEFT_TO_RIGHT.sub("", words)
    # What a selector or a joiner acts upon may itself be removed.
    while (plain := _LOOKS_PLAIN.sub(_plain_character, words)) != words:
        words = plain
    return composed(plain)


def _has_idle_marks(words: str) -> bool:
    """Return whether a text has marks from left to right, and nothing goes from right to left."""
    if not _LEFT_TO_RIGHT.search(words) or _RIGHT_TO_LEFT.search(words):
        return False
    return not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in words)


def _plain_character(match: re.Match[str]) -> str:
    """Return what a reader sees of a character: a blank, a hyphen, nothing, or itself."""
    if match["blank"]:
        return " "
    if match["hyphen"]:
        return "-"
    is_seen = (
        match["flag"]
        or (match["selector"] and _selects(match))
        or (match["joiner"] and joiners.acts(match.string, match.start()))
    )
    return match[0] if is_seen else ""


def _selects(match: re.Match[str]) -> bool:
    """Return whether a variation selector has a character before it whose look it can change.

    That is a symbol such as an emoji, or a letter of a script without capitals, such as Han.
    """
    words, start, end = match.string, match.start(), match.end()
    if not start:
        return False
    before, after = words[start - 1], words[end : end + 1]
    # The fillers of Hangul count as letters, the empty Braille pattern as a symbol.
    if _LOOKS_PLAIN.match(before):
        return False
    if after == _KEYCAP:
        return before in tuple("0123456789#*")
    return unicodedata.category(before) in ("Lo", "So", "Sm") or before in _EMOJI_PUNCTUATION
