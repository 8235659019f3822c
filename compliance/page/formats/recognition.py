"""What a source is, told by its content: a page in one of the formats, or another kind of file."""

import json
import re
from collections import Counter

from compliance.page.formats.base import Unreadable
from compliance.page.formats.csv.records import (
    Record,
    first_records,
    given_delimiter,
    recognised_delimiter,
)
from compliance.page.formats.markdown.syntax import DELIMITER_ROW

_OF_ENDING = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".json": "json",
    ".md": "md",
    ".markdown": "md",
}
_AS_TABLE = "Open it, save the sheet with the table as CSV (UTF-8), and give that file."
_AS_TEXT = (
    "Open it, copy its table into a spreadsheet and save that as CSV (UTF-8), "
    "or write the page as Markdown."
)
_AS_SHOWN = (
    "Copy the table from the page as it is shown and paste that, or write the page as Markdown."
)
_UNPACK = "Unpack it, and give the page that is in it."
_AS_PAGE = "Give the page as Markdown, or its table as CSV (UTF-8)."

# What files of a kind begin with.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", f"a PDF. {_AS_TEXT}"),
    (rb"{\rtf", f"a text in RTF. {_AS_TEXT}"),
    (b"\x89PNG", f"an image. {_AS_PAGE}"),
    (b"\xff\xd8\xff", f"an image. {_AS_PAGE}"),
    (b"GIF8", f"an image. {_AS_PAGE}"),
    (b"II*\0", f"an image. {_AS_PAGE}"),
    (b"MM\0*", f"an image. {_AS_PAGE}"),
    (b"\x1f\x8b", f"a compressed file. {_UNPACK}"),
    (b"BZh", f"a compressed file. {_UNPACK}"),
    (b"\xfd7zXZ\0", f"a compressed file. {_UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"a compressed file. {_UNPACK}"),
    (b"7z\xbc\xaf\x27\x1c", f"an archive. {_UNPACK}"),
    (b"Rar!\x1a\x07", f"an archive. {_UNPACK}"),
    (b"SQLite format 3\0", f"a database. {_AS_PAGE}"),
    (b"PAR1", f"a data file in Parquet. {_AS_PAGE}"),
)
# What ZIP archives hold that office programs write: the names of their files, which are never
# compressed, or their media type. Whole, as only the start of a large file may be known.
_IN_ARCHIVES = (
    (b"xl/workbook", f"an Excel workbook. {_AS_TABLE}"),
    (b"word/document", f"a Word document. {_AS_TEXT}"),
    (b"ppt/presentation", f"a PowerPoint presentation. {_AS_TEXT}"),
    (b"Index/Document.iwa", f"a file of Numbers or Pages. {_AS_TABLE}"),
    (b"opendocument.spreadsheet", f"an OpenDocument spreadsheet. {_AS_TABLE}"),
    (b"opendocument", f"an OpenDocument text. {_AS_TEXT}"),
    (b"epub+zip", f"an e-book. {_AS_TEXT}"),
    (b"", f"a ZIP archive. {_UNPACK}"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK, _WORD = "Workbook".encode("utf-16-le"), "WordDocument".encode("utf-16-le")
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
    r"<(?:!doctype\s+html|html|head|body|meta|title|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?xml\b")
# Also what Confluence saves for Word.
_WEB_ARCHIVE = re.compile(r"(?:[\w-]+: [^\n]*\n|[ \t][^\n]*\n){0,20}MIME-Version: ", re.IGNORECASE)
# Labels between `||`, above a row between `|` that is no delimiter row. Below such a row they would
# be one of a table in Markdown, without a text in its first cell.
_CONFLUENCE = re.compile(
    r"(?:\A|(?:\A|\n)[ ]*(?:[^|\s][^\n]*)?\n)[ ]*\|\|[^|\n]+(?:\|\|[^|\n]+)*\|\|[ ]*"
    r"\n[ ]*\|(?![ ]*:?-+:?[ ]*\|)"
)
# Enough to tell all of these; whole pages are long.
_START = 4000

_HEADING = re.compile(r"^ {0,3}#{1,6} ", re.MULTILINE)
_BEGINS_MARKDOWN = re.compile(r"[|>!]|#{1,6} |[-*+] |---|\+\+\+")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*\Z")
_LONGEST_LABEL = 100


def recognised(source: bytes, *, name: str = "") -> str:
    """Return the name of the format of a source.

    JSON is recognised by its content, other pages as the name of their file says, else by their
    content too. Raises Unreadable for a file of another kind.
    """
    refuse_other_kinds(source)
    text = source.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip("\r\n ")
    # No page in Markdown begins with a brace.
    if text.startswith("{") or (text.startswith("[") and _is_json(text)):
        return "json"
    ending = re.search(r"\.[a-z]+\Z", name.casefold())
    if ending and ending.group() in _OF_ENDING:
        return _OF_ENDING[ending.group()]
    return "csv" if _is_table(text.replace("\r\n", "\n").replace("\r", "\n")) else "md"


def refuse_other_kinds(source: bytes) -> None:
    """Raise Unreadable for a file that is neither Markdown nor JSON nor CSV, naming what it is."""
    if kind := _other_kind(source):
        raise Unreadable(f"This is {kind}")


def _other_kind(source: bytes) -> str | None:
    """Return what a file is, and what to do, as the end of a sentence."""
    for signature, kind in _SIGNATURES:
        if source.startswith(signature):
            return kind
    if source.startswith(b"PK\x03\x04"):
        return next(kind for inside, kind in _IN_ARCHIVES if inside in source)
    if source.startswith(_OLD_OFFICE):
        return _old_office(source)
    if source[:4] == b"RIFF" or source[4:8] == b"ftyp":
        return f"an image, a sound or a film. {_AS_PAGE}"
    start = source[:_START].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if _HTML.match(start):
        return f"a web page in HTML. {_AS_TEXT}"
    if _XML.match(start):
        is_sheet = "office:spreadsheet" in start or "opendocument.spreadsheet" in start
        return f"a file in XML. {_AS_TABLE if is_sheet else _AS_PAGE}"
    start = start.replace("\r\n", "\n")
    if _WEB_ARCHIVE.match(start):
        return f"a mail or a saved web page. {_AS_TEXT}"
    if _CONFLUENCE.search(start):
        return f"wiki markup of Confluence or Jira. {_AS_SHOWN}"
    return None


def _old_office(source: bytes) -> str:
    if _ENCRYPTED in source:
        return f"an Office file with a password. {_AS_TABLE}"
    if _WORKBOOK in source:
        return f"an Excel workbook of an old kind. {_AS_TABLE}"
    if _WORD in source:
        return f"a Word document of an old kind. {_AS_TEXT}"
    return f"a file of an old Office program. {_AS_PAGE}"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_table(text: str) -> bool:
    """Return whether a text reads like CSV, or like cells pasted from a spreadsheet."""
    if given_delimiter(text):
        return True
    first, _, rest = text.partition("\n")
    if _BEGINS_MARKDOWN.match(first) or _UNDERLINE.match(rest.partition("\n")[0]):
        return False
    if _HEADING.search(text) or _has_table(text):
        return False
    delimiter = recognised_delimiter(text)
    records = first_records(text, delimiter)
    widths = Counter(len(record) for record in records)
    # Also where a title stands above the labels, or a row lacks a cell: the reader says so.
    width, number = widths.most_common(1)[0] if widths else (1, 0)
    if width < 2 or number < 2 or number * 2 < len(records):
        return False
    labels = next(record for record in records if len(record) == width)
    return not _is_prose(labels, delimiter)


def _has_table(text: str) -> bool:
    """Return whether a line could divide the labels of a table in Markdown from its rows."""
    return any("|" in line and DELIMITER_ROW.match(line) for line in text.split("\n"))


def _is_prose(labels: Record, delimiter: str) -> bool:
    """Return whether the cells of a row are rather the parts of a sentence."""
    if any(len(field.text) > _LONGEST_LABEL for field in labels):
        return True
    return delimiter == "," and len(labels) == 2 and labels[1].text.startswith(" ")
