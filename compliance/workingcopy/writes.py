"""Writes that are collected, so that many records are written together."""

from typing import Any

from compliance.models.bulk import delete_all, save_all
from compliance.models.tracked import Tracked


class Writes:
    """Records to delete and to save; `write` does it in the open changeset.

    Records are written model by model, in the order in which their models were first added.
    """

    def __init__(self) -> None:
        # By identity: a new record has no key yet.
        self._saved: dict[int, Tracked] = {}
        self._deleted: dict[int, Tracked] = {}

    def set(self, record: Tracked, **values: Any) -> bool:
        """Change fields of a record that is saved by `write` if one differed or it is new.

        Returns whether it has to be saved. What the fields refer to may be new, if it is saved by
        the same call and its model was added before.
        """
        is_changed = record.assign(**values)
        if is_changed:
            self._saved[id(record)] = record
        return is_changed

    def delete(self, record: Tracked) -> None:
        """Let `write` delete a record with its parts, before anything is saved."""
        self._deleted[id(record)] = record

    def write(self) -> None:
        """Delete and save what was collected, and forget it."""
        delete_all(self._deleted.values())
        save_all(self._saved.values())
        self._deleted.clear()
        self._saved.clear()
