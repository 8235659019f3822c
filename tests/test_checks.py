"""compliance.checks: wrong settings and missing static files are errors at the start."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from compliance.checks import settings_are_known, static_files_are_collected
from registry.startup import require_passed_checks
from tests.test_startup import collect_static


@pytest.mark.parametrize(("severities", "fields", "expected"), [
    ({"no-polcy": "note"}, {}, ("compliance.E002", "RULES_SEVERITY=no-polcy=note names no rule. Use the code of one.")),
    ({"no-url": "low"}, {}, ("compliance.E003", "RULES_SEVERITY=no-url=low is no severity. Use blocker, warning, note.")),
    ({"no-footnote": "note"}, {}, ("compliance.E004", "RULES_SEVERITY=no-footnote=note would let a page pass that cannot be read back. Remove it.")),
    ({}, {"title": "name"}, ("compliance.E005", "CATALOGUE_FIELDS names title, which is no field. Use name and id.")),
])  # fmt: skip
def test_a_setting_with_an_unknown_value_is_an_error_and_stops_the_start(
    settings, severities, fields, expected
):
    settings.RULES_SEVERITY, settings.CATALOGUE_FIELDS = severities, fields

    assert [(fault.id, fault.msg) for fault in settings_are_known()] == [expected]
    with pytest.raises(ImproperlyConfigured, match=re.escape(expected[1])):
        require_passed_checks()


def test_settings_with_known_values_pass(settings):
    settings.RULES_SEVERITY = {
        "no-url": "blocker",
        "no-provider": "warning",
        "no-footnote": "blocker",
    }

    assert settings_are_known() == []
    require_passed_checks()


def test_a_misspelt_rule_code_gets_a_hint_with_similar_ones(settings):
    settings.RULES_SEVERITY = {"edge-blank": "note"}

    assert settings_are_known()[0].hint == "edge-blanks."


@pytest.mark.parametrize(
    ("hosts", "site"),
    [
        (["privacy.example.com"], ""), (["localhost", "*"], ""), ([".localhost"], ""), (["10.0.0.1"], ""),
        (["[::]"], ""), (["localhost"], "https://privacy.example.com"), (["localhost"], "https://localhost.example.com"),
    ],
)  # fmt: skip
def test_a_demonstration_is_served_on_this_machine_only(settings, hosts, site):
    settings.ALLOWED_HOSTS, settings.SITE_URL = hosts, site
    assert settings_are_known() == []
    require_passed_checks()

    settings.DEMO = True

    assert [fault.id for fault in settings_are_known()] == ["compliance.E009"]
    with pytest.raises(ImproperlyConfigured, match="DEMO prints passwords"):
        require_passed_checks()


@pytest.mark.parametrize("site", ["", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_a_demonstration_has_every_name_of_this_machine(settings, site):
    settings.DEMO, settings.SITE_URL = True, site
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]

    assert settings_are_known() == []


@pytest.fixture
def manifest(settings, tmp_path):
    """Use the static files manifest as in production, and return the path of its file."""
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    return tmp_path / "staticfiles.json"


def test_static_files_that_are_not_collected_are_an_error_that_names_the_command(manifest):
    [fault] = static_files_are_collected()

    assert (fault.id, fault.msg.partition("lacks")[0]) == (
        "compliance.E006",
        f"STATIC_ROOT={manifest.parent} ",
    )
    assert fault.msg.endswith(
        " static files, account/js/account.js first. Run manage.py collectstatic --noinput."
    )
    with pytest.raises(ImproperlyConfigured, match="collectstatic"):
        require_passed_checks()


def test_a_damaged_manifest_is_an_error_that_names_the_command(manifest):
    manifest.write_text("{")

    [fault] = static_files_are_collected()

    assert fault.msg.endswith("Run manage.py collectstatic --noinput.")


def test_no_command_but_those_that_serve_asks_for_static_files(manifest):
    call_command("check")


def test_static_files_that_are_collected_pass(manifest):
    collect_static(manifest.parent)

    assert static_files_are_collected() == []
    require_passed_checks()
