"""Everything that a person sees before a publication is submitted, approved, rejected or withdrawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from compliance import publishing
from compliance.admin.components.summaries import (
    ChangeCounts,
    ChangeSentence,
    FindingRow,
    count_changes,
    describe_changes,
    describe_findings,
)
from compliance.models import Changeset, Publication, User
from compliance.page import diff
from compliance.page.snapshot import Snapshot
from compliance.publishing import Outlook
from compliance.rendering import marked_lines, marked_page
from compliance.rendering.marked_lines import MarkedLine
from compliance.rendering.marked_page import Anchor

_EXPORTS = {"md": "Markdown", "csv": "CSV", "json": "JSON, one value a line"}
_FRAME = {"publisher": "Publisher", "contact": "Contact", "licence": "Licence of the data"}


@dataclass(frozen=True)
class PublicationReview:
    """A publication beside the one it was compared with, for a person at a moment."""

    publication: Publication
    by: User
    at: datetime

    @cached_property
    def before(self) -> Snapshot | None:
        """The page that it was compared with."""
        return self.publication.base.snapshot() if self.publication.base else None

    @cached_property
    def after(self) -> Snapshot:
        """The page as it will be."""
        return self.publication.snapshot()

    @property
    def title(self) -> str:
        """What it is called: only one in review is called so."""
        if self.publication.number or self.is_in_review:
            return str(self.publication)
        return f"{self.state.label} publication of {self.publication.register}"

    @cached_property
    def changes(self) -> list[ChangeSentence]:
        """What differs, as sentences: the weaker ones first."""
        return describe_changes(diff.compare(self.before, self.after), self.anchors)

    @property
    def counts(self) -> ChangeCounts:
        """What differs, at a glance."""
        return count_changes(self.changes, self.before, self.after)

    @cached_property
    def anchors(self) -> Mapping[str, Anchor]:
        """Where the marked page shows a listing or a footnote, by its id."""
        return marked_page.find_anchors(self.before, self.after)

    @property
    def body(self) -> SafeString:
        """The page as it will look, marked; a row or a footnote leads back to the first sentence about it."""
        told = {each.subject: each.id for each in reversed(self.changes)}
        return marked_page.marked_body(self.before, self.after, told)

    @cached_property
    def outlook(self) -> Outlook:
        """What approving it now would do."""
        return publishing.outlook(self.publication, by=self.by, at=self.at)

    @cached_property
    def state(self) -> Publication.State:
        """What was decided."""
        return self.publication.state

    @property
    def is_in_review(self) -> bool:
        """Whether nothing was decided."""
        return self.state == Publication.State.IN_REVIEW

    @property
    def takes_effect_later(self) -> bool:
        """Whether it would wait after its approval."""
        requested = self.publication.requested_effective_from
        return bool(requested and requested > self.at)

    @property
    def may_decide(self) -> bool:
        """Whether the person can do anything with it, or is told why not."""
        return self.is_in_review or self.may_withdraw or self.may_publish_again

    @property
    def may_withdraw(self) -> bool:
        """Whether the person may take it back."""
        if self.is_in_review:
            return self.by.has_perm("compliance.submit_publication")
        return self.state == Publication.State.APPROVED and self.by.has_perm(
            "compliance.approve_publication"
        )

    @property
    def may_publish_again(self) -> bool:
        """Whether the person may submit it again: an approved one that is not in force."""
        publication = self.publication
        in_force = publication.register.publications.in_force(self.at)
        may = self.by.has_perm("compliance.submit_publication")
        return may and bool(publication.number) and in_force != publication

    @cached_property
    def changesets(self) -> list[Changeset]:
        """The changesets whose edits are in it, the earliest first."""
        contributions = self.publication.contributions.select_related("changeset")
        return [contribution.changeset for contribution in contributions]

    @property
    def contributors(self) -> list[str]:
        """Who edited what is in it, each once."""
        return list(dict.fromkeys(changeset.label for changeset in self.changesets))

    @cached_property
    def edits_since(self) -> QuerySet[Changeset]:
        """The edits of the register that came too late for it."""
        return (
            publishing.edited_since(self.publication)
            if self.is_in_review
            else Changeset.objects.none()
        )

    @property
    def findings(self) -> list[FindingRow]:
        """What the rules found when it was submitted, with the answers."""
        return describe_findings(
            self.publication.findings, self.publication.answers, anchors=self.anchors
        )

    @property
    def exports(self) -> list[tuple[str, tuple[MarkedLine, ...]]]:
        """The difference of each export, by its name."""
        return [
            (label, marked_lines.marked_lines(self._export(True, name), self._export(False, name)))
            for name, label in _EXPORTS.items()
        ]

    @property
    def frame(self) -> list[tuple[str, str, str]]:
        """What the frame says of the register: label, before, after."""
        base = self.publication.base
        return [
            (label, getattr(base, name, ""), getattr(self.publication, name))
            for name, label in _FRAME.items()
            if getattr(base, name, "") or getattr(self.publication, name)
        ]

    def _export(self, of_base: bool, format: str) -> str:
        publication = self.publication.base if of_base else self.publication
        if publication is None:
            return ""
        content = bytes(publication.files.get(format=format).content).decode()
        return (
            json.dumps(json.loads(content), ensure_ascii=False, indent=1)
            if format == "json"
            else content
        )
