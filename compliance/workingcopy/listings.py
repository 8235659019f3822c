"""The acts on listings in one step: each writes into the open changeset, or raises NotRelisted with why not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from compliance.models import (
    AIModel,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    Provider,
    Register,
)
from compliance.models.positions import STEP, arrange


class ListingActionError(ValidationError):
    """An act that cannot be done; says what stands in the way and what to do."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model to be listed, with the footnotes that mark it there."""

    model: AIModel
    notes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider to be listed, with its role, its condition, and the footnotes that mark it there."""

    provider: Provider
    notes: tuple[Footnote, ...] = ()
    role: str = "primary"
    condition: str = ""


def add(listing: Listing, *, models: Sequence[ModelRow], after: ListedModel | None) -> None:
    """List models in a row, in order, behind a listed model; None: before the first. A new model is made."""
    _refuse_listed(listing, [each.model for each in models])
    for each in models:
        each.model.set()
    rows = [ListedModel(listing=listing, model=each.model) for each in models]
    _insert(listing.listed_models.all(), rows, after)
    for row, each in zip(rows, models, strict=True):
        _mark(each.notes, listed_model=row)


def retire(rows: Iterable[ListedModel]) -> None:
    """Take listed models out of their rows; what is known of the models stays."""
    for row in rows:
        row.delete()


def replace(
    rows: Sequence[ListedModel], *, by: AIModel, keeping_place: bool, keeping_marks: bool
) -> None:
    """Put a model in the place of what some rows list, with its marks or without, in its place or at the end."""
    gone = rows[0].model
    by.set()
    for row in rows:
        _refuse_listed(row.listing, [by])
        last = row.listing.listed_models.last() or row
        row.set(
            model=by,
            position=row.position if keeping_place or last == row else last.position + STEP,
        )
        for citation in () if keeping_marks else row.citations.all():
            citation.delete()
    for row in rows if keeping_marks else ():
        _inherit(row, gone)


def _inherit(row: ListedModel, gone: AIModel) -> None:
    """Give a successor the notes that mark what it follows wherever the register lists it."""
    register = row.listing.register_id
    is_listed = ListedModel.objects.filter(model=gone, listing__register=register).exists()
    for citation in Citation.objects.filter(model=gone, footnote__register=register):
        if is_listed:
            _mark([citation.footnote], listed_model=row)
        else:
            citation.set(model=row.model)


def rename(model: AIModel, *, name: str) -> None:
    """Give a model another name; the old one stays as an alias, so that whoever looks for it finds it."""
    if name == model.name:
        raise ListingActionError(f"The model is called {name} already. Write its new name.")
    aliases = [each for each in model.aliases.splitlines() if each not in (name, model.name)]
    model.set(name=name, aliases="\n".join([*aliases, model.name]))


def move(rows: Sequence[ListedModel], *, to: Listing, first: bool) -> None:
    """Move listed models, with their marks, to the beginning or the end of another row of the register."""
    _refuse_all(rows)
    _refuse_listed(to, [row.model for row in rows])
    _insert(to.listed_models.all(), rows, None if first else to.listed_models.last(), listing=to)


def split(
    rows: Sequence[ListedModel],
    *,
    providers: Sequence[ProviderRow],
    copying_terms: bool,
    after: Listing | None,
) -> Listing:
    """Move listed models, with their marks, into a row of their own behind another; None: before the first.

    With `copying_terms` it says of training, retention and documents what the row says that they leave, marks included.
    """
    _refuse_all(rows)
    new = _open_row(rows[0].listing, providers, copying_terms, after)
    _insert(new.listed_models.all(), rows, None, listing=new)
    return new


def add_alike(
    listing: Listing,
    *,
    models: Sequence[ModelRow],
    providers: Sequence[ProviderRow],
    copying_terms: bool,
    after: Listing | None,
) -> Listing:
    """Open a row for models that are listed anew, on the terms of another row or on those of its providers."""
    new = _open_row(listing, providers, copying_terms, after)
    add(new, models=models, after=None)
    return new


def _open_row(
    old: Listing, providers: Sequence[ProviderRow], copying_terms: bool, after: Listing | None
) -> Listing:
    new = Listing(register=old.register)
    if copying_terms:
        for name in ("training_use", "training_text", "retention_term", "departs"):
            setattr(new, name, getattr(old, name))
    named = [each.provider for each in providers]
    if twice := next((each for each in named if named.count(each) > 1), None):
        raise ListingActionError(f"{twice} would stand twice in one row. Name it once.")
    _insert(old.register.listings.all(), [new], after)
    for place, each in enumerate(providers, start=1):
        listed = ListedProvider(
            listing=new,
            provider=each.provider,
            position=STEP * place,
            role=each.role,
            condition=each.condition,
        )
        listed.save()
        _mark(each.notes, listed_provider=listed)
    if copying_terms:
        _copy_marks_and_documents(old, new, {each.provider.pk for each in providers})
    return new


def _copy_marks_and_documents(old: Listing, new: Listing, providers: Collection[int]) -> None:
    for citation in old.citations.select_related("footnote"):
        _mark([citation.footnote], listing=new, cell=citation.cell)
    for listed in old.listed_documents.select_related("document").prefetch_related(
        "citations__footnote"
    ):
        if listed.document.provider_id is None or listed.document.provider_id in providers:
            copy = ListedDocument(listing=new, document=listed.document, position=listed.position)
            copy.save()
            _mark([citation.footnote for citation in listed.citations.all()], listed_document=copy)


def merge(listing: Listing, *, other: Listing, taking_providers: bool) -> None:
    """Move the models of another row, with their marks, to the end of this one, and delete the other.

    What both list stays once, with the marks of both. With `taking_providers` this row gets the other's providers too.
    """
    present = {row.model_id: row for row in listing.listed_models.all()}
    coming = []
    for row in other.listed_models.select_related("model"):
        if row.model_id in present:
            _mark(
                [each.footnote for each in row.citations.select_related("footnote")],
                listed_model=present[row.model_id],
            )
        else:
            coming.append(row)
    _insert(listing.listed_models.all(), coming, listing.listed_models.last(), listing=listing)
    if taking_providers:
        listed = {row.provider_id for row in listing.listed_providers.all()}
        more = [
            row
            for row in other.listed_providers.select_related("provider")
            if row.provider_id not in listed
        ]
        _insert(
            listing.listed_providers.all(), more, listing.listed_providers.last(), listing=listing
        )
    Listing.objects.get(pk=other.pk).delete()


def reorder(register: Register, *, order: Sequence[Listing]) -> None:
    """Put the rows of a register in an order, changing as few positions as possible; `order` has each of them once."""
    if {row.pk for row in order} != set(register.listings.values_list("pk", flat=True)):
        raise ListingActionError("The order does not name each row once. Open it anew.")
    _arrange(order)


def _insert(present: Iterable[Any], coming: Sequence[Any], after: Any, **values: Any) -> None:
    """Put rows behind one of those present, None: before the first, and write what that changes."""
    rows = [row for row in present if row not in coming]
    place = rows.index(after) + 1 if after is not None else 0
    kept = [row.position for row in rows]
    positions = arrange([*kept[:place], *[None] * len(coming), *kept[place:]])
    order = [*rows[:place], *coming, *rows[place:]]
    for row, position in zip(order, positions, strict=True):
        row.set(position=position, **(values if row in coming else {}))


def _arrange(rows: Sequence[Any]) -> None:
    for row, position in zip(rows, arrange([row.position for row in rows]), strict=True):
        row.set(position=position)


def _mark(notes: Iterable[Footnote], **target: Any) -> None:
    """Cite notes on a target that does not cite them yet."""
    for note in notes:
        if not Citation.objects.filter(footnote=note, **target).exists():
            Citation(footnote=note, **target).save()


def _refuse_listed(listing: Listing, models: Iterable[Any]) -> None:
    """Refuse models that a row lists already, or that are named twice."""
    listed = set(listing.listed_models.values_list("model__name", flat=True))
    for model in models:
        if model.name in listed:
            raise ListingActionError(
                f"{model} would stand twice in one row. Leave it out here, or retire one of the two."
            )
        listed.add(model.name)


def _refuse_all(rows: Sequence[ListedModel]) -> None:
    """Refuse to leave a row without a model."""
    listing = rows[0].listing
    if not listing.listed_models.exclude(pk__in=[row.pk for row in rows]).exists():
        raise ListingActionError(
            "Those are all the models of the row. Leave one there, or merge the rows instead."
        )
