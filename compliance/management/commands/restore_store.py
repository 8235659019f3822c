"""manage.py restore_store: write the published store again from the database."""

from argparse import ArgumentParser
from typing import Any

from compliance.management.inputs import RegistryCommand
from compliance.published import writer


class Command(RegistryCommand):
    help = (
        "Write every file, every index and the public log again from the database. Refuses if the "
        "store published something that the database does not have."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="replace what the store published by what the database has",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        writer.restore(adopt=options["adopt"])
        self.stdout.write("The published store is restored.")
