"""The public log for strangers: checkpoint, leaves, proofs, and the script that checks them."""

import importlib.util
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler

from compliance.models.changesets import changeset
from compliance.published import reader
from compliance.published.log import encode_log, sign_log
from compliance.published.signed_note import SigningKey
from compliance.publishing import withdraw
from tests.factories import make_listing, make_user, state
from tests.publications import HOUR, NOON, published
from tests.published.test_log import KEY, OTHERS, log_of
from tests.stores import listing, publish, put, snapshot

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SCRIPT = Path(django_settings.BASE_DIR) / "docs" / "verify_publication.py"
SLUG = "models-and-privacy"
PROOF = f"/{SLUG}/1/proof"


def script():
    spec = importlib.util.spec_from_file_location("verify_publication", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


stranger = script()


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def sign(*more, changes=None):
    """Publish two pages and sign their log; return the log."""
    log = log_of(publish(snapshot(), snapshot(listing("second")), changes=changes), *more)
    put("log.json", encode_log(log))
    return log


def test_the_checkpoint_is_served_as_it_was_signed(client):
    log = sign()

    response = client.get("/checkpoint")

    assert response.text == log.checkpoint
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=60"
    assert KEY.verifier_key.open(response.text).startswith("privacy.example.com/log\n2\n")


def test_the_leaves_are_listed_by_their_hashes(client):
    log = sign(*OTHERS)

    hashes = client.get("/checkpoint/leaves").text.splitlines()

    assert hashes == [leaf_hash.hex() for leaf_hash in log.leaf_hashes]


def test_a_proof_is_served_from_the_store_alone(client):
    log = sign(*OTHERS)

    response = client.get(PROOF)

    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=60"
    body = response.json()
    assert list(body) == ["leaf", "leaf_index", "audit_path", "checkpoint"]
    assert (body["leaf_index"], body["checkpoint"]) == (0, log.checkpoint)


def test_a_proof_follows_the_log(client):
    sign()
    before = client.get(PROOF).json()

    log = sign(*OTHERS)

    assert client.get(PROOF).json()["checkpoint"] == log.checkpoint != before["checkpoint"]


@pytest.mark.parametrize("path", ["/checkpoint", "/checkpoint/leaves", PROOF])
def test_without_a_log_there_is_a_sentence(client, path):
    publish(snapshot())

    response = client.get(path)

    assert response.status_code == 404
    assert "There is no public log." in response.text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"effective_from": NOW + timedelta(days=1)}, 404),
        ({"effective_from": NOW + timedelta(days=1), "announced": True}, 200),
        ({"withdrawn_at": NOW - timedelta(days=1)}, 410),
    ],
)
def test_only_what_is_public_has_a_proof(client, change, status):
    sign(changes={2: change})

    assert client.get(f"/{SLUG}/2/proof").status_code == status


def test_a_damaged_log_hides_no_page(client):
    sign()
    put("log.json", b"{}")

    assert client.get("/checkpoint").status_code == 503
    assert client.get(PROOF).status_code == 503
    assert client.get(f"/{SLUG}/").status_code == 200
    assert client.get("/llms.txt").status_code == 200


def test_a_page_links_to_its_proof_and_names_the_key(client):
    sign()

    page = client.get(f"/{SLUG}/1/").text

    assert f'href="{PROOF}"' in page
    assert str(KEY.verifier_key) in page
    assert str(KEY.verifier_key) in client.get("/llms.txt").text


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_editing_does_not_move_the_checkpoint_and_publishing_does(client, signing_key):
    editor, approver = make_user(role="editor"), make_user(role="approver")
    row = make_listing()
    published(row.register, editor, approver)
    first = client.get("/checkpoint").text
    head = reader.read_head()

    with changeset(by=editor, reason="Edit"):
        state(row, training="never")

    assert client.get("/checkpoint").text == first
    assert reader.read_head() != head
    second = published(row.register, editor, approver, at=NOON + HOUR)
    assert signing_key.verifier_key.open(client.get("/checkpoint").text).split()[1] == "2"
    withdraw(second, by=approver, at=NOON + 2 * HOUR, reason="Wrong")
    assert signing_key.verifier_key.open(client.get("/checkpoint").text).split()[1] == "3"


# What a stranger finds out with docs/verify_publication.py.


def check(client, *, number=1, key=None, saved=None, **forged):
    """Run the stranger's script on the site; `forged` answers replace what the site says."""

    def fetch(address):
        name = address.rpartition("/")[2].replace(f"{number}.", "")
        content = client.get(address).content
        return forged[name](content) if name in forged else content

    return stranger.verify(fetch, SLUG, number, key or str(KEY.verifier_key), saved)


def refusal(client, **forged):
    with pytest.raises(stranger.DoesNotFit) as fault:
        check(client, **forged)
    return str(fault.value)


def altered(**change):
    """Return how to replace parts of the proof."""
    return lambda content: json.dumps({**json.loads(content), **change}).encode()


def test_a_stranger_finds_every_publication_of_every_size_in_the_log(client):
    for size in range(5):
        sign(*OTHERS * size)
        for number in (1, 2):
            assert f"event {number} of {2 + 2 * size}." in check(client, number=number)


def test_a_stranger_notices_another_page(client):
    sign()

    fault = refusal(client, json=lambda content: content.replace(b"prompts", b"nothing"))

    assert fault == "The page is not the one whose hash is in the log."


def test_a_stranger_notices_another_leaf(client):
    sign(*OTHERS)
    leaf = client.get(PROOF).json()["leaf"]

    forged = altered(leaf=leaf.replace("2026-03-02", "2026-03-01"))

    assert refusal(client, proof=forged).startswith("The leaf is not in the log")


def test_a_stranger_notices_the_path_of_another(client):
    sign(*OTHERS)
    other = client.get(f"/{SLUG}/2/proof").json()

    assert refusal(client, proof=altered(audit_path=other["audit_path"])).startswith("The leaf is")
    assert refusal(client, proof=altered(audit_path=[])) == "The path of the proof is too short."
    path = [*other["audit_path"], "00" * 32]
    assert refusal(client, proof=altered(audit_path=path)) == "The path of the proof is too long."
    for index in (4, -1, 0.0, False):
        assert "names a leaf" in refusal(client, proof=altered(leaf_index=index))


def test_a_stranger_notices_an_exchanged_number(client):
    sign()
    other = client.get(f"/{SLUG}/2/proof").content

    assert refusal(client, proof=lambda _: other) == "The proof is that of another publication."


def test_a_stranger_notices_another_key(client):
    log = sign()
    mallory = SigningKey.generate(KEY.name)
    forged = altered(checkpoint=sign_log(mallory, log.leaf_hashes).checkpoint)

    assert refusal(client, proof=forged) == "The checkpoint is not signed by this key."
    assert check(client, proof=forged, key=str(mallory.verifier_key))
    assert refusal(client, key=str(KEY.verifier_key).replace("privacy", "another")) == (
        "KEY is not the public key of a log."
    )


def test_a_stranger_notices_a_log_that_was_cut_or_rewritten(client):
    saved = sign(OTHERS[0]).checkpoint
    sign(*OTHERS)
    assert "still begins with the 3 events" in check(client, saved=saved)

    sign(OTHERS[1], OTHERS[0])
    assert refusal(client, saved=saved).startswith("The log was rewritten since")
    sign()
    assert refusal(client, saved=saved) == "The log was cut: saved checkpoint 1 has 3 events."
    sign(*OTHERS)
    fewer = {"leaves": lambda content: content.replace(content[:64], b"0" * 64)}
    assert refusal(client, saved=saved, **fewer).startswith("The log has fewer or other events")


def test_a_stranger_compares_each_checkpoint_in_a_file(client):
    first, second = sign().checkpoint, sign(*OTHERS).checkpoint
    mallorys = sign_log(SigningKey.generate(KEY.name), []).checkpoint

    # As deploy/save-checkpoint writes them, and without lines between them.
    assert "continues 2 saved checkpoints, the last of 4 events" in check(
        client, saved=f"{first}\n{second}\n"
    )
    assert "continues 2 saved checkpoints" in check(client, saved=first + second)
    assert check(client, saved=f"{mallorys}\n{first}\n").endswith(
        "Not compared, because this key did not sign them: 1 (of privacy.example.com/log)."
    )

    sign(OTHERS[1], OTHERS[0])
    assert check(client, saved=first)  # the control
    assert refusal(client, saved=first + second) == (
        "The log was rewritten since checkpoint 2 was saved."
    )


def test_a_stranger_is_told_if_nothing_can_be_compared(client):
    log = sign()
    mallorys = sign_log(SigningKey.generate(KEY.name), []).checkpoint

    for empty in ("", "\n\n"):
        assert refusal(client, saved=empty).startswith("FILE has no checkpoint")
    assert refusal(client, saved="<p>Sign in</p>\n").endswith("no checkpoint: <p>Sign in</p>")
    assert refusal(client, saved=f"{log.checkpoint}\nx").endswith("is no checkpoint: x")
    assert refusal(client, saved=mallorys).startswith("None of the saved checkpoints is signed")


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(settings):
    """Serve the public site over HTTP; return its address."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_script_checks_a_real_publication_over_http(site, signing_key, tmp_path):
    editor, approver = make_user(role="editor"), make_user(role="approver")
    register = make_listing().register
    published(register, editor, approver)
    (tmp_path / "saved").write_bytes(reader.read_log().checkpoint.encode())

    def run(key, number="1", saved="saved"):
        command = [sys.executable, SCRIPT, site, register.slug, number, str(key)]
        return subprocess.run(
            [*command, "--checkpoint", tmp_path / saved], capture_output=True, text=True
        )

    sound, forged = run(signing_key.verifier_key), run(KEY.verifier_key)
    (tmp_path / "empty").touch()
    empty = run(signing_key.verifier_key, saved="empty")
    unknown = run(signing_key.verifier_key, number="7")
    nonsense = run("nonsense")

    assert (sound.returncode, sound.stderr) == (0, "")
    assert f"Publication 1 of {register.slug} is event 1 of 1." in sound.stdout
    assert (forged.returncode, forged.stderr) == (1, "The checkpoint is not signed by this key.\n")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert nonsense.returncode == 1
    assert nonsense.stderr.startswith("What the site, KEY or FILE says cannot be read: ")
    assert unknown.returncode == 1
    assert unknown.stderr == (
        f"{site}/{register.slug}/7.json answers 404 Not Found. "
        "There is no such publication, or the site has no public log.\n"
    )
