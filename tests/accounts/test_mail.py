"""compliance.accounts.mail: without a mail server no code that resets a password is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail

from compliance.checks import mail_can_be_sent
from tests.accounts.test_sign_in import ask_for_reset, make_account

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
NO_SERVER = "compliance.accounts.mail.NoMailServer"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)


@pytest.mark.parametrize("address", ["known@example.com", "unknown@example.com"])
def test_without_a_mail_server_a_reset_is_refused_with_a_sentence_for_everybody(settings, address):
    settings.EMAIL_BACKEND = NO_SERVER
    make_account("known")

    client, answer = ask_for_reset(address)

    assert answer.status_code == 200
    assert "This registry cannot send mail" in answer.text
    assert "Ask an administrator" in answer.text
    assert client.get("/accounts/password/reset/code/").status_code == 302


@pytest.mark.parametrize(("backend", "is_printed"), [(NO_SERVER, False), (CONSOLE, True)])
def test_without_a_mail_server_no_code_is_printed_or_logged(
    settings, capfd, caplog, monkeypatch, backend, is_printed
):
    settings.EMAIL_BACKEND = backend
    monkeypatch.setattr(
        "compliance.accounts.mail.is_sent", lambda: True
    )  # the form does not refuse
    make_account("known")

    client, _ = ask_for_reset("known@example.com")

    printed = "".join(capfd.readouterr()) + caplog.text
    assert client.get("/accounts/password/reset/code/").status_code == 200
    assert bool(CODE.search(printed)) is is_printed
    assert ("1 mail was not sent, because no mail server is set." in printed) is not is_printed


def test_the_number_of_mails_that_are_not_sent_is_logged(settings, caplog):
    settings.EMAIL_BACKEND = NO_SERVER

    with mail.get_connection() as connection:
        sent = connection.send_messages([mail.EmailMessage("Secret", "Secret")] * 2)

    assert sent == 0
    assert "2 mails were not sent" in caplog.text
    assert "Secret" not in caplog.text


@pytest.mark.parametrize(("backend", "ids"), [(NO_SERVER, ["compliance.W001"]), (SMTP, []), (CONSOLE, [])])  # fmt: skip
def test_a_missing_mail_server_is_a_warning_of_the_deploy_check(settings, backend, ids):
    settings.EMAIL_BACKEND = backend

    assert [warning.id for warning in mail_can_be_sent()] == ids


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "backend"),
    [({}, NO_SERVER), ({"DEMO": "True"}, CONSOLE), ({"EMAIL_HOST": "mail.example.com"}, SMTP)],
)
def test_only_a_demonstration_prints_its_mails(environment, backend):
    ended = subprocess.run(
        [sys.executable, "-c", "from registry import settings; print(settings.EMAIL_BACKEND)"],
        cwd=ROOT, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True,
    )  # fmt: skip

    assert ended.stdout == f"{backend}\n"
