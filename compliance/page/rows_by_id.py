"""Rows by the ids of what they name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence

from compliance.page.remembered import by_identity
from compliance.page.table import Row


class RowsById(Mapping[str, list[Row]]):
    """The rows that name something, by its id; each row once, in the order of the page.

    `ids` are those that each row names, each once: a list of `remembered.values_of`.
    """

    def __init__(self, rows: Sequence[Row], ids: list[tuple[str, ...]]) -> None:
        self._rows, self._places = rows, _places(ids)

    def __getitem__(self, id: str) -> list[Row]:
        return [self._rows[place] for place in self._places[id]]

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def keys(self) -> KeysView[str]:
        """Return the ids; those of a dict are compared faster."""
        return self._places.keys()

    @property
    def repeated(self) -> list[str]:
        """The ids of what several rows name."""
        return _repeated(self._places)


def model_ids(row: Row) -> tuple[str, ...]:
    """Return the ids of the models of a row, each once: real pages have named one twice."""
    return _once(item.model for item in row.models)


def provider_ids(row: Row) -> tuple[str, ...]:
    """Return the ids of the providers of a row, each once."""
    return _once(item.provider for item in row.providers)


def _once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


# An edit of a claim leaves the ids as they are, and then the list of them is the same object.
@by_identity(32)
def _places(ids: list[tuple[str, ...]]) -> dict[str, list[int]]:
    """Return the places of the rows that name something, by its id."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, ids_of_row in enumerate(ids):
        for id in ids_of_row:
            found[id].append(place)
    return dict(found)


@by_identity(32)
def _repeated(places: dict[str, list[int]]) -> list[str]:
    return [id for id, several in places.items() if len(several) > 1]
