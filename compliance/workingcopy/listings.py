"""One-step actions on listings: add, retire, replace, rename, move, split, merge, reorder.

The others work within a section; `move_listing` takes a row to another.

Each writes into the open changeset. Where it raises ListingActionError, the caller rolls back.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects

from compliance.models import (
    AIModel,
    Cell,
    Citation,
    Column,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    Provider,
    Section,
)
from compliance.models.bulk import delete_all
from compliance.models.changesets import current_changeset
from compliance.models.positions import STEP, arrange
from compliance.models.tracked import Tracked
from compliance.page.vocabulary import ONCE_IN_A_TABLE, ColumnRole
from compliance.workingcopy.citations import cite
from compliance.workingcopy.documents import DefaultDocuments, follow_providers
from compliance.workingcopy.writes import Writes

_CELL_FIELDS = ("column", "position", "text", "use", "term", "is_blank")


class ListingActionError(ValidationError):
    """The action cannot be performed. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model to list, with the footnotes that mark it in that row, and its printed text."""

    model: AIModel
    notes: tuple[Footnote, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider to list, with the footnotes that mark it in that row, and its printed text."""

    provider: Provider
    notes: tuple[Footnote, ...] = ()
    text: str = ""


def add(listing: Listing, *, models: Sequence[ModelRow], after: ListedModel | None) -> None:
    """List models after a listed model, or first if `after` is None. Saves models that are new."""
    _refuse_listed(listing, [added.model for added in models])
    writes = Writes()
    rows = []
    for added in models:
        writes.set(added.model)
        rows.append(ListedModel(listing=listing, model=added.model, text=added.text))
    _insert(writes, listing.listed_models.all(), rows, after)
    for row, added in zip(rows, models, strict=True):
        _cite_all(writes, added.notes, row)
    writes.write()


def retire(rows: Iterable[ListedModel]) -> None:
    """Remove listed models from their rows. The models themselves stay."""
    delete_all(rows)


def replace(
    rows: Sequence[ListedModel], *, by: AIModel, keeping_place: bool, keeping_marks: bool
) -> None:
    """Let some rows list the model `by` instead of theirs.

    With `keeping_place` it takes the position of the old one, else the last position of the row.
    With `keeping_marks` it takes over the footnotes.
    """
    replaced = rows[0].model
    _refuse_listed_beside(rows, by)
    prefetch_related_objects(rows, "listing__section", "citations")
    last_rows = {} if keeping_place else _last_rows(replaced)
    writes = Writes()
    writes.set(by)
    for row in rows:
        last = last_rows.get(row.listing_id, row)
        position = row.position if last == row else last.position + STEP
        writes.set(row, model=by, text="", position=position)
        for citation in () if keeping_marks else row.citations.all():
            writes.delete(citation)
    if keeping_marks:
        _inherit_general_marks(writes, rows, replaced)
    writes.write()


def _refuse_listed_beside(rows: Iterable[ListedModel], by: AIModel) -> None:
    """Raise ListingActionError if a model would stand twice in one of the listings of rows."""
    # By name, because a model that is not saved yet has no id.
    rows_of_successor = ListedModel.objects.filter(model__name=by.name)
    listings = set(rows_of_successor.values_list("listing", flat=True))
    for row in rows:
        if row.listing_id in listings:
            raise _stands_twice(by)
        listings.add(row.listing_id)


def _last_rows(model: AIModel) -> dict[uuid.UUID, ListedModel]:
    """Return the last listed model of each listing that lists a model."""
    rows = ListedModel.objects.filter(listing__listed_models__model=model)
    return {row.listing_id: row for row in rows.order_by("position", "id")}


def _inherit_general_marks(writes: Writes, rows: Sequence[ListedModel], replaced: AIModel) -> None:
    """Let a successor take over the footnotes that mark its predecessor in a whole register.

    The successor stands in `rows` already, whose listings, sections and citations are loaded.
    """
    by_register: defaultdict[int, list[ListedModel]] = defaultdict(list)
    for row in rows:
        by_register[row.listing.register_id].append(row)
    others = ListedModel.objects.filter(model=replaced).exclude(pk__in=[row.pk for row in rows])
    still_listed_in = set(others.values_list("listing__section__register", flat=True))
    citations = Citation.objects.filter(model=replaced, footnote__register__in=by_register)
    for citation in citations.select_related("footnote"):
        register = citation.footnote.register_id
        if register not in still_listed_in:
            writes.set(citation, model=rows[0].model)
            continue
        # Elsewhere the predecessor stays marked, so only these rows get the mark.
        for row in by_register[register]:
            cite(writes, citation.footnote, row)


def rename(model: AIModel, *, name: str) -> None:
    """Rename a model. The old name stays as an alias, so that searching for it still works."""
    if name == model.name:
        raise ListingActionError(f"The model is called {name} already. Write its new name.")
    aliases = [alias for alias in model.aliases.splitlines() if alias not in (name, model.name)]
    model.set(name=name, aliases="\n".join([*aliases, model.name]))


def take_on_history(model: AIModel, *, of: AIModel) -> None:
    """Say that a model is another one under a new id: it takes on the history of that one."""
    if of.listed.exists():
        raise ListingActionError(
            f"{of} is still listed. Put {model} in its place first, or retire it."
        )
    ids = dict.fromkeys((*model.continued_ids, of.slug, *of.continued_ids))
    model.set(continues="\n".join(ids))


def move(rows: Sequence[ListedModel], *, to: Listing, first: bool) -> None:
    """Move listed models, with their marks, to the start or the end of another row."""
    _refuse_all(rows)
    _refuse_table_without_models(to)
    _refuse_listed(to, [row.model for row in rows])
    after = None if first else to.listed_models.last()
    _move(rows, to=to, after=after)


def split(
    rows: Sequence[ListedModel],
    *,
    providers: Sequence[ProviderRow],
    copying_terms: bool,
    after: Listing | None,
) -> Listing:
    """Move listed models, with their marks, into a new row, and return it.

    The new row stands after the row `after`, or first if that is None. With `copying_terms` it
    states the same in its other cells as the old row, marks included. The documents are only copied
    where the new row has the same providers; otherwise it prints those of its own.
    """
    _refuse_all(rows)
    new = _open_row(rows[0].listing, providers, copying_terms, after)
    _move(rows, to=new, after=None)
    return new


def add_alike(
    listing: Listing,
    *,
    models: Sequence[ModelRow],
    providers: Sequence[ProviderRow],
    copying_terms: bool,
    after: Listing | None,
) -> Listing:
    """Add a row for newly listed models and return it; see `split` for the arguments."""
    new = _open_row(listing, providers, copying_terms, after)
    add(new, models=models, after=None)
    return new


def _open_row(
    old: Listing, providers: Sequence[ProviderRow], copying_terms: bool, after: Listing | None
) -> Listing:
    new = Listing(section=old.section)
    for provider, count in Counter(added.provider for added in providers).items():
        if count > 1:
            raise ListingActionError(f"{provider} would stand twice in one row. Name it once.")
    writes = Writes()
    _insert(writes, old.section.listings.all(), [new], after)
    for place, added in enumerate(providers, start=1):
        listed = ListedProvider(listing=new, provider=added.provider, text=added.text)
        writes.set(listed, position=STEP * place)
        _cite_all(writes, added.notes, listed)
    if copying_terms:
        cells = old.cells.select_related("column", "term").prefetch_related("citations__footnote")
        former = {listed.provider_id for listed in old.listed_providers.all()}
        if former == {added.provider.pk for added in providers}:
            _copy_documents(writes, old, new)
        else:
            cells = cells.exclude(column__role=ColumnRole.DOCUMENTS.value)
        _copy_cells(writes, cells, new)
    writes.write()
    return new


def _copy_cells(writes: Writes, cells: Iterable[Cell], new: Listing) -> None:
    for cell in cells:
        values = {name: getattr(cell, name) for name in _CELL_FIELDS}
        copy = Cell(listing=new, **values)
        writes.set(copy)
        _cite_all(writes, [citation.footnote for citation in cell.citations.all()], copy)


def _copy_documents(writes: Writes, old: Listing, new: Listing) -> None:
    for listed in old.listed_documents.prefetch_related("citations__footnote"):
        copy = ListedDocument(listing=new, document=listed.document, position=listed.position)
        writes.set(copy)
        _cite_all(writes, [citation.footnote for citation in listed.citations.all()], copy)


def merge(listing: Listing, *, other: Listing, taking_providers: bool) -> None:
    """Move the models of `other`, with their marks, to the end of this row, and delete `other`.

    A model in both rows stays once, with the marks of both. With `taking_providers` this row also
    gets the providers of `other`; if it then states just their documents, it follows them.
    """
    rows = list(listing.listed_models.prefetch_related("citations"))
    present = {row.model_id: row for row in rows}
    marks: defaultdict[int, list[Footnote]] = defaultdict(list)
    moved = []
    for row in other.listed_models.prefetch_related("citations__footnote"):
        if row.model_id in present:
            marks[row.model_id] += [citation.footnote for citation in row.citations.all()]
        else:
            moved.append(row)
    writes = Writes()
    for model_id, footnotes in marks.items():
        _cite_all(writes, footnotes, present[model_id])
    writes.write()
    _move(moved, to=listing, after=rows[-1] if rows else None)
    if taking_providers:
        listed = [row.provider_id for row in listing.listed_providers.all()]
        more = [row for row in other.listed_providers.all() if row.provider_id not in listed]
        taken = [row.provider_id for row in more]
        _move(more, to=listing, after=listing.listed_providers.last())
        follow_providers(
            writes,
            listing,
            former=listed,
            providers=[*listed, *taken],
            defaults=DefaultDocuments(),
        )
        writes.write()
    delete_all(Listing.objects.filter(pk=other.pk))


def reorder(section: Section, *, order: Sequence[Listing]) -> None:
    """Reorder the rows of a section with few writes. `order` names each row once."""
    if {row.pk for row in order} != set(section.listings.values_list("pk", flat=True)):
        raise ListingActionError("The order does not name each row once. Open it anew.")
    writes = Writes()
    positions = arrange([row.position for row in order])
    for row, position in zip(order, positions, strict=True):
        writes.set(row, position=position)
    writes.write()


def move_listing(listing: Listing, *, to: Section, after: Listing | None) -> None:
    """Move a row to another section, after the row `after`, or first if that is None.

    Its cells go to the columns of the same key. Where the other section has no such column, a cell
    with something in it refuses the move.
    """
    columns = {column.key: column for column in to.columns.all()}
    cells = list(listing.cells.select_related("column"))
    for column in _filled_columns(listing, cells):
        target = columns.get(column.key)
        if target is None or target.role != column.role:
            raise ListingActionError(
                f"“{column}” is filled in, and the table has no such column where the row is to go."
                " Empty it, or add the column there."
            )
    writes = Writes()
    _insert(writes, to.listings.all(), [listing], after, section=to)
    for cell in cells:
        writes.set(cell, column=columns[cell.column.key])
    writes.write()


def _filled_columns(listing: Listing, cells: Iterable[Cell]) -> Iterable[Column]:
    """Return the columns in which a row has something, each once."""
    columns = dict.fromkeys(cell.column for cell in cells)
    listed = {
        ColumnRole.MODELS: listing.listed_models,
        ColumnRole.PROVIDERS: listing.listed_providers,
        ColumnRole.DOCUMENTS: listing.listed_documents,
    }
    for column in listing.section.columns.filter(role__in=ONCE_IN_A_TABLE):
        if listed[ColumnRole(column.role)].exists():
            columns[column] = None
    return columns


def _move(rows: Sequence[Any], *, to: Listing, after: Any) -> None:
    """Move rows of one kind to another listing, after a row there, or first if `after` is None."""
    if not rows:
        return
    former = [row.listing for row in rows]
    writes = Writes()
    present = type(rows[0]).objects.filter(listing=to)
    _insert(writes, present, rows, after, listing=to)
    writes.write()
    # Saving a row raises the version of the listing where it stands then.
    current_changeset().bump_versions(former)


def _insert(
    writes: Writes, present: Iterable[Any], added: Sequence[Any], after: Any, **values: Any
) -> None:
    """Add to `writes` what inserts rows after one of those present, or first if that is None.

    `values` are set on the added rows.
    """
    added_keys = {row.pk for row in added}
    rows = [row for row in present if row.pk not in added_keys]
    place = rows.index(after) + 1 if after is not None else 0
    kept = [row.position for row in rows]
    positions = arrange([*kept[:place], *[None] * len(added), *kept[place:]])
    order = [*rows[:place], *added, *rows[place:]]
    for row, position in zip(order, positions, strict=True):
        more = values if row.pk in added_keys else {}
        writes.set(row, position=position, **more)


def _cite_all(writes: Writes, footnotes: Iterable[Footnote], target: Tracked) -> None:
    for footnote in dict.fromkeys(footnotes):
        cite(writes, footnote, target)


def _refuse_listed(listing: Listing, models: Iterable[Any]) -> None:
    """Raise ListingActionError for models that the row lists already or that are named twice."""
    # By name, because a model that is not saved yet has no id.
    listed = set(listing.listed_models.values_list("model__name", flat=True))
    for model in models:
        if model.name in listed:
            raise _stands_twice(model)
        listed.add(model.name)


def _stands_twice(model: AIModel) -> ListingActionError:
    return ListingActionError(
        f"{model} would stand twice in one row. Leave it out here, or retire one of the two."
    )


def _refuse_table_without_models(listing: Listing) -> None:
    if not listing.section.columns.filter(role=ColumnRole.MODELS.value).exists():
        raise ListingActionError("The table of that row has no column of models. Add one first.")


def _refuse_all(rows: Sequence[ListedModel]) -> None:
    """Raise ListingActionError if the row would keep no model."""
    listing = rows[0].listing
    if not listing.listed_models.exclude(pk__in=[row.pk for row in rows]).exists():
        raise ListingActionError(
            "Those are all the models of the row. Leave one there, or merge the rows instead."
        )
