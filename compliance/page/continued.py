"""Models that are another model under a new id, and take on its history."""

from collections.abc import Iterable, Mapping


def predecessors(model: str, continues: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the ids whose history a model takes on, and those that they took on in turn.

    `continues` gives by id what each model takes on itself. A model that comes to continue itself
    is among its predecessors.
    """
    found: dict[str, None] = {}
    waiting = list(continues.get(model, ()))
    while waiting:
        id = waiting.pop(0)
        if id not in found:
            found[id] = None
            waiting += continues.get(id, ())
    return tuple(found)
