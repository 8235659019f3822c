"""A row that stands on both pages: its models and its providers."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from compliance.page.diff.effects import MoveConsequence
from compliance.page.diff.rows import RowIndex
from compliance.page.diff.sentences import join_names, provider_names, row_label, verb_form
from compliance.page.diff.sequences import is_reordered
from compliance.page.diff.successors import successions
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Listing


@dataclass(frozen=True)
class ContinuedRow:
    """A listing as it was and as it is, and the rows of both pages."""

    old: Listing
    new: Listing
    before: RowIndex
    after: RowIndex

    @cached_property
    def was(self) -> dict[str, str]:
        """The models that stood in it: names by id."""
        return {model.id: model.name for model in self.old.models}

    @cached_property
    def now(self) -> dict[str, str]:
        """The models that stand in it: names by id."""
        return {model.id: model.name for model in self.new.models}

    @cached_property
    def stayed(self) -> dict[str, str]:
        """The models that stood in it before."""
        return {id: name for id, name in self.now.items() if id in self.was}

    @cached_property
    def successions(self) -> list[tuple[str, str]]:
        """Which new model takes the place of which that left the page: pairs of ids."""
        left = {id: name for id, name in self.was.items() if id not in self.after.by_model}
        come = {id: name for id, name in self.now.items() if id not in self.before.by_model}
        return successions(left, come)

    def model_changes(self) -> Iterator[Change]:
        """Say which models came, went, were replaced, moved here, or stand in another order."""
        yield from self._replaced()
        yield from self._added()
        yield from self._moved()
        yield from self._retired()
        if is_reordered(list(self.was), list(self.now)):
            sentence = f"The models of the row of {row_label(self.new)} are reordered."
            yield self._change(ChangeKind.MODELS_REORDERED, Effect.NEUTRAL, sentence)

    def _replaced(self) -> Iterator[Change]:
        """A successor whose row got or lost providers says so; what the row promises is said of the row."""
        consequence = replace(MoveConsequence.of([self.old], [self.new]), terms=Effect.NEUTRAL)
        for gone, come in self.successions:
            sentence = f"{self.now[come]} takes the place of {self.was[gone]}{consequence.said(1)}."
            yield self._change(ChangeKind.MODEL_REPLACED, consequence.effect, sentence, gone, come)

    def _added(self) -> Iterator[Change]:
        succeeding = {come for _, come in self.successions}
        added = {
            id: name
            for id, name in self.now.items()
            if id not in self.before.by_model and id not in succeeding
        }
        if added:
            be, go = verb_form(len(added), "is", "are"), verb_form(len(added), "it goes", "they go")
            sentence = (
                f"{join_names(added.values())} {be} added; {go} to {provider_names(self.new)}."
            )
            yield self._change(ChangeKind.MODEL_ADDED, Effect.NEUTRAL, sentence, *added)
        yield from self._recounted(ChangeKind.MODEL_ADDED, self.new, self.old)

    def _moved(self) -> Iterator[Change]:
        """Say which models of other rows stand here now, and which of them in their former rows no longer."""
        moved: defaultdict[tuple[bool, MoveConsequence], dict[str, str]] = defaultdict(dict)
        for id, name in self.now.items():
            if id not in self.was and id in self.before.by_model:
                former, rows = self.before.by_model[id], self.after.by_model[id]
                has_left = not {row.id for row in former} <= {row.id for row in rows}
                moved[has_left, MoveConsequence.of(former, rows)][id] = name
        row = row_label(self.new, list(self.stayed.values()) or None)
        for (has_left, consequence), models in moved.items():
            how = (
                "moved to"
                if has_left
                else f"now also {verb_form(len(models), 'stands', 'stand')} in"
            )
            sentence = f"{join_names(models.values())} {how} the row of {row}{consequence.said(len(models))}."
            yield self._change(ChangeKind.MODEL_MOVED, consequence.effect, sentence, *models)

    def _retired(self) -> Iterator[Change]:
        followed = {gone for gone, _ in self.successions}
        left = {
            id: name
            for id, name in self.was.items()
            if id not in self.after.by_model and id not in followed
        }
        if left:
            sentence = (
                f"{join_names(left.values())} {verb_form(len(left), 'is', 'are')} no longer listed."
            )
            yield self._change(ChangeKind.MODEL_RETIRED, Effect.NEUTRAL, sentence, *left)
        for id, name in self.was.items():
            rows_now, rows_before = self.after.by_model.get(id, []), self.before.by_model[id]
            if id not in self.now and 0 < len(rows_now) < len(rows_before):
                sentence = f"{name} is no longer listed in the row of {row_label(self.new)} too."
                yield self._change(ChangeKind.MODEL_RETIRED, Effect.NEUTRAL, sentence, id)
        yield from self._recounted(ChangeKind.MODEL_RETIRED, self.old, self.new)

    def _recounted(self, kind: ChangeKind, more: Listing, fewer: Listing) -> Iterator[Change]:
        """Say how often a model that stayed stands in the row now, where that is more often on one page."""
        often, rarely = (Counter(model.id for model in listing.models) for listing in (more, fewer))
        now = Counter(model.id for model in self.new.models)
        for id, name in self.stayed.items():
            if often[id] > rarely[id]:
                times = {1: "once", 2: "twice"}.get(now[id], f"{now[id]} times")
                sentence = f"{name} now stands {times} in the row of {row_label(self.new)}."
                yield self._change(kind, Effect.NEUTRAL, sentence, id)

    def provider_changes(self) -> Iterator[Change]:
        """Say for whom recipients changed: the models that stayed. Where a new model goes is said where it is added.

        Where the row also got new models, those that stayed gained a recipient that may not have been meant for them
        (design section 1): that is a kind of its own.
        """
        was, now = ({each.id: each.name for each in row.providers} for row in (self.old, self.new))
        gained = {id: name for id, name in now.items() if id not in was}
        lost = {id: name for id, name in was.items() if id not in now}
        if self.stayed:
            yield from self._gained(gained)
            if lost:
                go = verb_form(len(self.stayed), "goes", "go")
                sentence = f"{join_names(self.stayed.values())} no longer {go} to {join_names(lost.values())}."
                yield self._change(ChangeKind.PROVIDER_REMOVED, Effect.STRONGER, sentence, *lost)
        elif (gained or lost) and not self.successions:
            sentence = f"The row of {row_label(self.new)} names other providers: {provider_names(self.new)}."
            yield self._change(
                ChangeKind.PROVIDER_ADDED, self._newcomers_effect(gained), sentence, *gained
            )
        if is_reordered(
            [each.id for each in self.old.providers], [each.id for each in self.new.providers]
        ):
            sentence = f"The providers of {row_label(self.new)} now stand in the order {provider_names(self.new)}."
            yield self._change(ChangeKind.PROVIDERS_REORDERED, Effect.NEUTRAL, sentence)

    def _gained(self, gained: dict[str, str]) -> Iterator[Change]:
        if not gained:
            return
        joined = [name for id, name in self.now.items() if id not in self.was]
        sentence = f"{join_names(self.stayed.values())} now also {verb_form(len(self.stayed), 'goes', 'go')} to "
        sentence += join_names(gained.values())
        if joined:
            sentence += f", which joined the row together with {join_names(joined)}"
        kind = ChangeKind.RECIPIENT_GAINED if joined else ChangeKind.PROVIDER_ADDED
        yield self._change(kind, Effect.WEAKER, f"{sentence}.", *gained)

    def _newcomers_effect(self, gained: dict[str, str]) -> Effect:
        return Effect.WEAKER if gained.keys() - self.before.providers else Effect.NEUTRAL

    def _change(self, kind: ChangeKind, effect: Effect, sentence: str, *about: str) -> Change:
        return Change(kind, effect, sentence, self.new.id, about)
