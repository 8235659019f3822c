"""Which changesets contributed to a publication. Whoever made one of them may not approve it.

The history rows answer this, not the working copy. What the page before shows is asked of the rows
as they were when it was published, never of a name that they had at some time: a text that was not
on that page counts whole, wherever it was written and whatever it is called now (ADR 0022).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.db.models import QuerySet

from compliance.models import Changeset, Publication, Register
from compliance.page.parts import listing_key
from compliance.page.snapshot import Snapshot
from compliance.publishing import register_edits
from compliance.publishing.catalogue_edits import PrintedParties, document_edits
from compliance.publishing.listing_edits import ListingEdits
from compliance.publishing.page_before import note_ids, page_before
from compliance.publishing.term_edits import TermEdits


@dataclass(slots=True)
class PartEdits:
    """The changesets that publishing a part would bring.

    `of_row` are those among them that wrote the row itself: its place, what it lists, its cells or
    the marks on these. The others wrote what it names, such as a term.
    """

    changesets: set[int] = field(default_factory=set)
    of_row: set[int] = field(default_factory=set)

    @property
    def authored(self) -> set[int]:
        """The changesets that made the part differ, as an editor sees it.

        Those that wrote the row itself, and the others only where none did: a term or provider that
        a row names has edits of its own, which may have been set back long ago.
        """
        return self.of_row or self.changesets


def contributing(
    register: Register,
    base: Publication | None,
    after: Snapshot,
    listings: Collection[str],
    held_back: Collection[str] = (),
) -> QuerySet[Changeset]:
    """Return the changesets that publishing `after` would bring in these listings, latest first."""
    by_part = edits_by_part(register, base, after, listings, held_back)
    changesets = (edits.changesets for edits in by_part.values())
    return Changeset.objects.filter(pk__in=set(chain.from_iterable(changesets)))


def edits_by_part(
    register: Register,
    base: Publication | None,
    after: Snapshot,
    listings: Collection[str],
    held_back: Collection[str] = (),
) -> dict[str, PartEdits]:
    """Return the changesets that publishing `after` would bring, by the key of a part.

    `listings` are the ids of those that change, `held_back` the keys of the parts that stay as they
    were published.

    - What `base`, the page before, already shows: only edits since it was last published from the
      working copy, and those that wrote what came back since. A part that was held back meanwhile
      counts from further back, and so do the register's own texts once a listing is no longer held
      back.
    - What is new on the page: every edit ever made. A provider that somebody wrote years ago is new
      to readers on the day when somebody lists it.
    - The register's own texts, the order of its rows, and facts of models and providers beside the
      table (aliases, countries), unless they are held back.

    Takes a fixed number of queries.
    """
    changed = frozenset(listings)
    page = page_before(base)
    by_part: defaultdict[str, PartEdits] = defaultdict(PartEdits)
    since = page.texts_published(changed)
    texts = register_edits.edits_by_text(register, page, after, held_back, since)
    for part, changesets in texts:
        by_part[part].changesets |= changesets
    # Positions are sparse and may change without a row changing its place (ADR 0001).
    if page.snapshot and _is_reordered(page.snapshot, after):
        for part, changesets in register_edits.reorderings(register, page, held_back, since):
            by_part[part].changesets |= changesets

    in_listings = ListingEdits(changed, page, note_ids(after))
    printed = PrintedParties(page, after, changed, held_back)
    in_terms = TermEdits(page, in_listings.cells, printed, changed)
    for listing, changesets in in_listings.edits():
        by_part[listing_key(listing)].changesets |= changesets
        by_part[listing_key(listing)].of_row |= changesets
    found: Iterator[tuple[str, set[int]]] = chain(
        printed.edits(),
        in_terms.edits(),
        document_edits(page, after, changed),
    )
    keys = {listing: listing_key(listing) for listing in changed}
    for owner, changesets in found:
        by_part[keys.get(owner, owner)].changesets |= changesets
    marked = register_edits.general_mark_edits(register, page, after, held_back, since)
    for footnote, party, changesets in marked:
        for owner in {footnote, *printed.listings.get(party, ())}:
            by_part[keys.get(owner, owner)].changesets |= changesets
    return {part: edits for part, edits in by_part.items() if edits.changesets}


def _is_reordered(before: Snapshot, after: Snapshot) -> bool:
    """Return whether rows that both pages have stand in another order."""
    order, earlier = [row.id for row in after.rows()], [row.id for row in before.rows()]
    remaining, kept = set(order), set(earlier)
    return [id for id in order if id in kept] != [id for id in earlier if id in remaining]
