"""compliance.publishing.grades: submitters say what changes mean that no rule can judge."""

import pytest

from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.page import diff
from compliance.page.diff import Effect
from compliance.publishing import NotPublishable, candidate, import_history, revert, submit
from tests.factories import cell_of, cite, make_footnote, make_listing, make_provider
from tests.pages import page, row
from tests.publications import HOUR, NOON, answers_to, published, reverted, submitted
from tests.publishing.test_backfill import NOW, past

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ORDER = "A court ordered to keep all prompts."


@pytest.fixture
def register(editor, approver):
    """Return a published register of which an editor has put a note on a claim since."""
    listing = make_listing(providers=[make_provider("Acme")], retention="30 days")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Say what the court ordered"):
        cite(make_footnote(listing.register, text=ORDER), cell=cell_of(listing, "retention"))
    return listing.register


def submit_with(register, editor, grades):
    answers = answers_to(register, NOON + HOUR)
    return submit(register, by=editor, at=NOON + HOUR, reason="Why", answers=answers, grades=grades)


def test_a_note_on_a_claim_needs_a_grade(register, editor):
    content = candidate(register, at=NOON + HOUR)

    assert content.to_grade
    assert {change.effect for change in content.to_grade} == {Effect.UNJUDGED}
    with pytest.raises(NotPublishable, match="Say what this means for readers") as refusal:
        submit_with(register, editor, {})
    assert refusal.value.ungraded == content.to_grade
    assert refusal.value.findings == ()


@pytest.mark.parametrize("grade", ["weaker", "stronger", "mixed", "neutral"])
def test_a_grade_is_frozen_and_approved(register, editor, grade):
    grades = {change.key: grade for change in candidate(register, at=NOON + HOUR).to_grade}

    publication = submit_with(register, editor, grades)

    assert publication.grades == grades
    changes = diff.compare(publication.base.snapshot(), publication.snapshot())
    graded = [
        change for change in diff.apply_grades(changes, publication.grades) if change.is_graded
    ]
    assert {change.effect for change in graded} == {grade}
    approved = publication.approval_sha256
    publication.grades = dict.fromkeys(grades, "another")
    assert publication.approval_sha256 != approved


@pytest.mark.parametrize("grade", ["unjudged", "better", ""])
def test_an_effect_that_nobody_can_give_is_refused(register, editor, grade):
    grades = {change.key: grade for change in candidate(register, at=NOON + HOUR).to_grade}

    with pytest.raises(NotPublishable, match="is no grade"):
        submit_with(register, editor, grades)


def test_a_grade_of_another_change_is_refused(register, editor):
    grades = {change.key: "weaker" for change in candidate(register, at=NOON + HOUR).to_grade}

    with pytest.raises(NotPublishable, match="has the key text::title"):
        submit_with(register, editor, {**grades, "text::title": "weaker"})


def test_findings_and_changes_that_lack_something_are_named_together(register, editor):
    with changeset(by=editor, reason="Add"):
        make_listing(register, models=["Qwen 3"], providers=[make_provider("Bolt")])

    with pytest.raises(NotPublishable) as refusal:
        submit(register, by=editor, at=NOON + HOUR, reason="Why")

    assert refusal.value.findings
    assert refusal.value.ungraded
    assert Publication.objects.count() == 1


def test_a_first_page_and_an_imported_one_need_no_grade(editor):
    listing = make_listing(providers=[make_provider("Acme")], retention="30 days")
    cite(make_footnote(listing.register, text=ORDER), cell=cell_of(listing, "retention"))

    assert submitted(listing.register, editor).grades == {}
    noted = page(row("GPT 6", "Acme", retention="30 days¹"), notes=f"¹ {ORDER}\n")
    plain = page(row("GPT 6", "Acme", retention="30 days"))
    imported = import_history(past(plain, noted), slug="other", at=NOW, label="tests")
    assert [publication.grades for _, publication in imported] == [{}, {}]


def test_a_revert_asks_for_the_grades_of_what_it_changes(register, editor, approver):
    published(register, editor, approver, at=NOON + HOUR)
    later = NOON + 2 * HOUR

    with pytest.raises(NotPublishable) as refusal:
        revert(register, to=1, by=editor, at=later, reason="The order ended")

    keys = {change.key for change in refusal.value.ungraded}
    assert keys
    assert reverted(register, editor, to=1, at=later).grades == dict.fromkeys(keys, "neutral")
