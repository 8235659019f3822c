"""Making the working copy of a register equal to a page."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from compliance.models import Changeset, Footnote, Register, User
from compliance.models.changesets import changeset
from compliance.page import diff, snapshot
from compliance.workingcopy.citations import write_marks
from compliance.workingcopy.importing.documents import documents_shown
from compliance.workingcopy.importing.errors import NotImportable
from compliance.workingcopy.importing.listings import Named, write_listings
from compliance.workingcopy.importing.parties import models_named, providers_named, terms_worded
from compliance.workingcopy.matching import match_texts
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True)
class Imported:
    """What an import did: the register, whether it is new, what changed, and the working copy after it."""

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
    """Do as `write_page`, in a changeset of its own; raises what `changeset` raises too."""
    with changeset(by=by, label=label, reason=reason, source=Changeset.Source.IMPORT.value):
        return write_page(page, slug=slug)


def write_page(page: snapshot.Snapshot, *, slug: str) -> Imported:
    """Make the working copy of a register equal to a page with the fewest writes, in the changeset that is open.

    The first import creates the register. Raises NotImportable for what the working copy cannot hold: then the
    changeset must be taken back.
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
    """Write what differs, each record after those it points at; what is gone goes last."""
    _refuse_empty_cells(page)
    _write_register(register, page.register)
    footnotes = list(register.footnotes.all())
    notes = _write_footnotes(register, footnotes, page)
    named = Named(terms_worded(page), models_named(page, register), providers_named(page, register))
    documents = documents_shown(page, register, named.providers)
    marks = write_listings(page, register, named, documents, before)
    write_marks(register, marks, notes)
    for footnote in footnotes:
        if footnote not in notes.values():
            footnote.delete()
    documents.delete_dropped()
    return register


def _refuse_empty_cells(page: snapshot.Snapshot) -> None:
    for row, listing in enumerate(page.listings, start=1):
        for cell, wording in (
            ("training", listing.training.text),
            ("retention", listing.retention.text),
        ):
            if not wording:
                raise NotImportable(
                    f"Row {row} has an empty {cell} cell. Write what is known, or Not specified."
                )


def _write_register(register: Register, head: snapshot.Register) -> None:
    register.set(
        title=head.title,
        intro=head.intro,
        models_label=head.columns.models,
        providers_label=head.columns.providers,
        training_label=head.columns.training,
        retention_label=head.columns.retention,
        documents_label=head.columns.documents,
    )


def _write_footnotes(
    register: Register, existing: list[Footnote], page: snapshot.Snapshot
) -> dict[int, Footnote]:
    """Return the footnote of each number, written where it differs."""
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
    """Return what the models refused: in which record, which field, and what stood there."""
    record = getattr(error, "record", None)
    if record is None or not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    said = [f"{str(record._meta.verbose_name).capitalize()} {str(record)[:60]!r} cannot be kept."]
    for field, messages in error.message_dict.items():
        if field != "slug" or "name" not in error.message_dict:  # a slug follows from the name
            said.append(f"{field} {str(getattr(record, field, ''))[:60]!r}: {' '.join(messages)}")
    return " ".join(said)


def _first_difference(after: snapshot.Snapshot, page: snapshot.Snapshot) -> str:
    """Return the first printed part in which the working copy departs from the page."""
    kept, wanted = after.printed(), page.printed()
    for row, (ours, theirs) in enumerate(
        zip(kept["listings"], wanted["listings"], strict=False), start=1
    ):
        for cell in theirs:
            if ours[cell] != theirs[cell]:
                return f"row {row} has {theirs[cell]} in {cell}, the working copy would have {ours[cell]}."
    differing = [part for part in wanted if kept[part] != wanted[part]]
    return f"they differ in {', '.join(differing)}."
