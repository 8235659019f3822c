"""Sessions of the staff over HTTP, opened without a sign-in form."""

import secrets
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from compliance.models import User

_LONGEST_ANSWER = 120  # seconds


class Answer(NamedTuple):
    """The answer to a request; `location` is where it redirects to, or empty."""

    status: int
    content: bytes
    location: str


def open_session(user: "User") -> str:
    """Return the key of a new session, in which both factors were shown."""
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.contrib.auth import user_logged_in
    from django.test import Client

    def show_factor(request: Any, user: Any, **_: object) -> None:
        record_authentication(request, user, "mfa", type="totp")

    client = Client()
    user_logged_in.connect(show_factor)
    try:
        client.force_login(user)
    finally:
        user_logged_in.disconnect(show_factor)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def cookies_of(session: str, token: str) -> str:
    """Return the header with the cookies of a session and against forged requests."""
    from django.conf import settings

    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"


class Session:
    """A signed-in person, who requests pages of a site, each over a connection of its own."""

    def __init__(self, user: "User", site: str) -> None:
        self._token = secrets.token_hex(16)
        self._cookies = cookies_of(open_session(user), self._token)
        self._place = urlsplit(site).netloc

    def get(self, path: str) -> Answer:
        """Request a page. Raises OSError or HTTPException if there is no whole answer."""
        return self._request("GET", path)

    def post(self, path: str, values: dict[str, Any]) -> Answer:
        """Send a form. Raises OSError or HTTPException if there is no whole answer."""
        values = {"csrfmiddlewaretoken": self._token, **values}
        return self._request("POST", path, urlencode(values, doseq=True))

    def _request(self, method: str, path: str, body: str = "") -> Answer:
        connection = HTTPConnection(self._place, timeout=_LONGEST_ANSWER)
        headers = {"Cookie": self._cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.headers.get("Location") or "")
        finally:
            connection.close()
