"""The edits of retention terms and their clauses.

A page does not name the row of a term, only its wording, and several rows may have had a wording
one after the other. So the rows that stood on the page are found by their links: from its cells,
its providers and its models, as all these were when it was published.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.db.models import Q

from compliance.models import AIModel, Cell, Provider, RetentionClause, RetentionTerm
from compliance.page import inline
from compliance.publishing.catalogue_edits import (
    MODEL_COLUMNS,
    PROVIDER_COLUMNS,
    PartyState,
    PrintedParties,
    model_state,
    provider_state,
)
from compliance.publishing.listing_edits import Part
from compliance.publishing.page_before import PageBefore, ShownTerm
from compliance.publishing.row_histories import RowHistory, ever, last_published, read_histories


class _Term(NamedTuple):
    wording: str


class _Clause(NamedTuple):
    term: int


_NOT_SHOWN = ShownTerm(set(), set())


class TermEdits:
    """Finds the edits of the terms that some listings print, or that stand beside the tables."""

    def __init__(
        self,
        page: PageBefore,
        cells: Iterable[RowHistory[Part]],
        printed: PrintedParties,
        changed: Collection[str],
    ) -> None:
        self._page = page
        # By the key of a term, the listings that print it; or the part of a party beside them.
        self._listings: defaultdict[int, set[str]] = defaultdict(set)
        # The terms whose wording is printed: a cell may have another text.
        self._worded: set[int] = set()
        self._add_cells(cells, changed)
        self._add_parties(printed)

        clauses = ever(RetentionClause.history, Q(term_id__in=self._listings))
        self._clauses = read_histories(clauses, _Clause, "term_id")
        owners = {state.term for history in self._clauses.values() for state in history.states}
        keys = owners | self._listings.keys()
        self._terms = read_histories(RetentionTerm.history.filter(id__in=keys), _Term, "wording")
        _ShownTerms(page, self._terms).read()

    def _add_cells(self, cells: Iterable[RowHistory[Part]], changed: Collection[str]) -> None:
        for history in cells:
            cell = history.now
            if cell and cell.term is not None and str(cell.listing) in changed:
                self._listings[cell.term].add(str(cell.listing))
                if not cell.text:
                    self._worded.add(cell.term)

    def _add_parties(self, printed: PrintedParties) -> None:
        """Add what providers declare and models require. A row that states no term prints it."""
        for history in printed.histories:
            state = history.now
            if state and state.term is not None and state.party in printed.listings:
                self._listings[state.term] |= printed.listings[state.party]
                self._worded.add(state.term)

    def edits(self) -> Iterator[tuple[str, set[int]]]:
        """Yield each listing with changesets of which readers have not seen the edits."""
        for term, listings in self._listings.items():
            since = self._term_published(term, is_worded=term in self._worded)
            for listing in listings:
                yield listing, self._terms[term].unseen_edits(since)
        for history in self._clauses.values():
            yield from self._clause_edits(history)

    def _clause_edits(self, history: RowHistory[_Clause]) -> Iterator[tuple[str, set[int]]]:
        """Yield the edits of a clause in all that prints a term that ever had it.

        If it came from a term that the page does not show, whoever wrote it there counts too. So
        does whoever took it away from a term that no page has shown yet.
        """
        shown = set()
        for changeset in self._page.changesets:
            state = history.at(changeset)
            if state:
                shown |= {changeset} & self._shown(state.term).linked
        now = history.now
        is_printed = now is not None and now.term in self._listings
        since = self._last_published(shown, is_printed=is_printed)
        for term in {state.term for state in history.states}:
            unseen = history.unseen_edits(min(since, self._term_published(term, is_worded=False)))
            for listing in self._listings.get(term, ()):
                yield listing, unseen

    def _term_published(self, term: int, *, is_worded: bool) -> int:
        """Return the last changeset whose edits of a printed term are no news to readers."""
        shown = self._shown(term)
        return self._last_published(shown.worded if is_worded else shown.linked, is_printed=True)

    def _shown(self, term: int) -> ShownTerm:
        return self._page.terms.get(term, _NOT_SHOWN)

    def _last_published(self, shown: set[int], *, is_printed: bool) -> int:
        return last_published(shown, is_printed=is_printed, if_hidden=self._page.captured)


class _ShownTerms:
    """Finds which terms the page before shows, of which it does not know yet."""

    def __init__(self, page: PageBefore, terms: dict[int, RowHistory[_Term]]) -> None:
        self._page = page
        self._terms = {key: history for key, history in terms.items() if key not in page.terms}
        self._found = {term: ShownTerm(set(), set()) for term in self._terms}

    def read(self) -> None:
        """Add to the page what it shows of the terms.

        Nothing is written into what was published any more, so this is read once.
        """
        if not self._terms:
            return
        cells = ever(Cell.history, Q(term_id__in=self._terms))
        columns = ("listing_id", "term_id", "text")
        for cell in read_histories(cells, Part, *columns).values():
            for changeset, _, state in self._page.standing(cell):
                self._add_cell(state.term, changeset, inline.plain(state.text) or None)
        models = ever(AIModel.history, Q(retention_floor_id__in=self._terms))
        self._add_parties(read_histories(models, model_state, *MODEL_COLUMNS).values())
        providers = ever(Provider.history, Q(declared_retention_id__in=self._terms))
        self._add_parties(read_histories(providers, provider_state, *PROVIDER_COLUMNS).values())
        self._page.terms.update(self._found)

    def _add_parties(self, histories: Iterable[RowHistory[PartyState]]) -> None:
        for history in histories:
            party = next(history.states).party
            for changeset in self._page.parties.get(party, ()):
                state = history.at(changeset)
                if state and party in self._page.facts:
                    self._add_fact(state.term, changeset, self._page.facts[party])

    def _add_fact(self, term: int | None, changeset: int, wording: str) -> None:
        """Add a term beside the tables, unless another one with another wording stands there."""
        state = self._state(term, changeset)
        if term is not None and state and state.wording == wording:
            self._found[term].linked.add(changeset)
            self._found[term].worded.add(changeset)

    def _add_cell(self, term: int | None, changeset: int, own_text: str | None) -> None:
        """Add the term of a cell.

        `own_text` is what the cell prints in place of the wording, None if it prints the wording.
        """
        state = self._state(term, changeset)
        if term is None or state is None:
            return
        self._found[term].linked.add(changeset)
        if own_text in (None, state.wording):
            self._found[term].worded.add(changeset)

    def _state(self, term: int | None, changeset: int) -> _Term | None:
        history = self._terms.get(term) if term is not None else None
        return history.at(changeset) if history else None
