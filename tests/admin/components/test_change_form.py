"""Tests of compliance.admin.components.change_form: a refused form leads to its faults."""

import html5lib
import pytest
from django.urls import reverse

from compliance.admin.site import site
from tests.factories import (
    make_document,
    make_listing,
    make_provider,
    make_register,
    make_term,
    make_user,
)
from tests.forms import form_values, post_form, read

pytestmark = pytest.mark.django_db
ADMIN = "/admin/compliance"
_HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(autouse=True)
def root(client):
    client.force_login(make_user("root", is_superuser=True))
    return client


def summary_links(response) -> dict[str, str]:
    """Return the sentences of the error summary with the name of the field that each leads to.

    A link that leads nowhere raises an error. The summary takes the focus.
    """
    document = html5lib.parse(response.content, transport_encoding="utf-8")
    summary = next(
        element
        for element in document.iter(f"{_HTML}div")
        if "error-summary" in element.get("class", "").split()
    )
    assert "autofocus" in summary.attrib
    assert summary.get("tabindex") == "-1"
    assert "There is a problem" in "".join(summary.itertext())
    by_id = {element.get("id"): element for element in document.iter() if element.get("id")}
    return {
        "".join(link.itertext()): by_id[link.get("href", "").removeprefix("#")].get("name", "")
        for link in summary.iter(f"{_HTML}a")
    }


def test_every_fault_of_a_provider_and_its_documents_has_a_link(client):
    provider = make_provider("Acme")
    make_document(provider, label="Acme FAQ")
    typed = {"name": "", "website": "x y", "documents-0-url": "https://127.0.0.1/", "reason": ""}

    page = post_form(client, f"{ADMIN}/provider/{provider.pk}/change/", **typed)

    links = summary_links(page)
    assert sorted(links.values()) == ["documents-0-url", "name", "reason", "website"]
    assert links["Enter the name."] == "name"
    assert any(sentence.startswith("Policy document Acme FAQ: URL: ") for sentence in links), links


def test_the_faults_of_a_row_lead_to_its_cells_and_to_what_describes_new_records(client):
    row = make_listing(models=["GPT 5"], providers=["OpenAI"])
    url = f"{ADMIN}/listing/{row.pk}/change/"
    typed = {
        "cell_models": "GPT 5 [x]",
        "cell_providers": "OpenAI\nMeta",
        "new_provider-0-name": "Meta",
        "new_provider-0-url": "no address",
        "reason": "Contract",
    }

    page = post_form(client, url, **typed)

    links = summary_links(page)
    assert set(links.values()) == {"cell_models", "cell_providers", "new_provider-0-url"}
    assert any(sentence.startswith("New provider: Meta: ") for sentence in links)


@pytest.mark.parametrize(
    ("path", "cleared"),
    [
        ("compliance/aimodel/add/", "name"),
        ("compliance/footnote/add/", "text"),
        ("compliance/register/add/", "title"),
        ("compliance/retentionterm/add/", "wording"),
        ("compliance/user/add/", "username"),
    ],
)
def test_an_empty_field_of_any_kind_of_record_has_a_link(client, path, cleared):
    make_register()

    page = post_form(client, f"/admin/{path}", **{cleared: "", "reason": "New"})

    assert cleared in summary_links(page).values()
    assert "<title> Error:" in " ".join(page.content.decode().split())


def test_the_faults_of_other_forms_have_links_too(client):
    row = make_listing(models=["GPT 5"], providers=["OpenAI"])
    term, eve = make_term(), make_user("eve", email="eve@example.com")
    register = row.register.pk
    pages = {
        "reason": [
            post_form(client, f"{ADMIN}/retentionterm/{term.pk}/review/"),
            client.post(f"{ADMIN}/user/{eve.pk}/link/"),
            client.post(reverse("admin:compliance_publication_submit", args=[register]), {}),
            client.post(
                f"{ADMIN}/register/{register}/page/",
                {"opened": str(row.pk), "order": [str(row.pk)], "reason": ""},
            ),
        ],
        "time_zone": [client.post("/admin/account/", {"time_zone": "Nowhere"})],
    }

    for name, shown in pages.items():
        for page in shown:
            assert name in summary_links(page).values(), page.request["PATH_INFO"]


def test_a_form_goes_to_its_own_address_without_the_cell_that_it_was_opened_at(client):
    row = make_listing(models=["GPT 5"], providers=["OpenAI"])
    url = f"{ADMIN}/listing/{row.pk}/change/?first=2"

    assert form_values(client.get(url).content, action=url)["version"]


def test_a_record_that_is_not_there_leads_to_the_desk(client):
    for model in site._registry:
        key = "00000000-0000-0000-0000-000000000001" if model.__name__ == "Listing" else "99"
        url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{key}/change/"
        said = read(client.get(url, follow=True))

        assert f"There is no such {model._meta.verbose_name}." in said
        assert "with ID" not in said


def test_no_script_takes_the_focus_from_the_summary_of_a_new_record(client):
    first = client.get(f"{ADMIN}/provider/add/").text
    refused = post_form(client, f"{ADMIN}/provider/add/", name="").text

    assert "django-admin-form-add-constants" in first
    assert "django-admin-form-add-constants" not in refused
