"""Names for the comboboxes of a row's form: models, providers and documents that a text finds."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from compliance.admin.listings.finders import document_names
from compliance.models import AIModel, Provider
from compliance.page.names import fold, typing_key

MOST_RESULTS = 20
MAX_QUERY_LENGTH = 200


def _named(model: type[AIModel] | type[Provider], query: str) -> list[dict[str, str]]:
    found = model.objects.filter(Q(name__says=query) | Q(aliases__says=query))
    if not found.exists():
        return _named_without_blanks(model, query)
    results = []
    for name, aliases in found.values_list("name", "aliases")[: 5 * MOST_RESULTS]:
        note = ""
        if fold(query) not in fold(name):
            note = next((one for one in aliases.splitlines() if fold(query) in fold(one)), "")
        results.append({"name": name, "note": f"also called {note}" if note else ""})
    return results


def _named_without_blanks(
    model: type[AIModel] | type[Provider], query: str
) -> list[dict[str, str]]:
    """Return the names that contain a text if blanks and hyphens do not count."""
    wanted = typing_key(query)
    names = model.objects.values_list("name", flat=True)
    return [{"name": name, "note": ""} for name in names if wanted and wanted in typing_key(name)]


def _documents(query: str) -> list[dict[str, str]]:
    wanted = fold(query)
    return [
        {"name": name, "note": ""} for name in document_names().values() if wanted in fold(name)
    ]


# What each kind of lookup needs permission for, and finds.
LOOKUPS: dict[str, tuple[str, Callable[[str], list[dict[str, str]]]]] = {
    "models": ("compliance.view_aimodel", lambda query: _named(AIModel, query)),
    "providers": ("compliance.view_provider", lambda query: _named(Provider, query)),
    "documents": ("compliance.view_provider", _documents),
}


def look_up(kind: str, query: str) -> dict[str, Any]:
    """Return the first names that contain a text, best first, and whether there are more."""
    text = query.strip()[:MAX_QUERY_LENGTH]
    found = LOOKUPS[kind][1](text) if text else []
    found.sort(key=lambda result: _rank(result["name"], fold(text)))
    return {"results": found[:MOST_RESULTS], "more": len(found) > MOST_RESULTS}


def _rank(name: str, query: str) -> tuple[int, str]:
    folded = fold(name)
    if folded == query:
        return 0, folded
    return (1 if folded.startswith(query) else 2), folded
