"""Tests of compliance.admin.reviewed: the review calendar on forms, in lists and in the history."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import OperationalError
from django.test import Client

from compliance.admin.history import queries
from compliance.models import Changeset, PolicyDocument, Provider, Review, changesets
from compliance.workingcopy.reviews import record_review
from tests.factories import make_document, make_provider, make_term, make_user, recorded
from tests.forms import complaints, form_values, post_form

pytestmark = pytest.mark.django_db
ADMIN = "/admin/compliance"
MARCH = datetime(2025, 3, 1, 9, tzinfo=UTC)
A_YEAR_LATER = MARCH + timedelta(days=366)


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


def messages_of(response) -> str:
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def text(response) -> str:
    return response.content.decode()


# The screen


def test_a_review_of_a_term_needs_only_a_note(editor):
    term = make_term("30 days")

    answer = post_form(
        editor, f"{ADMIN}/retentionterm/{term.pk}/review/", reason="Read the contract"
    )

    assert answer.url == f"{ADMIN}/retentionterm/{term.pk}/change/"
    assert messages_of(answer) == "The review of 30 days was recorded."
    review = Review.objects.get()
    assert (review.term, review.changeset.label, review.changeset.reason) == (
        term,
        "edith",
        "Read the contract",
    )
    assert term.history.count() == 1


@pytest.mark.slow
def test_a_review_of_a_provider_is_for_the_ticked_records_only(editor):
    acme = make_provider("Acme")
    policy = make_document(acme, url="https://acme.example.com/policy")
    make_document(acme, kind="faq")
    url = f"{ADMIN}/provider/{acme.pk}/review/"

    assert "reviewed" not in form_values(editor.get(url).content)
    assert 'href="https://acme.example.com/policy"' in text(editor.get(url))
    post_form(
        editor,
        url,
        reviewed=[f"provider-{acme.pk}", f"policydocument-{policy.pk}"],
        reason="Read both",
    )

    assert [review.target for review in Review.objects.all()] == [
        (Provider, acme.pk),
        (PolicyDocument, policy.pk),
    ]
    assert Changeset.objects.filter(source="admin").count() == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"reason": " "}, "The note is empty."),
        (
            {"reason": "A\u202eB"},
            "A character that changes the direction of the text (U+202E) is not allowed.",
        ),
        ({"reviewed": []}, "Tick what you looked at."),
        ({"reviewed": ["provider-999"]}, "What was chosen is not on offer here. Choose again."),
    ],
)
def test_an_invalid_review_is_refused_and_keeps_the_note(editor, typed, expected):
    acme = make_provider("Acme")

    page = text(
        post_form(
            editor, f"{ADMIN}/provider/{acme.pk}/review/", **{"reason": "Read it all", **typed}
        )
    )

    assert expected in page
    assert "Nothing was recorded." in page
    assert ("Read it all" in page) == ("reason" not in typed)
    assert not Review.objects.exists()


@pytest.mark.parametrize("version", ["", "0", "x", None])
def test_a_review_of_another_version_is_refused(editor, version):
    acme = make_provider("Acme")

    page = text(
        post_form(
            editor, f"{ADMIN}/provider/{acme.pk}/review/", reason="Read it all", version=version
        )
    )

    assert "changed after you opened the page" in page
    assert "Read it all" in page
    assert not Review.objects.exists()


@pytest.mark.slow
def test_a_review_of_a_record_that_changed_is_refused_until_the_form_is_shown_again(editor):
    acme = make_provider("Acme")
    url = f"{ADMIN}/provider/{acme.pk}/review/"
    opened = form_values(editor.get(url).content)
    make_document(acme)

    typed = {**opened, "reviewed": f"provider-{acme.pk}", "reason": "Read it"}
    refused = editor.post(url, typed)
    assert "changed after you opened the page" in text(refused)
    assert not Review.objects.exists()
    editor.post(url, {**typed, "version": form_values(refused.content)["version"]})

    assert Review.objects.count() == 1


def test_another_error_does_not_hide_that_the_record_changed(editor):
    acme = make_provider("Acme")
    url = f"{ADMIN}/provider/{acme.pk}/review/"
    opened = form_values(editor.get(url).content)
    make_document(acme)

    empty = editor.post(url, {**opened, "reviewed": f"provider-{acme.pk}", "reason": ""})
    refused = editor.post(url, {**form_values(empty.content), "reason": "Read it"})

    assert "The note is empty." in text(empty)
    assert "changed after you opened the page" in text(refused)
    assert not Review.objects.exists()


def test_a_busy_database_keeps_the_note_and_the_version_of_a_review(editor):
    acme = make_provider("Acme")
    url = f"{ADMIN}/provider/{acme.pk}/review/"
    opened = form_values(editor.get(url).content)
    editor.raise_request_exception = False

    with patch(
        "compliance.models.changesets.take_editing_lock",
        side_effect=OperationalError("database is locked"),
    ):
        busy = editor.post(
            url,
            {**opened, "reviewed": f"provider-{acme.pk}", "reason": "Read it"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    assert "your turn did not come" in text(busy)
    assert not Review.objects.exists()
    typed = form_values(busy.content)
    assert (typed["reviewed"], typed["reason"]) == (f"provider-{acme.pk}", "Read it")
    assert typed["version"] == opened["version"]
    editor.post(url, typed)
    assert Review.objects.get().changeset.reason == "Read it"


@pytest.mark.slow
def test_a_review_does_not_conflict_with_an_open_edit(editor):
    acme = make_provider("Acme")
    url = f"{ADMIN}/provider/{acme.pk}"
    opened = form_values(editor.get(f"{url}/change/").content)

    post_form(editor, f"{url}/review/", reason="Read it")
    saved = editor.post(f"{url}/change/", {**opened, "name": "Acme AI", "reason": "Renamed"})

    assert complaints(saved) == ""
    assert Provider.objects.get().name == "Acme AI"


@pytest.mark.parametrize("name", ["provider", "retentionterm"])
def test_a_review_of_a_record_that_does_not_exist_is_not_found(editor, name):
    for pk in ("999", "x", str(10**22)):
        assert editor.get(f"{ADMIN}/{name}/{pk}/review/").status_code == 404


# Forms and lists


@pytest.mark.slow
def test_owner_and_interval_are_edited_and_shown_in_the_history(editor):
    acme, ruth = make_provider("Acme"), make_user("ruth")

    post_form(
        editor,
        f"{ADMIN}/provider/{acme.pk}/change/",
        owner=str(ruth.pk),
        review_interval="3",
        reason="Hers",
    )

    acme.refresh_from_db()
    assert (acme.owner, acme.review_interval) == (ruth, 3)
    lines = {
        (line.what, line.before, line.after)
        for line in queries.entries_of_record(Provider, acme.pk)[0].lines
    }
    assert lines == {("Owner", "", "ruth"), ("Review interval", "every year", "every 3 months")}


@pytest.mark.slow
def test_a_record_with_a_deactivated_owner_can_be_saved(editor):
    acme = make_provider("Acme", owner=make_user("ruth", is_active=False, is_staff=False))
    url = f"{ADMIN}/provider/{acme.pk}/change/"

    assert "ruth (deactivated)" in text(editor.get(url))
    assert complaints(post_form(editor, url, name="Acme AI", reason="Renamed")) == ""

    assert Provider.objects.get().owner.username == "ruth"


@pytest.mark.slow
@time_machine.travel(MARCH)
def test_a_form_shows_the_last_review_and_the_next(client):
    acme = make_provider("Acme")
    make_document(acme, review_interval=1)
    with changesets.changeset(by=make_user("ruth"), reason="Read"):
        record_review(acme, at=MARCH + timedelta(days=9))

    with time_machine.travel(A_YEAR_LATER):
        client.force_login(make_user("ed", role="editor"))
        page = text(client.get(f"{ADMIN}/provider/{acme.pk}/change/"))

    assert "10 Mar 2025 by ruth. Next due: 10 Mar 2026." in page
    assert "None. Next due: 1 Apr 2025, overdue." in page


@time_machine.travel(MARCH)
def test_the_review_screen_says_what_is_overdue(client):
    acme = make_provider("Acme", review_interval=24)
    make_document(acme)

    with time_machine.travel(A_YEAR_LATER):
        client.force_login(make_user(role="editor"))
        page = text(client.get(f"{ADMIN}/provider/{acme.pk}/review/"))

    assert "Not reviewed yet. Due on 1 Mar 2027." in page
    assert "Not reviewed yet. Overdue: it was due on 1 Mar 2026." in page


@pytest.mark.slow
def test_only_users_who_may_change_a_record_see_the_link_to_review_it(editor):
    term, auditor = make_term(), Client()
    auditor.force_login(make_user(role="auditor"))
    url = f"{ADMIN}/retentionterm/{term.pk}"

    assert f"{url}/review/" in text(editor.get(f"{url}/change/"))
    assert f"{url}/review/" not in text(auditor.get(f"{url}/change/"))


@pytest.mark.slow
@time_machine.travel(MARCH)
def test_lists_can_be_filtered_to_overdue_records(client):
    make_term("late")
    make_term("in time", review_interval=24)
    make_provider("Late", owner=make_user("ruth"))
    make_document(make_provider("With a late document", review_interval=24))
    make_provider("In time", review_interval=24)

    with time_machine.travel(A_YEAR_LATER):
        client.force_login(make_user(role="editor"))
        found = {
            query: [str(record) for record in client.get(f"{ADMIN}/{query}").context["cl"].queryset]
            for query in (
                "retentionterm/?review=overdue",
                "provider/?review=overdue",
                "provider/?review=documents",
            )
        }
        page = text(client.get(f"{ADMIN}/provider/?review=overdue"))

    assert list(found.values()) == [["late"], ["Late"], ["With a late document"]]
    assert "1 Mar 2026, overdue" in page
    assert "ruth" in page


# The time line


@pytest.mark.slow
def test_the_history_shows_a_review_with_its_note(editor):
    acme = make_provider("Acme")
    faq = make_document(acme, label="Acme FAQ")
    post_form(
        editor,
        f"{ADMIN}/provider/{acme.pk}/review/",
        reviewed=f"policydocument-{faq.pk}",
        reason="Read the FAQ",
    )
    with recorded():
        faq.set(label="Acme answers")
    changeset = Changeset.objects.get(source="admin")

    timeline = text(editor.get(f"{ADMIN}/provider/{acme.pk}/history/"))
    whole = text(editor.get(f"{ADMIN}/changeset/{changeset.pk}/change/"))

    for page in (timeline, whole):
        assert "Read the FAQ" in page
        assert "Document, Acme FAQ: reviewed" in page
        assert "Nothing to change" in page


@pytest.mark.slow
def test_the_history_of_a_deleted_record_keeps_its_reviews(editor):
    term = make_term("30 days")
    url = f"{ADMIN}/retentionterm/{term.pk}"
    post_form(editor, f"{url}/review/", reason="Read the contract")
    with recorded():
        term.delete()

    page = text(editor.get(f"{url}/history/"))

    assert "Read the contract" in page
    assert '<th scope="row">Reviewed</th>' in page


def test_a_reader_sees_the_owners_name_without_a_link_to_the_account():
    olga, auditor = make_user("olga"), Client()
    provider = make_provider(owner=olga)
    make_document(provider, owner=olga)
    auditor.force_login(make_user(role="auditor"))

    page = text(auditor.get(f"{ADMIN}/provider/{provider.pk}/change/"))

    assert page.count(">olga<") == 2
    assert "/admin/compliance/user/" not in page.replace('"/admin/compliance/user/"', "")
