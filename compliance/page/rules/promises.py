"""Rules against the page in force: whoever changes what readers were promised says why."""

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
def weaker_promise(case: RuleContext) -> Iterator[Fault]:
    """What readers were promised gets weaker only for a reason.

    In eleven of 76 real edits the message told something else than the change: so the reason is asked for beside what
    was computed.
    """
    yield from _told(
        case, lambda change: change.effect == Effect.WEAKER and change.kind not in _RECIPIENTS
    )


@rule("stronger-promise", Severity.WARNING)
def stronger_promise(case: RuleContext) -> Iterator[Fault]:
    """What readers are promised gets stronger only for a reason.

    A row said "Not stored" while its second provider kept prompts for 30 days; luck had it taken back in 43 seconds.
    """
    yield from _told(
        case, lambda change: change.effect == Effect.STRONGER and change.kind not in _REMOVALS
    )


@rule("new-recipient", Severity.WARNING)
def new_recipient(case: RuleContext) -> Iterator[Fault]:
    """Nobody new gets prompts without a reason.

    A provider added to a row for the sake of one model became the recipient of another model's prompts unnoticed.
    """
    yield from _told(
        case, lambda change: change.effect == Effect.WEAKER and change.kind in _RECIPIENTS
    )
    if case.before is None:
        return
    told = {id for change in case.changes if change.kind in _RECIPIENTS for id in change.about}
    known = {
        provider.id for listing in case.before.listings for provider in listing.providers
    } | told
    for id, name in case.providers.items():
        if id not in known:
            listings = case.listings_of_provider[id]
            names = [model.name for listing in listings for model in listing.models]
            models = join_names(names, limit=FEW)
            message = f"{name} gets prompts for the first time, those of {models or 'no model'}: say in the answer why."
            yield Fault(SubjectKind.PROVIDER, id, message)


@rule("removal", Severity.WARNING)
def removal(case: RuleContext) -> Iterator[Fault]:
    """Nothing leaves the page without a reason.

    A model left a real page that the product went on offering: its users no longer found who got their prompts.
    """
    yield from _told(
        case, lambda change: change.effect != Effect.WEAKER and change.kind in _REMOVALS
    )


@rule("half-moved", Severity.WARNING)
def half_moved(case: RuleContext) -> Iterator[Fault]:
    """A model that moves to another row does so as a whole.

    Rows are chosen one by one: with its old row taken in and its new one held back, a model that the product offers
    would be listed nowhere, and nobody meant that.
    """
    for listing in case.before.listings if case.before else ():
        for model in listing.models:
            if model.id in case.facts.listed and model.id not in case.models:
                message = (
                    f"{model.name} is listed in the working copy, but would stand nowhere on this page. Choose the row "
                    "that it moved to, too, or say in the answer why."
                )
                yield Fault(SubjectKind.MODEL, model.id, message)


def _told(case: RuleContext, is_meant: Callable[[Change], bool]) -> Iterator[Fault]:
    """Give the changes meant. What is compared is in their sentences: the same change from another page is another."""
    for change in filter(is_meant, case.changes):
        asks = f"This is {change.effect} for readers: say in the answer why."
        if change.effect == Effect.NEUTRAL:
            asks = "Say in the answer why."
        kind, subject = _subject(case, change)
        yield Fault(
            kind,
            subject,
            f"{change.sentence} {asks}",
            among=(change.key,),
            values=(change.sentence,),
        )


def _subject(case: RuleContext, change: Change) -> tuple[SubjectKind, str]:
    """Return what a change can be looked at: its listing where there still is one, else what it is about."""
    if change.listing in case.listings:
        return SubjectKind.LISTING, str(change.listing)
    if change.kind == ChangeKind.DECLARED:
        return SubjectKind.PROVIDER, change.about[0]
    return SubjectKind.REGISTER, case.snapshot.register.slug
