"""Single sign-on against an OpenID provider that runs beside; tests/accounts/test_oidc.py runs it.

It needs other settings than all other tests: where OIDC_SERVER_URL is not set, it is left out.
"""

import re
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.test import Client

from compliance.accounts import factors
from compliance.audit import verification
from compliance.models import IdentityState, User
from compliance.published import writer
from tests.factories import make_user
from tests.oidc_provider import running
from tests.signing_in import PASSWORD, make_account, may_open_admin, send_code, sign_in

if not settings.OIDC_SERVER_URL:
    pytest.skip("Single sign-on is not set up.", allow_module_level=True)

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/company/login/"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


@pytest.fixture(scope="module")
def server():
    with running(urlsplit(settings.OIDC_SERVER_URL).port) as provider:
        yield provider


@pytest.fixture
def provider(server):
    """The provider, which lets in the subject 0001 without further claims."""
    server.subject, server.claims = "0001", {}
    return server


def answer_of(client, path=LOGIN):
    """Begin a sign-in, go to the provider, and return the address that it sends the browser to."""
    begun = client.post(path)
    assert begun.status_code == 302
    assert begun.url.startswith(settings.OIDC_SERVER_URL)
    try:
        build_opener(_Stay).open(begun.url)
    except HTTPError as redirect:
        return redirect.headers["Location"]
    raise AssertionError("no redirect")


def come_back(client, address):
    """Open the address of the answer as the browser does."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def open_again(client, page):
    """Follow the page that opens the address again, in a session of this site."""
    address = re.search(r'content="0;url=([^"]+)"', page.text)[1].replace("&amp;", "&")
    return client.get(address)


def sign_in_there(client=None):
    client = client or Client()
    return client, come_back(client, answer_of(client))


def connected(**values):
    """Return an account that its owner has connected."""
    user = make_account(**values)
    client, _ = sign_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    done = come_back(client, answer_of(client, f"{LOGIN}?process=connect"))
    assert done.status_code == 302
    return user


def test_who_has_connected_an_identity_signs_in_with_it(provider):
    user = connected(role="editor")
    code = factors.enrol(user)[0]

    client, answer = sign_in_there()

    assert answer.url == "/accounts/2fa/authenticate/"
    assert not may_open_admin(client)
    send_code(client, code)
    assert may_open_admin(client)
    assert User.objects.get(pk=user.pk).role_names == ["editor"]


def test_an_unknown_identity_opens_nothing_whatever_its_mail_address(provider):
    make_account("ada", role="approver")
    provider.claims = {"email": "ada@example.com", "email_verified": True}
    provider.subject = "another"

    client, answer = sign_in_there()

    assert answer.status_code == 403
    assert "opens no account" in answer.text
    assert not may_open_admin(client)
    assert User.objects.count() == 1


def test_a_deactivated_account_is_not_opened(provider):
    user = connected(role="editor")
    user.is_active = False
    user.save()

    client, answer = sign_in_there()

    assert "/accounts/inactive/" in answer.url
    assert not may_open_admin(client)


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"iss": "https://another.example"}, {"exp": 1_000_000_000}],
    ids=["audience", "issuer", "expired"],
)
def test_a_token_that_is_not_for_this_registry_is_refused(provider, claims):
    factors.enrol(connected(role="editor"))
    provider.claims = claims

    client, answer = sign_in_there()

    assert "The sign-in failed" in answer.text
    assert not may_open_admin(client)


def test_an_answer_without_the_state_of_this_browser_is_refused(provider):
    factors.enrol(connected(role="editor"))
    other, client = Client(), Client()
    address = answer_of(other)
    answer_of(client)

    answer = open_again(client, come_back(client, address))

    assert "The sign-in failed" in answer.text
    assert not may_open_admin(client)


def test_a_stolen_code_is_of_no_use_without_the_verifier(provider):
    factors.enrol(connected(role="editor"))
    thief, victim = Client(), Client()
    code = parse_qs(urlsplit(answer_of(victim)).query)["code"][0]
    own = urlsplit(answer_of(thief))
    query = {**{name: values[0] for name, values in parse_qs(own.query).items()}, "code": code}

    answer = thief.get(f"{own.path}?{urlencode(query)}")

    assert "The sign-in failed" in answer.text
    assert not may_open_admin(thief)


def test_a_browser_that_sends_no_cookie_from_another_site_opens_the_address_again(provider):
    user = connected(role="editor")
    factors.enrol(user)
    client = Client()
    address = answer_of(client)
    session = client.cookies.pop(settings.SESSION_COOKIE_NAME)

    page = come_back(client, address)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.value

    assert open_again(client, page).url == "/accounts/2fa/authenticate/"


@pytest.mark.parametrize(
    ("counts", "claims", "opens"),
    [
        ("provider", {"amr": ["pwd", "mfa"]}, True),
        ("provider", {"amr": ["pwd"]}, False),
        ("provider", {}, False),
        ("ours", {"amr": ["pwd", "mfa"]}, False),
    ],
)
def test_a_second_factor_at_the_provider_counts_if_the_setting_and_the_token_say_so(
    provider, settings, counts, claims, opens
):
    factors.enrol(connected(role="editor"))
    settings.OIDC_SECOND_FACTOR = counts
    provider.claims = claims

    client, _ = sign_in_there()

    assert may_open_admin(client) is opens


def test_connecting_and_disconnecting_is_recorded_and_told(provider):
    writer.complete()
    user = connected(role="editor")
    client, _ = sign_in(user)
    page = client.get("/accounts/identities/")
    key = re.search(r'name="account" value="(\d+)"', page.text)[1]

    client.post("/accounts/identities/", {"account": key})

    states = list(IdentityState.objects.filter(user=user))
    assert [state.is_connected for state in states] == [True, False]
    assert len({state.subject_sha256 for state in states}) == 1
    assert "0001" not in str(IdentityState.objects.values())
    assert [message.to for message in mail.outbox] == [["ada@example.com"]] * 2
    _, answer = sign_in_there()
    assert answer.status_code == 403
    verification.verify()


def test_an_identity_that_was_connected_past_the_registry_is_named(provider):
    writer.complete()
    user = connected(role="editor")
    identities = apps.get_model("socialaccount", "SocialAccount").objects

    identities.bulk_create([identities.model(user=user, provider="company", uid="0002")])

    with pytest.raises(verification.RecordCorrupt, match="an identity of user"):
        verification.verify()


def test_an_auditor_reads_that_an_identity_was_connected(provider):
    connected(role="editor")
    client = Client()
    client.force_login(make_user("olga", role="auditor"))

    page = client.get("/admin/compliance/changeset/?kind=user&name=ada").text

    assert "Connect with Acme ID." in page


def test_only_the_pages_that_lead_there_may_send_forms_to_the_provider(provider):
    origin = settings.OIDC_SERVER_URL
    client, _ = sign_in(make_account(role="editor"))

    for path, leads in (
        ("/accounts/identities/", True),
        ("/accounts/2fa/", False),
        ("/admin/", False),
    ):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert (origin in policy) is leads, path
    assert origin in Client().get("/accounts/login/").headers["Content-Security-Policy"]


def test_a_screen_that_was_left_open_connects_nothing(provider):
    client, _ = sign_in(make_account(role="editor"))

    asked = client.post(f"{LOGIN}?process=connect")
    shown = client.post(asked.url, {"password": PASSWORD}, follow=True)

    assert asked.url.startswith("/accounts/reauthenticate/")
    assert not IdentityState.objects.exists()
    # Whoever knows the password goes on from there.
    assert "Go on to Acme ID" in shown.text
    assert settings.OIDC_SERVER_URL in shown.headers["Content-Security-Policy"]
    come_back(client, answer_of(client, f"{LOGIN}?process=connect"))
    assert IdentityState.objects.get().is_connected


def test_an_identity_of_somebody_else_is_not_taken_over(provider):
    connected(role="editor")
    client, _ = sign_in(make_account("ben", role="approver"))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    come_back(client, answer_of(client, f"{LOGIN}?process=connect"))

    assert IdentityState.objects.count() == 1
    assert IdentityState.objects.get().user.username == "ada"


def test_the_sign_in_offers_the_provider(provider):
    page = Client().get("/accounts/login/").text

    assert "Sign in with Acme ID" in page
