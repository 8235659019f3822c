"""What keeps the database from answering, or from being written to, in words for people."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock
from time import monotonic

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from registry.postgresql import answers_within

READ_ONLY = "The database is read-only at present, so nothing can be saved. Tell an administrator."
BUSY = "The database is busy: your turn did not come, and nothing was saved. Try again."
LOCKED = "The database is locked by another process, so nothing can be saved."
AWAY = "The database does not answer at present, so nothing can be saved. Try again in a minute."
LOST = (
    "The database stopped answering. Look whether it was saved after all before you send it again."
)
# How many seconds an answer of the database may take, and how long it is left alone after none.
_LONGEST_ANSWER, _PAUSE = 0.7, 1.0
_READ_ONLY_STATE = "25006"
# A lock, a statement that took too long, a deadlock, and a conflict of transactions.
_BUSY_STATES = {"55P03", "57014", "40P01", "40001"}
_BUSY_TEXTS = ("is locked", "is busy")


def outage_of(error: BaseException | None) -> BaseException | None:
    """Return the error by which the database could not be used, None for every other error.

    It may be what led to the error, or what was being handled when it came.
    """
    while error is not None:
        if _is_outage(error):
            return error
        error = error.__cause__ or error.__context__
    return None


def _is_outage(error: BaseException) -> bool:
    # SQLite gives a file that is damaged, or no database, as the general error.
    return (
        isinstance(error, OperationalError | InterfaceError)
        or type(error) is DatabaseError
        or (isinstance(error, DatabaseError) and _state(error) == _READ_ONLY_STATE)
    )


def describe(error: BaseException) -> str:
    """Return the sentence about an outage, and what to do."""
    message, state = str(error), _state(error)
    if state == _READ_ONLY_STATE or "readonly database" in message:
        return READ_ONLY
    if state in _BUSY_STATES or any(text in message for text in _BUSY_TEXTS):
        return BUSY
    return LOST


def _state(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def write_fault(database: BaseDatabaseWrapper) -> str:
    """Return why a database cannot be written to, "" if it can. It is left as it is.

    Raises OperationalError if PostgreSQL does not answer.
    """
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            return READ_ONLY if cursor.fetchone() == ("on",) else ""
    if database.in_atomic_block:  # it has the lock already
        return ""
    try:
        with transaction.atomic(using=database.alias), database.cursor() as cursor:
            # A transaction begins on a read-only file too: only a write is refused.
            version = cursor.execute("PRAGMA user_version").fetchone()[0]
            cursor.execute(f"PRAGMA user_version = {version}")
            transaction.set_rollback(True, using=database.alias)
    except OperationalError as error:
        return {BUSY: LOCKED, LOST: AWAY}.get(describe(error), READ_ONLY)
    return ""


class _Watch:
    """Asks whether the database answers, once for all requests that come at the same time.

    While it does not, it is asked once a second, by one request. All others are told at once: a
    request that needs the database keeps no thread from one that does not.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_away = False
        self._again_at = 0.0

    def answers(self) -> bool:
        """Return whether the database answers."""
        if self._is_away and monotonic() < self._again_at:
            return False
        if not self._lock.acquire(blocking=not self._is_away):
            return False
        try:
            # Those who waited for the lock are told what was found meanwhile.
            if not self._is_away or monotonic() >= self._again_at:
                self._is_away = not _answers()
                self._again_at = monotonic() + _PAUSE
            return not self._is_away
        finally:
            self._lock.release()


watch = _Watch()


def _answers() -> bool:
    try:
        with connection.wrap_database_errors:
            if connection.vendor == "postgresql":
                _ask_postgresql()
            elif not connection.is_in_memory_db():  # type: ignore[attr-defined]
                _ask_sqlite(Path(connection.settings_dict["NAME"]))
    except (DatabaseError, InterfaceError):
        return False
    return True


def _ask_postgresql() -> None:
    """Take a connection from the pool, which checks it, and give it back."""
    pool = connection.pool  # type: ignore[attr-defined]
    pool.open()
    with answers_within(_LONGEST_ANSWER):
        pool.putconn(pool.getconn(timeout=_LONGEST_ANSWER))


def _ask_sqlite(file: Path) -> None:
    # Unlike Django's connections, this one makes no empty file where there is none.
    address = f"{file.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=_LONGEST_ANSWER)) as database:
        database.execute("PRAGMA schema_version").fetchone()
