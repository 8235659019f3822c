"""A register at one moment as frozen plain data: what is printed and what it means."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Self, TypeVar, Union, get_args, get_origin, get_type_hints

from compliance.page import canonical

SCHEMA = "register/1"
# One number and one unit of ISO 8601: minutes, hours, days, weeks, months or years.
# Never zero: that is a clause of the kind `none`. [0-9], because \d matches digits of any script.
DURATION = re.compile(r"P(?:[1-9][0-9]{0,5}[DWMY]|T[1-9][0-9]{0,5}[HM])\Z")


class MalformedSnapshot(ValueError):
    """Data that is not a snapshot; the message names the place and the reason."""


class TrainingUse(StrEnum):
    """Whether a provider trains on users' prompts, from best to worst for the user."""

    NEVER = "never"
    OPT_IN = "opt_in"
    CONDITIONAL = "conditional"
    OPT_OUT = "opt_out"
    BY_DEFAULT = "by_default"
    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> int:
        """Return the place in the order above: a larger number is worse for the user."""
        return list(type(self)).index(self)


class DataClass(StrEnum):
    """What kind of data a retention clause is about."""

    ALL_CONTENT = "all_content"
    PROMPT = "prompt"
    OUTPUT = "output"
    FILE = "file"
    CACHE = "cache"
    APPLICATION_STATE = "application_state"
    ABUSE_LOG = "abuse_log"
    FLAGGED_CONTENT = "flagged_content"
    FEEDBACK = "feedback"
    METADATA = "metadata"


class ClauseKind(StrEnum):
    """How a retention clause ends, from best to worst for the user."""

    NONE = "none"
    DURATION = "duration"
    UNTIL_EVENT = "until_event"
    INDEFINITE = "indefinite"
    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"


class Bound(StrEnum):
    """How a clause's duration is meant."""

    EXACT = "exact"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOUT = "about"


class Trigger(StrEnum):
    """When a retention clause applies."""

    ALWAYS = "always"
    FLAGGED = "flagged"
    OPT_IN = "opt_in"


class DocumentKind(StrEnum):
    """What kind of policy document a provider publishes; `other` where its label does not say."""

    PRIVACY_POLICY = "privacy_policy"
    FAQ = "faq"
    TERMS = "terms"
    DPA = "dpa"
    AGREEMENT = "agreement"
    OTHER = "other"


class Basis(StrEnum):
    """Whether a listing's cell was written for it, or follows from its providers and models."""

    STATED = "stated"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Clause:
    """One structured part of a retention term.

    `duration` is ISO 8601 (`P30D`), and null unless the kind is `duration`.
    """

    data_class: DataClass
    kind: ClauseKind
    duration: str | None
    bound: Bound
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Term:
    """A retention term: the printed wording and its clauses."""

    text: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a provider declares for everything it is sent; None where it declares nothing."""

    training: TrainingUse | None
    retention: Term | None


@dataclass(frozen=True, slots=True)
class Model:
    """A model in a listing, with the numbers of the footnotes that mark it there."""

    id: str
    name: str
    footnotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider in a listing, with the numbers of the footnotes that mark it there."""

    id: str
    name: str
    footnotes: tuple[int, ...]
    declared: Declared | None


@dataclass(frozen=True, slots=True)
class Training:
    """A listing's training cell."""

    use: TrainingUse
    text: str
    basis: Basis
    footnotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """A listing's retention cell."""

    text: str
    basis: Basis
    footnotes: tuple[int, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document in a listing; `provider` is a provider's id; it and `url` may be null."""

    provider: str | None
    kind: DocumentKind
    label: str
    url: str | None
    footnotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One row: models that share providers and terms."""

    id: str
    models: tuple[Model, ...]
    providers: tuple[Provider, ...]
    training: Training
    retention: Retention
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """The five column labels."""

    models: str
    providers: str
    training: str
    retention: str
    documents: str


@dataclass(frozen=True, slots=True)
class Register:
    """A register's own texts; `intro` is Markdown, `link_base` an https URL or empty."""

    slug: str
    title: str
    intro: str
    link_base: str
    language: str
    columns: Columns


@dataclass(frozen=True, slots=True)
class Footnote:
    """A numbered note; `text` is inline Markdown and may hold line breaks."""

    id: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A register at one moment, as it is printed; footnotes stand in the order of their numbers."""

    register: Register
    listings: tuple[Listing, ...]
    footnotes: tuple[Footnote, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the snapshot as JSON values, in the one public shape (docs/formats.md)."""
        return {"schema": SCHEMA, **_plain(self)}

    @classmethod
    def from_dict(cls, value: Any) -> Self:
        """Return the snapshot that `to_dict` gave.

        Raises MalformedSnapshot, naming the place, for anything else. Within `register/1` keys are
        only ever added, each with a default. So unknown keys are ignored, and a key with a default
        may be missing: what was published before the key was added can still be read.
        """
        if not isinstance(value, dict) or value.get("schema") != SCHEMA:
            raise MalformedSnapshot(f'The data is not a snapshot: its "schema" is not "{SCHEMA}".')
        snapshot = _build(cls, value, "$")
        _check_marks(snapshot)
        return snapshot

    def canonical_bytes(self) -> bytes:
        """Return the RFC 8785 bytes: the public JSON, of which `content_sha256` is the hash."""
        return canonical.encode(self.to_dict())

    def content_sha256(self) -> str:
        """Return the SHA-256 of the canonical bytes as 64 hex digits."""
        return canonical.sha256(self.canonical_bytes())

    def printed(self) -> dict[str, Any]:
        """Return what the Markdown page shows: texts, addresses and numbers of footnotes."""
        return {
            "title": self.register.title,
            "intro": self.register.intro,
            "columns": _plain(self.register.columns),
            "listings": [_printed_listing(listing) for listing in self.listings],
            "footnotes": [(note.number, note.text) for note in self.footnotes],
        }

    def marks(self) -> Iterator[int]:
        """Give the footnote number of every citation in the order of the page."""
        for listing in self.listings:
            yield from _marks(listing)


def _printed_listing(listing: Listing) -> dict[str, Any]:
    return {
        "models": [(model.name, model.footnotes) for model in listing.models],
        "providers": [(provider.name, provider.footnotes) for provider in listing.providers],
        "training": (listing.training.text, listing.training.footnotes),
        "retention": (listing.retention.text, listing.retention.footnotes),
        "documents": [
            (document.label, document.url, document.footnotes) for document in listing.documents
        ],
    }


def _plain(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists, enumerations as their strings."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def _check_marks(snapshot: Snapshot) -> None:
    """Refuse footnote numbers that no page can have, and citations without a footnote."""
    numbers: set[int] = set()
    for index, note in enumerate(snapshot.footnotes):
        if note.number < 1 or note.number in numbers:
            problem = "below 1" if note.number < 1 else "there twice"
            raise MalformedSnapshot(
                f"$.footnotes[{index}].number is {note.number}, which is {problem}."
            )
        numbers.add(note.number)
    for index, listing in enumerate(snapshot.listings):
        for number in _marks(listing):
            if number not in numbers:
                raise MalformedSnapshot(
                    f"$.listings[{index}] cites footnote {number}, which is not there. Add it."
                )


def _marks(listing: Listing) -> Iterator[int]:
    for items in (
        listing.models,
        listing.providers,
        (listing.training, listing.retention),
        listing.documents,
    ):
        for target in items:
            yield from target.footnotes


def _check_clause(clause: Clause, place: str) -> None:
    if clause.kind is not ClauseKind.DURATION and clause.duration is not None:
        raise MalformedSnapshot(
            f"{place}.duration is {clause.duration!r}; for the kind {clause.kind} it must be null."
        )
    if clause.kind is ClauseKind.DURATION and not DURATION.match(clause.duration or ""):
        raise MalformedSnapshot(
            f"{place}.duration is {clause.duration!r}; write for example P30D, PT24H, P6M or P2Y."
        )


def _check_document(document: Document, place: str) -> None:
    if document.url == "":
        raise MalformedSnapshot(f"{place}.url is empty; where there is none it must be null.")


_T = TypeVar("_T")


def _build(kind: type[_T], value: Any, place: str) -> _T:
    """Return a dataclass made of a JSON object; raises MalformedSnapshot at the first fault."""
    if not isinstance(value, dict):
        raise MalformedSnapshot(f"{place} must be an object.")
    values = {}
    for name, hint in _hints(kind).items():  # type: ignore[arg-type]  # mypy: a class is hashable
        if name in value:
            values[name] = _value(hint, value[name], f"{place}.{name}")
        elif name in required_fields(kind):
            raise MalformedSnapshot(f'{place} has no "{name}".')
    built = kind(**values)
    if isinstance(built, Clause):
        _check_clause(built, place)
    if isinstance(built, Document):
        _check_document(built, place)
    return built


def required_fields(kind: Any) -> tuple[str, ...]:
    """Return the names of a dataclass's fields that have no default, in their order."""
    return tuple(
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )


# get_type_hints evaluates every annotation again at each call, and a page has many objects.
@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, value: Any, place: str) -> Any:
    if get_origin(hint) in (UnionType, Union):
        return None if value is None else _value(get_args(hint)[0], value, place)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise MalformedSnapshot(f"{place} must be a list.")
        return tuple(
            _value(get_args(hint)[0], item, f"{place}[{index}]") for index, item in enumerate(value)
        )
    if is_dataclass(hint):
        return _build(hint, value, place)  # type: ignore[arg-type]
    if issubclass(hint, StrEnum):
        if not isinstance(value, str) or value not in set(hint):
            raise MalformedSnapshot(f"{place} is {value!r}; it must be one of {', '.join(hint)}.")
        return hint(value)
    # In Python a bool is an int; in JSON `true` is no number.
    if not isinstance(value, hint) or isinstance(value, bool):
        raise MalformedSnapshot(f"{place} must be a {'whole number' if hint is int else 'text'}.")
    return value
