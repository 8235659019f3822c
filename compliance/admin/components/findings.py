"""What the rules find about a record, on its form and after it was saved."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.admin.components.links import address_of, sees_pages
from compliance.admin.components.summaries import FindingRow, describe_findings
from compliance.models import AIModel, Footnote, Listing, Provider, Register, RetentionTerm
from compliance.models.tracked import Tracked
from compliance.page.rules import Severity
from compliance.workingcopy import findings as register_findings
from compliance.workingcopy.resolve import capture

_log = logging.getLogger(__name__)

# The ways from a register to a record that its page prints from.
_PRINTED: dict[type[Tracked], tuple[str, ...]] = {
    Register: ("pk",),
    Listing: ("listings",),
    Footnote: ("footnotes",),
    AIModel: ("listings__listed_models__model",),
    Provider: ("listings__listed_providers__provider",),
    RetentionTerm: (
        "listings__retention_term",
        "listings__listed_providers__provider__declared_retention",
        "listings__listed_models__model__retention_floor",
    ),
}
_TOLD_AFTER_SAVING = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules find about a record in the working copy of a register."""

    register: Register
    findings: tuple[FindingRow, ...]


def found(record: Tracked, *, at: datetime) -> list[Found]:
    """Return what the rules find about a record in each register that prints from it, where they find anything.

    It is what is mended on the record's form. It takes a fixed number of queries a register.
    """
    about = ((register, tuple(_about(record, register, at))) for register in _registers(record))
    return [Found(register, findings) for register, findings in about if findings]


def _registers(record: Tracked) -> QuerySet[Register]:
    printed = (Q(**{path: record.pk}) for path in _PRINTED[type(record)])
    return Register.objects.filter(Q(*printed, _connector=Q.OR)).order_by("title", "pk").distinct()


def _about(record: Tracked, register: Register, at: datetime) -> Iterator[FindingRow]:
    base = register.publications.in_force(at)
    before = base.snapshot() if base else None
    findings = register_findings.findings(register, capture(register), before=before, at=at)
    address = address_of(record)
    return (
        each
        for each in describe_findings((finding.to_dict() for finding in findings), {})
        if each.address == address
    )


class FindingsMixin(admin.ModelAdmin):
    """A record on whose form stands what the rules find about it; what is serious is also said after a save."""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what the rules find to the form of a record that is there already; a preview says it by itself."""
        if (obj := kwargs.get("obj")) and not context.get("preview") and sees_pages(request.user):
            try:
                context["found"] = found(obj, at=timezone.now())
            except Exception:  # a register that cannot be read is mended on these forms
                _log.exception("The form of %s cannot show what the rules find.", obj)
                context["cannot_be_judged"] = True
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Say what is serious once it is saved, unless the form, which says all, is shown again."""
        super().save_related(request, form, formsets, change)
        if "_continue" not in request.POST and sees_pages(request.user):
            transaction.on_commit(lambda: self._say_findings(request, form.instance), robust=True)

    def _say_findings(self, request: HttpRequest, record: Tracked) -> None:
        serious = [
            f"{finding.severity.capitalize()} in {each.register}: {finding.message}"
            for each in found(record, at=timezone.now())
            for finding in each.findings
            if finding.severity != Severity.NOTE
        ]
        for sentence in serious[:_TOLD_AFTER_SAVING]:
            self.message_user(request, sentence, messages.WARNING)
        if len(serious) > _TOLD_AFTER_SAVING:
            more = len(serious) - _TOLD_AFTER_SAVING
            self.message_user(
                request, f"The rules find {more} more; its form says what.", messages.WARNING
            )
