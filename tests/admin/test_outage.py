"""Every form and act of staff while the database is locked, read-only or gone: 503, nothing lost."""

from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.db import OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client

from compliance.models import Changeset, outages
from compliance.models.outages import AWAY, BUSY, LOST, READ_ONLY
from tests.admin.doors import address, make_samples, routes, signed_in
from tests.forms import form_values, read
from tests.signing_in import PASSWORD, make_account

pytestmark = pytest.mark.django_db

OURS = {"Sec-Fetch-Site": "same-origin"}
LOCKED, READONLY = "database is locked", "attempt to write a readonly database"
WRITES = ("INSERT", "UPDATE", "DELETE", "SELECT pg_advisory")
TYPED = {"reason": "Because it <b>merged</b>", "_save": "Save"}


@contextmanager
def failing(message, *, beginning=WRITES, asked=None):
    """Let statements with some beginning fail, and note them in the list `asked`."""
    execute = CursorWrapper._execute

    def fail(cursor, sql, *args):
        if sql.startswith(beginning):
            if asked is not None:
                asked.append(sql)
            raise OperationalError(message)
        return execute(cursor, sql, *args)

    with patch.object(CursorWrapper, "_execute", fail):
        yield
    transaction.set_rollback(False)  # that of the test, in which nothing has failed


@pytest.fixture
def client_of():
    """Return a function that signs a role in with a client that is told of server errors."""

    def signed(role):
        client = signed_in(role)
        client.raise_request_exception = False
        return client

    return signed


@pytest.fixture
def samples(published_root):
    return make_samples()


@pytest.mark.slow
@pytest.mark.parametrize("role", ["editor", "superuser", "anonymous"])
def test_no_address_of_staff_waits_for_a_database_that_does_not_answer(
    role, client_of, samples, monkeypatch
):
    client = client_of(role)
    monkeypatch.setattr(outages.watch, "answers", lambda: False)

    with failing("away", beginning=""):
        for route in routes():
            url = address(route, samples)
            posted = client.post(url, TYPED, headers=OURS)
            assert (posted.status_code, posted["Retry-After"]) == (503, "30"), url
            assert AWAY in read(posted), url
            assert TYPED["reason"] in read(posted), url
            assert client.get(url).status_code == 503, url


@pytest.mark.slow
@pytest.mark.parametrize("role", ["editor", "approver", "superuser", "anonymous"])
@pytest.mark.parametrize("message", [LOCKED, READONLY, "server closed the connection"])
def test_no_form_of_staff_blames_itself_for_an_outage(role, message, client_of, samples):
    client = client_of(role)

    with failing(message):
        for route in routes():
            url = address(route, samples)
            if "logout" in url:
                continue
            answer = client.post(url, TYPED, headers=OURS)
            transaction.set_rollback(False)  # that of the test, in which nothing has failed
            assert answer.status_code in (200, 302, 400, 403, 404, 405, 409, 503), url
            assert "fault is ours" not in read(answer), url
            assert "oo many" not in read(answer), url


@pytest.mark.slow
def test_the_session_is_not_read_twice_from_a_database_that_is_gone(client_of, samples):
    client = client_of("editor")
    asked = []

    with failing("server closed the connection unexpectedly", beginning="", asked=asked):
        for route in routes():
            asked.clear()
            answer = client.post(address(route, samples), TYPED, headers=OURS)
            assert answer.status_code in (302, 405, 503), route
            assert len(asked) <= 1, route
            assert not asked or LOST in read(answer), route


def change_of(samples, kind):
    return f"/admin/compliance/{kind}/{samples[kind, 'id']}/change/"


@pytest.mark.slow
@pytest.mark.parametrize(("message", "sentence"), [(LOCKED, BUSY), (READONLY, READ_ONLY)])
def test_an_edit_is_kept_and_sent_again(message, sentence, client_of, samples):
    client, url = client_of("editor"), change_of(samples, "provider")
    typed = {**form_values(client.get(url).content), "name": "Acme & Sons", **TYPED}
    before = Changeset.objects.count()

    with failing(message):
        kept = client.post(url, typed, headers=OURS)

    assert kept.status_code == 503
    assert all(text in read(kept) for text in (sentence, "Acme & Sons", TYPED["reason"]))
    assert "no-store" in kept["Cache-Control"]
    assert Changeset.objects.count() == before
    assert client.post(url, form_values(kept.content), headers=OURS).status_code == 302
    assert Changeset.objects.first().reason == TYPED["reason"]


@pytest.mark.parametrize(
    ("act", "role"), [("approve", "approver"), ("reject", "approver"), ("withdraw", "editor")]
)
def test_a_decision_is_not_sent_again_but_its_text_is_kept(act, role, client_of, samples):
    client = client_of(role)
    url = f"/admin/compliance/publication/{samples['publication', 'id']}/"
    opened = client.get(f"{url}change/").content
    typed = {**form_values(opened, action=f"{url}{act}/"), "reason": "Read it all"}

    with failing(LOCKED):
        kept = client.post(f"{url}{act}/", typed, headers=OURS)

    assert kept.status_code == 503
    assert BUSY in read(kept)
    assert "Read it all" in read(kept)
    assert "Send it again" not in read(kept)
    assert f'href="{url}change/"' in kept.content.decode()


@pytest.mark.parametrize(("message", "sentence"), [(LOCKED, BUSY), (READONLY, READ_ONLY)])
def test_signing_in_says_what_is_wrong_and_keeps_the_name(message, sentence):
    make_account("ada")
    client = Client(raise_request_exception=False)

    with failing(message):
        answer = client.post(
            "/accounts/login/", {"login": "ada", "password": PASSWORD}, headers=OURS
        )

    assert answer.status_code == 503
    assert sentence in read(answer)
    assert "ada" in read(answer)
    assert PASSWORD not in answer.content.decode()
    assert 'href="/accounts/login/"' in answer.content.decode()


def test_a_form_of_another_site_is_not_given_back(client_of, samples):
    client, url = client_of("editor"), change_of(samples, "provider")
    typed = {**form_values(client.get(url).content), "name": "Acme & Sons", **TYPED}

    with failing(LOCKED):
        answer = client.post(url, typed, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 503
    assert BUSY in read(answer)
    assert "Acme" not in read(answer)


def test_public_pages_and_the_api_do_not_ask_whether_the_database_answers(monkeypatch):
    monkeypatch.setattr(outages.watch, "answers", lambda: pytest.fail("They need no database."))

    for path in ("/", "/healthz", "/robots.txt", "/api/v1/registers/", "/nothing/"):
        assert Client().get(path).status_code in (200, 404, 503)


def test_a_fault_of_ours_is_told_apart_from_an_outage(client_of, monkeypatch):
    monkeypatch.setattr("compliance.admin.help.help_response", lambda *args: 1 / 0)

    answer = client_of("editor").get("/admin/help/")

    assert (answer.status_code, "fault is ours" in read(answer)) == (500, True)
