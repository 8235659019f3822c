"""Whether the claims of a file mean in the working copy what they mean in the file."""

from collections.abc import Iterator

from compliance.page import table
from compliance.page.derived import term_in
from compliance.page.snapshot import Snapshot
from compliance.page.vocabulary import Basis
from compliance.workingcopy.importing.errors import NotImportable


def refuse_other_meanings(page: Snapshot, after: Snapshot) -> None:
    """Raise NotImportable, with the place, for a claim that would mean something else than it does.

    `after` is the working copy, which prints the same as the page.
    """
    for (place, column, claim), (_, _, kept) in zip(_claims(page), _claims(after), strict=True):
        if claim.use != kept.use:
            raise NotImportable(
                f"{place}.use is {claim.use}, and the working copy would have {kept.use}. "
                "Word this cell otherwise."
            )
        if claim.clauses != kept.clauses:
            raise NotImportable(f"{place}.clauses {_difference(column, claim)}")


def _claims(page: Snapshot) -> Iterator[tuple[str, table.Column, table.Cell]]:
    """Yield the claims of a page with their columns and their places in the JSON."""
    for number, section in enumerate(page.sections):
        claims = [column for column in section.columns if column.role.is_claim]
        for index, listing in enumerate(section.listings):
            for column in claims:
                place = f"$.sections[{number}].listings[{index}].cells.{column.key}"
                yield place, column, listing.cells[column.key]


def _difference(column: table.Column, claim: table.Cell) -> str:
    """Return why a cell cannot keep its clauses, and what to do."""
    if claim.basis is Basis.DERIVED:
        return "differ from what is derived here. Correct them, or make the basis stated."
    term = table.Term(claim.items[0].text, claim.clauses or ())
    if term_in(column, term).clauses != claim.clauses:
        return f"differ from what “{term.plain}” means in this column. Word this cell otherwise."
    return (
        f"differ from those of the retention term “{term.plain}”, which other rows print. "
        "Change the term in the admin, or word this cell otherwise."
    )
