"""Registers of any shape are imported as they print, and again without a difference."""

from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given, settings

from compliance.models import Changeset
from compliance.page.formats import json as json_format
from compliance.page.formats import markdown
from compliance.page.formats.base import Origin
from compliance.workingcopy.importing import NotImportable, import_page, read_page
from compliance.workingcopy.resolve import capture
from tests.strategies import snapshots

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ANY_SHAPE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def imported(page, **options):
    """Import a page; what no working copy can hold is not tried.

    That is what a field refuses, such as an address that no link may have, a page of footnotes
    only, and one wording that means two things.
    """
    try:
        return import_page(page, slug="register", reason="Import", label="tests", **options)
    except NotImportable as refusal:
        usual = ("cannot be kept.", "has no section", "clauses differ from")
        assume(not any(words in str(refusal) for words in usual))
        raise


@ANY_SHAPE
@given(snapshots())
def test_a_page_in_markdown_is_kept_as_it_prints_and_again_writes_nothing(snapshot):
    page = markdown.read(markdown.render(snapshot).encode()).snapshot

    with transaction.atomic():
        first = imported(page)
        before = Changeset.objects.count()
        second = imported(page)

        assert first.snapshot.printed() == page.printed()
        assert second.changes == ()
        assert Changeset.objects.count() == before
        transaction.set_rollback(True)


@ANY_SHAPE
@given(snapshots())
def test_a_page_in_json_keeps_what_its_claims_mean(snapshot):
    page = json_format.parse(snapshot.canonical_bytes()).snapshot

    with transaction.atomic():
        kept = imported(page, with_facts=True).snapshot

        for row, expected in zip(kept.rows(), page.rows(), strict=True):
            for (_, cell), (_, shown) in zip(row.cells, expected.cells, strict=True):
                assert cell.items == () or (cell.use, cell.clauses) == (shown.use, shown.clauses)
        transaction.set_rollback(True)


@ANY_SHAPE
@given(snapshots())
def test_the_markdown_of_a_register_keeps_its_columns_and_changes_nothing(snapshot):
    page = json_format.parse(snapshot.canonical_bytes()).snapshot
    # Only JSON can have a section of nothing.
    printed = [section for section in page.sections if section.prose or section.columns]
    page = replace(page, sections=tuple(printed))

    with transaction.atomic():
        register = imported(page, with_facts=True).register
        exported = markdown.render(capture(register)).encode()

        again = read_page(exported, register=register)

        assert {read.origin for read in again.columns} <= {Origin.REGISTER}
        assert imported(again.snapshot).changes == ()
        transaction.set_rollback(True)
