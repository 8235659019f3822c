"""The folder of an exported site; a new site replaces the old one in one step.

    DIR/current             a link to the current site; replacing it is that one step
    DIR/sites/…/public/     its files, named after their addresses
    DIR/sites/…/*.conf      for nginx (compliance.staticsite.nginx)

The old site stays until the next export, because nginx serves it until it reloads its
configuration.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from compliance.page import canonical
from compliance.staticsite.crawl import MISSING, Answered

_MARK = ".exported-site"
_STATE = "state.json"
# Some file systems take no name of more than 255 bytes.
_LONGEST = 200
_ENDINGS = {
    "text/html": "html",
    "text/markdown": "md",
    "text/css": "css",
    "text/javascript": "js",
    "image/svg+xml": "svg",
    "application/atom+xml": "atom",
    "application/xml": "xml",
    "text/plain": "txt",
    "image/vnd.microsoft.icon": "ico",
}


class NotOurs(Exception):
    """The folder holds something else, or another export is writing into it."""


@dataclass(frozen=True, slots=True)
class Filed:
    """An exported answer; `name` is the path of its file below the site's root."""

    address: str
    status: int
    headers: Mapping[str, str]
    name: str

    @property
    def asked(self) -> str:
        """The address as nginx looks it up: `$uri`, which is decoded, and `$args`, which is not."""
        path, mark, query = self.address.partition("?")
        return f"{unquote(path)}{mark}{query}"


class Folder:
    """The folder that holds exported sites."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        if (
            path.exists()
            and not (path / _MARK).exists()
            and (not path.is_dir() or any(path.iterdir()))
        ):
            raise NotOurs(
                f"{path} holds something else."
                " Name a folder that is empty, does not exist, or holds an earlier export."
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock the folder for this export; raises NotOurs if another export holds it."""
        self._path.mkdir(parents=True, exist_ok=True)
        with (self._path / _MARK).open("a") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NotOurs(
                    f"Another export writes into {self._path}. Nothing was exported."
                ) from None
            yield

    @property
    def current(self) -> Path | None:
        """The folder of the current site, or None before the first export."""
        return self.link.resolve() if self.link.exists() else None

    @property
    def link(self) -> Path:
        """The link to the current site."""
        return self._path / "current"

    def state(self) -> dict[str, Any]:
        """Return what the current site was made of, or {} before the first export."""
        try:
            return dict(json.loads((self.link / _STATE).read_bytes()))
        except (OSError, ValueError):
            return {}

    def begin(self) -> "Site":
        """Create an empty site; the folder must be locked with `held`."""
        sites = self._path / "sites"
        sites.mkdir(exist_ok=True)
        self._remove_but(self.current)
        number = 1 + max(
            (int(site.name) for site in sites.iterdir() if site.name.isdigit()), default=0
        )
        return Site(sites / str(number), before=self.current)

    def replace(self, site: "Site", state: dict[str, Any]) -> None:
        """Let the link lead to a complete site."""
        (site.path / _STATE).write_text(json.dumps(state))
        os.sync()  # all of it must be on the disk before the link leads to it
        beside = self._path / ".current"
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("sites") / site.path.name)
        beside.replace(self.link)

    def _remove_but(self, kept: Path | None) -> None:
        """Remove all sites but one, including those of exports that were interrupted."""
        for site in (self._path / "sites").iterdir():
            if site.resolve() != kept:
                shutil.rmtree(site)


class Site:
    """A site that is being written; files that the old site already has are hard-linked."""

    def __init__(self, path: Path, *, before: Path | None) -> None:
        self.path = path
        self.public = path / "public"
        self.filed: list[Filed] = []
        self.written = 0
        self._before = before / "public" if before else None
        self._names: set[str] = set()
        self._by_content: dict[str, str] = {}
        self._by_answer: dict[str, str] = {}
        self.public.mkdir(parents=True)

    def add(self, answered: Answered) -> None:
        """Write the file of an answer.

        Days share a file if their answers are equal: there is an address for every past day.
        """
        name = _name(answered)
        if "/as-of/" in answered.address:
            name = self._by_answer.setdefault(
                _hash(answered.content, f"{answered.headers}".encode()), name
            )
        if name not in self._names:
            self._put(name, answered.content)
        self.filed.append(Filed(answered.address, answered.status, answered.headers, name))

    def _put(self, name: str, content: bytes) -> None:
        target = self.public / name[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        if same := self._by_content.get(_hash(content)):
            os.link(self.public / same[1:], target)
        elif (earlier := self._earlier(name)) and earlier.read_bytes() == content:
            os.link(earlier, target)
        else:
            target.write_bytes(content)
            self.written += 1
        self._by_content[_hash(content)] = name
        self._names.add(name)

    def _earlier(self, name: str) -> Path | None:
        earlier = self._before / name[1:] if self._before else None
        return earlier if earlier and earlier.is_file() else None


def _hash(*parts: bytes) -> str:
    return canonical.sha256(b"".join(parts))


def _ending(answered: Answered) -> str:
    return _ENDINGS.get(answered.media_type, answered.media_type.rpartition("/")[2])


def _name(answered: Answered) -> str:
    """Return the path of an answer's file: its address, with the ending of its media type."""
    if answered.address == MISSING:
        return "/404.html"
    path, _, query = answered.address.partition("?")
    segments = [
        segment if _fits(segment) else _hash(segment.encode())
        for segment in unquote(path).split("/")
    ]
    stem = "/".join(segments[:-1]) + "/" + (segments[-1] or "index")
    ending = f".{_ending(answered)}"
    if query:
        stem = f"{stem.removesuffix(ending)}@{_hash(query.encode())[:16]}"
    return stem if stem.endswith(ending) else f"{stem}{ending}"


def _fits(segment: str) -> bool:
    """Return whether a part of an address can be the name of a file."""
    return len(segment.encode()) <= _LONGEST and segment not in (".", "..")
