"""The time line of a record, a register or everything: changesets, filtered, latest first.

Pages start from a changeset, not from a count, so that each page costs the same however long the
history is.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.db.models import CharField, Field, ForeignKey, Model, Q, QuerySet, TextField
from django.utils.timezone import get_current_timezone

from compliance.admin.history import queries
from compliance.admin.history.accounts import changesets_of_accounts
from compliance.admin.history.listed import histories_while_listed
from compliance.admin.history.queries import ChangesetEntry, Histories
from compliance.admin.history.rows import rows_of
from compliance.models import (
    AIModel,
    Cell,
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
    Section,
    User,
    graph,
)
from compliance.models.tracked import Tracked

_CHANGESETS_PER_PAGE = 25
_CHANGESETS_PER_READ = 20  # of an export, which is written while it is read
_ROWS_PER_CHANGESET = 10  # of each model, on a page
# The kinds of record that have a time line of their own; everything else is a part of one.
KINDS = tuple(aggregate.model for aggregate in graph.AGGREGATES)
_FOUND_BY_NAME = (AIModel, Provider, RetentionTerm)
_NO_CHANGESET = Q(pk__in=[])


@dataclass(frozen=True)
class TimelineScope:
    """The history rows that a time line is about.

    `root` is the model of the record, for the time line of a single record. `is_everything` is
    true if every changeset belongs to the time line. `accounts` are the changesets about accounts
    that belong to it.
    """

    histories: Histories
    root: type[Tracked] | None = None
    is_everything: bool = False
    accounts: Q = _NO_CHANGESET

    @property
    def changesets(self) -> Q:
        """The changesets that belong to the time line."""
        if not self.histories:
            return self.accounts
        return self.accounts | queries.changesets_touching(self.histories)

    def narrowed(self, kinds: Collection[type[Model]], name: str) -> "TimelineScope":
        """Return the part of this scope about records of some kinds that ever had a name."""
        tracked = [kind for kind in kinds if issubclass(kind, Tracked)]
        wanted = _union(queries.histories_of(kind, keys_named(kind, name)) for kind in tracked)
        histories = {}
        for model, condition in wanted.items():
            if model in self.histories:
                histories[model] = self.histories[model] & condition
        accounts = _NO_CHANGESET
        if self.is_everything and User in kinds:
            accounts = changesets_of_accounts(name)
        return TimelineScope(histories, accounts=accounts)


def record_scope(model: type[Tracked], pk: Any) -> TimelineScope:
    """Return the scope of a record: its parts, and the listings that named it or stopped to.

    Of these listings it also has what changed in them while they named it.
    """
    histories = queries.histories_of(model, [pk])
    # That a listing named the record, and no longer does, is part of the record's story.
    if listed_as := graph.aggregate_of(model).listed_as:
        is_named = Q(**{listed_as.label: pk})
        histories[listed_as.model] = queries.with_next_rows(listed_as.model, is_named)
        histories = _union([histories, histories_while_listed(listed_as, pk)])
    return TimelineScope(histories, root=model)


def register_scope(register: Any) -> TimelineScope:
    """Return the scope of a register, given by primary key.

    It has the register's own texts, its listings and footnotes, and all models, providers, terms
    and documents that these ever named.
    """
    sections = rows_of(Section).filter(register=register).values("id")
    listings = rows_of(Listing).filter(section__in=sections).values("id")
    footnotes = rows_of(Footnote).filter(register=register).values("id")
    models = rows_of(ListedModel).filter(listing__in=listings).values("model")
    providers = rows_of(ListedProvider).filter(listing__in=listings).values("provider")
    documents = rows_of(ListedDocument).filter(listing__in=listings).values("document")
    terms_of_listings = rows_of(Cell).filter(listing__in=listings).values("term")
    terms_of_providers = rows_of(Provider).filter(id__in=providers).values("declared_retention")
    terms_of_models = rows_of(AIModel).filter(id__in=models).values("retention_floor")
    histories: list[Histories] = [
        queries.histories_of(Register, [register]),
        queries.histories_of(Listing, listings),
        queries.histories_of(Footnote, footnotes),
        queries.histories_of(AIModel, models),
        queries.histories_of(Provider, providers),
        queries.histories_of(RetentionTerm, terms_of_listings),
        queries.histories_of(RetentionTerm, terms_of_providers),
        queries.histories_of(RetentionTerm, terms_of_models),
        {PolicyDocument: Q(id__in=documents)},
    ]
    return TimelineScope(_union(histories))


def everything_scope() -> TimelineScope:
    """Return the scope of the time line of everything."""
    return TimelineScope(
        queries.histories_of_everything(), is_everything=True, accounts=changesets_of_accounts()
    )


@dataclass(frozen=True)
class TimelineFilter:
    """Which changesets of a time line to show; an empty value does not filter.

    `by` is a condition on changesets. `kind` and `name` choose records. `since` and `until` are
    whole days in the current time zone. `word` must be in the reason, or in a value before or after
    the change.
    """

    by: Q = field(default_factory=Q)
    source: str = ""
    kind: type[Model] | None = None
    name: str = ""
    since: date | None = None
    until: date | None = None
    word: str = ""
    changeset: int | None = None


@dataclass(frozen=True)
class TimelinePage:
    """Entries, latest first, with the changesets before and after which other pages start.

    `first` and `last` are the places of its entries among all `total`, from 1.
    """

    entries: list[ChangesetEntry]
    first: int
    last: int
    total: int
    earlier: int | None
    later: int | None


@dataclass(frozen=True)
class Timeline:
    """A filtered time line."""

    scope: TimelineScope
    filter: TimelineFilter

    @property
    def changesets(self) -> QuerySet[Changeset]:
        """The changesets that the filter leaves, latest first."""
        wanted = self.filter
        changesets = Changeset.objects.filter(wanted.by).order_by("-id")
        if not self._narrowed_scope.is_everything:
            changesets = changesets.filter(self._narrowed_scope.changesets)
        if wanted.changeset:
            changesets = changesets.filter(pk=wanted.changeset)
        if wanted.source:
            changesets = changesets.filter(source=wanted.source)
        zone = get_current_timezone()
        if wanted.since:
            first_moment = datetime.combine(wanted.since, time.min, tzinfo=zone)
            changesets = changesets.filter(recorded_at__gte=first_moment)
        if wanted.until:
            last_moment = datetime.combine(wanted.until, time.max, tzinfo=zone)
            changesets = changesets.filter(recorded_at__lte=last_moment)
        if wanted.word:
            changesets = changesets.filter(self._with_word(wanted.word))
        return changesets

    def page(self, *, before: int | None = None, after: int | None = None) -> TimelinePage:
        """Return the page before a changeset, the page after one, or the latest page."""
        # One more than is shown tells whether there is another page.
        limit = _CHANGESETS_PER_PAGE + 1
        if after is not None:
            changesets = list(self.changesets.filter(pk__gt=after).reverse()[:limit])
            shown = changesets[:_CHANGESETS_PER_PAGE][::-1]
            has_earlier, has_later = True, len(changesets) == limit
        else:
            earlier = self.changesets
            if before is not None:
                earlier = earlier.filter(pk__lt=before)
            changesets = list(earlier[:limit])
            shown = changesets[:_CHANGESETS_PER_PAGE]
            has_earlier, has_later = len(changesets) == limit, before is not None
        later = self.changesets.filter(pk__gt=shown[0].pk).count() if shown and has_later else 0
        return TimelinePage(
            self._entries_of(shown, _ROWS_PER_CHANGESET),
            first=later + 1,
            last=later + len(shown),
            total=self.changesets.count() if has_earlier else later + len(shown),
            earlier=shown[-1].pk if shown and has_earlier else None,
            later=shown[0].pk if shown and has_later else None,
        )

    def entries(self) -> Iterator[ChangesetEntry]:
        """Give all entries in full, latest first, reading a few changesets at a time."""
        rest = self.changesets
        while changesets := list(rest[:_CHANGESETS_PER_READ]):
            yield from self._entries_of(changesets)
            rest = self.changesets.filter(pk__lt=changesets[-1].pk)

    def _entries_of(
        self, changesets: list[Changeset], most: int | None = None
    ) -> list[ChangesetEntry]:
        histories = self._narrowed_scope.histories
        return queries.read_entries(histories, changesets, root=self.scope.root, most=most)

    @cached_property
    def _narrowed_scope(self) -> TimelineScope:
        kind, name = self.filter.kind, self.filter.name
        if not kind and not name:
            return self.scope
        return self.scope.narrowed([kind] if kind else [*KINDS, User], name)

    def _with_word(self, word: str) -> Q:
        """Return the changesets with a word in the reason, or in a record before or after."""
        histories = {
            model: condition & queries.with_next_rows(model, _rows_with_word(model, word))
            for model, condition in self._narrowed_scope.histories.items()
        }
        found = TimelineScope(histories, accounts=changesets_of_accounts(word))
        return Q(reason__says=word) | found.changesets


def _union(several: Iterable[Histories]) -> dict[type[Tracked], Q]:
    """Return the rows that are in at least one of several histories."""
    union: dict[type[Tracked], Q] = {}
    for histories in several:
        for model, condition in histories.items():
            union[model] = union[model] | condition if model in union else condition
    return union


def keys_named(kind: Any, name: str) -> QuerySet[Any]:
    """Return the keys of the records of a kind that ever had a name, all if the name is empty.

    A part of the name is enough. Footnotes are found by their text, listings by the names of their
    models, or of their providers and the texts of their cells where they never had a model.
    """
    if not name:
        return rows_of(kind).values("id")
    if kind is Listing:
        return _listings_named(name)
    name_field = "text" if kind is Footnote else graph.label_field(kind)
    return rows_of(kind).filter(**{f"{name_field}__says": name}).values("id")


def _listings_named(name: str) -> QuerySet[Any]:
    """Return the keys of the listings that ever had a name; see `keys_named`."""
    models = rows_of(ListedModel).filter(model__in=keys_named(AIModel, name))
    providers = rows_of(ListedProvider).filter(provider__in=keys_named(Provider, name))
    cells = rows_of(Cell).filter(text__says=name)
    has_model = Q(id__in=rows_of(ListedModel).values("listing"))
    is_named = Q(id__in=providers.values("listing")) | Q(id__in=cells.values("listing"))
    found = Q(id__in=models.values("listing")) | (is_named & ~has_model)
    return rows_of(Listing).filter(found).values("id")


def _rows_with_word(model: type[Tracked], word: str) -> Q:
    """Return the rows of a model with a word in a text, a label of a choice or a linked name."""
    condition = Q(pk__in=[])
    for tracked_field in rows_of(model).model.tracked_fields:
        condition |= _field_has_word(tracked_field, word)
    return condition


def _field_has_word(tracked_field: Field, word: str) -> Q:
    """Return the rows in which a field has a word, none for a field that is never searched."""
    name = tracked_field.name
    if isinstance(tracked_field, ForeignKey):
        if tracked_field.related_model not in _FOUND_BY_NAME:
            return Q(pk__in=[])
        return Q(**{f"{name}__in": keys_named(tracked_field.related_model, word)})
    if tracked_field.choices:
        values = _choices_with_word(tracked_field, word)
        if getattr(tracked_field, "multiple", False):
            # A field of several countries holds their codes in one value, separated by commas.
            return Q(**{f"{name}__regex": "|".join(values)}) if values else Q(pk__in=[])
        return Q(**{f"{name}__in": values})
    if isinstance(tracked_field, CharField | TextField):
        return Q(**{f"{name}__says": word})
    return Q(pk__in=[])


def _choices_with_word(tracked_field: Field, word: str) -> list[Any]:
    values = []
    for value, label in tracked_field.choices or ():
        if value and word.casefold() in str(label).casefold():
            values.append(value)
    return values
