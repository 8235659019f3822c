"""System checks of settings, and of the static files that pages need."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error

from compliance.page.rules import RULES, Severity

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
            Error(
                f"CATALOGUE_FIELDS names {field}, which is no field. Use name and id.",
                id="compliance.E005",
            )
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
            yield Error(
                f"{said} names no rule. Use the code of one.",
                hint=f"{meant}.",
                id="compliance.E002",
            )
        elif severity not in set(Severity):
            yield Error(f"{said} is no severity. Use {', '.join(Severity)}.", id="compliance.E003")
        elif RULES[code].is_fixed and severity != RULES[code].severity:
            yield Error(
                f"{said} would let a page pass that cannot be read back. Remove it.",
                id="compliance.E004",
            )


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
