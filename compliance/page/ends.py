"""The day on which a footnote says that it ends, which a person may enter as its last day."""

import datetime
import re
from dataclasses import replace

from compliance.page import inline
from compliance.page.snapshot import Snapshot

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join([*_MONTHS, *(f"{month[:3]}\\.?" for month in _MONTHS), "sept\\.?"])
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
# Only dates that are read alike everywhere: 01/02/2030 is a day of January or of February.
_DATE = (
    r"(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    rf"|(?:the )?(?P<day>{_DAY})(?:st|nd|rd|th|\.)?(?: of)? (?P<month>{_MONTH}),?"
    r" (?P<year>[0-9]{4})"
    rf"|(?P<month_first>{_MONTH}) (?P<day_second>{_DAY})(?:st|nd|rd|th)?,?"
    r" (?P<year_last>[0-9]{4})"
)
_END = re.compile(
    r"\b(?:ends?|ended|ending|end date|expires?|expired|expiring|expiry(?: date)?|lapses?|lapsed"
    r"|terminates?|terminated|runs out|ceases?|until|till|through|valid to|up to and including"
    rf"|last day(?: is)?)(?: on| at)?:? (?:{_DATE})(?![\w-]|\.[0-9])",
    re.IGNORECASE,
)


def named_end(text: str) -> datetime.date | None:
    """Return the one day on which the inline Markdown of a footnote says that something ends."""
    found = {_day(match) for match in _END.finditer(" ".join(inline.plain(text).split()))}
    return found.pop() if len(found) == 1 else None


def _day(match: re.Match[str]) -> datetime.date | None:
    try:
        if match["iso"]:
            return datetime.date.fromisoformat(match["iso"])
        month = (match["month"] or match["month_first"]).casefold()
        number = 1 + next(place for place, name in enumerate(_MONTHS) if name.startswith(month[:3]))
        year, day = match["year"] or match["year_last"], match["day"] or match["day_second"]
        return datetime.date(int(year), number, int(day))
    except ValueError:
        # There is no 31 June.
        return None


def with_named_ends(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot in which the day that a footnote names is its last, if it has none yet."""
    footnotes = tuple(
        replace(note, valid_until=note.valid_until or named_end(note.text))
        for note in snapshot.footnotes
    )
    return replace(snapshot, footnotes=footnotes)
