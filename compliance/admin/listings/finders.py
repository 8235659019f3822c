"""Finders: the records that typed lines name."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError

from compliance.admin.components.lines import TypedLine
from compliance.models import AIModel, PolicyDocument, Provider
from compliance.models.providers import printed_label
from compliance.page.names import spelling_fault, typing_key

_SUPERSCRIPTS = tuple("⁰¹²³⁴⁵⁶⁷⁸⁹")


def document_names() -> dict[int, str]:
    """Return the name of each document in a line: its label, with the URL if not unique."""
    documents = [
        (pk, printed_label(label, provider, kind), url)
        for pk, label, kind, url, provider in PolicyDocument.objects.values_list(
            "pk", "label", "kind", "url", "provider__name"
        )
    ]
    counts = Counter(label for _, label, _ in documents)
    names = {}
    for pk, label, url in documents:
        names[pk] = f"{label} <{url}>" if counts[label] > 1 and url else label
    return names


class ModelFinder:
    """Finds the models that lines name, and makes new ones; `names` are those of all lines."""

    def __init__(self, actor: Any, names: Collection[str]) -> None:
        self._may_add = actor.has_perm("compliance.add_aimodel")
        named = AIModel.objects.filter(name__in=names)
        self._known: dict[str, AIModel] = {model.name: model for model in named}

    @cached_property
    def _others(self) -> tuple[dict[str, str], dict[str, str]]:
        """The names of all models by how they look, and by their aliases; asked for a new name."""
        alike, by_alias = {}, {}
        for name, aliases in AIModel.objects.values_list("name", "aliases").order_by():
            alike[typing_key(name)] = name
            by_alias.update(dict.fromkeys(aliases.splitlines(), name))
        return alike, by_alias

    def find(self, line: TypedLine) -> AIModel:
        """Return the model, unsaved for a new name.

        Raises ValidationError where the name looks like a slip, is an alias, or may not be added.
        """
        name = line.name
        if model := self._known.get(name):
            return model
        alike, by_alias = self._others
        similar = alike.get(typing_key(name))
        if similar and (fault := spelling_fault(name, [similar])):
            raise ValidationError(fault)
        if named := by_alias.get(name):
            raise ValidationError(
                f"{name} is another name of {named}. Write that; "
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
        alike[typing_key(name)] = name
        return model


# What `NewRecords.find` does for the names of one kind: it takes a name and a hint.
FindNew = Callable[[str, str], Any]


class ProviderFinder:
    """Finds the providers that lines name.

    A name alone makes no new one: a slip of the pen must not publish a recipient of prompts that is
    none. `find_new` returns what the form describes under the name, or asks for it. `names` are
    those of all lines.
    """

    def __init__(self, names: Collection[str], find_new: FindNew | None = None) -> None:
        self._find_new = find_new
        self._known: dict[str, Provider] = {
            provider.name: provider for provider in Provider.objects.filter(name__in=names)
        }

    @cached_property
    def _names(self) -> list[str]:
        return list(Provider.objects.values_list("name", flat=True))

    def find(self, line: TypedLine) -> Any:
        """Return the provider; raises ValidationError, with similar names, where there is none."""
        if provider := self._known.get(line.name):
            return provider
        if fault := spelling_fault(line.name, self._names):
            raise ValidationError(fault)
        hint = did_you_mean(line.name, self._names)
        if self._find_new:
            return self._find_new(line.name, hint)
        raise ValidationError(
            f"There is no provider {line.name}.{hint} "
            "A new provider is added on its own page first."
        )


class DocumentFinder:
    """Finds the documents that lines name, first among those of some providers.

    `providers` are the keys of the listing's providers, and `new` are unsaved documents of a new
    one. For `find_new` see ProviderFinder.
    """

    def __init__(
        self, providers: Collection[int], new: Iterable[PolicyDocument], find_new: FindNew
    ) -> None:
        self._find_new = find_new
        documents = PolicyDocument.objects.select_related("provider")
        self._known: dict[str, PolicyDocument] = {}
        for document in sorted(
            documents, key=lambda document: document.provider_id not in providers
        ):
            for name in (f"{document.printed_label} <{document.url}>", document.printed_label):
                self._known.setdefault(name, document)
        for document in new:
            self._known.setdefault(document.printed_label, document)

    def find(self, line: TypedLine) -> Any:
        """Return the document; raises ValidationError, with similar labels, where there is none."""
        if document := self._known.get(line.name):
            return document
        return self._find_new(line.name, did_you_mean(line.name, self._known))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that offers similar names, as written in a line; empty without any."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    similar = []
    for match in get_close_matches(name.casefold(), by_folded):
        similar.append(str(TypedLine(by_folded[match])))
    return f" Did you mean {' or '.join(similar)}?" if similar else ""
