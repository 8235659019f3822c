"""The screens of AI models."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from compliance.admin.bulk import BulkEditMixin
from compliance.admin.components.lines import PastedLinesField
from compliance.admin.components.states import StateMixin
from compliance.admin.followers import FollowersBulkForm, FollowersForm, FollowersMixin
from compliance.admin.listings.action_views import ActionsMixin
from compliance.admin.listings.actions import MODEL_ACTIONS
from compliance.admin.site import site
from compliance.admin.tracked import NamedForm
from compliance.models import AIModel
from compliance.workingcopy.writes import Writes


class AIModelForm(NamedForm, FollowersForm):
    """A model, with the rows that state a retention which could follow what it requires."""

    class Meta(NamedForm.Meta):
        field_classes = {**NamedForm.Meta.field_classes, "continues": PastedLinesField}

    def clean_continues(self) -> Any:
        """Return the ids of the models to continue; refuse those that no model ever had."""
        typed = self.cleaned_data["continues"]
        ids = [line.strip() for line in typed.splitlines() if line.strip()]
        added = set(ids) - set(self.initial.get("continues", "").splitlines())
        known = AIModel.history.filter(slug__in=added).values_list("slug", flat=True)
        if unknown := added - set(known):
            raise ValidationError(
                [
                    f"No model ever had the id {id}. It is the end of a model’s address."
                    for id in sorted(unknown)
                ]
            )
        return "\n".join(ids)


class AIModelBulkForm(FollowersBulkForm):
    """Sets facts of several models, and can take them out of all listings."""

    retire = forms.BooleanField(
        label="Retire them everywhere",
        required=False,
        help_text="Takes each of them out of every row of every register. "
        "The models and their history stay.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.actor.has_perm("compliance.change_listing"):
            del self.fields["retire"]

    def edit(self, writes: Writes, model: AIModel) -> None:
        """Set the facts, and take the model out of the listings if that was chosen."""
        super().edit(writes, model)
        if self.cleaned_data.get("retire"):
            for row in model.listed.all():
                writes.delete(row)


@admin.register(AIModel, site=site)
class AIModelAdmin(StateMixin, FollowersMixin, ActionsMixin, BulkEditMixin):
    """AI models by the names that users see. Most are added on the form of a listing."""

    form = AIModelForm
    one_step_actions = MODEL_ACTIONS
    fieldsets = [
        (None, {"fields": ["name", "developer", "retention_floor"]}),
        (
            "Other names, and models that it continues",
            {"fields": ["aliases", "continues"], "classes": ["collapse"]},
        ),
    ]
    allowed_lookups = ["retention_floor__id__exact"]
    list_display = ["name", "developer", "retention_floor"]
    list_select_related = ["retention_floor"]
    search_fields = ["name__says", "developer__says", "aliases__says"]
    search_help_text = "Search names, developers and aliases."
    bulk_fields = ["developer", "retention_floor"]
    bulk_form = AIModelBulkForm
    bulk_prefetch = ["listed"]
