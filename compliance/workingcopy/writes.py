"""Writes that are collected, so that many records are written together."""

from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model

from compliance.models.bulk import delete_all, save_all
from compliance.models.tracked import Tracked


class Writes:
    """Records to delete and to save; `write` does it in the open changeset.

    Records are saved model by model, first those that others refer to, and deleted in the reverse
    order.
    """

    def __init__(self) -> None:
        # By identity: a new record has no key yet.
        self._saved: dict[int, Tracked] = {}
        self._deleted: dict[int, Tracked] = {}

    def set(self, record: Tracked, **values: Any) -> bool:
        """Change fields of a record that is saved by `write` if one differed or it is new.

        Returns whether it has to be saved. What the fields refer to may be new, if it is saved by
        the same call.
        """
        is_changed = record.assign(**values)
        if is_changed:
            self.save(record)
        return is_changed

    def save(self, record: Tracked) -> None:
        """Let `write` save a record whose fields are set already."""
        self._saved[id(record)] = record

    def delete(self, record: Tracked) -> None:
        """Let `write` delete a record with its parts, before anything is saved."""
        self._deleted[id(record)] = record

    def write(self) -> None:
        """Delete and save what was collected, and forget it."""
        delete_all(sorted(self._deleted.values(), key=_place, reverse=True))
        save_all(sorted(self._saved.values(), key=_place))
        self._deleted.clear()
        self._saved.clear()

    def faults(self) -> list[ValidationError]:
        """Return what is wrong with the records to save, an error for each that is.

        `write` stops at the first. What only the database can tell is not among them.
        """
        faults = []
        for record in self._saved.values():
            try:
                record.validate(with_queries=False)
            except ValidationError as error:
                faults.append(error)
        return faults


def _place(record: Tracked) -> int:
    """Return the place of a record's model among all, after those that it refers to."""
    return _model_order().index(type(record))


@cache
def _model_order() -> tuple[type[Model], ...]:
    # A foreign key names a class, which therefore is defined before.
    return tuple(apps.get_app_config("compliance").get_models())
