"""A time line as a screen with filters, or as a file of exactly what is filtered."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from compliance.admin.components.lookups import LONGEST
from compliance.admin.history import export as history_export
from compliance.admin.history.queries import ChangesetEntry
from compliance.admin.history.timeline import (
    KINDS,
    Timeline,
    TimelineFilter,
    TimelinePage,
    TimelineScope,
)
from compliance.models import Changeset, Contribution, Decision

_FILES = {
    "csv": (history_export.csv_lines, "text/csv; charset=utf-8; header=present"),
    "json": (history_export.json_parts, "application/json"),
}
_KEY = re.compile(r"[0-9]{1,18}")
_KINDS = {str(kind._meta.model_name): kind for kind in KINDS}
_NO_DAY = "This is not a day. Write it as 2026-08-31."


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=False,
        widget=widget,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _NO_DAY},
    )


def _one_of(label: str, anything: str, choices: Any = ()) -> forms.ChoiceField:
    errors = {"invalid_choice": "%(value)s is none of these. Choose one, or leave it at the first."}
    return forms.ChoiceField(
        label=label, required=False, choices=[("", anything), *choices], error_messages=errors
    )


class SearchTextField(forms.CharField):
    """Some words to look for, composed as the record's own texts are."""

    def __init__(self, **values: Any) -> None:
        widget = forms.TextInput(attrs={"size": 30, "dir": "auto"})
        super().__init__(required=False, max_length=LONGEST, widget=widget, **values)

    def to_python(self, value: Any) -> str:
        """Return the words in the composed form in which texts are recorded."""
        return normalize("NFC", super().to_python(value) or "")


class TimelineForm(forms.Form):
    """What is asked for of a time line. In that of one record there is no choice of records."""

    by = _one_of("Who", "Anybody")
    source = _one_of("From where", "Anywhere", Changeset.Source.choices)
    kind = _one_of(
        "Kind",
        "Any kind",
        [(name, capfirst(kind._meta.verbose_name)) for name, kind in _KINDS.items()],
    )
    name = SearchTextField(
        label="Name",
        help_text="Of the record, as it is or was called; of a listing, a model in it.",
    )
    since = _day("From")
    until = _day("Until")
    q = SearchTextField(
        label="Word", help_text="In reasons, and in what a changed record said before or after."
    )

    def __init__(self, scope: TimelineScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by: Any = self.fields["by"]
        self._people = dict(_people())
        by.choices = [("", "Anybody"), *((key, name) for key, (name, _) in self._people.items())]
        if scope.root:
            del self.fields["kind"], self.fields["name"]

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order; what is no day is shown as it was typed."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in {"since", "until"} & self.errors.keys():
            widget: Any = self.fields[name].widget
            widget.input_type = "text"  # a field for days shows none of it
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", f"{until} is before {since}. Give the later day here.")
        return cleaned

    def choice(self, changeset: int | None = None) -> TimelineFilter:
        """Return what was chosen."""
        chosen = self.cleaned_data
        return TimelineFilter(
            by=self._people[chosen["by"]][1] if chosen["by"] else Q(),
            source=chosen["source"],
            kind=_KINDS.get(chosen.get("kind", "")),
            name=chosen.get("name", ""),
            since=chosen["since"],
            until=chosen["until"],
            word=chosen["q"],
            changeset=changeset,
        )


def timeline_response(
    request: HttpRequest,
    site: AdminSite,
    scope: TimelineScope,
    *,
    context: dict[str, Any],
    file_name: str,
    changeset: int | None = None,
) -> HttpResponse | StreamingHttpResponse:
    """Show a time line as the filters in the address ask, or give it as a file: `?export=csv` or `json`."""
    form = TimelineForm(scope, request.GET)
    timeline = Timeline(scope, form.choice(changeset)) if form.is_valid() else None
    if timeline and (export := request.GET.get("export")) in _FILES:
        write, content_type = _FILES[export]
        file = StreamingHttpResponse(write(timeline.acts()), content_type=content_type)
        file["Content-Disposition"] = f'attachment; filename="{file_name}.{export}"'
        return file
    page = (
        timeline.page(before=_key(request, "before"), after=_key(request, "after"))
        if timeline
        else None
    )
    context = {
        **site.each_context(request),
        "form": form,
        "page": page,
        "acts": _with_publications(request, page) if page else [],
        "is_filtered": any(form[name].value() for name in form.fields),
        **context,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/history/timeline.html", context)


def _key(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if _KEY.fullmatch(value) else None


def _people() -> Iterator[tuple[str, tuple[str, Q]]]:
    """Give everybody who ever edited, accounts and users of the operating system, with their changesets."""
    known = (
        Changeset.objects.order_by("label").values_list("by", "by__username", "label").distinct()
    )
    for by, username, label in known:
        if by is None:
            yield f"command:{label}", (f"{label} (command line)", Q(by=None, label=label))
        else:
            yield str(by), (username, Q(by=by))


def _with_publications(
    request: HttpRequest, page: TimelinePage
) -> list[tuple[ChangesetEntry, list[Decision]]]:
    """Return the acts, each with the approvals by which it first became public, for whoever may see publications."""
    found: defaultdict[int, list[Decision]] = defaultdict(list)
    if request.user.has_perm("compliance.view_publication"):
        approved = Q(publication__decisions__kind=Decision.Kind.APPROVED)
        rows = Contribution.objects.filter(
            approved, changeset__in=[act.changeset.pk for act in page.acts]
        ).order_by()
        firsts = list(
            rows.values_list("changeset", "publication__register").annotate(
                Min("publication__decisions__number")
            )
        )
        numbers = Decision.objects.filter(
            kind=Decision.Kind.APPROVED, number__in={number for *_, number in firsts}
        )
        approvals = {
            (each.register_id, each.number): each for each in numbers.select_related("register")
        }
        for changeset, register, number in firsts:
            found[changeset].append(approvals[register, number])
    return [(act, found[act.changeset.pk]) for act in page.acts]
