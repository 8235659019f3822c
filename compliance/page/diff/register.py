"""Changes of a register's own texts, and of the frame that stands around its page."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Snapshot
from compliance.page.text import normalised

# What a field is called in a sentence, where that is not its name.
_NAMES = {"link_base": "address of its links"}


def text_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the texts of the register that changed."""
    for field in fields(after.register):
        old, new = getattr(before.register, field.name), getattr(after.register, field.name)
        if field.name != "slug" and old != new:
            name = _NAMES.get(field.name, field.name.replace("_", " "))
            yield _text_change(name, f"The {name} is “{new}” instead of “{old}”.")


def frame_changes(before: Mapping[str, str] | None, after: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the changes of publisher, contact and licence, of which `compare` knows nothing.

    A first page, with nothing `before`, has none.
    """
    if before is None:
        return ()
    changes = []
    for name, text in after.items():
        old, new = normalised(before.get(name, "")), normalised(text)
        if old and new and old != new:
            changes.append(_text_change(name, f"The {name} is now “{new}”, instead of “{old}”."))
        elif new and not old:
            changes.append(_text_change(name, f"The {name} is now “{new}”; none was named before."))
        elif old and not new:
            changes.append(_text_change(name, f"The {name} is no longer named; it was “{old}”."))
    return tuple(changes)


def _text_change(name: str, sentence: str) -> Change:
    return Change(ChangeKind.TEXT, Effect.UNJUDGED, sentence, about=(name,))
