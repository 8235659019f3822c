"""Tests of compliance.admin.pack: what an audit pack holds, and that it can be checked."""

import csv
import hashlib
import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest

from compliance.admin.pack import AuditPack
from compliance.models.changesets import changeset
from compliance.publishing import reject
from tests.factories import make_listing, make_provider, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def files(pack):
    with pack.write() as file, ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def acme():
    return make_provider("Acme")


@pytest.fixture
def listing(acme, editor, approver):
    """Return a row that was published, edited, submitted again and rejected."""
    listing = make_listing(providers=[acme], training="never")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Acme wrote to us"):
        state(listing, training="by_default")
    rejected = submitted(listing.register, editor, at=NOON + HOUR)
    reject(rejected, by=approver, at=NOON + 2 * HOUR, reason="Ask them")
    return listing


def test_a_pack_can_be_checked_with_what_is_in_it(listing, acme):
    pack = files(AuditPack(acme, None, None))

    sums = dict(line.split("  ")[::-1] for line in pack.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: sha256(content) for name, content in pack.items()}
    folder = f"publications/{listing.register.slug}/000001"
    [approval] = json.loads(pack[f"{folder}/decisions.json"])
    assert approval["content_sha256"] == sha256(pack[f"{folder}/page.json"])
    assert approval["approval_sha256"] == sha256(pack[f"{folder}/approve.json"])
    assert json.loads(pack[f"{folder}/submission.json"])["answers"] != {}
    assert "sha256sum -c SHA256SUMS" in pack["README.txt"].decode()
    assert {"page.json", "page.md"} <= {name.removeprefix(f"{folder}/") for name in pack}


def test_what_was_rejected_is_in_it_with_the_reason(listing, acme):
    pack = files(AuditPack(acme, None, None))

    [name] = [name for name in pack if "not-approved" in name and name.endswith("decisions.json")]
    [rejection] = json.loads(pack[name])
    assert (rejection["kind"], rejection["reason"]) == ("rejected", "Ask them")


def test_the_history_is_that_of_the_provider(listing, acme):
    other = make_provider("Zeta")

    of_acme, of_zeta = (
        list(csv.DictReader(io.StringIO(files(AuditPack(one, None, None))["history.csv"].decode())))
        for one in (acme, other)
    )

    assert any("Acme" in row["what"] + row["after"] for row in of_acme)
    assert all("Acme" not in row["what"] + row["after"] for row in of_zeta)
    assert not any("publications/" in name for name in files(AuditPack(other, None, None)))


def test_a_period_has_what_was_submitted_or_decided_in_it(listing):
    def numbers(since, until):
        names = files(AuditPack(None, since, until))
        return {name.split("/")[2][:12] for name in names if name.startswith("publications/")}

    minute = timedelta(minutes=1)
    assert numbers(NOON - minute, NOON + minute) == {"000001"}
    assert numbers(NOON + 2 * HOUR - minute, None) == {"not-approved"}
    assert numbers(NOON + 3 * HOUR, None) == set()


def test_the_same_choice_makes_the_same_bytes(listing, acme):
    with AuditPack(acme, None, None).write() as one, AuditPack(acme, None, None).write() as other:
        assert one.read() == other.read()
