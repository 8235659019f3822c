"""Joiners (U+200C and U+200D): where they change how a word looks, and where nobody sees them.

A joiner that shows is a letter's spelling: without it the Persian می‌دهد is another word. The rules
are those of RFC 5892, appendix A.1 and A.2, with what Unicode 15.0 adds in chapters 9.2 (a joiner
at the edge of an Arabic word) and 12 (one before a virama), and sequences of emoji.
"""

import re
import unicodedata

ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER = JOINERS = "\u200c\u200d"
_VIRAMA = 9  # its class among combining marks

# Joining_Type of DerivedJoiningType.txt, Unicode 15.0, in the scripts that people write today:
# Arabic, Syriac, N'Ko, Mandaic, Mongolian, Phags-pa, Hanifi Rohingya and Adlam. These letters join
# the next one (types D, L and C) ...
_JOINS_NEXT = re.compile(
    "[\u0620\u0626\u0628\u062a-\u062e\u0633-\u0647\u0649-\u064a\u066e-\u066f\u0678-\u0687"
    "\u069a-\u06bf\u06c1-\u06c2\u06cc\u06ce\u06d0-\u06d1\u06fa-\u06ff\u0712-\u0714\u071a-\u071d"
    "\u071f-\u0727\u0729\u072b\u072d-\u072e\u074e-\u0758\u075c-\u076a\u076d-\u0770\u0772"
    "\u0775-\u0777\u077a-\u077f\u07ca-\u07ea\u07fa\u0841-\u0845\u0848\u084a-\u0853\u0855\u0860"
    "\u0862-\u0865\u0868\u0883-\u0886\u0889-\u088d\u088f-\u08a9\u08af-\u08b0\u08b3-\u08b8"
    "\u08ba-\u08c8\u1807\u180a\u1820-\u1878\u1887-\u18aa\ua840-\ua872\U00010d00-\U00010d21"
    "\U00010d23\U0001e900-\U0001e943]"
)
# ... and these only the one before (type R).
_JOINS_ONLY_BEFORE = re.compile(
    "[\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0"
    "\u06c3-\u06cb\u06cd\u06cf\u06d2-\u06d3\u06d5\u06ee-\u06ef\u0710\u0715-\u0719\u071e\u0728\u072a"
    "\u072c\u072f\u074d\u0759-\u075b\u076b-\u076c\u0771\u0773-\u0774\u0778-\u0779\u0840"
    "\u0846-\u0847\u0849\u0854\u0856-\u0858\u0867\u0869-\u086a\u0870-\u0882\u088e\u08aa-\u08ac"
    "\u08ae\u08b1-\u08b2\u08b9\U00010d22]"
)
# Letters that join only the next one (type L).
_JOINS_ONLY_NEXT = re.compile("[\ua872\U00010d00]")

# The skin of a person, and the selector of the look of an emoji.
_MODIFIERS = frozenset("🏻🏼🏽🏾🏿\ufe0f")


def acts(text: str, place: int) -> bool:
    """Return whether the joiner at a place of a text changes how the text looks."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if before and before in JOINERS:
        return False
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    is_joiner = text[place] == ZERO_WIDTH_JOINER
    if is_joiner and _joins_emoji(before, after):
        return True
    if is_joiner and after and unicodedata.combining(after) == _VIRAMA:
        return before.isalpha()
    could_join = bool(_JOINS_NEXT.match(_letter_before(text, place)))
    next_letter = _letter_after(text, place)
    could_be_joined = bool(
        _JOINS_ONLY_BEFORE.match(next_letter)
        or (_JOINS_NEXT.match(next_letter) and not _JOINS_ONLY_NEXT.match(next_letter))
    )
    if is_joiner:
        # Between two letters that join anyway it does nothing.
        return could_join != could_be_joined
    return could_join and could_be_joined


def without(text: str) -> str:
    """Return a text without joiners, as it is searched."""
    return text.replace(ZERO_WIDTH_NON_JOINER, "").replace(ZERO_WIDTH_JOINER, "")


def search_pattern(words: str) -> str:
    """Return a regular expression for some words, whatever joiners they are written with."""
    # No joiner stands between two ASCII characters.
    between = "" if words.isascii() else f"[{JOINERS}]*"
    return between.join(map(re.escape, without(words)))


def _joins_emoji(before: str, after: str) -> bool:
    """Return whether both sides can be parts of one emoji; the first may have a modifier."""
    return _is_symbol(after) and (_is_symbol(before) or before in _MODIFIERS)


def _is_symbol(character: str) -> bool:
    # So are nearly all emoji; `↔` is of category Sm.
    return bool(character) and (character == "↔" or unicodedata.category(character) == "So")


def _letter_before(text: str, place: int) -> str:
    """Return the character before a place, whatever marks stand between."""
    start = place - 1
    while start >= 0 and unicodedata.category(text[start]) in ("Mn", "Me"):
        start -= 1
    return text[start] if start >= 0 else ""


def _letter_after(text: str, place: int) -> str:
    end = place + 1
    while end < len(text) and unicodedata.category(text[end]) in ("Mn", "Me"):
        end += 1
    return text[end : end + 1]
