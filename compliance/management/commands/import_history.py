"""manage.py import_history: record earlier pages as imported publications."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from compliance.accounts.actors import operating_system_user
from compliance.management.inputs import RegistryCommand, user_named
from compliance.publishing import import_history
from compliance.workingcopy.importing import read_manifest


class Command(RegistryCommand):
    help = (
        "Record the pages that a manifest names as publications from before the registry, "
        "all of them or none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "manifest",
            type=Path,
            help="tab-separated: published_at, path, summary, with this header",
        )
        parser.add_argument(
            "--register", required=True, help="slug; the first page creates the register"
        )
        parser.add_argument(
            "--by",
            help="name of the user who imports; default: the operating system's user, as text",
        )

    def handle(self, *args: Any, **options: Any) -> None:
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
            moment = f"{page.published_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"Publication {publication.number}, in force from {moment}:")
            for change in imported.changes:
                self.stdout.write(f"  {change.sentence}")
