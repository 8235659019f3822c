"""Rules for what is declared: a row that states its own may be out of date."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from compliance.page.claims import counted_clauses
from compliance.page.derived import derived_cell
from compliance.page.diff.sentences import capitalised
from compliance.page.rules.context import Claim, RuleContext, quoted
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.rules.terms import clauses_about, is_explained
from compliance.page.severity import severity
from compliance.page.snapshot import Declared
from compliance.page.table import Cell, Row, Term
from compliance.page.vocabulary import Basis, ClauseKind, ColumnRole, TrainingUse

_ROLES = (ColumnRole.TRAINING, ColumnRole.RETENTION)


@rule("worse-than-declared", Severity.NOTE)
def worse_than_declared(context: RuleContext) -> Iterator[Fault]:
    """A listing states nothing worse than its providers and models do, unless a footnote says why.

    A provider may have shortened its retention while a row of it still has the old wording. Only
    rows whose providers all declare something are looked at.
    """
    declared = _declared(context)
    if not declared:
        return
    derived: dict[Any, Cell] = {}
    for claim in _stated(context):
        providers = _providers(claim.row)
        if not all(_declares(declared.get(id), claim.column.role) for id in providers):
            continue
        floors = _floors(context, claim.row)
        key = (claim.column, providers, floors)
        if key not in derived:
            derived[key] = derived_cell(claim.column, [declared[id] for id in providers], floors)
        if _is_worse(claim, derived[key]) and not is_explained(context, claim):
            yield _worse(context, claim, derived[key])


@rule("declared-by-some", Severity.NOTE)
def declared_by_some(context: RuleContext) -> Iterator[Fault]:
    """Where one provider of a row declares its terms, the others do so too.

    A row can follow its providers only if all of them declare something. Until then a change of
    what one of them declares does not change the row.
    """
    declared = _declared(context)
    rows: defaultdict[tuple[str, ColumnRole], dict[str, Row]] = defaultdict(dict)
    for claim in _stated(context) if declared else ():
        providers = _providers(claim.row)
        silent = [id for id in providers if not _declares(declared.get(id), claim.column.role)]
        if len(silent) < len(providers):
            for id in silent:
                rows[id, claim.column.role][claim.row.id] = claim.row
    for (id, role), stating in rows.items():
        message = (
            f"{context.providers[id]} declares no {role}, so {context.the_rows(stating.values())} "
            f"cannot follow what the other providers declare. "
            f"If it says something of {role}, write that down as declared."
        )
        yield Fault(SubjectKind.PROVIDER, id, message, among=(role,))


def _declared(context: RuleContext) -> dict[str, Declared]:
    """Return what each provider declares that declares something, by its id."""
    return {
        provider.id: provider.declared
        for provider in context.snapshot.providers
        if provider.declared
    }


def _stated(context: RuleContext) -> Iterator[Claim]:
    """Give the claims that rows with providers state themselves, the empty ones too."""
    for row in context.rows:
        for role in _ROLES if row.providers else ():
            for column, cell in row.claims(role):
                if cell.basis is Basis.STATED:
                    yield Claim(row, column, cell)


def _providers(row: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.provider for item in row.providers))


def _declares(declared: Declared | None, role: ColumnRole) -> bool:
    if declared is None:
        return False
    return bool(declared.training if role is ColumnRole.TRAINING else declared.retention)


def _floors(context: RuleContext, row: Row) -> tuple[Term, ...]:
    floors = (context.floors.get(item.model) for item in row.models) if context.floors else ()
    return tuple(dict.fromkeys(floor for floor in floors if floor))


def _is_worse(claim: Claim, derived: Cell) -> bool:
    """Return whether a claim is worse than what the row would derive; both must be understood."""
    if claim.column.role is ColumnRole.TRAINING:
        use = claim.cell.use or TrainingUse.NOT_STATED
        return use is not TrainingUse.UNKNOWN and use.severity > (derived.use or use).severity
    others = [column for column in claim.row.section.columns if column is not claim.column]
    better = clauses_about(claim.column, others, derived.clauses or ())
    stated = counted_clauses(claim.column, claim.cell)
    if not better or any(clause.kind is ClauseKind.UNKNOWN for clause in (*better, *stated)):
        return False
    return bool(severity(stated) > severity(better))


def _worse(context: RuleContext, claim: Claim, derived: Cell) -> Fault:
    says = f"says {claim.quoted}" if claim.cell.items else f"says nothing of {claim.column.role}"
    message = (
        f"{capitalised(context.the_row(claim.row))} {says}, but would say "
        f"{quoted([derived.plain])} if it followed its providers. "
        "Let it follow them, correct what they declare, or explain the difference in a footnote."
    )
    values = (claim.text, derived.plain)
    return Fault(
        SubjectKind.LISTING, claim.row.id, message, among=(claim.column.key,), values=values
    )
