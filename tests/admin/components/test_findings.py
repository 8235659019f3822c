"""The findings about a record, on its form and after a save."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.admin.components.findings import findings_about
from compliance.models import AIModel, Footnote, Provider, RetentionTerm
from compliance.models.changesets import changeset
from compliance.workingcopy.resolve import forget
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
    state,
)
from tests.forms import form_values
from tests.publications import NOON, published, submitted

pytestmark = pytest.mark.django_db


def form_path(record):
    return reverse(f"admin:compliance_{record._meta.model_name}_change", args=[record.pk])


def said(record):
    return [
        finding.message for each in findings_about(record, at=NOON) for finding in each.findings
    ]


def a_listing():
    return make_listing(models=["GPT 6"], providers=[])


def a_provider():
    return make_listing(providers=[make_provider("Acme AI")]).listed_providers.get().provider


def a_model():
    make_listing(models=["Kimi K3", "Kimi k3"])
    return AIModel.objects.get(name="Kimi k3")


def a_term():
    term = make_term("As it were", clauses=[{"kind": "unknown"}])
    make_listing(retention=term)
    return term


def a_footnote():
    return make_footnote(make_listing().register)


def a_register():
    return make_listing(make_register(prose="[Help](http://example.com/)")).register


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (a_listing, "has no provider"),
        (a_provider, "shows no"),
        (a_model, "is almost"),
        (a_term, "As it were"),
        (a_footnote, "is cited nowhere"),
        (a_register, "is not encrypted"),
    ],
)
def test_the_form_of_each_kind_of_record_shows_the_findings_about_it(
    client, editor, made, sentence
):
    record = made()
    client.force_login(editor)

    page = client.get(form_path(record)).text

    assert "What the rules find about it" in page
    assert sentence in " ".join(said(record))
    assert said(record)[0][:20] in page


@pytest.mark.slow
def test_a_finding_is_shown_once_for_each_register_that_prints_the_record(client, editor):
    acme = make_provider("Acme AI")
    for title in ("Models and privacy", "Voices and privacy"):
        make_listing(make_register(title=title), models=[make_model()], providers=[acme])
    make_listing(make_register(title="Another"), providers=["Bolt"])

    assert [each.register.title for each in findings_about(acme, at=NOON)] == [
        "Models and privacy",
        "Voices and privacy",
    ]
    client.force_login(editor)
    assert "In Voices and privacy" in client.get(form_path(acme)).text


@pytest.mark.slow
def test_findings_about_a_document_are_shown_on_its_provider():
    acme = make_provider("Acme AI")
    make_document(acme, url="http://acme.example/privacy")
    make_listing(providers=[acme])

    assert "http://acme.example/privacy in the row of GPT 6 is not encrypted." in said(acme)[0]


def test_findings_about_other_records_are_not_shown():
    listing = make_listing(models=["GPT 6"], providers=[make_provider("Acme AI")])

    assert said(listing) == said(make_provider("Nobody’s")) == []


@pytest.mark.slow
def test_findings_are_compared_with_the_page_in_force(editor, approver):
    listing = make_listing(models=["GPT 6"], training="never")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="by_default")

    assert "This is weaker for readers" in said(listing)[0]


def test_an_answer_in_what_waits_for_approval_is_known_on_the_form(editor, approver):
    listing = make_listing(models=["GPT 6"], training="never")
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Edit"):
        state(listing, training="by_default")

    def answers():
        return [
            finding.answer.reason
            for each in findings_about(listing, at=NOON)
            for finding in each.findings
            if "This is weaker for readers" in finding.message
        ]

    assert answers() == [""]
    submitted(listing.register, editor)
    assert answers() == ["Known."]


def test_the_form_of_a_new_record_shows_no_findings(client, editor):
    a_listing()
    client.force_login(editor)

    assert "What the rules find" not in client.get(reverse("admin:compliance_listing_add")).text


def saved(client, editor, provider, **buttons):
    """Save a provider under another name; return the next page and its warnings."""
    client.force_login(editor)
    typed = form_values(client.get(form_path(provider)).content)
    values = {**typed, "name": "Apex AI", "reason": "New name", **buttons}
    page = client.post(form_path(provider), values, follow=True)
    return page, [str(each) for each in page.context["messages"] if "Warning" in str(each)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # it is said after the commit
def test_serious_findings_are_reported_after_a_save(client):
    _, warnings = saved(client, make_user(role="editor"), a_provider())

    assert warnings == [
        "Warning in Models and privacy: The row of GPT 6 shows no document of Apex AI. Add its privacy policy, or say in the answer that it has none. You give the answer when you submit the page."
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_save_that_continues_editing_shows_findings_on_the_form_only(client):
    page, warnings = saved(client, make_user(role="editor"), a_provider(), _continue="1")

    assert warnings == []
    assert "shows no document of Apex AI" in page.context["found"][0].findings[0].message


def test_people_who_may_not_view_every_kind_of_record_see_no_findings(client):
    provider = a_provider()
    user = make_user("vera")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_provider", "view_policydocument"])
    )
    client.force_login(user)

    answer = client.get(form_path(provider))

    assert answer.status_code == 200
    assert "What the rules find" not in answer.text


def test_an_auditor_sees_the_findings(client):
    provider = a_provider()
    client.force_login(make_user(role="auditor"))

    assert "What the rules find about it" in client.get(form_path(provider)).text


@pytest.mark.slow
def test_forms_open_although_a_register_cannot_be_read(client, editor, monkeypatch, caplog):
    provider = a_provider()
    monkeypatch.setattr(
        "compliance.workingcopy.findings.rules.findings", lambda *args, **kwargs: 1 / 0
    )
    client.force_login(editor)

    answer = client.get(form_path(provider))

    assert answer.status_code == 200
    assert "What the rules find cannot be shown" in answer.text
    assert "The form of Acme AI cannot show what the rules find." in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("reason", ["", "Their new name"])
def test_a_refused_form_is_shown_again_although_a_register_cannot_be_read(
    client, editor, monkeypatch, reason
):
    make_listing(providers=[provider := a_provider()])
    client.force_login(editor)
    typed = {**form_values(client.get(form_path(provider)).content), "name": "", "reason": reason}
    forget()
    monkeypatch.setattr("compliance.workingcopy.resolve._resolved", lambda *arguments: 1 / 0)

    answer = client.post(form_path(provider), typed)

    assert answer.status_code == 200
    assert "Enter the name" in answer.text
    assert "What the rules find cannot be shown" in answer.text


@pytest.mark.slow
def test_the_number_of_queries_does_not_depend_on_the_size_of_the_register():
    counts = []
    register = make_register()
    # The first time the whole register is resolved, from then on only what was edited.
    for rows in (1, 3, 30):
        for _ in range(rows):
            term, provider, model = make_term(), make_provider(), make_model()
            row = make_listing(
                register, models=[model], providers=[provider], retention=term, training="never"
            )
            make_document(provider)
            cite(make_footnote(register), cell=cell_of(row, "training"))
        counts.append([])
        for record in (
            register,
            row,
            *(kind.objects.first() for kind in (Provider, AIModel, RetentionTerm, Footnote)),
        ):
            with CaptureQueriesContext(connection) as captured:
                findings_about(record, at=NOON)
            counts[-1].append(len(captured))

    assert counts[1] == counts[2]
