"""The action that lets providers declare what the rows say in which they stand alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from compliance.admin.components.links import addresses
from compliance.admin.listings.action_form import CHECKBOXES, ActionForm
from compliance.models import Listing, Register
from compliance.page import inline
from compliance.page.diff.sentences import FEW, join_names, row_label, verb_form
from compliance.page.rules import SubjectKind
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy import adoption
from compliance.workingcopy.adoption import Obstacle, Proposal, RowClaim

_NOT_PROPOSED = "One of those is not proposed any more. Look at the list again and choose anew."
_NONE_TICKED = "Tick what the providers shall declare."


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the screen names it; `address` is the form of the listing."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ShownWording:
    """What some rows say in the same words, with the footnotes that mark it.

    `rows` are a few of them, and `more` the others.
    """

    words: str
    count: str
    notes: list[str]
    rows: list[ShownRow]
    more: list[ShownRow]


@dataclass(frozen=True, slots=True)
class ShownObstacle:
    """Why nothing is proposed for a provider about one kind of claim."""

    provider: str
    role: str
    reason: str
    wordings: list[ShownWording]


class _ProposalField(forms.MultipleChoiceField):
    """The proposals of one kind of claim, each by the key of its provider."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=CHECKBOXES,
            error_messages={"invalid_choice": _NOT_PROPOSED},
        )


class AdoptDeclarations(ActionForm):
    """Let providers declare what the rows say in which they stand alone.

    The subject is the register whose providers are shown, or None for the providers of all.
    """

    name, title = "adopt", "Adopt declarations"
    description = (
        "A row that names one provider says what this provider does. Where all such rows agree, "
        "it can become the provider's declaration. Rows that say exactly the same then follow the "
        "declaration: when it changes, they change."
    )
    permissions = ("compliance.change_provider", "compliance.change_listing")
    details_template = "admin/listings/adoption.html"
    training = _ProposalField("Training")
    retention = _ProposalField("Retention")
    field_order = ["training", "retention"]

    @classmethod
    def is_offered(cls, subject: Any) -> bool:
        """Return whether the register, or any if it is None, has rows."""
        listings = subject.listings if subject else Listing.objects
        return bool(listings.exists())

    def prepare(self) -> None:
        """Propose what the rows say; at first what is declared nowhere yet is ticked."""
        found = adoption.propose(self.subject)
        self.never_alone = join_names(map(str, found.never_alone))
        self._names_register = Register.objects.count() > 1
        self._obstacles = found.obstacles
        self._proposals: dict[tuple[str, str], Proposal] = {}
        for role in (ColumnRole.TRAINING, ColumnRole.RETENTION):
            of_role = [proposal for proposal in found.proposals if proposal.role is role]
            if not of_role:
                del self.fields[role.value]
                continue
            field: Any = self.fields[role.value]
            field.choices = [(_key(proposal), self._label(proposal)) for proposal in of_role]
            self._proposals |= {(role.value, _key(proposal)): proposal for proposal in of_role}
            self.initial[role.value] = [
                _key(proposal) for proposal in of_role if not proposal.declared
            ]

    @property
    def can_perform(self) -> bool:
        """Whether anything is proposed."""
        return bool(self._proposals)

    def obstacles(self) -> list[ShownObstacle]:
        """Return what is not proposed and why, with the rows that stand in the way."""
        claims = [claim for obstacle in self._obstacles for claim in obstacle.claims]
        forms_of_rows = addresses((SubjectKind.LISTING, claim.row.id) for claim in claims)
        return [self._shown(obstacle, forms_of_rows) for obstacle in self._obstacles]

    def _shown(
        self, obstacle: Obstacle, forms_of_rows: dict[tuple[str, str], str]
    ) -> ShownObstacle:
        by_wording: defaultdict[Any, list[RowClaim]] = defaultdict(list)
        for claim in obstacle.claims:
            by_wording[claim.cell.plain, claim.notes].append(claim)
        # The rarest first: among many rows that agree, the odd one is looked for.
        groups = sorted(by_wording.values(), key=len)
        wordings = [self._wording(claims, forms_of_rows) for claims in groups]
        return ShownObstacle(str(obstacle.provider), obstacle.role.value, obstacle.reason, wordings)

    def _wording(
        self, claims: Sequence[RowClaim], forms_of_rows: dict[tuple[str, str], str]
    ) -> ShownWording:
        addresses_by_row = {
            claim.row.id: forms_of_rows.get((SubjectKind.LISTING, claim.row.id), "")
            for claim in claims
        }
        names = {claim.row.id: self._row(claim) for claim in claims}
        rows = [ShownRow(names[id], address) for id, address in addresses_by_row.items()]
        notes = [f"Footnote {note.number}: {inline.plain(note.text)}" for note in claims[0].notes]
        count = _counted(len(rows), "row")
        # Nobody opens a list for the last one.
        few = FEW if len(rows) > FEW + 1 else len(rows)
        return ShownWording(claims[0].cell.plain, count, notes, rows[:few], rows[few:])

    def _label(self, proposal: Proposal) -> str:
        """Return a proposal in a sentence: who would declare what, instead of what, and why."""
        says = f"{proposal.provider}: “{proposal.words}”"
        if proposal.is_declared:
            return (
                f"{says}, as it declares already. {_counted(proposal.followers, 'claim')} of its "
                "rows would follow it."
            )
        instead = f" instead of “{proposal.declared}”" if proposal.declared else ""
        sentence = f"{says}{instead}, as in {self._rows(proposal.claims)}"
        if proposal.marked:
            sentence += (
                f". Footnotes mark {self._rows(proposal.marked)}, which is no evidence: read them."
            )
        return sentence

    def _rows(self, claims: Iterable[RowClaim]) -> str:
        rows = dict.fromkeys(map(self._row, claims))
        word = verb_form(len(rows), "row", "rows")
        return f"the {word} of {join_names(rows, limit=FEW)}"

    def _row(self, claim: RowClaim) -> str:
        label = row_label(claim.row)
        return f"{label} ({claim.register})" if self._names_register else label

    def clean(self) -> Any:
        """Refuse a form in which nothing is ticked."""
        cleaned = super().clean() or {}
        self.chosen = [
            proposal
            for (role, key), proposal in self._proposals.items()
            if key in cleaned.get(role, ())
        ]
        if not self.chosen and not set(self.errors) - {"reason"}:
            self.add_error(None, _NONE_TICKED)
        return cleaned

    def perform(self) -> str:
        adopted = adoption.adopt(self.chosen)
        declarations = _counted(adopted.declarations, "declaration")
        claims, rows = _counted(adopted.claims, "claim"), _counted(adopted.rows, "row")
        self.outlook = (
            f"{declarations} would be saved. {claims} in {rows} would follow them and no longer "
            "be stated."
        )
        return f"Adopted {declarations}. {claims} in {rows} follow what is declared now."


def _counted(count: int, noun: str) -> str:
    return f"{count} {verb_form(count, noun, f'{noun}s')}"


def _key(proposal: Proposal) -> str:
    return str(proposal.provider.pk)
