"""Which new model takes the place of which retired one, judged by names and by places."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from compliance.page.diff.sequences import edit_steps

# Digits that no letter follows: a size ("32B") and a name ("4o") are part of what a model is.
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?![0-9.]*[^\W\d_])")
# A stage of release: a model that leaves its preview is still the same model.
_STAGE = re.compile(r"\b(?:preview|beta|alpha|experimental|latest)\b")
# The names of one variant: "with extended thinking" was called "(reasoning)" later.
_REASONING = re.compile(r"\b(?:with )?(?:extended )?thinking\b")
_WORDS = re.compile(r"[^\W_]+")
# So many versions before and after a new one are compared with it.
_NEAREST = 25


def successions_in_row(
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    retired: Mapping[str, str],
    added: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Return pairs of a retired model's id and its successor's, in the order of those added.

    `old` and `new` are the models of a row in their order, `retired` those of them that left the
    page, `added` those that are new to it, each with names by id. Names that differ in version and
    stage only come first. Of the others, a model follows the one in whose place it stands, unless
    their names have little in common and more than these two changed. Where more models came than
    went, or fewer, no place is another's.
    """
    pairs = successions(retired, added)
    replaced = {old_id for old_id, _ in pairs}
    predecessors = {new_id: old_id for old_id, new_id in pairs}
    is_lone_change = len(retired) - len(pairs) == len(added) - len(pairs) == 1
    old_ids, new_ids = list(old), list(new)
    for _, i, k, j, m in edit_steps(old_ids, new_ids):
        if k - i != m - j:
            continue
        for old_id, new_id in zip(old_ids[i:k], new_ids[j:m], strict=True):
            is_open = old_id in retired and old_id not in replaced
            is_open = is_open and new_id in added and new_id not in predecessors
            if is_open and (is_lone_change or _are_related(old[old_id], new[new_id])):
                predecessors[new_id] = old_id
    return [(predecessors[id], id) for id in added if id in predecessors]


def _are_related(old_name: str, new_name: str) -> bool:
    """Return whether more than half of the words of the shorter name stand in the other too."""
    old_words, new_words = set(_family(old_name)), set(_family(new_name))
    return 2 * len(old_words & new_words) > min(len(old_words), len(new_words))


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
    return tuple(sorted(_WORDS.findall(_REASONING.sub("reasoning", without_version))))


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
