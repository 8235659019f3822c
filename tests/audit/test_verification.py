"""compliance.audit.verification: it names whatever was changed while the guards were off."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from compliance.apps import _before_migration
from compliance.audit import guards, history, verification
from compliance.models import (
    AIModel,
    Changeset,
    Decision,
    LedgerEntry,
    Provider,
    Publication,
    PublishedFile,
    User,
    ledger,
)
from compliance.models.changesets import changeset
from compliance.page import canonical
from compliance.published import reader, writer
from compliance.published.errors import ForeignStore
from compliance.publishing import approve, reject
from compliance.publishing.inserts import decide, freeze
from compliance.workingcopy.reviews import record_review
from tests.audit.tampering import fault, rechain, tamper, without_guards
from tests.factories import cell_of, make_listing, make_section, make_user, state
from tests.publications import HOUR, NOON, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_an_untouched_record_passes(published):
    verified = verification.verify()

    assert verified.entries == LedgerEntry.objects.count() == 10
    assert verified.rows > 20
    assert verified.head == reader.read_head()


def test_an_empty_record_passes():
    writer.complete()

    assert verification.verify() == verification.Verified(0, 0, None)


@pytest.mark.slow
def test_the_sealed_rows_of_one_table_are_read_in_one_query(published):
    with CaptureQueriesContext(connection) as before:
        verification.verify()
    with changeset(by=None, label="tests", reason="Edit"):
        state(published, training="never")

    with CaptureQueriesContext(connection) as after:
        verification.verify()

    assert len(after) == len(before)


def last(model):
    return model.objects.order_by("pk").last().pk


TAMPERING = {
    "a changed history value": (
        "UPDATE compliance_historicalcell SET use = 'opt_in' WHERE use = 'never'",
        "compliance_historicalcell: row",
    ),
    "a deleted history row": (
        "DELETE FROM compliance_historicalcell WHERE use = 'never'",
        "compliance_historicalcell: row",
    ),
    "a changed reason": (
        "UPDATE compliance_changeset SET reason = 'Another'",
        "compliance_changeset: row",
    ),
    "another person": (
        "UPDATE compliance_changeset SET by_id = (SELECT id FROM compliance_user WHERE username = 'ada') WHERE by_id IS NOT NULL",
        "compliance_changeset: row",
    ),
    "another name": (
        "UPDATE compliance_changeset SET label = 'ada' WHERE label = 'eve'",
        "compliance_changeset: row",
    ),
    "another moment": (
        "UPDATE compliance_changeset SET recorded_at = '2026-01-01 11:00:00+00'",
        "compliance_changeset: row",
    ),
    "another moment of an entry": (
        "UPDATE compliance_ledgerentry SET recorded_at = '2026-01-01 11:00:00+00' WHERE number = 3",
        "compliance_ledgerentry: entry 3 does not fit",
    ),
    "another base": (
        "UPDATE compliance_publication SET base_id = NULL",
        "compliance_publication: row",
    ),
    "another answer": (
        "UPDATE compliance_publication SET answers = '{}'",
        "compliance_publication: row",
    ),
    "changed bytes": (
        "UPDATE compliance_publishedfile SET sha256 = 'x' WHERE format = 'md'",
        "compliance_publishedfile: row",
    ),
    "a moved date": (
        "UPDATE compliance_decision SET effective_from = '2026-03-01 11:00:00+00'",
        "compliance_decision: row",
    ),
    "an approval by the submitter": (
        "UPDATE compliance_decision SET by_id = (SELECT id FROM compliance_user WHERE username = 'eve')",
        "compliance_decision: row",
    ),
    "a deleted decision": (
        "DELETE FROM compliance_publicevent WHERE number = 2;"
        " DELETE FROM compliance_decision WHERE number = 2",
        "compliance_decision: row",
    ),
    "a contribution taken away": (
        "DELETE FROM compliance_contribution",
        "compliance_contribution: row",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_the_row_that_was_tampered_with_is_named(published, name):
    statements, named = TAMPERING[name]
    tamper(*([statement] for statement in statements.split(";")))

    assert named in fault()


def test_a_cell_that_was_left_in_another_section_is_named():
    writer.complete()
    columns = [{"role": "text", "label": "Purpose"}]
    section = make_section(columns=columns)
    listing = make_listing(section, purpose="Hosting")
    other = make_section(section.register, columns=columns)

    with changeset(by=None, label="tests", reason="Without its cells"):
        listing.set(section=other)

    cell = cell_of(listing, "purpose")
    assert fault() == f"compliance_cell: row {cell.pk} is not in a column of its listing's section."


@pytest.mark.slow
def test_two_frozen_files_that_were_swapped_are_named(published):
    first, second = PublishedFile.objects.filter(
        publication=last(Publication), format__in=["csv", "md"]
    )
    guards.uninstall(connection)
    PublishedFile.objects.filter(pk=first.pk).update(content=second.content, sha256=second.sha256)
    PublishedFile.objects.filter(pk=second.pk).update(content=first.content, sha256=first.sha256)
    guards.install(connection)

    assert re.match(
        f"compliance_publishedfile: row ({first.pk}|{second.pk}) is not what entry 9 sealed",
        fault(),
    )


def waiting_after(listing, **values):
    """Submit another edit by the editor, and leave it in review."""
    editor = User.objects.get(username="eve")
    with changeset(by=editor, reason="Edit"):
        state(listing, training="opt_in")
    return submitted(listing.register, editor, at=NOON + 2 * HOUR, **values)


@pytest.mark.slow
def test_a_decision_moved_to_another_publication_is_named(published):
    decision, waiting = last(Decision), waiting_after(published)
    tamper(
        ["UPDATE compliance_decision SET publication_id = %s WHERE id = %s", waiting.pk, decision]
    )

    assert fault().startswith(f"compliance_decision: row {decision} is not what entry ")


@pytest.mark.slow
def test_a_decision_moved_to_another_publication_is_named_even_if_the_ledger_is_chained_anew(
    published,
):
    test_a_decision_moved_to_another_publication_is_named(published)
    rechain()

    assert fault() == f"compliance_decision: row {last(Decision)} is backdated."


def test_a_history_row_written_past_the_ledger_is_named(published):
    row = Provider.history.get()
    row.pk = None
    guards.uninstall(connection)
    Provider.history.model.objects.bulk_create([row])
    guards.install(connection)

    assert (
        fault()
        == f"compliance_historicalprovider: row {row.pk} is sealed by no entry of the ledger."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    ["by_id = (SELECT id FROM compliance_user WHERE username = 'ada')", "reason = 'Another'"],
)
def test_a_changeset_given_another_author_or_reason_is_named_even_if_the_ledger_is_chained_anew(
    published, change
):
    row = AIModel.history.first()
    tamper([f"UPDATE compliance_changeset SET {change} WHERE id = %s", row.changeset_id])
    rechain()

    assert re.fullmatch(
        r"compliance_historical\w+: row \d+ names another person or reason than its changeset "
        rf"{row.changeset_id}\.",
        fault(),
    )


@pytest.mark.slow
@pytest.mark.parametrize(("facts", "message"), [
    ({"by": "eve"}, "is by somebody who submitted or edited it"),
    ({"at": NOON}, "says 2026-03-01T12:00:00.000000+00:00, but entry {entry}"),
    ({"effective_from": NOON + HOUR}, "takes effect no later than the publication before it"),
    ({"effective_from": NOON + 3 * HOUR}, "takes effect at another moment than it was asked to"),
    ({"effective_from": NOON + 99 * HOUR}, "takes effect at another moment than it was asked to"),
    ({"number": 7}, "has the number 7, where 3 follows"),
])  # fmt: skip
def test_a_decision_sealed_with_its_own_entry_must_still_follow_the_rules(
    published, facts, message
):
    publication = waiting_after(published, effective_from=NOON + 9 * HOUR)
    by = User.objects.get(username=facts.get("by", "ada"))
    approval = {
        "at": NOON + 2 * HOUR,
        "effective_from": NOON + 9 * HOUR,
        "number": 3,
        **facts,
        "by": by,
    }
    guards.uninstall(connection)
    decide(
        publication,
        Decision.Kind.APPROVED,
        label="x",
        **approval,
    )
    guards.install(connection)

    expected = message.format(entry=LedgerEntry.objects.count())
    assert fault().startswith(f"compliance_decision: row {last(Decision)} {expected}")


@pytest.mark.slow
def test_a_publication_approved_after_it_was_rejected_is_named(published):
    approver = User.objects.get(username="ada")
    publication = waiting_after(published)
    reject(publication, by=approver, at=NOON + 2 * HOUR, reason="No")
    guards.uninstall(connection)
    decide(
        publication, Decision.Kind.APPROVED, at=NOON + 3 * HOUR, by=approver, label="ada", number=3,
        effective_from=NOON + 3 * HOUR,
    )  # fmt: skip
    guards.install(connection)

    assert (
        fault()
        == f"compliance_decision: row {last(Decision)} is a second decision on its publication."
    )


@pytest.mark.slow
def test_a_stale_publication_approved_past_the_guards_is_named(published):
    approver = User.objects.get(username="ada")
    stale, first = waiting_after(published), waiting_after(published)
    approve(first, by=approver, at=NOON + 2 * HOUR, approval_sha256=first.approval_sha256)
    guards.uninstall(connection)
    decide(
        stale, Decision.Kind.APPROVED, at=NOON + 3 * HOUR, by=approver, label="ada", number=4,
        effective_from=NOON + 3 * HOUR,
    )  # fmt: skip
    guards.install(connection)

    assert (
        fault()
        == f"compliance_decision: row {last(Decision)} follows another publication than the one it was compared with."
    )


@pytest.mark.slow
def test_an_index_that_was_removed_is_named(published, published_root):
    (published_root / published.register.slug / "index.json").unlink()

    assert fault() == (
        f"The published index of {published.register.slug} is not what the database says. Run restore_store."
    )


@pytest.mark.slow
def test_the_head_of_the_store_is_compared_with_the_record(published, published_root):
    path = published_root / "head.json"
    path.write_bytes(path.read_bytes().replace(b'"hash":"', b'"hash":"0'))

    assert "of the published store" in fault()


@pytest.mark.slow
def test_the_store_of_another_installation_is_a_wrong_setting_and_no_fault(
    published, published_root
):
    path = published_root / "record"
    path.write_bytes(path.read_bytes().replace(b"-", b"0"))

    with pytest.raises(ForeignStore, match="another installation"):
        fault()


@pytest.mark.slow
def test_a_row_written_past_the_ledger_is_named(published):
    guards.uninstall(connection)
    row = Changeset.objects.create(label="mallory", reason="Unseen", source="admin")
    guards.install(connection)

    assert fault() == f"compliance_changeset: row {row.pk} is sealed by no entry of the ledger."


@pytest.mark.slow
def test_a_review_that_was_changed_is_named(published):
    with changeset(by=make_user(), reason="Read the policy"):
        row = record_review(Provider.objects.get(), at=NOON)

    tamper(("UPDATE compliance_review SET review_date = %s", "2020-01-01"))

    assert fault().startswith(f"compliance_review: row {row.pk} is not what entry ")


@pytest.mark.slow
def test_frozen_bytes_changed_together_with_their_hashes_are_named(published):
    content = b'{"schema":"register/1"}'
    sha256 = canonical.sha256(content)
    publication = last(Publication)
    value = content if connection.vendor == "postgresql" else memoryview(content)
    tamper(
        ["UPDATE compliance_publishedfile SET content = %s, sha256 = %s WHERE format = 'json' AND publication_id = %s", value, sha256, publication],
        ["UPDATE compliance_publication SET content_sha256 = %s WHERE id = %s", sha256, publication],
        ["UPDATE compliance_decision SET content_sha256 = %s WHERE publication_id = %s", sha256, publication],
    )  # fmt: skip

    assert f"compliance_publication: row {publication} is not what entry" in fault()


@pytest.mark.slow
def test_an_entry_that_was_changed_is_named(published):
    tamper(["UPDATE compliance_ledgerentry SET sealed = '{}' WHERE number = 3"])

    assert (
        fault() == "compliance_ledgerentry: entry 3 does not fit the one before it, or was changed."
    )


def test_the_hash_of_an_entry_is_that_of_its_canonical_json():
    entry = LedgerEntry(
        number=7,
        recorded_at=NOON,
        kind="changeset",
        sealed='{"ä\u2028\U0001f600": "\\ \x00\x1f\x7f\n\t"}',
        previous_sha256="0" * 64,
    )
    facts = [7, "2026-03-01T12:00:00.000000+00:00", "changeset", entry.sealed, "0" * 64]

    assert entry.computed_sha256() == canonical.sha256(canonical.encode(facts))


@pytest.mark.slow
def test_only_a_saved_head_reveals_a_ledger_chained_anew(published, published_root):
    saved = reader.read_head()
    tamper(["UPDATE compliance_changeset SET label = 'Another'"])
    rechain()
    writer.restore(adopt=True)
    assert verification.verify().entries == 10

    assert "chained anew" in fault(heads=[saved])


@pytest.mark.slow
def test_only_a_saved_head_reveals_that_the_end_of_the_ledger_was_cut_off(published):
    saved = reader.read_head()
    publication = last(Publication)
    tamper(
        ["DELETE FROM compliance_ledgerentry WHERE number = %s", saved["number"]],
        ["DELETE FROM compliance_publicevent WHERE number = 2"],
        ["DELETE FROM compliance_decision WHERE publication_id = %s", publication],
    )
    writer.restore(adopt=True)
    assert verification.verify().entries == saved["number"] - 1

    assert fault(heads=[saved]) == (
        f"compliance_ledgerentry: entry {saved['number']} of a saved head is missing. The ledger was cut."
    )


@pytest.mark.slow
def test_a_ledger_that_was_cut_differs_from_the_published_store(published):
    tamper(
        ["DELETE FROM compliance_ledgerentry WHERE number = 10"],
        ["DELETE FROM compliance_publicevent WHERE number = 2"],
        ["DELETE FROM compliance_decision WHERE number = 2"],
    )

    assert "published index of" in fault() or "published store is missing" in fault()


@pytest.mark.slow
def test_a_changed_file_of_the_store_is_named(published, published_root):
    path = published_root / published.register.slug / "2.md"
    path.write_bytes(path.read_bytes() + b"!")

    assert "2.md is not the file that was published" in fault()


def test_a_guard_that_was_dropped_is_named(published):
    with connection.cursor() as cursor:
        table = " ON compliance_decision" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER guard_four_eyes{table}")

    assert "guard_four_eyes is missing" in fault()


def test_a_sealed_column_that_no_longer_exists_is_named(published):
    guards.uninstall(connection)
    entry = LedgerEntry.objects.get(number=1)
    entry.sealed = entry.sealed.replace('"reason"', '"motive"')
    entry.sha256 = entry.computed_sha256()
    entry.save(force_update=True)
    guards.install(connection)

    assert fault() == "compliance_changeset: a column that entry 1 seals is gone."


@pytest.mark.slow
def test_verify_prints_the_head_and_accepts_it_later(published, capsys, tmp_path):
    call_command("verify")
    output = capsys.readouterr().out
    saved = tmp_path / "heads"
    saved.write_text(output.splitlines()[-1])

    call_command("verify", anchor=[str(saved)])

    assert output.startswith("Sound: 10 entries of the ledger seal ")


@pytest.mark.slow
def test_verify_ends_with_status_1_and_prints_the_fault(published, capsys):
    tamper(["UPDATE compliance_provider SET name = 'Bolt'"])
    row = Provider.objects.get().pk

    with pytest.raises(SystemExit) as end:
        call_command("verify")

    assert end.value.code == 1
    assert (
        f"compliance_provider: row {row} is not what its history says it is."
        in capsys.readouterr().err
    )
    tamper(
        ["UPDATE compliance_provider SET name = 'Acme'"]
    )  # every test ends with its history fitting


@pytest.mark.parametrize("text", [
    "", "\n", "x", "[]", '{"number": 1}', '{"number": "x", "hash": "y"}', '{"number": 1, "hash": null}',
    f'{{"number": true, "hash": "{"0" * 64}"}}', f'{{"number": 1.9, "hash": "{"0" * 64}"}}',
    f'{{"number": 1e999, "hash": "{"0" * 64}"}}', '{"number": 1, "hash": "00"}', "[" * 100_000,
])  # fmt: skip
def test_verify_refuses_a_text_that_is_neither_head_nor_checkpoint(text, tmp_path):
    Path(tmp_path / "saved").write_text(text)

    with pytest.raises(
        CommandError, match=r"(is|holds) neither a head nor a checkpoint"
    ) as refusal:
        call_command("verify", anchor=[str(tmp_path / "saved")])

    assert refusal.value.returncode == 2


@pytest.mark.slow
def test_the_head_of_the_ledger_is_not_public_and_follows_each_edit(published, client):
    before = client.get(f"/{published.register.slug}/")
    with changeset(by=None, label="tests", reason="Edit"):
        state(published, training="never")

    after = client.get(f"/{published.register.slug}/")

    assert reader.read_head()["hash"] == LedgerEntry.objects.last().sha256
    assert LedgerEntry.objects.get(number=8).sha256 not in before.text
    assert before.content == after.content


def test_an_edit_stays_if_the_published_store_cannot_be_written(published, monkeypatch, caplog):
    def fail():
        raise OSError("The disk is full.")

    monkeypatch.setattr(writer, "write_head", fail)

    with changeset(by=None, label="tests", reason="Edit"):
        state(published, training="never")

    assert cell_of(published, "training").use == "never"


def test_an_older_head_does_not_replace_a_later_one(published, published_root):
    later = {"number": 99, "hash": "x", "time": "2026-03-01T12:00:00+00:00"}
    (published_root / "head.json").write_bytes(canonical.encode(later))

    writer.write_head()

    assert reader.read_head() == later


@pytest.mark.slow
def test_guards_are_installed_again_after_sqlite_remakes_a_table(published):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite makes tables anew")
    with (
        pytest.raises(OperationalError, match="error in trigger"),
        connection.schema_editor() as editor,
    ):
        editor._remake_table(PublishedFile)

    _before_migration(using="default", plan=["a migration"])
    with connection.schema_editor() as editor:
        editor._remake_table(PublishedFile)
    call_command("migrate", verbosity=0)

    assert guards.missing(connection) == []
    assert verification.verify().entries == 10


@pytest.mark.slow
def test_an_entry_of_the_future_is_named(published):
    last = LedgerEntry.objects.last()
    first = LedgerEntry.objects.filter(recorded_at=last.recorded_at).first()
    edge = last.recorded_at - ledger.CLOCK_TOLERANCE

    verification.verify(now=edge)
    assert fault(now=edge - timedelta(microseconds=1)).startswith(
        f"compliance_ledgerentry: entry {first.number} is of 2026-03-01T13:00:00.000000+00:00, which"
        " lies ahead of the clock, 2026-02-28T12:59:59.999999+00:00."
    )
    # The control: nothing else tells it.
    verification.verify()


@pytest.mark.slow
def test_the_command_compares_entries_with_the_clock(published, capsys):
    with time_machine.travel(NOON - timedelta(days=2)), pytest.raises(SystemExit):
        call_command("verify")

    assert "lies ahead of the clock" in capsys.readouterr().err


def act_of(model, by, label):
    """Return a row in which somebody does something under a name, sealed and with all guards."""
    if model is Changeset:
        with changeset(by=by, reason="Edit") as opened:
            opened._row.label = label
            Provider.objects.get().set(website="https://acme.example")
        return opened.changeset
    publication = submitted(Publication.objects.first().register, by, at=NOON + 2 * HOUR)
    if model is Publication:
        with without_guards():
            return freeze(
                publication.register,
                {file.format: bytes(file.content) for file in publication.files.all()},
                source=publication.source,
                base=publication.base,
                submitted_at=NOON + 2 * HOUR,
                submitted_by=by,
                label=label,
                reason="Why",
            )
    facts = {"at": NOON + 3 * HOUR, "by": by, "label": label, "reason": "Why"}
    return decide(publication, Decision.Kind.REJECTED, **facts)


@pytest.mark.slow
@pytest.mark.parametrize("model", [Changeset, Publication, Decision])
def test_a_row_under_the_name_of_somebody_else_is_named(published, model, monkeypatch):
    with changeset(by=User.objects.get(username="eve"), reason="Edit"):
        state(published, training="opt_in")
    zoe = make_user("zoe", role="editor")
    zoe.groups.add(*User.objects.get(username="ada").groups.all())
    row = act_of(model, zoe, "ada")

    assert fault() == (f"{row._meta.db_table}: row {row.pk} names ada, but is by another account.")
    monkeypatch.setattr(history, "label_faults", lambda: (_ for _ in ()))
    verification.verify()


@pytest.mark.slow
def test_names_that_were_changed_or_passed_on_are_sound(published):
    ada, eve = User.objects.get(username="ada"), User.objects.get(username="eve")
    ada.username = "ada.brown"
    ada.save()
    verification.verify()

    # Somebody with another name so far takes the one that is free, and acts under it.
    eve.username = "ada"
    eve.save()
    with changeset(by=User.objects.get(pk=eve.pk), reason="Edit"):
        Provider.objects.get().set(website="https://acme.example")
    verification.verify()
