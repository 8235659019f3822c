"""The desk says if readers do not see yet what was decided."""

import pytest

from compliance.published import writer
from tests.admin.doors import signed_in
from tests.factories import make_listing, make_user
from tests.forms import read
from tests.publications import published

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_the_desk_names_what_is_behind_until_it_is_written():
    register = make_listing().register
    published(register, make_user(role="editor"), make_user(role="approver"))  # never committed
    client = signed_in("editor")

    behind = read(client.get("/admin/"))
    writer.complete()

    assert f"The last decision is not public yet. Behind: {register.slug}." in behind
    assert "tell whoever runs the server" in behind
    assert "not public yet" not in read(client.get("/admin/"))


@pytest.mark.slow
def test_the_desk_opens_with_a_store_that_cannot_be_used(published_root):
    published_root.mkdir()
    (published_root / "record").write_text("another's")

    shown = read(signed_in("editor").get("/admin/"))

    assert "The published store belongs to another installation." in shown


def test_people_who_see_no_pages_are_not_told_of_the_store(published_root):
    published_root.mkdir()
    (published_root / "record").write_text("another's")

    assert "belongs to another installation" not in read(signed_in("staff").get("/admin/"))
