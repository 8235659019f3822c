"""The lives of models and providers: who was listed with whom, on which terms, from when until when.

A life is told in spans, one for each offering (a model as served by one provider) as long as its terms are the same. It
takes every publication to tell one; what was read is kept, and continued when another publication comes.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Any, Self

from compliance.published import store
from compliance.published.store import Index, PublishedEntry


class Subject(StrEnum):
    """Whose life it is."""

    MODEL = "model"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Offered:
    """A model at a provider on terms as printed; the ids are None where a row names no model or no provider."""

    model: str | None
    provider: str | None
    training: str
    retention: str


@dataclass(frozen=True, slots=True)
class Period:
    """An offering from the first publication that lists it until the first that does not, None as long as all do."""

    offered: Offered
    first: PublishedEntry
    gone: PublishedEntry | None

    def is_announced(self, at: datetime) -> bool:
        """Say whether it begins after a moment."""
        return self.first.effective_from > at

    def has_ended(self, at: datetime) -> bool:
        """Say whether it was over at a moment."""
        return self.gone is not None and self.gone.effective_from <= at


@dataclass(frozen=True, slots=True)
class OfferingHistory:
    """What is told of a model or provider: its names, the newest first, and its spans, those that last first."""

    names: tuple[str, ...]
    spans: tuple[Period, ...]

    @property
    def first(self) -> PublishedEntry:
        """The publication that listed it first."""
        return min((span.first for span in self.spans), key=_number)

    @property
    def gone(self) -> PublishedEntry | None:
        """The publication that no longer lists it, None as long as the newest does."""
        ends = [span.gone for span in self.spans if span.gone]
        return max(ends, key=_number) if len(ends) == len(self.spans) else None


@dataclass
class OfferingHistories:
    """Every life in a register, as far as it was read."""

    _read: list[tuple[int, str]] = field(default_factory=list)
    _lasting: dict[Offered, PublishedEntry] = field(default_factory=dict)
    _ended: list[Period] = field(default_factory=list)
    _names: defaultdict[tuple[Subject, str], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def life(self, subject: Subject, id: str) -> OfferingHistory | None:
        """Return the life of a model or provider, None where it never was listed."""
        names = self._names.get((subject, id))
        if names is None:
            return None
        spans = tuple(each for each in self._spans() if getattr(each.offered, subject) == id)
        return OfferingHistory(tuple(reversed(names)), spans)

    def _spans(self) -> Iterator[Period]:
        yield from (Period(offered, first, None) for offered, first in self._lasting.items())
        yield from reversed(self._ended)

    def name(self, subject: Subject, id: str) -> str:
        """Return the newest name of a model or provider that was listed."""
        return self._names[subject, id][-1]

    def listed(self, subject: Subject, at: datetime) -> tuple[list[str], list[str]]:
        """Return the ids of the models or providers that are listed at a moment or announced, and of those gone.

        Both stand in the order of their names.
        """
        ids = [id for kind, id in self._names if kind is subject]
        ids.sort(key=lambda id: (self.name(subject, id).casefold(), id))
        now = {getattr(span.offered, subject) for span in self._spans() if not span.has_ended(at)}
        return [id for id in ids if id in now], [id for id in ids if id not in now]

    def began_as(self, entries: list[PublishedEntry]) -> bool:
        """Say whether what was read is what some publications begin with."""
        return [
            (each.number, each.content_sha256) for each in entries[: len(self._read)]
        ] == self._read

    def continued(self, index: Index, entries: list[PublishedEntry]) -> Self:
        """Return the lives with those publications read that were not; raises StoreFault."""
        if len(self._read) == len(entries):
            return self
        names = defaultdict(list, {key: list(names) for key, names in self._names.items()})
        later = type(self)(list(self._read), dict(self._lasting), list(self._ended), names)
        for entry in entries[len(self._read) :]:
            later._add(entry, json.loads(store.content(index, entry, "json")))
        return later

    def _add(self, entry: PublishedEntry, frozen: dict[str, Any]) -> None:
        # The frozen JSON as it is: to make a Snapshot of each of ten thousand publications would take a minute.
        now = dict.fromkeys(
            offered for listing in frozen["listings"] for offered in _offered(listing)
        )
        for offered in [each for each in self._lasting if each not in now]:
            self._ended.append(Period(offered, self._lasting.pop(offered), entry))
        for offered in now:
            self._lasting.setdefault(offered, entry)
        for listing in frozen["listings"]:
            for subject, column in ((Subject.MODEL, "models"), (Subject.PROVIDER, "providers")):
                for each in listing[column]:
                    self._call(subject, each["id"], each["name"])
        self._read.append((entry.number, entry.content_sha256))

    def _call(self, subject: Subject, id: str, name: str) -> None:
        names = self._names[subject, id]
        if not names or names[-1] != name:
            names[:] = [*(each for each in names if each != name), name]


def _offered(listing: dict[str, Any]) -> Iterator[Offered]:
    for model in listing["models"] or [{"id": None}]:
        for provider in listing["providers"] or [{"id": None}]:
            yield Offered(
                model["id"],
                provider["id"],
                listing["training"]["text"],
                listing["retention"]["text"],
            )


def _number(entry: PublishedEntry) -> int:
    return entry.number


_told: dict[str, OfferingHistories] = {}
_telling = Lock()


def offering_histories(index: Index, at: datetime) -> OfferingHistories:
    """Return the lives that the publications tell which the public may see at a moment; raises StoreFault."""
    entries = list(reversed(index.visible(at)))
    with _telling:
        known = _told.get(index.slug)
        begun = known if known and known.began_as(entries) else OfferingHistories()
        _told[index.slug] = begun.continued(index, entries)
        return _told[index.slug]
