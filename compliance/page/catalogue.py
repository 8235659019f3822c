"""The models and providers that sections name, in the order in which a reader meets them."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TypeVar

from compliance.page.remembered import by_identity, values_of
from compliance.page.snapshot import Model, Provider
from compliance.page.table import Cell, DocumentItem, ModelItem, ProviderItem, Row, Section
from compliance.page.vocabulary import ONCE_IN_A_TABLE

_T = TypeVar("_T")


def named_in(cells: Iterable[Cell]) -> tuple[list[str], list[str]]:
    """Return the ids of the models and of the providers that cells name, once each, in order.

    A provider is also named as the author of a document.
    """
    models: dict[str, None] = {}
    providers: dict[str, None] = {}
    for cell in cells:
        for item in cell.items:
            if isinstance(item, ModelItem):
                models[item.model] = None
            elif isinstance(item, ProviderItem | DocumentItem) and item.provider is not None:
                providers[item.provider] = None
    return list(models), list(providers)


def catalogue(
    sections: Iterable[Section], models: Mapping[str, Model], providers: Mapping[str, Provider]
) -> tuple[tuple[Model, ...], tuple[Provider, ...]]:
    """Return a snapshot's `models` and `providers`: what its sections name, once each, in order.

    Both mappings are by id and may hold more. Raises KeyError for what they lack.
    """
    rows = [Row(section, listing) for section in sections for listing in section.listings]
    named = values_of(_named, rows)
    return _named_things(0, named, models), _named_things(1, named, providers)


@by_identity(32)
def ids_of(things: tuple[Model | Provider, ...]) -> frozenset[str]:
    """Return the ids of models or providers."""
    return frozenset([thing.id for thing in things])


@by_identity(16)
def _named_things(
    place: int, named: list[tuple[list[str], list[str]]], things: Mapping[str, _T]
) -> tuple[_T, ...]:
    ids = dict.fromkeys(chain.from_iterable(of_row[place] for of_row in named))
    return tuple([things[id] for id in ids])


def _named(row: Row) -> tuple[list[str], list[str]]:
    """Return the ids of the models and of the providers that a row names, in order."""
    return named_in(cell for column, cell in row.cells if column.role in ONCE_IN_A_TABLE)
