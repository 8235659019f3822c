"""Rows that state claims of their own, on the forms of what they could follow instead.

These are the forms of providers, of models and of retention terms.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from compliance.admin.bulk import BulkForm
from compliance.admin.components.change_form import is_previewed
from compliance.admin.components.labels import location_label, prefetch_locations
from compliance.admin.listings.claims import NewTerms, save_term
from compliance.admin.tracked import TrackedAdmin, TrackedForm
from compliance.models import AIModel, Cell, Provider, RetentionTerm
from compliance.models.bulk import delete_all
from compliance.page import text
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.writes import Writes

# More rows than these are changed together from the list of listings.
_MOST_ROWS = 100
# The fields of providers and models that rows follow, and what these are about.
_ROLES = {
    "declared_training": ColumnRole.TRAINING,
    "declared_retention": ColumnRole.RETENTION,
    "retention_floor": ColumnRole.RETENTION,
}
_NOTHING_TO_FOLLOW = "Nothing is set that rows could follow. Set it above, or clear this box."


class TermField(forms.CharField):
    """A retention term, chosen by its wording. What nobody has worded yet is a new term, unsaved.

    The clauses of a new term are read from its wording once it is saved.
    """

    # Set by the form, which knows who may add terms.
    terms: NewTerms

    def prepare_value(self, value: Any) -> Any:
        """Return the wording of a stored term, which forms know by its key."""
        if isinstance(value, int):
            return RetentionTerm.objects.filter(pk=value).values_list("wording", flat=True).first()
        return value

    def to_python(self, value: Any) -> Any:
        wording = text.plain_line(super().to_python(value) or "").strip()
        return self.terms.find(wording) if wording else None

    def validate(self, value: Any) -> None:
        """Accept no term; whether one may be worded like this was asked before."""

    def run_validators(self, value: Any) -> None:
        """Run none: the model holds what a wording may be."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial) or "") != (data or "").strip())


class FollowersForm(TrackedForm):
    """A form with the rows that state a claim which could follow its record."""

    follow = forms.MultipleChoiceField(
        label="Let these follow their providers and models",
        initial=(),  # a conflict posts what the form shows, and None would be a choice
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "What a ticked row says itself is deleted, with its footnote marks. It then prints"
            " the worst of what its providers declare and its models require."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = NewTerms(self.actor)
        for field in self.fields.values():
            if isinstance(field, TermField):
                field.terms = terms
        self.cells: dict[str, Cell] = {}
        if "follow" in self.fields and not self.instance._state.adding:
            claims = stated_claims(self.instance).select_related(
                "column", "term", "listing__section__register"
            )
            self.cells = {str(cell.pk): cell for cell in claims[:_MOST_ROWS]}
            labels = _labels(self.cells.values())
            follow: Any = self.fields["follow"]
            follow.choices = list(zip(self.cells, labels, strict=True))

    def delete_claims(self) -> None:
        """Delete the claims of the ticked rows; the record is saved already."""
        delete_all(self.cells[key] for key in self.cleaned_data.get("follow", ()))


class FollowersBulkForm(BulkForm):
    """Sets what rows could follow on several records, and can let all their rows follow."""

    follow = forms.BooleanField(
        label="Let their rows follow",
        required=False,
        help_text=(
            "What their rows say themselves of what is set above is deleted, with its footnote"
            " marks. They then print the worst of what their providers declare and their models"
            " require."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.actor.has_perm("compliance.change_listing"):
            del self.fields["follow"]

    def clean(self) -> Any:
        """Refuse to let rows follow where nothing is set that they could follow."""
        cleaned = super().clean()
        if self.cleaned_data.get("follow") and not self._set_roles():
            self.add_error("follow", _NOTHING_TO_FOLLOW)
        return cleaned

    def _set_roles(self) -> list[ColumnRole]:
        """Return what the ticked fields are about."""
        return [role for name, role in _ROLES.items() if self.cleaned_data.get(f"set_{name}")]

    def edit(self, writes: Writes, record: Any) -> None:
        """Set the values, and delete what the rows say themselves if that was chosen."""
        super().edit(writes, record)
        if self.cleaned_data.get("follow"):
            for cell in stated_claims(record).filter(column__role__in=self._set_roles()):
                writes.delete(cell)


class FollowersMixin(TrackedAdmin):
    """A screen that lets rows follow what a record declares or requires, in the same save.

    Its form is a FollowersForm. Where a row states its own, a fieldset with the rows is inserted at
    the place `followers_place`. It is closed if `is_closed`, until a preview was asked for.
    """

    followers_place = 1
    is_closed = True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer to let rows follow where some state their own claims."""
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        if obj and stated_claims(obj).exists():
            options: dict[str, Any] = {"fields": ["follow"]}
            if self.is_closed and not is_previewed(request):
                options["classes"] = ["collapse"]
            fieldsets.insert(self.followers_place, ("Rows with a wording of their own", options))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only show the rows to people who may not edit listings."""
        fields = super().get_readonly_fields(request, obj)
        may_edit = request.user.has_perm("compliance.change_listing")
        return fields if may_edit else [*fields, "follow"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let a term be typed by its wording, so that a new one needs no form of its own."""
        if db_field.related_model is not RetentionTerm:
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return TermField(
            label=capfirst(db_field.verbose_name),
            help_text=db_field.help_text,
            required=False,
            max_length=RetentionTerm._meta.get_field("wording").max_length,
            widget=forms.TextInput(attrs={"list": "retention-wordings", "autocomplete": "off"}),
        )

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Offer the wordings of the terms that there are."""
        context["wordings"] = RetentionTerm.objects.values_list("wording", flat=True)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a term that was newly worded, and then the record."""
        for name, field in form.fields.items():
            if isinstance(field, TermField) and (term := form.cleaned_data[name]):
                save_term(term)
                setattr(obj, name, term)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let the ticked rows follow."""
        super().save_related(request, form, formsets, change)
        form.delete_claims()

    @admin.display(description="Rows that do not follow")
    def follow(self, record: Any) -> str:
        """The rows that state their own claims, for people who may not edit."""
        return "\n".join(_labels(list(stated_claims(record)[:_MOST_ROWS])))


def stated_claims(record: Model) -> QuerySet[Cell]:
    """Return the claims of rows that could follow a record instead, in the order of pages.

    They are the claims of a provider's rows; the retention in a model's rows; and for a term, the
    retention in the rows of whoever declares or requires it. A row that states the term itself
    changes with it.
    """
    cells = Cell.objects.filter(_could_follow(record)).order_by(
        "listing__section__register__title",
        "listing__section__position",
        "listing__position",
        "listing",
        "column__position",
    )
    claims = [role.value for role in ColumnRole if role.is_claim]
    if isinstance(record, Provider):
        return cells.filter(column__role__in=claims)
    return cells.filter(column__role=ColumnRole.RETENTION.value)


def _could_follow(record: Model) -> Q:
    match record:
        case Provider() | AIModel():
            return Q(listing__in=record.listed.values("listing"))
        case RetentionTerm():
            declaring = Q(listing__listed_providers__provider__declared_retention=record)
            requiring = Q(listing__listed_models__model__retention_floor=record)
            rows = Cell.objects.filter(declaring | requiring).exclude(term=record)
            return Q(pk__in=rows.values("pk"))
    raise TypeError(f"No row follows {record!r}.")


def _labels(cells: Iterable[Cell]) -> list[str]:
    prefetch_locations(cells)
    return [capfirst(location_label(cell)) for cell in cells]
