"""Links from findings to the forms on which they are put right."""

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
    """Return the record on whose form each subject of a finding is put right."""
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
def test_the_link_of_every_kind_of_subject_opens_a_form(client, editor):
    subjects = subjects_of(make_listing())
    client.force_login(editor)

    found = addresses(subjects)

    assert {kind for kind, _ in subjects} == set(SubjectKind)
    assert found.keys() == subjects.keys()
    for subject, address in found.items():
        page = client.get(address)
        assert page.status_code == 200, subject
        assert page.context["original"].pk == subjects[subject].pk


def test_the_link_of_a_document_without_provider_is_the_first_listing_that_shows_it():
    document = make_document()
    with changeset(by=None, label="tests", reason="Nobody's"):
        document.set(provider=None, label="Privacy Policy")
    first = make_listing(documents=[document])
    make_listing(first.register, documents=[document])

    assert addresses([("document", "Privacy Policy")]) == {
        ("document", "Privacy Policy"): f"/admin/compliance/listing/{first.pk}/change/"
    }


def test_deleted_records_and_unknown_kinds_have_no_link():
    gone = [
        ("listing", str(uuid.uuid4())),
        ("footnote", "no key"),
        ("model", "gone"),
        ("document", "9" * 40),
    ]

    assert addresses([*gone, ("document", "Nobody's"), ("", "gpt-6"), ("weather", "rain")]) == {}


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 12])
def test_links_take_one_query_for_each_kind(size, django_assert_num_queries):
    listing = make_listing()
    subjects = subjects_of(listing)
    for _ in range(size):
        subjects["model", make_model().slug] = None
        subjects["provider", make_provider().slug] = None

    with django_assert_num_queries(len(SubjectKind)):
        addresses(subjects)


@pytest.mark.slow
def test_screens_link_to_the_record_that_a_finding_is_about(client, editor):
    register = make_listing(providers=["Acme"]).register
    client.force_login(editor)

    page = client.get(f"/admin/compliance/publication/submit/{register.pk}/").text

    [finding] = describe_findings(
        [each.to_dict() for each in candidate(register, at=timezone.now()).findings], {}
    )
    assert finding.kind == "provider"
    assert f'href="{finding.address}" target="_blank">Open the provider (new tab)</a>' in page


def test_a_published_finding_without_a_kind_has_no_link():
    register = make_listing().register
    frozen = [each.to_dict() for each in candidate(register, at=NOON).findings]
    for finding in frozen:
        del finding["kind"], finding["code"]

    assert [finding.address for finding in describe_findings(frozen, {})] == [""]
