"""The reasons of edits, offered as answers to the findings that these edits brought about."""

from collections.abc import Iterator, Mapping, Sequence

from compliance.models import Changeset
from compliance.page.parts import listing_key
from compliance.page.rules import SubjectKind
from compliance.page.table import DocumentItem, ModelItem, ProviderItem, Row
from compliance.publishing.candidate import Candidate


def offered_edits(
    content: Candidate, edits: Mapping[str, Sequence[Changeset]]
) -> dict[str, Changeset]:
    """Return the edit whose reason may answer a new finding, by the finding's key.

    `edits` are the changesets by the key of a part, latest first. What is offered is the latest
    edit of the part that the finding is about, else of the rows that show what it is about. A
    finding about the register has the latest edit outside of the rows. One that no edit brought
    about, such as an agreement that lapsed, may have none.
    """
    latest = {
        key: changesets[0]
        for key, changesets in edits.items()
        if changesets and key not in content.held_back
    }
    by_subject: dict[str, Changeset] = {}
    for row in content.snapshot.rows():
        if edit := latest.get(listing_key(row.id)):
            for subject in _shown(row):
                by_subject[subject] = _later(edit, by_subject.get(subject, edit))
    of_no_row = [edit for key, edit in latest.items() if not key.startswith(listing_key(""))]
    offered = {}
    for finding in content.new_findings:
        found = latest.get(f"{finding.kind}:{finding.subject}") or by_subject.get(finding.subject)
        if not found and finding.kind is SubjectKind.REGISTER and of_no_row:
            found = max(of_no_row, key=lambda edit: edit.pk)
        if found:
            offered[finding.key] = found
    return offered


def _later(edit: Changeset, other: Changeset) -> Changeset:
    return edit if edit.pk > other.pk else other


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
