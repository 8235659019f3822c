"""The form of a listing: its models, providers and documents as lines, its footnotes beside what they mark."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, Prefetch, QuerySet

from compliance.admin.components.lines import Line, LinesField, NumbersField, numbers_text
from compliance.admin.listings.rows import Outcome, Wanted, cite, make_rows
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
from compliance.page.names import fold, spelling_fault

_SUPERSCRIPTS = tuple("⁰¹²³⁴⁵⁶⁷⁸⁹")
_Find = Callable[[Line], Any]


class ListingForm(TrackedForm):
    """One row of the page, whole: what is typed is what will be listed."""

    model_lines = LinesField(
        label="Models",
        rows=12,
        help_text="One a line, in the order of the page. Add a line to add a model, delete a line to retire it, write "
        "over a line to replace it. Footnotes go in square brackets at the end: GPT 5 chat [4].",
    )
    provider_lines = LinesField(
        label="Providers",
        rows=5,
        with_role=True,
        help_text="One a line, in order; each must exist, because each receives the prompts of every model above. "
        "Footnotes: OpenAI [1, 3]. A fallback: Microsoft Azure | fallback: when the quota is used up.",
    )
    training_footnotes = NumbersField(label="Footnotes on training", help_text="Numbers: 1, 3.")
    retention_footnotes = NumbersField(label="Footnotes on retention", help_text="Numbers: 1, 3.")
    document_lines = LinesField(
        label="Documents",
        rows=6,
        help_text="Counts only with the box above: one label a line, in order, with footnotes as above: Acme FAQ [2]. "
        "Where two documents have one label, the address stands behind it: Privacy Policy &lt;https://…&gt;.",
    )

    actor: Any = None

    class Meta:
        model = Listing
        fields = [
            "register",
            "position",
            "training_use",
            "training_text",
            "retention_term",
            "departs",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = Rows(self.instance)
        self.initial.update(self.rows.initial())
        if "position" in self.fields:
            self.fields["position"].required = False
            if self.instance._state.adding:
                self.initial["position"] = None
                self.fields["position"].help_text = "Leave it empty to put the listing at the end."
        self._wanted: dict[str, list[Wanted]] = {}

    def clean(self) -> Any:
        """Find what each line names, and the footnotes that mark it; complain of every line at once."""
        cleaned = super().clean()
        register = cleaned.get("register") or (
            None if self.instance._state.adding else self.instance.register
        )
        if register is None:
            return cleaned
        self._place_at_end(register)
        self.notes = {note.position: note for note in Footnote.objects.filter(register=register)}
        self._find_all("model_lines", Models(self.actor).find)
        self._find_all("provider_lines", Providers().find)
        if cleaned.get("departs"):
            self._find_all(
                "document_lines", _Documents(self._wanted.get("provider_lines", [])).find
            )
        elif "document_lines" in self.changed_data and "departs" not in self.changed_data:
            self._refuse(
                "document_lines",
                "The documents were edited, but the box above is not ticked. Tick it.",
            )
        for field in ("training_footnotes", "retention_footnotes"):
            self._refuse(field, self._unknown_numbers(cleaned.get(field, ())))
        return cleaned

    def _place_at_end(self, register: Register) -> None:
        if self.cleaned_data.get("position") is None and "position" not in self.errors:
            last = Listing.objects.filter(register=register).aggregate(last=Max("position"))["last"]
            self.cleaned_data["position"] = (last or 0) + 10

    def _find_all(self, field: str, find: _Find) -> None:
        """Keep what the lines of a field name, or put an error for each that names nothing."""
        wanted, faults = [], []
        for line in self.cleaned_data.get(field, ()):
            try:
                target = find(line)
            except ValidationError as error:
                faults += error.messages
                continue
            values = (
                {"role": line.role, "condition": line.condition}
                if field == "provider_lines"
                else {}
            )
            wanted.append(Wanted(target, line.numbers, values))
            if fault := self._unknown_numbers(line.numbers, line.name):
                faults.append(fault)
        self._refuse(field, faults)
        self._wanted[field] = wanted

    def _unknown_numbers(self, numbers: Iterable[int], name: str = "") -> str:
        unknown = [number for number in numbers if number not in self.notes]
        if not unknown:
            return ""
        where = f"{name}: there" if name else "There"
        there_are = f"The numbers in this register are {numbers_text(list(self.notes))}."
        return f"{where} is no footnote {numbers_text(unknown)}. {there_are if self.notes else 'Add it first.'}"

    def _refuse(self, field: str, fault: str | list[str]) -> None:
        if fault:
            self.add_error(field, fault)

    def save_rows(self) -> list[str]:
        """Write what differs; return what was added, retired and replaced as sentences. The listing is saved."""
        listing, rows = self.instance, self.rows
        owner = {"notes": self.notes, "listing": listing}
        models = [Wanted(_saved(each.target), each.numbers) for each in self._wanted["model_lines"]]
        documents = self._wanted["document_lines"] if listing.departs else []
        outcomes = {
            "Models": make_rows(ListedModel, rows.models, models, names="model", **owner),
            "Providers": make_rows(
                ListedProvider,
                rows.providers,
                self._wanted["provider_lines"],
                names="provider",
                **owner,
            ),
            "Documents": make_rows(
                ListedDocument, rows.documents, documents, names="document", **owner
            ),
        }
        for cell in ("training", "retention"):
            cite(self.cleaned_data[f"{cell}_footnotes"], self.notes, listing=listing, cell=cell)
        return [said for kind, outcome in outcomes.items() if (said := outcome.sentence(kind))]

    def doubts(self) -> list[str]:
        """Return sentences on what was saved as it was typed, but can hardly be meant."""
        said = []
        for kind in ("model", "provider"):
            names = [str(each.target) for each in self._wanted[f"{kind}_lines"]]
            if not names:
                said.append(f"The listing has no {kind}. Add one, or delete the listing.")
            said += [
                f"The listing names the {kind} {name} more than once. Delete all but one line of it."
                for name, count in Counter(names).items()
                if count > 1
            ]
        return said


def _saved(model: AIModel) -> AIModel:
    if model._state.adding:
        model.save()
    return model


class Rows:
    """The rows of a listing as they stand, with their citations."""

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
        """Return the initial values of the form's own fields."""
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
        return "\n".join(str(Line(str(row.model), _numbers(row))) for row in self.models)

    def provider_lines(self) -> str:
        """Return the providers as lines."""
        return "\n".join(
            str(Line(str(row.provider), _numbers(row), row.role, row.condition))
            for row in self.providers
        )

    def document_lines(self) -> str:
        """Return the listing's own documents as lines, or else those of its providers in provider order."""
        if self.listing.departs:
            documents = [row.document for row in self.documents]
            numbers = [_numbers(row) for row in self.documents]
        else:
            documents = _provider_documents([row.provider_id for row in self.providers])
            numbers = [()] * len(documents)
        names = _document_names()
        return "\n".join(
            str(Line(names[document.pk], marks))
            for document, marks in zip(documents, numbers, strict=True)
        )

    def cell_numbers(self, cell: str) -> str:
        """Return the numbers on a cell as they are typed."""
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
    """Return what each document is called in a line: its label, and its URL where the label is not enough."""
    documents = list(PolicyDocument.objects.select_related("provider"))
    labels = [document.printed_label for document in documents]
    return {
        document.pk: f"{label} <{document.url}>"
        if labels.count(label) > 1 and document.url
        else label
        for document, label in zip(documents, labels, strict=True)
    }


class Models:
    """Finds the models that lines name, and makes the new ones."""

    def __init__(self, actor: Any) -> None:
        self._may_add = actor.has_perm("compliance.add_aimodel")
        self._known: dict[str, AIModel] = {model.name: model for model in AIModel.objects.all()}
        self._alike = {fold(name): name for name in self._known}
        self._aliases = {
            alias: model for model in self._known.values() for alias in model.aliases.splitlines()
        }

    def find(self, line: Line) -> AIModel:
        """Return the model, an unsaved one for a new name; raises ValidationError where the name looks like a slip."""
        name = line.name
        if model := self._known.get(name):
            return model
        if (alike := self._alike.get(fold(name))) and (fault := spelling_fault(name, [alike])):
            raise ValidationError(fault)
        if model := self._aliases.get(name):
            raise ValidationError(
                f"{name} is another name of {model}. Write that; or, if it is another model, take the name away there."
            )
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


class Providers:
    """Finds the providers that lines name. It makes none: a slip of the pen must not create a recipient."""

    def __init__(self) -> None:
        self._known: dict[str, Provider] = {
            provider.name: provider for provider in Provider.objects.all()
        }

    def find(self, line: Line) -> Provider:
        """Return the provider; raises ValidationError with those of a similar name where there is none."""
        if provider := self._known.get(line.name):
            return provider
        if fault := spelling_fault(line.name, self._known):
            raise ValidationError(fault)
        raise ValidationError(
            f"There is no provider {line.name}.{_did_you_mean(line.name, self._known)} "
            "A new provider is added on its own page first."
        )


class _Documents:
    """Finds the documents that lines name, those of the listing's providers first."""

    def __init__(self, providers: Sequence[Wanted]) -> None:
        own = [each.target.pk for each in providers]
        documents = PolicyDocument.objects.select_related("provider")
        self._known: dict[str, PolicyDocument] = {}
        for document in sorted(documents, key=lambda document: document.provider_id not in own):
            for name in (f"{document.printed_label} <{document.url}>", document.printed_label):
                self._known.setdefault(name, document)

    def find(self, line: Line) -> PolicyDocument:
        """Return the document; raises ValidationError with those of a similar label where there is none."""
        if document := self._known.get(line.name):
            return document
        raise ValidationError(
            f"There is no document {line.name}.{_did_you_mean(line.name, self._known)} "
            "A new document is added on its provider's page first."
        )


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names what is close, as it is typed in a line; empty where nothing is."""
    by_folded = {each.casefold(): each for each in known}
    close = [str(Line(by_folded[each])) for each in get_close_matches(name.casefold(), by_folded)]
    return f" Did you mean {' or '.join(close)}?" if close else ""


__all__ = ["ListingForm", "Models", "Outcome", "Providers", "Rows"]
