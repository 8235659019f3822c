"""What people said about a publication, as the review screen shows it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from compliance import publishing
from compliance.models import Publication, ReviewComment, User
from compliance.page.diff.sentences import row_label
from compliance.page.parts import Page, changed_listings
from compliance.page.remembered import values_of
from compliance.page.snapshot import Snapshot
from compliance.rendering import marked_page
from compliance.rendering.marked_page import Anchor


@dataclass(frozen=True, slots=True)
class CommentLine:
    """A comment with the name of the row that it is about, and the row's place in the marked page.

    Both are empty for a comment on the whole publication.
    """

    comment: ReviewComment
    row: str
    anchor: Anchor | None


@dataclass(frozen=True)
class Conversation:
    """The comments on a publication, for the person `by`.

    `pages` are the page before, if there is one, and the publication's own; `anchors` are the
    places of rows in the marked page. With `is_whole`, a comment can be about any row, however many
    there are.
    """

    publication: Publication
    by: User
    pages: tuple[Snapshot, ...]
    anchors: Mapping[str, Anchor]
    is_whole: bool = False

    @cached_property
    def comments(self) -> list[CommentLine]:
        """Everything that was said, also about those that it renews, the oldest first."""
        lines = []
        for comment in self.publication.conversation:
            id = str(comment.listing or "")
            lines.append(CommentLine(comment, self._rows.get(id, ""), self.anchors.get(id)))
        return lines

    @property
    def by_row(self) -> Mapping[str, list[ReviewComment]]:
        """The comments on rows, by the id of the row."""
        by_row: defaultdict[str, list[ReviewComment]] = defaultdict(list)
        for line in self.comments:
            if line.comment.listing:
                by_row[str(line.comment.listing)].append(line.comment)
        return by_row

    @cached_property
    def changed_rows(self) -> list[tuple[str, str]]:
        """The rows that the publication changes: id and name of each."""
        *before, after = [Page(snapshot, {}) for snapshot in self.pages]
        changed = changed_listings(before[0] if before else None, after)
        return [(id, self._rows[id]) for id in changed]

    @property
    def row_groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The rows that a comment can be about, by what the publication does to them."""
        groups = [("Rows that it changes", self.changed_rows)]
        if self.publication.state in (Publication.State.IN_REVIEW, Publication.State.APPROVED):
            changed = dict(self.changed_rows)
            others = [(id, name) for id, name in self._rows.items() if id not in changed]
            if self.is_whole or len(others) <= marked_page.MOST_ROWS:
                groups.append(("Rows that it leaves as they are", others))
        return [(label, rows) for label, rows in groups if rows]

    @property
    def may_comment(self) -> bool:
        """Whether the person may say something."""
        return self.by.has_perm("compliance.submit_publication") or self.by.has_perm(
            "compliance.approve_publication"
        )

    @property
    def may_ask(self) -> bool:
        """Whether the person may ask for a change: it is in review, and another's."""
        is_in_review = self.publication.state == Publication.State.IN_REVIEW
        return self.may_comment and is_in_review and self.publication.submitted_by_id != self.by.pk

    @cached_property
    def is_unfinished(self) -> bool:
        """Whether it was rejected or called off, and neither submitted again nor dropped."""
        return bool(publishing.unfinished(Publication.objects.filter(pk=self.publication.pk)))

    @cached_property
    def _rows(self) -> dict[str, str]:
        """The name of each row of both pages by its id."""
        names: dict[str, str] = {}
        for page in self.pages:
            ids = (row.id for row in page.all_rows)
            names.update(zip(ids, values_of(row_label, page.all_rows), strict=True))
        return names
