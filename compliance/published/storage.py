"""The folder that holds the published files, and the names of the files in it.

    record                  the id of the installation that the store belongs to
    head.json         the last entry of the ledger, which is not public
    log.json                the public log
    {slug}/index.json       the publications of a register
    {slug}/{number}.{format}

Every access goes through Django's storage API. Another backend than `PublishedFolder` must replace
a file in one step and offer `version`.
"""

import os
import tempfile
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.deconstruct import deconstructible

from compliance.published.errors import ForeignStore, MissingStore, WrongSetting

RECORD = "record"
HEAD = "head.json"
LOG = "log.json"
# The clock of a file system advances every few milliseconds. A file older than this many
# nanoseconds cannot be replaced within the same tick.
TICK = 2_000_000_000


@deconstructible(path="compliance.published.storage.PublishedFolder")
class PublishedFolder(FileSystemStorage):
    """A folder in which a file exists whole or not at all; saving a file replaces the old one."""

    def __init__(self, location: str | os.PathLike[str] | None = None, **options: Any) -> None:
        # Without this option Django saves a second file beside the first, under a name of its own.
        super().__init__(location=location, **{"allow_overwrite": True, **options})

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Write a temporary file, flush it to the disk, then rename it to the target."""
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        # In the same folder: a file is renamed in one step only within one file system.
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as temporary:
            try:
                for chunk in content.chunks():
                    temporary.write(chunk)
                temporary.flush()
                # tempfile lets only its owner read a file; the web server may be another user.
                os.chmod(temporary.name, self.file_permissions_mode or 0o644)
                os.fsync(temporary.fileno())
                os.replace(temporary.name, target)
            except BaseException:
                os.unlink(temporary.name)
                raise
        # A renamed file survives a power failure only once its folder is on the disk too.
        for folder in (target.parent, target.parent.parent):
            _sync_folder(folder)
        return name

    def version(self, name: str) -> Hashable | None:
        """Return a value that changes whenever the file is replaced, or None.

        None means that the file does not exist, or that it is so young that another file written
        within the same tick of the clock would look the same.
        """
        try:
            status = os.stat(self.path(name))
        except OSError:
            return None
        is_settled = time.time_ns() - status.st_ctime_ns > TICK
        return (status.st_ino, status.st_ctime_ns, status.st_size) if is_settled else None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def published_storage() -> Storage:
    """Return the storage that the settings name for published files."""
    return storages["published"]


def index_name(slug: str) -> str:
    return f"{slug}/index.json"


def file_name(slug: str, number: int, format: str) -> str:
    return f"{slug}/{number}.{format}"


def load(name: str) -> bytes | None:
    """Return the content of a stored file, or None if it does not exist.

    Raises WrongSetting if the file exists and cannot be read.
    """
    storage = published_storage()
    # Asked before opening: a name that is too long for the disk is not there either.
    if not storage.exists(name):
        return None
    try:
        with storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongSetting(
            f"{name} of the published store cannot be read: {error.strerror}."
        ) from error


def save(name: str, content: bytes) -> None:
    """Write a stored file in place of any earlier one of that name."""
    published_storage().save(name, ContentFile(content))


def register_folders() -> list[str]:
    """Return the slugs that have a folder in the store, in order."""
    return sorted(published_storage().listdir("")[0])


def is_empty() -> bool:
    """Return whether the store is not there, or holds nothing at all."""
    try:
        folders, files = published_storage().listdir("")
    except FileNotFoundError:
        return True
    return not folders and not files


def require_store() -> None:
    """Raise MissingStore if there is none: a lost mount must not look like an empty registry."""
    if not published_storage().exists(RECORD):
        raise MissingStore(
            "The published store is missing. Mount it at PUBLISHED_ROOT, or run restore_store."
        )


def belongs_to(record: str) -> bool:
    """Return whether the store carries the id of this record; False where it carries none yet.

    Raises ForeignStore if it carries the id of another one.
    """
    stored_id = load(RECORD)
    if stored_id is None:
        return False
    if stored_id.decode("ascii", "replace").strip() != record:
        raise ForeignStore(
            "The published store belongs to another installation."
            " Set PUBLISHED_ROOT to this installation's own folder."
        )
    return True


def claim(record: str) -> None:
    """Write the id of a record into a store without one; raises ForeignStore for another's."""
    if not belongs_to(record):
        save(RECORD, f"{record}\n".encode("ascii"))
