"""Rows that came, went or moved."""

from collections import defaultdict
from collections.abc import Iterator

from compliance.page.diff.effects import MoveConsequence
from compliance.page.diff.sentences import join_names, provider_names, row_label, verb_form
from compliance.page.diff.sequences import longest_rising
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Listing, Model, Snapshot


class RowIndex:
    """The rows of a page by their ids and by their models, and whom it names."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.by_id = {listing.id: listing for listing in snapshot.listings}
        self.by_model: defaultdict[str, list[Listing]] = defaultdict(list)
        for listing in snapshot.listings:
            for id in dict.fromkeys(model.id for model in listing.models):
                self.by_model[id].append(listing)
        self.providers = {
            provider.id for listing in snapshot.listings for provider in listing.providers
        }


def row_added(listing: Listing, before: RowIndex, after: RowIndex) -> Iterator[Change]:
    """Say what a new row lists and promises; models that stood elsewhere were split off, with what that changes.

    It is weaker where it names somebody whom the page did not name before.
    """
    terms = f"Training: “{listing.training.text}”. Retention: “{listing.retention.text}”."
    split: defaultdict[MoveConsequence, list[Model]] = defaultdict(list)
    for model in listing.models:
        if model.id in before.by_model:
            split[MoveConsequence.of(before.by_model[model.id], after.by_model[model.id])].append(
                model
            )
    added = [model.name for model in listing.models if model.id not in before.by_model]
    if added or not split:
        newcomers = [
            each for each in listing.providers if before.by_id and each.id not in before.providers
        ]
        sentence = f"New row: {join_names(added) or 'no model'}, through {provider_names(listing)}. {terms}"
        if newcomers:
            names = join_names(each.name for each in newcomers)
            sentence += (
                f" {names} {verb_form(len(newcomers), 'was', 'were')} not on the page before."
            )
        effect, about = (
            Effect.WEAKER if newcomers else Effect.NEUTRAL,
            tuple(each.id for each in newcomers),
        )
        yield Change(ChangeKind.LISTING_ADDED, effect, sentence, listing.id, about)
    for consequence, models in split.items():
        names = join_names(dict.fromkeys(model.name for model in models))
        stand = verb_form(len(models), "stands", "stand")
        sentence = f"{names} {stand} in a new row, through {provider_names(listing)}{consequence.said(len(models))}. {terms}"
        about = tuple(model.id for model in models)
        yield Change(ChangeKind.LISTING_SPLIT, consequence.effect, sentence, listing.id, about)


def row_removed(listing: Listing, after: RowIndex) -> Iterator[Change]:
    """Say that a row is gone, and which models with it; one whose models all went to another was merged into it."""
    gone = [model.name for model in listing.models if model.id not in after.by_model]
    rest = {row.id: row for model in listing.models for row in after.by_model.get(model.id, [])}
    if listing.models and not gone and len(rest) == 1:
        [row] = rest.values()
        theirs = {model.id for model in listing.models}
        joined = [model.name for model in row.models if model.id not in theirs]
        sentence = f"The row of {row_label(listing)} is merged into the row of {row_label(row, joined or None)}."
        yield Change(ChangeKind.LISTING_MERGED, Effect.NEUTRAL, sentence, listing.id)
        return
    sentence = f"The row of {row_label(listing)} is gone."
    if gone:
        sentence += f" {join_names(gone)} {verb_form(len(gone), 'is', 'are')} no longer listed."
    yield Change(ChangeKind.LISTING_REMOVED, Effect.NEUTRAL, sentence, listing.id)


def rows_moved(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say which rows stand elsewhere: the fewest whose moves make the new order."""
    old_place = {listing.id: place for place, listing in enumerate(before.listings)}
    stayed = [listing for listing in after.listings if listing.id in old_place]
    settled = set(longest_rising([old_place[listing.id] for listing in stayed]))
    following = {
        listing.id: last
        for last, listing in zip([None, *after.listings], after.listings, strict=False)
    }
    for place, listing in enumerate(stayed):
        if place not in settled:
            last = following[listing.id]
            where = f"after the row of {row_label(last)}" if last else "first"
            yield Change(
                ChangeKind.LISTING_MOVED,
                Effect.NEUTRAL,
                f"The row of {row_label(listing)} now stands {where}.",
                listing.id,
            )
