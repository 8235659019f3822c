"""Changes outside of the rows: the register's texts, names, and what providers declare."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from compliance.page.diff.effects import declared_terms, terms_effect
from compliance.page.diff.sentences import join_names, row_label, verb_form
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Declared, Snapshot
from compliance.page.table import Listing
from compliance.page.training import training_text

_COLUMNS = ("models", "providers", "training", "retention", "documents")


def text_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the texts of the register that changed; the introduction is too long to be quoted."""
    old, new = before.register, after.register
    if old.intro != new.intro:
        sentence = "The introduction reads differently."
        yield Change(ChangeKind.TEXT, Effect.NEUTRAL, sentence, about=("introduction",))
    texts = [("title", old.title, new.title), ("language", old.language, new.language)]
    for column in _COLUMNS:
        old_label, new_label = getattr(old.columns, column), getattr(new.columns, column)
        texts.append((f"label of the column {column}", old_label, new_label))
    texts.append(("address of its links", old.link_base, new.link_base))
    for name, old_text, new_text in texts:
        if old_text != new_text:
            sentence = f"The {name} is “{new_text}” instead of “{old_text}”."
            yield Change(ChangeKind.TEXT, Effect.NEUTRAL, sentence, about=(name,))


def name_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the models and providers that have another name; they are identified by their ids."""
    for kind, column in (
        (ChangeKind.MODEL_RENAMED, "models"),
        (ChangeKind.PROVIDER_RENAMED, "providers"),
    ):
        for change in _attribute_changes(before, after, column, "name"):
            sentence = f"{change.old} is now called {change.new}{_in_rows(change.rows)}."
            yield Change(kind, Effect.NEUTRAL, sentence, about=change.about)


def declaration_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the providers that declare something else; the page does not print it, the JSON does."""
    names = _rows_by_value(after, "providers", "name")
    for change in _attribute_changes(before, after, "providers", "declared"):
        effect = terms_effect(declared_terms(change.old), declared_terms(change.new))
        name = next(
            name
            for name, rows in names[change.id].items()
            if not change.rows or change.rows[0] in rows
        )
        sentence = f"{name} now declares {_declaration(change.new)}{_in_rows(change.rows)}."
        yield Change(ChangeKind.DECLARED, effect, sentence, about=change.about)


@dataclass(frozen=True, slots=True)
class _AttributeChange:
    """Another value of a model's or provider's attribute, and the rows that have it.

    No rows stand for all of them: the page has two values only where a row was held back.
    """

    id: str
    old: Any
    new: Any
    rows: list[Listing]

    @property
    def about(self) -> tuple[str, ...]:
        """What the change is about: the model or provider, then the rows."""
        return (self.id, *(row.id for row in self.rows))


def _attribute_changes(
    before: Snapshot, after: Snapshot, column: str, attribute: str
) -> Iterator[_AttributeChange]:
    old_values = _rows_by_value(before, column, attribute)
    for id, new_values in _rows_by_value(after, column, attribute).items():
        for value, rows in new_values.items():
            if id in old_values and value not in old_values[id]:
                old = next(iter(old_values[id]))
                yield _AttributeChange(id, old, value, rows if len(new_values) > 1 else [])


def _rows_by_value(
    snapshot: Snapshot, column: str, attribute: str
) -> dict[str, dict[Any, list[Listing]]]:
    """Return, by the id of each model or provider, the rows by the value that its attribute has."""
    rows: defaultdict[str, dict[Any, list[Listing]]] = defaultdict(dict)
    for listing in snapshot.listings:
        for party in getattr(listing, column):
            rows[party.id].setdefault(getattr(party, attribute), []).append(listing)
    return dict(rows)


def _in_rows(rows: list[Listing]) -> str:
    if not rows:
        return ""
    the_rows = verb_form(len(rows), "the row", "the rows")
    return f" in {the_rows} of {join_names(map(row_label, rows))}"


def _declaration(declared: Declared | None) -> str:
    parts = []
    if declared and declared.training:
        parts.append(f"“{training_text(declared.training)}” of training")
    if declared and declared.retention:
        parts.append(f"“{declared.retention.text}” of retention")
    return join_names(parts) or "nothing of its own"
