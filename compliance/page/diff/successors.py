"""Which model follows which: by their names, as a reader would say it."""

import re
from collections.abc import Mapping
from itertools import product, zip_longest

# A version: digits that no letter follows, so that a size ("32B") and a name ("4o") are part of what a model is.
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?![0-9.]*[^\W\d_])")
# How far along a model is: it is the same model when it leaves its preview.
_STAGE = re.compile(r"\b(?:preview|beta|alpha|experimental|latest)\b")
_WORDS = re.compile(r"[^\W_]+")


def successions(retired: Mapping[str, str], added: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of ids: a model that left and the one that takes its place, in the order of those added.

    Names are given by id. Two are of one family when they differ in version or stage only; among several the latest
    version before it makes way, each once.
    """
    pairs = [
        (_step(old, new), gone, come)
        for (gone, old), (come, new) in product(retired.items(), added.items())
        if _family(old) == _family(new)
    ]
    followed: dict[str, str] = {}
    for _, gone, come in sorted(pairs, key=lambda pair: pair[0]):
        if come not in followed and gone not in followed.values():
            followed[come] = gone
    return [(followed[come], come) for come in added if come in followed]


def _family(name: str) -> tuple[str, ...]:
    """Return a name's words without version and stage, in no order: "Acme Pro 5" is of the family of "Acme 4 Pro"."""
    return tuple(sorted(_WORDS.findall(_STAGE.sub(" ", _VERSION.sub(" ", name.casefold())))))


def _step(old: str, new: str) -> tuple[bool, list[int]]:
    """Return how far a version is from an earlier one, the first number weighing most; a step back is the farthest."""
    step = [now - was for was, now in zip_longest(_version(old), _version(new), fillvalue=0)]
    is_back = step < [0] * len(step)
    return is_back, [-number for number in step] if is_back else step


def _version(name: str) -> list[int]:
    return [int(number) for found in _VERSION.findall(name) for number in found.split(".")]
