"""Addresses in the admin of the records that findings are about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.urls import reverse

from compliance.models import (
    Listing,
    PolicyDocument,
    Provider,
    graph,
)
from compliance.models.tracked import Tracked
from compliance.page.rules import SubjectKind

# Digits of a key that every database can compare (64 bits, signed).
_LONGEST_NUMBER = 18


def sees_pages(user: Any) -> bool:
    """Return whether a person may see every kind of record that a page is made of.

    Findings and previews quote all of them, so nobody else may see those either.
    """
    for aggregate in graph.AGGREGATES:
        if not user.has_perm(f"compliance.view_{aggregate.model._meta.model_name}"):
            return False
    return True


def address_of(record: Tracked) -> str:
    """Return the admin's address of a record."""
    return _address(type(record), record.pk)


def screen_address(screen: str, record: Model | None) -> str:
    """Return the address of a screen about a record, "" if there is no record yet."""
    return reverse(f"admin:compliance_{screen}", args=[record.pk]) if record else ""


def addresses(subjects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the admin's address of each subject, by its kind and id; deleted ones are left out.

    It takes one query for each kind. A document leads to its provider or, where an import left it
    without one, to the first listing that shows it.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for kind, id in subjects:
        wanted[kind].add(id)
    found: dict[tuple[str, str], str] = {}
    for kind, ids in wanted.items():
        if kind == SubjectKind.DOCUMENT:
            found |= {(kind, id): address for id, address in _documents(ids)}
        elif aggregate := graph.aggregate_about(kind):
            records = _records(aggregate.model, aggregate.identity, ids)
            found |= {(kind, id): address for id, address in records}
    return found


def _records(model: type[Tracked], field: str, ids: Collection[str]) -> Iterator[tuple[str, str]]:
    keys = filter(_is_key, ids) if field == "id" else ids
    for pk, id in model.objects.filter(**{f"{field}__in": list(keys)}).values_list("pk", field):
        yield str(id), _address(model, pk)


def _documents(ids: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and address of each document.

    A document is named by its number, or by its label where it has no provider.
    """
    numbers = [id for id in ids if id.isascii() and id.isdecimal() and len(id) <= _LONGEST_NUMBER]
    documents = PolicyDocument.objects.filter(Q(pk__in=numbers) | Q(provider=None, label__in=ids))
    # The first listing comes last, so that its address is the one that stays in the dictionary.
    rows = documents.order_by(
        "-listed__listing__section__position", "-listed__listing__position", "-listed__listing"
    )
    for pk, label, provider, listing in rows.values_list(
        "pk", "label", "provider", "listed__listing"
    ):
        if provider or listing:
            address = _address(Provider, provider) if provider else _address(Listing, listing)
            yield (str(pk) if str(pk) in ids else label), address


def _address(model: type[Tracked], pk: Any) -> str:
    return reverse(f"admin:compliance_{model._meta.model_name}_change", args=[pk])


def _is_key(id: str) -> bool:
    try:
        UUID(id)
    except ValueError:
        return False
    return True
