"""Bulk edits: several records get the same values, in one changeset and after a preview."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms.models import fields_for_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from compliance.admin.history.mixin import parse_key
from compliance.admin.preview.confirm import ConfirmableForm, ConfirmedAction
from compliance.admin.tracked import TrackedAdmin
from compliance.models import Changeset
from compliance.models.tracked import Tracked
from compliance.workingcopy.writes import Writes

_NOT_TICKED = (
    "Something is chosen here, but the box is not ticked, so it would stay. "
    "Tick the box, or choose nothing."
)
_SELECT_FIRST = (
    "Nothing was done. Select what is to be edited together here, and choose the action."
)
_MOST_VALUES = 5


class BulkForm(ConfirmableForm):
    """What is done to each of several records.

    A field is set where the box beside it is ticked, because empty is a value too. A subclass may
    declare fields for further edits, which it adds in `edit`. `actor` is the user, `settable` the
    names of the fields with a box; both are set on the subclass for each request.
    """

    selected = forms.CharField(widget=forms.HiddenInput)
    actor: ClassVar[Any] = None
    settable: ClassVar[Sequence[str]] = ()

    def clean(self) -> Any:
        """Refuse a value for a field whose box is not ticked."""
        cleaned = super().clean()
        for name in self.settable:
            if name in self.changed_data and not self.cleaned_data.get(f"set_{name}"):
                self.refuse_unticked(name)
        return cleaned

    def refuse_unticked(self, name: str) -> None:
        """Add an error to a field that has a value while its box is not ticked."""
        self.add_error(name, _NOT_TICKED)

    def edit(self, writes: Writes, record: Any) -> None:
        """Add to `writes` the edit of one record.

        Raises ValidationError where it cannot have these values; some faults are found on writing.
        """
        values = {}
        for name in self.settable:
            if self.cleaned_data[f"set_{name}"]:
                values[name] = self.cleaned_data[name]
        writes.set(record, **values)

    def rows(self, records: Sequence[Tracked]) -> Iterator[tuple[Any, list[Any], str]]:
        """Yield, for each field with a box: the box, the field, and the present values as text."""
        for name in self.settable:
            values = most_frequent(_value(record, name) for record in records)
            yield self[f"set_{name}"], [self[name]], values

    def further_fields(self) -> list[Any]:
        """Return the fields that a subclass declares and that no box belongs to."""
        others = {"reason", "selected", *self.settable, *(f"set_{name}" for name in self.settable)}
        return [self[name] for name in self.fields if name not in others]


class BulkEditMixin(TrackedAdmin):
    """Records that can be edited together.

    `bulk_fields` can be set, and must allow to be empty. `bulk_form` may add further edits.
    `bulk_prefetch` is what those read of each record.
    """

    actions = [*TrackedAdmin.actions, "edit_together"]
    bulk_fields: Sequence[str] = ()
    bulk_form = BulkForm
    bulk_prefetch: Sequence[Any] = ()

    def get_urls(self) -> list[URLPattern]:
        """Add the form for several records."""
        view = self.admin_site.admin_view(self.together_view)
        name = f"compliance_{self.opts.model_name}_together"
        return [path("together/", view, name=name), *super().get_urls()]

    def get_bulk_form(self, request: HttpRequest) -> type[BulkForm]:
        """Return the form class: the fields of `bulk_fields`, each with a box beside it."""
        fields = fields_for_model(self.model, self.bulk_fields)
        boxes = {
            f"set_{name}": forms.BooleanField(
                required=False, label=f"Set the {str(field.label).lower()}"
            )
            for name, field in fields.items()
        }
        values = {"actor": request.user, "settable": tuple(fields), "__module__": __name__}
        return type("TogetherForm", (self.bulk_form,), {**values, **boxes, **fields})

    @admin.action(
        permissions=["change"], description="Edit selected %(verbose_name_plural)s together"
    )
    def edit_together(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Show the form for the records that are selected in the list."""
        # The form carries the keys: by the time of its POST a filter may match other records.
        keys = ",".join(str(key) for key in queryset.values_list("pk", flat=True))
        return self._together(
            request, self.get_bulk_form(request)(initial={"selected": keys}), keys
        )

    def together_view(self, request: HttpRequest) -> HttpResponse:
        """Preview what the form would change, and do it once it is confirmed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        # A GET comes from a person who had to sign in again before the form was sent.
        if request.method in ("GET", "HEAD"):
            self.message_user(request, _SELECT_FIRST, messages.WARNING)
            return HttpResponseRedirect(self._list_path())
        return self._together(
            request, self.get_bulk_form(request)(request.POST), request.POST.get("selected", "")
        )

    def _together(self, request: HttpRequest, form: BulkForm, keys: str) -> HttpResponse:
        parsed = [parse_key(self.model, key) for key in keys.split(",")]
        selected = [key for key in parsed if key is not None]
        records = list(self._records(selected))
        confirmation = ConfirmedAction(
            request,
            form,
            lambda: self._edit(self._records(selected), form),
            source=Changeset.Source.ADMIN,
        )
        if confirmation.is_done():
            return HttpResponseRedirect(self._list_path())
        context = {
            **self.admin_site.each_context(request),
            "title": f"Edit {len(records)} {model_ngettext(self.opts, len(records))} together",
            "opts": self.opts,
            "names": [str(self.shown(record)) for record in records],
            "gone": len(selected) - len(records),
            "address": reverse(f"admin:compliance_{self.opts.model_name}_together"),
            "form": form,
            "rows": list(form.rows(records)),
            "confirmation": confirmation,
            "preview": confirmation.preview,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/bulk_edit.html", context)

    def _records(self, keys: Iterable[Any]) -> QuerySet[Any]:
        selected: QuerySet[Any] = self.model.objects.filter(pk__in=list(keys))
        related: Any = selected.select_related(*self.list_select_related)  # type: ignore[misc]
        return related.prefetch_related(*self.bulk_prefetch)  # type: ignore[no-any-return]

    def _edit(self, records: Iterable[Any], form: BulkForm) -> None:
        """Edit the records; raises ValidationError with a message for each that refuses."""
        writes = Writes()
        refusals = []
        for record in records:
            try:
                form.edit(writes, record)
            except ValidationError as error:
                refusals.append(self._refusal(record, error))
        if refusals:
            raise ValidationError(refusals)
        try:
            writes.write()
        except ValidationError as error:
            for fault in writes.faults() or [error]:
                refusals.append(self._refusal(_edited(fault), fault))
            raise ValidationError(refusals) from error

    def _refusal(self, record: Tracked, error: ValidationError) -> str:
        return f"{self.shown(record)}: {' '.join(error.messages)}"

    def _list_path(self) -> str:
        return reverse(f"admin:compliance_{self.opts.model_name}_changelist")


def most_frequent(values: Iterable[str]) -> str:
    """Return the most frequent of some values, each with the number of records that have it."""
    counts = Counter(value or "empty" for value in values)
    texts = [f"{value} ({count})" for value, count in counts.most_common(_MOST_VALUES)]
    if len(counts) > _MOST_VALUES:
        texts.append("…")
    return ", ".join(texts)


def _edited(fault: ValidationError) -> Tracked:
    """Return the record on whose edit a record was wrong: its root, or itself."""
    wrong: Tracked = fault.record  # type: ignore[attr-defined]  # see Tracked.validate
    return wrong.aggregate()


def _value(record: Tracked, name: str) -> str:
    """Return the value of a field as text."""
    value = getattr(record, name)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(country.name for country in value)
    choices: Any = record._meta.get_field(name).choices  # type: ignore[union-attr]
    if choices:
        value = dict(choices).get(value, value)
    return str(value or "")
