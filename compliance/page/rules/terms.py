"""Rules for terms: each is understood, and none promises more than the providers do."""

from collections.abc import Callable, Iterator
from typing import Any

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.retention import severity
from compliance.page.rules.context import RuleContext, sentence, the_row
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.table import Listing
from compliance.page.training import training_text
from compliance.page.vocabulary import ClauseKind, TrainingUse


@rule("unknown-term", Severity.WARNING)
def unknown_term(context: RuleContext) -> Iterator[Fault]:
    """A retention wording is understood, so that it can be compared.

    No rule can find a wording too short that it cannot read. Eleven real revisions use five
    wordings, one with a condition.
    """
    terms = {listing.retention.text: listing.retention for listing in context.snapshot.listings}
    for text, retention in terms.items():
        if any(clause.kind == ClauseKind.UNKNOWN for clause in retention.clauses):
            message = f"“{text}” is not understood. Give the retention term its clauses."
            yield Fault(SubjectKind.TERM, text, message)


@rule("unknown-training", Severity.WARNING)
def unknown_training(context: RuleContext) -> Iterator[Fault]:
    """A training wording is understood, so that it can be compared.

    Readers look for a yes or a no; "see the policy" is neither.
    """
    by_text = {listing.training.text: listing for listing in context.snapshot.listings}
    for text, listing in by_text.items():
        if listing.training.use == TrainingUse.UNKNOWN:
            message = (
                f"“{text}” does not say whether users' prompts are trained on. "
                "Choose a training use."
            )
            yield Fault(SubjectKind.LISTING, listing.id, message, among=(text,))


@rule("retention-beats-provider", Severity.WARNING)
def retention_beats_provider(context: RuleContext) -> Iterator[Fault]:
    """A listing promises no shorter retention than each of its providers declares.

    "Not stored" stood on a real row whose second provider keeps prompts for 30 days. By chance it
    was noticed after 43 seconds.
    """
    for listing in context.snapshot.listings:
        promise = severity(listing.retention.clauses)
        for provider in listing.providers:
            term = provider.declared and provider.declared.retention
            if term and severity(term.clauses) > promise:
                yield _beaten(
                    listing,
                    provider.id,
                    listing.retention.text,
                    f"{provider.name} declares “{term.text}”",
                )


@rule("training-beats-provider", Severity.WARNING)
def training_beats_provider(context: RuleContext) -> Iterator[Fault]:
    """A listing promises no less training than each of its providers declares.

    A provider that is added to a row is shown with the row's "No", whatever it declares itself.
    """
    for listing in context.snapshot.listings:
        for provider in listing.providers:
            use = provider.declared and provider.declared.training
            if use and use.severity > listing.training.use.severity:
                declared = f"{provider.name} declares “{training_text(use)}” of training"
                yield _beaten(listing, provider.id, listing.training.text, declared)


@rule("retention-beats-floor", Severity.WARNING)
def retention_beats_floor(context: RuleContext) -> Iterator[Fault]:
    """A listing promises no shorter retention than each of its models requires of any provider.

    Some models may only be served by providers that keep prompts for a time, whatever the provider
    declares for its other models.
    """
    for listing in context.snapshot.listings if context.floors else ():
        promise = severity(listing.retention.clauses)
        for model in listing.models:
            floor = context.floors.get(model.id)
            if floor and severity(floor.clauses) > promise:
                required = f"no host of {model.name} can go below “{floor.text}”"
                yield _beaten(listing, model.id, listing.retention.text, required)


def _beaten(listing: Listing, by: str, promise: str, truth: str) -> Fault:
    message = (
        f"{sentence(the_row(listing))} says “{promise}”, but {truth}. "
        "Say the worse, or in the answer why not."
    )
    return Fault(SubjectKind.LISTING, listing.id, message, among=(by,), values=(promise, truth))


@rule("different-terms", Severity.WARNING)
def different_terms(context: RuleContext) -> Iterator[Fault]:
    """A provider has the same terms in all its listings, unless a footnote explains the difference.

    A real company stood under two names with two retentions, and a real row said "Not stored"
    while a provider of it stood in rows of 30 days. In 1120 of 1121 real rows the terms are the
    worst of its providers'. So where every provider of a row has better terms elsewhere, one of
    the rows is wrong.
    """
    retention = _ClaimCell("retention", _retention_severity, lambda listing: listing.retention.text)
    training = _ClaimCell("training", _training_severity, lambda listing: listing.training.text)
    yield from _contradicted(context, retention)
    yield from _contradicted(context, training)


class _ClaimCell:
    """A cell of every listing: its name, its severity (None if not understood), and its text."""

    def __init__(
        self, name: str, severity_of: Callable[[Listing], Any], text: Callable[[Listing], str]
    ) -> None:
        self.name, self.severity_of, self.text = name, severity_of, text


def _retention_severity(listing: Listing) -> Any:
    is_known = all(clause.kind != ClauseKind.UNKNOWN for clause in listing.retention.clauses)
    return severity(listing.retention.clauses) if is_known else None


def _training_severity(listing: Listing) -> Any:
    use = listing.training.use
    return None if use == TrainingUse.UNKNOWN else use.severity


def _contradicted(context: RuleContext, cell: _ClaimCell) -> Iterator[Fault]:
    best: dict[str, Listing] = {}
    for listing in context.snapshot.listings:
        for provider in listing.providers if cell.severity_of(listing) is not None else ():
            known = best.setdefault(provider.id, listing)
            if cell.severity_of(listing) < cell.severity_of(known):
                best[provider.id] = listing
    for listing in context.snapshot.listings:
        claimed = cell.severity_of(listing)
        rivals = {provider.name: best.get(provider.id, listing) for provider in listing.providers}
        is_contradicted = (
            bool(rivals)
            and claimed is not None
            and all(cell.severity_of(rival) < claimed for rival in rivals.values())
        )
        if is_contradicted and not _is_explained(context, listing, cell):
            better = [
                f"{name} in {the_row(rival)} “{cell.text(rival)}”" for name, rival in rivals.items()
            ]
            elsewhere = join_names(better, limit=FEW)
            message = (
                f"{sentence(the_row(listing))} says “{cell.text(listing)}” of {cell.name}, "
                f"but {elsewhere}. Say the worse in both, or explain it in a footnote."
            )
            values = (
                cell.text(listing),
                *((name, rival.id, cell.text(rival)) for name, rival in rivals.items()),
            )
            yield Fault(SubjectKind.LISTING, listing.id, message, among=(cell.name,), values=values)


def _is_explained(context: RuleContext, listing: Listing, cell: _ClaimCell) -> bool:
    """Return whether the cell cites a footnote, or says what the floor of a model requires."""
    if listing.retention.footnotes if cell.name == "retention" else listing.training.footnotes:
        return True
    floors = [
        context.floors[model.id].text for model in listing.models if model.id in context.floors
    ]
    return cell.name == "retention" and listing.retention.text in floors


@rule("review-overdue", Severity.NOTE)
def review_overdue(context: RuleContext) -> Iterator[Fault]:
    """What must be reviewed by a day is reviewed by then.

    Nobody had to review the real page, and outdated footnotes stood on it for up to a year.
    """
    today = context.facts.today
    for review in context.facts.reviews:
        if today and review.due < today:
            message = (
                f"{review.name} was to be reviewed by {review.due}. "
                "Look at it again and record the review."
            )
            yield Fault(review.kind, review.id, message, values=(review.due.isoformat(),))
