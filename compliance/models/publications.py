"""Publications with their frozen files, and the decisions on them.

Rows are inserted and never changed: a publication's state and number follow from its decisions.
"""

import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from compliance.models import carrying, ledger, snapshots
from compliance.models.changesets import Changeset
from compliance.models.registers import Register
from compliance.page import canonical
from compliance.page.parts import Page
from compliance.page.snapshot import Snapshot

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR = 2000


class Record(models.Model):
    """The identity of this installation's record, in one row.

    The published store has it too, so that a store of another installation is not mistaken for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def identity(cls) -> uuid.UUID:
        """Return the id of this installation's record; the first call creates it."""
        record = cls.objects.first() or cls.objects.create()
        return record.id


class NotADay(ValueError):
    """A text is not a day between 2000 and today, written as 2026-08-31."""


def as_of(text: str, *, now: datetime) -> datetime:
    """Return the last moment of a day in UTC, or `now` if the day is today.

    The text is an ISO 8601 day. Raises NotADay for any other text and for days before 2000 or
    after today.
    """
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year < FIRST_YEAR:
        raise NotADay(f"{text[:40]} is not a day from {FIRST_YEAR} on. Write it as 2026-08-31.")
    today = now.astimezone(UTC).date()
    if day > today:
        raise NotADay(f"{text} lies in the future. Ask for a day up to {today}.")
    return now if day == today else datetime.combine(day, time.max, tzinfo=UTC)


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Publications of one register, usually `register.publications`.

    Moments are datetimes with a time zone. A publication takes effect at the moment that its
    approval set; the last one to have taken effect is in force until a later one is, or until it is
    withdrawn.
    """

    def approved(self) -> Self:
        """Return the approved publications by number, withdrawn ones included.

        Each takes effect later than the one before it.
        """
        return self.filter(decisions__kind=Decision.Kind.APPROVED).order_by("decisions__number")

    def standing(self) -> Self:
        """Return the approved publications that were neither withdrawn nor renewed."""
        return self.approved().exclude(decisions__kind__in=ENDED)

    def in_force(self, at: datetime) -> "Publication | None":
        """Return the publication in force at a moment, None if there is none."""
        return self.standing().taken_effect(at).last()

    def public_at(self, at: datetime) -> "Publication | None":
        """Return the publication that readers saw at a moment, even if it was withdrawn later."""
        ended = Decision.objects.filter(kind__in=ENDED, at__lte=at)
        stood = self.approved().exclude(pk__in=ended.values("publication"))
        return stood.taken_effect(at).last()

    def taken_effect(self, at: datetime) -> Self:
        """Return the approved publications that have taken effect by a moment."""
        return self.filter(
            decisions__kind=Decision.Kind.APPROVED, decisions__effective_from__lte=at
        )

    def followed_at(self, effective_from: datetime) -> "Publication | None":
        """Return the publication that one taking effect at a moment would follow, or None."""
        before = Q(
            decisions__kind=Decision.Kind.APPROVED, decisions__effective_from__lt=effective_from
        )
        return self.standing().filter(before).last()

    def standing_after(self, publication: "Publication | None") -> Self:
        """Return the standing publications that take effect after an approved one, all for None.

        If that one ended, there are none: nothing stands on it any more.
        """
        if publication is None:
            return self.standing()
        if publication not in self.standing():
            return self.none()
        later = Q(
            decisions__kind=Decision.Kind.APPROVED,
            decisions__effective_from__gt=publication.effective_from,
        )
        return self.standing().filter(later)

    def earliest_effect(self, *, at: datetime, requested: datetime | None) -> datetime:
        """Return from when a publication approved at a moment is in force.

        As requested, never before its approval, and strictly later than what is in force by then:
        of two approvals at the same instant the second takes effect a microsecond later.
        """
        moment = max(at, requested) if requested else at
        current = self.in_force(at)
        since = current.effective_from if current else None
        return max(moment, since + timedelta(microseconds=1)) if since else moment

    def in_review(self) -> Self:
        """Return the publications without a decision."""
        return self.filter(decisions=None)

    def numbered(self, number: int) -> "Publication | None":
        """Return the publication with a number, None if there is none."""
        return self.filter(decisions__number=number).first()


# The frame of a page: fields of the register that each publication copies when it is submitted.
FRAME = ("publisher", "contact", "licence")


class Publication(models.Model):
    """A version of a register's page: frozen when it is submitted, public once it is approved.

    `native` publications were submitted here. `imported` ones are earlier pages that were public
    before the registry was installed.
    """

    class Source(models.TextChoices):
        NATIVE = "native"
        IMPORTED = "imported"

    class State(models.TextChoices):
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        RENEWED = "renewed"

    # Names it in what is signed, before it has a number.
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="publications")
    source = models.CharField(max_length=10, choices=Source.choices)
    base = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="followers",
        help_text="What it was compared with.",
    )
    reverts = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Whose bytes were submitted again.",
    )
    renews = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="renewed_by",
        help_text="Whose differences, moment and announcement it takes over.",
    )
    carried_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="carried",
        help_text="With whose approval or withdrawal it was made and approved.",
    )
    captured_changeset = models.ForeignKey(
        Changeset,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The last one that is in it.",
    )
    # Null if nothing was held back: SQLite adds a nullable column without remaking the table,
    # which would drop its guards.
    held_back = models.JSONField(
        null=True, help_text="The keys of the parts that stayed as they were published."
    )
    content_sha256 = models.CharField(max_length=64, help_text="The hash of the canonical JSON.")
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    label = models.CharField("who", max_length=150)
    reason = models.TextField(help_text="Internal; never public.")
    # Copied from the register, because an edit there must not be public before its approval.
    publisher = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    requested_effective_from = models.DateTimeField(null=True, help_text="Empty: on approval.")
    announce = models.BooleanField(default=False, help_text="May be shown before it takes effect.")
    findings = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    grades = models.JSONField(
        default=dict, help_text="The effects that the submitter gave, by the key of a change."
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("submit_publication", "Can submit a publication"),
            ("approve_publication", "Can approve a publication"),
            ("download_audit_pack", "Can download an audit pack"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(label__gt=""), name="%(app_label)s_%(class)s_names_who"
            ),
            models.CheckConstraint(
                condition=Q(reason__gt=""), name="%(app_label)s_%(class)s_says_why"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["native", "imported"]),
                name="%(app_label)s_%(class)s_source_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Publication {self.number or 'in review'} of {self.register}"

    @property
    def approval(self) -> "Decision | None":
        """The decision that approved it, None if it is not approved."""
        approvals = (one for one in self._decisions if one.kind == Decision.Kind.APPROVED)
        return next(approvals, None)

    @property
    def number(self) -> int | None:
        """The number that it got at its approval, None before that."""
        approval = self.approval
        return approval.number if approval else None

    @property
    def effective_from(self) -> datetime | None:
        """The moment from which it is in force, None before its approval."""
        approval = self.approval
        return approval.effective_from if approval else None

    @property
    def state(self) -> State:
        """The kind of the last decision, "in review" if there is none."""
        decisions = self._decisions
        return self.State(decisions[-1].kind) if decisions else self.State.IN_REVIEW

    @property
    def _decisions(self) -> "list[Decision]":
        """The decisions on it, the earliest first; read anew unless they were prefetched."""
        return sorted(self.decisions.all(), key=lambda decision: decision.pk)

    @property
    def frame(self) -> dict[str, str]:
        """Publisher, contact and licence, which stand around its page."""
        return {name: getattr(self, name) for name in FRAME}

    @property
    def conversation(self) -> "models.QuerySet[ReviewComment]":
        """What was said about it and about those that it renews, the oldest first."""
        keys, renewed = [self.pk], self.renews
        while renewed:
            keys.append(renewed.pk)
            renewed = renewed.renews
        return ReviewComment.objects.filter(publication__in=keys)

    @property
    def approval_sha256(self) -> str:
        """The hash that an approval of it names; see `decided_sha256`.

        While it is in review, that covers the scheduled publications that it would carry over.
        """
        if self.state != self.State.IN_REVIEW:
            return self.decided_sha256("approve")
        carried = carrying.carried_by_approval(self)
        return self.decided_sha256("approve", carried=carrying.carried_values(carried))

    @property
    def withdrawal_sha256(self) -> str:
        """The hash that a withdrawal of it names now; see `decided_sha256`."""
        if self.state != self.State.APPROVED:
            return self.decided_sha256("withdraw")
        carried = carrying.carried_by_withdrawal(self, at=ledger.now())
        return self.decided_sha256("withdraw", carried=carrying.carried_values(carried))

    def decided_sha256(
        self, purpose: str, *, record: str = "", carried: list[dict[str, Any]] | None = None
    ) -> str:
        """Return the SHA-256 of everything that is decided; see `decided_json`."""
        return canonical.sha256(self.decided_json(purpose, record=record, carried=carried))

    def decided_json(
        self, purpose: str, *, record: str = "", carried: list[dict[str, Any]] | None = None
    ) -> bytes:
        """Return the canonical JSON (RFC 8785) of everything that is decided.

        `purpose` is "approve" or "withdraw". `record` is the identity of the record, which is read
        if it is not given. `carried` is what is approved with it of scheduled publications, by
        default what was recorded. It is computed from the row each time, and never read from one:
        what an approver is shown and what is recorded cannot differ.
        """
        requested = self.requested_effective_from
        base = self.base
        if carried is None:
            carried = carrying.recorded_values(self.carried_with(purpose))
        decided = {
            "purpose": purpose,
            "record": record or str(Record.identity()),
            "register": self.register.slug,
            "publication": str(self.uuid),
            "base": str(base.uuid) if base else None,
            "content_sha256": self.content_sha256,
            "frame": self.frame,
            "effective_from": ledger.moment_text(requested) if requested else None,
            "announce": self.announce,
            "grades": self.grades,
            "answers": self.answers,
            "carried": carried,
        }
        return canonical.encode(decided)

    def carried_with(self, purpose: str) -> list["Publication"]:
        """Return the publications that were approved with its approval or withdrawal, by moment."""
        withdrawn = _decision_key(self, Decision.Kind.WITHDRAWN)
        carried = sorted(self.carried.all(), key=lambda publication: publication.pk)
        with_withdrawal = [
            publication
            for publication in carried
            if withdrawn and _decision_key(publication, Decision.Kind.APPROVED) > withdrawn
        ]
        if purpose == "withdraw":
            return with_withdrawal
        return [publication for publication in carried if publication not in with_withdrawal]

    def page(self) -> Page:
        """Return the frozen page with its frame."""
        return Page(self.snapshot(), self.frame)

    def snapshot(self) -> Snapshot:
        """Return the frozen snapshot, read from its canonical JSON once in a process."""
        return snapshots.published(
            self.register_id, self.content_sha256, lambda: self.content("json")
        )

    def content(self, format: str) -> bytes:
        """Return the frozen bytes of a format: json, md, csv or html."""
        return bytes(self.files.get(format=format).content)


def _decision_key(publication: Publication, kind: "Decision.Kind") -> int:
    """Return the key of the decision of a kind on a publication, 0 if there is none."""
    # Of all decisions, so that verification can read them before.
    keys = [decision.pk for decision in publication.decisions.all() if decision.kind == kind]
    return keys[0] if keys else 0


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Contributions of publications, usually `publication.contributions`."""

    def adding(self) -> Self:
        """Return the contributions whose edits are in their publications."""
        return self.filter(kind=Contribution.Kind.ADDS)

    def returning(self) -> Self:
        """Return the contributions whose edits came back when their publications were withdrawn."""
        return self.filter(kind=Contribution.Kind.RETURNS)


class Contribution(models.Model):
    """A changeset that bars its author from deciding a publication.

    `adds`: its edits are in the publication, and its author may not approve it. `returns`: its
    edits would come back if the publication was withdrawn, and its author may not withdraw it.
    """

    class Kind(models.TextChoices):
        ADDS = "adds"
        RETURNS = "returns"

    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="contributions"
    )
    changeset = models.ForeignKey(Changeset, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ADDS)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering = ["changeset"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "changeset", "kind"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["adds", "returns"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.changeset_id} in {self.publication_id}"


class PublishedFile(models.Model):
    """The frozen bytes of a publication in one format, with their SHA-256."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="files")
    format = models.CharField(max_length=10)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["publication", "format"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "format"], name="%(app_label)s_%(class)s_once_a_format"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} of {self.publication_id}"


class Decision(models.Model):
    """An approval, rejection, withdrawal or renewal of a publication.

    A renewal ends a publication whose differences another one takes over (`Publication.renews`).
    Only an approval has a number, a moment of effect and the hash of the page. An approval and a
    withdrawal have the hash of all that was decided (`approval_sha256`).
    """

    class Kind(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        RENEWED = "renewed"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="decisions")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    label = models.CharField("who", max_length=150)
    reason = models.TextField(blank=True)
    content_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The hash that was approved."
    )
    approval_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The hash of everything that was approved."
    )
    number = models.PositiveIntegerField(null=True)
    effective_from = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(label__gt=""), name="%(app_label)s_%(class)s_names_who"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="approved",
                    number__isnull=False,
                    effective_from__isnull=False,
                    content_sha256__gt="",
                )
                | Q(
                    kind__in=["rejected", "withdrawn", "renewed"],
                    number=None,
                    effective_from=None,
                    content_sha256="",
                ),
                name="%(app_label)s_%(class)s_number_iff_approved",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["rejected", "renewed"], approval_sha256="")
                | Q(kind__in=["approved", "withdrawn"], approval_sha256__gt=""),
                name="%(app_label)s_%(class)s_hash_of_what_is_signed",
            ),
            models.UniqueConstraint(
                fields=["register", "number"], name="%(app_label)s_%(class)s_number_once"
            ),
            models.UniqueConstraint(
                fields=["publication", "kind"], name="%(app_label)s_%(class)s_kind_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.label}"


# The decisions by which an approved publication ends.
ENDED = (Decision.Kind.WITHDRAWN, Decision.Kind.RENEWED)


class ReviewComment(models.Model):
    """What somebody said about a publication in review or one that was called off. Never public.

    `change_asked` asks the submitter for a change. `dropped` says that a scheduled publication
    that was called off is not submitted again. `listing` is the id of the row that it is about.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment"
        CHANGE_ASKED = "change_asked", "Change asked for"
        DROPPED = "dropped"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="comments")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    listing = models.UUIDField(null=True)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    label = models.CharField("who", max_length=150)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(label__gt="") & Q(text__gt=""),
                name="%(app_label)s_%(class)s_says_who_and_what",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["comment", "change_asked", "dropped"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.label}"


class PublicEvent(models.Model):
    """A leaf of the public log: an approval, a withdrawal, or a scheduled change called off.

    `leaf` is canonical JSON (RFC 8785) of register, number, `approval_sha256` and moments. Nobody
    is named in it.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="event")
    leaf = models.TextField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Event {self.number}"
