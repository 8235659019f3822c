"""Mails: a publication needs approval, a publication was decided, a review is due."""

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
    """Mail every approver, except those whose own edits are in it. A failure is only logged."""
    approvers = get_user_model().objects.with_perm(
        "compliance.approve_publication", backend="django.contrib.auth.backends.ModelBackend"
    )
    added = publication.contributions.adding()
    contributors = added.exclude(changeset__by=None).values_list("changeset__by", flat=True)
    others = approvers.exclude(pk__in=[publication.submitted_by_id, *contributors]).exclude(
        email=""
    )
    _send("mail/submitted.txt", publication, others.values_list("email", flat=True))


def decided(publication: Publication) -> None:
    """Mail the submitter, unless they decided it themselves. A failure is only logged."""
    decision = publication.decisions.last()
    submitter = publication.submitted_by
    if decision and submitter and submitter.email and decision.by != submitter:
        _send("mail/decided.txt", publication, [submitter.email], decision=decision)


def reviews_due(address: str, due: Sequence[Due], *, today: date) -> None:
    """Mail one address what is due for review.

    Raises whatever the mail server answers, because cron has to notice a failure.
    """
    context = {
        "due": due,
        "overdue": sum(review.due_on < today for review in due),
        "site_url": settings.SITE_URL,
    }
    subject, _, text = render_to_string("mail/reviews_due.txt", context).partition("\n")
    mail.send_mail(subject, text.lstrip("\n"), None, [address])


def _send(
    template: str, publication: Publication, addresses: Iterable[str], **context: Any
) -> None:
    """Send each address a mail of its own, so that nobody sees the others' addresses."""
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
        # One connection for all: a server that does not answer costs one timeout, not one each.
        with mail.get_connection() as connection:
            for address in to:
                message = mail.EmailMessage(
                    subject, text.lstrip("\n"), None, [address], connection=connection
                )
                _send_one(message)
    except Exception:  # whatever the mail server does, what was decided stands
        logger.exception("The mails about %s could not be sent.", publication)


def _send_one(message: mail.EmailMessage) -> None:
    try:
        message.send()
    except SMTPRecipientsRefused:
        logger.exception("The mail server refused %s as a recipient.", message.to[0])
