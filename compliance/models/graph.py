"""The shape of the working copy in one table: its root models, their parts and their label fields.

An aggregate is a root with its parts, such as a listing with its listed models. It is edited on one
form and has one version. Screens, history, search, findings, contributions and guards read this
table, so that a new part is one more line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from compliance.models.ai_models import AIModel
from compliance.models.footnotes import Citation, Footnote
from compliance.models.listings import (
    Cell,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
)
from compliance.models.providers import PolicyDocument, Provider
from compliance.models.registers import Register
from compliance.models.sections import Column, Section
from compliance.models.terms import RetentionClause, RetentionTerm
from compliance.models.tracked import Tracked
from compliance.page.rules import SubjectKind


@dataclass(frozen=True)
class Part:
    """A model whose rows belong to a root, or to another part of it.

    `owner` is the foreign key to the root or part. `label` is the field that names a row on
    screens, or the foreign key to the row that does. `word` is what screens call the part.
    `cited_as` is the field of Citation that marks a row, empty if none can. `parts` belong to its
    rows.
    """

    model: type[Tracked]
    owner: str
    label: str = ""
    word: str = ""
    cited_as: str = ""
    parts: "tuple[Part, ...]" = ()


@dataclass(frozen=True)
class Aggregate:
    """A root model with its parts.

    `subject` is the kind of finding about it. `identity` is the field by which pages and findings
    refer to a row. `label` is the field that names a row on screens, empty if it has no name.
    `listed_as` is the part of a listing that refers to rows of this model, if there is one.
    """

    model: type[Tracked]
    subject: SubjectKind
    identity: str
    label: str = ""
    parts: tuple[Part, ...] = ()
    listed_as: Part | None = None


_LISTED_MODEL = Part(ListedModel, "listing", "model", "Model", cited_as="listed_model")
_LISTED_PROVIDER = Part(
    ListedProvider, "listing", "provider", "Provider", cited_as="listed_provider"
)
_LISTED_DOCUMENT = Part(
    ListedDocument, "listing", "document", "Document", cited_as="listed_document"
)
_CELL = Part(Cell, "listing", "column", "Cell", cited_as="cell")
_COLUMN = Part(Column, "section", "label", "Column")

# Screens offer them in this order.
AGGREGATES = (
    Aggregate(
        Listing,
        SubjectKind.LISTING,
        "id",
        parts=(_LISTED_MODEL, _LISTED_PROVIDER, _LISTED_DOCUMENT, _CELL),
    ),
    Aggregate(AIModel, SubjectKind.MODEL, "slug", "name", listed_as=_LISTED_MODEL),
    Aggregate(
        Provider,
        SubjectKind.PROVIDER,
        "slug",
        "name",
        parts=(Part(PolicyDocument, "provider", word="Document"),),
        listed_as=_LISTED_PROVIDER,
    ),
    Aggregate(
        RetentionTerm,
        SubjectKind.TERM,
        "wording",
        "wording",
        parts=(Part(RetentionClause, "term", "data_class", "Clause"),),
    ),
    Aggregate(
        Footnote, SubjectKind.FOOTNOTE, "id", "position", parts=(Part(Citation, "footnote"),)
    ),
    Aggregate(
        Register,
        SubjectKind.REGISTER,
        "slug",
        "title",
        parts=(Part(Section, "register", word="Section", parts=(_COLUMN,)),),
    ),
)


def _with_their_parts(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from _with_their_parts(part.parts)


_BY_MODEL: dict[type[Model], Aggregate] = {aggregate.model: aggregate for aggregate in AGGREGATES}
_PARTS: dict[type[Model], Part] = {
    part.model: part for aggregate in AGGREGATES for part in _with_their_parts(aggregate.parts)
}


def tracked_models() -> list[type[Tracked]]:
    """Return every model of the working copy, roots and parts.

    They come from Django's registry, so that a model that the table lacks is guarded all the same.
    """
    models = apps.get_app_config("compliance").get_models()
    return [model for model in models if issubclass(model, Tracked)]


def aggregate_of(model: type[Model]) -> Aggregate:
    """Return the aggregate whose root is this model; raises KeyError for a part."""
    return _BY_MODEL[model]


def parts_of(model: type[Model]) -> tuple[Part, ...]:
    """Return the parts of a root model, or of a part that has parts of its own."""
    if model in _BY_MODEL:
        return _BY_MODEL[model].parts
    return _PARTS[model].parts if model in _PARTS else ()


def part(model: type[Model]) -> Part | None:
    """Return the entry of a part, None for a root."""
    return _PARTS.get(model)


def label_field(model: type[Model]) -> str:
    """Return the field that names a row of a root or part on screens, empty if none does."""
    if model in _BY_MODEL:
        return _BY_MODEL[model].label
    return _PARTS[model].label if model in _PARTS else ""


def models_with_slugs() -> Iterator[type[Tracked]]:
    """Yield the root models with a slug in their public address."""
    return (aggregate.model for aggregate in AGGREGATES if aggregate.identity == "slug")


def aggregate_about(subject: str) -> Aggregate | None:
    """Return the aggregate that findings with this subject are about, None for a document."""
    return next((aggregate for aggregate in AGGREGATES if aggregate.subject == subject), None)
