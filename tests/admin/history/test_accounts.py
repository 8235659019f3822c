"""Tests of compliance.admin.history.accounts: what happened to accounts, among the changesets."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.accounts import factors
from compliance.admin.history import queries
from compliance.admin.history.timeline import Timeline, TimelineFilter, everything_scope
from compliance.models import Changeset, User
from tests.factories import make_model, make_user
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


@pytest.mark.parametrize(
    "address", ["admin:index", "admin:compliance_changeset_changelist"], ids=["desk", "time line"]
)
def test_an_auditor_sees_changesets_of_accounts_beside_edits(address):
    client = Client()
    client.force_login(make_user("olga", role="auditor"))
    make_model("Kimi K3")
    add_passkey(make_user("ada"), "Laptop")

    page = client.get(reverse(address)).text

    assert "Set up a passkey" in page
    assert "Set the scene" in page


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
