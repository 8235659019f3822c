"""The review screen where decisions are signed with a passkey."""

import json
import re
from html import unescape

import pytest
from django.urls import reverse
from fido2.utils import websafe_decode

from compliance.models import DecisionSignature, Publication
from tests.factories import make_listing, make_user
from tests.passkeys import add_passkey, as_json
from tests.publications import published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSKEYS_ALLOWED = "publickey-credentials-get=(self)"


@pytest.fixture
def publication(editor):
    """Return a publication in review."""
    return submitted(make_listing().register, editor)


@pytest.fixture
def key(approver):
    """Return the passkey of the approver."""
    return add_passkey(approver, "Laptop")


@pytest.fixture
def review(client, approver):
    """Return the browser of the approver."""
    client.force_login(approver)
    return client


def path(publication, action="change"):
    return reverse(f"admin:compliance_publication_{action}", args=[publication.pk])


def asked_of_passkeys(page):
    """Return what the forms of a page ask passkeys to sign, in the order of the page."""
    return [json.loads(unescape(each)) for each in re.findall('data-sign="([^"]*)"', page)]


def decide(client, publication, action, assertion="", **values):
    shown = {
        "approval_sha256": publication.approval_sha256,
        "withdrawal_sha256": publication.withdrawal_sha256,
    }
    posted = {**shown, "reason": "Why", "assertion": assertion, **values}
    return client.post(path(publication, action), posted, follow=True)


def sign_what_is_asked(key, client, publication, action):
    """Sign the hash that the page asks to sign, as the browser does, and send it."""
    [asked] = asked_of_passkeys(client.get(path(publication)).text)
    signed_sha256 = websafe_decode(asked["publicKey"]["challenge"]).hex()
    return decide(client, publication, action, as_json(key.sign(signed_sha256)))


def test_an_approval_is_signed_and_the_page_names_the_passkey(review, publication, key):
    page = review.get(path(publication)).text
    assert "Approve and sign with your passkey" in page
    assert "Approve exactly this" not in page

    page = sign_what_is_asked(key, review, publication, "approve").text

    assert "Approved. It is publication 1" in page
    assert "Signed with the passkey Laptop" in page
    assert publication.approval_sha256 in page


def test_a_withdrawal_is_signed_and_the_page_names_the_passkey(review, publication, key):
    sign_what_is_asked(key, review, publication, "approve")
    assert "Withdraw and sign with your passkey" in review.get(path(publication)).text

    page = sign_what_is_asked(key, review, publication, "withdraw").text

    assert publication.state == Publication.State.WITHDRAWN
    assert page.count("Signed with the passkey Laptop") == 2


def test_an_auditor_sees_which_passkey_signed(client, review, publication, key):
    sign_what_is_asked(key, review, publication, "approve")
    client.force_login(make_user(role="auditor"))

    assert "Signed with the passkey Laptop" in client.get(path(publication)).text


def test_nothing_is_signed_by_somebody_without_a_passkey(review, publication):
    page = review.get(path(publication)).text
    assert "Approve exactly this" in page
    assert asked_of_passkeys(page) == []

    page = decide(review, publication, "approve").text

    assert "Approved. It is publication 1" in page
    assert "Signed with" not in page


@pytest.mark.parametrize(
    ("assertion", "said"),
    [
        ("", "your passkey did not sign it"),
        ("{}", "no signature by a passkey"),
        ("[" * 10_000, "no signature by a passkey"),
    ],
)
def test_an_approval_without_a_signature_is_refused_with_a_sentence(
    review, publication, key, assertion, said
):
    answer = decide(review, publication, "approve", assertion)

    assert said in answer.text
    assert "Approve and sign with your passkey" in answer.text
    assert PASSKEYS_ALLOWED in answer["Permissions-Policy"]
    assert publication.state == Publication.State.IN_REVIEW


def test_a_refused_withdrawal_keeps_the_reason(review, editor, approver):
    publication = published(make_listing().register, editor, approver)
    add_passkey(approver)

    answer = decide(review, publication, "withdraw", reason="My long reason")

    assert "your passkey did not sign it" in answer.text
    assert "My long reason" in answer.text
    assert publication.state == Publication.State.APPROVED


@pytest.mark.parametrize("sent", [{}, {"withdrawal_sha256": "0" * 64}])
def test_a_withdrawal_of_another_hash_than_was_shown_is_refused(review, editor, approver, sent):
    publication = published(make_listing().register, editor, approver)

    answer = review.post(path(publication, "withdraw"), {"reason": "Why", **sent})

    assert "The hash is not that of this publication." in answer.text
    assert publication.state == Publication.State.APPROVED
    decide(review, publication, "withdraw")  # control
    assert publication.state == Publication.State.WITHDRAWN


def test_where_signatures_are_required_the_screen_asks_to_set_up_a_passkey(
    review, approver, publication, settings
):
    approver.groups.add(*make_user(role="editor").groups.all())
    review.force_login(approver)  # a new role ends the sessions
    settings.REQUIRE_SIGNED_APPROVALS = True

    page = review.get(path(publication)).text

    assert "You cannot approve it. Approvals and withdrawals are signed with a passkey" in page
    assert "You cannot withdraw it. Approvals and withdrawals are signed with a passkey" in page
    assert page.count(f'<a href="{reverse("mfa_add_webauthn")}">Set up a passkey</a>') == 2
    assert "Reject" in page
    assert "Nothing was decided." in decide(review, publication, "withdraw").text
    assert "you have none" in decide(review, publication, "approve").text
    assert publication.state == Publication.State.IN_REVIEW
    assert not DecisionSignature.objects.exists()


def test_only_the_review_screen_of_the_admin_may_use_passkeys(review, publication, key):
    assert PASSKEYS_ALLOWED in review.get(path(publication))["Permissions-Policy"]
    for address in ("/admin/", path(publication, "changes"), "/", "/admin/missing/"):
        assert "publickey-credentials-get=()" in review.get(address)["Permissions-Policy"]


@pytest.mark.parametrize(("host", "is_refused"), [("10.0.0.7:8000", True), ("registry.eu", False)])
def test_under_an_ip_address_the_screen_says_that_browsers_refuse_passkeys(
    review, publication, key, settings, host, is_refused
):
    settings.ALLOWED_HOSTS = ["*"]

    page = review.get(path(publication), headers={"host": host}).text

    assert ("because 10.0.0.7 is an IP address" in page) is is_refused
    assert "Approve and sign with your passkey" in page
