"""compliance.accounts.sessions: a session ends with every change of what its user may do."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from compliance.models import User
from tests.factories import make_user
from tests.forms import complaints, post_form
from tests.signing_in import ANOTHER, PASSWORD, account, gets_in, sign_in

pytestmark = pytest.mark.django_db


def give_permission(user):
    user.user_permissions.add(Permission.objects.get(codename="delete_provider"))


def through_the_group(user):
    Group.objects.get(name="own").permissions.add(
        Permission.objects.get(codename="delete_provider")
    )


def by_saving(**values):
    def change(user):
        for name, value in values.items():
            setattr(user, name, value)
        user.save()

    return change


CHANGES = {
    "a new password": lambda user: (user.set_password(ANOTHER), user.save()),
    "a group more": lambda user: user.groups.add(Group.objects.get(name="auditor")),
    "a group less": lambda user: user.groups.remove(Group.objects.get(name="editor")),
    "no group": lambda user: user.groups.clear(),
    "other groups": lambda user: user.groups.set([Group.objects.get(name="approver")]),
    "a group that takes it": lambda user: Group.objects.get(name="auditor").user_set.add(user),
    "a group without members": lambda user: Group.objects.get(name="own").user_set.clear(),
    "a permission": give_permission,
    "a permission of the group": through_the_group,
    "a permission given to the group": lambda user: Permission.objects.get(
        codename="add_listing"
    ).group_set.clear(),
    "a group that goes": lambda user: Group.objects.get(name="own").delete(),
    "no more staff": by_saving(is_staff=False),
    "superuser": by_saving(is_superuser=True),
    "deactivated": by_saving(is_active=False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_password_or_role_ends_every_session(change):
    user, other = account(role="editor"), account("otto", role="auditor")
    own = Group.objects.create(name="own")
    own.permissions.add(Permission.objects.get(codename="view_register"))
    user.groups.add(own)
    clients = [sign_in(user)[0], sign_in(user)[0]]
    bystander, _ = sign_in(other)

    change(User.objects.get(pk=user.pk))
    User.objects.filter(pk=user.pk).update(is_active=True, is_staff=True, is_superuser=False)

    assert [gets_in(client) for client in clients] == [False, False]
    assert gets_in(bystander)


def test_other_edits_leave_the_session():
    user = account(role="editor")
    client, _ = sign_in(user)

    by_saving(first_name="Ada", email="new@example.com")(User.objects.get(pk=user.pk))
    user.groups.add(Group.objects.get(name="editor"))
    call_command("migrate", verbosity=0)

    assert gets_in(client)


def test_a_password_changed_in_one_session_ends_the_others():
    user = account(role="editor")
    here, there = sign_in(user)[0], sign_in(user)[0]
    typed = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}

    answer = here.post("/accounts/password/change/", typed)

    assert answer.url == "/admin/"
    assert gets_in(here)
    assert not gets_in(there)


def test_a_role_changed_in_the_admin_ends_the_session():
    user = account(role="editor")
    client, _ = sign_in(user)
    root = Client()
    root.force_login(make_user("root", is_superuser=True))

    saved = post_form(
        root,
        f"/admin/compliance/user/{user.pk}/change/",
        groups=[Group.objects.get(name="approver").pk],
    )

    assert complaints(saved) == ""
    assert not gets_in(client)
    assert gets_in(root)


def test_signing_out_ends_the_session():
    client, _ = sign_in(account(role="editor"))
    key = client.session.session_key

    client.post("/admin/logout/")

    assert not gets_in(client)
    assert not Session.objects.filter(session_key=key).exists()
