"""Import a page: make the working copy of a register equal to it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from compliance.models import Changeset, Footnote, Register, User
from compliance.models.changesets import changeset
from compliance.page import diff, snapshot
from compliance.page.table import Section
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.citations import write_marks
from compliance.workingcopy.importing.documents import documents_shown
from compliance.workingcopy.importing.errors import NotImportable
from compliance.workingcopy.importing.listings import RowsByName, write_listings
from compliance.workingcopy.importing.parties import models_named, providers_named, terms_worded
from compliance.workingcopy.matching import match_texts
from compliance.workingcopy.resolve import capture

_ROLES = [
    ColumnRole.MODELS,
    ColumnRole.PROVIDERS,
    ColumnRole.TRAINING,
    ColumnRole.RETENTION,
    ColumnRole.DOCUMENTS,
]


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
) -> Imported:
    """Import a page in a changeset of its own.

    Raises NotImportable as `write_page` does, and what `changeset` raises.
    """
    with changeset(by=by, label=label, reason=reason, source=Changeset.Source.IMPORT.value):
        return write_page(page, slug=slug)


def write_page(page: snapshot.Snapshot, *, slug: str) -> Imported:
    """Make the working copy of a register equal to a page, in the open changeset.

    The register is created if none has the slug. Raises NotImportable if the working copy could not
    print the page as it is. Some of it may be written by then, so the caller must let the exception
    end the changeset.
    """
    register = Register.objects.filter(slug=slug).first()
    created = register is None
    before = None if register is None else capture(register)
    try:
        register = _import(page, register or Register(slug=slug), before)
    except ValidationError as error:
        raise NotImportable(_sentence(error)) from error
    after = capture(register)
    if after.printed() != page.printed():
        raise NotImportable(
            f"The page cannot be kept as it is printed: {_first_difference(after, page)}"
        )
    return Imported(register, created, diff.compare(before, after), after)


def _import(
    page: snapshot.Snapshot, register: Register, before: snapshot.Snapshot | None
) -> Register:
    """Write what differs, and return the register.

    Records are written after those that they refer to. What the page no longer has is deleted last,
    when nothing refers to it any more.
    """
    section = _only_table(page)
    _refuse_empty_cells(page)
    _write_register(register, page.register, section)
    footnotes = list(register.footnotes.all())
    notes = _write_footnotes(register, footnotes, page)
    named = RowsByName(
        terms_worded(page), models_named(page, register), providers_named(page, register)
    )
    documents = documents_shown(page, register, named.providers)
    marks = write_listings(page, register, named, documents, before)
    write_marks(register, marks, notes)
    for footnote in footnotes:
        if footnote not in notes.values():
            footnote.delete()
    documents.delete_dropped()
    return register


def _only_table(page: snapshot.Snapshot) -> Section:
    """Return the one section of a page whose table has the five columns of a register."""
    if len(page.sections) != 1 or not page.sections[0].columns:
        raise NotImportable(
            f"The page has {len(page.sections)} sections. Leave one, and a table in it."
        )
    roles = [column.role for column in page.sections[0].columns]
    if roles != _ROLES:
        raise NotImportable(
            f"The columns are {', '.join(roles)}. A register has {', '.join(_ROLES)}."
        )
    return page.sections[0]


def _refuse_empty_cells(page: snapshot.Snapshot) -> None:
    for number, row in enumerate(page.rows(), start=1):
        for column, cell in row.cells:
            if column.role.is_claim and not cell.plain:
                raise NotImportable(
                    f"Row {number} has an empty {column.role} cell. "
                    "Write what is known, or Not specified."
                )


def _write_register(register: Register, head: snapshot.Register, section: Section) -> None:
    labels = {f"{column.role}_label": column.label for column in section.columns}
    register.set(title=head.title, intro=section.prose, **labels)


def _write_footnotes(
    register: Register, existing: list[Footnote], page: snapshot.Snapshot
) -> dict[int, Footnote]:
    """Make the register's footnotes those of the page; return them by number."""
    partners = match_texts(
        [(note.position, note.text) for note in existing],
        [(note.number, note.text) for note in page.footnotes],
    )
    notes: dict[int, Footnote] = {}
    for partner, note in zip(partners, page.footnotes, strict=True):
        footnote = Footnote(register=register) if partner is None else existing[partner]
        footnote.set(position=note.number, text=note.text)
        notes[note.number] = footnote
    return notes


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
        value = str(getattr(record, field, ""))[:60]
        sentences.append(f"{field} {value!r}: {' '.join(messages)}")
    return " ".join(sentences)


def _first_difference(after: snapshot.Snapshot, page: snapshot.Snapshot) -> str:
    """Return the first difference in print between the imported working copy and the page."""
    [kept], [wanted] = after.printed()["sections"], page.printed()["sections"]
    rows = zip(kept["listings"], wanted["listings"], strict=False)
    for number, (kept_row, wanted_row) in enumerate(rows, start=1):
        for label, kept_cell, cell in zip(wanted["columns"], kept_row, wanted_row, strict=True):
            if kept_cell != cell:
                return (
                    f"row {number} has {cell} in {label}, the working copy would have {kept_cell}."
                )
    parts = {**wanted, **page.printed()}
    parts_kept = {**kept, **after.printed()}
    differing = [part for part in parts if part != "sections" and parts_kept[part] != parts[part]]
    return f"they differ in {', '.join(differing)}."
