"""The reasons of edits, offered as answers to the findings that these edits brought about."""

from collections.abc import Iterator

from compliance.models import Changeset
from compliance.page.rules import SubjectKind
from compliance.page.table import DocumentItem, ModelItem, ProviderItem, Row
from compliance.publishing.candidate import Candidate


def offered_edits(content: Candidate) -> dict[str, Changeset]:
    """Return the edit whose reason may answer a new finding, by the finding's key.

    It is the latest edit of the row that the finding is about, or of the rows that show what it is
    about. What stands in no row has the latest edit outside of the rows. A finding that no edit
    brought about, such as an agreement that lapsed, may have none.
    """
    new = content.new_findings
    if not new:
        return {}
    edits = content.changesets_by_listing()
    by_subject = {listing: changesets[0] for listing, changesets in edits.items() if listing}
    for row in content.snapshot.rows():
        if edit := by_subject.get(row.id):
            for subject in _shown(row):
                by_subject[subject] = max(
                    edit, by_subject.get(subject, edit), key=lambda changeset: changeset.pk
                )
    others = edits.get(None, [])
    offered = {}
    for finding in new:
        edit = by_subject.get(finding.subject)
        if edit is None and others and finding.kind is not SubjectKind.LISTING:
            edit = others[0]
        if edit:
            offered[finding.key] = edit
    return offered


def _shown(row: Row) -> Iterator[str]:
    """Give what a finding about something in a row has as its subject."""
    for _, cell in row.cells:
        for item in cell.items:
            yield item.plain
            if isinstance(item, ModelItem):
                yield item.model
            elif isinstance(item, ProviderItem):
                yield item.provider
            elif isinstance(item, DocumentItem):
                yield item.document
