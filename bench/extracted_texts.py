"""Extracts the text of a page with common extractors; `bench.extractors` runs this file.

It runs in an environment that has the extractors and nothing of this project. It reads HTML from
standard input and prints a JSON object: the text by the name of the extractor.
"""

import json
import sys
from collections.abc import Callable
from importlib.metadata import version

import html2text
import inscriptis
import readability
import trafilatura
from lxml import html as lxml_html
from resiliparse.extract.html2text import extract_plain_text


def with_readability(page: str) -> str:
    """Return the text of what readability-lxml takes for the article."""
    article = readability.Document(page).summary()
    return " ".join(lxml_html.fromstring(article).itertext()) if article.strip() else ""


def with_trafilatura(**options: bool) -> Callable[[str], str]:
    """Return an extractor that runs trafilatura with options."""
    return lambda page: trafilatura.extract(page, **options) or ""


def with_resiliparse(page: str) -> str:
    """Return the text of what resiliparse takes for the main content."""
    return str(extract_plain_text(page, main_content=True))


EXTRACTORS: dict[str, Callable[[str], str]] = {
    f"trafilatura {version('trafilatura')}": with_trafilatura(),
    "  with favor_precision": with_trafilatura(favor_precision=True),
    "  with favor_recall": with_trafilatura(favor_recall=True),
    f"readability-lxml {version('readability-lxml')}": with_readability,
    f"resiliparse {version('resiliparse')}": with_resiliparse,
    f"inscriptis {version('inscriptis')}": inscriptis.get_text,
    f"html2text {version('html2text')}": html2text.html2text,
}

if __name__ == "__main__":
    html = sys.stdin.read()
    json.dump({name: extract(html) for name, extract in EXTRACTORS.items()}, sys.stdout)
