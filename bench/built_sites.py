"""The site builders: how they are installed, and how each builds a site of one page."""

import re
import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

NPM_PACKAGES = (
    "vitepress@1.6.4", "vue@3.5.45", "@mdx-js/mdx@3.1.1", "react@18.3.1", "react-dom@18.3.1",
    "remark-gfm@4.0.1", "remark-directive@3.0.1", "remark-math@6.0.0", "remark-emoji@5.0.1",
    "remark-frontmatter@5.0.0",
)  # fmt: skip
PYPI_PACKAGES = ("mkdocs==1.6.1", "mkdocs-material==9.8.2")
_MDX = """
import {readFileSync} from 'node:fs'
import {evaluate} from '@mdx-js/mdx'
import * as runtime from 'react/jsx-runtime'
import {createElement} from 'react'
import {renderToStaticMarkup} from 'react-dom/server'
const plugins = await Promise.all(process.argv.slice(3).map((name) => import(name)))
const remarkPlugins = plugins.map((plugin) => plugin.default)
const page = await evaluate(readFileSync(process.argv[2]), {...runtime, remarkPlugins})
process.stdout.write(renderToStaticMarkup(createElement(page.default)))
"""
_EXTENSIONS = """
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - meta
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.betterem
  - pymdownx.blocks.admonition
  - pymdownx.caret
  - pymdownx.critic
  - pymdownx.details
  - pymdownx.emoji
  - pymdownx.inlinehilite
  - pymdownx.keys
  - pymdownx.magiclink
  - pymdownx.mark
  - pymdownx.snippets: {check_paths: true}
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - pymdownx.tasklist: {custom_checkbox: true}
  - pymdownx.tilde
"""


_ERROR = re.compile(
    r"(?:\[[0-9:]+ )?(?:error\W|could not|dead link)\s*.{0,200}", re.IGNORECASE | re.DOTALL
)


class NotBuilt(Exception):
    """The builder refused the page; the message is what it said of that."""


class Builder(NamedTuple):
    """A site builder: the flavour for it, where its page shows the content, and how it builds."""

    name: str
    flavour: str
    is_content: Callable[[str, dict[str, str]], bool]
    build: Callable[[Path, str], str]


def install(folder: Path) -> None:
    """Install the builders into a folder, unless they are there."""
    if not (folder / "node_modules").is_dir():
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        _run(["npm", "install", "--no-audit", "--no-fund", *NPM_PACKAGES], folder)
    if not (folder / "python").is_dir():
        venv.create(folder / "python", with_pip=True)
        _run([str(folder / "python/bin/pip"), "install", "-q", *PYPI_PACKAGES], folder)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        output = done.stderr + done.stdout
        reason = _ERROR.search(output)
        raise NotBuilt(" ".join(reason.group().split()) if reason else f"status {done.returncode}")
    return done.stdout


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _vitepress(folder: Path, page: str) -> str:
    site = _emptied(folder / "vitepress")
    (site / "index.md").write_text(page)
    _run(["npx", "vitepress", "build", str(site)], folder)
    return (site / ".vitepress/dist/index.html").read_text()


def _mdx(*plugins: str) -> Callable[[Path, str], str]:
    def build(folder: Path, page: str) -> str:
        (folder / "build.js").write_text(_MDX)
        (folder / "page.mdx").write_text(page)
        html = _run(["node", "build.js", "page.mdx", *plugins], folder)
        return f"<body>{html}</body>"

    return build


def _mkdocs(settings: str) -> Callable[[Path, str], str]:
    def build(folder: Path, page: str) -> str:
        site = _emptied(folder / "mkdocs")
        (site / "docs").mkdir()
        (site / "docs/index.md").write_text(page)
        (site / "mkdocs.yml").write_text(f"site_name: Bench\n{settings}")
        _run([str(folder / "python/bin/mkdocs"), "build", "-q"], site)
        return (site / "site/index.html").read_text()

    return build


def _is_body(tag: str, attributes: dict[str, str]) -> bool:
    return tag == "body"


BUILDERS = [
    Builder(
        "VitePress 1.6.4",
        "vitepress",
        lambda tag, attributes: "vp-doc" in attributes.get("class", "").split(),
        _vitepress,
    ),
    Builder("MDX 3.1.1", "mdx", _is_body, _mdx("remark-gfm")),
    Builder(
        "MDX with plugins",
        "mdx",
        _is_body,
        _mdx("remark-gfm", "remark-directive", "remark-math", "remark-emoji", "remark-frontmatter"),
    ),
    Builder(
        "MkDocs 1.6.1",
        "mkdocs",
        lambda tag, attributes: attributes.get("role") == "main",
        _mkdocs(""),
    ),
    Builder(
        "MkDocs Material 9.8.2",
        "mkdocs",
        lambda tag, attributes: tag == "article",
        _mkdocs(f"theme: {{name: material}}\n{_EXTENSIONS}"),
    ),
]
