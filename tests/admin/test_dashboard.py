"""compliance.admin.dashboard: the first page, as each role sees it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.admin.dashboard import Dashboard
from compliance.models.changesets import changeset
from compliance.page.rules import Answer
from compliance.publishing import approve, candidate, submit
from tests.factories import (
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
)
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


@pytest.fixture
def listing():
    """One listing, whose provider has all that the rules ask for."""
    acme = make_provider("Acme AI")
    make_document(acme)
    return make_listing(
        models=["GPT 6"],
        providers=[acme],
        training_use="never",
        retention_term=make_term("30 days"),
    )


def edited(listing, by, reason="Acme wrote to us", **values):
    with changeset(by=by, reason=reason):
        listing.set(**values or {"training_use": "by_default"})


def desk(user, **options):
    return Dashboard(user, LATER, **options)


def page_of(user, **options):
    [(_, page)] = desk(user, **options).pages
    return page


def shown(client, user):
    client.force_login(user)
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return answer.text


def submit_path(register):
    return reverse("admin:compliance_publication_submit", args=[register.pk])


def test_it_says_what_is_in_force_since_when_and_who_approved_it(client, editor, approver, listing):
    published(listing.register, editor, approver)

    page = shown(client, editor)

    assert "Publication 1</a> is in force since" in page
    assert "1 Mar 2026, 12:00 UTC</time>, approved by ada." in page
    assert "Nothing: the working copy says what the page says." in page


def test_it_says_what_has_changed_by_whom_and_why(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)

    [row] = page_of(editor).rows

    assert row.name == "GPT 6"
    assert [change.sentence for change in row.changes] == [
        "Training on the prompts of GPT 6: “Yes” instead of “No”."
    ]
    assert [(each.label, each.reason) for each in row.changesets] == [("eve", "Acme wrote to us")]
    page = shown(client, editor)
    assert "▼ Weaker" in page
    assert reverse("admin:compliance_listing_change", args=[listing.pk]) in page
    assert reverse("admin:compliance_changeset_change", args=[row.changesets[0].pk]) in page


def test_what_is_weaker_stands_first(editor, approver, listing):
    other = make_listing(
        listing.register, models=["Kimi K3"], training_use="by_default", position=5
    )
    published(listing.register, editor, approver)
    edited(other, editor, training_use="never")
    edited(listing, editor)

    assert [row.name for row in page_of(editor).rows] == ["GPT 6", "Kimi K3"]


def test_what_differs_besides_the_rows_is_said_with_who_and_why(editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing.register, editor, reason="New name", title="Where prompts go")

    [row] = page_of(editor).rows

    assert (row.name, row.is_draft) == ("", True)
    assert row.address == reverse("admin:compliance_register_change", args=[listing.register.pk])
    assert [each.reason for each in row.changesets] == ["New name"]


def test_a_row_that_is_gone_leads_nowhere(editor, approver, listing):
    make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Retired"):
        listing.delete()

    [row] = page_of(editor).rows

    assert (row.kind, row.address) == ("removed", "")


def test_a_row_is_a_draft_of_whoever_edited_it_until_it_is_submitted(editor, approver, listing):
    published(listing.register, editor, approver)
    other = make_user("bob", role="editor")
    edited(listing, editor)
    assert [page_of(each).drafts for each in (editor, other)] == [1, 0]

    submitted(listing.register, other, at=LATER)

    assert page_of(editor).drafts == 0
    assert page_of(editor).rows[0].waits
    edited(listing, editor, training_text="Always")
    assert page_of(editor).drafts == 1


def test_a_row_held_back_is_still_a_draft(editor, approver, listing):
    other = make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    edited(listing, editor)
    edited(other, editor)
    submitted(listing.register, editor, at=LATER, listings=[other])

    assert {row.name: row.is_draft for row in page_of(editor).rows} == {
        "GPT 6": True,
        "Kimi K3": False,
    }


def test_what_waits_is_told_by_who_may_decide_it(client, editor, approver, listing):
    submitted(listing.register, editor)
    own = make_user("both", role="approver")
    edited(listing, own)
    theirs = submitted(listing.register, editor)

    assert [each.obstacle for each in desk(approver).waiting] == ["", ""]
    first, second = desk(own).waiting
    assert (first.obstacle, second.publication) == ("", theirs)
    assert second.obstacle == "Edits of yours are in it. Another approver decides."
    assert "Yours to decide:" in shown(client, approver)
    page = shown(client, editor)
    assert "Yours, in review:" in page
    assert "Yours to decide:" not in page
    assert "In review:" in shown(client, make_user(role="auditor"))


def test_an_auditor_sees_it_all_and_gets_no_button(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)

    page = shown(client, make_user(role="auditor"))

    assert "Acme wrote to us" in page
    assert "approved by ada" in page
    assert submit_path(listing.register) not in page
    assert "Publish changes" not in page
    assert submit_path(listing.register) in shown(client, editor)
    assert submit_path(listing.register) not in shown(client, approver)


def test_who_has_no_role_sees_nothing_and_is_told_whom_to_ask(client, editor, approver, listing):
    published(listing.register, editor, approver)
    edited(listing, editor)

    page = shown(client, make_user("nora"))

    assert "Ask whoever keeps the accounts" in page
    for secret in ("GPT 6", "Acme", "Models and privacy", "eve,", "Publication "):
        assert secret not in page


@pytest.mark.parametrize(
    "kind", ["register", "listing", "aimodel", "provider", "retentionterm", "footnote"]
)
def test_who_may_not_see_one_kind_is_told_of_no_page(client, editor, approver, listing, kind):
    published(listing.register, editor, approver)
    edited(listing, editor)
    user = make_user("vera")
    user.user_permissions.set(
        Permission.objects.filter(codename__startswith="view_").exclude(codename=f"view_{kind}")
    )

    assert desk(user).pages == []
    assert "instead of" not in shown(client, user)


def test_who_may_not_see_publications_or_changesets_sees_no_name(client, editor, approver, listing):
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


def test_findings_stand_by_severity_and_lead_to_where_they_are_mended(client, editor):
    listing = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")])
    empty = make_listing(listing.register, models=["Kimi K3"], providers=[])

    page = page_of(editor)

    assert page.severities["blocker"] == 1
    assert page.findings[0].severity == "blocker"
    assert page.findings[0].address == reverse("admin:compliance_listing_change", args=[empty.pk])
    assert "✕ 1 blocking" in shown(client, editor)


def test_an_answer_that_holds_is_shown_with_its_finding(client, editor, approver):
    register = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")]).register
    [finding] = candidate(register, at=NOON).findings
    answer = Answer("They write one.", until=date(2026, 3, 31))
    publication = submit(register, by=editor, at=NOON, reason="Why", answers={finding.key: answer})
    approve(publication, by=approver, at=NOON, content_sha256=publication.content_sha256)

    assert page_of(editor).findings[0].answer == "They write one."
    blind = make_user("vera")
    blind.user_permissions.set(Permission.objects.exclude(codename="view_publication"))
    assert page_of(blind).findings[0].answer == ""


def test_what_is_due_for_review_stands_with_its_owner_one_s_own_first(client, editor):
    with time_machine.travel(NOON - timedelta(days=800)):
        make_provider("Acme AI", owner=make_user("olga"))
        bolt = make_provider("Bolt", owner=editor, review_interval=24)
    with time_machine.travel(NOON):
        make_provider("New")

    assert [(each.due.name, each.is_mine) for each in desk(editor).overdue] == [
        ("Bolt", True),
        ("Acme AI", False),
    ]
    assert desk(editor).overdue[0].address == reverse(
        "admin:compliance_provider_change", args=[bolt.pk]
    )
    page = shown(client, editor)
    assert "! Yours:" in page
    assert "owner olga" in page
    assert desk(make_user("nora")).overdue == []


def test_of_much_that_is_due_the_first_is_shown_and_the_rest_counted(editor):
    with time_machine.travel(NOON - timedelta(days=800)):
        for number in range(13):
            make_provider(f"Provider {number}")

    assert (len(desk(editor).overdue), desk(editor).more_overdue) == (10, 3)


def test_a_long_register_is_cut_and_can_be_asked_for_whole(client, editor):
    register = make_register()
    for number in range(15):
        make_listing(register, models=[f"Model {number}"], providers=[f"Provider {number}"])

    page, whole = page_of(editor), page_of(editor, only=str(register.pk))

    assert (len(page.rows), len(whole.rows), whole.left_out) == (12, 15, 0)
    assert page.left_out == 3 + len(whole.findings) - 12
    assert f"?register={register.pk}" in shown(client, editor)


@pytest.mark.slow
def test_of_many_registers_the_first_are_whole_and_the_others_lines(client, editor):
    registers = [make_register(title=f"Register {number:02}") for number in range(20)]

    page = shown(client, editor)

    assert len(desk(editor).pages) == 4
    assert [each.title for each in desk(editor).others] == [each.title for each in registers[4:]]
    assert f'<a href="?register={registers[19].pk}">Register 19</a>' in page
    [(asked, _)] = desk(editor, only=str(registers[19].pk)).pages
    assert asked == registers[19]
    assert len(desk(editor, only="999999").pages) == 4
    assert client.get("/admin/?register=%00").status_code == 200


def test_a_register_that_cannot_be_read_stops_nobody(
    client, editor, approver, listing, monkeypatch, caplog
):
    broken = published(listing.register, editor, approver).register
    sound = make_listing(models=["Kimi K3"]).register
    monkeypatch.setattr("compliance.models.publications.Snapshot.from_dict", lambda value: 1 / 0)

    page = shown(client, editor)

    assert "It cannot be shown." in page
    assert submit_path(broken) not in page
    assert submit_path(sound) in page
    assert f"The first page cannot show {broken}." in caplog.text


def test_the_first_steps_lead_from_nothing_to_the_first_page(client, editor, approver):
    def next_step(user):
        return next((step.address for step in desk(user).first_steps if step.address), "")

    assert next_step(editor) == reverse("admin:compliance_register_add")
    assert desk(editor).first_steps[1].address == ""  # a listing needs a register
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
    assert [step.is_done for step in desk(approver).first_steps] == [True, True, True, False]

    published(register, editor, approver, at=LATER)

    assert desk(editor).first_steps == []
    assert "First steps" not in shown(client, editor)


def test_an_auditor_reads_the_first_steps_and_takes_none():
    assert [step.address for step in desk(make_user(role="auditor")).first_steps] == [""] * 4
    assert desk(make_user("nora")).first_steps == []


@pytest.mark.slow
def test_it_costs_no_more_queries_whatever_the_size(client, editor, approver):
    register = make_listing(models=["GPT 6"]).register
    published(register, editor, approver)
    client.force_login(editor)
    counts = []
    for rows in (10, 90):
        with changeset(by=editor, reason="More rows"):
            for _ in range(rows):
                provider = make_provider(declared_retention=make_term())
                make_document(provider)
                row = make_listing(register, models=[make_model()], providers=[provider])
                cite(make_footnote(register), listing=row, cell="training")
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("admin:index"))
        counts.append(len(captured))

    # Four to know who is signed in; what waits, whether anything was approved, the registers and the changesets; of the
    # register what is in force, its working copy, the rules, who is behind the changes, and where findings lead.
    assert counts[1] <= counts[0] < 70
