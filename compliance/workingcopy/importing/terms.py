"""The retention terms that a page prints and declares, and what they mean."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compliance.models import (
    AIModel,
    Cell,
    ListedModel,
    ListedProvider,
    Provider,
    RetentionClause,
    RetentionTerm,
)
from compliance.models.positions import STEP
from compliance.page import inline, snapshot, table
from compliance.page.derived import term_in
from compliance.page.retention import read_clauses
from compliance.page.vocabulary import Basis, ColumnRole
from compliance.workingcopy.importing.elsewhere import Elsewhere
from compliance.workingcopy.writes import Writes


@dataclass(frozen=True)
class _Reading:
    """What a page says that a wording means: in a column, or where it is declared (None).

    `is_stated` is False in a cell that derives its claim: it needs no term of its own.
    """

    column: table.Column | None
    term: table.Term
    is_stated: bool = True

    def agrees(self, term: table.Term) -> bool:
        """Return whether a term means here what the page says."""
        found = term_in(self.column, term) if self.column else term
        return found.clauses == self.term.clauses

    def needed_term(self) -> table.Term:
        """Return the term that means here what the page says.

        If the wording reads so in the column, it has the clauses that columns of every kind read
        from.
        """
        plainly_read = table.Term(self.term.text, read_clauses(self.term.plain))
        return plainly_read if self.agrees(plainly_read) else self.term


def write_terms(
    page: snapshot.Snapshot, elsewhere: Elsewhere, *, with_facts: bool
) -> tuple[dict[str, RetentionTerm], dict[int, table.Term]]:
    """Return the terms by wording and as snapshots by key, creating those that are new.

    With `with_facts` a term that is used by nobody else gets the clauses that the page gives it,
    if the page says the same wherever it states the wording.
    """
    records = {term.wording: term for term in RetentionTerm.objects.prefetch_related("clauses")}
    clauses = {term.pk: term.to_snapshot() for term in records.values()}
    readings: defaultdict[str, list[_Reading]] = defaultdict(list)
    for reading in _readings(page, with_facts=with_facts):
        readings[reading.term.plain].append(reading)
    new = {
        wording: of_wording[0].needed_term()
        for wording, of_wording in readings.items()
        if wording not in records
    }
    changed: dict[str, table.Term] = {}
    if with_facts:
        known = {wording: clauses[record.pk] for wording, record in records.items()}
        changed = _changed_terms(readings, known)
        used = _used_elsewhere([records[wording].pk for wording in changed], elsewhere)
        changed = {
            wording: term for wording, term in changed.items() if records[wording].pk not in used
        }
    writes = Writes()
    for wording, term in changed.items():
        present = list(records[wording].clauses.all())
        _plan_clauses(writes, records[wording], present, term.clauses)
    writes.write()
    records |= _new_terms(new.values())
    for wording, term in (changed | new).items():
        clauses[records[wording].pk] = table.Term(inline.escape(wording), term.clauses)
    return records, clauses


def term_worded(term: table.Term) -> RetentionTerm:
    """Return the retention term with this wording; create it with these clauses if it is new."""
    present = RetentionTerm.objects.filter(wording=term.plain).first()
    return present or _new_terms([term])[term.plain]


def _readings(page: snapshot.Snapshot, *, with_facts: bool) -> Iterator[_Reading]:
    """Yield what a page says of its wordings, once for each column and meaning."""
    for section in page.sections:
        for column in section.columns:
            if column.role is ColumnRole.RETENTION:
                cells = (listing.cells[column.key] for listing in section.listings)
                yield from _readings_in(column, cells)
    if not with_facts:
        return
    for model in page.models:
        if model.retention_floor:
            yield _Reading(None, model.retention_floor)
    for provider in page.providers:
        if provider.declared and provider.declared.retention:
            yield _Reading(None, provider.declared.retention)


def _readings_in(column: table.Column, cells: Iterable[table.Cell]) -> Iterator[_Reading]:
    readings: dict[tuple[str, tuple[table.Clause, ...], bool], None] = {}
    for cell in cells:
        for item in cell.items:
            readings[item.text, cell.clauses or (), cell.basis is not Basis.DERIVED] = None
    for text, clauses, is_stated in readings:
        yield _Reading(column, table.Term(text, clauses), is_stated)


def _changed_terms(
    readings: dict[str, list[_Reading]], known: dict[str, table.Term]
) -> dict[str, table.Term]:
    """Return by wording the known terms that mean something else in all that the page says."""
    changed = {}
    for wording, of_wording in readings.items():
        stated = [reading for reading in of_wording if reading.is_stated]
        if wording not in known or all(reading.agrees(known[wording]) for reading in stated):
            continue
        needed = stated[0].needed_term()
        if all(reading.agrees(needed) for reading in stated):
            changed[wording] = needed
    return changed


def _used_elsewhere(keys: Sequence[int], elsewhere: Elsewhere) -> set[int]:
    """Return the terms that rows of another register state, or that not only this one derives."""
    if not keys:
        return set()
    of_register = {"listing__section__register": elsewhere.register}
    cells = Cell.objects.filter(term__in=keys).exclude(**of_register)
    used = set(cells.order_by().values_list("term", flat=True).distinct())
    models = ListedModel.objects.filter(**of_register).exclude(model__in=elsewhere.of(AIModel))
    floors = AIModel.objects.filter(retention_floor__in=keys)
    floors = floors.exclude(pk__in=models.order_by().values("model"))
    used.update(floors.values_list("retention_floor", flat=True))
    listed = ListedProvider.objects.filter(**of_register)
    providers = listed.exclude(provider__in=elsewhere.of(Provider))
    declared = Provider.objects.filter(declared_retention__in=keys)
    declared = declared.exclude(pk__in=providers.order_by().values("provider"))
    used.update(declared.values_list("declared_retention", flat=True))
    return used


def _new_terms(terms: Iterable[table.Term]) -> dict[str, RetentionTerm]:
    """Create terms with their clauses; return them by wording."""
    writes = Writes()
    created: dict[str, RetentionTerm] = {}
    for term in terms:
        record = created[term.plain] = RetentionTerm(wording=term.plain)
        writes.set(record)
        _plan_clauses(writes, record, [], term.clauses)
    writes.write()
    return created


def _plan_clauses(
    writes: Writes,
    record: RetentionTerm,
    present: Sequence[RetentionClause],
    wanted: Sequence[table.Clause],
) -> None:
    """Add to the writes what gives a term the wanted clauses; `present` are those that it has."""
    for clause in present[len(wanted) :]:
        writes.delete(clause)
    for index, shown in enumerate(wanted):
        clause = present[index] if index < len(present) else RetentionClause(term=record)
        writes.set(clause, position=(index + 1) * STEP, **RetentionClause.values_of(shown))
