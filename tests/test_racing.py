"""Approvals racing an editor: what is public is what an approver saw, always."""

from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from compliance import canonical, rendering, store
from compliance.capture import capture
from compliance.models import Decision
from compliance.models.changesets import changeset
from compliance.publishing import NotPublishable, approve, candidate, deciding, submit
from tests.factories import make_listing, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def raced(approvals):
    """Approve while an editor edits; return the bytes that the approver saw, by number."""
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite lies in memory, where threads cannot race; bench.killed_publishing does")
    editor, approver = make_user("eve", role="editor"), make_user("ada", role="approver")
    store.complete()
    listing, stop, edits, seen = make_listing(training_use="never"), Event(), [], {}

    def edit():
        while not stop.wait(0.01):
            with changeset(by=editor, reason="Edit"):
                listing.set(training_text=f"No ({len(edits)})")
            edits.append(1)
        connection.close()

    racing = Thread(target=edit)
    racing.start()
    try:
        while len(seen) < approvals and racing.is_alive():
            at = timezone.now()
            answers = {finding.key: "Known." for finding in candidate(listing.register, at=at).findings}
            try:
                publication = submit(listing.register, by=editor, at=timezone.now(), reason="Why", answers=answers)
                shown = bytes(publication.files.get(format="md").content)
                approve(publication, by=approver, at=timezone.now(), content_sha256=publication.content_sha256)
            except NotPublishable:
                continue
            seen[publication.number] = shown
    finally:
        stop.set()
        racing.join()
    assert len(edits) > 1
    return listing.register, seen


def unseen(register, seen):
    """Return the numbers whose public bytes are not those that the approver saw."""
    index = store.read(register.slug)
    return [entry.number for entry in index.publications if store.content(index, entry, "md") != seen[entry.number]]


def test_no_text_is_public_that_no_approver_saw():
    register, seen = raced(5)

    assert unseen(register, seen) == []
    assert list(Decision.objects.values_list("number", flat=True)) == list(range(1, 6))


def test_an_approval_that_captures_anew_is_caught(monkeypatch):
    def captured(publication, content_sha256):
        return rendering.artefacts(capture(publication.register))

    monkeypatch.setattr(deciding, "_frozen_files", captured)
    monkeypatch.setattr(store, "content", lambda index, entry, format: _on_disk(index, entry, format))

    register, seen = raced(5)

    assert unseen(register, seen) != []


def _on_disk(index, entry, format):
    content = store._read(store._file_name(index.slug, entry.number, format))
    assert canonical.sha256(content)
    return content
