"""Published stores made from snapshots, for tests of the public pages, which use no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from compliance.page import canonical, inline
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Footnote, Model, Provider, Register, Snapshot
from compliance.page.table import (
    Cell,
    ClaimItem,
    Clause,
    Column,
    DocumentItem,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
)
from compliance.page.training import training_use
from compliance.page.vocabulary import (
    Asks,
    Basis,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    DocumentKind,
    TrainingUse,
    Trigger,
)
from compliance.published.index import Index, PublishedEntry, StoredFile, encode_index
from compliance.rendering.html import artefacts

FIRST, SECOND = datetime(2026, 3, 2, 9, 30, tzinfo=UTC), datetime(2026, 8, 11, 14, 0, tzinfo=UTC)
RECORD = "00000000-0000-4000-8000-000000000001"
MONTH = Clause(DataClass.ALL_CONTENT, ClauseKind.DURATION, "P30D", Bound.EXACT, Trigger.ALWAYS)


MODELS = (Model("acme-one", "Acme One"), Model("acme-two", "Acme Two"))
PROVIDERS = (Provider("acme", "Acme AI"), Provider("borealis", "Borealis Cloud"))
COLUMNS = (
    Column("models", "Model", ColumnRole.MODELS),
    Column("providers", "Provider", ColumnRole.PROVIDERS),
    Column("training", "Trains on prompts", ColumnRole.TRAINING, asks=Asks.TRAINS),
    Column("retention", "Retention", ColumnRole.RETENTION, asks=Asks.HOW_LONG),
    Column("documents", "Documents", ColumnRole.DOCUMENTS),
)
CELLS = {
    "models": Cell((ModelItem("acme-one", "Acme One", (1,)), ModelItem("acme-two", "Acme Two"))),
    "providers": Cell(
        (ProviderItem("acme", "Acme AI", (1, 2)), ProviderItem("borealis", "Borealis Cloud"))
    ),
    "training": Cell((ClaimItem("No"),), basis=Basis.STATED, use=TrainingUse.NEVER),
    "retention": Cell((ClaimItem("30 days", (2,)),), basis=Basis.STATED, clauses=(MONTH,)),
    "documents": Cell(
        (
            DocumentItem(
                "document-1",
                "acme",
                DocumentKind.PRIVACY_POLICY,
                "Acme AI Privacy Policy",
                "https://acme.example/privacy",
            ),
            DocumentItem(
                "document-2",
                "borealis",
                DocumentKind.AGREEMENT,
                "Agreement with Borealis Cloud",
                None,
            ),
        ),
        basis=Basis.STATED,
    ),
}


def models_cell(*models: Model) -> Cell:
    """Return a cell that names models."""
    return Cell(tuple(ModelItem(model.id, inline.escape(model.name)) for model in models))


def providers_cell(*providers: Provider) -> Cell:
    """Return a cell that names providers."""
    return Cell(
        tuple(ProviderItem(provider.id, inline.escape(provider.name)) for provider in providers)
    )


def training_cell(text: str) -> Cell:
    """Return a stated training claim."""
    return Cell((ClaimItem(text),), basis=Basis.STATED, use=training_use(text))


def retention_cell(text: str) -> Cell:
    """Return a stated retention claim."""
    return Cell((ClaimItem(text),), basis=Basis.STATED, clauses=read_clauses(text))


def listing(id: str = "first", **cells: Cell) -> Listing:
    """Return a listing in which a model, a provider, the retention and a provider are marked.

    `cells` replaces cells by the key of their column.
    """
    return Listing(id, {**CELLS, **cells})


def snapshot(
    *listings: Listing,
    notes: tuple[str, ...] = ("First note.", "Second note."),
    prose: str = "Where prompts go.",
    models: tuple[Model, ...] = MODELS,
    providers: tuple[Provider, ...] = PROVIDERS,
    **register: Any,
) -> Snapshot:
    """Return a register of one section with some listings, with `listing()` where none is given.

    `register` holds fields of the register, such as its title.
    """
    footnotes = tuple(
        Footnote(f"note-{number}", number, text) for number, text in enumerate(notes, start=1)
    )
    head = Register("models-and-privacy", "Models and privacy")
    section = Section("section-1", prose, COLUMNS, listings or (listing(),))
    return Snapshot(replace(head, **register), (section,), models, providers, footnotes)


def entry(number: int, files: dict[str, bytes], **changes: Any) -> PublishedEntry:
    """Return the index's entry of some files, in force since FIRST or SECOND."""
    moment = FIRST if number == 1 else SECOND
    plain = PublishedEntry(
        number=number,
        approval_sha256=canonical.sha256(f"approval {number}".encode()),
        event=number,
        title="Models and privacy",
        language="en",
        publisher="Acme Search",
        contact="privacy@acme.example",
        licence="CC-BY-4.0",
        source="native",
        effective_from=moment,
        approved_at=moment,
        announced=False,
        withdrawn_at=None,
        renews=None,
        renewed_by=None,
        renewed_at=None,
        grades={},
        files={
            name: StoredFile(canonical.sha256(content), len(content))
            for name, content in files.items()
        },
    )
    return replace(plain, **changes)


def put(name: str, content: bytes) -> None:
    """Write a file into the store."""
    storages["published"].save(name, ContentFile(content))


def publish(
    *snapshots: Snapshot, changes: dict[int, dict[str, Any]] | None = None, revision: int = 1
) -> Index:
    """Put snapshots into the store as publications 1, 2, … of one register; `changes` to their entries by number."""
    slug = snapshots[0].register.slug
    entries = []
    for number, published in enumerate(snapshots, start=1):
        files = artefacts(published)
        for format, content in files.items():
            put(f"{slug}/{number}.{format}", content)
        entries.append(entry(number, files, **(changes or {}).get(number, {})))
    index = Index(RECORD, revision, slug, tuple(entries))
    put("record", f"{RECORD}\n".encode())
    put(f"{slug}/index.json", encode_index(index))
    return index


def publish_daily(
    *pages: Snapshot, changes: dict[int, dict[str, Any]] | None = None, **options: Any
) -> Index:
    """Publish the pages, one a day, and return the index."""
    moments = {}
    for number in range(1, len(pages) + 1):
        effective_from = FIRST + timedelta(days=number)
        moments[number] = {"effective_from": effective_from, **(changes or {}).get(number, {})}
    return publish(*pages, changes=moments, **options)
