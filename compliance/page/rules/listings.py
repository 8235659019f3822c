"""Rules for listings: each says something, and says it once."""

from collections import Counter
from collections.abc import Iterator

from compliance.page.rules.context import RuleContext, the_row, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule


@rule("no-model", Severity.BLOCKER)
def no_model(context: RuleContext) -> Iterator[Fault]:
    """A listing has a model.

    A row whose last model was retired is a promise about nothing.
    """
    for row, listing in enumerate(context.snapshot.listings, start=1):
        if not listing.models:
            yield Fault(
                SubjectKind.LISTING,
                listing.id,
                f"Row {row} has no model. Add one, or remove the listing.",
            )


@rule("no-provider", Severity.BLOCKER)
def no_provider(context: RuleContext) -> Iterator[Fault]:
    """A listing has a provider.

    The page exists to say who gets the prompts; a row without providers says that nobody does.
    """
    for row, listing in enumerate(context.snapshot.listings, start=1):
        if not listing.providers:
            place = f"The row of {listing.models[0].name}" if listing.models else f"Row {row}"
            message = f"{place} has no provider. Add one, or retire the listing."
            yield Fault(SubjectKind.LISTING, listing.id, message)


@rule("no-listing", Severity.WARNING)
def no_listing(context: RuleContext) -> Iterator[Fault]:
    """A page lists something.

    A page that lists nothing says that nobody gets prompts. It can be the result of a mistake when
    listings are chosen for publication.
    """
    if not context.snapshot.listings:
        message = (
            "The page lists nothing. "
            "Choose a listing, or say in the answer why nobody gets prompts."
        )
        yield Fault(SubjectKind.REGISTER, context.snapshot.register.slug, message)


@rule("model-twice-in-listing", Severity.WARNING)
def model_twice_in_listing(context: RuleContext) -> Iterator[Fault]:
    """A listing names a model once.

    A real page listed one model twice in one row for four days.
    """
    for listing in context.snapshot.listings:
        for id, count in Counter(model.id for model in listing.models).items():
            if count > 1:
                name = context.models[id]
                message = (
                    f"{name} stands {count} times in {the_row(listing)}. "
                    "Remove it, or write the model meant."
                )
                yield Fault(SubjectKind.MODEL, id, message, among=(listing.id,))


@rule("provider-twice-in-listing", Severity.WARNING)
def provider_twice_in_listing(context: RuleContext) -> Iterator[Fault]:
    """A listing names a provider once.

    A reader who counts the recipients of a prompt would count it twice, and an editor who removes
    one of the two lines may believe the provider gone.
    """
    for listing in context.snapshot.listings:
        for id, count in Counter(provider.id for provider in listing.providers).items():
            if count > 1:
                message = (
                    f"{context.providers[id]} stands {count} times in {the_row(listing)}. "
                    "Remove it, or write the provider meant."
                )
                yield Fault(SubjectKind.PROVIDER, id, message, among=(listing.id,))


@rule("model-in-two-listings", Severity.WARNING)
def model_in_two_listings(context: RuleContext) -> Iterator[Fault]:
    """A model stands in one listing.

    A model in two listings sends prompts to the providers of both, on different terms, and a
    reader of one row does not know about the other.
    """
    for id, listings in context.listings_of_model.items():
        if len(listings) > 1:
            message = (
                f"{context.models[id]} stands in {len(listings)} rows: {the_rows(listings)}. "
                "Retire it from all but one, or say in the answer why it needs them."
            )
            yield Fault(
                SubjectKind.MODEL,
                id,
                message,
                values=tuple(sorted(listing.id for listing in listings)),
            )
