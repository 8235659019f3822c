"""Tests of compliance.accounts.endorsements: an older passkey vouches for a newer one."""

import pytest

from compliance.accounts import factors
from compliance.accounts.endorsements import endorse, enrolment_sha256
from compliance.accounts.passkeys import InvalidSignature
from compliance.models import Changeset, FactorEndorsement, RecordedFactor
from tests.factories import make_user
from tests.passkeys import UP, add_passkey

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def laptop(ada):
    return add_passkey(ada, "Laptop")


@pytest.fixture
def phone(laptop, ada):
    """Return the record of a passkey that is newer than Laptop."""
    add_passkey(ada, "Phone")
    return RecordedFactor.objects.get(name="Phone")


def test_an_older_passkey_vouches_for_a_newer_one(ada, laptop, phone):
    endorsement = endorse(phone, laptop.sign(enrolment_sha256(phone)))

    assert phone.endorsement == endorsement
    assert endorsement.factor.name == "Laptop"
    recorded = Changeset.objects.first()
    assert endorsement.changeset == recorded
    assert (recorded.by, recorded.kind) == (ada, "account")


def by_somebody_else(laptop, phone):
    return add_passkey(make_user("eve")).sign(enrolment_sha256(phone))


def by_a_newer_passkey(laptop, phone):
    return add_passkey(phone.user, "Tablet").sign(enrolment_sha256(phone))


def of_another_passkey(laptop, phone):
    return laptop.sign(enrolment_sha256(RecordedFactor.objects.get(name="Laptop")))


def without_verifying_the_person(laptop, phone):
    return laptop.sign(enrolment_sha256(phone), flags=UP)


def for_another_site(laptop, phone):
    return laptop.sign(enrolment_sha256(phone), origin="https://evil.example")


@pytest.mark.parametrize(
    "forge",
    [
        by_somebody_else,
        by_a_newer_passkey,
        of_another_passkey,
        without_verifying_the_person,
        for_another_site,
    ],
    ids=lambda forge: forge.__name__,
)
def test_another_signature_vouches_for_nothing(laptop, phone, forge):
    with pytest.raises(InvalidSignature):
        endorse(phone, forge(laptop, phone))
    assert not FactorEndorsement.objects.exists()

    # The control: the right signature is accepted in the same place.
    endorse(phone, laptop.sign(enrolment_sha256(phone)))


def test_a_removed_passkey_neither_vouches_nor_is_vouched_for(ada, laptop, phone):
    signature = laptop.sign(enrolment_sha256(phone))
    factors.reset(ada)

    with pytest.raises(InvalidSignature, match="in use"):
        endorse(phone, signature)
