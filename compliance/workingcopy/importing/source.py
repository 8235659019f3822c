"""The source of a page that is imported: Markdown, JSON or CSV."""

from collections.abc import Sequence
from dataclasses import replace

from compliance.models import Register
from compliance.page.formats import Reading
from compliance.page.formats.columns import ColumnSetting
from compliance.page.formats.reader import read
from compliance.page.formats.recognition import recognised
from compliance.workingcopy.resolve import sections_of

_A_TABLE_ALONE = (
    "A file in CSV is one table: the texts, the footnotes and the other tables of the register are "
    "not on this page, and go from the working copy with it."
)


def read_page(
    source: bytes,
    *,
    register: Register | None,
    settings: Sequence[ColumnSetting] = (),
    syntax: str = "",
    title: str = "",
) -> Reading:
    """Return the page of a source, whose format is recognised where `syntax` does not name it.

    The `settings` say what columns mean; else a label that the register has already is that column.
    A table in CSV has the given title, else that of the register.

    Raises Unreadable with line and column, or with the key in JSON.
    """
    syntax = syntax or recognised(source)
    if syntax == "csv" and register:
        title = title or register.title
    reading = read(
        source,
        syntax=syntax,
        title=title,
        sections=sections_of(register) if register else (),
        settings=settings,
    )
    if syntax == "csv" and register and _has_more_than_a_table(register):
        reading = replace(reading, notes=(*reading.notes, _A_TABLE_ALONE))
    return reading


def _has_more_than_a_table(register: Register) -> bool:
    sections = register.sections.values_list("prose", flat=True)
    return len(sections) > 1 or any(sections) or bool(register.footnotes.exists())
