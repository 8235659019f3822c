"""A publication that renews another: what the guards refuse, and what verification names."""

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.audit import decisions, guards, verification
from compliance.models import Changeset, Decision, Publication
from compliance.models.changesets import changeset
from compliance.publishing import approve
from compliance.publishing.inserts import decide, freeze
from tests.audit.tampering import rechain, tamper
from tests.factories import make_listing, make_register, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Kind = Decision.Kind


@pytest.fixture
def rows(editor, approver):
    register = make_register()
    rows = [make_listing(register, models=[name]) for name in ("One", "Two")]
    published(register, editor, approver)
    return rows


@pytest.fixture
def scheduled(rows, editor, approver):
    with changeset(by=editor, reason="Edit"):
        state(rows[1], training="never")
    later = {"effective_from": NOON + 48 * HOUR, "listings": [rows[1]]}
    return published(rows[1].register, editor, approver, at=NOON + HOUR, **later)


@pytest.fixture
def carried(rows, scheduled, editor, approver):
    """Approve an urgent change; return what the scheduled one became."""
    with changeset(by=editor, reason="Edit"):
        state(rows[0], training="opt_out")
    urgent = submitted(rows[0].register, editor, at=NOON + 2 * HOUR, listings=[rows[0]])
    at = NOON + 2 * HOUR
    approve(urgent, by=approver, at=at, approval_sha256=urgent.approval_sha256)
    return Publication.objects.get(renews=scheduled)


def renewing(publication, **values):
    """Insert a publication that renews another, with the same page."""
    files = {file.format: bytes(file.content) for file in publication.files.all()}
    facts = {
        "changesets": Changeset.objects.filter(
            pk__in=publication.contributions.values("changeset")
        ),
        "source": "native",
        "base": publication.base,
        "renews": publication,
        "submitted_at": NOON + 3 * HOUR,
        "submitted_by": publication.submitted_by,
        "label": "eve",
        "reason": "Why",
        "requested_effective_from": publication.effective_from,
    }
    return freeze(publication.register, files, **{**facts, **values})


def end(publication, by, at=NOON + 3 * HOUR):
    return decide(publication, Kind.RENEWED, at=at, by=by, label="ada", reason="Carried over.")


def approval(publication, by, at=NOON + 3 * HOUR):
    number = Decision.objects.filter(kind=Kind.APPROVED).count() + 1
    moment = publication.requested_effective_from
    facts = {"at": at, "by": by, "label": "ada", "number": number, "effective_from": moment}
    return decide(publication, Kind.APPROVED, **facts)


# What somebody who connects as the application could insert.


def renew_by_nothing(scheduled, ada):
    end(scheduled, ada)


def renew_outside_of_an_act(scheduled, ada):
    renewing(scheduled)
    end(scheduled, ada)


def approve_beside_what_it_renews(scheduled, ada):
    moment = scheduled.effective_from + HOUR
    renewal = renewing(scheduled, base=scheduled, requested_effective_from=moment)
    approval(renewal, ada)


def approve_alone_what_is_carried(scheduled, ada):
    renewal = renewing(scheduled, carried_by=scheduled.base)
    end(scheduled, ada)
    approval(renewal, ada)


REFUSED = {
    renew_by_nothing: "renewed by another one",
    renew_outside_of_an_act: "renewed by another one",
    approve_beside_what_it_renews: "ends before it is approved",
    approve_alone_what_is_carried: "approved together with the one that carries it",
}


@pytest.mark.parametrize("forge", REFUSED, ids=lambda forge: forge.__name__)
def test_the_database_refuses_and_verification_names_it(scheduled, approver, forge, monkeypatch):
    with pytest.raises(IntegrityError, match=REFUSED[forge]), transaction.atomic():
        forge(scheduled, approver)

    guards.uninstall(connection)
    forge(scheduled, approver)
    guards.install(connection)

    # The hash of the approval finds what claims to be carried by it, too.
    monkeypatch.setattr(decisions, "hash_faults", lambda: (each for each in ()))
    assert verification.first_record_fault() is not None
    # The control: without its rules, nothing else finds it.
    monkeypatch.setattr(decisions, "renewal_faults", lambda entries: (each for each in ()))
    assert verification.first_record_fault() is None


def renew_what_never_comes_back(scheduled, ada):
    renewing(scheduled, carried_by=scheduled.base)
    end(scheduled, ada)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no deferred trigger")
def test_postgresql_refuses_at_commit_a_renewal_that_is_not_approved(scheduled, approver):
    def renew_and_commit():
        with transaction.atomic():
            renew_what_never_comes_back(scheduled, approver)

    with pytest.raises(IntegrityError, match="together with the approval"):
        renew_and_commit()


def test_verification_names_a_renewal_that_is_not_approved(scheduled, approver):
    guards.uninstall(connection)
    renew_what_never_comes_back(scheduled, approver)
    guards.install(connection)

    assert "was not approved in the same act" in verification.first_record_fault()


@pytest.mark.parametrize(
    "column", ["content_sha256", "licence", "announce", "requested_effective_from", "grades"]
)
def test_the_hash_of_the_approval_covers_what_it_carries(carried, column):
    values = {
        "content_sha256": carried.base.content_sha256,
        "licence": "Another",
        "announce": True,
        "requested_effective_from": NOON + 72 * HOUR,
        "grades": '{"key": "neutral"}',
    }
    assert verification.first_record_fault() is None  # the control

    tamper(
        [
            f"UPDATE compliance_publication SET {column} = %s WHERE id = %s",
            values[column],
            carried.pk,
        ]
    )
    rechain()

    carrier = carried.carried_by.approval.pk
    assert f"compliance_decision: row {carrier} names another hash" in "\n".join(
        decisions.hash_faults()
    )


def test_verification_names_a_renewal_that_lacks_a_contributor(carried):
    contribution = carried.contributions.first()

    tamper(["DELETE FROM compliance_contribution WHERE id = %s", contribution.pk])

    faults = list(decisions.renewal_faults(verification.LedgerVerifier().keys))
    assert any("lacks edits" in fault for fault in faults)
