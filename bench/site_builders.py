"""Builds real sites of a hostile page, and compares what they show with what the page says.

    python -m bench.site_builders [--texts 300] [--seed 1] [--keep FOLDER]

A page of 300 different hostile texts (templates, JSX, HTML, directives, attribute lists, formulas,
emoji codes, emphasis, addresses, backslashes, references) is written in the flavour of each site
builder, and built with it. Each text is a name, a wording, an entry, a label, a link, a footnote,
and prose: a heading, a paragraph, lists, a quote, emphasis and code. The table counts

- lost: texts with a line that the site does not show, or not as it is, or elsewhere, and addresses
  to which no link leads; all texts, if the builder refuses the page
- added: lines that the page does not have
- executed: elements, attributes and links in the site that the page does not have
- backslashes: those in added lines

The canonical page, the flavour gfm, is the control: it must fail with every builder. The builders
come from npm and PyPI, into a temporary folder or the one to keep; this needs node and npm. The
exit code is 1 if a text is lost, added or executed, or if the control is not detected. It takes
about three minutes. On 30 November 2026 nothing was lost, added or executed with any builder; the
canonical page was built by MkDocs alone, with 5,729 other lines and 10,149 backslashes.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from bench.builder_texts import HostilePage, hostile_page, hostile_texts
from bench.built_sites import BUILDERS, Builder, NotBuilt, install
from bench.shown_blocks import ShownBlocks
from bench.staging import set_up_django

_NAMES = """
a blockquote br code div em h1 h2 h3 hr li ol p span strong table tbody td th thead tr ul
"""
_ELEMENTS = set(_NAMES.split())
# Of these, only headings have an id: it leads to them.
_ATTRIBUTES = {
    "href",
    "start",
    "style",
    "align",
    "target",
    "rel",
    "tabindex",
    "class",
    "aria-label",
}
_CLASSES = {"", "header-anchor", "headerlink"}


_ROW = "{:22} {:10} {:>5} {:>6} {:>9} {:>12}  {}"


class Outcome(NamedTuple):
    """What is wrong with a site: lost texts, and what it has that the page has not."""

    lost: set[str]
    added: int
    executed: int
    backslashes: int
    example: str = ""


def compared(builder: Builder, html: str, page: HostilePage) -> Outcome:
    """Compare a site with what its page shows."""
    site = ShownBlocks(builder.is_content)
    site.feed(html)
    site.close()
    lines = [" ".join(line.split()) for line, _ in page.shown]
    lost, added = _differences(lines, site.lines)
    unlinked = page.addresses - site.addresses
    examples = [f"{lines[place]!r} is not shown" for place in lost]
    examples += [f"no link leads to {address}" for address in unlinked]
    examples += [f"{line!r} is added" for line in added]
    return Outcome(
        {page.shown[place].text for place in lost} | unlinked,
        len(added),
        sum(_acts(tag, attributes, page.addresses) for tag, attributes in site.elements),
        sum(line.count("\\") for line in added),
        "; ".join(examples[:2]),
    )


def _differences(expected: list[str], actual: list[str]) -> tuple[list[int], list[str]]:
    """Return the places of the expected lines that are not there, and the lines that should not be.

    A line is looked for among the next hundred only, so a lost line loses no more than itself.
    """
    lost: list[int] = []
    added: list[str] = []
    position = 0
    for place, line in enumerate(expected):
        try:
            found = actual.index(line, position, position + 100)
        except ValueError:
            lost.append(place)
            continue
        added += actual[position:found]
        position = found + 1
    return lost, added + actual[position:]


def _acts(tag: str, attributes: dict[str, str], addresses: set[str]) -> bool:
    """Return whether an element is none that the page has."""
    address = attributes.get("href", "#")
    if tag not in _ELEMENTS or (address[0] != "#" and unquote(address) not in addresses):
        return True
    allowed = _ATTRIBUTES | ({"id"} if tag[0] == "h" else set())
    return not allowed.issuperset(attributes) or attributes.get("class", "") not in _CLASSES


def main() -> None:
    """Print what is wrong with each site; exit with 1 if anything is, or the control is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the builders and the sites")
    options = parser.parse_args()
    os.environ |= {"SECRET_KEY": "bench", "ALLOWED_HOSTS": "testserver", "DEMO": "True"}
    set_up_django()
    from compliance.page.formats.markdown import FLAVOURS, render

    texts = hostile_texts(options.texts, options.seed)
    hostile = hostile_page(texts)
    is_sound = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        install(folder)
        print(_ROW.format("builder", "flavour", "lost", "added", "executed", "backslashes", ""))
        for builder in BUILDERS:
            for flavour in (builder.flavour, "gfm"):
                page = render(hostile.snapshot, FLAVOURS[flavour])
                try:
                    outcome = compared(builder, builder.build(folder, page), hostile)
                except NotBuilt as error:
                    outcome = Outcome(set(texts), 0, 0, 0, f"not built: {error}")
                has_failed = bool(outcome.lost or outcome.added or outcome.executed)
                is_sound &= has_failed == (flavour == "gfm")
                lost, *counts, example = outcome
                print(_ROW.format(builder.name, flavour, len(lost), *counts, example[:150]))
    if not is_sound:
        sys.exit("A text is lost, added or executed, or the control is not detected.")


if __name__ == "__main__":
    main()
