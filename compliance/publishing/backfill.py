"""Pages from before the registry: replay them and record each as a publication."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from compliance.models import Changeset, Decision, Publication, Register, User, ledger
from compliance.models.changesets import take_editing_lock
from compliance.page import rules
from compliance.page.parts import Page, changed_listings
from compliance.published import writer
from compliance.publishing.contributions import contributing
from compliance.publishing.inserts import decide, freeze
from compliance.rendering.html import artefacts
from compliance.workingcopy.importing import Imported, NotImportable, PastPage, import_page


def import_history(
    pages: Iterable[PastPage], *, slug: str, at: datetime, by: "User | None" = None, label: str = ""
) -> list[tuple[Imported, Publication]]:
    """Import earlier pages one after the other, and record each as a publication.

    `at` is now; a page is in force from its own moment. Returns what each import did with its
    publication. Everything is one transaction; the published store's index is written after it.

    Raises NotImportable, with nothing changed, if the register already has native publications, if
    a page is not later than the one before it, or if a page is from the future.
    """
    with transaction.atomic():
        take_editing_lock()
        # Before the first decision: nothing may be recorded that the store cannot show.
        writer.check_and_repair(Register.objects.filter(slug=slug).first())
        recorded = []
        for page in pages:
            imported = import_page(
                page.snapshot, slug=slug, reason=page.summary, by=by, label=label
            )
            recorded.append((imported, _record(imported, page, at=at, by=by, label=label)))
        if recorded:
            register = recorded[0][0].register  # every page goes into the register of `slug`
            # Not functools.partial: Django logs the __qualname__ of a robust callback that fails.
            transaction.on_commit(lambda: writer.write_index(register), robust=True)
    return recorded


def _record(
    imported: Imported, page: PastPage, *, at: datetime, by: "User | None", label: str
) -> Publication:
    """Record an imported page as a publication, and write its files into the published store.

    It says two moments: when the page was public, and when it was recorded, which the order of the
    ledger confirms.
    """
    register = imported.register
    _refuse(register, page, at)
    at = ledger.not_before_last(at)
    number = register.publications.approved().count() + 1
    files = artefacts(imported.snapshot)
    base = register.publications.approved().last()
    before = Page(base.snapshot(), {}) if base else None
    changed = changed_listings(before, Page(imported.snapshot, {}))
    publication = freeze(
        register,
        files,
        changesets=contributing(register, base, imported.snapshot, changed),
        source=Publication.Source.IMPORTED,
        base=base,
        captured_changeset=Changeset.objects.first(),
        submitted_at=at,
        submitted_by=by,
        label=by.get_username() if by else label,
        reason=page.summary,
        requested_effective_from=page.published_at,
        findings=[finding.to_dict() for finding in rules.findings(imported.snapshot)],
    )
    decide(
        publication,
        Decision.Kind.APPROVED,
        at=at,
        by=by,
        label=publication.label,
        reason=page.summary,
        number=number,
        effective_from=page.published_at,
    )
    writer.write_files(register.slug, number, publication.approval_sha256, files)
    return publication


def _refuse(register: Register, page: PastPage, at: datetime) -> None:
    moment = page.published_at.astimezone(UTC).isoformat()
    if register.publications.filter(source=Publication.Source.NATIVE).exists():
        raise NotImportable(
            f"{register.title} already has publications that were approved here. "
            "Earlier pages can no longer be recorded."
        )
    if page.published_at > at:
        raise NotImportable(
            f"The page of {moment} lies in the future. Give the time it became public."
        )
    last = register.publications.standing().last()
    since = last.effective_from if last else None
    if last and since and since >= page.published_at:
        raise NotImportable(
            f"The page of {moment} is not later than publication {last.number}, "
            f"in force from {since.isoformat()}. "
            "List the pages from the earliest to the latest."
        )
