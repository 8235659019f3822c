"""compliance.publishing.decide: approve, reject and withdraw."""

import shutil
from datetime import timedelta
from importlib import import_module

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from compliance.audit import guards
from compliance.models import Decision, Publication, PublishedFile
from compliance.models.changesets import changeset
from compliance.published import comparison, reader, storage, writer
from compliance.published.errors import StoreFault
from compliance.publishing import (
    NotAllowed,
    NotApprovable,
    NotRejectable,
    NotWithdrawable,
    approve,
    outlook,
    reject,
    withdraw,
)
from compliance.publishing.inserts import freeze
from compliance.rendering.html import artefacts
from tests.factories import make_listing, make_register, make_user, state
from tests.publications import HOUR, NOON, published, reverted, submitted

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)
decide_module = import_module("compliance.publishing.decide")


@pytest.fixture
def listing():
    return make_listing()


def edit(listing, use):
    with changeset(by=None, label="tests", reason="Edit"):
        state(listing, training=use)


@pytest.mark.slow
def test_approve_gives_a_number_and_takes_effect_at_once(listing, editor, approver):
    publication = submitted(listing.register, editor)

    result = approve(
        publication, by=approver, at=NOON + HOUR, approval_sha256=publication.approval_sha256
    )

    assert (result.number, result.effective_from) == (1, NOON + HOUR)
    assert listing.register.publications.in_force(NOON + HOUR) == publication


@pytest.mark.slow
def test_approve_writes_the_store(listing, editor, approver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publication = published(listing.register, editor, approver)

    index = reader.read_index(listing.register.slug)
    entry = index.in_force(NOON)
    assert entry.content_sha256 == publication.content_sha256
    assert reader.read_file(index, entry, "md") == bytes(publication.files.get(format="md").content)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_store_that_fails_after_the_commit_undoes_nothing(listing, editor, approver, monkeypatch):
    def fail(register):
        raise OSError("The disk is full.")

    monkeypatch.setattr(writer, "write_index", fail)

    publication = published(listing.register, editor, approver)

    assert publication.state == Publication.State.APPROVED
    assert comparison.slugs_behind() == [listing.register.slug]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_store_that_is_behind_is_completed_with_the_next_decision_of_another_register(
    listing, editor, approver, monkeypatch
):
    other = make_listing(make_register(slug="other"))
    with monkeypatch.context() as full:
        full.setattr(writer, "write_index", lambda register: 1 / 0)
        published(listing.register, editor, approver)
    assert comparison.slugs_behind() == [listing.register.slug]

    published(other.register, editor, approver)

    assert comparison.slugs_behind() == []
    assert reader.read_index(listing.register.slug).entry(1)


def test_the_submitter_does_not_approve(listing, approver):
    publication = submitted(listing.register, _with_both_roles(approver))

    with pytest.raises(NotApprovable, match="You submitted it"):
        approve(
            publication,
            by=publication.submitted_by,
            at=NOON,
            approval_sha256=publication.approval_sha256,
        )

    assert not Decision.objects.exists()


def test_a_contributor_does_not_approve(listing, editor, approver):
    both = _with_both_roles(approver)
    with changeset(by=both, reason="Edit"):
        state(listing, training="never")
    publication = submitted(listing.register, editor)

    with pytest.raises(NotApprovable, match="Edits of yours"):
        approve(publication, by=both, at=NOON, approval_sha256=publication.approval_sha256)


def _with_both_roles(approver):
    both = make_user("both", role="editor")
    both.groups.add(*approver.groups.all())
    return both


@pytest.mark.parametrize("values", [{"is_superuser": True}, {"role": "administrator"}])
def test_an_administrator_never_approves(listing, editor, values):
    publication = submitted(listing.register, editor)

    with pytest.raises(NotAllowed, match="Ask an approver"):
        approve(
            publication,
            by=make_user(**values),
            at=NOON,
            approval_sha256=publication.approval_sha256,
        )


@pytest.mark.slow
def test_one_person_may_hold_two_roles_and_approves_what_others_wrote(listing, editor):
    both = make_user("both", role="editor")
    both.groups.add(*make_user(role="approver").groups.all())
    publication = submitted(listing.register, editor)

    assert (
        approve(publication, by=both, at=NOON, approval_sha256=publication.approval_sha256).number
        == 1
    )


@pytest.mark.slow
@pytest.mark.parametrize("role", ["editor", "auditor", ""])
def test_only_an_approver_approves_rejects_and_withdraws_what_is_approved(
    listing, editor, approver, role
):
    publication, by = submitted(listing.register, editor), make_user(role=role)

    with pytest.raises(PermissionDenied):
        approve(publication, by=by, at=NOON, approval_sha256=publication.approval_sha256)
    with pytest.raises(NotAllowed):
        reject(publication, by=by, at=NOON, reason="Why")
    approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)
    with pytest.raises(NotAllowed):
        withdraw(publication, by=by, at=NOON, reason="Why")


def test_an_approver_who_was_deactivated_approves_nothing(listing, editor):
    publication, gone = (
        submitted(listing.register, editor),
        make_user(role="approver", is_active=False),
    )

    with pytest.raises(NotAllowed):
        approve(publication, by=gone, at=NOON, approval_sha256=publication.approval_sha256)


@pytest.mark.slow
@pytest.mark.parametrize("hash", ["", "0" * 64, "x"])
def test_an_approval_of_another_hash_is_refused(listing, editor, approver, hash):
    publication = submitted(listing.register, editor)

    with pytest.raises(NotApprovable, match="hash is not that"):
        approve(publication, by=approver, at=NOON, approval_sha256=hash)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("format", "said"), [("json", "hash is not that"), ("md", "md file"), ("html", "html file")]
)
def test_a_frozen_file_that_was_altered_is_not_approved(listing, editor, approver, format, said):
    publication = submitted(listing.register, editor)
    guards.uninstall(connection)
    PublishedFile.objects.filter(format=format).update(content=b"{}")
    guards.install(connection)

    with pytest.raises(NotApprovable, match=said):
        approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)


@pytest.fixture
def same(listing, editor, approver):
    """Publish a page, and return what freezes the page of an edit with other files.

    It does what whoever writes past `submit` can do with all guards in place: the rows are inserted
    and sealed, and the hash that is approved is that of an honest submission.
    """
    published(listing.register, editor, approver)
    edit(listing, "never")
    honest = submitted(listing.register, editor, at=NOON + HOUR)
    withdraw(honest, by=editor, at=NOON + HOUR, reason="Why")

    def freeze_with(**files):
        return freeze(
            honest.register,
            {**{file.format: bytes(file.content) for file in honest.files.all()}, **files},
            source=Publication.Source.NATIVE,
            base=honest.base,
            submitted_at=NOON + HOUR,
            submitted_by=editor,
            label=editor.username,
            reason="Why",
        )

    return freeze_with


def approve_now(publication, approver):
    sha256 = publication.approval_sha256
    return approve(publication, by=approver, at=NOON + 2 * HOUR, approval_sha256=sha256)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["csv", "html", "md", "txt"])
def test_a_file_that_says_something_else_than_the_json_is_not_approved(
    same, approver, monkeypatch, format
):
    publication = same(**{format: b"Acme never keeps anything."})

    with pytest.raises(NotApprovable, match=f"The frozen {format} file is not how this page is"):
        approve_now(publication, approver)
    assert "submit it again" in outlook(publication, by=approver, at=NOON + 2 * HOUR).obstacle

    # The control: without the comparison it is approved, as the hash is that of honest files.
    monkeypatch.setattr(decide_module, "_file_fault", lambda *args: "")
    assert approve_now(publication, approver).number == 2


@pytest.mark.slow
def test_json_with_a_key_that_no_page_shows_is_not_approved(same, approver):
    publication = same(json=same().content("json").replace(b"{", b'{"note":"unseen",', 1))

    with pytest.raises(NotApprovable, match="The frozen json file is not how this page is"):
        approve_now(publication, approver)


@pytest.mark.slow
def test_json_that_is_no_page_is_not_approved(same, approver):
    with pytest.raises(NotApprovable, match="no page that can be written"):
        approve_now(same(json=b"{}"), approver)


@pytest.mark.slow
def test_files_as_they_were_submitted_are_approved(same, approver):
    assert approve_now(same(), approver).number == 2


@pytest.mark.slow
def test_a_revert_keeps_the_files_that_older_templates_made(listing, editor, approver, monkeypatch):
    def older_templates(snapshot):
        return {**artefacts(snapshot), "html": b"<p>Written in another way.</p>"}

    with monkeypatch.context() as context:
        for module in (decide_module, import_module("compliance.publishing.submit")):
            context.setattr(module, "artefacts", older_templates)
        first = published(listing.register, editor, approver)
    # Newer software runs in a process of its own, which remembers nothing of this.
    decide_module._FrozenFiles.unlike_rendered.cache_clear()
    edit(listing, "never")
    published(listing.register, editor, approver, at=NOON + HOUR)
    again = reverted(listing.register, editor, to=1, at=NOON + HOUR, reason="Why")

    approve_now(again, approver)

    assert again.content("html") == first.content("html")
    # The control: its files are told from those of another page.
    monkeypatch.setattr(decide_module, "_was_approved", lambda *args: False)
    third = reverted(listing.register, editor, to=2, at=NOON + 3 * HOUR, reason="Why")
    assert outlook(third, by=approver, at=NOON + 3 * HOUR).obstacle == ""
    approve(third, by=approver, at=NOON + 3 * HOUR, approval_sha256=third.approval_sha256)
    fourth = reverted(listing.register, editor, to=1, at=NOON + 4 * HOUR, reason="Why")
    assert "html file" in outlook(fourth, by=approver, at=NOON + 4 * HOUR).obstacle


def alter(publication, **values):
    """Alter the row of a publication past the guards; whoever holds it does not notice."""
    guards.uninstall(connection)
    Publication.objects.filter(pk=publication.pk).update(**values)
    guards.install(connection)


def of_another_base(publication):
    """Return what makes the first publication of a register continue that of another one."""
    other = make_listing()
    editor, approver = make_user(role="editor"), make_user(role="approver")
    return {"base": published(other.register, editor, approver)}


ALTERATIONS = {
    "publisher": lambda publication: {"publisher": "Somebody else"},
    "contact": lambda publication: {"contact": "https://example.com/"},
    "licence": lambda publication: {"licence": "None"},
    "moment": lambda publication: {"requested_effective_from": NOON + 9 * HOUR},
    "announcement": lambda publication: {"announce": True},
    "answers": lambda publication: {"answers": {"a": {"reason": "So", "until": "2026-09-01"}}},
    "base": of_another_base,
    "content": lambda publication: {"content_sha256": "0" * 64},
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_what_was_altered_past_the_guards_after_it_was_shown_is_not_decided(
    listing, editor, approver, alteration
):
    publication = submitted(listing.register, editor)
    approval_sha256, withdrawal_sha256 = (
        publication.approval_sha256,
        publication.withdrawal_sha256,
    )
    alter(publication, **ALTERATIONS[alteration](publication))

    with pytest.raises(NotApprovable, match=r"hash is not that|compared with"):
        approve(publication, by=approver, at=NOON, approval_sha256=approval_sha256)
    with pytest.raises(NotWithdrawable, match="hash is not that"):
        withdraw(publication, by=editor, at=NOON, reason="Why", withdrawal_sha256=withdrawal_sha256)

    assert publication.state == Publication.State.IN_REVIEW


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alteration", ["publisher", "moment", "announcement", "answers"])
def test_control_what_was_altered_is_approved_if_the_hash_is_that_of_the_page_alone(
    listing, editor, approver, alteration, monkeypatch
):
    monkeypatch.setattr(
        Publication,
        "decided_sha256",
        lambda publication, purpose, carried=(): publication.content_sha256,
    )
    publication = submitted(listing.register, editor)
    approval_sha256 = publication.approval_sha256
    alter(publication, **ALTERATIONS[alteration](publication))

    approve(publication, by=approver, at=NOON, approval_sha256=approval_sha256)

    assert publication.state == Publication.State.APPROVED


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_what_was_altered_is_approved_if_the_row_is_not_read_again(
    listing, editor, approver, monkeypatch
):
    publication = submitted(listing.register, editor)
    alter(publication, publisher="Somebody else")
    monkeypatch.setattr(Publication, "refresh_from_db", lambda *args, **kwargs: None)

    approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)

    assert publication.state == Publication.State.APPROVED


@pytest.mark.slow
def test_a_publication_compared_with_another_page_is_stale(listing, editor, approver):
    first, second = submitted(listing.register, editor), submitted(listing.register, editor)
    approve(first, by=approver, at=NOON, approval_sha256=first.approval_sha256)

    assert "submit it again" in outlook(second, by=approver, at=NOON).obstacle
    with pytest.raises(NotApprovable, match="submit it again"):
        approve(second, by=approver, at=NOON + HOUR, approval_sha256=second.approval_sha256)


@pytest.mark.slow
def test_a_publication_is_approved_once(listing, editor, approver):
    publication = published(listing.register, editor, approver)

    with pytest.raises(NotApprovable, match="Only one in review"):
        approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)


@pytest.mark.slow
def test_a_clock_that_was_set_back_refuses_an_approval(listing, editor, approver):
    publication = submitted(listing.register, editor)

    with pytest.raises(
        NotApprovable,
        match=r"entry is of 2026-03-01 12:00 UTC, .* server's clock \(2026-03-01 11:00\)",
    ):
        approve(
            publication,
            by=approver,
            at=NOON - HOUR,
            approval_sha256=publication.approval_sha256,
        )


@pytest.mark.slow
def test_a_date_that_has_passed_by_the_approval_is_not_backdated(listing, editor, approver):
    publication = submitted(listing.register, editor, effective_from=NOON + HOUR)

    approve(
        publication, by=approver, at=NOON + 2 * HOUR, approval_sha256=publication.approval_sha256
    )

    assert publication.effective_from == NOON + 2 * HOUR


@pytest.mark.slow
def test_two_approvals_of_one_instant_take_effect_one_after_the_other(listing, editor, approver):
    published(listing.register, editor, approver)
    edit(listing, "never")

    second = published(listing.register, editor, approver)

    assert second.effective_from == NOON + MICROSECOND


@pytest.mark.slow
def test_a_waiting_publication_takes_effect_without_any_job(listing, editor, approver):
    register = listing.register
    published(register, editor, approver)
    edit(listing, "never")
    published(register, editor, approver, at=NOON + HOUR, effective_from=NOON + 3 * HOUR)

    assert [register.publications.in_force(NOON + hours * HOUR).number for hours in (0, 2, 3)] == [
        1,
        1,
        2,
    ]


@pytest.mark.slow
def test_an_emergency_in_the_same_row_calls_a_waiting_publication_off_in_the_same_act(
    listing, editor, approver
):
    register = listing.register
    published(register, editor, approver)
    edit(listing, "never")
    waiting = published(register, editor, approver, at=NOON + HOUR, effective_from=NOON + 48 * HOUR)
    edit(listing, "opt_out")
    emergency = submitted(register, editor, at=NOON + 2 * HOUR)
    assert outlook(emergency, by=approver, at=NOON + 2 * HOUR).overtakes == (waiting,)

    approve(emergency, by=approver, at=NOON + 2 * HOUR, approval_sha256=emergency.approval_sha256)

    assert (emergency.number, waiting.state) == (3, Publication.State.WITHDRAWN)
    reason = waiting.decisions.last().reason
    assert reason.startswith("Called off with the approval of publication 3. Both change ")
    assert register.publications.in_force(NOON + 72 * HOUR) == emergency


@pytest.mark.slow
def test_an_approval_is_refused_if_it_would_overtake_a_publication_that_was_not_named(
    listing, editor, approver
):
    register = listing.register
    published(register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="opt_in")
    waiting = submitted(register, editor, at=NOON + HOUR, effective_from=NOON + 48 * HOUR)
    urgent = submitted(register, editor, at=NOON + HOUR)
    approve(waiting, by=approver, at=NOON + 2 * HOUR, approval_sha256=waiting.approval_sha256)

    def decide(named):
        at = NOON + 3 * HOUR
        return approve(
            urgent, by=approver, at=at, approval_sha256=urgent.approval_sha256, overtaking=named
        )

    with pytest.raises(NotApprovable, match="would now also overtake Publication 2"):
        decide([])
    assert waiting.state == Publication.State.APPROVED
    assert decide([2]).number == 3


@pytest.mark.slow
def test_a_decision_that_waited_for_its_turn_is_recorded_after_the_one_before(
    listing, editor, approver
):
    register = listing.register
    published(register, editor, approver, at=NOON)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="opt_in")
    waiting = [
        submitted(register, editor, at=NOON, effective_from=NOON + n * HOUR) for n in (1, 2, 3)
    ]
    just_before = NOON + HOUR - timedelta(seconds=3)
    reject(waiting[0], by=approver, at=NOON + HOUR, reason="Why")

    reject(waiting[1], by=approver, at=just_before, reason="Why")
    withdraw(waiting[2], by=editor, at=just_before, reason="Why")

    assert [each.decisions.get().at for each in waiting] == [NOON + HOUR] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [StoreFault("It belongs to another."), OSError(28, "No space left on device")]
)
def test_approve_says_that_the_store_cannot_be_written_and_approves_nothing(
    listing, editor, approver, monkeypatch, fault
):
    def broken(*args):
        raise fault

    publication = submitted(listing.register, editor)
    monkeypatch.setattr(writer, "write_files", broken)

    with pytest.raises(
        NotApprovable, match="Nothing was approved: the published store cannot be written"
    ):
        approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)
    assert publication.state == Publication.State.IN_REVIEW


def read_only(monkeypatch, root):
    def refuse(self, name, content):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(storage.PublishedFolder, "_save", refuse)


def gone(monkeypatch, root):
    shutil.rmtree(root)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("breaks", [read_only, gone])
def test_nothing_is_decided_that_the_store_cannot_show(
    listing, editor, approver, monkeypatch, published_root, breaks
):
    publication = published(listing.register, editor, approver)
    edit(listing, "never")
    waiting = submitted(listing.register, editor)
    breaks(monkeypatch, published_root)

    with pytest.raises(NotWithdrawable, match="Nothing was withdrawn: the published store cannot"):
        withdraw(publication, by=approver, at=NOON + HOUR, reason="Wrong")
    with pytest.raises(NotApprovable, match="Nothing was approved: the published store cannot"):
        approve(waiting, by=approver, at=NOON + HOUR, approval_sha256=waiting.approval_sha256)

    assert Decision.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_asking_the_store_first_a_withdrawn_page_would_stay_public(
    listing, editor, approver, monkeypatch, published_root
):
    publication = published(listing.register, editor, approver)
    read_only(monkeypatch, published_root)
    monkeypatch.setattr(writer, "check_and_repair", lambda register: None)

    withdraw(publication, by=approver, at=NOON + HOUR, reason="Wrong")

    assert publication.state == Publication.State.WITHDRAWN
    assert reader.read_index(listing.register.slug).in_force(NOON + HOUR).number == 1


@pytest.mark.slow
def test_a_submission_is_withdrawn_and_rejected_without_a_store(
    listing, editor, approver, monkeypatch, published_root
):
    read_only(monkeypatch, published_root)

    withdraw(submitted(listing.register, editor), by=editor, at=NOON, reason="Wrong")
    reject(submitted(listing.register, editor), by=approver, at=NOON, reason="Wrong")

    assert Decision.objects.count() == 2


@pytest.mark.slow
def test_a_rejected_publication_stays_rejected(listing, editor, approver):
    publication = submitted(listing.register, editor)

    reject(publication, by=approver, at=NOON, reason="The date is wrong")

    assert publication.state == Publication.State.REJECTED
    with pytest.raises(NotRejectable):
        reject(publication, by=approver, at=NOON, reason="Again")
    with pytest.raises(NotApprovable):
        approve(publication, by=approver, at=NOON, approval_sha256=publication.approval_sha256)
    with pytest.raises(NotWithdrawable):
        withdraw(publication, by=approver, at=NOON, reason="Why")


@pytest.mark.slow
def test_a_submission_is_withdrawn_by_an_editor(listing, editor, approver):
    publication = submitted(listing.register, editor)

    withdraw(publication, by=editor, at=NOON, reason="Too early")

    assert publication.state == Publication.State.WITHDRAWN
    assert publication.number is None


@pytest.mark.slow
def test_after_a_withdrawal_the_publication_before_is_in_force_again(listing, editor, approver):
    register = listing.register
    first = published(register, editor, approver)
    edit(listing, "never")
    second = published(register, editor, approver, at=NOON + HOUR)

    withdraw(second, by=approver, at=NOON + 2 * HOUR, reason="Wrong")

    assert register.publications.in_force(NOON + 2 * HOUR) == first
    assert register.publications.public_at(NOON + HOUR) == second


@pytest.mark.slow
def test_what_was_public_on_a_day_is_given_even_if_it_was_withdrawn_since(
    listing, editor, approver
):
    register = listing.register
    publication = published(register, editor, approver)
    withdraw(publication, by=approver, at=NOON + HOUR, reason="Wrong")

    assert register.publications.public_at(NOON) == publication


@pytest.mark.parametrize("act", [reject, withdraw])
def test_a_decision_without_a_reason_is_refused(listing, editor, approver, act):
    publication = submitted(listing.register, editor)
    who = approver if act is reject else editor

    with pytest.raises(Exception, match="reason is empty"):
        act(publication, by=who, at=NOON, reason=" ")


@pytest.mark.slow
@pytest.mark.parametrize("act", [reject, withdraw])
def test_a_clock_that_was_set_back_refuses_no_decision_against_a_page(
    listing, editor, approver, act
):
    publication = submitted(listing.register, editor)
    who = approver if act is reject else editor

    act(publication, by=who, at=NOON - HOUR, reason="Why")

    assert publication.decisions.get().at == NOON
