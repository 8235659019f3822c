"""Tests of compliance.admin.dashboard.dashboard: what each role sees on the desk."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.admin.dashboard.dashboard import Dashboard
from compliance.models.changesets import changeset
from compliance.page.rules import Answer
from compliance.publishing import approve, candidate, reject, submit
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
    state,
)
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


@pytest.fixture
def listing():
    """Return a listing about which the rules find nothing."""
    acme = make_provider("Acme AI")
    make_document(acme)
    return make_listing(
        models=["GPT 6"],
        providers=[acme],
        training="never",
        retention=make_term("30 days"),
    )


def edited(listing, by, reason="Acme wrote to us", **values):
    with changeset(by=by, reason=reason):
        state(listing, **values or {"training": "by_default"})


def dashboard(user, **options):
    return Dashboard(user, LATER, **options)


def summary_of(user, **options):
    [(_, summary)] = dashboard(user, **options).summaries
    return summary


def shown(client, user):
    client.force_login(user)
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return answer.text


def submit_path(register):
    return reverse("admin:compliance_publication_submit", args=[register.pk])


@pytest.mark.slow
def test_a_register_shows_its_publication_in_force_and_the_approver(
    client, editor, approver, listing
):
    published(listing.register, editor, approver)

    page = shown(client, editor)

    assert '<a class="state-value" href="' in page
    assert "Publication 1" in page
    assert "1 Mar 2026, 12:00 UTC</time>" in page
    assert "approved by ada" in page
    assert "Nothing: the working copy says what the page says." in page


@pytest.mark.slow
def test_a_changed_listing_is_shown_with_its_changes_editors_and_reasons(
    client, editor, approver, listing
):
    published(listing.register, editor, approver)
    edited(listing, editor)

    [differing] = summary_of(editor).listings

    assert differing.name == "GPT 6"
    assert [change.sentence for change in differing.changes] == [
        "Training on the prompts of GPT 6: “Yes” instead of “No”."
    ]
    assert [(changeset.label, changeset.reason) for changeset in differing.changesets] == [
        ("eve", "Acme wrote to us")
    ]
    page = shown(client, editor)
    assert '<span class="chip chip-weaker">' in page
    assert reverse("admin:compliance_listing_change", args=[listing.pk]) in page
    assert reverse("admin:compliance_changeset_change", args=[differing.changesets[0].pk]) in page


@pytest.mark.slow
def test_listings_with_weaker_changes_come_first(editor, approver, listing):
    other = make_listing(listing.register, models=["Kimi K3"], training="by_default", position=5)
    published(listing.register, editor, approver)
    edited(other, editor, training="never")
    edited(listing, editor)

    assert [differing.name for differing in summary_of(editor).listings] == ["GPT 6", "Kimi K3"]


@pytest.mark.slow
def test_a_changed_title_is_shown_with_its_changeset_and_the_register_form(
    editor, approver, listing
):
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="New name"):
        listing.register.set(title="Where prompts go")

    [differing] = summary_of(editor).listings

    assert (differing.name, differing.is_draft) == ("", True)
    assert differing.address == reverse(
        "admin:compliance_register_change", args=[listing.register.pk]
    )
    assert [changeset.reason for changeset in differing.changesets] == ["New name"]


@pytest.mark.slow
def test_a_removed_listing_has_no_link(editor, approver, listing):
    make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Retired"):
        listing.delete()

    [differing] = summary_of(editor).listings

    assert (differing.kind, differing.address) == ("removed", "")


def test_a_row_that_somebody_else_edited_too_is_not_called_yours(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)
    assert "yours, not submitted" in shown(client, editor)

    edited(listing, make_user("bob", role="editor"), training=("by_default", "Always"))

    page = " ".join(shown(client, editor).split())
    assert "edited by you and bob, not submitted" in page
    assert "yours, not submitted" not in page


@pytest.mark.slow
def test_a_listing_is_a_draft_of_its_editor_until_it_is_submitted(editor, approver, listing):
    published(listing.register, editor, approver)
    other = make_user("bob", role="editor")
    edited(listing, editor)
    assert [summary_of(user).drafts for user in (editor, other)] == [1, 0]

    submitted(listing.register, other, at=LATER)

    assert summary_of(editor).drafts == 0
    assert summary_of(editor).listings[0].submitted_as == "in review"
    edited(listing, editor, training=("by_default", "Always"))
    assert summary_of(editor).drafts == 1


@pytest.mark.slow
def test_a_scheduled_listing_is_no_draft_and_says_for_when(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)
    moment = timezone.now() + timedelta(days=9)
    published(listing.register, editor, approver, effective_from=moment, announce=True)

    words = f"announced for {moment:%-d %b %Y, %H:%M} UTC"
    assert (summary_of(editor).drafts, summary_of(editor).listings[0].submitted_as) == (0, words)
    client.force_login(editor)
    page = client.get(reverse("admin:index")).text
    assert words in page
    assert "yours, not submitted" not in page

    edited(listing, editor, training=("by_default", "Always"))
    assert summary_of(editor).drafts == 1


@pytest.mark.parametrize("moment", [None, timedelta(days=9)], ids=["in review", "scheduled"])
def test_what_a_provider_declares_is_no_draft_once_it_is_submitted(editor, approver, moment):
    acme = make_provider("Acme AI", declared_retention=make_term("30 days"))
    register = make_listing(models=["GPT 6"], providers=[acme]).register
    published(register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        acme.set(declared_retention=make_term("90 days"))
    assert summary_of(editor).unsubmitted == 2

    if moment:
        published(register, editor, approver, effective_from=timezone.now() + moment)
    else:
        submitted(register, editor, at=LATER)
    assert {row.name for row in summary_of(editor).submitted_rows} == {"GPT 6", ""}
    assert summary_of(editor).unsubmitted == 0


@pytest.mark.slow
def test_a_listing_left_out_of_a_submission_is_still_a_draft(editor, approver, listing):
    other = make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    edited(listing, editor)
    edited(other, editor)
    submitted(listing.register, editor, at=LATER, listings=[other])

    assert {differing.name: differing.is_draft for differing in summary_of(editor).listings} == {
        "GPT 6": True,
        "Kimi K3": False,
    }


@pytest.mark.slow
def test_submissions_in_review_come_first_for_those_who_may_decide_them(
    client, editor, approver, listing
):
    submitted(listing.register, editor)
    own = make_user("both", role="approver")
    edited(listing, own)
    theirs = submitted(listing.register, editor)

    assert [submission.obstacle for submission in dashboard(approver).submissions.waiting] == [
        "",
        "",
    ]
    first, second = dashboard(own).submissions.waiting
    assert (first.obstacle, second.publication) == ("", theirs)
    assert second.obstacle == "Edits of yours are in it. Another approver decides."
    assert "To decide</span>" in shown(client, approver)
    page = shown(client, editor)
    assert "In review, yours</span>" in page
    assert "To decide" not in page
    assert "In review</span>" in shown(client, make_user(role="auditor"))


@pytest.mark.slow
def test_a_submission_that_another_one_came_before_needs_to_be_brought_up_to_date(
    client, editor, approver, listing
):
    other = make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    edited(listing, editor)
    edited(other, editor)
    first = submitted(listing.register, editor, at=LATER, listings=[listing])
    second = submitted(listing.register, editor, at=LATER, listings=[other])
    assert "Another publication came before it" not in shown(client, editor)
    approve(second, by=approver, at=LATER, approval_sha256=second.approval_sha256)

    [waiting] = dashboard(editor).submissions.waiting

    assert (waiting.publication, waiting.is_outdated) == (first, True)
    assert "Another publication came before it" in shown(client, editor)


@pytest.mark.slow
def test_an_auditor_sees_everything_and_has_no_publish_button(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)

    page = shown(client, make_user(role="auditor"))

    assert "Acme wrote to us" in page
    assert "approved by ada" in page
    assert submit_path(listing.register) not in page
    assert "Submit for approval" not in page
    assert "Submit only this" not in page
    assert submit_path(listing.register) in shown(client, editor)
    assert submit_path(listing.register) not in shown(client, approver)


@pytest.mark.slow
def test_a_user_without_a_role_sees_nothing_and_reads_whom_to_ask(
    client, editor, approver, listing
):
    published(listing.register, editor, approver)
    edited(listing, editor)

    page = shown(client, make_user("nora"))

    assert "Ask whoever keeps the accounts" in page
    for secret in ("GPT 6", "Acme", "Models and privacy", "eve,", "Publication "):
        assert secret not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["register", "listing", "aimodel", "provider", "retentionterm", "footnote"]
)
def test_a_user_who_may_not_view_every_model_sees_no_register(
    client, editor, approver, listing, kind
):
    published(listing.register, editor, approver)
    edited(listing, editor)
    user = make_user("vera")
    user.user_permissions.set(
        Permission.objects.filter(codename__startswith="view_").exclude(codename=f"view_{kind}")
    )

    assert dashboard(user).summaries == []
    assert "instead of" not in shown(client, user)


@pytest.mark.slow
def test_a_user_who_may_not_view_publications_or_changesets_sees_no_names(
    client, editor, approver, listing
):
    published(listing.register, editor, approver)
    edited(listing, editor)
    submitted(listing.register, editor, at=LATER)
    user = make_user("vera")
    hidden = ["view_changeset", "view_publication"]
    user.user_permissions.set(
        Permission.objects.filter(codename__startswith="view_").exclude(codename__in=hidden)
    )

    page = shown(client, user)

    assert "“Yes” instead of “No”" in page
    for secret in ("eve,", "by ada", "Acme wrote to us", "In review", "Latest changes"):
        assert secret not in page


@pytest.mark.slow
def test_findings_are_counted_by_severity_and_link_to_forms(client, editor):
    listing = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")])
    empty = make_listing(listing.register, models=["Kimi K3"], providers=[])

    summary = summary_of(editor)

    assert summary.severities["blocker"] == 1
    assert summary.findings[0].severity == "blocker"
    assert summary.findings[0].address == reverse(
        "admin:compliance_listing_change", args=[empty.pk]
    )
    assert "✕ 1 blocking" in shown(client, editor)


@pytest.mark.slow
def test_a_finding_whose_answer_stands_is_folded_and_not_counted(client, editor, approver):
    register = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")]).register
    [finding] = candidate(register, at=NOON).findings
    answer = Answer("They write one.", until=date(2026, 3, 31))
    publication = submit(register, by=editor, at=NOON, reason="Why", answers={finding.key: answer})
    approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)

    summary = summary_of(editor)
    assert (summary.findings, summary.severities["warning"]) == ((), 0)
    assert summary.answered[0].answer.reason == "They write one."
    with time_machine.travel(NOON):
        assert "1 answered before" in shown(client, editor)
    blind = make_user("vera")
    blind.user_permissions.set(Permission.objects.exclude(codename="view_publication"))
    assert summary_of(blind).answered[0].answer.reason == ""


@pytest.mark.slow
def test_a_finding_that_is_answered_in_review_or_ahead_is_folded_and_not_counted(
    client, editor, approver
):
    register = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")]).register
    assert summary_of(editor).severities["warning"] == 1
    publication = submitted(register, editor, effective_from=NOON + 24 * HOUR)

    [ahead] = summary_of(editor).answered_ahead
    assert (ahead.place, ahead.findings[0].answer.reason) == (
        "eve’s submission, in review",
        "Known.",
    )
    assert (summary_of(editor).findings, summary_of(editor).severities["warning"]) == ((), 0)
    with time_machine.travel(LATER):
        assert "1 answered in eve’s submission, in review" in shown(client, editor)
        approve(publication, by=approver, at=LATER, approval_sha256=publication.approval_sha256)
        scheduled = "eve’s submission, scheduled for 2 Mar 2026, 12:00 UTC"
        assert f"1 answered in {scheduled}" in shown(client, editor)


@pytest.mark.slow
def test_an_answer_that_was_rejected_leaves_its_finding_open(editor, approver):
    register = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")]).register
    publication = submitted(register, editor)
    reject(publication, by=approver, at=NOON, reason="Ask them")

    assert summary_of(editor).answered_ahead == ()
    assert summary_of(editor).severities["warning"] == 1


def chips(user):
    return [(task.label, task.title) for task in dashboard(user).tasks]


@pytest.mark.slow
def test_the_strip_counts_each_state_and_leads_there(client, editor, approver, listing):
    other = make_listing(listing.register, models=["Kimi K3"])
    third = make_listing(listing.register, models=["Qwen 4"])
    published(listing.register, editor, approver)
    for row in (listing, other, third):
        edited(row, editor)
    moment = timezone.now() + timedelta(days=9)
    ahead = published(listing.register, editor, approver, effective_from=moment, listings=[listing])
    waiting = submitted(listing.register, editor, at=LATER, listings=[other])

    [block] = dashboard(editor).blocks

    assert [(state.label, state.value) for state in block.states] == [
        ("In force", "Publication 1"),
        ("Scheduled", "1"),
        ("In review", "1"),
        ("Draft changes", "1 row"),
    ]
    _, scheduled, in_review, drafts = block.states
    paths = [
        reverse("admin:compliance_publication_change", args=[one.pk]) for one in (ahead, waiting)
    ]
    assert [scheduled.address, in_review.address] == paths
    assert drafts.address == f"#drafts-{listing.register.pk}"
    assert [row.name for row in block.summary.draft_rows] == ["Qwen 4"]
    assert {row.name for row in block.summary.submitted_rows} == {"GPT 6", "Kimi K3"}


@pytest.mark.slow
def test_a_draft_can_be_submitted_alone_and_taken_back(client, editor, approver, listing):
    removed = make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    edited(listing, editor)
    added = make_listing(listing.register, models=["Qwen 4"])
    with changeset(by=editor, reason="Retired"):
        removed.delete()

    rows = {row.name: row for row in summary_of(editor).listings}

    assert rows["GPT 6"].submit == f"{submit_path(listing.register)}?only=listing:{listing.pk}"
    assert {name: row.undo[0] for name, row in rows.items()} == {
        "GPT 6": "Discard",
        "Qwen 4": "Delete it",
        "Kimi K3": "Put it back",
    }
    client.force_login(editor)
    for row in rows.values():
        assert client.get(row.undo[1]).status_code == 200
        assert client.get(row.submit).status_code == 200
    assert rows["Qwen 4"].address == reverse("admin:compliance_listing_change", args=[added.pk])
    blind = {(row.submit, row.undo) for row in summary_of(make_user(role="auditor")).listings}
    assert blind == {("", None)}


@pytest.mark.slow
def test_a_draft_whose_row_is_in_review_cannot_be_discarded(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)
    submitted(listing.register, editor, at=LATER)
    edited(listing, editor, reason="They wrote again", training="opt_in")

    [row] = Dashboard(editor, LATER + HOUR).summaries[0][1].draft_rows

    assert row.undo is None
    assert row.undo_obstacle == (
        "It cannot be discarded while a submission has this row in review (“Why”)."
    )
    client.force_login(editor)
    refusal = client.get(reverse("admin:compliance_listing_act", args=[listing.pk, "discard"]))
    assert "This row is in review (“Why”)" in refusal.text


def test_the_desk_of_an_auditor_leads_to_the_audit_pack(client):
    page = shown(client, make_user(role="auditor"))

    record = page.partition('<h2 id="record">')[2].partition("</section>")[0]
    assert f'href="{reverse("admin:audit_pack")}"' in record


@pytest.mark.slow
def test_decisions_come_first_for_approvers_and_what_came_back_for_editors(editor, listing):
    both = make_user("both", role="editor")
    both.groups.add(Group.objects.get(name="approver"))
    submitted(listing.register, editor)
    rejected = submitted(listing.register, both, at=LATER)
    reject(rejected, by=make_user(role="approver"), at=LATER, reason="Ask them")
    title = f"{listing.register}: Why"

    assert chips(both) == [("To decide", title), ("Rejected", title)]
    assert chips(editor) == []
    assert [(item.label, item.publication) for item in dashboard(editor).on_its_way] != []


def test_documents_that_end_wait_for_their_owner(editor):
    day = LATER.date()
    make_document(label="Soon", owner=editor, valid_until=day + timedelta(days=60))
    make_document(label="Over", owner=editor, valid_until=day - timedelta(days=1))
    make_document(label="Far", owner=editor, valid_until=day + timedelta(days=61))
    make_document(label="Hers", owner=make_user("olga"), valid_until=day)

    assert chips(editor) == [("Ended", "Over"), ("Ends soon", "Soon")]


@pytest.mark.parametrize(
    ("role", "first"), [("editor", "for_you"), ("approver", "for_you"), ("auditor", "record")]
)
def test_the_desk_begins_with_the_work_of_the_role(role, first):
    assert dashboard(make_user(role=role)).parts[0] == first


def test_administrators_see_the_accounts_to_look_after(client):
    make_user("new", role="editor", last_login=None)
    root = make_user("root", is_superuser=True)

    assert dashboard(root).parts[0] == "people"
    assert dashboard(make_user(role="editor")).people is None
    page = shown(client, root)
    assert "Invited and not signed in yet" in page
    assert ">new</a>" in page


@pytest.mark.slow
def test_overdue_reviews_show_the_owner_and_come_first_for_their_owner(client):
    with time_machine.travel(NOON - timedelta(days=800)):
        editor = make_user("eve", role="editor")
        make_provider("Acme AI", owner=make_user("olga"))
        bolt = make_provider("Bolt", owner=editor, review_interval=24)
    with time_machine.travel(NOON):
        make_provider("New")

    assert [(review.due.name, review.is_mine) for review in dashboard(editor).reviews.overdue] == [
        ("Bolt", True),
        ("Acme AI", False),
    ]
    assert dashboard(editor).reviews.overdue[0].address == reverse(
        "admin:compliance_provider_change", args=[bolt.pk]
    )
    page = shown(client, editor)
    assert "Review due</span>" in page
    assert "owner olga" in page
    assert dashboard(make_user("nora")).reviews.overdue == []


@pytest.mark.slow
def test_the_first_ten_overdue_reviews_are_shown_and_the_others_counted(db):
    with time_machine.travel(NOON - timedelta(days=800)):
        editor = make_user("eve", role="editor")
        for number in range(13):
            make_provider(f"Provider {number}")

    assert (len(dashboard(editor).reviews.overdue), dashboard(editor).reviews.count) == (10, 13)


@pytest.mark.slow
def test_a_long_register_is_shortened_and_can_be_opened_in_full(client, editor):
    register = make_register()
    for number in range(15):
        make_listing(register, models=[f"Model {number}"], providers=[f"Provider {number}"])

    summary, full = summary_of(editor), summary_of(editor, only=str(register.pk))

    assert (len(summary.listings), len(full.listings), full.left_out) == (12, 15, 0)
    assert summary.left_out == 3 + len(full.findings) - 12
    assert f"?register={register.pk}" in shown(client, editor)


@pytest.mark.slow
def test_one_register_is_shown_in_full_and_the_others_with_their_states(
    client, editor, approver, listing
):
    published(listing.register, editor, approver)
    first = make_register(title="A register")
    registers = [make_register(title=f"Register {number:02}") for number in range(20)]

    page = shown(client, editor)

    desk = dashboard(editor)
    assert [register for register, _ in desk.summaries] == [first]
    assert [other.register for other in desk.others] == [listing.register, *registers[:11]]
    assert [(state.label, state.value) for state in desk.others[0].states] == [
        ("In force", "Publication 1"),
        ("Scheduled", "None"),
        ("In review", "None"),
    ]
    assert desk.more_registers == registers[11:]
    assert f'<a href="?register={registers[19].pk}">Register 19</a>' in page
    only = dashboard(editor, only=str(registers[19].pk))
    assert ([register for register, _ in only.summaries], only.others) == ([registers[19]], [])
    assert dashboard(editor, only="999999").summaries[0][0] == first
    assert client.get("/admin/?register=%00").status_code == 200


@pytest.mark.slow
def test_the_dashboard_opens_although_a_register_cannot_be_read(
    client, editor, approver, listing, monkeypatch, caplog
):
    broken = published(listing.register, editor, approver).register
    sound = make_listing(models=["Kimi K3"]).register
    monkeypatch.setattr("compliance.models.publications.Snapshot.from_dict", lambda value: 1 / 0)

    page = shown(client, editor)

    assert "It cannot be shown." in page
    assert submit_path(broken) not in page
    assert f"?register={sound.pk}" in page
    assert f"The dashboard cannot show {broken}." in caplog.text


@pytest.mark.slow
def test_the_first_steps_lead_to_the_first_publication(client, editor, approver):
    def next_step(user):
        return next((step.address for step in dashboard(user).first_steps if step.address), "")

    assert next_step(editor) == reverse("admin:compliance_register_add")
    assert dashboard(editor).first_steps[1].address == ""  # a listing needs a register
    assert reverse("admin:compliance_register_import_new") in shown(client, editor)
    register = make_register()
    assert next_step(editor) == reverse("admin:compliance_listing_add")
    make_listing(register)
    assert next_step(editor) == submit_path(register)
    publication = submitted(register, editor)
    assert next_step(editor) == ""
    assert next_step(approver) == reverse(
        "admin:compliance_publication_change", args=[publication.pk]
    )
    assert [step.is_done for step in dashboard(approver).first_steps] == [True, True, True, False]

    published(register, editor, approver, at=LATER)

    assert dashboard(editor).first_steps == []
    assert "First steps" not in shown(client, editor)


def test_an_auditor_sees_the_first_steps_without_links():
    assert [step.address for step in dashboard(make_user(role="auditor")).first_steps] == [""] * 4
    assert dashboard(make_user("nora")).first_steps == []


@pytest.mark.slow
def test_the_dashboard_takes_the_same_number_of_queries_for_any_size(client, editor, approver):
    register = make_listing(models=["GPT 6"]).register
    published(register, editor, approver)
    client.force_login(editor)
    counts = []
    for rows in (1, 10, 90):
        with changeset(by=editor, reason="More rows"):
            for _ in range(rows):
                provider = make_provider(declared_retention=make_term())
                make_document(provider)
                row = make_listing(
                    register, models=[make_model()], providers=[provider], training="never"
                )
                cite(make_footnote(register), cell=cell_of(row, "training"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("admin:index"))
        counts.append(len(captured))

    # Four for the session and permissions; submissions, which of them another publication came
    # before, decisions, registers and changesets; for the register its publication, working copy, findings, editors and the addresses of forms. On
    # PostgreSQL one more waits for whoever is editing.
    # The first time, the process has read nothing yet.
    assert counts[2] <= counts[1] <= 64
