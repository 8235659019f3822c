"""The front matter of a page: what programs that make sites keep at the top of a file."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

# Jekyll, Hugo, Docusaurus, MkDocs and Pandoc read YAML, which may end with dots; Hugo reads TOML.
_ENDS = {"---": ("---", "..."), "+++": ("+++",)}
_YAML_NAME = re.compile(r"([A-Za-z_][\w.-]*|\"[^\"]+\"|'[^']+')\s*:(?:\s+(?P<value>.*))?\Z")
_TOML_NAME = re.compile(r"([A-Za-z_][\w.-]*|\"[^\"]+\"|'[^']+')\s*=\s*(?P<value>.*)\Z")
# Besides a name YAML has an entry of a list, a continued value, a comment, or the end of a value.
_YAML_LINE = re.compile(r"\s|-\s|#|[\]}\"']|\Z")
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?\Z""")
# The search must not begin within a run of blanks: it would take quadratic time.
_COMMENT = re.compile(r"(?<!\s)\s+#.*\Z")
# With these begins a value that is more than a line of text, or none.
_NO_TEXT = tuple("|>[]{}&*!%@`#,")


class UnclosedError(ValueError):
    """Front matter begins at the top of the file and never ends; the message is what ends it."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """How many lines it has with its first and last, the names in it, and the title if it is text.

    `title_index` is the index of the line with the title.
    """

    length: int
    names: tuple[str, ...]
    title: str = ""
    title_index: int = 0


def find_front_matter(lines: Sequence[str]) -> FrontMatter | None:
    """Return the front matter with which the lines of a file begin, None if they have none.

    A dividing line with a text behind it is none. Raises UnclosedError.
    """
    opening = lines[0].strip() if lines else ""
    ends = _ENDS.get(opening, ())
    if not ends:
        return None
    is_yaml = opening == "---"
    last = next((place for place, line in enumerate(lines[1:], 1) if line.rstrip() in ends), None)
    inner = lines[1:last]
    if is_yaml and not _is_yaml(inner, is_closed=last is not None):
        return None
    if last is None:
        raise UnclosedError(opening)
    pattern = _YAML_NAME if is_yaml else _TOML_NAME
    names: list[str] = []
    title, title_index = "", 0
    is_top = True
    for index, line in enumerate(inner, 1):
        # What stands below a line in brackets belongs to a table of TOML.
        is_top = is_top and (is_yaml or not line.startswith("["))
        if not (found := pattern.match(line)):
            continue
        names.append(found[1])
        if found[1] == "title" and is_top and not title:
            title, title_index = _text(found["value"] or "", is_yaml=is_yaml), index
    return FrontMatter(last + 1, tuple(names), title, title_index)


def _is_yaml(lines: Sequence[str], *, is_closed: bool) -> bool:
    """Return whether lines are names with values; without an end only the first can tell."""
    if not lines or not _YAML_NAME.match(lines[0]):
        return is_closed and not any(lines)
    return not is_closed or all(_YAML_NAME.match(line) or _YAML_LINE.match(line) for line in lines)


def _text(value: str, *, is_yaml: bool) -> str:
    """Return a value that is one line of text, "" for any other."""
    if quoted := _QUOTED.match(value):
        return _unquoted(quoted[1], is_yaml=is_yaml)
    if not is_yaml or value.startswith((*_NO_TEXT, '"', "'", "- ")) or ": " in value:
        return ""
    return _COMMENT.sub("", value).strip()


def _unquoted(quoted: str, *, is_yaml: bool) -> str:
    inner = quoted[1:-1]
    if quoted.startswith("'"):
        return inner.replace("''", "'") if is_yaml else inner
    try:
        # Of the escapes of YAML and TOML those of JSON are read.
        text = json.loads(quoted)
    except json.JSONDecodeError:
        return ""
    return "" if "\n" in text else str(text).strip()
