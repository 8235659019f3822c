"""The demo's providers: what each declares for all its API traffic, read from a JSON file."""

import json
from typing import Any

from django.core.exceptions import ValidationError

from compliance.models import Provider
from compliance.page import inline
from compliance.page.retention import read_clauses
from compliance.page.table import Term
from compliance.workingcopy.importing.errors import NotImportable
from compliance.workingcopy.importing.terms import term_worded

_FIELDS = {"name", "website", "training", "retention"}


def import_declarations(content: bytes) -> list[Provider]:
    """Write the declarations of a JSON file in the open changeset, and return the providers.

    The file is a list of objects with name, website, training (a training use) and retention (a
    wording). Raises NotImportable for any other content.
    """
    try:
        entries = json.loads(content)
    except ValueError as error:
        raise NotImportable(f"The declarations are not JSON: {error}.") from error
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise NotImportable(
            f"The declarations must be a list of objects with {', '.join(sorted(_FIELDS))}."
        )
    return [_declared(entry) for entry in entries]


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and set(entry) == _FIELDS


def _declared(entry: dict[str, Any]) -> Provider:
    provider = Provider.objects.filter(name=entry["name"]).first() or Provider(name=entry["name"])
    try:
        clauses = read_clauses(entry["retention"])
        term = term_worded(Term(inline.escape(entry["retention"]), clauses))
        provider.set(
            website=entry["website"], declared_training=entry["training"], declared_retention=term
        )
    except ValidationError as error:
        raise NotImportable(f"{entry['name']}: {' '.join(error.messages)}") from error
    return provider
