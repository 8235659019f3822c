"""The aggregates of the working copy: each root model, its parts, and what they are called by.

Screens, history, search, findings, contributions and guards all walk the working copy. What they
need to know of its shape stands here once, so that a new part is one more line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Model

from compliance.models.ai_models import AIModel
from compliance.models.footnotes import Citation, Footnote
from compliance.models.listings import ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.providers import PolicyDocument, Provider
from compliance.models.registers import Register
from compliance.models.terms import RetentionClause, RetentionTerm
from compliance.models.tracked import Tracked
from compliance.page.rules import SubjectKind


@dataclass(frozen=True)
class Part:
    """A model whose rows belong to a root: `owner` is the foreign key that leads to the root.

    `label` is the field that a row is called by, or the foreign key to the row that it names, and
    `word` what screens call the part. `cited_as` is the field of a citation that marks it.
    """

    model: type[Tracked]
    owner: str
    label: str = ""
    word: str = ""
    cited_as: str = ""


@dataclass(frozen=True)
class Aggregate:
    """A root model with its parts.

    `label` is the field that a row is called by on screens, empty where it has no name of its own.
    `identity` is the field by which pages and findings name it. `listed_as` is the part of a
    listing that names a row of this model.
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

# In the order in which screens offer them.
AGGREGATES = (
    Aggregate(
        Listing,
        SubjectKind.LISTING,
        "id",
        parts=(_LISTED_MODEL, _LISTED_PROVIDER, _LISTED_DOCUMENT),
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
    Aggregate(Register, SubjectKind.REGISTER, "slug", "title"),
)

_BY_MODEL: dict[type[Model], Aggregate] = {aggregate.model: aggregate for aggregate in AGGREGATES}
_PARTS: dict[type[Model], Part] = {
    part.model: part for aggregate in AGGREGATES for part in aggregate.parts
}


def aggregate_of(model: type[Model]) -> Aggregate:
    """Return the aggregate whose root is this model; raises KeyError for a part."""
    return _BY_MODEL[model]


def parts_of(model: type[Model]) -> tuple[Part, ...]:
    """Return the parts of a root model; none for a model that is itself a part."""
    return _BY_MODEL[model].parts if model in _BY_MODEL else ()


def part(model: type[Model]) -> Part | None:
    """Return a model as a part, None where it is a root."""
    return _PARTS.get(model)


def label_field(model: type[Model]) -> str:
    """Return the field that a row is called by, empty where it has none."""
    if model in _BY_MODEL:
        return _BY_MODEL[model].label
    return _PARTS[model].label if model in _PARTS else ""


def models_with_slugs() -> Iterator[type[Tracked]]:
    """Give the root models that addresses name by a slug, which is set once."""
    return (aggregate.model for aggregate in AGGREGATES if aggregate.identity == "slug")


def aggregate_about(subject: str) -> Aggregate | None:
    """Return the aggregate that a kind of finding is about, None for a part (a document)."""
    return next((aggregate for aggregate in AGGREGATES if aggregate.subject == subject), None)
