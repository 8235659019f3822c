"""manage.py restore_store: the published store anew from the database."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance import store


class Command(BaseCommand):
    """Write the published store anew from the database."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every file and every index."""
        store.restore()
        self.stdout.write("The published store is restored.")
