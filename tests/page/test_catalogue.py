"""compliance.page.catalogue: the models and providers that sections name."""

import pytest

from compliance.page.catalogue import catalogue
from compliance.page.snapshot import Model, Provider
from compliance.page.table import Cell, Column, DocumentItem, Listing, ProviderItem, Section
from compliance.page.vocabulary import ColumnRole, DocumentKind
from tests.stores import COLUMNS, listing, models_cell, providers_cell

ONE, TWO = Model("one", "One"), Model("two", "Two")
ACME, BOLT = Provider("acme", "Acme"), Provider("bolt", "Bolt")
MODELS, PROVIDERS = {"one": ONE, "two": TWO}, {"acme": ACME, "bolt": BOLT}


def table(*listings):
    return Section("section", "", COLUMNS, listings)


def test_what_sections_name_stands_once_each_in_order_of_first_appearance():
    first = listing("a", models=models_cell(TWO), providers=providers_cell(BOLT), documents=Cell())
    second = listing(
        "b", models=models_cell(ONE, TWO), providers=providers_cell(ACME, BOLT), documents=Cell()
    )

    assert catalogue([table(first), table(second)], MODELS, PROVIDERS) == ((TWO, ONE), (BOLT, ACME))


def test_columns_decide_the_order_and_a_document_names_its_provider():
    documents = Column("documents", "Documents", ColumnRole.DOCUMENTS)
    providers = Column("providers", "Provider", ColumnRole.PROVIDERS)
    policy = DocumentItem("1", "bolt", DocumentKind.OTHER, "Bolt", "https://bolt.example")
    cells = {"providers": Cell((ProviderItem("acme", "Acme"),)), "documents": Cell((policy,))}
    section = Section("section", "", (documents, providers), (Listing("a", cells),))

    assert catalogue([section], MODELS, PROVIDERS) == ((), (BOLT, ACME))


def test_what_a_section_names_must_be_known():
    with pytest.raises(KeyError):
        catalogue([table(listing("a", models=models_cell(ONE)))], {}, PROVIDERS)
