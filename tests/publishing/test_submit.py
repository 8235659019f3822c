"""compliance.publishing.submit: submit a register, and submit an earlier publication again."""

from datetime import date, datetime, timedelta

import pytest

from compliance.models import ListedModel, ListedProvider, Provider, Publication
from compliance.models.changesets import changeset
from compliance.page import canonical
from compliance.page.formats import FORMATS
from compliance.page.rules import Answer, Severity
from compliance.publishing import (
    NotAllowed,
    NotPublishable,
    approve,
    candidate,
    edited_since,
    import_history,
    reject,
    revert,
    submit,
    withdraw,
)
from compliance.workingcopy.resolve import capture
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
from tests.publications import HOUR, NOON, answers_to, published, reverted, submitted
from tests.publishing.test_backfill import FIRST, past

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def rename(provider, name, by):
    with changeset(by=by, reason="Rename"):
        provider.set(name=name)


def approved(publication, approver, *, at):
    return approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)


@pytest.mark.slow
def test_submit_freezes_the_working_copy_in_every_format(editor):
    register = make_listing().register

    publication = submitted(register, editor)

    files = {file.format: bytes(file.content) for file in publication.files.all()}
    assert set(files) == {*FORMATS, "html"}
    assert publication.snapshot() == capture(register)
    assert publication.content_sha256 == canonical.sha256(files["json"])
    assert (publication.state, publication.number) == (Publication.State.IN_REVIEW, None)


@pytest.mark.slow
def test_an_edit_after_submitting_leaves_the_publication_as_it_is_and_is_reported(editor):
    provider = make_provider("Acme")
    register = make_listing(providers=[provider]).register
    publication = submitted(register, editor)
    frozen = [bytes(file.content) for file in publication.files.all()]

    rename(provider, "Bolt", editor)

    assert [bytes(file.content) for file in publication.files.all()] == frozen
    assert [each.reason for each in edited_since(publication)] == ["Rename"]


@pytest.mark.slow
def test_an_edit_of_a_provider_that_it_does_not_list_is_not_reported(editor):
    publication = submitted(make_listing().register, editor)

    rename(make_provider("Elsewhere"), "Elsewhere 2", editor)

    assert not edited_since(publication).exists()


@pytest.mark.parametrize("role", ["approver", "auditor", ""])
def test_only_an_editor_submits(role):
    register = make_listing().register

    with pytest.raises(NotAllowed, match="may not submit"):
        submit(register, by=make_user(role=role), at=NOON, reason="Why")


@pytest.mark.parametrize("reason", ["", " \n", "a\u202eb"])
def test_submit_refuses_a_reason_that_says_nothing_or_cannot_be_shown(editor, reason):
    with pytest.raises(NotPublishable, match="reason"):
        submit(make_listing().register, by=editor, at=NOON, reason=reason)


def test_submit_refuses_a_listing_without_providers_whatever_is_answered(editor):
    register = make_listing(providers=[]).register

    with pytest.raises(NotPublishable, match="has no provider") as refusal:
        submitted(register, editor)

    assert [finding.severity for finding in refusal.value.findings] == [Severity.BLOCKER]
    assert not Publication.objects.exists()


@pytest.mark.slow
def test_submit_refuses_a_warning_without_an_answer_and_keeps_the_answer_given(editor):
    register = make_listing().register
    with pytest.raises(NotPublishable) as refusal:
        submit(register, by=editor, at=NOON, reason="Why", answers={})
    [finding] = refusal.value.findings

    publication = submit(
        register, by=editor, at=NOON, reason="Why", answers={finding.key: " It has none. "}
    )

    assert publication.answers == {
        finding.key: {
            "reason": "It has none.",
            "by": editor.username,
            "given_at": "2026-03-01T12:00:00.000000+00:00",
            "about": list(finding.parts),
        }
    }
    assert finding.to_dict() in publication.findings


@pytest.mark.slow
def test_an_answer_stands_for_a_year_with_who_gave_it_and_when(editor, approver):
    register = make_listing(models=["GPT 6"]).register
    [finding] = candidate(register, at=NOON).findings
    answered = {finding.key: "It has none."}
    first = submit(register, by=editor, at=NOON, reason="Why", answers=answered)
    approved(first, approver, at=NOON)
    other = make_user("other", role="editor")
    later = NOON + 200 * DAY
    with changeset(by=editor, reason="Call it otherwise"):
        register.set(title="Models")

    second = submit(register, by=other, at=later, reason="Why", answers=answered)

    approved(second, approver, at=later)
    assert second.answers == first.answers
    assert set(candidate(register, at=NOON + 366 * DAY).answered) == {finding.key}
    assert candidate(register, at=NOON + 367 * DAY).answered == {}


@pytest.mark.slow
def test_an_answer_stands_no_longer_than_its_last_day(editor, approver):
    register = make_listing(models=["GPT 6"]).register
    [finding] = candidate(register, at=NOON).findings
    answers = {finding.key: Answer("It has none.", until=date(2026, 3, 3))}
    publication = submit(register, by=editor, at=NOON, reason="Why", answers=answers)

    approved(publication, approver, at=NOON)

    assert publication.answers[finding.key]["until"] == "2026-03-03"
    assert set(candidate(register, at=NOON + 2 * DAY).answered) == {finding.key}
    assert candidate(register, at=NOON + 3 * DAY).answered == {}


@pytest.mark.slow
def test_another_answer_to_the_same_finding_replaces_the_standing_one(editor, approver):
    register = make_listing(models=["GPT 6"]).register
    [finding] = candidate(register, at=NOON).findings
    published(register, editor, approver)
    other = make_user("other", role="editor")
    with changeset(by=editor, reason="Call it otherwise"):
        register.set(title="Models")

    second = submit(
        register, by=other, at=NOON + DAY, reason="Why", answers={finding.key: "It wrote one."}
    )

    answer = second.answers[finding.key]
    assert (answer["reason"], answer["by"]) == ("It wrote one.", "other")
    with pytest.raises(NotPublishable) as refusal:
        submit(register, by=other, at=NOON + DAY, reason="Why", answers={finding.key: ""})
    assert [found.key for found in refusal.value.findings] == [finding.key]


@pytest.mark.slow
def test_a_finding_that_went_and_came_back_is_asked_again(editor, approver):
    acme = make_provider("Acme")
    register = make_listing(models=["GPT 6"], providers=[acme]).register
    [finding] = candidate(register, at=NOON).findings
    published(register, editor, approver)
    with changeset(by=editor, reason="Link it"):
        document = make_document(acme)
    published(register, editor, approver, at=NOON + HOUR)
    with changeset(by=editor, reason="It is gone"):
        document.delete()

    content = candidate(register, at=NOON + 2 * HOUR)

    assert content.answered == {}
    assert finding in content.new_findings


@pytest.mark.slow
def test_the_answers_of_what_was_rejected_or_withdrawn_do_not_stand(editor, approver):
    register = make_listing(models=["GPT 6"]).register
    reject(submitted(register, editor), by=approver, at=NOON, reason="No")
    assert candidate(register, at=NOON + HOUR).answered == {}

    public = published(register, editor, approver, at=NOON + HOUR)
    assert candidate(register, at=NOON + 2 * HOUR).answered

    hash_of_it = public.withdrawal_sha256
    withdraw(public, by=approver, at=NOON + 2 * HOUR, reason="Wrong", withdrawal_sha256=hash_of_it)
    assert candidate(register, at=NOON + 3 * HOUR).answered == {}


@pytest.mark.slow
def test_an_answer_lapses_when_what_it_is_about_changes(editor, approver):
    acme = make_provider("Acme", declared_training="by_default")
    register = make_listing(providers=[acme], training="never").register
    published(register, editor, approver)

    with changeset(by=editor, reason="It asks now"):
        acme.set(declared_training="opt_out")

    content = candidate(register, at=NOON + HOUR)
    assert "training-beats-provider" in {finding.code for finding in content.findings}
    assert not any(key.startswith("training-beats-provider") for key in content.answered)
    assert any(key.startswith("claim-without-document") for key in content.answered)


@pytest.mark.parametrize(("until", "message"), [
    (date(2026, 2, 28), "2026-02-28 has passed"),
    (date(2027, 3, 3), "Use a day up to 2027-03-02"),
])  # fmt: skip
def test_an_answer_holds_until_a_day_in_the_future_and_not_too_far(editor, until, message):
    register = make_listing().register
    answers = {key: Answer("Known.", until=until) for key in answers_to(register)}

    with pytest.raises(NotPublishable, match=message):
        submit(register, by=editor, at=NOON, reason="Why", answers=answers)


@pytest.mark.slow
def test_submit_refuses_when_nothing_differs(editor, approver):
    register = make_listing().register
    published(register, editor, approver)

    with pytest.raises(NotPublishable, match="Nothing differs from publication 1"):
        submitted(register, editor, at=NOON + HOUR)


@pytest.mark.slow
def test_a_frame_that_differs_can_be_submitted(editor, approver):
    register = make_listing().register
    published(register, editor, approver)
    with changeset(by=editor, reason="Say who answers"):
        register.set(publisher="Acme Search")
    offered = candidate(register, at=NOON + HOUR)
    [part] = offered.changed

    assert submitted(register, editor, at=NOON + HOUR).publisher == "Acme Search"
    assert [change.sentence for change in offered.changes] == [
        "The publisher is now “Acme Search”; none was named before."
    ]
    assert (part.key, part.changes) == ("frame:publisher", offered.changes)


@pytest.mark.slow
def test_a_submission_is_recorded_after_the_last_entry_even_if_the_clock_was_set_back(editor):
    listing = make_listing()
    earlier = submitted(listing.register, editor, at=NOON)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")

    later = submitted(listing.register, editor, at=NOON - HOUR)

    assert later.submitted_at == earlier.submitted_at == NOON


def test_submit_refuses_a_moment_that_has_passed(editor):
    with pytest.raises(NotPublishable, match="backdated"):
        submitted(make_listing().register, editor, effective_from=NOON - HOUR)


@pytest.mark.slow
def test_the_listings_not_chosen_stay_as_published(editor, approver):
    first = make_listing(providers=[make_provider("Acme")])
    register = first.register
    second = make_listing(register, models=["Qwen 3"], providers=[make_provider("Bolt")])
    published(register, editor, approver)
    for listing, use in ((first, "never"), (second, "opt_out")):
        with changeset(by=editor, reason="Edit"):
            state(listing, training=use)

    publication = submitted(register, editor, at=NOON + HOUR, listings=[second])

    uses = [row.listing.cells["training"].use for row in publication.snapshot().rows()]
    assert uses == ["not_stated", "opt_out"]
    assert publication.held_back == [f"listing:{first.pk}"]


@pytest.mark.slow
def test_a_listing_that_has_not_changed_cannot_be_chosen(editor, approver):
    listing = make_listing()
    published(listing.register, editor, approver)
    make_listing(listing.register, models=["Qwen 3"])

    with pytest.raises(NotPublishable, match="does not differ"):
        submitted(listing.register, editor, at=NOON + HOUR, listings=[str(listing.pk)])


@pytest.mark.slow
def test_a_footnote_cited_only_by_a_listing_held_back_is_kept(editor, approver):
    listing = make_listing(retention="30 days")
    register = listing.register
    citation = cite(make_footnote(register, text="Kept."), cell=cell_of(listing, "retention"))
    published(register, editor, approver)
    with changeset(by=editor, reason="Drop the note"):
        note = citation.footnote
        citation.delete()
        note.delete()
    make_listing(register, models=["Qwen 3"])

    publication = submitted(register, editor, at=NOON + HOUR, listings=[register.listings.last()])

    snapshot = publication.snapshot()
    assert [note.text for note in snapshot.footnotes] == ["Kept."]
    kept = next(snapshot.rows()).listing.cells["retention"]
    assert kept.items[0].footnotes == (1,)


@pytest.mark.slow
def test_a_page_from_before_the_registry_is_followed_by_a_native_publication(editor, approver):
    [(imported, before)] = import_history(past(FIRST), slug="register", at=NOON, label="tests")
    make_listing(imported.register, models=["Qwen 3"], providers=["Acme"])

    publication = published(imported.register, editor, approver, at=NOON + HOUR)

    assert (publication.base, publication.number) == (before, 2)


def contributors(publication):
    return {each.changeset.label for each in publication.contributions.select_related("changeset")}


@pytest.mark.slow
def test_whoever_edited_what_is_printed_contributed(editor):
    provider, term = make_provider("Acme"), make_term("30 days", clauses=[{"kind": "none"}])
    listing = make_listing(providers=[provider], retention=term)
    note = make_footnote(listing.register)
    with changeset(by=make_user("row"), reason="Edit"):
        state(listing, training="never")
    for name, record, values in (
        ("name", provider, {"name": "Bolt"}),
        ("term", term, {"wording": "31 days"}),
        ("model", listing.listed_models.get().model, {"name": "GPT 8"}),
        ("note", note, {"text": "Other."}),
        ("prose", listing.section, {"prose": "Other."}),
        ("label", listing.section.columns.first(), {"label": "Other"}),
        ("title", listing.section.register, {"title": "Other"}),
    ):
        with changeset(by=make_user(name), reason="Edit"):
            record.set(**values)
    with changeset(by=make_user("elsewhere"), reason="Edit"):
        make_provider("Cirrus").set(name="Cumulus")

    assert contributors(submitted(listing.register, editor)) == {
        "tests", "name", "term", "row", "model", "note", "prose", "label", "title",
    }  # fmt: skip


@pytest.mark.slow
def test_whoever_removed_a_row_contributed(editor, approver):
    listing = make_listing()
    register = listing.register
    make_listing(register, models=["Qwen 3"])
    published(register, editor, approver)
    with changeset(by=make_user("remover"), reason="Remove"):
        listing.delete()

    assert contributors(submitted(register, editor, at=NOON + HOUR)) == {"remover"}


@pytest.mark.slow
def test_whoever_edited_a_row_held_back_contributes_when_it_goes_in(editor, approver):
    held = make_listing()
    register = held.register
    other = make_listing(register, models=["Qwen 3"])
    published(register, editor, approver)
    with changeset(by=make_user("holder"), reason="Edit"):
        state(held, training="never")
    with changeset(by=make_user("mover"), reason="Edit"):
        state(other, training="opt_in")

    without = published(register, editor, approver, at=NOON + HOUR, listings=[other])
    within = submitted(register, editor, at=NOON + 2 * HOUR)

    assert contributors(without) == {"mover"}
    assert contributors(within) == {"holder"}


def newly_listed(listing, wrote, what):
    """Let somebody write what the page does not show yet, publish meanwhile, and return how an editor shows it."""
    provider = listing.listed_providers.get().provider
    with changeset(by=wrote, reason="Write it"):
        if what == "provider":
            other = make_provider("Bolt", declared_training="never")
            return lambda: ListedProvider(listing=listing, provider=other, position=20).save()
        if what == "model":
            model = make_model("GPT 9")
            return lambda: ListedModel(listing=listing, model=model, position=20).save()
        if what == "term":
            term = make_term("90 days", clauses=[{"kind": "none"}])
            return lambda: state(listing, retention=term)
        if what == "declared term":
            term = make_term("80 days", clauses=[{"kind": "none"}])
            return lambda: provider.set(declared_retention=term)
        if what == "document":
            document = make_document(provider, label="New policy", is_default=False)
            return lambda: document.set(is_default=True)
        model = make_model("GPT 10")
        cite(make_footnote(listing.register), model=model)
        return lambda: ListedModel(listing=listing, model=model, position=20).save()


@pytest.mark.slow
@pytest.mark.parametrize(
    "what", ["provider", "model", "term", "declared term", "document", "mark everywhere"]
)
def test_whoever_wrote_what_the_page_shows_for_the_first_time_contributed_however_long_ago(
    editor, approver, what
):
    listing = make_listing()
    author = make_user("author")
    show = newly_listed(listing, author, what)
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Show it"):
        show()

    publication = submitted(listing.register, editor, at=NOON + HOUR)

    assert contributors(publication) == {"author", "eve"}


@pytest.mark.slow
def test_whoever_wrote_what_the_page_has_shown_since_did_not_contribute(editor, approver):
    with changeset(by=make_user("author"), reason="Write it"):
        term = make_term("30 days", clauses=[{"kind": "none"}])
        provider = make_provider("Acme", declared_retention=term)
        make_document(provider)
    listing = make_listing(providers=[provider], retention=term)
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Edit all of it"):
        provider.set(name="Acme AI")
        provider.documents.get().set(url="https://example.com/other")
        term.set(wording="31 days")

    assert contributors(submitted(listing.register, editor, at=NOON + HOUR)) == {"eve"}


@pytest.mark.slow
def test_whoever_edits_what_no_page_shows_did_not_contribute(editor, approver):
    listing = make_listing()
    published(listing.register, editor, approver)
    with changeset(by=make_user("author"), reason="For later"):
        make_document(listing.listed_providers.get().provider, is_default=False)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")

    assert contributors(submitted(listing.register, editor, at=NOON + HOUR)) == {"eve"}


@pytest.mark.slow
def test_revert_submits_the_same_bytes_and_leaves_the_working_copy(editor, approver):
    listing = make_listing()
    register = listing.register
    first = published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    published(register, editor, approver, at=NOON + HOUR)
    working = capture(register)

    again = reverted(register, editor, to=1, at=NOON + 2 * HOUR, reason="It was right")

    def frozen(publication):
        return {file.format: bytes(file.content) for file in publication.files.all()}

    assert frozen(again) == frozen(first)
    assert (again.reverts, again.base.number, again.state) == (
        first,
        2,
        Publication.State.IN_REVIEW,
    )
    assert contributors(again) == {"tests"}  # who wrote the row, not who edited it since
    assert capture(register) == working


@pytest.mark.slow
def test_after_a_revert_the_edits_it_took_back_are_contributions_again(editor, approver):
    listing = make_listing()
    register = listing.register
    published(register, editor, approver)
    with changeset(by=make_user("mover"), reason="Edit"):
        state(listing, training="never")
    published(register, editor, approver, at=NOON + HOUR)
    again = reverted(register, editor, to=1, at=NOON + 2 * HOUR, reason="It was right")
    approve(again, by=approver, at=NOON + 2 * HOUR, approval_sha256=again.approval_sha256)

    assert contributors(submitted(register, editor, at=NOON + 3 * HOUR)) == {"mover"}


@pytest.mark.slow
def test_whoever_wrote_what_comes_back_contributed_to_a_revert(editor, approver):
    listing = make_listing(training="never")
    register = listing.register
    other = make_listing(register, models=["Qwen 3"])
    with changeset(by=make_user("author"), reason="Weaken it"):
        state(listing, training="by_default")
    published(register, editor, approver)
    with changeset(by=make_user("elsewhere"), reason="Edit another row"):
        state(other, training="never")
    published(register, editor, approver, at=NOON + HOUR)
    with changeset(by=make_user("mender"), reason="Mend it"):
        state(listing, training="never")
    published(register, editor, approver, at=NOON + 2 * HOUR)

    again = reverted(register, editor, to=2, at=NOON + 3 * HOUR, reason="Why")

    assert contributors(again) == {"author", "tests"}


@pytest.mark.slow
@pytest.mark.parametrize("what", ["recipient", "mark", "frame"])
def test_whoever_removed_what_is_gone_again_contributed_to_a_revert(editor, approver, what):
    listing = make_listing(providers=["Acme", "Bolt"], training="never", retention="30 days")
    register = listing.register
    cite(make_footnote(register), cell=cell_of(listing, "retention"))
    published(register, editor, approver)
    with changeset(by=make_user("remover"), reason="Remove"):
        if what == "recipient":
            listing.listed_providers.last().delete()
        elif what == "mark":
            cell_of(listing, "retention").citations.get().delete()
        else:
            register.set(publisher="Acme Ltd")
    published(register, editor, approver, at=NOON + HOUR)
    with changeset(by=editor, reason="Take it back"):
        if what == "recipient":
            ListedProvider(
                listing=listing, provider=Provider.objects.get(name="Bolt"), position=99
            ).save()
        elif what == "mark":
            cite(register.footnotes.get(), cell=cell_of(listing, "retention"))
        else:
            register.set(publisher="")
    published(register, editor, approver, at=NOON + 2 * HOUR)

    again = reverted(register, editor, to=2, at=NOON + 3 * HOUR, reason="Why")

    assert "remover" in contributors(again)


@pytest.mark.slow
def test_whoever_wrote_another_document_at_an_address_that_was_shown_contributed(editor, approver):
    provider = make_provider("Acme")
    shown = make_document(provider)
    listing = make_listing(providers=[provider], documents=[shown])
    with changeset(by=make_user("author"), reason="Write it"):
        other = make_document(provider, url=shown.url, label="Acme stores nothing")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Show it"):
        listing.listed_documents.get().set(document=other)

    assert contributors(submitted(listing.register, editor, at=NOON + HOUR)) == {"author", "eve"}


@pytest.mark.slow
def test_whoever_wrote_another_agreement_of_a_provider_contributed(editor, approver):
    provider = make_provider("Acme")
    shown = make_document(provider, url="", kind="agreement", label="Private agreement")
    listing = make_listing(providers=[provider], documents=[shown])
    with changeset(by=make_user("author"), reason="Write it"):
        other = make_document(
            provider, url="", kind="agreement", label="Agreement on zero retention"
        )
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Show it"):
        listing.listed_documents.get().set(document=other)

    assert contributors(submitted(listing.register, editor, at=NOON + HOUR)) == {"author", "eve"}


@pytest.mark.slow
def test_whoever_wrote_the_clauses_under_a_wording_that_was_shown_contributed(editor, approver):
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    listing = make_listing(retention=term)
    with changeset(by=make_user("author"), reason="Write it"):
        other = make_term("Not stored", clauses=[{"kind": "none"}])
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Swap"):
        term.set(wording="30 days, formerly")
        other.set(wording="30 days")
        state(listing, retention=other)

    assert contributors(submitted(listing.register, editor, at=NOON + HOUR)) == {"author", "eve"}


@pytest.mark.slow
def test_whoever_moved_a_clause_to_another_term_contributed(editor, approver):
    clauses = [{"kind": "none"}, {"kind": "indefinite", "trigger": "flagged"}]
    term, other = make_term("Not stored unless flagged", clauses=clauses), make_term("Other")
    listing = make_listing(retention=term)
    published(listing.register, editor, approver)
    with changeset(by=make_user("mover"), reason="Move"):
        term.clauses.last().set(term=other)

    assert contributors(submitted(listing.register, editor, at=NOON + HOUR)) == {"mover"}


@pytest.mark.slow
def test_whoever_moved_a_mark_away_contributed_when_the_row_goes_in(editor, approver):
    acme, bolt = make_provider("Acme"), make_provider("Bolt")
    listing = make_listing(providers=[acme], training="never")
    other = make_listing(
        listing.register, models=["Qwen 3"], providers=["Cirrus"], training="never"
    )
    mark = cite(make_footnote(listing.register), provider=acme)
    published(listing.register, editor, approver)
    with changeset(by=make_user("mover"), reason="Move"):
        mark.set(provider=bolt)
    with changeset(by=editor, reason="Edit"):
        state(other, training="opt_in")
    published(listing.register, editor, approver, at=NOON + HOUR, listings=[other])

    assert "mover" in contributors(submitted(listing.register, editor, at=NOON + 2 * HOUR))


@pytest.mark.slow
def test_the_rules_judge_a_page_as_of_the_day_when_it_takes_effect(editor):
    provider = make_provider("Acme")
    make_document(provider, valid_until=date(2026, 3, 10))
    register = make_listing(providers=[provider]).register

    now, later = (
        candidate(register, at=NOON, effective_from=moment)
        for moment in (None, NOON + 24 * 60 * HOUR)
    )

    assert "agreement-lapsing" in {finding.code for finding in now.findings}
    assert "agreement-lapsed" in {finding.code for finding in later.findings}


def test_a_reason_may_be_only_so_long(editor):
    with pytest.raises(NotPublishable, match="2,001 characters"):
        submit(make_listing().register, by=editor, at=NOON, reason="x" * 2001)


@pytest.mark.slow
def test_whoever_imported_what_comes_back_contributed_to_a_revert(editor, approver):
    importer = make_user("importer", role="approver")
    [(imported, _)] = import_history(past(FIRST), slug="register", at=NOON, by=importer)
    make_listing(imported.register, models=["Qwen 3"], providers=["Acme"])
    with changeset(by=editor, reason="Retire"):
        imported.register.listings.first().delete()
    published(imported.register, editor, approver, at=NOON + HOUR)

    again = reverted(imported.register, editor, to=1, at=NOON + 2 * HOUR, reason="Why")

    assert contributors(again) == {"importer"}


@pytest.mark.slow
def test_the_reason_of_a_revert_answers_what_the_rules_find(editor, approver):
    listing = make_listing(training="by_default")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Strengthen"):
        state(listing, training="never")
    published(listing.register, editor, approver, at=NOON + HOUR)

    again = reverted(
        listing.register, editor, to=1, at=NOON + 2 * HOUR, reason="It was announced too early"
    )

    warned = {
        finding["key"] for finding in again.findings if finding["severity"] == Severity.WARNING
    }
    assert any(key.startswith("weaker") for key in warned)
    reasons = {key: answer["reason"] for key, answer in again.answers.items()}
    assert reasons == dict.fromkeys(warned, "It was announced too early")


@pytest.mark.slow
def test_revert_takes_back_a_frame_that_alone_was_changed(editor, approver):
    listing = make_listing()
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Other licence"):
        listing.register.set(licence="CC0")
    published(listing.register, editor, approver, at=NOON + HOUR)

    again = reverted(listing.register, editor, to=1, at=NOON + 2 * HOUR, reason="Why")

    assert (again.licence, again.base.number) == ("", 2)


@pytest.mark.slow
def test_whoever_moved_a_row_contributed(editor, approver):
    first = make_listing()
    register = first.register
    make_listing(register, models=["Qwen 3"])
    published(register, editor, approver)
    with changeset(by=make_user("mover"), reason="Move"):
        first.set(position=99)
    with changeset(by=editor, reason="Edit"):
        register.set(title="Other")

    assert contributors(submitted(register, editor, at=NOON + HOUR)) == {"mover", "eve"}


@pytest.mark.slow
@pytest.mark.parametrize("part", ["model", "document"])
def test_whoever_moved_a_part_away_contributed(editor, approver, part):
    provider = make_provider("Acme")
    document = make_document(provider)
    make_document(provider)
    listing = make_listing(models=["GPT 6", "GPT 7"], providers=[provider])
    other = make_listing(listing.register, models=["Qwen 3"], providers=["Bolt"])
    published(listing.register, editor, approver)
    with changeset(by=make_user("mover"), reason="Move"):
        if part == "model":
            listing.listed_models.first().set(listing=other)
        else:
            document.set(provider=make_provider("Cirrus"))

    publication = submitted(listing.register, editor, at=NOON + HOUR, listings=[listing])

    assert contributors(publication) == {"mover"}


@pytest.mark.slow
def test_an_answer_that_is_taken_out_is_taken_back(editor, approver):
    listing = make_listing(
        providers=["Acme"], retention=make_term("So and so", clauses=[{"kind": "unknown"}])
    )
    published(listing.register, editor, approver)
    make_listing(listing.register, models=["Qwen 3"], providers=["Acme"])
    answers = answers_to(listing.register, NOON + HOUR)
    [unknown] = [key for key in answers if key.startswith("unknown-term:So and so")]

    with pytest.raises(NotPublishable) as refusal:
        submit(
            listing.register,
            by=editor,
            at=NOON + HOUR,
            reason="Why",
            answers={**answers, unknown: " "},
        )

    assert [finding.key for finding in refusal.value.findings] == [unknown]


def test_submit_refuses_a_moment_that_no_database_takes(editor):
    register, moment = make_listing().register, datetime.fromisoformat("9999-12-31T23:59:59-14:00")

    with pytest.raises(NotPublishable, match="past the year 9998"):
        submit(register, by=editor, at=NOON, reason="Why", effective_from=moment)


@pytest.mark.slow
def test_revert_refuses_what_is_in_force_and_what_never_was(editor, approver):
    register = make_listing().register
    published(register, editor, approver)

    with pytest.raises(NotPublishable, match="nothing to revert"):
        revert(register, to=1, by=editor, at=NOON + HOUR, reason="Why")
    with pytest.raises(NotPublishable, match="has no publication 7"):
        revert(register, to=7, by=editor, at=NOON + HOUR, reason="Why")
    with pytest.raises(NotAllowed):
        revert(register, to=1, by=approver, at=NOON + HOUR, reason="Why")


@pytest.mark.slow
def test_an_emergency_is_compared_with_what_is_in_force_while_another_waits(editor, approver):
    listing = make_listing()
    register = listing.register
    first = published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="never")
    waiting = published(register, editor, approver, at=NOON + HOUR, effective_from=NOON + 48 * HOUR)

    assert candidate(register, at=NOON + 2 * HOUR).base == first
    assert candidate(register, at=NOON + 2 * HOUR, effective_from=NOON + 50 * HOUR).base == waiting
    withdraw(waiting, by=approver, at=NOON + 2 * HOUR, reason="Not needed")
    assert candidate(register, at=NOON + 2 * HOUR, effective_from=NOON + 50 * HOUR).base == first


@pytest.mark.slow
def test_submitting_costs_the_same_queries_whatever_the_size(
    editor, approver, django_assert_max_num_queries
):
    register = make_listing().register
    for number in range(20):
        make_listing(register, models=[f"Model {number}"], providers=[f"Provider {number}"])
    answers = answers_to(register)

    with django_assert_max_num_queries(75):
        submit(register, by=editor, at=NOON, reason="Why", answers=answers)


@pytest.mark.slow
def test_a_choice_is_made_of_what_was_read_also_if_somebody_publishes_meanwhile(editor, approver):
    register = make_register()
    rows = [make_listing(register, models=[name]) for name in ("One", "Two")]
    published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        for row in rows:
            state(row, training="never")
    everything = candidate(register, at=NOON + HOUR)
    key = f"listing:{rows[0].pk}"
    published(register, editor, approver, at=NOON + HOUR)

    chosen = everything.holding_back([key])

    assert chosen.held_back == (key,)
    with pytest.raises(NotPublishable, match="does not differ"):  # what reading again would say
        candidate(register, at=NOON + 2 * HOUR, held_back=[key])
