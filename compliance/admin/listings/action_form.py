"""The base of the forms of one-step actions, and the fields that several of them share.

The form finds the records that it names, and the functions of workingcopy.listings do the work.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import capfirst

from compliance.admin.components.labels import RowPlaces, name_relations
from compliance.admin.components.lines import LinesField, TypedLine, numbers_text
from compliance.admin.listings.finders import ModelFinder
from compliance.admin.preview.confirm import ConfirmableForm
from compliance.models import AIModel, Footnote, ListedModel, Listing, Register
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.listings import ModelRow

CHECKBOXES = forms.CheckboxSelectMultiple
NOT_THERE = "One of those is not there any more. Choose again."


class ActionForm(ConfirmableForm):
    """The form of an action on a record, the `subject`, and the action itself.

    A subclass sets the `name` in its address, the `title` of its screen and link, a `description`
    in a sentence, and the permissions that it needs. A `details_template` is shown below its
    fields, and before the preview the `outlook` that `perform` may set. Nobody can press anything
    unless the form `can_perform` something. One that has nothing to choose `is_previewed_at_once`.
    """

    name = ""
    title = ""
    description = ""
    details_template = ""
    outlook = ""
    is_previewed_at_once = False
    permissions: Sequence[str] = ("compliance.change_listing",)
    # The columns that the table of a listing must have for the action.
    needed_roles: Collection[ColumnRole] = ()
    field_order: Sequence[str] | None = None

    def __init__(self, subject: Any, actor: Any, data: Any = None) -> None:
        super().__init__(data)
        self.subject, self.actor = subject, actor
        # Where to go afterwards; an action that makes a record replaces it by that one.
        self.redirect_to = subject
        self.prepare()

    @classmethod
    def is_offered(cls, subject: Any) -> bool:
        """Return whether the action can be performed on a record, whoever the person is."""
        if not cls.needed_roles:
            return True
        return set(cls.needed_roles) <= roles_of(subject)

    @property
    def can_perform(self) -> bool:
        """Whether there is anything to choose."""
        return True

    def prepare(self) -> None:
        """Set the choices and initial values that depend on the subject."""

    def set_choices(self, name: str, records: QuerySet[Any]) -> None:
        """Let a field choose from these records."""
        field: Any = self.fields[name]
        field.queryset = records
        if isinstance(field, ListingChoice):
            field.home = self.subject.section_id
            field.places = RowPlaces([self.subject])

    def perform(self) -> str:
        """Perform the action in the open changeset and return a summary for the success message.

        Raises ListingActionError or another ValidationError where it cannot be performed.
        """
        raise NotImplementedError

    def _typed_names(self, field: str) -> set[str]:
        """Return the names in the lines of a field."""
        return {line.name for line in self.cleaned_data.get(field, ())}

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
            line = TypedLine(typed)
            return ModelFinder(self.actor, {line.name}).find(line)
        except ValidationError as error:
            self.add_error(field, error)
            return None


class ListingChoice(forms.ModelChoiceField):
    """A choice of one listing of a page, by its number on the page and what it is called.

    `home` is the key of the section whose name goes without saying.
    """

    home: Any = None
    places: RowPlaces

    def label_from_instance(self, listing: Any) -> str:
        label = f"row {self.places.number(listing)}: {listing}"
        if self.home == listing.section_id:
            return capfirst(label)
        return f"{listing.section}, {label}"


class ManyChoice(forms.ModelMultipleChoiceField):
    """A choice of several records."""

    default_error_messages = dict.fromkeys(("invalid_choice", "invalid_pk_value"), NOT_THERE)

    def clean(self, value: Any) -> Any:
        """Return the records; raises ValidationError."""
        try:
            return super().clean(value)
        except OverflowError:  # SQLite's, for a key of more than 64 bits
            raise ValidationError(NOT_THERE) from None


class RowChoice(ManyChoice):
    """A choice of the listings that name one model, each by its page, number and name."""

    widget = CHECKBOXES
    places: RowPlaces

    def label_from_instance(self, row: Any) -> str:
        return self.places.named(row.listing)


def roles_of(listing: Listing) -> set[ColumnRole]:
    """Return what the columns of a listing's table mean."""
    return {ColumnRole(column.role) for column in listing.section.columns.all()}


def listings_beside(listing: Listing) -> QuerySet[Any]:
    """Return the listings of a listing's table, itself included, with what they are named by."""
    listings = Listing.objects.filter(section=listing.section_id)
    return listings.prefetch_related(*name_relations())


def rows_of_listing(listing: Listing) -> QuerySet[Any]:
    return ListedModel.objects.filter(listing=listing).select_related("model", "listing")


def rows_naming(model: AIModel) -> QuerySet[Any]:
    rows = ListedModel.objects.filter(model=model).select_related(
        "model", "listing__section__register"
    )
    order = ("listing__section__register__title", "listing__section__position", "listing__position")
    return rows.order_by(*order).prefetch_related(*name_relations("listing"))


def model_names(rows: Iterable[Any]) -> str:
    return join_names([row.model.name for row in rows], limit=FEW)


class ChooseModelsForm(ActionForm):
    needed_roles = (ColumnRole.MODELS,)
    rows = ManyChoice(
        label="Models",
        queryset=ListedModel.objects.none(),
        widget=CHECKBOXES,
        error_messages={"required": "Choose a model."},
    )

    def prepare(self) -> None:
        """Let the person choose among the models of the listing."""
        self.set_choices("rows", rows_of_listing(self.subject))


class ChooseRowsForm(ActionForm):
    rows = RowChoice(
        label="Where",
        queryset=ListedModel.objects.none(),
        error_messages={"required": "Choose a row."},
    )

    def prepare(self) -> None:
        """Let the person choose among the listings of the model; at first all are chosen."""
        rows = rows_naming(self.subject)
        self.set_choices("rows", rows)
        field: Any = self.fields["rows"]
        field.places = RowPlaces(row.listing for row in rows)
        self.initial["rows"] = [row.pk for row in rows]


class NameModelsForm(ActionForm):
    needed_roles = (ColumnRole.MODELS,)
    model_lines = LinesField(
        label="Models",
        rows=8,
        with_texts=True,
        help_text="One a line. Footnotes go in square brackets at the end: GPT 5 chat [4].",
    )

    def clean(self) -> Any:
        cleaned = super().clean()
        self.models: list[ModelRow] = self._find_all(
            "model_lines",
            self.subject.register,
            ModelFinder(self.actor, self._typed_names("model_lines")).find,
            lambda line, model, notes: ModelRow(model, notes, line.text or ""),
        )
        if not self.models and not self.errors:
            self.add_error("model_lines", "Name a model.")
        return cleaned
