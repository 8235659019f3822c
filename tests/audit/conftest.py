"""The record that the tests of this folder alter."""

import pytest

from compliance.models.changesets import changeset
from compliance.published import writer
from compliance.publishing import approve
from tests.factories import make_listing, make_provider, make_user, state
from tests.publications import HOUR, NOON, submitted


@pytest.fixture
def published(scene):
    return scene(published_twice)


def published_twice():
    """Publish twice, the second with an edit between."""
    editor, approver = make_user("eve", role="editor"), make_user("ada", role="approver")
    writer.complete()
    listing = make_listing(providers=[make_provider("Acme")])
    for hours, use in enumerate(("never", "opt_out")):
        with changeset(by=editor, reason="Edit"):
            state(listing, training=use)
        publication = submitted(listing.register, editor, at=NOON + hours * HOUR)
        approve(
            publication,
            by=approver,
            at=NOON + hours * HOUR,
            approval_sha256=publication.approval_sha256,
        )
    return listing
