"""Read a page in whatever format it is."""

from collections.abc import Sequence

from compliance.page.formats import csv, json, markdown
from compliance.page.formats.base import Reading, TitleFault
from compliance.page.formats.columns import ColumnSetting, InvalidColumn
from compliance.page.formats.recognition import recognised, refuse_other_kinds
from compliance.page.table import Section


def read(
    source: bytes,
    *,
    syntax: str = "",
    title: str = "",
    sections: Sequence[Section] = (),
    settings: Sequence[ColumnSetting] = (),
) -> Reading:
    """Return the page of a source, whose format is recognised where `syntax` does not name it.

    CSV needs a title, and Markdown takes one where it has none. The `sections` and `settings` are
    those of the Markdown reader; JSON says itself what its columns mean. Raises Unreadable, and
    InvalidColumn.
    """
    refuse_other_kinds(source)
    syntax = syntax or recognised(source)
    if syntax == csv.FORMAT.name:
        return csv.read(source, title=title, sections=sections, settings=settings)
    if syntax != json.FORMAT.name:
        return markdown.read(source, title=title, sections=sections, settings=settings)
    if title:
        raise TitleFault.already_there()
    if settings:
        raise InvalidColumn(
            "JSON says itself what its columns mean, so none can be set. "
            "Change the role of the column in the file."
        )
    return json.parse(source)
