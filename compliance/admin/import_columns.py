"""What each column of an imported page means, as its editor chooses it."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from compliance.models.choices import DATA_CLASSES, UNITS
from compliance.page.formats.base import Origin, ReadColumn
from compliance.page.formats.columns import ColumnSetting
from compliance.page.table import Column
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit
from compliance.workingcopy.matching import ColumnPlace, FormerColumns

# A role, and for claims what the label asks.
MEANINGS: dict[tuple[ColumnRole, Asks | None], str] = {
    (ColumnRole.MODELS, None): "Models",
    (ColumnRole.PROVIDERS, None): "Providers",
    (ColumnRole.DOCUMENTS, None): "Policy documents",
    (ColumnRole.TRAINING, Asks.TRAINS): "Training: Yes means that it trains",
    (ColumnRole.TRAINING, Asks.DOES_NOT_TRAIN): "Training: Yes means that it does not train",
    (ColumnRole.TRAINING, None): "Training: a bare Yes or No says nothing",
    (ColumnRole.RETENTION, Asks.HOW_LONG): "Retention: how long; None means not kept",
    (ColumnRole.RETENTION, Asks.IS_KEPT): "Retention: Yes means kept",
    (ColumnRole.RETENTION, Asks.IS_NOT_KEPT): "Retention: Yes means not kept",
    (ColumnRole.RETENTION, None): "Retention: a bare Yes, No or None says nothing",
    (ColumnRole.PLACES, None): "Places",
    (ColumnRole.TEXT, None): "Text, which promises nothing",
}
_FORMER = "former:"
_BY_NAME = {f"{role}:{asks or ''}": (role, asks) for role, asks in MEANINGS}
_WHY_READ_SO = {
    Origin.SET: "Chosen here.",
    Origin.REGISTER: "So it is in the register.",
    Origin.LABEL: "Guessed from its label.",
    Origin.TEXT: "Its label is not known.",
    Origin.CELLS: "Its cells do not fit its label.",
    Origin.SECOND: "Read as text: the table has another column of that kind.",
}


class ColumnForm(forms.Form):
    """What one column means. `guess` is how it was read before anybody chose."""

    # The label that the choice was made for. The page may have been changed since.
    label = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    meaning = forms.ChoiceField(required=False)
    covers = forms.ChoiceField(label="About which data", required=False, choices=DATA_CLASSES)
    unit = forms.ChoiceField(
        label="Bare numbers count", required=False, choices=[("", "Nothing"), *UNITS]
    )

    def __init__(
        self,
        data: Any,
        *,
        index: int,
        place: int,
        guess: ReadColumn,
        former: FormerColumns,
    ) -> None:
        prefix = f"column-{index}"
        is_chosen_for = data is not None and data.get(f"{prefix}-label") == guess.column.label
        initial = {
            "label": guess.column.label,
            "covers": guess.column.covers or DataClass.ALL_CONTENT,
            "unit": guess.column.unit or "",
        }
        super().__init__(data if is_chosen_for else None, prefix=prefix, initial=initial)
        self.guess = self.read = guess
        self.place = place
        self.former = former
        self.table: int | None = None
        self.fields["meaning"].choices = self._choices()  # type: ignore[attr-defined]
        self.fields["meaning"].label = f"Meaning of “{guess.column.label}”"

    def _choices(self) -> list[Any]:
        """Return the meanings, under those columns of the register that this one may be."""
        guess, continued = self.guess.column, self.former.continued
        guessed = None if continued else (guess.role, guess.asks)
        meanings = [
            ("" if meaning == guessed else name, MEANINGS[meaning])
            for name, meaning in _BY_NAME.items()
        ]
        if not self.former.candidates:
            return meanings
        columns = []
        for column in self.former.candidates:
            # The column that an import takes it for means what the new label says.
            means = guess if column == continued else column
            columns.append(
                (
                    "" if column == continued else f"{_FORMER}{column.key}",
                    f"“{column.label}”, now headed so: {MEANINGS[means.role, means.asks]}",
                )
            )
        return [("A column of the register", columns), ("A new column", meanings)]

    @property
    def is_retention(self) -> bool:
        """Whether it is asked which data the column is about, and what its numbers count."""
        return self.read.column.role is ColumnRole.RETENTION and not self._chosen_former()

    @property
    def shown_meaning(self) -> str:
        """What the column is read as, in the words of the choice."""
        return MEANINGS[self.read.column.role, self.read.column.asks]

    @property
    def why(self) -> str:
        """Why the column is read so."""
        return _WHY_READ_SO[self.read.origin]

    @property
    def is_fixed(self) -> bool:
        """Whether the register has the column, whose meaning an import leaves as it is."""
        return self.guess.origin is Origin.REGISTER

    def setting(self) -> ColumnSetting | None:
        """Return what was chosen, None where it is what was guessed."""
        if self.is_fixed or not self.is_valid():
            return None
        guess, chosen = self.guess.column, self.cleaned_data
        here = {"section": self.guess.section, "place": self.place}
        if former := self._chosen_former():
            return ColumnSetting(
                guess.label, former.role, former.asks, former.covers, former.unit, **here
            )
        role, asks = _BY_NAME.get(chosen["meaning"], (guess.role, guess.asks))
        covers = unit = None
        if role is ColumnRole.RETENTION:
            # Where the column was no retention before, the screen has not asked for these.
            covers = DataClass(chosen["covers"] or guess.covers or DataClass.ALL_CONTENT)
            unit = Unit(chosen["unit"]) if chosen["unit"] else None
        if not chosen["meaning"] and (covers, unit) == (guess.covers, guess.unit):
            return None
        return ColumnSetting(guess.label, role, asks, covers, unit, **here)

    def continued(self) -> str | None:
        """Return the key of the register's column that this one is, None for a new one."""
        chosen = self.cleaned_data["meaning"] if self.is_valid() else ""
        if former := self._chosen_former():
            return former.key
        return self.former.continued.key if self.former.continued and not chosen else None

    def _chosen_former(self) -> Column | None:
        chosen = self.cleaned_data["meaning"] if self.is_valid() else ""
        same = (each for each in self.former.candidates if chosen == f"{_FORMER}{each.key}")
        return next(same, None)


def column_forms(
    data: Any, columns: Sequence[ReadColumn], former: Mapping[ColumnPlace, FormerColumns]
) -> list[ColumnForm]:
    """Return a form for each column of a page, table by table.

    `former` has what columns with a new label may have been in the register.
    """
    sections = dict.fromkeys(read.section for read in columns)
    found: list[ColumnForm] = []
    for table, section in enumerate(sections, 1):
        for place, guess in enumerate(read for read in columns if read.section == section):
            form = ColumnForm(
                data,
                index=len(found),
                place=place,
                guess=guess,
                former=former.get((section, place), FormerColumns()),
            )
            form.table = table if len(sections) > 1 else None
            found.append(form)
    return found
