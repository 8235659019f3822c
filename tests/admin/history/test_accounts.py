"""Tests of compliance.admin.history.accounts: what happened to accounts, among the changesets."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.accounts import factors
from compliance.admin.history import queries
from compliance.admin.history.timeline import (
    Timeline,
    TimelineFilter,
    everything_scope,
    register_scope,
)
from compliance.models import Changeset, User
from tests.factories import make_listing, make_model, make_user
from tests.passkeys import add_passkey

pytestmark = pytest.mark.django_db


def latest_lines() -> list[tuple[str, str, str]]:
    lines = queries.lines_of_changeset(Changeset.objects.first())
    return [(line.what, line.before, line.after) for line in lines]


def test_a_new_account_is_a_line():
    User.objects.create_user("ada")

    assert latest_lines() == [("Account ada", "", "Made")]


def test_factors_that_come_and_go_are_lines():
    ada = make_user("ada")
    add_passkey(ada, "Laptop")
    assert latest_lines() == [("Account ada, passkey", "", "Laptop")]

    passkey = Authenticator.objects.get()
    passkey.data["name"] = "Old laptop"
    passkey.save()
    assert latest_lines() == [("Account ada, passkey", "", "Old laptop")]

    factors.enrol(ada)
    assert latest_lines() == [
        ("Account ada, authenticator app", "", "Set up"),
        ("Account ada, recovery codes", "", "Set up"),
        ("Account ada, passkey", "Laptop", ""),
    ]


@pytest.mark.parametrize("role", ["editor", "auditor"])
def test_the_time_line_says_whose_account_it_is_and_the_desk_leaves_accounts_out(role):
    client = Client()
    client.force_login(make_user("olga", role=role))
    make_model("Kimi K3")
    User.objects.create_user("ada")
    add_passkey(User.objects.get(username="ada"), "Laptop")

    desk = client.get(reverse("admin:index")).text
    timeline = client.get(reverse("admin:compliance_changeset_changelist")).text

    assert "Set the scene" in desk
    assert "Make an account" not in desk
    assert "Set up a passkey" not in desk
    assert "Set the scene" in timeline
    assert "Make an account" in timeline
    assert "Account ada" in timeline
    assert "Account ada, passkey" in timeline


def test_the_page_and_the_files_of_a_changeset_of_an_account_name_the_factor():
    client = Client()
    client.force_login(make_user("olga", role="auditor"))
    add_passkey(make_user("ada"), "Laptop")
    address = reverse("admin:compliance_changeset_change", args=[Changeset.objects.first().pk])
    everything = reverse("admin:compliance_changeset_changelist")

    answers = [
        client.get(address),
        *(client.get(everything, {"export": f}) for f in ("csv", "json")),
    ]

    for answer in answers:
        text = b"".join(answer) if answer.streaming else answer.content
        assert b"Account ada, passkey" in text
        assert b"Laptop" in text


def test_reading_changesets_of_accounts_takes_the_same_number_of_queries_however_many():
    def queries_of_a_page() -> int:
        with CaptureQueriesContext(connection) as captured:
            Timeline(everything_scope(), TimelineFilter()).page()
        return len(captured)

    ada, eve = make_user("ada"), make_user("eve")
    factors.enrol(ada)
    once = queries_of_a_page()
    for user in (ada, eve, ada, eve):
        factors.enrol(user)
        add_passkey(user)

    assert queries_of_a_page() == once


FOUND = [
    (
        {"kind": "user"},
        {"Make an account.", "Change an account.", "Set up a passkey", "Rename a passkey."},
    ),
    ({"kind": "user", "name": "ADA"}, {"Set up a passkey", "Rename a passkey."}),
    ({"name": "Old lap"}, {"Set up a passkey", "Rename a passkey."}),
    ({"q": "Old lap"}, {"Set up a passkey", "Rename a passkey."}),
    ({"kind": "user", "name": "Kimi"}, set()),
    ({"kind": "user", "name": "Nobody"}, set()),
    ({"kind": "aimodel", "name": "Kimi"}, {"Set the scene"}),
    ({"kind": "aimodel", "name": "ada"}, set()),
]


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "reasons"), FOUND, ids=[str(asked) for asked, _ in FOUND])
def test_an_auditor_finds_changesets_of_accounts_by_kind_and_name(asked, reasons):
    client = Client()
    client.force_login(make_user("olga", role="auditor"))
    make_model("Kimi K3")
    add_passkey(make_user("ada"), "Laptop")
    passkey = Authenticator.objects.get()
    passkey.data["name"] = "Old laptop"
    passkey.save()
    User.objects.create_user("somebody")

    answer = client.get(
        reverse("admin:compliance_changeset_changelist"), {**asked, "export": "json"}
    )

    entries = json.loads(b"".join(answer))
    assert {entry["reason"] for entry in entries} == reasons


def test_a_time_line_of_a_register_has_no_accounts():
    register = make_listing(models=["Kimi K3"]).register
    add_passkey(make_user("kimi"), "Kimi K3")

    found = Timeline(register_scope(register.pk), TimelineFilter(name="kimi")).changesets

    assert found.exists()
    assert not found.filter(kind=Changeset.Kind.ACCOUNT).exists()
