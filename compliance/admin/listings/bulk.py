"""The bulk edit of listings: terms, providers and footnotes of several at once."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from compliance.admin.bulk import BulkForm
from compliance.models import Footnote, ListedProvider, Listing, Provider
from compliance.models.positions import next_position
from compliance.workingcopy.citations import cite, uncite

_MODELS, _PROVIDERS = "models", "providers"
_PLACES = [
    ("training", "On the training use"),
    ("retention", "On the retention"),
    (_MODELS, "On every model"),
    (_PROVIDERS, "On every provider"),
]


class FootnoteField(forms.ModelChoiceField):
    """A choice among the footnotes of all registers."""

    def label_from_instance(self, note: Any) -> str:
        return f"{note.register}: {note}"


class ListingBulkForm(BulkForm):
    """Sets the terms of several listings, and adds or removes a provider and a footnote."""

    add_provider = forms.ModelChoiceField(
        Provider.objects.all(),
        required=False,
        empty_label="Add none",
        help_text="At the end of each listing that lacks it. "
        "It then receives the prompts of every model in them.",
    )
    remove_provider = forms.ModelChoiceField(
        Provider.objects.all(), required=False, empty_label="Remove none"
    )
    add_footnote = FootnoteField(
        Footnote.objects.order_by("register__title", "position").select_related("register"),
        required=False,
        empty_label="Add none",
    )
    remove_footnote = FootnoteField(
        Footnote.objects.order_by("register__title", "position").select_related("register"),
        required=False,
        empty_label="Remove none",
    )
    place = forms.ChoiceField(
        label="Where footnotes are added and removed", choices=_PLACES, initial="training"
    )

    def edit(self, listing: Listing) -> None:
        """Set the terms, then the providers, then the marks."""
        super().edit(listing)
        providers = self._write_providers(listing)
        place = self.cleaned_data["place"]
        targets: list[Any] = [listing]
        cell = place
        if place in (_MODELS, _PROVIDERS):
            targets = providers if place == _PROVIDERS else list(listing.listed_models.all())
            cell = ""
        for field, write in (("remove_footnote", uncite), ("add_footnote", cite)):
            footnote = self.cleaned_data[field]
            if footnote:
                _refuse_foreign(footnote, listing)
                for target in targets:
                    write(footnote, target, cell=cell)

    def _write_providers(self, listing: Listing) -> list[ListedProvider]:
        """Add and remove a provider; return the rows of the providers that the listing then has."""
        rows = list(listing.listed_providers.all())
        added, removed = self.cleaned_data["add_provider"], self.cleaned_data["remove_provider"]
        if added and added.pk not in [row.provider_id for row in rows]:
            position = next_position(row.position for row in rows)
            rows.append(ListedProvider(listing=listing, provider=added, position=position))
            rows[-1].save()
        for row in rows:
            if removed and row.provider_id == removed.pk:
                row.delete()
        return [row for row in rows if row.pk]


def _refuse_foreign(note: Footnote, listing: Listing) -> None:
    if note.register_id != listing.register_id:
        raise ValidationError(
            f"Footnote {note.position} is one of {note.register}, not of {listing.register}."
        )
