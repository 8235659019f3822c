"""Texts that look alike: letters of other alphabets, other forms of a letter, similar digits.

The skeletons are made as in Unicode's UTS 39, of a part of its table: what usual fonts draw alike.
"""

import re
import unicodedata
from functools import lru_cache

from compliance.page import joiners, text

# Letters that usual fonts draw as a Latin one (https://www.unicode.org/Public/security/15.0.0/
# confusables.txt). Left out are those that a reader can tell apart, such as the Greek alpha.
_LATIN = dict(
    zip(
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳϹϺνЅІЈАВЕКМНОРСТУХаеорсухѕіјҮүҺһӀӏԁԌԚԛԜԝѴѵԍ",
        "ABEZHIKMNOPTYXocjCMvSIJABEKMHOPCTYXaeopcyxsijYyHhIldGQqWwVvg",
        strict=True,
    )
)
# Many fonts draw these alike: the l of Al and the I of AI, the O of O3 and the 0 of 03.
_SIMILAR = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "O"})
# How Unicode calls the other forms of a character that are drawn like it: full width, a ligature.
_FORMS = ("<wide>", "<narrow>", "<compat>", "<font>")
_WORD = re.compile(r"[^\W\d_]+")
_SPELLINGS = str.maketrans(
    {
        **dict.fromkeys([*map(chr, range(0x2010, 0x2016)), "−", "﹣", "－", "˗"], "-"),
        **dict.fromkeys("‘’‚‛′ʼ´`", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        "…": "...",
    }
)


# Several rules ask for the skeleton of each text.
@lru_cache(maxsize=50_000)
def skeleton(words: str) -> str:
    """Return a text that is equal for all texts which look like one another."""
    plain = text.normalised(joiners.without(words)).strip()
    if not plain.isascii():
        plain = "".join(map(_drawn, plain))
    return plain.translate(_SIMILAR)


def spelling(words: str) -> str:
    """Return a text that is equal for those which differ in capitals, dashes or quotes only."""
    return text.normalised(words).strip().translate(_SPELLINGS).casefold()


def difference(words: str, other: str) -> str:
    """Return the first characters in which two texts differ, as Unicode calls them."""
    place = next(
        (place for place, pair in enumerate(zip(words, other, strict=False)) if len(set(pair)) > 1),
        min(len(words), len(other)),
    )
    return f"{_named(words, place)} in one, {_named(other, place)} in the other"


def intruders(words: str) -> list[tuple[str, str]]:
    """Return the words that mix alphabets, each with the letter that looks like one of the others.

    A word in which the other letters are no look-alikes is a name or a unit, such as "μTransfer".
    """
    if words.isascii():
        return []
    found = []
    for word in _WORD.findall(words):
        if letter := _intruder(word):
            found.append((word, letter))
    return found


def name_of(character: str) -> str:
    """Return the name that Unicode gives a character: “CYRILLIC SMALL LETTER A”."""
    return unicodedata.name(character, f"U+{ord(character):04X}")


def _intruder(word: str) -> str | None:
    latin = [letter for letter in word if name_of(letter).startswith("LATIN")]
    others = [letter for letter in word if name_of(letter).startswith(("CYRILLIC", "GREEK"))]
    if not latin or not others:
        return None
    if all(letter in _LATIN for letter in others):
        return others[0]
    # One Latin letter in a word of another alphabet.
    is_lookalike = len(latin) == 1 < len(others) and latin[0] in _LATIN.values()
    return latin[0] if is_lookalike else None


def _drawn(character: str) -> str:
    """Return the plain character that a character is drawn like."""
    if character in _LATIN:
        return _LATIN[character]
    if unicodedata.decomposition(character).startswith(_FORMS):
        return unicodedata.normalize("NFKC", character)
    return character


def _named(words: str, place: int) -> str:
    return name_of(words[place]) if place < len(words) else "nothing"
