"""Tests of compliance.admin.publishing: submit, review, decide, and who may do which."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.admin.dashboard.dashboard import Dashboard
from compliance.admin.publishing.grades import grade_names
from compliance.models import Decision, Publication, Record
from compliance.models.changesets import changeset
from compliance.page.diff.sentences import row_label
from compliance.page.formats import FORMATS, Format
from compliance.publishing import candidate, reject, withdraw
from compliance.workingcopy import listings
from compliance.workingcopy.listings import ModelRow
from tests.factories import (
    cite,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_term,
    make_user,
    state,
)
from tests.forms import form_values, read
from tests.publications import HOUR, NOON, answers_to, published, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing():
    return make_listing(models=["GPT 6"], providers=[make_provider("Acme")])


@pytest.fixture
def register(listing):
    return listing.register


def path(publication, action="change"):
    return reverse(f"admin:compliance_publication_{action}", args=[publication.pk])


def submit_path(register):
    return reverse("admin:compliance_publication_submit", args=[register.pk])


def form(register, **values):
    """Return what the form sends with all answers and grades, if every listing is chosen."""
    answers = {f"answer:{key}": answer for key, answer in answers_to(register).items()}
    contents = candidate(register, at=NOON).graded_contents
    grades = dict.fromkeys(grade_names(contents).values(), "neutral")
    return {
        "reason": "Why",
        "parts": all_parts(register),
        **answers,
        **grades,
        **values,
    }


def all_parts(register):
    """Return the keys of all parts that differ."""
    return [part.key for part in candidate(register, at=timezone.now()).changed]


def keys(*listings):
    """Return the keys of listings, as the form names them."""
    return [f"listing:{listing.pk}" for listing in listings]


def signed_in(client, user):
    client.force_login(user)
    return client


def test_the_submit_screen_shows_differences_and_findings(client, editor, register):
    page = signed_in(client, editor).get(submit_path(register)).text

    assert "GPT 6" in page
    assert "shows no document of Acme" in page
    assert "Submit for approval" in page


@pytest.mark.slow
def test_parts_that_are_scheduled_or_in_review_are_chosen_only_by_hand(
    client, editor, approver, register
):
    rows = [make_listing(register, models=[name]) for name in ("Kimi K3", "Qwen 4", "GLM 5")]
    published(register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        for row in rows:
            state(row, training="by_default")
    scheduled, waiting, draft = rows
    later = timezone.now() + timedelta(days=9)
    published(register, editor, approver, listings=[scheduled], effective_from=later, announce=True)
    submitted(register, editor, listings=[waiting])
    path = submit_path(register)

    pages = [
        signed_in(client, editor).get(path),
        client.post(path, {"_choose": "mine"}),
        client.get(path, {"only": keys(scheduled)[0]}),
    ]

    shown = [page.context["submission"].choices for page in pages]
    chosen = [[choice.changed.key for choice in parts if choice.is_included] for parts in shown]
    assert chosen == [keys(draft), keys(draft), keys(scheduled)]
    told = {choice.changed.key: choice.pending for choice in shown[0]}
    in_time, again = (told[key] for key in keys(scheduled, waiting))
    assert f"Announced for {later:%-d %b %Y, %H:%M} UTC." in in_time[0]
    assert "In review already (“Why”)." in again[0]
    assert told[keys(draft)[0]] == []
    assert "If you choose it, it takes effect with this publication instead." in in_time[0]
    assert pages[0].context["submission"].chosen_again == []
    [chosen_again] = pages[2].context["submission"].chosen_again
    assert "You chose it, so it takes effect with this publication instead." in read(pages[2])
    assert chosen_again.changed.key == keys(scheduled)[0]
    assert "would be called off by this: all that it changes takes effect" in read(pages[2])
    assert "would be called off" not in read(pages[0])


@pytest.mark.slow
def test_the_form_says_which_scheduled_publication_its_choice_calls_off(
    client, editor, approver, register
):
    row = make_listing(register, models=["Kimi K3"])
    published(register, editor, approver)
    with changeset(by=editor, reason="Later"):
        state(row, training="by_default")
    later = timezone.now() + timedelta(days=9)
    published(register, editor, approver, effective_from=later, announce=True)
    with changeset(by=editor, reason="For now"):
        state(row, training="opt_out")

    shown = signed_in(client, editor).get(submit_path(register), {"only": keys(row)[0]})

    assert (
        f"2 of {register}, announced for {later:%-d %b %Y, %H:%M} UTC, would be called off by "
        "this: both change Kimi K3." in read(shown)
    )


@pytest.mark.slow
def test_a_submission_waits_for_approval(client, editor, register):
    answer = signed_in(client, editor).post(submit_path(register), form(register, announce="on"))

    publication = Publication.objects.get()
    assert answer.url == path(publication)
    assert (publication.reason, publication.announce, publication.submitted_by) == (
        "Why",
        True,
        editor,
    )


@pytest.mark.slow
def test_a_refused_submission_keeps_everything_that_was_typed(client, editor, register):
    values = form(register, reason="My long reason", effective_from="2020-01-01 09:00")

    page = signed_in(client, editor).post(submit_path(register), values).text

    assert "has passed, and nothing is published backdated." in page
    assert "My long reason" in page
    assert "2020-01-01 09:00" in page
    assert "Known." in page
    assert not Publication.objects.exists()


@pytest.mark.slow
def test_all_errors_of_a_submission_are_shown_together(client, editor, register):
    chosen = all_parts(register)

    page = (
        signed_in(client, editor)
        .post(submit_path(register), {"parts": chosen, "effective_from": "soon"})
        .text
    )

    assert '<a href="#id_reason">The reason is empty.' in page
    assert "“soon” is not a moment." in page
    assert '<a href="#finding-1">' in page
    assert 'aria-invalid="true" aria-describedby="missing-1"' in page


@pytest.mark.slow
def test_a_day_or_moment_that_has_passed_is_refused_together_with_what_is_missing(
    client, editor, register
):
    [key] = answers_to(register)
    values = {
        "parts": all_parts(register),
        "effective_from": "2020-01-01 09:00",
        f"answer:{key}": "Known.",
        f"until:{key}": "2020-01-01",
    }

    page = signed_in(client, editor).post(submit_path(register), values).text

    assert '<a href="#id_reason">The reason is empty.' in page
    assert '<a href="#id_effective_from">1 Jan 2020, 09:00 UTC has passed' in page
    assert '<a href="#until-1">Holds until: 2020-01-01 has passed.' in page


@pytest.mark.slow
def test_submitting_the_same_form_twice_submits_once_and_names_the_first(client, editor, register):
    values = form(register, waiting="0")
    signed_in(client, editor).post(submit_path(register), values)

    page = client.post(submit_path(register), values).text

    assert "eve submitted this register after you opened the form" in page
    assert Publication.objects.count() == 1
    client.post(submit_path(register), {**values, "waiting": str(Publication.objects.get().pk)})
    assert Publication.objects.count() == 2


@pytest.mark.slow
def test_listings_left_out_stay_left_out_if_a_chosen_one_no_longer_differs(
    client, editor, approver, register, listing
):
    published(register, editor, approver)
    rows = [make_listing(register, models=[name], providers=["Acme"]) for name in ("GLM", "Qwen 3")]
    values = {"reason": "Why", "parts": keys(listing, rows[0])}

    page = signed_in(client, editor).post(submit_path(register), values).text

    assert "no longer differs" in page
    assert f'value="listing:{rows[0].pk}" checked' in page
    assert f'value="listing:{rows[1].pk}">' in page
    assert Publication.objects.count() == 1


def test_a_row_that_does_not_differ_is_not_ticked_and_the_form_says_why(
    client, editor, approver, register, listing
):
    published(register, editor, approver)

    shown = signed_in(client, editor).get(submit_path(register), {"only": keys(listing)[0]})

    assert "Nothing is ticked: the row that you came from says what the page in force" in read(
        shown
    )


def test_each_reason_on_a_card_stands_with_the_person_who_gave_it(
    client, editor, register, listing
):
    for person, reason in ((editor, "Acme wrote"), (make_user("bob", role="editor"), "Qwen 9 in")):
        with changeset(by=person, reason=reason):
            state(listing, training="by_default" if person is editor else "never")

    page = read(signed_in(client, editor).get(submit_path(register)))

    assert "eve: “Acme wrote”" in page
    assert "bob: “Qwen 9 in”" in page


@time_machine.travel("2026-12-01T12:00:00Z", tick=False)
def test_the_moment_that_was_typed_is_shown_as_it_was_read(client, editor, register):
    values = form(register, effective_from="12/15/2026")

    shown = signed_in(client, editor).post(submit_path(register), {**values, "_show": "Show"})
    submission = client.post(submit_path(register), values, follow=True)
    desk = client.get(reverse("admin:index"))

    assert "Read as: in force from 15 Dec 2026, 00:00 UTC, once approved." in read(shown)
    assert "When approved in force from 15 Dec 2026, 00:00 UTC" in read(submission)
    assert "In review, yours in force from 15 Dec 2026, 00:00 UTC:" in read(desk)


@pytest.mark.slow
def test_an_answer_holds_until_its_day(client, editor, register):
    [key] = answers_to(register)
    until = timezone.now().date() + timedelta(days=30)
    values = form(register, **{f"until:{key}": until.isoformat()})

    signed_in(client, editor).post(submit_path(register), values)

    answer = Publication.objects.get().answers[key]
    assert (answer["reason"], answer["until"]) == ("Known.", until.isoformat())


@pytest.mark.slow
@pytest.mark.parametrize(("until", "message", "kept"), [
    ("31.13.2026", "is not a day", "31.13.2026"),
    ("next spring", "is not a day", "next spring"),
    ("2020-01-01", "has passed", "1 Jan 2020"),
    ("2999-01-01", "too long", "1 Jan 2999"),
])  # fmt: skip
def test_an_invalid_day_of_an_answer_is_refused_and_kept_in_the_form(
    client, editor, register, until, message, kept
):
    [key] = answers_to(register)

    page = (
        signed_in(client, editor)
        .post(submit_path(register), form(register, **{f"until:{key}": until}))
        .text
    )

    assert re.search(f'<a href="#until-1">Holds until: [^<]*{message}', page)
    assert "Known." in page
    assert f'value="{kept}"' in page
    assert not Publication.objects.exists()


@pytest.mark.parametrize("button", ["_show", "_choose", "submit"])
def test_an_answer_with_a_character_that_nobody_sees_is_refused_at_its_field(
    client, editor, register, button
):
    [key] = answers_to(register)
    values = form(register, **{f"answer:{key}": "Kno\0wn.", button: "all"})

    response = signed_in(client, editor).post(submit_path(register), values)

    assert response.status_code == 200
    if button == "submit":
        assert re.search(r'<a href="#answer-1">Answer: [^<]*character', response.text)
    assert not Publication.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "message"),
    [
        ("01/02/2027 10:00", "can be 1 Feb 2027 or 2 Jan 2027"),
        ("9999-12-31T23:59:59-14:00", "15 Dec 2026 14:00"),
        ("soon", "15 Dec 2026 14:00"),
    ],
)
def test_an_ambiguous_moment_is_refused_with_an_example(client, editor, register, moment, message):
    page = (
        signed_in(client, editor)
        .post(submit_path(register), form(register, effective_from=moment))
        .text
    )

    assert message in page
    assert "Nothing was submitted." in page
    assert not Publication.objects.exists()


def test_a_null_character_in_a_filter_is_a_bad_request(client, editor):
    answer = signed_in(client, editor).get(
        f"{reverse('admin:compliance_publication_changelist')}?source__exact=%00"
    )

    assert answer.status_code == 400


@pytest.mark.slow
def test_publications_in_review_come_first_in_the_list(client, editor, approver, register):
    submitted(register, editor)
    published(register, editor, approver)

    [first, second] = (
        signed_in(client, editor)
        .get(reverse("admin:compliance_publication_changelist"))
        .context["cl"]
        .result_list
    )

    assert (first.state, second.state) == (Publication.State.IN_REVIEW, Publication.State.APPROVED)


@pytest.mark.slow
def test_approving_is_refused_if_it_would_now_overtake_another_publication(
    client, editor, approver, register, listing
):
    published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    urgent = submitted(register, editor, at=NOON + HOUR)
    published(
        register,
        editor,
        approver,
        at=NOON + HOUR,
        effective_from=timezone.now() + timedelta(days=9),
    )

    values = {"approval_sha256": urgent.approval_sha256}
    refusal = signed_in(client, approver).post(path(urgent, "approve"), values)

    assert "would now also overtake" in refusal.text
    assert 'name="overtaking" value="2"' in refusal.text
    shown = {"approval_sha256": refusal.context["review"].outlook.approval_sha256}
    assert client.post(path(urgent, "approve"), {**shown, "overtaking": ["2"]}).status_code == 302


@pytest.mark.slow
def test_a_submission_with_an_unanswered_warning_is_refused(client, editor, register):
    chosen = all_parts(register)

    page = (
        signed_in(client, editor)
        .post(submit_path(register), {"reason": "Why", "parts": chosen})
        .text
    )

    assert "Nothing was submitted." in page
    assert "shows no document of Acme" in page
    assert not Publication.objects.exists()


@pytest.mark.slow
def test_the_effect_of_choosing_listings_can_be_shown_without_submitting(
    client, editor, approver, register
):
    published(register, editor, approver)
    make_listing(register, models=["Qwen 3"], providers=["Acme"])
    make_listing(register, models=["Kimi K3"], providers=["Acme"])
    chosen = keys(register.listings.last())

    page = signed_in(client, editor).post(submit_path(register), {"_show": "1", "parts": chosen})

    assert row_label(page.context["candidate"].snapshot.all_rows[-1]) == "Kimi K3"
    assert len(page.context["candidate"].held_back) == 1
    assert "Nothing was submitted" not in page.content.decode()  # to look needs no reason
    assert not Publication.objects.filter(decisions=None).exists()


def included(page):
    """Return the names of the parts that a page of the form would take in."""
    return {
        choice.changed.name for choice in page.context["submission"].choices if choice.is_included
    }


@pytest.mark.slow
def test_what_somebody_edited_all_none_or_one_row_is_chosen_in_one_press(
    client, editor, approver, register
):
    published(register, editor, approver)
    with changeset(by=editor, reason="Qwen comes"):
        row = make_listing(register, models=["Qwen 3"], providers=["Acme"])
    with changeset(by=make_user("bob"), reason="A better title"):
        register.set(title="Where prompts go")
    signed_in(client, editor)
    choices = {"mine": {"Qwen 3"}, "all": {"Qwen 3", "Title"}, "none": set()}

    for choice, names in choices.items():
        page = client.post(submit_path(register), {"_choose": choice})
        assert included(page) == names, choice
    page = client.get(submit_path(register) + f"?only=listing:{row.pk}")

    assert included(page) == {"Qwen 3"}
    assert "A better title" in page.text
    assert not Publication.objects.filter(decisions=None).exists()


@pytest.mark.slow
def test_a_row_that_another_edited_is_not_mine_because_of_a_term_that_i_set_back(
    client, editor, approver
):
    kept, stored = make_term("Not stored"), make_term("30 days")
    row = make_listing(models=["Qwen 3"], retention=kept)
    register = row.register
    make_listing(register, models=["Kimi K3"], retention=stored)
    published(register, editor, approver)
    bob = make_user("bob", role="editor")
    with changeset(by=editor, reason="A slip"):
        kept.set(wording="Never stored")
    with changeset(by=editor, reason="Back again"):
        kept.set(wording="Not stored")
    with changeset(by=editor, reason="They wrote"):
        stored.set(wording="Thirty days")
    with changeset(by=bob, reason="They join"):
        listings.add(row, models=[ModelRow(make_model("Qwen 4"))], after=None)

    mine = {}
    for user in (editor, bob):
        page = signed_in(client, user).post(submit_path(register), {"_choose": "mine"})
        [(_, summary)] = Dashboard(user, timezone.now()).summaries
        drafts = {listing.name for listing in summary.listings if listing.is_draft}
        mine[user.username] = [sorted(included(page)), sorted(drafts)]

    assert mine == {
        editor.username: [["Kimi K3"], ["Kimi K3"]],
        "bob": [["Qwen 4 and Qwen 3"], ["Qwen 4 and Qwen 3"]],
    }
    contributors = {one.by for one in candidate(register, at=timezone.now()).changesets}
    assert contributors == {editor, bob}  # who may not approve it: what was set back counts


@pytest.mark.slow
def test_a_part_that_a_chosen_one_needs_comes_along_and_it_is_said(
    client, editor, approver, register
):
    published(register, editor, approver)
    row = make_listing(register, models=["Qwen 3"], providers=["Acme"])
    cite(make_footnote(register, text="A new note."), listed_model=row.listed_models.get())

    page = signed_in(client, editor).post(submit_path(register), {"_show": "1", "parts": keys(row)})

    assert included(page) == {"Qwen 3", "Footnote 1"}
    assert "Comes along, because a part that you chose needs it." in page.text


@pytest.mark.slow
def test_the_review_shows_changes_editors_later_edits_page_and_hash(
    client, editor, approver, listing
):
    register = listing.register
    published(register, editor, approver)
    with changeset(by=make_user("bob"), reason="Bolt joins"):
        state(listing, training="by_default")
    publication = submitted(register, editor, at=NOON + HOUR)
    with changeset(by=editor, reason="Too late for it"):
        state(listing, training="never")

    page = signed_in(client, approver).get(path(publication)).text

    assert publication.approval_sha256 in page
    assert "▼ Weaker" in page or "▲ Stronger" in page
    assert "Bolt joins" in page
    assert "bob" in page
    assert "Edited since" in page
    assert "Too late for it" in page
    assert "<ins" in page
    assert "Approve exactly this" in page


def test_each_row_of_the_review_has_its_changes_edits_and_findings(
    client, editor, approver, register, listing
):
    other = make_listing(register, models=["Kimi K3"], providers=[make_provider("Bolt")])
    published(register, editor, approver)
    for row, reason in ((listing, "Acme wrote"), (other, "Bolt wrote")):
        with changeset(by=editor, reason=reason):
            state(row, training="by_default")
    publication = submitted(register, editor, at=NOON + HOUR)

    parts = signed_in(client, approver).get(path(publication)).context["review"].parts

    assert {part.name: [edit.reason for edit in part.changesets] for part in parts} == {
        "GPT 6": ["Acme wrote"],
        "Kimi K3": ["Bolt wrote"],
    }
    for part in parts:
        assert all(part.name in change.sentence for change in part.changes)
        assert any(part.name in finding.message for finding in part.findings)


def test_the_review_shows_the_whole_page_on_request(client, editor, approver, register, listing):
    make_listing(register, models=["Kimi K3"])
    published(register, editor, approver)
    with changeset(by=editor, reason="Acme wrote"):
        state(listing, training="by_default")
    publication = submitted(register, editor, at=NOON + HOUR)
    signed_in(client, approver)

    assert "Kimi K3</bdi>" not in client.get(path(publication)).text
    assert "Kimi K3</bdi>" in client.get(path(publication), {"whole_page": "1"}).text


def test_a_reason_that_came_too_late_is_shown_to_be_copied(client, editor, approver, register):
    publication = submitted(register, editor)
    withdraw(publication, by=editor, at=NOON, reason="Not yet")

    answer = signed_in(client, approver).post(
        path(publication, "reject"), {"reason": "The second row is wrong, see LEG-12"}
    )

    assert "is withdrawn. Only one in review can be rejected." in read(answer)
    assert "<pre>The second row is wrong, see LEG-12</pre>" in answer.text


def test_a_page_that_changes_in_very_many_places_shows_the_first_and_all_on_request(
    client, editor, approver, register, monkeypatch
):
    monkeypatch.setattr("compliance.admin.publishing.review._MOST_PARTS", 2)
    for number in range(4):
        make_listing(register, models=[f"Kimi K{number}"])
    publication = submitted(register, editor)
    signed_in(client, approver)

    first = client.get(path(publication), {"call_off": "7"})
    shown, more = first.context["review"].shown_parts, first.context["review"].more_parts
    assert (len(shown), shown) == (2, first.context["review"].parts[:2])
    assert more == len(first.context["review"].parts) - 2 > 0
    assert 'href="?call_off=7&amp;whole_page=1#changes"' in first.text
    whole = client.get(path(publication), {"whole_page": "1"})
    assert whole.context["review"].more_parts == 0


def test_the_submission_offers_the_reasons_of_ones_own_edits(client, editor, approver, listing):
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Acme wrote"):
        state(listing, training="by_default")
    mine = signed_in(client, editor).get(submit_path(listing.register))
    theirs = signed_in(client, make_user("bob", role="editor")).get(submit_path(listing.register))

    assert mine.context["submission"].form["reason"].value() == "Acme wrote"
    assert not theirs.context["submission"].form["reason"].value()


def test_the_review_shows_each_export_also_in_a_format_that_its_base_lacks(
    client, editor, approver, listing, monkeypatch
):
    published(listing.register, editor, approver)
    added = Format("txt", "Plain text", "text/plain", lambda snapshot: b"A page")
    monkeypatch.setitem(FORMATS, "txt", added)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    publication = submitted(listing.register, editor, at=NOON + HOUR)

    first = signed_in(client, approver).get(path(publication)).text
    page = client.get(path(publication), {"exports": "1"}).text

    for label in ("Markdown", "JSON", "CSV", "Plain text"):
        assert f"<summary>{label}</summary>" in page
        assert f"<summary>{label}</summary>" not in first
    assert 'href="?exports=1#technical"' in first


@pytest.mark.slow
def test_changes_are_listed_weaker_first_and_link_to_their_rows(client, editor, approver, listing):
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        make_listing(listing.register, models=["Qwen 4"], providers=["Acme"], position=5)
        state(listing, training="by_default")
    publication = submitted(listing.register, editor, at=NOON + HOUR)

    review = signed_in(client, approver).get(path(publication)).context["review"]

    assert [(change.effect, change.anchor.name) for change in review.changes] == [
        ("weaker", "row 2"),
        ("neutral", "row 1"),
    ]
    assert (review.counts.weaker, review.counts.stronger, review.counts.neutral) == (1, 0, 1)
    for change in review.changes:
        assert f'id="{change.anchor.anchor}"' in review.body
        assert f'href="#{change.id}"' in review.body


@pytest.mark.slow
def test_the_review_names_added_and_removed_providers(client, editor, approver, listing):
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        make_listing(listing.register, models=["Kimi K3"], providers=["Bolt"])
        listing.delete()
    publication = submitted(listing.register, editor, at=NOON + HOUR)

    page = signed_in(client, approver).get(path(publication)).text

    assert "prompts now also go to Bolt." in page
    assert "No longer on the page: Acme." in page


@pytest.mark.slow
def test_an_approver_approves_the_hash_that_was_shown(client, editor, approver, register):
    publication = submitted(register, editor)

    answer = signed_in(client, approver).post(
        path(publication, "approve"), {"approval_sha256": publication.approval_sha256}, follow=True
    )

    assert "It is publication 1, in force from" in answer.text
    assert publication.number == 1


@pytest.mark.slow
@pytest.mark.parametrize("hash", ["", "0" * 64])
def test_approving_another_hash_is_refused_with_a_message(client, editor, approver, register, hash):
    publication = submitted(register, editor)

    answer = signed_in(client, approver).post(
        path(publication, "approve"), {"approval_sha256": hash}
    )

    assert "The hash is not that of this publication" in answer.text
    assert not Decision.objects.exists()


@pytest.mark.slow
def test_nobody_can_approve_their_own(client, register, approver):
    both = make_user("both", role="editor")
    both.groups.add(*approver.groups.all())
    publication = submitted(register, both)
    signed_in(client, both)

    page = client.get(path(publication)).text
    answer = client.post(
        path(publication, "approve"), {"approval_sha256": publication.approval_sha256}
    )

    assert "You submitted it" in page
    assert "Approve exactly this" not in page
    assert "You submitted it" in answer.text
    assert not Decision.objects.exists()


@pytest.mark.slow
def test_a_rejection_without_a_valid_reason_is_refused_and_keeps_the_text(
    client, editor, approver, register
):
    publication = submitted(register, editor)
    signed_in(client, approver)

    assert "The reason is empty" in client.post(path(publication, "reject"), {"reason": " "}).text
    assert (
        "Because\u202e"
        in client.post(path(publication, "reject"), {"reason": "Because\u202e"}).text
    )
    client.post(path(publication, "reject"), {"reason": "The date is wrong"})

    assert publication.state == Publication.State.REJECTED


@pytest.mark.slow
def test_whoever_wrote_what_would_come_back_reads_why_they_may_not_withdraw(
    client, listing, editor, approver
):
    author = make_user("both", role="editor")
    author.groups.add(*approver.groups.all())
    with changeset(by=author, reason="Edit"):
        state(listing, training="never")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Correct it"):
        state(listing, training="by_default")
    correction = published(listing.register, editor, approver, at=NOON + HOUR)

    theirs = signed_in(client, author).get(path(correction)).text
    others = signed_in(Client(), approver).get(path(correction)).text

    assert "You cannot withdraw it. Edits of yours would come back." in theirs
    assert 'value="Withdraw"' not in theirs
    assert 'value="Withdraw"' in others


@pytest.mark.slow
def test_an_approved_publication_is_withdrawn_by_an_approver(client, editor, approver, register):
    publication = published(register, editor, approver)

    values = {"reason": "Wrong", "withdrawal_sha256": publication.withdrawal_sha256}
    signed_in(client, approver).post(path(publication, "withdraw"), values)

    assert publication.state == Publication.State.WITHDRAWN


# What the form says of each publication of a register with one that is replaced, one that is in
# force and one that is to come.
EFFECTS = {
    1: "The page in force stays as it is; this earlier one is no longer shown.",
    2: "Publication 1 will be shown again.",
    3: "It will not take effect.",
}


@pytest.mark.slow
@pytest.mark.parametrize("number", EFFECTS)
def test_the_form_says_what_a_withdrawal_does(client, editor, approver, listing, number):
    register = listing.register
    for hours, use in enumerate(("never", "opt_out", "by_default")):
        later = {"effective_from": timezone.now() + HOUR} if use == "by_default" else {}
        with changeset(by=editor, reason="Edit"):
            state(listing, training=use)
        published(register, editor, approver, at=NOON + hours * HOUR, **later)
    publication = register.publications.approved().get(decisions__number=number)
    shown = register.publications.in_force(timezone.now()).number

    screen = signed_in(client, approver).get(path(publication))
    page = screen.text
    values = form_values(screen.content, action=path(publication, "withdraw"))
    client.post(path(publication, "withdraw"), {**values, "reason": "Wrong"})

    assert f"{EFFECTS[number]} This cannot be undone." in page
    assert [said for said in EFFECTS.values() if said in page] == [EFFECTS[number]]
    assert f"<code>{publication.withdrawal_sha256}</code>" in page
    # What it said is what happens. The third stands on the second and changes the same row, so it
    # is called off with it.
    assert ("called off</strong>, because both change" in page) == (number == 2)
    assert shown == 2
    shown_then = register.publications.in_force(timezone.now() + 2 * HOUR).number
    assert shown_then == {1: 3, 2: 1, 3: 2}[number]
    assert register.publications.in_force(timezone.now()).number == (1 if number == 2 else 2)


def test_the_form_says_that_no_page_would_be_left(client, editor, approver, register):
    publication = published(register, editor, approver)

    page = signed_in(client, approver).get(path(publication)).text

    assert "No page will be public then. This cannot be undone." in page


@pytest.mark.slow
def test_the_heading_of_the_page_fits_the_state(client, editor, approver, register):
    def heading(publication):
        [found] = re.findall(r'<h2 id="page">(.*)</h2>', client.get(path(publication)).text)
        return found

    signed_in(client, approver)
    publication = submitted(register, editor)
    assert heading(publication) == "The page as it will look"
    reject(publication, by=approver, at=NOON, reason="No")
    assert heading(publication) == "The page as it was submitted"

    publication = published(register, editor, approver, at=NOON + HOUR)
    assert heading(publication) == "The page as it was approved"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_hashes_say_what_of_the_proof_they_are(client, editor, approver, register, signing_key):
    publication = published(register, editor, approver)
    proof = reverse("public:proof", kwargs={"slug": register.slug, "number": 1})

    page = signed_in(client, approver).get(path(publication)).text

    leaf = json.loads(client.get(proof).json()["leaf"])
    named = re.findall(r"<code>(\w+)</code>\s*<span[^>]*>\s*The same as <code>(\w+)</code>", page)
    assert {name: value for value, name in named} == {
        "approval_sha256": leaf["approval_sha256"],
        "content_sha256": leaf["content_sha256"],
    }
    assert page.count(f'href="{proof}"') == 2

    withdraw(
        publication,
        by=approver,
        at=NOON + HOUR,
        reason="Wrong",
        withdrawal_sha256=publication.withdrawal_sha256,
    )
    assert client.get(proof).status_code == 410
    assert proof not in client.get(path(publication)).text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_proof_is_named_where_there_is_no_log(client, editor, approver, register):
    publication = published(register, editor, approver)

    assert "public proof" not in signed_in(client, approver).get(path(publication)).text


@pytest.mark.slow
def test_an_earlier_publication_is_submitted_again(client, editor, approver, listing):
    first = published(listing.register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    published(listing.register, editor, approver, at=NOON + HOUR)
    signed_in(client, editor)

    assert "Submit it again" in client.get(path(first)).text
    answer = client.post(path(first, "again"), {"reason": "It was right"})

    again = Publication.objects.in_review().get()
    assert answer.url == path(again)
    assert again.reverts == first


@pytest.mark.slow
def test_the_review_says_which_publication_it_carries_over(client, editor, approver, listing):
    register = listing.register
    published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    far = NOON.replace(year=2100)
    published(register, editor, approver, effective_from=far)
    with changeset(by=editor, reason="Edit"):
        register.set(title="Another title")
    emergency = submitted(register, editor, at=NOON + HOUR, listings=[])

    # Answers hold for a year.
    with time_machine.travel(NOON + HOUR):
        response = signed_in(client, approver).get(path(emergency))
        off = client.get(path(emergency), {"call_off": "2"}).text
    page = response.text
    assert "carried over</strong> as publication 4" in page
    assert "Call it off instead" in page
    [row] = response.context["review"].scheduled
    assert [change.effect for change in row.changes] == ["stronger"]
    assert row.changes[0].sentence in unescape(page)
    assert "Nobody has answered this" not in page
    assert "called off</strong>, as you chose" in off
    assert 'name="call_off" value="2"' in off


@pytest.mark.slow
def test_what_a_withdrawal_makes_of_scheduled_ones_stands_with_the_withdrawal(
    client, editor, approver, listing
):
    register = listing.register
    published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    published(register, editor, approver, effective_from=NOON.replace(year=2100))
    with changeset(by=editor, reason="Edit"):
        register.set(title="Another title")
    urgent = published(register, editor, approver, at=NOON + HOUR, listings=[])

    with time_machine.travel(NOON + 2 * HOUR):
        to_withdraw = signed_in(client, approver).get(path(urgent)).text
        to_read = signed_in(client, make_user("audrey", role="auditor")).get(path(urgent)).text

    before, after = to_withdraw.split("This cannot be undone.")
    assert "Scheduled for later:" not in before
    assert "Scheduled for later:" in after
    assert "Scheduled for later:" not in to_read


@pytest.mark.slow
def test_the_review_says_what_nobody_has_answered_in_one_that_it_carries_over(
    client, editor, approver, listing
):
    register = listing.register
    [acme] = [listed.provider for listed in listing.listed_providers.all()]
    other = make_listing(register, models=["Two"], providers=[acme])
    state(listing, training="opt_in")
    state(other, training="opt_in")
    published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(other, training="never")
    far = NOON.replace(year=2100)
    published(register, editor, approver, effective_from=far)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="opt_out")
    emergency = submitted(register, editor, at=NOON + HOUR, listings=[listing])

    # Answers hold for a year.
    with time_machine.travel(NOON + HOUR):
        response = signed_in(client, approver).get(path(emergency))

    [row] = response.context["review"].scheduled
    # Each alone differs from the page before. Only both together contradict each other in this way.
    [open_finding] = row.open_findings
    assert "“Unless you opt out”" in open_finding.message
    assert "“No”" in open_finding.message
    assert "Nobody has answered this" in response.text
    assert unescape(open_finding.message) in unescape(response.text)


@pytest.mark.slow
@pytest.mark.parametrize("announce", [True, False])
def test_the_review_says_of_which_scheduled_one_nothing_is_left(
    client, editor, approver, listing, announce
):
    register, far = listing.register, NOON.replace(year=2100)
    published(register, editor, approver, effective_from=far, announce=announce)
    emergency = submitted(register, editor, at=NOON + HOUR)

    page = " ".join(signed_in(client, approver).get(path(emergency)).text.split())

    assert "called off</strong>, because the page before it says" in page
    assert "Nothing is left to submit again." in page
    assert ("Readers are told that it took effect with that page." in page) == announce
    assert "It stays on the desk" not in page
    assert "Carry it over after all" not in page


@pytest.mark.slow
def test_the_dashboard_links_to_submissions_and_to_the_submit_screen(client, editor, register):
    publication = submitted(register, editor)

    page = signed_in(client, editor).get(reverse("admin:index")).text

    assert path(publication) in page
    assert submit_path(register) in page


ACTIONS = ["approve", "reject", "withdraw", "again"]
ALLOWED = {
    "editor": {"submit", "withdraw"},
    "approver": {"approve", "reject"},
    "auditor": set(),
    "": set(),
}


@pytest.mark.slow
@pytest.mark.parametrize("role", ALLOWED)
@pytest.mark.parametrize("action", ["submit", *ACTIONS])
def test_each_decision_is_open_to_its_role_alone(client, editor, register, role, action):
    publication = submitted(register, editor)
    signed_in(client, make_user("other", role=role))
    values = {
        "reason": "Why",
        "approval_sha256": publication.approval_sha256,
        "withdrawal_sha256": publication.withdrawal_sha256,
    }
    if action == "submit":
        answer = client.post(submit_path(register), form(register))
    else:
        answer = client.post(path(publication, action), values)

    if action in ALLOWED[role]:
        assert answer.status_code == 302
    elif action == "again" and role in ("editor",):
        assert "never public" in answer.text
    else:
        assert answer.status_code == 403 or (action == "again" and role)
        assert not Decision.objects.exists()
        assert Publication.objects.count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
def test_a_decision_needs_a_post_and_a_signed_in_user(client, editor, approver, register, action):
    publication = submitted(register, editor)

    assert client.post(path(publication, action)).status_code == 302
    signed_in(client, approver)
    assert client.put(path(publication, action)).status_code == 405
    shown = client.get(path(publication, action), follow=True)
    assert shown.redirect_chain == [(path(publication), 302)]
    assert "Nothing was decided. Decide here." in shown.text
    assert client.put(path(publication, action)).status_code == 405
    assert (
        client.post(f"/admin/compliance/publication/999999999999999999/{action}/").status_code
        == 404
    )
    assert not Decision.objects.exists()


@pytest.mark.slow
def test_the_review_is_read_only_and_needs_permission(client, editor, register):
    publication = submitted(register, editor)
    signed_in(client, make_user("nobody"))
    assert client.get(path(publication)).status_code == 403

    signed_in(client, editor)
    assert client.post(path(publication), {"reason": "x"}).status_code == 403
    assert client.get("/admin/compliance/publication/999/change/").status_code in (302, 404)


@pytest.mark.slow
def test_a_form_without_a_csrf_token_is_refused(editor, approver, register):
    publication = submitted(register, editor)
    client = signed_in(Client(enforce_csrf_checks=True), approver)

    answer = client.post(
        path(publication, "approve"), {"approval_sha256": publication.approval_sha256}
    )

    assert answer.status_code == 403
    assert not Decision.objects.exists()


@pytest.mark.slow
def test_submit_and_review_take_the_same_number_of_queries_for_any_size(client, editor, approver):
    Record.identity()  # the first hash of an approval creates it
    counts = set()
    for rows in (3, 30):
        register = make_listing().register
        for number in range(rows):
            make_listing(register, models=[f"Model {number}"], providers=[f"Provider {number}"])
            make_footnote(register)
        publication = submitted(register, editor)
        signed_in(client, editor)
        with CaptureQueriesContext(connection) as submitting:
            client.get(submit_path(register))
        signed_in(client, approver)
        with CaptureQueriesContext(connection) as reviewing:
            client.get(path(publication))
        counts.add((len(submitting), len(reviewing)))

    assert len(counts) == 1


@pytest.mark.slow
def test_a_rejected_publication_shows_the_reason(client, editor, approver, register):
    publication = submitted(register, editor)
    reject(publication, by=approver, at=NOON, reason="The date is wrong")

    page = signed_in(client, editor).get(path(publication)).text

    assert "The date is wrong" in page
    assert "Approve exactly this" not in page
    assert "Rejected publication of Models and privacy" in page
    assert "in review" not in page.lower()
    assert "Decide" not in page


@pytest.mark.slow
def test_the_list_shows_a_rejected_publication_as_rejected(client, editor, approver, register):
    publication = submitted(register, editor)
    reject(publication, by=approver, at=NOON, reason="The date is wrong")

    page = signed_in(client, editor).get(reverse("admin:compliance_publication_changelist"))

    [row] = page.context["cl"].result_list
    assert row.status == "rejected"
    assert ">Rejected<" in page.text
