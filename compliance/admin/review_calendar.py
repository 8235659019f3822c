"""The review calendar: what is due for review and when, and recording a review in one press."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from compliance.admin.components.fields import ReasonField, acting
from compliance.admin.components.links import sees_pages
from compliance.admin.history import queries
from compliance.admin.reviewed import today
from compliance.models import Changeset, PolicyDocument, Provider, RetentionTerm, User, changesets
from compliance.models.reviews import Reviewed
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due, record_review

_PER_PAGE = 100
_NO_OWNER = "none"
_SOON = timedelta(days=30)
_MODELS: dict[str, type[Reviewed]] = {
    "provider": Provider,
    "retentionterm": RetentionTerm,
    "policydocument": PolicyDocument,
}
_CHANGED_MEANWHILE = (
    "was changed after you opened this screen, so nothing was recorded. Open it, look at it as it "
    "is now, and record the review then."
)
_GONE = "It was deleted meanwhile, so nothing was recorded."


_LAST_NOTE = "review_note"  # in the session, until the calendar is shown again


@dataclass(frozen=True, slots=True)
class DueRow:
    """A record on the calendar. `stamp` names it, and says how many changesets there were."""

    due: Due
    is_mine: bool
    stamp: str


@dataclass(frozen=True, slots=True)
class DueGroup:
    """The records that are due in one span of time: how many, and those on the shown page."""

    name: str
    rows: tuple[DueRow, ...]
    count: int


class NoteForm(forms.Form):
    """What somebody looked at, and the note that goes into the record with it."""

    reason = ReasonField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=(
            "What you read or whom you asked. For colleagues and auditors; never shown to the "
            "public."
        ),
        error_messages={
            "required": (
                "The note is empty. Say what you read or whom you asked; nothing was recorded."
            )
        },
    )


def calendar_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the review calendar; a POST records that one record was reviewed today."""
    if not sees_pages(request.user):
        raise PermissionDenied
    may_review = any(request.user.has_perm(f"compliance.change_{name}") for name in _MODELS)
    form = NoteForm(
        request.POST if request.method == "POST" else None,
        initial={"reason": request.session.pop(_LAST_NOTE, "")},
        label_suffix="",
    )
    if request.method == "POST":
        if not may_review:
            raise PermissionDenied
        fault = _record(request, form)
        if fault:
            form.add_error(None, fault)
        elif form.is_valid():
            # One note often is about several records that are reviewed one after the other.
            request.session[_LAST_NOTE] = form.cleaned_data["reason"]
            return HttpResponseRedirect(request.get_full_path())
    due = reviews.calendar()
    owner = request.GET.get("owner", "")
    wanted = _owned_by(due, owner)
    page = Paginator(wanted, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": "Reviews",
        "form": form,
        "groups": _groups(wanted, page.object_list, request),
        "page": page,
        "query": urlencode({"owner": owner}) if owner else "",
        "owners": _owners(due),
        "owner": owner,
        "may_review": may_review,
        "today": today(),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/review_calendar.html", context)


def _owners(due: Iterable[Due]) -> list[tuple[str, str, int]]:
    """Return key, name and number of records of each owner, by name; those without owner last."""
    counts: dict[tuple[str, str], int] = {}
    for review in due:
        owner = review.owner
        named = (str(owner.pk), str(owner)) if owner else (_NO_OWNER, "No owner")
        counts[named] = counts.get(named, 0) + 1
    ordered = sorted(counts, key=lambda named: (named[0] == _NO_OWNER, named[1].casefold()))
    return [(key, name, counts[key, name]) for key, name in ordered]


def _owned_by(due: Iterable[Due], owner: str) -> list[Due]:
    if not owner:
        return list(due)
    return [review for review in due if _owner_key(review.owner) == owner]


def _owner_key(owner: User | None) -> str:
    return str(owner.pk) if owner else _NO_OWNER


def _groups(due: Iterable[Due], shown: Iterable[Due], request: HttpRequest) -> list[DueGroup]:
    """Return the shown records by span of time; `due` are those of all pages."""
    now = today()
    counts = Counter(_span(review.due_on, now) for review in due)
    last = Changeset.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    spans: dict[str, list[Due]] = {"Overdue": [], "Next 30 days": [], "Later": []}
    for review in shown:
        spans[_span(review.due_on, now)].append(review)
    return [
        DueGroup(
            name,
            tuple(
                DueRow(review, review.owner == request.user, f"{review.key}.{last}")
                for review in rows
            ),
            counts[name],
        )
        for name, rows in spans.items()
        if rows or not counts[name]
    ]


def _span(day: date, now: date) -> str:
    if day < now:
        return "Overdue"
    return "Next 30 days" if day <= now + _SOON else "Later"


def _record(request: HttpRequest, form: NoteForm) -> str:
    """Record the review that was pressed; return why nothing was recorded, "" if it was.

    Raises PermissionDenied for somebody who may not change the record.
    """
    key, _, seen = request.POST.get("reviewed", "").partition(".")
    kind, _, pk = key.partition("-")
    model = _MODELS.get(kind)
    if model is None or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return "Press the button beside what you reviewed."
    root: type[Reviewed] = Provider if model is PolicyDocument else model
    if not request.user.has_perm(f"compliance.change_{root._meta.model_name}"):
        raise PermissionDenied
    if not form.is_valid():
        return ""
    source, reason = Changeset.Source.ADMIN.value, form.cleaned_data["reason"]
    with changesets.changeset(by=acting(request), reason=reason, source=source):
        record = model.objects.filter(pk=pk).first()
        if record is None:
            return _GONE
        if _last_change(record) > _number(seen):
            return f"{record} {_CHANGED_MEANWHILE}"
        record_review(record, at=timezone.now())
    messages.success(request, f"{record}: the review of today is recorded.")
    return ""


def _last_change(record: Reviewed) -> int:
    """Return the number of the last changeset that changed a record or a part of it."""
    if not isinstance(record, PolicyDocument):
        return queries.last_changeset_number(type(record), record.pk)
    # Its provider may have changed meanwhile: that says nothing about the document.
    numbers = PolicyDocument.history.filter(id=record.pk).order_by("-history_id")
    return numbers.values_list("changeset", flat=True).first() or 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
