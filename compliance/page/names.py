"""Names of models and providers: which are almost equal, which a text names, which are variants."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from compliance.page import lengths
from compliance.page.joiners import JOINERS
from compliance.page.text import has_too_many_marks

# Hyphens and dashes (U+2010 to U+2015) and the minus sign look like the hyphen that is typed;
# joiners are often left out.
_FOLDED = {
    **dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-"),
    **dict.fromkeys(map(ord, JOINERS), None),
}


@lru_cache(maxsize=50_000)
def fold(name: str) -> str:
    """Return a name in lower case, with single blanks and plain hyphens, without joiners."""
    return " ".join(name.translate(_FOLDED).casefold().split())


_BETWEEN = re.compile(r"[ -]+")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[ -]+(?=\d)")


@lru_cache(maxsize=50_000)
def typing_key(name: str) -> str:
    """Return a key that is equal for names which differ in capitals, blanks or hyphens alone.

    "Open AI" is "OpenAI". A blank or hyphen between two digits counts: "4 1" is not "41".
    """
    return _BETWEEN.sub("", _BETWEEN_NUMBERS.sub("_", fold(name)))


def spelling_fault(name: str, known: Iterable[str]) -> str | None:
    """Return a sentence that names the known name which was almost certainly meant, else None.

    It is for refusing a name outright. `similar_pairs` finds more, about which a person decides.
    """
    key = typing_key(name)
    for other in known:
        if other != name and typing_key(other) == key:
            return (
                f"{name} differs from {other} only in capitals, blanks or hyphens. Write {other}."
            )
    return None


# A dict that fills itself: the category of a character is looked up once, not for each name.
class _KeyCharacters(dict[int, str]):
    """A table for `str.translate`: letters, marks, numbers and symbols stay, all else is blank."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if unicodedata.category(chr(code))[0] in "LMNS" else " "
        return self[code]


_KEY_CHARACTERS = _KeyCharacters()
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")


# The same names are asked for again and again.
@lru_cache(maxsize=100_000)
def spelling_key(name: str, *, cased: bool = False) -> str:
    """Return a key that is equal for all spellings of a name: in capitals, blanks or punctuation.

    Blanks and punctuation are kept, as a point, only between two digits: "GLM-4.5" and "glm 4.5"
    give "glm4.5", but "GPT 41" is not "GPT 4.1". Symbols stay: "R+" is not "R". With `cased`,
    capitals count. Digits of other forms (NFKC) are equal to plain ones.
    """
    plain = name if has_too_many_marks(name) else unicodedata.normalize("NFKC", name)
    kept = plain.translate(_KEY_CHARACTERS)
    joined = "".join(_BETWEEN_DIGITS.sub(".", kept).split())
    return joined if cased else joined.casefold()


# The first divides "Acme & Sons, Bolt" in two, which the last would divide into three.
_WORDS_BETWEEN = r"(?<=\s)(?:and|und|et|or|oder|as well as)(?=\s)"
_SEPARATORS = (
    re.compile(r"[,;|/]"),
    re.compile(rf"[,;|/]|{_WORDS_BETWEEN}"),
    re.compile(rf"[,;|/&+]|{_WORDS_BETWEEN}"),
)


@lru_cache(maxsize=50_000)
def may_join(name: str) -> bool:
    """Return whether a name has anything in it that parts names; most have nothing."""
    return bool(_SEPARATORS[-1].search(name))  # what the others find, the last finds too


def names_joined(name: str, known: Set[str]) -> tuple[str, ...]:
    """Return the names that stand in one, where commas, "and" and the like part it; else none.

    `known` has the spelling keys of all names. "Acme, Inc." stays one name, unless "Inc." is known.
    """
    if not may_join(name):
        return ()
    for separator in _SEPARATORS:
        parts = [part.strip() for part in separator.split(name)]
        # "A, and B" has nothing between the two.
        filled = [part for part in parts if spelling_key(part)]
        keys = {spelling_key(part) for part in filled}
        if len(keys) > 1 and keys <= known:
            return tuple(dict.fromkeys(filled))
    return ()


_WORD = re.compile(r"[^\W\d_]+")
# In a shorter word one letter makes another name: Pro and Pre, 4o and 4a.
_SHORTEST_WORD = 4


def similar_pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the pairs of different names that may be one: with equal keys, or one letter apart.

    One letter is one more, one less, another one or two swapped, in a word of at least four
    letters: "GPT 4" and "GPT 4o", "K2" and "V2" are different names. So are "Mixtral" and
    "Pixtral", as nobody mistakes a first letter. Of three similar names two pairs are given. The
    time needed grows with the number of names, not with that of their pairs.
    """
    first_with_key: dict[str, str] = {}
    # By what stands before and behind a word, the names that have another word there.
    words_between: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name in dict.fromkeys(names):
        near = first_with_key.setdefault(spelling_key(name), name)
        if near != name:
            yield near, name
            continue
        plain = fold(name)
        # A longer one is no name, and what stands around each of its words is as long as itself.
        for match in _WORD.finditer(plain) if len(plain) <= lengths.NAME.most else ():
            start, end = match.span()
            touches_digit = plain[start - 1 : start].isdigit() or plain[end : end + 1].isdigit()
            if end - start >= _SHORTEST_WORD and not touches_digit:
                words_between[plain[:start], plain[end:]].setdefault(match[0], name)
    for words in words_between.values():
        for word, other in _one_letter_apart(words) if len(words) > 1 else ():
            yield words[word], words[other]


def _one_letter_apart(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the pairs of words that are one letter apart.

    Each word is stored and looked up by its forms with a letter left out, masked or swapped, so
    that no two words are compared with each other.
    """
    word_of_form: dict[tuple[str, str], str] = {}
    for word in words:
        neighbours = list(_neighbours(word))
        near: dict[str, None] = {}
        for _, form, looked_up_as in neighbours:
            if (looked_up_as, form) in word_of_form:
                near[word_of_form[looked_up_as, form]] = None
        yield from ((other, word) for other in near)
        for stored_as, form, _ in neighbours:
            word_of_form.setdefault((stored_as, form), word)


def _neighbours(word: str) -> Iterator[tuple[str, str, str]]:
    """Give the forms of a word that are one letter away, as (kind stored, form, kind looked up)."""
    yield "spelled", word, "shorter"
    for at in range(len(word)):
        # Another first letter makes another name: Mixtral and Pixtral.
        if at:
            # NUL can mask a letter because no name may hold it.
            yield "masked", f"{word[:at]}\0{word[at + 1 :]}", "masked"
        yield "shorter", word[:at] + word[at + 1 :], "spelled"
        yield "swapped", word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :], "spelled"


_STAGES = {
    "preview", "beta", "alpha", "experimental", "exp", "test", "trial", "early", "access",
    "limited", "deprecated", "legacy", "retired", "old", "new", "latest",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"(?<!\s)\s*\(([^()]*)\)")
_WITH = re.compile(r"(?<!\s)\s+with\s+\S.*\Z", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def base_of(name: str) -> str | None:
    """Return the name of the model of which another name is a variant; None where it is none.

    A variant is called "X (reasoning)" or "X with thinking". A bracket with a stage of release or
    with a digit, "(preview)" or "(2025-08-07)", makes no variant: it says when, not which.
    """
    if match := _WITH.search(name):
        return name[: match.start()].strip() or None
    for match in _IN_BRACKETS.finditer(name):
        words = _WORD.findall(match[1].casefold())
        if words and not set(words) <= _STAGES and not re.search(r"\d", match[1]):
            return (name[: match.start()] + name[match.end() :]).strip() or None
    return None


# The numbers bound the search: without them, many `](` in one note take quadratic time.
_ADDRESS = re.compile(r"\]\([^)\s]{0,2000}(?:\s[^)]{0,500})?\)|<?https?://\S+")
_BREAK = re.compile(r"[/,;:!?\n|]|\.(?=\s|\Z)|\s[–—-]\s")
_WORDS = re.compile(r"[^\s()\[\]{}<>*_`\"“”„‘]+")
_CONTRAST = re.compile(
    r"\b(?:unlike|in contrast (?:to|with)|as opposed to|compared (?:to|with))\s.*", re.I | re.S
)
_FAMILY_WORDS = {"models", "family", "series", "variants", "versions"}
_POSSESSIVE = re.compile(r"['’](?:s)?\Z")


@dataclass(frozen=True, slots=True)
class Mention:
    """A model that a text names; `is_family` where it says "models" behind: "the GPT 5 models"."""

    name: str
    is_family: bool = False

    def covers(self, model: str) -> bool:
        """Return whether a model is the one named, a variant of it, or one of the family named."""
        named, base = spelling_key(self.name), model
        while base:
            if spelling_key(base) == named:
                return True
            base = base_of(base) or ""
        if not self.is_family:
            return False
        return spelling_key(model).startswith(named) or named in map(spelling_key, model.split())


@lru_cache(maxsize=8)
def names_of(names: tuple[str, ...], aliases: tuple[tuple[str, str], ...] = ()) -> "Names":
    """Return names to search texts for; the same object for the same names."""
    return Names(names, dict(aliases))


class Names:
    """Names that can be found in a text.

    `aliases` gives the name for other ways to write it; aliases without a digit are ignored, as
    they may be ordinary words. The time to search a text does not depend on how many names there
    are.
    """

    def __init__(self, names: Iterable[str], aliases: Mapping[str, str] | None = None) -> None:
        self._found: dict[tuple[str, bool], list[Mention]] = {}
        # Reversed, so that of names with the same key the first one given is found.
        self._known = {spelling_key(name): (name, name) for name in reversed(list(names))}
        for alias, name in (aliases or {}).items():
            if re.search(r"\d", alias):
                self._known.setdefault(spelling_key(alias), (alias, name))
        # One word more than the longest name has: a text may write "GLM 4.5" for "GLM-4.5".
        self._longest = (
            max((len(spelled.split()) for spelled, _ in self._known.values()), default=0) + 1
        )

    def __contains__(self, name: str) -> bool:
        """Return whether a name is a known one, in any spelling."""
        return spelling_key(name) in self._known

    def found_in(self, markdown: str, *, in_title: bool = False) -> list[Mention]:
        """Return the known names in a Markdown text, each once; the longest where several begin.

        A name followed by a number or a capital is another name: "GPT 5 Codex" does not name "GPT
        5". A name without a digit is found only with its own capitals, as it may be an ordinary
        word. In a title or a label, where any word may have a capital, neither restriction
        applies.
        """
        key = (markdown, in_title)
        if key not in self._found:
            self._found[key] = self._search(markdown, in_title)
        return list(self._found[key])

    def _search(self, markdown: str, in_title: bool) -> list[Mention]:
        found: dict[str, Mention] = {}
        for words in _phrases(markdown):
            start = 0
            while start < len(words):
                name, length = self._at(words, start, in_title)
                start += length
                if name is not None:
                    is_family = start < len(words) and words[start].casefold() in _FAMILY_WORDS
                    found.setdefault(name, Mention(name, is_family))
        return list(found.values())

    def _at(self, words: list[str], start: int, in_title: bool) -> tuple[str | None, int]:
        for end in range(min(len(words), start + self._longest), start, -1):
            phrase = " ".join(words[start:end])
            spelling, name = self._known.get(spelling_key(phrase), ("", ""))
            if name and (in_title or _is_written_as(phrase, spelling)):
                goes_on = end < len(words) and re.match(r"[A-ZÀ-Þ]|\d", words[end])
                return (None if goes_on and not in_title else name), end - start
        return None, 1


def _is_written_as(phrase: str, spelling: str) -> bool:
    """Return whether a phrase is no ordinary word: it has a digit, or the capitals of the name."""
    if re.search(r"\d", spelling):
        return True
    return spelling_key(phrase, cased=True) == spelling_key(spelling, cased=True)


def _phrases(markdown: str) -> Iterator[list[str]]:
    """Give the words of each phrase of a text, which a comma, slash, full stop or the like ends.

    Addresses are left out, and so is what a text only compares with: the Sora 2 of "Unlike Sora 2,
    it keeps prompts".
    """
    for phrase in _BREAK.split(_ADDRESS.sub("] ", markdown.replace("\\", ""))):
        phrase = _CONTRAST.sub("", phrase)
        yield [_POSSESSIVE.sub("", word) for word in _WORDS.findall(phrase)]


_MODELS = re.compile(r"\smodels?\b", re.IGNORECASE)
_ENUMERATION = re.compile(
    r"[\w.+-]+(?:(?:\s*[/,]\s*|\s+(?:and|or|&)\s+)[\w.+-]+)*\s*\Z", re.IGNORECASE
)
# Characters before "models" that are searched, so that a note of any length is read in little time.
_REACH = 200
# Not B2B, where the digit stands for a word, and not H100: a capital with hundreds is a chip.
_NAME_LIKE = re.compile(r"(?![A-Z]\d(?:[A-Z]|\d{2,})\Z)[^\W\d_]+-?\d[\w.+-]*\Z")


def find_families(markdown: str) -> list[Mention]:
    """Return what a text calls models, known or not: the o3 and o3-pro of "o3/o3-pro models".

    Only words that begin with a letter and hold a digit count: "all 30 models" and "B2B models"
    name none.
    """
    text = _ADDRESS.sub("] ", markdown)
    words: dict[str, None] = {}
    for models in _MODELS.finditer(text):
        before = text[max(0, models.start() - _REACH) : models.start()]
        if enumeration := _ENUMERATION.search(before):
            words.update(dict.fromkeys(re.split(r"\s*[/,]\s*|\s+", enumeration[0])))
    return [Mention(word, is_family=True) for word in words if _NAME_LIKE.match(word)]
