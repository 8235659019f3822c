"""The screens of all policy documents, and of the agreements and other documents that end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from compliance.admin.components.labels import name_relations
from compliance.admin.components.links import sees_pages
from compliance.admin.components.lookups import LONGEST
from compliance.admin.reviewed import today
from compliance.models import Listing, PolicyDocument
from compliance.models.choices import DOCUMENT_KINDS
from compliance.page.vocabulary import DocumentKind
from compliance.workingcopy.documents import printing_listings

_PER_PAGE = 50
# How many rows that print a document are named; a number counts the others.
_ROWS = 3

_ANY, _NO_ADDRESS, _ENDED, _ENDING, _NOT_PRINTED, _NO_PROVIDER = (
    "",
    "no-address",
    "ended",
    "ending",
    "not-printed",
    "no-provider",
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with the rows that print it.

    `rows` holds names and addresses of the first ones, `more` counts the others. `address` is the
    form where the document is edited, "" if there is none. `remind_on` is the first day of the
    reminders of its end, None if it has no end.
    """

    document: PolicyDocument
    address: str
    rows: tuple[tuple[str, str], ...]
    more: int
    remind_on: date | None

    @property
    def is_ended(self) -> bool:
        """Whether its last day is over."""
        last = self.document.valid_until
        return last is not None and last < today()


@dataclass(frozen=True, slots=True)
class EndingGroup:
    """The documents that end in one span of time; `name` says which."""

    name: str
    rows: tuple[DocumentRow, ...]


class DocumentFilterForm(forms.Form):
    """Which documents are shown."""

    q = forms.CharField(label="Name, address or provider", required=False, max_length=LONGEST)
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "Any kind"), *DOCUMENT_KINDS]
    )
    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[
            (_ANY, "All documents"),
            (_NO_ADDRESS, "Without an address"),
            (_ENDED, "Ended"),
            (_ENDING, "With an end date"),
            (_NOT_PRINTED, "Printed by no row"),
            (_NO_PROVIDER, "Without a provider"),
        ],
    )

    def documents(self) -> QuerySet[PolicyDocument]:
        """Return the chosen documents, by provider and in the order in which each prints them."""
        chosen = self.cleaned_data
        documents: QuerySet[PolicyDocument] = PolicyDocument.objects.select_related(
            "provider", "owner"
        )
        if words := chosen["q"].replace("\x00", "").strip():
            documents = documents.filter(
                Q(label__says=words) | Q(url__says=words) | Q(provider__name__says=words)
            )
        if chosen["kind"]:
            documents = documents.filter(kind=chosen["kind"])
        conditions = {
            _NO_ADDRESS: Q(url=""),
            _ENDED: Q(valid_until__lt=today()),
            _ENDING: Q(valid_until__isnull=False),
            _NO_PROVIDER: Q(provider=None),
        }
        documents = documents.filter(conditions.get(chosen["show"], Q()))
        if chosen["show"] == _NOT_PRINTED:
            printed = printing_listings(list(documents))
            documents = documents.exclude(pk__in=printed)
        return documents.order_by(
            F("provider__name").asc(nulls_first=True), "provider", "position", "pk"
        )


@require_safe
def documents_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show every policy document, or those that the query string asks for."""
    _check_permission(request)
    asked = request.GET.dict()
    values = {name: asked.get(name, "") for name in DocumentFilterForm.base_fields}
    form = DocumentFilterForm(values, label_suffix="")
    page = None
    if form.is_valid():
        page = Paginator(form.documents(), _PER_PAGE).get_page(asked.get("page"))
    context = {
        "title": "Documents",
        "form": form,
        "columns": ["Document", "Provider", "Kind", "Valid", "Printed by"],
        "page": page,
        "documents": _rows(list(page.object_list)) if page else [],
        "query": urlencode({name: asked[name] for name in asked if name != "page"}),
        "is_filtered": any(form[name].value() for name in form.fields),
    }
    return _response(request, site, "admin/documents.html", context)


@require_safe
def agreements_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the private agreements, and all documents that end, by their last day."""
    _check_permission(request)
    documents = PolicyDocument.objects.filter(
        Q(kind=DocumentKind.AGREEMENT.value) | Q(valid_until__isnull=False)
    ).select_related("provider", "owner")
    by_end = documents.order_by(F("valid_until").asc(nulls_last=True), "pk")
    page = Paginator(by_end, _PER_PAGE).get_page(request.GET.get("page"))
    rows = _rows(list(page.object_list))
    context = {
        "title": "Agreements",
        "columns": ["Document", "Provider", "Ends", "Reminder", "Printed by"],
        "groups": _groups(rows),
        "page": page,
        "notice_days": settings.AGREEMENT_NOTICE_DAYS,
    }
    return _response(request, site, "admin/agreements.html", context)


def _groups(rows: Sequence[DocumentRow]) -> list[EndingGroup]:
    soon = today() + timedelta(days=settings.AGREEMENT_NOTICE_DAYS)

    def is_in(row: DocumentRow, name: str) -> bool:
        last = row.document.valid_until
        if last is None:
            return name == "Without an end date"
        if row.is_ended:
            return name == "Ended"
        return name == ("Ending soon" if last <= soon else "Later")

    names = ("Ended", "Ending soon", "Later", "Without an end date")
    groups = [EndingGroup(name, tuple(row for row in rows if is_in(row, name))) for name in names]
    return [group for group in groups if group.rows]


def _check_permission(request: HttpRequest) -> None:
    if not sees_pages(request.user):
        raise PermissionDenied


def _response(
    request: HttpRequest, site: AdminSite, template: str, context: dict[str, Any]
) -> HttpResponse:
    request.current_app = site.name
    return TemplateResponse(request, template, {**site.each_context(request), **context})


def _rows(documents: Sequence[PolicyDocument]) -> list[DocumentRow]:
    """Return documents with the rows that print them, in a fixed number of queries."""
    printing = printing_listings(documents)
    named = {listing for listings in printing.values() for listing in listings[:_ROWS]}
    found = Listing.objects.filter(pk__in=named).prefetch_related(*name_relations())
    links = {
        listing.pk: (
            str(listing),
            reverse("admin:compliance_listing_change", args=[listing.pk]),
        )
        for listing in found
    }
    return [_row(document, printing.get(document.pk, []), links) for document in documents]


def _row(document: PolicyDocument, printing: Sequence[Any], links: Any) -> DocumentRow:
    form, until = "", document.valid_until
    if document.provider_id:
        form = reverse("admin:compliance_provider_change", args=[document.provider_id])
    return DocumentRow(
        document=document,
        address=form,
        rows=tuple(links[listing] for listing in printing[:_ROWS]),
        more=max(0, len(printing) - _ROWS),
        remind_on=until - timedelta(days=settings.AGREEMENT_NOTICE_DAYS) if until else None,
    )
