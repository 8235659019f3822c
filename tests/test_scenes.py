"""A scene that is copied is the scene that was built."""

import pytest
from django.db import transaction

from compliance.models.changesets import changeset
from tests.factories import make_document, make_listing, make_provider, make_user, state
from tests.mirror import unmirrored_rows
from tests.publications import published
from tests.scenes import Scenes, read_tables

pytestmark = pytest.mark.django_db


def published_listing():
    provider = make_provider("Acme", storage_countries=["DE"])
    listing = make_listing(providers=[provider], documents=[make_document(provider)])
    published(listing.register, make_user("eve", role="editor"), make_user("ada", role="approver"))
    return listing


@pytest.mark.slow
def test_a_copy_has_the_rows_that_were_written(tmp_path, published_root):
    scenes = Scenes(tmp_path / "scenes")
    with transaction.atomic():
        scenes.enter(published_listing, published_root)
        built = read_tables()
        transaction.set_rollback(True)

    listing = scenes.enter(published_listing, published_root)

    assert read_tables() == built
    with changeset(
        by=None, label="tests", reason="Edit"
    ):  # it can be written to as if it was built
        state(listing, training="never")
        make_listing(listing.register, models=["GPT 7"])
    assert unmirrored_rows() == []


def test_a_scene_after_other_rows_is_refused(tmp_path, published_root):
    make_user("eve")

    with pytest.raises(AssertionError, match="Ask for it first"):
        Scenes(tmp_path / "scenes").enter(published_listing, published_root)
