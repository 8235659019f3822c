"""Writes the published store from the database.

Files are written before a decision is committed and the index after the commit. So a reader sees
the old publication or the new one, and never a part of it. The public log is written before the
index: what is shown can be proved.
"""

import logging
from collections.abc import Iterable, Mapping

from django.db import transaction

from compliance.models import LedgerEntry, PublicEvent, Register
from compliance.models.changesets import take_editing_lock
from compliance.page import canonical
from compliance.published import storage
from compliance.published.comparison import (
    leaf_hashes,
    record_id,
    refuse_contradicting_index,
    refuse_contradicting_log,
    refuse_contradiction,
    refuse_rewritten_log,
    slugs_behind,
)
from compliance.published.errors import AlteredFile, StoreFault
from compliance.published.index import Index, encode_index
from compliance.published.log import PublicLog, encode_log, sign_log
from compliance.published.projection import (
    build_index,
    frozen_file,
    head_of,
    published_registers,
)
from compliance.published.reader import read_head, readable_index, readable_log
from compliance.published.signed_note import SigningKey, UnusableKey, load_signing_key

logger = logging.getLogger(__name__)


def check_and_repair(register: Register | None) -> None:
    """Write a register's index again, or raise if the store cannot take its next decision.

    `register` is None for one that is to be made. An index or file that is missing is written.
    Call it under the editing lock, before the decision is inserted. A decision that is recorded and
    cannot be shown leaves in public what was withdrawn, so the register's index is written again as
    it is. Raises StoreFault or OSError.
    """
    is_missing = not storage.belongs_to(record_id()) and storage.is_empty()
    if is_missing and PublicEvent.objects.exists():
        storage.require_store()
    log = readable_log()
    require_key_of(log)
    if log:
        refuse_contradicting_log(log)
    if register is None:
        return
    stored = readable_index(register.slug)
    if stored:
        refuse_contradicting_index(register, stored)
        name = storage.index_name(register.slug)
        storage.save(name, storage.load(name) or encode_index(stored))
    elif index := build_index(register, record_id(), known=None):
        _write_missing_files(register, index)
        storage.save(storage.index_name(index.slug), encode_index(index))


def require_key_of(log: PublicLog | None) -> SigningKey | None:
    """Return the signing key, or None if there is none and nothing was signed either.

    Raises UnusableKey if another key signed the log: one log has one key, by which strangers know
    it.
    """
    key = load_signing_key()
    if log and (key is None or key.verifier_key != log.verifier_key):
        raise UnusableKey(
            f"The public log was signed by the key {log.verifier_key}, which is not in"
            " SIGNING_KEY_FILE. Put the file with that key back."
        )
    return key


def write_files(
    register_slug: str, number: int, approval_sha256: str, files: Mapping[str, bytes]
) -> None:
    """Write the files of a publication, by format, before its approval is committed.

    Raises ForeignStore, and AlteredFile if the index already names other bytes or another approval
    for that number.
    """
    storage.belongs_to(record_id())
    index = readable_index(register_slug)
    published = index.entry(number) if index else None
    # An older database beside today's store would give a published number to another page.
    if published and published.approval_sha256 != approval_sha256:
        raise AlteredFile(f"Publication {number} of {register_slug} already is another one.")
    for format, content in files.items():
        if published and published.files[format].sha256 != canonical.sha256(content):
            raise AlteredFile(
                f"Publication {number} of {register_slug} already has another {format} file."
            )
        storage.save(storage.file_name(register_slug, number, format), content)


def write_index(register: Register) -> None:
    """Write a register's index and the public log from the database, after a commit.

    A damaged index counts as missing, because the database has everything that it held.
    Files that are missing from the store are written first. An index of a higher revision stays,
    because it holds a later decision. Raises ForeignStore, and ContradictingStore if the index has
    a publication that the database does not have.
    """
    # Before the transaction: a rollback must not take back the id that the store now carries.
    record = record_id()
    storage.claim(record)
    with transaction.atomic(durable=True):
        take_editing_lock()
        stored = readable_index(register.slug)
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
        if stored:
            refuse_contradiction(index, stored)
        _write_missing_files(register, index)
        try:
            _extend_log()
        except (StoreFault, OSError):
            # What was withdrawn must leave the page even then. The next start signs the log.
            logger.exception("The public log could not be written.")
        storage.save(storage.index_name(index.slug), encode_index(index))
    write_head()


def _extend_log() -> None:
    """Sign the log with the events that it lacks; nothing without a key, or without such events.

    Raises UnusableKey, and ContradictingStore if the log has events that the database lacks: two
    checkpoints that contradict each other are never signed.
    """
    log = readable_log()
    key = require_key_of(log)
    if key is None:
        return
    if log:
        refuse_contradicting_log(log)
    known = log.leaf_hashes if log else ()
    if new := leaf_hashes(after=len(known)):
        storage.save(storage.LOG, encode_log(sign_log(key, [*known, *new])))


def write_head() -> None:
    """Write the ledger's last entry to the store, after a commit.

    A later head stays. Where there is no store yet, nothing is written.
    """
    if not storage.belongs_to(record_id()):
        return
    with transaction.atomic(durable=True):
        take_editing_lock()
        last, stored = head_of(LedgerEntry.objects.last()), read_head()
        is_later = stored and last and stored["number"] > last["number"]
        if last and not is_later:
            storage.save(storage.HEAD, canonical.encode(last))


def complete() -> None:
    """Create the store if there is none, and write what is behind the database.

    It is called after every decision, at every start, because the last process may have ended
    between a commit and the index, and by a timer (`manage.py complete_store`). What cannot be
    written of one register is logged and keeps no other from being written. Raises ForeignStore.
    """
    storage.claim(record_id())
    slugs = slugs_behind()
    for register in published_registers().filter(slug__in=slugs):
        try:
            write_index(register)
        except (StoreFault, OSError):
            logger.exception("The index of %s was not written.", register.slug)
    with transaction.atomic(durable=True):
        take_editing_lock()
        _extend_log()


def restore(*, adopt: bool = False) -> None:
    """Write the whole store anew from the database, in place of what it holds.

    The index of a register that the database does not publish is removed. Raises ForeignStore, and
    UnusableKey if another key signed the log.

    Raises ContradictingStore, and writes nothing, if the store published something that the
    database does not have. `adopt` skips that comparison: what was published is then replaced.
    """
    record = record_id()
    storage.claim(record)
    with transaction.atomic(durable=True):
        take_editing_lock()
        key = require_key_of(readable_log())
        indexes = {
            register: index
            for register in published_registers()
            if (index := build_index(register, record, known=None))
        }
        if not adopt:
            _refuse_contradictions(indexes.values())
        for register, index in indexes.items():
            _write_all_files(register, index)
        leaves = leaf_hashes()
        if key and leaves:
            storage.save(storage.LOG, encode_log(sign_log(key, leaves)))
        for index in indexes.values():
            storage.save(storage.index_name(index.slug), encode_index(index))
        if last := head_of(LedgerEntry.objects.last()):
            storage.save(storage.HEAD, canonical.encode(last))
    _remove_other_indexes({register.slug for register in indexes})


def _refuse_contradictions(indexes: Iterable[Index]) -> None:
    by_slug = {index.slug: index for index in indexes}
    for slug in storage.register_folders():
        if stored := readable_index(slug):
            refuse_contradiction(by_slug.get(slug), stored)
    if log := readable_log():
        refuse_rewritten_log(log)


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
