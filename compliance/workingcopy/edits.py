"""What was edited since a changeset, as far as it changes what a register's page prints."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from compliance.models import (
    AIModel,
    Cell,
    Citation,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    RetentionClause,
    RetentionTerm,
    graph,
)
from compliance.models.tracked import Tracked

_PARTS_OF_LISTINGS: tuple[type[Tracked], ...] = (ListedModel, ListedProvider, ListedDocument, Cell)
_CITED = ("listed_model", "listed_provider", "listed_document", "cell")


@dataclass(frozen=True, slots=True)
class Edits:
    """The rows that were written since a changeset, by their classes, as texts of their keys.

    `owners` are the keys of the rows that they belong to, or ever belonged to.
    """

    keys: dict[type[Tracked], set[str]]
    owners: dict[type[Tracked], set[str]]

    def __bool__(self) -> bool:
        return bool(self.keys)

    @property
    def count(self) -> int:
        """How many rows were written."""
        return sum(map(len, self.keys.values()))

    def of(self, model: type[Tracked]) -> set[str]:
        """Return the keys of the rows of a class that were written."""
        return self.keys.get(model, set())

    def listings(self, renumbered: Collection[str]) -> set[UUID]:
        """Return the listings of all registers that may print something else than before.

        `renumbered` are the footnotes whose marks read otherwise than before.
        """
        found = set(map(UUID, self.of(Listing)))
        for part in _PARTS_OF_LISTINGS:
            found |= set(map(UUID, self.owners.get(part, ())))
        cited = self._cited(renumbered)
        models = self.of(AIModel) | cited.get("model", set())
        providers = self.of(Provider) | cited.get("provider", set())
        terms = self.of(RetentionTerm) | self.owners.get(RetentionClause, set())
        # The documents of a provider are printed where the listing names none.
        providers |= self.owners.get(PolicyDocument, set())
        paths: list[tuple[type[Tracked], str, Collection[Any]]] = [
            *(
                (part, "pk", cited.get(field, ()))
                for field, part in zip(_CITED, _PARTS_OF_LISTINGS, strict=True)
            ),
            (Cell, "term", terms),
            (ListedModel, "model__retention_floor", terms),
            (ListedProvider, "provider__declared_retention", terms),
            (ListedDocument, "document__provider__declared_retention", terms),
            (ListedModel, "model", models),
            (ListedProvider, "provider", providers),
            (ListedDocument, "document__provider", providers),
            (ListedDocument, "document", self.of(PolicyDocument)),
        ]
        queries = [
            model._default_manager.filter(**{f"{path}__in": keys}).order_by().values_list("listing")
            for model, path, keys in paths
            if keys
        ]
        if queries:
            found.update(key for (key,) in queries[0].union(*queries[1:]))
        return found

    def _cited(self, notes: Collection[str]) -> dict[str, set[str]]:
        """Return the keys of what is or was marked otherwise, by the field of a citation."""
        citations = self.of(Citation)
        if not citations and not notes:
            return {}
        history = Citation.history.filter(id__in=citations) | Citation.history.filter(
            footnote_id__in=notes
        )
        found: defaultdict[str, set[str]] = defaultdict(set)
        for targets in history.order_by().values_list(*(f"{one}_id" for one in Citation.TARGETS)):
            for field, key in zip(Citation.TARGETS, targets, strict=True):
                if key is not None:
                    found[field].add(str(key))
        return found


def edits_since(changeset: int) -> Edits:
    """Return what was written after a changeset, also by the open one, in one query.

    The history tells: each write of a tracked row leaves a row there.
    """
    keys: defaultdict[type[Tracked], set[str]] = defaultdict(set)
    owners: defaultdict[type[Tracked], set[str]] = defaultdict(set)
    models = graph.tracked_models()
    with connection.cursor() as cursor:
        cursor.execute(_sql(models), [changeset] * len(models))
        for number, key, owner in cursor.fetchall():
            keys[models[number]].add(key)
            if owner is not None:
                owners[models[number]].add(owner)
    return Edits(dict(keys), dict(owners))


def _sql(models: Iterable[type[Tracked]]) -> str:
    """Return the query for the keys of written rows, and their owners of all times.

    It is SQL because Django would take longer to put it together than the database to answer it.
    """
    selects = []
    for number, model in enumerate(models):
        table = connection.ops.quote_name(model.history.model._meta.db_table)
        key = connection.ops.quote_name(model._meta.pk.attname)
        part = graph.part(model)
        owner = "NULL"
        if part:
            owner = connection.ops.quote_name(f"{part.owner}_id")
        selects.append(
            f"SELECT DISTINCT {number}, CAST({key} AS text), CAST({owner} AS text) FROM {table} "  # noqa: S608
            f"WHERE {key} IN (SELECT {key} FROM {table} WHERE changeset_id > %s)"
        )
    return " UNION ALL ".join(selects)
