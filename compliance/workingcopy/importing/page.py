"""Import a page: make the working copy of a register equal to it."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from compliance.models import Changeset, Footnote, Register, User
from compliance.models.bulk import delete_all
from compliance.models.changesets import changeset, current_changeset
from compliance.page import diff, snapshot, table
from compliance.page.diff.sentences import row_label
from compliance.page.matching import Partners
from compliance.page.table import DocumentItem
from compliance.workingcopy.citations import write_marks
from compliance.workingcopy.importing.continuations import refuse_continuations
from compliance.workingcopy.importing.documents import write_documents
from compliance.workingcopy.importing.errors import NotImportable
from compliance.workingcopy.importing.identity import given_id, refuse_foreign_ids
from compliance.workingcopy.importing.kept_claims import refuse_other_meanings
from compliance.workingcopy.importing.listings import write_listings
from compliance.workingcopy.importing.normal import normal_page
from compliance.workingcopy.importing.parties import write_parties
from compliance.workingcopy.importing.printed import named_as_before
from compliance.workingcopy.importing.sections import write_sections
from compliance.workingcopy.matching import ColumnPlace, match_texts
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.writes import Writes


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    `created` tells whether the register is new, `snapshot` is the working copy after the import and
    `changes` how it differs from the one before.
    """

    register: Register
    created: bool
    changes: tuple[diff.Change, ...]
    snapshot: snapshot.Snapshot


def import_page(
    page: snapshot.Snapshot,
    *,
    slug: str,
    reason: str,
    by: "User | None" = None,
    label: str = "",
    with_facts: bool = False,
) -> Imported:
    """Import a page in a changeset of its own.

    Raises NotImportable as `write_page` does, and what `changeset` raises.
    """
    with changeset(by=by, label=label, reason=reason, source=Changeset.Source.IMPORT.value):
        return write_page(page, slug=slug, with_facts=with_facts)


def write_page(
    page: snapshot.Snapshot,
    *,
    slug: str,
    with_facts: bool = False,
    continued: Mapping[ColumnPlace, str | None] | None = None,
) -> Imported:
    """Make the working copy of a register equal to a page, in the open changeset.

    The register is created if none has the slug. `with_facts` says that the page comes from JSON:
    its ids, its facts of models, providers and documents, and what its columns and claims mean
    become those of the register. A page in Markdown has none, so they stay as they are. `continued`
    tells for columns with a new label the key of the register's column that each is, or None where
    it is a new one; for others it is worked out.

    Raises NotImportable if the working copy could not print the page as it is, or if claims of JSON
    would mean something else there. Some of it may be written by then, so the caller must let the
    exception end the changeset.
    """
    with _paused_garbage_collection():
        wanted = normal_page(page) if with_facts else page
        imported = _write_page(wanted, continued or {}, slug=slug, with_facts=with_facts)
        if with_facts:
            refuse_other_meanings(page, imported.snapshot)
        return imported


def _write_page(
    page: snapshot.Snapshot,
    continued: Mapping[ColumnPlace, str | None],
    *,
    slug: str,
    with_facts: bool,
) -> Imported:
    if not page.sections:
        raise NotImportable("The page has no section. Give it a text or a table.")
    opened = current_changeset()
    register = Register.objects.filter(slug=slug).first()
    created = register is None
    before = None if register is None else capture(register)
    if before is not None and not with_facts:
        page = named_as_before(page, before)
    rows_before = opened.written
    try:
        register = _import(
            page, register or Register(slug=slug), before, continued, with_facts=with_facts
        )
    except ValidationError as error:
        raise NotImportable(_sentence(error)) from error
    after = before
    if after is None or opened.written > rows_before:
        after = capture(register)
    if after.printed() != page.printed():
        raise NotImportable(
            f"The page cannot be kept as it is printed: {_first_difference(after, page)}"
        )
    return Imported(register, created, diff.compare(before, after), after)


@contextmanager
def _paused_garbage_collection() -> Iterator[None]:
    """Keep Python from looking for garbage while an import makes objects that all stay.

    Looking through them again and again would take a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _import(
    page: snapshot.Snapshot,
    register: Register,
    before: snapshot.Snapshot | None,
    continued: Mapping[ColumnPlace, str | None],
    *,
    with_facts: bool,
) -> Register:
    """Write what differs, and return the register.

    Records are written after those that they refer to. What the page no longer has is deleted last,
    when nothing refers to it any more.
    """
    refuse_foreign_ids(page, register)
    refuse_continuations(page, register)
    _write_register(register, page.register, with_facts=with_facts)
    tables = write_sections(page, register, before, with_facts=with_facts, continued=continued)
    footnotes = list(register.footnotes.all())
    notes = _write_footnotes(register, footnotes, page, with_facts=with_facts)
    parties = write_parties(page, register, with_facts=with_facts)
    documents = write_documents(page, parties, with_facts=with_facts)
    marks = write_listings(register, tables, parties, documents, before, with_facts=with_facts)
    write_marks(register, marks, notes)
    kept = {footnote.pk for footnote in notes.values()}
    delete_all(tables.dropped)
    delete_all(footnote for footnote in footnotes if footnote.pk not in kept)
    documents.delete_dropped()
    return register


def _write_register(register: Register, head: snapshot.Register, *, with_facts: bool) -> None:
    facts = {"link_base": head.link_base, "language": head.language} if with_facts else {}
    register.set(title=head.title, **facts)


def _write_footnotes(
    register: Register,
    existing: list[Footnote],
    page: snapshot.Snapshot,
    *,
    with_facts: bool,
) -> dict[int, Footnote]:
    """Make the register's footnotes those of the page; return them by number."""
    writes = Writes()
    notes: dict[int, Footnote] = {}
    for partner, note in zip(_note_partners(existing, page), page.footnotes, strict=True):
        footnote = Footnote(register=register) if partner is None else existing[partner]
        if partner is None:
            footnote.id = given_id(note.id) or footnote.id
        # A page in Markdown gives a last day only where a person took what the text names.
        facts = {"valid_until": note.valid_until} if with_facts or note.valid_until else {}
        writes.set(footnote, position=note.number, text=note.text, **facts)
        notes[note.number] = footnote
    writes.write()
    return notes


def _note_partners(existing: list[Footnote], page: snapshot.Snapshot) -> Partners:
    """Return for each note of the page the index of the footnote that it continues, or None."""
    places = {str(footnote.pk): place for place, footnote in enumerate(existing)}
    partners: Partners = [places.get(note.id) for note in page.footnotes]
    by_id = set(partners)
    free = [i for i in range(len(existing)) if i not in by_id]
    lacking = [j for j, partner in enumerate(partners) if partner is None]
    matches = match_texts(
        [(existing[i].position, existing[i].text) for i in free],
        [(page.footnotes[j].number, page.footnotes[j].text) for j in lacking],
    )
    for j, match in zip(lacking, matches, strict=True):
        partners[j] = None if match is None else free[match]
    return partners


def _sentence(error: ValidationError) -> str:
    """Return a validation error as sentences that name the record, the field and its value."""
    record = getattr(error, "record", None)
    if record is None or not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    kind = str(record._meta.verbose_name).capitalize()
    sentences = [f"{kind} {str(record)[:60]!r} cannot be kept."]
    for field, messages in error.message_dict.items():
        # The slug is made from the name, so the message about the name says it all.
        if field == "slug" and "name" in error.message_dict:
            continue
        if field == NON_FIELD_ERRORS:
            sentences += messages
            continue
        value = str(getattr(record, field, ""))[:60]
        sentences.append(f"{field} {value!r}: {' '.join(messages)}")
    return " ".join(sentences)


def _first_difference(after: snapshot.Snapshot, page: snapshot.Snapshot) -> str:
    """Return the first difference in print between the imported working copy and the page."""
    for kept, wanted in zip(after.rows(), page.rows(), strict=False):
        for (_, kept_cell), (column, wanted_cell) in zip(kept.cells, wanted.cells, strict=False):
            if _quoted(kept_cell) != _quoted(wanted_cell):
                return (
                    f"{_row_place(page, wanted)} has {_quoted(wanted_cell)} in “{column.label}”, "
                    f"the working copy would have {_quoted(kept_cell)}."
                )
    kept_page, wanted_page = after.printed(), page.printed()
    differing = [part for part in wanted_page if kept_page[part] != wanted_page[part]]
    return f"they differ in {', '.join(differing)}."


def _row_place(page: snapshot.Snapshot, row: table.Row) -> str:
    """Return which row it is, as readers count them: row 2 (GPT 6)."""
    return f"row {[other.id for other in page.rows()].index(row.id) + 1} ({row_label(row)})"


def _quoted(cell: table.Cell) -> str:
    """Return what a cell prints as one text, with its addresses and the numbers of its marks."""
    items = []
    for item in cell.items:
        address = f" at {item.url}" if isinstance(item, DocumentItem) else ""
        marks = f" with the notes {', '.join(map(str, item.footnotes))}" if item.footnotes else ""
        items.append(f"“{item.text}”{address}{marks}")
    return ", ".join(items) or "nothing"
