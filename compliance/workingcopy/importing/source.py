"""The source of a page that is imported: Markdown, JSON or CSV."""

from collections.abc import Sequence

from compliance.models import Register
from compliance.page.formats import Reading
from compliance.page.formats.columns import ColumnSetting
from compliance.page.formats.reader import read
from compliance.page.formats.recognition import recognised
from compliance.workingcopy.resolve import sections_of


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
    if syntax == "csv" and register and not title:
        title = register.title
    return read(
        source,
        syntax=syntax,
        title=title,
        sections=sections_of(register) if register else (),
        settings=settings,
    )
