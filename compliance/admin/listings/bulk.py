"""What can be done to several listings at once, besides setting their terms: providers and footnotes."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from compliance.admin.bulk import BulkForm
from compliance.models import Citation, Footnote, ListedProvider, Listing, Provider
from compliance.models.positions import STEP

_MODELS, _PROVIDERS = "models", "providers"
_PLACES = [
    ("training", "On the training use"),
    ("retention", "On the retention"),
    (_MODELS, "On every model"),
    (_PROVIDERS, "On every provider"),
]


class FootnoteField(forms.ModelChoiceField):
    """One of the footnotes of all registers, called by its register too."""

    def label_from_instance(self, note: Any) -> str:
        """Return the register, the number and the text."""
        return f"{note.register}: {note}"


class ListingBulkForm(BulkForm):
    """The terms of several listings, a provider and a footnote that they get or lose."""

    add_provider = forms.ModelChoiceField(
        Provider.objects.all(),
        required=False,
        empty_label="Add none",
        help_text="At the end of each listing that lacks it. It then receives the prompts of every model in them.",
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
        providers = self._provide(listing)
        rows = {_MODELS: listing.listed_models.all(), _PROVIDERS: providers}.get(
            self.cleaned_data["place"], [listing]
        )
        for name, mark in (("remove_footnote", self._unmark), ("add_footnote", self._mark)):
            if note := self.cleaned_data[name]:
                _refuse_foreign(note, listing)
                mark(note, rows)

    def _provide(self, listing: Listing) -> list[ListedProvider]:
        """Return the listed providers after what is added and removed."""
        rows = list(listing.listed_providers.all())
        added, removed = self.cleaned_data["add_provider"], self.cleaned_data["remove_provider"]
        if added and added.pk not in [row.provider_id for row in rows]:
            position = max((row.position for row in rows), default=0) + STEP
            rows.append(ListedProvider(listing=listing, provider=added, position=position))
            rows[-1].save()
        for row in rows:
            if removed and row.provider_id == removed.pk:
                row.delete()
        return [row for row in rows if row.pk]

    def _mark(self, note: Footnote, rows: Iterable[Any]) -> None:
        for row in rows:
            if not list(self._citations(note, row)):
                Citation(footnote=note, **self._target(row)).save()

    def _unmark(self, note: Footnote, rows: Iterable[Any]) -> None:
        for row in rows:
            for citation in self._citations(note, row):
                citation.delete()

    def _citations(self, note: Footnote, row: Any) -> list[Citation]:
        cell = self._target(row).get("cell", "")
        return [
            each
            for each in row.citations.all()
            if each.footnote_id == note.pk and each.cell == cell
        ]

    def _target(self, row: Any) -> dict[str, Any]:
        """Return what a citation of a listing's cell, or of one of its rows, points at."""
        if isinstance(row, Listing):
            return {"listing": row, "cell": self.cleaned_data["place"]}
        return {"listed_provider" if isinstance(row, ListedProvider) else "listed_model": row}


def _refuse_foreign(note: Footnote, listing: Listing) -> None:
    if note.register_id != listing.register_id:
        raise ValidationError(
            f"Footnote {note.position} is one of {note.register}, not of {listing.register}."
        )
