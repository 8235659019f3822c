"""What the form fields of every cell of a listing have in common.

The field of a column is named after its key. As a key has no underscore, `cell_retention_blank` is
never the field of another column.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from compliance.admin.listings.derived import DerivedClaim
from compliance.admin.listings.rows import ListingRows
from compliance.models import Column
from compliance.workingcopy.citations import set_citations

_LABELS = {
    "which": "Which documents",
    "text": "Wording",
    "blank": "Print nothing here",
    "footnotes": "Footnotes",
    "follow": "Use the providers’",
}


class CellFields:
    """The form fields of a listing's cell in one column, and what is read from and written by them.

    `form` is the ListingForm. Names of fields are relative: "" is the main one, which `main_label`
    is for.
    """

    main_label = ""
    is_claim = False

    def __init__(self, form: Any, column: Column) -> None:
        self.form, self.column = form, column
        self.name = f"cell_{column.key}"
        self.rows: ListingRows = form.rows

    def fields(self) -> dict[str, forms.Field]:
        """Return the fields by their relative names."""
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        """Return the initial values by the relative names of the fields."""
        raise NotImplementedError

    def clean(self) -> None:
        """Find what was typed, with an error on the form for everything that cannot be."""
        raise NotImplementedError

    def save(self) -> str:
        """Make the cell what was typed; return a sentence on what changed, or an empty text."""
        raise NotImplementedError

    def doubts(self) -> Iterator[str]:
        """Yield a sentence for everything that was saved as typed but is probably a mistake."""
        yield from ()

    # For templates

    @property
    def bound_fields(self) -> list[tuple[str, Any]]:
        """The fields on the form, each with its label below the heading of the column."""
        labels = {"": self.main_label, **_LABELS}
        return [(labels[name], self.form[self.field_name(name)]) for name in self.fields()]

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong with what was typed."""
        return any(self.form[self.field_name(name)].errors for name in self.fields())

    @property
    def lines(self) -> list[str]:
        """The cell for people who may not edit it: what it states, a line for each item."""
        return []

    @property
    def derived(self) -> DerivedClaim | None:
        """What the cell would be if it stated nothing, for a claim."""
        return None

    @property
    def meaning(self) -> str:
        """What the stated claim means in words, empty where there is none."""
        return ""

    @property
    def is_stated(self) -> bool:
        return bool(self.lines)

    # For subclasses

    def field_name(self, name: str) -> str:
        return f"{self.name}_{name}" if name else self.name

    def label(self, what: str = "") -> str:
        """Return the label of a field: that of the column, and what the field is about."""
        return f"{self.column}: {what}" if what else str(self.column)

    def typed(self, name: str = "", default: Any = None) -> Any:
        """Return the cleaned value of a field, the default where it has an error."""
        return self.form.cleaned_data.get(self.field_name(name), default)

    def refuse(self, faults: str | Sequence[str], name: str = "") -> None:
        if faults:
            self.form.add_error(self.field_name(name), faults)

    def set_marks(self, row: Any, numbers: Sequence[int]) -> None:
        set_citations(row, [self.form.notes[number] for number in numbers])
