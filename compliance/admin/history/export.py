"""Writes a time line as CSV or JSON while it is read, latest changeset first."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from compliance.admin.history.queries import ChangesetEntry, editor_name
from compliance.page.formats.csv import guard_formula
from compliance.published.index import moment_text

HEADER = ("changeset", "recorded_at", "who", "source", "reason", "what", "before", "after")


class _LineReturner:
    """A file for csv.writer that returns each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(entries: Iterable[ChangesetEntry]) -> Iterator[str]:
    """Give a header and a line for each changed value (RFC 4180), all cells quoted.

    A changeset without changed values has one line with empty cells for them. Cells that a
    spreadsheet would run as a formula are escaped.
    """
    writer = csv.writer(_LineReturner(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield writer.writerow(HEADER)
    for entry in entries:
        facts = _facts(entry)
        values = [(line.what, line.before, line.after) for line in entry.lines]
        for value in values or [("", "", "")]:
            yield writer.writerow(
                guard_formula(cell) for cell in (*map(str, facts.values()), *value)
            )


def json_parts(entries: Iterable[ChangesetEntry]) -> Iterator[str]:
    """Give the parts of a JSON array with an object for each changeset."""
    separator = "["
    for entry in entries:
        yield f"{separator}\n{json.dumps(_to_dict(entry), ensure_ascii=False)}"
        separator = ","
    yield "\n]\n" if separator == "," else "[]\n"


def _facts(entry: ChangesetEntry) -> dict[str, Any]:
    """Return the facts of a changeset, in the order of the CSV's columns."""
    changeset = entry.changeset
    return {
        "changeset": changeset.pk,
        "recorded_at": moment_text(changeset.recorded_at),
        "who": editor_name(changeset),
        "source": changeset.source,
        "reason": changeset.reason,
    }


def _to_dict(entry: ChangesetEntry) -> dict[str, Any]:
    lines = [
        {"what": line.what, "before": line.before, "after": line.after} for line in entry.lines
    ]
    return {**_facts(entry), "lines": lines}
