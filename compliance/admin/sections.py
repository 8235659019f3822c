"""The form of a register: its facts, and its sections with their columns, in one save.

Each section and column has fields of its own, named by its key in the database or, for a new one,
by a number. So two people who edit one register are compared field by field, like on every form.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.db.models.fields import BLANK_CHOICE_DASH

from compliance.admin.components.fields import LineField, MultilineField
from compliance.admin.conflicts.values import carry_opened_values
from compliance.admin.tracked import TrackedForm
from compliance.models import Column, Section
from compliance.models.choices import ASKS, COLUMN_ROLES, DATA_CLASSES, UNITS
from compliance.models.positions import next_position
from compliance.page.formats import markdown
from compliance.page.vocabulary import ASKS_BY_ROLE, ONCE_IN_A_TABLE, Asks, ColumnRole
from compliance.workingcopy.sections import join_prose, read_training_anew

# The columns that a new register starts with: what most pages have.
_USUAL_COLUMNS = (
    ("Model", ColumnRole.MODELS, ""),
    ("Model Provider", ColumnRole.PROVIDERS, ""),
    ("Trains on User Data via API", ColumnRole.TRAINING, Asks.TRAINS.value),
    ("Data Retention for API", ColumnRole.RETENTION, Asks.HOW_LONG.value),
    ("Privacy Policy / FAQ", ColumnRole.DOCUMENTS, ""),
)
# The names of the fields of sections and columns that a form posts; at most 999 new ones.
_PART = r"[0-9a-f]{32}|new[1-9][0-9]{0,2}"
_SECTION_NAME = re.compile(rf"section-({_PART})-")
_COLUMN_NAME = re.compile(r"column-([1-9][0-9]{0,17}|new[1-9][0-9]{0,2})-")
_MAX_POSITION = 1_000_000


class RegisterForm(TrackedForm):
    """A register with its sections and their columns.

    `names` are those of the fields that were posted: they tell which parts were added. A form with
    data takes them from there.
    """

    def __init__(self, *args: Any, names: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = list(names or self.data)
        self.sections = list(self._section_fields())
        for section in self.sections:
            self._add(section)
            for column in section.columns:
                self._add(column)
        if not self.instance._state.adding:
            carry_opened_values(self)

    def _section_fields(self) -> "Iterator[SectionFields]":
        """Yield the fields of the stored sections, and of those that are new."""
        is_new = self.instance._state.adding
        stored: list[Any] = []
        if not is_new:
            counted = self.instance.sections.annotate(listing_count=Count("listings"))
            # A query that counts has no order of its own.
            in_order = counted.order_by("position", "pk")
            stored = list(in_order.prefetch_related("columns"))
        known = {section.pk.hex for section in stored}
        for number, section in enumerate(stored, start=1):
            yield SectionFields(self, section.pk.hex, f"section {number}", section)
        # A form about a register that was deleted meanwhile has nothing but what was typed.
        typed = [
            token
            for token in _tokens(self.names, _SECTION_NAME)
            if token not in known and (token.startswith("new") or is_new)
        ]
        for token in typed or ["new1"]:
            yield SectionFields(self, token, "new section", None)

    def _add(self, part: "_PartFields") -> None:
        for name, field in part.fields().items():
            self.fields[part.field_name(name)] = field
        for name, value in part.initial().items():
            self.initial[part.field_name(name)] = value

    def clean(self) -> Any:
        """Judge the sections and columns, with an error for each that no page could have."""
        cleaned = super().clean()
        for section in self.sections:
            section.clean()
        return cleaned

    def save_sections(self) -> None:
        """Write the sections and columns; the register itself is saved already."""
        for section in self.sections:
            section.delete()
        for section in self.sections:
            section.save()
        join_prose(self.instance)


class _PartFields:
    """The fields of a section or a column; names of fields are relative to `prefix`."""

    form: RegisterForm
    prefix = ""

    def fields(self) -> dict[str, forms.Field]:
        """Return the fields by their relative names."""
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        """Return the initial values by the relative names of the fields."""
        raise NotImplementedError

    def field_name(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def typed(self, name: str) -> Any:
        """Return the cleaned value of a field, None where it has an error."""
        return self.form.cleaned_data.get(self.field_name(name))

    def refuse(self, fault: str | list[str], name: str) -> None:
        self.form.add_error(self.field_name(name), fault)

    def __getitem__(self, name: str) -> Any:
        """Return a field on the form, for templates."""
        return self.form[self.field_name(name)]

    @property
    def has_input(self) -> bool:
        """Whether something was typed into the fields, so that a reader has to see them."""
        return self.form.is_bound and any(self[name].value() for name in self.fields())


class SectionFields(_PartFields):
    """The fields of a section: its prose, its place and the columns of its table.

    `token` names it in the form, `section` is None for a new one.
    """

    def __init__(self, form: RegisterForm, token: str, name: str, section: Section | None) -> None:
        self.form, self.name, self.section = form, name, section
        self.prefix = f"section-{token}"
        self.columns = list(self._column_fields())

    def _column_fields(self) -> "Iterator[ColumnFields]":
        stored = list(self.section.columns.all()) if self.section else []
        for column in stored:
            yield ColumnFields(self, str(column.pk), f"column “{column}”", column)
        known = {str(column.pk) for column in stored}
        is_deleted = self.form.instance._state.adding
        pattern = re.compile(rf"{self.prefix}-{_COLUMN_NAME.pattern}")
        typed = [
            token
            for token in _tokens(self.form.names, pattern)
            if token not in known and (token.startswith("new") or is_deleted)
        ]
        if not typed:
            typed = [f"new{number}" for number in range(1, self._spare_columns() + 1)]
        for token in typed:
            yield ColumnFields(self, token, "new column", None)

    def _spare_columns(self) -> int:
        """Return how many columns can be added without JavaScript."""
        if self.form.instance._state.adding:
            return len(_USUAL_COLUMNS) + 1
        return 1 if self.section else 3

    @property
    def has_new_input(self) -> bool:
        """Whether something was typed for the section, or for one of its columns, that is new."""
        columns = any(column.has_input for column in self.columns if column.is_new)
        return columns or (self.is_new and self.has_input)

    @property
    def is_table(self) -> bool:
        """Whether the section has a table now."""
        return any(column.column for column in self.columns)

    @property
    def is_new(self) -> bool:
        return self.section is None

    @property
    def listing_count(self) -> int:
        """How many listings stood in the table when the form was built."""
        return getattr(self.section, "listing_count", 0)

    def fields(self) -> dict[str, forms.Field]:
        prose = Section._meta.get_field("prose")
        found: dict[str, forms.Field] = {
            "prose": MultilineField(
                label=f"Prose of {self.name}",
                required=False,
                help_text=prose.help_text,
                widget=forms.Textarea(attrs={"rows": 8, "class": "prose"}),
            ),
            "position": _position_field(f"Order of {self.name}"),
        }
        if self.section:
            found["remove"] = forms.BooleanField(label=f"Remove {self.name}", required=False)
        return found

    def initial(self) -> dict[str, Any]:
        if self.section is None:
            return {"prose": "", "position": None}
        return {"prose": self.section.prose, "position": self.section.position}

    # Validation

    def clean(self) -> None:
        """Judge the section; `is_kept` is then whether it is there after the save."""
        for column in self.columns:
            column.clean()
        prose = self.typed("prose") or ""
        if fault := markdown.prose_fault(prose):
            self.refuse(fault, "prose")
            prose = ""
        self.prose = markdown.canonical_prose(prose)
        self.kept_columns = [column for column in self.columns if column.is_kept]
        is_empty = not self.prose and not self.kept_columns
        self.is_kept = not self.typed("remove") and not is_empty
        self._refuse_loss_of_listings()
        self._refuse_second_columns()

    def _refuse_loss_of_listings(self) -> None:
        """Refuse to remove a section or a table with listings in it."""
        is_table_gone = self.is_table and not self.kept_columns
        if not (self.typed("remove") or is_table_gone) or not self.listing_count:
            return
        name = "remove" if self.typed("remove") else "prose"
        self.refuse(
            f"The table has {_listings(self.listing_count)}, so it cannot go. "
            "Delete them first, or move them to another table.",
            name,
        )

    def _refuse_second_columns(self) -> None:
        """Refuse a second column of a meaning that a table has once."""
        seen = set()
        for column in self.kept_columns:
            role = column.typed("role")
            if role in seen and role in ONCE_IN_A_TABLE:
                column.refuse(f"The table has a column of {_MEANINGS[role]} already.", "role")
            seen.add(role)

    # Writing

    def delete(self) -> None:
        """Delete the section or those of its columns that are not kept."""
        if self.section is None:
            return
        if not self.is_kept:
            self.section.delete()
            return
        for column in self.columns:
            column.delete()

    def save(self) -> None:
        """Write the section and its columns if they are kept."""
        if not self.is_kept:
            return
        section = self.section or Section(register=self.form.instance)
        section.set(prose=self.prose, position=self._position())
        for column in self.kept_columns:
            column.save(section)

    def _position(self) -> int:
        position = self.typed("position")
        if position is None:
            sections = self.form.instance.sections.all()
            return next_position(section.position for section in sections)
        return int(position)


class ColumnFields(_PartFields):
    """The fields of a column: its label, what it means, and its place.

    `token` names it in its section, `column` is None for a new one.
    """

    _VALUES = ("label", "role", "asks", "covers", "unit")

    def __init__(
        self, section: SectionFields, token: str, name: str, column: Column | None
    ) -> None:
        self.section, self.form, self.column = section, section.form, column
        self.prefix = f"{section.prefix}-column-{token}"
        self.name = f"{name} in {section.name}"
        self.token = token

    @property
    def is_new(self) -> bool:
        return self.column is None

    def fields(self) -> dict[str, forms.Field]:
        label = Column._meta.get_field("label")
        found: dict[str, forms.Field] = {
            "label": LineField(
                label=f"Label of {self.name}",
                required=False,
                max_length=label.max_length,
            ),
            "role": _choice_field(f"Meaning of {self.name}", COLUMN_ROLES),
            "asks": _choice_field(f"What the label of {self.name} asks", ASKS),
            "covers": _choice_field(f"What {self.name} covers", DATA_CLASSES),
            "unit": _choice_field(f"Unit of {self.name}", UNITS),
            "position": _position_field(f"Order of {self.name}"),
        }
        if self.column:
            found["remove"] = forms.BooleanField(label=f"Remove {self.name}", required=False)
        return found

    def initial(self) -> dict[str, Any]:
        if self.column:
            names = (*self._VALUES, "position")
            return {name: getattr(self.column, name) for name in names}
        values: dict[str, Any] = dict.fromkeys(self._VALUES, "")
        index = int(self.token.removeprefix("new")) - 1 if self.token.startswith("new") else 0
        starts = self.form.instance._state.adding and self.section.prefix == "section-new1"
        if starts and index < len(_USUAL_COLUMNS):
            label, role, asks = _USUAL_COLUMNS[index]
            values.update(label=label, role=role.value, asks=asks)
        return {**values, "position": None}

    # Validation

    def clean(self) -> None:
        """Judge the column; `is_kept` is then whether it is there after the save."""
        self.values = {name: self.typed(name) or "" for name in self._VALUES}
        is_empty = not self.values["label"] and not self.values["role"]
        self.is_kept = not self.typed("remove") and not (is_empty and self.is_new)
        role = self.values["role"]
        self.is_replaced = bool(self.column and self.is_kept and role and role != self.column.role)
        if self.column and (not self.is_kept or self.is_replaced):
            self._refuse_loss_of_cells()
        if not self.is_kept:
            return
        if not role:
            if self.field_name("role") not in self.form.errors:
                self.refuse("Choose what the column means.", "role")
            return
        self._refuse_attributes_of_other_roles(ColumnRole(role))
        self._check_texts()

    def _refuse_loss_of_cells(self) -> None:
        """Refuse to remove a column, or to change what it means, where listings fill it in."""
        if self.section.typed("remove"):
            return  # The section itself says that it has listings.
        count = len(_filled_in(self.column))
        if count and self.typed("remove"):
            self.refuse(
                f"The column is filled in in {_listings(count)}, so it cannot be removed. "
                "Empty it there first.",
                "remove",
            )
        elif count:
            self.refuse(
                f"The column is filled in in {_listings(count)}, so its meaning cannot change. "
                "Empty it there first, or add another column.",
                "role",
            )

    def _refuse_attributes_of_other_roles(self, role: ColumnRole) -> None:
        asks = self.values["asks"]
        meaning = _MEANINGS[role.value]
        if asks and asks not in ASKS_BY_ROLE.get(role, ()):
            self.refuse(f"A column of {meaning} cannot ask that. Choose another, or none.", "asks")
        if role is ColumnRole.RETENTION:
            return
        for name in ("covers", "unit"):
            if self.values[name]:
                self.refuse(f"Only a column of retention has this, not one of {meaning}.", name)

    def _check_texts(self) -> None:
        try:
            Column(label=self.values["label"]).clean_fields(
                exclude=["section", "key", "role", "asks", "covers", "unit"]
            )
        except ValidationError as error:
            self.refuse(error.messages, "label")

    # Writing

    def delete(self) -> None:
        """Delete the column if it is not kept, or becomes one of another meaning."""
        if self.column and (not self.is_kept or self.is_replaced):
            self.column.delete()

    def save(self, section: Section) -> None:
        """Write the column as one of a section."""
        column = self.column
        if column is None or self.is_replaced:
            column = Column(section=section)
        values = dict(self.values)
        if values["role"] == ColumnRole.RETENTION and not values["covers"]:
            values["covers"] = column.covers or "all_content"
        asked = column.asks
        column.set(**values, position=self._position(section))
        read_training_anew({column: asked})

    def _position(self, section: Section) -> int:
        position = self.typed("position")
        if position is None:
            columns = Column.objects.filter(section=section)
            return next_position(columns.values_list("position", flat=True))
        return int(position)


_MEANINGS = {value: label.lower() for value, label in COLUMN_ROLES}


def _tokens(names: Iterable[str], pattern: re.Pattern[str]) -> list[str]:
    """Return the names that posted fields give to sections or columns, each once, in order."""
    found: dict[str, None] = {}
    for name in names:
        if match := pattern.match(name):
            found[match[1]] = None
    return list(found)


def _filled_in(column: Column | None) -> set[Any]:
    """Return the keys of the listings that have something in a column."""
    if column is None:
        return set()
    listings = {row.listing_id for row in column.listed_rows()}  # type: ignore[attr-defined]
    return listings | set(column.cells.values_list("listing", flat=True))


def _listings(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _position_field(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=_MAX_POSITION)


def _choice_field(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[*BLANK_CHOICE_DASH, *choices])
