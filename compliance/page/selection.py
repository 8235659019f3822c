"""Choose parts of the working copy, and carry the differences of a page over to another.

Both are one act: each part is taken from one of two pages, and the result is closed over what it
needs (ADR 0030).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from compliance.page import inline
from compliance.page.combination import Combination
from compliance.page.parts import Page, differing, part_keys
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import Cell, Item, ModelItem, ProviderItem

# The printed name of a model or provider, by its class, its id and the name that it had before.
_NewNames = Mapping[tuple[type[Model | Provider], str, str], str]


@dataclass(frozen=True, slots=True)
class Carried:
    """A page with the differences of another one put on top of it.

    `conflicts` are the keys of parts that both changed with different outcomes, and of those that
    only one changed although the other needs them as they were; where there are any, `page` is not
    what anybody wrote. `held_back` are the keys of the parts that stand as they did underneath.
    """

    page: Page
    conflicts: tuple[str, ...]
    held_back: tuple[str, ...]


def select(before: Page | None, working: Page, held_back: Collection[str]) -> Page:
    """Return the working copy in which the parts held back (keys) stand as they were published.

    What a chosen part needs of the working copy comes along, even if it was held back:

    - a listing needs its section, the columns in which it says something, the footnotes that it
      cites, and of the models and providers that it names the facts that tables print;
    - a model or provider with the name of another needs the rows from which that one goes.

    What a part held back needs of the published page stays, even if its removal was chosen: its
    section, its columns and its footnotes. Footnotes are numbered anew. What was held back in the
    end are the parts in which the result differs from the working copy.
    """
    changed = frozenset(differing(before, working))
    return _combined(before, working, changed.difference(held_back), changed)


def carry(origin: Page | None, own: Page, base: Page | None) -> Carried:
    """Return `base` with the differences from `origin` to `own` put on top of it.

    A page is None where nothing was published. Facts of models and providers that `own` did not
    change are those of `base`, and so are their names in its rows.
    """
    touched = frozenset(differing(origin, own))
    own = _with_facts_beneath(own, base, touched)
    apart = frozenset(differing(base, own))
    chosen = touched & apart
    page = _combined(base, own, chosen, apart)
    changed, missing = set(differing(base, page)), set(differing(page, own))
    touched_beneath = _differing_beneath(origin, base)
    conflicts = ((chosen | changed) & touched_beneath) | (chosen & missing)
    held_back = set(part_keys(page)) - touched
    return Carried(page, tuple(sorted(conflicts)), tuple(sorted(held_back)))


def says_all(page: Page, origin: Page | None, own: Page) -> bool:
    """Return whether a page has every difference from `origin` to `own`, and there is one.

    It may have other facts of models and providers than `own`, and their names in its rows.
    """
    touched = frozenset(differing(origin, own))
    own = _with_facts_beneath(own, page, touched)
    return bool(touched) and touched.isdisjoint(differing(page, own))


def _with_facts_beneath(own: Page, base: Page | None, touched: Collection[str]) -> Page:
    """Return a page with the facts of another one where its own are not among the touched parts."""
    if base is None:
        return own
    snapshot, beneath = own.snapshot, base.snapshot
    models = {model.id: model for model in beneath.models if f"model:{model.id}" not in touched}
    providers = {
        party.id: party for party in beneath.providers if f"provider:{party.id}" not in touched
    }
    new_names = {
        (type(party), party.id, inline.escape(party.name)): inline.escape(taken[party.id].name)
        for parties, taken in ((snapshot.models, models), (snapshot.providers, providers))
        for party in parties
        if party.id in taken and taken[party.id].name != party.name
    }
    if new_names:
        snapshot = _renamed(snapshot, new_names)
    return replace(
        own,
        snapshot=replace(
            snapshot,
            models=tuple(models.get(model.id, model) for model in snapshot.models),
            providers=tuple(providers.get(party.id, party) for party in snapshot.providers),
        ),
    )


def _renamed(snapshot: Snapshot, new_names: _NewNames) -> Snapshot:
    """Return a snapshot that prints new names in the rows that print the old ones."""

    def renamed(item: Item) -> Item:
        if isinstance(item, ModelItem):
            return replace(item, text=new_names.get((Model, item.model, item.text), item.text))
        if isinstance(item, ProviderItem):
            key = Provider, item.provider, item.text
            return replace(item, text=new_names.get(key, item.text))
        return item

    def with_new_names(cell: Cell) -> Cell:
        return replace(cell, items=tuple(map(renamed, cell.items)))

    return replace(
        snapshot,
        sections=tuple(
            replace(
                section,
                listings=tuple(
                    replace(
                        listing,
                        cells={key: with_new_names(cell) for key, cell in listing.cells.items()},
                    )
                    for listing in section.listings
                ),
            )
            for section in snapshot.sections
        ),
    )


def _differing_beneath(origin: Page | None, base: Page | None) -> set[str]:
    """Return the keys of what differs from the page on which another stood to that of today."""
    if base is not None:
        return set(differing(origin, base))
    return set(differing(origin, _empty(origin))) if origin else set()


def _combined(
    before: Page | None, working: Page, chosen: frozenset[str], changed: frozenset[str]
) -> Page:
    """Return a page in which the chosen ones of the changed parts are those of the working copy."""
    if chosen == changed:
        return working
    if before is None:
        # A page cannot be without the register's own texts.
        before = _empty(working)
    elif not chosen:
        return before
    while True:
        combination = Combination(before, working, chosen)
        needed = changed & frozenset(combination.needed()) - chosen
        if not needed:
            return combination.page()
        chosen |= needed


def _empty(page: Page) -> Page:
    """Return a page that says nothing, with the texts and the frame of another."""
    return Page(Snapshot(page.snapshot.register, ()), page.frame)
