"""The page as its editors see it, and the order of its rows."""

import pytest
from django.test import Client

from compliance.admin.listings.page import PAGE_SIZE, whole_page
from compliance.models import Changeset, Listing
from compliance.workingcopy.resolve import capture
from tests.admin.doors import signed_in
from tests.factories import (
    cite,
    make_footnote,
    make_listing,
    make_register,
    make_section,
    make_user,
    state,
)
from tests.forms import read
from tests.publications import published, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    register = make_register(title="Models")
    for model in ("One", "Two", "Three"):
        make_listing(register, models=[model])
    return register


def page_of(register, query: str = "") -> str:
    return f"/admin/compliance/register/{register.pk}/page/{query}"


def rows_of(register) -> list[Listing]:
    return list(Listing.objects.filter(section__register=register).order_by("position"))


def names(register) -> list[str]:
    return [row.listed_models.get().model.name for row in rows_of(register)]


def order_of(rows, **posted) -> dict:
    keys = [str(row.pk) for row in rows]
    return {"order": keys, "opened": " ".join(keys), **posted}


def test_each_cell_leads_to_its_fields_and_a_row_that_differs_says_so(client: Client, register):
    published(register, make_user("eve", role="editor"), make_user(role="approver"))
    first, second, _ = rows_of(register)
    make_listing(register, models=["Four"])
    client.force_login(make_user(role="editor"))

    page = client.get(page_of(register)).content.decode()

    assert f'href="/admin/compliance/listing/{first.pk}/change/#cell_models"' in page
    assert f'href="/admin/compliance/listing/{second.pk}/change/#cell_retention"' in page
    assert f'href="/admin/compliance/listing/add/?section={first.section_id}"' in page
    assert page.count("Draft") == 1


def test_a_submitted_row_is_no_draft_until_it_is_edited_again(client: Client, register):
    editor = make_user("eve", role="editor")
    published(register, editor, make_user(role="approver"))
    row = make_listing(register, models=["Four"])
    submitted(register, editor)
    client.force_login(make_user(role="editor"))

    page = client.get(page_of(register)).content.decode()
    state(row, training="by_default")
    edited = client.get(page_of(register)).content.decode()

    assert (page.count(">In review<"), page.count(">Draft<")) == (1, 0)
    assert (edited.count(">In review<"), edited.count(">Draft<")) == (1, 1)


def test_an_auditor_opens_a_footnote_and_an_editor_edits_it(client: Client, register):
    cite(make_footnote(register), listed_model=rows_of(register)[0].listed_models.get())
    pages = {}
    for role in ("auditor", "editor"):
        client.force_login(make_user(role=role))
        pages[role] = read(client.get(page_of(register)))

    assert ("Open note 1" in pages["auditor"], "Edit note 1" in pages["auditor"]) == (True, False)
    assert "Edit note 1" in pages["editor"]


def test_the_only_page_opens_at_once_and_several_are_offered(client: Client, register):
    client.force_login(make_user(role="editor"))

    assert client.get("/admin/compliance/register/page/").url == page_of(register)
    other = make_register(title="Other")
    assert page_of(other) in client.get("/admin/compliance/register/page/").content.decode()


def test_a_button_moves_a_row_and_nothing_is_saved_before_there_is_a_reason(client, register):
    client.force_login(make_user("eve", role="editor"))
    one, two, three = rows_of(register)

    moved = client.post(page_of(register), order_of([one, two, three], down=str(one.pk)))
    order = moved.context["page"].order
    refused = client.post(page_of(register), order_of([one, two, three], order=order))

    assert order == [str(two.pk), str(one.pk), str(three.pk)]
    assert "another order, which is not saved yet" in moved.content.decode()
    assert "The reason is empty." in refused.content.decode()
    assert names(register) == ["One", "Two", "Three"]


def test_the_order_is_saved_with_its_reason_in_one_changeset(client, register):
    client.force_login(make_user("eve", role="editor"))
    one, two, three = rows_of(register)
    order = [str(row.pk) for row in (three, one, two)]

    posted = order_of([one, two, three], order=order, reason="The newest first")
    client.post(page_of(register), posted)

    assert names(register) == ["Three", "One", "Two"]
    assert Changeset.objects.latest("pk").reason == "The newest first"


def test_an_order_that_somebody_overtook_is_not_saved(client, register):
    client.force_login(make_user("eve", role="editor"))
    one, two, three = rows_of(register)
    posted = order_of([two, one, three], order=[str(three.pk), str(two.pk), str(one.pk)])

    answer = client.post(page_of(register), {**posted, "reason": "Mine"})

    assert "Somebody changed the order" in answer.content.decode()
    assert names(register) == ["One", "Two", "Three"]


def test_the_last_reason_is_offered_and_taken_by_its_box(client, register):
    client.force_login(make_user("eve", role="editor"))
    one, two, three = rows_of(register)
    turned = [str(row.pk) for row in (two, one, three)]
    client.post(page_of(register), order_of([one, two, three], order=turned, reason="As agreed"))

    offered = client.get(page_of(register)).content.decode()
    back = order_of([two, one, three], order=[str(row.pk) for row in (one, two, three)])
    client.post(page_of(register), {**back, "reason": "", "same_reason": "1"})

    assert "The same as last: “As agreed”" in offered
    assert names(register) == ["One", "Two", "Three"]
    assert Changeset.objects.latest("pk").reason == "As agreed"


def test_readers_see_the_page_and_may_not_order_it(register):
    auditor = signed_in("auditor")

    page = auditor.get(page_of(register))

    assert page.status_code == 200
    assert 'name="up"' not in page.content.decode()
    assert auditor.post(page_of(register), order_of(rows_of(register))).status_code == 403


def test_a_long_page_shows_some_rows_and_leads_to_the_others():
    register = make_register(columns=[{"role": "text", "label": "Name"}])
    other = make_section(register, columns=[{"role": "text", "label": "Name"}])
    for number in range(PAGE_SIZE - 1):
        make_listing(register, name=f"Row {number}")
    last = [make_listing(other, name=f"Last {number}") for number in range(3)]
    snapshot = capture(register)

    first = whole_page(snapshot)
    around = whole_page(snapshot, row=str(last[2].pk))

    assert len(first.order) == PAGE_SIZE
    assert [(part.first, part.last, part.is_current) for part in first.ranges] == [
        (1, PAGE_SIZE, True),
        (PAGE_SIZE + 1, PAGE_SIZE + 2, False),
    ]
    assert around.order == [str(row.pk) for row in last[1:]]
    assert around.sections[1].rows[0].number == PAGE_SIZE + 1
    assert (around.sections[0].rows, around.sections[1].hidden_before) == ((), 1)
