"""The bulk edit of listings: claims, providers and footnotes of several at once."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from compliance.admin.bulk import BulkForm, most_frequent
from compliance.admin.components.fields import LineField
from compliance.admin.history.mixin import parse_key
from compliance.admin.listings.claims import (
    CellValues,
    NewTerms,
    save_term,
    stated_retention,
    stated_training,
    training_choices,
)
from compliance.models import Cell, Column, Footnote, ListedProvider, Listing, Provider, Section
from compliance.models.positions import next_position
from compliance.models.tracked import Tracked
from compliance.page import lengths
from compliance.page.vocabulary import ColumnRole
from compliance.page.wording import MAX_WORDING_LENGTH
from compliance.workingcopy.citations import cite, uncite
from compliance.workingcopy.documents import DefaultDocuments, follow_providers
from compliance.workingcopy.rows import plan_cells
from compliance.workingcopy.writes import Writes

_MODELS, _PROVIDERS = ColumnRole.MODELS.value, ColumnRole.PROVIDERS.value
_EVERY = {_MODELS: "On every model", _PROVIDERS: "On every provider"}


class FootnoteField(forms.ModelChoiceField):
    """A choice among the footnotes of all registers."""

    def label_from_instance(self, note: Any) -> str:
        return f"{note.register}: {note}"


class ListingBulkForm(BulkForm):
    """Sets claims of several listings, and adds or removes a provider and a footnote.

    It offers the columns that the tables of all selected listings have.
    """

    add_provider = forms.ModelChoiceField(
        Provider.objects.all(),
        required=False,
        empty_label="Add none",
        help_text="At the end of each row that lacks it. "
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
    place = forms.ChoiceField(label="Where footnotes are added and removed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = self._shared_columns()
        self.claims = [_Claim(column) for column in shared if ColumnRole(column.role).is_claim]
        for claim in self.claims:
            self.fields.update(claim.fields())
        roles = {column.role for column in shared}
        if _PROVIDERS not in roles:
            del self.fields["add_provider"], self.fields["remove_provider"]
        places = [(claim.name, f"On “{claim.column}”") for claim in self.claims]
        places += [(role, label) for role, label in _EVERY.items() if role in roles]
        place: Any = self.fields["place"]
        place.choices = places
        place.initial = next((name for name, _ in places), None)
        if not places:
            del self.fields["place"], self.fields["add_footnote"], self.fields["remove_footnote"]

    def _shared_columns(self) -> list[Column]:
        """Return the columns that the tables of all selected listings have, by key and role."""
        keys = str(self.data.get("selected") or self.initial.get("selected") or "").split(",")
        selected = [key for key in (parse_key(Listing, key) for key in keys) if key is not None]
        sections = Section.objects.filter(listings__in=selected).distinct()
        tables = [list(section.columns.all()) for section in sections.prefetch_related("columns")]
        if not tables:
            return []
        others = [{(column.key, column.role) for column in table} for table in tables[1:]]
        return [
            column
            for column in tables[0]
            if all((column.key, column.role) in table for table in others)
        ]

    def clean(self) -> Any:
        """Read the claims, with an error for each that no cell can hold."""
        cleaned = super().clean()
        for claim in self.claims:
            claim.clean(self)
        return cleaned

    def rows(self, records: Sequence[Tracked]) -> Iterator[tuple[Any, list[Any], str]]:
        """Yield, for each claim: its box, its fields, and the present values as text."""
        for claim in self.claims:
            fields = [self[name] for name in claim.fields()]
            yield fields[0], fields[1:], most_frequent(claim.value(record) for record in records)

    def further_fields(self) -> list[Any]:
        """Return the fields besides those of the claims."""
        claims = {name for claim in self.claims for name in claim.fields()}
        return [field for field in super().further_fields() if field.name not in claims]

    def edit(self, writes: Writes, listing: Listing) -> None:
        """Set the claims, then the providers, then the marks."""
        for claim in self.claims:
            if claim.is_set:
                claim.edit(writes, listing)
        providers = self._edit_providers(writes, listing)
        for name, mark in (("remove_footnote", uncite), ("add_footnote", cite)):
            footnote = self.cleaned_data.get(name)
            if footnote:
                _refuse_foreign(footnote, listing)
                for target in self._targets(listing, providers, adding=mark is cite):
                    mark(writes, footnote, target)

    def _targets(
        self, listing: Listing, providers: list[ListedProvider], *, adding: bool
    ) -> list[Any]:
        """Return what a footnote marks, or is taken from, in a listing."""
        place = self.cleaned_data["place"]
        if place == _PROVIDERS:
            return providers
        if place == _MODELS:
            return list(listing.listed_models.all())
        [claim] = [claim for claim in self.claims if claim.name == place]
        cells = [cell for cell in claim.cells(listing) if not cell.is_blank]
        if adding and not cells:
            raise ValidationError(
                f"It states nothing itself in “{claim.column}”, so no footnote can mark that. "
                "State the claim, or mark the providers."
            )
        return cells

    def _edit_providers(self, writes: Writes, listing: Listing) -> list[ListedProvider]:
        """Add and remove a provider; return the rows of the providers that the listing then has."""
        rows = list(listing.listed_providers.all())
        added = self.cleaned_data.get("add_provider")
        removed = self.cleaned_data.get("remove_provider")
        kept = []
        for row in rows:
            if removed and row.provider_id == removed.pk:
                writes.delete(row)
            else:
                kept.append(row)
        if added and added != removed and added.pk not in [row.provider_id for row in rows]:
            position = next_position(row.position for row in rows)
            kept.append(ListedProvider(listing=listing, provider=added, position=position))
            writes.set(kept[-1])
        if kept != rows:
            follow_providers(
                writes,
                listing,
                former=[row.provider_id for row in rows],
                providers=[row.provider_id for row in kept],
                defaults=self._default_documents,
            )
        return kept

    @cached_property
    def _default_documents(self) -> DefaultDocuments:
        return DefaultDocuments()


@dataclass
class _Claim:
    """The claim of several listings in columns of one key; `column` is one of these."""

    column: Column
    is_set: bool = False
    wanted: tuple[CellValues, ...] = ()
    edited: dict[Any, list[Cell]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"cell_{self.column.key}"

    @property
    def _is_training(self) -> bool:
        return self.column.role == ColumnRole.TRAINING

    def fields(self) -> dict[str, forms.Field]:
        """Return the box and the fields behind it, by name."""
        label = str(self.column)
        box = forms.BooleanField(required=False, label=f"Set “{label}”")
        if self._is_training:
            return {
                f"set_{self.name}": box,
                self.name: forms.ChoiceField(
                    required=False, label=label, choices=training_choices()
                ),
                f"{self.name}_text": LineField(
                    required=False,
                    max_length=lengths.ITEM.most,
                    label=f"{label}: wording",
                    help_text="Empty: the usual wording.",
                ),
            }
        return {
            f"set_{self.name}": box,
            self.name: LineField(
                required=False,
                max_length=MAX_WORDING_LENGTH,
                label=label,
                help_text="The wording, such as 30 days. Empty: as the providers declare.",
            ),
            f"{self.name}_blank": forms.BooleanField(
                required=False, label=f"{label}: print nothing"
            ),
        }

    def clean(self, form: ListingBulkForm) -> None:
        """Read what is set, with an error where no cell can hold it or the box is not ticked."""
        self.is_set = bool(form.cleaned_data.get(f"set_{self.name}"))
        _, *names = self.fields()
        value, further = (form.cleaned_data.get(name) for name in names)
        if not self.is_set:
            if value or further:
                form.refuse_unticked(self.name)
            return
        try:
            if self._is_training:
                wanted = stated_training(self.column, value or "", further or "")
            else:
                terms = NewTerms(form.actor)
                wanted = stated_retention(value or "", is_blank=bool(further), terms=terms)
        except ValidationError as error:
            form.add_error(self.name, error.messages)
            return
        self.wanted = tuple(wanted)

    def cells(self, listing: Listing) -> list[Cell]:
        """Return the cell of a listing as it was edited last, none where the claim is derived."""
        if listing.pk in self.edited:
            return self.edited[listing.pk]
        return [cell for cell in listing.cells.all() if cell.column.key == self.column.key]

    def value(self, listing: Any) -> str:
        """Return what a listing states, in words."""
        cells = self.cells(listing)
        if not cells:
            return "as the providers declare"
        return cells[0].words or "empty on purpose"

    def edit(self, writes: Writes, listing: Listing) -> None:
        """Make a listing state what is wanted; what marks its cell stays."""
        for values in self.wanted:
            if values["term"] is not None:
                save_term(values["term"])
        [column] = [
            column for column in listing.section.columns.all() if column.key == self.column.key
        ]
        cells = plan_cells(writes, listing, column, self.cells(listing), self.wanted)
        self.edited[listing.pk] = cells


def _refuse_foreign(note: Footnote, listing: Listing) -> None:
    if note.register_id != listing.register_id:
        raise ValidationError(
            f"Footnote {note.position} is one of {note.register}, not of {listing.register}."
        )
