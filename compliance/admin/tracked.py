"""The base of every admin screen that writes the working copy: each save says why, and history is only read."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError
from django.db.models import Model, ProtectedError
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse

from compliance.admin.components.fields import (
    BUSY,
    FORMFIELD_OVERRIDES,
    ReasonField,
    acting,
    reason_errors,
    reason_typed,
)
from compliance.admin.components.findings import FindingsMixin
from compliance.admin.components.lookups import LookupAllowlistMixin
from compliance.admin.components.usage import UsageMixin
from compliance.admin.conflicts.mixin import FAULT, OPENED, ConflictMixin, carry_base
from compliance.admin.deletion import DeletionMixin
from compliance.admin.history import queries
from compliance.admin.history.mixin import HistoryMixin, parse_key
from compliance.admin.preview import form as preview_form
from compliance.models import Changeset, changesets
from compliance.models.tracked import Tracked
from compliance.page.names import spelling_fault

_ACT = "compliance.act"
_SAME_MOMENT = "Somebody else saved the same thing at the same moment, so nothing was saved. Look at it and save again."
_IN_USE = (
    "Something came to use it at the same moment, so nothing was deleted. Look at it and try again."
)
_UNKNOWN_VERSION = (
    "The form does not say which version you opened, so nothing was saved. What you typed is below. Open the form "
    "anew, take over what you typed, and save that."
)
_NOTHING = "Nothing was different, so nothing was saved and no change was recorded."


class TrackedForm(forms.ModelForm):
    """A form that asks for the reason, and refuses to overwrite what was saved after it was opened."""

    reason = ReasonField(
        label="Reason for this change",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For colleagues and auditors; never shown to the public. Name the ticket, the mail or the decision.",
        error_messages=reason_errors("saved"),
    )
    fault = ""
    needs_reason = True
    opened = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.needs_reason
        self.version: int | None = None
        if not self.instance._state.adding:
            # The version was read with the record, before any part: no part on the form is older than it says.
            self.version = self.instance.lock_version
            carry_base(self)

    def clean(self) -> Any:
        """Refuse what the database refused, and a version that is not the one that stands (see `Reconciles`)."""
        cleaned = super().clean()
        if self.fault:
            self.add_error(None, self.fault)
        elif not self.instance._state.adding and self.data.get("version", "") != str(self.version):
            self.version = None  # a second save is refused too
            self.add_error(None, _UNKNOWN_VERSION)
        return cleaned


class NamedForm(TrackedForm):
    """A form for what is called by its name, which must not be almost the name of another."""

    def clean_name(self) -> Any:
        """Return the name; raises ValidationError where it is almost certainly a slip for another one."""
        name = self.cleaned_data["name"]
        others = type(self.instance).objects.exclude(pk=self.instance.pk)
        if "name" in self.changed_data and (
            fault := spelling_fault(name, others.values_list("name", flat=True))
        ):
            raise ValidationError(fault)
        return name


class TrackedAdmin(
    LookupAllowlistMixin, FindingsMixin, ConflictMixin, DeletionMixin, HistoryMixin, UsageMixin
):
    """An aggregate of the working copy: its form, its deletion and its history."""

    form = TrackedForm
    formfield_overrides = FORMFIELD_OVERRIDES
    change_form_template = "admin/tracked_form.html"
    change_list_template = "admin/tracked_list.html"
    save_as = False
    show_facets = admin.ShowFacets.NEVER
    set_once: Sequence[str] = ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Leave out what is selected and no key of these records: the database would be asked for it."""
        if "_selected_action" in request.POST:
            keys = [
                key
                for key in request.POST.getlist("_selected_action")
                if parse_key(self.model, key) is not None
            ]
            data: Any = request.POST.copy()
            data.setlist("_selected_action", keys)
            request.POST = data
        return super().changelist_view(request, extra_context)

    # The form

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Add what is set once to what cannot be edited later."""
        return [*super().get_readonly_fields(request, obj), *(self.set_once if obj else ())]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer to add and change what a field leads to; nothing is deleted in passing."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form class, which knows what the database refused and who asks."""
        form_class = super().get_form(request, obj, change=change, **kwargs)
        values = {"fault": request.META.get(FAULT, ""), "opened": request.META.get(OPENED, 0)}
        values |= {"actor": request.user, "__module__": __name__}
        values["needs_reason"] = not preview_form.is_asked(request)
        bases = (
            (preview_form.OnlyShown, form_class) if preview_form.shown(request) else (form_class,)
        )
        return type(form_class.__name__, bases, values)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Show the form, or what it would change, or save it in a changeset.

        Without a reason the form is invalid and nothing can be written. What came last is noted before the record is
        read: whoever saves in between came later.
        """
        if object_id:
            request.META[OPENED] = queries.last_changeset_number(
                self.model, parse_key(self.model, unquote(object_id))
            )
        show = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method == "POST" and object_id:
            show = partial(self.reconcile, request, object_id, show)
        reason, is_preview = reason_typed(request), preview_form.is_asked(request)
        if request.method != "POST" or not (reason or is_preview):
            return show()
        try:
            if is_preview:
                return preview_form.previewed(request, show)
            with changesets.changeset(
                by=acting(request), reason=reason, source=Changeset.Source.ADMIN.value
            ) as act:
                request.META[_ACT] = act
                return show()
        except ValidationError as error:
            request.META[FAULT] = " ".join(error.messages)
        except changesets.ReasonRefused:
            return show()  # the form says so beside the reason
        except ProtectedError:
            request.META[FAULT] = _IN_USE
        except IntegrityError:
            request.META[FAULT] = _SAME_MOMENT
        except OperationalError:
            request.META[FAULT] = BUSY
        return show()

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Replace the stock "please correct the errors" by what the errors are, and call the record by its name."""
        if context["original"]:
            context["original"] = self.shown(context["original"])
            context["subtitle"] = str(context["original"])
        faults = context.pop("errors")
        context["faults"] = sum(
            len(fault) if isinstance(fault, ErrorList) else 1 for fault in faults.data
        )
        context["errors"] = []
        context["preview"] = preview_form.shown(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the record if it is new or a value differs."""
        if not change or _differs(obj):
            obj.save()

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say that nothing was saved where nothing was different."""
        is_said = (
            preview_form.is_asked(request) or IS_POPUP_VAR in request.POST
        )  # a popup only closes
        if not is_said and request.META[_ACT].changeset is None:
            self.message_user(request, _NOTHING, messages.INFO)
            return self.response_post_save_change(request, obj)
        return super().response_change(request, self.shown(obj))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """Say what was added."""
        return super().response_add(request, self.shown(obj), post_url_continue)

    # The changeset is the log.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the changeset."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the changeset."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave it to the changeset."""


def _differs(record: Tracked) -> bool:
    """Return whether a value differs from the stored one."""
    stored = type(record).objects.get(pk=record.pk)
    names: Iterable[str] = (field.attname for field in record._meta.concrete_fields)
    return any(getattr(stored, name) != getattr(record, name) for name in names)
