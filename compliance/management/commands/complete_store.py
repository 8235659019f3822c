"""manage.py complete_store: write what of the published store is behind the database."""

from typing import Any

from django.core.management.base import CommandError

from compliance.management.inputs import RegistryCommand
from compliance.published import comparison, writer


class Command(RegistryCommand):
    help = (
        "Write the indexes and the public log that are not as new as the database, for example "
        "because the disk was full. Ends with 1 if something is still behind."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        behind = comparison.what_is_behind()
        if not behind:
            self.stdout.write("The published store is as new as the database.")
            return
        writer.complete()
        if left := comparison.what_is_behind():
            raise CommandError(f"Still behind the database: {', '.join(left)}. See the log.")
        self.stdout.write(f"Written: {', '.join(behind)}.")
