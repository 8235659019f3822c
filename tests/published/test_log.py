"""compliance.published.log: what a checkpoint signs and what a proof proves."""

import base64
import json

import pytest

from compliance.published import merkle
from compliance.published.errors import AlteredFile, StoreFault
from compliance.published.leaves import Event, make_leaf
from compliance.published.log import NotInLog, encode_log, parse_log, sign_log
from compliance.published.signed_note import SigningKey
from tests.stores import FIRST, publish, snapshot

KEY = SigningKey.generate("privacy.example.com/log")
OTHERS = [merkle.hash_leaf(b"another register"), merkle.hash_leaf(b"and another")]


def leaf_of(index, number):
    entry = index.entry(number)
    return make_leaf(
        Event.APPROVED,
        register=index.slug,
        number=number,
        approval_sha256=entry.approval_sha256,
        content_sha256=entry.content_sha256,
        decided_at=entry.approved_at,
        effective_from=entry.effective_from,
        renews=entry.renews,
    )


def log_of(index, *more):
    leaves = [leaf_of(index, entry.number) for entry in index.publications]
    return sign_log(KEY, [*(merkle.hash_leaf(leaf.encode()) for leaf in leaves), *more])


def test_a_checkpoint_is_origin_size_and_root_in_a_signed_note():
    log = log_of(publish(snapshot()))

    origin, size, root = KEY.verifier_key.open(log.checkpoint).splitlines()

    assert (origin, size) == ("privacy.example.com/log", "1")
    assert base64.b64decode(root) == log.leaf_hashes[0]


def test_a_proof_leads_from_the_leaf_to_the_root():
    index = publish(snapshot(), snapshot())
    log = log_of(index, *OTHERS)

    proof = log.prove(index, index.entry(2))

    assert (proof.leaf, proof.leaf_index) == (leaf_of(index, 2), 1)
    assert len(proof.audit_path) == 2
    assert proof.audit_path[0] == log.leaf_hashes[0].hex()
    assert proof.checkpoint == log.checkpoint


def test_the_leaf_of_a_publication_that_carries_another_over_names_it():
    index = publish(snapshot(), snapshot(), changes={2: {"renews": 1}})

    proof = log_of(index).prove(index, index.entry(2))

    assert json.loads(proof.leaf)["renews"] == 1


def test_a_publication_that_the_log_does_not_have_yet_has_no_proof():
    index = publish(snapshot(), snapshot())
    log = sign_log(KEY, log_of(index).leaf_hashes[:1])

    with pytest.raises(NotInLog, match="does not have publication 2"):
        log.prove(index, index.entry(2))


@pytest.mark.parametrize(
    "change",
    [
        {"approval_sha256": "0" * 64},
        {"effective_from": FIRST.replace(year=2027)},
        {"approved_at": FIRST.replace(year=2020)},
    ],
)
def test_an_index_that_says_something_else_than_the_log_is_not_proved(change):
    log = log_of(publish(snapshot()))
    altered = publish(snapshot(), changes={1: change})

    with pytest.raises(AlteredFile, match="has another publication 1"):
        log.prove(altered, altered.entry(1))


def test_a_log_is_read_as_it_was_written():
    log = log_of(publish(snapshot()), *OTHERS)

    assert parse_log(encode_log(log)) == log


@pytest.mark.parametrize(
    "change", ["leaf", "lacking", "more", "checkpoint", "key", "schema", "json"]
)
def test_a_log_that_was_altered_is_refused(change):
    log = log_of(publish(snapshot()), *OTHERS)
    value = json.loads(encode_log(log))
    hashes = value["leaf_hashes"]
    match change:
        case "leaf":
            hashes[1] = "0" * 64
        case "lacking":
            hashes.pop()
        case "more":
            hashes.append("0" * 64)
        case "checkpoint":
            value["checkpoint"] = value["checkpoint"].replace("\n3\n", "\n4\n")
        case "key":
            value["verifier_key"] = str(SigningKey.generate(KEY.name).verifier_key)
        case "schema":
            value["schema"] = "public-log/2"
    content = b"{" if change == "json" else json.dumps(value).encode()

    with pytest.raises(StoreFault, match="The public log cannot be read"):
        parse_log(content)
