"""What the wordings of all claims have in common: how they are compared, and symbols in them."""

import re
from functools import cache
from typing import NamedTuple

MAX_WORDING_LENGTH = 500  # characters of a wording; reading a longer one would take too long


def phrases(*patterns: str) -> str:
    """Return the pattern that matches any of some patterns, whose groups "(a|b)" capture nothing.

    Named groups do.
    """
    return re.sub(r"\((?!\?)", "(?:", "|".join(patterns))


# Compiled when first needed: most commands read no wordings.
@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a compiled pattern, the same one each time."""
    return re.compile(pattern)


# The words of a page that says nothing about the claim.
NOT_STATED = phrases(
    "(not|none) (yet )?(publicly )?(specified|stated|disclosed|documented|published|given|mentioned"
    "|defined|indicated|said)",
    "unspecified|undisclosed|unstated|undocumented",
    "no (public |published |specific )?(information|statement|details)"
    "( (given|available|published|provided))?",
)

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_NOT = re.compile(r"(?<=\w)n't\b")
_ABBREVIATIONS = re.compile(r"\b(approx|max|min|ca)\.")
# Makes an emoji of the character before it, or a plain character; it looks like nothing.
_VARIATION_SELECTORS = re.compile("[\ufe0e\ufe0f]")

# What stands around a wording and says nothing. A dot before it may be half a number.
_QUOTES = ' "“”„'
_MARKS = _QUOTES + ".,;!"
_YES = "✅✔✓☑"
_NO = "❌✗✘✖"
_GOOD = "🟢"
_BAD = "🔴🟠🟡⚠"
_SYMBOLS = _YES + _NO + _GOOD + _BAD
# What a table of features or a spreadsheet has instead of Yes and No.
_ANSWERS = dict.fromkeys([*_YES, "true", "y"], "yes") | dict.fromkeys([*_NO, "false", "n"], "no")
_ANSWER = re.compile(r"(?P<yes>yes|always)\b|(?:no|never|none|nothing)(?=$|[,;(]| \()")
_DENIAL = re.compile(r"(?:no|not|never|none|nothing|nobody|neither|does not|do not|will not)\b")


class Wording(NamedTuple):
    """The words of a claim in the form in which they are compared, and the symbols around them."""

    words: str
    symbols: str

    def is_contradicted(self, *, is_good: bool, is_bad: bool, is_reversed: bool) -> bool:
        """Return whether a symbol says something else than the words, which are understood.

        ✅ and its kind say Yes, ❌ and its kind say No, 🟢 says that the claim is good for the user
        and 🔴 that it is not. `is_good` and `is_bad` tell that of what the words mean;
        `is_reversed`, that the label asks for a denial ("Does not train").

        Beside Yes or No, only the same answer agrees. Beside a whole statement, ✅ confirms it, and
        ❌ agrees with what says no: "❌ Not stored". "❌ Zero retention" may be the lack of a
        feature. Below a label that asks for a denial it is the other way round.
        """
        answer = _ANSWER.match(self.words)
        is_denial = bool(_DENIAL.match(self.words))
        agreeing = ("" if is_bad else _GOOD) + ("" if is_good else _BAD)
        if answer:
            agreeing += _YES if answer["yes"] else _NO
        else:
            agreeing += _YES if is_good or not is_reversed else ""
            agreeing += _NO if is_denial != is_reversed else ""
        return not set(self.symbols) <= set(agreeing)


def read_wording(text: str) -> Wording:
    """Return the wording of a claim, given in plain words.

    Letters become small, dashes hyphens, and blanks of all kinds single ones; "doesn't" becomes
    "does not", and an abbreviation loses its dot. A symbol alone is the word that it stands for,
    where it stands for one: 🟢 and 🔴 tell good from bad, and not Yes from No.
    """
    words = _VARIATION_SELECTORS.sub("", text.casefold()).replace("’", "'")
    words = _NOT.sub(" not", _DASHES.sub("-", words).replace("won't", "will not"))
    words = " ".join(_ABBREVIATIONS.sub(r"\1", words).split())
    words = words.rstrip(_MARKS).lstrip(_QUOTES)
    if words in _ANSWERS:
        return Wording(_ANSWERS[words], "")
    inner = words.rstrip(_SYMBOLS + _MARKS).lstrip(_SYMBOLS + _QUOTES)
    if not inner:
        return Wording(words, "")
    around = words.replace(inner, "", 1)
    return Wording(inner, "".join(symbol for symbol in around if symbol in _SYMBOLS))
