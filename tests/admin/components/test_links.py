"""compliance.admin.components.links: a finding leads to where it is mended."""

import uuid

import pytest
from django.utils import timezone

from compliance.admin.components.links import addresses
from compliance.admin.components.summaries import describe_findings
from compliance.models.changesets import changeset
from compliance.page.rules import SubjectKind
from compliance.publishing import candidate
from tests.factories import (
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_term,
)
from tests.publications import NOON

pytestmark = pytest.mark.django_db


def subjects_of(listing):
    """Each kind of subject with an id as findings name it, and the record on whose form it is mended."""
    provider = listing.listed_providers.first().provider
    model = listing.listed_models.first().model
    term, note = make_term(), make_footnote(listing.register)
    document = make_document(provider)
    return {
        ("register", listing.register.slug): listing.register,
        ("listing", str(listing.pk)): listing,
        ("model", model.slug): model,
        ("provider", provider.slug): provider,
        ("document", str(document.pk)): provider,
        ("term", term.wording): term,
        ("footnote", str(note.pk)): note,
    }


@pytest.mark.slow
def test_every_kind_leads_to_a_form_that_opens(client, editor):
    subjects = subjects_of(make_listing())
    client.force_login(editor)

    found = addresses(subjects)

    assert {kind for kind, _ in subjects} == set(SubjectKind)
    assert found.keys() == subjects.keys()
    for subject, address in found.items():
        page = client.get(address)
        assert page.status_code == 200, subject
        assert page.context["original"].pk == subjects[subject].pk


def test_a_document_without_a_provider_leads_to_the_first_listing_that_shows_it():
    document = make_document()
    with changeset(by=None, label="tests", reason="Nobody's"):
        document.set(provider=None, label="Privacy Policy")
    first = make_listing(documents=[document])
    make_listing(first.register, documents=[document])

    assert addresses([("document", "Privacy Policy")]) == {
        ("document", "Privacy Policy"): f"/admin/compliance/listing/{first.pk}/change/"
    }


def test_what_is_gone_or_no_kind_that_we_know_leads_nowhere():
    gone = [
        ("listing", str(uuid.uuid4())),
        ("footnote", "no key"),
        ("model", "gone"),
        ("document", "9" * 40),
    ]

    assert addresses([*gone, ("document", "Nobody's"), ("", "gpt-6"), ("weather", "rain")]) == {}


@pytest.mark.parametrize("size", [1, 12])
def test_it_takes_a_query_a_kind_whatever_the_size(size, django_assert_num_queries):
    listing = make_listing()
    subjects = subjects_of(listing)
    for _ in range(size):
        subjects["model", make_model().slug] = None
        subjects["provider", make_provider().slug] = None

    with django_assert_num_queries(len(SubjectKind)):
        addresses(subjects)


def test_the_screens_link_what_a_finding_is_about(client, editor):
    register = make_listing(providers=["Acme"]).register
    client.force_login(editor)

    page = client.get(f"/admin/compliance/publication/submit/{register.pk}/").text

    [finding] = describe_findings(
        [each.to_dict() for each in candidate(register, at=timezone.now()).findings], {}
    )
    assert finding.kind == "provider"
    assert f'href="{finding.address}" target="_blank">Open the provider (new tab)</a>' in page


def test_a_finding_that_was_frozen_before_there_were_kinds_has_no_link():
    register = make_listing().register
    frozen = [each.to_dict() for each in candidate(register, at=NOON).findings]
    for finding in frozen:
        del finding["kind"], finding["code"]

    assert [finding.address for finding in describe_findings(frozen, {})] == [""]
