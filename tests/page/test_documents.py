import pytest

from compliance.page.documents import document_kind, document_label, document_provider
from compliance.page.vocabulary import DocumentKind


@pytest.mark.parametrize(
    ("label", "url", "kind"),
    [
        ("Acme privacy Policy", "https://x.eu", DocumentKind.PRIVACY_POLICY),
        ("Acme FAQ", "https://x.eu", DocumentKind.FAQ),
        ("Terms of Service", "https://x.eu", DocumentKind.TERMS),
        ("Data Processing Agreement", "https://x.eu", DocumentKind.DPA),
        ("Master agreement", "https://x.eu", DocumentKind.AGREEMENT),
        ("Trust centre", "https://x.eu", DocumentKind.OTHER),
        ("Privacy Policy", None, DocumentKind.AGREEMENT),
        ("No", None, DocumentKind.OTHER),
        ("❌", None, DocumentKind.OTHER),
        ("pending", None, DocumentKind.OTHER),
        ("See above", None, DocumentKind.OTHER),
        ("No agreement", None, DocumentKind.OTHER),
        ("Acme DPA, privacy@acme.example", None, DocumentKind.OTHER),
        ("Agreement of legal@acme.example", None, DocumentKind.OTHER),
    ],
)
def test_a_label_and_a_url_tell_the_kind_of_a_document(
    label: str, url: str | None, kind: DocumentKind
):
    assert document_kind(label, url) is kind


def test_a_document_label_names_its_kind():
    for kind in set(DocumentKind) - {DocumentKind.OTHER}:
        assert document_kind(document_label("Acme", kind), "https://x.eu") is kind


@pytest.mark.parametrize(
    ("label", "in_row", "on_page", "provider"),
    [
        ("google vertex Privacy Policy", ["Google", "Google Vertex"], [], "Google Vertex"),
        ("Acme FAQ", ["Beta", "Gamma"], ["Acme", "Beta", "Gamma"], "Acme"),
        ("Privacy Policy", ["Beta"], ["Beta", "Gamma"], "Beta"),
        ("Privacy Policy", ["Beta", "Gamma"], ["Beta", "Gamma"], None),
        ("Metadata policy", ["Meta", "Gamma"], ["Meta", "Gamma"], None),
    ],
)
def test_a_label_tells_the_provider_of_a_document(
    label: str, in_row: list[str], on_page: list[str], provider: str | None
):
    assert document_provider(label, in_row, on_page) == provider
