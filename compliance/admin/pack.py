"""Writes an audit pack: a ZIP file of the record of a provider or a period, and how to check it.

The same choice of the same record makes the same bytes: nothing in it says who made it or when.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db.models import Prefetch, Q
from django.template.loader import render_to_string

from compliance.admin.history import export
from compliance.admin.history.timeline import (
    Timeline,
    TimelineFilter,
    everything_scope,
    record_scope,
)
from compliance.models import Decision, LedgerEntry, Provider, Publication
from compliance.models.accounts import DecisionSignature
from compliance.published.index import moment_text
from compliance.published.projection import head_of

# A pack is written while somebody waits, and each publication has files of its own.
MOST_PUBLICATIONS = 500
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment that ZIP knows
_README, _SUMS = "README.txt", "SHA256SUMS"


@dataclass(frozen=True)
class AuditPack:
    """The choice of what is in a pack; None of a provider, a beginning or an end leaves it open."""

    provider: Provider | None
    since: datetime | None
    until: datetime | None

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        days = [f"{moment:%Y-%m-%d}" for moment in (self.since, self.until) if moment]
        parts = [self.provider.slug] if self.provider else []
        return "-".join(["audit-pack", *parts, *days])

    @property
    def has_too_many(self) -> bool:
        """Whether more publications fall into the period than a pack may have."""
        return bool(self._candidates.count() > MOST_PUBLICATIONS)

    def write(self) -> IO[bytes]:
        """Return the ZIP file, open at its beginning. It is on the disk, not in memory."""
        file = TemporaryFile()  # noqa: SIM115  the response closes it
        sums: dict[str, str] = {}
        with ZipFile(file, "w") as archive:
            for name, chunks in self._files():
                sums[name] = _add(archive, name, chunks)
            listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
            _add(archive, _SUMS, [listed.encode()])
        file.seek(0)
        return file

    def _files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Give each file but the sums: its name and its content in pieces."""
        publications = list(self._publications())
        yield _README, [self._readme(publications).encode()]
        entries = self._timeline.entries
        yield "history.csv", (line.encode() for line in export.csv_lines(entries()))
        yield "history.json", (part.encode() for part in export.json_parts(entries()))
        yield "ledger-head.json", [_json(head_of(LedgerEntry.objects.last()))]
        for publication in publications:
            folder = f"publications/{publication.register.slug}/{_folder_name(publication)}"
            yield f"{folder}/submission.json", [_json(_submission(publication))]
            yield f"{folder}/decisions.json", [_json(_decisions(publication))]
            for decision in publication.decisions.all():
                purpose = _PURPOSES.get(decision.kind)
                if purpose and decision.approval_sha256:
                    yield f"{folder}/{purpose}.json", [publication.decided_json(purpose)]
            for stored in publication.files.order_by("format"):
                yield f"{folder}/page.{stored.format}", [bytes(stored.content)]

    @cached_property
    def _timeline(self) -> Timeline:
        scope = record_scope(Provider, self.provider.pk) if self.provider else everything_scope()
        period = Q()
        if self.since:
            period &= Q(recorded_at__gte=self.since)
        if self.until:
            period &= Q(recorded_at__lte=self.until)
        return Timeline(scope, TimelineFilter(by=period))

    @property
    def _candidates(self) -> Any:
        """The publications that were submitted or decided in the period."""
        submitted, decided = Q(), Q()
        if self.since:
            submitted &= Q(submitted_at__gte=self.since)
            decided &= Q(at__gte=self.since)
        if self.until:
            submitted &= Q(submitted_at__lte=self.until)
            decided &= Q(at__lte=self.until)
        decisions = Decision.objects.filter(decided).values("publication")
        return Publication.objects.filter(submitted | Q(pk__in=decisions)).order_by("pk")

    def _publications(self) -> Iterator[Publication]:
        """Give the publications of the pack, the oldest first."""
        signed = Decision.objects.select_related("signature__factor").order_by("pk")
        candidates = self._candidates.select_related("register", "base").prefetch_related(
            Prefetch("decisions", signed), "comments"
        )
        for publication in candidates:
            if self.provider is None or _names(publication, self.provider):
                yield publication

    def _readme(self, publications: list[Publication]) -> str:
        context = {
            "pack": self,
            "since": moment_text(self.since) if self.since else "",
            "until": moment_text(self.until) if self.until else "",
            "count": len(publications),
        }
        return str(render_to_string("admin/audit_pack_readme.txt", context))


_PURPOSES = {Decision.Kind.APPROVED.value: "approve", Decision.Kind.WITHDRAWN.value: "withdraw"}


def _add(archive: ZipFile, name: str, chunks: Iterable[bytes]) -> str:
    """Add a file to an archive in pieces; return the SHA-256 of its content."""
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
    digest = hashlib.sha256()
    with archive.open(entry, "w", force_zip64=True) as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _names(publication: Publication, provider: Provider) -> bool:
    """Return whether the page of a publication names a provider."""
    page = json.loads(publication.content("json"))
    return any(named["id"] == provider.slug for named in page["providers"])


def _folder_name(publication: Publication) -> str:
    """Return the number of a publication, or what names one that was never approved."""
    numbers = [decision.number for decision in publication.decisions.all() if decision.number]
    return f"{numbers[0]:06}" if numbers else f"not-approved-{publication.uuid}"


def _submission(publication: Publication) -> dict[str, Any]:
    return {
        "publication": str(publication.uuid),
        "source": publication.source,
        "submitted_at": moment_text(publication.submitted_at),
        "submitted_by": publication.label,
        "reason": publication.reason,
        "content_sha256": publication.content_sha256,
        "findings": publication.findings,
        "answers": publication.answers,
        "grades": publication.grades,
        "held_back": publication.held_back,
        "contributions": list(publication.contributions.order_by("pk").values("changeset", "kind")),
        "comments": [
            {
                "kind": comment.kind,
                "at": moment_text(comment.at),
                "by": comment.label,
                "text": comment.text,
            }
            for comment in publication.comments.all()
        ],
    }


def _decisions(publication: Publication) -> list[dict[str, Any]]:
    return [
        {
            "kind": decision.kind,
            "at": moment_text(decision.at),
            "by": decision.label,
            "reason": decision.reason,
            "number": decision.number,
            "effective_from": _optional_moment(decision.effective_from),
            "content_sha256": decision.content_sha256,
            "approval_sha256": decision.approval_sha256,
            "signature": _signature(decision),
        }
        for decision in publication.decisions.all()
    ]


def _optional_moment(moment: datetime | None) -> str | None:
    return moment_text(moment) if moment else None


def _signature(decision: Decision) -> dict[str, str] | None:
    """Return the parts of a passkey's signature in base64, None for an unsigned decision."""
    try:
        signature = decision.signature
    except DecisionSignature.DoesNotExist:
        return None
    parts = {
        "credential_id": signature.credential_id,
        "public_key": signature.factor.public_key,
        "authenticator_data": signature.authenticator_data,
        "client_data": signature.client_data,
        "signature": signature.signature,
    }
    return {name: base64.b64encode(bytes(part)).decode() for name, part in parts.items()}


def _json(value: Mapping[str, Any] | list[Any] | None) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
