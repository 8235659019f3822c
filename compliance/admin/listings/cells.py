"""The form fields of a listing's cells: those of each column follow its role.

The field of a column is named after its key. As a key has no underscore, `cell_retention_blank` is
never the field of another column.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from compliance.admin.components.lines import LinesField, NumbersField, TypedLine, numbers_text
from compliance.admin.listings.claims import (
    BLANK,
    BLANK_CHOICE,
    DEFAULT,
    CellValues,
    stated_retention,
    stated_training,
    training_choices,
)
from compliance.admin.listings.derived import DerivedClaim, derived_claim, use_meaning
from compliance.admin.listings.finders import DocumentFinder, ModelFinder, ProviderFinder
from compliance.admin.listings.rows import ListingRows, as_lines, cited_numbers
from compliance.models import Cell, Column, ListedDocument, ListedModel, ListedProvider
from compliance.page import inline
from compliance.page.retention import MAX_WORDING_LENGTH, describe_clauses
from compliance.page.training import training_text
from compliance.page.vocabulary import ColumnRole, TrainingUse
from compliance.workingcopy.citations import set_citations
from compliance.workingcopy.derived import term_in
from compliance.workingcopy.rows import RowChanges, sync_rows

_LABELS = {
    "which": "Which documents",
    "text": "Wording",
    "blank": "Print nothing here",
    "footnotes": "Footnotes",
}
_MARKS_HELP = "Footnotes go in square brackets at the end"


@dataclass(frozen=True)
class _WantedRow:
    """A row as it was typed: what it lists, the numbers of its footnotes, and its printed text."""

    target: Any
    line: TypedLine


class CellFields:
    """The form fields of a listing's cell in one column, and what is read from and written by them.

    `form` is the ListingForm. Names of fields are relative: "" is the main one, which `main_label`
    is for.
    """

    main_label = ""

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


class _LinesFields(CellFields):
    """Fields of a cell whose items are lines of text."""

    help_text = ""
    with_texts = False
    line_count = 4

    def fields(self) -> dict[str, forms.Field]:
        return {
            "": LinesField(
                label=self.label(),
                rows=self.line_count,
                with_texts=self.with_texts,
                help_text=self.help_text,
            )
        }

    def initial(self) -> dict[str, Any]:
        return {"": "\n".join(self.lines)}

    def read_lines(self, find: Callable[[TypedLine], Any]) -> list[_WantedRow]:
        """Return what the lines name, with an error for each line that names nothing."""
        wanted: list[_WantedRow] = []
        faults: list[str] = []
        for line in self.typed(default=()):
            try:
                wanted.append(_WantedRow(find(line), line))
            except ValidationError as error:
                faults += error.messages
                continue
            if fault := self.form.unknown_numbers(line.numbers, line.name):
                faults.append(fault)
        self.refuse(faults)
        return wanted


class _PartiesFields(_LinesFields):
    """Fields of the models or the providers of a listing."""

    kind = ""
    row_class: Any = None
    with_texts = True

    def present(self) -> list[Any]:
        """Return the stored rows."""
        raise NotImplementedError

    def finder(self) -> Callable[[TypedLine], Any]:
        raise NotImplementedError

    def clean(self) -> None:
        find = self.finder()

        def find_printed(line: TypedLine) -> Any:
            row = self.row_class(text=line.text or "")
            row.clean()
            return find(line)

        self.wanted = self.read_lines(find_printed)

    def save(self) -> str:
        rows, changes = sync_rows(
            self.row_class,
            self.form.instance,
            self.present(),
            [row.target for row in self.wanted],
            values=[{"text": inline.normal(row.line.text or "")} for row in self.wanted],
        )
        for row, wanted in zip(rows, self.wanted, strict=True):
            self.set_marks(row, wanted.line.numbers)
        return change_sentence(f"{capfirst(self.kind)}s", changes)

    def doubts(self) -> Iterator[str]:
        names = Counter(str(row.target) for row in self.wanted)
        if not names:
            yield f"The listing has no {self.kind}. Add one, or delete the listing."
        for name, count in names.items():
            if count > 1:
                yield (
                    f"The listing names the {self.kind} {name} more than once. "
                    "Delete all but one line of it."
                )


class ModelsFields(_PartiesFields):
    main_label = "Models"
    kind, row_class, line_count = "model", ListedModel, 12
    help_text = (
        "One a line, in the order of the page. Add a line to add a model, "
        "delete a line to retire it, write over a line to replace it. "
        f"{_MARKS_HELP}: GPT 5 chat [4]. "
        "Where the page prints another text, it goes after a bar: GPT 5 | GPT 5 (preview)."
    )

    @property
    def lines(self) -> list[str]:
        return self.rows.model_lines().splitlines()

    def present(self) -> list[Any]:
        return self.rows.models

    def finder(self) -> Callable[[TypedLine], Any]:
        return ModelFinder(self.form.actor).find

    def save(self) -> str:
        for row in self.wanted:
            # The finder does not save new models, so that an invalid form writes none.
            if row.target._state.adding:
                row.target.save()
        return super().save()


class ProvidersFields(_PartiesFields):
    main_label = "Providers"
    kind, row_class, line_count = "provider", ListedProvider, 5
    help_text = (
        "One a line, in order; each must exist, because each receives the prompts of every model "
        f"of the listing. {_MARKS_HELP}: OpenAI [1, 3]. Where the page prints another text, "
        "such as one with links, it goes after a bar: Azure | [Azure](https://…), EU only."
    )

    @property
    def lines(self) -> list[str]:
        return self.rows.provider_lines().splitlines()

    def present(self) -> list[Any]:
        return self.rows.providers

    def finder(self) -> Callable[[TypedLine], Any]:
        return ProviderFinder().find


_OF_PROVIDERS, _EXACTLY, _NONE = "", "stated", "none"


class DocumentsFields(_LinesFields):
    """Which documents a listing prints: those of its providers, exactly these, or none."""

    main_label = "Documents"
    line_count = 5
    help_text = (
        "Counts only where “Exactly those below” is chosen: one label a line, in order. "
        f"{_MARKS_HELP}: Acme FAQ [2]. Where two documents have one label, the address stands "
        "after it: Privacy Policy <https://…>."
    )

    def fields(self) -> dict[str, forms.Field]:
        choice = forms.ChoiceField(
            label=self.label("which"),
            required=False,
            choices=[
                (_OF_PROVIDERS, "Those of its providers"),
                (_EXACTLY, "Exactly those below"),
                (_NONE, "None"),
            ],
        )
        return {"which": choice, **super().fields()}

    def initial(self) -> dict[str, Any]:
        which = _OF_PROVIDERS
        if self.rows.documents:
            which = _EXACTLY
        elif self.rows.cells(self.column):
            which = _NONE
        return {"which": which, **super().initial()}

    @property
    def lines(self) -> list[str]:
        return self.rows.document_lines().splitlines()

    @property
    def is_stated(self) -> bool:
        return bool(self.rows.documents or self.rows.cells(self.column))

    def clean(self) -> None:
        # Otherwise the field only shows the documents of the providers; none is stored.
        self.wanted: list[_WantedRow] = []
        which = self.typed("which")
        if which == _EXACTLY:
            self.wanted = self.read_lines(DocumentFinder(self.form.provider_keys()).find)
            if not self.wanted and self.name not in self.form.errors:
                self.refuse("No document is named. Name one, or choose “None” above.")
        elif self._is_edited() and not self._is_edited("which"):
            self.refuse(
                "The documents were edited, but “Exactly those below” is not chosen above them."
            )

    def _is_edited(self, name: str = "") -> bool:
        return self.field_name(name) in self.form.changed_data

    def save(self) -> str:
        rows, changes = sync_rows(
            ListedDocument,
            self.form.instance,
            self.rows.documents,
            [row.target for row in self.wanted],
        )
        for row, wanted in zip(rows, self.wanted, strict=True):
            self.set_marks(row, wanted.line.numbers)
        blank = [BLANK] if self.typed("which") == _NONE else []
        self.form.write_cells(self.column, blank)
        return change_sentence("Documents", changes)


class TextFields(_LinesFields):
    """The items of a text or place column."""

    line_count = 2
    main_label = "Entries"
    help_text = (
        f"One entry a line, as Markdown with links. {_MARKS_HELP}: Frankfurt, Germany [2]. "
        "Empty: the page prints nothing."
    )

    @property
    def lines(self) -> list[str]:
        cells = self.rows.cells(self.column)
        return as_lines(TypedLine(cell.text, cited_numbers(cell)) for cell in cells).splitlines()

    def clean(self) -> None:
        self.wanted = self.read_lines(self._values)

    def _values(self, line: TypedLine) -> CellValues:
        self.form.check_text(line.name)
        return {**DEFAULT, "text": inline.normal(line.name)}

    def save(self) -> str:
        cells = self.form.write_cells(self.column, [row.target for row in self.wanted])
        for cell, wanted in zip(cells, self.wanted, strict=True):
            self.set_marks(cell, wanted.line.numbers)
        return ""


class ClaimFields(CellFields):
    """What a listing claims in a training or retention column, if it does not leave it derived."""

    wanted: list[CellValues]

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

    def marks_field(self) -> NumbersField:
        return NumbersField(label=self.label("footnotes"), help_text="Numbers: 1, 3.")

    def clean_marks(self) -> None:
        """Refuse footnotes that do not exist, and footnotes on a claim that states nothing."""
        numbers = self.typed("footnotes", ())
        self.refuse(self.form.unknown_numbers(numbers), "footnotes")
        states_words = any(not values["is_blank"] for values in self.wanted)
        if numbers and not states_words and not self.form.errors:
            self.refuse(
                "Only a claim that the listing states itself has footnotes of its own. "
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
            "text": forms.CharField(
                label=self.label("wording"),
                required=False,
                max_length=5000,
                help_text="As Markdown in one line. Empty: the usual wording of what is chosen "
                "above. A usual wording, such as No, need not be chosen above as well.",
            ),
            "footnotes": self.marks_field(),
        }

    def initial(self) -> dict[str, Any]:
        cell = self.cell
        if cell is None:
            return {"": "", "text": "", "footnotes": ""}
        return {
            "": BLANK_CHOICE if cell.is_blank else cell.use,
            "text": cell.text,
            "footnotes": numbers_text(cited_numbers(cell)),
        }

    def clean(self) -> None:
        self.wanted = []
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
            "": forms.CharField(
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
        }

    def initial(self) -> dict[str, Any]:
        cell = self.cell
        if cell is None:
            return {"": "", "blank": False, "footnotes": ""}
        return {
            "": "" if cell.is_blank else self._printed(cell),
            "blank": cell.is_blank,
            "footnotes": numbers_text(cited_numbers(cell)),
        }

    def clean(self) -> None:
        self.wanted = []
        try:
            self.wanted = stated_retention(
                self.typed() or "", is_blank=bool(self.typed("blank")), actor=self.form.actor
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
        term = term_in(self.column.to_snapshot(), cell.term.to_snapshot())
        return describe_clauses(term.clauses)


FIELDS_OF_ROLE: dict[ColumnRole, type[CellFields]] = {
    ColumnRole.MODELS: ModelsFields,
    ColumnRole.PROVIDERS: ProvidersFields,
    ColumnRole.DOCUMENTS: DocumentsFields,
    ColumnRole.TRAINING: TrainingFields,
    ColumnRole.RETENTION: RetentionFields,
    ColumnRole.PLACES: TextFields,
    ColumnRole.TEXT: TextFields,
}


def change_sentence(kind: str, changes: RowChanges) -> str:
    """Return what happened to the rows of one kind as a sentence, empty where nothing did."""
    replaced = [f"{old} by {new}" for old, new in changes.replaced]
    parts = []
    for verb, names in (
        ("added", changes.added),
        ("retired", changes.retired),
        ("replaced", replaced),
    ):
        if names:
            parts.append(f"{verb} {', '.join(names)}")
    return f"{kind}: {'; '.join(parts)}." if parts else ""
