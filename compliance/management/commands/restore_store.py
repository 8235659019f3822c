"""manage.py restore_store: write the published store again from the database."""

from typing import Any

from compliance.management.inputs import RegistryCommand
from compliance.published import writer


class Command(RegistryCommand):
    help = "Write every file and every index of the published store again from the database."

    def handle(self, *args: Any, **options: Any) -> None:
        writer.restore()
        self.stdout.write("The published store is restored.")
