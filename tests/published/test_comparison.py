"""The store never replaces what it published, and a store that lies is named."""

import json
import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from compliance.models import Decision
from compliance.page import canonical
from compliance.published import comparison, reader, writer
from compliance.published.errors import AlteredFile, ContradictingStore, StoreFault
from compliance.published.index import StoredFile, encode_index
from compliance.published.signed_note import SigningKey, UnusableKey
from tests.factories import make_register
from tests.published.test_writer import NOON, approve, decide, write_files
from tests.stores import listing, put, snapshot

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TOMORROW = NOON + DAY


@pytest.fixture
def register():
    """Publish a page, and return its register."""
    register = make_register(slug="models-and-privacy", publisher="Acme Search")
    publish(register, snapshot())
    return register


def publish(register, value, **options):
    """Publish a page, and write the store as it is written after the commit."""
    publication, files = approve(register, value, **options)
    write_files(register, publication.number, files)
    writer.write_index(register)
    return publication


@contextmanager
def restored_backup():
    """Restore the database of before this block after it; the store stays as the block left it."""
    savepoint = transaction.savepoint()
    yield
    transaction.savepoint_rollback(savepoint)


def served(root):
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def replace_refusals(monkeypatch):
    """Let the writer skip all comparisons, as a control."""
    for name in (
        "refuse_contradiction",
        "refuse_contradicting_index",
        "refuse_contradicting_log",
        "refuse_rewritten_log",
    ):
        monkeypatch.setattr(writer, name, lambda *arguments: None)


WRITES = {
    "an approval": lambda register: writer.check_and_repair(register),
    "the files": lambda register: write_files(register, 2, {}),
    "restore_store": lambda register: writer.restore(),
}


@pytest.mark.parametrize("write", WRITES)
def test_an_older_database_does_not_replace_a_published_number(register, published_root, write):
    with restored_backup():
        publish(register, snapshot(listing("today")), at=TOMORROW)
    approve(register, snapshot(listing("other")), at=TOMORROW)
    before = served(published_root)

    with pytest.raises((ContradictingStore, AlteredFile)):
        WRITES[write](register)

    assert served(published_root) == before


def test_an_older_database_writes_no_index_over_a_newer_one(register, published_root, monkeypatch):
    with restored_backup():
        publish(register, snapshot(listing("today")), at=TOMORROW)
    for day in range(2):  # more decisions than the store knows, so that the revision is higher
        approve(register, snapshot(listing(f"other-{day}")), at=TOMORROW + day * DAY)
    before = served(published_root)

    with pytest.raises(
        ContradictingStore, match="publication 2 of models-and-privacy with another"
    ):
        writer.write_index(register)
    assert served(published_root) == before

    replace_refusals(monkeypatch)
    writer.write_index(register)
    assert served(published_root) != before


def test_the_same_page_with_another_frame_is_another_publication(register):
    index = reader.read_index(register.slug)
    put(
        f"{register.slug}/index.json",
        encode_index(
            replace(index, publications=(replace(index.entry(1), approval_sha256="0" * 64),))
        ),
    )

    with pytest.raises(AlteredFile, match="already is another one"):
        write_files(register, 1, {})


def test_an_older_database_does_not_show_again_what_was_withdrawn(register):
    with restored_backup():
        decide(register.publications.get(), Decision.Kind.WITHDRAWN, at=TOMORROW)
        writer.write_index(register)

    with pytest.raises(
        ContradictingStore, match="publication 1 of models-and-privacy as withdrawn"
    ):
        writer.restore()

    assert reader.read_index(register.slug).entry(1).withdrawn_at


def test_restoring_refuses_to_drop_a_register_that_the_database_does_not_know(register):
    with restored_backup():
        publish(make_register(slug="another"), snapshot())

    with pytest.raises(ContradictingStore, match="publication 1 of another, which the database"):
        writer.restore()

    assert reader.read_index("another").entry(1)


def test_adopting_replaces_what_was_published(register):
    with restored_backup():
        publish(register, snapshot(listing("today")), at=TOMORROW)
        publish(make_register(slug="another"), snapshot(), at=TOMORROW)

    writer.restore(adopt=True)

    assert [index.slug for index in reader.read_indexes()] == [register.slug]
    assert [entry.number for entry in reader.read_index(register.slug).publications] == [1]
    writer.check_and_repair(register)


@pytest.mark.parametrize("lost", ["everything", "the indexes", "nothing"])
def test_a_store_that_lost_something_is_restored_without_adopting(
    register, signing_key, published_root, lost
):
    writer.restore()
    before = served(published_root)
    if lost == "everything":
        shutil.rmtree(published_root)
    elif lost == "the indexes":
        (published_root / register.slug / "index.json").unlink()

    writer.restore()

    assert served(published_root) == before


def test_an_older_database_signs_no_log_that_contradicts_the_published_one(
    register, signing_key, published_root, monkeypatch
):
    with restored_backup():
        publish(register, snapshot(listing("today")), at=TOMORROW)
    (published_root / register.slug / "index.json").unlink()
    approve(register, snapshot(listing("other")), at=TOMORROW)
    signed = (published_root / "log.json").read_bytes()

    for write in (writer.restore, lambda: writer.check_and_repair(register)):
        with pytest.raises(ContradictingStore, match="The public log has events"):
            write()
    writer.write_index(register)  # the page is shown, but nothing is signed
    assert (published_root / "log.json").read_bytes() == signed

    replace_refusals(monkeypatch)
    writer.restore()
    assert (published_root / "log.json").read_bytes() != signed


def test_a_log_grows_with_the_events_and_is_signed(register, signing_key):
    writer.complete()
    first = reader.read_log()

    publish(register, snapshot(listing("new")), at=TOMORROW)

    second = reader.read_log()
    assert (first.size, second.size) == (1, 2)
    assert second.leaf_hashes[:1] == first.leaf_hashes
    assert second.verifier_key == signing_key.verifier_key
    assert list(second.leaf_hashes) == comparison.leaf_hashes()


def test_without_a_key_nothing_is_signed(register):
    assert reader.read_log() is None


@pytest.mark.parametrize("other", ["none", "another"])
def test_nothing_is_written_beside_a_log_that_another_key_signed(
    register, signing_key, settings, published_root, other
):
    writer.complete()
    before = served(published_root)
    settings.SIGNING_KEY_FILE.unlink()
    if other == "another":
        settings.SIGNING_KEY_FILE.write_text(SigningKey.generate(signing_key.name).encode())

    for write in (
        lambda: writer.check_and_repair(register),
        lambda: writer.restore(adopt=True),
    ):
        with pytest.raises(UnusableKey, match="which is not in SIGNING_KEY_FILE"):
            write()

    assert served(published_root) == before


def test_a_lost_store_is_not_mistaken_for_a_new_one(register, published_root):
    shutil.rmtree(published_root)

    with pytest.raises(StoreFault, match="The published store is missing"):
        writer.check_and_repair(register)


def test_the_first_publication_needs_no_store(db, published_root):
    writer.check_and_repair(make_register())


def lie_about_the_page(register, published_root):
    """Change the page in force and its hash in the index."""
    content = snapshot(listing("lie")).canonical_bytes()
    put(f"{register.slug}/1.json", content)
    index = reader.read_index(register.slug)
    entry = index.entry(1)
    files = {**entry.files, "json": StoredFile(canonical.sha256(content), len(content))}
    put(
        f"{register.slug}/index.json",
        encode_index(replace(index, publications=(replace(entry, files=files),))),
    )


def lie_about_the_publisher(register, published_root):
    index = reader.read_index(register.slug)
    lie = replace(index.entry(1), publisher="Mallory")
    put(f"{register.slug}/index.json", encode_index(replace(index, publications=(lie,))))


def put_back_an_older_index(register, published_root):
    older = (published_root / register.slug / "index.json").read_bytes()
    publish(register, snapshot(listing("new")), at=TOMORROW)
    put(f"{register.slug}/index.json", older)


def put_back_an_older_log(register, published_root):
    older = (published_root / "log.json").read_bytes()
    publish(register, snapshot(listing("new")), at=TOMORROW)
    put("log.json", older)


LIES = {
    lie_about_the_page: "The index of models-and-privacy shows another page",
    lie_about_the_publisher: "The index of models-and-privacy shows another page",
    put_back_an_older_index: "The index of models-and-privacy is not that of the database.",
    put_back_an_older_log: "The public log is not that of the database.",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_store_that_lies_is_named_by_readyz_and_verify(
    register, signing_key, client, published_root, lie
):
    writer.complete()
    assert client.get("/readyz").status_code == 200
    assert list(comparison.find_differences()) == []

    lie(register, published_root)

    answer = client.get("/readyz")
    assert answer.status_code == 503
    (reason,) = json.loads(answer.content)["reasons"]
    assert reason.startswith(LIES[lie])
    assert list(comparison.find_differences())


def test_an_index_that_lies_was_not_named_by_its_revision(register, published_root):
    lie_about_the_page(register, published_root)

    assert comparison.slugs_behind() == []


def test_restore_store_says_what_contradicts_and_adopts_on_request(register, capsys):
    with restored_backup():
        publish(register, snapshot(listing("today")), at=TOMORROW)

    with pytest.raises(CommandError, match="run restore_store --adopt"):
        call_command("restore_store")
    call_command("restore_store", adopt=True)

    assert capsys.readouterr().out == "The published store is restored.\n"
    assert reader.read_index(register.slug).entry(2) is None
