"""compliance.audit.ledger_order: rows that were recorded later than they say are named.

Each forger owns the database: it inserts rows without the guards, and seals them by an entry that
fits the chain. The control takes the comparison with the order of the ledger away: then the forged
record is sound.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.audit import verification
from compliance.audit.ledger_chain import LedgerVerifier
from compliance.audit.ledger_order import OrderVerifier
from compliance.models import (
    AIModel,
    Changeset,
    Contribution,
    Decision,
    LedgerEntry,
    Provider,
    Publication,
    PublishedFile,
    User,
    ledger,
)
from compliance.models.changesets import changeset
from compliance.models.reviews import Review
from compliance.page import canonical
from compliance.published import writer
from compliance.publishing import NotPublishable, outlook, withdraw
from compliance.publishing.inserts import decide, freeze
from tests.audit.tampering import fault, leave_keys_out, seal, without_guards
from tests.factories import state
from tests.publications import HOUR, NOON, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KIND = LedgerEntry.Kind
EARLIER = NOON - 24 * HOUR


@pytest.fixture
def waiting(published):
    """Submit another edit hours after the last publication, and return the one in review."""
    editor = User.objects.get(username="eve")
    with changeset(by=editor, reason="Edit"):
        state(published, training="opt_in")
    return submitted(published.register, editor, at=NOON + 9 * HOUR)


def old_changeset(**values):
    return Changeset.objects.create(
        **{"recorded_at": EARLIER, "label": "mallory", "reason": "Old", "source": "admin", **values}
    )


def old_history(model, row, **values):
    """Insert a version of a record before those that it has."""
    version = model.history.order_by("pk").first()
    version.pk = None
    for name, value in {
        "changeset": row,
        "history_date": row.recorded_at,
        "history_change_reason": row.reason,
        "history_user": row.by,
        **values,
    }.items():
        setattr(version, name, value)
    model.history.model.objects.bulk_create([version])
    return version


def now():
    return LedgerEntry.objects.last().recorded_at


def last_entry():
    """Return the number of the entry that the forger appended."""
    return LedgerEntry.objects.last().number


def changeset_with_a_key_below_one(waiting):
    seal(KIND.CHANGESET, old_changeset(pk=-3, recorded_at=now()))
    return f"compliance_changeset: row -3, sealed by entry {last_entry()}, has a key below 1."


def changeset_with_key_zero(waiting):
    seal(KIND.CHANGESET, old_changeset(pk=0, recorded_at=now()))
    return f"compliance_changeset: row 0, sealed by entry {last_entry()}, has a key below 1."


def changeset_between_others(waiting):
    leave_keys_out(Changeset)
    with changeset(by=None, label="tests", reason="Edit"):
        Provider.objects.get().set(website="https://acme.example")
    last = Changeset.objects.latest("pk").pk
    seal(KIND.CHANGESET, old_changeset(pk=last - 1, recorded_at=now()))
    return rf"compliance_changeset: row {last - 1}, .* has an earlier key than row {last}"


def changeset_of_an_earlier_moment(waiting):
    row = old_changeset()
    seal(KIND.CHANGESET, row)
    return rf"compliance_changeset: row {row.pk} says 2026-02-28T12:00:00"


def changeset_of_a_later_moment_than_its_entry(waiting):
    row = old_changeset(recorded_at=now() + HOUR)
    seal(KIND.CHANGESET, row, recorded_at=now())
    return rf"compliance_changeset: row {row.pk} says "


def entry_before_the_one_before_it(waiting):
    seal(KIND.CHANGESET, old_changeset(), recorded_at=EARLIER)
    return f"entry {last_entry()} is of an earlier moment than the one before it"


def history_of_an_earlier_changeset(waiting):
    seal(KIND.CHANGESET, old_history(AIModel, AIModel.history.first().changeset))
    return f"entry {last_entry()} seals 0 rows of compliance_changeset, where it seals one"


def history_of_an_earlier_changeset_beside_another(waiting):
    row = old_history(AIModel, AIModel.history.first().changeset)
    seal(KIND.CHANGESET, old_changeset(recorded_at=now()), row)
    return rf"compliance_historicalaimodel: row {row.pk} does not belong to the changeset"


def history_of_an_earlier_moment(waiting):
    changed = old_changeset(recorded_at=now())
    row = old_history(AIModel, changed, history_date=EARLIER)
    seal(KIND.CHANGESET, changed, row)
    return rf"compliance_historicalaimodel: row {row.pk} does not belong to the changeset"


def history_between_others(waiting):
    changed = old_changeset(recorded_at=now())
    row = old_history(AIModel, changed, pk=-1)
    seal(KIND.CHANGESET, changed, row)
    return "compliance_historicalaimodel: row -1, .* has a key below 1"


def two_changesets_in_one_entry(waiting):
    seal(KIND.CHANGESET, old_changeset(recorded_at=now()), old_changeset(recorded_at=now()))
    return f"entry {last_entry()} seals 2 rows of compliance_changeset, where it seals one"


def review_of_an_earlier_changeset(waiting):
    row = Review(
        provider=Provider.objects.get(),
        changeset=AIModel.history.first().changeset,
        review_date=EARLIER.date(),
    )
    Review.objects.bulk_create([row])
    seal(KIND.CHANGESET, old_changeset(recorded_at=now()), row)
    return rf"compliance_review: row {row.pk} does not belong to the changeset"


def submission_of_an_earlier_moment(waiting):
    freeze(
        waiting.register,
        {file.format: bytes(file.content) for file in waiting.files.all()},
        source=Publication.Source.NATIVE,
        base=waiting.base,
        submitted_at=EARLIER,
        label="eve",
        reason="Old",
    )
    return r"compliance_publication: row \d+ says 2026-02-28T12:00:00"


def file_of_an_earlier_publication(waiting):
    row = PublishedFile.objects.create(
        publication=waiting, format="txt", content=b"x", sha256=canonical.sha256(b"x")
    )
    seal(KIND.CHANGESET, old_changeset(recorded_at=now()), row)
    return rf"compliance_publishedfile: row {row.pk} does not belong to the changeset"


def contribution_to_an_earlier_publication(waiting):
    row = Contribution.objects.create(publication=waiting, changeset=Changeset.objects.last())
    seal(KIND.CHANGESET, old_changeset(recorded_at=now()), row)
    return rf"compliance_contribution: row {row.pk} does not belong to the changeset"


def withdrawal_of_an_earlier_moment(waiting):
    approver = User.objects.get(username="ada")
    row = decide(
        waiting.base,
        Decision.Kind.WITHDRAWN,
        at=NOON + 2 * HOUR,
        by=approver,
        label="ada",
        reason="Old",
    )
    return rf"compliance_decision: row {row.pk} says 2026-03-01T14:00:00"


def rejection_later_than_its_entry(waiting):
    approver = User.objects.get(username="ada")
    row = decide(
        waiting,
        Decision.Kind.REJECTED,
        at=now() + 99 * HOUR,
        by=approver,
        label="ada",
        reason="Late",
    )
    entry = LedgerEntry.objects.last()
    entry.recorded_at = NOON + 9 * HOUR
    entry.sha256 = entry.computed_sha256()
    entry.save(force_update=True)
    return rf"compliance_decision: row {row.pk} says "


def column_that_an_entry_leaves_out(waiting):
    row = old_changeset(recorded_at=now())
    fields = Changeset._meta.concrete_fields
    columns = [field.attname for field in fields if field.attname != "reason"]
    hashes = ledger.row_hashes(Changeset, columns, [row.pk])
    sealed = {row._meta.db_table: {"columns": columns, "rows": hashes}}
    seal(KIND.CHANGESET, row, sealed=canonical.encode(sealed).decode())
    return f"compliance_changeset: entry {last_entry()} does not seal the column reason"


def entry_without_rows(waiting):
    seal(KIND.CHANGESET)
    return f"entry {last_entry()} seals 0 rows of compliance_changeset, where it seals one"


FORGERS = [
    changeset_with_a_key_below_one,
    changeset_with_key_zero,
    changeset_between_others,
    changeset_of_an_earlier_moment,
    changeset_of_a_later_moment_than_its_entry,
    entry_before_the_one_before_it,
    history_of_an_earlier_changeset,
    history_of_an_earlier_changeset_beside_another,
    history_of_an_earlier_moment,
    history_between_others,
    two_changesets_in_one_entry,
    review_of_an_earlier_changeset,
    submission_of_an_earlier_moment,
    file_of_an_earlier_publication,
    contribution_to_an_earlier_publication,
    withdrawal_of_an_earlier_moment,
    rejection_later_than_its_entry,
    column_that_an_entry_leaves_out,
    entry_without_rows,
]


@pytest.mark.parametrize("forge", FORGERS, ids=lambda forge: forge.__name__)
def test_a_forged_past_is_named(waiting, forge, monkeypatch):
    with without_guards():
        named = forge(waiting)
    writer.restore(adopt=True)

    assert re.search(named, fault())

    monkeypatch.setattr(OrderVerifier, "faults", lambda *args: iter(()))
    monkeypatch.setattr(LedgerVerifier, "_column_fault", lambda *args: None)
    verification.verify()


def test_edits_are_recorded_after_the_last_entry_even_if_the_clock_was_set_back(waiting):
    last = NOON + 9 * HOUR
    with (
        time_machine.travel(last - timedelta(minutes=4)),
        changeset(by=None, label="tests", reason="Edit") as opened,
    ):
        Provider.objects.get().set(website="https://acme.example")

    assert opened.changeset.recorded_at == last
    assert Provider.history.latest().history_date == last
    assert LedgerEntry.objects.last().recorded_at == last
    verification.verify()


@pytest.fixture
def ahead(waiting):
    """Record an edit by a clock that is years ahead, and return its moment."""
    moment = datetime(2090, 1, 1, tzinfo=UTC)
    with time_machine.travel(moment, tick=False), pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger, "timezone", timezone)
        edit()
    assert LedgerEntry.objects.last().recorded_at == moment
    return moment


def edit():
    with changeset(by=None, label="tests", reason="Edit"):
        provider = Provider.objects.get()
        provider.set(website=f"https://acme.example/{provider.lock_version}")


def resubmit(waiting):
    submitted(waiting.register, User.objects.get(username="eve"), at=timezone.now())


@pytest.mark.parametrize(
    ("act", "error"),
    [(lambda waiting: edit(), ledger.ClockBehind), (resubmit, NotPublishable)],
    ids=["edit", "submit"],
)
def test_nothing_is_recorded_after_an_entry_of_the_future(waiting, ahead, act, error, monkeypatch):
    entries = LedgerEntry.objects.count()
    with pytest.raises(error, match=r"entry is of 2090-01-01 00:00 UTC.* restore a backup"):
        act(waiting)
    assert LedgerEntry.objects.count() == entries

    # The control: without asking, it is recorded as of 2090 too.
    monkeypatch.setattr(ledger, "refuse_future", lambda last: None)
    act(waiting)
    assert LedgerEntry.objects.last().recorded_at == ahead


def test_an_approval_says_what_to_do_after_an_entry_of_the_future(waiting, ahead):
    approver = User.objects.get(username="ada")

    obstacle = outlook(waiting, by=approver, at=timezone.now()).obstacle

    assert obstacle.startswith("The record's last entry is of 2090-01-01 00:00 UTC")


def test_a_wrong_page_leaves_the_site_even_after_an_entry_of_the_future(waiting, ahead):
    page = waiting.register.publications.numbered(2)
    withdraw(page, by=User.objects.get(username="ada"), at=timezone.now(), reason="Wrong")

    assert page.state == Publication.State.WITHDRAWN


def test_a_command_says_what_to_do_after_an_entry_of_the_future(waiting, ahead, tmp_path):
    page = tmp_path / "page.json"
    page.write_bytes(waiting.content("json").replace(b"Acme", b"Bolt"))
    with pytest.raises(CommandError, match="entry is of 2090-01-01"):
        call_command("import_page", str(page), register=waiting.register.slug, reason="Import")
