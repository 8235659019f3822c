"""manage.py remind_reviews: mail each owner what is overdue for review, or due within some days. For cron."""

import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.utils import timezone

from compliance.management.inputs import RegistryCommand, refusal
from compliance.publishing import notifications
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due

_LONGEST = 366


class Command(RegistryCommand):
    """Send each owner one mail, print who was told of what; exit 1 where somebody could not be told."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how many days ahead."""
        parser.add_argument(
            "--within", type=int, default=14, metavar="DAYS", help="also what is due in DAYS (14)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Mail the owners."""
        within, today = options["within"], timezone.now().date()
        if not 0 <= within <= _LONGEST:
            raise refusal(f"--within {within} is not between 0 and {_LONGEST} days.")
        due = reviews.overdue(today + timedelta(days=within + 1))
        if not due:
            self.stdout.write("Nothing is due for review.")
        faults = list(self._tell(_by_address(due), today))
        if faults:
            self.stderr.write("\n".join(faults))
            sys.exit(1)

    def _tell(self, due: Mapping[str, list[Due]], today: date) -> Iterable[str]:
        """Send the mails and print what was sent; give a sentence for each address that could not be told."""
        if due and settings.EMAIL_BACKEND.endswith(".console.EmailBackend"):
            names = ", ".join(each.name for some in due.values() for each in some)
            yield f"Nobody was told of {names}: no mail server is set (EMAIL_HOST)."
            return
        for address, some in due.items():
            names = ", ".join(each.name for each in some)
            if not address:
                yield f"Nobody was told of {names}: no owner with an address, and REVIEWS_EMAIL is not set."
                continue
            try:
                notifications.reviews_due(address, some, today=today)
            # Here, because a command's OSError is told as that of a file.
            except (SMTPException, OSError) as error:
                yield f"{address} was not told of {names}: {error}"
            else:
                self.stdout.write(f"{address} was told of {names}.")


def _by_address(due: Iterable[Due]) -> dict[str, list[Due]]:
    """Return what is due by the address of its owner, or by the one that stands in; empty where there is none."""
    by_address: defaultdict[str, list[Due]] = defaultdict(list)
    for each in due:
        owner = each.owner
        by_address[
            owner.email if owner and owner.is_active and owner.email else settings.REVIEWS_EMAIL
        ].append(each)
    return by_address
