"""Reads indexes, files, log and heads of the published store, without the database."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from compliance.page import canonical
from compliance.published import storage
from compliance.published.errors import AlteredFile, MissingFile, StoreFault
from compliance.published.index import Index, PublishedEntry, parse_head, parse_index
from compliance.published.log import PublicLog, parse_log


@dataclass(frozen=True, slots=True)
class _ReadIndex:
    """An index, with the hash of its file: keeping the bytes would double the memory."""

    sha256: str
    index: Index


@dataclass(frozen=True, slots=True)
class _ReadLog:
    """The public log, with the hash of its file."""

    sha256: str
    log: PublicLog


_read_indexes: dict[str, _ReadIndex] = {}
# At most the one log, under the name of its file.
_read_logs: dict[str, _ReadLog] = {}


def read_index(slug: str) -> Index | None:
    """Return the index of a register, or None if nothing of it was published; raises StoreFault.

    The index of an earlier call is returned again while its file has the same version or, where
    the storage cannot tell the version, the same bytes.
    """
    version = index_version(slug)
    known = _read_indexes.get(slug)
    if known and version and known.index.version == version:
        return known.index
    content = storage.load(storage.index_name(slug))
    if content is None:
        storage.require_store()
        _read_indexes.pop(slug, None)
        return None
    sha256 = canonical.sha256(content)
    index = known.index if known and known.sha256 == sha256 else parse_index(content, slug)
    if index.version != version:
        index = replace(index, version=version)
    _read_indexes[slug] = _ReadIndex(sha256, index)
    return index


def read_indexes() -> list[Index]:
    """Return the index of every register, in the order of their slugs; raises StoreFault."""
    storage.require_store()
    indexes = [read_index(slug) for slug in storage.register_folders()]
    return [index for index in indexes if index]


def index_version(slug: str) -> Hashable | None:
    """Return a value that changes with a register's index, or None if the storage cannot tell."""
    published: Any = storage.published_storage()
    version: Hashable | None = published.version(storage.index_name(slug))
    return version


def index_versions() -> Hashable | None:
    """Return a value that changes with any index, or None if the storage cannot tell."""
    if not storage.published_storage().exists(storage.RECORD):
        return ()
    versions = [(slug, index_version(slug)) for slug in storage.register_folders()]
    is_known = all(version is not None for _, version in versions)
    return tuple(versions) if is_known else None


def read_file(index: Index, entry: PublishedEntry, format: str) -> bytes:
    """Return a publication's file in one of its formats, checked against the published hash.

    Raises MissingFile or AlteredFile: no other bytes are ever returned in their place.
    """
    name = storage.file_name(index.slug, entry.number, format)
    content = storage.load(name)
    if content is None:
        raise MissingFile(f"{name} is missing from the published store. Run restore_store.")
    if canonical.sha256(content) != entry.files[format].sha256:
        raise AlteredFile(f"{name} is not the file that was published. Run restore_store.")
    return content


def read_json(index: Index, entry: PublishedEntry) -> dict[str, Any]:
    """Return the frozen JSON of a publication as it was written; raises StoreFault."""
    value: dict[str, Any] = json.loads(read_file(index, entry, "json"))
    return value


def read_log() -> PublicLog | None:
    """Return the public log, or None if none was signed yet; raises StoreFault.

    The log of an earlier call is returned again while its file has the same version or, where the
    storage cannot tell the version, the same bytes: hashing the leaves of a long log takes time.
    """
    published: Any = storage.published_storage()
    version: Hashable | None = published.version(storage.LOG)
    known = _read_logs.get(storage.LOG)
    if known and version and known.log.version == version:
        return known.log
    content = storage.load(storage.LOG)
    if content is None:
        storage.require_store()
        _read_logs.pop(storage.LOG, None)
        return None
    sha256 = canonical.sha256(content)
    log = known.log if known and known.sha256 == sha256 else parse_log(content)
    if log.version != version:
        log = replace(log, version=version)
    _read_logs[storage.LOG] = _ReadLog(sha256, log)
    return log


def readable_index(slug: str) -> Index | None:
    """Return a register's index, or None if it is missing or damaged."""
    try:
        return read_index(slug)
    except StoreFault:
        return None


def readable_log() -> PublicLog | None:
    """Return the public log, or None if it is missing or damaged."""
    try:
        return read_log()
    except StoreFault:
        return None


def read_head() -> Mapping[str, Any] | None:
    """Return the number, hash and time of the ledger's last entry, or None before the first.

    Raises StoreFault.
    """
    content = storage.load(storage.HEAD)
    if content is None:
        storage.require_store()
        return None
    try:
        return parse_head(json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreFault(
            "The head of the published store cannot be read. Run restore_store."
        ) from error


def read_heads() -> list[Mapping[str, Any]]:
    """Return every head in the store: the store's own and that of each index.

    Raises StoreFault.
    """
    heads = [read_head(), *(index.head for index in read_indexes())]
    return [head for head in heads if head]
