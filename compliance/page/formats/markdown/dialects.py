"""Inline Markdown of prose and footnotes that CommonMark, GitHub and the public page show alike.

GitHub makes links of plain addresses, strikes out what stands between tildes, and knows boxes to
tick and alerts. CommonMark shows all of it as it is written, and so does the public page.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from compliance.page import urls
from compliance.page.formats.markdown.addresses import find_address
from compliance.page.formats.markdown.syntax import page_parser

# What these rules find is no plain text.
_OPAQUE = ("escape", "backticks", "link", "image", "autolink", "html_inline", "entity")
# GitHub makes a link of a mail address also where its @ is written in another way.
_AT = r"(?:\\?@|&(?:#64|#x40|commat);)"
# The search must not begin within a word: it would take quadratic time.
_MAIL = re.compile(
    rf"(?<![A-Za-z0-9._+-])(?P<scheme>(?:mailto|xmpp):)?(?P<local>[A-Za-z0-9._+-]+){_AT}"
    r"(?P<host>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)",
    re.IGNORECASE,
)
_SOUND_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+\Z",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:https?|ftp)(?=://\S)", re.IGNORECASE)
_WWW = re.compile(r"(?<![A-Za-z0-9])www(?=\.\S)", re.IGNORECASE)
_TILDES = re.compile(r"(?<!~)~~?(?!~)")
_BLANKS = re.compile(r"(?<![ ])[ ]{2,}(?=\n)")
# A text without any of these is shown alike, which spares parsing it.
_MAY_DIFFER = re.compile(r"://|www\.|@|&|~|\A\[", re.IGNORECASE)
_BOX = re.compile(r"\[[ xX]\](?=\s)")
_ALERT = re.compile(r"\[!(?:note|tip|important|warning|caution)\](?=[ ]*(?:\n|\Z))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What is written instead of a part of a text."""

    start: int
    end: int
    written: str


def _recording(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Return a rule of the parser that keeps the places at which it applied, in `env`."""

    def record(state: StateInline, silent: bool) -> bool:
        start = state.pos
        applied = rule(state, silent)
        if applied and not silent:
            state.env.setdefault("opaque", []).append((start, state.pos))
        return applied

    return record


_PARSER = page_parser()
for _rule in _PARSER.inline.ruler.__rules__:
    if _rule.name in _OPAQUE:
        _rule.fn = _recording(_rule.fn)
_PARSER.inline.ruler.__compile__()


def inline_fault(block: Token) -> tuple[int, str, str] | None:
    """Return what of a parsed text is not shown alike: its line's index, itself, and a sentence."""
    index = 0
    for token in block.children or ():
        if token.type in ("softbreak", "hardbreak"):
            index += 1
        elif problem := _token_fault(token):
            return index, _BEGINNINGS.get(token.type) or token.content, problem
        index += token.content.count("\n")
    shown = _masked(block.content, _opaque(block.content))
    if (start := shown.find("<!--")) >= 0:
        problem = "An HTML comment begins in it and does not end. Write `&lt;!--` for a text."
        return shown.count("\n", 0, start), "<!--", problem
    for found in _mails(shown):
        if not _mail_link(found):
            problem = (
                f"GitHub makes a link of {found.group()!r}, and other programs do not. "
                "Write the address between `<` and `>`, or between backticks."
            )
            return shown.count("\n", 0, found.start()), found.group(), problem
    return None


# How some tokens begin; others hold what is written.
_BEGINNINGS = {"image": "![", "s_open": "~~", "link_open": "["}


def _token_fault(token: Token) -> str | None:
    if token.type == "html_inline" and token.content.startswith("<!--"):
        return "It holds an HTML comment, which nobody would see. Remove it."
    if token.type == "html_inline":
        return f"{token.content} is HTML. Write it as Markdown, or `&lt;` for a `<` that is text."
    if token.type == "image":
        return "It holds an image. Say in words what it shows, or write a link to it."
    if token.type == "s_open":
        return (
            "It holds text that is struck through. Write it without the strokes, or say in "
            "words what no longer holds."
        )
    if token.type == "link_open" and "title" in token.attrs:
        return (
            "It holds a link with a title, which few would see. Write the title as part of "
            "the text."
        )
    return None


def alike(markdown: str, *, begins_item: bool = False, begins_quote: bool = False) -> str:
    """Return inline Markdown of as many lines that every program shows as CommonMark does.

    A plain address becomes a link if it may be published and its end is clear, else it stays text.
    """
    if not _MAY_DIFFER.search(markdown):
        return markdown
    shown = _masked(markdown, _opaque(markdown))
    edits = [*_address_edits(shown), *_mail_edits(shown), *_tilde_edits(shown)]
    if (begins_item and _BOX.match(shown)) or (begins_quote and _ALERT.match(shown)):
        edits.append(_Edit(0, 0, "\\"))
    return _edited(markdown, edits)


def with_breaks(markdown: str) -> str:
    """Return inline Markdown with a backslash for the blanks that end a line for good."""
    is_inside = bytearray(len(markdown) + 1)
    for start, end in _opaque(markdown):
        is_inside[start + 1 : end] = b"\1" * (end - start - 1)
    edits = []
    for found in _BLANKS.finditer(markdown):
        if is_inside[found.end()]:
            continue
        before = markdown[: found.start()]
        # A backslash that is text needs one of its own.
        is_text = (len(before) - len(before.rstrip("\\"))) % 2 == 1
        edits.append(_Edit(found.start(), found.end(), "\\\\" if is_text else "\\"))
    return _edited(markdown, edits)


def find_comments(markdown: str) -> list[tuple[int, int]]:
    """Return where the HTML comments of a text begin and end, without those in code."""
    return [
        (start, end)
        for start, end in sorted(_opaque(markdown))
        if markdown.startswith("<!--", start) and markdown.startswith("-->", end - 3)
    ]


def _opaque(markdown: str) -> list[tuple[int, int]]:
    """Return where escapes, references, code, tags and links stand."""
    env: dict[str, list[tuple[int, int]]] = {}
    _PARSER.parseInline(markdown, env)
    return env.get("opaque", [])


def _masked(markdown: str, opaque: Sequence[tuple[int, int]]) -> str:
    """Return a text with a NUL for each character that is no plain text."""
    masked = list(markdown)
    for start, end in opaque:
        if not re.fullmatch(_AT, markdown[start:end], re.IGNORECASE):
            masked[start:end] = ["\n" if c == "\n" else "\0" for c in markdown[start:end]]
    return "".join(masked)


def _edited(markdown: str, edits: list[_Edit]) -> str:
    parts, position = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start >= position:
            parts += [markdown[position : edit.start], edit.written]
            position = edit.end
    return "".join([*parts, markdown[position:]])


def _address_edits(shown: str) -> Iterator[_Edit]:
    for found in _SCHEME.finditer(shown):
        address, is_doubtful = find_address(shown, *found.span()) or ("", True)
        is_link = not is_doubtful and address.startswith("https") and not urls.url_fault(address)
        if is_link:
            yield _Edit(found.start(), found.start() + len(address), f"<{address}>")
        else:
            yield _Edit(found.end(), found.end(), "\\")
    for found in _WWW.finditer(shown):
        yield _Edit(found.end(), found.end(), "\\")


def _mails(shown: str) -> Iterator[re.Match[str]]:
    """Give what GitHub takes for a mail address."""
    addresses = [(edit.start, edit.end) for edit in _address_edits(shown)]
    for found in _MAIL.finditer(_masked(shown, addresses)):
        if found["host"][-1] not in "-_":
            yield found


def _mail_edits(shown: str) -> Iterator[_Edit]:
    for found in _mails(shown):
        if link := _mail_link(found):
            yield _Edit(found.start(), found.end(), link)


def _mail_link(found: re.Match[str]) -> str | None:
    """Return a mail address as a link; None if it cannot be one, or may be cut at its edges."""
    scheme = (found["scheme"] or "").casefold()
    is_cut = "\0" in (found.string[: found.start()][-1:], found.string[found.end() :][:1])
    if scheme == "xmpp:" or is_cut or not _SOUND_HOST.match(found["host"]):
        return None
    return f"<{found['scheme'] or ''}{found['local']}@{found['host']}>"


def _tilde_edits(shown: str) -> Iterator[_Edit]:
    """Give escapes for the tildes that could end a text that GitHub strikes through."""
    found = list(_TILDES.finditer(shown))
    for run in found if len(found) > 1 else ():
        before = shown[: run.start()][-1:]
        if before and not before.isspace():
            yield _Edit(run.start(), run.end(), "".join(f"\\{c}" for c in run.group()))
