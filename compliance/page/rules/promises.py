"""Rules for changes of the page in force: a change of what readers were promised needs a reason."""

from collections.abc import Callable, Iterator

from compliance.page.catalogue import ids_of
from compliance.page.diff import Change, ChangeKind, Effect
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.remembered import by_identity, values_of
from compliance.page.rules.context import RuleContext, first_names, names_of_providers
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, Rank, rule
from compliance.page.snapshot import Model

_RECIPIENTS = {ChangeKind.PROVIDER_ADDED, ChangeKind.RECIPIENT_GAINED, ChangeKind.LISTING_ADDED}
# A change that is better in one part only is asked about like one that is worse.
_WORSE = {Effect.WEAKER, Effect.MIXED}
_REMOVALS = {
    ChangeKind.MODEL_RETIRED,
    ChangeKind.MODEL_REPLACED,
    ChangeKind.PROVIDER_REMOVED,
    ChangeKind.LISTING_REMOVED,
    ChangeKind.DOCUMENT_REMOVED,
    ChangeKind.FOOTNOTE_REMOVED,
    ChangeKind.CITATION_REMOVED,
    ChangeKind.COLUMN_REMOVED,
    ChangeKind.SECTION_REMOVED,
}


@rule("weaker-promise", Severity.WARNING, rank=Rank.ANSWER)
def weaker_promise(context: RuleContext) -> Iterator[Fault]:
    """What readers were promised gets weaker only for a reason.

    What an editor writes about an edit may be something else than what it changes, so the reason is
    asked for next to the computed change. Of a new company, another rule asks.
    """
    others = _RECIPIENTS | {ChangeKind.MODEL_ADDED}
    yield from _changes(
        context, lambda change: change.effect in _WORSE and change.kind not in others
    )


@rule("stronger-promise", Severity.WARNING, rank=Rank.ANSWER)
def stronger_promise(context: RuleContext) -> Iterator[Fault]:
    """What readers are promised gets stronger only for a reason.

    "Not stored" in a row whose second provider keeps prompts for 30 days is a promise that nobody
    keeps, and it reads like good news.
    """
    yield from _changes(
        context, lambda change: change.effect == Effect.STRONGER and change.kind not in _REMOVALS
    )


@rule("new-recipient", Severity.WARNING, rank=Rank.ANSWER)
def new_recipient(context: RuleContext) -> Iterator[Fault]:
    """Nobody new gets prompts without a reason.

    A provider that is added to a row for one of its models gets the prompts of the others, too.
    """
    yield from _changes(
        context, lambda change: change.effect in _WORSE and change.kind in _RECIPIENTS
    )
    if context.before is None:
        return
    # Where a successor takes over a whole row, no change is about the row's new providers.
    before = first_names(values_of(names_of_providers, context.before.all_rows))
    # Whoever a change of recipients is about was reported above.
    changes = [change for change in context.changes if change.kind in _RECIPIENTS]
    reported = {id for change in changes for id in change.about}
    for id, name in context.recipients.items():
        if id not in before and id not in reported:
            message = f"{_arrival(context, id, name)}: say in the answer why."
            yield Fault(SubjectKind.PROVIDER, id, message)


def _arrival(context: RuleContext, id: str, name: str) -> str:
    """Return the beginning of a sentence on a provider that is new to the page."""
    rows = context.rows_of_provider[id]
    models = [item.plain for row in rows for item in row.models]
    if models:
        return f"{name} gets prompts for the first time, those of {join_names(models, limit=FEW)}"
    return f"{name} is new to the page, in {context.the_rows(rows)}"


@rule("removal", Severity.WARNING, rank=Rank.ANSWER)
def removal(context: RuleContext) -> Iterator[Fault]:
    """Nothing leaves the page without a reason.

    If a model leaves the page while the product still offers it, its users can no longer see who
    gets their prompts.
    """
    yield from _changes(
        context, lambda change: change.effect not in _WORSE and change.kind in _REMOVALS
    )


@rule("half-moved", Severity.WARNING, rank=Rank.ANSWER)
def half_moved(context: RuleContext) -> Iterator[Fault]:
    """A model that moves to another row does so as a whole.

    Rows are chosen for publication one by one. If its old row is published and its new one held
    back, a model that the product offers would be listed nowhere, which nobody wants.
    """
    before = context.before.models if context.before else ()
    for model in _moved(before, context.facts.listed, context.models):
        message = (
            f"{model.name} is listed in the working copy, but would stand nowhere on this page. "
            "Choose the row that it moved to, too, or say in the answer why."
        )
        yield Fault(SubjectKind.MODEL, model.id, message)


@by_identity(8)
def _moved(
    before: tuple[Model, ...], listed: frozenset[str], models: dict[str, str]
) -> list[Model]:
    """Return the models of the page before that are listed, but not on this page."""
    moved = (ids_of(before) & listed) - models.keys()
    return [model for model in before if model.id in moved] if moved else []


def _changes(context: RuleContext, is_meant: Callable[[Change], bool]) -> Iterator[Fault]:
    """Yield a fault for each matching change; its sentence is part of the key."""
    for change in filter(is_meant, context.changes):
        asks = f"This is {change.effect} for readers: say in the answer why."
        if change.effect in (Effect.NEUTRAL, Effect.UNJUDGED):
            asks = "Say in the answer why."
        kind, subject = _subject(context, change)
        yield Fault(
            kind,
            subject,
            f"{change.sentence} {asks}",
            among=(change.key,),
            values=(change.sentence,),
        )


def _subject(context: RuleContext, change: Change) -> tuple[SubjectKind, str]:
    """Return what a change is shown at: its listing, which may be gone, else what it is about."""
    if change.listing:
        return SubjectKind.LISTING, change.listing
    if change.kind == ChangeKind.DECLARED:
        return SubjectKind.PROVIDER, change.about[0]
    return SubjectKind.REGISTER, context.snapshot.register.slug
