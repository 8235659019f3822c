"""Tests of compliance.admin.documents: the screens of all documents and of those that end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_document, make_listing, make_provider, make_register, make_user

pytestmark = pytest.mark.django_db
DOCUMENTS, AGREEMENTS = reverse("admin:documents"), reverse("admin:agreements")


def shown(client, url, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    return response


def labels(response):
    return [row.document.printed_label for row in response.context["documents"]]


@pytest.fixture
def reader(client):
    client.force_login(make_user(role="auditor"))
    return client


def test_each_document_is_listed_with_the_rows_that_print_it(reader):
    acme = make_provider("Acme")
    policy = make_document(acme, label="Policy")
    faq = make_document(acme, label="FAQ", is_default=False)
    register = make_register()
    make_listing(register, models=["GPT 6"], providers=[acme])
    make_listing(register, models=["Kimi K3"], providers=[acme], documents=[faq])

    response = shown(reader, DOCUMENTS)

    assert {
        row.document.pk: [name for name, _ in row.rows] for row in response.context["documents"]
    } == {policy.pk: ["GPT 6"], faq.pk: ["Kimi K3"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"show": "no-address"}, ["Agreement"]),
        ({"show": "ended"}, ["Old"]),
        ({"show": "ending"}, ["Old"]),
        ({"show": "not-printed"}, ["Agreement", "Old", "FAQ"]),
        ({"q": "zeta"}, ["FAQ"]),
        ({"kind": "agreement"}, ["Agreement"]),
        ({"q": "nothing like it"}, []),
    ],
)
def test_the_list_can_be_filtered(reader, query, found):
    acme = make_provider("Acme")
    make_document(acme, label="Agreement", kind="agreement", url="", is_default=False)
    yesterday = timezone.now().date() - timedelta(days=1)
    make_document(acme, label="Old", valid_until=yesterday, is_default=False)
    make_document(make_provider("Zeta"), label="FAQ", url="https://zeta.example.com/faq")

    assert labels(shown(reader, DOCUMENTS, **query)) == found


def test_agreements_stand_in_groups_by_their_last_day(reader, settings):
    settings.AGREEMENT_NOTICE_DAYS = 30
    today, acme = timezone.now().date(), make_provider("Acme")
    for label, days in (("Over", -1), ("Soon", 30), ("Far", 31)):
        make_document(acme, label=label, valid_until=today + timedelta(days=days))
    make_document(acme, label="Contract", kind="agreement", url="")
    make_document(acme, kind="faq")

    groups = shown(reader, AGREEMENTS).context["groups"]

    assert {group.name: [str(row.document) for row in group.rows] for group in groups} == {
        "Ended": ["Over"],
        "Ending soon": ["Soon"],
        "Later": ["Far"],
        "Without an end date": ["Contract"],
    }


@pytest.mark.slow
def test_the_pages_of_agreements_together_have_each_document_once(reader):
    today, acme = timezone.now().date(), make_provider("Acme")
    for number in range(60):
        make_document(acme, label=f"Document {number}", valid_until=today + timedelta(days=number))

    pages = [shown(reader, AGREEMENTS, page=number) for number in (1, 2)]

    groups = [group for page in pages for group in page.context["groups"]]
    found = [str(row.document) for group in groups for row in group.rows]
    assert sorted(found) == sorted(f"Document {number}" for number in range(60))
    assert 'href="?page=2"' in pages[0].text


@pytest.mark.parametrize("url", [DOCUMENTS, AGREEMENTS])
def test_both_are_shut_for_staff_without_a_role(client, url):
    client.force_login(make_user())

    assert client.get(url).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize("url", [DOCUMENTS, AGREEMENTS])
def test_the_number_of_queries_does_not_grow_with_the_documents(reader, url):
    until = timezone.now().date()

    def count():
        make_listing(providers=[make_document(valid_until=until).provider])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shown(reader, url)
        return len(queries)

    reader.get(url)
    first = count()
    for _ in range(3):
        last = count()

    assert last == first < 60
