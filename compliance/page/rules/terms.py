"""Rules for terms: each is understood, and none promises more than the providers do."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from compliance.page.claims import (
    clauses_about,
    compared_clauses,
    effective_clauses,
    floor_clauses,
    says_all,
)
from compliance.page.descriptions import describe_clauses
from compliance.page.diff.sentences import FEW, capitalised, join_names
from compliance.page.readings import is_unproven, is_unproven_term, read_retention
from compliance.page.remembered import by_identity, values_of
from compliance.page.retention import read_clauses
from compliance.page.rules.context import Claim, RuleContext, rows_with_providers
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.severity import Standing, severity
from compliance.page.table import Cell, Clause, Column, Row, Term
from compliance.page.training import training_text, training_use
from compliance.page.vocabulary import ClauseKind, ColumnRole, TrainingUse


@rule("unknown-term", Severity.WARNING)
def unknown_term(context: RuleContext) -> Iterator[Fault]:
    """A retention wording is understood, so that it can be compared.

    No rule can find a wording too short that it cannot read. Below a label that asks nothing, a
    bare "Yes" is not understood either.
    """
    for claims in _by_wording(_found(context, _unclear_terms)):
        claim = claims[0]
        remedy = _remedy(claim, "give the retention term its clauses")
        message = f"{claim.quoted} is not understood. {remedy}"
        parts = _claimants(claims)
        yield Fault(SubjectKind.TERM, claim.text, message, among=claim.among, parts=parts)


@rule("unknown-training", Severity.WARNING)
def unknown_training(context: RuleContext) -> Iterator[Fault]:
    """A training wording is understood, so that it can be compared.

    Readers look for a yes or a no; "see the policy" is neither.
    """
    for claims in _by_wording(_found(context, _unclear_training)):
        claim = claims[0]
        message = (
            f"{claim.quoted} does not say whether users' prompts are trained on. "
            f"{_remedy(claim, 'choose a training use')}"
        )
        yield Fault(
            SubjectKind.LISTING,
            claim.row.id,
            message,
            among=(claim.text, *claim.among),
            parts=_claimants(claims),
            is_anywhere=True,
        )


# A claim without its row, which is remembered for longer than the section that it stands in.
_ColumnCell = tuple[Column, Cell]


def _found(context: RuleContext, function: Callable[[Row], list[_ColumnCell]]) -> Iterator[Claim]:
    """Give the claims that a function finds in the rows."""
    for row, claims in context.rows_with(function):
        for column, cell in claims:
            yield Claim(row, column, cell)


def _claims(row: Row, role: ColumnRole) -> list[_ColumnCell]:
    """Return the claims of a row that are not empty."""
    return [(column, cell) for column, cell in row.claims(role) if cell.items]


def _unclear_terms(row: Row) -> list[_ColumnCell]:
    return [
        (column, cell)
        for column, cell in _claims(row, ColumnRole.RETENTION)
        if any(clause.kind is ClauseKind.UNKNOWN for clause in cell.clauses or ())
    ]


def _unclear_training(row: Row) -> list[_ColumnCell]:
    return [
        (column, cell)
        for column, cell in _claims(row, ColumnRole.TRAINING)
        if cell.use is TrainingUse.UNKNOWN
    ]


def _by_wording(claims: Iterable[Claim]) -> list[list[Claim]]:
    """Return the claims with the same wording in a column of the same key, in groups."""
    groups: defaultdict[Hashable, list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[claim.text, claim.among].append(claim)
    return list(groups.values())


def _claimants(claims: Iterable[Claim]) -> list[tuple[str, str | None]]:
    """Return the rows that make claims, with each provider of whom they make them."""
    return [part for claim in claims for part in rows_with_providers(claim.row)]


def _remedy(claim: Claim, remedy: str) -> str:
    """Return the sentence that says what to do, also where a label asks nothing."""
    if claim.is_bare and claim.column.asks is None:
        remedy = f"say what the column asks, or {remedy}"
    return f"{capitalised(remedy)}."


@rule("wording-denies-claim", Severity.WARNING)
def wording_denies_claim(context: RuleContext) -> Iterator[Fault]:
    """No claim promises more than its own wording says.

    Readers read "Kept forever"; searches, feeds and comparisons go by the clauses of the term. A
    meaning may be given to words that are not understood, not another one to those that are. Nor
    may such words stand for "Not stored" or for no training, or for what only some of them say:
    "30 days, except where a court orders it" is not "30 days".
    """
    for claim in _found(context, _denied_training):
        read = training_use(claim.text, asks=claim.column.asks)
        said = f"the training use “{training_text(_use(claim), asks=None)}”"
        yield _denied(context, claim, training_text(read, asks=None), said)
    for claim in _found(context, _denied_terms):
        clauses_read = read_retention(claim.column, claim.text)
        said = f"the clauses “{describe_clauses(claim.cell.clauses or ())}”"
        yield _denied(context, claim, describe_clauses(clauses_read), said)
    yield from _unproven_claims(context)
    for kind, id, name, term in _terms(context):
        clauses_read = read_clauses(term.plain)
        if _is_denied(clauses_read, term.clauses):
            message = (
                f"“{term.plain}”, the {name}, means “{describe_clauses(clauses_read)}”, but has "
                f"the clauses “{describe_clauses(term.clauses)}”. {_MEND_EITHER}"
            )
            yield Fault(kind, id, message, values=(term.plain, term.clauses))
        elif kind is SubjectKind.PROVIDER and is_unproven_term(term):
            message = _unproven(f"“{term.plain}”, the {name},", describe_clauses(term.clauses))
            yield Fault(kind, id, message, values=(term.plain, term.clauses))


def _denied_training(row: Row) -> list[_ColumnCell]:
    """Return the claims of a row whose wording is understood and worse than what they claim."""
    found = []
    for column, cell in _claims(row, ColumnRole.TRAINING):
        read = training_use(cell.plain, asks=column.asks)
        is_worse = read.severity > (cell.use or TrainingUse.NOT_STATED).severity
        if read is not TrainingUse.UNKNOWN and is_worse:
            found.append((column, cell))
    return found


def _denied_terms(row: Row) -> list[_ColumnCell]:
    return [
        (column, cell)
        for column, cell in _claims(row, ColumnRole.RETENTION)
        if _is_denied(read_retention(column, cell.plain), cell.clauses or ())
    ]


def _unproven_claims(context: RuleContext) -> Iterator[Fault]:
    """Give the wordings that promise what they are not understood to say."""
    for role, function in (
        (ColumnRole.TRAINING, _unproven_training),
        (ColumnRole.RETENTION, _unproven_terms),
    ):
        for claims in _by_wording(_found(context, function)):
            claim = claims[0]
            meaning = describe_clauses(claim.cell.clauses or ())
            if role is ColumnRole.TRAINING:
                meaning = training_text(_use(claim), asks=None)
            yield Fault(
                SubjectKind.LISTING,
                claim.row.id,
                _unproven(claim.quoted, meaning),
                among=(claim.text, *claim.among),
                values=(meaning,),
                parts=_claimants(claims),
                is_anywhere=True,
            )


def _unproven_training(row: Row) -> list[_ColumnCell]:
    return [claim for claim in _claims(row, ColumnRole.TRAINING) if is_unproven(*claim)]


def _unproven_terms(row: Row) -> list[_ColumnCell]:
    return [claim for claim in _claims(row, ColumnRole.RETENTION) if is_unproven(*claim)]


def _unproven(words: str, meaning: str) -> str:
    return f"{words} is not understood, but stands for “{meaning}”. {_MEND_EITHER}"


_MEND_EITHER = "Mend the wording or what it stands for, or say in the answer why both stand."


def _denied(context: RuleContext, claim: Claim, read: str, said: str) -> Fault:
    message = (
        f"{capitalised(context.the_row(claim.row))} says {claim.quoted}, which means “{read}”, but "
        f"it has {said}. {_MEND_EITHER}"
    )
    values = (claim.text, said)
    return Fault(SubjectKind.LISTING, claim.row.id, message, among=claim.among, values=values)


def _is_denied(read: tuple[Clause, ...], clauses: tuple[Clause, ...]) -> bool:
    """Return whether what was read of a wording is understood and worse than its clauses."""
    if read == clauses or any(clause.kind is ClauseKind.UNKNOWN for clause in read):
        return False
    return Standing.of(read).is_worse_than(Standing.of(clauses))


def _terms(context: RuleContext) -> Iterator[tuple[SubjectKind, str, str, Term]]:
    """Give what providers declare of retention and the floors of models, with what each is."""
    for provider in context.snapshot.providers:
        if provider.declared and provider.declared.retention:
            name = f"retention that {provider.name} declares"
            yield SubjectKind.PROVIDER, provider.id, name, provider.declared.retention
    for model in context.snapshot.models:
        if model.retention_floor:
            name = f"shortest retention of {model.name}"
            yield SubjectKind.MODEL, model.id, name, model.retention_floor


@rule("retention-beats-provider", Severity.WARNING)
def retention_beats_provider(context: RuleContext) -> Iterator[Fault]:
    """A listing promises no shorter retention than each of its providers declares.

    "Not stored" is not true of a row whose second provider keeps prompts for 30 days, nor is "30
    days" what a provider declares that says only how long it keeps flagged prompts. A column about
    one kind of data is compared with what the provider declares of that kind.
    """
    declared = {
        provider.id: provider.declared.retention
        for provider in context.snapshot.providers
        if provider.declared and provider.declared.retention
    }
    for claim in context.claims(ColumnRole.RETENTION) if declared else ():
        for provider in claim.row.providers:
            term = declared.get(provider.provider)
            if term and _is_shorter(claim, effective_clauses(term.clauses)):
                truth = f"{provider.plain} declares “{term.plain}”"
                if not says_all(term.clauses):
                    truth += " and does not say how long all prompts and outputs are kept"
                yield _beaten(context, claim, provider.provider, truth)


@rule("training-beats-provider", Severity.WARNING)
def training_beats_provider(context: RuleContext) -> Iterator[Fault]:
    """A listing promises no less training than each of its providers declares.

    A provider that is added to a row is shown with the row's "No", whatever it declares itself.
    """
    declared = {
        provider.id: provider.declared.training
        for provider in context.snapshot.providers
        if provider.declared and provider.declared.training
    }
    for claim in context.claims(ColumnRole.TRAINING) if declared else ():
        for provider in claim.row.providers:
            use = declared.get(provider.provider)
            if use and use.severity > _use(claim).severity:
                truth = f"{provider.plain} declares “{training_text(use)}” of training"
                yield _beaten(context, claim, provider.provider, truth)


@rule("retention-beats-floor", Severity.WARNING)
def retention_beats_floor(context: RuleContext) -> Iterator[Fault]:
    """A listing promises no shorter retention than each of its models requires of any provider.

    Some models may only be served by providers that keep prompts for a time, whatever the provider
    declares for its other models.
    """
    for claim in context.claims(ColumnRole.RETENTION) if context.floors else ():
        for model in claim.row.models:
            floor = context.floors.get(model.model)
            if floor and _is_shorter(claim, floor_clauses(floor.clauses)):
                truth = f"no host of {model.plain} can go below “{floor.plain}”"
                yield _beaten(context, claim, model.model, truth)


def _use(claim: Claim) -> TrainingUse:
    return claim.cell.use or TrainingUse.NOT_STATED


def _is_shorter(claim: Claim, clauses: tuple[Clause, ...]) -> bool:
    """Return whether a retention claim promises less in some case than clauses on the same data."""
    compared = compared_clauses(claim.row, claim.column, clauses)
    if not compared:
        return False
    claimed = clauses_about(claim.covers, claim.cell.clauses or ())
    return Standing.of(compared).is_worse_than(Standing.of(claimed))


def _beaten(context: RuleContext, claim: Claim, by: str, truth: str) -> Fault:
    message = (
        f"{capitalised(context.the_row(claim.row))} says {claim.quoted}, but {truth}. "
        "Say the worse, or in the answer why not."
    )
    among = (by, *claim.among)
    values = (claim.text, truth)
    return Fault(SubjectKind.LISTING, claim.row.id, message, among=among, values=values)


@rule("different-terms", Severity.WARNING)
def different_terms(context: RuleContext) -> Iterator[Fault]:
    """A provider has the same terms in all its listings, unless a footnote explains the difference.

    A company may stand under two names with two retentions, or in one row that says "Not stored"
    and in others of 30 days. The terms of a row are the worst of its providers'. So where every
    provider of a row has better terms elsewhere in the same column, one of the rows is wrong.
    """
    for known_claims in _KNOWN.values():
        for worse, best in _contradicted(values_of(known_claims, context.rows)):
            claim = _claim(context, worse)
            if not is_explained(context, claim):
                providers = claim.row.providers
                rivals = {item.plain: _claim(context, best[item.provider]) for item in providers}
                yield _contradiction(context, claim, rivals)


class _Known(NamedTuple):
    """A claim that is understood; the larger its severity, the worse for the user."""

    column: Column
    cell: Cell
    providers: tuple[str, ...]
    severity: Any


def _severity(claim: Claim) -> Any:
    """Return the severity of a claim, None where it is not understood."""
    if claim.column.role is ColumnRole.TRAINING:
        return None if _use(claim) is TrainingUse.UNKNOWN else _use(claim).severity
    clauses = claim.cell.clauses or ()
    is_known = all(clause.kind is not ClauseKind.UNKNOWN for clause in clauses)
    if not is_known or not clauses:
        return None
    return severity(clauses_about(claim.covers, clauses))


def _known_claims(role: ColumnRole) -> Callable[[Row], list[_Known]]:
    """Return the function that gives the claims of a role in a row that are understood."""

    def of_row(row: Row) -> list[_Known]:
        providers = tuple(dict.fromkeys(item.provider for item in row.providers))
        severities = [
            (column, cell, _severity(Claim(row, column, cell)))
            for column, cell in _claims(row, role)
        ]
        return [
            _Known(column, cell, providers, severity)
            for column, cell, severity in severities
            if severity is not None
        ]

    return of_row


_KNOWN = {role: _known_claims(role) for role in (ColumnRole.RETENTION, ColumnRole.TRAINING)}


# A claim with the place of its row on the page, from 0.
_Placed = tuple[int, _Known]


@by_identity(8)
def _contradicted(claims: list[list[_Known]]) -> list[tuple[_Placed, dict[str, _Placed]]]:
    """Return the claims that are worse than the best of each of their providers in a column.

    `claims` has those of each row. The best ones are given by the ids of the providers.
    """
    by_column: defaultdict[Hashable, list[_Placed]] = defaultdict(list)
    for place, claims_of_row in enumerate(claims):
        for known in claims_of_row:
            by_column[known.column.key, known.column.covers].append((place, known))
    return [found for placed in by_column.values() for found in _contradicted_in_column(placed)]


def _contradicted_in_column(claims: list[_Placed]) -> Iterator[tuple[_Placed, dict[str, _Placed]]]:
    lowest: dict[str, Any] = {}
    for _, known in claims:
        for provider in known.providers:
            if provider not in lowest or known.severity < lowest[provider]:
                lowest[provider] = known.severity
    worse = [
        (place, known)
        for place, known in claims
        if known.providers and all(lowest[id] < known.severity for id in known.providers)
    ]
    best: dict[str, _Placed] = {}
    concerned = {provider for _, known in worse for provider in known.providers}
    for place, known in claims if concerned else ():
        for provider in concerned.intersection(known.providers):
            # Of equal ones not the first, as rows change their places.
            if provider not in best or _order(known) < _order(best[provider][1]):
                best[provider] = (place, known)
    for claim in worse:
        yield claim, best


def _order(known: _Known) -> tuple[Any, str]:
    return known.severity, known.cell.plain


def _claim(context: RuleContext, placed: _Placed) -> Claim:
    place, known = placed
    return Claim(context.rows[place], known.column, known.cell)


def _contradiction(context: RuleContext, claim: Claim, rivals: dict[str, Claim]) -> Fault:
    better = [
        f"{name} in {context.the_row(rival.row)} “{rival.text}”" for name, rival in rivals.items()
    ]
    message = (
        f"{capitalised(context.the_row(claim.row))} says “{claim.text}” of "
        f"{claim.question or claim.column.role}, but {join_names(better, limit=FEW)}. "
        "Say the worse in both, or explain it in a footnote."
    )
    among, values = (claim.column.key,), (claim.text,)
    parts = [(name, rival.text) for name, rival in rivals.items()]
    return Fault(SubjectKind.LISTING, claim.row.id, message, among, values, parts)


def is_explained(context: RuleContext, claim: Claim) -> bool:
    """Return whether a claim cites a footnote, or says what the floor of a model requires."""
    if any(item.footnotes for item in claim.cell.items):
        return True
    if claim.column.role is not ColumnRole.RETENTION:
        return False
    floors = [context.floors.get(item.model) for item in claim.row.models]
    return claim.text in [floor.plain for floor in floors if floor]


@rule("review-overdue", Severity.NOTE)
def review_overdue(context: RuleContext) -> Iterator[Fault]:
    """What must be reviewed by a day is reviewed by then.

    Where nobody has to review a page, outdated footnotes stay on it for months.
    """
    today = context.facts.today
    for review in context.facts.reviews:
        if today and review.due < today:
            message = (
                f"{review.name} was to be reviewed by {review.due}. "
                "Look at it again and record the review."
            )
            yield Fault(review.kind, review.id, message, values=(review.due.isoformat(),))
