"""What a change means for the reader: whether a promise about prompts got weaker or stronger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from compliance.page import inline
from compliance.page.claims import cell_clauses, clauses_about, effective, stated_clauses, worst_use
from compliance.page.diff.sentences import join_names, verb_form
from compliance.page.diff.types import Effect, combined
from compliance.page.readings import (
    floor_says_its_meaning,
    says_its_meaning,
    term_says_its_meaning,
)
from compliance.page.severity import Standing
from compliance.page.snapshot import Declared
from compliance.page.table import Cell, Column, Row, Term
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse
from compliance.page.wording import read_wording

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


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """The plain words of a claim, where its links lead, and whether the words are understood.

    They are where they are read as exactly what the claim stands for: an editor may have set
    another meaning, or given one to words that nobody could read.
    """

    words: str = ""
    links: tuple[str, ...] = ()
    is_understood: bool = True

    @classmethod
    def of_cell(cls, column: Column, cell: Cell) -> Self:
        """Return the words of a training or retention cell."""
        links = [url for item in cell.items for url in _links(item.text)]
        return cls(cell.plain, tuple(links), says_its_meaning(column, cell))

    @classmethod
    def of_declared(cls, term: Term | None) -> Self:
        """Return the words of a retention that a provider declares; none where it does not."""
        return cls(term.plain, _links(term.text), term_says_its_meaning(term)) if term else cls()

    @classmethod
    def of_floor(cls, term: Term | None) -> Self:
        """Return the words of the shortest retention of a model; none where it has none."""
        return cls(term.plain, _links(term.text), floor_says_its_meaning(term)) if term else cls()


def worded_effect(effect: Effect, old: ClaimWords, new: ClaimWords) -> Effect:
    """Return the effect of what a claim stands for, unjudged where only other words tell it.

    Words that nobody understands may take back what the claim stands for: "Not stored, except where
    a court orders it". So they are no gain, and in place of other words they are not neutral. Nor
    are other links: nobody has judged what they lead to.
    """
    if effect is Effect.STRONGER:
        return effect if new.is_understood else Effect.UNJUDGED
    if effect is not Effect.NEUTRAL:
        return effect
    if old.links != new.links:
        return Effect.UNJUDGED
    is_same = read_wording(old.words) == read_wording(new.words)
    is_judged = is_same or (old.is_understood and new.is_understood)
    return Effect.NEUTRAL if is_judged else Effect.UNJUDGED


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


# The role of a claim, what its column covers and asks, its words, and what it stands for.
_UnreadClaim = tuple[object, ...]


def _moved_terms_effect(old_rows: Sequence[Row], new_rows: Sequence[Row]) -> Effect:
    """Return what the terms of other rows mean for a model.

    Words that are not understood are not judged by what editors say that they stand for.
    """
    effect = terms_effect(worst_terms(old_rows), worst_terms(new_rows))
    if effect not in (Effect.NEUTRAL, Effect.STRONGER):
        return effect
    unread_before, unread = _unread_claims(old_rows), _unread_claims(new_rows)
    is_gain = effect is Effect.STRONGER
    is_judged = unread <= unread_before if is_gain else unread == unread_before
    return effect if is_judged else Effect.UNJUDGED


def _unread_claims(rows: Iterable[Row]) -> set[_UnreadClaim]:
    """Return the claims of rows whose words are not read as what they stand for."""
    return {
        (
            column.role,
            column.covers,
            column.asks,
            read_wording(cell.plain),
            cell.use,
            frozenset(cell.clauses or ()),
        )
        for row in rows
        for role in (ColumnRole.TRAINING, ColumnRole.RETENTION)
        for column, cell in row.claims(role)
        if not says_its_meaning(column, cell)
    }


def _links(markdown: str) -> tuple[str, ...]:
    return tuple(run.url for run in inline.runs(markdown) if run.url)


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
            terms=_moved_terms_effect(old_rows, new_rows),
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
