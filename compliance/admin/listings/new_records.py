"""Records that a row names and that nobody has added yet.

They are described on the form of the row and saved with it: a provider with its declaration and its
policy, a document, a footnote. Each has a small form of its own, whose fields are named after the
kind and a number, such as `new_provider-0-url`.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from compliance.admin.components.fields import LineField, MultilineField
from compliance.admin.listings.claims import save_term
from compliance.models import Footnote, PolicyDocument, Provider
from compliance.models.choices import TRAINING_USES
from compliance.models.positions import next_position
from compliance.page import lengths
from compliance.page.documents import document_kind, document_label
from compliance.page.vocabulary import DocumentKind
from compliance.page.wording import MAX_WORDING_LENGTH

# Nobody describes more of one kind in one row, and each costs time.
_MOST = 20
# In the templates that the script copies for what is added while the form is open.
_ANY_INDEX, _ANY_NAME = "__index__", "__name__"


class NewRecordForm(forms.Form):
    """The fields of one new record; `name` is what the row calls it.

    Once the form is clean, `record` is the record, not saved yet.
    """

    record: Any
    kind: ClassVar[str]
    word: ClassVar[str]
    permissions: ClassVar[tuple[str, ...]]

    def __init__(self, row: Any, index: object, name: str, data: Any = None) -> None:
        self.row, self.index, self.name = row, index, name
        super().__init__(data, prefix=f"{self.kind}-{index}", use_required_attribute=False)

    @property
    def heading(self) -> str:
        return f"New {self.word}: {self.name}"

    def refuse(self, error: ValidationError, **fields: str) -> None:
        """Add what a model refuses; `fields` names the form field of each model field."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error.messages)
            return
        for name, errors in error.message_dict.items():
            field = fields.get(name, name)
            self.add_error(field if field in self.fields else None, errors)

    def save(self) -> None:
        """Save the record in the open changeset."""
        raise NotImplementedError


class NewProvider(NewRecordForm):
    """A new provider, what it declares, and the policy that says so; all of it may stay empty."""

    kind, word = "new_provider", "provider"
    permissions = ("compliance.add_provider", "compliance.add_policydocument")

    training = forms.ChoiceField(
        label="Trains on prompts",
        required=False,
        choices=[("", "It does not say"), *TRAINING_USES],
    )
    retention = LineField(
        label="How long it keeps prompts",
        required=False,
        max_length=MAX_WORDING_LENGTH,
        widget=forms.TextInput(attrs={"list": "retention-wordings"}),
        help_text="As it says, such as 30 days. Empty: it does not say.",
    )
    label = LineField(
        label="Policy: what its link says",
        required=False,
        max_length=200,
        help_text="Empty: the provider’s name and “Privacy Policy”.",
    )
    url = LineField(label="Policy: address", required=False, max_length=2000)

    def clean(self) -> None:
        typed = self.cleaned_data
        self.record = Provider(name=self.name, declared_training=typed.get("training", ""))
        try:
            self.record.clean_fields(exclude=["slug"])
        except ValidationError as error:
            self.refuse(error)
        self.term = None
        if words := typed.get("retention"):
            try:
                self.term = self.row.new_terms.find(words)
            except ValidationError as error:
                self.add_error("retention", error.messages)
        self.new_document = None
        if typed.get("label") or typed.get("url"):
            self.new_document = _document(
                self, self.record, typed.get("label", ""), is_default=True
            )

    def save(self) -> None:
        if self.term:
            save_term(self.term)
            self.record.declared_retention = self.term
        self.record.save()
        if self.new_document:
            self.new_document.provider = self.record
            self.new_document.save()


class NewDocument(NewRecordForm):
    """A new document of one of the row's providers."""

    kind, word = "new_document", "document"
    permissions = ("compliance.add_policydocument",)

    url = LineField(
        label="Address",
        required=False,
        max_length=2000,
        help_text="Only a private agreement may have none.",
    )
    provider = forms.ChoiceField(label="Whose document it is")
    is_default = forms.BooleanField(
        label="Show it in the other rows of this provider too", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.providers = {provider.name: provider for provider in self.row.typed_providers()}
        field: Any = self.fields["provider"]
        field.choices = [(name, name) for name in self.providers]

    def clean(self) -> None:
        typed = self.cleaned_data
        self.record = None
        if provider := self.providers.get(typed.get("provider", "")):
            is_default = typed.get("is_default", False)
            self.record = _document(self, provider, self.name, is_default=is_default)

    def save(self) -> None:
        # A provider that is new itself has been saved by now.
        self.record.provider = self.record.provider
        present = PolicyDocument.objects.filter(provider=self.record.provider)
        self.record.position = next_position(present.values_list("position", flat=True))
        self.record.save()


class NewFootnote(NewRecordForm):
    """A new footnote of the register; its name is its number."""

    kind, word = "new_footnote", "footnote"
    permissions = ("compliance.add_footnote",)

    text = MultilineField(
        label="Its text", widget=forms.Textarea(attrs={"rows": 2}), max_length=lengths.FOOTNOTE.most
    )

    def clean(self) -> None:
        register = self.row.section.register
        text = self.cleaned_data.get("text", "")
        self.record = Footnote(register=register, position=int(self.name), text=text)
        try:
            self.record.clean_fields(exclude=["register"])
            self.record.clean()
        except ValidationError as error:
            if not self.errors:
                self.refuse(error)

    def save(self) -> None:
        self.record.save()


# In the order in which they are saved: a document may be of a new provider.
KINDS: tuple[type[NewRecordForm], ...] = (NewFootnote, NewProvider, NewDocument)


class NewRecords:
    """The new records of a row's form: those that were described, and those that are asked about.

    `row` is the ListingForm.
    """

    def __init__(self, row: Any) -> None:
        self._row = row
        # The number under which each was described, by kind and name. Its form is made when it is
        # asked for: that of a document offers the providers, which are read before.
        self._described: dict[type[NewRecordForm], dict[str, int]] = {}
        self._shown: dict[type[NewRecordForm], dict[str, NewRecordForm]] = {
            kind: {} for kind in KINDS
        }
        self._next = dict.fromkeys(KINDS, 0)
        for kind in KINDS:
            self._described[kind] = {}
            for index in range(_MOST):
                name = row.data.get(f"{kind.kind}-{index}-name", "").strip()
                if name:
                    self._described[kind][name] = index
                    self._next[kind] = index + 1

    def find(
        self, kind: type[NewRecordForm], name: str, *, named: Collection[str], hint: str = ""
    ) -> Any:
        """Return the unsaved record that was described under a name.

        Where none was, the form asks about it. Then, and where the description has a fault, it
        raises ValidationError. `named` are all names of the kind in the row: what was described
        under a name that is none of them goes to the new name. `hint` may say what was meant.
        """
        if not self._row.actor.has_perms(kind.permissions):
            raise ValidationError(
                f"There is no {kind.word} {name}, and your account may not add one.{hint}"
            )
        form = self._shown[kind].get(name)
        if form is None and name in self._described[kind]:
            form = kind(self._row, self._described[kind][name], name, self._row.data)
        if form is None or not form.is_bound:
            self._ask(kind, name, named)
            raise ValidationError(
                f"There is no {kind.word} {name} yet.{hint} If it is new, describe it below and "
                "save again; what you typed is kept."
            )
        self._shown[kind][name] = form
        if not form.is_valid():
            raise ValidationError(f"Put right what describes the new {kind.word} {name} below.")
        return form.record

    def _ask(self, kind: type[NewRecordForm], name: str, named: Collection[str]) -> None:
        if name in self._shown[kind] or len(self._shown[kind]) >= _MOST:
            return
        for former, index in self._described[kind].items():
            if former not in named and former not in self._shown[kind]:
                renamed = kind(self._row, index, name, self._row.data)
                del self._described[kind][former]
                self._shown[kind][name] = renamed
                renamed.is_valid()
                return
        self._shown[kind][name] = kind(self._row, self._next[kind], name)
        self._next[kind] += 1

    def described(self) -> Iterator[NewRecordForm]:
        """Yield the form of each record that was described, before the row is read."""
        for kind, indexes in self._described.items():
            for name, index in indexes.items():
                yield kind(self._row, index, name, self._row.data)

    def records(self, kind: type[NewRecordForm]) -> Iterator[Any]:
        """Yield the unsaved records of a kind that the row names."""
        for form in self._shown[kind].values():
            if form.is_bound and form.is_valid():
                yield form.record

    def save(self) -> None:
        """Save the records that the row names."""
        for forms_of_kind in self._shown.values():
            for form in forms_of_kind.values():
                form.save()

    # For templates

    def __iter__(self) -> Iterator[NewRecordForm]:
        for forms_of_kind in self._shown.values():
            yield from forms_of_kind.values()

    @property
    def blanks(self) -> Sequence[NewRecordForm]:
        """An empty form of each kind that the person may add, which the script copies."""
        return [
            kind(self._row, _ANY_INDEX, _ANY_NAME)
            for kind in KINDS
            if self._row.actor.has_perms(kind.permissions)
        ]


def _document(
    form: NewRecordForm, provider: Provider, label: str, *, is_default: bool
) -> PolicyDocument:
    """Return an unsaved document, with errors on the form for what it cannot have."""
    url = form.cleaned_data.get("url", "")
    kind = document_kind(label, url) if label else DocumentKind.PRIVACY_POLICY
    is_usual = label == document_label(provider.name, kind)
    document = PolicyDocument(
        kind=kind.value,
        label="" if is_usual else label,
        url=url,
        position=next_position(()),
        is_default=is_default,
    )
    # Not in the call above: Django refuses a provider that is not saved yet only on saving.
    document.provider = provider
    try:
        document.clean_fields(exclude=["provider"])
        document.clean()
        if not url and kind not in (DocumentKind.AGREEMENT, DocumentKind.OTHER):
            raise ValidationError({"url": "Only a private agreement may have no address."})
    except ValidationError as error:
        form.refuse(error, label="label" if "label" in form.fields else "url")
    return document
