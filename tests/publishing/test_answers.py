"""compliance.publishing.answers and offers: what a reviewer has read, and what a submitter may say."""

import pytest

from compliance.models import Provider
from compliance.models.carrying import carried_by_approval
from compliance.models.changesets import changeset
from compliance.publishing import approve, candidate, outlook, reject, revert
from compliance.publishing.answers import familiar_answers, repeated_answers
from compliance.publishing.carry import open_findings
from compliance.publishing.offers import offered_edits, offers
from tests.factories import make_listing, make_provider, make_user, state
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def listing():
    """Return a row with one warning: nothing shows a document of Acme."""
    return make_listing(providers=[make_provider("Acme")])


def edit(listing, by, reason="Edit", **claims):
    with changeset(by=by, reason=reason):
        state(listing, **claims)


def test_an_approver_need_not_read_again_what_they_approved(listing, editor, approver):
    first = published(listing.register, editor, approver)
    assert familiar_answers(first, by=approver) == frozenset()
    edit(listing, editor, training="opt_out")

    second = submitted(listing.register, editor, at=NOON + HOUR, answers=new_answers(listing))

    assert familiar_answers(second, by=approver) == set(first.answers)
    assert familiar_answers(second, by=editor) == set(first.answers)
    other = make_user("other", role="approver")
    assert familiar_answers(second, by=other) == frozenset()
    reject(second, by=other, at=NOON + HOUR, reason="No")
    third = submitted(listing.register, editor, at=NOON + 2 * HOUR, answers=new_answers(listing))
    assert familiar_answers(third, by=other) == set(first.answers)


def new_answers(listing, at=NOON + HOUR):
    """Return an answer in words of its own to each new finding."""
    found = candidate(listing.register, at=at).new_findings
    return {finding.key: f"Said of {finding.code}." for finding in found}


def test_an_answer_that_is_word_for_word_that_of_another_finding_is_read_again(
    listing, editor, approver
):
    make_listing(listing.register, models=["Qwen 3"], providers=[make_provider("Bolt")])
    first = published(listing.register, editor, approver)
    edit(listing, editor, training="opt_out")

    second = submitted(listing.register, editor, at=NOON + HOUR, answers=new_answers(listing))

    assert len(first.answers) == 2
    assert repeated_answers(second) == set(first.answers)
    assert familiar_answers(second, by=approver) == frozenset()


def test_a_revert_keeps_the_answers_that_stand(listing, editor, approver):
    first = published(listing.register, editor, approver)
    edit(listing, editor, training="opt_out")
    published(listing.register, editor, approver, at=NOON + HOUR)

    again = revert(listing.register, to=1, by=editor, at=NOON + 2 * HOUR, reason="Too early")

    assert {key: again.answers[key] for key in first.answers} == first.answers
    assert {"Known.", "Too early"} == {answer["reason"] for answer in again.answers.values()}


def test_the_reason_of_the_latest_edit_of_a_row_is_offered_for_what_it_brought(
    listing, editor, approver
):
    published(listing.register, editor, approver)
    edit(listing, editor, "A mistake", training="never")
    edit(listing, editor, "Their terms say so", training="by_default")

    content = candidate(listing.register, at=NOON + HOUR)

    offered = offered_edits(content, content.changesets_by_part())
    assert set(offered) == {finding.key for finding in content.new_findings}
    assert {changeset.reason for changeset in offered.values()} == {"Their terms say so"}


def test_the_reason_of_a_removal_is_offered_for_the_row_that_is_gone(listing, editor, approver):
    gone = make_listing(listing.register, models=["Qwen 3"], providers=[make_provider("Bolt")])
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="No longer offered"):
        gone.delete()

    content = candidate(listing.register, at=NOON + HOUR)

    offered = offered_edits(content, content.changesets_by_part())
    assert set(offered) == {finding.key for finding in content.new_findings}
    assert {changeset.reason for changeset in offered.values()} == {"No longer offered"}


def test_offering_takes_no_query(listing, editor, approver, django_assert_num_queries):
    published(listing.register, editor, approver)
    for number in range(12):
        providers = [make_provider(f"Bolt {number} Cloud")]
        make_listing(listing.register, models=[f"Qwen {number}"], providers=providers)
    content = candidate(listing.register, at=NOON + HOUR)
    edits = content.changesets_by_part()

    with django_assert_num_queries(0):
        offered = offered_edits(content, edits)

    assert len(offered) > 12


@pytest.fixture
def second_row(listing):
    """Return another row of the same provider, to which the same warning applies."""
    [provider] = [listed.provider for listed in listing.listed_providers.all()]
    return make_listing(listing.register, models=["Qwen 3"], providers=[provider])


def delete(listing, by):
    with changeset(by=by, reason="No longer offered"):
        listing.delete()


def no_document(findings):
    [finding] = [finding for finding in findings if finding.code == "no-document"]
    return finding


def test_an_answer_stands_when_its_finding_gets_smaller(listing, second_row, editor, approver):
    first = published(listing.register, editor, approver)
    delete(second_row, editor)
    other = make_user("other", role="editor")

    second = submitted(listing.register, other, at=NOON + HOUR, answers=new_answers(listing))

    [(old_key, given)] = first.answers.items()
    finding = no_document(candidate(listing.register, at=NOON + HOUR).findings)
    assert finding.key != old_key
    kept = second.answers[finding.key]
    assert (kept["reason"], kept["by"], kept["given_at"]) == ("Known.", "eve", given["given_at"])
    assert familiar_answers(second, by=approver) == {finding.key}
    assert familiar_answers(second, by=make_user("third", role="approver")) == frozenset()


def test_a_finding_that_gets_larger_is_open_and_its_answer_is_offered(listing, editor, approver):
    published(listing.register, editor, approver)
    [provider] = [listed.provider for listed in listing.listed_providers.all()]
    make_listing(listing.register, models=["Qwen 3"], providers=[provider])

    content = candidate(listing.register, at=NOON + HOUR)

    finding = no_document(content.findings)
    assert finding in content.new_findings
    assert finding.key not in content.answered
    offer = offers(content, content.changesets_by_part())[finding.key]
    assert (offer.reason, offer.by, offer.at, offer.is_wider) == ("Known.", "eve", NOON, True)


def test_a_finding_that_got_smaller_and_larger_again_is_open(listing, second_row, editor, approver):
    published(listing.register, editor, approver)
    delete(second_row, editor)
    answers = new_answers(listing)
    published(listing.register, editor, approver, at=NOON + HOUR, answers=answers)
    [provider] = [listed.provider for listed in listing.listed_providers.all()]
    make_listing(listing.register, models=["Qwen 3"], providers=[provider])

    content = candidate(listing.register, at=NOON + 2 * HOUR)

    assert no_document(content.findings).key not in content.answered


def open_ahead(carried):
    """Return what is open in what is carried over now, to take effect later."""
    return open_findings(carried, at=NOON + 2 * HOUR, takes_effect=NOON + 9 * HOUR)


def test_an_answer_stands_when_its_finding_gets_smaller_below_a_scheduled_publication(
    listing, second_row, editor, approver
):
    published(listing.register, editor, approver)
    edit(listing, editor, training="opt_out")
    later = {"effective_from": NOON + 9 * HOUR}
    published(listing.register, editor, approver, at=NOON + HOUR, **later)
    delete(second_row, editor)
    content = candidate(listing.register, at=NOON + 2 * HOUR)
    edited = [part.key for part in content.changed if part.listing == str(listing.pk)]
    urgent = submitted(listing.register, editor, at=NOON + 2 * HOUR, held_back=edited)

    [carried] = carried_by_approval(urgent)

    assert open_ahead(carried) == []


@pytest.fixture
def alike(listing, editor, approver):
    """Publish a row of a provider whose name is almost that of another; return it."""
    row = make_listing(listing.register, models=["Qwen 3"], providers=[make_provider("Acme.")])
    published(listing.register, editor, approver)
    return row


def carried_over_a_removal(row, edited, editor):
    """Schedule what was edited, and submit that a row goes before it; return that submission."""
    delete(row, editor)
    register = edited.register
    parts = candidate(register, at=NOON + 2 * HOUR).changed
    held_back = [part.key for part in parts if part.listing == str(edited.pk)]
    return submitted(register, editor, at=NOON + 2 * HOUR, held_back=held_back)


def test_a_carried_publication_keeps_the_answer_that_it_needs_again(
    listing, alike, editor, approver
):
    [other] = [listed.provider for listed in alike.listed_providers.all()]
    with changeset(by=editor, reason="Another one"):
        new = make_listing(listing.register, models=["Kimi K3"], providers=[other])
    later = {"effective_from": NOON + 9 * HOUR}
    scheduled = published(listing.register, editor, approver, at=NOON + HOUR, **later)
    urgent = carried_over_a_removal(alike, new, editor)
    [key] = [key for key in scheduled.answers if key.startswith("alike-names")]
    assert key not in urgent.answers

    [carried] = carried_by_approval(urgent)

    assert carried.answers[key] == scheduled.answers[key]
    assert key not in {finding.key for finding in open_ahead(carried)}


def test_an_answer_to_what_is_not_found_on_a_carried_page_does_not_stand(
    listing, alike, editor, approver
):
    edit(listing, editor, training="opt_out")
    later = {"effective_from": NOON + 9 * HOUR}
    scheduled = published(listing.register, editor, approver, at=NOON + HOUR, **later)
    urgent = carried_over_a_removal(alike, listing, editor)
    act = {"by": approver, "at": NOON + 2 * HOUR}
    approve(urgent, approval_sha256=outlook(urgent, **act).approval_sha256, **act)
    [other] = Provider.objects.filter(name="Acme.")
    with changeset(by=editor, reason="It is back"):
        make_listing(listing.register, models=["Qwen 4"], providers=[other])

    content = candidate(listing.register, at=NOON + 3 * HOUR, **later_than(scheduled))

    [found] = [finding for finding in content.findings if finding.code == "alike-names"]
    assert content.base.renews == scheduled
    assert found.key in content.base.answers
    assert found.key not in content.answered


def later_than(publication):
    return {"effective_from": publication.effective_from + HOUR}
