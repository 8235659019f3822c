"""Hostile texts in every format: each is inert, and comes back exactly from a parser that nobody here wrote.

    python -m bench.hostile_texts [--texts 10000] [--seed 1] [--broken]

Texts are put together at random of what HTML, Markdown, CSV, JSON and XML take for their own; those that the registry
accepts (`text.fault`) become the names and wordings of rows, a hundred a publication, and are looked for in the page, its
JSON-LD, the Markdown, CSV and JSON files and both feeds. `--broken` is the control: the same files by writers that escape
nothing, of which every format must fail.
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
from xml.etree import ElementTree

import html5lib
from markdown_it import MarkdownIt

from bench.staging import set_up_django

OF_HTML = [
    "<script>alert(1)</script>", "</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' autofocus='",
    "<!--", "-->", "<![CDATA[", "]]>", "</td></tr></table>", "<a href=javascript:alert(1)>", "{{ request }}", "{% debug %}",
    "javascript:alert(1)", "&lt;script&gt;", "&#x3c;", "\\u003c", '","x":"', "\\", '"', "=1+1", "@SUM(A1)", "-- ", ";", ",",
    "<?xml?>", "<!DOCTYPE x>", "&xxe;", "</summary>", "</main>", "<style>*{display:none}</style>", "${7*7}", "\u3000", "`",
]  # fmt: skip
INERT = (
    " html head body main header footer nav section article div span p h1 h2 h3 ul ol li dl dt dd a sup sub strong em b i bdi "
    "br table caption colgroup col thead tbody tr th td time code form label input select option button fieldset legend "
    "details summary abbr small mark ins del aside hr meta link title "
)
_ATOM = "{http://www.w3.org/2005/Atom}"
_numbers = count(1)
Files = dict[str, bytes]


def hostile(many: int, seed: int) -> list[str]:
    """Return so many texts that the registry accepts, each once."""
    from compliance.page import text
    from tests.strategies import NASTY

    chance, found = random.Random(seed), dict[str, None]()
    parts = [*OF_HTML, *NASTY]
    while len(found) < many:
        made = "".join(chance.choices(parts, k=chance.randint(1, 5))).strip()
        if made and len(made) <= 150 and text.fault(made) is None:
            found[made] = None
    return list(found)


def tree(content: bytes | str) -> ElementTree.Element:
    """Return what a browser's parser makes of HTML; raises AssertionError where anything in it could act."""
    document: ElementTree.Element = html5lib.parse(content, namespaceHTMLElements=False)
    for element in document.iter():
        if not isinstance(element.tag, str):
            raise AssertionError("a comment")
        is_data = element.tag == "script" and element.get("type") == "application/ld+json"
        assert f" {element.tag} " in INERT or (is_data and json.loads(element.text or "")), (
            f"<{element.tag}>"
        )
        for name, value in element.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc", "autofocus"), name
            is_address = name in ("href", "src", "action", "formaction")
            assert not is_address or value.startswith(
                ("https://", "/", "#", "?", "./", "mailto:")
            ), value
    return document


def of_page(content: bytes) -> Iterator[Sequence[str]]:
    """Give the texts of each row of the page."""
    for row in tree(content).findall(".//tbody/tr"):
        cells = row.findall("*")
        yield [_text(cells[0]), _text(cells[1]), _text(cells[2]), _text(cells[3])]


def _text(cell: ElementTree.Element) -> str:
    named = cell.find(".//li")
    found = "".join((cell if named is None else named).itertext())
    return found.strip("\n ").removesuffix("\n¶").strip("\n ")


def of_markdown(content: bytes) -> Iterator[Sequence[str]]:
    """Give the texts of each row of the Markdown file, as a GFM parser that lets HTML through shows them."""
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


def of_csv(content: bytes) -> Iterator[Sequence[str]]:
    """Give the texts of each line; none begins as a formula does."""
    for line in csv.DictReader(io.StringIO(content.decode(), newline="")):
        cells = [line[name] or "" for name in ("model", "provider", "training", "retention")]
        assert not any(cell.startswith(tuple("=+-@")) for cell in cells), cells
        yield [cell.removeprefix("'") for cell in cells]


def of_json(content: bytes) -> Iterator[Sequence[str]]:
    """Give the texts of each listing."""
    for row in json.loads(content)["listings"]:
        yield [
            row["models"][0]["name"],
            row["providers"][0]["name"],
            row["training"]["text"],
            row["retention"]["text"],
        ]


def of_atom(content: bytes) -> Iterator[Sequence[str]]:
    """Give each sentence of the feed."""
    for entry in ElementTree.fromstring(content).iter(f"{_ATOM}entry"):
        yield from (
            [_text(said)] for said in tree(entry.findtext(f"{_ATOM}summary") or "").iter("li")
        )


def of_json_feed(content: bytes) -> Iterator[Sequence[str]]:
    """Give each sentence of the feed."""
    for item in json.loads(content)["items"]:
        yield from ([_text(said)] for said in tree(item["content_html"]).iter("li"))


READERS: dict[str, Callable[[bytes], Iterator[Sequence[str]]]] = {
    "page": of_page,
    "markdown": of_markdown,
    "csv": of_csv,
    "json": of_json,
    "atom": of_atom,
    "json feed": of_json_feed,
}


def ours(texts: Sequence[str]) -> Files:
    """Return what the site answers of a register whose rows are made of the texts."""
    from django.test import Client

    from tests.stores import publish, snapshot

    slug = f"page-{next(_numbers)}"
    publish(snapshot(*_rows(texts), notes=(), slug=slug))
    paths = ["/", ".md", ".csv", ".json", "/feed.atom", "/feed.json"]
    return {
        name: Client().get(f"/{slug}{path}").content
        for name, path in zip(READERS, paths, strict=True)
    }


def _rows(texts: Sequence[str]) -> Iterator[object]:
    from compliance.page.snapshot import Basis, Model, Provider, Retention, Training, TrainingUse
    from tests.stores import listing

    for number, words in enumerate(texts):
        yield listing(
            f"row-{number}",
            models=(Model(f"model-{number}", words, ()),),
            providers=(Provider(f"provider-{number}", words, (), None),),
            training=Training(TrainingUse.UNKNOWN, words, Basis.STATED, ()),
            retention=Retention(words, Basis.STATED, (), ()),
            documents=(),
        )


def broken(texts: Sequence[str]) -> Files:
    """Return the same by writers that escape nothing."""
    html = "".join(f"<tr><th>{each}</th>{f'<td>{each}</td>' * 3}<td></td></tr>" for each in texts)
    lines = "".join(f"| {f'• {each}'} | • {each} | {each} | {each} | |\n" for each in texts)
    rows = ",".join(
        f'{{"models":[{{"name":"{t}"}}],"providers":[{{"name":"{t}"}}],"training":{{"text":"{t}"}},"retention":{{"text":"{t}"}}}}'
        for t in texts
    )
    said = "".join(f"<li>{each}</li>" for each in texts)
    return {
        "page": f"<table><tbody>{html}</tbody></table>".encode(),
        "markdown": f"| a | b | c | d | e |\n|--|--|--|--|--|\n{lines}".encode(),
        "csv": "".join(
            ["model,provider,training,retention\r\n", *(f"{t},{t},{t},{t}\r\n" for t in texts)]
        ).encode(),
        "json": f'{{"listings":[{rows}]}}'.encode(),
        "atom": f'<feed xmlns="{_ATOM[1:-1]}"><entry><summary><![CDATA[{said}]]></summary></entry></feed>'.encode(),
        "json feed": f'{{"items":[{{"content_html":"{said}"}}]}}'.encode(),
    }


def fault(name: str, content: bytes, texts: Sequence[str]) -> str:
    """Return what is wrong with a file of the texts, empty where each is inert and exact."""
    try:
        found = list(READERS[name](content))
    except (AssertionError, ValueError, LookupError, ElementTree.ParseError) as error:
        return f"{type(error).__name__}: {error}"
    if "feed" in name or name == "atom":
        told = "\n".join(sentence for [sentence] in found)
        return next((f"not told: {words!r}" for words in texts if words not in told), "")
    if len(found) != len(texts):
        return f"{len(found)} rows of {len(texts)}"
    return next(
        (
            f"{each!r} became {cells!r}"
            for each, cells in zip(texts, found, strict=True)
            if {*cells} != {each}
        ),
        "",
    )


def look(
    texts: Sequence[str], write: Callable[[Sequence[str]], Files], at_once: int
) -> dict[str, list[str]]:
    """Write texts, some at once, and return what is wrong in each format."""
    faults: dict[str, list[str]] = {name: [] for name in READERS}
    for start in range(0, len(texts), at_once):
        some = texts[start : start + at_once]
        for name, content in write(some).items():
            if said := fault(name, content, some):
                faults[name].append(said)
    return faults


def main() -> None:
    """Make the texts, look for them, and print how many came back from each format; exit 1 where one did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", action="store_true", help="the control")
    options = parser.parse_args()
    os.environ |= {"SECRET_KEY": "bench", "ALLOWED_HOSTS": "testserver", "DEMO": "True"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PUBLISHED_ROOT": f"{folder}/published", "STATIC_ROOT": f"{folder}/static"}
        set_up_django()
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        faults = look(
            hostile(options.texts, options.seed), *((broken, 1) if options.broken else (ours, 100))
        )
    for name, said in faults.items():
        print(
            f"{name:10} {options.texts} texts, {len(said)} faults  {said[0][:150] if said else ''}"
        )
    if options.broken:
        sys.exit(
            None if all(faults.values()) else "A writer that escapes nothing was not found out."
        )
    sys.exit("A text acts, or is not what it was." if any(faults.values()) else None)


if __name__ == "__main__":
    main()
