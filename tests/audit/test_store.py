"""compliance.audit.verification: a published store that says something else than the decisions.

The control takes the comparison of the store away: then the record beside it is sound.
"""

from dataclasses import replace

import pytest

from compliance.audit import verification
from compliance.published import comparison, reader, storage
from compliance.published.index import encode_index
from compliance.publishing import withdraw
from tests.audit.tampering import fault
from tests.factories import make_listing, make_provider
from tests.publications import HOUR, NOON
from tests.publications import published as publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def write(index):
    storage.save(storage.index_name(index.slug), encode_index(index))


def another_moment_of_effect(index, people):
    first, second = index.publications
    later = second.effective_from + HOUR
    write(replace(index, publications=(first, replace(second, effective_from=later))))


def another_moment_of_approval(index, people):
    first, second = index.publications
    earlier = second.approved_at - HOUR
    write(replace(index, publications=(first, replace(second, approved_at=earlier))))


def withdrawn_that_was_not(index, people):
    first, second = index.publications
    write(replace(index, publications=(first, replace(second, withdrawn_at=NOON + 2 * HOUR))))


def withdrawn_that_is_shown(index, people, register):
    withdraw(register.publications.numbered(2), by=people[1], at=NOON + 2 * HOUR, reason="Wrong")
    after = reader.read_index(index.slug)
    write(replace(after, publications=index.publications))


def exchanged_numbers(index, people):
    first, second = index.publications
    swapped = (replace(second, number=1), replace(first, number=2))
    write(replace(index, publications=swapped))


def publication_too_many(index, people):
    second = index.publications[1]
    write(replace(index, publications=(*index.publications, replace(second, number=3))))


def publication_left_out(index, people):
    write(replace(index, publications=index.publications[:1]))


def index_of_another_register(index, people):
    other = make_listing(providers=[make_provider("Bolt")]).register
    publish(other, *people, at=NOON + 3 * HOUR)
    content = storage.load(storage.index_name(other.slug))
    storage.save(storage.index_name(index.slug), content)


LIES = [
    another_moment_of_effect,
    another_moment_of_approval,
    withdrawn_that_was_not,
    exchanged_numbers,
    publication_too_many,
    publication_left_out,
    index_of_another_register,
]


@pytest.fixture
def people(published):
    editor = published.register.publications.last().submitted_by
    return editor, published.register.publications.last().approval.by


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_an_index_that_lies_is_named(published, people, monkeypatch, lie):
    slug = published.register.slug
    verification.verify()

    lie(reader.read_index(slug), people)

    assert f"index of {slug}" in fault()
    is_sound_without_comparison(monkeypatch)


def test_an_index_that_shows_what_was_withdrawn_is_named(published, people, monkeypatch):
    slug = published.register.slug

    withdrawn_that_is_shown(reader.read_index(slug), people, published.register)

    assert f"index of {slug}" in fault()
    is_sound_without_comparison(monkeypatch)


def is_sound_without_comparison(monkeypatch):
    monkeypatch.setattr(comparison, "find_differences", lambda: (_ for _ in ()))
    monkeypatch.setattr(reader, "read_heads", list)
    verification.verify()
