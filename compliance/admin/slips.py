"""Names that are almost a known one: written down, they would be public as another model or provider."""

from collections.abc import Iterable

# Hyphens and dashes (U+2010 to U+2015) and the minus sign look like the hyphen that is typed.
_HYPHENS = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")


def folded(name: str) -> str:
    """Return a name without what a reader passes over: capitals, the kind and number of blanks, the kind of hyphens."""
    return " ".join(name.translate(_HYPHENS).casefold().split())


def slip(name: str, known: Iterable[str]) -> str | None:
    """Return a sentence that names the known name that was almost certainly meant, None where there is none."""
    wanted = folded(name)
    meant = next((each for each in known if each != name and folded(each) == wanted), None)
    return meant and f"{name} differs from {meant} only in capitals, blanks or hyphens. Write {meant}."
