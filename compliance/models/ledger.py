"""The ledger: a chain of hashes over every row of the record.

Each entry seals the rows that one changeset, submission, decision or comment inserted: it holds
the SHA-256 of each row and the hash of the entry before it. So no sealed row can change without
changing every later hash.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from compliance.page import canonical

# A row of the record: its model and its primary key.
Row = tuple[type[models.Model], Any]
# How many keys one query asks for; SQLite may be built with a limit of 999 parameters.
_CHUNK = 500
# How far an entry may lie ahead of the clock. A clock that was in another time zone is waited out.
CLOCK_TOLERANCE = timedelta(days=1)


class ClockBehind(ValidationError):
    """The last entry lies ahead of the server's clock; the message says what to do."""


class LedgerEntry(models.Model):
    """The seal of the rows that one changeset, submission, decision or comment inserted."""

    class Kind(models.TextChoices):
        CHANGESET = "changeset"
        PUBLICATION = "publication", "Submission"
        DECISION = "decision"
        COMMENT = "comment"

    number = models.PositiveBigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    sealed = models.TextField(
        help_text="Canonical JSON: by table the columns, and the SHA-256 of each row by its key."
    )
    previous_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Empty for the first entry."
    )
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["changeset", "publication", "decision", "comment"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Entry {self.number}"

    def computed_sha256(self) -> str:
        """Return the hash over number, time, kind, sealed rows and the hash of the entry before."""
        return _sha256(self)


def now(*, entries: type[LedgerEntry] = LedgerEntry) -> datetime:
    """Return the moment to record now; see `not_before_last`."""
    return not_before_last(timezone.now(), entries=entries)


def not_before_last(moment: datetime, *, entries: type[LedgerEntry] = LedgerEntry) -> datetime:
    """Return a moment, or that of the last entry if it is later.

    Called under the editing lock, it gives what is recorded the order of the entries, even if the
    caller read the clock before somebody else's entry or the clock was set back.
    """
    last = last_moment(entries=entries)
    return max(moment, last) if last else moment


def last_moment(*, entries: type[LedgerEntry] = LedgerEntry) -> datetime | None:
    """Return the moment of the last entry, None if there is none."""
    return entries.objects.order_by("-number").values_list("recorded_at", flat=True).first()


def clock_fault(clock: datetime, last: datetime) -> str:
    """Return what to do where the last entry's moment lies ahead of the clock."""
    return (
        f"The record's last entry is of {last:%Y-%m-%d %H:%M} UTC, which lies ahead of this "
        f"server's clock ({clock:%Y-%m-%d %H:%M}). Set the clock, wait until then, or restore a "
        "backup from before that entry."
    )


def refuse_future(last: datetime | None) -> None:
    """Raise ClockBehind if the last entry's moment lies more than a day ahead of the clock.

    What is recorded takes no earlier moment than the last entry. After one of 2090 everything would
    say 2090, and would be lost with it once a backup is restored.
    """
    clock = datetime.now(UTC)
    if last and last > clock + CLOCK_TOLERANCE:
        raise ClockBehind(clock_fault(clock, last))


def seal(
    kind: str, rows: Iterable[Row], *, at: datetime, entries: type[LedgerEntry] = LedgerEntry
) -> LedgerEntry:
    """Append an entry that seals rows as the database has them now, and return it.

    `at` is the moment that the rows say, which `now` or `not_before_last` gave. It is that of the
    entry too, so that several entries of one act can have one moment.

    Call it as the last write of a transaction, under the editing lock, so that entries are numbered
    without a gap. A migration passes its own historical model of the ledger as `entries`, and rows
    of its own models.

    Raises ClockBehind for changesets and submissions after an entry of the future. Decisions pass:
    a wrong page has to leave the site, and approving asks for the clock itself.
    """
    last = entries.objects.defer("sealed").last()
    if last and kind != LedgerEntry.Kind.DECISION:
        refuse_future(last.recorded_at)
    entry = entries(
        number=last.number + 1 if last else 1,
        recorded_at=max(at, last.recorded_at) if last else at,
        kind=kind,
        sealed=canonical.encode(dict(_sealed(rows))).decode(),
        previous_sha256=last.sha256 if last else "",
    )
    entry.sha256 = _sha256(entry)
    entry.save(force_insert=True)
    return entry


def _sha256(entry: LedgerEntry) -> str:
    facts = [
        entry.number,
        moment_text(entry.recorded_at),
        entry.kind,
        entry.sealed,
        entry.previous_sha256,
    ]
    # Of numbers and texts this is RFC 8785, whose library takes ten times as long for long texts.
    return canonical.sha256(_encoded(facts))


def row_hashes(
    model: type[models.Model], columns: Iterable[str], keys: Iterable[Any]
) -> dict[str, str]:
    """Return the hashes of `hashed_rows` by key."""
    return {key: sha256 for key, sha256, _ in hashed_rows(model, columns, keys)}


def hashed_rows(
    model: type[models.Model], columns: Iterable[str], keys: Iterable[Any]
) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield the key as text, the SHA-256 and the values in these columns of each row.

    The keys are numbers, or texts of numbers. The SHA-256 is that of the JSON list of the values,
    which is the same on every database. Rows that do not exist are left out. Raises FieldError for
    a column that the model does not have.
    """
    for chunk in chunks(sorted(map(int, keys))):
        rows = model._default_manager.filter(_having(chunk))
        for key, *values in rows.values_list("pk", *columns).order_by():
            yield str(key), canonical.sha256(_encoded(values)), values


def _having(keys: list[int]) -> Q:
    """Return the condition that a row has one of these keys, which are sorted."""
    first, last = keys[0], keys[-1]
    # Rows that were inserted together mostly have keys without a gap. Asking for these as a range
    # saves Django from handling each key.
    if last - first + 1 == len(keys):
        return Q(pk__range=(first, last))
    return Q(pk__in=keys)


def moment_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _sealed(rows: Iterable[Row]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    by_model: defaultdict[type[models.Model], list[Any]] = defaultdict(list)
    for model, key in rows:
        by_model[model].append(key)
    for model, keys in by_model.items():
        columns = [field.attname for field in model._meta.concrete_fields]
        yield model._meta.db_table, {"columns": columns, "rows": row_hashes(model, columns, keys)}


def chunks(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the keys in lists that are short enough for one query."""
    remaining = iter(keys)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _encoded(values: list[Any]) -> bytes:
    return _ENCODER.encode(values).encode()


def _plain(value: Any) -> str:
    """Return as text a value that JSON has no type for; of bytes the SHA-256."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, (date, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return canonical.sha256(bytes(value))
    raise TypeError(f"A {type(value).__name__} cannot be sealed.")


# Made once: json.dumps() would make one for every row.
_ENCODER = json.JSONEncoder(
    default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
)
