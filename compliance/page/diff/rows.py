"""Rows that were added, removed or moved."""

from collections import defaultdict
from collections.abc import Iterator

from compliance.page.diff.effects import MoveConsequence
from compliance.page.diff.sentences import join_names, provider_names, row_label, verb_form
from compliance.page.diff.sequences import longest_rising
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Model, Snapshot
from compliance.page.table import Listing


class RowIndex:
    """The rows of a page by their ids and by the ids of their models, and the ids of providers."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.by_id = {listing.id: listing for listing in snapshot.listings}
        self.by_model: defaultdict[str, list[Listing]] = defaultdict(list)
        self.providers: set[str] = set()
        for listing in snapshot.listings:
            # A row may name a model twice, as real pages have done.
            for id in dict.fromkeys(model.id for model in listing.models):
                self.by_model[id].append(listing)
            self.providers |= {provider.id for provider in listing.providers}


def row_added(listing: Listing, before: RowIndex, after: RowIndex) -> Iterator[Change]:
    """Give the changes that a new row makes: for its new models, and for those of other rows.

    Models that stood in other rows were split off: one change for all with the same consequence.
    """
    split_off: defaultdict[MoveConsequence, list[Model]] = defaultdict(list)
    new_names: list[str] = []
    for model in listing.models:
        if model.id in before.by_model:
            old_rows, new_rows = before.by_model[model.id], after.by_model[model.id]
            split_off[MoveConsequence.of(old_rows, new_rows)].append(model)
        else:
            new_names.append(model.name)
    if new_names or not split_off:
        yield _new_row(listing, new_names, before)
    for consequence, models in split_off.items():
        names = join_names(dict.fromkeys(model.name for model in models))
        stand = verb_form(len(models), "stands", "stand")
        sentence = (
            f"{names} {stand} in a new row, through {provider_names(listing)}"
            f"{consequence.sentence_end(len(models))}. {_terms(listing)}"
        )
        about = tuple(model.id for model in models)
        yield Change(ChangeKind.LISTING_SPLIT, consequence.effect, sentence, listing.id, about)


def _new_row(listing: Listing, model_names: list[str], before: RowIndex) -> Change:
    """Return the change of a new row; it is weaker where a provider is new to the page."""
    models = join_names(model_names) or "no model"
    sentence = f"New row: {models}, through {provider_names(listing)}. {_terms(listing)}"
    # On the first page every provider is new, and nothing was promised before.
    is_first_page = not before.by_id
    new_providers = [
        provider
        for provider in listing.providers
        if not is_first_page and provider.id not in before.providers
    ]
    if new_providers:
        names = join_names(provider.name for provider in new_providers)
        were = verb_form(len(new_providers), "was", "were")
        sentence += f" {names} {were} not on the page before."
    effect = Effect.WEAKER if new_providers else Effect.NEUTRAL
    about = tuple(provider.id for provider in new_providers)
    return Change(ChangeKind.LISTING_ADDED, effect, sentence, listing.id, about)


def _terms(listing: Listing) -> str:
    return f"Training: “{listing.training.text}”. Retention: “{listing.retention.text}”."


def row_removed(listing: Listing, after: RowIndex) -> Iterator[Change]:
    """Give the change of a removed row: merged if all its models went to one row, else gone."""
    retired = [model.name for model in listing.models if model.id not in after.by_model]
    new_rows: dict[str, Listing] = {}
    for model in listing.models:
        new_rows |= {row.id: row for row in after.by_model.get(model.id, [])}
    if listing.models and not retired and len(new_rows) == 1:
        [new_row] = new_rows.values()
        yield _merged(listing, new_row)
        return
    sentence = f"The row of {row_label(listing)} is gone."
    if retired:
        are = verb_form(len(retired), "is", "are")
        sentence += f" {join_names(retired)} {are} no longer listed."
    yield Change(ChangeKind.LISTING_REMOVED, Effect.NEUTRAL, sentence, listing.id)


def _merged(listing: Listing, new_row: Listing) -> Change:
    moved = {model.id for model in listing.models}
    others = [model.name for model in new_row.models if model.id not in moved]
    target = row_label(new_row, others or None)
    sentence = f"The row of {row_label(listing)} is merged into the row of {target}."
    return Change(ChangeKind.LISTING_MERGED, Effect.NEUTRAL, sentence, listing.id)


def rows_moved(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give a change for each row that moved: the fewest whose moves make the new order."""
    old_place = {listing.id: place for place, listing in enumerate(before.listings)}
    stayed = [listing for listing in after.listings if listing.id in old_place]
    settled = set(longest_rising([old_place[listing.id] for listing in stayed]))
    row_before: dict[str, Listing | None] = {}
    previous: Listing | None = None
    for listing in after.listings:
        row_before[listing.id] = previous
        previous = listing
    for place, listing in enumerate(stayed):
        if place in settled:
            continue
        neighbour = row_before[listing.id]
        where = f"after the row of {row_label(neighbour)}" if neighbour else "first"
        sentence = f"The row of {row_label(listing)} now stands {where}."
        yield Change(ChangeKind.LISTING_MOVED, Effect.NEUTRAL, sentence, listing.id)
