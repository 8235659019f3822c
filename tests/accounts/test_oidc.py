"""Single sign-on: its tests run in a process of their own, which has the settings for it."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.oidc_process import OIDC, run, run_with_oidc


@pytest.mark.slow
def test_single_sign_on_against_a_provider():
    ended = run_with_oidc("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/oidc")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " passed" in ended.stdout


@pytest.mark.parametrize("missing", OIDC)
@pytest.mark.slow
def test_half_of_the_settings_is_refused_at_the_start(missing):
    given = {name: value for name, value in OIDC.items() if name != missing}

    ended = run("manage.py", "check", OIDC_SERVER_URL="https://id.example", **given)

    assert ended.returncode == 2
    assert missing in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_another_second_factor_is_refused_at_the_start():
    ended = run("manage.py", "check", OIDC_SECOND_FACTOR="none")

    assert ended.returncode == 2
    assert "OIDC_SECOND_FACTOR" in ended.stderr


@pytest.mark.django_db
def test_without_the_settings_there_is_no_single_sign_on():
    assert not [app for app in settings.INSTALLED_APPS if "socialaccount" in app]
    with pytest.raises(NoReverseMatch):
        reverse("openid_connect_login", args=["company"])
    assert "Sign in with" not in Client().get("/accounts/login/").text
