"""Nobody approves a text of theirs that comes back, by whatever means and whoever sets it back.

Each scene is an attack: an approver writes something, a page shows what somebody else wrote over it,
and then others bring it back. Without the rule only these count, and the approver approves their
own text.
"""

import pytest

from compliance.models import Listing
from compliance.models.changesets import changeset
from compliance.publishing import (
    NotApprovable,
    approve,
    outlook,
    published_as_of,
    published_from,
    withdraw,
)
from compliance.publishing.row_histories import RowHistory
from compliance.workingcopy.restore import put_back, roots_of, states_at, states_before
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_term,
    state,
)
from tests.publications import HOUR, at, published, reverted, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def edits(user):
    return changeset(by=user, reason="An edit")


@pytest.fixture
def listing(editor, approver):
    """Publish two rows of one register; return one of them."""
    term = make_term("A day", clauses=[{"kind": "duration", "duration": "P1D"}])
    first = make_listing(models=["GPT 6"], providers=["Acme"], training="never", retention=term)
    second = make_listing(first.register, models=["Kimi K3"])
    cite(make_footnote(first.register), listed_model=second.listed_models.get())
    make_document(first.listed_providers.get().provider, label="Privacy")
    published(first.register, editor, approver)
    return first


@pytest.fixture
def without_the_rule(monkeypatch):
    """Count only who edited since the page before."""
    monkeypatch.setattr(RowHistory, "unseen_edits", RowHistory.edits_after)


def own_edits(publication, author):
    """Return why its author may not approve a publication."""
    return outlook(publication, by=author, at=at(8)).obstacle


# Each returns what says a text in a kind of record.


def a_cell(listing):
    return lambda text: cell_of(listing, "training").set(text=text)


def a_listed_model(listing):
    return lambda text: listing.listed_models.get().set(text=text)


def a_name_of_a_model(listing):
    return lambda text: listing.listed_models.get().model.set(name=text)


def a_legal_entity_of_a_provider(listing):
    return lambda text: listing.listed_providers.get().provider.set(legal_entity=text)


def a_label_of_a_document(listing):
    document = listing.listed_providers.get().provider.documents.get()
    return lambda text: document.set(label=text)


def a_wording_of_a_term(listing):
    return lambda text: cell_of(listing, "retention").term.set(wording=text)


def a_duration_in_a_clause(listing):
    clause = cell_of(listing, "retention").term.clauses.get()
    durations = {"Mine": "P90D", "Another": "P30D"}
    return lambda text: clause.set(kind="duration", duration=durations[text])


def a_footnote(listing):
    note = listing.register.footnotes.get()
    return lambda text: note.set(text=text)


def prose(listing):
    return lambda text: listing.section.set(prose=text)


def a_label_of_a_column(listing):
    column = listing.section.columns.get(key="training")
    return lambda text: column.set(label=text)


def a_title(listing):
    return lambda text: listing.register.set(title=text)


SCENES = [
    a_cell,
    a_listed_model,
    a_name_of_a_model,
    a_legal_entity_of_a_provider,
    a_label_of_a_document,
    a_wording_of_a_term,
    a_duration_in_a_clause,
    a_footnote,
    prose,
    a_label_of_a_column,
    a_title,
]


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
def write(request, listing):
    return request.param(listing)


def written_again(write, listing, author, editor, approver):
    """Submit a page with a text of the author, over which a page with another one was published."""
    with edits(author):
        write("Mine")
    with edits(editor):
        write("Another")
    published(listing.register, editor, approver, at=at(1))
    with edits(editor):
        write("Mine")
    return submitted(listing.register, editor, at=at(2))


def test_nobody_approves_a_text_of_theirs_that_others_write_again(
    write, listing, author, editor, approver
):
    submission = written_again(write, listing, author, editor, approver)

    with pytest.raises(NotApprovable, match="Edits of yours are in it"):
        approve(submission, by=author, at=at(8), approval_sha256=submission.approval_sha256)

    assert outlook(submission, by=approver, at=at(8)).obstacle == ""


def test_without_the_rule_its_author_would_approve_it(
    write, without_the_rule, listing, author, editor, approver
):
    submission = written_again(write, listing, author, editor, approver)

    approve(submission, by=author, at=at(8), approval_sha256=submission.approval_sha256)


def removed_again(listing, author, editor, approver):
    """Submit a page without a mark that the author took away once, and somebody else put back."""
    note = listing.register.footnotes.get()
    mark = note.citations.get()
    with edits(author) as removal:
        mark.delete()
    published(listing.register, editor, approver, at=at(1))
    with edits(editor):
        put_back(states_before(removal.changeset))
    published(listing.register, editor, approver, at=at(2))
    with edits(editor):
        note.citations.get().delete()
    return submitted(listing.register, editor, at=at(3))


def test_nobody_approves_that_what_they_removed_is_gone_again(listing, author, editor, approver):
    submission = removed_again(listing, author, editor, approver)

    assert own_edits(submission, author).startswith("Edits of yours")


def test_without_the_rule_who_removed_it_first_would_approve_it(
    listing, author, editor, approver, without_the_rule
):
    submission = removed_again(listing, author, editor, approver)

    assert own_edits(submission, author) == ""


def test_a_text_that_the_page_before_shows_is_no_news(listing, author, editor, approver):
    with edits(author):
        state(listing, training="by_default")
    published(listing.register, editor, approver, at=at(1))
    with edits(editor):
        state(listing, training="opt_out")
    with edits(editor):
        state(listing, training="by_default", retention="90 days")

    assert own_edits(submitted(listing.register, editor, at=at(2)), author) == ""


# A page with somebody else's text is called off or withdrawn, so that the author's can be set back.
# Then that page comes again by a revert.


def never_published(listing, author, editor, approver):
    with edits(author):
        state(listing, training="by_default")


def published_before(listing, author, editor, approver):
    never_published(listing, author, editor, approver)
    published(listing.register, editor, approver, at=at(1))


def undone(listing, replaced, editor):
    assert published_from(replaced, roots_of(replaced), at=at(5)) is None
    with edits(editor):
        put_back(states_before(replaced))


def discarded(listing, replaced, editor):
    shown = listing.register.publications.in_force(at(5))
    with edits(editor):
        put_back(states_at(Listing, listing.pk, published_as_of(shown, str(listing.pk))))


def called_off(publication, listing, editor, approver):
    """Let an urgent page of another matter call it off."""
    with edits(editor):
        listing.register.set(title="Another title")
    urgent = submitted(listing.register, editor, at=at(4), listings=[])
    act = {"by": approver, "at": at(4), "calling_off": [publication.number]}
    seen = outlook(urgent, **act)
    approve(urgent, **act, approval_sha256=seen.approval_sha256)


def withdrawn(publication, listing, editor, approver):
    withdraw(publication, by=approver, at=at(4), reason="Not yet")


STORIES = {
    "a calling off and an undo": (never_published, at(48), called_off, undone),
    "a withdrawal before its moment and an undo": (never_published, at(48), withdrawn, undone),
    "a withdrawal and an undo": (never_published, None, withdrawn, undone),
    "a calling off and a discard": (published_before, at(48), called_off, discarded),
    "a published text": (published_before, at(48), withdrawn, undone),
}


def set_back(story, listing, author, editor, approver):
    """Submit a page that sets the author's text back, and return it."""
    write, effective_from, end, bring_back = STORIES[story]
    write(listing, author, editor, approver)
    with edits(editor) as replaced:
        state(listing, training="opt_out")
    publication = published(
        listing.register, editor, approver, at=at(3), effective_from=effective_from
    )
    end(publication, listing, editor, approver)
    bring_back(listing, replaced.changeset, editor)
    again = reverted(listing.register, editor, to=publication.number, at=at(6))
    approve(again, by=approver, at=at(6), approval_sha256=again.approval_sha256)
    later = effective_from and effective_from + HOUR
    assert cell_of(listing, "training").use == "by_default"
    return submitted(listing.register, editor, at=at(7), effective_from=later)


@pytest.mark.parametrize("story", STORIES)
def test_nobody_approves_a_text_of_theirs_that_comes_back_after(
    story, listing, author, editor, approver
):
    submission = set_back(story, listing, author, editor, approver)

    assert own_edits(submission, author).startswith("Edits of yours are in it")
    assert own_edits(submission, approver) == ""


@pytest.mark.parametrize("story", STORIES)
def test_without_the_rule_its_author_would_approve_it_after(
    story, without_the_rule, listing, author, editor, approver
):
    assert own_edits(set_back(story, listing, author, editor, approver), author) == ""
