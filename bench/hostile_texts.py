"""Checks that hostile texts do nothing in any format, and that other parsers read them exactly.

    python -m bench.hostile_texts [--texts 10000] [--seed 1] [--broken]

The texts are random sequences of what has a meaning in HTML, Markdown, CSV, JSON and XML. Those
that the registry accepts (`text.fault`) become the names and wordings of rows, a hundred rows in
each publication. They are looked for in the page, in its JSON-LD, in the Markdown, CSV and JSON
files and in both feeds. `--broken` is the control: it writes the same files without escaping
anything, and every format must then fail.
"""

import argparse
import csv
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import html5lib
from markdown_it import MarkdownIt

from bench.staging import set_up_django

if TYPE_CHECKING:
    from compliance.page.snapshot import Snapshot

MARKUP = [
    "<script>alert(1)</script>", "</script>", "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>', "' autofocus='", "<!--", "-->", "<![CDATA[", "]]>",
    "</td></tr></table>", "<a href=javascript:alert(1)>", "{{ request }}", "{% debug %}",
    "javascript:alert(1)", "&lt;script&gt;", "&#x3c;", "\\u003c", '","x":"', "\\", '"', "=1+1",
    "@SUM(A1)", "-- ", ";", ",", "<?xml?>", "<!DOCTYPE x>", "&xxe;", "</summary>", "</main>",
    "<style>*{display:none}</style>", "${7*7}", "\u3000", "`",
]  # fmt: skip
# Elements that run no script and load nothing.
_INERT_NAMES = """
html head body main header footer nav section article div span p h1 h2 h3 ul ol li dl dt dd a sup
sub strong em b i bdi br table caption colgroup col thead tbody tr th td time code form label input
select option button fieldset legend details summary abbr small mark ins del aside hr meta link
title
"""
INERT_ELEMENTS = set(_INERT_NAMES.split())
_ATOM = "{http://www.w3.org/2005/Atom}"
_numbers = count(1)
Files = dict[str, bytes]


def hostile(number: int, seed: int) -> list[str]:
    """Return a number of different texts that the registry accepts."""
    from compliance.page import text
    from tests.strategies import NASTY

    dice = random.Random(seed)
    texts = dict[str, None]()  # a dict keeps the order, which a set would not
    parts = [*MARKUP, *NASTY]
    while len(texts) < number:
        candidate = "".join(dice.choices(parts, k=dice.randint(1, 5))).strip()
        if candidate and len(candidate) <= 150 and text.fault(candidate) is None:
            texts[candidate] = None
    return list(texts)


def tree(content: bytes | str) -> ElementTree.Element:
    """Parse HTML as browsers do; raise AssertionError if anything in it is not inert."""
    document: ElementTree.Element = html5lib.parse(content, namespaceHTMLElements=False)
    for element in document.iter():
        if not isinstance(element.tag, str):
            raise AssertionError("a comment")
        is_data = element.tag == "script" and element.get("type") == "application/ld+json"
        is_inert = element.tag in INERT_ELEMENTS or (is_data and json.loads(element.text or ""))
        assert is_inert, f"<{element.tag}>"
        for name, value in element.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc", "autofocus"), name
            is_address = name in ("href", "src", "action", "formaction")
            assert not is_address or value.startswith(
                ("https://", "/", "#", "?", "./", "mailto:")
            ), value
    return document


def read_page(content: bytes) -> Iterator[Sequence[str]]:
    """Yield the texts of each row of the page."""
    for row in tree(content).findall(".//tbody/tr"):
        cells = row.findall("*")
        yield [_text(cells[0]), _text(cells[1]), _text(cells[2]), _text(cells[3])]


def _text(cell: ElementTree.Element) -> str:
    item = cell.find(".//li")
    content = "".join((cell if item is None else item).itertext())
    return content.strip("\n ").removesuffix("\n¶").strip("\n ")


def read_markdown(content: bytes) -> Iterator[Sequence[str]]:
    """Yield the texts of each row, as a GFM parser that lets HTML through would show them."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(content.decode())
    cells = []
    for index, token in enumerate(tokens):
        assert token.type != "html_block", token.content
        if token.type == "td_open":
            inline = tokens[index + 1].children or []
            assert all(
                part.type in ("text", "text_special", "html_inline", "link_open", "link_close")
                for part in inline
            )
            assert all(part.content == "<br>" for part in inline if part.type == "html_inline")
            cells.append("".join(part.content for part in inline if part.type != "html_inline"))
    for row in range(0, len(cells), 5):
        yield [
            *(cell.removeprefix("• ") for cell in cells[row : row + 2]),
            *cells[row + 2 : row + 4],
        ]


def read_csv(content: bytes) -> Iterator[Sequence[str]]:
    """Yield the texts of each line; raise AssertionError if a text could be run as a formula."""
    for line in csv.DictReader(io.StringIO(content.decode(), newline="")):
        cells = [line[name] or "" for name in ("model", "provider", "training", "retention")]
        assert not any(cell.startswith(tuple("=+-@")) for cell in cells), cells
        yield [cell.removeprefix("'") for cell in cells]


def read_json(content: bytes) -> Iterator[Sequence[str]]:
    """Yield the texts of each listing as a Markdown parser that lets HTML through shows them."""
    for section in json.loads(content)["sections"]:
        for row in section["listings"]:
            yield [
                _inline_words(row["cells"][key]["items"][0]["text"])
                for key in ("models", "providers", "training", "retention")
            ]


def _inline_words(text: str) -> str:
    [inline] = MarkdownIt("commonmark", {"html": True}).enable("strikethrough").parseInline(text)
    parts = inline.children or []
    assert all(part.type in ("text", "text_special") for part in parts), text
    return "".join(part.content for part in parts)


def read_atom(content: bytes) -> Iterator[Sequence[str]]:
    """Yield each sentence of the feed."""
    for entry in ElementTree.fromstring(content).iter(f"{_ATOM}entry"):
        for item in tree(entry.findtext(f"{_ATOM}summary") or "").iter("li"):
            yield [_text(item)]


def read_json_feed(content: bytes) -> Iterator[Sequence[str]]:
    """Yield each sentence of the feed."""
    for entry in json.loads(content)["items"]:
        for item in tree(entry["content_html"]).iter("li"):
            yield [_text(item)]


READERS: dict[str, Callable[[bytes], Iterator[Sequence[str]]]] = {
    "page": read_page,
    "markdown": read_markdown,
    "csv": read_csv,
    "json": read_json,
    "atom": read_atom,
    "json feed": read_json_feed,
}


def escaped(texts: Sequence[str]) -> Files:
    """Return what the site serves of a register whose rows are made of the texts."""
    from django.test import Client

    from tests.stores import publish

    slug = f"page-{next(_numbers)}"
    publish(_page(texts, slug))
    paths = ["/", ".md", ".csv", ".json", "/feed.atom", "/feed.json"]
    return {
        name: Client().get(f"/{slug}{path}").content
        for name, path in zip(READERS, paths, strict=True)
    }


def _page(texts: Sequence[str], slug: str) -> "Snapshot":
    from compliance.page.inline import escape
    from compliance.page.snapshot import Model, Provider
    from compliance.page.table import Cell, ClaimItem, empty_cell
    from compliance.page.vocabulary import Basis, ColumnRole, TrainingUse
    from tests.stores import listing, models_cell, providers_cell, snapshot

    models = [Model(f"model-{number}", text) for number, text in enumerate(texts)]
    providers = [Provider(f"provider-{number}", text) for number, text in enumerate(texts)]
    rows = []
    for model, provider in zip(models, providers, strict=True):
        claim = (ClaimItem(escape(model.name)),)
        row = listing(
            f"row-{model.id}",
            models=models_cell(model),
            providers=providers_cell(provider),
            training=Cell(claim, basis=Basis.STATED, use=TrainingUse.UNKNOWN),
            retention=Cell(claim, basis=Basis.STATED, clauses=()),
            documents=empty_cell(ColumnRole.DOCUMENTS),
        )
        rows.append(row)
    return snapshot(*rows, notes=(), slug=slug, models=tuple(models), providers=tuple(providers))


def unescaped(texts: Sequence[str]) -> Files:
    """Return the same files, written without escaping anything."""
    html = "".join(f"<tr><th>{t}</th>{f'<td>{t}</td>' * 3}<td></td></tr>" for t in texts)
    lines = "".join(f"| • {t} | • {t} | {t} | {t} | |\n" for t in texts)
    rows = ",".join(_unescaped_json(text) for text in texts)
    items = "".join(f"<li>{t}</li>" for t in texts)
    atom = (
        f'<feed xmlns="{_ATOM[1:-1]}"><entry><summary><![CDATA[{items}]]></summary></entry></feed>'
    )
    return {
        "page": f"<table><tbody>{html}</tbody></table>".encode(),
        "markdown": f"| a | b | c | d | e |\n|--|--|--|--|--|\n{lines}".encode(),
        "csv": "".join(
            ["model,provider,training,retention\r\n", *(f"{t},{t},{t},{t}\r\n" for t in texts)]
        ).encode(),
        "json": f'{{"sections":[{{"listings":[{rows}]}}]}}'.encode(),
        "atom": atom.encode(),
        "json feed": f'{{"items":[{{"content_html":"{items}"}}]}}'.encode(),
    }


def _unescaped_json(text: str) -> str:
    cell = f'{{"items":[{{"text":"{text}"}}]}}'
    keys = ("models", "providers", "training", "retention")
    cells = ",".join(f'"{key}":{cell}' for key in keys)
    return f'{{"cells":{{{cells}}}}}'


def fault(name: str, content: bytes, texts: Sequence[str]) -> str:
    """Return what is wrong with a file, or "" if every text in it is inert and exact."""
    try:
        rows = list(READERS[name](content))
    except (AssertionError, ValueError, LookupError, ElementTree.ParseError) as error:
        return f"{type(error).__name__}: {error}"
    if "feed" in name or name == "atom":
        sentences = "\n".join(sentence for [sentence] in rows)
        missing = [text for text in texts if text not in sentences]
        return f"missing: {missing[0]!r}" if missing else ""
    if len(rows) != len(texts):
        return f"{len(rows)} rows of {len(texts)}"
    for text, cells in zip(texts, rows, strict=True):
        if {*cells} != {text}:
            return f"{text!r} became {cells!r}"
    return ""


def faults_by_format(
    texts: Sequence[str], write: Callable[[Sequence[str]], Files], batch_size: int
) -> dict[str, list[str]]:
    """Write the texts in batches and return what is wrong in each format."""
    faults: dict[str, list[str]] = {name: [] for name in READERS}
    for start in range(0, len(texts), batch_size):
        batch = texts[start : start + batch_size]
        for name, content in write(batch).items():
            message = fault(name, content, batch)
            if message:
                faults[name].append(message)
    return faults


def main() -> None:
    """Print the faults of each format; exit with 1 if there are any, or none with `--broken`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--broken", action="store_true", help="check unescaped files instead, which must fail"
    )
    options = parser.parse_args()
    os.environ |= {"SECRET_KEY": "bench", "ALLOWED_HOSTS": "testserver", "DEMO": "True"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PUBLISHED_ROOT": f"{folder}/published", "STATIC_ROOT": f"{folder}/static"}
        set_up_django()
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        texts = hostile(options.texts, options.seed)
        if options.broken:
            faults = faults_by_format(texts, unescaped, batch_size=1)
        else:
            faults = faults_by_format(texts, escaped, batch_size=100)
    for name, messages in faults.items():
        example = messages[0][:150] if messages else ""
        print(f"{name:10} {options.texts} texts, {len(messages)} faults  {example}")
    if options.broken:
        sys.exit(None if all(faults.values()) else "A format without escaping was not detected.")
    sys.exit("A text is not inert, or was changed." if any(faults.values()) else None)


if __name__ == "__main__":
    main()
