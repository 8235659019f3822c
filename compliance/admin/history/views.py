"""Shows a time line with its filters, or sends it as a file of what the filters leave."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst

from compliance.admin.components.days import DayField
from compliance.admin.components.fields import LineField
from compliance.admin.components.lookups import LONGEST
from compliance.admin.history import export as history_export
from compliance.admin.history.publications import FirstPublication, first_publications
from compliance.admin.history.queries import ChangesetEntry
from compliance.admin.history.timeline import (
    KINDS,
    Timeline,
    TimelineFilter,
    TimelineScope,
)
from compliance.models import Changeset, User

_FILES = {
    "csv": (history_export.csv_lines, "text/csv; charset=utf-8; header=present"),
    "json": (history_export.json_parts, "application/json"),
}
_CHANGESET_NUMBER = re.compile(r"[0-9]{1,18}")
_SHOWN_KINDS: tuple[type[Model], ...] = (*KINDS, User)
_KINDS = {str(kind._meta.model_name): kind for kind in _SHOWN_KINDS}


def _kind_label(kind: type[Model]) -> str:
    return "Account" if kind is User else capfirst(str(kind._meta.verbose_name))


def _choice_field(label: str, anything: str, choices: Any = ()) -> forms.ChoiceField:
    errors = {"invalid_choice": "%(value)s is none of these. Choose one, or leave it at the first."}
    return forms.ChoiceField(
        label=label, required=False, choices=[("", anything), *choices], error_messages=errors
    )


class SearchTextField(LineField):
    """A text to search for, in the characters in which texts are stored."""

    def __init__(self, **values: Any) -> None:
        widget = forms.TextInput(attrs={"size": 30, "dir": "auto"})
        super().__init__(required=False, max_length=LONGEST, widget=widget, **values)

    def to_python(self, value: Any) -> str:
        return super().to_python(value) or ""


class TimelineForm(forms.Form):
    """The filters of a time line; that of a single record has no filters for records."""

    by = _choice_field("Who", "Anybody")
    source = _choice_field("From where", "Anywhere", Changeset.Source.choices)
    kind = _choice_field(
        "Kind",
        "Any kind",
        [(name, _kind_label(kind)) for name, kind in _KINDS.items()],
    )
    name = SearchTextField(
        label="Name",
        help_text=(
            "Of the record, as it is or was called; of a row, a model in it; of an account, the"
            " person or a passkey."
        ),
    )
    since = DayField(label="From", required=False)
    until = DayField(label="Until", required=False)
    q = SearchTextField(
        label="Word", help_text="In reasons, and in what a changed record said before or after."
    )

    def __init__(self, scope: TimelineScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by: Any = self.fields["by"]
        self._editors = editors()
        by.choices = [("", "Anybody"), *((key, name) for key, (name, _) in self._editors.items())]
        if scope.root:
            del self.fields["kind"], self.fields["name"]

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", f"{until} is before {since}. Give the later day here.")
        return cleaned

    def timeline_filter(self, changeset: int | None = None) -> TimelineFilter:
        chosen = self.cleaned_data
        return TimelineFilter(
            by=self._editors[chosen["by"]][1] if chosen["by"] else Q(),
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
    """Return a time line, filtered by the query string, as a screen.

    With `?export=csv` or `?export=json` it is a file named `file_name`. `changeset` limits the
    time line to one changeset.
    """
    form = TimelineForm(scope, request.GET)
    timeline = Timeline(scope, form.timeline_filter(changeset)) if form.is_valid() else None
    export = request.GET.get("export", "")
    if timeline and export in _FILES:
        write, content_type = _FILES[export]
        file = StreamingHttpResponse(write(timeline.entries()), content_type=content_type)
        file["Content-Disposition"] = f'attachment; filename="{file_name}.{export}"'
        return file
    page = None
    if timeline:
        before, after = _changeset_number(request, "before"), _changeset_number(request, "after")
        page = timeline.page(before=before, after=after)
    context = {
        **site.each_context(request),
        "form": form,
        "page": page,
        "entries": _with_publications(request, page.entries) if page else [],
        "is_filtered": any(form[name].value() for name in form.fields),
        **context,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/history/timeline.html", context)


def _changeset_number(request: HttpRequest, parameter: str) -> int | None:
    value = request.GET.get(parameter, "")
    return int(value) if _CHANGESET_NUMBER.fullmatch(value) else None


def editors() -> dict[str, tuple[str, Q]]:
    """Return everybody who ever edited: a name and the condition for their changesets, by a key.

    Users of the operating system, who ran commands, are told apart from accounts of the same name.
    """
    people: dict[str, tuple[str, Q]] = {}
    changesets = Changeset.objects.order_by("label")
    for by, username, label in changesets.values_list("by", "by__username", "label").distinct():
        if by is None:
            people[f"command:{label}"] = (f"{label} (command line)", Q(by=None, label=label))
        else:
            people[str(by)] = (username, Q(by=by))
    return people


def _with_publications(
    request: HttpRequest, entries: list[ChangesetEntry]
) -> list[tuple[ChangesetEntry, list[FirstPublication]]]:
    """Return entries with the publication in each register that first shows what they wrote.

    The publications are left out for people who may not view them.
    """
    publications: dict[int, list[FirstPublication]] = {}
    if request.user.has_perm("compliance.view_publication"):
        changesets = [entry.changeset.pk for entry in entries]
        publications = first_publications(changesets, at=timezone.now())
    return [(entry, publications.get(entry.changeset.pk, [])) for entry in entries]
