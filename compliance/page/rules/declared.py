"""Rules for what is declared: a row that states its own may be out of date."""

from collections import defaultdict
from collections.abc import Iterator

from compliance.page.claims import (
    cell_clauses,
    clauses_about,
    compared_clauses,
    effective_clauses,
)
from compliance.page.derived import DerivedClaims
from compliance.page.diff.sentences import capitalised
from compliance.page.rules.context import Claim, RuleContext, quoted
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.rules.terms import is_explained
from compliance.page.severity import severity
from compliance.page.table import Cell, Row
from compliance.page.vocabulary import Basis, ClauseKind, ColumnRole, TrainingUse

_ROLES = (ColumnRole.TRAINING, ColumnRole.RETENTION)


@rule("worse-than-declared", Severity.NOTE)
def worse_than_declared(context: RuleContext) -> Iterator[Fault]:
    """A listing states nothing worse than its providers and models do, unless a footnote says why.

    A provider may have shortened its retention while a row of it still has the old wording. Only
    rows whose providers all declare something are looked at.
    """
    derived = DerivedClaims(context.snapshot)
    for claim in _stated(context):
        if derived.silent(claim.row, claim.column.role):
            continue
        cell = derived.cell(claim.row, claim.column)
        if _is_worse(claim, cell) and not is_explained(context, claim):
            yield _worse(context, claim, cell)


@rule("declared-by-some", Severity.NOTE)
def declared_by_some(context: RuleContext) -> Iterator[Fault]:
    """Where one provider of a row declares its terms, the others do so too.

    A row can follow its providers only if all of them declare something. Until then a change of
    what one of them declares does not change the row.
    """
    derived = DerivedClaims(context.snapshot)
    rows: defaultdict[str, dict[str, Row]] = defaultdict(dict)
    roles: defaultdict[str, dict[ColumnRole, None]] = defaultdict(dict)
    for claim in _stated(context):
        silent = derived.silent(claim.row, claim.column.role)
        if len(silent) < len({item.provider for item in claim.row.providers}):
            for id in silent:
                rows[id][claim.row.id] = claim.row
                roles[id][claim.column.role] = None
    for id, stating in rows.items():
        name, the_rows = context.providers[id], context.the_rows(stating.values())
        nothing = " and ".join(f"no {role}" for role in roles[id])
        message = (
            f"{name} declares {nothing}, so {the_rows} cannot follow what their other providers "
            f"declare. If {name} does say something about it, add it to what it declares."
        )
        yield Fault(SubjectKind.PROVIDER, id, message, parts=[role.value for role in roles[id]])


def _stated(context: RuleContext) -> Iterator[Claim]:
    """Give the claims that rows state themselves, the empty ones too, if anything is declared."""
    if not any(provider.declared for provider in context.snapshot.providers):
        return
    for row in context.rows:
        for role in _ROLES if row.providers else ():
            for column, cell in row.claims(role):
                if cell.basis is Basis.STATED:
                    yield Claim(row, column, cell)


def _is_worse(claim: Claim, derived: Cell) -> bool:
    """Return whether a claim is worse than what the row would derive; both must be understood."""
    if claim.column.role is ColumnRole.TRAINING:
        use = claim.cell.use or TrainingUse.NOT_STATED
        return use is not TrainingUse.UNKNOWN and use.severity > (derived.use or use).severity
    stated = cell_clauses(claim.column, claim.cell)
    derived_clauses = effective_clauses(derived.clauses or ())
    better = compared_clauses(claim.row, claim.column, derived_clauses)
    if not better or any(clause.kind is ClauseKind.UNKNOWN for clause in (*better, *stated)):
        return False
    return severity(clauses_about(claim.covers, stated)) > severity(better)


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
