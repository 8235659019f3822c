"""Adopt declarations: let providers declare what the rows say in which they stand alone.

A row that names one provider says what that provider does. Where all such rows agree, the provider
can declare it, and the rows that print just that need not state it themselves any more. What a
footnote marks is no evidence: the note may limit it, and a declaration has no notes.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.models import Cell, ListedProvider, Provider, Register, RetentionTerm
from compliance.models.bulk import delete_all
from compliance.models.choices import TRAINING_USES
from compliance.page.derived import DerivedClaims
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Cell as PageCell
from compliance.page.table import Clause, Column, Row
from compliance.page.vocabulary import Basis, ClauseKind, ColumnRole, DataClass, TrainingUse
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.writes import Writes

_ROLES = (ColumnRole.TRAINING, ColumnRole.RETENTION)
_USES = dict(TRAINING_USES)
_MARKED = (
    "Footnotes mark what its rows say, and may limit it. Read them, and write on the form of the "
    "provider what it declares for everything that it is sent."
)


# What a claim means: a training use, or the clauses of a retention.
Meaning = TrainingUse | tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class RowClaim:
    """What a row of a register says of training or retention.

    `notes` are the footnotes that mark the claim itself or what the row is about: its first cell,
    its models and its provider.
    """

    register: str
    row: Row
    column: Column
    cell: PageCell
    notes: tuple[Footnote, ...] = ()

    @property
    def meaning(self) -> Meaning:
        """What it means."""
        return self.cell.clauses or () if self.cell.use is None else self.cell.use


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a provider could declare, and the claims of the rows in which it stands alone.

    For training it is `use`, for retention `term`; `words` says it. `marked` are claims that say
    the same, but that a footnote marks, so that they are no evidence. A provider may declare it
    already: then it is about `followers` only, the number of claims of its rows that state what
    they would derive.
    """

    provider: Provider
    role: ColumnRole
    words: str
    claims: tuple[RowClaim, ...]
    marked: tuple[RowClaim, ...] = ()
    use: TrainingUse | None = None
    term: RetentionTerm | None = None
    followers: int = 0

    @property
    def declared(self) -> str:
        """What the provider declares now, "" where that is nothing."""
        if self.role is ColumnRole.TRAINING:
            return _USES.get(self.provider.declared_training, "")
        term = self.provider.declared_retention
        return term.wording if term else ""

    @property
    def is_declared(self) -> bool:
        """Whether the provider declares it already."""
        if self.use:
            return self.provider.declared_training == self.use.value
        return self.provider.declared_retention == self.term

    @property
    def values(self) -> dict[str, Any]:
        """The values of the fields of the provider that declare it."""
        if self.use:
            return {"declared_training": self.use.value}
        return {"declared_retention": self.term}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing is proposed for a provider, with the claims that stand in the way."""

    provider: Provider
    role: ColumnRole
    reason: str
    claims: tuple[RowClaim, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the rows propose.

    `never_alone` are providers that declare nothing and stand alone in no row.
    """

    proposals: tuple[Proposal, ...]
    obstacles: tuple[Obstacle, ...]
    never_alone: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many declarations were written, and how many claims of how many rows follow them now."""

    declarations: int
    claims: int
    rows: int


def propose(register: Register | None = None) -> Proposals:
    """Return what the rows of all registers propose for the providers of one, or for all.

    A declaration is about everything that a provider is sent. So the rows of every register must
    agree.
    """
    evidence = _Evidence()
    providers: set[str] = set()
    for each in Register.objects.order_by("title", "pk"):
        snapshot = capture(each)
        evidence.read(each.title, snapshot)
        if register is None or each == register:
            providers |= {item.provider for row in snapshot.rows() for item in row.providers}
    records = Provider.objects.filter(slug__in=providers).select_related("declared_retention")
    proposals: list[Proposal] = []
    obstacles: list[Obstacle] = []
    never_alone: list[Provider] = []
    for provider in records.prefetch_related("declared_retention__clauses"):
        for role in _ROLES:
            found = evidence.judge(provider, role)
            if isinstance(found, Proposal):
                proposals.append(found)
            elif found:
                obstacles.append(found)
        is_silent = not provider.declared_training and not provider.declared_retention
        if is_silent and not evidence.is_alone(provider):
            never_alone.append(provider)
    return Proposals(tuple(proposals), tuple(obstacles), tuple(never_alone))


def adopt(chosen: Iterable[Proposal]) -> Adopted:
    """Let the providers declare what is proposed, and their rows follow, in the open changeset.

    A row follows where it states exactly what it then derives, in text and meaning. One that says
    it in other words, or whose claim a footnote marks, goes on stating its own.
    """
    chosen = list(chosen)
    values: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    for proposal in chosen:
        if not proposal.is_declared:
            values[proposal.provider.pk] |= proposal.values
    # Read again: the records of the proposals may hold what a preview set and rolled back.
    writes = Writes()
    for provider in Provider.objects.filter(pk__in=values):
        writes.set(provider, **values[provider.pk])
    writes.write()
    followers = list(_followers(chosen))
    rows = {cell.listing_id for cell in followers}
    delete_all(followers)
    return Adopted(sum(map(len, values.values())), len(followers), len(rows))


def _followers(chosen: Sequence[Proposal]) -> Iterator[Cell]:
    """Yield the cells that state the same as their row would derive, of the proposed roles."""
    roles: defaultdict[str, set[ColumnRole]] = defaultdict(set)
    for proposal in chosen:
        roles[proposal.provider.slug].add(proposal.role)
    keys: set[tuple[str, str]] = set()
    for register in Register.objects.filter(sections__listings__isnull=False).distinct():
        for row, column, _ in _equal_claims(capture(register)):
            if any(column.role in roles[item.provider] for item in row.providers):
                keys.add((row.id, column.key))
    listed = ListedProvider.objects.filter(provider__slug__in=roles)
    cells = Cell.objects.filter(listing__in=listed.values("listing"))
    for cell in cells.select_related("column"):
        if (str(cell.listing_id), cell.column.key) in keys:
            yield cell


def _equal_claims(snapshot: Snapshot) -> Iterator[tuple[Row, Column, PageCell]]:
    """Yield the claims that rows state although they would derive the same, without marks.

    Rows with a provider that declares nothing are left out: they have nothing to follow.
    """
    derived = DerivedClaims(snapshot)
    for row, column, cell in _claims(snapshot):
        if cell.basis is not Basis.STATED or not cell.items or derived.silent(row, column.role):
            continue
        other = derived.cell(row, column)
        if (cell.items, cell.use, cell.clauses) == (other.items, other.use, other.clauses):
            yield row, column, cell


def _claims(snapshot: Snapshot) -> Iterator[tuple[Row, Column, PageCell]]:
    """Yield the claims of the rows that name a provider."""
    for row in snapshot.rows():
        if row.providers:
            for column, cell in row.cells:
                if column.role.is_claim:
                    yield row, column, cell


class _Evidence:
    """What the rows of all registers say of the providers that stand alone in them."""

    def __init__(self) -> None:
        # By the id of a provider and the role of the claim.
        self._claims: defaultdict[tuple[str, ColumnRole], list[RowClaim]] = defaultdict(list)
        # Claims of retention below a label that is about some data only.
        self._partial: defaultdict[str, list[RowClaim]] = defaultdict(list)
        self._followers: Counter[tuple[str, ColumnRole]] = Counter()
        self._terms: dict[str, RetentionTerm] = {
            term.wording: term for term in RetentionTerm.objects.prefetch_related("clauses")
        }

    def read(self, register: str, snapshot: Snapshot) -> None:
        """Take in the rows of a register's page."""
        floors = {
            model.id: model.retention_floor.plain
            for model in snapshot.models
            if model.retention_floor
        }
        notes = {note.number: note for note in snapshot.footnotes}
        for row, column, cell in _claims(snapshot):
            providers = {item.provider for item in row.providers}
            required = {floors[item.model] for item in row.models if item.model in floors}
            if len(providers) > 1 or not _is_of_provider(column, cell, required):
                continue
            [provider] = providers
            marks = tuple(notes[number] for number in _marks(row, cell))
            claim = RowClaim(register, row, column, cell, marks)
            if column.covers in (None, DataClass.ALL_CONTENT):
                self._claims[provider, column.role].append(claim)
            else:
                self._partial[provider].append(claim)
        for row, column, _ in _equal_claims(snapshot):
            for provider in {item.provider for item in row.providers}:
                self._followers[provider, column.role] += 1

    def is_alone(self, provider: Provider) -> bool:
        """Return whether a provider stands alone in a row that says something."""
        is_partial = provider.slug in self._partial
        return is_partial or any((provider.slug, role) in self._claims for role in _ROLES)

    def judge(self, provider: Provider, role: ColumnRole) -> Proposal | Obstacle | None:
        """Return what a provider could declare, or why nothing is proposed.

        None where its rows say nothing, and where it declares what they say and they follow it.
        """
        claims = tuple(self._claims.get((provider.slug, role), ()))
        followers = self._followers[provider.slug, role]
        found = self._proposed(provider, role, claims)
        if found is None and followers:
            return _declared_already(provider, role, claims, followers)
        return found

    def _proposed(
        self, provider: Provider, role: ColumnRole, claims: tuple[RowClaim, ...]
    ) -> Proposal | Obstacle | None:
        declared = _declared_meaning(provider, role)
        meanings: set[Meaning] = set()
        for claim in claims:
            # A row that follows its provider may word only a part of what that declares.
            follows = claim.cell.basis is Basis.DERIVED
            meanings.add(declared if follows and declared is not None else claim.meaning)
        partial = tuple(self._partial.get(provider.slug, ()))
        if not meanings and partial and role is ColumnRole.RETENTION:
            reason = "Its rows say how long some data is kept, not all of it."
            return None if declared else Obstacle(provider, role, reason, partial)
        if meanings <= {declared}:
            return None
        if len(meanings) > 1:
            return Obstacle(provider, role, "Its rows disagree.", claims)
        [meaning] = meanings
        if _says_nothing(meaning):
            reason = "Its rows do not state what it declares."
            return Obstacle(provider, role, reason, claims) if declared else None
        if not _is_understood(meaning):
            return Obstacle(provider, role, "What its rows say is not understood.", claims)
        sure = tuple(claim for claim in claims if not claim.notes)
        marked = tuple(claim for claim in claims if claim.notes)
        if not sure:
            return Obstacle(provider, role, _MARKED, claims)
        if isinstance(meaning, TrainingUse):
            return Proposal(provider, role, _USES[meaning.value], sure, marked, use=meaning)
        for words, _ in Counter(claim.cell.plain for claim in sure).most_common():
            term = self._terms.get(words)
            if term and term.to_snapshot().clauses == meaning:
                return Proposal(provider, role, words, sure, marked, term=term)
        # A bare "No" says how long only below its label.
        reason = "What its rows say is understood below the label of their column only."
        return Obstacle(provider, role, reason, claims)


def _declared_already(
    provider: Provider, role: ColumnRole, claims: tuple[RowClaim, ...], followers: int
) -> Proposal:
    """Return a proposal of what a provider declares, for the rows that state the same."""
    if role is ColumnRole.TRAINING:
        use = TrainingUse(provider.declared_training)
        return Proposal(provider, role, _USES[use.value], claims, use=use, followers=followers)
    term = provider.declared_retention
    words = term.wording if term else ""
    return Proposal(provider, role, words, claims, term=term, followers=followers)


def _declared_meaning(provider: Provider, role: ColumnRole) -> Meaning | None:
    declared = provider.declared()
    if declared is None:
        return None
    if role is ColumnRole.TRAINING:
        return declared.training
    return declared.retention.clauses if declared.retention else None


def _is_of_provider(column: Column, cell: PageCell, required: Collection[str]) -> bool:
    """Return whether a claim of a row with one provider says what that provider does.

    An empty claim says nothing. What the floor of a model requires, the `required` wordings, is no
    choice of the provider's.
    """
    if not cell.items:
        return False
    if column.role is ColumnRole.TRAINING or not required:
        return True
    return cell.basis is not Basis.DERIVED and cell.plain not in required


def _marks(row: Row, cell: PageCell) -> Iterable[int]:
    """Return the numbers of the footnotes that mark a claim or what its row is about."""
    items = [*row.header.items, *row.models, *row.providers, *cell.items]
    return dict.fromkeys(number for item in items for number in item.footnotes)


def _says_nothing(meaning: Meaning) -> bool:
    if isinstance(meaning, TrainingUse):
        return meaning is TrainingUse.NOT_STATED
    return all(clause.kind is ClauseKind.NOT_STATED for clause in meaning)


def _is_understood(meaning: Meaning) -> bool:
    if isinstance(meaning, TrainingUse):
        return meaning is not TrainingUse.UNKNOWN
    return all(clause.kind is not ClauseKind.UNKNOWN for clause in meaning)
