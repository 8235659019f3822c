"""Sections: the pieces of a register's page, each with prose and perhaps the columns of a table."""

import uuid
from collections import defaultdict
from collections.abc import Container, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator

from compliance.models.choices import (
    ASKS,
    COLUMN_ROLES,
    DATA_CLASSES,
    UNITS,
    not_empty,
    one_of,
)
from compliance.models.registers import Register
from compliance.models.tracked import Tracked
from compliance.page import inline, lengths, table, text
from compliance.page.formats import markdown
from compliance.page.vocabulary import (
    ASKS_BY_ROLE,
    ONCE_IN_A_TABLE,
    Asks,
    ColumnRole,
    DataClass,
    Unit,
)

# The rows of a listing that stand in a column, by the role of the column.
_LISTED = {
    ColumnRole.MODELS.value: "listed_models",
    ColumnRole.PROVIDERS.value: "listed_providers",
    ColumnRole.DOCUMENTS.value: "listed_documents",
}
_POSITION = "Printed from the lowest to the highest. Leave gaps: 10, 20, 30."


class Section(Tracked):
    """A piece of prose and, where it has columns, the table after it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)
    prose = models.TextField(
        max_length=lengths.PROSE.most,
        blank=True,
        help_text=(
            "Markdown: headings (## …), *emphasis*, [links](https://…), lists and quotes,"
            " apart by a blank line. The table stands after it."
        ),
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        """Return the first heading, else the first words."""
        first_line = next(iter(self.prose.splitlines()), "")
        words = table.Section(id="", prose=self.prose).heading or inline.plain(first_line)
        return Truncator(words).chars(40) or f"Section at {self.position}"

    @property
    def part_of(self) -> Register:
        return self.register

    def normalised_text(self, field: "models.Field[Any, Any]", value: Any) -> Any:
        """Leave the blanks of prose to `clean`: its lines may be indented."""
        if field.name == "prose" and isinstance(value, str):
            return "\n".join(map(text.plain_line, value.split("\n")))
        return super().normalised_text(field, value)

    def text_fault(self, field: "models.Field[Any, Any]") -> str | None:
        """Leave prose to `clean`: its lines may be indented."""
        return None if field.name == "prose" else super().text_fault(field)

    def clean(self) -> None:
        """Refuse prose that no page could print, and write it in the form that pages have."""
        if fault := markdown.prose_fault(self.prose) or markdown.links_fault(self.prose):
            raise ValidationError({"prose": fault})
        self.prose = markdown.canonical_prose(self.prose)


def _asks_fits_role() -> Q:
    condition = Q(asks="")
    for role, asks in ASKS_BY_ROLE.items():
        condition |= Q(role=role.value, asks__in=[value.value for value in asks])
    return condition


def _only_retention_covers() -> Q:
    return Q(role=ColumnRole.RETENTION.value, covers__gt="") | (
        ~Q(role=ColumnRole.RETENTION.value) & Q(covers="", unit="")
    )


class Column(Tracked):
    """A column of a section's table: its printed label, and what it means.

    The key names it in the public JSON. Key and role are set once; a column with another meaning is
    another column.
    """

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="columns")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)
    key = models.CharField(max_length=210, editable=False)
    label = models.CharField(max_length=500, blank=True, help_text="As the page prints it.")
    role = models.CharField(
        "meaning",
        max_length=10,
        choices=COLUMN_ROLES,
        help_text="It cannot change later. Text is everything that is none of the others.",
    )
    asks = models.CharField(
        "what the label asks",
        max_length=15,
        choices=ASKS,
        blank=True,
        help_text="For training and retention: what a bare Yes, No or None in it means.",
    )
    covers = models.CharField(
        max_length=20,
        choices=DATA_CLASSES,
        blank=True,
        help_text="For retention: what is kept, where the cell itself does not say it.",
    )
    unit = models.CharField(
        max_length=10,
        choices=UNITS,
        blank=True,
        help_text="For retention: what a bare number counts.",
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            not_empty("key"),
            one_of("role", COLUMN_ROLES),
            one_of("asks", ASKS, blank=True),
            one_of("covers", DATA_CLASSES, blank=True),
            one_of("unit", UNITS, blank=True),
            models.CheckConstraint(
                condition=_asks_fits_role(),
                name="%(app_label)s_%(class)s_asks_fits_role",
                violation_error_message="A column with this meaning cannot ask that.",
            ),
            models.CheckConstraint(
                condition=_only_retention_covers(),
                name="%(app_label)s_%(class)s_only_retention_covers",
                violation_error_message=(
                    "A retention column says what it covers. No other column covers something or"
                    " has a unit."
                ),
            ),
            models.UniqueConstraint(
                fields=["section", "key"], name="%(app_label)s_%(class)s_key_once_in_section"
            ),
            models.UniqueConstraint(
                fields=["section", "role"],
                condition=Q(role__in=[role.value for role in ONCE_IN_A_TABLE]),
                name="%(app_label)s_%(class)s_role_once_in_section",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.key

    @property
    def part_of(self) -> Section:
        return self.section

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the column; a new one gets a free key, made of its role or label."""
        if not self.key:
            self.fill_in(taken=set(self.section.columns.values_list("key", flat=True)))
        super().save(*args, **kwargs)

    @classmethod
    def prepare_all(cls, records: Sequence[Tracked]) -> None:
        """Give keys to the columns without one; see `save`."""
        unkeyed = [record for record in records if isinstance(record, Column) and not record.key]
        taken: defaultdict[Any, set[str]] = defaultdict(set)
        sections = {column.section_id for column in unkeyed}
        present = cls.objects.filter(section__in=sections).values_list("section_id", "key")
        for section, key in present:
            taken[section].add(key)
        for record in records:
            if isinstance(record, Column) and record.key:
                taken[record.section_id].add(record.key)
        for column in unkeyed:
            column.fill_in(taken=taken[column.section_id])
            taken[column.section_id].add(column.key)

    def fill_in(self, *, taken: Container[str]) -> None:
        """Give a new column a key that is not `taken`, and say what it covers if it must."""
        if self.role == ColumnRole.RETENTION and not self.covers:
            self.covers = DataClass.ALL_CONTENT.value
        if not self.key and self.role in set(ColumnRole):
            self.key = table.column_key(ColumnRole(self.role), self.label, taken)

    def clean(self) -> None:
        """Refuse a key that is none, and a second column of a meaning that a table has once."""
        if self.key and (fault := table.key_fault(self.key)):
            raise ValidationError(fault)
        if self.role not in ONCE_IN_A_TABLE:
            return
        others = Column.objects.filter(section=self.section_id, role=self.role)
        if others.exclude(pk=self.pk).exists():
            meaning = self.get_role_display().lower()
            raise ValidationError({"role": f"The table has a column of {meaning} already."})

    def refuse_deletion(self) -> None:
        """Raise ProtectedError if a row has something in the column.

        Models, providers and documents are no cells, so the database does not refuse it by itself.
        """
        if listed := self.listed_rows():
            raise models.ProtectedError(f"The column “{self}” is not empty.", set(listed))

    def listed_rows(self) -> list[models.Model]:
        """Return the listed models, providers or documents of the column, empty for other roles."""
        relation = _LISTED.get(self.role)
        if relation is None:
            return []
        rows = self.section.listings.filter(**{f"{relation}__isnull": False})
        return [row for listing in rows.distinct() for row in getattr(listing, relation).all()]

    def to_snapshot(self) -> table.Column:
        return table.Column(
            key=self.key,
            label=self.label,
            role=ColumnRole(self.role),
            asks=Asks(self.asks) if self.asks else None,
            covers=DataClass(self.covers) if self.covers else None,
            unit=Unit(self.unit) if self.unit else None,
        )

    @staticmethod
    def values_of(column: table.Column) -> dict[str, Any]:
        """Return the values of the model's fields for a column of a snapshot."""
        return {
            "key": column.key,
            "label": column.label,
            "role": column.role.value,
            "asks": column.asks.value if column.asks else "",
            "covers": column.covers.value if column.covers else "",
            "unit": column.unit.value if column.unit else "",
        }
