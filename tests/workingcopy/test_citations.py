"""Citations are written in one place, and never twice."""

import pytest

from compliance.models import Citation
from compliance.models.changesets import changeset
from compliance.workingcopy.citations import cite, set_citations, set_cited_everywhere, uncite
from compliance.workingcopy.writes import Writes
from tests.factories import cell_of, make_footnote, make_listing, make_provider, make_register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_changeset():
    with changeset(by=None, label="tests", reason="Marks"):
        yield


@pytest.fixture
def register():
    return make_register()


@pytest.fixture
def footnote(register):
    return make_footnote(register)


def write(mark, *places):
    writes = Writes()
    mark(writes, *places)
    writes.write()


def test_a_footnote_marks_a_cell_once_and_no_other_cell(register, footnote):
    listing = make_listing(register, training="never", retention="30 days")
    training, retention = cell_of(listing, "training"), cell_of(listing, "retention")

    write(cite, footnote, training)
    write(cite, footnote, training)
    write(uncite, footnote, retention)

    assert [citation.cell for citation in Citation.objects.all()] == [training]

    write(uncite, footnote, training)

    assert not Citation.objects.exists()


def test_the_citations_of_a_row_become_exactly_the_wanted_ones(register, footnote):
    row = make_listing(register, models=["GPT 5"]).listed_models.get()
    other = make_footnote(register)
    write(cite, footnote, row)

    set_citations(row, [other])

    assert [citation.footnote for citation in row.citations.all()] == [other]


def test_marks_everywhere_change_without_touching_those_in_listings(register, footnote):
    row = make_listing(register, providers=["OpenAI"]).listed_providers.get()
    dropped, added = make_provider("Acme"), make_provider("Azure")
    write(cite, footnote, row)
    write(cite, footnote, dropped)

    set_cited_everywhere(footnote, [added])

    assert {citation.target for citation in footnote.citations.all()} == {row, added}
