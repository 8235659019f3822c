"""Tests of compliance.workingcopy.documents: which listings print which documents."""

import pytest

from compliance.workingcopy.documents import printing_listings
from tests.factories import (
    make_column,
    make_document,
    make_listing,
    make_provider,
    make_register,
    make_section,
)

pytestmark = pytest.mark.django_db


def test_a_row_prints_what_it_names_itself_or_else_what_its_providers_show():
    acme = make_provider("Acme")
    default, other = make_document(acme), make_document(acme, kind="faq", is_default=False)
    register = make_register()
    follows = make_listing(register, providers=[acme])
    states = make_listing(register, providers=[acme], documents=[other])
    unrelated = make_document()

    assert printing_listings([default, other, unrelated]) == {
        default.pk: [follows.pk],
        other.pk: [states.pk],
    }


def test_a_row_of_a_table_without_documents_prints_none():
    document = make_document()
    section = make_section(make_register(), columns=[])
    make_column(section, "providers")
    make_listing(section, models=[], providers=[document.provider])

    assert printing_listings([document]) == {}
