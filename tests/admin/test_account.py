"""Tests of compliance.admin.account: the time zone of a person, and where it is used."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from compliance.admin.components.days import read_moment
from compliance.publishing import reject
from tests.factories import make_listing, make_user
from tests.forms import form_values, post_form
from tests.publications import published, submitted

pytestmark = pytest.mark.django_db
ACCOUNT = reverse("admin:account")


def test_a_person_chooses_their_own_time_zone(client, editor):
    client.force_login(editor)

    response = post_form(client, ACCOUNT, time_zone="Asia/Tokyo")

    assert response.status_code == 302
    editor.refresh_from_db()
    assert (editor.time_zone, editor.shown_time_zone) == ("Asia/Tokyo", "Asia/Tokyo")
    assert form_values(client.get(ACCOUNT).content)["time_zone"] == "Asia/Tokyo"


def test_what_is_no_time_zone_is_refused(client, editor):
    client.force_login(editor)

    assert client.post(ACCOUNT, {"time_zone": "Mars/Base"}).status_code == 200
    editor.refresh_from_db()
    assert (editor.time_zone, editor.shown_time_zone) == ("", "UTC")
    editor.time_zone = "Mars/Base"
    with pytest.raises(ValidationError, match="is not a time zone"):
        editor.full_clean()


@pytest.mark.slow
def test_moments_are_shown_in_it_in_the_admin_and_in_utc_in_mails(client, approver):
    editor = make_user("eve", role="editor", time_zone="Asia/Tokyo", email="eve@example.com")
    register = make_listing().register
    published(register, editor, approver)
    client.force_login(editor)

    desk = client.get(reverse("admin:index")).text
    assert "1 Mar 2026, 21:00 (12:00 UTC)" in desk
    assert 'datetime="2026-03-01T12:00:00+00:00"' in desk
    assert all("21:00" not in message.body for message in mail.outbox)


@pytest.mark.slow
def test_a_moment_that_is_typed_is_read_in_it(client):
    editor = make_user("eve", role="editor", time_zone="Asia/Tokyo")
    register = make_listing().register
    client.force_login(editor)
    url = reverse("admin:compliance_publication_submit", args=[register.pk])

    page = client.get(url).text

    assert "In your time zone, Asia/Tokyo" in page
    ahead = submitted(register, editor, effective_from=datetime(2027, 1, 5, tzinfo=UTC))
    reject(ahead, by=make_user(role="approver"), at=timezone.now(), reason="Later")
    again = "5 Jan 2027, 09:00 (00:00 UTC)"
    assert f'value="{again}"' in client.get(f"{url}?again={ahead.pk}").text
    with timezone.override("Asia/Tokyo"):
        assert read_moment(again) == ahead.requested_effective_from
