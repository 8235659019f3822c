"""The form fields of the claims of a listing."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from compliance.admin.components.fields import LineField
from compliance.admin.components.lines import NumbersField, TypedLine, numbers_text
from compliance.admin.listings.cell_fields import CellFields
from compliance.admin.listings.claims import (
    BLANK_CHOICE,
    CellValues,
    stated_retention,
    stated_training,
    training_choices,
)
from compliance.admin.listings.derived import (
    DerivedClaim,
    derived_claim,
    retention_meaning,
    use_meaning,
)
from compliance.admin.listings.rows import cited_numbers
from compliance.models import Cell
from compliance.page import inline, lengths
from compliance.page.derived import term_in
from compliance.page.training import training_text
from compliance.page.vocabulary import TrainingUse
from compliance.page.wording import MAX_WORDING_LENGTH


class ClaimFields(CellFields):
    """What a listing claims in a training or retention column, if it does not leave it derived."""

    wanted: list[CellValues]
    is_claim = True

    @property
    def cell(self) -> Cell | None:
        """The stored cell, None where the claim is derived."""
        return next(iter(self.rows.cells(self.column)), None)

    @property
    def lines(self) -> list[str]:
        cell = self.cell
        if cell is None:
            return []
        words = "Nothing: the cell is empty" if cell.is_blank else self._printed(cell)
        return [str(TypedLine(words, cited_numbers(cell)))]

    @property
    def derived(self) -> DerivedClaim | None:
        # A new listing has no providers yet that could declare something.
        if self.form.instance._state.adding:
            return None
        return derived_claim(self.column.to_snapshot(), self.rows)

    def follow_fields(self) -> dict[str, forms.Field]:
        """Return the box that takes back what the row says itself, where it says something."""
        if self.cell is None:
            return {}
        return {"follow": forms.BooleanField(label=self.label("follow"), required=False)}

    @property
    def follows_again(self) -> bool:
        """Whether the box is ticked that takes back what the row says itself."""
        return bool(self.typed("follow"))

    @property
    def is_open(self) -> bool:
        """Whether the fields are shown at once: they have errors, or say something in a new row."""
        if self.has_errors or not self.form.instance._state.adding:
            return self.has_errors
        return any(field.value() for _, field in self.bound_fields)

    @property
    def follow_box(self) -> Any:
        """The box on the form, None where the row says nothing itself."""
        return self.form[self.field_name("follow")] if self.cell else None

    def marks_field(self) -> NumbersField:
        return NumbersField(label=self.label("footnotes"), help_text="Numbers: 1, 3.")

    def clean_marks(self) -> None:
        """Refuse footnotes that do not exist, and footnotes on a claim that states nothing."""
        numbers = self.typed("footnotes", ())
        self.refuse(self.form.check_numbers(numbers), "footnotes")
        states_words = any(not values["is_blank"] for values in self.wanted)
        if numbers and not states_words and not self.form.errors:
            self.refuse(
                "Only a claim that the row states itself has footnotes of its own. "
                "State the claim, or mark the provider.",
                "footnotes",
            )

    def save(self) -> str:
        for cell in self.form.write_cells(self.column, self.wanted):
            self.set_marks(cell, self.typed("footnotes", ()))
        return ""

    def _printed(self, cell: Cell) -> str:
        raise NotImplementedError


class TrainingFields(ClaimFields):
    """A training claim: the use, and how the page words it."""

    main_label = "Training use"

    def fields(self) -> dict[str, forms.Field]:
        return {
            "": forms.ChoiceField(label=self.label(), required=False, choices=training_choices()),
            "text": LineField(
                label=self.label("wording"),
                required=False,
                max_length=lengths.ITEM.most,
                help_text="As Markdown in one line. Empty: the usual wording of what is chosen "
                "above. A usual wording, such as No, need not be chosen above as well.",
            ),
            "footnotes": self.marks_field(),
            **self.follow_fields(),
        }

    def initial(self) -> dict[str, Any]:
        cell = self.cell
        if cell is None:
            return {"": "", "text": "", "footnotes": ""}
        return {
            "": BLANK_CHOICE if cell.is_blank else cell.use,
            "text": cell.text,
            "footnotes": numbers_text(cited_numbers(cell)),
            "follow": False,
        }

    def clean(self) -> None:
        self.wanted = []
        if self.follows_again:
            return
        text = self.typed("text") or ""
        try:
            if text:
                self.form.check_text(text)
            self.wanted = stated_training(self.column, self.typed() or "", text)
        except ValidationError as error:
            self.refuse(error.messages, "text")
        self.clean_marks()

    def _printed(self, cell: Cell) -> str:
        use = TrainingUse(cell.use)
        return cell.text or training_text(use, asks=self.column.to_snapshot().asks)

    @property
    def meaning(self) -> str:
        cell = self.cell
        return use_meaning(TrainingUse(cell.use)) if cell and cell.use else ""


class RetentionFields(ClaimFields):
    """A retention claim: the wording, which is that of a retention term."""

    main_label = "Retention"

    def fields(self) -> dict[str, forms.Field]:
        widget = forms.TextInput(attrs={"list": "retention-wordings", "size": 60})
        return {
            "": LineField(
                label=self.label(),
                required=False,
                max_length=MAX_WORDING_LENGTH,
                widget=widget,
                help_text="As the page prints it, such as 30 days; Markdown in one line. A new "
                "wording becomes a retention term whose clauses are read from it. "
                "Empty: as the providers declare.",
            ),
            "blank": forms.BooleanField(
                label=self.label("print nothing here"),
                required=False,
                help_text="The cell stays empty, which counts as not stated.",
            ),
            "footnotes": self.marks_field(),
            **self.follow_fields(),
        }

    def initial(self) -> dict[str, Any]:
        cell = self.cell
        if cell is None:
            return {"": "", "blank": False, "footnotes": ""}
        return {
            "": "" if cell.is_blank else self._printed(cell),
            "blank": cell.is_blank,
            "footnotes": numbers_text(cited_numbers(cell)),
            "follow": False,
        }

    def clean(self) -> None:
        self.wanted = []
        if self.follows_again:
            return
        try:
            self.wanted = stated_retention(
                self.typed() or "",
                is_blank=bool(self.typed("blank")),
                terms=self.form.new_terms,
            )
        except ValidationError as error:
            self.refuse(error.messages)
        self.clean_marks()

    def doubts(self) -> Iterator[str]:
        for values in self.wanted:
            term = values["term"]
            if term is None:
                continue
            clauses = term_in(self.column.to_snapshot(), term.to_snapshot()).clauses
            if any(clause.kind == "unknown" for clause in clauses):
                yield (
                    f"“{term}” was not understood wholly. "
                    "Open the retention term and say in clauses what it means."
                )

    def _printed(self, cell: Cell) -> str:
        return cell.text or inline.escape(cell.term.wording)  # type: ignore[union-attr]

    @property
    def meaning(self) -> str:
        cell = self.cell
        if cell is None or cell.term is None:
            return ""
        column = self.column.to_snapshot()
        return retention_meaning(column, term_in(column, cell.term.to_snapshot()).clauses)
