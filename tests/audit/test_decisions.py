"""compliance.audit.decisions: what the guards would have refused is named.

The forger owns the database: each decision is written without the guards, and sealed by an entry
that fits the chain. The control takes the rule away: then the forged record is sound.
"""

import dataclasses

import pytest

from compliance.audit import accounts, decisions, public_log, verification
from compliance.models import (
    Decision,
    Publication,
    Register,
    User,
)
from compliance.models.changesets import changeset
from compliance.published import writer
from compliance.publishing import approve, import_history, reject, withdraw
from compliance.publishing.inserts import decide, freeze
from compliance.rendering.html import artefacts
from compliance.workingcopy.importing import PastPage
from tests.audit.tampering import fault, without_guards
from tests.factories import make_listing, make_section, make_user, state
from tests.pages import page, row
from tests.publications import HOUR, NOON, reverted, submitted
from tests.publications import published as publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DAY = 24 * HOUR
LATER = NOON + 9 * HOUR


def forged(publication, kind, **facts):
    """Decide without the guards, and write the store as if it had been decided."""
    ada = User.objects.get(username="ada")
    with without_guards():
        decision = decide(
            publication, kind, **{"at": LATER, "by": ada, "label": "ada", "reason": "X", **facts}
        )
    writer.restore(adopt=True)
    return decision


def last_publication():
    return Publication.objects.order_by("pk").last()


def is_sound(monkeypatch, *rules):
    """Take rules away, and verify."""
    for rule in rules:
        monkeypatch.setattr(decisions, rule, lambda *args, **values: (_ for _ in ()))
    return verification.verify()


def test_withdrawing_and_rejecting_are_sound(published):
    approver, editor = User.objects.get(username="ada"), User.objects.get(username="eve")
    with changeset(by=editor, reason="Edit"):
        state(published, training="opt_in")
    rejected = submitted(published.register, editor, at=NOON + 2 * HOUR)
    reject(rejected, by=approver, at=NOON + 3 * HOUR, reason="No")
    dropped = submitted(published.register, editor, at=NOON + 4 * HOUR)
    withdraw(dropped, by=editor, at=NOON + 5 * HOUR, reason="Wrong")
    second = published.register.publications.numbered(2)
    withdraw(second, by=approver, at=NOON + 6 * HOUR, reason="Wrong")

    assert verification.verify().entries == 16


@pytest.mark.parametrize(
    ("facts", "broken"),
    [
        ({"by": None}, "is by nobody"),
        ({"approval_sha256": "0" * 64}, "names another hash than that of everything"),
    ],
)
def test_a_withdrawal_that_breaks_a_rule_is_named(published, monkeypatch, facts, broken):
    decision = forged(last_publication(), Decision.Kind.WITHDRAWN, **facts)

    assert fault().startswith(f"compliance_decision: row {decision.pk} {broken}")
    monkeypatch.setattr(accounts, "decider_faults", lambda entries: (_ for _ in ()))
    assert is_sound(monkeypatch, "_broken_rules", "hash_faults")


def test_a_withdrawal_in_another_register_is_named(published, monkeypatch):
    publication = last_publication()
    withdrawal_sha256 = publication.withdrawal_sha256
    publication.register = make_section().register
    decision = forged(publication, Decision.Kind.WITHDRAWN, approval_sha256=withdrawal_sha256)

    assert fault() == (
        f"compliance_decision: row {decision.pk} belongs to another register than its publication."
    )
    # Its event tells of it too.
    monkeypatch.setattr(public_log, "event_faults", lambda: (_ for _ in ()))
    assert is_sound(monkeypatch, "_broken_rules")


@pytest.fixture
def edit(published):
    """Let the approver edit."""
    with changeset(by=User.objects.get(username="ada"), reason="Edit") as opened:
        state(published, training="opt_in")
    return opened.changeset


def test_a_withdrawal_by_somebody_whose_edits_it_brings_back_is_named(edit, monkeypatch):
    decision = forged(last_publication(), Decision.Kind.WITHDRAWN, returning=[edit])

    assert fault() == (
        f"compliance_decision: row {decision.pk} is by somebody whose edits it brings back."
    )
    assert is_sound(monkeypatch, "_broken_rules_of_withdrawal")


def test_somebody_whose_edits_a_withdrawal_brings_back_may_have_approved(edit):
    zoe = make_user("zoe", role="approver")
    forged(last_publication(), Decision.Kind.WITHDRAWN, by=zoe, label="zoe", returning=[edit])

    verification.verify()


@pytest.mark.parametrize("kind", [Decision.Kind.WITHDRAWN, Decision.Kind.REJECTED])
def test_a_second_decision_is_named(published, monkeypatch, kind):
    approver, editor = User.objects.get(username="ada"), User.objects.get(username="eve")
    publication = last_publication()
    if kind == Decision.Kind.WITHDRAWN:
        with changeset(by=editor, reason="Edit"):
            state(published, training="opt_in")
        publication = submitted(published.register, editor, at=NOON + 2 * HOUR)
        reject(publication, by=approver, at=NOON + 3 * HOUR, reason="No")
    decision = forged(publication, kind)

    assert fault() == (
        f"compliance_decision: row {decision.pk} is a second decision on its publication."
    )
    assert is_sound(monkeypatch, "_broken_rules")


def test_an_approval_of_another_hash_than_that_of_everything_is_named(published, monkeypatch):
    editor = User.objects.get(username="eve")
    with changeset(by=editor, reason="Edit"):
        state(published, training="opt_in")
    publication = submitted(published.register, editor, at=NOON + 2 * HOUR)
    decision = forged(
        publication,
        Decision.Kind.APPROVED,
        number=3,
        effective_from=LATER,
        approval_sha256="0" * 64,
    )

    assert fault() == (
        f"compliance_decision: row {decision.pk} names another hash than that of everything that"
        " it decides."
    )
    assert is_sound(monkeypatch, "hash_faults")


def forged_submission(register, files, **facts):
    """Freeze files past `submit`, as whoever has the application's role can, with all guards."""
    editor = User.objects.get(username="eve")
    return freeze(
        register,
        files,
        **{
            "source": Publication.Source.NATIVE,
            "base": register.publications.standing().last(),
            "submitted_at": LATER,
            "submitted_by": editor,
            "label": "eve",
            "reason": "X",
            **facts,
        },
    )


def files_of(publication):
    return {file.format: bytes(file.content) for file in publication.files.all()}


@pytest.fixture
def other(published):
    """Publish another register."""
    editor, approver = User.objects.get(username="eve"), User.objects.get(username="ada")
    return publish(make_listing().register, editor, approver, at=NOON + 2 * HOUR)


def page_of_another_register(register, other):
    publication = forged_submission(register, files_of(other))
    file = publication.files.get(format="json")
    return f"compliance_publishedfile: row {file.pk} is not a page of the register {register.slug}."


def base_in_another_register(register, other):
    files = files_of(register.publications.numbered(1))
    publication = forged_submission(register, files, base=other)
    return f"compliance_publication: row {publication.pk} is compared with a page of another"


def revert_to_another_register(register, other):
    files = files_of(register.publications.numbered(1))
    publication = forged_submission(register, files, reverts=other)
    return f"compliance_publication: row {publication.pk} reverts to a page of another register."


def revert_to_other_bytes(register, other):
    first = register.publications.numbered(1)
    files = {**files_of(first), "html": b"Forged"}
    publication = forged_submission(register, files, reverts=first)
    return (
        f"compliance_publication: row {publication.pk} reverts to row {first.pk}, but has other"
        " bytes."
    )


def revert_to_what_was_not_approved(register, other):
    files = files_of(register.publications.numbered(1))
    waiting = forged_submission(register, files)
    publication = forged_submission(register, files, reverts=waiting)
    return (
        f"compliance_publication: row {publication.pk} reverts to row {waiting.pk}, which was not"
        " approved."
    )


@pytest.mark.parametrize(
    "forge",
    [
        page_of_another_register,
        base_in_another_register,
        revert_to_another_register,
        revert_to_other_bytes,
        revert_to_what_was_not_approved,
    ],
    ids=lambda forge: forge.__name__,
)
def test_a_submission_that_names_what_it_may_not_is_named(published, other, monkeypatch, forge):
    register = published.register
    named = forge(register, other)

    assert fault().startswith(named)
    monkeypatch.setattr(decisions, "_is_page_of", lambda content, slug: True)
    assert is_sound(monkeypatch, "relation_faults")


def test_a_revert_is_sound(published):
    editor, approver = User.objects.get(username="eve"), User.objects.get(username="ada")
    publication = reverted(published.register, editor, to=1, at=LATER, reason="Wrong")
    sha256 = publication.approval_sha256
    approve(publication, by=approver, at=LATER, approval_sha256=sha256)

    verification.verify()


@pytest.fixture
def imported(scene):
    """Import a page of last week, and publish an edit of it at noon."""
    return scene(imported_and_published)


def imported_and_published():
    editor, approver = make_user("eve", role="editor"), make_user("ada", role="approver")
    writer.complete()
    past = [PastPage(page(row("GPT 6", "Acme")), NOON - 7 * DAY, "As it was")]
    import_history(past, slug="register", at=NOON, label="tests")
    register = Register.objects.get()
    with changeset(by=editor, reason="Edit"):
        register.set(title="Another")
    publish(register, editor, approver, at=NOON + HOUR)
    return register


def test_an_imported_past_and_its_withdrawal_are_sound(imported):
    approver = User.objects.get(username="ada")
    for number in (2, 1):
        publication = imported.publications.numbered(number)
        withdraw(publication, by=approver, at=NOON + 5 * HOUR, reason="Wrong")

    verification.verify()


def forged_import(register, **facts):
    """Freeze a page without the guards as if it had been public an hour ago."""
    base = register.publications.standing().last()
    with without_guards():
        return freeze(
            register,
            artefacts(base.snapshot()),
            source=Publication.Source.IMPORTED,
            submitted_at=LATER,
            requested_effective_from=LATER - HOUR,
            label="tests",
            reason="As it was",
            **facts,
        )


def test_a_page_imported_after_the_first_native_publication_is_named(imported, monkeypatch):
    publication = forged_import(imported)
    forged(
        publication,
        Decision.Kind.APPROVED,
        by=None,
        label="tests",
        number=3,
        effective_from=LATER - HOUR,
    )

    assert fault() == (
        f"compliance_publication: row {publication.pk} is imported, but was recorded after a"
        " publication of the registry."
    )
    assert is_sound(monkeypatch, "imported_faults")


def test_an_imported_page_approved_after_the_first_native_publication_is_named(scene, monkeypatch):
    register = scene(published_before_an_import_is_approved)
    decision = forged(
        register.publications.get(source=Publication.Source.IMPORTED),
        Decision.Kind.APPROVED,
        by=None,
        label="tests",
        number=2,
        effective_from=NOON + HOUR,
        at=LATER,
    )

    assert fault() == (
        f"compliance_decision: row {decision.pk} approves an imported page, but was recorded after"
        " a publication of the registry."
    )
    assert is_sound(monkeypatch, "imported_faults")


def files_of_an_earlier_page(register):
    earlier = page(row("GPT 6", "Acme"))
    named = dataclasses.replace(earlier.register, slug=register.slug)
    return artefacts(dataclasses.replace(earlier, register=named))


def published_before_an_import_is_approved():
    """Freeze an imported page, and publish natively before it is approved."""
    editor, approver = make_user("eve", role="editor"), make_user("ada", role="approver")
    writer.complete()
    register = make_listing().register
    freeze(
        register,
        files_of_an_earlier_page(register),
        source=Publication.Source.IMPORTED,
        submitted_at=NOON - HOUR,
        requested_effective_from=NOON + HOUR,
        label="tests",
        reason="As it was",
    )
    publish(register, editor, approver, at=NOON)
    return register


@pytest.mark.parametrize("moved", [-HOUR, 2 * HOUR])
def test_an_imported_page_in_force_from_another_moment_is_named(scene, monkeypatch, moved):
    register = scene(import_to_approve)
    publication = last_publication()
    decision = forged(
        publication,
        Decision.Kind.APPROVED,
        number=1,
        at=NOON,
        effective_from=NOON - HOUR + moved,
    )

    assert fault() == (
        f"compliance_decision: row {decision.pk} takes effect at another moment than the imported"
        " page was public."
    )
    assert register.publications.count() == 1
    assert is_sound(monkeypatch, "_broken_rules_of_import")


def import_to_approve():
    writer.complete()
    make_user("ada", role="approver")
    register = make_listing().register
    freeze(
        register,
        files_of_an_earlier_page(register),
        source=Publication.Source.IMPORTED,
        submitted_at=NOON - HOUR,
        requested_effective_from=NOON - HOUR,
        label="tests",
        reason="As it was",
    )
    return register
