"""The findings of the rules about a record: on its form, and as messages after a save."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.admin.components.change_form import is_previewed
from compliance.admin.components.links import address_of, sees_pages
from compliance.admin.components.summaries import FindingRow, describe_findings
from compliance.models import (
    AIModel,
    Footnote,
    Listing,
    Provider,
    Register,
    RetentionTerm,
    graph,
)
from compliance.models.tracked import Tracked
from compliance.page.rules import Answer, Finding, Severity, SubjectKind
from compliance.publishing.answers import answers_to, standing_answers
from compliance.publishing.pending import pending_publications
from compliance.workingcopy import findings as register_findings
from compliance.workingcopy.resolve import capture

_log = logging.getLogger(__name__)

# The paths of relations from a register to the records that its page is printed from.
_PRINTED: dict[type[Tracked], tuple[str, ...]] = {
    Register: ("pk",),
    Listing: ("sections__listings",),
    Footnote: ("footnotes",),
    AIModel: ("sections__listings__listed_models__model",),
    Provider: (
        "sections__listings__listed_providers__provider",
        "sections__listings__listed_documents__document__provider",
    ),
    RetentionTerm: (
        "sections__listings__cells__term",
        "sections__listings__listed_providers__provider__declared_retention",
        "sections__listings__listed_models__model__retention_floor",
    ),
}
_MOST_MESSAGES = 3


@dataclass(frozen=True, slots=True)
class RegisterFindings:
    """The findings about a record in the working copy of one register."""

    register: Register
    findings: tuple[FindingRow, ...]


def findings_about(record: Tracked, *, at: datetime) -> list[RegisterFindings]:
    """Return the findings that can be put right on a record's form, by register.

    Registers without such findings are left out. It takes a fixed number of queries a register.
    """
    found = []
    for register in registers_printing(record):
        findings = tuple(_about(record, register, at))
        if findings:
            found.append(RegisterFindings(register, findings))
    return found


def registers_printing(record: Tracked) -> QuerySet[Register]:
    """Return the registers whose page prints something of a record."""
    found = Q()
    for path in _PRINTED[type(record)]:
        # By key, because the joins of the condition would return a register once for each match.
        found |= Q(pk__in=Register.objects.filter(**{path: record.pk}).values("pk"))
    return Register.objects.filter(found).order_by("title", "pk")


def _about(record: Tracked, register: Register, at: datetime) -> Iterator[FindingRow]:
    base = register.publications.in_force(at)
    before = base.snapshot() if base else None
    findings = register_findings.findings(register, capture(register), before=before, at=at)
    day = at.astimezone(UTC).date()
    answers: dict[str, Answer] = {}
    for publication in pending_publications(register, base, at=at):
        given = answers_to(findings, publication.answers)
        answers |= {key: answer for key, answer in given.items() if answer.holds_on(day)}
    answers |= standing_answers(base, findings, day=day)
    address = address_of(record)
    # A register may have thousands of findings: addresses are only built for these.
    possible = [finding.to_dict() for finding in findings if _may_be_about(record, finding)]
    for row in describe_findings(possible, answers):
        if row.address == address:
            yield row


def _may_be_about(record: Tracked, finding: Finding) -> bool:
    """Return whether a finding can lead to the form of a record, before its address is built."""
    if finding.kind == SubjectKind.DOCUMENT:
        return isinstance(record, Provider | Listing)
    aggregate = graph.aggregate_about(finding.kind)
    if aggregate is None or not isinstance(record, aggregate.model):
        return False
    return finding.subject == str(getattr(record, aggregate.identity))


class FindingsMixin(admin.ModelAdmin):
    """A change form with the findings about its record; serious ones are messages after a save."""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the findings to the form of a stored record. A preview shows findings of its own."""
        obj = kwargs.get("obj")
        if obj and not is_previewed(request) and sees_pages(request.user):
            try:
                context["found"] = findings_about(obj, at=timezone.now())
            except OperationalError:  # each register would wait for it anew
                raise
            # Whatever is wrong with a register is put right on these very forms: they must open.
            except Exception:
                _log.exception("The form of %s cannot show what the rules find.", obj)
                context["cannot_be_judged"] = True
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Report open findings once the record is saved, unless its form is shown again."""
        super().save_related(request, form, formsets, change)
        if "_continue" not in request.POST and sees_pages(request.user):
            transaction.on_commit(lambda: self._say_findings(request, form.instance), robust=True)

    def _say_findings(self, request: HttpRequest, record: Tracked) -> None:
        serious = []
        for found in findings_about(record, at=timezone.now()):
            for finding in found.findings:
                if finding.severity != Severity.NOTE and not finding.answer.reason:
                    severity = finding.severity.capitalize()
                    serious.append(
                        f"{severity} in {found.register}: {finding.message_without_field}"
                    )
        for sentence in serious[:_MOST_MESSAGES]:
            self.message_user(request, sentence, messages.WARNING)
        if len(serious) > _MOST_MESSAGES:
            more = len(serious) - _MOST_MESSAGES
            self.message_user(
                request, f"The rules find {more} more; its form says what.", messages.WARNING
            )
