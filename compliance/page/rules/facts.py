"""What rules know besides the snapshots: the day, and what only the working copy holds."""

from dataclasses import dataclass
from datetime import date

from compliance.page.rules.finding import SubjectKind


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the working copy, listed or not, with its id and name as in a snapshot."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """The day by which something must be reviewed again, with its name as in a sentence."""

    kind: SubjectKind
    id: str
    name: str
    due: date


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that the product offers: its name for users, its id in APIs, or both."""

    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a register beyond its snapshots; the defaults mean that it is not known.

    `models` are those of the working copy: a footnote may name one that left the page. `listed`
    holds the ids of the models in the working copy's tables, including those held back.
    `catalogue` is the list of models that the product offers; an empty one says that it offers
    none.
    """

    today: date | None = None
    models: tuple[KnownModel, ...] = ()
    reviews: tuple[ReviewDue, ...] = ()
    catalogue: tuple[CatalogueEntry, ...] | None = None
    listed: frozenset[str] = frozenset()
