"""The changes from one snapshot of a register to the next."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from compliance.page.diff.cells import cell_changes, document_changes, document_fact_changes
from compliance.page.diff.companies import name_companies
from compliance.page.diff.content import has_same_content
from compliance.page.diff.continued import id_changes, with_later_ids
from compliance.page.diff.facts import declaration_changes, fact_changes, name_changes
from compliance.page.diff.footnotes import footnote_changes
from compliance.page.diff.gains import spoil_unchecked_gains
from compliance.page.diff.marks import mark_changes, marks_of
from compliance.page.diff.register import text_changes
from compliance.page.diff.reorderings import fold_reorderings
from compliance.page.diff.row_changes import ContinuedRow
from compliance.page.diff.rows import RowIndex, row_added, row_index, row_removed, rows_moved
from compliance.page.diff.sections import section_changes
from compliance.page.diff.seen import as_seen
from compliance.page.diff.sentences import with_single_stops
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.remembered import by_identity
from compliance.page.row_pairs import RowPair, differing_rows
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row
from compliance.page.vocabulary import ColumnRole


def compare(
    before: Snapshot | None, after: Snapshot, *, are_neighbours: bool = True
) -> tuple[Change, ...]:
    """Return the changes from one snapshot to another of the same register, in page order.

    Sections, listings and footnotes are compared by id, columns by key and role. Without a snapshot
    before, every listing and footnote is new. There is no change only if both snapshots have the
    same content: ids of documents do not count, nor does what no reader can see, such as a
    no-break space for a blank.

    `are_neighbours` says that no other page was public between the two. Otherwise no model is said
    to take the place of another, and nothing to be new: it may have come and gone meanwhile.
    """
    return _compared(before, after, are_neighbours)


@by_identity(16)
def _compared(before: Snapshot | None, after: Snapshot, are_neighbours: bool) -> tuple[Change, ...]:
    if before is None:
        # Nothing was promised before, so nothing can be better or worse.
        first = _told(Snapshot(after.register, ()), after, are_neighbours=True)
        return tuple(replace(change, effect=Effect.NEUTRAL) for change in first)
    changes = _told(before, after, are_neighbours=are_neighbours)
    if not changes:
        return ()
    old, new = as_seen(before), as_seen(after)
    if old is before and new is after:
        return changes
    return _told(old, new, are_neighbours=are_neighbours)


def _told(before: Snapshot, after: Snapshot, *, are_neighbours: bool) -> tuple[Change, ...]:
    known = with_later_ids(before, after)
    found = [*id_changes(before, after), *_changes(known, after, are_neighbours=are_neighbours)]
    # Several rows may tell the same of a document that they show.
    sentences = dict.fromkeys(map(_punctuated, found))
    folded = fold_reorderings(tuple(sentences), after)
    changes = spoil_unchecked_gains(tuple(_with_own_keys(folded)), known, after)
    if changes or has_same_content(before, after):
        return changes
    sentence = "The page differs in a detail that no sentence describes."
    change = Change(
        ChangeKind.TEXT, Effect.UNJUDGED, sentence, about=("page",), touches_promise=True
    )
    return (change,)


def _with_own_keys(changes: Iterable[Change]) -> Iterator[Change]:
    """Give changes of which no two have one key: of two documents printed alike, one is "2"."""
    counts: Counter[str] = Counter()
    for change in changes:
        key = change.key
        counts[key] += 1
        if counts[key] > 1:
            change = replace(change, about=(*change.about, str(counts[key])))
        yield change


def _punctuated(change: Change) -> Change:
    return replace(change, sentence=with_single_stops(change.sentence))


def _changes(before: Snapshot, after: Snapshot, *, are_neighbours: bool) -> Iterator[Change]:
    old_rows, new_rows = row_index(before), row_index(after)
    yield from text_changes(before, after)
    yield from section_changes(before, after)
    yield from name_changes(before, after)
    yield from declaration_changes(before, after)
    yield from fact_changes(before, after)
    pairs = differing_rows(before, after)
    of_rows = _row_changes(pairs, old_rows, new_rows, are_neighbours=are_neighbours)
    yield from name_companies(of_rows, old_rows, new_rows, are_neighbours=are_neighbours)
    yield from rows_moved(before, after)
    old_marks, new_marks = marks_of(before), marks_of(after)
    yield from footnote_changes(before, after, old_marks, new_marks)
    yield from mark_changes(old_marks, new_marks)


def _row_changes(
    pairs: Iterable[RowPair], old_rows: RowIndex, new_rows: RowIndex, *, are_neighbours: bool
) -> Iterator[Change]:
    for _, old, new in pairs:
        if old and new:
            if old.listing != new.listing:
                continued = ContinuedRow(old, new, old_rows, new_rows, are_neighbours)
                yield from _continued_row_changes(continued)
        elif new:
            yield from row_added(new, old_rows, new_rows)
        elif old:
            yield from row_removed(old, old_rows, new_rows)


def _continued_row_changes(continued: ContinuedRow) -> Iterator[Change]:
    old, new = continued.old, continued.new
    if old.models != new.models:
        yield from continued.model_changes()
    if old.providers != new.providers:
        yield from continued.provider_changes()
    yield from cell_changes(old, new)
    # A column that came or went is told once, for all the rows of its table.
    has_moved = old.section.id != new.section.id
    if has_moved or _has_documents(old) == _has_documents(new):
        yield from document_changes(old, new)
    if old.documents != new.documents:
        yield from document_fact_changes(old, new, continued.after.provider_names)


def _has_documents(row: Row) -> bool:
    return row.section.column(ColumnRole.DOCUMENTS) is not None
