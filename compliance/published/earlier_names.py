"""The names of models that changes know only by their ids."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from compliance.page.diff import AffectedChange, earlier_models, with_earlier_names
from compliance.published.index import Index
from compliance.published.offerings import PartyKind, read_histories


def name_earlier_models(
    index: Index, changes: Iterable[AffectedChange], at: datetime
) -> list[AffectedChange]:
    """Return changes that call models by the names that they had on pages that were public.

    A change that joins the history of a model to another one knows only its id, where neither of
    the two pages lists it. Raises StoreFault.
    """
    named = list(changes)
    ids = {id for affected in named for id in earlier_models(affected.change)}
    if not ids:
        return named
    histories = read_histories(index, at)
    known = {id for id in ids if histories.is_known(PartyKind.MODEL, id)}
    names = {id: histories.name(PartyKind.MODEL, id) for id in known}
    return [
        replace(affected, change=with_earlier_names(affected.change, names)) for affected in named
    ]
