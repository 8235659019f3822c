"""Hand-made pages for tests."""

from compliance.page.formats import markdown
from compliance.page.snapshot import Snapshot

HEAD = "| Model | Provider | Trains on prompts | Keeps prompts | Policies |\n|--|--|--|--|--|\n"


def row(
    models: str,
    providers: str,
    *,
    training: str = "No",
    retention: str = "30 days",
    documents: str = "",
) -> str:
    """Return a table row; models and providers are named apart by commas, documents are as written."""
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
) -> Snapshot:
    """Return the snapshot of a page of these rows and notes."""
    return markdown.parse(f"# {title}\n\n{intro}\n\n{HEAD}{''.join(rows)}\n{notes}")


ACME = "[Acme Privacy Policy](https://acme.example/privacy)"
BOLT = "[Bolt Privacy Policy](https://bolt.example/privacy)<br>[Bolt FAQ](https://bolt.example/faq)"
