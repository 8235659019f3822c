"""A snapshot as canonical JSON (RFC 8785), of which `content_sha256` is the hash."""

import json
import re
from typing import Any, NoReturn

import rfc8785

from compliance.page import inline, lengths, text
from compliance.page.formats.base import Format, Reading, Unreadable, Unwritable, decode
from compliance.page.formats.markdown.prose import footnote_fault, prose_fault
from compliance.page.formats.one_form import in_one_form
from compliance.page.snapshot import SCHEMA, Snapshot
from compliance.page.values import MalformedSnapshot

# Only footnotes and prose may have lines; items are inline Markdown.
_FOOTNOTE_TEXT = re.compile(r"\$\.footnotes\[[0-9]+\]\.text\Z")
_PROSE = re.compile(r"\$\.sections\[[0-9]+\]\.prose\Z")
# What names a thing for programs, or is an address, stays as it is.
_NO_TEXTS = {
    "continues", "country", "document", "id", "key", "language", "link_base", "model", "provider",
    "schema", "slug", "url", "website",
}  # fmt: skip
# In most files no text has an escaped character, a blank at its edge or two in a row: asking the
# whole file spares looking at each.
_MAY_BE_NORMALISED = re.compile(r"""  |\\u|" | "|\\n | \\n""")
_ITEM_TEXT = re.compile(
    r".*(?:\.cells\..*\.items\[[0-9]+\]|\.declared\.retention|\.retention_floor)\.text\Z"
)
_TITLE = "$.register.title"

_FOREIGN = (
    "Give the JSON of a register, or make a table of the data and save it as CSV (UTF-8): "
    "the labels of the columns first, then a row for each entry."
)
# Python reads numbers of up to 4,300 digits; no snapshot has one near that.
_MOST_DIGITS = 40


def render(snapshot: Snapshot) -> bytes:
    """Return the canonical bytes; raises Unwritable without any, as for a number over 2^53."""
    try:
        return snapshot.canonical_bytes()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Unwritable(f"The snapshot has no canonical JSON: {error}.") from error


def parse(source: bytes) -> Reading:
    """Return the snapshot in some JSON; raises Unreadable if it is no JSON or no snapshot."""
    # RFC 8259 forbids writing a byte order mark and allows ignoring one, which some editors write.
    page = decode(source.removeprefix(b"\xef\xbb\xbf"))
    try:
        value = json.loads(
            page, parse_int=_integer, parse_constant=_refuse_constant, object_pairs_hook=_object
        )
        _check_schema(value)
        replaced: dict[str, list[str]] = {}
        if _MAY_BE_NORMALISED.search(page) or text.normalisations(page):
            value = _plain_texts(value, "$", replaced)
        snapshot = Snapshot.from_dict(value)
        canonical = render(snapshot)
        _check_texts(snapshot.to_dict(), "$")
        tidied = in_one_form(snapshot)
        if tidied != snapshot:
            # References (`&#8238;`) have become characters.
            _check_texts(tidied.to_dict(), "$")
            snapshot, canonical = tidied, render(tidied)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise Unreadable(
                f"the file holds several values, as JSON Lines does. {_FOREIGN}",
                error.lineno,
                error.colno,
            ) from None
        raise Unreadable(f"the text is not JSON: {error.msg}.", error.lineno, error.colno) from None
    except RecursionError:
        raise Unreadable("The JSON is nested too deeply to be a snapshot.") from None
    except (MalformedSnapshot, Unwritable) as error:
        raise Unreadable(str(error)) from None
    notes = [_note(sentence, places) for sentence, places in replaced.items()]
    if canonical != source:
        notes.insert(0, "The JSON was not in canonical form.")
    return Reading(snapshot, tuple(notes), has_facts=True)


def _plain_texts(value: Any, place: str, replaced: dict[str, list[str]]) -> Any:
    """Return JSON with its texts normalised; add the places, by a sentence on what was replaced."""
    match value:
        case dict():
            return {
                key: inner if key in _NO_TEXTS else _plain_texts(inner, f"{place}.{key}", replaced)
                for key, inner in value.items()
            }
        case list():
            return [
                _plain_texts(inner, f"{place}[{index}]", replaced)
                for index, inner in enumerate(value)
            ]
        case str():
            for sentence in text.normalisations(value):
                replaced.setdefault(sentence, []).append(place)
            return _plain_text(value, place)
    return value


def _plain_text(value: str, place: str) -> str:
    if _PROSE.match(place):
        return "\n".join(map(text.plain_line, value.split("\n")))
    if _FOOTNOTE_TEXT.match(place):
        return text.normalised_lines(value).strip("\n")
    return text.normalised(value).strip(" ")


def _note(sentence: str, places: list[str]) -> str:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{places[0]}{more}: {sentence}"


def _check_schema(value: Any) -> None:
    """Refuse JSON of anybody else."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise Unreadable(f'The JSON is not a page: its "schema" is not "{SCHEMA}". {_FOREIGN}')


def _check_texts(value: Any, place: str) -> None:
    """Refuse texts that no page can show."""
    match value:
        case dict():
            for key, inner in value.items():
                _check_texts(inner, f"{place}.{key}")
        case list():
            if place.endswith("].footnotes") and len(set(value)) < len(value):
                twice = max(value, key=value.count)
                raise Unreadable(f"{place} cites footnote {twice} twice. Cite it once.")
            for index, inner in enumerate(value):
                _check_texts(inner, f"{place}[{index}]")
        case str():
            if problem := _text_fault(value, place):
                raise Unreadable(f"{place} is {value!r}, which no page can show. {problem}")
            if _is_empty(value, place):
                raise Unreadable(f"{place} is empty. Give it the text that a reader shall see.")


def _is_empty(value: str, place: str) -> bool:
    """Return whether a text shows nothing that must show something."""
    if place == _TITLE:
        return not value
    return bool(_ITEM_TEXT.match(place)) and not inline.plain(value)


def _text_fault(value: str, place: str) -> str | None:
    if _PROSE.match(place):
        return prose_fault(value)
    if _ITEM_TEXT.match(place) and (problem := inline.fault(value)):
        return problem
    if _FOOTNOTE_TEXT.match(place):
        return footnote_fault(value)
    return lengths.ITEM.fault(value) or text.fault(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        # Python keeps the last of two equal keys, other programs the first.
        keys = ", ".join(key for key, _ in pairs)
        raise Unreadable(f"An object with the keys {keys} names one twice.")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise Unreadable(f"A number in the JSON has {len(digits)} digits.")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is not a JSON value. Use a number, a text or null.")


FORMAT = Format("json", "JSON", "application/json", render)
