"""Two people edited one record: the differences, and what is saved once each is decided.

Three versions of everything are compared: as the form was opened, as it is stored now ("theirs"),
and as it was typed ("yours").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.utils.text import capfirst

from compliance.admin.components.change_form import PREVIEW_BUTTON
from compliance.admin.conflicts.merge import merged
from compliance.admin.conflicts.values import (
    as_posted,
    display_text,
    is_number,
    marked_text,
    opened_value,
    posted_rows,
    prefixed,
    typed_value,
    visible_fields,
)
from compliance.admin.history import queries
from compliance.rendering.marked_words import MarkedText

THEIRS, YOURS, BOTH = "theirs", "yours", "both"
_CHOICE_LABELS = {THEIRS: "Take theirs", YOURS: "Keep yours", BOTH: "Take both together"}
_CHOICE_PREFIX = "take-"
# What the conflict screen posts for itself. The reason is asked again there, and the pressed button
# was answered by the screen; `_continue` and `_addanother` stay, because they say where to go next.
_OWN_NAMES = ("csrfmiddlewaretoken", "reason", "against", "_save", "_look", PREVIEW_BUTTON)


@dataclass
class Difference:
    """A difference between the stored and the typed value, with the choices that decide it.

    `sides` holds for each choice its text, marked against what the form showed when it was opened.
    `values` holds for each choice what the form has to post, by field name. `chosen` is empty as
    long as the person has to decide.
    """

    name: str
    label: str
    explanation: str
    sides: Mapping[str, tuple[MarkedText, ...]]
    values: Mapping[str, Mapping[str, list[str]]]
    chosen: str = ""

    @property
    def choices(self) -> list[tuple[str, str, tuple[MarkedText, ...], bool]]:
        """The choices: value, label, marked text, and whether it is chosen."""
        return [
            (side, _CHOICE_LABELS[side], pieces, side == self.chosen)
            for side, pieces in self.sides.items()
        ]


class Conflict:
    """The conflict screen: what was typed into a form that somebody else's save overtook.

    `screen` is the ModelAdmin of the record. `last_changeset` is the last one that touched the
    record before it was read for this answer, and counts as opened once the conflict is resolved.
    """

    def __init__(
        self, screen: Any, request: HttpRequest, record: Any, *, last_changeset: int
    ) -> None:
        self._typed = request.POST
        self._record = record
        self._last_changeset = last_changeset
        opened = request.POST.get("opened", "")
        self.acts = queries.entries_since(record, int(opened)) if is_number(opened) else []
        comparison = _compare(screen, request, record)
        self._post = comparison.post
        self.differences = comparison.differences
        self.remarks = comparison.remarks
        # Choices made against an older state are dropped: what they stood for may have changed.
        if self._is_answered:
            self._take_answers()

    def _take_answers(self) -> None:
        for difference in self.differences:
            answer = self._typed.get(_CHOICE_PREFIX + difference.name, "")
            if answer in difference.sides:
                difference.chosen = answer

    @property
    def _is_answered(self) -> bool:
        """Whether the screen was answered, and nobody saved since it was shown."""
        return self._typed.get("against") == str(self._record.lock_version)

    @property
    def is_settled(self) -> bool:
        """Whether every difference is decided."""
        return self._is_answered and not self._undecided

    @property
    def lacking(self) -> int:
        """How many decisions an answer lacks; 0 where there was no answer yet."""
        return self._undecided if "against" in self._typed else 0

    @property
    def _undecided(self) -> int:
        return sum(not difference.chosen for difference in self.differences)

    @property
    def hidden(self) -> Iterator[tuple[str, str]]:
        """The name and value of everything that was typed, for hidden fields of the screen."""
        for name, values in self._typed.lists():
            if name in _OWN_NAMES or name.startswith(_CHOICE_PREFIX):
                continue
            for value in values:
                yield name, value

    def resolved_post(self) -> QueryDict:
        """Return what the form would post, had it been opened now and filled in as was chosen."""
        for difference in self.differences:
            for name, values in difference.values[difference.chosen].items():
                self._post.setlist(name, values)
        self._post["version"] = str(self._record.lock_version)
        self._post["opened"] = str(self._last_changeset)
        return self._post


def _compare(screen: Any, request: HttpRequest, record: Any) -> "_Comparison":
    """Compare the form and all formsets of a record, as stored now, with what was typed."""
    comparison = _Comparison(request.POST)
    form = screen.stored_form(request, record)
    prefix = form.prefix or ""
    comparison.compare_fields(form, typed_prefix=prefix, new_prefix=prefix)
    part_prefixes = []
    for formset_class, inline in screen.get_formsets_with_inlines(request, record):
        formset = formset_class(
            instance=record,
            prefix=formset_class.get_default_prefix(),
            queryset=inline.get_queryset(request),
        )
        comparison.compare_parts(formset)
        part_prefixes.append(f"{formset.prefix}-")
    comparison.drop_lost_fields(form, tuple(part_prefixes))
    return comparison


class _Comparison:
    """Collects the differences, and the POST that leaves out whatever nobody has to decide.

    `remarks` are sentences on what happened without leaving a choice. In `post`, what only one
    person changed is taken from that person; where both did, it has what was typed until decided.
    """

    def __init__(self, typed: QueryDict) -> None:
        self._typed = typed
        self.post = typed.copy()
        self.differences: list[Difference] = []
        self.remarks: list[str] = []

    def compare_fields(
        self,
        form: Any,
        *,
        typed_prefix: str,
        new_prefix: str,
        part: str = "",
        is_deleted: bool = False,
    ) -> None:
        """Compare the fields of a form that is filled in as the record is stored now.

        They were typed under one prefix and are posted under a new one. `part` names the part that
        the form is about. Where you deleted that part, its fields stay as stored, without a choice.
        """
        for bound in visible_fields(form):
            field = _FieldVersions(bound, self._typed, typed_prefix)
            name = prefixed(new_prefix, bound.name)
            is_typed = field.typed != field.opened and not is_deleted
            value = field.typed_value if is_typed else field.stored_value
            # From now on the form counts as opened in the stored version.
            self.post.setlist(f"initial-{name}", as_posted(field.stored_value))
            self.post.setlist(name, as_posted(value))
            if field.stored != field.typed and not is_deleted:
                label = f"{part}: {bound.label}" if part else str(bound.label)
                self.differences.append(field.difference(name, label))

    def compare_parts(self, formset: Any) -> None:
        """Compare the parts of a record, such as the documents of a provider.

        The formset holds the parts as stored now. The rows are posted anew, numbered in this order:
        the stored parts, the parts that you added, the parts that they deleted and you did not.
        """
        # Django finds a part by its row's number and key together, and the numbers have shifted
        # where they added or deleted a part. So every row is numbered anew.
        prefix, key = formset.prefix, formset.model._meta.pk.name
        rows = posted_rows(self._typed, prefix, formset.absolute_max)
        row_of = self._rows_by_key(rows, key)
        kept_rows = [row for row in rows if f"{row}-DELETE" not in self._typed]
        stored = {str(form.instance.pk): form for form in formset.initial_forms}
        added = [row for row in kept_rows if row not in row_of.values()]
        deleted = [row for pk, row in row_of.items() if pk not in stored and row in kept_rows]

        self._clear(prefix)
        for index, (pk, form) in enumerate(stored.items()):
            new_row = f"{prefix}-{index}"
            self.post[f"{new_row}-{key}"] = pk
            self.post[f"{new_row}-{formset.fk.name}"] = str(formset.instance.pk)
            self._compare_stored_part(form, row_of.get(pk), new_row)
        for index, row in enumerate([*added, *deleted], start=len(stored)):
            new_row = f"{prefix}-{index}"
            self._copy_typed_part(formset.empty_form, row, new_row)
            if row in deleted:
                self._compare_deleted_part(formset.empty_form, row, new_row)
        self.post[f"{prefix}-TOTAL_FORMS"] = str(len(stored) + len(added) + len(deleted))
        self.post[f"{prefix}-INITIAL_FORMS"] = str(len(stored))

    def drop_lost_fields(self, form: Any, part_prefixes: tuple[str, ...]) -> None:
        """Drop what was typed into fields that the form has no more, and say what that was.

        The fields of a listing's cells and of a register's columns go with the column. Fields of
        the formsets with these prefixes stay.
        """
        for opened_name in self._typed:
            name = opened_name.removeprefix("initial-")
            if name == opened_name or name in form.fields or name.startswith(part_prefixes):
                continue
            opened, typed = str(self._typed[opened_name]), self._typed.get(name, "")
            self.post.pop(opened_name, None)
            self.post.pop(name, None)
            is_ticked = typed == "on"
            if typed and not is_ticked and typed.splitlines() != opened.splitlines():
                self.remarks.append(
                    "What you typed belonged to something that they removed, so it is not saved: "
                    f"“{typed}”."
                )

    def _rows_by_key(self, rows: list[str], key: str) -> dict[str, str]:
        """Return the posted row of each part that was stored when the form was opened."""
        row_of = {}
        for row in rows:
            pk = self._typed.get(f"{row}-{key}", "")
            if pk:
                row_of[pk] = row
        return row_of

    def _clear(self, prefix: str) -> None:
        """Remove the rows of a formset from the new POST, before they are numbered anew."""
        beginnings = (f"{prefix}-", f"initial-{prefix}-")
        for name in list(self.post):
            if name.startswith(beginnings):
                del self.post[name]

    def _compare_stored_part(self, form: Any, row: str | None, new_row: str) -> None:
        """Compare a part that is stored now, and was posted as `row`, or not at all (None)."""
        label = f"{capfirst(form.instance._meta.verbose_name)} {form.instance}"
        if row is None:
            self.remarks.append(f"{label} was added meanwhile. It stays.")
            self._copy_stored_part(form, new_row)
            return
        is_deleted = f"{row}-DELETE" in self._typed
        self.compare_fields(
            form, typed_prefix=row, new_prefix=new_row, part=label, is_deleted=is_deleted
        )
        if is_deleted:
            self._compare_part_that_you_deleted(form, row, new_row, label)

    def _compare_part_that_you_deleted(self, form: Any, row: str, new_row: str, label: str) -> None:
        delete = {f"{new_row}-DELETE": ["on"]}
        changes = []
        for bound in visible_fields(form):
            field = _FieldVersions(bound, self._typed, row)
            changes += _change(bound, field.opened, field.stored)
        if not changes:
            self.post[f"{new_row}-DELETE"] = "on"
            return
        self.differences.append(
            Difference(
                name=new_row,
                label=label,
                explanation="You deleted what they changed. Choose.",
                sides={THEIRS: _plain(f"Changed: {'; '.join(changes)}"), YOURS: _plain("Deleted.")},
                values={THEIRS: {}, YOURS: delete},
            )
        )

    def _compare_deleted_part(self, form: Any, row: str, new_row: str) -> None:
        """Compare a part that they deleted: if you changed it, you decide, otherwise it is gone."""
        delete = {f"{new_row}-DELETE": ["on"]}
        kind = capfirst(form._meta.model._meta.verbose_name)
        name = self._typed.get(f"{row}-label", "") or self._typed.get(f"{row}-url", "")
        label = f"{kind} {name}".strip()
        changes = []
        for bound in visible_fields(form):
            field = _FieldVersions(bound, self._typed, row)
            changes += _change(bound, field.opened, field.typed)
        if not changes:
            self.remarks.append(f"{label} was deleted meanwhile. It stays deleted.")
            self.post[f"{new_row}-DELETE"] = "on"
            return
        self.differences.append(
            Difference(
                name=new_row,
                label=label,
                explanation="They deleted what you changed. Choose.",
                sides={THEIRS: _plain("Deleted."), YOURS: _plain(f"Changed: {'; '.join(changes)}")},
                values={THEIRS: delete, YOURS: {}},
            )
        )

    def _copy_stored_part(self, form: Any, new_row: str) -> None:
        for bound in visible_fields(form):
            stored = as_posted(bound.value())
            self.post.setlist(f"{new_row}-{bound.name}", stored)
            self.post.setlist(f"initial-{new_row}-{bound.name}", stored)

    def _copy_typed_part(self, form: Any, row: str, new_row: str) -> None:
        for bound in visible_fields(form):
            typed = typed_value(bound, self._typed, row)
            self.post.setlist(f"{new_row}-{bound.name}", as_posted(typed))


class _FieldVersions:
    """One field as the form was opened, as it is stored now, and as it was typed: each as text."""

    def __init__(self, bound: BoundField, typed: QueryDict, prefix: str) -> None:
        self._is_multiline = isinstance(bound.field.widget, forms.Textarea)
        self.stored_value = bound.value()
        self.typed_value = typed_value(bound, typed, prefix)
        self.opened = display_text(bound.field, opened_value(bound, typed, prefix))
        self.stored = display_text(bound.field, self.stored_value)
        self.typed = display_text(bound.field, self.typed_value)

    def difference(self, name: str, label: str) -> Difference:
        """Return the difference between what is stored and what was typed, with its choices."""
        difference = Difference(
            name=name,
            label=label,
            explanation="Both of you changed this. Choose.",
            sides={
                THEIRS: marked_text(self.opened, self.stored),
                YOURS: marked_text(self.opened, self.typed),
            },
            values={
                THEIRS: {name: as_posted(self.stored_value)},
                YOURS: {name: as_posted(self.typed_value)},
            },
        )
        if self.opened == self.typed:
            difference.explanation, difference.chosen = "Only they changed this.", THEIRS
        elif self.opened == self.stored:
            difference.explanation, difference.chosen = "Only you changed this.", YOURS
        elif self._is_multiline:
            self._offer_both(difference)
        return difference

    def _offer_both(self, difference: Difference) -> None:
        """Add the choice of both versions of a text, where they changed different lines."""
        lines = merged(self.opened.splitlines(), self.stored.splitlines(), self.typed.splitlines())
        if lines is None:
            return
        text = "\n".join(lines)
        difference.sides = {**difference.sides, BOTH: marked_text(self.opened, text)}
        difference.values = {**difference.values, BOTH: {difference.name: [text]}}
        difference.explanation = "Both of you changed this, in different lines."
        difference.chosen = BOTH


def _change(bound: BoundField, before: str, after: str) -> list[str]:
    """Return how a field changed as one sentence, none where it did not."""
    return [] if before == after else [f"{bound.label}: {before or '–'} → {after or '–'}"]


def _plain(text: str) -> tuple[MarkedText, ...]:
    return (MarkedText("", text),)
