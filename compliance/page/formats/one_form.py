"""The one form in which the texts of a page are written, whoever wrote them."""

from dataclasses import replace
from typing import Any

from compliance.page import inline
from compliance.page.formats.markdown.prose import canonical_note, canonical_prose
from compliance.page.snapshot import Footnote, Model, Provider, Snapshot
from compliance.page.table import Cell, Listing, Section, Term


def in_one_form(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot, of whose texts no page refuses any, with each in the form that is written.

    Escapes that nothing needs and emphasis go; a page that is written and read is the same.
    """
    return replace(
        snapshot,
        sections=tuple(map(_section, snapshot.sections)),
        models=tuple(map(_model, snapshot.models)),
        providers=tuple(map(_provider, snapshot.providers)),
        footnotes=tuple(map(_footnote, snapshot.footnotes)),
    )


def _section(section: Section) -> Section:
    listings = tuple(map(_listing, section.listings))
    return replace(section, prose=canonical_prose(section.prose), listings=listings)


def _listing(listing: Listing) -> Listing:
    cells = {key: _cell(cell) for key, cell in listing.cells.items()}
    return replace(listing, cells=cells)


def _cell(cell: Cell) -> Cell:
    return replace(cell, items=tuple(map(_item, cell.items)))


def _item(item: Any) -> Any:
    text = inline.normal(item.text)
    return item if text == item.text else replace(item, text=text)


def _model(model: Model) -> Model:
    floor = model.retention_floor
    return replace(model, retention_floor=_term(floor)) if floor else model


def _provider(provider: Provider) -> Provider:
    declared = provider.declared
    if declared is None or declared.retention is None:
        return provider
    return replace(provider, declared=replace(declared, retention=_term(declared.retention)))


def _term(term: Term) -> Term:
    return replace(term, text=inline.normal(term.text))


def _footnote(footnote: Footnote) -> Footnote:
    return replace(footnote, text=canonical_note(footnote.text))
