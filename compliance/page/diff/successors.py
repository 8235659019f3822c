"""Which new model takes the place of which retired one, judged by their names."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest

# Digits that no letter follows: a size ("32B") and a name ("4o") are part of what a model is.
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?![0-9.]*[^\W\d_])")
# A stage of release: a model that leaves its preview is still the same model.
_STAGE = re.compile(r"\b(?:preview|beta|alpha|experimental|latest)\b")
_WORDS = re.compile(r"[^\W_]+")
# So many versions before and after a new one are compared with it.
_NEAREST = 25


def successions(retired: Mapping[str, str], added: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of a retired model's id and its successor's, in the order of those added.

    Both mappings give names by id. Two models can follow each other if their names differ only in
    version and stage. Of several, the one with the nearest earlier version is replaced; each model
    is in one pair at most.
    """
    families: defaultdict[tuple[str, ...], list[tuple[list[int], str]]] = defaultdict(list)
    for id, name in retired.items():
        families[_family(name)].append((_version(name), id))
    for members in families.values():
        members.sort(key=lambda member: member[0])
    candidates = []
    for new_id, name in added.items():
        version = _version(name)
        for old_version, old_id in _nearest(families.get(_family(name), []), version):
            candidates.append((_distance(old_version, version), old_id, new_id))
    predecessors: dict[str, str] = {}
    replaced: set[str] = set()
    for _, old_id, new_id in sorted(candidates, key=lambda candidate: candidate[0]):
        if new_id not in predecessors and old_id not in replaced:
            predecessors[new_id] = old_id
            replaced.add(old_id)
    return [(predecessors[id], id) for id in added if id in predecessors]


def _nearest(
    members: Sequence[tuple[list[int], str]], version: list[int]
) -> Sequence[tuple[list[int], str]]:
    """Return the members of a family that are nearest to a version, of members in order.

    A page may replace thousands of one family, and each with each would be millions of pairs.
    """
    place = bisect_left(members, version, key=lambda member: member[0])
    return members[max(0, place - _NEAREST) : place + _NEAREST]


def _family(name: str) -> tuple[str, ...]:
    """Return a name's sorted words without version and stage: "acme", "pro" for "Acme Pro 5"."""
    without_version = _STAGE.sub(" ", _VERSION.sub(" ", name.casefold()))
    return tuple(sorted(_WORDS.findall(without_version)))


def _distance(old: Sequence[int], new: Sequence[int]) -> tuple[bool, list[int]]:
    """Return how far two versions are apart, the first number counting most.

    Any step back is farther than every step forward.
    """
    versions = zip_longest(old, new, fillvalue=0)
    difference = [new_number - old_number for old_number, new_number in versions]
    is_back = difference < [0] * len(difference)
    return is_back, [-number for number in difference] if is_back else difference


def _version(name: str) -> list[int]:
    return [int(number) for version in _VERSION.findall(name) for number in version.split(".")]
