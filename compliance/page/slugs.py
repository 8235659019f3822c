"""Slugs: the part of an address that is made of a name."""

import re
import unicodedata
from collections.abc import Container, Iterable

_ASCII_WORDS = re.compile(r"[a-z0-9]+")


def slug(name: str) -> str:
    """Return the name in lower case, with `-` for all that is no letter or digit.

    Letters of every script stay, with their combining marks: "GLM-4.5" gives "glm-4-5", "Модель 2"
    gives "модель-2". A name without a letter or digit gives "unnamed".
    """
    if name.isascii():
        return "-".join(_ASCII_WORDS.findall(name.lower())) or "unnamed"
    # After casefold, which takes some letters out of normal form C: "ǰ" becomes "j" and U+030C.
    folded = unicodedata.normalize("NFC", name.casefold())
    kept = (character if _stays_in_slug(character) else " " for character in folded)
    return "-".join("".join(kept).split()) or "unnamed"


def _stays_in_slug(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or unicodedata.category(character) == "Nd"


class FreeSlugs:
    """Gives slugs that are not taken.

    The next number of each slug is kept, so that thousands of equal names stay fast.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def __contains__(self, slug: str) -> bool:
        return slug in self._taken

    def add(self, slug: str) -> None:
        """Count a slug as taken."""
        self._taken.add(slug)

    def take(self, name: str) -> str:
        """Return the slug of a name as `free_slug` does; it is taken from then on."""
        wanted = candidate = slug(name)
        number = self._next.get(wanted, 2)
        while candidate in self._taken:
            candidate, number = f"{wanted}-{number}", number + 1
        self._next[wanted] = number
        self._taken.add(candidate)
        return candidate


def free_slug(name: str, taken: Container[str]) -> str:
    """Return the slug of a name, with `-2`, `-3`, … behind it while that slug is taken."""
    wanted, number = slug(name), 1
    candidate = wanted
    while candidate in taken:
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate
