"""A page with a table for models and one for companies, and changes of it in one place."""

from dataclasses import replace
from datetime import date

from compliance.page.retention import read_clauses
from compliance.page.snapshot import (
    Declared,
    Footnote,
    Model,
    Provider,
    Register,
    Snapshot,
)
from compliance.page.table import (
    Cell,
    ClaimItem,
    Column,
    DocumentItem,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
    Term,
    TextItem,
)
from compliance.page.vocabulary import (
    Asks,
    Basis,
    ColumnRole,
    DataClass,
    DocumentKind,
    TrainingUse,
    Unit,
)
from tests.stores import retention_cell, training_cell

MODEL_COLUMNS = (
    Column("models", "Model", ColumnRole.MODELS),
    Column("providers", "Host", ColumnRole.PROVIDERS),
    Column("training", "Trains on prompts", ColumnRole.TRAINING, asks=Asks.TRAINS),
    Column("retention", "Retention", ColumnRole.RETENTION, asks=Asks.HOW_LONG),
    Column(
        "retention-2",
        "Log days",
        ColumnRole.RETENTION,
        asks=Asks.HOW_LONG,
        covers=DataClass.METADATA,
        unit=Unit.DAYS,
    ),
    Column("documents", "Policies", ColumnRole.DOCUMENTS),
)
COMPANY_COLUMNS = (
    Column("entity", "Entity", ColumnRole.TEXT),
    Column("purpose", "Purpose", ColumnRole.TEXT),
    Column("seat", "Seat", ColumnRole.PLACES),
)


def logs_cell(text):
    clauses = read_clauses(text, covers=DataClass.METADATA, unit=Unit.DAYS)
    return Cell((ClaimItem(text),), basis=Basis.STATED, clauses=clauses)


def text_cell(*texts, country=None):
    return Cell(tuple(TextItem(text, country) for text in texts))


def company(id, entity, purpose, seat="Germany", country="DE"):
    return Listing(
        id,
        {
            "entity": text_cell(entity),
            "purpose": text_cell(purpose),
            "seat": text_cell(seat, country=country),
        },
    )


POLICY = DocumentItem(
    "policy",
    "acme",
    DocumentKind.PRIVACY_POLICY,
    "Acme Privacy Policy",
    "https://acme.example/privacy",
    date(2024, 1, 1),
    date(2030, 1, 1),
    (2,),
)
NOVA = Listing(
    "nova",
    {
        "models": Cell((ModelItem("nova-2", "Nova 2", (1,)), ModelItem("nova-mini", "Nova Mini"))),
        "providers": Cell((ProviderItem("acme", "Acme"), ProviderItem("bolt", "Bolt", (1,)))),
        "training": training_cell("No"),
        "retention": retention_cell("30 days"),
        "retention-2": logs_cell("7"),
        "documents": Cell((POLICY,), basis=Basis.STATED),
    },
)
ATLAS = Listing(
    "atlas",
    {
        "models": Cell((ModelItem("atlas", "Atlas"),)),
        "providers": Cell((ProviderItem("bolt", "Bolt"),)),
        "training": training_cell("Opt-in"),
        "retention": retention_cell("Not stored"),
        "retention-2": logs_cell("0"),
        "documents": Cell((), basis=Basis.DERIVED),
    },
)
PAGE = Snapshot(
    Register("models-and-privacy", "Models and privacy", "https://acme.example/"),
    (
        Section("models", "Where prompts go.\n\n## Models", MODEL_COLUMNS, (NOVA, ATLAS)),
        Section(
            "companies",
            "## Companies",
            COMPANY_COLUMNS,
            (company("cloud", "Cloud GmbH", "Hosting"), company("mail", "Mail AG", "Support")),
        ),
        Section("end", "Ask us."),
    ),
    models=(
        Model("nova-2", "Nova 2", "Acme", ("nova",), Term("1 day", read_clauses("1 day")), ("n1",)),
        Model("nova-mini", "Nova Mini"),
        Model("atlas", "Atlas"),
    ),
    providers=(
        Provider(
            "acme",
            "Acme",
            "Acme Inc",
            "https://acme.example",
            ("DE",),
            ("FR",),
            ("ACME",),
            Declared(TrainingUse.NEVER, Term("30 days", read_clauses("30 days"))),
        ),
        Provider("bolt", "Bolt"),
    ),
    footnotes=(Footnote("one", 1, "One.", date(2030, 1, 1)), Footnote("two", 2, "Two.")),
)


def with_section(page: Snapshot, id: str, **changes) -> Snapshot:
    """Return a page with other fields of one section."""
    sections = tuple(
        replace(section, **changes) if section.id == id else section for section in page.sections
    )
    return replace(page, sections=sections)


def with_cells(page: Snapshot, id: str, **cells: Cell) -> Snapshot:
    """Return a page with other cells of one listing, by the key of their column."""
    sections = []
    for section in page.sections:
        listings = tuple(
            replace(listing, cells={**listing.cells, **cells}) if listing.id == id else listing
            for listing in section.listings
        )
        sections.append(replace(section, listings=listings))
    return replace(page, sections=tuple(sections))
