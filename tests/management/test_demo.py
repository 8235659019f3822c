"""manage.py demo: the page of the fixture, whose claims follow from what providers declare."""

import pytest
from django.core.management import call_command

from compliance.models import Provider, Publication, Register
from compliance.page.formats import markdown
from compliance.page.vocabulary import Basis
from compliance.workingcopy.resolve import capture
from tests.factories import make_term, recorded
from tests.pages import SEED

YEAR = {"kind": "duration", "duration": "P1Y"}
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def register(settings):
    settings.DEMO = True
    call_command("demo")
    return Register.objects.get()


def claims(snapshot):
    """Yield the row, the column and the cell of each claim."""
    for row in snapshot.rows():
        for column, cell in row.cells:
            if column.role.is_claim:
                yield row, column, cell


def test_the_page_of_the_demo_is_the_fixture_byte_for_byte(register):
    published = Publication.objects.get().snapshot()

    assert markdown.render(published) == SEED.read_text(encoding="utf-8")
    assert published == capture(register)


def test_every_claim_of_the_demo_is_derived_unless_a_footnote_marks_it(register):
    stated = {
        (row.models[0].plain, column.key, cell.plain)
        for row, column, cell in claims(capture(register))
        if cell.basis is Basis.STATED
    }

    assert stated == {("ChatGPT", "retention", "30 days")}


@pytest.mark.parametrize(
    ("declared", "key", "words"),
    [
        ({"declared_training": "by_default"}, "training", "Yes"),
        ({"declared_retention": "1 year"}, "retention", "1 year"),
    ],
)
def test_a_change_of_a_declaration_changes_each_row_that_derives_it(register, declared, key, words):
    before = {(row.id, column.key): cell for row, column, cell in claims(capture(register))}
    if wording := declared.get("declared_retention"):
        declared = {"declared_retention": make_term(wording, clauses=[YEAR])}

    with recorded():
        Provider.objects.get(name="Nebius").set(**declared)

    for row, column, cell in claims(capture(register)):
        if column.key == key and "nebius" in [item.provider for item in row.providers]:
            assert cell.plain == words
        else:
            assert cell == before[row.id, column.key]
