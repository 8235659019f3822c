"""One-step actions on listings, models and registers: one form for each.

The form finds the records that it names, and the functions of workingcopy.listings do the work.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet

from compliance.admin.components.fields import MultilineField
from compliance.admin.components.labels import listing_label
from compliance.admin.components.lines import LinesField, TypedLine, numbers_text
from compliance.admin.listings.form import ListingRows, ModelFinder, ProviderFinder
from compliance.admin.preview.confirm import ConfirmableForm
from compliance.models import AIModel, Footnote, ListedModel, Listing, Register
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.names import spelling_fault
from compliance.workingcopy import listings
from compliance.workingcopy.listings import ModelRow, ProviderRow

_BOXES = forms.CheckboxSelectMultiple
_NOT_THERE = "One of those is not there any more. Choose again."


class ActionForm(ConfirmableForm):
    """The form of an action on a record, the `subject`, and the action itself.

    A subclass sets the `name` in its address, the `title` of its screen and link, a `description`
    in a sentence, and the permissions that it needs.
    """

    name = ""
    title = ""
    description = ""
    permissions: Sequence[str] = ("compliance.change_listing",)
    field_order: Sequence[str] | None = None

    def __init__(self, subject: Any, actor: Any, data: Any = None) -> None:
        super().__init__(data)
        self.subject, self.actor = subject, actor
        # Where to go afterwards; an action that makes a record replaces it by that one.
        self.redirect_to = subject
        self.prepare()

    def prepare(self) -> None:
        """Set the choices and initial values that depend on the subject."""

    def set_choices(self, name: str, records: QuerySet[Any]) -> None:
        """Let a field choose from these records."""
        field: Any = self.fields[name]
        field.queryset = records

    def perform(self) -> str:
        """Perform the action in the open changeset and return a summary for the success message.

        Raises ListingActionError or another ValidationError where it cannot be performed.
        """
        raise NotImplementedError

    def _find_all(
        self,
        field: str,
        register: Register,
        find: Callable[[TypedLine], Any],
        make: Callable[..., Any],
    ) -> list[Any]:
        """Return what the lines of a field name, each made by `make(line, record, footnotes)`.

        Lines that name nothing, or an unknown footnote, get an error each and are left out.
        """
        notes = {note.position: note for note in Footnote.objects.filter(register=register)}
        found = []
        for line in self.cleaned_data.get(field, ()):
            try:
                target = find(line)
            except ValidationError as error:
                self.add_error(field, error)
                continue
            if unknown := [number for number in line.numbers if number not in notes]:
                self.add_error(
                    field,
                    f"{line.name}: there is no footnote {numbers_text(unknown)} in this register.",
                )
                continue
            found.append(make(line, target, tuple(notes[number] for number in line.numbers)))
        return found

    def _find_model(self, field: str) -> AIModel | None:
        """Return the model that a field names, unsaved for a new name; None after an error."""
        typed = self.cleaned_data.get(field)
        if not typed:
            return None
        try:
            return ModelFinder(self.actor).find(TypedLine(typed))
        except ValidationError as error:
            self.add_error(field, error)
            return None


class ListingChoice(forms.ModelChoiceField):
    """A choice of one listing, by its position and its first models."""

    def label_from_instance(self, listing: Any) -> str:
        return f"{listing.position}: {listing_label(listing)}"


class ManyChoice(forms.ModelMultipleChoiceField):
    """A choice of several records."""

    default_error_messages = dict.fromkeys(("invalid_choice", "invalid_pk_value"), _NOT_THERE)

    def clean(self, value: Any) -> Any:
        """Return the records; raises ValidationError."""
        try:
            return super().clean(value)
        except OverflowError:  # SQLite's, for a key of more than 64 bits
            raise ValidationError(_NOT_THERE) from None


class RowChoice(ManyChoice):
    """A choice of the listings that name one model, each by its register and position."""

    widget = _BOXES

    def label_from_instance(self, row: Any) -> str:
        return f"{row.listing.register}, {row.listing.position}: {listing_label(row.listing)}"


def _listings(register: Register) -> QuerySet[Any]:
    """Return the listings of a register with the models that they are named by."""
    return Listing.objects.filter(register=register).prefetch_related(_named())


def _named(lookup: str = "listed_models") -> Any:
    return Prefetch(lookup, ListedModel.objects.select_related("model"))


def _rows_of(listing: Listing) -> QuerySet[Any]:
    return ListedModel.objects.filter(listing=listing).select_related("model", "listing")


def _rows_naming(model: AIModel) -> QuerySet[Any]:
    rows = ListedModel.objects.filter(model=model).select_related("model", "listing__register")
    return rows.order_by("listing__register__title", "listing__position").prefetch_related(
        _named("listing__listed_models")
    )


def _names(rows: Iterable[Any]) -> str:
    return join_names([row.model.name for row in rows], limit=FEW)


class _ChooseModelsForm(ActionForm):
    rows = ManyChoice(
        label="Models",
        queryset=ListedModel.objects.none(),
        widget=_BOXES,
        error_messages={"required": "Choose a model."},
    )

    def prepare(self) -> None:
        """Let the person choose among the models of the listing."""
        self.set_choices("rows", _rows_of(self.subject))


class _ChooseRowsForm(ActionForm):
    rows = RowChoice(
        label="Where",
        queryset=ListedModel.objects.none(),
        error_messages={"required": "Choose a row."},
    )

    def prepare(self) -> None:
        """Let the person choose among the listings of the model; at first all are chosen."""
        rows = _rows_naming(self.subject)
        self.set_choices("rows", rows)
        self.initial["rows"] = [row.pk for row in rows]


class _NameModelsForm(ActionForm):
    model_lines = LinesField(
        label="Models",
        rows=8,
        help_text="One a line. Footnotes go in square brackets at the end: GPT 5 chat [4].",
    )

    def clean(self) -> Any:
        cleaned = super().clean()
        self.models: list[ModelRow] = self._find_all(
            "model_lines",
            self.subject.register,
            ModelFinder(self.actor).find,
            lambda line, model, notes: ModelRow(model, notes),
        )
        if not self.models and not self.errors:
            self.add_error("model_lines", "Name a model.")
        return cleaned


class AddModels(_NameModelsForm):
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
        rows = _rows_of(self.subject)
        self.set_choices("after", rows)
        last = rows.last()
        self.initial["after"] = last.pk if last else None

    def perform(self) -> str:
        listings.add(self.subject, models=self.models, after=self.cleaned_data["after"])
        return f"Added {_names(self.models)}."


class RetireModels(_ChooseModelsForm):
    """Take models out of a listing."""

    name, title = "retire", "Retire models"
    description = "Takes models out of this row. Their history stays."
    field_order = ["rows"]

    def perform(self) -> str:
        rows = list(self.cleaned_data["rows"])
        listings.retire(rows)
        return f"Retired {_names(rows)}."


class RetireModel(_ChooseRowsForm):
    """Take one model out of the listings that name it."""

    name, title = "retire", "Retire it"
    description = "Takes this model out of the rows that you choose. What is known of it stays."
    field_order = ["rows"]

    def perform(self) -> str:
        listings.retire(list(self.cleaned_data["rows"]))
        return f"Retired {self.subject}."


class _ReplaceForm(ActionForm):
    by = forms.CharField(
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


class ReplaceModel(_ReplaceForm, _ChooseRowsForm):
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
    row = forms.ModelChoiceField(label="Model", queryset=ListedModel.objects.none())

    def prepare(self) -> None:
        """Let the person choose among the models of the listing."""
        self.set_choices("row", _rows_of(self.subject))

    def perform(self) -> str:
        return self._replace([self.cleaned_data["row"]])


class _RenameForm(ActionForm):
    permissions = ("compliance.change_aimodel",)
    new_name = forms.CharField(label="New name", max_length=200)
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


class RenameListedModel(_RenameForm):
    """Give a model another name, from the page of a listing."""

    name, title = "rename", "Rename a model"
    description = (
        "The same model gets another name wherever it is listed; the old one stays as an alias."
    )
    row = forms.ModelChoiceField(label="Model", queryset=ListedModel.objects.none())

    def prepare(self) -> None:
        """Let the person choose among the models of the listing."""
        self.set_choices("row", _rows_of(self.subject))

    def model(self) -> AIModel | None:
        """Return the model that was chosen."""
        row: ListedModel | None = self.cleaned_data.get("row")
        return row.model if row else None


class MoveModels(_ChooseModelsForm):
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
        self.set_choices("to", _listings(self.subject.register).exclude(pk=self.subject.pk))

    def perform(self) -> str:
        rows, to = list(self.cleaned_data["rows"]), self.cleaned_data["to"]
        listings.move(rows, to=to, first=self.cleaned_data["first"])
        return f"Moved {_names(rows)} to the row at {to.position}."


class _NewRowForm(ActionForm):
    """An action that makes a new listing, and leads to that one's form afterwards."""

    permissions = ("compliance.change_listing", "compliance.add_listing")
    provider_lines = LinesField(
        label="Providers of the new row",
        rows=4,
        with_role=True,
        help_text="One a line, in order. Delete those that these models do not go to, add others.",
    )
    copying_terms = forms.BooleanField(
        label="With the terms of this row",
        required=False,
        initial=True,
        help_text="Training use, retention term and own documents, with their footnotes. "
        "Otherwise the new row says what its providers declare.",
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
        self.set_choices("after", _listings(self.subject.register))
        self.initial.update(
            after=self.subject.pk, provider_lines=ListingRows(self.subject).provider_lines()
        )

    def clean(self) -> Any:
        cleaned = super().clean()
        self.providers: list[ProviderRow] = self._find_all(
            "provider_lines",
            self.subject.register,
            ProviderFinder().find,
            lambda line, provider, notes: ProviderRow(provider, notes, line.role, line.condition),
        )
        return cleaned

    def _new_row_options(self) -> dict[str, Any]:
        """Return the keyword arguments for the new listing."""
        return {
            "providers": self.providers,
            "copying_terms": self.cleaned_data["copying_terms"],
            "after": self.cleaned_data["after"],
        }


class SplitModels(_NewRowForm, _ChooseModelsForm):
    """Move models into a new listing of their own."""

    name, title = "split", "Split models off"
    description = (
        "Moves models into a new row, with their footnotes. "
        "The row that they leave keeps its permanent address."
    )

    def perform(self) -> str:
        rows = list(self.cleaned_data["rows"])
        self.redirect_to = listings.split(rows, **self._new_row_options())
        return f"Split {_names(rows)} off into this new row."


class AddAlike(_NewRowForm, _NameModelsForm):
    """List models in a new listing that starts as a copy of this one."""

    name, title = "alike", "Add a row like this one"
    description = "Lists models in a new row that starts from what this row says."

    def perform(self) -> str:
        self.redirect_to = listings.add_alike(
            self.subject, models=self.models, **self._new_row_options()
        )
        return f"Added {_names(self.models)} in this new row."


class MergeListing(ActionForm):
    """Move everything from another listing into this one."""

    name, title = "merge", "Merge another row into this one"
    description = (
        "Moves all models of another row to the end of this one, with their footnotes, and deletes "
        "the other row. They then go where this row goes, on its terms."
    )
    permissions = ("compliance.change_listing", "compliance.delete_listing")
    other = ListingChoice(label="The other row", queryset=Listing.objects.none())
    taking_providers = forms.BooleanField(
        label="With its providers",
        required=False,
        help_text="This row then names the providers of both, for all of its models.",
    )
    field_order = ["other", "taking_providers"]

    def prepare(self) -> None:
        """Let the person choose among the other listings of the register."""
        self.set_choices("other", _listings(self.subject.register).exclude(pk=self.subject.pk))

    def perform(self) -> str:
        other = self.cleaned_data["other"]
        # Named before the merge: afterwards the other listing is gone.
        summary = f"Merged the row of {listing_label(other)} into this one."
        listings.merge(
            self.subject, other=other, taking_providers=self.cleaned_data["taking_providers"]
        )
        return summary


class ReorderListings(ActionForm):
    """Put the listings of a register in another order."""

    name, title = "reorder", "Reorder the rows"
    description = "Each line is a row, by its place and its first models. Move lines; write none."
    order = MultilineField(
        label="Rows",
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 24, "class": "lines", "spellcheck": "false"}),
        help_text="Cut a line and paste it where the row shall stand. "
        "The numbers say where each row stands now.",
    )
    field_order = ["order"]

    def prepare(self) -> None:
        """Write a line for each listing. Its number makes the line unique."""
        self.rows = {}
        for number, listing in enumerate(_listings(self.subject), start=1):
            self.rows[f"{number}. {listing_label(listing)}"] = listing
        self.initial["order"] = "\n".join(self.rows)

    def clean_order(self) -> list[Listing]:
        """Return the listings in the order typed.

        Raises ValidationError with a message for each line that is unknown, repeated or missing.
        """
        lines = [line.strip() for line in self.cleaned_data["order"].splitlines() if line.strip()]
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
        if faults:
            raise ValidationError(faults)
        return [self.rows[line] for line in lines]

    def perform(self) -> str:
        listings.reorder(self.subject, order=self.cleaned_data["order"])
        return "Reordered the rows."


LISTING_ACTIONS = (
    AddModels,
    RetireModels,
    ReplaceListedModel,
    RenameListedModel,
    MoveModels,
    SplitModels,
    AddAlike,
    MergeListing,
)
MODEL_ACTIONS = (ReplaceModel, RenameModel, RetireModel)
REGISTER_ACTIONS = (ReorderListings,)
