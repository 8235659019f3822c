"""The folder of an exported site, in which a new site replaces the old one in one step.

    DIR/current             a symbolic link to the current site, which is replaced in that step
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
from compliance.staticsite.crawl import MISSING, CrawledResponse

_MARK = ".exported-site"
_STATE = "state.json"
# Many file systems allow names of at most 255 bytes; this leaves room for an ending.
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


class FolderUnusable(Exception):
    """The folder holds something else, or another export is writing into it."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """An address and the file that answers it; `name` is the file's path below `public/`."""

    address: str
    status: int
    headers: Mapping[str, str]
    name: str

    @property
    def nginx_key(self) -> str:
        """The address as nginx looks it up: `$uri`, which is decoded, and `$args`, which is not."""
        path, mark, query = self.address.partition("?")
        return f"{unquote(path)}{mark}{query}"


class Folder:
    """A folder that holds exported sites; raises FolderUnusable if it holds something else."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        if (
            path.exists()
            and not (path / _MARK).exists()
            and (not path.is_dir() or any(path.iterdir()))
        ):
            raise FolderUnusable(
                f"{path} holds something else."
                " Name a folder that is empty, does not exist, or holds an earlier export."
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder for this export; raises FolderUnusable if another has locked it."""
        self._path.mkdir(parents=True, exist_ok=True)
        with (self._path / _MARK).open("a") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderUnusable(
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
        """Return the state that `replace` stored with the current site, or {} if there is none."""
        try:
            return dict(json.loads((self.link / _STATE).read_bytes()))
        except (OSError, ValueError):
            return {}

    def begin(self) -> "Site":
        """Create an empty site; the folder must be `locked`."""
        sites = self._path / "sites"
        sites.mkdir(exist_ok=True)
        self._remove_all_but(self.current)
        number = 1 + max(
            (int(site.name) for site in sites.iterdir() if site.name.isdigit()), default=0
        )
        return Site(sites / str(number), before=self.current)

    def replace(self, site: "Site", state: dict[str, Any]) -> None:
        """Make a complete site the current one, and store the state that it was made of."""
        (site.path / _STATE).write_text(json.dumps(state))
        # Every file must be on the disk before the link leads to the site.
        os.sync()
        # A symbolic link cannot be changed, but a rename replaces it without a gap.
        new_link = self._path / ".current"
        new_link.unlink(missing_ok=True)
        new_link.symlink_to(Path("sites") / site.path.name)
        new_link.replace(self.link)

    def _remove_all_but(self, kept: Path | None) -> None:
        """Remove all sites but one, including those of exports that were interrupted."""
        for site in (self._path / "sites").iterdir():
            if site.resolve() != kept:
                shutil.rmtree(site)


class Site:
    """A site that is being written.

    A file that is equal to one of the old site, or to an earlier one of this site, is a hard link
    to it, so that an export takes little space beside the one before.
    """

    def __init__(self, path: Path, *, before: Path | None) -> None:
        self.path = path
        self.public = path / "public"
        self.files: list[ExportedFile] = []
        self.written = 0
        self._before = before / "public" if before else None
        self._names: set[str] = set()
        self._by_content: dict[str, str] = {}
        self._by_response: dict[str, str] = {}
        self.public.mkdir(parents=True)

    def add(self, response: CrawledResponse) -> None:
        """Write the file of a response.

        Days with equal responses share one file, because there is an address for every past day.
        """
        name = _file_name(response)
        if "/as-of/" in response.address:
            response_hash = _hash(response.content, f"{response.headers}".encode())
            name = self._by_response.setdefault(response_hash, name)
        if name not in self._names:
            self._write(name, response.content)
        self.files.append(ExportedFile(response.address, response.status, response.headers, name))

    def _write(self, name: str, content: bytes) -> None:
        target = self.public / name[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        if equal := self._by_content.get(_hash(content)):
            os.link(self.public / equal[1:], target)
        elif (earlier := self._earlier(name)) and earlier.read_bytes() == content:
            os.link(earlier, target)
        else:
            target.write_bytes(content)
            self.written += 1
        self._by_content[_hash(content)] = name
        self._names.add(name)

    def _earlier(self, name: str) -> Path | None:
        """Return the old site's file of that name, or None if it has none."""
        earlier = self._before / name[1:] if self._before else None
        return earlier if earlier and earlier.is_file() else None


def _hash(*parts: bytes) -> str:
    return canonical.sha256(b"".join(parts))


def _ending(response: CrawledResponse) -> str:
    return _ENDINGS.get(response.media_type, response.media_type.rpartition("/")[2])


def _file_name(response: CrawledResponse) -> str:
    """Return the path of a response's file: its address, with the ending of its media type."""
    if response.address == MISSING:
        return "/404.html"
    path, _, query = response.address.partition("?")
    segments = [
        segment if _fits(segment) else _hash(segment.encode())
        for segment in unquote(path).split("/")
    ]
    stem = "/".join(segments[:-1]) + "/" + (segments[-1] or "index")
    ending = f".{_ending(response)}"
    if query:
        stem = f"{stem.removesuffix(ending)}@{_hash(query.encode())[:16]}"
    return stem if stem.endswith(ending) else f"{stem}{ending}"


def _fits(segment: str) -> bool:
    """Return whether a part of an address can be the name of a file."""
    return len(segment.encode()) <= _LONGEST and segment not in (".", "..")
