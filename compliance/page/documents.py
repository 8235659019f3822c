"""What the label of a policy document tells: its kind and its provider."""

import re
from collections.abc import Sequence

from compliance.page.snapshot import DocumentKind

_DOCUMENT_WORDS = {
    DocumentKind.FAQ: r"faqs?|frequently asked",
    DocumentKind.DPA: r"dpa|data (?:processing|protection) (?:agreement|addendum|terms)",
    DocumentKind.PRIVACY_POLICY: r"privacy",
    DocumentKind.TERMS: r"terms|tos|conditions",
    DocumentKind.AGREEMENT: r"agreement|contract",
}
_DOCUMENT_LABELS = {
    DocumentKind.PRIVACY_POLICY: "{} Privacy Policy",
    DocumentKind.FAQ: "{} FAQ",
    DocumentKind.TERMS: "{} Terms of Service",
    DocumentKind.DPA: "{} Data Processing Agreement",
    DocumentKind.AGREEMENT: "Private agreement with {}",
    DocumentKind.OTHER: "{} documentation",
}


def document_kind(label: str, url: str | None) -> DocumentKind:
    """Return the kind that a document's label names; one without a URL is an agreement."""
    if not url:
        return DocumentKind.AGREEMENT
    said = label.casefold()
    for kind, words in _DOCUMENT_WORDS.items():
        if re.search(rf"\b(?:{words})\b", said):
            return kind
    return DocumentKind.OTHER


def document_label(provider_name: str, kind: DocumentKind) -> str:
    """Return the label of a provider's document that has none of its own."""
    return _DOCUMENT_LABELS[kind].format(provider_name)


def document_provider(
    label: str, providers_in_row: Sequence[str], providers_on_page: Sequence[str]
) -> str | None:
    """Return the name of the provider that a document belongs to, or None.

    It is the longest name standing as whole words in the label, among the row's providers or else the page's; or
    else the row's only provider.
    """
    said = label.casefold()
    for names in (providers_in_row, providers_on_page):
        if named := [name for name in names if name.casefold() in said and _stands_in(name, said)]:
            return max(named, key=len)
    return providers_in_row[0] if len(providers_in_row) == 1 else None


def _stands_in(name: str, said: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", said) is not None
