"""The ids that a file gives to sections, listings and footnotes.

They are kept where they belong to the register or are free. A page in Markdown gives none: its
reader only counts.
"""

from collections.abc import Iterator
from uuid import UUID

from compliance.models import Footnote, Listing, Register, Section
from compliance.models.ledger import chunks
from compliance.models.tracked import Tracked
from compliance.page.snapshot import Snapshot
from compliance.workingcopy.importing.errors import NotImportable


def given_id(id: str) -> UUID | None:
    """Return an id of the registry, None for one that only counts."""
    try:
        found = UUID(id)
    except ValueError:
        return None
    return found if str(found) == id else None


def refuse_foreign_ids(page: Snapshot, register: Register) -> None:
    """Raise NotImportable, with the place, for an id that belongs to another register."""
    places = dict(_places(page))
    kinds: tuple[tuple[type[Tracked], str], ...] = (
        (Section, "register"),
        (Listing, "section__register"),
        (Footnote, "register"),
    )
    for model, owner in kinds:
        ids = [id for kind, id in places if kind is model]
        for batch in chunks(ids):
            owners = model._default_manager.filter(pk__in=batch).values_list("pk", f"{owner}__slug")
            for id, slug in owners:
                if slug != register.slug:
                    raise NotImportable(
                        f"{places[model, id]}, {id}, belongs to the register {slug}. "
                        "Give it an id of its own, or import the file there."
                    )


def _places(page: Snapshot) -> Iterator[tuple[tuple[type[Tracked], UUID], str]]:
    """Yield each given id, with the kind of what it names and its place in the JSON."""
    for number, section in enumerate(page.sections):
        place = f"$.sections[{number}]"
        if id := given_id(section.id):
            yield (Section, id), f"{place}.id"
        for index, listing in enumerate(section.listings):
            if id := given_id(listing.id):
                yield (Listing, id), f"{place}.listings[{index}].id"
    for index, note in enumerate(page.footnotes):
        if id := given_id(note.id):
            yield (Footnote, id), f"$.footnotes[{index}].id"
