"""What each act in one step is told: one form an act, which finds what it names and does it."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet

from compliance.admin.components.fields import MultilineField
from compliance.admin.components.lines import Line, LinesField, numbers_text
from compliance.admin.listings.form import Models, Providers, Rows
from compliance.admin.preview.confirm import BindingForm
from compliance.models import AIModel, Footnote, ListedModel, Listing, Register
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.names import spelling_fault
from compliance.workingcopy import listings
from compliance.workingcopy.listings import ModelRow, ProviderRow

_BOXES = forms.CheckboxSelectMultiple
_GONE = "One of those is not there any more. Choose again."


class ActionForm(BindingForm):
    """What an act is told, and the act. `subject` is the record whose page leads to it.

    Its subclass says what it is called, what it does in a sentence, and what it takes to be let in.
    """

    name, title, about = "", "", ""
    permissions: Sequence[str] = ("compliance.change_listing",)
    field_order: Sequence[str] | None = None

    def __init__(self, subject: Any, actor: Any, data: Any = None) -> None:
        super().__init__(data)
        self.subject, self.actor = subject, actor
        self.leads_to = subject
        self.prepare()

    def prepare(self) -> None:
        """Fill the choices from the subject."""

    def offer(self, name: str, records: QuerySet[Any]) -> None:
        """Make records what a field chooses from."""
        field: Any = self.fields[name]
        field.queryset = records

    def perform(self) -> str:
        """Do it in the open changeset and return what was done; raises NotRelisted, ValidationError."""
        raise NotImplementedError

    def _find_all(
        self, field: str, register: Register, find: Callable[[Line], Any], make: Callable[..., Any]
    ) -> list[Any]:
        """Return what the lines of a field name, made with their footnotes; complain of every line at once."""
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
        """Return the one model that a field names, an unsaved one for a new name."""
        typed = self.cleaned_data.get(field)
        if not typed:
            return None
        try:
            return Models(self.actor).find(Line(typed))
        except ValidationError as error:
            self.add_error(field, error)
            return None


class ListingChoice(forms.ModelChoiceField):
    """A row of the page, by its position and its first models."""

    def label_from_instance(self, listing: Any) -> str:
        """Return the row as it is chosen."""
        return f"{listing.position}: {_called(listing)}"


class ManyChoice(forms.ModelMultipleChoiceField):
    """Several records; a key beyond the database's range is none of them."""

    default_error_messages = dict.fromkeys(("invalid_choice", "invalid_pk_value"), _GONE)

    def clean(self, value: Any) -> Any:
        """Return the records; raises ValidationError."""
        try:
            return super().clean(value)
        except OverflowError:
            raise ValidationError(_GONE) from None


class PlaceChoice(ManyChoice):
    """Places of one model, each by its register and row."""

    widget = _BOXES

    def label_from_instance(self, row: Any) -> str:
        """Return the place as it is chosen."""
        return f"{row.listing.register}, {row.listing.position}: {_called(row.listing)}"


def _called(listing: Listing) -> str:
    return (
        join_names([row.model.name for row in listing.listed_models.all()], limit=FEW)
        or "a row without models"
    )


def _listings(register: Register) -> QuerySet[Any]:
    """Return the rows of a register with what they are called by."""
    return Listing.objects.filter(register=register).prefetch_related(_named())


def _named(lookup: str = "listed_models") -> Any:
    return Prefetch(lookup, ListedModel.objects.select_related("model"))


def _rows_of(listing: Listing) -> QuerySet[Any]:
    return ListedModel.objects.filter(listing=listing).select_related("model", "listing")


def _places_of(model: AIModel) -> QuerySet[Any]:
    rows = ListedModel.objects.filter(model=model).select_related("model", "listing__register")
    return rows.order_by("listing__register__title", "listing__position").prefetch_related(
        _named("listing__listed_models")
    )


def _names(rows: Iterable[Any]) -> str:
    return join_names([row.model.name for row in rows], limit=FEW)


class _ChoosesModels(ActionForm):
    rows = ManyChoice(
        label="Models",
        queryset=ListedModel.objects.none(),
        widget=_BOXES,
        error_messages={"required": "Choose a model."},
    )

    def prepare(self) -> None:
        """Offer the models of the row."""
        self.offer("rows", _rows_of(self.subject))


class _ChoosesPlaces(ActionForm):
    rows = PlaceChoice(
        label="Where",
        queryset=ListedModel.objects.none(),
        error_messages={"required": "Choose a row."},
    )

    def prepare(self) -> None:
        """Offer the places of the model, all of them chosen."""
        places = _places_of(self.subject)
        self.offer("rows", places)
        self.initial["rows"] = [row.pk for row in places]


class _NamesModels(ActionForm):
    model_lines = LinesField(
        label="Models",
        rows=8,
        help_text="One a line. Footnotes go in square brackets at the end: GPT 5 chat [4].",
    )

    def clean(self) -> Any:
        """Find the models."""
        cleaned = super().clean()
        self.models: list[ModelRow] = self._find_all(
            "model_lines",
            self.subject.register,
            Models(self.actor).find,
            lambda line, model, notes: ModelRow(model, notes),
        )
        if not self.models and not self.errors:
            self.add_error("model_lines", "Name a model.")
        return cleaned


class AddModels(_NamesModels):
    """Many lines: each becomes a listed model."""

    name, title = "add", "Add models"
    about = "Lists models in this row, in the order in which you name them. A new name becomes a new model."
    after = forms.ModelChoiceField(
        label="Behind",
        queryset=ListedModel.objects.none(),
        required=False,
        empty_label="Before all others",
    )
    field_order = ["model_lines", "after"]

    def prepare(self) -> None:
        """Offer the places in the row; the end is chosen."""
        rows = _rows_of(self.subject)
        self.offer("after", rows)
        last = rows.last()
        self.initial["after"] = last and last.pk

    def perform(self) -> str:
        """Add them."""
        listings.add(self.subject, models=self.models, after=self.cleaned_data["after"])
        return f"Added {join_names([each.model.name for each in self.models], limit=FEW)}."


class RetireModels(_ChoosesModels):
    """Models leave the row."""

    name, title = "retire", "Retire models"
    about = "Takes models out of this row. Their history stays."
    field_order = ["rows"]

    def perform(self) -> str:
        """Retire them."""
        rows = list(self.cleaned_data["rows"])
        listings.retire(rows)
        return f"Retired {_names(rows)}."


class RetireModel(_ChoosesPlaces):
    """One model leaves its rows."""

    name, title = "retire", "Retire it"
    about = "Takes this model out of the rows that you choose. What is known of it stays."
    field_order = ["rows"]

    def perform(self) -> str:
        """Retire it."""
        listings.retire(list(self.cleaned_data["rows"]))
        return f"Retired {self.subject}."


class _Replaces(ActionForm):
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
        """Find the new model."""
        cleaned = super().clean()
        self.successor = self._find_model("by")
        return cleaned

    def _replace(self, rows: list[ListedModel]) -> str:
        gone = rows[0].model.name
        listings.replace(
            rows,
            by=self.successor,  # type: ignore[arg-type]
            keeping_place=self.cleaned_data["keeping_place"],
            keeping_marks=self.cleaned_data["keeping_marks"],
        )
        return f"Replaced {gone} by {self.successor}."


class ReplaceModel(_Replaces, _ChoosesPlaces):
    """A newer version takes the place of a model wherever it is listed."""

    name, title = "replace", "Replace it by another model"
    about = "Puts another model, such as a newer version, in the place of this one. This one is kept, and listed no more."

    def perform(self) -> str:
        """Replace it."""
        return self._replace(list(self.cleaned_data["rows"]))


class ReplaceListedModel(_Replaces):
    """A newer version takes the place of a model in one row."""

    name, title = "replace", "Replace a model"
    about = "Puts another model, such as a newer version, in the place of one of this row."
    row = forms.ModelChoiceField(label="Model", queryset=ListedModel.objects.none())

    def prepare(self) -> None:
        """Offer the models of the row."""
        self.offer("row", _rows_of(self.subject))

    def perform(self) -> str:
        """Replace it."""
        return self._replace([self.cleaned_data["row"]])


class _Renames(ActionForm):
    permissions = ("compliance.change_aimodel",)
    new_name = forms.CharField(label="New name", max_length=200)
    field_order = ["row", "new_name"]

    def model(self) -> AIModel | None:
        """Return the model that gets another name."""
        raise NotImplementedError

    def clean(self) -> Any:
        """Refuse the name of another model, and what is almost one."""
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
        """Rename it."""
        model = self.model()
        assert model is not None  # noqa: S101  # the form is valid
        was = model.name
        listings.rename(model, name=self.cleaned_data["new_name"])
        return f"Renamed {was} to {model}."


class RenameModel(_Renames):
    """The same model under another name."""

    name, title = "rename", "Rename it"
    about = "The same model gets another name wherever it is listed; the old one stays as an alias."

    def model(self) -> AIModel | None:
        """Return the model itself."""
        return self.subject  # type: ignore[no-any-return]


class RenameListedModel(_Renames):
    """A model of a row under another name."""

    name, title = "rename", "Rename a model"
    about = "The same model gets another name wherever it is listed; the old one stays as an alias."
    row = forms.ModelChoiceField(label="Model", queryset=ListedModel.objects.none())

    def prepare(self) -> None:
        """Offer the models of the row."""
        self.offer("row", _rows_of(self.subject))

    def model(self) -> AIModel | None:
        """Return the model that was chosen."""
        row: ListedModel | None = self.cleaned_data.get("row")
        return row.model if row else None


class MoveModels(_ChoosesModels):
    """Models go to another row."""

    name, title = "move", "Move models to another row"
    about = "Moves models to another row of this register, with their footnotes. They then go where that row goes."
    to = ListingChoice(label="To the row", queryset=Listing.objects.none())
    first = forms.BooleanField(
        label="At its beginning", required=False, help_text="Otherwise at its end."
    )
    field_order = ["rows", "to", "first"]

    def prepare(self) -> None:
        """Offer the models of the row and the other rows."""
        super().prepare()
        self.offer("to", _listings(self.subject.register).exclude(pk=self.subject.pk))

    def perform(self) -> str:
        """Move them."""
        rows, to = list(self.cleaned_data["rows"]), self.cleaned_data["to"]
        listings.move(rows, to=to, first=self.cleaned_data["first"])
        return f"Moved {_names(rows)} to the row at {to.position}."


class _OpensRow(ActionForm):
    """An act that ends with a new row, which is opened afterwards."""

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
        """Offer the providers of this row, and the places for the new one; behind this one is chosen."""
        super().prepare()
        self.offer("after", _listings(self.subject.register))
        self.initial.update(
            after=self.subject.pk, provider_lines=Rows(self.subject).provider_lines()
        )

    def clean(self) -> Any:
        """Find the providers."""
        cleaned = super().clean()
        self.providers: list[ProviderRow] = self._find_all(
            "provider_lines",
            self.subject.register,
            Providers().find,
            lambda line, provider, notes: ProviderRow(provider, notes, line.role, line.condition),
        )
        return cleaned

    def _row(self) -> dict[str, Any]:
        """Return what the verbs are told of the new row."""
        told = {name: self.cleaned_data[name] for name in ("copying_terms", "after")}
        return {"providers": self.providers, **told}


class SplitModels(_OpensRow, _ChoosesModels):
    """Models get a row of their own."""

    name, title = "split", "Split models off"
    about = "Moves models into a new row, with their footnotes. The row that they leave keeps its permanent address."

    def perform(self) -> str:
        """Split them off."""
        rows = list(self.cleaned_data["rows"])
        self.leads_to = listings.split(rows, **self._row())
        return f"Split {_names(rows)} off into this new row."


class AddAlike(_OpensRow, _NamesModels):
    """Models get a new row that is like this one."""

    name, title = "alike", "Add a row like this one"
    about = "Lists models in a new row that starts from what this row says."

    def perform(self) -> str:
        """Add the row."""
        self.leads_to = listings.add_alike(self.subject, models=self.models, **self._row())
        return f"Added {join_names([each.model.name for each in self.models], limit=FEW)} in this new row."


class MergeListing(ActionForm):
    """Another row comes into this one."""

    name, title = "merge", "Merge another row into this one"
    about = "Moves all models of another row to the end of this one, with their footnotes, and deletes the other row. "
    about += "They then go where this row goes, on its terms."
    permissions = ("compliance.change_listing", "compliance.delete_listing")
    other = ListingChoice(label="The other row", queryset=Listing.objects.none())
    taking_providers = forms.BooleanField(
        label="With its providers",
        required=False,
        help_text="This row then names the providers of both, for all of its models.",
    )
    field_order = ["other", "taking_providers"]

    def prepare(self) -> None:
        """Offer the other rows."""
        self.offer("other", _listings(self.subject.register).exclude(pk=self.subject.pk))

    def perform(self) -> str:
        """Merge them."""
        other = self.cleaned_data["other"]
        said = f"Merged the row of {_called(other)} into this one."
        listings.merge(
            self.subject, other=other, taking_providers=self.cleaned_data["taking_providers"]
        )
        return said


class ReorderListings(ActionForm):
    """The rows of a register in another order."""

    name, title = "reorder", "Reorder the rows"
    about = "Each line is a row, by its place and its first models. Move lines; write none."
    order = MultilineField(
        label="Rows",
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 24, "class": "lines", "spellcheck": "false"}),
        help_text="Cut a line and paste it where the row shall stand. The numbers say where each row stands now.",
    )
    field_order = ["order"]

    def prepare(self) -> None:
        """Write a line a row."""
        rows = enumerate(_listings(self.subject), start=1)
        self.rows = {f"{place}. {_called(listing)}": listing for place, listing in rows}
        self.initial["order"] = "\n".join(self.rows)

    def clean_order(self) -> list[Listing]:
        """Return the rows in the order typed; refuses lines that are none of them, and an order without one of them."""
        lines = [line.strip() for line in self.cleaned_data["order"].splitlines() if line.strip()]
        faults = [
            f"There is no row “{line}”. Put the line back as it was."
            for line in lines
            if line not in self.rows
        ]
        faults += [f"“{line}” stands there {lines.count(line)} times. Keep one." for line in self.rows if
                   lines.count(line) > 1]  # fmt: skip
        faults += [
            f"“{line}” is missing. A row is deleted on its own page."
            for line in self.rows
            if line not in lines
        ]
        if faults:
            raise ValidationError(faults)
        return [self.rows[line] for line in lines]

    def perform(self) -> str:
        """Reorder them."""
        listings.reorder(self.subject, order=self.cleaned_data["order"])
        return "Reordered the rows."


OF_LISTING = (
    AddModels,
    RetireModels,
    ReplaceListedModel,
    RenameListedModel,
    MoveModels,
    SplitModels,
    AddAlike,
    MergeListing,
)
OF_MODEL = (ReplaceModel, RenameModel, RetireModel)
OF_REGISTER = (ReorderListings,)
