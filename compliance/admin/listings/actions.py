"""The one-step actions: one form each, which finds what it names and performs the action."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet

from compliance.admin.components.fields import LineField, MultilineField
from compliance.admin.components.labels import name_relations
from compliance.admin.components.lines import LinesField
from compliance.admin.listings.action_form import (
    ActionForm,
    ChooseModelsForm,
    ChooseRowsForm,
    ListingChoice,
    NameModelsForm,
    listings_beside,
    model_names,
    roles_of,
    rows_of_listing,
)
from compliance.admin.listings.adoption import AdoptDeclarations
from compliance.admin.listings.finders import ProviderFinder
from compliance.admin.listings.rows import ListingRows
from compliance.admin.restore import DiscardChanges
from compliance.models import AIModel, ListedModel, Listing, Section
from compliance.page.diff.sentences import the_row_of
from compliance.page.names import spelling_fault
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy import listings
from compliance.workingcopy.listings import ProviderRow


class AddModels(NameModelsForm):
    """List more models in a listing."""

    name, title = "add", "Add models"
    description = (
        "Lists models in this row, in the order in which you name them. "
        "A new name becomes a new model."
    )
    after = forms.ModelChoiceField(
        label="Behind",
        queryset=ListedModel.objects.none(),
        required=False,
        empty_label="Before all others",
    )
    field_order = ["model_lines", "after"]

    def prepare(self) -> None:
        """Let the person choose the model before them; at first it is the last one."""
        rows = rows_of_listing(self.subject)
        self.set_choices("after", rows)
        last = rows.last()
        self.initial["after"] = last.pk if last else None

    def perform(self) -> str:
        listings.add(self.subject, models=self.models, after=self.cleaned_data["after"])
        return f"Added {model_names(self.models)}."


class RetireModels(ChooseModelsForm):
    """Take models out of a listing."""

    name, title = "retire", "Retire models"
    description = "Takes models out of this row. Their history stays."
    field_order = ["rows"]

    def perform(self) -> str:
        rows = list(self.cleaned_data["rows"])
        listings.retire(rows)
        return f"Retired {model_names(rows)}."


class RetireModel(ChooseRowsForm):
    """Take one model out of the listings that name it."""

    name, title = "retire", "Retire it"
    description = "Takes this model out of the rows that you choose. What is known of it stays."
    field_order = ["rows"]

    def perform(self) -> str:
        listings.retire(list(self.cleaned_data["rows"]))
        return f"Retired {self.subject}."


class _ReplaceForm(ActionForm):
    by = LineField(
        label="New model",
        max_length=200,
        help_text="Its name; one that is new to the registry becomes a new model.",
    )
    keeping_place = forms.BooleanField(
        label="In the same place",
        required=False,
        initial=True,
        help_text="Otherwise it goes to the end of the row.",
    )
    keeping_marks = forms.BooleanField(
        label="With the same footnotes",
        required=False,
        initial=True,
        help_text="Otherwise with none.",
    )
    field_order = ["rows", "row", "by", "keeping_place", "keeping_marks"]

    def clean(self) -> Any:
        cleaned = super().clean()
        self.successor = self._find_model("by")
        return cleaned

    def _replace(self, rows: list[ListedModel]) -> str:
        old_name = rows[0].model.name
        listings.replace(
            rows,
            by=self.successor,  # type: ignore[arg-type]
            keeping_place=self.cleaned_data["keeping_place"],
            keeping_marks=self.cleaned_data["keeping_marks"],
        )
        return f"Replaced {old_name} by {self.successor}."


class ReplaceModel(_ReplaceForm, ChooseRowsForm):
    """Put another model in the place of one wherever that is listed."""

    name, title = "replace", "Replace it by another model"
    description = (
        "Puts another model, such as a newer version, in the place of this one. "
        "This one is kept, and listed no more."
    )

    def perform(self) -> str:
        return self._replace(list(self.cleaned_data["rows"]))


class ReplaceListedModel(_ReplaceForm):
    """Put another model in the place of one in a single listing."""

    name, title = "replace", "Replace a model"
    description = "Puts another model, such as a newer version, in the place of one of this row."
    needed_roles = (ColumnRole.MODELS,)
    row = forms.ModelChoiceField(label="Model", queryset=ListedModel.objects.none())

    def prepare(self) -> None:
        """Let the person choose among the models of the listing."""
        self.set_choices("row", rows_of_listing(self.subject))

    def perform(self) -> str:
        return self._replace([self.cleaned_data["row"]])


class _RenameForm(ActionForm):
    permissions = ("compliance.change_aimodel",)
    new_name = LineField(label="New name", max_length=200)
    field_order = ["row", "new_name"]

    def model(self) -> AIModel | None:
        """Return the model that is to be renamed; None where none was chosen."""
        raise NotImplementedError

    def clean(self) -> Any:
        """Refuse the name of another model, and one that looks like a slip for it."""
        cleaned, model = super().clean(), self.model()
        if model and (typed := self.cleaned_data.get("new_name")):
            others = AIModel.objects.exclude(pk=model.pk)
            if others.filter(name=typed).exists():
                self.add_error(
                    "new_name",
                    f"{typed} is another model. To put it in this one's place, replace it.",
                )
            elif fault := spelling_fault(typed, others.values_list("name", flat=True)):
                self.add_error("new_name", fault)
        return cleaned

    def perform(self) -> str:
        model = self.model()
        assert model is not None  # noqa: S101  # the form is valid
        old_name = model.name
        listings.rename(model, name=self.cleaned_data["new_name"])
        return f"Renamed {old_name} to {model}."


class RenameModel(_RenameForm):
    """Give a model another name, from its own page."""

    name, title = "rename", "Rename it"
    description = (
        "The same model gets another name wherever it is listed; the old one stays as an alias."
    )

    def model(self) -> AIModel | None:
        """Return the model itself."""
        return self.subject  # type: ignore[no-any-return]


class TakeOnHistory(ActionForm):
    """Say that a model is one that was listed before under another id."""

    name, title = "same", "Same model as"
    description = (
        "This is a model that was listed before under another id, for example because its name was "
        "misspelt. The history of that one becomes part of this one’s."
    )
    permissions = ("compliance.change_aimodel",)
    former = forms.ModelChoiceField(
        label="Model that it was before",
        queryset=AIModel.objects.none(),
        help_text="Only models that no row lists any more can be chosen.",
    )
    field_order = ["former"]

    def prepare(self) -> None:
        """Let the person choose among the models that are listed nowhere."""
        others = AIModel.objects.filter(listed=None).exclude(pk=self.subject.pk)
        self.set_choices("former", others.exclude(slug__in=self.subject.continued_ids))

    def perform(self) -> str:
        former = self.cleaned_data["former"]
        listings.take_on_history(self.subject, of=former)
        return f"{self.subject} takes on the history of {former}."


class RenameListedModel(_RenameForm):
    """Give a model another name, from the page of a listing."""

    name, title = "rename", "Rename a model"
    description = (
        "The same model gets another name wherever it is listed; the old one stays as an alias."
    )
    needed_roles = (ColumnRole.MODELS,)
    row = forms.ModelChoiceField(label="Model", queryset=ListedModel.objects.none())

    def prepare(self) -> None:
        """Let the person choose among the models of the listing."""
        self.set_choices("row", rows_of_listing(self.subject))

    def model(self) -> AIModel | None:
        """Return the model that was chosen."""
        row: ListedModel | None = self.cleaned_data.get("row")
        return row.model if row else None


class MoveModels(ChooseModelsForm):
    """Move models to another listing of the register."""

    name, title = "move", "Move models to another row"
    description = (
        "Moves models to another row of this register, with their footnotes. "
        "They then go where that row goes."
    )
    to = ListingChoice(label="To the row", queryset=Listing.objects.none())
    first = forms.BooleanField(
        label="At its beginning", required=False, help_text="Otherwise at its end."
    )
    field_order = ["rows", "to", "first"]

    def prepare(self) -> None:
        """Let the person choose among the models, and among the other listings of the register."""
        super().prepare()
        others = self.subject.register.listings.exclude(pk=self.subject.pk)
        with_models = others.filter(section__columns__role=ColumnRole.MODELS.value)
        self.set_choices("to", with_models.prefetch_related(*name_relations()))

    def perform(self) -> str:
        rows, to = list(self.cleaned_data["rows"]), self.cleaned_data["to"]
        # Named before the move: afterwards it has these models too.
        summary = f"Moved {model_names(rows)} to {the_row_of(str(to))}."
        listings.move(rows, to=to, first=self.cleaned_data["first"])
        return summary


class _NewRowForm(ActionForm):
    """An action that makes a new listing, and leads to that one's form afterwards."""

    permissions = ("compliance.change_listing", "compliance.add_listing")
    provider_lines = LinesField(
        label="Providers of the new row",
        rows=4,
        with_texts=True,
        help_text="One a line, in order. Delete those that these models do not go to, add others.",
    )
    copying_terms = forms.BooleanField(
        label="With the terms of this row",
        required=False,
        initial=True,
        help_text="What it states in its other cells, with the footnotes. Its own documents come "
        "along only if the providers stay the same. Otherwise the new row says what its providers "
        "declare.",
    )
    after = ListingChoice(
        label="Behind the row",
        queryset=Listing.objects.none(),
        required=False,
        empty_label="Before all others",
    )
    field_order = ["rows", "model_lines", "provider_lines", "copying_terms", "after"]

    def prepare(self) -> None:
        """Start with the providers of this listing, and the place behind it."""
        super().prepare()
        self.set_choices("after", listings_beside(self.subject))
        self.initial["after"] = self.subject.pk
        if ColumnRole.PROVIDERS in roles_of(self.subject):
            self.initial["provider_lines"] = ListingRows(self.subject).provider_lines()
        else:
            del self.fields["provider_lines"]

    def clean(self) -> Any:
        cleaned = super().clean()
        self.providers: list[ProviderRow] = self._find_all(
            "provider_lines",
            self.subject.register,
            ProviderFinder(self._typed_names("provider_lines")).find,
            lambda line, provider, notes: ProviderRow(provider, notes, line.text or ""),
        )
        return cleaned

    def _new_row_options(self) -> dict[str, Any]:
        """Return the keyword arguments for the new listing; say so if its providers differ."""
        former = {row.provider_id for row in self.subject.listed_providers.all()}
        has_others = former != {row.provider.pk for row in self.providers}
        if self.cleaned_data["copying_terms"] and has_others:
            self.outlook = (
                "The new row goes to other providers than this one. Check that the terms and the "
                "footnotes of this row are true of them."
            )
        return {
            "providers": self.providers,
            "copying_terms": self.cleaned_data["copying_terms"],
            "after": self.cleaned_data["after"],
        }


class SplitModels(_NewRowForm, ChooseModelsForm):
    """Move models into a new listing of their own."""

    name, title = "split", "Split models off"
    description = (
        "Moves models into a new row, with their footnotes. "
        "The row that they leave keeps its permanent address."
    )

    def perform(self) -> str:
        rows = list(self.cleaned_data["rows"])
        self.redirect_to = listings.split(rows, **self._new_row_options())
        return f"Split {model_names(rows)} off into this new row. {self.outlook}".strip()


class AddAlike(_NewRowForm, NameModelsForm):
    """List models in a new listing that starts as a copy of this one."""

    name, title = "alike", "Add a row like this one"
    description = "Lists models in a new row that starts from what this row says."

    def perform(self) -> str:
        self.redirect_to = listings.add_alike(
            self.subject, models=self.models, **self._new_row_options()
        )
        return f"Added {model_names(self.models)} in this new row. {self.outlook}".strip()


class MergeListing(ActionForm):
    """Move everything from another listing into this one."""

    name, title = "merge", "Merge another row into this one"
    description = (
        "Moves all models of another row to the end of this one, with their footnotes, and deletes "
        "the other row. They then go where this row goes, on its terms. What else the other row "
        "says and this one does not is gone; the preview names it."
    )
    permissions = ("compliance.change_listing", "compliance.delete_listing")
    needed_roles = (ColumnRole.MODELS,)
    other = ListingChoice(label="The other row", queryset=Listing.objects.none())
    taking_providers = forms.BooleanField(
        label="With its providers",
        required=False,
        help_text="This row then names the providers of both, for all of its models.",
    )
    field_order = ["other", "taking_providers"]

    def prepare(self) -> None:
        """Let the person choose among the other listings of the table."""
        self.set_choices("other", listings_beside(self.subject).exclude(pk=self.subject.pk))

    def perform(self) -> str:
        other = self.cleaned_data["other"]
        # Named before the merge: afterwards the other listing is gone.
        summary = f"Merged {the_row_of(str(other))} into this one."
        listings.merge(
            self.subject, other=other, taking_providers=self.cleaned_data["taking_providers"]
        )
        return summary


class MoveListing(ActionForm):
    """Move a listing to the table of another section."""

    name, title = "section", "Move this row to another table"
    description = (
        "Moves this row to the table of another section of the register. Its cells go to the "
        "columns of the same key; where there is none, the cell has to be empty."
    )
    to = forms.ModelChoiceField(label="To the table", queryset=Section.objects.none())
    first = forms.BooleanField(
        label="At its beginning", required=False, help_text="Otherwise at its end."
    )
    field_order = ["to", "first"]

    @classmethod
    def is_offered(cls, subject: Any) -> bool:
        """Return whether the register has another table."""
        return _other_tables(subject).exists()

    def prepare(self) -> None:
        """Let the person choose among the other tables of the register."""
        self.set_choices("to", _other_tables(self.subject))

    def perform(self) -> str:
        to = self.cleaned_data["to"]
        last = None if self.cleaned_data["first"] else to.listings.last()
        listings.move_listing(self.subject, to=to, after=last)
        return f"Moved the row to {to}."


def _other_tables(listing: Listing) -> QuerySet[Any]:
    sections = listing.register.sections.exclude(pk=listing.section_id)
    return sections.filter(columns__isnull=False).distinct()


class ReorderListings(ActionForm):
    """Put the listings of a register in another order, each within its table."""

    name, title = "reorder", "Reorder the rows"
    description = (
        "Each line is a row, by its number on the page and its name. "
        "Move lines within their table; write none."
    )

    @classmethod
    def is_offered(cls, subject: Any) -> bool:
        """Return whether the register has rows."""
        return bool(subject.listings.exists())

    def prepare(self) -> None:
        """Write a line for each listing of each table. Its number makes the line unique."""
        self.tables: dict[str, _Table] = {}
        listed = self.subject.listings.prefetch_related(*name_relations())
        for number, listing in enumerate(listed, start=1):
            name = f"order-{listing.section_id}"
            if name not in self.tables:
                self.tables[name] = _Table(listing.section)
            self.tables[name].rows[f"{number}. {listing}"] = listing
        for name, table in self.tables.items():
            self.fields[name] = MultilineField(
                label=f"Rows of {table.section}" if len(self.tables) > 1 else "Rows",
                max_length=1_000_000,
                widget=forms.Textarea(attrs={"rows": 24, "class": "lines", "spellcheck": "false"}),
                help_text="Cut a line and paste it where the row shall stand. "
                "The numbers say where each row stands now.",
            )
            self.initial[name] = "\n".join(table.rows)

    def clean(self) -> Any:
        """Read the order of each table, with an error for each line that is none of its rows."""
        cleaned = super().clean() or {}
        for name, table in self.tables.items():
            lines = [line.strip() for line in cleaned.get(name, "").splitlines() if line.strip()]
            if name not in self.errors and (faults := table.faults(lines)):
                self.add_error(name, faults)
            table.order = [table.rows[line] for line in lines if line in table.rows]
        return cleaned

    def perform(self) -> str:
        for table in self.tables.values():
            listings.reorder(table.section, order=table.order)
        return "Reordered the rows."


@dataclass
class _Table:
    """A table whose rows are reordered: its rows by their lines, and the order that was typed."""

    section: Section
    rows: dict[str, Listing] = field(default_factory=dict)
    order: list[Listing] = field(default_factory=list)

    def faults(self, lines: Sequence[str]) -> list[str]:
        """Return a sentence for each line that is unknown, repeated or missing."""
        faults = []
        for line in lines:
            if line not in self.rows:
                faults.append(f"There is no row “{line}”. Put the line back as it was.")
        for line in self.rows:
            count = lines.count(line)
            if count > 1:
                faults.append(f"“{line}” stands there {count} times. Keep one.")
            elif not count:
                faults.append(f"“{line}” is missing. A row is deleted on its own page.")
        return faults


LISTING_ACTIONS = (
    AddModels,
    RetireModels,
    ReplaceListedModel,
    RenameListedModel,
    MoveModels,
    SplitModels,
    AddAlike,
    MergeListing,
    MoveListing,
    DiscardChanges,
)
MODEL_ACTIONS = (ReplaceModel, RenameModel, RetireModel, TakeOnHistory)
REGISTER_ACTIONS = (ReorderListings, AdoptDeclarations)
