"""Tests of compliance.admin.oversight: what administrators and auditors see on the desk."""

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from compliance.admin import oversight
from compliance.audit import last_verification
from tests.factories import make_listing, make_user
from tests.publications import NOON, published

pytestmark = pytest.mark.django_db


def test_people_are_those_without_a_second_factor_and_those_who_never_signed_in():
    make_user("new", last_login=None)
    make_user("gone", last_login=None, is_active=False)
    make_user("bare", last_login=NOON)
    safe = make_user("safe", last_login=NOON)
    Authenticator.objects.create(user=safe, type="totp", data={})

    people = oversight.people()

    assert [person.user.username for person in people.without_factor] == ["bare"]
    assert [person.user.username for person in people.not_signed_in] == ["new"]


def test_the_record_names_its_last_verification_and_the_latest_publications(editor, approver):
    assert oversight.record().verification is None
    published(make_listing().register, editor, approver)
    last_verification.remember(at=timezone.now(), fault="compliance_provider: row 1 differs.")

    record = oversight.record()

    assert record.verification.fault == "compliance_provider: row 1 differs."
    assert [approval.number for approval in record.publications] == [1]
    assert record.entries > 0
