"""manage.py export_site: write the public site as static files, whole or not at all."""

import logging
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.utils import timezone

from compliance.management.inputs import RegistryCommand, refusal
from compliance.page import canonical
from compliance.published import reader
from compliance.staticsite import nginx
from compliance.staticsite.crawl import NotExportable, SiteClient, crawl
from compliance.staticsite.folder import Folder, FolderUnusable, Site

_SITE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/?")
_CODE = ("compliance", "registry", "templates")


class Command(RegistryCommand):
    help = (
        "Write every public page and file into a folder, replacing the earlier export in one step. "
        "Addresses with query parameters are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder",
            type=Path,
            metavar="DIR",
            help="a folder that is empty, missing, or an earlier export",
        )
        parser.add_argument(
            "--anew",
            action="store_true",
            help="export even if nothing has changed since the last export",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not _SITE.fullmatch(settings.SITE_URL):
            raise refusal(
                f"SITE_URL={settings.SITE_URL} is not the address of a site. "
                "The feeds need one, for example SITE_URL=https://privacy.example.com."
            )
        if not _has_secret():
            raise refusal("SECRET_KEY is not set. The export renders pages, which takes one.")
        for fault in run_checks(tags=["serving"], include_deployment_checks=True):
            raise refusal(fault.msg)
        # Responses with 404 and 410 are exported on purpose, so Django need not warn of them.
        logging.getLogger("django.request").setLevel(logging.ERROR)
        try:
            folder = Folder(options["folder"])
            with folder.locked():
                self.stdout.write(self._export(folder, anew=options["anew"]))
        except FolderUnusable as error:
            raise refusal(str(error)) from error
        except NotExportable as error:
            raise CommandError(str(error)) from error

    def _export(self, folder: Folder, *, anew: bool) -> str:
        """Export what is published, replace the earlier export, and return a sentence about it."""
        if folder.state() == _state() and not anew:
            return "Nothing has changed since the last export."
        site, state = self._exported(folder)
        folder.replace(site, state)
        return (
            f"{len(site.files)} addresses are exported to {folder.link}; "
            f"{site.written} files are new."
        )

    def _exported(self, folder: Folder) -> tuple[Site, dict[str, Any]]:
        """Return a complete export and the state it was made of.

        Starts again if something is published meanwhile.
        """
        while True:
            before, site, parameters = _state(), folder.begin(), set[str]()
            client = SiteClient(settings.SITE_URL)
            for response in crawl(client.get, timezone.now(), parameters):
                site.add(response)
                self._show(len(site.files))
            self._show(len(site.files), last=True)
            root = str(site.public)
            (site.path / "nginx-maps.conf").write_text(
                nginx.maps(site.files, root=root, parameters=parameters)
            )
            (site.path / "nginx-server.conf").write_text(nginx.server(site.files))
            if _state() == before:
                return site, before

    def _show(self, done: int, *, last: bool = False) -> None:
        if sys.stderr.isatty() and (last or done % 20 == 0):
            self.stderr.write(f"\r{done:,} addresses", ending="\n" if last else "")
            self.stderr.flush()


def _has_secret() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django raises this for an empty SECRET_KEY
        return False


def _state() -> dict[str, Any]:
    """Return what an export depends on: what is published and public now, the day, the code."""
    now, log = timezone.now(), reader.read_log()
    published = {
        index.slug: [index.revision, f"{index.changed_at(now)}", index.head]
        for index in reader.read_indexes()
    }
    return {
        "published": published,
        "checkpoint": log.checkpoint if log else None,
        "day": f"{now:%Y-%m-%d}",
        "site": settings.SITE_URL,
        "security_contact": settings.SECURITY_CONTACT,
        "software": canonical.sha256(b"".join(_sources())),
    }


def _sources() -> list[bytes]:
    paths = [
        path
        for name in _CODE
        for path in sorted((settings.BASE_DIR / name).rglob("*"))
        if path.is_file()
    ]
    return [path.read_bytes() for path in paths if path.suffix not in (".pyc",)]
