"""Several records edited in one changeset: what is set on all of them is shown first, and then done exactly so."""

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
from compliance.admin.preview.confirm import BindingForm, ConfirmedAction
from compliance.admin.tracked import TrackedAdmin
from compliance.models import Changeset
from compliance.models.tracked import Tracked

_NOT_TICKED = "Something is chosen here, but the box is not ticked, so it would stay. Tick the box, or choose nothing."
_SELECT_FIRST = (
    "Nothing was done. Select what is to be edited together here, and choose the action."
)
_MOST_VALUES = 5


class BulkForm(BindingForm):
    """What is done to each of several records. A field is set where its box is ticked: empty is a value too.

    Fields that a subclass declares are its own acts, which it does in `edit`.
    """

    selected = forms.CharField(widget=forms.HiddenInput)
    actor: ClassVar[Any] = None
    settable: ClassVar[Sequence[str]] = ()

    def clean(self) -> Any:
        """Refuse what was chosen for a field whose box is not ticked."""
        cleaned = super().clean()
        for name in self.settable:
            if name in self.changed_data and not self.cleaned_data.get(f"set_{name}"):
                self.add_error(name, _NOT_TICKED)
        return cleaned

    def edit(self, record: Any) -> None:
        """Do it to one record; raises ValidationError where the record cannot be so."""
        record.set(
            **{
                name: self.cleaned_data[name]
                for name in self.settable
                if self.cleaned_data[f"set_{name}"]
            }
        )

    def rows(self, records: Sequence[Tracked]) -> Iterator[tuple[Any, Any, str]]:
        """Give, for each field that can be set, its box, the field, and the values that the records have now."""
        for name in self.settable:
            yield self[f"set_{name}"], self[name], _values(records, name)

    def acts(self) -> list[Any]:
        """Return the fields that a subclass declares."""
        others = {"reason", "selected", *self.settable, *(f"set_{name}" for name in self.settable)}
        return [self[name] for name in self.fields if name not in others]


class BulkEditMixin(TrackedAdmin):
    """Records that can be edited together: `bulk_fields`, which may all be empty, and what `bulk_form` adds."""

    actions = [*TrackedAdmin.actions, "edit_together"]
    bulk_fields: Sequence[str] = ()
    bulk_form = BulkForm
    bulk_prefetch: Sequence[Any] = ()

    def get_urls(self) -> list[URLPattern]:
        """Add the form for several records."""
        view, name = (
            self.admin_site.admin_view(self.together_view),
            f"compliance_{self.opts.model_name}_together",
        )
        return [path("together/", view, name=name), *super().get_urls()]

    def get_bulk_form(self, request: HttpRequest) -> type[BulkForm]:
        """Return the form, with a box beside each field that the model's own form would have."""
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
        """Lead from the list to the form for the selected records."""
        keys = ",".join(str(key) for key in queryset.values_list("pk", flat=True))
        return self._together(
            request, self.get_bulk_form(request)(initial={"selected": keys}), keys
        )

    def together_view(self, request: HttpRequest) -> HttpResponse:
        """Show what the form would change, and do it if it is still what was shown."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method in ("GET", "HEAD"):  # signed in again on the way, or the address typed
            self.message_user(request, _SELECT_FIRST, messages.WARNING)
            return HttpResponseRedirect(self._list_path())
        return self._together(
            request, self.get_bulk_form(request)(request.POST), request.POST.get("selected", "")
        )

    def _together(self, request: HttpRequest, form: BulkForm, keys: str) -> HttpResponse:
        selected = [
            key for each in keys.split(",") if (key := parse_key(self.model, each)) is not None
        ]
        records = list(self._records(selected))
        binding = ConfirmedAction(
            request,
            form,
            lambda: self._edit(self._records(selected), form),
            source=Changeset.Source.ADMIN,
        )
        if binding.is_done():
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
            "binding": binding,
            "preview": binding.preview,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/bulk_edit.html", context)

    def _records(self, keys: Iterable[Any]) -> QuerySet[Any]:
        selected: QuerySet[Any] = self.model.objects.filter(pk__in=list(keys))
        related: Any = selected.select_related(*self.list_select_related)  # type: ignore[misc]
        return related.prefetch_related(*self.bulk_prefetch)  # type: ignore[no-any-return]

    def _edit(self, records: Iterable[Any], form: BulkForm) -> None:
        """Edit each; raises ValidationError with what each refuses, by its name."""
        refusals = []
        for record in records:
            try:
                form.edit(record)
            except ValidationError as error:
                refusals.append(f"{self.shown(record)}: {' '.join(error.messages)}")
        if refusals:
            raise ValidationError(refusals)

    def _list_path(self) -> str:
        return reverse(f"admin:compliance_{self.opts.model_name}_changelist")


def _values(records: Sequence[Tracked], name: str) -> str:
    counted = Counter(_value(record, name) or "empty" for record in records)
    said = [f"{value} ({count})" for value, count in counted.most_common(_MOST_VALUES)]
    return ", ".join(said) + (", …" if len(counted) > _MOST_VALUES else "")


def _value(record: Tracked, name: str) -> str:
    value = getattr(record, name)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(country.name for country in value)
    choices: Any = record._meta.get_field(name).choices  # type: ignore[union-attr]
    return str(dict(choices).get(value, value) if choices else value or "")
