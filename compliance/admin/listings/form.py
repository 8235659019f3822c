"""The form of a listing: the fields of its cells, in the order of the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects

from compliance.admin.components.lines import TypedLine, numbers_text
from compliance.admin.conflicts.values import carry_opened_values
from compliance.admin.listings.cell_fields import CellFields
from compliance.admin.listings.cells import FIELDS_OF_ROLE, ProvidersFields
from compliance.admin.listings.claims import CellValues, NewTerms, save_term
from compliance.admin.listings.new_records import NewFootnote, NewRecords
from compliance.admin.listings.rows import ListingRows, as_lines
from compliance.admin.tracked import TrackedForm
from compliance.models import Cell, Column, Footnote, Listing, Provider, Section
from compliance.models.listings import cell_text
from compliance.models.positions import next_position
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.rows import plan_cells
from compliance.workingcopy.writes import Writes


def like_values(listing: Listing) -> dict[str, Any]:
    """Return the initial values of a new row with the providers and claims of another.

    Footnotes are left out: they are about that row.
    """
    rows = ListingRows(listing)
    values: dict[str, Any] = {}
    for column in listing.section.columns.all():
        name, role = f"cell_{column.key}", ColumnRole(column.role)
        if role is ColumnRole.PROVIDERS:
            lines = [TypedLine(str(row.provider), (), row.text) for row in rows.providers]
            values[name] = as_lines(lines)
        elif role.is_claim:
            fields = FIELDS_OF_ROLE[role](_Rows(rows), column)
            for key, value in fields.initial().items():
                if key not in ("footnotes", "follow"):
                    values[fields.field_name(key)] = value
    return values


@dataclass(frozen=True)
class _Rows:
    """What the fields of a cell need to tell its initial values."""

    rows: ListingRows


class ListingForm(TrackedForm):
    """One row of the page as a whole: the listing lists and states exactly what is typed.

    Which fields it has depends on the section, so that has to be known before the form is shown.
    """

    actor: Any = None

    class Meta:
        model = Listing
        fields = ["section", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        self.section: Section | None
        if is_new:
            self.section = self._named_section()
            if self.section:
                self.instance.section = self.section
        else:
            self.section = self.instance.section
        if self.section:
            # Each cell, the documents and the name of the listing ask for the columns.
            prefetch_related_objects([self.section], "columns")
        self.notes: dict[int, Footnote] = {}
        self.new_terms = NewTerms(self.actor)
        self.rows = ListingRows(self.instance)
        self.cells = self._cell_fields()
        self.new_records = NewRecords(self)
        for cell in self.cells:
            for name, field in cell.fields().items():
                self.fields[cell.field_name(name)] = field
            for name, value in cell.initial().items():
                self.initial.setdefault(cell.field_name(name), value)
        if "section" in self.fields:
            self.fields["section"].widget = forms.HiddenInput()
        if "position" in self.fields:
            self.fields["position"].required = False
            if is_new:
                self.initial["position"] = None
                self.fields["position"].help_text = "Leave it empty to put the row at the end."
        if not is_new:
            carry_opened_values(self)

    def _named_section(self) -> Any:
        """Return the section that the form of a new listing names, None where it names none."""
        named = self.data.get("section") if self.is_bound else self.initial.get("section")
        try:
            key = UUID(str(named))
        except ValueError:
            return None
        return Section.objects.select_related("register").filter(pk=key).first()

    def _cell_fields(self) -> list[CellFields]:
        if self.section is None:
            return []
        columns = self.section.columns.all()
        return [FIELDS_OF_ROLE[ColumnRole(column.role)](self, column) for column in columns]

    @cached_property
    def register_notes(self) -> list[Footnote]:
        """The stored footnotes of the register, by number."""
        if self.section is None:
            return []
        return list(Footnote.objects.filter(register=self.section.register_id))

    def clean(self) -> Any:
        """Find the records that the cells name, with an error for each line that names none."""
        cleaned = super().clean()
        if self.section is None:
            self.add_error(None, "The form does not say in which table the row stands.")
            return cleaned
        if not self.cells:
            self.add_error(None, "The section has no table. Add columns to it first.")
        self._place_at_end()
        # By number, because that is what people type; the form refuses a number twice.
        self.notes = {note.position: note for note in self.register_notes}
        # Last the documents: they are first looked for among those of the providers.
        for cell in sorted(self.cells, key=lambda cell: cell.column.role == ColumnRole.DOCUMENTS):
            cell.clean()
        self._refuse_lost_cells()
        return cleaned

    def _place_at_end(self) -> None:
        if self.cleaned_data.get("position") is None and "position" not in self.errors:
            present = Listing.objects.filter(section=self.section)
            positions = present.values_list("position", flat=True)
            self.cleaned_data["position"] = next_position(positions)

    def _refuse_lost_cells(self) -> None:
        """Refuse what was typed into columns that were removed after the form was opened."""
        for name in self.data:
            if not name.startswith("cell_") or name in self.fields:
                continue
            opened = self.data.get(f"initial-{name}", "").strip()
            typed = self.data[name].strip()
            is_box = typed == "on"
            if typed != opened and not is_box:
                self.add_error(
                    None,
                    "A column was removed after you opened the form, so nothing was saved. "
                    f"You typed there: {typed or 'nothing'}. Open the form anew.",
                )

    @property
    def further_forms(self) -> list[tuple[str, forms.Form]]:
        """The forms of what the row names and nobody has added yet, with their headings."""
        return [(form.heading, form) for form in self.new_records]

    # For the fields of the cells

    def typed_providers(self) -> list[Provider]:
        """Return the typed providers, unsaved where they are new; in a table without any, none."""
        for cell in self.cells:
            if isinstance(cell, ProvidersFields):
                wanted = getattr(cell, "wanted", [])
                return list({row.target.name: row.target for row in wanted}.values())
        return []

    def provider_keys(self) -> list[int]:
        """Return the keys of the typed providers that are stored."""
        return [provider.pk for provider in self.typed_providers() if provider.pk]

    def check_numbers(self, numbers: Iterable[int], name: str = "") -> list[str]:
        """Return a sentence for each footnote number that the register lacks, and ask for its text.

        What was described is among the notes from then on.
        """
        faults = []
        for number in numbers:
            if number in self.notes:
                continue
            try:
                self.notes[number] = self.new_records.find(
                    NewFootnote, str(number), named=(), hint=self._known_numbers()
                )
            except ValidationError as error:
                faults += [f"{name}: {fault}" if name else fault for fault in error.messages]
        return faults

    def _known_numbers(self) -> str:
        if not self.notes:
            return ""
        return f" The numbers in this register are {numbers_text(list(self.notes))}."

    def check_text(self, text: str) -> None:
        """Raise ValidationError for a text that no cell can hold."""
        cell = Cell(text=text)
        faults = []
        try:
            cell.clean_fields(exclude=["listing", "column"])
            cell_text(text)
        except ValidationError as error:
            faults = error.messages
        if faults:
            raise ValidationError([f"{text}: {fault}" for fault in faults])

    def write_cells(self, column: Column, wanted: Sequence[CellValues]) -> list[Cell]:
        """Make the cells in a column state what is wanted, and return them in order."""
        for values in wanted:
            if values["term"] is not None:
                save_term(values["term"])
        writes = Writes()
        cells = plan_cells(writes, self.instance, column, self.rows.cells(column), wanted)
        writes.write()
        return cells

    # After the listing itself was saved

    def save_cells(self) -> list[str]:
        """Make the cells and marks what was typed.

        Returns a sentence for each cell of which rows were added, retired or replaced.
        """
        self.new_records.save()
        return [sentence for cell in self.cells if (sentence := cell.save())]

    def doubts(self) -> list[str]:
        """Return a sentence for everything that was saved as typed but is probably a mistake."""
        return [sentence for cell in self.cells for sentence in cell.doubts()]
