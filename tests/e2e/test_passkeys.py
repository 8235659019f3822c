"""A decision signed with a passkey, in a real browser with Chromium's virtual authenticator."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from compliance.audit.verification import verify
from compliance.models import DecisionSignature, Publication
from tests.e2e.accessible import assert_clean
from tests.e2e.test_publishing import review_path, submitted
from tests.factories import make_listing, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

APPROVE = "Approve and sign with your passkey"
NOT_SIGNED = "Nothing was decided, because your passkey did not sign. Try again on the device"


class VirtualPasskey:
    """A passkey built into the browser; it verifies its owner, or fails to."""

    def __init__(self, page: Page) -> None:
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = {"authenticatorId": added["authenticatorId"]}

    def verify_its_owner(self, verifies: bool) -> None:
        self._devtools.send("WebAuthn.setUserVerified", {**self._id, "isUserVerified": verifies})

    def forget(self) -> None:
        """Lose the key, as a device that was reset."""
        self._devtools.send("WebAuthn.clearCredentials", self._id)


@pytest.fixture
def publication():
    """Submit the first publication of a register."""
    return submitted(make_listing().register, make_user("eve", role="editor"))


@pytest.fixture
def ada(publication):
    return make_user("ada", role="approver")


@pytest.fixture
def page(visit, ada) -> Page:
    return visit(ada)


@pytest.fixture
def passkey(page) -> VirtualPasskey:
    return set_up_passkey(page)


def set_up_passkey(page: Page) -> VirtualPasskey:
    """Set up a passkey as a person does."""
    passkey = VirtualPasskey(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Add a passkey")).to_have_count(0)
    return passkey


def test_an_approval_and_its_withdrawal_are_signed(page, passkey, publication):
    page.goto(review_path(publication))
    page.get_by_role("button", name=APPROVE).click()
    expect(page.get_by_text("Approved. It is publication 1")).to_be_visible()
    expect(page.get_by_text("Signed with the passkey Laptop")).to_have_count(1)

    page.locator("summary", has_text="Withdraw it").click()
    page.get_by_label("Why withdraw it").fill("Wrong")
    page.get_by_role("button", name="Withdraw and sign with your passkey").click()
    expect(page.get_by_text("Signed with the passkey Laptop")).to_have_count(2)

    assert DecisionSignature.objects.count() == 2
    verify()


def test_a_signed_decision_on_its_way_is_not_sent_twice(page, passkey, publication):
    sent = []

    def answer_with_nothing(route):  # so that the browser stays on the screen
        sent.append(route.request)
        route.fulfill(status=204)

    page.route("**/approve/", answer_with_nothing)
    page.goto(review_path(publication))
    button = page.get_by_role("button", name=APPROVE)
    with page.expect_response("**/approve/"):
        button.click()

    expect(button).to_be_disabled()
    assert [request.method for request in sent] == ["POST"]

    page.unroute("**/approve/")
    page.goto("/admin/")
    page.go_back()
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text("Approved. It is publication 1")).to_be_visible()


def test_a_passkey_that_does_not_verify_its_owner_signs_nothing(page, passkey, publication):
    passkey.verify_its_owner(False)
    page.goto(review_path(publication))
    expect(page.get_by_text(NOT_SIGNED)).not_to_be_visible()
    page.get_by_role("button", name=APPROVE).click()
    expect(page.get_by_role("alert").filter(has_text=NOT_SIGNED)).to_be_visible()
    assert publication.state == Publication.State.IN_REVIEW

    passkey.verify_its_owner(True)
    page.get_by_role("button", name=APPROVE).click()
    expect(page.get_by_text("Approved. It is publication 1")).to_be_visible()


def test_a_lost_passkey_loses_nothing_that_was_typed(page, passkey, publication, ada):
    page.goto(review_path(publication))
    page.get_by_role("button", name=APPROVE).click()
    expect(page.get_by_text("Approved. It is publication 1")).to_be_visible()
    passkey.forget()

    page.locator("summary", has_text="Withdraw it").click()
    page.get_by_label("Why withdraw it").fill("My long reason")
    page.get_by_role("button", name="Withdraw and sign with your passkey").click()

    expect(page.get_by_role("alert").filter(has_text=NOT_SIGNED)).to_be_visible()
    expect(page.get_by_label("Why withdraw it")).to_have_value("My long reason")
    assert publication.state == Publication.State.APPROVED


def test_without_script_a_sentence_says_what_is_missing(passkey, publication, ada, visit):
    plain = visit(ada, java_script_enabled=False)

    plain.goto(review_path(publication))
    plain.get_by_role("button", name=APPROVE).click()

    expect(plain.get_by_text("because your passkey did not sign it.")).to_be_visible()
    assert publication.state == Publication.State.IN_REVIEW


def test_the_screens_of_signing_are_accessible(visit, ada, publication, settings):
    # axe sets inline styles, which the policy forbids.
    page = visit(ada, bypass_csp=True)
    settings.REQUIRE_SIGNED_APPROVALS = True
    page.goto(review_path(publication))
    expect(page.get_by_role("link", name="Set up a passkey")).to_be_visible()
    assert_clean(page)

    set_up_passkey(page)
    page.goto(review_path(publication))
    page.get_by_role("alert").evaluate_all(
        "alerts => alerts.forEach(alert => alert.hidden = false)"
    )
    assert_clean(page)
