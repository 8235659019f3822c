"""compliance.audit.guards: what the database itself refuses, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.audit import guards
from compliance.models import (
    AIModel,
    Changeset,
    Contribution,
    Decision,
    DecisionSignature,
    FactorEndorsement,
    FactorRemoval,
    FactorRenaming,
    IdentityState,
    Invitation,
    LedgerEntry,
    Provider,
    Publication,
    PublicEvent,
    PublishedFile,
    Record,
    RecordedFactor,
    Register,
    Review,
    ReviewComment,
)
from compliance.models.changesets import changeset
from compliance.page import canonical
from tests.factories import (
    BLANK,
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_register,
    make_section,
    make_term,
    make_user,
    recorded,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
APPEND_ONLY = [model._meta.db_table for model in guards.append_only_models()]


def execute(sql, params=()):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def publish(register=None, *, source="imported", decide=True, facts=(), **decision):
    """Insert a publication with its JSON file and, unless told otherwise, its approval."""
    register = register or make_register()
    content = b"{}"
    publication = Publication.objects.create(
        register=register, source=source, content_sha256=canonical.sha256(content), submitted_at=NOON,
        submitted_by=make_user(role="approver"), label="tests", reason="Publish", **dict(facts),
    )  # fmt: skip
    PublishedFile.objects.create(
        publication=publication, format="json", content=content, sha256=canonical.sha256(content)
    )
    if decide:
        approve(publication, **decision)
    return publication


def approve(publication, **values):
    number = Decision.objects.filter(register=publication.register, kind="approved").count() + 1
    values = {
        "publication": publication, "register": publication.register, "kind": "approved", "at": NOON, "label": "tests",
        "number": number, "effective_from": NOON - timedelta(days=10 - number),
        "content_sha256": publication.content_sha256,
        "approval_sha256": publication.decided_sha256("approve"), **values,
    }  # fmt: skip
    with transaction.atomic():
        return Decision.objects.create(**values)


@pytest.fixture
def record():
    """Put one row at least into every table of the record."""
    Record.identity()
    provider = make_provider()
    term = make_term(clauses=[{"kind": "none"}])
    listing = make_listing(
        providers=[provider], documents=[make_document(provider)], retention=term
    )
    cite(make_footnote(listing.register), cell=cell_of(listing, "retention"))
    publication = publish(listing.register, decide=False)
    Contribution.objects.create(publication=publication, changeset=Changeset.objects.first())
    approve(publication)
    signed = {
        "credential_id": b"k",
        "authenticator_data": b"a",
        "client_data": b"c",
        "signature": b"s",
    }
    user = make_user(role="approver")
    with recorded():
        Review.objects.create(term=term, review_date=NOON.date())
        invitation = Invitation.objects.create(user=user)
        IdentityState.objects.create(user=user, provider="x", is_connected=True)
        first = RecordedFactor.objects.create(user=user, kind="webauthn", invitation=invitation)
        second = RecordedFactor.objects.create(user=user, kind="webauthn")
        FactorEndorsement.objects.create(endorsed=second, factor=first, **signed)
        FactorRenaming.objects.create(factor=first, name="Laptop")
        FactorRemoval.objects.create(factor=first)
    ReviewComment.objects.create(
        publication=publication, kind="comment", text="Why?", at=NOON, by=user, label="tests"
    )
    decision = Decision.objects.get()
    DecisionSignature.objects.create(decision=decision, factor=second, **signed)
    PublicEvent.objects.create(number=1, decision=decision, leaf="{}")


def test_every_guard_is_in_place():
    assert guards.missing(connection) == []


def test_a_guard_that_was_dropped_is_missing():
    guards.uninstall(connection)

    assert "guard_compliance_changeset_update" in guards.missing(connection)

    guards.install(connection)


def test_a_guard_that_was_replaced_by_an_empty_one_is_missing():
    name, table = "guard_four_eyes", "compliance_decision"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN FALSE BEGIN SELECT 1; END"
            )
        else:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
            )

    assert guards.missing(connection) == [name]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_row_of_the_record_is_never_deleted(record, table):
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        execute(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_row_of_the_record_is_never_changed(record, table):
    key = next(
        model._meta.pk.column
        for model in guards.append_only_models()
        if model._meta.db_table == table
    )
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        execute(f"UPDATE {table} SET {key} = {key}")


def test_a_row_of_the_record_is_never_replaced(record):
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        execute("INSERT OR REPLACE INTO compliance_changeset SELECT * FROM compliance_changeset")


def test_a_row_with_another_key_does_not_replace_one_by_a_unique_field():
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    publication = Publication.objects.create(
        register=make_register(), source="native", content_sha256="0", submitted_at=NOON,
        label="tests", reason="Publish",
    )  # fmt: skip
    others = [field.column for field in Publication._meta.concrete_fields if field.column != "id"]
    columns = ", ".join(others)
    replace = (
        f"INSERT OR REPLACE INTO compliance_publication (id, {columns})"
        f" SELECT id + 100, {columns} FROM compliance_publication"
    )

    with pytest.raises(IntegrityError, match="never changed or deleted"):
        execute(replace)

    guards.uninstall(connection)
    execute(replace)
    guards.install(connection)
    assert Publication.objects.get().pk == publication.pk + 100


@pytest.mark.parametrize(("number", "previous"), [(3, "last"), (1, ""), (2, "0" * 64)])
def test_an_entry_of_the_ledger_continues_the_one_before_it(number, previous):
    make_register()
    last = LedgerEntry.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(
            number=number, kind="changeset", sealed="{}", sha256="x",
            previous_sha256=last.sha256 if previous == "last" else previous,
        )  # fmt: skip

    LedgerEntry.objects.create(
        number=2, kind="changeset", sealed="{}", sha256="x", previous_sha256=last.sha256
    )


def test_a_frozen_file_is_never_replaced_by_a_row_with_another_key(record):
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    with pytest.raises(IntegrityError):
        execute(
            "INSERT OR REPLACE INTO compliance_publishedfile (publication_id, format, content, sha256)"
            " SELECT publication_id, format, 'x', 'x' FROM compliance_publishedfile"
        )


@pytest.mark.django_db(transaction=True)
def test_the_record_is_never_truncated():
    if connection.vendor != "postgresql":
        pytest.skip("TRUNCATE is PostgreSQL's")
    make_listing()
    with pytest.raises(IntegrityError, match="never emptied"):
        execute("TRUNCATE compliance_changeset CASCADE")


@pytest.mark.django_db(transaction=True)
def test_a_write_without_a_history_row_is_refused_at_commit():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no deferred trigger; tests/conftest.py compares there")
    make_listing()
    with pytest.raises(IntegrityError, match="without its history"):
        execute("UPDATE compliance_provider SET name = 'unseen', lock_version = lock_version + 1")


@pytest.mark.parametrize("model", [Register, Provider, AIModel])
def test_a_slug_cannot_be_changed(model):
    make_listing()
    with pytest.raises(IntegrityError, match="set once"):
        execute(
            f"UPDATE {model._meta.db_table} SET slug = 'another', lock_version = lock_version + 1"
        )


@pytest.mark.parametrize(
    "change", ["key = 'another'", "role = 'places', asks = ''", "section_id = NULL"]
)
def test_the_key_role_and_section_of_a_column_cannot_be_changed(change):
    make_section(columns=[{"role": "text", "label": "Purpose"}])

    with pytest.raises(IntegrityError):
        execute(f"UPDATE compliance_column SET {change}, lock_version = lock_version + 1")


def test_the_label_and_the_attributes_of_a_column_can_be_changed():
    column = make_section(columns=[{"role": "retention", "label": "Kept"}]).columns.get()

    with recorded():
        column.set(label="Kept for", asks="how_long", covers="prompt", unit="days", position=99)

    assert column.key == "retention"


def test_a_section_stays_in_its_register():
    section, other = make_section(), make_register()

    with pytest.raises(IntegrityError, match="stays in its register"):
        execute(
            "UPDATE compliance_section SET lock_version = lock_version + 1, register_id = %s"
            " WHERE register_id = %s",
            [other.pk, section.register_id],
        )


@pytest.fixture
def row():
    """Make a row whose table has a column of every role, with something in each."""
    columns = [
        *STANDARD_COLUMNS,
        {"role": "places", "label": "Where"},
        {"role": "text", "label": "Purpose"},
    ]
    provider = make_provider()
    return make_listing(
        make_section(columns=columns),
        providers=[provider],
        training="never",
        retention="30 days",
        documents=BLANK,
        places="Germany",
        purpose="Hosting",
    )


def insert_cell(listing, column, **values):
    values = {"text": "", "use": "", "term_id": None, "is_blank": False, **values}
    execute(
        "INSERT INTO compliance_cell"
        " (listing_id, column_id, position, text, use, term_id, is_blank, lock_version)"
        " VALUES (%s, %s, 10, %s, %s, %s, %s, 1)",
        [
            listing.pk.hex if connection.vendor == "sqlite" else listing.pk,
            column.pk,
            *(values[name] for name in ("text", "use", "term_id", "is_blank")),
        ],
    )


def test_a_cell_stands_in_a_column_of_the_section_of_its_listing(row):
    elsewhere = make_section(columns=[{"role": "text", "label": "Purpose"}]).columns.get()

    with pytest.raises(IntegrityError, match="section of its listing"):
        insert_cell(row, elsewhere, text="Hosting")
    with pytest.raises(IntegrityError, match="section of its listing"):
        execute(
            "UPDATE compliance_cell SET lock_version = lock_version + 1, column_id = %s"
            " WHERE text = 'Hosting'",
            [elsewhere.pk],
        )


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("models", {"text": "GPT 6"}),
        ("models", {"is_blank": True}),
        ("providers", {"text": "Acme"}),
        ("documents", {"text": "Privacy policy"}),
        ("training", {"text": "No"}),
        ("training", {"term_id": "term"}),
        ("retention", {"text": "30 days"}),
        ("retention", {"use": "never"}),
        ("places", {"text": "Germany", "use": "never"}),
        ("purpose", {"text": "Hosting", "term_id": "term"}),
        ("purpose", {"is_blank": True}),
        ("purpose", {}),
        ("training", {"use": "never", "is_blank": True}),
    ],
)
def test_a_cell_has_what_the_role_of_its_column_asks_for(row, key, values):
    if "term_id" in values:
        values = {**values, "term_id": make_term().pk}
    with recorded():
        for cell in row.cells.filter(column__key=key):
            cell.delete()

    with pytest.raises(IntegrityError):
        insert_cell(row, row.section.columns.get(key=key), **values)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("training", {"use": "opt_in"}),
        ("training", {"is_blank": True}),
        ("retention", {"is_blank": True}),
        ("documents", {"is_blank": True}),
    ],
)
def test_a_row_has_one_cell_in_a_column_of_claims_or_documents(row, key, values):
    with pytest.raises(IntegrityError, match="one cell"):
        insert_cell(row, row.section.columns.get(key=key), **values)


def test_a_claim_that_is_there_can_be_changed(row):
    with recorded():
        cell_of(row, "training").set(use="opt_in")

    assert cell_of(row, "training").use == "opt_in"


def test_an_installation_keeps_one_record():
    Record.identity()
    with pytest.raises(IntegrityError, match="one record"), transaction.atomic():
        Record.objects.create()


def test_files_are_complete_before_the_decision():
    publication = publish()
    with pytest.raises(IntegrityError, match="complete before"), transaction.atomic():
        PublishedFile.objects.create(publication=publication, format="md", content=b"x", sha256="x")


def test_an_approval_of_another_hash_is_refused():
    publication = publish(decide=False)
    with pytest.raises(IntegrityError, match="Another hash"):
        approve(publication, content_sha256="0" * 64)


def test_a_publication_without_its_json_is_not_approved():
    publication = Publication.objects.create(
        register=make_register(),
        source="imported",
        content_sha256="0" * 64,
        submitted_at=NOON,
        label="x",
        reason="x",
    )
    with pytest.raises(IntegrityError, match="Another hash"):
        approve(publication)


def test_numbers_have_no_gap():
    publication = publish(decide=False)
    with pytest.raises(IntegrityError, match="no gaps"):
        approve(publication, number=2)


def test_a_publication_takes_effect_after_the_one_before():
    register = publish(effective_from=NOON - timedelta(days=1)).register
    later = publish(register, decide=False)
    with pytest.raises(IntegrityError, match="later than every one"):
        approve(later, effective_from=NOON - timedelta(days=1))


def test_an_imported_page_does_not_follow_a_native_one():
    register = publish(source="native", decide=False).register
    with pytest.raises(IntegrityError, match="cannot follow"), transaction.atomic():
        publish(register)


def test_an_imported_page_was_public_before():
    publication = publish(decide=False)
    with pytest.raises(IntegrityError, match="before it is imported"):
        approve(publication, effective_from=NOON + timedelta(seconds=1))


def test_a_decision_belongs_to_the_register_of_its_publication():
    publication = publish(decide=False)
    with pytest.raises(IntegrityError, match="register of its publication"):
        approve(publication, register=make_register())


def test_nobody_approves_what_they_submitted():
    publication = publish(source="native", decide=False)
    with pytest.raises(IntegrityError, match="Nobody approves"):
        approve(publication, by=publication.submitted_by, effective_from=NOON)


def test_a_native_publication_is_not_backdated():
    before = NOON - timedelta(seconds=1)
    publication = publish(source="native", decide=False, facts={"requested_effective_from": before})
    with pytest.raises(IntegrityError, match="on or after"):
        approve(publication, by=make_user(role="approver"), effective_from=before)


@pytest.mark.parametrize("requested", [None, NOON + timedelta(days=2)])
@pytest.mark.parametrize("moved", [timedelta(hours=1), timedelta(days=3)])
def test_a_native_publication_takes_effect_when_it_was_asked_to(requested, moved):
    publication = publish(
        source="native", decide=False, facts={"requested_effective_from": requested}
    )
    with pytest.raises(IntegrityError, match="when it was asked to"):
        approve(publication, by=make_user(role="approver"), effective_from=NOON + moved)

    approve(publication, by=make_user(role="approver"), effective_from=requested or NOON)


def test_a_native_publication_of_the_same_instant_takes_effect_a_microsecond_later():
    first = publish(source="native", decide=False)
    approve(first, by=make_user(role="approver"), effective_from=NOON)
    second = publish(first.register, source="native", decide=False, facts={"base": first})

    for moved in (timedelta(microseconds=2), timedelta(seconds=1), timedelta(days=40)):
        with pytest.raises(IntegrityError, match="when it was asked to"):
            approve(second, by=make_user(role="approver"), effective_from=NOON + moved)
    approve(second, by=make_user(role="approver"), effective_from=NOON + timedelta(microseconds=1))

    assert second.number == 2


def test_nobody_approves_what_they_edited():
    editor = make_user(role="approver")
    with changeset(by=editor, reason="Edit") as edit:
        register = make_register()
    publication = publish(register, source="native", decide=False)
    Contribution.objects.create(publication=publication, changeset=edit.changeset)

    with pytest.raises(IntegrityError, match="Nobody approves"):
        approve(publication, by=editor, effective_from=NOON)

    approve(publication, by=make_user(role="approver"), effective_from=NOON)


def test_whose_edits_are_in_a_publication_is_complete_before_the_decision(record):
    with pytest.raises(IntegrityError, match="complete before"), transaction.atomic():
        Contribution.objects.create(publication=publish(), changeset=Changeset.objects.first())


def test_a_native_publication_follows_the_one_it_was_compared_with():
    first = publish(effective_from=NOON - timedelta(days=1))
    stale = publish(first.register, source="native", decide=False)
    with pytest.raises(IntegrityError, match="compared with"):
        approve(stale, by=make_user(role="approver"), effective_from=NOON)

    following = publish(first.register, source="native", decide=False, facts={"base": first})
    approve(following, by=make_user(role="approver"), effective_from=NOON)


def decide(publication, kind, at=NOON, by=None):
    if kind == "rejected":
        by = by or make_user(role="approver")
    with transaction.atomic():
        Decision.objects.create(
            publication=publication,
            register=publication.register,
            kind=kind,
            at=at,
            by=by,
            label="tests",
            reason="Why",
            approval_sha256="0" * 64 if kind == "withdrawn" else "",
        )


@pytest.mark.parametrize("kind", ["rejected", "withdrawn"])
def test_a_publication_taken_back_in_review_is_not_approved(kind):
    publication = publish(source="native", decide=False)
    decide(publication, kind)

    with pytest.raises(IntegrityError, match="decided once"):
        approve(publication, by=make_user(role="approver"), effective_from=NOON)


def test_an_approved_publication_is_withdrawn_but_not_rejected():
    publication = publish(source="native", decide=False)
    approve(publication, by=make_user(role="approver"), effective_from=NOON)
    with pytest.raises(IntegrityError, match="decided once"):
        decide(publication, "rejected")

    decide(publication, "withdrawn", by=make_user(role="approver"))


def returning(publication, by):
    """Record that an edit of somebody comes back if the publication is withdrawn."""
    with changeset(by=by, reason="Edit"):
        make_register()
    with transaction.atomic():
        Contribution.objects.create(
            publication=publication, changeset=Changeset.objects.first(), kind="returns"
        )


def test_nobody_withdraws_a_publication_if_their_own_edits_come_back():
    author, other = make_user(role="approver"), make_user(role="approver")
    publication = publish(source="native", decide=False)
    approve(publication, by=make_user(role="approver"), effective_from=NOON)
    returning(publication, author)

    for by in (author, None):
        # PostgreSQL asks first whether it is an approver at all, which nobody is not.
        with pytest.raises(IntegrityError, match=r"Nobody withdraws|Only an approver decides"):
            decide(publication, "withdrawn", by=by)

    decide(publication, "withdrawn", by=other)


def test_without_its_guard_the_author_of_what_comes_back_withdraws():
    author = make_user(role="approver")
    publication = publish(source="native", decide=False)
    approve(publication, by=make_user(role="approver"), effective_from=NOON)
    returning(publication, author)
    on_table = " ON compliance_decision" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER guard_four_eyes_withdrawal{on_table}")

    decide(publication, "withdrawn", by=author)


def test_whoever_wrote_what_would_come_back_may_approve():
    author = make_user(role="approver")
    earlier = publish(source="native", decide=False)
    approve(earlier, by=make_user(role="approver"), effective_from=NOON)
    returning(earlier, author)
    publication = publish(earlier.register, source="native", decide=False, facts={"base": earlier})

    approve(publication, by=author, effective_from=NOON + timedelta(microseconds=1))


def test_whose_edits_come_back_is_recorded_before_the_withdrawal():
    publication = publish(source="native", decide=False)
    approve(publication, by=make_user(role="approver"), effective_from=NOON)

    returning(publication, make_user())

    decide(publication, "withdrawn", by=make_user(role="approver"))
    with pytest.raises(IntegrityError, match="before the withdrawal"):
        returning(publication, make_user())


def test_a_decision_is_not_earlier_than_the_submission_or_the_decision_before_it():
    publication = publish(source="native", decide=False)
    with pytest.raises(IntegrityError, match="not earlier"):
        decide(publication, "rejected", at=NOON - timedelta(seconds=1))
    decide(
        publish(publication.register, source="native", decide=False),
        "rejected",
        at=NOON + timedelta(hours=1),
    )

    with pytest.raises(IntegrityError, match="not earlier"):
        decide(publication, "rejected", at=NOON + timedelta(minutes=1))


def test_a_native_publication_is_approved_by_another_person():
    publication = publish(source="native", decide=False)

    approve(publication, by=make_user(role="approver"), effective_from=NOON)

    assert (publication.number, publication.state) == (1, Publication.State.APPROVED)


def test_an_event_of_the_public_log_continues_the_one_before_it():
    first = publish(effective_from=NOON - timedelta(days=2))
    second = publish(first.register, effective_from=NOON - timedelta(days=1))
    earlier, later = first.approval, second.approval
    PublicEvent.objects.create(number=1, decision=later, leaf="{}")

    for number, decision in ((1, later), (2, later), (3, earlier), (2, earlier)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PublicEvent.objects.create(number=number, decision=decision, leaf="{}")

    guards.uninstall(connection)  # undone with the test's transaction
    PublicEvent.objects.create(number=2, decision=earlier, leaf="{}")


@pytest.mark.parametrize("kind", ["rejected", "withdrawn"])
def test_the_public_log_tells_of_nothing_that_was_never_approved(kind):
    publication = publish(source="native", decide=False)
    decide(publication, kind)
    event = PublicEvent(number=1, decision=publication.decisions.get(), leaf="{}")

    with pytest.raises(IntegrityError, match="tells of approvals"), transaction.atomic():
        event.save()

    guards.uninstall(connection)  # undone with the test's transaction
    event.save()
