"""Responses of the public site: pages, files and metadata, with their headers for caches."""

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
from django.utils.safestring import mark_safe

from compliance.page import canonical
from compliance.page.formats import FORMATS, csv
from compliance.public.context import PublicationContext, file_paths
from compliance.public.errors import not_found
from compliance.public.metadata import csv_metadata, dataset
from compliance.published import changelog, reader
from compliance.published.cache_headers import SHORT_CACHING_SECONDS, http_moment, short_caching
from compliance.published.index import Index, PublishedEntry

# Not "immutable", even for a numbered publication: it may be withdrawn, and must then leave the
# caches within the hour.
_LONG_CACHING = "public, max-age=3600"
_CSVW_TYPE = "application/csvm+json"


@dataclass(frozen=True, slots=True)
class ResponseValidity:
    """How long a response may be given again from memory.

    It is valid while the index of one register (`slug`), or all of them (None), has `version`, and
    until a moment at which a publication takes effect without a further decision.
    """

    slug: str | None
    version: Hashable
    until: datetime | None

    @classmethod
    def of(cls, index: Index, at: datetime) -> Self | None:
        """Return the validity of a response made of one index, or None if it must not be kept."""
        change = index.changes_after(at)
        # In the last minute before a change `max-age` counts down, so every answer is different.
        until = change - timedelta(seconds=SHORT_CACHING_SECONDS) if change else None
        if not index.version or (until and at >= until):
            return None
        return cls(index.slug, index.version, until)

    @classmethod
    def of_all(
        cls, indexes: Sequence[Index], versions: Hashable | None, at: datetime
    ) -> Self | None:
        """Return the validity of a response made of all indexes, or None if it must not be kept.

        `versions` is what `reader.index_versions()` returned before the indexes were read.
        """
        if not versions:
            return None
        ends = []
        for index in indexes:
            validity = cls.of(index, at)
            if validity is None:
                return None
            if validity.until:
                ends.append(validity.until)
        return cls(None, versions, min(ends, default=None))

    def holds(self, at: datetime) -> bool:
        """Return whether the response is still what would be made at a moment."""
        if self.until and at >= self.until:
            return False
        if self.slug is None:
            return reader.index_versions() == self.version
        return reader.index_version(self.slug) == self.version


class PublicResponse(HttpResponse):
    """A response made of the published store alone, and so the same for everybody."""

    validity: ResponseValidity | None = None

    def made_of(self, index: Index, at: datetime) -> Self:
        """Set the caching headers and the validity of a response made of an index; return it."""
        self.validity = ResponseValidity.of(index, at)
        self["Last-Modified"] = http_moment(index.changed_at(at))
        self["Cache-Control"] = short_caching(index, at)
        return self

    def made_of_all(self, versions: Hashable | None) -> Self:
        """Let the response depend on the indexes of all registers; return it.

        `versions` is what `reader.index_versions()` returned before the indexes were read.
        """
        if self.validity:
            self.validity = (
                replace(self.validity, slug=None, version=versions) if versions else None
            )
        return self


def settings_response(content: bytes, content_type: str) -> PublicResponse:
    """Return a response that needs neither the database nor the published store.

    It changes only with the settings, the software or the day.
    """
    headers = {"ETag": _etag(content), "Cache-Control": _LONG_CACHING}
    return PublicResponse(content, content_type=content_type, headers=headers)


def site_response(
    content: bytes,
    content_type: str,
    indexes: Sequence[Index],
    *,
    versions: Hashable | None,
    at: datetime,
) -> PublicResponse:
    """Return a response made of the indexes of all registers.

    `versions` is what `reader.index_versions()` returned before the indexes were read.
    """
    response = settings_response(content, content_type)
    response.validity = ResponseValidity.of_all(indexes, versions, at)
    seconds = SHORT_CACHING_SECONDS
    for index in indexes:
        seconds = index.fresh_for(at, seconds=seconds)
    response["Cache-Control"] = f"public, max-age={seconds}"
    if indexes:
        response["Last-Modified"] = http_moment(max(index.changed_at(at) for index in indexes))
    return response


def html_response(
    template: str, context: dict[str, Any], index: Index, at: datetime, *, status: int = 200
) -> PublicResponse:
    """Return a page of a register at a moment; no cache keeps one with another status than 200."""
    html = render_to_string(template, context).encode()
    if status != HTTPStatus.OK:
        return PublicResponse(html, status=status, headers={"Cache-Control": "no-store"})
    return PublicResponse(html, headers={"ETag": _etag(html)}).made_of(index, at)


def page_response(page: PublicationContext, *, path: str) -> PublicResponse:
    """Return the page of a publication; `path` is the page's own address. Raises StoreFault."""
    body = reader.read_file(page.index, page.entry, "html").decode()
    # The body was escaped when it was frozen, and its bytes have the hash that was approved.
    context = {"page": page, "body": mark_safe(body), "dataset": dataset(page)}  # noqa: S308
    response = html_response("public/page.html", context, page.index, page.at)
    if path == page.path:
        _add_memento(response, page.index, page.entry, page.at, suffix="/")
    return _with_publication(response, page.index, page.entry, canonical_path=path, own_path=path)


def file_response(
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

    `settled` lets caches keep it for an hour: its address always names this publication. `memento`
    adds the headers of RFC 7089 for what was in force at some time.

    Raises Refusal for a format that the publication does not have, StoreFault for a damaged file.
    """
    if format not in FORMATS or format not in entry.files:
        formats = ", ".join(name for name in FORMATS if name in entry.files)
        raise not_found(
            f"There is no {format} file of publication {entry.number}. There are: {formats}."
        )
    response = PublicResponse(
        reader.read_file(index, entry, format),
        content_type=_content_type(format),
        headers={"ETag": f'"{entry.files[format].sha256}"'},
    ).made_of(index, at)
    if settled:
        response["Cache-Control"] = _LONG_CACHING
    if memento:
        _add_memento(response, index, entry, at, suffix=f".{format}")
    own_path = f"{page_path.rstrip('/')}.{format}"
    _with_publication(response, index, entry, canonical_path=page_path, own_path=own_path)
    if format == "csv":
        response["Link"] += f', <{own_path}-metadata.json>; rel="describedby"; type="{_CSVW_TYPE}"'
    elif format == "json":
        schema = reverse("schema")
        response["Link"] += f', <{schema}>; rel="describedby"; type="application/schema+json"'
    return response


def metadata_response(
    index: Index, entry: PublishedEntry, *, at: datetime, page_path: str
) -> PublicResponse:
    """Return the CSVW metadata of a publication's CSV file.

    Raises Refusal if it has none, StoreFault for a damaged file.
    """
    if "csv" not in entry.files:
        raise not_found(f"There is no csv file of publication {entry.number}.")
    name = page_path.rstrip("/").rpartition("/")[2]
    # Which columns the file has depends on the tables of the page.
    columns = csv.columns(changelog.read_snapshot(index, entry))
    metadata = csv_metadata(entry, f"{name}.csv", columns)
    content = json.dumps(metadata, ensure_ascii=False).encode()
    headers = {"ETag": _etag(content)}
    return PublicResponse(content, content_type=_CSVW_TYPE, headers=headers).made_of(index, at)


def _with_publication(
    response: PublicResponse,
    index: Index,
    entry: PublishedEntry,
    *,
    canonical_path: str,
    own_path: str,
) -> PublicResponse:
    """Add the headers that name a publication and link to its other formats."""
    response["Publication-Number"] = str(entry.number)
    response["Content-SHA256"] = entry.content_sha256
    links = [f'<{canonical_path}>; rel="canonical"']
    if own_path != canonical_path:
        links.append(f'<{canonical_path}>; rel="alternate"; type="text/html"')
    for name, path in file_paths(canonical_path, entry).items():
        if path != own_path:
            media_type = FORMATS[name].media_type.partition(";")[0]
            links.append(f'<{path}>; rel="alternate"; type="{media_type}"')
    latest = reverse("public:register", kwargs={"slug": index.slug})
    # The relation of RFC 5829 for the newest version of what has several.
    links.append(f'<{latest}>; rel="latest-version"')
    if "Link" in response.headers:
        links.insert(0, response.headers["Link"])
    response["Link"] = ", ".join(links)
    return response


def _add_memento(
    response: HttpResponse, index: Index, entry: PublishedEntry, at: datetime, *, suffix: str
) -> None:
    """Add since when it was in force, and links to its neighbours in time (RFC 7089, 2.2)."""
    if entry.is_waiting(at) or entry.withdrawn_at:
        return
    response["Memento-Datetime"] = http_moment(entry.effective_from)
    register = reverse("public:register", kwargs={"slug": index.slug}).rstrip("/")
    links = [f'<{register}{suffix}>; rel="original"']
    for neighbour, relation in _neighbours(index, entry, at):
        moment = http_moment(neighbour.effective_from)
        address = f"{register}/{neighbour.number}{suffix}"
        links.append(f'<{address}>; rel="{relation}"; datetime="{moment}"')
    response["Link"] = ", ".join(links)


def _neighbours(
    index: Index, entry: PublishedEntry, at: datetime
) -> Iterator[tuple[PublishedEntry, str]]:
    """Yield the first, previous, next and last memento, each once with all of its relations."""
    mementos = index.mementos(at)
    position = bisect_left(mementos, entry.number, key=lambda memento: memento.number)
    positions = {
        "first": 0,
        "prev": position - 1,
        "next": position + 1,
        "last": len(mementos) - 1,
    }
    relations: defaultdict[int, list[str]] = defaultdict(list)
    for relation, neighbour in positions.items():
        if 0 <= neighbour < len(mementos):
            relations[neighbour].append(relation)
    for neighbour, names in relations.items():
        yield mementos[neighbour], " ".join([*names, "memento"])


def _content_type(format: str) -> str:
    media_type = FORMATS[format].media_type
    has_charset = ";" in media_type or not media_type.startswith("text/")
    return media_type if has_charset else f"{media_type}; charset=utf-8"


def _etag(content: bytes) -> str:
    return f'"{canonical.sha256(content)}"'
