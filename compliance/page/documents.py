"""The kind and the provider of a policy document, as its label names them."""

import re
from collections.abc import Sequence
from functools import lru_cache

from compliance.page.vocabulary import DocumentKind

# The first that fits counts: a "Privacy FAQ" is a FAQ, a "Data Processing Agreement" is a DPA.
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


_CONTACT_URL = re.compile(
    r"(?:mailto|tel|sms|callto|skype|xmpp|sip):|[^/?#\s:]+@[^/?#\s]+\Z", re.IGNORECASE
)
# The numbers bound the search: no mail address is longer (RFC 5321).
_MAIL_ADDRESS = re.compile(
    r"(?:mailto:\s*)?[^\s@<>()\[\],;:]{1,64}@[^\s@<>()\[\],;:]{1,253}", re.IGNORECASE
)
# Words that answer whether there is a document, or say where to look for it, and name none.
_NAME_OF_DOCUMENT = (
    r"(?:dpas?|polic(?:y|ies)|documents?|documentation|agreements?|contracts?|terms|faqs?|urls?|links?"
    r"|pages?|data|information|info|statements?)"
)
_PLACEHOLDER = re.compile(
    r"yes|no|ja|nein|oui|non|s[ií]|y|n|x|n/?a|n\.a\.?|none|keine?s?|aucune?|nothing|nil|null"
    r"|tb[adc]|to ?do|pending|ausstehend|en attente|unknown|unbekannt|unclear|missing|open|offen"
    r"|ditto|same|(?:the )?same as .{1,40}|as (?:above|below|before)|like above"
    r"|(?:see|siehe|vgl\.?|cf\.?)(?: .{1,60})?"
    r"|(?:available |auf )?(?:up)?(?:on )?(?:request|anfrage)|coming(?: soon)?|soon|to follow"
    r"|follows|folgt|in (?:progress|review|preparation|negotiation)|under review"
    r"|to be (?:determined|defined|announced|added|confirmed|done|provided)|not yet(?: \w+)?"
    r"|(?:not|nicht) (?:yet )?(?:available|applicable|specified|stated|found|public|published|known"
    r"|signed|verfügbar|angegeben|bekannt)|(?:no|none|kein\w*)(?: (?:public|published|known|signed"
    r"|separate|such|own|privacy|private|available|further|other)){0,2}"
    rf"(?: {_NAME_OF_DOCUMENT})?(?: (?:yet|available|found|known|needed|required|exists))?"
)
_PHONE_NUMBER = re.compile(r"(?:tel\.?:?\s*)?(?:\+|00?)[\d\s()/.-]{6,30}\Z", re.IGNORECASE)


def is_contact(label: str, url: str | None) -> bool:
    """Return whether what stands for a document is a mail address or a telephone number.

    A label without a URL is one if it holds a mail address, whatever else it says.
    """
    if url:
        return bool(_CONTACT_URL.match(url))
    return bool(_PHONE_NUMBER.match(label) or _MAIL_ADDRESS.search(label))


def is_placeholder(label: str, url: str | None) -> bool:
    """Return whether a label without a URL only answers, or stands where a document is to come.

    "No", a cross, "pending" and "see above" are no documents. "See our agreement with Acme" names
    one.
    """
    return not url and _is_placeholder(label)


# A page repeats few labels in many rows.
@lru_cache(maxsize=10_000)
def _is_placeholder(label: str) -> bool:
    if not re.search(r"[^\W_]", label):
        return True
    words = " ".join(label.casefold().strip(" .:!?…()[]-–—*_✓✔✗✘❌✅\ufe0f").split())
    if re.match(r"(?:see|siehe|vgl|cf)\b", words) and _named_kind(words):
        return False
    return bool(_PLACEHOLDER.fullmatch(words))


def is_document(label: str, url: str | None) -> bool:
    """Return whether what stands for a document is one: neither a contact nor a placeholder."""
    return not is_contact(label, url) and not is_placeholder(label, url)


def document_kind(label: str, url: str | None) -> DocumentKind:
    """Return the kind that a label in plain words names.

    Without a URL it is an agreement, unless it is a contact or a placeholder and no document.
    """
    if not is_document(label, url):
        return DocumentKind.OTHER
    if not url:
        return DocumentKind.AGREEMENT
    return _named_kind(label) or DocumentKind.OTHER


def names_document(label: str) -> bool:
    """Return whether a label in plain words names a kind of document."""
    return _named_kind(label) is not None


def _named_kind(label: str) -> DocumentKind | None:
    folded_label = label.casefold()
    for kind, words in _DOCUMENT_WORDS.items():
        if re.search(rf"\b(?:{words})\b", folded_label):
            return kind
    return None


def document_label(provider_name: str, kind: DocumentKind) -> str:
    """Return the label that is printed for a document without a label of its own."""
    return _DOCUMENT_LABELS[kind].format(provider_name)


def document_provider(
    label: str, providers_in_row: Sequence[str], providers_on_page: Sequence[str]
) -> str | None:
    """Return the name of the provider that a document belongs to, or None.

    It is the provider whose name stands in the label, the longest one, among the row's providers or
    else the page's; or else the row's only provider.
    """
    folded_label = label.casefold()
    for names in (providers_in_row, providers_on_page):
        named = [name for name in names if _is_named(name.casefold(), folded_label)]
        # One provider's name may be part of another's, so the longest one is meant.
        if named:
            return max(named, key=len)
    return providers_in_row[0] if len(providers_in_row) == 1 else None


def _is_named(name: str, label: str) -> bool:
    """Return whether a name stands in a label as whole words, both case-folded."""
    # The search for a part comes first: a page has many names, and a pattern for each is slow.
    if not name or name not in label:
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", label) is not None
