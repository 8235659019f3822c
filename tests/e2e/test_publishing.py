"""From an edit to the public page and back, in a real browser."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.accounts import factors
from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.publishing import approve, candidate, submit, withdraw
from tests.e2e.accessible import assert_clean
from tests.e2e.keyboard import tab_to
from tests.e2e.lists import write_lines
from tests.factories import (
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_register,
    make_user,
    state,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough password"


@pytest.fixture
def listing():
    """Make a register with one listing, whose models are never trained on prompts."""
    acme = make_provider("Acme AI")
    make_document(acme, url="https://acme.example/privacy")
    return make_listing(models=["GPT 6"], providers=[acme], training="never")


@pytest.fixture
def eve(listing):
    return make_user("eve", role="editor", password=PASSWORD)


@pytest.fixture
def ada(listing):
    return make_user("ada", role="approver", password=PASSWORD)


@pytest.fixture
def first(listing, eve, ada):
    """Put the first publication in force."""
    return approved(submitted(listing.register, eve), ada)


@pytest.fixture
def waiting(first, listing, eve):
    """Submit a publication that weakens a promise, and adds a footnote and a listing."""
    edited(listing, eve, training="by_default")
    make_footnote(listing.register)
    make_listing(listing.register, models=["Kimi K3"], providers=["Bolt"])
    return submitted(listing.register, eve)


def edited(listing, by, **values):
    """State claims in a listing, as somebody."""
    with changeset(by=by, reason=f"Edit of {by}"):
        state(listing, **values)


def submitted(register, by, **values):
    at = timezone.now()
    content = candidate(register, at=at)
    return submit(
        register,
        by=by,
        at=at,
        reason="Why it changes",
        answers={finding.key: "Acme told us." for finding in content.findings},
        grades={change.key: "neutral" for change in content.to_grade},
        **values,
    )


def approved(publication, by):
    return approve(
        publication, by=by, at=timezone.now(), approval_sha256=publication.approval_sha256
    )


def review_path(publication):
    return reverse("admin:compliance_publication_change", args=[publication.pk])


def submit_path(register):
    return reverse("admin:compliance_publication_submit", args=[register.pk])


def sign_in(page: Page, name: str, *, code: str = "") -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if code:
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_edit_becomes_the_public_page(visit, first, listing, eve, ada, script):
    editor, approver, reader = (visit(java_script_enabled=script) for _ in range(3))

    sign_in(editor, "eve", code=factors.enrol(eve)[0])
    editor.goto(reverse("admin:compliance_listing_change", args=[listing.pk]))
    write_lines(editor, "Models", "GPT 6\nKimi K3")
    training = editor.get_by_role("group", name="Trains on User Data via API")
    training.locator("summary").first.click()
    training.get_by_label("Training use").select_option("by_default")
    editor.get_by_label("Reason").fill("Acme changed its terms")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_text("Saved: The row of GPT 6 and Kimi K3")).to_be_visible()
    editor.goto("/admin/")
    row = editor.locator(".draft", has=editor.get_by_role("link", name="GPT 6 and Kimi K3"))
    expect(row).to_contain_text("Kimi K3 is added; it goes to Acme AI.")
    expect(row).to_contain_text("Acme changed its terms · eve")
    editor.get_by_role("link", name="Submit for approval (Models and privacy)").click()
    expect(editor.get_by_text("Kimi K3 is added; it goes to Acme AI.")).to_be_visible()
    # The answers that stand are folded.
    for answer in editor.get_by_role("textbox", name="Answer to").all():
        expect(answer).to_have_value("")
        answer.fill("Acme wrote to us in March")
    editor.get_by_role("textbox", name="Reason").fill("Kimi K3 joins")
    editor.get_by_role("button", name="Submit for approval").click()
    expect(editor.get_by_text("Submitted. Another person approves it.")).to_be_visible()

    sign_in(approver, "ada", code=factors.enrol(ada)[0])
    approver.get_by_role("link", name="Review and decide").click()
    changes = approver.get_by_role("region", name="What changes for readers").get_by_role(
        "listitem"
    )
    expect(changes.first).to_contain_text("▼ Weaker")
    expect(changes.nth(1)).to_contain_text("Kimi K3 is added")
    expect(approver.get_by_role("blockquote").first).to_contain_text("Acme wrote to us in March")
    expect(approver.locator(".edits").first).to_contain_text("Acme changed its terms")
    expect(approver.get_by_role("table").locator("ins", has_text="Kimi K3")).to_be_visible()
    approver.get_by_role("heading", name="Technical").click()
    expect(approver.get_by_text(Publication.objects.first().approval_sha256)).to_be_visible()
    approver.get_by_role("link", name="Compare the files line by line").click()
    approver.get_by_text("CSV").click()
    expect(
        approver.locator("details details[open] li.added").filter(has_text="Kimi K3")
    ).to_be_visible()
    approver.get_by_role("button", name="Approve exactly this").click()
    expect(approver.get_by_text("Approved. It is publication 2")).to_be_visible()

    reader.goto(f"/{listing.register.slug}/")
    expect(reader.get_by_role("table")).to_contain_text("Kimi K3")
    expect(reader.get_by_text("Publication 2", exact=True).first).to_be_visible()


def test_a_publication_is_submitted_and_approved_with_the_keyboard(visit, first, listing, eve, ada):
    edited(listing, eve, training="by_default")
    editor, approver = visit(eve), visit(ada)

    editor.goto(submit_path(listing.register))
    tab_to(editor, editor.get_by_role("textbox", name="Answer to"))
    editor.keyboard.type("Acme told us")
    tab_to(editor, editor.get_by_role("textbox", name="Reason"))
    editor.keyboard.type("Why")
    tab_to(editor, editor.get_by_role("button", name="Submit for approval"))
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("Submitted. Another person approves it.")).to_be_visible()

    approver.goto(review_path(Publication.objects.first()))
    tab_to(approver, approver.get_by_role("link", name="Go to the decision"))
    approver.keyboard.press("Enter")
    tab_to(approver, approver.get_by_role("button", name="Approve exactly this"), presses=3)
    approver.keyboard.press("Enter")
    expect(approver.get_by_text("Approved. It is publication 2")).to_be_visible()


def test_a_change_links_to_its_row_and_the_row_back_to_the_change(visit, waiting, ada):
    page = visit(ada)
    page.goto(review_path(waiting))
    card = page.locator(".checklist-part", has=page.locator("#change-1"))

    card.get_by_role("link", name="Row 1").click()
    expect(page.locator("tr:target")).to_contain_text("GPT 6")
    expect(page.locator("tr:target")).to_be_in_viewport()

    page.get_by_role("link", name="Back to what changes in row 1").click()
    expect(page.locator("#change-1:target")).to_be_in_viewport()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_rejection_has_a_reason_and_ends_the_review(visit, waiting, eve, ada, script):
    approver, editor = (
        visit(ada, java_script_enabled=script),
        visit(eve, java_script_enabled=script),
    )

    approver.goto(review_path(waiting))
    approver.get_by_text("Reject it", exact=True).click()
    approver.get_by_label("Why reject it").fill("The date is wrong")
    approver.get_by_role("button", name="Reject").click()
    expect(approver.get_by_text("Rejected. Its submitter is told why.")).to_be_visible()

    editor.goto(reverse("admin:compliance_publication_changelist"))
    editor.get_by_role("table").get_by_role("link", name="Rejected").click()
    expect(
        editor.get_by_role("heading", name="Rejected publication of Models and privacy")
    ).to_be_visible()
    expect(editor.get_by_text("The date is wrong")).to_be_visible()
    expect(editor.get_by_role("region", name="Decide")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_withdrawn_publication_is_submitted_again(
    visit, first, waiting, listing, eve, ada, script
):
    approved(waiting, ada)
    approver, editor = (
        visit(ada, java_script_enabled=script),
        visit(eve, java_script_enabled=script),
    )

    approver.goto(review_path(waiting))
    approver.get_by_text("Withdraw it", exact=True).click()
    approver.get_by_label("Why withdraw it").fill("Acme corrects itself")
    approver.get_by_role("button", name="Withdraw").click()
    expect(approver.get_by_text("Withdrawn.", exact=True)).to_be_visible()
    editor.goto(f"/{listing.register.slug}/")
    expect(editor.get_by_role("table")).not_to_contain_text("Kimi K3")

    editor.goto(review_path(waiting))
    editor.get_by_text("Publish it again", exact=True).click()
    editor.get_by_label("Why publish it again").fill("It was right")
    editor.get_by_role("button", name="Submit it again").click()
    expect(editor.get_by_text("Publication 2 is submitted again.")).to_be_visible()
    expect(editor.get_by_role("link", name="publication 2", exact=True)).to_be_visible()


def test_an_urgent_publication_replaces_a_planned_one(visit, first, listing, eve, ada):
    edited(listing, eve, training="opt_out")
    planned = approved(
        submitted(listing.register, eve, effective_from=timezone.now() + timedelta(days=30)), ada
    )
    edited(listing, eve, training="by_default")
    emergency = submitted(listing.register, eve)
    page = visit(ada)

    page.goto(review_path(emergency))
    expect(page.get_by_text("it is called off, because both change")).to_be_visible()
    page.get_by_role("button", name="Approve exactly this").click()

    expect(page.get_by_text("Approved. It is publication 3")).to_be_visible()
    page.goto(review_path(planned))
    expect(page.get_by_role("heading", name="State Called off")).to_be_visible()
    expect(page.get_by_text("Called off with the approval of publication 3.")).to_be_visible()


def test_an_edit_made_during_a_review_is_announced_and_not_approved(
    visit, waiting, listing, eve, ada
):
    page = visit(ada)
    page.goto(review_path(waiting))
    expect(page.get_by_text("Edited since")).to_have_count(0)

    edited(listing, eve, training=("never", "Unseen"))
    page.reload()
    expect(page.get_by_role("link", name="Edit of eve").first).to_be_visible()
    expect(page.get_by_text("Edited since")).to_be_visible()
    page.get_by_role("button", name="Approve exactly this").click()

    page.goto(f"/{listing.register.slug}/")
    expect(page.get_by_role("table")).to_contain_text("Kimi K3")
    expect(page.get_by_role("table")).not_to_contain_text("Unseen")


def test_submitters_have_no_button_to_approve_their_own_publication(visit, first, listing):
    both = make_user("bo", role="editor")
    both.groups.add(Group.objects.get(name="approver"))
    edited(listing, both, training="by_default")
    page = visit(both)

    page.goto(review_path(submitted(listing.register, both)))

    expect(page.get_by_text("You cannot approve it. You submitted it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_text("Reject it", exact=True)).to_be_visible()


def in_review(waiting, eve, ada):
    return review_path(waiting)


def in_force(waiting, eve, ada):
    return review_path(approved(waiting, ada))


def withdrawn(waiting, eve, ada):
    return review_path(withdraw(approved(waiting, ada), by=ada, at=timezone.now(), reason="Wrong"))


def submission(waiting, eve, ada):
    return submit_path(waiting.register)


def publications(waiting, eve, ada):
    return reverse("admin:compliance_publication_changelist")


def first_page(waiting, eve, ada):
    with changeset(by=eve, reason="Say where prompts go"):
        waiting.register.sections.first().set(prose="Where prompts go.")
    make_listing(make_register(title="Not published yet"), models=["Half a row"], providers=[])
    return reverse("admin:index")


def form_with_findings(waiting, eve, ada):
    return reverse("admin:compliance_listing_change", args=[waiting.register.listings.first().pk])


SCREENS = [in_review, in_force, withdrawn, submission, publications, first_page, form_with_findings]


@pytest.mark.parametrize("screen", SCREENS)
def test_screens_of_publishing_are_accessible(visit, waiting, eve, ada, screen):
    path = screen(waiting, eve, ada)
    # axe sets inline styles, which the policy forbids.
    page = visit(eve if screen is submission else ada, bypass_csp=True)
    page.goto(path)
    page.locator("details").evaluate_all(
        "elements => elements.forEach(element => element.open = true)"
    )

    assert_clean(page)


def test_the_first_steps_are_accessible_and_done_with_the_keyboard(visit, db):
    page = visit(make_user("eve", role="editor"), bypass_csp=True)
    page.goto(reverse("admin:index"))
    assert_clean(page)

    tab_to(page, page.get_by_role("link", name="Add a register"))
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(reverse("admin:compliance_register_add")))


def test_the_desk_links_are_followed_with_the_keyboard(visit, waiting, eve):
    page = visit(eve)
    for target, address in {
        "Submit for approval (Models and privacy)": submit_path(waiting.register),
        "Models and privacy: Why it changes": review_path(waiting),
    }.items():
        page.goto(reverse("admin:index"))
        tab_to(page, page.get_by_role("link", name=target, exact=True))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(address))


def test_the_decision_is_always_in_sight_and_rejecting_takes_another_step(visit, waiting, ada):
    page = visit(ada)
    page.goto(review_path(waiting))
    approve, reject = (
        page.get_by_role("button", name=name) for name in ("Approve exactly this", "Reject")
    )

    for width in (1440, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        expect(approve).to_be_in_viewport()
        expect(reject).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Go to the decision").click()
    expect(approve).to_be_in_viewport()


def test_leaving_a_review_with_a_typed_comment_asks_first(visit, waiting, ada):
    page = visit(ada)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(review_path(waiting))

    page.get_by_label("Comment", exact=True).click()
    page.keyboard.type("Wait for the contract")
    page.get_by_role("button", name="Approve exactly this").click()
    page.wait_for_timeout(500)

    assert asked == ["beforeunload"]
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Wait for the contract")
    assert not waiting.decisions.exists()
