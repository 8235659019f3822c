"""Answers of the public site: a publication inside its frame, or one of its files, with the headers of both."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Self

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import http_date
from django.utils.safestring import mark_safe

from compliance.page import canonical
from compliance.page.formats import FORMATS
from compliance.public.context import PublicationContext
from compliance.public.errors import not_found
from compliance.public.metadata import csv_metadata, dataset
from compliance.published import store
from compliance.published.store import Index, PublishedEntry

# Not "immutable", even for a numbered publication: it may be withdrawn, and must then leave the caches soon.
_SETTLED = "public, max-age=3600"
# Seconds that a cache may keep what is in force.
_CHANGING = 60
_CSVW = "application/csvm+json"


@dataclass(frozen=True, slots=True)
class Validity:
    """What an answer holds by: the index of one register, or of all of them, as long as nothing takes effect."""

    slug: str | None
    version: Hashable
    until: datetime | None

    @classmethod
    def of(cls, index: Index, at: datetime) -> Self | None:
        """Return what an answer made of an index at a moment holds by, None where that cannot be told now."""
        change = index.changes_after(at)
        # In the last minute caches are told to keep it shorter by the second.
        until = change - timedelta(seconds=_CHANGING) if change else None
        return (
            cls(index.slug, index.version, until)
            if index.version and (not until or at < until)
            else None
        )

    @classmethod
    def of_all(
        cls, indexes: Sequence[Index], versions: Hashable | None, at: datetime
    ) -> Self | None:
        """Return what an answer made of all indexes is valid by, or None if that is unknown now.

        `versions` are those that `store.version()` returned before the indexes were read.
        """
        each = [cls.of(index, at) for index in indexes]
        if not versions or None in each:
            return None
        ends = [holding.until for holding in each if holding and holding.until]
        return cls(None, versions, min(ends, default=None))

    def still(self, at: datetime) -> bool:
        """Say whether it holds at a moment."""
        return (self.until is None or at < self.until) and store.version(self.slug) == self.version


class PublicResponse(HttpResponse):
    """An answer made of what is published alone: the same for everybody who asks for the same address."""

    holding: Validity | None = None

    def made_of(self, index: Index, at: datetime) -> Self:
        """Say what it is made of, for caches and for our own memory, and return it."""
        self.holding = Validity.of(index, at)
        self["Last-Modified"] = _http_moment(index.changed_at(at))
        self["Cache-Control"] = changing(index, at)
        return self

    def made_of_all(self, versions: Hashable | None) -> Self:
        """Say that it is made of the indexes of all registers, which had some versions before they were read."""
        if self.holding:
            self.holding = replace(self.holding, slug=None, version=versions) if versions else None
        return self


def site_answer(
    content: bytes,
    content_type: str,
    indexes: Sequence[Index],
    *,
    versions: Hashable | None,
    at: datetime,
) -> PublicResponse:
    """Return an answer made of the indexes of all registers.

    `versions` are those that `store.version()` returned before the indexes were read.
    """
    response = settings_answer(content, content_type)
    response.holding = Validity.of_all(indexes, versions, at)
    seconds = min((index.fresh_for(at, seconds=_CHANGING) for index in indexes), default=_CHANGING)
    response["Cache-Control"] = f"public, max-age={seconds}"
    if indexes:
        response["Last-Modified"] = _http_moment(max(index.changed_at(at) for index in indexes))
    return response


def settings_answer(content: bytes, content_type: str) -> PublicResponse:
    """Return an answer that needs neither database nor store.

    Its content changes only with the settings, the software or the day.
    """
    headers = {"ETag": f'"{canonical.sha256(content)}"', "Cache-Control": _SETTLED}
    return PublicResponse(content, content_type=content_type, headers=headers)


def page_answer(frame: PublicationContext, *, path: str) -> PublicResponse:
    """Return a publication's page; `path` is the page's own address. Raises StoreFault."""
    body = store.content(frame.index, frame.entry, "html").decode()
    # The frozen bytes, checked against the hash that was approved: rendering.py escaped what they hold.
    context = {"frame": frame, "body": mark_safe(body), "dataset": dataset(frame)}  # noqa: S308
    response = html_answer("public/page.html", context, frame.index, frame.at)
    if path == frame.path:
        _add_memento(response, frame.index, frame.entry, frame.at, suffix="/")
    return _with_publication(response, frame.index, frame.entry, canonical_path=path, own_path=path)


def html_answer(
    template: str, context: dict[str, Any], index: Index, at: datetime, *, status: int = 200
) -> PublicResponse:
    """Return a page of a register as it is at a moment, with what caches need to know of it."""
    html = render_to_string(template, context).encode()
    if status != HTTPStatus.OK:
        return PublicResponse(html, status=status, headers={"Cache-Control": "no-store"})
    return PublicResponse(html, headers={"ETag": f'"{canonical.sha256(html)}"'}).made_of(index, at)


def file_answer(
    index: Index,
    entry: PublishedEntry,
    format: str,
    *,
    at: datetime,
    page_path: str,
    settled: bool = False,
    memento: bool = False,
) -> PublicResponse:
    """Return a file of a publication, byte for byte; `page_path` is the page that shows the same.

    A `memento` (RFC 7089) is what was in force at some time, and stays.

    Raises Refusal for a format that the publication does not have, StoreFault for a file that cannot be served.
    """
    if format not in FORMATS or format not in entry.files:
        formats = ", ".join(name for name in FORMATS if name in entry.files)
        raise not_found(
            f"There is no {format} file of publication {entry.number}. There are: {formats}."
        )
    content, etag = store.content(index, entry, format), f'"{entry.files[format].sha256}"'
    response = PublicResponse(
        content, content_type=_content_type(format), headers={"ETag": etag}
    ).made_of(index, at)
    if settled:
        response["Cache-Control"] = _SETTLED
    if memento:
        _add_memento(response, index, entry, at, suffix=f".{format}")
    own_path = f"{page_path.rstrip('/')}.{format}"
    _with_publication(response, index, entry, canonical_path=page_path, own_path=own_path)
    if format == "csv":
        response["Link"] += f', <{own_path}-metadata.json>; rel="describedby"; type="{_CSVW}"'
    elif format == "json":
        schema = reverse("schema")
        response["Link"] += f', <{schema}>; rel="describedby"; type="application/schema+json"'
    return response


def metadata_answer(
    index: Index, entry: PublishedEntry, *, at: datetime, page_path: str
) -> PublicResponse:
    """Return what describes a publication's CSV, where CSVW lets programs look for it; raises Refusal."""
    if "csv" not in entry.files:
        raise not_found(f"There is no csv file of publication {entry.number}.")
    name = page_path.rstrip("/").rpartition("/")[2]
    content = json.dumps(csv_metadata(entry, f"{name}.csv"), ensure_ascii=False).encode()
    return PublicResponse(
        content, content_type=_CSVW, headers={"ETag": f'"{canonical.sha256(content)}"'}
    ).made_of(index, at)


def _with_publication(
    response: PublicResponse,
    index: Index,
    entry: PublishedEntry,
    *,
    canonical_path: str,
    own_path: str,
) -> PublicResponse:
    response["Publication-Number"] = str(entry.number)
    response["Content-SHA256"] = entry.content_sha256
    links = [f'<{canonical_path}>; rel="canonical"']
    if own_path != canonical_path:
        links.append(f'<{canonical_path}>; rel="alternate"; type="text/html"')
    for name, path in file_paths(canonical_path, entry).items():
        if path != own_path:
            links.append(
                f'<{path}>; rel="alternate"; type="{FORMATS[name].media_type.partition(";")[0]}"'
            )
    latest = reverse("public:register", kwargs={"slug": index.slug})
    links.append(f'<{latest}>; rel="latest-version"')
    response["Link"] = ", ".join([*filter(None, [response.headers.get("Link")]), *links])
    return response


def changing(index: Index, at: datetime) -> str:
    """Return how long a cache may keep what is in force: at most a minute, and never past the next known change."""
    return f"public, max-age={index.fresh_for(at, seconds=_CHANGING)}"


def _add_memento(
    response: HttpResponse, index: Index, entry: PublishedEntry, at: datetime, *, suffix: str
) -> None:
    """Say since when it was in force, and where the original and its neighbours in time are (RFC 7089, section 2.2)."""
    if entry.effective_from > at or entry.withdrawn_at:
        return
    response["Memento-Datetime"] = _http_moment(entry.effective_from)
    register = reverse("public:register", kwargs={"slug": index.slug}).rstrip("/")
    links = [f'<{register}{suffix}>; rel="original"']
    for other, rel in _neighbours(index, entry, at):
        moment = _http_moment(other.effective_from)
        links.append(f'<{register}/{other.number}{suffix}>; rel="{rel}"; datetime="{moment}"')
    response["Link"] = ", ".join(links)


def _neighbours(
    index: Index, entry: PublishedEntry, at: datetime
) -> Iterator[tuple[PublishedEntry, str]]:
    """Give the first, previous, next and last memento, each once, with its relations."""
    mementos = index.mementos(at)
    place = bisect_left(mementos, entry.number, key=lambda memento: memento.number)
    relations: defaultdict[int, list[str]] = defaultdict(list)
    for name, other in (
        ("first", 0),
        ("prev", place - 1),
        ("next", place + 1),
        ("last", len(mementos) - 1),
    ):
        if 0 <= other < len(mementos):
            relations[other].append(name)
    for other, names in relations.items():
        yield mementos[other], " ".join([*names, "memento"])


def file_paths(page_path: str, entry: PublishedEntry) -> dict[str, str]:
    """Return the addresses of a page's files, by format."""
    return {name: f"{page_path.rstrip('/')}.{name}" for name in FORMATS if name in entry.files}


def _content_type(format: str) -> str:
    media_type = FORMATS[format].media_type
    return (
        f"{media_type}; charset=utf-8"
        if media_type.startswith("text/") and ";" not in media_type
        else media_type
    )


def _http_moment(moment: datetime) -> str:
    return http_date(moment.timestamp())
