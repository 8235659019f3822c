"""Tests of compliance.admin.audit_pack: the form, who may download a pack, and what is refused."""

import pytest
from django.urls import reverse

from compliance.admin import audit_pack
from tests.factories import make_listing, make_provider, make_user
from tests.publications import NOON, published

pytestmark = pytest.mark.django_db
PACK = reverse("admin:audit_pack")


def asked(client, **values):
    return client.get(PACK, {"provider": "", "since": "", "until": "", **values})


@pytest.mark.parametrize(
    ("role", "status"), [("auditor", 200), ("approver", 200), ("editor", 403), ("", 403)]
)
def test_auditors_and_approvers_may_download_a_pack(client, role, status):
    provider = make_provider("Acme")
    client.force_login(make_user(role=role))

    assert client.get(PACK).status_code == status
    response = asked(client, provider=provider.pk)
    assert response.status_code == status
    assert b"".join(response)  # which closes the file
    is_file = response.headers["Content-Type"] == "application/zip"
    assert is_file == (status == 200)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose a provider, or a period."),
        ({"since": "1 Jan 2999"}, "This is after today."),
        ({"since": "2 Mar 2026", "until": "1 Mar 2026"}, "This is before the first day."),
        ({"since": "soon"}, "“soon” is not a day."),
    ],
)
def test_a_choice_of_nothing_or_of_no_days_is_refused(client, values, sentence):
    client.force_login(make_user(role="auditor"))

    assert sentence in asked(client, **values).text


@pytest.mark.slow
def test_a_period_with_too_many_publications_is_refused(client, editor, approver, monkeypatch):
    published(make_listing().register, editor, approver)
    client.force_login(approver)
    monkeypatch.setattr("compliance.admin.pack.MOST_PUBLICATIONS", 0)

    response = asked(client, since=f"{NOON:%Y-%m-%d}")

    assert "Choose a shorter period." in response.text
    assert audit_pack.MOST_PUBLICATIONS == 500
