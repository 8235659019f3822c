"""manage.py restore_store: the published store anew from the database."""

from typing import Any

from compliance.management.inputs import RegistryCommand
from compliance.published import store


class Command(RegistryCommand):
    """Write the published store anew from the database."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every file and every index."""
        store.restore()
        self.stdout.write("The published store is restored.")
