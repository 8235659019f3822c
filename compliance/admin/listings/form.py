"""The form of a listing: its models, providers and documents as lines of text with footnotes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet

from compliance.admin.components.lines import LinesField, NumbersField, TypedLine, numbers_text
from compliance.admin.tracked import TrackedForm
from compliance.models import (
    AIModel,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
)
from compliance.models.positions import next_position
from compliance.page.names import fold, spelling_fault
from compliance.workingcopy.citations import set_citations
from compliance.workingcopy.rows import ListedRow, RowChanges, sync_rows

_SUPERSCRIPTS = tuple("⁰¹²³⁴⁵⁶⁷⁸⁹")
_Find = Callable[[TypedLine], Any]


@dataclass(frozen=True)
class WantedRow:
    """A row as it was typed: what it lists, the numbers of its footnotes, and its other values."""

    target: Any
    numbers: tuple[int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


class ListingForm(TrackedForm):
    """One row of the page as a whole: the listing lists exactly what is typed."""

    model_lines = LinesField(
        label="Models",
        rows=12,
        help_text="One a line, in the order of the page. Add a line to add a model, "
        "delete a line to retire it, write over a line to replace it. "
        "Footnotes go in square brackets at the end: GPT 5 chat [4].",
    )
    provider_lines = LinesField(
        label="Providers",
        rows=5,
        with_role=True,
        help_text="One a line, in order; each must exist, because each receives the prompts of "
        "every model above. Footnotes: OpenAI [1, 3]. "
        "A fallback: Microsoft Azure | fallback: when the quota is used up.",
    )
    training_footnotes = NumbersField(label="Footnotes on training", help_text="Numbers: 1, 3.")
    retention_footnotes = NumbersField(label="Footnotes on retention", help_text="Numbers: 1, 3.")
    document_lines = LinesField(
        label="Documents",
        rows=6,
        help_text="Counts only with the box above: one label a line, in order, with footnotes as "
        "above: Acme FAQ [2]. Where two documents have one label, the address stands behind it: "
        "Privacy Policy &lt;https://…&gt;.",
    )

    actor: Any = None

    class Meta:
        model = Listing
        fields = ["section", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = ListingRows(self.instance)
        self.initial.update(self.rows.initial())
        if "position" in self.fields:
            self.fields["position"].required = False
            if self.instance._state.adding:
                self.initial["position"] = None
                self.fields["position"].help_text = "Leave it empty to put the listing at the end."
        self._wanted: dict[str, list[WantedRow]] = {}

    def clean(self) -> Any:
        """Find the records that the lines name, with an error for each line that names none."""
        cleaned = super().clean()
        register = cleaned.get("register") or (
            None if self.instance._state.adding else self.instance.register
        )
        if register is None:
            return cleaned
        self._place_at_end(register)
        # By number, because that is what people type; the form refuses a number twice.
        self.notes = {note.position: note for note in Footnote.objects.filter(register=register)}
        self._find_all("model_lines", ModelFinder(self.actor).find)
        self._find_all("provider_lines", ProviderFinder().find)
        # Without the box the field only shows the documents of the providers; none is stored.
        if cleaned.get("departs"):
            self._find_all(
                "document_lines", _DocumentFinder(self._wanted.get("provider_lines", [])).find
            )
        elif "document_lines" in self.changed_data and "departs" not in self.changed_data:
            self._refuse(
                "document_lines",
                "The documents were edited, but the box above is not ticked. Tick it.",
            )
        for name in ("training_footnotes", "retention_footnotes"):
            self._refuse(name, self._unknown_numbers(cleaned.get(name, ())))
        return cleaned

    def _place_at_end(self, register: Register) -> None:
        if self.cleaned_data.get("position") is None and "position" not in self.errors:
            present = Listing.objects.filter(register=register)
            self.cleaned_data["position"] = next_position(
                present.values_list("position", flat=True)
            )

    def _find_all(self, field: str, find: _Find) -> None:
        """Keep what the lines of a field name, with an error for each line that names nothing."""
        wanted, faults = [], []
        for line in self.cleaned_data.get(field, ()):
            try:
                target = find(line)
            except ValidationError as error:
                faults += error.messages
                continue
            values = {}
            if field == "provider_lines":
                values = {"role": line.role, "condition": line.condition}
            wanted.append(WantedRow(target, line.numbers, values))
            if fault := self._unknown_numbers(line.numbers, line.name):
                faults.append(fault)
        self._refuse(field, faults)
        self._wanted[field] = wanted

    def _unknown_numbers(self, numbers: Iterable[int], name: str = "") -> str:
        """Return a sentence on the numbers that no footnote of the register has, empty for none."""
        unknown = [number for number in numbers if number not in self.notes]
        if not unknown:
            return ""
        where = f"{name}: there" if name else "There"
        advice = "Add it first."
        if self.notes:
            advice = f"The numbers in this register are {numbers_text(list(self.notes))}."
        return f"{where} is no footnote {numbers_text(unknown)}. {advice}"

    def _refuse(self, field: str, fault: str | list[str]) -> None:
        if fault:
            self.add_error(field, fault)

    def save_rows(self) -> list[str]:
        """Make the listing's rows and marks what was typed; the listing itself is saved already.

        Returns a sentence for each kind of row of which some were added, retired or replaced.
        """
        for row in self._wanted["model_lines"]:
            # ModelFinder does not save the new models, so that an invalid form writes none.
            if row.target._state.adding:
                row.target.save()
        documents = self._wanted["document_lines"] if self.instance.departs else []
        changes = {
            "Models": self._sync(ListedModel, self.rows.models, self._wanted["model_lines"]),
            "Providers": self._sync(
                ListedProvider, self.rows.providers, self._wanted["provider_lines"]
            ),
            "Documents": self._sync(ListedDocument, self.rows.documents, documents),
        }
        for cell in ("training", "retention"):
            numbers = self.cleaned_data[f"{cell}_footnotes"]
            set_citations(self.instance, [self.notes[number] for number in numbers], cell=cell)
        sentences = [_sentence(kind, change) for kind, change in changes.items()]
        return [sentence for sentence in sentences if sentence]

    def _sync(
        self,
        row_class: type[ListedRow],
        present: Sequence[ListedRow],
        wanted: Sequence[WantedRow],
    ) -> RowChanges:
        rows, changes = sync_rows(
            row_class,
            self.instance,
            present,
            [row.target for row in wanted],
            values=[row.values for row in wanted],
        )
        for row, wanted_row in zip(rows, wanted, strict=True):
            set_citations(row, [self.notes[number] for number in wanted_row.numbers])
        return changes

    def doubts(self) -> list[str]:
        """Return a sentence for everything that was saved as typed but is probably a mistake."""
        sentences = []
        for kind in ("model", "provider"):
            names = Counter(str(row.target) for row in self._wanted[f"{kind}_lines"])
            if not names:
                sentences.append(f"The listing has no {kind}. Add one, or delete the listing.")
            for name, count in names.items():
                if count > 1:
                    sentences.append(
                        f"The listing names the {kind} {name} more than once. "
                        "Delete all but one line of it."
                    )
        return sentences


def _sentence(kind: str, changes: RowChanges) -> str:
    """Return what happened to the rows of one kind as a sentence, empty where nothing did."""
    replaced = [f"{old} by {new}" for old, new in changes.replaced]
    parts = []
    for verb, names in (
        ("added", changes.added),
        ("retired", changes.retired),
        ("replaced", replaced),
    ):
        if names:
            parts.append(f"{verb} {', '.join(names)}")
    return f"{kind}: {'; '.join(parts)}." if parts else ""


class ListingRows:
    """The rows of a listing as stored, with their citations, and as text for its form."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.models: list[ListedModel] = []
        self.providers: list[ListedProvider] = []
        self.documents: list[ListedDocument] = []
        if not listing._state.adding:
            self.models = _read(listing.listed_models.select_related("model"))
            self.providers = _read(listing.listed_providers.select_related("provider"))
            self.documents = _read(listing.listed_documents.select_related("document__provider"))

    def initial(self) -> dict[str, Any]:
        """Return the initial values of the fields that are no fields of the model."""
        if self.listing._state.adding:
            return {}
        return {
            "model_lines": self.model_lines(),
            "provider_lines": self.provider_lines(),
            "document_lines": self.document_lines(),
            "training_footnotes": self.cell_numbers("training"),
            "retention_footnotes": self.cell_numbers("retention"),
        }

    def model_lines(self) -> str:
        """Return the models as lines."""
        return "\n".join(str(TypedLine(str(row.model), _numbers(row))) for row in self.models)

    def provider_lines(self) -> str:
        """Return the providers as lines."""
        return "\n".join(
            str(TypedLine(str(row.provider), _numbers(row), row.role, row.condition))
            for row in self.providers
        )

    def document_lines(self) -> str:
        """Return the documents that the page shows for the listing, as lines.

        They are the listing's own where it departs from its providers, otherwise theirs, in the
        order of the providers.
        """
        if self.listing.departs:
            documents = [row.document for row in self.documents]
            numbers = [_numbers(row) for row in self.documents]
        else:
            documents = _provider_documents([row.provider_id for row in self.providers])
            numbers = [()] * len(documents)
        names = _document_names()
        return "\n".join(
            str(TypedLine(names[document.pk], marks))
            for document, marks in zip(documents, numbers, strict=True)
        )

    def cell_numbers(self, cell: str) -> str:
        """Return the numbers of the footnotes on a cell as text."""
        citations = self.listing.citations.filter(cell=cell).select_related("footnote")
        return numbers_text([citation.footnote.position for citation in citations])


def _read(rows: QuerySet[Any]) -> list[Any]:
    return list(
        rows.prefetch_related(Prefetch("citations", Citation.objects.select_related("footnote")))
    )


def _numbers(row: Any) -> tuple[int, ...]:
    return tuple(sorted({citation.footnote.position for citation in row.citations.all()}))


def _provider_documents(provider_ids: Sequence[int]) -> list[PolicyDocument]:
    documents = PolicyDocument.objects.filter(
        provider_id__in=provider_ids, is_default=True
    ).select_related("provider")
    order = list(dict.fromkeys(provider_ids))
    return sorted(documents, key=lambda document: order.index(document.provider_id))


def _document_names() -> dict[int, str]:
    """Return the name of each document in a line: its label, with the URL if not unique."""
    documents = list(PolicyDocument.objects.select_related("provider"))
    counts = Counter(document.printed_label for document in documents)
    names = {}
    for document in documents:
        label = document.printed_label
        is_ambiguous = counts[label] > 1 and document.url
        names[document.pk] = f"{label} <{document.url}>" if is_ambiguous else label
    return names


class ModelFinder:
    """Finds the models that lines name, and makes new ones."""

    def __init__(self, actor: Any) -> None:
        self._may_add = actor.has_perm("compliance.add_aimodel")
        self._known: dict[str, AIModel] = {model.name: model for model in AIModel.objects.all()}
        self._alike = {fold(name): name for name in self._known}
        self._aliases = {
            alias: model for model in self._known.values() for alias in model.aliases.splitlines()
        }

    def find(self, line: TypedLine) -> AIModel:
        """Return the model, unsaved for a new name.

        Raises ValidationError where the name looks like a slip, is an alias, or may not be added.
        """
        name = line.name
        if model := self._known.get(name):
            return model
        if (alike := self._alike.get(fold(name))) and (fault := spelling_fault(name, [alike])):
            raise ValidationError(fault)
        if model := self._aliases.get(name):
            raise ValidationError(
                f"{name} is another name of {model}. Write that; "
                "or, if it is another model, take the name away there."
            )
        # Pages pasted from a browser have footnote marks as raised digits at the end of a name.
        if name.endswith(_SUPERSCRIPTS):
            bare = name.rstrip("".join(_SUPERSCRIPTS)).rstrip()
            raise ValidationError(
                f"{name} ends with a raised digit. Write a footnote in brackets: {bare} [1]."
            )
        if not self._may_add:
            raise ValidationError(f"There is no model {name}, and your account may not add one.")
        model = AIModel(name=name)
        try:
            model.clean_fields(exclude=["slug"])
        except ValidationError as error:
            raise ValidationError([f"{name}: {fault}" for fault in error.messages]) from None
        self._known[name] = model
        self._alike[fold(name)] = name
        return model


class ProviderFinder:
    """Finds the providers that lines name.

    It makes no new ones: a slip of the pen must not publish a recipient of prompts that is none.
    """

    def __init__(self) -> None:
        self._known: dict[str, Provider] = {
            provider.name: provider for provider in Provider.objects.all()
        }

    def find(self, line: TypedLine) -> Provider:
        """Return the provider; raises ValidationError, with similar names, where there is none."""
        if provider := self._known.get(line.name):
            return provider
        if fault := spelling_fault(line.name, self._known):
            raise ValidationError(fault)
        raise ValidationError(
            f"There is no provider {line.name}.{_did_you_mean(line.name, self._known)} "
            "A new provider is added on its own page first."
        )


class _DocumentFinder:
    """Finds the documents that lines name, first among those of the listing's providers."""

    def __init__(self, providers: Sequence[WantedRow]) -> None:
        own = [row.target.pk for row in providers]
        documents = PolicyDocument.objects.select_related("provider")
        self._known: dict[str, PolicyDocument] = {}
        for document in sorted(documents, key=lambda document: document.provider_id not in own):
            for name in (f"{document.printed_label} <{document.url}>", document.printed_label):
                self._known.setdefault(name, document)

    def find(self, line: TypedLine) -> PolicyDocument:
        """Return the document; raises ValidationError, with similar labels, where there is none."""
        if document := self._known.get(line.name):
            return document
        raise ValidationError(
            f"There is no document {line.name}.{_did_you_mean(line.name, self._known)} "
            "A new document is added on its provider's page first."
        )


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that offers similar names, as written in a line; empty without any."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    similar = []
    for match in get_close_matches(name.casefold(), by_folded):
        similar.append(str(TypedLine(by_folded[match])))
    return f" Did you mean {' or '.join(similar)}?" if similar else ""
