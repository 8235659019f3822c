"""Mail: to approvers that a publication waits, to its submitter what became of it, to owners what is to be reviewed."""

import logging
from collections.abc import Iterable, Sequence
from datetime import date
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.template.loader import render_to_string
from django.urls import reverse

from compliance.models import Publication
from compliance.workingcopy.reviews import Due

logger = logging.getLogger(__name__)


def submitted(publication: Publication) -> None:
    """Tell every approver with an address, except those whose own work it is. A failure undoes nothing."""
    approvers = get_user_model().objects.with_perm(
        "compliance.approve_publication", backend="django.contrib.auth.backends.ModelBackend"
    )
    touched = publication.contributions.exclude(changeset__by=None).values_list(
        "changeset__by", flat=True
    )
    others = approvers.exclude(pk__in=[publication.submitted_by_id, *touched]).exclude(email="")
    _send("mail/submitted.txt", publication, others.values_list("email", flat=True))


def decided(publication: Publication) -> None:
    """Tell the submitter what was decided, unless they decided it themselves. A failure undoes nothing."""
    decision = publication.decisions.last()
    submitter = publication.submitted_by
    if decision and submitter and submitter.email and decision.by != submitter:
        _send("mail/decided.txt", publication, [submitter.email], decision=decision)


def reviews_due(address: str, due: Sequence[Due], *, today: date) -> None:
    """Tell one address what is or will be due for review; raises what the mail server answers: cron has to know."""
    context = {
        "due": due,
        "overdue": sum(each.due_on < today for each in due),
        "site_url": settings.SITE_URL,
    }
    subject, _, text = render_to_string("mail/reviews_due.txt", context).partition("\n")
    mail.send_mail(subject, text.lstrip("\n"), None, [address])


def _send(
    template: str, publication: Publication, addresses: Iterable[str], **context: Any
) -> None:
    """Send each address its own mail, so that nobody reads the others' addresses."""
    to = list(addresses)
    if not to:
        return
    path = reverse("admin:compliance_publication_change", args=[publication.pk])
    context |= {
        "publication": publication,
        "register": publication.register,
        "url": f"{settings.SITE_URL}{path}",
    }
    subject, _, text = render_to_string(template, context).partition("\n")
    try:
        with (
            mail.get_connection() as connection
        ):  # one for all: a server that does not answer is waited for once
            for address in to:
                _send_one(
                    mail.EmailMessage(
                        subject, text.lstrip("\n"), None, [address], connection=connection
                    )
                )
    except Exception:  # whatever the mail server does, the act stands
        logger.exception("The notices of %s could not be sent.", publication)


def _send_one(message: mail.EmailMessage) -> None:
    try:
        message.send()
    except SMTPRecipientsRefused:
        logger.exception("%s takes no notices.", message.to[0])
