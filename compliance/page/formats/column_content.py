"""Whether the cells of a column say what its label promises."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from compliance.page.documents import names_document
from compliance.page.formats.labels import LabelMeaning
from compliance.page.retention import read_clauses
from compliance.page.training import training_use
from compliance.page.urls import looks_like_address
from compliance.page.vocabulary import ClauseKind, ColumnRole, DataClass, TrainingUse
from compliance.page.wording import read_wording

_ANSWERS = {"yes", "no", "x", "×"}
_NO_WORDS = {"", "-", "–", "—", "?", ".", "…", "n/a", "na", "tbd", "tbc"}
_NAMES_NOTHING = {"none", "nothing", "never", "always", "unknown"}
_NUMBER = re.compile(r"[0-9.,%]+\Z")
# So many claims that are not understood show that a column claims something else.
_ENOUGH_CLAIMS = 3


class CellContent(NamedTuple):
    """The words that a cell shows, and whether it has a link."""

    words: str
    has_link: bool = False


def is_contradicted(meaning: LabelMeaning, cells: Iterable[CellContent]) -> bool:
    """Return whether no filled cell fits what the label says, so that it means something else.

    Cells without words tell nothing. It looks at no more cells than it must.
    """
    count = 0
    for cell in cells:
        if _folded(cell.words) in _NO_WORDS and not cell.has_link:
            continue
        if _is_confirmed(meaning, cell):
            return False
        count += 1
    return count >= (_ENOUGH_CLAIMS if meaning.role.is_claim else 1)


def asks_how_long(cells: Iterable[CellContent]) -> bool:
    """Return whether cells answer with times instead of Yes and No."""
    filled = [word for cell in cells if (word := _folded(cell.words)) not in _NO_WORDS]
    return bool(filled) and not _ANSWERS.intersection(filled)


def _folded(words: str) -> str:
    """Return words in the form in which they are compared: "❌ No." is "no", and so is "✗"."""
    return read_wording(words).words


def _is_confirmed(meaning: LabelMeaning, cell: CellContent) -> bool:
    match meaning.role:
        case ColumnRole.TRAINING:
            return training_use(cell.words, asks=meaning.asks) is not TrainingUse.UNKNOWN
        case ColumnRole.RETENTION:
            return _is_read(cell.words, meaning)
        case ColumnRole.DOCUMENTS:
            names = names_document(cell.words) or looks_like_address(cell.words)
            return cell.has_link or names
    folded = _folded(cell.words)
    is_name = folded not in _ANSWERS | _NAMES_NOTHING and not _NUMBER.match(folded)
    return is_name and not looks_like_address(cell.words)


def _is_read(words: str, meaning: LabelMeaning) -> bool:
    covers = meaning.covers or DataClass.ALL_CONTENT
    clauses = read_clauses(words, asks=meaning.asks, covers=covers, unit=meaning.unit)
    return any(clause.kind is not ClauseKind.UNKNOWN for clause in clauses)
