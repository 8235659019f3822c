"""System checks of settings, and of the static files that pages need."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error, Warning

from compliance.accounts import mail
from compliance.page.rules import RULES, Severity
from compliance.page.urls import encoded_control_fault
from compliance.published.signed_note import UnusableKey, load_signing_key

_CATALOGUE_FIELDS = {"name", "id"}
_SITE_URL = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# ALLOWED_HOSTS writes an IPv6 address in brackets, and urlsplit gives it without them.
_THIS_MACHINE = {"localhost", "127.0.0.1", "[::1]", "::1"}
# security.txt has one value a line. So this allows only printable ASCII, without spaces, quotes and
# angle brackets.
_CONTACT = re.compile(r"(?:mailto:[!#-;=?A-~]+@|https://)[!#-;=?-~]+")


def settings_are_known(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each setting that names an unknown rule, severity, field or address.

    The ids are compliance.E002 (no such rule), E003 (no such severity), E004 (the severity of a
    rule that cannot be lowered), E005 (no such field), E007 (SITE_URL is not an address), E008
    (SECURITY_CONTACT is not an address) and E009 (a demonstration for other machines).
    """
    return [
        *_demo_faults(),
        *_address_faults(),
        *severity_faults(settings.RULES_SEVERITY),
        *_catalogue_faults(),
    ]


def _demo_faults() -> Iterator[CheckMessage]:
    """Yield an error for each name of another machine under which a demonstration would answer.

    The address that the server binds to need not be checked: Django answers a request only under
    a name of ALLOWED_HOSTS.
    """
    if not settings.DEMO:
        return
    names = list(settings.ALLOWED_HOSTS)
    if settings.SITE_URL and _site_fault(settings.SITE_URL) is None:
        names.append(str(urlsplit(settings.SITE_URL).hostname))
    for name in names:
        if name.lower() not in _THIS_MACHINE:
            yield Error(
                f"DEMO prints passwords and codes and sends cookies over plain HTTP, so it cannot"
                f" be served as {name}. Set ALLOWED_HOSTS and SITE_URL to localhost or 127.0.0.1,"
                " or unset DEMO.",
                id="compliance.E009",
            )


def _catalogue_faults() -> Iterator[CheckMessage]:
    for field in settings.CATALOGUE_FIELDS:
        if field not in _CATALOGUE_FIELDS:
            yield Error(
                f"CATALOGUE_FIELDS names {field}, which is no field. Use name and id.",
                id="compliance.E005",
            )


def _address_faults() -> Iterator[CheckMessage]:
    if settings.SITE_URL and (fault := _site_fault(settings.SITE_URL)):
        yield Error(f"{fault} Write for example https://privacy.example.com.", id="compliance.E007")
    if settings.SECURITY_CONTACT and not _is_contact(settings.SECURITY_CONTACT):
        fault = (
            f"SECURITY_CONTACT={settings.SECURITY_CONTACT!r} is not a mailto: or https: address."
        )
        yield Error(f"{fault} Write for example mailto:security@example.com.", id="compliance.E008")


def _site_fault(site: str) -> str | None:
    """Return why SITE_URL is not the address of a site and nothing more, or None.

    It becomes public: in links, and as the name of the log. So a password in it is not repeated.
    """
    if _SITE_URL.fullmatch(site):
        return None
    if "@" in site:
        return (
            "SITE_URL has a user name or a password in it, which everybody could read in links and"
            " in the name of the public log."
        )
    if address := _SITE_URL.match(site):
        rest = site[address.end() :]
        if rest.startswith(("/", "?", "#")):
            return (
                f"SITE_URL={site!r} goes on after the host with {rest!r}. A path below which the"
                " registry is served comes from the server in front of it (SCRIPT_NAME)."
            )
    return f"SITE_URL={site!r} is not the address of a site."


def _is_contact(address: str) -> bool:
    return bool(_CONTACT.fullmatch(address)) and encoded_control_fault(address) is None


def severity_faults(severities: Mapping[str, str]) -> Iterator[CheckMessage]:
    """Yield an error for each entry of RULES_SEVERITY that cannot be applied."""
    for code, severity in severities.items():
        entry = f"RULES_SEVERITY={code}={severity}"
        if code not in RULES:
            similar = ", ".join(get_close_matches(code, RULES)) or "docs/rules.md lists them"
            yield Error(
                f"{entry} names no rule. Use the code of one.",
                hint=f"{similar}.",
                id="compliance.E002",
            )
        elif severity not in set(Severity):
            yield Error(f"{entry} is no severity. Use {', '.join(Severity)}.", id="compliance.E003")
        elif RULES[code].is_fixed and severity != RULES[code].severity:
            yield Error(
                f"{entry} would let a page pass that cannot be read back. Remove it.",
                id="compliance.E004",
            )


def static_files_are_collected(**kwargs: Any) -> list[CheckMessage]:
    """Return an error if `collectstatic` has not collected every static file (compliance.E006).

    Pages find their style sheets through the manifest that `collectstatic` writes. A page whose
    style sheet is missing from the manifest cannot be rendered.
    """
    try:
        if not isinstance(staticfiles_storage, ManifestFilesMixin):
            return []
        collected = set(staticfiles_storage.hashed_files)
    except (OSError, ValueError):  # the manifest is damaged
        collected = set[str]()
    names: set[str] = set()
    for finder in finders.get_finders():
        names.update(name for name, _ in finder.list(StaticFilesConfig.ignore_patterns))
    missing = sorted(names - collected)
    if not missing:
        return []
    return [
        Error(
            f"STATIC_ROOT={settings.STATIC_ROOT} lacks {len(missing)} of {len(names)} static files,"
            f" {missing[0]} first. Run manage.py collectstatic --noinput.",
            id="compliance.E006",
        )
    ]


def public_log_can_be_signed(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning if there is no key that signs the public log (compliance.W002).

    If its file cannot be used, that is an error (compliance.E010).
    """
    try:
        key = load_signing_key()
    except UnusableKey as fault:
        return [Error(str(fault), id="compliance.E010")]
    if key:
        return []
    return [
        Warning(
            f"SIGNING_KEY_FILE={settings.SIGNING_KEY_FILE} is not there, so nobody outside can"
            " check what was published. Run manage.py make_signing_key.",
            id="compliance.W002",
        )
    ]


def mail_can_be_sent(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning if no mail server is set (compliance.W001)."""
    if mail.is_sent():
        return []
    return [
        Warning(
            "EMAIL_HOST is not set, so nobody can reset a password and nobody is told of what"
            " waits for them. Set EMAIL_HOST to your mail server.",
            id="compliance.W001",
        )
    ]
