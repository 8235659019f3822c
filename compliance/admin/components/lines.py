"""Lists that are edited as text: each line is a name with footnote numbers, `GPT 5 chat [4]`."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_MARKS = re.compile(r"\s*\[([0-9\s,]{0,200})\]\Z")
_ROLE = re.compile(r"\s*\|\s*(primary|fallback)\s*(?::\s*(.*?))?\s*\Z", re.IGNORECASE)
# A name or a condition may itself hold what looks like a role. The writer then puts brackets before
# the role, so that the first one after a bracket is meant.
_ROLE_AFTER_MARKS = re.compile(rf"(?<=\]){_ROLE.pattern}", re.IGNORECASE)


@dataclass(frozen=True)
class TypedLine:
    """One line: a name, its footnote numbers, and for a provider its role and condition.

    `role` is empty in a list without roles.
    """

    name: str
    numbers: tuple[int, ...] = ()
    role: str = ""
    condition: str = ""

    def __str__(self) -> str:
        """Return the line as text, so that `read_lines` returns an equal line."""
        looks_like_role = bool(
            self.role and (_ROLE.search(self.name) or _ROLE_AFTER_MARKS.search(self.condition))
        )
        text = self.name
        if self.numbers or looks_like_role or self.name.endswith("]"):
            text += f" [{numbers_text(self.numbers)}]"
        if self.role == "fallback" or self.condition or looks_like_role:
            text += f" | {self.role}" + (f": {self.condition}" if self.condition else "")
        return text


def read_lines(text: str, *, with_role: bool = False) -> list[TypedLine]:
    """Return the lines of a text without blank lines and bullets.

    Footnote numbers stand at the end of a line in square brackets. `with_role` also reads a role
    and its condition after them: ` | fallback: when Azure is full`. Raises ValidationError with a
    sentence for each line without a name, or with something else than numbers in its brackets.
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


def _read_line(raw: str, *, with_role: bool) -> TypedLine:
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
            f"{line} does not end in footnote numbers. Write them as [1, 3], "
            f"or {line} [] if the name ends like that."
        )
    if not line:
        raise ValueError(
            f"{raw} has no name. Write one before the numbers, or {raw} [] if that is the name."
        )
    return TypedLine(line, numbers, role, condition)


def read_numbers(text: str) -> tuple[int, ...]:
    """Return footnote numbers, rising and without repeats; raises ValueError for other texts."""
    return tuple(sorted({int(number) for number in re.split(r"[\s,]+", text.strip()) if number}))


def numbers_text(numbers: Sequence[int]) -> str:
    """Return footnote numbers as they are typed: `1, 3`."""
    return ", ".join(str(number) for number in sorted(numbers))


class LinesField(forms.CharField):
    """A text area whose cleaned value is a list of TypedLine."""

    def __init__(self, *, with_role: bool = False, rows: int = 8, **kwargs: Any) -> None:
        self.with_role = with_role
        kwargs.setdefault(
            "widget", forms.Textarea(attrs={"rows": rows, "class": "lines", "spellcheck": "false"})
        )
        super().__init__(required=False, max_length=100_000, **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text with LF between its lines, whatever the browser sent."""
        return "\n".join((super().to_python(value) or "").splitlines())

    def clean(self, value: Any) -> Any:
        """Return the lines; raises the ValidationError of `read_lines`."""
        return read_lines(super().clean(value), with_role=self.with_role)


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
