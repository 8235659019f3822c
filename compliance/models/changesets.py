"""Acts of editing: every history record belongs to one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.text import capfirst

from compliance.models import ledger
from compliance.page import text

if TYPE_CHECKING:
    from compliance.models.tracked import Tracked
    from compliance.models.users import User

# Any number will do, as long as every edit and every capture takes the same one.
_LOCK = 0x636F6D706C790001


class NoChangeset(RuntimeError):
    """A tracked record was written outside of a changeset."""


class ReasonRefused(ValueError):
    """A reason that cannot be recorded; says what is wrong with it."""


class ReasonMissing(ReasonRefused):
    """A changeset was opened without saying why."""


class StaleChangeset(RuntimeError):
    """An act that was to follow a known changeset, and others came meanwhile: they are its `changesets`."""

    def __init__(self, changesets: "list[Changeset]") -> None:
        super().__init__(
            "Something was changed meanwhile, so nothing was done. Look at it as it is now."
        )
        self.changesets = changesets


class StaleRecord(IntegrityError):
    """A record was written after it was read, so it is not written over; says which."""

    def __init__(self, record: models.Model) -> None:
        name = f"{capfirst(record._meta.verbose_name)} {record.pk}"
        super().__init__(
            f"{name} was changed after it was read, so nothing was written. Read it again."
        )


class Changeset(models.Model):
    """One act of editing: who, when, why, from where."""

    class Source(models.TextChoices):
        ADMIN = "admin"
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

    class Meta:
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
        ]

    def __str__(self) -> str:
        return f"{self.recorded_at:%Y-%m-%d %H:%M} {self.label}: {self.reason}"


class OpenChangeset:
    """An open changeset. Its row is inserted by the first write, so an act that changes nothing leaves no trace."""

    def __init__(self, *, by: "User | None", label: str, reason: str, source: str) -> None:
        self._unsaved = Changeset(by=by, label=label, reason=reason, source=source)
        self._rows: list[ledger.Row] = []
        self._versions: dict[ledger.Row, int] = {}

    @property
    def changeset(self) -> Changeset | None:
        """The row, or None as long as nothing was written."""
        return self._unsaved if self._unsaved.pk else None

    def ensure_saved(self) -> Changeset:
        """Return the row, inserted if it is the first write that asks."""
        if not self._unsaved.pk:
            self._unsaved.save(force_insert=True)
            self.add_row(self._unsaved)
        return self._unsaved

    @property
    def written(self) -> int:
        """How many history rows were written: as many as records, where each is written once."""
        return sum(model is not Changeset for model, _ in self._rows)

    def add_row(self, row: models.Model) -> None:
        """Note a row of the record that the act inserted."""
        self._rows.append((type(row), row.pk))

    def version(self, record: "Tracked") -> int:
        """Return the version of a record: the one that this act gave it, or else the one that was read."""
        return self._versions.get((type(record), record.pk), record.lock_version)

    def bump_version(self, record: "Tracked") -> None:
        """Move a record's version on, once in an act; raises StaleRecord where it is not the one that was read."""
        if (type(record), record.pk) not in self._versions:
            as_read = type(record)._base_manager.filter(
                pk=record.pk, lock_version=record.lock_version
            )
            if not as_read.update(lock_version=record.lock_version + 1):
                raise StaleRecord(record)
            self._versions[type(record), record.pk] = record.lock_version + 1
        record.lock_version = self.version(record)

    def note_version(self, record: "Tracked") -> None:
        """Note the version that a record got by being saved."""
        self._versions[type(record), record.pk] = record.lock_version

    def seal(self) -> None:
        """Seal what was written in the ledger; nothing, where nothing was."""
        if self._rows:
            ledger.seal(ledger.LedgerEntry.Kind.CHANGESET, self._rows)


_current: ContextVar[OpenChangeset | None] = ContextVar("changeset", default=None)


@contextmanager
def changeset(
    *,
    by: "User | None",
    reason: str,
    source: str = "admin",
    label: str = "",
    following: int | None = None,
) -> Iterator[OpenChangeset]:
    """Open an act of editing, one transaction: what is written inside carries who, when, why and from where.

    `label` says who where there is no user. `following` is the last changeset that its author knew of, 0 for none:
    raises StaleChangeset where another was recorded since. Raises ReasonMissing for an empty reason, ReasonRefused for one
    with characters that may not be shown, RuntimeError inside another changeset.
    """
    reason = reason_to_record(reason)
    if _current.get() is not None:
        raise RuntimeError("A changeset is already open. Write into that one.")
    with transaction.atomic():
        take_editing_lock()
        if following is not None and (since := list(Changeset.objects.filter(pk__gt=following))):
            raise StaleChangeset(since)
        act = OpenChangeset(
            by=by, label=by.get_username() if by else label, reason=reason, source=source
        )
        token = _current.set(act)
        try:
            yield act
            if not transaction.get_rollback():
                act.seal()
        finally:
            _current.reset(token)


def reason_to_record(reason: str) -> str:
    """Return a reason without blanks at its ends.

    Raises ReasonMissing for an empty one, ReasonRefused for one with characters that may not be shown.
    """
    stripped = reason.strip()
    if not stripped:
        raise ReasonMissing("The reason is empty. Say why the register changes.")
    if fault := text.fault(stripped, multiline=True):
        raise ReasonRefused(f"The reason cannot be recorded. {fault}")
    return stripped


def last_changeset() -> int:
    """Return the number of the last changeset, 0 where there is none."""
    return Changeset.objects.aggregate(last=Max("pk"))["last"] or 0


def current_changeset() -> OpenChangeset:
    """Return the open changeset; raises NoChangeset where there is none."""
    if (act := _current.get()) is None:
        raise NoChangeset(
            "A tracked record is written only inside a changeset. Open one with changeset()."
        )
    return act


def take_editing_lock() -> None:
    """Wait until no other transaction edits or captures; held until the transaction ends.

    SQLite needs none: its transactions begin IMMEDIATE. PostgreSQL reads with several queries are torn without it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
