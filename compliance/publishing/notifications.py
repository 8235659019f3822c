"""Mails about publications and reviews: each to those whom it concerns, and to nobody else."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core import mail
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from compliance.models import Decision, Publication, ReviewComment, User
from compliance.page.diff.sentences import row_label
from compliance.publishing.people import APPROVE
from compliance.publishing.statuses import status
from compliance.workingcopy.reviews import Due, Ending

logger = logging.getLogger(__name__)

# Longer reasons are cut in a subject. The mail has them in full.
_LONGEST_REASON = 100
_COMMENTED = {
    ReviewComment.Kind.COMMENT: "has a comment",
    ReviewComment.Kind.CHANGE_ASKED: "needs a change",
    ReviewComment.Kind.DROPPED: "was dropped",
}


def submitted(publication: Publication, *, by: User) -> None:
    """Mail every approver who may approve it: neither its submitter nor one whose edits it has.

    `by` is who submitted it or brought it up to date, and gets no mail. A failure is only logged.
    """
    approvers = User.objects.with_perm(APPROVE, backend="django.contrib.auth.backends.ModelBackend")
    added = publication.contributions.adding()
    contributors = added.exclude(changeset__by=None).values_list("changeset__by", flat=True)
    others = approvers.exclude(pk__in=[by.pk, publication.submitted_by_id, *contributors])
    _send(publication, "waits for your approval", "mail/submitted.txt", others)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the last decision made of a publication."""

    publication: Publication
    decision: Decision
    # The publication that has its changes now, None unless it was renewed.
    renewed_by: Publication | None

    @property
    def words(self) -> str:
        """What happened to it, such as "called off"."""
        if self.decision.kind == Decision.Kind.APPROVED:
            return "approved"
        return status(self.publication, at=self.decision.at).label.lower()

    @property
    def url(self) -> str:
        """The address of its page in the admin."""
        return _url(self.publication)


def decided(*publications: Publication) -> None:
    """Mail each submitter once what the last decisions made of publications, all by one act.

    Nobody gets a mail about what they decided themselves. A failure is only logged.
    """
    by_submitter: defaultdict[int | None, list[_Outcome]] = defaultdict(list)
    for publication in publications:
        decision = publication.decisions.last()
        if decision and decision.by_id != publication.submitted_by_id:
            renewed_by = Publication.objects.filter(renews=publication).first()
            outcome = _Outcome(publication, decision, renewed_by)
            by_submitter[publication.submitted_by_id].append(outcome)
    for submitter, outcomes in by_submitter.items():
        first, *others = outcomes
        counts = Counter(other.words for other in others)
        event = ", ".join(
            [f"was {first.words}", *(f"{count} {words}" for words, count in counts.items())]
        )
        _send(
            first.publication,
            event,
            "mail/decided.txt",
            User.objects.filter(pk__in=[submitter]),
            outcomes=outcomes,
        )


def commented(comment: ReviewComment) -> None:
    """Mail the submitter, and who commented before, what somebody said about a publication.

    A failure is only logged.
    """
    publication = comment.publication
    people = Q(pk=publication.submitted_by_id) | Q(
        pk__in=publication.conversation.filter(pk__lt=comment.pk).values("by")
    )
    _send(
        publication,
        _COMMENTED[ReviewComment.Kind(comment.kind)],
        "mail/commented.txt",
        User.objects.filter(people).exclude(pk__in=[comment.by_id]),
        comment=comment,
        row=_row_name(comment),
    )


def _row_name(comment: ReviewComment) -> str:
    """Return the name of the row that a comment is about, "" if it is about none."""
    base = comment.publication.base
    pages = [comment.publication.snapshot(), *([base.snapshot()] if base else [])]
    names = [
        row_label(row) for page in pages for row in page.rows() if row.id == str(comment.listing)
    ]
    return names[0] if names else ""


def reviews_due(
    address: str, due: Sequence[Due], ending: Sequence[Ending] = (), *, today: date
) -> None:
    """Mail one address what is due for review, and which agreements and documents end.

    Raises whatever the mail server answers, because cron has to notice a failure.
    """
    context = {
        "due": due,
        "overdue": sum(review.due_on < today for review in due),
        "ending": ending,
        "today": today,
        "site_url": settings.SITE_URL,
    }
    subject, _, text = render_to_string("mail/reviews_due.txt", context).partition("\n")
    mail.send_mail(subject, text.lstrip("\n"), None, [address])


def _subject(publication: Publication, event: str) -> str:
    """Return the subject of a mail: register, publication, what happened to it, and its reason."""
    number = publication.number
    name = f"publication {number}" if number else "a publication"
    reason = Truncator(publication.reason).chars(_LONGEST_REASON)
    # A subject is one line. What editors write may have several.
    return " ".join(f"{publication.register.title}: {name} {event} – {reason}".split())


def _url(publication: Publication) -> str:
    path = reverse("admin:compliance_publication_change", args=[publication.pk])
    return f"{settings.SITE_URL}{path}"


def _send(
    publication: Publication,
    event: str,
    template: str,
    people: QuerySet[User],
    **context: Any,
) -> None:
    """Send each person a mail of their own, so that nobody sees the others' addresses."""
    addressed = people.filter(is_active=True).exclude(email="").order_by("pk").distinct()
    to = list(addressed.values_list("email", flat=True))
    if not to:
        return
    context |= {
        "publication": publication,
        "register": publication.register,
        "url": _url(publication),
    }
    # Not in the time zone of the person whose request sends it.
    with timezone.override(UTC):
        text = render_to_string(template, context)
    _send_all(publication, _subject(publication, event), text, to)


def _send_all(publication: Publication, subject: str, text: str, to: Iterable[str]) -> None:
    try:
        # One connection for all: a server that does not answer costs one timeout, not one each.
        with mail.get_connection() as connection:
            for address in to:
                message = mail.EmailMessage(subject, text, None, [address], connection=connection)
                _send_one(message)
    except Exception:  # whatever the mail server does, what was decided stands
        logger.exception("The mails about %s could not be sent.", publication)


def _send_one(message: mail.EmailMessage) -> None:
    try:
        message.send()
    except SMTPRecipientsRefused:
        logger.exception("The mail server refused %s as a recipient.", message.to[0])
