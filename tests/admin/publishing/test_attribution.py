"""Tests of compliance.admin.publishing.attribution: which edits caused which change."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.admin.publishing.attribution import attribute_changes
from compliance.admin.publishing.review import PublicationReview
from compliance.models.changesets import changeset
from compliance.publishing import submit
from tests.factories import (
    cite,
    make_cells,
    make_column,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_term,
    make_user,
)
from tests.publications import HOUR, NOON, answers_to, published, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row():
    acme = make_provider(
        "Acme AI", declared_retention=make_term("30 days"), declared_training="never"
    )
    make_document(acme)
    return make_listing(models=["GPT 6"], providers=[acme])


def because(reason, by):
    return changeset(by=by, reason=reason)


def reasons_by_sentence(publication):
    return {
        one.change.sentence: [changeset.reason for changeset in one.changesets]
        for one in attribute_changes(publication)
    }


@pytest.mark.slow
def test_each_change_names_the_edits_of_the_records_that_it_is_about(row, editor, approver):
    published(row.register, editor, approver)
    acme = row.listed_providers.get().provider
    with because("The term", editor):
        acme.set(declared_retention=make_term("60 days"))
    with because("The training", editor):
        acme.set(declared_training="by_default")
    with because("The model", editor):
        row.listed_models.get().set(model=make_model("GPT 7"))
    with because("The note", editor):
        note = make_footnote(row.register, text="Mind the gap.")
    with because("The mark", editor):
        cite(note, listed_provider=row.listed_providers.get())
    with because("The title", editor):
        row.register.set(title="Another title")
    with because("Of another row", editor):
        make_listing(row.register, models=["Kimi K3"], providers=["Bolt"])
    with because("The unlisted", editor):
        make_model("Nowhere")

    attributed = reasons_by_sentence(submitted(row.register, editor, at=NOON + HOUR))

    def reasons(word):
        [found] = [reasons for sentence, reasons in attributed.items() if word in sentence]
        return found

    assert reasons("“60 days” instead of") == ["The term", "The training", "The model"]
    assert reasons("takes the place of") == ["The model"]
    assert reasons("Mind the gap") == ["The note", "The mark"]
    assert reasons("title") == ["The title"]
    assert reasons("Kimi K3") == ["Of another row"]
    assert not any("The unlisted" in reasons for reasons in attributed.values())


@pytest.mark.slow
def test_a_change_of_a_models_floor_names_the_edits_of_its_term(row, editor, approver):
    floor = make_term("1 day", clauses=[{"kind": "duration", "duration": "P1D"}])
    with because("The floor", editor):
        row.listed_models.get().model.set(retention_floor=floor)
    published(row.register, editor, approver)
    with because("The clause", editor):
        floor.clauses.get().set(duration="P2D")

    changes = reasons_by_sentence(submitted(row.register, editor, at=NOON + HOUR))

    sentence = (
        "The shortest retention of GPT 6 is now all content kept 2 days, "
        "before all content kept 1 day."
    )
    assert changes[sentence] == ["The clause"]


@pytest.mark.slow
def test_changes_of_prose_columns_and_cells_name_the_edits_of_these(row, editor, approver):
    section = row.section
    with because("A plan", editor):
        plan = make_column(section, "text", label="Plan")
        [cell] = make_cells(row, plan, "Team")
    published(row.register, editor, approver)
    with because("The prose", editor):
        section.set(prose="Who gets your prompts.")
    with because("The label", editor):
        section.columns.get(key="retention").set(label="How long it is kept")
    with because("The cell", editor):
        cell.set(text="Business")
    with because("The title", editor):
        row.register.set(title="Another title")

    attributed = reasons_by_sentence(submitted(row.register, editor, at=NOON + HOUR))

    def reasons(word):
        [found] = [reasons for sentence, reasons in attributed.items() if word in sentence]
        return found

    assert reasons("How long it is kept") == ["The prose", "The label"]
    assert reasons("reads differently") == ["The prose", "The label"]
    assert reasons("Business") == ["The cell"]
    assert reasons("title") == ["The title"]


@pytest.mark.slow
def test_another_publisher_is_told_in_the_review_and_names_its_edit(row, editor, approver):
    published(row.register, editor, approver)
    with because("The publisher", editor):
        row.register.set(publisher="Acme Search")
    publication = submitted(row.register, editor, at=NOON + HOUR)
    sentence = "The publisher is now “Acme Search”; none was named before."

    review = PublicationReview(publication, approver, NOON + HOUR, rp_id="")

    assert [change.sentence for change in review.changes] == [sentence]
    assert reasons_by_sentence(publication) == {sentence: ["The publisher"]}


@pytest.mark.slow
def test_the_screen_of_changes_links_to_the_edits_and_the_time_line(
    client: Client, row, editor, approver
):
    first = published(row.register, editor, approver)
    client.force_login(make_user("audrey", role="auditor"))
    address = f"/admin/compliance/publication/{first.pk}/changes/"

    review = client.get(f"/admin/compliance/publication/{first.pk}/change/").content.decode()
    page = client.get(address).content.decode()
    timeline = client.get(
        f"/admin/compliance/register/{row.register_id}/timeline/"
    ).content.decode()

    assert f'href="{address}"' in review
    assert f'href="{address}"' in timeline
    assert "Set the scene" in page
    assert f"/admin/compliance/register/{row.register_id}/timeline/" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("anonymous", 302),
        ("nobody", 403),
        ("editor", 200),
        ("approver", 200),
        ("auditor", 200),
        ("superuser", 200),
    ],
)
def test_only_staff_with_a_role_may_read_the_changes_of_a_publication(
    client, row, editor, role, status
):
    waiting = submit(
        row.register, by=editor, at=NOON, reason="Why", answers=answers_to(row.register)
    )
    if role != "anonymous":
        known = role not in ("nobody", "superuser")
        client.force_login(
            make_user(f"the {role}", role=role if known else "", is_superuser=role == "superuser")
        )
    address = f"/admin/compliance/publication/{waiting.pk}/changes/"

    assert client.get(address).status_code == status
    assert client.post(address).status_code == (302 if role == "anonymous" else 405)
    assert client.get("/admin/compliance/publication/999/changes/").status_code == {200: 404}.get(
        status, status
    )


@pytest.mark.parametrize("edits", [2, 20])
@pytest.mark.slow
def test_attribution_takes_the_same_number_of_queries_for_any_number_of_edits(
    client, row, editor, approver, edits
):
    published(row.register, editor, approver)
    for number in range(edits):
        with because(f"Edit {number}", editor):
            make_listing(row.register, models=[f"Model {number}"], providers=["Acme AI"])
    waiting = submitted(row.register, editor, at=NOON + HOUR)

    with CaptureQueriesContext(connection) as captured:
        assert len(attribute_changes(waiting)) >= edits

    # the JSON of the publication, as that of the base is remembered; its contributions; the records
    # of all kinds
    assert len(captured) == 1 + 1 + 1
