"""Writes the published store from the database, and compares the two.

Files are written before a decision is committed and the index after the commit. So a reader sees
the old publication or the new one, and never a part of it.
"""

import logging
from collections.abc import Iterator, Mapping

from django.db import transaction

from compliance.models import LedgerEntry, Record, Register
from compliance.models.changesets import take_editing_lock
from compliance.page import canonical
from compliance.published import storage
from compliance.published.errors import AlteredFile, StoreFault
from compliance.published.index import Index, encode_index
from compliance.published.projection import (
    build_index,
    checkpoint_of,
    frozen_file,
    published_registers,
)
from compliance.published.reader import read_checkpoint, read_file, read_index, read_indexes

logger = logging.getLogger(__name__)


def write_files(register_slug: str, number: int, files: Mapping[str, bytes]) -> None:
    """Write the files of a publication, by format, before its approval is committed.

    Raises ForeignStore, and AlteredFile if the index already names other bytes for that number.
    """
    storage.belongs_to(_record_id())
    index = _readable_index(register_slug)
    published = index.entry(number) if index else None
    for format, content in files.items():
        # An older database beside today's store would give a published number to another page.
        if published and published.files[format].sha256 != canonical.sha256(content):
            raise AlteredFile(
                f"Publication {number} of {register_slug} already has another {format} file."
            )
        storage.save(storage.file_name(register_slug, number, format), content)


def write_index(register: Register) -> None:
    """Write a register's index from the database, after a commit; raises ForeignStore.

    Files that are missing from the store are written first. An index of a higher revision stays,
    because it holds a later decision.
    """
    # Before the transaction: a rollback must not take back the id that the store now carries.
    record = _record_id()
    storage.claim(record)
    with transaction.atomic(durable=True):
        take_editing_lock()
        stored = _readable_index(register.slug)
        index = build_index(register, record, known=stored)
        if index is None:
            return
        if stored and stored.revision > index.revision:
            logger.error(
                "The index of %s is ahead of the database."
                " Was a backup restored? Run restore_store.",
                index.slug,
            )
            return
        _write_missing_files(register, index)
        storage.save(storage.index_name(index.slug), encode_index(index))
    write_checkpoint()


def write_checkpoint() -> None:
    """Write the ledger's last entry to the store, after a commit.

    A later checkpoint stays. Where there is no store yet, nothing is written.
    """
    if not storage.belongs_to(_record_id()):
        return
    with transaction.atomic(durable=True):
        take_editing_lock()
        last, stored = checkpoint_of(LedgerEntry.objects.last()), read_checkpoint()
        is_later = stored and last and stored["number"] > last["number"]
        if last and not is_later:
            storage.save(storage.CHECKPOINT, canonical.encode(last))


def complete() -> None:
    """Create the store if there is none, and write the indexes that are behind the database.

    It is called at every start: the last process may have ended between a commit and the index.
    """
    storage.claim(_record_id())
    slugs = slugs_behind()
    for register in published_registers().filter(slug__in=slugs):
        write_index(register)


def restore() -> None:
    """Write the whole store from the database, over whatever it holds; raises ForeignStore.

    The index of a register that the database does not publish is removed.
    """
    record = _record_id()
    storage.claim(record)
    with transaction.atomic(durable=True):
        take_editing_lock()
        registers = list(published_registers())
        for register in registers:
            index = build_index(register, record, known=None)
            if index is not None:
                _write_all_files(register, index)
                storage.save(storage.index_name(index.slug), encode_index(index))
        if last := checkpoint_of(LedgerEntry.objects.last()):
            storage.save(storage.CHECKPOINT, canonical.encode(last))
    _remove_other_indexes({register.slug for register in registers})


def slugs_behind() -> list[str]:
    """Return the slugs of the registers whose index is not as new as the database.

    Raises ForeignStore.
    """
    storage.belongs_to(_record_id())
    slugs = []
    for register in published_registers():
        index = _readable_index(register.slug)
        if index is None or index.revision != register.revision:
            slugs.append(register.slug)
    return slugs


def find_differences() -> Iterator[str]:
    """Yield a sentence for each index that differs from the database.

    Every file is read as well: raises StoreFault for one that is missing or altered.
    """
    record = _record_id()
    if not storage.belongs_to(record):
        storage.require_store()
    published_slugs = set()
    for register in published_registers():
        published_slugs.add(register.slug)
        index = read_index(register.slug)
        if index is None or index != build_index(register, record, known=None):
            yield (
                f"The published index of {register.slug} is not what the database says."
                " Run restore_store."
            )
            continue
        for entry in index.publications:
            for format in entry.files:
                read_file(index, entry, format)
    for index in read_indexes():
        if index.slug not in published_slugs:
            yield (
                f"The published store shows {index.slug}, which the database does not publish."
                " Run restore_store."
            )


def _record_id() -> str:
    return str(Record.identity())


def _readable_index(slug: str) -> Index | None:
    """Return a register's index, or None if it is missing or damaged.

    A damaged one counts as missing because the database has everything that it held.
    """
    try:
        return read_index(slug)
    except StoreFault:
        return None


def _write_missing_files(register: Register, index: Index) -> None:
    stored_names = _stored_names(index.slug)
    for entry in index.publications:
        for format in entry.files:
            name = storage.file_name(index.slug, entry.number, format)
            if name not in stored_names:
                storage.save(name, frozen_file(register, entry, format))


def _stored_names(slug: str) -> set[str]:
    """Return the names of a register's files with one call instead of one `exists` for each."""
    try:
        return {f"{slug}/{name}" for name in storage.published_storage().listdir(slug)[1]}
    except FileNotFoundError:
        return set()


def _write_all_files(register: Register, index: Index) -> None:
    for entry in index.publications:
        for format in entry.files:
            name = storage.file_name(index.slug, entry.number, format)
            storage.save(name, frozen_file(register, entry, format))


def _remove_other_indexes(slugs: set[str]) -> None:
    published = storage.published_storage()
    for slug in storage.register_folders():
        name = storage.index_name(slug)
        if slug not in slugs and published.exists(name):
            published.delete(name)
