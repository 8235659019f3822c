"""Rules over the terms: that each is understood, and that none promises more than those who keep it."""

from collections.abc import Callable, Iterator
from typing import Any

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.retention import severity
from compliance.page.rules.context import RuleContext, sentence, the_row
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import ClauseKind, Listing, TrainingUse
from compliance.page.training import training_text


@rule("unknown-term", Severity.WARNING)
def unknown_term(case: RuleContext) -> Iterator[Fault]:
    """A retention wording is understood, so that it can be compared.

    What no rule can read no rule can find too short. Eleven real revisions use five wordings, one with a condition.
    """
    terms = {listing.retention.text: listing.retention for listing in case.snapshot.listings}
    for text, retention in terms.items():
        if any(clause.kind == ClauseKind.UNKNOWN for clause in retention.clauses):
            message = f"“{text}” is not understood. Give the retention term its clauses."
            yield Fault(SubjectKind.TERM, text, message)


@rule("unknown-training", Severity.WARNING)
def unknown_training(case: RuleContext) -> Iterator[Fault]:
    """A training wording is understood, so that it can be compared.

    Readers look for a yes or a no; "see the policy" is neither.
    """
    for text, listing in {
        listing.training.text: listing for listing in case.snapshot.listings
    }.items():
        if listing.training.use == TrainingUse.UNKNOWN:
            message = f"“{text}” does not say whether users' prompts are trained on. Choose a training use."
            yield Fault(SubjectKind.LISTING, listing.id, message, among=(text,))


@rule("retention-beats-provider", Severity.WARNING)
def retention_beats_provider(case: RuleContext) -> Iterator[Fault]:
    """A listing promises no shorter retention than each of its providers declares.

    "Not stored" stood on a real row whose second provider keeps prompts for 30 days; luck had it seen in 43 seconds.
    """
    for listing in case.snapshot.listings:
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
def training_beats_provider(case: RuleContext) -> Iterator[Fault]:
    """A listing promises no less training than each of its providers declares.

    A provider added to a row takes the row's "No" upon it, whatever it says itself.
    """
    for listing in case.snapshot.listings:
        for provider in listing.providers:
            use = provider.declared and provider.declared.training
            if use and use.severity > listing.training.use.severity:
                declared = f"{provider.name} declares “{training_text(use)}” of training"
                yield _beaten(listing, provider.id, listing.training.text, declared)


@rule("retention-beats-floor", Severity.WARNING)
def retention_beats_floor(case: RuleContext) -> Iterator[Fault]:
    """A listing promises no shorter retention than each of its models requires of any host.

    Some models may be served only by those who keep prompts for a time, whatever the provider says of its others.
    """
    for listing in case.snapshot.listings if case.floors else ():
        promise = severity(listing.retention.clauses)
        for model in listing.models:
            floor = case.floors.get(model.id)
            if floor and severity(floor.clauses) > promise:
                required = f"no host of {model.name} can go below “{floor.text}”"
                yield _beaten(listing, model.id, listing.retention.text, required)


def _beaten(listing: Listing, by: str, promise: str, truth: str) -> Fault:
    message = f"{sentence(the_row(listing))} says “{promise}”, but {truth}. Say the worse, or in the answer why not."
    return Fault(SubjectKind.LISTING, listing.id, message, among=(by,), values=(promise, truth))


@rule("different-terms", Severity.WARNING)
def different_terms(case: RuleContext) -> Iterator[Fault]:
    """A provider has the same terms in all its listings, unless a footnote explains.

    A real company stood under two names with two retentions; and a row said "Not stored" that shared a provider with
    rows of 30 days. A row's terms are the worst of its providers' (so in 1120 of 1121 real rows): where each provider
    of a row stands elsewhere with better terms, one of the rows is wrong.
    """
    retention = _Cell("retention", _retention, lambda listing: listing.retention.text)
    training = _Cell("training", _training, lambda listing: listing.training.text)
    yield from _contradicted(case, retention)
    yield from _contradicted(case, training)


class _Cell:
    """A cell of listings: its name, how bad it is for the user (None where that cannot be told), what it says."""

    def __init__(
        self, name: str, badness: Callable[[Listing], Any], text: Callable[[Listing], str]
    ) -> None:
        self.name, self.badness, self.text = name, badness, text


def _retention(listing: Listing) -> Any:
    is_known = all(clause.kind != ClauseKind.UNKNOWN for clause in listing.retention.clauses)
    return severity(listing.retention.clauses) if is_known else None


def _training(listing: Listing) -> Any:
    use = listing.training.use
    return None if use == TrainingUse.UNKNOWN else use.severity


def _contradicted(case: RuleContext, cell: _Cell) -> Iterator[Fault]:
    best: dict[str, Listing] = {}
    for listing in case.snapshot.listings:
        for provider in listing.providers if cell.badness(listing) is not None else ():
            known = best.setdefault(provider.id, listing)
            if cell.badness(listing) < cell.badness(known):
                best[provider.id] = listing
    for listing in case.snapshot.listings:
        said = cell.badness(listing)
        rivals = {provider.name: best.get(provider.id, listing) for provider in listing.providers}
        is_contradicted = (
            bool(rivals)
            and said is not None
            and all(cell.badness(each) < said for each in rivals.values())
        )
        if is_contradicted and not _is_explained(case, listing, cell):
            better = [
                f"{name} in {the_row(rival)} “{cell.text(rival)}”" for name, rival in rivals.items()
            ]
            elsewhere = join_names(better, limit=FEW)
            message = (
                f"{sentence(the_row(listing))} says “{cell.text(listing)}” of {cell.name}, but {elsewhere}. Say the "
                "worse in both, or explain it in a footnote."
            )
            values = (
                cell.text(listing),
                *((name, each.id, cell.text(each)) for name, each in rivals.items()),
            )
            yield Fault(SubjectKind.LISTING, listing.id, message, among=(cell.name,), values=values)


def _is_explained(case: RuleContext, listing: Listing, cell: _Cell) -> bool:
    """Return whether the cell is marked, or the worse of its models' floors is what it says."""
    if listing.retention.footnotes if cell.name == "retention" else listing.training.footnotes:
        return True
    floors = [case.floors[model.id].text for model in listing.models if model.id in case.floors]
    return cell.name == "retention" and listing.retention.text in floors


@rule("review-overdue", Severity.NOTE)
def review_overdue(case: RuleContext) -> Iterator[Fault]:
    """What is to be looked at again by a day is looked at by then.

    On the real page nobody was to look again: its stale notes stood for up to a year.
    """
    for each in case.facts.reviews:
        if case.facts.today and each.due < case.facts.today:
            message = f"{each.name} was to be reviewed by {each.due}. Look at it again and record the review."
            yield Fault(each.kind, each.id, message, values=(each.due.isoformat(),))
