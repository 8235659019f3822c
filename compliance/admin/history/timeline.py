"""The time line of a record, of a register or of everything: what was done, by changeset, as far as it was asked for.

It is read page by page from a changeset on, so that one page costs the same however much was ever done.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import CharField, Field, ForeignKey, Q, QuerySet, TextField

from compliance.admin.history import queries
from compliance.admin.history.queries import ChangesetEntry, Histories
from compliance.admin.history.rows import rows_of
from compliance.models import (
    AIModel,
    Changeset,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
    graph,
)
from compliance.models.tracked import Tracked

# Changesets a page and a piece of an export, and rows of a class that a page tells of one changeset.
_A_PAGE, _A_PIECE, _MOST = 25, 20, 50
# The kinds of record that have a time line of their own; everything else is a part of one.
KINDS = tuple(aggregate.model for aggregate in graph.AGGREGATES)
_SAID_BY_NAME = (AIModel, Provider, RetentionTerm)


@dataclass(frozen=True)
class TimelineScope:
    """Whose time line it is; `root` is the class of a single record. Of everything, every changeset counts."""

    histories: Histories
    root: type[Tracked] | None = None
    is_everything: bool = False

    def narrowed(self, kinds: Collection[type[Tracked]], name: str) -> "TimelineScope":
        """Return the time line of the records of some kinds that ever had a name with a word in it."""
        chosen = _joined(queries.histories_of(kind, keys_named(kind, name)) for kind in kinds)
        return TimelineScope(
            {
                model: self.histories[model] & which
                for model, which in chosen.items()
                if model in self.histories
            }
        )


def record_scope(model: type[Tracked], pk: Any) -> TimelineScope:
    """Return the time line of a record and its parts, with the listings that it came to and left."""
    histories = queries.histories_of(model, [pk])
    # That a listing named the record, and no longer does, is part of the record's story.
    if listed_as := graph.aggregate_of(model).listed_as:
        is_named = Q(**{listed_as.label: pk})
        histories[listed_as.model] = queries.with_next_rows(listed_as.model, is_named)
    return TimelineScope(histories, root=model)


def register_scope(register: Any) -> TimelineScope:
    """Return the time line of a register: its own texts, its listings and footnotes, and all that these ever named."""
    listings, footnotes = _ever_in(Listing, register), _ever_in(Footnote, register)
    in_listings = {
        part.model: rows_of(part.model).filter(listing__in=listings)
        for part in graph.parts_of(Listing)
    }
    models = in_listings[ListedModel].values("model")
    providers = in_listings[ListedProvider].values("provider")
    terms = (
        rows_of(Listing).filter(id__in=listings).values("retention_term"),
        rows_of(Provider).filter(id__in=providers).values("declared_retention"),
        rows_of(AIModel).filter(id__in=models).values("retention_floor"),
    )
    named: list[tuple[Any, Any]] = [
        (Register, [register]),
        (Listing, listings),
        (Footnote, footnotes),
    ]
    named += [(AIModel, models), (Provider, providers), *((RetentionTerm, each) for each in terms)]
    shown = {PolicyDocument: Q(id__in=in_listings[ListedDocument].values("document"))}
    return TimelineScope(
        _joined([*(queries.histories_of(model, keys) for model, keys in named), shown])
    )


def everything_scope() -> TimelineScope:
    """Return the time line of everything."""
    return TimelineScope(queries.histories_of_everything(), is_everything=True)


@dataclass(frozen=True)
class TimelineFilter:
    """What is asked for of a time line; empty is anything.

    `by` says whose changesets, `word` stands in a reason or in what a record said before or after.
    """

    by: Q = field(default_factory=Q)
    source: str = ""
    kind: type[Tracked] | None = None
    name: str = ""
    since: date | None = None
    until: date | None = None
    word: str = ""
    changeset: int | None = None


@dataclass(frozen=True)
class TimelinePage:
    """Some acts, the latest first, and the changesets from which the neighbours go on."""

    acts: list[ChangesetEntry]
    earlier: int | None
    later: int | None


@dataclass(frozen=True)
class Timeline:
    """What of a time line is asked for."""

    scope: TimelineScope
    choice: TimelineFilter

    @property
    def changesets(self) -> QuerySet[Changeset]:
        """The changesets, the latest first."""
        choice, found = self.choice, Changeset.objects.filter(self.choice.by).order_by("-id")
        if not self._narrowed.is_everything:
            found = found.filter(queries.changesets_touching(self._narrowed.histories))
        if choice.changeset:
            found = found.filter(pk=choice.changeset)
        if choice.source:
            found = found.filter(source=choice.source)
        if choice.since:
            found = found.filter(
                recorded_at__gte=datetime.combine(choice.since, time.min, tzinfo=UTC)
            )
        if choice.until:
            found = found.filter(
                recorded_at__lte=datetime.combine(choice.until, time.max, tzinfo=UTC)
            )
        return found.filter(self._saying(choice.word)) if choice.word else found

    def page(self, *, before: int | None = None, after: int | None = None) -> TimelinePage:
        """Return the acts before a changeset, or those next after one, or the latest."""
        if after is not None:
            found = list(self.changesets.filter(pk__gt=after).reverse()[: _A_PAGE + 1])
            shown = found[:_A_PAGE][::-1]
            has_later, has_earlier = len(found) > _A_PAGE, True
        else:
            earlier = (
                self.changesets.filter(pk__lt=before) if before is not None else self.changesets
            )
            found = list(earlier[: _A_PAGE + 1])
            shown = found[:_A_PAGE]
            has_later, has_earlier = before is not None, len(found) > _A_PAGE
        return TimelinePage(
            self._told(shown, _MOST),
            shown[-1].pk if shown and has_earlier else None,
            shown[0].pk if shown and has_later else None,
        )

    def acts(self) -> Iterator[ChangesetEntry]:
        """Give all acts in full, the latest first, read piece by piece."""
        rest = self.changesets
        while piece := list(rest[:_A_PIECE]):
            yield from self._told(piece)
            rest = self.changesets.filter(pk__lt=piece[-1].pk)

    def _told(self, changesets: list[Changeset], most: int | None = None) -> list[ChangesetEntry]:
        return queries.read_entries(
            self._narrowed.histories, changesets, root=self.scope.root, most=most
        )

    @cached_property
    def _narrowed(self) -> TimelineScope:
        kinds = [self.choice.kind] if self.choice.kind else KINDS
        return (
            self.scope.narrowed(kinds, self.choice.name)
            if self.choice.kind or self.choice.name
            else self.scope
        )

    def _saying(self, word: str) -> Q:
        """Return which changesets say a word in their reason, or changed a record that said it before or after."""
        said = {
            model: which & queries.with_next_rows(model, _says(model, word))
            for model, which in self._narrowed.histories.items()
        }
        return Q(reason__says=word) | queries.changesets_touching(said)


def _joined(several: Any) -> dict[type[Tracked], Q]:
    """Return the rows of several histories together."""
    joined: dict[type[Tracked], Q] = {}
    for histories in several:
        for model, which in histories.items():
            joined[model] = joined[model] | which if model in joined else which
    return joined


def _ever_in(model: type[Tracked], register: Any) -> QuerySet[Any]:
    return rows_of(model).filter(register=register).values("id")


def keys_named(kind: Any, name: str) -> QuerySet[Any]:
    """Return the keys of the records of a kind that were ever called so; a listing is called by its models."""
    if not name:
        return rows_of(kind).values("id")
    if kind is Listing:
        return rows_of(ListedModel).filter(model__in=keys_named(AIModel, name)).values("listing")
    field = "text" if kind is Footnote else graph.label_field(kind)
    return rows_of(kind).filter(**{f"{field}__says": name}).values("id")


def _says(model: type[Tracked], word: str) -> Q:
    """Return which rows of a class say a word: in a text, by the label of a choice, or by what they name."""
    conditions = (
        condition
        for each in rows_of(model).model.tracked_fields
        if (condition := _field_says(each, word))
    )
    return reduce(or_, conditions, Q(pk__in=[]))


def _field_says(field: Field, word: str) -> Q | None:
    if isinstance(field, ForeignKey):
        is_named = field.related_model in _SAID_BY_NAME
        return (
            Q(**{f"{field.name}__in": keys_named(field.related_model, word)}) if is_named else None
        )
    if field.choices:
        values = [
            value
            for value, label in field.choices
            if value and word.casefold() in str(label).casefold()
        ]
        if getattr(field, "multiple", False):  # several countries stand in one value
            return Q(**{f"{field.name}__regex": "|".join(values)}) if values else None
        return Q(**{f"{field.name}__in": values})
    return Q(**{f"{field.name}__says": word}) if isinstance(field, CharField | TextField) else None
