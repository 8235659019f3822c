"""What rules are told besides the snapshot: the day, the page in force, and what only the working copy knows."""

from dataclasses import dataclass
from datetime import date

from compliance.page.rules.finding import SubjectKind
from compliance.page.snapshot import Term


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the working copy, listed or not: the id and name that a snapshot prints, and the names of APIs."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    retention_floor: Term | None = None


@dataclass(frozen=True, slots=True)
class DocumentValidity:
    """Until when a document of a provider (its slug) is valid; `id` is the document's own in the working copy."""

    id: str
    provider: str
    label: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """By when something is to be looked at again: what it is, its id, and its name in a sentence."""

    kind: SubjectKind
    id: str
    name: str
    due: date


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that the product offers, as its own list calls it: to users, to APIs, or both."""

    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a register beyond its page; empty, or None where that says something, where nobody asked.

    `listed` are the models that its working copy lists, whatever was chosen of it.
    """

    today: date | None = None
    models: tuple[KnownModel, ...] = ()
    validities: tuple[DocumentValidity, ...] = ()
    reviews: tuple[ReviewDue, ...] = ()
    catalogue: tuple[CatalogueEntry, ...] | None = None
    listed: frozenset[str] = frozenset()
