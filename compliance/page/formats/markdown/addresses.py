"""A rule for the Markdown parser that makes links of addresses in plain text, as GFM does."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from compliance.page.formats.markdown.syntax import BULLET, page_parser

_SCHEME = re.compile(r"(?<![a-z0-9.+-])https?\Z", re.IGNORECASE)
# An address ends before `[^`, which begins a footnote's mark.
_RUN = re.compile(rf"://(?:[^\s<>{BULLET}\[]|\[(?!\^))+")
# GFM also takes off `_`, but an address may end with one: https://x.eu/a_
_BEHIND = ".,;:!?'\"*~"
_OPENING = {")": "(", "]": "["}
# Some Markdown programs take these for syntax, others for part of the address.
_ACTING = re.compile(r"[\\`]|\]\(|&#?[A-Za-z0-9]+;")
_EMPHASIS_BEFORE = re.compile(r"(?:\A|\W)_")


def linking_parser() -> MarkdownIt:
    """Return a parser of pages that makes a link of each plain address.

    As in GFM an address ends at a blank, without the punctuation and the unpaired closing brackets
    behind it; a last `_` stays. Where programs disagree on the end, `meta["is_doubtful"]` is set.
    """
    parser = page_parser()
    # Before the rules for escapes and emphasis, which would take a `_` away from the address.
    parser.inline.ruler.before("newline", "plain_address", _plain_address)
    return parser


def _plain_address(state: StateInline, silent: bool) -> bool:
    # The parser asks silently while it looks for the end of a link's text, where an address must
    # not hide the `]`.
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    # The parser's rule for text stops at `:`, so the scheme is in `pending` already.
    scheme = _SCHEME.search(state.pending)
    found = find_address(state.src, state.pos - len(scheme.group()), state.pos) if scheme else None
    if not scheme or not found:
        return False
    address, is_doubtful = found
    state.pending = state.pending[: scheme.start()]
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": address}
    # The completeness check would refuse such an address too, but could not say what to write.
    opening.meta = {"is_doubtful": is_doubtful}
    # Not `text`, in which the reader of cells would look for bullets and marks.
    state.push("text_special", "", 0).content = address
    state.push("link_close", "a", -1)
    state.pos += len(address) - len(scheme.group())
    return True


def find_address(text: str, start: int, scheme_end: int) -> tuple[str, bool] | None:
    """Return the plain address that begins at a place, and whether its end is doubtful.

    `scheme_end` is the place of the `://`. None if nothing follows it.
    """
    run = _RUN.match(text, scheme_end)
    rest = _without_end(run.group()) if run else ""
    if not run or not rest:
        return None
    address = text[start:scheme_end] + rest
    is_doubtful = bool(_ACTING.search(run.group())) or _is_doubtful(address, text[:start])
    return address, is_doubtful


def _without_end(run: str) -> str:
    """Return an address without the punctuation and the unpaired closing brackets behind it."""
    unpaired = {
        closing: run.count(closing) - run.count(opening) for closing, opening in _OPENING.items()
    }
    end = len(run)
    while end and (run[end - 1] in _BEHIND or unpaired.get(run[end - 1], 0) > 0):
        end -= 1
        if run[end] in unpaired:
            unpaired[run[end]] -= 1
    return run[:end] if end > len("://") else ""


def _is_doubtful(address: str, before: str) -> bool:
    """Return whether programs disagree on an address: unpaired brackets, or `_` as emphasis."""
    if address.endswith("_") and _EMPHASIS_BEFORE.search(before):
        return True
    return not all(_is_paired(address, opening, closing) for closing, opening in _OPENING.items())


def _is_paired(address: str, opening: str, closing: str) -> bool:
    depth = 0
    for character in address:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return depth == 0
