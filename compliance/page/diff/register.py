"""Changes of a register's own texts."""

from collections.abc import Iterator
from dataclasses import fields

from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Snapshot

# What a field is called in a sentence, where that is not its name.
_NAMES = {"link_base": "address of its links"}


def text_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the texts of the register that changed."""
    for field in fields(after.register):
        old, new = getattr(before.register, field.name), getattr(after.register, field.name)
        if field.name != "slug" and old != new:
            name = _NAMES.get(field.name, field.name.replace("_", " "))
            sentence = f"The {name} is “{new}” instead of “{old}”."
            yield Change(ChangeKind.TEXT, Effect.UNJUDGED, sentence, about=(name,))
