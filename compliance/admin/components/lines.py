"""Lists that are edited as text, one name a line, with the numbers of the footnotes that mark it: `GPT 5 chat [4]`."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_MARKS = re.compile(r"\s*\[([0-9\s,]{0,200})\]\Z")
_ROLE = re.compile(r"\s*\|\s*(primary|fallback)\s*(?::\s*(.*?))?\s*\Z", re.IGNORECASE)
# A name or a condition may hold what looks like a role: the role is then the first one that follows a bracket.
_ROLE_AFTER_MARKS = re.compile(rf"(?<=\]){_ROLE.pattern}", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line: a name, the footnote numbers that mark it, and for a provider its role and condition.

    The role is empty in a list that knows none.
    """

    name: str
    numbers: tuple[int, ...] = ()
    role: str = ""
    condition: str = ""

    def __str__(self) -> str:
        """Write the line so that `read` gives it back."""
        looks_like_role = bool(
            self.role and (_ROLE.search(self.name) or _ROLE_AFTER_MARKS.search(self.condition))
        )
        text = self.name
        if self.numbers or looks_like_role or self.name.endswith("]"):
            text += f" [{numbers_text(self.numbers)}]"
        if self.role == "fallback" or self.condition or looks_like_role:
            text += f" | {self.role}" + (f": {self.condition}" if self.condition else "")
        return text


def read(text: str, *, with_role: bool = False) -> list[Line]:
    """Return the lines of a text; blank lines and bullets at the start of a line are passed over.

    Marks stand at the end in square brackets. `with_role` also reads ` | fallback: when Azure is full` after them.
    Raises ValidationError with a sentence for each line that ends in brackets with anything but numbers.
    """
    found, faults = [], []
    for raw in unicodedata.normalize("NFC", text).splitlines():
        if line := raw.strip().removeprefix("• ").strip():
            try:
                found.append(_read_line(line, with_role=with_role))
            except ValueError as error:
                faults.append(str(error))
    if faults:
        raise ValidationError(faults)
    return found


def _read_line(raw: str, *, with_role: bool) -> Line:
    line = raw
    role, condition = "primary" if with_role else "", ""
    if with_role and (match := _ROLE_AFTER_MARKS.search(line) or _ROLE.search(line)):
        role, condition = match[1].lower(), match[2] or ""
        line = line[: match.start()]
    numbers: tuple[int, ...] = ()
    if match := _MARKS.search(line):
        numbers = read_numbers(match[1])
        line = line[: match.start()]
    elif line.endswith("]"):
        raise ValueError(
            f"{line} does not end in footnote numbers. Write them as [1, 3], or {line} [] if the name ends like that."
        )
    if not line:
        raise ValueError(
            f"{raw} has no name. Write one before the numbers, or {raw} [] if that is the name."
        )
    return Line(line, numbers, role, condition)


def read_numbers(text: str) -> tuple[int, ...]:
    """Return footnote numbers in number order, each once; raises ValueError for anything but numbers."""
    return tuple(sorted({int(number) for number in re.split(r"[\s,]+", text.strip()) if number}))


def numbers_text(numbers: Sequence[int]) -> str:
    """Return footnote numbers as they are typed: `1, 3`."""
    return ", ".join(str(number) for number in sorted(numbers))


class LinesField(forms.CharField):
    """A text area whose cleaned value is a list of lines."""

    def __init__(self, *, with_role: bool = False, rows: int = 8, **kwargs: Any) -> None:
        self.with_role = with_role
        kwargs.setdefault(
            "widget", forms.Textarea(attrs={"rows": rows, "class": "lines", "spellcheck": "false"})
        )
        super().__init__(required=False, max_length=100_000, **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text with a line feed at the end of each line, whatever the browser sent."""
        return "\n".join((super().to_python(value) or "").splitlines())

    def clean(self, value: Any) -> Any:
        """Return the lines; raises ValidationError for marks that are no numbers."""
        return read(super().clean(value), with_role=self.with_role)


class NumbersField(forms.CharField):
    """Footnote numbers, typed as `1, 3`; the cleaned value is a tuple in number order."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=200, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the numbers; raises ValidationError for anything but numbers."""
        text = super().clean(value).strip("[]")
        try:
            return read_numbers(text)
        except ValueError:
            raise ValidationError(
                f"{text} is not a list of footnote numbers. Write 1, 3."
            ) from None
