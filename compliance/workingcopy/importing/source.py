"""The source of a page that is imported: Markdown or JSON."""

from collections.abc import Sequence

from compliance.models import Register
from compliance.page.formats import FORMATS, Reading, markdown
from compliance.page.formats.columns import ColumnSetting
from compliance.workingcopy.resolve import columns_of


def read_page(
    source: bytes,
    *,
    register: Register | None,
    settings: Sequence[ColumnSetting] = (),
) -> Reading:
    """Return the page of a source.

    The `settings` say what columns mean; else a label that the register has already is that column.

    Raises Unreadable with line and column, or with the key in JSON.
    """
    # No page in Markdown begins with a brace.
    parse = FORMATS["json"].parse if source.lstrip().startswith(b"{") else None
    if parse:
        return parse(source)
    return markdown.read(
        source, columns=columns_of(register) if register else (), settings=settings
    )
