"""compliance.audit.public_log: what does not fit between decisions, public log and saved checkpoints."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from compliance.audit import guards, public_log, verification
from compliance.models import PublicEvent
from compliance.models.changesets import changeset
from compliance.published import comparison, merkle, reader, writer
from compliance.published.log import sign_log
from compliance.published.signed_note import SigningKey
from compliance.publishing import reject
from tests.audit.tampering import fault, rechain, seal_beside, tamper
from tests.factories import make_user, state
from tests.publications import HOUR, NOON, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EVENT = "compliance_publicevent"


def change_a_leaf(listing):
    tamper([f"UPDATE {EVENT} SET leaf = REPLACE(leaf, '\"number\":2', '\"number\":3')"])
    return f"{EVENT}: row 2 is not what decision"


def exchange_two_events(listing):
    first, second = PublicEvent.objects.all()
    tamper(
        [f"UPDATE {EVENT} SET leaf = %s WHERE number = 1", second.leaf],
        [f"UPDATE {EVENT} SET leaf = %s WHERE number = 2", first.leaf],
    )
    return f"{EVENT}: row 1 is not what decision"


def delete_an_event(listing):
    tamper([f"DELETE FROM {EVENT} WHERE number = 2"])
    return "is not in the public log"


def tell_of_a_rejection(listing):
    with changeset(by=None, label="tests", reason="Edit"):
        state(listing, training="never")
    waiting = submitted(listing.register, make_user(role="editor"), at=NOON + 2 * HOUR)
    reject(waiting, by=make_user(role="approver"), at=NOON + 2 * HOUR, reason="Wrong")
    guards.uninstall(connection)
    event = PublicEvent.objects.create(number=3, decision=waiting.decisions.get(), leaf="{}")
    guards.install(connection)
    seal_beside(event)
    return f"{EVENT}: row 3 tells of a decision that is not public"


@pytest.mark.parametrize(
    "forge", [change_a_leaf, exchange_two_events, delete_an_event, tell_of_a_rejection]
)
def test_a_forged_event_is_named_even_if_the_ledger_was_chained_anew(published, forge, monkeypatch):
    named = forge(published)
    rechain()
    writer.restore()

    assert named in fault()

    monkeypatch.setattr(public_log, "event_faults", lambda: (fault for fault in ()))
    verification.verify()


@pytest.fixture
def signed(published, signing_key):
    """Publish, withdraw nothing, and sign the log; return the key."""
    writer.complete()
    return signing_key


def test_the_log_continues_what_was_saved(signed):
    earlier = sign_log(signed, comparison.leaf_hashes()[:1]).checkpoint

    verification.verify(checkpoints=[earlier, reader.read_log().checkpoint])


@pytest.mark.parametrize(
    ("leaf_hashes", "sentence"),
    [
        ([merkle.hash_leaf(b"{}")], "does not continue the saved checkpoint"),
        ([merkle.hash_leaf(b"{}")] * 3, "it was cut"),
    ],
)
def test_a_log_that_was_cut_or_rewritten_is_named(signed, leaf_hashes, sentence):
    saved = sign_log(signed, leaf_hashes).checkpoint

    assert sentence in fault(checkpoints=[saved])


def test_a_checkpoint_of_another_key_is_named(signed):
    other = sign_log(SigningKey.generate(signed.name), comparison.leaf_hashes())

    assert "did not sign it" in fault(checkpoints=[other.checkpoint])


def test_without_any_key_a_checkpoint_cannot_be_compared(published):
    saved = sign_log(SigningKey.generate("a.example/log"), comparison.leaf_hashes()).checkpoint

    assert "There is no key of the log" in fault(checkpoints=[saved])


def test_a_store_with_another_log_is_named(signed, published_root):
    (published_root / "log.json").write_bytes(b"{}")

    assert fault().startswith("The public log cannot be read")


def test_verify_accepts_heads_and_checkpoints_in_one_file(signed, client, capsys, tmp_path):
    call_command("verify")
    head = capsys.readouterr().out.splitlines()[-1]
    checkpoint = client.get("/checkpoint").text
    saved = tmp_path / "saved"
    saved.write_text(f"{head}\n{checkpoint}\n{head}\n{checkpoint}", encoding="utf-8")

    call_command("verify", anchor=[str(saved)])
    assert capsys.readouterr().out.startswith("Sound")

    saved.write_text(f"{checkpoint}\n{head}\nSign in\n", encoding="utf-8")
    lines = len(saved.read_text(encoding="utf-8").splitlines())
    with pytest.raises(CommandError) as refusal:
        call_command("verify", anchor=[str(saved)])
    assert str(refusal.value).startswith(
        f"{saved}: line {lines} is neither a head nor a checkpoint: Sign in"
    )

    cut = sign_log(signed, comparison.leaf_hashes() * 2).checkpoint
    saved.write_text(f"{head}\n{cut}", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("verify", anchor=[str(saved)])
    assert "it was cut" in capsys.readouterr().err
