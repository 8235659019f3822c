"""The submit and review screens on changes that only a person can judge."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from compliance.admin.publishing.grades import grade_names
from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.publishing import candidate, reject
from tests.factories import cell_of, cite, make_footnote, make_listing, make_provider, state
from tests.publications import published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ORDER = "A court ordered to keep all prompts."
ASKED = "Do readers get less or more than before?"


@pytest.fixture
def listing(editor, approver):
    """Return a published row of which an editor has put a note on a claim since."""
    listing = make_listing(providers=[make_provider("Acme")], retention="30 days")
    published(listing.register, editor, approver, at=timezone.now())
    with changeset(by=editor, reason="Say what the court ordered"):
        cite(make_footnote(listing.register, text=ORDER), cell=cell_of(listing, "retention"))
    return listing


def submit_path(listing):
    return reverse("admin:compliance_publication_submit", args=[listing.register.pk])


def path(publication, action="change"):
    return reverse(f"admin:compliance_publication_{action}", args=[publication.pk])


def keys_of(listing):
    return set(names_of(listing))


def names_of(listing):
    """Return the names of the fields for grades, by the keys of the changes."""
    return grade_names(candidate(listing.register, at=timezone.now()).graded_contents)


def form(listing, **values):
    """Return what the form sends with an answer to each finding."""
    content = candidate(listing.register, at=timezone.now())
    return {
        "reason": "Why",
        "parts": [part.key for part in content.changed],
        **{f"answer:{finding.key}": "Known." for finding in content.findings},
        **values,
    }


def test_the_submit_screen_asks_what_a_note_on_a_claim_means(client, editor, listing):
    client.force_login(editor)

    page = client.get(submit_path(listing))

    assertContains(page, ASKED)
    fields = page.context["submission"].grade_fields
    assert len(fields) == len(names_of(listing))
    for field in fields:
        assert field.sentence
        assertContains(page, f'<span class="visually-hidden">{escape(field.sentence)}</span>')
        assertContains(page, f'name="{field.name}"', count=4)


def test_a_refused_submission_names_what_lacks_a_grade_and_keeps_the_grades_given(
    client, editor, listing
):
    client.force_login(editor)
    names = names_of(listing)
    first, *others = sorted(names)
    grades = {names[key]: "neutral" for key in others}
    values = form(listing, **grades)

    page = client.post(submit_path(listing), values)

    assertContains(page, '<a href="#grade-')
    assertContains(page, "Say what this means for readers.")
    chosen = [field.grade for field in page.context["submission"].grade_fields]
    assert sorted(chosen) == ["", *["neutral"] * len(others)]
    assert not Publication.objects.in_review().exists()
    client.post(submit_path(listing), {**values, names[first]: "weaker"})
    publication = Publication.objects.in_review().get()
    assert publication.grades == {first: "weaker", **dict.fromkeys(others, "neutral")}


def test_a_grade_stands_only_for_the_words_that_it_was_given_to(client, editor, approver, listing):
    published(listing.register, editor, approver, at=timezone.now())
    note = listing.register.footnotes.get()
    with changeset(by=editor, reason="The order ended"):
        note.set(text="A court ordered to keep some prompts.")
    rejected = submitted(listing.register, editor, at=timezone.now())
    reject(rejected, by=approver, at=timezone.now(), reason="Which?")
    client.force_login(editor)
    again = {"again": rejected.pk}

    [unchanged] = client.get(submit_path(listing), again).context["submission"].grade_fields
    graded = form(listing, **{unchanged.name: "neutral"})
    with changeset(by=editor, reason="They wrote"):
        note.set(text="All prompts are kept for ever.")
    [changed] = client.get(submit_path(listing), again).context["submission"].grade_fields
    refused = client.post(submit_path(listing), graded)

    assert (unchanged.grade, changed.grade) == ("neutral", "")
    assertContains(refused, "Say what this means for readers.")
    assert not Publication.objects.in_review().exists()


@pytest.fixture
def two_claims(listing):
    """Let the row make another claim, beside the one that the footnote is on."""
    state(listing, training="never")
    return listing


def test_a_grade_stands_only_for_the_claims_that_it_was_given_to(
    client, editor, approver, two_claims
):
    register = two_claims.register
    published(register, editor, approver, at=timezone.now())
    note = register.footnotes.get()
    with changeset(by=editor, reason="The order ended"):
        note.set(text="A court ordered to keep some prompts.")
        state(two_claims, training="opt_in")
    rejected = submitted(register, editor, at=timezone.now())
    reject(rejected, by=approver, at=timezone.now(), reason="Which?")
    with changeset(by=editor, reason="They wrote"):
        cite(note, cell=cell_of(two_claims, "training"))
    client.force_login(editor)

    page = client.get(submit_path(two_claims), {"again": rejected.pk})

    assert [field.grade for field in page.context["submission"].grade_fields] == ["", ""]


def test_the_review_says_what_of_a_scheduled_one_was_not_graded(
    client, editor, approver, two_claims
):
    register = two_claims.register
    published(register, editor, approver, at=timezone.now())
    note = register.footnotes.get()
    with changeset(by=editor, reason="The order ended"):
        note.set(text="A court ordered to keep some prompts.")
    later = timezone.now() + timedelta(days=9)
    published(register, editor, approver, at=timezone.now(), effective_from=later)
    with changeset(by=editor, reason="They wrote"):
        cite(note, cell=cell_of(two_claims, "training"))
    held_back = [f"footnote:{note.pk}"]
    urgent = submitted(register, editor, at=timezone.now(), held_back=held_back)
    client.force_login(approver)

    assertContains(client.get(path(urgent)), "Its submitter graded something else.", count=1)


def test_the_review_shows_first_what_was_graded(client, editor, approver, listing):
    grades = dict.fromkeys(keys_of(listing), "stronger")
    publication = submitted(listing.register, editor, at=timezone.now(), grades=grades)
    client.force_login(approver)

    page = client.get(path(publication))

    first, *_ = page.context["review"].changes
    assert (first.is_graded, first.effect) == (True, "stronger")
    assertContains(page, "Graded by the submitter.", count=len(grades))


def test_submitting_an_earlier_publication_again_asks_for_grades(client, editor, approver, listing):
    published(listing.register, editor, approver, at=timezone.now())
    first = listing.register.publications.numbered(1)
    client.force_login(editor)
    asked = client.get(path(first))

    refused = client.post(path(first, "again"), {"reason": "The order ended"})

    assertContains(asked, ASKED)
    assertNotContains(asked, "Say what this means for readers.")
    assertContains(refused, "Say what this means for readers.")
    assertContains(refused, "The order ended")
    names = [field.name for field in refused.context["grades_again"]]
    grades = dict.fromkeys(names, "stronger")
    client.post(path(first, "again"), {"reason": "The order ended", **grades})
    again = Publication.objects.in_review().get()
    assert set(again.grades.values()) == {"stronger"}
