"""Tests of compliance.accounts.sessions: sessions end when permissions change."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client

from compliance.models import User
from tests.factories import make_user
from tests.forms import complaints, post_form
from tests.signing_in import OTHER_PASSWORD, PASSWORD, make_account, may_open_admin, sign_in

pytestmark = pytest.mark.django_db


def give_permission(user):
    user.user_permissions.add(Permission.objects.get(codename="delete_provider"))


def give_permission_to_group(user):
    Group.objects.get(name="own").permissions.add(
        Permission.objects.get(codename="delete_provider")
    )


def save_with(**values):
    def change(user):
        for name, value in values.items():
            setattr(user, name, value)
        user.save()

    return change


CHANGES = {
    "a new password": lambda user: (user.set_password(OTHER_PASSWORD), user.save()),
    "a group added by the user": lambda user: user.groups.add(Group.objects.get(name="auditor")),
    "a group removed": lambda user: user.groups.remove(Group.objects.get(name="editor")),
    "groups cleared": lambda user: user.groups.clear(),
    "groups replaced": lambda user: user.groups.set([Group.objects.get(name="approver")]),
    "a user added by the group": lambda user: Group.objects.get(name="auditor").user_set.add(user),
    "members of a group cleared": lambda user: Group.objects.get(name="own").user_set.clear(),
    "a permission of the user": give_permission,
    "a permission added by the group": give_permission_to_group,
    "groups of a permission cleared": lambda user: Permission.objects.get(
        codename="add_listing"
    ).group_set.clear(),
    "a group deleted": lambda user: Group.objects.get(name="own").delete(),
    "no more staff": save_with(is_staff=False),
    "superuser": save_with(is_superuser=True),
    "deactivated": save_with(is_active=False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_password_or_role_ends_every_session(change):
    user, other = make_account(role="editor"), make_account("otto", role="auditor")
    own = Group.objects.create(name="own")
    own.permissions.add(Permission.objects.get(codename="view_register"))
    user.groups.add(own)
    clients = [sign_in(user)[0], sign_in(user)[0]]
    bystander, _ = sign_in(other)

    change(User.objects.get(pk=user.pk))
    User.objects.filter(pk=user.pk).update(is_active=True, is_staff=True, is_superuser=False)

    assert [may_open_admin(client) for client in clients] == [False, False]
    assert may_open_admin(bystander)


@pytest.mark.slow
def test_edits_without_effect_on_permissions_keep_the_session():
    user = make_account(role="editor")
    client, _ = sign_in(user)

    save_with(first_name="Ada", email="new@example.com")(User.objects.get(pk=user.pk))
    user.groups.add(Group.objects.get(name="editor"))
    connection.check_constraints()  # PostgreSQL alters no table that has checks of rows pending
    call_command("migrate", verbosity=0)

    assert may_open_admin(client)


def test_a_password_changed_in_one_session_ends_the_others():
    user = make_account(role="editor")
    here, there = sign_in(user)[0], sign_in(user)[0]
    typed = {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}

    answer = here.post("/accounts/password/change/", typed)

    assert answer.url == "/admin/"
    assert may_open_admin(here)
    assert not may_open_admin(there)


@pytest.mark.slow
def test_a_role_changed_in_the_admin_ends_the_session():
    user = make_account(role="editor")
    client, _ = sign_in(user)
    root = Client()
    root.force_login(make_user("root", is_superuser=True))

    saved = post_form(
        root,
        f"/admin/compliance/user/{user.pk}/change/",
        roles=["approver"],
        email="ada@example.com",
        reason="Approves from now on",
    )

    assert complaints(saved) == ""
    assert not may_open_admin(client)
    assert may_open_admin(root)


def test_signing_out_ends_the_session():
    client, _ = sign_in(make_account(role="editor"))
    key = client.session.session_key

    client.post("/admin/logout/")

    assert not may_open_admin(client)
    assert not Session.objects.filter(session_key=key).exists()
