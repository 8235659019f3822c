"""The base of every admin screen that writes the working copy: each save says why, and history is only read."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_after_asking
from django.contrib.admin.utils import NestedObjects, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.db.models import Model, ProtectedError, QuerySet
from django.forms.models import BaseInlineFormSet
from django.forms.utils import ErrorList
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, re_path
from django.urls.resolvers import URLPattern
from django.utils.text import capfirst

from compliance import editing, text
from compliance.admin import history
from compliance.models import Changeset, Citation, ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.tracked import Tracked
from compliance.names import slip

_FAULT = "compliance.fault"
_ACT = "compliance.act"
_NAME = "compliance.name"
_SAME_MOMENT = "Somebody else saved the same thing at the same moment, so nothing was saved. Look at it and save again."
_IN_USE = "Something came to use it at the same moment, so nothing was deleted. Look at it and try again."
_OVERTAKEN = "This was changed after you were asked, so nothing was deleted. Look at it as it is now, and delete again."
_CHANGED_MEANWHILE = (
    "This was changed after you opened the form, so nothing was saved. What you typed is below. Take over the changes "
    "that follow, and save again; saving overwrites them."
)
_UNKNOWN_VERSION = (
    "The form does not say which version you opened, so nothing was saved. What you typed is below. Open the form "
    "anew, take over what you typed, and save that."
)
_NOTHING = "Nothing was different, so nothing was saved and no change was recorded."


class MultilineField(forms.CharField):
    """A text of several lines, with a line feed at the end of each, whatever the browser sent."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """Return the text with line feeds."""
        typed = super().to_python(value)
        return typed.replace("\r\n", "\n").replace("\r", "\n") if isinstance(typed, str) else typed


def _reason_errors(done: str) -> dict[str, str]:
    return {"required": f"The reason is empty. Say why the register changes; nothing was {done}."}


class ReasonField(MultilineField):
    """Why something changes: a text that reads as it is stored, because the record shows it for good."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse no reason, and one that holds what may not be shown."""
        super().validate(value)
        if fault := text.fault(value, multiline=True):
            raise ValidationError(f"The reason cannot be recorded. {fault}")


class TrackedForm(forms.ModelForm):
    """A form that asks for the reason, and refuses to overwrite what was saved after it was opened."""

    reason = ReasonField(
        label="Reason for this change",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For colleagues and auditors; never shown to the public. Name the ticket, the mail or the decision.",
        error_messages=_reason_errors("saved"),
    )
    fault = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version: int | None = 0 if self.instance._state.adding else history.version(self.instance)

    def clean(self) -> Any:
        """Refuse what the database refused, and what somebody else changed meanwhile."""
        cleaned = super().clean()
        if self.fault:
            self.add_error(None, self.fault)
        elif not self.instance._state.adding and self.data.get("version", "") != str(self.version):
            self.add_error(None, self._overtaken())
        return cleaned

    def _overtaken(self) -> list[str]:
        """Return what others changed since the form was opened; without a version that says so, bar a second save."""
        opened = self.data.get("version", "")
        acts = history.since(self.instance, int(opened)) if opened.isdecimal() and len(opened) < 19 else []
        if not acts:
            self.version = None
            return [_UNKNOWN_VERSION]
        said = [_CHANGED_MEANWHILE]
        for act in acts:
            said += [f"{history.who(act.changeset)}: {_sentence(line)}" for line in act.lines]
        return said


class NamedForm(TrackedForm):
    """A form for what is called by its name, which must not be almost the name of another."""

    def clean_name(self) -> Any:
        """Return the name; raises ValidationError where it is almost certainly a slip for another one."""
        name = self.cleaned_data["name"]
        others = type(self.instance).objects.exclude(pk=self.instance.pk)
        if "name" in self.changed_data and (fault := slip(name, others.values_list("name", flat=True))):
            raise ValidationError(fault)
        return name


def _sentence(line: history.Line) -> str:
    return f"{line.what}: {line.before or '–'} → {line.after or '–'}"


class OrderedFormSet(BaseInlineFormSet):
    """Parts in order: a new one without a position goes to the end."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Let the part know its owner, also one that is not saved yet: what a document prints depends on it."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        setattr(form.instance, self.fk.name, self.instance)
        return form

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Give the new part its position, then save it."""
        if not form.instance.position:
            siblings = self.get_queryset()
            form.instance.position = max((part.position for part in siblings), default=0) + 10 * (
                1 + len(self.new_objects)
            )
        return super().save_new(form, commit)


class RefusesUnlistedLookups:
    """A change list that is filtered by its listed filters only: `?name__iregex=` asks the database what it likes."""

    allowed_lookups: Sequence[str] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse every lookup that no filter of the list offers."""
        return lookup in self.allowed_lookups and "\x00" not in str(value)  # PostgreSQL holds no NUL


class TrackedAdmin(RefusesUnlistedLookups, admin.ModelAdmin):
    """An aggregate of the working copy: its form, its deletion and its history."""

    form = TrackedForm
    actions = ["delete_selected"]
    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        models.TextField: {"form_class": MultilineField},
    }
    change_form_template = "admin/tracked_form.html"
    change_list_template = "admin/tracked_list.html"
    delete_confirmation_template = "admin/tracked_delete.html"
    delete_selected_confirmation_template = "admin/tracked_delete_selected.html"
    save_as = False
    show_facets = admin.ShowFacets.NEVER
    set_once: Sequence[str] = ()

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

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class, which knows what the database refused and who asks."""
        form_class = super().get_form(request, obj, change=change, **kwargs)
        values = {"fault": request.META.get(_FAULT, ""), "actor": request.user, "__module__": __name__}
        return type(form_class.__name__, (form_class,), values)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Show the form, or save it in a changeset. Without a reason the form is invalid and nothing can be written."""
        show = partial(super().changeform_view, request, object_id, form_url, extra_context)
        reason = _reason(request)
        if request.method != "POST" or not reason:
            return show()
        try:
            with editing.changeset(by=_user(request), reason=reason, source=Changeset.Source.ADMIN.value) as act:
                request.META[_ACT] = act
                return show()
        except ValidationError as error:
            request.META[_FAULT] = " ".join(error.messages)
        except editing.ReasonRefused:
            return show()  # the form says so beside the reason
        except ProtectedError:
            request.META[_FAULT] = _IN_USE
        except IntegrityError:
            request.META[_FAULT] = _SAME_MOMENT
        return show()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Replace the stock "please correct the errors" by what the errors are, and call the record by its name."""
        if context["original"]:
            context["original"] = self.shown(context["original"])
            context["subtitle"] = str(context["original"])
        faults = context.pop("errors")
        context["faults"] = sum(len(fault) if isinstance(fault, ErrorList) else 1 for fault in faults.data)
        context["errors"] = []
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the record if it is new or a value differs."""
        if not change or _differs(obj):
            obj.save()

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say that nothing was saved where nothing was different."""
        if request.META[_ACT].changeset is None:
            self.message_user(request, _NOTHING, messages.INFO)
            return self.response_post_save_change(request, obj)
        return super().response_change(request, self.shown(obj))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Say what was added."""
        return super().response_add(request, self.shown(obj), post_url_continue)

    def shown(self, record: Any) -> Any:
        """Return a record as messages and titles call it; by itself it may not know its name without a query."""
        return record

    # Deleting

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Ask for the reason, then delete in a changeset what is still as it was shown."""
        record = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, record):
            raise PermissionDenied
        records = [record] if record else []
        context = {**(extra_context or {}), "version": _versions(records)}
        if record:
            context["object"] = self.shown(record)
            request.META[_NAME] = str(context["object"])
        show = partial(super().delete_view, request, object_id, context)
        return self._delete(request, records, show) if request.method == "POST" else show()

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Say what was deleted, by the name that it had."""
        return super().response_delete(request, request.META.get(_NAME, obj_display), obj_id)

    @admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Ask for the reason, then delete the selected records in one changeset, if all are as they were shown."""
        show = partial(delete_after_asking, self, request, queryset)
        if "post" in request.POST:
            return self._delete(request, list(queryset), show)
        asked = show()
        if asked is not None and asked.context_data is not None:
            asked.context_data["version"] = _versions(queryset)
        return asked

    def _delete(self, request: HttpRequest, records: list[Any], delete: Callable[[], Any]) -> Any:
        """Delete in a changeset, or go back to the question and say what is missing or was in the way."""
        try:
            reason = ReasonField(error_messages=_reason_errors("deleted")).clean(_reason(request))
            with editing.changeset(by=_user(request), reason=reason, source=Changeset.Source.ADMIN.value):
                if request.POST.get("version") == _versions(records):
                    return delete()
            self.message_user(request, _OVERTAKEN, messages.ERROR)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except (IntegrityError, ProtectedError):
            self.message_user(request, _IN_USE, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete one by one, each with its history row."""
        for record in queryset:
            record.delete()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what a deletion takes along; what stands in its way is named with its place."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if protected:
            collector = NestedObjects(using="default")
            collector.collect(objs)
            protected = sorted({place(record) for record in collector.protected})
            lacking = set()  # what nobody may delete is in use; it is not that this person lacks a permission
        return deleted, counts, lacking, protected

    # The changeset is the log.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the changeset."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the changeset."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave it to the changeset."""

    # History

    def get_urls(self) -> list[URLPattern]:
        """Add the list of deleted records, and one row of history. All of them are only read."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("deleted/", self.admin_site.admin_view(self.deleted_view), name=f"{name}_deleted"),
            re_path(
                r"^(.+)/history/([^/]+)/$",
                self.admin_site.admin_view(self.history_row_view),
                name=f"{name}_simple_history",
            ),
            *super().get_urls(),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show what was done to a record and its parts, a deleted one's too; a POST is refused."""
        return self._history(request, object_id)

    def history_row_view(self, request: HttpRequest, object_id: str, row_id: str) -> HttpResponse:
        """Show what the changeset of one history row did; a POST is refused."""
        return self._history(request, object_id, row_id)

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """List the deleted records with links to their history; a POST is refused."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = Paginator(history.deleted(self.model), 100).get_page(request.GET.get("p"))
        named = list(zip(page, self.names_of(page), strict=True))
        context = {"title": f"Deleted {self.opts.verbose_name_plural}", "page": page, "named": named}
        return self._page(request, "admin/deleted.html", context)

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return what the records of history rows are called."""
        return [str(row.instance) for row in rows]

    def _history(self, request: HttpRequest, object_id: str, row_id: str | None = None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        record = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        acts = self._acts(unquote(object_id))
        if row_id is not None:
            rows = self.model.history.filter(id=self._key(unquote(object_id)))
            wanted = [row.changeset_id for row in rows if str(row.history_id) == row_id]
            acts = [act for act in acts if act.changeset.pk in wanted]
        if not acts:
            raise Http404
        name = str(self.shown(record)) if record else "a deleted record"
        page = Paginator(acts, 50).get_page(request.GET.get("p"))
        context = {
            "title": f"History: {name}",
            "object": record and self.shown(record),
            "page": page,
            "is_deleted": record is None,
        }
        return self._page(request, "admin/history.html", context)

    def _acts(self, object_id: str) -> list[history.Act]:
        key = self._key(object_id)
        return history.of(self.model, key) if key is not None else []

    def _key(self, object_id: str) -> Any:
        """Return the primary key that an address names, None where it is none or out of the database's range."""
        field = self.model._meta.pk
        try:
            return field.clean(object_id, None)
        except (ValidationError, ValueError):
            return None

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, "subtitle": None, **context}
        )


def _versions(records: Iterable[Any]) -> str:
    """Return what a confirmation carries, to be told apart from any later state of these records."""
    return ",".join(str(version) for version in sorted(history.version(record) for record in records))


class PartForm(forms.ModelForm):
    """A part whose position may be left out: then it goes to the end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if position := self.fields.get("position"):
            position.required = False
            if self.instance._state.adding:
                self.initial["position"] = None
                position.help_text = f"{position.help_text} Leave it empty to put it at the end."

    def clean_position(self) -> Any:
        """Return the position; where none is given, the present one, or 0 for a new part, which goes to the end."""
        position = self.cleaned_data["position"]
        return self.instance.position if position is None else position


class PartInline(admin.StackedInline):
    """Parts of an aggregate, edited in its form."""

    extra = 0
    form = PartForm
    formset = OrderedFormSet
    show_change_link = False
    formfield_overrides = TrackedAdmin.formfield_overrides


class Called:
    """A record that is called by a name which it does not know itself; in everything else the record."""

    def __init__(self, record: Model, name: str) -> None:
        self._record, self._name = record, name

    def __str__(self) -> str:
        return self._name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._record, attribute)


def place(record: Model) -> str:
    """Return a record with where it stands, for somebody who wants to go there."""
    match record:
        case ListedModel() | ListedProvider() | ListedDocument():
            return f"{record} in {listing_name(record.listing)}"
        case Citation(listing=Listing() as listing):
            return f"Cited on the {record.get_cell_display().lower()} of {listing_name(listing)}"
        case Citation(provider=None, model=None):
            return f"Cited on {place(record.target)}"
        case Citation():
            return f"Cited on {record.target}, wherever {record.footnote.register} lists it"
        case Listing():
            return listing_name(record)
    return f"{capfirst(record._meta.verbose_name)}: {record}"


def listing_name(listing: Listing) -> str:
    """Return a listing by its place and its first model."""
    first = next(iter(listing.listed_models.all()), None)
    return f"listing {listing.position} of {listing.register}" + (f" ({first.model.name}, …)" if first else "")


def _reason(request: HttpRequest) -> str:
    """Return the reason that was typed, with line feeds, empty where there is none."""
    typed: str = MultilineField(required=False).to_python(request.POST.get("reason", ""))
    return typed


def _user(request: HttpRequest) -> Any:
    return request.user


def _differs(record: Tracked) -> bool:
    """Return whether a value differs from the stored one."""
    stored = type(record).objects.get(pk=record.pk)
    names: Iterable[str] = (field.attname for field in record._meta.concrete_fields)
    return any(getattr(stored, name) != getattr(record, name) for name in names)
