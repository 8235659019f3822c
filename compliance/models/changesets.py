"""Changesets: who edited the working copy, when, why and from where.

Every history row belongs to a changeset. The tracked models write only while one is open.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.text import capfirst

from compliance.models import ledger
from compliance.page import text

if TYPE_CHECKING:
    from compliance.models.tracked import Tracked
    from compliance.models.users import User

# PostgreSQL names an advisory lock by a number. It is arbitrary ("comply" in ASCII, and 1), but has
# to be the same for every edit and every read of the whole working copy.
_EDITING_LOCK = 0x636F6D706C790001

MAX_REASON_LENGTH = 2000


class NoChangeset(RuntimeError):
    """A tracked record was to be written while no changeset was open."""


class ReasonRefused(ValueError):
    """The reason is empty or cannot be recorded; the message says which."""


class StaleChangeset(RuntimeError):
    """A changeset was to follow the last one that its author had seen, but others came between.

    `changesets` are those others, the newest first.
    """

    def __init__(self, changesets: "list[Changeset]") -> None:
        super().__init__(
            "Something was changed meanwhile, so nothing was done. Look at it as it is now."
        )
        self.changesets = changesets


class StaleRecord(IntegrityError):
    """A record was written by somebody else after it was read; the message names the record."""

    def __init__(self, record: models.Model) -> None:
        name = f"{capfirst(record._meta.verbose_name)} {record.pk}"
        super().__init__(
            f"{name} was changed after it was read, so nothing was written. Read it again."
        )


class Changeset(models.Model):
    """One edit of the working copy, of one record or of many: who, when, why and from where.

    A changeset is the unit of the history and of the four-eyes rule: nobody approves a publication
    that contains a changeset of their own. Changesets of accounts edit no page: they say who was
    invited, and which second factors came and went.
    """

    class Kind(models.TextChoices):
        EDIT = "edit"
        ACCOUNT = "account"

    class Source(models.TextChoices):
        ADMIN = "admin", "In the browser"
        IMPORT = "import", "Import of a page"
        COMMAND = "command", "Command line"
        API = "api", "API"

    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="changesets"
    )
    label = models.CharField(
        "who", max_length=150, help_text="The user's name, or the operating system's user."
    )
    reason = models.TextField()
    source = models.CharField(max_length=10, choices=Source.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.EDIT)

    class Meta:
        verbose_name = "edit"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(label__gt=""), name="%(app_label)s_%(class)s_names_who"
            ),
            models.CheckConstraint(
                condition=Q(reason__gt=""), name="%(app_label)s_%(class)s_says_why"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["admin", "import", "command", "api"]),
                name="%(app_label)s_%(class)s_source_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["edit", "account"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recorded_at:%Y-%m-%d %H:%M} {self.label}: {self.reason}"


class OpenChangeset:
    """A changeset while it is being written; `changeset()` opens it.

    It keeps two lists while the tracked models write. The rows that were inserted are sealed in the
    ledger when the changeset ends. The versions that records were given let one changeset write the
    same record several times without taking its own writes for somebody else's.
    """

    def __init__(
        self, *, by: "User | None", label: str, reason: str, source: str, kind: str
    ) -> None:
        self._row = Changeset(by=by, label=label, reason=reason, source=source, kind=kind)
        self._inserted: list[ledger.Row] = []
        self._versions: dict[ledger.Row, int] = {}

    @property
    def changeset(self) -> Changeset | None:
        """The row in the database, None as long as nothing was written."""
        return self._row if self._row.pk else None

    def ensure_saved(self) -> Changeset:
        """Return the row in the database; the first call inserts it.

        The first write calls this, not the opening, so that saving a form without a change leaves
        neither a changeset nor an entry in the ledger.
        """
        if not self._row.pk:
            self._row.recorded_at = ledger.now()
            self._row.save(force_insert=True)
            self.add_row(self._row)
        return self._row

    @property
    def written(self) -> int:
        """How many history rows were written: one for each save and each deletion of a record."""
        return sum(model is not Changeset for model, _ in self._inserted)

    def has_written(self, model: "type[Tracked]") -> bool:
        """Return whether a record of a model was saved or deleted."""
        history = model.history.model
        return any(row_model is history for row_model, _ in self._inserted)

    def add_row(self, row: models.Model) -> None:
        """Note an inserted row, so that `seal` includes it."""
        self._inserted.append((type(row), row.pk))

    def add_rows(self, rows: Iterable[models.Model]) -> None:
        """Note inserted rows; see `add_row`."""
        self._inserted.extend((type(row), row.pk) for row in rows)

    def version(self, record: "Tracked") -> int:
        """Return the version that the record has in the database, unless somebody else wrote it.

        That is the version that this changeset gave it last, or else the one that it was read with.
        """
        return self._versions.get((type(record), record.pk), record.lock_version)

    def bump_version(self, record: "Tracked") -> None:
        """Raise the version of a record whose parts change, once in this changeset.

        Raises StaleRecord if somebody else wrote the record after it was read.
        """
        key = (type(record), record.pk)
        if key not in self._versions:
            # One UPDATE compares and writes, so that no other transaction comes between. It goes
            # past Tracked.save(), because a version is no fact and has no history row (ADR 0009).
            unchanged = type(record)._base_manager.filter(
                pk=record.pk, lock_version=record.lock_version
            )
            version = record.lock_version + 1
            if not unchanged.update(lock_version=version):
                raise StaleRecord(record)
            self._versions[key] = version
        record.lock_version = self._versions[key]

    def bump_versions(self, records: "Sequence[Tracked]") -> None:
        """Raise the versions of many records of one model; see `bump_version`.

        It takes two queries for 500 records.
        """
        unbumped = [record for record in records if (type(record), record.pk) not in self._versions]
        self.refuse_stale(unbumped)
        # Each row once, although several instances may stand for it.
        for keys in ledger.chunks({record.pk: record for record in unbumped}):
            rows = type(records[0])._base_manager.filter(pk__in=keys)
            rows.update(lock_version=F("lock_version") + 1)
        for record in unbumped:
            self._versions[type(record), record.pk] = record.lock_version + 1
        for record in records:
            record.lock_version = self._versions[type(record), record.pk]

    def refuse_stale(self, records: "Sequence[Tracked]") -> None:
        """Lock the rows of records of one model; raises StaleRecord if somebody else wrote one.

        Nobody else can write the rows between this comparison and the end of the transaction.
        """
        for batch in ledger.chunks(records):
            rows = type(batch[0])._base_manager.filter(pk__in=[record.pk for record in batch])
            versions = dict(rows.select_for_update().values_list("pk", "lock_version"))
            for record in batch:
                if versions.get(record.pk) != self.version(record):
                    raise StaleRecord(record)

    def note_version(self, record: "Tracked") -> None:
        """Note the version that a record was saved with."""
        self._versions[type(record), record.pk] = record.lock_version

    def seal(self) -> None:
        """Add one entry to the ledger that seals the inserted rows; none if there are none."""
        if self._inserted:
            ledger.seal(ledger.LedgerEntry.Kind.CHANGESET, self._inserted, at=self._row.recorded_at)


_current: ContextVar[OpenChangeset | None] = ContextVar("changeset", default=None)


@contextmanager
def changeset(
    *,
    by: "User | None",
    reason: str,
    source: str = "admin",
    label: str = "",
    kind: str = Changeset.Kind.EDIT,
    following: int | None = None,
) -> Iterator[OpenChangeset]:
    """Open a changeset, and record in it what the body of the `with` statement writes.

    The body is one transaction: an exception undoes all of it, and no changeset remains. Only one
    can edit at a time; others wait. Every history row gets the user `by`, the reason, the time and
    the source (one of Changeset.Source).

    `label` is the name to record if there is no user, such as the operating system's user who runs
    a command. `kind` is one of Changeset.Kind. `following` is the number of the last changeset that
    the author had seen, 0 if there was none: pass it to refuse the edit if anybody saved since.

    Raises ReasonRefused if the reason is empty or has characters that may not be shown,
    StaleChangeset if an edit was recorded after `following`, RuntimeError if another changeset is
    open.
    """
    if fault := reason_fault(reason):
        raise ReasonRefused(fault)
    if _current.get() is not None:
        raise RuntimeError("A changeset is already open. Write into that one.")
    with transaction.atomic():
        # Before the comparison with `following`: under the lock nobody can save after it.
        take_editing_lock()
        if following is not None:
            _refuse_stale(following)
        opened = OpenChangeset(
            by=by,
            label=by.get_username() if by else label,
            reason=reason.strip(),
            source=source,
            kind=kind,
        )
        token = _current.set(opened)
        try:
            yield opened
            # A dry run has marked the transaction for rollback by now: nothing remains to seal.
            if not transaction.get_rollback():
                opened.seal()
        finally:
            _current.reset(token)


def reason_fault(reason: str) -> str | None:
    """Return a sentence on why a reason cannot be recorded, None if it can.

    Blanks around the reason do not count: they are removed before it is recorded.
    """
    stripped = reason.strip()
    if not stripped:
        return "The reason is empty. Say why."
    if fault := text.fault(stripped, multiline=True):
        return f"The reason cannot be recorded. {fault}"
    return None


def _refuse_stale(following: int) -> None:
    if later := edits_after(following):
        raise StaleChangeset(later)


def edits_after(number: int) -> list[Changeset]:
    """Return the changesets after a number that edited the working copy, the newest first.

    What happens to accounts changes no page, so it makes no preview of one wrong.
    """
    return list(Changeset.objects.filter(pk__gt=number, kind=Changeset.Kind.EDIT))


def last_changeset() -> int:
    """Return the number of the last changeset, 0 where there is none."""
    return Changeset.objects.aggregate(last=Max("pk"))["last"] or 0


def is_changeset_open() -> bool:
    """Return whether writes would be recorded in an open changeset."""
    return _current.get() is not None


def has_written() -> bool:
    """Return whether a changeset is open in which something was written."""
    opened = _current.get()
    return opened is not None and opened.changeset is not None


def current_changeset() -> OpenChangeset:
    """Return the open changeset; raises NoChangeset if none is open."""
    opened = _current.get()
    if opened is None:
        raise NoChangeset(
            "A tracked record is written only inside a changeset. Open one with changeset()."
        )
    return opened


def take_editing_lock() -> None:
    """Wait until nobody else edits or reads the whole working copy; hold the lock until commit.

    PostgreSQL gives each query of a transaction a snapshot of its own (READ COMMITTED), so a page
    read by several queries could mix the states before and after somebody else's edit. SQLite needs
    no lock: the settings begin its transactions with IMMEDIATE, which admits one at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_EDITING_LOCK])
