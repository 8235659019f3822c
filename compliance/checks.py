"""System checks of migrations (none may drop evidence), of settings, and of the static files that pages need."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AlterField,
    AlterModelTable,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation

from compliance.rules import RULES, Severity

_RECORD = {"changeset", "publication", "publishedfile", "contribution", "decision", "ledgerentry", "record", "review"}


def evidence_is_kept(**kwargs: Any) -> list[CheckMessage]:
    """Refuse migrations of the app that drop or rename a column or table of the record or of history (compliance.E001).

    SQL and Python of its own are refused too: what they do to the record cannot be read from them.
    """
    loader = MigrationLoader(None)
    migrations = [migration for (app, _), migration in loader.disk_migrations.items() if app == "compliance"]
    return list(faults(migrations))


def faults(migrations: Iterable[Migration]) -> Iterator[CheckMessage]:
    """Give an error for each operation that drops evidence."""
    for migration in migrations:
        for operation in migration.operations:
            for said in _drops(operation):
                yield Error(
                    f"Migration {migration.name} {said}.",
                    hint="The record is kept for good. Add a column beside it, and leave the old one.",
                    id="compliance.E001",
                )


def _drops(operation: Operation) -> Iterator[str]:
    """Give what an operation does to the record, nothing where it leaves it whole."""
    if isinstance(operation, SeparateDatabaseAndState):
        for part in (*operation.database_operations, *operation.state_operations):
            yield from _drops(part)
    elif isinstance(operation, (RunSQL, RunPython)):
        yield f"runs {'SQL' if isinstance(operation, RunSQL) else 'Python'} of its own"
    elif isinstance(operation, (RemoveField, RenameField)) and _is_record(operation.model_name):
        field = operation.old_name if isinstance(operation, RenameField) else operation.name
        yield f"drops {operation.model_name}.{field}"
    elif isinstance(operation, AlterField) and _is_record(operation.model_name):
        yield f"alters {operation.model_name}.{operation.name}"
    elif isinstance(operation, DeleteModel) and _is_record(operation.name):
        yield f"drops {operation.name}"
    elif isinstance(operation, RenameModel) and _is_record(operation.old_name):
        yield f"renames {operation.old_name}"
    elif isinstance(operation, AlterModelTable) and _is_record(operation.name):
        yield f"renames the table of {operation.name}"


def _is_record(model: str) -> bool:
    return model.lower() in _RECORD or model.lower().startswith("historical")


_FIELDS = {"name", "id"}
# Both are written into files of lines: printable ASCII without blanks, quotes and angle brackets.
_SITE_URL = re.compile(r"https?://[!#-;=?-~]+")
_CONTACT = re.compile(r"(?:mailto:[!#-;=?A-~]+@|https://)[!#-;=?-~]+")


def settings_are_known(**kwargs: Any) -> list[CheckMessage]:
    """Refuse settings that name what there is not: a rule (compliance.E002), a severity (E003), a field (E005).

    A rule whose blocker guards what no page can be read back with keeps its severity (E004). What is written into
    public files must be an address (E007, E008).
    """
    return [
        *_address_faults(),
        *severity_faults(settings.RULES_SEVERITY),
        *(
            Error(f"CATALOGUE_FIELDS names {field}, which is no field. Use name and id.", id="compliance.E005")
            for field in settings.CATALOGUE_FIELDS
            if field not in _FIELDS
        ),
    ]


def _address_faults() -> Iterator[CheckMessage]:
    if settings.SITE_URL and not _SITE_URL.fullmatch(settings.SITE_URL):
        said = f"SITE_URL={settings.SITE_URL!r} is not the address of a site."
        yield Error(f"{said} Write for example https://privacy.example.com.", id="compliance.E007")
    if settings.SECURITY_CONTACT and not _CONTACT.fullmatch(settings.SECURITY_CONTACT):
        said = f"SECURITY_CONTACT={settings.SECURITY_CONTACT!r} is not a mailto: or https: address."
        yield Error(f"{said} Write for example mailto:security@example.com.", id="compliance.E008")


def severity_faults(severities: Mapping[str, str]) -> Iterator[CheckMessage]:
    """Give an error for each entry of RULES_SEVERITY that cannot be followed."""
    for code, severity in severities.items():
        said = f"RULES_SEVERITY={code}={severity}"
        if code not in RULES:
            meant = ", ".join(get_close_matches(code, RULES)) or "docs/rules.md lists them"
            yield Error(f"{said} names no rule. Use the code of one.", hint=f"{meant}.", id="compliance.E002")
        elif severity not in set(Severity):
            yield Error(f"{said} is no severity. Use {', '.join(Severity)}.", id="compliance.E003")
        elif RULES[code].is_fixed and severity != RULES[code].severity:
            yield Error(f"{said} would let a page pass that cannot be read back. Remove it.", id="compliance.E004")


def static_files_are_collected(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to serve while `collectstatic` has not collected every static file (compliance.E006).

    Pages name their style sheets by the manifest that it writes. A page with one that is missing there cannot be
    rendered.
    """
    try:
        if not isinstance(staticfiles_storage, ManifestFilesMixin):
            return []
        collected = set(staticfiles_storage.hashed_files)
    except (OSError, ValueError):  # the manifest is damaged
        collected = set[str]()
    found = (finder.list(StaticFilesConfig.ignore_patterns) for finder in finders.get_finders())
    names = {name for files in found for name, _ in files}
    missing = sorted(names - collected)
    if not missing:
        return []
    counted = f"{len(missing)} of {len(names)} static files, {missing[0]} first"
    return [
        Error(
            f"STATIC_ROOT={settings.STATIC_ROOT} lacks {counted}. Run manage.py collectstatic --noinput.",
            id="compliance.E006",
        )
    ]
