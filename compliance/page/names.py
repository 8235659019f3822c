"""Names of models and providers: which are almost the same, which a text names, which is a variant of another."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# Hyphens and dashes (U+2010 to U+2015) and the minus sign look like the hyphen that is typed.
_HYPHENS = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")


def fold(name: str) -> str:
    """Return a name without what a reader passes over: capitals, the kind and number of blanks, the kind of hyphens."""
    return " ".join(name.translate(_HYPHENS).casefold().split())


def spelling_fault(name: str, known: Iterable[str]) -> str | None:
    """Return a sentence that names the known name that was almost certainly meant, None where there is none.

    It is for refusing a name, without an answer that lets it pass; `alike` finds more, to be answered.
    """
    wanted = fold(name)
    meant = next((each for each in known if each != name and fold(each) == wanted), None)
    return (
        meant and f"{name} differs from {meant} only in capitals, blanks or hyphens. Write {meant}."
    )


class _Kept(dict[int, str]):
    """What `key` makes of each character: a letter, mark, number or symbol stays, anything else is a blank."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if unicodedata.category(chr(code))[0] in "LMNS" else " "
        return self[code]


_KEPT = _Kept()
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")


def spelling_key(name: str, *, cased: bool = False) -> str:
    """Return what is equal for names that differ only in case, blanks, punctuation or the form of their digits.

    Blanks and punctuation are kept, as a point, only between two digits: "GLM-4.5" and "glm 4.5" give "glm4.5", but
    "GPT 41" is not "GPT 4.1". Symbols stay: "R+" is not "R". With `cased`, capitals count.
    """
    kept = unicodedata.normalize("NFKC", name).translate(_KEPT)
    joined = "".join(_BETWEEN_DIGITS.sub(".", kept).split())
    return joined if cased else joined.casefold()


_WORD = re.compile(r"[^\W\d_]+")
# In a shorter word one letter makes another name: Pro and Pre, 4o and 4a.
_LEAST = 4


def similar_pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the pairs of different names with the same `key`, or with one letter more, less, other or swapped.

    A letter counts only in a word of letters, at least four of them long: "GPT 4" and "GPT 4o", "K2" and "V2" are
    names of their own. So are "Mixtral" and "Pixtral": nobody takes the first letter for another. Time grows with
    the names, not with their pairs. Of three that are alike, two pairs are given.
    """
    first: dict[str, str] = {}
    same_but_for_a_word: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name in dict.fromkeys(names):
        near = first.setdefault(spelling_key(name), name)
        if near != name:
            yield near, name
            continue
        plain = fold(name)
        for match in _WORD.finditer(plain):
            start, end = match.span()
            if end - start >= _LEAST and not (
                plain[start - 1 : start].isdigit() or plain[end : end + 1].isdigit()
            ):
                same_but_for_a_word[plain[:start], plain[end:]].setdefault(match[0], name)
    for words in same_but_for_a_word.values():
        if len(words) > 1:
            yield from ((words[word], words[other]) for word, other in _a_letter_apart(words))


def _a_letter_apart(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the pairs of words that are one letter apart: each is looked up by what it is short of a letter."""
    seen: dict[tuple[str, str], str] = {}
    for word in words:
        near = {seen[met, form]: None for _, form, met in _neighbours(word) if (met, form) in seen}
        yield from ((other, word) for other in near)
        for remembered, form, _ in _neighbours(word):
            seen.setdefault((remembered, form), word)


def _neighbours(word: str) -> Iterator[tuple[str, str, str]]:
    """Give the forms of a word one letter away: how each is remembered, the form, and as what another word meets it."""
    yield "spelled", word, "shorter"
    for at in range(len(word)):
        if at:
            yield "masked", f"{word[:at]}\0{word[at + 1 :]}", "masked"
        yield "shorter", word[:at] + word[at + 1 :], "spelled"
        yield "swapped", word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :], "spelled"


_STAGES = {
    "preview", "beta", "alpha", "experimental", "exp", "test", "trial", "early", "access", "limited", "deprecated",
    "legacy", "retired", "old", "new", "latest",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_WITH = re.compile(r"\s+with\s+\S.*\Z", re.IGNORECASE)


def base_of(name: str) -> str | None:
    """Return the name of the model that a name says it is a variant of, None for one that says nothing of the kind.

    Two forms say it: "X (reasoning)" and "X with thinking". A bracket that tells a stage of release or holds a digit,
    "(preview)" or "(2025-08-07)", tells when, not which.
    """
    if match := _WITH.search(name):
        return name[: match.start()].strip() or None
    for match in _IN_BRACKETS.finditer(name):
        words = _WORD.findall(match[1].casefold())
        if words and not set(words) <= _STAGES and not re.search(r"\d", match[1]):
            return (name[: match.start()] + name[match.end() :]).strip() or None
    return None


_ADDRESS = re.compile(r"\]\([^)\s]{0,2000}(?:\s[^)]{0,500})?\)|<?https?://\S+")
_BREAK = re.compile(r"[/,;:!?\n|]|\.(?=\s|\Z)|\s[–—-]\s")
_WORDS = re.compile(r"[^\s()\[\]{}<>*_`\"“”„‘]+")
_CONTRAST = re.compile(
    r"\b(?:unlike|in contrast (?:to|with)|as opposed to|compared (?:to|with))\s.*", re.I | re.S
)
_OF_A_FAMILY = {"models", "family", "series", "variants", "versions"}
_POSSESSIVE = re.compile(r"['’](?:s)?\Z")


@dataclass(frozen=True, slots=True)
class Mention:
    """A model that a text names; `is_family` where it speaks of the models of that name: "the GPT 5 models"."""

    name: str
    is_family: bool = False

    def covers(self, model: str) -> bool:
        """Return whether the text speaks of a model: of the one it names, a variant of that, or one of the family."""
        said, base = spelling_key(self.name), model
        while base:
            if spelling_key(base) == said:
                return True
            base = base_of(base) or ""
        return self.is_family and (
            spelling_key(model).startswith(said) or said in map(spelling_key, model.split())
        )


class Names:
    """A set of names that can be found in a text; `found_in` takes time by the words of the text, not by the names.

    `aliases` are other ways to write a name; those without a digit are passed over, as they may be words.
    """

    def __init__(self, names: Iterable[str], aliases: Mapping[str, str] | None = None) -> None:
        self._known = {spelling_key(name): (name, name) for name in reversed(list(names))}
        for alias, name in (aliases or {}).items():
            if re.search(r"\d", alias):
                self._known.setdefault(spelling_key(alias), (alias, name))
        self._longest = (
            max((len(spelled.split()) for spelled, _ in self._known.values()), default=0) + 1
        )

    def __contains__(self, name: str) -> bool:
        """Return whether a name is a way to write a known one."""
        return spelling_key(name) in self._known

    def found_in(self, markdown: str, *, in_title: bool = False) -> list[Mention]:
        """Return the known names that stand in a Markdown text, each once, the longest where several begin.

        A name that goes on in the text, with a number or a capital, is another: "GPT 5 Codex" does not name "GPT 5".
        One without a digit is found in its own capitals only: it may be a word. Neither holds in a title, or a label,
        where any word may have a capital.
        """
        found: dict[str, Mention] = {}
        for words in _phrases(markdown):
            start = 0
            while start < len(words):
                name, length = self._at(words, start, in_title)
                start += length
                if name is not None:
                    is_family = start < len(words) and words[start].casefold() in _OF_A_FAMILY
                    found.setdefault(name, Mention(name, is_family))
        return list(found.values())

    def _at(self, words: list[str], start: int, in_title: bool) -> tuple[str | None, int]:
        for end in range(min(len(words), start + self._longest), start, -1):
            said = " ".join(words[start:end])
            spelled, name = self._known.get(spelling_key(said), ("", ""))
            if name and (
                in_title
                or re.search(r"\d", spelled)
                or spelling_key(said, cased=True) == spelling_key(spelled, cased=True)
            ):
                goes_on = end < len(words) and re.match(r"[A-ZÀ-Þ]|\d", words[end])
                return (None if goes_on and not in_title else name), end - start
        return None, 1


def _phrases(markdown: str) -> Iterator[list[str]]:
    """Give the words of a text that stand together: no comma, slash or full stop between; addresses are left out.

    So is what a text tells apart from what it speaks of: the Sora 2 of "Unlike Sora 2, it keeps prompts".
    """
    for phrase in _BREAK.split(_ADDRESS.sub("] ", markdown.replace("\\", ""))):
        phrase = _CONTRAST.sub("", phrase)
        yield [_POSSESSIVE.sub("", word) for word in _WORDS.findall(phrase)]


_MODELS = re.compile(r"\smodels?\b", re.IGNORECASE)
_LISTED = re.compile(r"[\w.+-]+(?:(?:\s*[/,]\s*|\s+(?:and|or|&)\s+)[\w.+-]+)*\s*\Z", re.IGNORECASE)
# What stands before "models" is looked at so far back, so that a note of any length is read in little time.
_REACH = 200
# No B2B, where the digit stands for a word, and no H100: a capital with hundreds is a chip.
_NAME_LIKE = re.compile(r"(?![A-Z]\d(?:[A-Z]|\d{2,})\Z)[^\W\d_]+-?\d[\w.+-]*\Z")


def find_families(markdown: str) -> list[Mention]:
    """Return what a text calls models though it may be no known name: the o3 and o3-pro of "o3/o3-pro models".

    Only words that begin with a letter and hold a digit count: "all 30 models" names none, "B2B models" neither.
    """
    text = _ADDRESS.sub("] ", markdown)
    before = (
        text[max(0, models.start() - _REACH) : models.start()] for models in _MODELS.finditer(text)
    )
    said = [match[0] for match in map(_LISTED.search, before) if match]
    words = (word for names in said for word in re.split(r"\s*[/,]\s*|\s+", names))
    return [
        Mention(word, is_family=True) for word in dict.fromkeys(words) if _NAME_LIKE.match(word)
    ]
