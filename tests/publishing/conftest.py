"""People whom several tests of publishing need."""

import pytest

from tests.factories import make_user


@pytest.fixture
def author(approver):
    """Return an approver who also edits."""
    author = make_user("both", role="editor")
    author.groups.add(*approver.groups.all())
    return author
