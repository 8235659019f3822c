"""The form fields of a listing's cells: those of each column follow its role."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from compliance.admin.components.lines import LinesField, TypedLine
from compliance.admin.components.links import address_of
from compliance.admin.listings.cell_fields import CellFields
from compliance.admin.listings.claim_fields import RetentionFields, TrainingFields
from compliance.admin.listings.claims import (
    BLANK,
    DEFAULT,
    CellValues,
)
from compliance.admin.listings.finders import (
    DocumentFinder,
    ModelFinder,
    ProviderFinder,
    did_you_mean,
)
from compliance.admin.listings.new_records import NewDocument, NewProvider
from compliance.admin.listings.rows import as_lines, cited_numbers
from compliance.models import AIModel, ListedDocument, ListedModel, ListedProvider
from compliance.page import inline
from compliance.page.diff.sentences import FEW
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.documents import DefaultDocuments
from compliance.workingcopy.rows import RowChanges, sync_rows

_MARKS_HELP = "Footnotes go in square brackets at the end"


@dataclass(frozen=True)
class _WantedRow:
    """A row as it was typed: what it lists, the numbers of its footnotes, and its printed text."""

    target: Any
    line: TypedLine


class _LinesFields(CellFields):
    """Fields of a cell whose items are lines of text."""

    help_text = ""
    with_texts = False
    takes_lone_numbers = True
    line_count = 4

    def fields(self) -> dict[str, forms.Field]:
        return {
            "": LinesField(
                label=self.label(),
                rows=self.line_count,
                with_texts=self.with_texts,
                takes_lone_numbers=self.takes_lone_numbers,
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
            # Also of a name that is new, so that all that is lacking is asked for at once.
            faults += self.form.check_numbers(line.numbers, line.name)
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
            yield f"The row has no {self.kind}. Add one, or delete the row."
        for name, count in names.items():
            if count > 1:
                yield (
                    f"The row names the {self.kind} {name} more than once. "
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
        return ModelFinder(self.form.actor, {line.name for line in self.typed(default=())}).find

    def save(self) -> str:
        # The finder does not save new models, so that an invalid form writes none.
        new = {row.target.name: row.target for row in self.wanted if row.target._state.adding}
        # Comparing takes time for each name, and a long list is no slip.
        is_compared = 0 < len(new) <= FEW
        known = list(AIModel.objects.values_list("name", flat=True)) if is_compared else []
        self._added = {name: did_you_mean(name, known) for name in new}
        for model in new.values():
            model.save()
        return super().save()

    def doubts(self) -> Iterator[str]:
        """Name the models that the row adds to the register's models: each may be a slip."""
        for name, hint in self._added.items():
            yield f"This adds a new model, {name}.{hint}"
        yield from super().doubts()


class ProvidersFields(_PartiesFields):
    main_label = "Providers"
    kind, row_class, line_count = "provider", ListedProvider, 5
    help_text = (
        "One a line, in order; each must exist, because each receives the prompts of every model "
        f"of the row. {_MARKS_HELP}: OpenAI [1, 3]. Where the page prints another text, "
        "such as one with links, it goes after a bar: Azure | [Azure](https://…), EU only."
    )

    @property
    def lines(self) -> list[str]:
        return self.rows.provider_lines().splitlines()

    @property
    def record_links(self) -> list[tuple[str, str]]:
        """The stored providers with the addresses of their own forms."""
        return [(str(row), address_of(row.provider)) for row in self.rows.providers]

    def present(self) -> list[Any]:
        return self.rows.providers

    def finder(self) -> Callable[[TypedLine], Any]:
        named = {line.name for line in self.typed(default=())}

        def find_new(name: str, hint: str) -> Any:
            return self.form.new_records.find(NewProvider, name, named=named, hint=hint)

        return ProviderFinder(named, find_new).find


_OF_PROVIDERS, _EXACTLY, _NONE = "", "stated", "none"


class DocumentsFields(_LinesFields):
    """Which documents a listing prints: those of its providers, exactly these, or none."""

    main_label = "Documents"
    line_count = 5
    help_text = (
        "Counts only where “Exactly those below” is chosen: one label a line, in order. "
        f"{_MARKS_HELP}: Acme FAQ [2]. Where two documents have one label, the address stands "
        "after it: Privacy Policy <https://…>. If you take out a provider, its documents leave "
        "too. A row that names just those of its providers follows them from then on."
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
            self.wanted = self._stated()
        elif self._is_edited() and not self._is_edited("which"):
            self.refuse(
                "The documents were edited, but “Exactly those below” is not chosen above them."
            )

    def _stated(self) -> list[_WantedRow]:
        """Return the documents that the listing states, none where they follow from its providers.

        Where nobody edited them, those of a provider that leaves the listing leave with it.
        """
        providers = self.form.provider_keys()
        left = {row.provider_id for row in self.rows.providers}.difference(providers)
        wanted = self.read_lines(self._finder({*providers, *left}).find)
        if not wanted and self.name not in self.form.errors:
            self.refuse("No document is named. Name one, or choose “None” above.")
        if not self._is_edited():
            wanted = [row for row in wanted if row.target.provider_id not in left]
        is_marked = any(row.line.numbers for row in wanted)
        documents = [row.target for row in wanted]
        if not is_marked and documents == DefaultDocuments(providers).of(providers):
            return []
        return wanted

    def _finder(self, providers: set[int]) -> DocumentFinder:
        named = {line.name for line in self.typed(default=())}
        records = self.form.new_records

        def find_new(name: str, hint: str) -> Any:
            return records.find(NewDocument, name, named=named, hint=hint)

        of_new = (provider.new_document for provider in records.records(NewProvider))
        return DocumentFinder(providers, filter(None, of_new), find_new)

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
        were_stated, were_blank = self.rows.documents, self.rows.cells(self.column)
        self.form.write_cells(self.column, blank)
        if blank:
            return "" if were_blank else "The row prints no documents any more."
        if self.wanted and not were_stated and not were_blank:
            return self._stated_sentence()
        if not self.wanted and (were_stated or were_blank):
            return "The row follows its providers’ documents again."
        return change_sentence("Documents", changes)

    def _stated_sentence(self) -> str:
        """Return how the documents that the listing states now differ from its providers'."""
        stated = [row.target for row in self.wanted]
        providers = self.form.provider_keys()
        derived = DefaultDocuments(providers).of(providers)
        without = [str(document) for document in derived if document not in stated]
        more = [str(document) for document in stated if document not in derived]
        parts = ["The row states its own documents"]
        if without:
            parts.append(f"without {', '.join(without)}")
        if more:
            parts.append(f"with {', '.join(more)}")
        return f"{', '.join(parts)}."


class TextFields(_LinesFields):
    """The items of a text or place column."""

    line_count = 2
    # A line such as "1. Juli 2026" is a day.
    takes_lone_numbers = False
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
