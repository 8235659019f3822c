"""Counts the names that common extractors of a page's text keep of a register's page.

    python -m bench.extractors

Search engines, archives and language models read pages through such extractors. They drop what
looks like navigation, and short items of lists in table cells do. The demo's page is served and
extracted as it is, and once more with `<ul>` in its cells, as it was printed until November 2026.
The extractors are installed from PyPI into an environment of their own. The exit code is 1 if one
of them loses a name of the page as it is. On 30 November 2026, of 49 models and 13 providers:

                            kept        with <ul>
    trafilatura 2.3.1       49 and 13   2 and 1
      with favor_precision  49 and 13   2 and 1
      with favor_recall     49 and 13   49 and 12
    readability-lxml 0.9    49 and 13   2 and 1
    resiliparse 2.0.1       49 and 13   49 and 13
    inscriptis 2.7.6        49 and 13   49 and 13
    html2text 2025.4.15     49 and 13   49 and 13

Extractors made for prose (jusText, boilerpy3, goose3, newspaper4k) keep no table in any markup, so
they are not among them. readability-lxml drops every part in which more than a fifth of the letters
are links, unless it has ten commas: a page of rows with one model, one provider and one document
each is lost with it whatever the markup.
"""

import json
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.request import urlopen

from bench.databases import fresh
from bench.serving import gunicorn, with_style_sheets

SLUG = "llms-privacy"
PACKAGES = (
    "trafilatura==2.3.1",
    "readability-lxml==0.9",
    "resiliparse==2.0.1",
    "inscriptis==2.7.6",
    "html2text==2025.4.15",
    "lxml_html_clean==0.4.6",
)
_LIST = re.compile(r'<span class="items" role="list">(.*?)</span></span>', re.DOTALL)
_ALONE = re.compile(r'(<t[hd][^>]*>)<span([^>]*)>((?:(?!role="listitem").)*?)<br></span>')
_ITEM = re.compile(r'<span role="listitem"([^>]*)>(.*?)(?:<span class="comma">, </span>)?<br>')


def main() -> None:
    """Print how many names each extractor keeps; exit with 1 if one is lost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page, names = served(folder)
        python = environment(folder)
        figures = kept(python, page, names)
        control = kept(python, with_old_lists(page), names)
    total = len(names["models"]), len(names["providers"])
    print(f"{total[0]} models and {total[1]} providers", "kept", "with <ul>", sep="\t")
    for extractor, counts in figures.items():
        print(f"{extractor:28}", *map(_shown, (counts, control[extractor])), sep="\t")
    sys.exit(any(counts != total for counts in figures.values()))


def served(folder: Path) -> tuple[str, dict[str, list[str]]]:
    """Return the demo's page, and the names of its models and of their providers."""
    with fresh(folder) as database:
        settings = {**with_style_sheets(folder), **database}
        for command in ("migrate", "demo"):
            subprocess.run(
                [sys.executable, "manage.py", command],
                env=settings,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        with gunicorn("registry.wsgi", settings, threads=4) as site:
            with urlopen(f"{site}/{SLUG}/") as response:
                page = response.read().decode()
            with urlopen(f"{site}/{SLUG}.json") as response:
                snapshot = json.load(response)
    cells = [row["cells"] for section in snapshot["sections"] for row in section["listings"]]
    return page, {key: _names(cells, key) for key in ("models", "providers")}


def _names(cells: list[dict[str, dict[str, list[dict[str, str]]]]], key: str) -> list[str]:
    return list(dict.fromkeys(item["text"] for row in cells for item in row[key]["items"]))


def environment(folder: Path) -> Path:
    """Install the extractors into an environment of their own; return its interpreter."""
    venv.create(folder / "extractors", with_pip=True)
    python = folder / "extractors" / "bin" / "python"
    # One by one: pip cannot resolve the extras of lxml that several of them name.
    for package in PACKAGES:
        subprocess.run([python, "-m", "pip", "install", "-qq", package], check=True)
    return python


def with_old_lists(page: str) -> str:
    """Return the page with `<ul>` and `<li>` in the cells of its tables."""
    lists = _LIST.sub(_old_list, page)
    return _ALONE.sub(r'\1<ul role="list"><li\2>\3</li></ul>', lists)


def _old_list(match: re.Match[str]) -> str:
    items = _ITEM.findall(match.group(1))
    return f'<ul role="list">{"".join(f"<li{id}>{text}</li>" for id, text in items)}</ul>'


def kept(python: Path, page: str, names: dict[str, list[str]]) -> dict[str, tuple[int, int]]:
    """Return by extractor how many models and providers stand in its text."""
    run = subprocess.run(
        [python, Path(__file__).with_name("extracted_texts.py")],
        input=page,
        capture_output=True,
        text=True,
        check=True,
    )
    counts = {}
    for extractor, text in json.loads(run.stdout).items():
        plain = " ".join(text.split())
        models, providers = (
            sum(_stands_in(name, plain) for name in names[key]) for key in ("models", "providers")
        )
        counts[extractor] = models, providers
    return counts


def _stands_in(name: str, text: str) -> bool:
    # A footnote's number may follow.
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?![^\W\d])", text))


def _shown(counts: tuple[int, int]) -> str:
    return f"{counts[0]} and {counts[1]}"


if __name__ == "__main__":
    main()
