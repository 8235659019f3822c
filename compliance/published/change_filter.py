"""Which events of a register a reader asks for: by effect, day, model and provider.

Whoever filters asks of every event what it changed. What a filter needs to know of an event is
therefore kept: comparing all of ten thousand publications takes minutes, asking for it again less
than a second.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from compliance.page.diff import AffectedChange, Effect
from compliance.published.changelog import event_changes
from compliance.published.events import EventKind, PublicationEvent
from compliance.published.index import Index

# About a kilobyte each.
_KEPT_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a filter asks of a change; `effects` are those that find it."""

    effects: frozenset[Effect]
    models: frozenset[str]
    providers: frozenset[str]


class InvalidFilter(ValueError):
    """A text is no effect; the message is a sentence that says so."""


def read_effect(text: str) -> Effect:
    """Return the effect of a name; raises InvalidFilter."""
    try:
        return Effect(text)
    except ValueError as error:
        raise InvalidFilter(f"{text[:40]} is no effect. Use one of {', '.join(Effect)}.") from error


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """What a reader asks for; a change must match all of it.

    `models` are the ids under which one model was listed, `providers` those of one provider; none
    for any. `first` and `last` are days in UTC.
    """

    effect: Effect | None = None
    models: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    first: date | None = None
    last: date | None = None

    @property
    def selects_changes(self) -> bool:
        """Whether it leaves out some changes of an event."""
        return bool(self.effect or self.models or self.providers)

    def wanted_of(self, index: Index, event: PublicationEvent) -> list[AffectedChange]:
        """Return the changes of an event that are wanted; raises StoreFault.

        Those of a withdrawal are wanted whatever their effect: what ends a weaker change is
        stronger.
        """
        is_withdrawal = event.kind is EventKind.WITHDRAWN
        wanted = replace(self, effect=None) if is_withdrawal else self
        changes = event_changes(index, event)
        return [affected for affected in changes if wanted._wants(_traits(affected))]

    def select(
        self, index: Index, events: Iterable[PublicationEvent], *, limit: int | None = None
    ) -> list[PublicationEvent]:
        """Return the events with a wanted change, or the first of them; raises StoreFault."""
        selected: list[PublicationEvent] = []
        for event in events:
            if len(selected) == limit:
                break
            if self._wants_event(index, event):
                selected.append(event)
        return selected

    def _wants_event(self, index: Index, event: PublicationEvent) -> bool:
        if self.first and event.day < self.first:
            return False
        if self.last and event.day > self.last:
            return False
        if not self.selects_changes:
            return True
        # Who was told of a change is told that it was taken back.
        told = [event, event.takes_back] if event.takes_back else [event]
        return any(self._wants(traits) for each in told for traits in _event_traits(index, each))

    def _wants(self, traits: _Traits) -> bool:
        if self.effect and self.effect not in traits.effects:
            return False
        if self.models and self.models.isdisjoint(traits.models):
            return False
        return not self.providers or not self.providers.isdisjoint(traits.providers)


EVERYTHING = ChangeFilter()


def _traits(affected: AffectedChange) -> _Traits:
    effects = frozenset(effect for effect in Effect if affected.change.has_effect(effect))
    return _Traits(effects, affected.models, affected.providers)


# The hashes and frames of the two pages, and the hash of the approval whose grades count.
_Page = tuple[str, ...]
_EventKey = tuple[_Page, _Page, str | None]
_kept: dict[_EventKey, frozenset[_Traits]] = {}
_lock = Lock()


def _event_traits(index: Index, event: PublicationEvent) -> frozenset[_Traits]:
    """Return what filters ask of the changes of an event; raises StoreFault."""
    if not event.changes_page:
        return frozenset()
    key = _event_key(event)
    traits = _kept.get(key)
    if traits is None:
        # One thread at a time: two that ask of a long history would only do the same work.
        with _lock:
            traits = _kept.get(key)
            if traits is None:
                traits = frozenset(map(_traits, event_changes(index, event)))
                if len(_kept) >= _KEPT_EVENTS:
                    _kept.clear()
                _kept[key] = traits
    return traits


def _event_key(event: PublicationEvent) -> _EventKey:
    before, after = (
        (page.content_sha256, *page.frame.values()) if page else ()
        for page in (event.before, event.after)
    )
    grades = event.entry.approval_sha256 if event.has_grades and event.entry.grades else None
    return before, after, grades
