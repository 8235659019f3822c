"""The review calendar in the admin: owners, due dates, and the screen that records a review."""

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
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils import timezone

from compliance.admin.components.fields import ReasonField, acting
from compliance.admin.tracked import TrackedAdmin
from compliance.models import Changeset, changesets
from compliance.models.reviews import Reviewed
from compliance.workingcopy.reviews import record_review

REVIEW_FIELDS: list[Any] = [("owner", "review_interval"), "last_review"]
_CHANGED_MEANWHILE = (
    "This was changed after you opened the page, so nothing was recorded. "
    "What you typed is below. Look at it as it is now, and record the review then."
)


class OwnerField(forms.ModelChoiceField):
    """The user who reviews a record; deactivated users stay owners and are marked as such."""

    def label_from_instance(self, user: Any) -> str:
        return str(user) if user.is_active else f"{user} (deactivated)"


class OverdueFilter(admin.SimpleListFilter):
    """Filters a list to the records that are overdue for review."""

    title = parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet | None:
        return queryset.overdue(today()) if self.value() == "overdue" else None


class ReviewMixin(BaseModelAdmin):
    """Shows the owner, the last review and the due date of records."""

    def get_queryset(self, request: HttpRequest) -> Any:
        records: Any = super().get_queryset(request)
        return records.with_reviews()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer every user as owner, active ones first."""
        if db_field.name != "owner":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        people = get_user_model().objects.order_by("-is_active", "username")
        field = db_field.formfield(form_class=OwnerField, queryset=people, empty_label="Nobody")
        choices = field.choices
        # Read once for all inline forms. iter(), because list() alone would also count the users.
        field.choices = cache(lambda: list(iter(choices)))
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the owner's name as text to users who may not change the record.

        Django would show them a link to the account, which they may not open.
        """
        fieldsets: Any = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": _with_owner_name(options["fields"])})
            for name, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "owner_name"]

    @admin.display(description="Owner")
    def owner_name(self, record: Reviewed) -> str:
        return str(record.owner or self.get_empty_value_display())

    @admin.display(description="Last review")
    def last_review(self, record: Reviewed) -> str:
        """When and by whom the record was last reviewed, and when it is due again."""
        if record._state.adding:
            return "None yet."
        day = record.last_reviewed_on
        last = f"{_day_text(day)} by {record.last_reviewed_by}" if day else "None"
        return f"{last}. Next due: {self.review_due(record)}."

    @admin.display(description="Review due")
    def review_due(self, record: Reviewed) -> str:
        day = _day_text(record.due_on)
        return f"{day}, overdue" if record.due_on < today() else day


def _with_owner_name(fields: Iterable[Any]) -> list[Any]:
    """Return the fields of a fieldset, which may be nested, with owner_name in place of owner."""
    replaced: list[Any] = []
    for field in fields:
        if not isinstance(field, str):
            replaced.append(_with_owner_name(field))
        elif field == "owner":
            replaced.append("owner_name")
        else:
            replaced.append(field)
    return replaced


class ReviewForm(forms.Form):
    """Which of some records somebody reviewed, and a note about it."""

    reviewed = forms.MultipleChoiceField(
        label="What you looked at",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what you looked at. Nothing was recorded."},
    )
    reason = ReasonField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=(
            "What you read or whom you asked. "
            "For colleagues and auditors; never shown to the public."
        ),
        error_messages={
            "required": (
                "The note is empty. Say what you read or whom you asked; nothing was recorded."
            )
        },
    )

    def __init__(self, *args: Any, records: Sequence[Reviewed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.records = {f"{record._meta.model_name}-{record.pk}": record for record in records}
        # The label of a choice is the record: the template shows its last review too.
        self.fields["reviewed"].choices = list(self.records.items())  # type: ignore[attr-defined]
        if len(records) == 1:
            self.initial["reviewed"] = list(self.records)


class ReviewedAdmin(ReviewMixin, TrackedAdmin):
    """The admin of a record that has to be reviewed at intervals."""

    change_form_template = "admin/reviewed_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "last_review"]

    def get_urls(self) -> list[URLPattern]:
        """Add the screen that records a review."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_review"
        view = self.admin_site.admin_view(self.review_view)
        return [path("<path:object_id>/review/", view, name=name), *super().get_urls()]

    def to_review(self, record: Any) -> list[Reviewed]:
        """Return the record and those of its parts that are reviewed too."""
        return [record]

    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form of a review; a POST records that nothing needs to change.

        Refuses to record it if the record was changed after the form was opened.
        """
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
                # The new version goes into the form only together with the message that it changed.
                # Otherwise sending the form again would record a review of an unseen change.
                version = version if fault == _CHANGED_MEANWHILE else opened
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
        """Record the review in a changeset; return an error message, empty if there is none."""
        reason, source = form.cleaned_data["reason"], Changeset.Source.ADMIN.value
        with changesets.changeset(by=acting(request), reason=reason, source=source):
            current = self.get_object(request, str(record.pk))
            if current is None or request.POST.get("version") != str(current.lock_version):
                return _CHANGED_MEANWHILE
            for key in form.cleaned_data["reviewed"]:
                record_review(form.records[key], at=timezone.now())
        self.message_user(request, f"The review of {record} was recorded.", messages.SUCCESS)
        return ""


def today() -> date:
    """Return the current day in UTC."""
    return timezone.now().date()


def _day_text(day: date) -> str:
    return f"{day:%-d %b %Y}"
