"""manage.py import_history: earlier pages as imported publications."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from compliance.management.inputs import RegistryCommand, operating_system_user, user_named
from compliance.publishing import import_history
from compliance.workingcopy.importing import read_manifest


class Command(RegistryCommand):
    """Record the pages that a manifest names as publications from before the registry, all or none."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the manifest, the register and who imports."""
        parser.add_argument(
            "manifest",
            type=Path,
            help="tab-separated: published_at, path, summary, with this header",
        )
        parser.add_argument(
            "--register", required=True, help="slug; the first page creates the register"
        )
        parser.add_argument(
            "--by", help="user name; default: the operating system's user as a label"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every page, replay them, report; exit 2 for bad input with nothing changed."""
        pages = read_manifest(options["manifest"])
        recorded = import_history(
            pages,
            slug=options["register"],
            at=timezone.now(),
            by=user_named(options["by"]),
            label=operating_system_user(),
        )
        for page, (imported, publication) in zip(pages, recorded, strict=True):
            for note in page.notes:
                self.stderr.write(note)
            self.stdout.write(
                f"Publication {publication.number}, in force from {page.published_at:%Y-%m-%d %H:%M} UTC:"
            )
            for change in imported.changes:
                self.stdout.write(f"  {change.sentence}")
