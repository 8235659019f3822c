"""Published stores made from snapshots, for tests of the public pages, which use no database."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from compliance.page import canonical
from compliance.page.snapshot import (
    Columns,
    Document,
    Footnote,
    Model,
    Provider,
    Register,
    Retention,
    Snapshot,
    Training,
)
from compliance.page.table import Clause, Listing
from compliance.page.vocabulary import (
    Basis,
    Bound,
    ClauseKind,
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


def listing(id: str = "first", **changes: Any) -> Listing:
    """Return a listing in which a model, a provider, the retention cell and a document are marked."""
    plain = Listing(
        id=id,
        models=(Model("acme-one", "Acme One", (1,)), Model("acme-two", "Acme Two", ())),
        providers=(
            Provider("acme", "Acme AI", (1, 2), None),
            Provider("borealis", "Borealis Cloud", (), None),
        ),
        training=Training(TrainingUse.NEVER, "No", Basis.STATED, ()),
        retention=Retention("30 days", Basis.STATED, (2,), (MONTH,)),
        documents=(
            Document(
                "acme",
                DocumentKind.PRIVACY_POLICY,
                "Acme AI Privacy Policy",
                "https://acme.example/privacy",
                (),
            ),
            Document("borealis", DocumentKind.AGREEMENT, "Agreement with Borealis Cloud", None, ()),
        ),
    )
    return replace(plain, **changes)


def snapshot(
    *listings: Listing, notes: tuple[str, ...] = ("First note.", "Second note."), **register: Any
) -> Snapshot:
    """Return a register of some listings, of `listing()` where none is given."""
    columns = Columns("Model", "Provider", "Trains on prompts", "Retention", "Documents")
    head = Register(
        "models-and-privacy", "Models and privacy", "Where prompts go.", "", "en", columns
    )
    footnotes = tuple(
        Footnote(f"note-{number}", number, text) for number, text in enumerate(notes, start=1)
    )
    return Snapshot(replace(head, **register), listings or (listing(),), footnotes)


def entry(number: int, files: dict[str, bytes], **changes: Any) -> PublishedEntry:
    """Return the index's entry of some files, in force since FIRST or SECOND."""
    moment = FIRST if number == 1 else SECOND
    plain = PublishedEntry(
        number=number,
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
    *pages: Iterable[Listing], changes: dict[int, dict[str, Any]] | None = None, **options: Any
) -> Index:
    """Publish a page of each group of listings, one a day, and return the index."""
    moments = {}
    for number in range(1, len(pages) + 1):
        effective_from = FIRST + timedelta(days=number)
        moments[number] = {"effective_from": effective_from, **(changes or {}).get(number, {})}
    return publish(*(snapshot(*listings) for listings in pages), changes=moments, **options)
