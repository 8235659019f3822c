"""Recognise models and providers of a page by the texts that the register prints for them.

A page in Markdown has only what is printed. Where that is not the name, such as "Acme GmbH, EU
only" for Acme, the register knows for whom it prints these words.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import (
    Cell,
    DocumentItem,
    Item,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
)

P = TypeVar("P", Model, Provider)


def named_as_before(page: Snapshot, before: Snapshot) -> Snapshot:
    """Return a page in Markdown with the names for which `before` prints the same words.

    Words that stand there for several models or providers name nobody else.
    """
    named_models = {model.id: model.name for model in before.models}
    named_providers = {provider.id: provider.name for provider in before.providers}
    model_names = _names_by_words(
        (item.plain, named_models[item.model]) for row in before.rows() for item in row.models
    )
    provider_names = _names_by_words(
        (item.plain, named_providers[item.provider])
        for row in before.rows()
        for item in row.providers
    )
    if not model_names and not provider_names:
        return page
    models, model_ids = _renamed(page.models, model_names)
    providers, provider_ids = _renamed(page.providers, provider_names)
    ids = _Ids(model_ids, provider_ids)
    sections = tuple(map(ids.section, page.sections))
    return replace(page, sections=sections, models=models, providers=providers)


def _names_by_words(printed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the name of what printed words stand for, where it is one and its name differs."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for words, name in printed:
        names[words].add(name)
    return {
        words: name
        for words, several in names.items()
        if len(several) == 1 and (name := next(iter(several))) != words
    }


def _renamed(
    entries: tuple[P, ...], names: Mapping[str, str]
) -> tuple[tuple[P, ...], dict[str, str]]:
    """Return the entries under their names, each once, and the id of each former entry in them."""
    by_name: dict[str, P] = {}
    ids: dict[str, str] = {}
    for entry in entries:
        name = names.get(entry.name, entry.name)
        kept = by_name.setdefault(name, replace(entry, name=name))
        ids[entry.id] = kept.id
    return tuple(by_name.values()), ids


class _Ids:
    """Puts the ids of the renamed entries into the items of a page."""

    def __init__(self, models: Mapping[str, str], providers: Mapping[str, str]) -> None:
        self._models, self._providers = models, providers

    def section(self, section: Section) -> Section:
        return replace(section, listings=tuple(map(self._listing, section.listings)))

    def _listing(self, listing: Listing) -> Listing:
        return replace(
            listing, cells={key: self._cell(cell) for key, cell in listing.cells.items()}
        )

    def _cell(self, cell: Cell) -> Cell:
        return replace(cell, items=tuple(map(self._item, cell.items)))

    def _item(self, item: Item) -> Any:
        if isinstance(item, ModelItem):
            return replace(item, model=self._models[item.model])
        if isinstance(item, ProviderItem):
            return replace(item, provider=self._providers[item.provider])
        if isinstance(item, DocumentItem) and item.provider is not None:
            return replace(item, provider=self._providers[item.provider])
        return item
