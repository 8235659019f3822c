"""Lists that are edited as text: each line is a name with footnote numbers, `GPT 5 chat [4]`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from compliance.admin.components.pasted import read_pasted, tab_fault
from compliance.page import inline, lengths
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.text import composed

_MARKS = re.compile(r"\s*\[([0-9\s,]{0,200})\]\Z")
# Between a name and the text that the page prints for it. Printed texts are Markdown, in which a
# bar is written `\|`, so the last separator of a line is the one that is meant.
_SEPARATOR = " | "


@dataclass(frozen=True)
class TypedLine:
    """One line: a name or text, its footnote numbers, and what the page prints for a name.

    `text` is empty where the page prints the name itself, and None in lists without printed texts.
    """

    name: str
    numbers: tuple[int, ...] = ()
    text: str | None = None

    def __str__(self) -> str:
        """Return the line as text, so that `read_lines` returns an equal line."""
        line = self.name
        if self.text:
            line += f"{_SEPARATOR}{self.text}"
        elif self.text is not None and _SEPARATOR in self.name:
            line += f"{_SEPARATOR}{inline.escape(self.name)}"
        if self.numbers or line.endswith("]"):
            line += f" [{numbers_text(self.numbers)}]"
        return line


def read_lines(text: str, *, with_texts: bool = False) -> list[TypedLine]:
    """Return the lines of a text without blank lines.

    Footnote numbers stand at the end of a line in square brackets. `with_texts` also reads what the
    page prints for the name, after a bar: `GPT 5 | GPT 5 (preview)`. Raises ValidationError with a
    sentence for each line without a name, or with something else than numbers in its brackets.
    """
    found, faults = [], []
    for raw in composed(text).splitlines():
        if line := raw.strip():
            try:
                found.append(_read_line(line, with_texts=with_texts))
            except ValueError as error:
                faults.append(str(error))
    if faults:
        raise ValidationError(faults)
    return found


def _read_line(raw: str, *, with_texts: bool) -> TypedLine:
    line = raw
    numbers: tuple[int, ...] = ()
    if match := _MARKS.search(line):
        numbers = read_numbers(match[1])
        line = line[: match.start()]
    elif line.endswith("]"):
        raise ValueError(
            f"{line} does not end in footnote numbers. Write them as [1, 3], "
            f"or {line} [] if the name ends like that."
        )
    if not line:
        raise ValueError(
            f"{raw} has no name. Write one before the numbers, or {raw} [] if that is the name."
        )
    if not with_texts:
        return TypedLine(line, numbers)
    if _SEPARATOR not in line:
        return TypedLine(line, numbers, "")
    name, _, printed = line.rpartition(_SEPARATOR)
    name, printed = name.strip(), printed.strip()
    return TypedLine(name, numbers, "" if printed == inline.escape(name) else printed)


def read_numbers(text: str) -> tuple[int, ...]:
    """Return footnote numbers, rising and without repeats; raises ValueError for other texts."""
    return tuple(sorted({int(number) for number in re.split(r"[\s,]+", text.strip()) if number}))


def numbers_text(numbers: Sequence[int]) -> str:
    """Return footnote numbers as they are typed: `1, 3`."""
    return ", ".join(str(number) for number in sorted(numbers))


class PastedLinesField(forms.CharField):
    """A text area with one entry a line, which takes lists that are pasted from other programs.

    After cleaning, `marks` are the list marks that were taken off.
    """

    widget = forms.Textarea

    def __init__(self, *, takes_lone_numbers: bool = True, **kwargs: Any) -> None:
        self.takes_lone_numbers = takes_lone_numbers
        self.known: frozenset[str] = frozenset()
        self.marks: tuple[str, ...] = ()
        super().__init__(**kwargs)

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Note what the field shows at first: those lines were not pasted."""
        shown = form.get_initial_for_field(self, field_name)
        self.known = frozenset(line.strip() for line in str(shown or "").splitlines())
        return super().get_bound_field(form, field_name)

    def to_python(self, value: Any) -> str:
        """Return the text with LF between its lines, whatever the browser sent."""
        return "\n".join((super().to_python(value) or "").splitlines())

    def clean(self, value: Any) -> Any:
        """Return the lines as text; raises ValidationError where they are rows of a spreadsheet."""
        pasted = read_pasted(
            super().clean(value), known=self.known, takes_lone_numbers=self.takes_lone_numbers
        )
        if fault := tab_fault(pasted.lines):
            raise ValidationError(fault)
        self.marks = pasted.marks
        return "\n".join(pasted.lines)


def sentences_on_marks(form: forms.BaseForm) -> list[str]:
    """Return a sentence for each field of a cleaned form from whose lines marks were taken off."""
    sentences = []
    for name, field in form.fields.items():
        if isinstance(field, PastedLinesField) and field.marks:
            # The bullets of Word's own fonts show as nothing.
            shown = [f"“{mark}”" if mark.isprintable() else "a bullet" for mark in field.marks]
            marks = join_names(shown, limit=FEW)
            sentences.append(f"{form[name].label}: taken off as marks of a list: {marks}.")
    return sentences


class LinesField(PastedLinesField):
    """A text area whose cleaned value is a list of TypedLine."""

    def __init__(self, *, with_texts: bool = False, rows: int = 8, **kwargs: Any) -> None:
        self.with_texts = with_texts
        kwargs.setdefault(
            "widget", forms.Textarea(attrs={"rows": rows, "class": "lines", "spellcheck": "false"})
        )
        super().__init__(required=False, max_length=lengths.CELL.most, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the lines; raises the ValidationError of `read_lines`."""
        return read_lines(super().clean(value), with_texts=self.with_texts)


class NumbersField(forms.CharField):
    """Footnote numbers, typed as `1, 3`; the cleaned value is a rising tuple."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=200, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip("[]")
        try:
            return read_numbers(text)
        except ValueError:
            raise ValidationError(
                f"{text} is not a list of footnote numbers. Write 1, 3."
            ) from None
