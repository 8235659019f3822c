"""Citations: which footnotes mark what. The admin and imports write them here and nowhere else."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.models import (
    AIModel,
    Cell,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Provider,
    Register,
)
from compliance.models.tracked import Tracked
from compliance.workingcopy.writes import Writes

# The field of a citation that points at what it marks. A provider or model as target means:
# wherever the footnote's register lists it.
_TARGET_FIELDS: dict[type[Tracked], str] = {
    ListedModel: "listed_model",
    ListedProvider: "listed_provider",
    ListedDocument: "listed_document",
    Cell: "cell",
    Provider: "provider",
    AIModel: "model",
}


def cite(writes: Writes, footnote: Footnote, target: Tracked) -> None:
    """Add to `writes` what marks a target with a footnote, unless it is marked already.

    Prefetched `citations` of the target are used. The target may be new, if `writes` saves it.
    """
    if target._state.adding or not _citations_of(target, footnote):
        writes.set(_new_citation(footnote, target))


def uncite(writes: Writes, footnote: Footnote, target: Tracked) -> None:
    """Add to `writes` what takes the mark of a footnote off a target; see `cite`."""
    if not target._state.adding:
        for citation in _citations_of(target, footnote):
            writes.delete(citation)


def set_citations(target: Any, footnotes: Collection[Footnote]) -> None:
    """Make the footnotes that mark a target exactly these."""
    wanted = {footnote.pk for footnote in footnotes}
    present = list(target.citations.all())
    for citation in present:
        if citation.footnote_id not in wanted:
            citation.delete()
    cited = {citation.footnote_id for citation in present}
    for footnote in footnotes:
        if footnote.pk not in cited:
            _new_citation(footnote, target).save()


def set_cited_everywhere(footnote: Footnote, targets: Iterable[Provider | AIModel]) -> None:
    """Make what a footnote marks wherever its register lists it exactly these."""
    wanted = list(targets)
    present = []
    for citation in footnote.citations.select_related("provider", "model"):
        record = citation.provider or citation.model
        if record is None:
            continue
        present.append(record)
        if record not in wanted:
            citation.delete()
    for record in wanted:
        if record not in present:
            _new_citation(footnote, record).save()


def _citations_of(target: Any, footnote: Footnote) -> list[Citation]:
    return [citation for citation in target.citations.all() if citation.footnote_id == footnote.pk]


def _new_citation(footnote: Footnote, target: Tracked) -> Citation:
    return Citation(footnote=footnote, **{_TARGET_FIELDS[type(target)]: target})


@dataclass(frozen=True)
class MarkedPlace:
    """One place of a page that can carry marks.

    `record` is what prints there: something that a listing lists, or a cell. Where that is a model
    or provider, `everywhere` is the record that other listings may print too.
    """

    record: Tracked
    everywhere: Tracked | None = None

    @property
    def key(self) -> tuple[str, Any]:
        """The place as plain data, equal to the `marked` of its citations."""
        return _TARGET_FIELDS[type(self.record)], self.record.pk

    @property
    def group(self) -> tuple[str, Any]:
        """What the place is an occurrence of: its provider or model, otherwise itself."""
        if self.everywhere is None:
            return self.key
        return _TARGET_FIELDS[type(self.everywhere)], self.everywhere.pk


# The numbers of the footnotes that mark each place of a page.
Marks = dict[MarkedPlace, tuple[int, ...]]


def write_marks(register: Register, marks: Marks, footnotes: Mapping[int, Footnote]) -> None:
    """Make the register's citations print exactly these marks, with the fewest writes.

    `footnotes` holds the footnote of each number. What already prints as wanted stays as it is.
    Otherwise a footnote on every occurrence of a provider that is listed more than once is cited on
    the provider, and all others where they print.
    """
    groups = {place.key: place.group for place in marks}
    present: defaultdict[tuple[Any, Any], list[Citation]] = defaultdict(list)
    for citation in Citation.objects.filter(footnote__register=register):
        group = groups.get(citation.marked, citation.marked)
        present[citation.footnote_id, group].append(citation)
    places: defaultdict[tuple[str, Any], list[MarkedPlace]] = defaultdict(list)
    wanted: defaultdict[tuple[Any, Any], list[MarkedPlace]] = defaultdict(list)
    for place, numbers in marks.items():
        places[place.group].append(place)
        for number in numbers:
            wanted[footnotes[number].pk, place.group].append(place)
    by_id = {footnote.pk: footnote for footnote in footnotes.values()}
    writes = Writes()
    for footnote_id, group in dict.fromkeys([*present, *wanted]):
        citations, wanted_places = present[footnote_id, group], wanted[footnote_id, group]
        footnote = by_id.get(footnote_id)
        if footnote is None:  # The page no longer has the footnote: its last citations go first.
            for citation in citations:
                writes.delete(citation)
        elif not _prints_as_wanted(citations, wanted_places, places[group]):
            _rewrite(writes, footnote, citations, wanted_places, places[group])
    writes.write()


def _prints_as_wanted(
    citations: list[Citation], wanted: list[MarkedPlace], places: list[MarkedPlace]
) -> bool:
    """Return whether the citations of a footnote print in exactly the wanted places of a group."""
    is_everywhere = any(citation.provider_id or citation.model_id for citation in citations)
    if is_everywhere:
        printed = {place.key for place in places}
    else:
        printed = {citation.marked for citation in citations}
    return printed == {place.key for place in wanted}


def _rewrite(
    writes: Writes,
    footnote: Footnote,
    citations: list[Citation],
    wanted: list[MarkedPlace],
    places: list[MarkedPlace],
) -> None:
    """Replace the citations of one footnote in a group of places by the wanted ones."""
    new: dict[tuple[str, Any], Citation] = {}
    is_on_all = 1 < len(wanted) == len(places)
    if is_on_all and isinstance(wanted[0].everywhere, Provider):
        new[wanted[0].group] = _new_citation(footnote, wanted[0].everywhere)
    else:
        for place in wanted:
            new[place.key] = _new_citation(footnote, place.record)
    for citation in citations:
        is_kept = new.pop(citation.marked, None) is not None
        if not is_kept:
            writes.delete(citation)
    for citation in new.values():
        writes.set(citation)
