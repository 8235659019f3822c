"""Read a manifest: the list of a register's earlier pages, and from when each was public."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from itertools import pairwise
from pathlib import Path

from compliance.models.publications import FIRST_YEAR
from compliance.page import snapshot
from compliance.page.formats import Reading, Unreadable
from compliance.page.formats.column_report import describe_columns, has_guessed_claims
from compliance.page.formats.reader import read
from compliance.workingcopy.importing.errors import NotImportable

_COLUMNS = ["published_at", "path", "summary"]


@dataclass(frozen=True)
class PastPage:
    """A page that was public from a moment on.

    `summary` says what changed then, `notes` how new columns were read and what was normalised.
    """

    snapshot: snapshot.Snapshot
    published_at: datetime
    summary: str
    notes: tuple[str, ...] = ()


def read_manifest(path: Path) -> list[PastPage]:
    """Return the pages that a manifest names, in its order.

    The manifest is text with tabs between its columns and the header published_at, path, summary.
    `published_at` is a moment of RFC 3339, or a day, which means its beginning in UTC. `path` is a
    Markdown file relative to the manifest, `summary` a line of text. A column means what it means
    on the page before, if that has its label.

    Raises NotImportable, naming the line, also if the moments do not rise.
    """
    try:
        rows = path.read_text(encoding="utf-8-sig").splitlines()
        lines = list(csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise NotImportable(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotImportable(f"{path} cannot be read: {error}.") from error
    if not lines or lines[0] != _COLUMNS:
        raise NotImportable(
            f"{path}, line 1: the header must be {', '.join(_COLUMNS)}, with a tab between."
        )
    pages: list[PastPage] = []
    for number, line in enumerate(lines[1:], start=2):
        if any(line):
            pages.append(_page(path, number, line, pages[-1:]))
    if not pages:
        raise NotImportable(f"{path} names no page.")
    _refuse_disorder(path, pages)
    return pages


def _page(manifest: Path, number: int, line: list[str], before: Sequence[PastPage]) -> PastPage:
    place = f"{manifest}, line {number}"
    if len(line) != len(_COLUMNS):
        raise NotImportable(f"{place}: {len(line)} columns instead of {len(_COLUMNS)}.")
    moment, name, summary = line
    if not summary.strip():
        raise NotImportable(f"{place}: the summary is empty. Say what changed.")
    page = manifest.parent / name
    sections = before[-1].snapshot.sections if before else ()
    try:
        reading = read(page.read_bytes(), syntax="md", sections=sections)
    except OSError as error:
        raise NotImportable(f"{place}: {page} cannot be read: {error.strerror}.") from error
    except Unreadable as error:
        raise NotImportable(f"{place}: {page}: {error}") from error
    notes = tuple(f"{page}: {note}" for note in (*_on_columns(reading), *reading.notes))
    return PastPage(reading.snapshot, _moment(place, moment), summary.strip(), notes)


def _on_columns(reading: Reading) -> Iterator[str]:
    """Yield how the columns of a page were read, nothing if the page before has all of them."""
    if has_guessed_claims(reading.columns):
        yield "What the page claims was guessed from its labels. Check each line."
    yield from describe_columns(reading.columns)


def _moment(place: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotImportable(
            f"{place}: {text} is not a time. Write 2025-01-09T12:00:00Z or 2025-01-09."
        ) from error
    if moment.tzinfo is None:
        if "T" in text or " " in text:
            raise NotImportable(f"{place}: {text} has no offset. Write {text}Z for UTC.")
        moment = moment.replace(tzinfo=UTC)
    # The register answers for days of these years only: see compliance.models.publications.as_of.
    if not FIRST_YEAR <= moment.year < MAXYEAR:
        raise NotImportable(
            f"{place}: {text} is not in the years from {FIRST_YEAR} on. Write 2025-01-09."
        )
    return moment.astimezone(UTC)


def _refuse_disorder(path: Path, pages: list[PastPage]) -> None:
    for earlier, later in pairwise(pages):
        if later.published_at <= earlier.published_at:
            raise NotImportable(
                f"{path}: {later.published_at.isoformat()} does not come after "
                f"{earlier.published_at.isoformat()}. "
                "List the pages from the earliest to the latest."
            )
