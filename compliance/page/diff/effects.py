"""What a change means for the reader: whether a promise about prompts got weaker or stronger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from compliance.page.claims import cell_clauses, clauses_about, effective, stated_clauses, worst_use
from compliance.page.diff.sentences import join_names, verb_form
from compliance.page.diff.types import Effect, combined
from compliance.page.severity import Standing
from compliance.page.snapshot import Declared
from compliance.page.table import Cell, Column, Row
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse

# How a sentence calls terms with an effect.
_TERMS_ARE = {
    Effect.WEAKER: "weaker",
    Effect.STRONGER: "stronger",
    Effect.MIXED: "weaker in one part and stronger in another",
    Effect.UNJUDGED: "others, and nobody has judged them",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How bad training and retention are."""

    training: TrainingUse
    retention: Standing


def is_promise(column: Column, row: Row) -> bool:
    """Return whether what a cell of a row says touches a claim or a provider.

    A text never does. A model, place or document does in a row that makes a claim or names a
    provider.
    """
    return column.role is not ColumnRole.TEXT and makes_promise(row)


def makes_promise(row: Row) -> bool:
    """Return whether a row makes a claim or names a provider."""
    return bool(row.providers) or any(column.role.is_claim for column in row.section.columns)


def training_effect(old: TrainingUse, new: TrainingUse) -> Effect:
    """Return the effect of another training use; of one not understood, nothing is a gain."""
    if old.severity == new.severity:
        return Effect.NEUTRAL
    if new.severity > old.severity:
        return Effect.WEAKER
    return Effect.UNJUDGED if old is TrainingUse.UNKNOWN else Effect.STRONGER


def retention_effect(column: Column, old: Cell, new: Cell) -> Effect:
    """Return the effect of another retention in one column, whatever other columns say."""
    return standing_effect(_cell_standing(column, old), _cell_standing(column, new))


def standing_effect(old: Standing, new: Standing) -> Effect:
    """Return what it means that retention got worse in some cases and better in others.

    What was not understood before may have been just as good.
    """
    worse = Effect.WEAKER if new.is_worse_than(old) else Effect.NEUTRAL
    gain = Effect.STRONGER if old.is_understood else Effect.UNJUDGED
    better = gain if new.is_better_than(old) else Effect.NEUTRAL
    return combined(worse, better)


def retention_effects(
    cells: Sequence[tuple[Column, Cell, Cell]], old_row: Row, new_row: Row
) -> dict[str, Effect]:
    """Return the effect of each retention cell of a row that changed, by the key of its column.

    `cells` are the columns with the old and the new cell. No cell is better than the row over all
    its columns, so that a clause that moved to another column is neither better nor worse.
    """
    total = standing_effect(Standing.of(effective(old_row)), Standing.of(effective(new_row)))
    old_clauses, new_clauses = set(stated_clauses(old_row)), set(stated_clauses(new_row))
    effects = {}
    for column, old, new in cells:
        effect = retention_effect(column, old, new)
        is_kept = new_clauses.issuperset(old.clauses or ())
        is_known = old_clauses.issuperset(new.clauses or ())
        # All that the cell said is still in the row, and all that it says was there before.
        has_moved = is_kept and is_known
        effects[column.key] = Effect.NEUTRAL if has_moved else _within(total, effect)
    # Whatever a single cell says, readers are told of a row that is worse.
    worse = {Effect.WEAKER, Effect.MIXED}
    if total in worse and worse.isdisjoint(effects.values()):
        return dict.fromkeys(effects, total)
    return effects


def _within(total: Effect, effect: Effect) -> Effect:
    """Return the effect of a cell without the gain that its row as a whole does not have."""
    if total in (Effect.STRONGER, Effect.MIXED):
        return effect
    return {Effect.STRONGER: Effect.NEUTRAL, Effect.MIXED: Effect.WEAKER}.get(effect, effect)


def terms_effect(old: Terms, new: Terms) -> Effect:
    """Return what other training and retention mean together."""
    return combined(
        training_effect(old.training, new.training),
        standing_effect(old.retention, new.retention),
    )


def declared_terms(declared: Declared | None) -> Terms:
    """Return how bad it is what a provider declares; what it does not declare is not stated."""
    use = (declared and declared.training) or TrainingUse.NOT_STATED
    clauses = declared.retention.clauses if declared and declared.retention else ()
    return Terms(use, Standing.of(clauses))


def worst_terms(rows: Sequence[Row]) -> Terms:
    """Return the worse terms of rows: a model in two rows is used on the terms of both."""
    use = max((worst_use(row) for row in rows), key=lambda use: use.severity)
    return Terms(use, Standing.worst(Standing.of(effective(row)) for row in rows))


def terms_about(row: Row, covers: DataClass) -> Terms:
    """Return how bad the terms of a row are for one kind of data; not stated if it has none."""
    return Terms(worst_use(row), Standing.of(clauses_about(covers, stated_clauses(row))))


def _cell_standing(column: Column, cell: Cell) -> Standing:
    covers = column.covers or DataClass.ALL_CONTENT
    return Standing.of(clauses_about(covers, cell_clauses(column, cell)))


def _provider_names_by_id(rows: Iterable[Row]) -> dict[str, str]:
    return {item.provider: item.plain for row in rows for item in row.providers}


# Frozen, because models with the same consequence are grouped by it.
@dataclass(frozen=True, slots=True)
class MoveConsequence:
    """What standing in other rows means for a model: providers gained and lost, and its terms."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    terms: Effect

    @classmethod
    def of(cls, old_rows: Sequence[Row], new_rows: Sequence[Row]) -> Self:
        """Return the consequence for a model that stood in some rows and now stands in others."""
        before, after = _provider_names_by_id(old_rows), _provider_names_by_id(new_rows)
        # Where a table does not say who gets the prompts, nobody is known to get none.
        is_told = all(row.section.column(ColumnRole.PROVIDERS) for row in new_rows)
        return cls(
            gained=tuple(name for id, name in after.items() if id not in before),
            lost=tuple(name for id, name in before.items() if is_told and id not in after),
            terms=terms_effect(worst_terms(old_rows), worst_terms(new_rows)),
        )

    @property
    def effect(self) -> Effect:
        """Weaker for a provider gained, stronger for one lost, and what the terms mean."""
        gained = Effect.WEAKER if self.gained else Effect.NEUTRAL
        lost = Effect.STRONGER if self.lost else Effect.NEUTRAL
        return combined(gained, lost, self.terms)

    def sentence_end(self, count: int) -> str:
        """Return the end of a sentence about so many models; "" where nothing changed for them."""
        they = verb_form(count, "it", "they")
        go = verb_form(count, "goes", "go")
        gained, lost = join_names(self.gained), join_names(self.lost)
        if gained and lost:
            end = f"; {they} now {go} to {gained} and no longer to {lost}"
        elif gained:
            end = f"; {they} now also {go} to {gained}"
        elif lost:
            end = f"; {they} no longer {go} to {lost}"
        else:
            end = ""
        if self.terms == Effect.NEUTRAL:
            return end
        return f"{end}; {verb_form(count, 'its', 'their')} terms are {_TERMS_ARE[self.terms]}"
