"""Slugs: the part of an address that is made of a name."""

import re
import unicodedata
from collections.abc import Container, Iterable

from compliance.page import text

_ASCII_WORDS = re.compile(r"[a-z0-9]+")
# In bytes. A slug is the name of a file or folder in the published store and in the exported site.
# Most file systems allow names of 255 bytes, and endings such as `.csv-metadata.json` need some.
LONGEST_SLUG = 200
# What stands at the root of the site or of the published store, without its ending. The page of a
# register named so could not be reached, or its folder would be a file already.
# tests/public/test_addresses.py compares this with the URL patterns.
RESERVED_SLUGS = frozenset(
    {
        "accounts", "admin", "api", "checkpoint", "favicon", "head", "healthz", "llms", "log",
        "readyz", "record", "robots", "schema", "sitemap", "static",
    }
)  # fmt: skip


def slug(name: str) -> str:
    """Return the name in lower case, with `-` for all that is no letter or digit.

    Letters of every script stay, with their combining marks: "GLM-4.5" gives "glm-4-5", "Модель 2"
    gives "модель-2". A name without a letter or digit gives "unnamed". The slug of a long name ends
    after LONGEST_SLUG bytes.
    """
    return _cut(whole_slug(name), LONGEST_SLUG)


def whole_slug(name: str) -> str:
    """Return the slug of a name without a limit: different for long names that begin alike."""
    if name.isascii():
        return "-".join(_ASCII_WORDS.findall(name.lower())) or "unnamed"
    # After casefold, which takes some letters out of normal form C: "ǰ" becomes "j" and U+030C.
    folded = text.composed(name.casefold())
    kept = (character if _stays_in_slug(character) else " " for character in folded)
    return "-".join("".join(kept).split()) or "unnamed"


def _stays_in_slug(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or unicodedata.category(character) == "Nd"


def _cut(slug: str, most_bytes: int) -> str:
    """Return the beginning of a slug that has at most so many bytes of UTF-8."""
    if len(slug) * 4 <= most_bytes or len(encoded := slug.encode()) <= most_bytes:
        return slug
    return encoded[:most_bytes].decode(errors="ignore").rstrip("-")


def register_slug_fault(slug_of_register: str) -> str | None:
    """Return a sentence that says why no register can have a slug, None where one can."""
    if not slug_of_register:
        return "The slug is empty. Choose a name for the address, such as llms-privacy."
    if slug_of_register in RESERVED_SLUGS:
        return (
            f"{slug_of_register} is the name of another address or file of the site."
            " Choose a different one."
        )
    if len(slug_of_register.encode(errors="surrogatepass")) > LONGEST_SLUG:
        return (
            f"The slug has more than {LONGEST_SLUG} bytes, too many for the name of a file."
            f" Choose a shorter one, such as {slug(slug_of_register[:40])}."
        )
    if slug_of_register != slug(slug_of_register):
        return f"{slug_of_register} is not a slug. Use {slug(slug_of_register)}."
    return None


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
            candidate, number = _numbered(wanted, number), number + 1
        self._next[wanted] = number
        self._taken.add(candidate)
        return candidate


def free_slug(name: str, taken: Container[str]) -> str:
    """Return the slug of a name, with `-2`, `-3`, … behind it while that slug is taken."""
    wanted, number = slug(name), 1
    candidate = wanted
    while candidate in taken:
        number += 1
        candidate = _numbered(wanted, number)
    return candidate


def _numbered(wanted: str, number: int) -> str:
    """Return a slug with a number behind it; a long one is cut, so that the number fits."""
    ending = f"-{number}"
    return f"{_cut(wanted, LONGEST_SLUG - len(ending))}{ending}"
