"""Which changesets contributed to a publication. Whoever made one of them may not approve it.

The history rows answer this, not the working copy. What the page before shows is asked of the rows
as they were when it was published, never of a name that they had at some time: a text that was not
on that page counts whole, wherever it was written and whatever it is called now (ADR 0022).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain

from django.db.models import QuerySet

from compliance.models import Changeset, Publication, Register
from compliance.page.snapshot import Snapshot
from compliance.publishing import register_edits
from compliance.publishing.catalogue_edits import PrintedParties, document_edits
from compliance.publishing.listing_edits import ListingEdits
from compliance.publishing.page_before import PageBefore, note_ids
from compliance.publishing.term_edits import TermEdits


def contributing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> QuerySet[Changeset]:
    """Return the changesets that publishing `after` would bring in these listings, latest first."""
    by_listing = changesets_by_listing(register, base, after, listings)
    return Changeset.objects.filter(pk__in=set(chain.from_iterable(by_listing.values())))


def changesets_by_listing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> dict[str | None, set[int]]:
    """Return the changesets that publishing `after` would bring, by changed listing.

    - What `base`, the page before, already shows: only edits since it was last published from the
      working copy. A listing that was held back meanwhile counts from further back, and so do the
      register's own texts once it is no longer held back.
    - What is new on the page: every edit ever made. A provider that somebody wrote years ago is new
      to readers on the day when somebody lists it.
    - The register's own texts, the order of its rows, and facts of models and providers beside the
      table (aliases, countries) always come along. They stand under None.

    Takes a fixed number of queries.
    """
    changed = frozenset(listings)
    page = PageBefore(base)
    by_listing: defaultdict[str | None, set[int]] = defaultdict(set)
    since = page.texts_published(changed)
    by_listing[None] |= _edits_of_register(register, page, after, since)

    in_listings = ListingEdits(changed, page, note_ids(after))
    printed = PrintedParties(page, after, changed)
    in_terms = TermEdits(page, in_listings.cells, printed, changed)
    found: Iterator[tuple[str | None, set[int]]] = chain(
        in_listings.edits(),
        printed.edits(),
        in_terms.edits(),
        document_edits(page, after, changed),
    )
    for listing, changesets in found:
        by_listing[listing] |= changesets
    for party, changesets in register_edits.general_mark_edits(register, page, after, since):
        for listing in {None, *printed.listings.get(party, ())}:
            by_listing[listing] |= changesets
    return {key: changesets for key, changesets in by_listing.items() if key is None or changesets}


def _edits_of_register(
    register: Register, page: PageBefore, after: Snapshot, since: int
) -> set[int]:
    changesets = register_edits.text_edits(register, since)
    changesets |= register_edits.restored_texts(page, after)
    changesets |= register_edits.note_edits(register, page, after, since)
    # Positions are sparse and may change without a row changing its place (ADR 0001).
    if page.snapshot and _is_reordered(page.snapshot, after):
        changesets |= register_edits.reorderings(register, since)
    return changesets


def _is_reordered(before: Snapshot, after: Snapshot) -> bool:
    """Return whether rows that both pages have stand in another order."""
    order, earlier = [row.id for row in after.rows()], [row.id for row in before.rows()]
    remaining, kept = set(order), set(earlier)
    return [id for id in order if id in kept] != [id for id in earlier if id in remaining]
