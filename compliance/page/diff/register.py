"""What changed beside the rows: the register's own texts, names, and what providers declare."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from compliance.page.diff.effects import declared_terms, terms_effect
from compliance.page.diff.sentences import join_names, row_label, verb_form
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Declared, Listing, Snapshot
from compliance.page.training import training_text

_COLUMNS = ("models", "providers", "training", "retention", "documents")


def text_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say which texts of the register read differently; the introduction is too long for a sentence."""
    old, new = before.register, after.register
    if old.intro != new.intro:
        yield Change(
            ChangeKind.TEXT,
            Effect.NEUTRAL,
            "The introduction reads differently.",
            about=("introduction",),
        )
    parts = [("title", old.title, new.title), ("language", old.language, new.language)]
    parts += [
        (f"label of the column {name}", getattr(old.columns, name), getattr(new.columns, name))
        for name in _COLUMNS
    ]
    parts.append(("address of its links", old.link_base, new.link_base))
    for part, was, now in parts:
        if was != now:
            yield Change(
                ChangeKind.TEXT,
                Effect.NEUTRAL,
                f"The {part} is “{now}” instead of “{was}”.",
                about=(part,),
            )


def name_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say which models and providers have another name; they are the same by their ids."""
    for kind, column in (
        (ChangeKind.MODEL_RENAMED, "models"),
        (ChangeKind.PROVIDER_RENAMED, "providers"),
    ):
        for id, was, now, rows in _said_otherwise(before, after, column, "name"):
            yield Change(
                kind,
                Effect.NEUTRAL,
                f"{was} is now called {now}{_where(rows)}.",
                about=(id, *_ids(rows)),
            )


def declaration_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say what a provider declares, where that changed: a reader sees it in the data, not on the page."""
    names = _sayings(after, "providers", "name")
    for id, was, now, rows in _said_otherwise(before, after, "providers", "declared"):
        effect = terms_effect(declared_terms(was), declared_terms(now))
        name = next(name for name, said_in in names[id].items() if not rows or rows[0] in said_in)
        sentence = f"{name} now declares {_declaration(now)}{_where(rows)}."
        yield Change(ChangeKind.DECLARED, effect, sentence, about=(id, *_ids(rows)))


def _said_otherwise(
    before: Snapshot, after: Snapshot, column: str, attribute: str
) -> Iterator[tuple[str, Any, Any, list[Listing]]]:
    """Give what is said otherwise of a model or provider: its id, before, now, and the rows that say so.

    No rows stand for all: only where a row was held back does the page say two things of one.
    """
    was, now = _sayings(before, column, attribute), _sayings(after, column, attribute)
    for id, sayings in now.items():
        for value, rows in sayings.items():
            if id in was and value not in was[id]:
                yield id, next(iter(was[id])), value, rows if len(sayings) > 1 else []


def _sayings(
    snapshot: Snapshot, column: str, attribute: str
) -> dict[str, dict[Any, list[Listing]]]:
    sayings: defaultdict[str, defaultdict[Any, list[Listing]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for listing in snapshot.listings:
        for each in getattr(listing, column):
            sayings[each.id][getattr(each, attribute)].append(listing)
    return {id: dict(values) for id, values in sayings.items()}


def _where(rows: list[Listing]) -> str:
    return (
        f" in {verb_form(len(rows), 'the row', 'the rows')} of {join_names(map(row_label, rows))}"
        if rows
        else ""
    )


def _ids(rows: list[Listing]) -> Iterator[str]:
    return (row.id for row in rows)


def _declaration(declared: Declared | None) -> str:
    parts = []
    if declared and declared.training:
        parts.append(f"“{training_text(declared.training)}” of training")
    if declared and declared.retention:
        parts.append(f"“{declared.retention.text}” of retention")
    return join_names(parts) or "nothing of its own"
