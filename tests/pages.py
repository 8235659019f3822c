"""Pages written by hand for tests."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from compliance.page.formats import markdown
from compliance.page.snapshot import Snapshot
from compliance.page.table import Column, Section

# The page of the demo.
SEED = settings.BASE_DIR / "fixtures" / "llms-privacy.md"
# Five revisions of one page as people type them, with their slips: lists as `<br>`, as `A / B` and
# as HTML, two links in one item, surplus blanks and names, a model twice in a row, a missing last
# pipe, a note over two lines, no line feed at the end. From one revision to the next, models and
# providers are added, removed, moved and renamed, rows split, notes renumbered and reversed.
REVISIONS = sorted((Path(__file__).parent / "revisions").glob("*.md"))

HEAD = "| Model | Provider | Trains on prompts | Keeps data | Policies |\n|--|--|--|--|--|\n"


def row(
    models: str,
    providers: str,
    *,
    training: str = "No",
    retention: str = "30 days",
    documents: str = "",
) -> str:
    """Return a table row of names divided by commas, and of documents as they are written."""
    cells = (
        "<br>".join(models.split(", ")),
        "<br>".join(providers.split(", ")),
        training,
        retention,
        documents,
    )
    return "| " + " | ".join(cells) + " |\n"


def page(
    *rows: str,
    notes: str = "",
    title: str = "Models and privacy",
    intro: str = "Who gets your prompts.",
    columns: Sequence[Column] = (),
) -> Snapshot:
    """Return the snapshot of a page with these rows and footnotes; `columns` are known already."""
    source = f"# {title}\n\n{intro}\n\n{HEAD}{''.join(rows)}\n{notes}"
    return markdown.parse(source, sections=[Section("known", columns=tuple(columns))])


ACME = "[Acme Privacy Policy](https://acme.example/privacy)"
BOLT = "[Bolt Privacy Policy](https://bolt.example/privacy)<br>[Bolt FAQ](https://bolt.example/faq)"
