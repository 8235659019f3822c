"""The models and the providers of a row that stands on both pages."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from compliance.page import inline
from compliance.page.diff.effects import MoveConsequence, makes_promise
from compliance.page.diff.facts import renaming_effect
from compliance.page.diff.rows import RowIndex, left_behind
from compliance.page.diff.sentences import (
    join_names,
    notes_of_row,
    provider_names,
    row_label,
    terms_of_row,
    to_providers,
    verb_form,
)
from compliance.page.diff.sequences import is_reordered
from compliance.page.diff.successors import successions_in_row
from compliance.page.diff.types import Change, ChangeKind, Effect, combined
from compliance.page.table import ModelItem, ProviderItem, Row
from compliance.page.vocabulary import ColumnRole


@dataclass(frozen=True)
class ContinuedRow:
    """A row as it was and as it is, and the rows of both pages.

    Between pages that do not follow each other, other pages stood: no model of the one is known to
    take the place of a model of the other.
    """

    old: Row
    new: Row
    before: RowIndex
    after: RowIndex
    are_neighbours: bool

    @cached_property
    def old_models(self) -> dict[str, str]:
        """The names of the models that stood in the row, by id."""
        return {item.model: item.plain for item in self.old.models}

    @cached_property
    def new_models(self) -> dict[str, str]:
        """The names of the models that stand in the row, by id."""
        return {item.model: item.plain for item in self.new.models}

    @cached_property
    def stayed(self) -> dict[str, str]:
        """The names of the models that stood in the row and still do, by id."""
        return {id: name for id, name in self.new_models.items() if id in self.old_models}

    @cached_property
    def retired(self) -> dict[str, str]:
        """The names of the models that left the page with this row, by id."""
        return {id: name for id, name in self.old_models.items() if id not in self.after.by_model}

    @cached_property
    def added(self) -> dict[str, str]:
        """The names of the models that are new to the page, by id."""
        return {id: name for id, name in self.new_models.items() if id not in self.before.by_model}

    @cached_property
    def successions(self) -> list[tuple[str, str]]:
        """The ids of each model that left the page and of the new one that takes its place."""
        if not self.are_neighbours:
            return []
        return successions_in_row(
            self.old_models, self.new_models, retired=self.retired, added=self.added
        )

    def model_changes(self) -> Iterator[Change]:
        """Give the models that were replaced, added, moved here, retired or reordered."""
        yield from self._replaced()
        yield from self._added()
        yield from self._moved()
        yield from self._retired()
        old, new = self.old.models, self.new.models
        kind, names = ChangeKind.MODEL_RENAMED, (self.before.model_names, self.after.model_names)
        yield from self._rewritten(kind, _texts(old), _texts(new), *names)
        if is_reordered(list(self.old_models), list(self.new_models)):
            sentence = f"The models of the row of {row_label(self.new)} are reordered."
            yield self._change(ChangeKind.MODELS_REORDERED, Effect.NEUTRAL, sentence)

    def _replaced(self) -> Iterator[Change]:
        """Give the successions, each with the providers that the row gained or lost.

        Changed terms are left out: they are a change of the row's cells.
        """
        consequence = replace(MoveConsequence.of([self.old], [self.new]), terms=Effect.NEUTRAL)
        for old_id, new_id in self.successions:
            sentence = (
                f"{self.new_models[new_id]} takes the place of {self.old_models[old_id]}"
                f"{consequence.sentence_end(1)}."
            )
            kind = ChangeKind.MODEL_REPLACED
            yield self._change(kind, consequence.effect, sentence, old_id, new_id)

    def _added(self) -> Iterator[Change]:
        successors = {new_id for _, new_id in self.successions}
        added = {id: name for id, name in self.added.items() if id not in successors}
        if added:
            are = verb_form(len(added), "is", "are")
            they_go = verb_form(len(added), "it goes", "they go")
            goes = to_providers(self.new, they_go)
            sentence = (
                f"{join_names(added.values())} {are} added{goes}."
                f"{terms_of_row(self.new)}{notes_of_row(self.new, added)}"
            )
            effect = Effect.WEAKER if self._has_new_company else Effect.NEUTRAL
            yield self._change(ChangeKind.MODEL_ADDED, effect, sentence, *added)
        yield from self._recounted(ChangeKind.MODEL_ADDED, self.new, self.old)

    @property
    def _has_new_company(self) -> bool:
        """Whether the row names a provider that was nowhere on the page before."""
        return any(item.provider not in self.before.providers for item in self.new.providers)

    def _moved(self) -> Iterator[Change]:
        """Give the models of other rows that stand in this one now, by what that means for them."""
        moved: defaultdict[tuple[bool, MoveConsequence], dict[str, str]] = defaultdict(dict)
        for id, name in self.new_models.items():
            if id in self.old_models or id not in self.before.by_model:
                continue
            old_rows, new_rows = self.before.by_model[id], self.after.by_model[id]
            has_left = not {row.id for row in old_rows} <= {row.id for row in new_rows}
            moved[has_left, MoveConsequence.of(old_rows, new_rows)][id] = name
        row = row_label(self.new, list(self.stayed.values()) or None)
        for (has_left, consequence), models in moved.items():
            stands = verb_form(len(models), "stands", "stand")
            how = "moved to" if has_left else f"now also {stands} in"
            sentence = (
                f"{join_names(models.values())} {how} the row of {row}"
                f"{consequence.sentence_end(len(models))}."
            )
            effect = consequence.effect
            if lost := left_behind(models, self.new, self.before, self.after):
                sentence += f" No longer said: {join_names(lost)}."
                effect = combined(effect, Effect.UNJUDGED)
            yield self._change(ChangeKind.MODEL_MOVED, effect, sentence, *models)

    def _retired(self) -> Iterator[Change]:
        replaced = {old_id for old_id, _ in self.successions}
        retired = {id: name for id, name in self.retired.items() if id not in replaced}
        if retired:
            are = verb_form(len(retired), "is", "are")
            sentence = f"{join_names(retired.values())} {are} no longer listed."
            yield self._change(ChangeKind.MODEL_RETIRED, Effect.NEUTRAL, sentence, *retired)
        for id, name in self.old_models.items():
            new_rows, old_rows = self.after.by_model.get(id, []), self.before.by_model[id]
            if id not in self.new_models and 0 < len(new_rows) < len(old_rows):
                sentence = (
                    f"{name} is no longer listed in the row of {row_label(self.new)}; "
                    "it still stands in another row."
                )
                effect = MoveConsequence.of(old_rows, new_rows).effect
                yield self._change(ChangeKind.MODEL_RETIRED, effect, sentence, id)
        yield from self._recounted(ChangeKind.MODEL_RETIRED, self.old, self.new)

    def _recounted(self, kind: ChangeKind, more: Row, fewer: Row) -> Iterator[Change]:
        """Give the models that stand in the row more often in one listing than in the other."""
        more_counts = Counter(item.model for item in more.models)
        fewer_counts = Counter(item.model for item in fewer.models)
        new_counts = Counter(item.model for item in self.new.models)
        for id, name in self.stayed.items():
            if more_counts[id] > fewer_counts[id]:
                times = {1: "once", 2: "twice"}.get(new_counts[id], f"{new_counts[id]} times")
                sentence = f"{name} now stands {times} in the row of {row_label(self.new)}."
                yield self._change(kind, Effect.NEUTRAL, sentence, id)

    def provider_changes(self) -> Iterator[Change]:
        """Give the providers gained and lost by the models that stayed, and their new order.

        Where a new model goes is said where it is added. Providers that came together with new
        models are a kind of their own: they may have been meant for the new models only.
        """
        old = {item.provider: item.plain for item in self.old.providers}
        new = {item.provider: item.plain for item in self.new.providers}
        gained = {id: name for id, name in new.items() if id not in old}
        lost = {id: name for id, name in old.items() if id not in new}
        if not self._tells_providers(self.new):
            yield from self._untold()
            return
        if not self._tells_providers(self.old):
            yield from self._told_first(gained)
        elif self.stayed:
            yield from self._gained(gained)
            yield from self._lost(lost)
        elif not self.old_models and not self.new_models:
            yield from self._recipients_without_models(gained, lost)
        # The sentence about a successor says already to which providers it goes.
        elif (gained or lost) and not self.successions:
            yield self._exchanged(gained, lost)
        kind = ChangeKind.PROVIDER_RENAMED
        names = (self.before.provider_names, self.after.provider_names)
        texts = _texts(self.old.providers), _texts(self.new.providers)
        yield from self._rewritten(kind, *texts, *names)
        old_order = [item.provider for item in self.old.providers]
        new_order = [item.provider for item in self.new.providers]
        if is_reordered(old_order, new_order):
            row, providers = row_label(self.new), provider_names(self.new)
            sentence = f"The providers of {row} now stand in the order {providers}."
            yield self._change(ChangeKind.PROVIDERS_REORDERED, Effect.NEUTRAL, sentence)

    def _exchanged(self, gained: dict[str, str], lost: dict[str, str]) -> Change:
        """Return the change of the providers of a row of which no model stayed."""
        parts = [f"now names {join_names(gained.values())}"] if gained else []
        parts += [f"no longer names {join_names(lost.values())}"] if lost else []
        sentence = f"The row of {row_label(self.new)} {' and '.join(parts)}."
        kind = ChangeKind.PROVIDER_ADDED if gained else ChangeKind.PROVIDER_REMOVED
        effect = Effect.WEAKER if self._has_new_company else Effect.NEUTRAL
        return self._change(kind, effect, sentence, *gained, *lost)

    @staticmethod
    def _tells_providers(row: Row) -> bool:
        return row.section.column(ColumnRole.PROVIDERS) is not None

    def _untold(self) -> Iterator[Change]:
        """Give the change of a row that moved to a table without providers.

        Where the column was taken off its table, one change tells so for all rows.
        """
        if self.old.providers and self.old.section.id != self.new.section.id:
            row, providers = row_label(self.new), provider_names(self.old)
            sentence = f"The row of {row} no longer names {providers}."
            about = (item.provider for item in self.old.providers)
            yield self._change(ChangeKind.PROVIDER_REMOVED, Effect.UNJUDGED, sentence, *about)

    def _told_first(self, gained: dict[str, str]) -> Iterator[Change]:
        """Give the providers of a row whose table did not name any before."""
        if not gained:
            return
        sentence = f"The row of {row_label(self.new)} names {join_names(gained.values())} now."
        is_new_to_page = bool(gained.keys() - self.before.providers)
        effect = Effect.WEAKER if is_new_to_page else Effect.NEUTRAL
        yield self._change(ChangeKind.PROVIDER_ADDED, effect, sentence, *gained)

    def _gained(self, gained: dict[str, str]) -> Iterator[Change]:
        if not gained:
            return
        models, providers = join_names(self.stayed.values()), join_names(gained.values())
        go = verb_form(len(self.stayed), "goes", "go")
        sentence = f"{models} now also {go} to {providers}"
        joined = [name for id, name in self.new_models.items() if id not in self.old_models]
        if joined:
            sentence += f", which joined the row together with {join_names(joined)}"
        kind = ChangeKind.RECIPIENT_GAINED if joined else ChangeKind.PROVIDER_ADDED
        yield self._change(kind, Effect.WEAKER, f"{sentence}.", *gained)

    def _lost(self, lost: dict[str, str]) -> Iterator[Change]:
        if not lost:
            return
        models, providers = join_names(self.stayed.values()), join_names(lost.values())
        go = verb_form(len(self.stayed), "goes", "go")
        sentence = f"{models} no longer {go} to {providers}."
        yield self._change(ChangeKind.PROVIDER_REMOVED, Effect.STRONGER, sentence, *lost)

    def _recipients_without_models(
        self, gained: dict[str, str], lost: dict[str, str]
    ) -> Iterator[Change]:
        """Give the providers that a row without models gained or lost."""
        row = row_label(self.old)
        if gained:
            sentence = f"The row of {row} now also names {join_names(gained.values())}."
            yield self._change(ChangeKind.PROVIDER_ADDED, Effect.WEAKER, sentence, *gained)
        if lost:
            sentence = f"The row of {row} no longer names {join_names(lost.values())}."
            yield self._change(ChangeKind.PROVIDER_REMOVED, Effect.STRONGER, sentence, *lost)

    def _rewritten(
        self,
        kind: ChangeKind,
        old_texts: dict[str, list[str]],
        new_texts: dict[str, list[str]],
        old_names: Mapping[str, str],
        new_names: Mapping[str, str],
    ) -> Iterator[Change]:
        """Give the models or providers that the row writes in another way.

        Texts that are the name tell nothing here: the name has a change of its own.
        """
        for id, texts in new_texts.items():
            if id not in old_texts:
                continue
            names = (inline.escape(old_names[id]), inline.escape(new_names[id]))
            for pair in zip(old_texts[id], texts, strict=False):
                if pair[0] != pair[1] and pair != names:
                    old, new = _words_if_different(*pair)
                    sentence = (
                        f"“{old}” is now written “{new}” in the row of {row_label(self.new)}."
                    )
                    effect = renaming_effect(old, new)
                    yield self._change(kind, effect, sentence, id)
                    break

    def _change(self, kind: ChangeKind, effect: Effect, sentence: str, *about: str) -> Change:
        return Change(
            kind, effect, sentence, self.new.id, about, touches_promise=makes_promise(self.new)
        )


def _texts(items: Sequence[ModelItem | ProviderItem]) -> dict[str, list[str]]:
    """Return the texts of models or providers by id, in the order of the row."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        texts[item.model if isinstance(item, ModelItem) else item.provider].append(item.text)
    return texts


def _words_if_different(old: str, new: str) -> tuple[str, str]:
    """Return the words of two texts, or their Markdown where only that differs."""
    words = inline.plain(old), inline.plain(new)
    return words if words[0] != words[1] else (old, new)
