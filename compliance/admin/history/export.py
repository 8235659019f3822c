"""A time line as a file, written while it is read: exactly what was asked for, the latest first."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from compliance.admin.history.queries import ChangesetEntry, editor_name
from compliance.page.formats.csv import guard_formula
from compliance.published.index import moment_text

HEADER = ("changeset", "recorded_at", "who", "source", "reason", "what", "before", "after")


class _Echo:
    """Where the CSV writer writes: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(acts: Iterable[ChangesetEntry]) -> Iterator[str]:
    """Give RFC 4180 lines, one a value that changed, all cells quoted and safe from formulas, after a header."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield writer.writerow(HEADER)
    for act in acts:
        changeset = act.changeset
        moment = moment_text(changeset.recorded_at)
        by = (str(changeset.pk), moment, editor_name(changeset), changeset.source, changeset.reason)
        for line in [(each.what, each.before, each.after) for each in act.lines] or [("", "", "")]:
            yield writer.writerow(map(guard_formula, (*by, *line)))


def json_parts(acts: Iterable[ChangesetEntry]) -> Iterator[str]:
    """Give an array with an object a changeset."""
    before = "["
    for act in acts:
        yield f"{before}\n{json.dumps(_plain(act), ensure_ascii=False)}"
        before = ","
    yield "\n]\n" if before == "," else "[]\n"


def _plain(act: ChangesetEntry) -> dict[str, Any]:
    changeset = act.changeset
    return {
        "changeset": changeset.pk,
        "recorded_at": moment_text(changeset.recorded_at),
        "who": editor_name(changeset),
        "source": changeset.source,
        "reason": changeset.reason,
        "lines": [
            {"what": line.what, "before": line.before, "after": line.after} for line in act.lines
        ],
    }
