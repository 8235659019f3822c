"""Rules for changes of the page in force: a change of what readers were promised needs a reason."""

from collections.abc import Callable, Iterator

from compliance.page.diff import Change, ChangeKind, Effect
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.rules.context import RuleContext
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule

_RECIPIENTS = {ChangeKind.PROVIDER_ADDED, ChangeKind.RECIPIENT_GAINED, ChangeKind.LISTING_ADDED}
_REMOVALS = {
    ChangeKind.MODEL_RETIRED,
    ChangeKind.MODEL_REPLACED,
    ChangeKind.PROVIDER_REMOVED,
    ChangeKind.LISTING_REMOVED,
    ChangeKind.DOCUMENT_REMOVED,
    ChangeKind.FOOTNOTE_REMOVED,
    ChangeKind.CITATION_REMOVED,
}


@rule("weaker-promise", Severity.WARNING)
def weaker_promise(context: RuleContext) -> Iterator[Fault]:
    """What readers were promised gets weaker only for a reason.

    In eleven of 76 real edits the commit message said something else than what was changed, so the
    reason is asked for next to the computed change.
    """
    yield from _changes(
        context, lambda change: change.effect == Effect.WEAKER and change.kind not in _RECIPIENTS
    )


@rule("stronger-promise", Severity.WARNING)
def stronger_promise(context: RuleContext) -> Iterator[Fault]:
    """What readers are promised gets stronger only for a reason.

    A real row said "Not stored" while its second provider kept prompts for 30 days. By chance it
    was noticed and taken back after 43 seconds.
    """
    yield from _changes(
        context, lambda change: change.effect == Effect.STRONGER and change.kind not in _REMOVALS
    )


@rule("new-recipient", Severity.WARNING)
def new_recipient(context: RuleContext) -> Iterator[Fault]:
    """Nobody new gets prompts without a reason.

    A provider that was added to a real row for one model also got another model's prompts, and
    nobody noticed.
    """
    yield from _changes(
        context, lambda change: change.effect == Effect.WEAKER and change.kind in _RECIPIENTS
    )
    if context.before is None:
        return
    # Where a successor takes over a whole row, no change is about the row's new providers.
    known: set[str] = set()
    for listing in context.before.listings:
        known |= {provider.id for provider in listing.providers}
    # Whoever a change of recipients is about was reported above.
    for change in context.changes:
        if change.kind in _RECIPIENTS:
            known |= set(change.about)
    for id, name in context.providers.items():
        if id not in known:
            listings = context.listings_of_provider[id]
            names = [model.name for listing in listings for model in listing.models]
            models = join_names(names, limit=FEW)
            message = (
                f"{name} gets prompts for the first time, those of {models or 'no model'}: "
                "say in the answer why."
            )
            yield Fault(SubjectKind.PROVIDER, id, message)


@rule("removal", Severity.WARNING)
def removal(context: RuleContext) -> Iterator[Fault]:
    """Nothing leaves the page without a reason.

    A model left a real page while the product still offered it; its users could no longer see who
    got their prompts.
    """
    yield from _changes(
        context, lambda change: change.effect != Effect.WEAKER and change.kind in _REMOVALS
    )


@rule("half-moved", Severity.WARNING)
def half_moved(context: RuleContext) -> Iterator[Fault]:
    """A model that moves to another row does so as a whole.

    Rows are chosen for publication one by one. If its old row is published and its new one held
    back, a model that the product offers would be listed nowhere, which nobody wants.
    """
    for listing in context.before.listings if context.before else ():
        for model in listing.models:
            if model.id in context.facts.listed and model.id not in context.models:
                message = (
                    f"{model.name} is listed in the working copy, "
                    "but would stand nowhere on this page. "
                    "Choose the row that it moved to, too, or say in the answer why."
                )
                yield Fault(SubjectKind.MODEL, model.id, message)


def _changes(context: RuleContext, is_meant: Callable[[Change], bool]) -> Iterator[Fault]:
    """Yield a fault for each matching change; its sentence is part of the key."""
    for change in filter(is_meant, context.changes):
        asks = f"This is {change.effect} for readers: say in the answer why."
        if change.effect == Effect.NEUTRAL:
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
    """Return what a change is shown at: its listing if it still exists, else what it is about."""
    if change.listing in context.listings:
        return SubjectKind.LISTING, str(change.listing)
    if change.kind == ChangeKind.DECLARED:
        return SubjectKind.PROVIDER, change.about[0]
    return SubjectKind.REGISTER, context.snapshot.register.slug
