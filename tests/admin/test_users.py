"""compliance.admin.users: who is invited, what they may do, and who can see and change that."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from compliance.accounts import factors
from compliance.admin.users.as_of import accounts_as_of, may_approve
from compliance.models import AccountState, Changeset, Invitation, User, ledger
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a-quite-long-password-7"
PEOPLE = "/admin/compliance/user/"


@pytest.fixture
def mails(django_capture_on_commit_callbacks):
    """Return a function that does something and returns the mails that it sends."""

    def sent(act):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return mail.outbox

    return sent


@pytest.fixture
def root():
    return make_user("root", role="administrator")


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def typed(user=None, **values):
    known = {}
    if user:
        known = {"username": user.username, "email": user.email or "a@acme.example"}
        known |= {"roles": user.role_names, "is_active": "on" if user.is_active else ""}
    new = {"username": "ada", "email": "ada@acme.example", "roles": ["editor"]}
    return {**(known or new), "reason": "Joins the legal team", **values}


def invite(by, **values):
    return client_of(by).post(f"{PEOPLE}add/", typed(**values))


def change(by, user, **values):
    return client_of(by).post(f"{PEOPLE}{user.pk}/change/", typed(user, **values))


def faults(response):
    assert response.status_code == 200, "it was saved"
    return " ".join(fault.sentence for fault in response.context["faults"])


def test_an_administrator_invites_by_mail_and_the_record_has_it(root, mails):
    [message] = mails(lambda: invite(root))

    user = User.objects.get(username="ada")
    assert user.role_names == ["editor"]
    assert not user.has_usable_password()
    invitation, state = (
        Invitation.objects.get(user=user),
        AccountState.objects.filter(user=user).last(),
    )
    changeset = invitation.changeset
    assert state.changeset == changeset
    assert (changeset.by, changeset.reason) == (root, "Joins the legal team")
    assert (changeset.source, changeset.kind) == ("admin", "account")
    assert state.roles == ["editor"]
    assert message.to == ["ada@acme.example"]
    assert "root has made an account for you" in message.body


def test_the_link_of_an_invitation_sets_a_password_once(root, mails):
    [message] = mails(lambda: invite(root))
    link = re.search(r"/accounts/password/choose/\S+", message.body)[0]
    client = Client()
    assert "ada" in client.get(link).text
    passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}

    refused = client.post(link, {**passwords, "new_password2": "another"})
    done = client.post(link, passwords)

    assert refused.status_code == 200
    assert done.status_code == 302
    assert User.objects.get(username="ada").check_password(PASSWORD)
    again = client.post(link, passwords)
    assert again.status_code == 404
    assert "This link does not work" in again.text


@pytest.mark.parametrize(
    "link", ["MQ/x-y", "%00/x", "ünsinn/a-b", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/a"]
)
def test_another_link_is_refused(link, root):
    assert Client().get(f"/accounts/password/choose/{link}/").status_code == 404


def test_a_link_of_somebody_who_was_deactivated_is_refused(root, mails):
    [message] = mails(lambda: invite(root))
    change(root, User.objects.get(username="ada"), is_active="")

    link = re.search(r"/accounts/password/choose/\S+", message.body)[0]
    assert Client().get(link).status_code == 404


def test_without_a_mail_server_nobody_is_invited(root, settings):
    settings.EMAIL_BACKEND = "compliance.accounts.mail.NoMailServer"

    assert "cannot send mail" in faults(invite(root))
    assert not User.objects.filter(username="ada").exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"reason": ""}, "The reason is empty."),
        ({"reason": " \n "}, "The reason is empty."),
        ({"email": ""}, "The mail address is empty."),
        ({"roles": ["approver", "administrator"]}, "never approves"),
        ({"roles": ["superuser"]}, "Choose again"),
        ({"username": ""}, "Enter the user name"),
    ],
)
def test_what_the_rules_of_accounts_rule_out_is_refused(root, values, told):
    response = invite(root, **values)

    assert told in faults(response) + str(response.context["adminform"].form.errors)
    assert not User.objects.filter(username="ada").exists()
    assert not Invitation.objects.exists()


def test_nobody_sets_somebodys_password(root, approver):
    page = client_of(root).get(f"{PEOPLE}{approver.pk}/change/").text
    before = approver.password

    change(root, approver, password=PASSWORD, password1=PASSWORD, new_password1=PASSWORD)

    approver.refresh_from_db()
    assert approver.password == before
    assert 'type="password"' not in page
    assert before not in page
    assert client_of(root).get(f"{PEOPLE}{approver.pk}/password/").status_code in (302, 404)


@pytest.mark.parametrize(
    "values", [{"roles": ["administrator", "editor"]}, {"is_active": ""}, {"roles": []}]
)
def test_nobody_changes_their_own_roles_or_shuts_themselves_out(root, values):
    assert "Ask another administrator" in faults(change(root, root, **values))
    assert User.objects.get(pk=root.pk).role_names == ["administrator"]


def test_an_administrator_may_mend_their_own_name(root):
    assert change(root, root, first_name="Rosa").status_code == 302
    assert User.objects.get(pk=root.pk).first_name == "Rosa"


def test_only_a_superuser_changes_the_account_of_a_superuser(root):
    owner = make_user("owner", is_superuser=True)

    assert change(root, owner, is_active="").status_code == 403
    assert change(owner, root, is_active="").status_code == 302


@pytest.mark.parametrize("role", ["editor", "approver", "auditor", ""])
def test_only_administrators_change_accounts(role, root):
    person, other = make_user("ann", role=role), make_user("ben", role="approver")
    # Nor does the bare permission, which only a shell can give.
    person.user_permissions.add(*Permission.objects.filter(codename__endswith="_user"))
    client = client_of(person)

    for path in ("add/", f"{other.pk}/change/", f"{other.pk}/link/", f"{other.pk}/reset-factors/"):
        assert client.post(f"{PEOPLE}{path}", typed(other, is_active="")).status_code == 403, path
    assert User.objects.get(pk=other.pk).is_active


def test_an_auditor_reads_accounts_and_their_history(root):
    client = client_of(make_user("olga", role="auditor"))
    change(root, user := make_user("ann", role="editor"), roles=["approver"])

    assert "ann" in client.get(PEOPLE).text
    form = client.get(f"{PEOPLE}{user.pk}/change/")
    history = client.get(f"{PEOPLE}{user.pk}/history/", follow=True).text
    assert form.status_code == 200
    assert 'name="_save"' not in form.text
    assert "reset-factors" not in form.text
    assert "Joins the legal team" in history
    assert "approver" in history


def test_a_change_ends_the_sessions_and_the_person_is_told(root, mails):
    user = make_user("ann", role="editor", email="ann@acme.example")
    client = client_of(user)

    [old, new] = sorted(
        mails(lambda: change(root, user, roles=["approver"], email="ann@new.example")),
        key=lambda message: message.to,
    )

    assert client.get("/admin/").status_code == 302
    assert [old.to, new.to] == [["ann@acme.example"], ["ann@new.example"]]
    for sentence in (
        "You are no longer an editor.",
        "You are now an approver.",
        "Your account has another mail address.",
        "By: root",
        "Reason: Joins the legal team",
    ):
        assert sentence in new.body
    assert "acme.example" not in str(AccountState.objects.filter(user=user).values())


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda user: user.groups.add(Group.objects.get(name="approver")), "now an approver"),
        (lambda user: Group.objects.get(name="approver").user_set.add(user), "now an approver"),
        (lambda user: user.groups.clear(), "no longer an editor"),
        (lambda user: Group.objects.get(name="editor").user_set.clear(), "no longer an editor"),
        (lambda user: save(user, is_active=False), "may not sign in any more"),
        (lambda user: save(user, is_superuser=True), "now an administrator"),
        (lambda user: save(user, username="anna"), "now anna, before ann"),
    ],
)
def test_what_a_shell_changes_is_recorded_and_told_too(act, told, mails):
    user = make_user("ann", role="editor", email="ann@acme.example")
    before = AccountState.objects.filter(user=user).count()

    [message] = mails(lambda: act(user))

    assert told in message.body
    assert AccountState.objects.filter(user=user).count() == before + 1
    assert AccountState.objects.filter(user=user).last().changeset.source == "command"


def save(user, **values):
    for name, value in values.items():
        setattr(user, name, value)
    user.save()


def test_saving_what_is_not_recorded_writes_nothing():
    user = make_user("ann", role="editor")
    before = Changeset.objects.count()

    save(user, first_name="Ann")
    user.set_password(PASSWORD)
    user.save()

    assert Changeset.objects.count() == before


def test_a_second_factor_is_reset_with_a_reason(root, mails):
    user = make_user("ann", role="editor", email="ann@acme.example")
    factors.enrol(user)
    address = f"{PEOPLE}{user.pk}/reset-factors/"
    client = client_of(root)

    assert "The reason is empty" in client.post(address, {"reason": ""}).text
    assert factors.has_any(user)
    [message] = mails(lambda: client.post(address, {"reason": "Lost her phone, came by"}))

    assert not factors.has_any(user)
    assert "Your second factors were removed." in message.body
    last = Changeset.objects.first()
    assert (last.by, last.reason) == (root, "Lost her phone, came by")
    assert "has no second factor" in client.get(address).text


def test_a_link_is_sent_to_the_address_of_the_account_only(root, mails):
    user = make_user("ann", role="editor", email="ann@acme.example")
    address = f"{PEOPLE}{user.pk}/link/"

    [message] = mails(lambda: client_of(root).post(address, {"reason": "Forgot it"}))

    assert message.to == ["ann@acme.example"]
    assert "/accounts/password/choose/" in message.body
    nobody = make_user("ben", role="editor")
    assert "has no mail address" in client_of(root).get(f"{PEOPLE}{nobody.pk}/link/").text


def test_the_list_says_who_can_sign_in_with_what(root):
    make_user("nobody")
    factors.enrol(make_user("ann", role="editor", password=PASSWORD))
    make_user("gone", role="editor", is_active=False)
    make_user("shell", role="editor", is_staff=False)

    rows = re.findall(r"<tr>.*?</tr>", client_of(root).get(PEOPLE).text, re.DOTALL)
    said = {
        name: row
        for row in rows
        for name in ("nobody", "ann", "gone", "shell")
        if f">{name}<" in row
    }

    assert "No, without a role" in said["nobody"]
    assert "app, recovery codes" in said["ann"]
    assert "No, deactivated" in said["gone"]
    assert "No, until the account is saved here once" in said["shell"]


def test_the_record_says_who_could_approve_on_a_day(monkeypatch):
    monkeypatch.setattr(ledger, "timezone", timezone)
    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False):
        ann = make_user("ann", role="approver")
    with time_machine.travel(datetime(2026, 5, 4, tzinfo=UTC), tick=False):
        ann.groups.clear()
        make_user("ben", role="approver")

    def approvers(day):
        return may_approve(accounts_as_of(datetime(2026, 5, day, 12, tzinfo=UTC)))

    assert approvers(1) == approvers(3) == ["ann"]
    assert approvers(5) == ["ben"]


def test_the_screen_of_a_day_is_for_who_may_read_accounts(editor, root):
    address = f"{PEOPLE}as-of/"

    assert client_of(editor).get(address).status_code == 403
    page = client_of(make_user("olga", role="auditor")).get(f"{address}?on=3 May 2026")
    assert page.status_code == 200
    assert "3 May 2026" in page.text
    assert "There is a problem" in client_of(root).get(f"{address}?on=soonish").text


def test_a_command_makes_an_account_and_records_why(mails, capsys):
    [message] = mails(
        lambda: call_command(
            "add_account", "ada", "ada@acme.example", role="administrator", reason="First account"
        )
    )

    user = User.objects.get(username="ada")
    assert user.role_names == ["administrator"]
    assert message.to == ["ada@acme.example"]
    made = Invitation.objects.get(user=user).changeset
    assert (made.by, made.reason, made.source) == (None, "First account", "command")


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [
        ("ada", "no address", "valid email"),
        ("ada", "", "address is empty"),
        ("a b", "a@b.example", "username"),
        ("a" + "\u0301\u0323" * 200_000, "a@b.example", "150 characters"),
    ],
)
def test_a_command_refuses_what_is_no_account(name, address, told):
    with pytest.raises(CommandError, match=told):
        call_command("add_account", name, address, role="editor", reason="Why")

    assert not User.objects.exists()
