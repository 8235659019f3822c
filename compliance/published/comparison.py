"""Compares the published store with the database: what is behind, differs or contradicts."""

from collections.abc import Iterator
from datetime import datetime

from compliance.models import PublicEvent, Record, Register
from compliance.published import merkle, storage
from compliance.published.errors import ContradictingStore
from compliance.published.index import Index
from compliance.published.log import PublicLog
from compliance.published.projection import (
    build_index,
    entry_in_force,
    is_confirmed,
    published_registers,
)
from compliance.published.reader import (
    read_file,
    read_index,
    read_indexes,
    read_log,
    readable_index,
    readable_log,
)
from compliance.published.signed_note import load_signing_key


def slugs_behind() -> list[str]:
    """Return the slugs of the registers whose index is not as new as the database.

    Raises ForeignStore.
    """
    storage.belongs_to(record_id())
    slugs = []
    for register in published_registers():
        index = readable_index(register.slug)
        if index is None or index.revision != register.revision:
            slugs.append(register.slug)
    return slugs


def what_is_behind() -> list[str]:
    """Return what is not as new as the database: slugs of registers, and the public log.

    Raises StoreFault.
    """
    return [*slugs_behind(), *(["the public log"] if is_log_behind() else [])]


def is_log_behind() -> bool:
    """Return whether the public log does not end with the last event of the database.

    It is not behind where there is neither a log nor a key to sign one. Raises StoreFault.
    """
    log = readable_log()
    if log is None:
        return load_signing_key() is not None and PublicEvent.objects.exists()
    return leaf_hashes(after=log.size - 1) != list(log.leaf_hashes[-1:])


def differences_in_force(at: datetime) -> Iterator[str]:
    """Yield a sentence for each register whose index shows another page in force than the database.

    What it costs does not grow with the publications. Raises StoreFault.
    """
    behind = slugs_behind()
    for register in published_registers():
        index = read_index(register.slug)
        if register.slug in behind or index is None:
            yield f"The index of {register.slug} is not that of the database."
        elif index.in_force(at) != entry_in_force(register, at):
            yield f"The index of {register.slug} shows another page than the database has in force."
    if is_log_behind():
        yield "The public log is not that of the database."


def find_differences() -> Iterator[str]:
    """Yield a sentence for each index that differs from the database, and if the log does.

    Every file is read as well: raises StoreFault for one that is missing or altered.
    """
    record = record_id()
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
    log = read_log()
    if log and log.leaf_hashes != tuple(leaf_hashes()):
        yield "The public log of the store is not what the database says. Run restore_store."


def refuse_contradiction(index: Index | None, stored: Index) -> None:
    """Raise ContradictingStore if the store published something that the database does not have.

    `index` is what the database gives for the register, None if it publishes nothing of it. An
    older database than the store's would give published numbers to other pages, or show again what
    was withdrawn.
    """
    for published in stored.publications:
        entry = index.entry(published.number) if index else None
        name = f"publication {published.number} of {stored.slug}"
        if entry is published:
            continue
        if entry is None:
            raise ContradictingStore(f"The store has {name}, which the database does not know.")
        if (entry.approval_sha256, entry.files) != (published.approval_sha256, published.files):
            raise ContradictingStore(f"The store has {name} with another hash than the database.")
        if published.withdrawn_at and not entry.withdrawn_at:
            raise ContradictingStore(f"The store has {name} as withdrawn, the database does not.")
        if published.renewed_by and published.renewed_by != entry.renewed_by:
            raise ContradictingStore(f"The store has {name} as renewed, the database does not.")


def refuse_contradicting_index(register: Register, stored: Index) -> None:
    """Raise ContradictingStore if a register's index was not written from this database.

    If the ledger confirms the index, everything that it holds is in the database.
    """
    record = record_id()
    if not is_confirmed(stored, record):
        refuse_contradiction(build_index(register, record, known=None), stored)


def refuse_contradicting_log(log: PublicLog) -> None:
    """Raise ContradictingStore if the database does not have the last event of the log.

    An older database lacks it, or has another one in its place.
    """
    if log.leaf_hashes[-1:] != tuple(leaf_hashes(after=log.size - 1)[:1]):
        raise ContradictingStore("The public log has events that the database does not know.")


def refuse_rewritten_log(log: PublicLog) -> None:
    """Raise ContradictingStore unless the database begins with all events of the log."""
    if log.leaf_hashes != tuple(leaf_hashes()[: log.size]):
        raise ContradictingStore("The public log has events that the database does not know.")


def leaf_hashes(*, after: int = 0) -> list[bytes]:
    """Return the hashes of the leaves that the database has after a number, in order."""
    events = PublicEvent.objects.filter(number__gt=after)
    return [merkle.hash_leaf(leaf.encode()) for leaf in events.values_list("leaf", flat=True)]


def record_id() -> str:
    """Return the id of this installation's record; the first call creates it."""
    return str(Record.identity())
