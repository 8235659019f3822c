"""The published store agrees with the database from which it is written."""

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from compliance.models import Decision, Publication, PublishedFile, Record
from compliance.page import canonical
from compliance.page.formats import FORMATS
from compliance.published import comparison, reader, storage, writer
from compliance.published.errors import AlteredFile, ForeignStore, StoreFault
from compliance.published.index import encode_index
from compliance.publishing import inserts
from compliance.rendering.html import artefacts
from tests.factories import make_register, make_user, recorded
from tests.stores import listing, put, snapshot

NOON = datetime(2026, 8, 11, 12, 0, tzinfo=UTC)


class Killed(Exception):
    """Raised to simulate a process that ends."""


@pytest.fixture
def register(db):
    return make_register(
        slug="models-and-privacy", publisher="Acme Search", contact="privacy@acme.example"
    )


def approve(register, value, *, at=NOON, source="native", announce=False):
    """Store an approved publication of a snapshot; return it with its frozen files."""
    editor, approver = make_user(), make_user(role="approver")
    files = artefacts(value)
    publication = Publication.objects.create(
        register=register,
        source=source,
        base=register.publications.standing().last(),
        content_sha256=value.content_sha256(),
        submitted_at=at,
        submitted_by=editor,
        label=editor.username,
        reason="SECRET-REASON",
        publisher=register.publisher,
        contact=register.contact,
        announce=announce,
    )
    for format, content in files.items():
        PublishedFile.objects.create(
            publication=publication,
            format=format,
            content=content,
            sha256=canonical.sha256(content),
        )
    decide(
        publication,
        Decision.Kind.APPROVED,
        by=approver,
        at=at,
        number=register.publications.approved().count() + 1,
        effective_from=at,
    )
    return publication, files


def write_files(register, number, files):
    """Write the files of a publication, as its approval or one that is not committed does."""
    approval = register.decisions.filter(number=number).first()
    writer.write_files(
        register.slug, number, approval.approval_sha256 if approval else "0" * 64, files
    )


def decide(publication, kind, *, at, by=None, **values):
    by = by or make_user(role="approver")
    inserts.decide(
        publication,
        kind,
        at=at,
        by=by,
        label=by.username,
        reason="SECRET-REASON",
        **values,
    )


def test_the_index_agrees_with_the_database(register):
    _, files = approve(register, snapshot())

    writer.write_index(register)

    index = reader.read_index("models-and-privacy")
    assert index.record == str(Record.identity())
    published = index.entry(1)
    assert (index.slug, published.publisher, published.contact) == (
        "models-and-privacy", "Acme Search", "privacy@acme.example",
    )  # fmt: skip
    assert (published.source, published.effective_from, published.approved_at) == (
        "native",
        NOON,
        NOON,
    )
    assert published.content_sha256 == snapshot().content_sha256()
    assert {
        format: reader.read_file(index, published, format) for format in published.files
    } == files
    assert {format: file.size for format, file in published.files.items()} == {
        format: len(content) for format, content in files.items()
    }


def test_the_store_names_no_person_and_no_reason(register, published_root):
    publication, _ = approve(register, snapshot())
    decide(publication, Decision.Kind.WITHDRAWN, at=NOON + timedelta(days=1))
    writer.write_index(register)

    stored = b"".join(path.read_bytes() for path in published_root.rglob("*") if path.is_file())

    assert b"SECRET-REASON" not in stored
    assert not [
        user
        for user in publication.decisions.values_list("label", flat=True)
        if user.encode() in stored
    ]


def test_the_index_has_the_title_of_the_publication_not_of_the_working_copy(
    register, published_root
):
    approve(register, snapshot(title="As approved"))
    with recorded():
        register.set(
            title="Edited since",
            publisher="Edited since",
            contact="edited@since.example",
            licence="Edited since",
        )

    writer.write_index(register)

    assert reader.read_index(register.slug).entry(1).title == "As approved"
    stored = b"".join(path.read_bytes() for path in published_root.rglob("*") if path.is_file())
    assert b"Edited since" not in stored
    assert b"edited@since" not in stored


def test_a_register_without_an_approval_has_no_index(register, published_root):
    writer.write_index(register)

    assert reader.read_indexes() == []
    assert comparison.slugs_behind() == []
    assert not (published_root / register.slug).exists()


def test_a_process_that_ends_before_it_writes_the_index_leaves_the_old_index(register):
    approve(register, snapshot())
    writer.write_index(register)
    with contextlib.suppress(Killed), transaction.atomic():
        _, files = approve(register, snapshot(listing("new")), at=NOON + timedelta(days=1))
        write_files(register, 2, files)
        raise Killed

    index = reader.read_index(register.slug)

    assert index.entry(2) is None
    assert (
        reader.read_file(index, index.in_force(NOON + timedelta(days=2)), "json")
        == snapshot().canonical_bytes()
    )


def test_files_left_by_an_approval_that_was_not_committed_are_replaced(register):
    write_files(register, 1, artefacts(snapshot(listing("lost"))))
    _, files = approve(register, snapshot(listing("kept")))
    write_files(register, 1, files)
    writer.write_index(register)

    index = reader.read_index(register.slug)

    assert reader.read_file(index, index.entry(1), "json") == files["json"]


def test_a_published_file_is_never_replaced_by_another(register):
    approve(register, snapshot())
    writer.write_index(register)

    with pytest.raises(
        AlteredFile, match="Publication 1 of models-and-privacy already has another"
    ):
        write_files(register, 1, artefacts(snapshot(listing("other"))))

    index = reader.read_index(register.slug)
    assert reader.read_file(index, index.entry(1), "json") == snapshot().canonical_bytes()


def test_an_index_that_is_behind_is_completed(register):
    approve(register, snapshot())
    writer.write_index(register)
    publication, _ = approve(register, snapshot(listing("new")), at=NOON + timedelta(days=1))
    assert comparison.slugs_behind() == [register.slug]

    writer.complete()
    assert (comparison.slugs_behind(), reader.read_index(register.slug).entry(2).withdrawn_at) == (
        [],
        None,
    )

    decide(publication, Decision.Kind.WITHDRAWN, at=NOON + timedelta(days=2))
    writer.complete()
    assert reader.read_index(register.slug).entry(2).withdrawn_at == NOON + timedelta(days=2)


def test_an_index_that_cannot_be_written_keeps_no_other_from_being_completed(
    register, monkeypatch, caplog
):
    approve(register, snapshot())
    second = make_register(slug="zzz")
    approve(second, snapshot())
    write_index = writer.write_index

    def fail_for_one(asked):
        if asked.slug == register.slug:
            raise OSError("No space left on device")
        write_index(asked)

    monkeypatch.setattr(writer, "write_index", fail_for_one)
    writer.complete()

    assert comparison.slugs_behind() == [register.slug]
    assert "No space left on device" in caplog.text


def test_a_decision_that_the_public_cannot_see_leaves_the_index_as_it_is(register):
    approve(register, snapshot())
    writer.write_index(register)
    waiting = Publication.objects.create(
        register=register,
        source="native",
        content_sha256="0" * 64,
        submitted_at=NOON,
        label="e",
        reason="r",
    )

    decide(waiting, Decision.Kind.REJECTED, at=NOON)

    assert comparison.slugs_behind() == []


def test_a_damaged_index_is_written_again(register):
    approve(register, snapshot())
    writer.write_index(register)
    put(f"{register.slug}/index.json", b'{"schema": "published-index/1"')
    with pytest.raises(StoreFault, match="Run restore_store"):
        reader.read_index(register.slug)

    writer.complete()

    assert reader.read_index(register.slug).entry(1)


def test_an_older_index_never_replaces_a_newer_one(register, published_root, caplog):
    approve(register, snapshot())
    writer.write_index(register)
    index = reader.read_index(register.slug)
    newer = replace(index, revision=index.revision + 5)
    put(f"{register.slug}/index.json", encode_index(newer))

    writer.write_index(register)

    assert reader.read_index(register.slug).revision == index.revision + 5
    assert "ahead of the database" in caplog.text
    assert comparison.slugs_behind() == [register.slug]


def test_restoring_writes_all_files_of_the_store_again(register, published_root):
    approve(register, snapshot())
    writer.write_index(register)
    before = {path: path.read_bytes() for path in published_root.rglob("*") if path.is_file()}
    for path in before:
        if path.name != "record":
            path.write_bytes(b"damaged")
    put("no-longer/index.json", b"{}")

    writer.restore()

    assert {
        path: path.read_bytes() for path in published_root.rglob("*") if path.is_file()
    } == before
    assert [index.slug for index in reader.read_indexes()] == [register.slug]


def test_restoring_into_an_empty_folder_writes_the_same_bytes(register, published_root):
    approve(register, snapshot())
    writer.write_index(register)
    before = {path: path.read_bytes() for path in published_root.rglob("*") if path.is_file()}
    for path in before:
        path.unlink()

    writer.restore()

    assert {
        path: path.read_bytes() for path in published_root.rglob("*") if path.is_file()
    } == before


def test_the_index_never_names_a_missing_file(register):
    _, files = approve(register, snapshot())

    writer.write_index(register)

    index = reader.read_index(register.slug)
    assert reader.read_file(index, index.entry(1), "csv") == files["csv"]


@pytest.mark.parametrize(
    "write",
    ["check_and_repair", "write_files", "write_index", "restore", "complete"],
)
def test_a_store_of_another_installation_is_refused(register, published_root, write):
    approve(register, snapshot())
    put("record", b"00000000-0000-4000-8000-000000000001\n")
    write = {
        "write_files": partial(write_files, register, 1, {"json": b"{}"}),
        "write_index": partial(writer.write_index, register),
        "check_and_repair": partial(writer.check_and_repair, register),
    }.get(write) or getattr(writer, write)

    with pytest.raises(ForeignStore, match="belongs to another installation"):
        write()

    assert [path.name for path in published_root.rglob("*")] == ["record"]


def test_files_written_before_the_first_commit_do_not_claim_the_store(register, published_root):
    # The record's own row may be rolled back with that transaction; the store would then belong to nobody.
    with contextlib.suppress(Killed), transaction.atomic():
        write_files(register, 1, artefacts(snapshot()))
        raise Killed

    assert not (published_root / "record").exists()


def test_the_index_is_written_only_after_the_commit(register):
    approve(register, snapshot())

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        writer.write_index(register)

    assert reader.read_index(register.slug) is None


def test_reading_the_store_makes_no_database_query(register, django_assert_num_queries):
    approve(register, snapshot())
    writer.write_index(register)

    with django_assert_num_queries(0):
        index = reader.read_index(register.slug)
        reader.read_file(index, index.in_force(NOON), "html")


def test_writing_a_publication_reads_no_earlier_one_from_the_database(
    register, django_assert_num_queries
):
    for day in range(3):
        approve(register, snapshot(listing(f"day-{day}")), at=NOON + timedelta(days=day))
    writer.write_index(register)
    approve(register, snapshot(listing("last")), at=NOON + timedelta(days=3))
    Record.identity()

    # record, two savepoints, register, same past, publications, decisions, heading and files of the new one, each of its
    # contents, its event, the ledger's last entry; then the head: record, two savepoints, the ledger's last entry
    with django_assert_num_queries(16 + len(FORMATS) + 2 * (connection.vendor == "postgresql")):
        writer.write_index(register)


def test_an_index_that_disagrees_with_the_ledger_is_not_continued(register, published_root):
    for day in range(2):
        approve(register, snapshot(listing(f"day-{day}")), at=NOON + timedelta(days=day))
        writer.write_index(register)
    path = published_root / register.slug / "index.json"
    ahead = json.loads(path.read_bytes())
    ahead["head"]["hash"] = "0" * 64
    ahead["publications"][0]["title"] = "Altered"
    path.write_text(json.dumps(ahead))

    writer.write_index(register)

    assert reader.read_index(register.slug).entry(1).title == "Models and privacy"


def test_writing_an_index_reads_no_earlier_file_of_the_store(register, monkeypatch):
    asked, exists = [], storage.PublishedFolder.exists
    monkeypatch.setattr(
        storage.PublishedFolder,
        "exists",
        lambda self, name: asked.append(name) or exists(self, name),
    )
    calls = []

    for day in range(3):
        _, files = approve(register, snapshot(listing(f"day-{day}")), at=NOON + timedelta(days=day))
        write_files(register, day + 1, files)
        asked.clear()
        writer.write_index(register)
        calls.append(len(asked))

    assert calls[1] == calls[2]
