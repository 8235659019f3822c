"""The submit and review screens on answers to findings: what is new comes first."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.publishing import candidate
from tests.factories import make_listing, make_provider, make_user, state
from tests.publications import published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
STANDING = "1 answer given before"


@pytest.fixture
def listing(editor, approver):
    """Return a row whose one warning was answered, and which was edited since."""
    listing = make_listing(providers=[make_provider("Acme")])
    published(listing.register, editor, approver, at=timezone.now())
    with changeset(by=editor, reason="Their terms say so"):
        state(listing, training="opt_out")
    return listing


def submit_path(listing):
    return reverse("admin:compliance_publication_submit", args=[listing.register.pk])


def review_path(publication):
    return reverse("admin:compliance_publication_change", args=[publication.pk])


def parts_of(listing):
    return [part.key for part in candidate(listing.register, at=timezone.now()).changed]


def new_keys(listing):
    content = candidate(listing.register, at=timezone.now())
    return [finding.key for finding in content.new_findings if finding.severity == "warning"]


def test_the_submit_screen_offers_the_reason_of_the_edit_and_folds_what_stands(
    client, editor, listing
):
    client.force_login(editor)

    page = client.get(submit_path(listing))

    new, folded = page.text.split('<details class="standing">')
    said = " ".join(new.split())
    assert "Use the reason of the edit: “Their terms say so”" in said
    assert ">Their terms say so</textarea>" not in new
    assert STANDING in " ".join(folded.split())
    assert ">Known.</textarea>" in folded
    assert "Answered by eve" in folded


def test_a_submission_keeps_who_gave_a_standing_answer(client, approver, listing):
    other = make_user("other", role="editor")
    [earlier] = Publication.objects.get().answers.items()
    client.force_login(other)
    sent = {f"answer:{key}": "They trained before." for key in new_keys(listing)}

    client.post(submit_path(listing), {
        "reason": "Why", "parts": [f"listing:{listing.pk}"], f"answer:{earlier[0]}": "Known.", **sent,
    })  # fmt: skip

    publication = Publication.objects.in_review().get()
    assert publication.answers[earlier[0]] == earlier[1]
    assert {answer["by"] for answer in publication.answers.values()} == {"eve", "other"}


def test_an_offered_reason_that_was_not_taken_over_is_no_answer(client, editor, listing):
    client.force_login(editor)
    empty = {f"answer:{key}": "" for key in new_keys(listing)}

    page = client.post(
        submit_path(listing), {"reason": "Why", "parts": [f"listing:{listing.pk}"], **empty}
    )

    assertContains(page, "It has no answer yet.")
    assertContains(page, 'value="Their terms say so"')  # still offered
    assert not Publication.objects.in_review().exists()


def test_an_offered_reason_that_was_taken_over_is_the_answer(client, editor, listing):
    client.force_login(editor)
    sent = {}
    for key in new_keys(listing):
        sent |= {f"answer:{key}": "", f"offer:{key}": "Their terms say so"}

    client.post(submit_path(listing), {"reason": "Why", "parts": [f"listing:{listing.pk}"], **sent})

    answers = Publication.objects.in_review().get().answers
    assert {answers[key]["reason"] for key in new_keys(listing)} == {"Their terms say so"}


def test_an_answer_of_ones_own_goes_before_what_was_taken_over(client, editor, listing):
    client.force_login(editor)
    until = timezone.localdate() + timedelta(days=30)
    first, *others = new_keys(listing)
    sent = {f"answer:{first}": "My own.", f"offer:{first}": "Their terms say so"}
    for key in others:
        sent |= {f"answer:{key}": "", f"offer:{key}": "They say", f"offer-until:{key}": until}

    client.post(submit_path(listing), {"reason": "Why", "parts": [f"listing:{listing.pk}"], **sent})

    answers = Publication.objects.in_review().get().answers
    assert answers[first]["reason"] == "My own."
    assert {answers[key]["until"] for key in others} <= {until.isoformat()}


def test_a_standing_answer_that_was_emptied_stands_open(client, editor, listing):
    [key] = Publication.objects.get().answers
    client.force_login(editor)
    sent = {f"answer:{new}": "Said." for new in new_keys(listing)}

    page = client.post(
        submit_path(listing),
        {"reason": "Why", "parts": [f"listing:{listing.pk}"], f"answer:{key}": "", **sent},
    )

    assertContains(page, "Still to be answered")
    assertNotContains(page, '<details class="standing">')
    assert not Publication.objects.in_review().exists()


def test_the_review_folds_what_the_approver_has_approved_and_opens_the_rest(
    client, editor, approver, listing
):
    answers = {key: f"Said {key}" for key in new_keys(listing)}
    publication = submitted(listing.register, editor, at=timezone.now(), answers=answers)

    client.force_login(approver)
    known = client.get(review_path(publication)).text
    client.force_login(make_user("other", role="approver"))
    unknown = client.get(review_path(publication)).text

    opened, folded = known.split('<details class="standing">')
    assert STANDING in " ".join(folded.split())
    assert "Said " in opened
    assert "Known." not in opened
    assert '<details class="standing">' not in unknown
    assert "For you to read" in unknown


def test_the_review_says_where_two_answers_are_the_same(client, editor, approver, listing):
    same = submitted(listing.register, editor, at=timezone.now())
    own = {key: f"Said {key}" for key in new_keys(listing)}
    different = submitted(listing.register, editor, at=timezone.now(), answers=own)
    client.force_login(approver)

    assertContains(client.get(review_path(same)), "has the same answer, word for word")
    assertNotContains(client.get(review_path(different)), "word for word")


def test_an_answer_of_a_submission_in_review_is_offered_with_who_gave_it(client, editor, listing):
    answers = dict.fromkeys(new_keys(listing), "They write one.")
    submitted(listing.register, editor, at=timezone.now(), answers=answers)
    client.force_login(make_user("other", role="editor"))

    page = client.get(f"{submit_path(listing)}?only=listing:{listing.pk}")

    text = " ".join(page.text.split())
    assert "eve gave it on" in text
    assert "in eve’s submission, in review. Otherwise write your own." in text
    assertContains(page, 'value="They write one."', count=len(answers))
    assertNotContains(page, 'value="Their terms say so"')


def test_an_answer_to_less_is_offered_with_who_gave_it(client, editor, listing):
    [provider] = [listed.provider for listed in listing.listed_providers.all()]
    make_listing(listing.register, models=["Qwen 3"], providers=[provider])
    client.force_login(editor)

    page = client.get(submit_path(listing))

    text = " ".join(page.text.split())
    assert "UTC, to a warning that was about less. Otherwise" in text
    assertContains(page, 'value="Known."', count=1)
