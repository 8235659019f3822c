"""System check E001: after a release no migration may drop or narrow what the record holds.

It compares the models before and after each operation, so it needs no list of operations.
"""

import hashlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RenameModel, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.utils.choices import flatten_choices

from compliance.models.operations import RunInChangeset

APP = "compliance"
RELEASES = Path(settings.BASE_DIR) / "tests" / "releases"
# The tables that are only ever added to, beside those of the history, which are named Historical….
RECORD = {
    "accountstate",
    "identitystate",
    "changeset",
    "publication",
    "publishedfile",
    "contribution",
    "decision",
    "decisionsignature",
    "reviewcomment",
    "publicevent",
    "invitation",
    "recordedfactor",
    "factorremoval",
    "factorrenaming",
    "factorendorsement",
    "ledgerentry",
    "record",
    "review",
}
_LINE = re.compile(r"^([0-9a-f]{64}) [ *](\w+)\.py$", re.MULTILINE)
_KEEP = (
    "The record is kept for good. Add a column beside the old one, and leave the old one as it is."
)


def migrations_keep_the_record(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for all that migrations since a release take from the record (E001)."""
    return errors_since(RELEASES)


def errors_since(releases: Path) -> list[CheckMessage]:
    """Return the errors of the migrations since the releases that the files of a folder name."""
    faults = dict.fromkeys(
        fault for release in sorted(releases.glob("*.txt")) for fault in _faults_since(release)
    )
    return [Error(message, hint=hint, id="compliance.E001") for message, hint in faults]


def _faults_since(release: Path) -> Iterator[tuple[str, str]]:
    """Yield a message and a hint for each changed released migration, or each later loss."""
    loader = MigrationLoader(None)
    released = _LINE.findall(release.read_text(encoding="utf-8"))
    if not released:
        yield f"{release} names no migration.", "README.md beside it says how to write it."
        return
    changed = [name for sha256, name in released if _sha256(loader, name) != sha256]
    for name in changed:
        message = f"Migration {name} is not the one that was released ({release.name})."
        yield message, "Restore it, and add another migration."
    if not changed:
        for name, loss in _losses(loader, [(APP, name) for _, name in released]):
            yield f"Migration {name} {loss}.", _KEEP


def _sha256(loader: MigrationLoader, name: str) -> str:
    """Return the hash of the file of a migration, an empty text where there is none."""
    migration = loader.disk_migrations.get((APP, name))
    return (
        hashlib.sha256(Path(inspect.getfile(type(migration))).read_bytes()).hexdigest()
        if migration
        else ""
    )


def _losses(loader: MigrationLoader, released: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the name of a migration after the released ones with what it takes from the record."""
    state = loader.project_state(released)
    known = {key for node in released for key in loader.graph.forwards_plan(node)}
    later = dict.fromkeys(
        key for leaf in loader.graph.leaf_nodes(APP) for key in loader.graph.forwards_plan(leaf)
    )
    for app, name in later:
        if (app, name) in known:
            continue
        for operation in loader.graph.nodes[app, name].operations:
            if app == APP:
                yield from ((name, loss) for loss in _operation_losses(operation, state))
            operation.state_forwards(app, state)


def _operation_losses(operation: Operation, before: ProjectState) -> Iterator[str]:
    """Yield what an operation takes from the record."""
    if isinstance(operation, SeparateDatabaseAndState):
        for operations in (operation.database_operations, operation.state_operations):
            state = before.clone()
            for part in operations:
                yield from _operation_losses(part, state)
                part.state_forwards(APP, state)
        return
    if isinstance(operation, RunSQL):
        yield "runs SQL, whose effect on the record cannot be read"
    if isinstance(operation, RunPython) and not isinstance(operation, RunInChangeset):
        yield "runs Python without history: use RunInChangeset"
    after = before.clone()
    operation.state_forwards(APP, after)
    # Renaming a model changes what foreign keys name, not what they hold.
    compares_types = not isinstance(operation, RenameModel)
    for (app, name), model in before.models.items():
        if app == APP and (name in RECORD or name.startswith("historical")):
            yield from _model_losses(
                model, after.models.get((app, name)), compares_types=compares_types
            )


def _model_losses(
    before: ModelState, after: ModelState | None, *, compares_types: bool
) -> Iterator[str]:
    if after is None:
        yield f"drops or renames {before.name}"
        return
    if before.options.get("db_table") != after.options.get("db_table"):
        yield f"renames the table of {before.name}"
    for name, old in before.fields.items():
        column, new = f"{before.name}.{name}", after.fields.get(name)
        if new is None or old.db_column != new.db_column:
            yield f"drops or renames {column}"
        elif compares_types and _type(old) != _type(new):
            yield f"changes the type of {column}"
        else:
            yield from (f"{narrowing} {column}" for narrowing in _narrowings(old, new))


def _type(field: Any) -> tuple[str, Any]:
    """Return the type of a field and the model that it points to."""
    target = field.remote_field and field.remote_field.model
    return field.get_internal_type(), target


def _narrowings(old: Any, new: Any) -> Iterator[str]:
    """Yield each way in which a field takes less than it did."""
    if old.null and not new.null:
        yield "takes no more empty values in"
    if new.max_length is not None and (old.max_length is None or new.max_length < old.max_length):
        yield "shortens"
    if _digits(new) < _digits(old) or _decimal_places(new) < _decimal_places(old):
        yield "takes digits from"
    old_choices, choices = _choices(old), _choices(new)
    if choices and not (old_choices and old_choices <= choices):
        yield "removes choices of"


def _choices(field: Any) -> set[Any]:
    return {value for value, _ in flatten_choices(field.choices or ())}


def _digits(field: Any) -> int:
    """Return how many digits a decimal has before the point."""
    return (getattr(field, "max_digits", None) or 0) - _decimal_places(field)


def _decimal_places(field: Any) -> int:
    return getattr(field, "decimal_places", None) or 0
