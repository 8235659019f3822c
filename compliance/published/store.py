"""The published store: immutable files named by number and format, and one small index per register.

The database is the record and the store its projection: the public doors read nothing else. Files are written before
a decision is committed and the index after it, so a reader sees the old publication or the new one, whole. Every
access goes through Django's storage API; another backend than the folder below needs an atomic put, and `version`.

What is asked of an index costs the same whatever the number of its publications: what depends on the moment is worked
out once for the time between two changes.
"""

import json
import logging
import os
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Length
from django.utils.deconstruct import deconstructible

from compliance.models import Decision, LedgerEntry, Publication, PublishedFile, Record, Register
from compliance.models.changesets import take_editing_lock
from compliance.models.ledger import moment_text as ledger_moment
from compliance.page import canonical

logger = logging.getLogger(__name__)

SCHEMA = "published-index/1"
_RECORD = "record"
_INDEX = "index.json"
_CHECKPOINT = "checkpoint.json"
# A file system's clock ticks every few milliseconds; a file older than this is not replaced within the same tick.
_TICK = 2_000_000_000  # nanoseconds
# Only these change what the public sees; a rejection does not.
_PUBLIC_ACTS = (Decision.Kind.APPROVED, Decision.Kind.WITHDRAWN)


class StoreFault(Exception):
    """The store cannot be read as it should; says what and what to do."""


class MissingFile(StoreFault):
    """A file that an index names is not there."""


class AlteredFile(StoreFault):
    """A file is not the one that was published."""


class ForeignStore(StoreFault):
    """The store belongs to the record of another installation."""


@deconstructible(path="compliance.published.store.PublishedFolder")
class PublishedFolder(FileSystemStorage):
    """A folder in which a file is there whole or not at all; saving replaces one of the same name."""

    def __init__(self, location: str | os.PathLike[str] | None = None, **options: Any) -> None:
        super().__init__(location=location, **{"allow_overwrite": True, **options})

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Write beside the target, reach the disk, then take the target's place; return the name."""
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as beside:
            try:
                for chunk in content.chunks():
                    beside.write(chunk)
                beside.flush()
                os.chmod(beside.name, self.file_permissions_mode or 0o644)
                os.fsync(beside.fileno())
                os.replace(beside.name, target)
            except BaseException:
                os.unlink(beside.name)
                raise
        for folder in (target.parent, target.parent.parent):
            _sync_folder(folder)
        return name

    def version(self, name: str) -> Hashable | None:
        """Return what is another once a file was replaced; None where there is none, or it is too young to be told.

        Two files put in its place within one tick of the clock may look the same, so a file is told only later.
        """
        try:
            found = os.stat(self.path(name))
        except OSError:
            return None
        is_settled = time.time_ns() - found.st_ctime_ns > _TICK
        return (found.st_ino, found.st_ctime_ns, found.st_size) if is_settled else None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One artefact of a publication, as the index knows it."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """A publication that was approved, with the register's facts as they were frozen with it."""

    number: int
    title: str
    language: str
    publisher: str
    contact: str
    licence: str
    source: str
    effective_from: datetime
    approved_at: datetime
    announced: bool
    withdrawn_at: datetime | None
    files: Mapping[str, StoredFile]

    @property
    def content_sha256(self) -> str:
        """The hash of the canonical JSON."""
        return self.files["json"].sha256

    def stood(self, at: datetime) -> bool:
        """Say whether it had taken effect and was not withdrawn at a moment."""
        return self.effective_from <= at and not (self.withdrawn_at and self.withdrawn_at <= at)

    def seen_at(self) -> Iterator[datetime]:
        """Give the moments at which the public sees it come, take effect and go; none where it never was seen."""
        # One from before the registry took effect before it was approved, and came only then.
        comes = self.approved_at if self.announced else max(self.approved_at, self.effective_from)
        if self.withdrawn_at is None or self.withdrawn_at > comes:
            yield comes
            yield from filter(None, (self.effective_from, self.withdrawn_at))

    def is_visible(self, at: datetime) -> bool:
        """Say whether the public may see it: from the day it takes effect, or before where it is announced."""
        return self.withdrawn_at is None and (self.announced or self.effective_from <= at)


@dataclass(frozen=True, slots=True)
class _Validity:
    """What is so from one change of an index to the next."""

    visible: tuple[PublishedEntry, ...]
    mementos: tuple[PublishedEntry, ...]


@dataclass(frozen=True)
class Index:
    """What is published of one register: its publications by number."""

    record: str
    revision: int
    slug: str
    publications: tuple[PublishedEntry, ...]
    # The ledger's last entry when the index was written; not part of what two indexes are compared by.
    checkpoint: Mapping[str, Any] | None = field(default=None, compare=False)
    # Of the file that it was read from, None where that could not be told.
    version: Hashable | None = field(default=None, compare=False)

    def entry(self, number: int) -> PublishedEntry | None:
        """Return the publication of a number, or None."""
        return self._by_number.get(number)

    def in_force(self, at: datetime) -> PublishedEntry | None:
        """Return the publication in force at a moment, as far as it was not withdrawn since, or None."""
        place = bisect_right(self._standing, at, key=_effective_from)
        return self._standing[place - 1] if place else None

    def public_at(self, at: datetime) -> PublishedEntry | None:
        """Return what the public saw at a moment, even if it was withdrawn later, or None."""
        place = bisect_right(self._by_moment, at, key=_effective_from)
        earlier = (self._by_moment[each] for each in range(place - 1, -1, -1))
        return next((entry for entry in earlier if entry.stood(at)), None)

    def visible(self, at: datetime) -> tuple[PublishedEntry, ...]:
        """Return the publications that the public may see, the newest first."""
        return self._span(at).visible

    def mementos(self, at: datetime) -> tuple[PublishedEntry, ...]:
        """Return the publications that are or were in force at some time up to a moment, the first first."""
        return self._span(at).mementos

    def before(self, number: int, at: datetime) -> PublishedEntry | None:
        """Return the publication before a number that the public may see at a moment, or None."""
        visible = self.visible(at)
        place = bisect_right(visible, -number, key=lambda entry: -entry.number)
        return visible[place] if place < len(visible) else None

    def after(self, number: int, at: datetime) -> PublishedEntry | None:
        """Return the publication that took the place of a number up to a moment, or None."""
        mementos = self.mementos(at)
        place = bisect_right(mementos, number, key=lambda entry: entry.number)
        return mementos[place] if place < len(mementos) else None

    def fresh_for(self, at: datetime, *, seconds: int) -> int:
        """Return for how many seconds an answer holds, at most those given: until the next one takes effect."""
        place = bisect_right(self._standing, at, key=_effective_from)
        waiting = self._standing[place : place + 1]
        return min(
            [seconds, *(int((entry.effective_from - at).total_seconds()) for entry in waiting)]
        )

    def changed_at(self, at: datetime) -> datetime:
        """Return when what the public sees last changed, up to a moment; an act that it does not see is none."""
        place = bisect_right(self._moments, at)
        return self._moments[place - 1] if place else at

    def changes_after(self, at: datetime) -> datetime | None:
        """Return when what the public sees changes next without any act, or None."""
        place = bisect_right(self._moments, at)
        return self._moments[place] if place < len(self._moments) else None

    @cached_property
    def _by_number(self) -> dict[int, PublishedEntry]:
        return {entry.number: entry for entry in self.publications}

    @cached_property
    def _by_moment(self) -> tuple[PublishedEntry, ...]:
        return tuple(sorted(self.publications, key=_effective_from))

    @cached_property
    def _standing(self) -> tuple[PublishedEntry, ...]:
        return tuple(entry for entry in self._by_moment if not entry.withdrawn_at)

    @cached_property
    def _moments(self) -> tuple[datetime, ...]:
        return tuple(sorted({moment for entry in self.publications for moment in entry.seen_at()}))

    @cached_property
    def _spans(self) -> dict[int, _Validity]:
        return {}

    def _span(self, at: datetime) -> _Validity:
        """Return what is so at a moment. Only the last that was asked for is kept: it is nearly always now."""
        place = bisect_right(self._moments, at)
        span = self._spans.get(place)
        if span is None:
            span = _Validity(
                tuple(entry for entry in reversed(self.publications) if entry.is_visible(at)),
                tuple(
                    e for e in self.publications if e.effective_from <= at and not e.withdrawn_at
                ),
            )
            self._spans.clear()
            self._spans[place] = span
        return span


def _effective_from(entry: PublishedEntry) -> datetime:
    return entry.effective_from


def read(slug: str) -> Index | None:
    """Return the index of a register, None where nothing of it was published; raises StoreFault.

    One that was read before is given again as long as its file has the same version or, where that cannot be told, the
    same bytes.
    """
    name = f"{slug}/{_INDEX}"
    found, known = version(slug), _known.get(slug)
    if known and found and known.index.version == found:
        return known.index
    content = _read(name)
    if content is None:
        _refuse_missing_store()
        _known.pop(slug, None)
        return None
    sha256 = canonical.sha256(content)
    index = known.index if known and known.sha256 == sha256 else _parsed(content, slug)
    if index.version != found:
        index = replace(index, version=found)
    _known[slug] = _Known(sha256, index)
    return index


def version(slug: str | None = None) -> Hashable | None:
    """Return the version of a register's index, or of all indexes; None where it cannot be told."""
    storage: Any = _storage()
    if slug is not None:
        told: Hashable | None = storage.version(f"{slug}/{_INDEX}")
        return told
    slugs = sorted(storage.listdir("")[0]) if storage.exists(_RECORD) else []
    found = {each: version(each) for each in slugs}
    return None if None in found.values() else tuple(found.items())


def indexes() -> list[Index]:
    """Return the index of every register, by slug; raises StoreFault."""
    _refuse_missing_store()
    folders = _storage().listdir("")[0]
    return [index for slug in sorted(folders) if (index := read(slug))]


def content(index: Index, entry: PublishedEntry, format: str) -> bytes:
    """Return the bytes of a publication in a format that its files name; raises MissingFile or AlteredFile."""
    name = _file_name(index.slug, entry.number, format)
    content = _read(name)
    if content is None:
        raise MissingFile(f"{name} is missing from the published store. Run restore_store.")
    if canonical.sha256(content) != entry.files[format].sha256:
        raise AlteredFile(f"{name} is not the file that was published. Run restore_store.")
    return content


def write_files(register_slug: str, number: int, files: Mapping[str, bytes]) -> None:
    """Write the artefacts of a publication, before its approval is committed.

    Raises ForeignStore, and AlteredFile for other bytes than those that the index already names.
    """
    _refuse_foreign(str(Record.identity()))
    index = _readable(register_slug)
    published = index.entry(number) if index else None
    for format, content in files.items():
        if published and published.files[format].sha256 != canonical.sha256(content):
            raise AlteredFile(
                f"Publication {number} of {register_slug} already has another {format} file."
            )
        _write(_file_name(register_slug, number, format), content)


def write_index(register: Register) -> None:
    """Make a register's index from the database, after a commit; raises ForeignStore.

    An index of a higher revision stays: it holds a later decision. Files that the store lacks are written first.
    """
    record = str(
        Record.identity()
    )  # outside the transaction below: what names the store must not be rolled back
    _claim(record)
    with transaction.atomic(durable=True):
        take_editing_lock()
        current = _readable(register.slug)
        index = _made(register, record, known=current)
        if index is None:
            return
        if current and current.revision > index.revision:
            logger.error(
                "The index of %s is ahead of the database. Was a backup restored? Run restore_store.",
                index.slug,
            )
            return
        _write_missing_files(register, index)
        _write(f"{index.slug}/{_INDEX}", _encoded(index))
    write_checkpoint()


def checkpoint() -> Mapping[str, Any] | None:
    """Return the ledger's last entry as number, hash and time, None before the first; raises StoreFault."""
    content = _read(_CHECKPOINT)
    if content is None:
        _refuse_missing_store()
        return None
    try:
        return _parsed_checkpoint(json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreFault(
            "The checkpoint of the published store cannot be read. Run restore_store."
        ) from error


def checkpoints() -> list[Mapping[str, Any]]:
    """Return every checkpoint that the store shows; raises StoreFault."""
    shown = [checkpoint(), *(index.checkpoint for index in indexes())]
    return [each for each in shown if each]


def checkpoint_of(entry: LedgerEntry | None) -> dict[str, Any] | None:
    """Return an entry of the ledger as it is shown: number, hash and time."""
    return (
        {"number": entry.number, "hash": entry.sha256, "time": ledger_moment(entry.recorded_at)}
        if entry
        else None
    )


def write_checkpoint() -> None:
    """Show the ledger's last entry, after a commit; a later one stays. Without a store nothing is shown."""
    if not _refuse_foreign(str(Record.identity())):
        return
    with transaction.atomic(durable=True):
        take_editing_lock()
        last, shown = checkpoint_of(LedgerEntry.objects.last()), checkpoint()
        if last and not (shown and shown["number"] > last["number"]):
            _write(_CHECKPOINT, canonical.encode(last))


def differences() -> Iterator[str]:
    """Give what the store holds otherwise than the database, a sentence each; raises StoreFault."""
    record = str(Record.identity())
    if not _refuse_foreign(record):
        _refuse_missing_store()
    published = _published_registers()
    for register in published:
        index = read(register.slug)
        if index is None or index != _made(register, record, known=None):
            yield f"The published index of {register.slug} is not what the database says. Run restore_store."
            continue
        for entry in index.publications:
            for format in entry.files:
                content(index, entry, format)
    for slug in {index.slug for index in indexes()} - {register.slug for register in published}:
        yield f"The published store shows {slug}, which the database does not publish. Run restore_store."


def behind() -> list[str]:
    """Return the slugs of the registers whose index does not stand where the database stands; raises StoreFault."""
    _refuse_foreign(str(Record.identity()))
    return [register.slug for register in _published_registers() if _is_behind(register)]


def complete() -> None:
    """Make the store where there is none, and write the indexes that are behind the database.

    The last process may have ended between commit and index.
    """
    _claim(str(Record.identity()))
    slugs = behind()
    for register in _published_registers().filter(slug__in=slugs):
        write_index(register)


def restore() -> None:
    """Write the whole store anew from the database, over whatever it holds; raises ForeignStore.

    An index of a register that the database does not publish is removed.
    """
    record = str(Record.identity())
    _claim(record)
    with transaction.atomic(durable=True):
        take_editing_lock()
        registers = list(_published_registers())
        for register in registers:
            index = _made(register, record, known=None)
            if index is not None:
                _write_all_files(register, index)
                _write(f"{index.slug}/{_INDEX}", _encoded(index))
        if last := checkpoint_of(LedgerEntry.objects.last()):
            _write(_CHECKPOINT, canonical.encode(last))
    _remove_indexes_except({register.slug for register in registers})


@dataclass(frozen=True, slots=True)
class _Known:
    """An index that was read, with the hash of its file: the bytes would take as much memory again."""

    sha256: str
    index: Index


_known: dict[str, _Known] = {}


def _storage() -> Storage:
    return storages["published"]


def _read(name: str) -> bytes | None:
    storage = _storage()
    if not storage.exists(name):  # asked first: a name too long for the disk is no error either
        return None
    try:
        with storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreFault(
            f"{name} of the published store cannot be read: {error.strerror}."
        ) from error


def _write(name: str, content: bytes) -> None:
    _storage().save(name, ContentFile(content))


def _file_name(slug: str, number: int, format: str) -> str:
    return f"{slug}/{number}.{format}"


def _refuse_foreign(record: str) -> bool:
    """Return whether the store already carries the id of a record; raises ForeignStore for another's."""
    carried = _read(_RECORD)
    if carried is not None and carried.decode("ascii", "replace").strip() != record:
        raise ForeignStore(
            "The published store belongs to another installation. Set PUBLISHED_ROOT to this one's own folder."
        )
    return carried is not None


def _refuse_missing_store() -> None:
    """Raise StoreFault where there is no store at all: a lost mount must not read as a registry without pages."""
    if not _storage().exists(_RECORD):
        raise StoreFault("The published store is not there. Mount it, or run restore_store.")


def _claim(record: str) -> None:
    if not _refuse_foreign(record):
        _write(_RECORD, f"{record}\n".encode("ascii"))


def _published_registers() -> QuerySet[Register, Any]:
    """Return the registers with an approved publication, annotated with `revision`: the last public act's key."""
    approved = Decision.objects.filter(kind=Decision.Kind.APPROVED)
    registers: QuerySet[Register, Any] = Register.objects.filter(pk__in=approved.values("register"))
    public_acts = Q(decisions__kind__in=_PUBLIC_ACTS)
    return registers.annotate(revision=Max("decisions__pk", filter=public_acts)).order_by("slug")


def _is_behind(register: Any) -> bool:
    index = _readable(register.slug)
    return index is None or index.revision != register.revision


def _readable(slug: str) -> Index | None:
    """Return a register's index, or None where there is none or it is damaged: the database has what it held."""
    try:
        return read(slug)
    except StoreFault:
        return None


def _made(register: Register, record: str, *, known: Index | None) -> Index | None:
    """Return the index that the database gives, or None where nothing was approved.

    A known index with the same past is continued: what it holds is taken from it, and only what was decided since
    is read.
    """
    published = _published_registers().filter(pk=register.pk).first()
    if published is None:
        return None
    before = known if known and _has_same_past(known, record) else None
    entries = {entry.number: entry for entry in before.publications} if before else {}
    decided = Decision.objects.filter(register=register, pk__gt=before.revision if before else 0)
    publications = Publication.objects.filter(pk__in=decided.values("publication")).approved()
    for publication in publications.prefetch_related("decisions"):
        entry = _entry(publication)
        entries[entry.number] = entry
    return Index(
        record=record,
        revision=published.revision,
        slug=published.slug,
        publications=tuple(entries[number] for number in sorted(entries)),
        checkpoint=checkpoint_of(LedgerEntry.objects.last()),
    )


def _has_same_past(index: Index, record: str) -> bool:
    """Say whether the ledger holds an index's checkpoint, so that all before it is as when the index was made.

    It does not where a backup was restored.
    """
    if index.record != record or index.checkpoint is None:
        return False
    number, sha256 = index.checkpoint["number"], index.checkpoint["hash"]
    return LedgerEntry.objects.filter(number=number, sha256=sha256).exists()


def _entry(publication: Any) -> PublishedEntry:
    acts = {decision.kind: decision for decision in publication.decisions.all()}
    approved, withdrawn = acts[Decision.Kind.APPROVED], acts.get(Decision.Kind.WITHDRAWN)
    title, language = _heading(publication)
    return PublishedEntry(
        number=approved.number,
        title=title,
        language=language,
        publisher=publication.publisher,
        contact=publication.contact,
        licence=publication.licence,
        source=publication.source,
        effective_from=approved.effective_from,
        approved_at=approved.at,
        announced=publication.announce,
        withdrawn_at=withdrawn.at if withdrawn else None,
        files=_files(publication),
    )


def _heading(publication: Publication) -> tuple[str, str]:
    """Return title and language of what was frozen: the register's own may have been edited since."""
    register = json.loads(bytes(publication.files.get(format="json").content))["register"]
    return register["title"], register["language"]


def _files(publication: Publication) -> dict[str, StoredFile]:
    files = publication.files.annotate(size=Length("content")).values_list(
        "format", "sha256", "size"
    )
    return {format: StoredFile(sha256, size) for format, sha256, size in files}


def _frozen(register: Register, entry: PublishedEntry, format: str) -> bytes:
    file = PublishedFile.objects.get(
        publication__register=register, publication__decisions__number=entry.number, format=format
    )
    return bytes(file.content)


def _write_missing_files(register: Register, index: Index) -> None:
    there = _names_in(index.slug)
    for entry in index.publications:
        for format in entry.files:
            name = _file_name(index.slug, entry.number, format)
            if name not in there:
                _write(name, _frozen(register, entry, format))


def _names_in(slug: str) -> set[str]:
    """Return the names of a register's files, asked for once: `exists` for each would be a call a publication."""
    try:
        return {f"{slug}/{name}" for name in _storage().listdir(slug)[1]}
    except FileNotFoundError:
        return set()


def _write_all_files(register: Register, index: Index) -> None:
    for entry in index.publications:
        for format in entry.files:
            _write(_file_name(index.slug, entry.number, format), _frozen(register, entry, format))


def _remove_indexes_except(slugs: set[str]) -> None:
    storage = _storage()
    for slug in storage.listdir("")[0]:
        if slug not in slugs and storage.exists(f"{slug}/{_INDEX}"):
            storage.delete(f"{slug}/{_INDEX}")


def _encoded(index: Index) -> bytes:
    # Not canonical, as nothing hashes it: RFC 8785 takes four times as long, at every approval.
    value = {
        "schema": SCHEMA,
        "record": index.record,
        "revision": index.revision,
        "register": {"slug": index.slug},
        "checkpoint": index.checkpoint,
        "publications": [_encoded_entry(entry) for entry in index.publications],
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _encoded_entry(entry: PublishedEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "title": entry.title,
        "language": entry.language,
        "publisher": entry.publisher,
        "contact": entry.contact,
        "licence": entry.licence,
        "source": entry.source,
        "effective_from": moment_text(entry.effective_from),
        "approved_at": moment_text(entry.approved_at),
        "announced": entry.announced,
        "withdrawn_at": moment_text(entry.withdrawn_at) if entry.withdrawn_at else None,
        "files": {
            name: {"sha256": file.sha256, "size": file.size} for name, file in entry.files.items()
        },
    }


def moment_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC: 2026-08-11T09:30:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parsed(content: bytes, slug: str) -> Index:
    """Return the index that some bytes hold; raises StoreFault."""
    try:
        value = json.loads(content, object_hook=_parsed_object)
        if value["schema"] != SCHEMA or value["register"]["slug"] != slug:
            raise ValueError("it is the index of something else")
        return Index(
            record=value["record"],
            revision=value["revision"],
            **value["register"],
            publications=tuple(_entries(value["publications"])),
            checkpoint=_parsed_checkpoint(value["checkpoint"]) if value.get("checkpoint") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreFault(
            f"The published index of {slug} cannot be read ({error}). Run restore_store."
        ) from error


def _parsed_checkpoint(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"number": int(value["number"]), "hash": str(value["hash"]), "time": str(value["time"])}


def _parsed_object(value: dict[str, Any]) -> Any:
    """Return an object of the index as what it is, while the rest is still being read.

    The whole of ten thousand publications as dictionaries first would take three times the memory.
    """
    if value.keys() == {"sha256", "size"}:
        return StoredFile(**value)
    if "files" not in value:
        return value
    said = {
        name: sys.intern(each) for name, each in value.items() if isinstance(each, str)
    }  # most say the same
    withdrawn_at = value["withdrawn_at"]
    return PublishedEntry(
        **{
            **value,
            **said,
            "effective_from": datetime.fromisoformat(value["effective_from"]),
            "approved_at": datetime.fromisoformat(value["approved_at"]),
            "withdrawn_at": datetime.fromisoformat(withdrawn_at) if withdrawn_at else None,
        }
    )


def _entries(values: list[Any]) -> Iterator[PublishedEntry]:
    for value in values:
        if not isinstance(value, PublishedEntry):
            raise ValueError("a publication has no files")
        yield value
