"""What publications were made from: how far back an edit can be taken back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from compliance.models import AIModel, Changeset, Footnote, Listing, Provider, Publication, Register
from compliance.publishing.page_before import PageBefore, page_before
from compliance.publishing.row_histories import FROM_THE_BEGINNING


def published_as_of(publication: Publication, listing: str) -> int | None:
    """Return the changeset of which a publication shows a listing, None where it shows none."""
    return page_before(publication).listings.get(listing) or None


def published_from(
    changeset: Changeset, roots: Iterable[tuple[type[Any], Any]], *, at: datetime
) -> Publication | None:
    """Return a publication that shows one of some records as of a changeset or later.

    It is in force, scheduled or in review. `roots` are the models and keys of the records. None if
    no page has the changeset yet.
    """
    roots = list(roots)
    for register in Register.objects.all():
        for publication in _in_force_or_coming(register, at=at):
            page = page_before(publication)
            if any(changeset.pk <= _published(page, register, model, pk) for model, pk in roots):
                return publication
    return None


def _in_force_or_coming(register: Register, *, at: datetime) -> list[Publication]:
    """Return the publication in force, then those scheduled, then those in review."""
    in_force = register.publications.in_force(at)
    scheduled = register.publications.standing_after(in_force)
    return [*filter(None, [in_force]), *scheduled, *register.publications.in_review()]


def _published(page: PageBefore, register: Register, model: type[Any], pk: Any) -> int:
    """Return the last changeset of which a page shows a record, 0 where it does not show it."""
    if model is Listing:
        return page.listings.get(str(pk), FROM_THE_BEGINNING)
    if model is Footnote:
        return page.published(f"footnote:{pk}", is_printed=True)
    if model in (AIModel, Provider):
        slug = model.history.filter(id=pk).values_list("slug", flat=True).first()
        kind = "model" if model is AIModel else "provider"
        return max(page.parties.get((kind, slug), ()), default=FROM_THE_BEGINNING)
    if model is Register and pk != register.pk:
        return FROM_THE_BEGINNING
    return page.newest  # a term or document may stand anywhere
