"""Prose (headings, paragraphs, lists, quotes and dividing lines) and footnotes, in one form."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it.token import Token

from compliance.page import inline, lengths, text
from compliance.page.formats.markdown.dialects import alike, inline_fault, with_breaks
from compliance.page.formats.markdown.syntax import (
    DELIMITER_ROW,
    FROM_SUPERSCRIPT,
    LINK_DEFINITION,
    NAMED_MARK,
    NAMED_NOTE,
    NOTE_START,
    TO_SUPERSCRIPT,
    UNDERLINE,
    page_parser,
)
from compliance.page.inline import DIGITS

# Tables and definitions of links are paragraphs here, whose lines are escaped.
_BLOCKS = page_parser().disable(["table", "reference"])
# For what asks only where blocks are: the text in them is most of the work of a parser.
_OUTLINE = page_parser().disable(["table", "reference", "inline"])
_WITH_DEFINITIONS = page_parser().disable(["table", "inline"])
_NOTES = page_parser()
_CONTAINERS = ("bullet_list_open", "ordered_list_open", "blockquote_open")
# The beginnings of list items and quotes, behind which another block may begin.
_CONTAINER_START = re.compile(r"\s*(?:(?:>|[-*+](?=\s)|[0-9]{1,9}[.)](?=\s))\s*)*")
# What may begin a block, and would in a line that is no longer indented.
_BLOCK_START = re.compile(r"\A(?:[-+#>=~0-9]|\*(?=\s))")
# In code and in `<https://…>` neither backslashes nor references act.
_VERBATIM = re.compile(r"(`+[^`]+`+|<[a-z][a-z0-9+.-]*:[^<>\s]*>)", re.IGNORECASE)
_RAISED = re.compile(r"<sup>\s*([0-9]{1,9})\s*</sup>", re.IGNORECASE)
_SUPERSCRIPT = re.compile(rf"(?<!\\)(\\*)([{DIGITS}])")
_BEFORE_SUPERSCRIPT = re.compile(rf"(?<![\\*_])(?:\*+|_+)(?=[{DIGITS}])")
_LABELLED = re.compile(r"(?<!\\)(\\*)(?=\[\^[^\]\[\s]+\](?!\())")
_ESCAPED_OR_NOT = r"((?:\\\\)*)(&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31});)"
_REFERENCE = re.compile(rf"(?<!\\){_ESCAPED_OR_NOT}", re.IGNORECASE)
# Neither beside a mark of emphasis nor beside code, where the text between codes begins and ends.
_REFERENCE_APART = re.compile(rf"(?!\A)(?<![\\*_]){_ESCAPED_OR_NOT}(?![*_]|\Z)", re.IGNORECASE)
_BLANKS = re.compile("  +")
_WORDS = re.compile(r"\w+")
_NUMBER = re.compile(
    rf"[{DIGITS}]+|<sup>\s*(?P<tagged>[0-9]{{1,9}})\s*</sup>|\[\^(?P<labelled>[0-9]{{1,9}})\](?!\()",
    re.IGNORECASE,
)
_NAME = re.compile(rf"{NAMED_MARK}(?!\()")


def prose_fault(prose: str) -> str | None:
    """Return a sentence that says why no page can hold this prose (Markdown), else None."""
    found = find_fault(prose)
    return found.sentence if found else None


@dataclass(frozen=True, slots=True)
class ProseFault:
    """What no page can hold: the index of its line, its column from 1, and a sentence on it."""

    index: int
    column: int
    sentence: str


def find_fault(prose: str) -> ProseFault | None:
    """Return what no page can hold of prose (Markdown), as it is or as it would be written."""
    if problem := lengths.PROSE.fault(prose):
        return ProseFault(0, 1, problem)
    if fault := _find_fault(prose):
        return fault
    canonical = canonical_prose(prose)
    fault = None if canonical == prose else _find_fault(canonical)
    return fault and _placed_in(prose, canonical, fault)


def _placed_in(prose: str, canonical: str, fault: ProseFault) -> ProseFault:
    """Return a fault of canonical prose with the place of its words in the prose."""
    words = _WORDS.findall(canonical.split("\n")[fault.index])
    for index, line in enumerate(prose.split("\n")):
        if words and words[0] in line and words[-1] in line:
            return ProseFault(index, line.find(words[0]) + 1, fault.sentence)
    return ProseFault(0, 1, fault.sentence)


def _find_fault(prose: str) -> ProseFault | None:
    lines = prose.split("\n")
    for index, line in enumerate(lines):
        if problem := text.fault(line.strip()):
            return ProseFault(index, _indent(line) + 1, f"{line.strip()!r}: {problem}")
    defined = _definition(prose)
    if defined is not None:
        return ProseFault(
            defined,
            _indent(lines[defined]) + 1,
            "It defines a link that is used elsewhere. Write the address where the link is.",
        )
    # What a reference stood before may be code, a heading or a tag without it.
    plain = "\n".join(map(_without_references, lines))
    tokens = _BLOCKS.parse(_with_superscripts(plain))
    for token in tokens:
        index = token.map[0] if token.map else 0
        if problem := _block_fault(token, lines[index].strip()):
            return ProseFault(index, _indent(lines[index]) + 1, problem)
        if token.type == "inline" and (found := inline_fault(token)):
            offset, part, problem = found
            column = lines[index + offset].find(part.split("\n")[0]) + 1
            return ProseFault(index + offset, column or 1, problem)
    if tokens and all(token.type == "hr" for token in tokens):
        return ProseFault(0, 1, "It holds only a dividing line. Write a text, or remove it.")
    return None


def _definition(prose: str) -> int | None:
    """Return the index of the first line that defines a link, of which a page shows nothing."""
    if "]:" not in prose:
        return None
    env: dict[str, Any] = {}
    _WITH_DEFINITIONS.parse(prose, env)
    # With `^` it is a footnote to most programs.
    found = [
        definition["map"][0]
        for label, definition in env.get("references", {}).items()
        if not label.startswith("^")
    ]
    return min(found, default=None)


def _block_fault(token: Token, line: str) -> str | None:
    if token.type in ("fence", "code_block"):
        return f"{line!r} is code. Write it as a text that is not indented."
    if token.type == "html_block" and line.startswith("<!--"):
        return "It holds an HTML comment, which nobody would see. Remove it."
    if token.type == "html_block":
        return f"{line!r} is HTML. Write it as Markdown."
    if token.type == "heading_open" and token.tag == "h1":
        return f"{line!r} is a heading of the first level, as the title is. Begin it with `##`."
    return None


def footnote_fault(note: str) -> str | None:
    """Return a sentence that says why no page can hold this footnote (Markdown), else None."""
    if problem := lengths.FOOTNOTE.fault(note) or _footnote_fault(note):
        return problem
    canonical = canonical_note(note)
    return None if canonical == note else _footnote_fault(canonical)


def _footnote_fault(note: str) -> str | None:
    if not note:
        return "It has no text. Write what it is to say."
    if problem := text.fault(note, multiline=True):
        return problem
    for line in note.split("\n")[1:]:
        if not line:
            return "It holds a blank line. Write it as one paragraph."
        if NOTE_START.match(line) or NAMED_NOTE.match(line):
            return f"Its line {line!r} begins like another footnote. Begin it with a word."
        if line.startswith("|") or DELIMITER_ROW.match(line) or UNDERLINE.match(line):
            return f"Its line {line!r} would begin a table or a heading. Begin it with a word."
    plain = "\n".join(map(_without_references, note.split("\n")))
    tokens = _NOTES.parse(f"¹ {_with_superscripts(plain)}")
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return "It is more than one paragraph. Write it without lists, quotes and code blocks."
    found = inline_fault(tokens[1])
    return found[2] if found else None


def canonical_prose(prose: str) -> str:
    """Return prose that has no fault in the one form in which it is written.

    Headings begin with `##`, paragraphs are not indented, and what a reader of pages would take for
    a footnote, its mark, a table or the definition of a link is escaped. Where several blanks or
    blank lines stand, one does. What Markdown programs show differently is written so that they
    show it alike.
    """
    lines = _plain_lines(_with_breaks(prose.split("\n")))
    written: list[str] = []
    position = 0
    for token in _top_level(_OUTLINE.parse("\n".join(lines))):
        start, end = token.map or (position, position)
        written += lines[position:start]
        written += [_escaped(line) for line in _block(token, lines[start:end])]
        position = end
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_alike(written))).strip("\n")


def canonical_note(note: str) -> str:
    """Return the text of a footnote in the one form in which it is written."""
    lines = [text.normalised(line).strip() for line in _plain_lines(note.split("\n"))]
    return alike(_with_superscripts("\n".join(lines)))


def _with_breaks(lines: list[str]) -> list[str]:
    """Return lines with a backslash where two blanks end a line of a paragraph."""
    if not any(line.endswith("  ") for line in lines):
        return lines
    rewritten = list(lines)
    for opening, block in pairwise(_OUTLINE.parse("\n".join(lines))):
        if opening.type == "paragraph_open":
            _rewrite(rewritten, block, with_breaks(block.content))
    return rewritten


def _alike(lines: list[str]) -> list[str]:
    """Return lines that every Markdown program shows as CommonMark does."""
    rewritten = list(lines)
    tokens = _OUTLINE.parse("\n".join(lines))
    for index, token in enumerate(tokens):
        if token.type == "inline":
            container = tokens[index - 2].type if index > 1 else ""
            written = alike(
                token.content,
                begins_item=container == "list_item_open",
                begins_quote=container == "blockquote_open",
            )
            _rewrite(rewritten, token, written)
    return rewritten


def _rewrite(lines: list[str], block: Token, written: str) -> None:
    """Write the text of a block anew in its lines."""
    if written == block.content or not block.map:
        return
    pairs = zip(block.content.split("\n"), written.split("\n"), strict=True)
    for index, (before, after) in enumerate(pairs, block.map[0]):
        # Only a container stands before it, and the closing sequence of a heading behind it.
        start = lines[index].rfind(before)
        # A tab, for which a text is refused, is not found as it was.
        if start >= 0:
            lines[index] = lines[index][:start] + after + lines[index][start + len(before) :]


def _plain_lines(lines: Sequence[str]) -> list[str]:
    """Return lines without references to blanks of other kinds and to what cannot be seen.

    A line of nothing else within a paragraph goes; it would end the paragraph. References stay
    beside marks of emphasis and code that would do something else without them.
    """
    words = list(map(_without_references, lines))
    if words == list(lines):
        return [line.rstrip() for line in lines]
    for block in _OUTLINE.parse("\n".join(lines)):
        if block.type == "inline" and block.map and _has_other_emphasis(block.content):
            for index in range(*block.map):
                words[index] = _without_references(lines[index], _REFERENCE_APART)
    plain: list[str] = []
    for index, line in enumerate(lines):
        is_inner = plain and plain[-1] and "".join(lines[index + 1 : index + 2]).strip()
        if words[index].strip() or not line.strip() or not is_inner:
            plain.append(words[index].rstrip())
    return plain


def _has_other_emphasis(markdown: str) -> bool:
    """Return whether a text would be emphasised in another way without some references."""
    if "&" not in markdown:
        return False
    plain = "\n".join(map(_without_references, markdown.split("\n")))
    return plain != markdown and _shape(plain) != _shape(markdown)


def _shape(markdown: str) -> str:
    """Return the letters of a text and the beginnings and ends of its emphasis."""
    [block] = _BLOCKS.parseInline(markdown)
    return "".join(
        f"<{token.tag}{token.nesting}>"
        if token.nesting
        else "".join(text.normalised(token.content).split())
        for token in block.children or ()
    )


def _without_references(line: str, references: re.Pattern[str] = _REFERENCE) -> str:
    """Return a line with what a reader sees of its references to blanks and unseen characters."""
    if "&" not in line:
        return line
    parts = _VERBATIM.split(line)
    parts[0::2] = [references.sub(_seen, part) for part in parts[0::2]]
    start = _indent(line)
    joined = "".join(parts)
    return joined if joined == line else joined[:start] + joined[start:].lstrip()


def _seen(match: re.Match[str]) -> str:
    backslashes, reference = match.groups()
    character = html.unescape(reference)
    plain = text.normalised(character.replace("\t", " "))
    return f"{backslashes}{plain}" if plain in ("", " ") else match[0]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _top_level(tokens: Sequence[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.level == 0 and token.map)


def _block(token: Token, lines: Sequence[str]) -> list[str]:
    """Return the lines of a block without what is left to the writer's taste."""
    if token.type in _CONTAINERS:
        indent = _indent(lines[0])
        dedented = [_dedented(line, indent) for line in lines]
        # An indented line belongs to an item by the blanks behind the item's bullet.
        if any(line.startswith(" ") for line in dedented):
            return dedented
        return [_CONTAINER_START.sub(_with_single_blanks, line, count=1) for line in dedented]
    if token.type == "heading_open" and token.markup in ("-", "="):
        words = " ".join(_without_break(line.strip()) for line in lines[:-1]).strip()
        # A `#` at its end would be dropped as the heading's closing sequence.
        return [f"## {words[:-1]}\\#" if words.endswith("#") else f"## {words}".rstrip()]
    kept: list[str] = []
    for line in lines:
        # Within a paragraph such a line is text, whatever it begins with.
        if kept and line.startswith("    "):
            before, words = _without_break(kept[-1]), line.strip()
            kept[-1] = f"{before} {words}" if before else _BLOCK_START.sub(_reference_to, words)
        else:
            kept.append(line.strip())
    return kept


def _reference_to(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


def _with_single_blanks(match: re.Match[str]) -> str:
    return _BLANKS.sub(" ", match.group())


def _without_break(line: str) -> str:
    """Return a line without the backslash that ends it for good."""
    return line[:-1] if _is_escaped(line, len(line)) else line


def _dedented(line: str, indent: int) -> str:
    return line[min(indent, _indent(line)) :]


def _escaped(line: str) -> str:
    """Return a line with escapes where a reader of pages would take it for something else."""
    found = _CONTAINER_START.match(line)
    start = found.end() if found else 0
    before, rest = line[:start], line[start:]
    is_delimiter = "|" in rest and DELIMITER_ROW.match(rest)
    rest = _without_new_emphasis(rest)
    if rest.startswith("|") or is_delimiter or LINK_DEFINITION.match(rest):
        rest = f"\\{rest}"
    parts = _VERBATIM.split(rest)
    parts[0::2] = [_without_marks(_BLANKS.sub(" ", part)) for part in parts[0::2]]
    return before + "".join(parts)


def _without_new_emphasis(line: str) -> str:
    """Return a line with escapes for marks that end an emphasis only before a reference.

    For CommonMark a superscript is a letter, and the reference for it punctuation.
    """
    if not _BEFORE_SUPERSCRIPT.search(line):
        return line
    if _emphasis(_SUPERSCRIPT.sub(_reference, line)) == _emphasis(line):
        return line
    return _BEFORE_SUPERSCRIPT.sub(lambda run: "".join(f"\\{c}" for c in run.group()), line)


def _emphasis(markdown: str) -> list[tuple[str, int]]:
    [block] = _BLOCKS.parseInline(markdown)
    return [(token.tag, token.nesting) for token in block.children or () if token.nesting]


def _with_superscripts(markdown: str) -> str:
    return _RAISED.sub(lambda match: match[1].translate(TO_SUPERSCRIPT), markdown)


def _without_marks(words: str) -> str:
    words = _with_superscripts(words)
    words = _SUPERSCRIPT.sub(_reference, words)
    return _LABELLED.sub(lambda match: match[1] if len(match[1]) % 2 else f"{match[1]}\\", words)


def _reference(match: re.Match[str]) -> str:
    # A backslash before a superscript is text; before the reference it would escape it.
    backslashes = f"{match[1]}\\" if len(match[1]) % 2 else match[1]
    return backslashes + inline.escape(match[2])


def marks(line: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers of footnotes that a line of prose seems to cite, each after its column."""
    for start, found in _found(_NUMBER, line):
        number = found["tagged"] or found["labelled"] or found.group().translate(FROM_SUPERSCRIPT)
        yield start + 1, int(number)


def named_marks(line: str) -> Iterator[tuple[int, str]]:
    """Yield names such as `[^a]` that a line of prose seems to cite, each after its column."""
    return ((start + 1, found.group()) for start, found in _found(_NAME, line))


def _found(mark: re.Pattern[str], line: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield the marks in a line outside of code and addresses, each after its place."""
    start = 0
    for place, words in enumerate(_VERBATIM.split(line)):
        for found in mark.finditer(words) if place % 2 == 0 else ():
            is_escaped = found.group().startswith("[") and _is_escaped(words, found.start())
            if not is_escaped:
                yield start + found.start(), found
        start += len(words)


def _is_escaped(words: str, position: int) -> bool:
    before = words[:position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
