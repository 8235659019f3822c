"""Which new model takes the place of which retired one, judged by their names."""

import re
from collections.abc import Mapping
from itertools import product, zip_longest

# Digits that no letter follows: a size ("32B") and a name ("4o") are part of what a model is.
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?![0-9.]*[^\W\d_])")
# A stage of release: a model that leaves its preview is still the same model.
_STAGE = re.compile(r"\b(?:preview|beta|alpha|experimental|latest)\b")
_WORDS = re.compile(r"[^\W_]+")


def successions(retired: Mapping[str, str], added: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of a retired model's id and its successor's, in the order of those added.

    Both mappings give names by id. Two models can follow each other if their names differ only in
    version and stage. Of several, the one with the nearest earlier version is replaced; each model
    is in one pair at most.
    """
    candidates = []
    for (old_id, old_name), (new_id, new_name) in product(retired.items(), added.items()):
        if _family(old_name) == _family(new_name):
            candidates.append((_distance(old_name, new_name), old_id, new_id))
    predecessors: dict[str, str] = {}
    for _, old_id, new_id in sorted(candidates, key=lambda candidate: candidate[0]):
        if new_id not in predecessors and old_id not in predecessors.values():
            predecessors[new_id] = old_id
    return [(predecessors[id], id) for id in added if id in predecessors]


def _family(name: str) -> tuple[str, ...]:
    """Return a name's sorted words without version and stage: "acme", "pro" for "Acme Pro 5"."""
    without_version = _STAGE.sub(" ", _VERSION.sub(" ", name.casefold()))
    return tuple(sorted(_WORDS.findall(without_version)))


def _distance(old: str, new: str) -> tuple[bool, list[int]]:
    """Return how far two versions are apart, the first number counting most.

    Any step back is farther than every step forward.
    """
    versions = zip_longest(_version(old), _version(new), fillvalue=0)
    difference = [new_number - old_number for old_number, new_number in versions]
    is_back = difference < [0] * len(difference)
    return is_back, [-number for number in difference] if is_back else difference


def _version(name: str) -> list[int]:
    return [int(number) for version in _VERSION.findall(name) for number in version.split(".")]
