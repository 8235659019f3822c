"""Which models and rows fit a reader's policy, judged by the worst row of each model."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeVar

from compliance.page.claims import (
    cell_clauses,
    clauses_about,
    effective,
    effective_clauses,
    needs_label,
    says_all,
    stated_clauses,
)
from compliance.page.descriptions import describe_clauses
from compliance.page.diff.sentences import row_label
from compliance.page.durations import duration_seconds
from compliance.page.snapshot import Provider, Snapshot
from compliance.page.table import Cell, Clause, Column, Row
from compliance.page.vocabulary import (
    DURATION,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    TrainingUse,
)

NOT_KEPT = "P0D"
_Entry = TypeVar("_Entry")
Parties = tuple[Provider, ...]
# What a row says in a column that its table does not have.
_NO_CLAIM: tuple[tuple[Column | None, Cell], ...] = ((None, Cell()),)
# What a reader can accept as the longest retention: a duration, or none at all.
LONGEST = re.compile(rf"{NOT_KEPT}\Z|{DURATION.pattern}")


class InvalidPolicy(ValueError):
    """A value that no policy can have; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row does not fit: a sentence, and the providers that cause it."""

    sentence: str
    providers: Parties


@dataclass(frozen=True, slots=True)
class Policy:
    """The worst training use and the longest retention that a reader accepts; None for any."""

    training: TrainingUse | None = None
    longest: str | None = None

    @classmethod
    def of(cls, training: str, longest: str) -> "Policy":
        """Return the policy of two texts, "" standing for any; raises InvalidPolicy."""
        if training and training not in set(TrainingUse):
            known = ", ".join(TrainingUse)
            raise InvalidPolicy(f"training={training[:40]} is no training use. Use one of {known}.")
        if longest and not LONGEST.match(longest):
            raise InvalidPolicy(
                f"longest={longest[:40]} is no duration. "
                "Write for example P30D, PT24H or P2Y; P0D for none."
            )
        return cls(TrainingUse(training) if training else None, longest or None)

    def reasons(self, row: Row, providers: Mapping[str, Provider]) -> Iterator[Reason]:
        """Give the reasons why a row does not fit, none where it does; `providers` are by id.

        What the row prints decides, in each of its columns: a claim that is missing or empty is not
        stated. The cause are the providers that declare as much; where none does, all of the row.
        """
        if self.training is not None:
            yield from self._training_reasons(row, providers)
        if self.longest is not None:
            yield from self._retention_reasons(row, providers)

    def _training_reasons(self, row: Row, providers: Mapping[str, Provider]) -> Iterator[Reason]:
        for column, cell in row.claims(ColumnRole.TRAINING) or _NO_CLAIM:
            if not self._accepts(cell.use or TrainingUse.NOT_STATED):
                parties = _parties(row, providers)
                causes = _those(parties, lambda party: not self._accepts(_declared_use(party)))
                name = _claim_name(column, row, "Training")
                yield Reason(f"{name}: {_wording(cell)}.", causes)

    def _retention_reasons(self, row: Row, providers: Mapping[str, Provider]) -> Iterator[Reason]:
        stated = stated_clauses(row)
        claims = row.claims(ColumnRole.RETENTION)
        for column, cell in claims:
            counted = cell.clauses or [
                clause for clause in cell_clauses(column, cell) if clause in stated
            ]
            if too_long := self._too_long(counted):
                causes = self._causes(row, providers, column.covers or DataClass.ALL_CONTENT)
                name = _claim_name(column, row, "Retention")
                meaning = f", that is: {describe_clauses(too_long)}" if cell.items else ""
                yield Reason(f"{name}: {_wording(cell)}{meaning}.", causes)
        if not says_all(stated):
            causes = self._causes(row, providers, DataClass.ALL_CONTENT)
            yield Reason(_unsaid(row, claims), causes)

    def _causes(self, row: Row, providers: Mapping[str, Provider], covers: DataClass) -> Parties:
        """Return the providers that declare too long a time for what a retention column covers."""

        def declares_too_long(party: Provider) -> bool:
            declared = party.declared and party.declared.retention
            if not declared:
                return False
            return bool(self._too_long(clauses_about(covers, effective_clauses(declared.clauses))))

        return _those(_parties(row, providers), declares_too_long)

    def _accepts(self, use: TrainingUse | None) -> bool:
        return self.training is None or use is None or use.severity <= self.training.severity

    def _too_long(self, clauses: Iterable[Clause]) -> list[Clause]:
        if self.longest is None:
            return []
        return [clause for clause in clauses if not _ends_within(clause, self.longest)]


def _parties(row: Row, providers: Mapping[str, Provider]) -> Parties:
    return tuple(providers[id] for id in dict.fromkeys(item.provider for item in row.providers))


def _those(parties: Parties, is_cause: Callable[[Provider], bool]) -> Parties:
    return tuple(filter(is_cause, parties)) or parties


def _claim_name(column: Column | None, row: Row, default: str) -> str:
    """Return what a claim is called: its label where it is not understood without."""
    if column is None or not needs_label(column, row):
        return default
    return f"“{column.label or column.key}”"


def _wording(cell: Cell) -> str:
    return f"“{cell.plain}”" if cell.items else "not stated"


def _ends_within(clause: Clause, longest: str) -> bool:
    """Return whether what a clause keeps is surely deleted in time.

    A clause that applies only sometimes counts like any other.
    """
    if clause.kind == ClauseKind.NONE:
        return True
    # Without a duration, and with "at least 30 days", nobody knows when the data are deleted.
    if longest == NOT_KEPT or clause.duration is None or clause.bound == Bound.AT_LEAST:
        return False
    return duration_seconds(clause.duration) <= duration_seconds(longest)


def _declared_use(provider: Provider) -> TrainingUse | None:
    return provider.declared.training if provider.declared else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A model and the reasons why it does not fit; none where it fits.

    `model` is its id. A row that names no model is judged by itself: `model` is None, `listing` its
    id and `name` what its first cell says. `effective` are the retention clauses that count, of all
    rows of the model.
    """

    model: str | None
    listing: str | None
    name: str
    effective: tuple[Clause, ...]
    reasons: tuple[Reason, ...]


def verdicts(snapshot: Snapshot, policy: Policy) -> list[Verdict]:
    """Return the verdict on each model, and on each row without models, in the order of the page.

    A model that stands in several rows fits only where all of them do.
    """
    providers = {provider.id: provider for provider in snapshot.providers}
    names = {model.id: model.name for model in snapshot.models}
    # By the id of a model, or of a listing that names none.
    rows: defaultdict[tuple[str | None, str | None], list[Row]] = defaultdict(list)
    for row in snapshot.rows():
        for id in dict.fromkeys(item.model for item in row.models):
            rows[id, None].append(row)
        if not row.models:
            rows[None, row.id].append(row)
    judged = {row.id: _JudgedRow.of(row, policy, providers) for row in snapshot.rows()}
    return [
        Verdict(
            model,
            listing,
            names[model] if model else row_label(found[0]),
            _each_once(judged[row.id].effective for row in found),
            _each_once(judged[row.id].reasons for row in found),
        )
        for (model, listing), found in rows.items()
    ]


class _JudgedRow(NamedTuple):
    """What counts of a row's retention, and the reasons why the row does not fit."""

    effective: tuple[Clause, ...]
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, row: Row, policy: Policy, providers: Mapping[str, Provider]) -> "_JudgedRow":
        return cls(effective(row), tuple(policy.reasons(row, providers)))


def _each_once(groups: Iterable[tuple[_Entry, ...]]) -> tuple[_Entry, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def _unsaid(row: Row, claims: Sequence[tuple[Column, Cell]]) -> str:
    """Return the sentence that a row does not say how long all content is kept."""
    if not claims:
        return "Retention: not stated."
    if len(claims) > 1:
        return "Retention: no column says how long all prompts and outputs are kept."
    [(column, cell)] = claims
    claim = f"Retention: {_wording(cell)}"
    if needs_label(column, row):
        claim = _claim_name(column, row, "")
    return f"{claim} does not say how long all prompts and outputs are kept."
