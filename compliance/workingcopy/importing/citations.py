"""Citations: the marks of a page, with the fewest citations that print them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from compliance.models import Citation, Footnote, Register
from compliance.models.tracked import Tracked


@dataclass(frozen=True)
class Place:
    """One place that can carry marks: the citation's target field, the record, and what it is an occurrence of."""

    field: str
    record: Tracked
    cell: str = ""
    everywhere: Tracked | None = None

    @property
    def key(self) -> tuple[str, Any]:
        """The place as plain data, as `Citation.marked` gives it."""
        return self.cell or self.field, self.record.pk


# The target fields of a citation that means every place where the register lists the provider or model.
_EVERYWHERE = {"listed_provider": "provider", "listed_model": "model"}


def cite(
    register: Register, marks: dict[Place, tuple[int, ...]], notes: dict[int, Footnote]
) -> None:
    """Make the register's citations print exactly these marks; `notes` gives a mark's footnote.

    What already prints as wanted stays as it is. Otherwise a note on every occurrence of a provider, two or more, is
    cited everywhere, else in place.
    """
    existing: defaultdict[tuple[Any, Any], list[Citation]] = defaultdict(list)
    group_of = {place.key: _group(place) for place in marks}
    for citation in Citation.objects.filter(footnote__register=register):
        existing[citation.footnote_id, group_of.get(citation.marked, citation.marked)].append(
            citation
        )
    places: defaultdict[tuple[str, Any], list[Place]] = defaultdict(list)
    wanted: defaultdict[tuple[Any, Any], list[Place]] = defaultdict(list)
    for place, numbers in marks.items():
        places[_group(place)].append(place)
        for number in numbers:
            wanted[notes[number].pk, _group(place)].append(place)
    by_id = {note.pk: note for note in notes.values()}
    for note_id, group in dict.fromkeys([*existing, *wanted]):
        _settle(by_id.get(note_id), existing[note_id, group], wanted[note_id, group], places[group])


def _group(place: Place) -> tuple[str, Any]:
    """Return what a place is one occurrence of: its provider or model, else itself."""
    if place.everywhere is None:
        return place.key
    return _EVERYWHERE[place.field], place.everywhere.pk


def _settle(
    note: Footnote | None, existing: list[Citation], wanted: list[Place], places: list[Place]
) -> None:
    """Make one note's citations of one group of places print the wanted ones; None is a note that goes."""
    everywhere = [citation for citation in existing if citation.provider_id or citation.model_id]
    printed = (
        {place.key for place in places}
        if everywhere
        else {citation.marked for citation in existing}
    )
    if note is not None and printed == {place.key for place in wanted}:
        return
    keys: dict[tuple[str, Any], dict[str, Any]] = {}
    if len(wanted) > 1 and len(wanted) == len(places) and wanted[0].field == "listed_provider":
        keys[_group(wanted[0])] = {"provider": wanted[0].everywhere}
    else:
        keys = {place.key: {place.field: place.record, "cell": place.cell} for place in wanted}
    for citation in existing:
        if keys.pop(citation.marked, None) is None:
            citation.delete()
    for target in keys.values():
        Citation(footnote=note, **target).save()
