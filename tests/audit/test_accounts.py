"""compliance.audit.accounts: accounts that were changed past the registry, and who decided."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction

from compliance.audit import guards, verification
from compliance.models import AccountState, Changeset, Decision, User
from compliance.models.changesets import changeset
from compliance.publishing.inserts import decide
from tests.audit.tampering import fault
from tests.factories import make_user, state
from tests.publications import HOUR, NOON, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def page(published):
    """Publish twice, and return the row of the page."""
    return published


@pytest.fixture
def editor(page):
    return User.objects.get(username="eve")


@pytest.fixture
def approver(page):
    return User.objects.get(username="ada")


@pytest.mark.parametrize(
    "tamper",
    [
        lambda user: User.objects.filter(pk=user.pk).update(username="another"),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(is_superuser=True),
        lambda user: User.groups.through.objects.create(
            user=user, group=Group.objects.get(name="approver")
        ),
        lambda user: User.groups.through.objects.filter(user=user).delete(),
    ],
    ids=["name", "activity", "superuser", "role given", "role taken"],
)
def test_an_account_that_was_changed_past_the_registry_is_named(page, editor, tamper):
    tamper(editor)

    assert fault() == f"compliance_user: row {editor.pk} was changed past the registry."


def test_an_account_with_a_role_that_the_record_does_not_know_is_named(page):
    [user] = User.objects.bulk_create([User(username="zoe")])
    User.groups.through.objects.create(user=user, group=Group.objects.get(name="approver"))

    assert fault() == f"compliance_user: row {user.pk} was changed past the registry."


def waiting(row, editor):
    with changeset(by=editor, reason="Edit"):
        state(row, training="never")
    return submitted(row.register, editor, at=NOON + 2 * HOUR)


def rejected(publication, by):
    facts = {"at": NOON + 3 * HOUR, "label": by.username, "reason": "No"}
    return decide(publication, Decision.Kind.REJECTED, by=by, **facts)


@pytest.mark.parametrize(
    "account",
    [
        {"role": "editor"},
        {"role": "auditor"},
        {"role": "administrator"},
        {"role": "approver", "is_superuser": True},
        {"role": "approver", "is_active": False},
        {},
    ],
    ids=str,
)
def test_the_database_and_verify_refuse_a_decision_by_no_approver(page, editor, account):
    publication = waiting(page, editor)
    somebody = make_user("zoe", **account)

    with pytest.raises(IntegrityError, match="Only an approver decides"), transaction.atomic():
        rejected(publication, somebody)
    guards.uninstall(connection)
    decision = rejected(publication, somebody)
    guards.install(connection)

    assert fault() == (
        f"compliance_decision: row {decision.pk} is by zoe, who was no approver then."
    )


def test_who_was_an_approver_then_may_have_left_since(page, approver):
    approver.groups.clear()
    approver.is_active = False
    approver.save()

    verification.verify()


def test_a_role_that_sql_gave_decides_nothing(page, editor):
    publication = waiting(page, editor)
    zoe = make_user("zoe", role="editor")
    User.groups.through.objects.create(user=zoe, group=Group.objects.get(name="approver"))

    with pytest.raises(IntegrityError, match="Only an approver decides"), transaction.atomic():
        rejected(publication, User.objects.get(pk=zoe.pk))


def test_a_role_that_was_given_later_decides_nothing_earlier(page, editor):
    publication = waiting(page, editor)
    zoe = make_user("zoe", role="editor")
    with changeset(by=None, label="x", reason="Later", source="command", kind="account") as later:
        zoe.groups.add(Group.objects.get(name="approver"))

    assert AccountState.objects.get(changeset=later.changeset).may_approve
    facts = {"at": NOON, "label": "zoe", "reason": "No", "by": zoe}
    with pytest.raises(IntegrityError), transaction.atomic():
        decide(publication, Decision.Kind.REJECTED, **facts)
    assert Changeset.objects.filter(kind="account").exists()
