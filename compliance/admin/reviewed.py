"""The review calendar on the screens of what is reviewed, and the screen on which a review is recorded."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils import timezone

from compliance.admin.components.fields import BUSY, ReasonField, acting
from compliance.admin.tracked import TrackedAdmin
from compliance.models import Changeset, changesets
from compliance.models.reviews import Reviewed
from compliance.workingcopy.reviews import record_review

REVIEW_FIELDS: list[Any] = [("owner", "review_interval"), "last_review"]
_OVERTAKEN = (
    "This was changed after you opened the page, so nothing was recorded. What you typed is below. Look at it as it is "
    "now, and record the review then."
)


class OwnerField(forms.ModelChoiceField):
    """Who reviews a record. Whoever was deactivated is called so, and stays until somebody else is chosen."""

    def label_from_instance(self, user: Any) -> str:
        """Return the user's name."""
        return str(user) if user.is_active else f"{user} (deactivated)"


class OverdueFilter(admin.SimpleListFilter):
    """Show only what is overdue for review."""

    title = parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choice."""
        return [("overdue", "Overdue")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet | None:
        """Return what is overdue today, where that is asked for."""
        return queryset.overdue(today()) if self.value() == "overdue" else None


class ReviewMixin(BaseModelAdmin):
    """Records with who reviews them, and when that was and is to be done."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the records with their last reviews."""
        records: Any = super().get_queryset(request)
        return records.with_reviews()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer every account as owner, those in use first."""
        if db_field.name != "owner":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        people = get_user_model().objects.order_by("-is_active", "username")
        field = db_field.formfield(form_class=OwnerField, queryset=people)
        choices = field.choices
        field.choices = cache(lambda: list(iter(choices)))  # read once, not once a part
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Name the owner to those who may only look: Django would lead them to an account that they may not open."""
        fieldsets: Any = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": _named(options["fields"])}) for name, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the owner's name, which is never typed."""
        return [*super().get_readonly_fields(request, obj), "owner_name"]

    @admin.display(description="Owner")
    def owner_name(self, record: Reviewed) -> str:
        """The name of who reviews it."""
        return str(record.owner or self.get_empty_value_display())

    @admin.display(description="Last review")
    def last_review(self, record: Reviewed) -> str:
        """When and by whom it was reviewed, and by when it is to be again."""
        if record._state.adding:
            return "None yet."
        day = record.last_reviewed_on
        said = f"{_said(day)} by {record.last_reviewed_by}" if day else "None"
        return f"{said}. Next due: {self.review_due(record)}."

    @admin.display(description="Review due")
    def review_due(self, record: Reviewed) -> str:
        """The day by which it is to be reviewed."""
        return f"{_said(record.due_on)}{', overdue' if record.due_on < today() else ''}"


def _named(fields: Iterable[Any]) -> list[Any]:
    return [
        {"owner": "owner_name"}.get(each, each) if isinstance(each, str) else _named(each)
        for each in fields
    ]


class ReviewForm(forms.Form):
    """What was looked at, and what is to be said of it."""

    reviewed = forms.MultipleChoiceField(
        label="What you looked at",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what you looked at. Nothing was recorded."},
    )
    reason = ReasonField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you read or whom you asked. For colleagues and auditors; never shown to the public.",
        error_messages={
            "required": "The note is empty. Say what you read or whom you asked; nothing was recorded."
        },
    )

    def __init__(self, *args: Any, records: Sequence[Reviewed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.records = {f"{record._meta.model_name}-{record.pk}": record for record in records}
        # A label that is the record itself: the template shows more of it than its name.
        self.fields["reviewed"].choices = list(self.records.items())  # type: ignore[attr-defined]
        if len(records) == 1:
            self.initial["reviewed"] = list(self.records)


class ReviewedAdmin(ReviewMixin, TrackedAdmin):
    """An aggregate that is reviewed from time to time."""

    change_form_template = "admin/reviewed_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Add what is only told."""
        return [*super().get_readonly_fields(request, obj), "last_review"]

    def get_urls(self) -> list[URLPattern]:
        """Add the screen on which a review is recorded."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_review"
        view = self.admin_site.admin_view(self.review_view)
        return [path("<path:object_id>/review/", view, name=name), *super().get_urls()]

    def to_review(self, record: Any) -> list[Reviewed]:
        """Return the record, with the parts of it that are reviewed too."""
        return [record]

    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what was looked at, then record that nothing is to change, if it is still as it was shown."""
        record = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        if record is None:
            raise Http404
        version = str(record.lock_version)
        form = ReviewForm(
            request.POST if request.method == "POST" else None, records=self.to_review(record)
        )
        if request.method == "POST":
            opened = request.POST.get("version", "")
            if not form.is_valid():
                version = opened
            elif fault := self._review(request, record, form):
                form.add_error(None, fault)
                # Only who was told that it changed looks at it as it is now.
                version = version if fault == _OVERTAKEN else opened
            else:
                return redirect(
                    f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id
                )
        context = {
            **self.admin_site.each_context(request),
            "title": f"Review: {record}",
            "opts": self.opts,
            "original": record,
            "form": form,
            "version": version,
            "today": today(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/review_record.html", context)

    def _review(self, request: HttpRequest, record: Reviewed, form: ReviewForm) -> str:
        """Record the review in a changeset; return what stood in the way, empty where nothing did."""
        reason, source = form.cleaned_data["reason"], Changeset.Source.ADMIN.value
        try:
            with changesets.changeset(by=acting(request), reason=reason, source=source):
                current = self.get_object(request, str(record.pk))
                if current is None or request.POST.get("version") != str(current.lock_version):
                    return _OVERTAKEN
                for key in form.cleaned_data["reviewed"]:
                    record_review(form.records[key], at=timezone.now())
        except OperationalError:
            return BUSY
        self.message_user(request, f"The review of {record} was recorded.", messages.SUCCESS)
        return ""


def today() -> date:
    """Return the day, UTC."""
    return timezone.now().date()


def _said(day: date) -> str:
    return f"{day:%-d %b %Y}"
