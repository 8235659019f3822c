"""manage.py remind_reviews: mail the owners what is due for review, and what ends. Run by cron."""

import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.utils import timezone

from compliance.accounts import mail
from compliance.management.inputs import RegistryCommand, refusal
from compliance.publishing import notifications
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due, Ending

_MAX_DAYS = 366


class Command(RegistryCommand):
    help = (
        "Mail each owner once what is overdue for review or due soon, and which agreements and "
        "documents have ended or end within AGREEMENT_NOTICE_DAYS. Prints what was mailed, and "
        "exits with 1 if somebody could not be mailed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--within", type=int, default=14, metavar="DAYS", help="also what is due in DAYS (14)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        within, today = options["within"], timezone.now().date()
        if not 0 <= within <= _MAX_DAYS:
            raise refusal(f"--within {within} is not between 0 and {_MAX_DAYS} days.")
        # What is due on a day is overdue from the next day on.
        due = reviews.overdue(today + timedelta(days=within + 1))
        ending = reviews.ending(today + timedelta(days=settings.AGREEMENT_NOTICE_DAYS))
        if not due and not ending:
            self.stdout.write("Nothing is due for review, and nothing ends.")
        failures = list(self._mail(_by_address([*due, *ending]), today))
        if failures:
            self.stderr.write("\n".join(failures))
            sys.exit(1)

    def _mail(self, due: Mapping[str, list[Due | Ending]], today: date) -> Iterable[str]:
        """Send the mails and print each; give a sentence for every one that could not be sent."""
        if due and not mail.is_sent():
            names = ", ".join(_names(chain.from_iterable(due.values())))
            yield f"Nobody was mailed about {names}: no mail server is set (EMAIL_HOST)."
            return
        for address, reminders in due.items():
            names = ", ".join(_names(reminders))
            if not address:
                yield (
                    f"Nobody was mailed about {names}: "
                    "there is no owner with an address, and REVIEWS_EMAIL is not set."
                )
                continue
            try:
                notifications.reviews_due(
                    address,
                    [one for one in reminders if isinstance(one, Due)],
                    [one for one in reminders if isinstance(one, Ending)],
                    today=today,
                )
            # Caught here, because RegistryCommand reports any OSError as that of a file.
            except (SMTPException, OSError) as error:
                yield f"{address} was not mailed about {names}: {error}"
            else:
                self.stdout.write(f"{address} was mailed about {names}.")


def _names(due: Iterable[Due | Ending]) -> Iterator[str]:
    return (one.name for one in due)


def _by_address(due: Iterable[Due | Ending]) -> dict[str, list[Due | Ending]]:
    """Return what is due by the address to mail: the owner's, else REVIEWS_EMAIL, else ""."""
    by_address: defaultdict[str, list[Due | Ending]] = defaultdict(list)
    for one in due:
        owner = one.owner
        has_address = owner and owner.is_active and owner.email
        by_address[owner.email if owner and has_address else settings.REVIEWS_EMAIL].append(one)
    return by_address
