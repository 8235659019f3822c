"""The base of every admin screen that edits the working copy: each save needs a reason."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from compliance.admin.components.change_form import ChangeFormMixin, is_previewed
from compliance.admin.components.fields import (
    FORMFIELD_OVERRIDES,
    REASON_HELP,
    ReasonField,
    acting,
    reason_errors,
    reason_typed,
)
from compliance.admin.components.findings import FindingsMixin
from compliance.admin.components.lines import PastedLinesField, sentences_on_marks
from compliance.admin.components.lookups import LookupAllowlistMixin
from compliance.admin.components.reasons import last_reason, with_same_reason
from compliance.admin.components.usage import UsageMixin
from compliance.admin.conflicts.mixin import ConflictMixin
from compliance.admin.conflicts.values import carry_opened_values
from compliance.admin.deletion import DeletionMixin
from compliance.admin.history import queries
from compliance.admin.history.mixin import parse_key
from compliance.admin.preview import form as preview_form
from compliance.admin.preview.attempt import FormAttempt
from compliance.admin.restore import RestoreMixin
from compliance.models import Changeset, Register, changesets
from compliance.models.tracked import Tracked
from compliance.page.names import spelling_fault

_SAME_MOMENT = (
    "Somebody else saved the same thing at the same moment, so nothing was saved. "
    "Look at it and save again."
)
_IN_USE = (
    "Something came to use it at the same moment, so nothing was deleted. Look at it and try again."
)
_UNKNOWN_VERSION = (
    "The form does not say which version you opened, so nothing was saved. "
    "What you typed is below. Open the form anew, take over what you typed, and save that."
)
# What stands in the choice of an action before one is chosen.
_NO_ACTION = [("", "Choose an action")]
# Saves, and goes on to the submission.
SUBMIT_BUTTON = "_submit"
_NOTHING = "Nothing was different, so nothing was saved and no change was recorded."


class TrackedForm(forms.ModelForm):
    """A form with a reason, which refuses to overwrite what was saved after it was opened."""

    reason = ReasonField(
        label="Reason for this change",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=REASON_HELP,
        error_messages=reason_errors("saved"),
    )
    # Set for each request, on the subclass that TrackedAdmin.get_form makes.
    actor: Any = None
    last_changeset = 0
    needs_reason = True
    refusal = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.needs_reason
        self.stored = _values(self.instance)
        self.version: int | None = None
        if not self.instance._state.adding:
            # It was read with the record and before its parts: no part on the form is older.
            self.version = self.instance.lock_version
            carry_opened_values(self)

    def clean(self) -> Any:
        """Refuse what the database refused, and any version but the stored one.

        A form with an older version does not come so far: see ConflictMixin.reconcile.
        """
        cleaned = super().clean()
        if self.refusal:
            self.add_error(None, self.refusal)
        elif not self.instance._state.adding and self.data.get("version", "") != str(self.version):
            # Shown again without a version, so that a second press is refused too.
            self.version = None
            self.add_error(None, _UNKNOWN_VERSION)
        return cleaned


class NamedForm(TrackedForm):
    """A form for records with a unique name, which must not look like a slip for another name."""

    class Meta:
        field_classes = {"aliases": PastedLinesField}

    def clean_name(self) -> Any:
        """Return the name; raises ValidationError where it is almost certainly a slip."""
        name = self.cleaned_data["name"]
        if "name" not in self.changed_data:
            return name
        others = type(self.instance).objects.exclude(pk=self.instance.pk)
        if fault := spelling_fault(name, others.values_list("name", flat=True)):
            raise ValidationError(fault)
        return name


class TrackedAdmin(
    LookupAllowlistMixin,
    ChangeFormMixin,
    FindingsMixin,
    ConflictMixin,
    DeletionMixin,
    RestoreMixin,
    UsageMixin,
):
    """A kind of record of the working copy: its form, its deletion and its history.

    `set_once` names fields that are read-only once the record exists.
    """

    form = TrackedForm
    formfield_overrides = FORMFIELD_OVERRIDES
    change_form_template = "admin/tracked_form.html"
    change_list_template = "admin/tracked_list.html"
    save_as = False
    # Facets cost a query for each choice of each filter.
    show_facets = admin.ShowFacets.NEVER
    set_once: Sequence[str] = ()

    def get_action_choices(self, request: HttpRequest, default_choices: Any = _NO_ACTION) -> Any:
        return super().get_action_choices(request, default_choices)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Drop selected keys that no record can have: with them the query raises an error."""
        if "_selected_action" in request.POST:
            selected = request.POST.getlist("_selected_action")
            data: Any = request.POST.copy()
            data.setlist(
                "_selected_action",
                [key for key in selected if parse_key(self.model, key) is not None],
            )
            request.POST = data
        return super().changelist_view(request, extra_context)

    # The form

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Add the fields of `set_once` for a record that exists."""
        return [*super().get_readonly_fields(request, obj), *(self.set_once if obj else ())]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer popups to add and change a related record, and none to delete or view it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # A deletion needs its own reason and preview, which the popup of a field cannot give.
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form class for this request: what it has to know is set on a subclass."""
        form_class = super().get_form(request, obj, change=change, **kwargs)
        values = {
            "__module__": __name__,
            "actor": request.user,
            "last_changeset": self.attempt.last_changeset,
            "needs_reason": not is_previewed(request),
            "refusal": self.attempt.refusal,
        }
        bases: tuple[type, ...] = (form_class,)
        if is_previewed(request):
            bases = (preview_form.PreviewedFormMixin, form_class)
        return type(form_class.__name__, bases, values)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Show the form, or what saving it would change, or save it in a changeset."""
        screen = copy(self)
        screen.attempt = FormAttempt()
        if object_id:
            # Asked before Django reads the record: whoever saves in between counts as later.
            key = parse_key(self.model, unquote(object_id))
            screen.attempt.last_changeset = queries.last_changeset_number(self.model, key)
        show = partial(
            super(TrackedAdmin, screen).changeform_view, request, object_id, form_url, extra_context
        )
        if request.method != "POST":
            return show()
        request.POST = with_same_reason(request)  # type: ignore[assignment]
        if object_id:
            show = partial(screen.reconcile, request, object_id, show)
        return screen._submit(request, show)

    def _submit(self, request: HttpRequest, show: Callable[[], Any]) -> Any:
        """Preview or save a form that was posted; what the database refuses, the form then says.

        `show` validates and saves the form, or shows it: with its errors, or for a preview. It runs
        twice where the first run was rolled back.
        """
        try:
            if is_previewed(request):
                return self._preview(request, show)
            if reason_typed(request):
                return self._save(request, show)
        except changesets.ReasonRefused:
            pass  # The form's own field says beside the reason what is wrong with it.
        except ProtectedError:
            self.attempt.refusal = _IN_USE
        except IntegrityError:
            self.attempt.refusal = _SAME_MOMENT
        except ValidationError as error:
            self.attempt.refusal = " ".join(error.messages)
        # Without an open changeset nothing can be written: this only shows the form.
        return preview_form.as_asked_for(request, show())

    def _preview(self, request: HttpRequest, show: Callable[[], Any]) -> Any:
        """Show the form below what saving it would change, or with its errors."""
        if preview_form.is_live(request):
            # Of the form only its errors are asked for, so the rest of the screen is not made.
            self.render_change_form = preview_form.unrendered  # type: ignore[method-assign]
        response = show()
        if forms := preview_form.valid_forms(response):
            save = partial(self._save_forms, request, *forms)
            response.context_data["preview"] = preview_form.preview_of_save(request, save)
        return preview_form.as_asked_for(request, response)

    def _save_forms(self, request: HttpRequest, form: Any, formsets: Sequence[Any]) -> None:
        """Save forms that are valid, as Django's view does."""
        change = not form.instance._state.adding
        record = self.save_form(request, form, change)
        self.save_model(request, record, form, change)
        self.save_related(request, form, formsets, change)

    def _save(self, request: HttpRequest, show: Callable[[], Any]) -> Any:
        """Save the form in a changeset of its own."""
        reason, source = reason_typed(request), Changeset.Source.ADMIN.value
        with changesets.changeset(by=acting(request), reason=reason, source=source) as changeset:
            self.attempt.changeset = changeset
            return show()

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Name the record in full, and offer the last reason."""
        if context["original"]:
            context["original"] = self.shown(context["original"])
            context["subtitle"] = str(context["original"])
        context["preview"] = None  # `_preview` adds it
        context["last_reason"] = last_reason(request)
        context["next"] = where_next(request)
        record = context["adminform"].form.instance
        context["submit_address"] = self.submit_address(request, record)
        context["leave_address"] = where_next(request) or self.shown_at(record)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the record if it is new or a value differs."""
        # A save without a difference would still write a history row and name an editor for it.
        if not change or _values(obj) != form.stored:
            obj.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the parts; tell what was taken off lines that were pasted."""
        super().save_related(request, form, formsets, change)
        for sentence in sentences_on_marks(form):
            self.message_user(request, sentence, messages.WARNING)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Report the save, or that nothing was different."""
        act = self.attempt.changeset
        # In a preview there is none, and its messages are discarded; a popup only closes.
        if act and act.changeset is None and IS_POPUP_VAR not in request.POST:
            self.message_user(request, _NOTHING, messages.INFO)
            return self._submit_next(request, obj) or self.response_post_save_change(request, obj)
        if _goes_on(request):
            return super().response_change(request, self.shown(obj))
        self._report_save(request, obj)
        return self._submit_next(request, obj) or self.response_post_save_change(request, obj)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """Report what was added, by its full name."""
        if _goes_on(request):
            return super().response_add(request, self.shown(obj), post_url_continue)
        self._report_save(request, obj)
        return self._submit_next(request, obj) or self.response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> Any:
        """Go back to where the person came from, or on to where the record is shown."""
        return self._leave(request, obj) or super().response_post_save_change(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> Any:
        """Go back to where the person came from, or on to where the record is shown."""
        return self._leave(request, obj) or super().response_post_save_add(request, obj)

    def shown_at(self, record: Any) -> str:
        """Return the address of the screen that shows a record after it was saved, or ""."""
        return ""

    def submit_address(self, request: HttpRequest, record: Any) -> str:
        """Return the address of the submission of a record, "" if unknown or not allowed."""
        if not request.user.has_perm("compliance.submit_publication"):
            return ""
        register = self.register_of(record)
        return reverse("admin:compliance_publication_submit", args=[register]) if register else ""

    def register_of(self, record: Any) -> int | None:
        """Return the key of the register that prints a record, None where several may."""
        registers = list(Register.objects.values_list("pk", flat=True)[:2])
        return registers[0] if len(registers) == 1 else None

    def _leave(self, request: HttpRequest, record: Any) -> HttpResponse | None:
        address = where_next(request) or self.shown_at(record)
        return HttpResponseRedirect(address) if address else None

    def _submit_next(self, request: HttpRequest, record: Any) -> HttpResponse | None:
        """Go on to the submission, where the person asked for it."""
        address = self.submit_address(request, record) if SUBMIT_BUTTON in request.POST else ""
        return HttpResponseRedirect(address) if address else None

    def _report_save(self, request: HttpRequest, record: Any) -> None:
        message = format_html("Saved: {}.", str(self.shown(record)))
        address = self.submit_address(request, record)
        if address and SUBMIT_BUTTON not in request.POST:
            link = format_html('<a href="{}">Submit for approval</a>', address)
            message = format_html("{} {}", message, link)
        self.message_user(request, message, messages.SUCCESS)

    # The changesets are the log. Without these methods Django would write its own as well, which
    # could be edited, and whose entries no ledger seals.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Write nothing."""


def where_next(request: HttpRequest) -> str:
    """Return the screen that a form leads back to, as its address or the form says; or ""."""
    address = request.POST.get("next") or request.GET.get("next", "")
    is_ours = address.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    )
    return address if is_ours and ".." not in address else ""


def _goes_on(request: HttpRequest) -> bool:
    """Return whether the person stays on a form after the save, or a popup closes."""
    return any(name in request.POST for name in ("_continue", "_addanother", IS_POPUP_VAR))


def _values(record: Tracked) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
