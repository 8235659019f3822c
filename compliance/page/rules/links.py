"""Rules for links: each can be followed safely, and leads to one document under one label."""

import re
from collections import defaultdict
from collections.abc import Iterator

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.documents import document_kind
from compliance.page.rules.context import RuleContext, quoted, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Document
from compliance.page.vocabulary import DocumentKind

_AGREEMENT = re.compile(r"\b(?:agreement|contract|addendum|dpa)\b", re.IGNORECASE)
_PUBLIC = {DocumentKind.PRIVACY_POLICY, DocumentKind.FAQ, DocumentKind.TERMS}
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(https?:[^>\s]+)>")
# A link within the page (`#…`) needs no host.
_HAS_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")


@rule("no-url", Severity.WARNING)
def no_url(context: RuleContext) -> Iterator[Fault]:
    """Only an agreement has no URL.

    On a real page the first document without a link was a private agreement. A policy without a
    link has lost it.
    """
    for document, listings in context.documents.items():
        # Every document without a URL is read as an agreement, so the label has to confirm it.
        is_agreement = document.kind == DocumentKind.AGREEMENT and not _is_public(document.label)
        if not document.url and not is_agreement:
            message = (
                f"“{document.label}” in {the_rows(listings)} has no link. "
                "Give its URL, or name the agreement."
            )
            yield _about(document, message)


@rule("shared-url", Severity.WARNING)
def shared_url(context: RuleContext) -> Iterator[Fault]:
    """No two providers show the same document.

    For 234 days a company stood on a real page under two names, with the same two links and
    different terms.
    """
    urls_by_owner: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for document in context.documents:
        if document.url and document.provider in context.providers:
            urls_by_owner[_same(document.url)].setdefault(document.provider, document.url)
    shared: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for providers in urls_by_owner.values():
        if len(providers) > 1:
            shared[tuple(sorted(providers))].append(next(iter(providers.values())))
    for ids, urls in shared.items():
        terms = _terms(context, ids)
        owners = join_names([context.providers[id] for id in ids], limit=FEW)
        addresses = join_names(sorted(urls), limit=FEW)
        message = (
            f"{owners} show the same document: {addresses}. {terms}"
            "If they are one provider, list it under one name; else link what each says itself."
        )
        yield Fault(
            SubjectKind.PROVIDER, ids[0], message, among=ids[1:], values=(*sorted(urls), terms)
        )


def _terms(context: RuleContext, ids: tuple[str, ...]) -> str:
    """Return a sentence on the retention of each provider, "" where it is the same for all."""
    retention = {}
    for id in ids:
        listings = context.listings_of_provider[id]
        retention[id] = quoted(listing.retention.text for listing in listings)
    if len(set(retention.values())) == 1:
        return ""
    by_provider = [f"{terms} of {context.providers[id]}" for id, terms in retention.items()]
    return f"The page says {join_names(by_provider, limit=FEW)}. "


@rule("one-url-two-labels", Severity.NOTE)
def one_url_two_labels(context: RuleContext) -> Iterator[Fault]:
    """A provider's document has one label.

    Under two labels it looks like two documents. Two providers that show one link under different
    labels are reported by the rule `shared-url` instead.
    """
    labels: defaultdict[tuple[str | None, str], dict[str, Document]] = defaultdict(dict)
    for document in context.documents:
        if document.url:
            labels[document.provider, document.url][document.label] = document
    for (_, url), named in labels.items():
        if len(named) > 1:
            message = f"{url} is called {quoted(named)}. Choose one label."
            yield _about(next(iter(named.values())), message, *named)


@rule("not-https", Severity.WARNING)
def not_https(context: RuleContext) -> Iterator[Fault]:
    """A link is encrypted.

    What is fetched by http can be read and changed on the way.
    """
    for document, listings in context.documents.items():
        if document.url and not document.url.startswith("https://"):
            place = the_rows(listings)
            message = f"{document.url} in {place} is not encrypted. Use its https address."
            yield _about(document, message)
    for kind, id, place, url in _links(context):
        if url.startswith("http://"):
            message = f"{url} in {place} is not encrypted. Use its https address."
            yield Fault(kind, id, message, values=(url,))


@rule("relative-link", Severity.NOTE)
def relative_link(context: RuleContext) -> Iterator[Fault]:
    """A link without a host needs the link base of the register.

    The real page links to its neighbours by path. Where the register has no link base, such a link
    is printed as text.
    """
    if not context.snapshot.register.link_base:
        for kind, id, place, url in _links(context):
            if not _HAS_HOST.match(url):
                message = (
                    f"“{url}” in {place} prints as text: it has no host. "
                    "Give it one, or the register a link base."
                )
                yield Fault(kind, id, message, values=(url,))


def _is_public(label: str) -> bool:
    """Return whether a label names a public document, not an agreement."""
    return document_kind(label, "https://") in _PUBLIC and not _AGREEMENT.search(label)


def _about(document: Document, message: str, *values: str) -> Fault:
    """Return a fault of a document; its subject is the provider, on whose page it is mended."""
    kind, subject = SubjectKind.DOCUMENT, document.label
    if document.provider:
        kind, subject = SubjectKind.PROVIDER, document.provider
    return Fault(kind, subject, message, values=(document.label, document.url, *values))


def _same(url: str) -> str:
    """Return a URL without what does not matter: http or https, `www.`, a slash at the end."""
    host, slash, rest = re.sub(r"\Ahttps?://(?:www\.)?", "", url).partition("/")
    return f"{host.casefold()}{slash}{rest}".rstrip("/")


def _links(context: RuleContext) -> Iterator[tuple[SubjectKind, str, str, str]]:
    """Give every link of the introduction and the footnotes as (kind, id, place in words, URL)."""
    register = context.snapshot.register
    texts = [(SubjectKind.REGISTER, register.slug, "the introduction", register.intro)]
    texts += [
        (SubjectKind.FOOTNOTE, note.id, f"footnote {note.number}", note.text)
        for note in context.snapshot.footnotes
    ]
    for kind, id, place, text in texts:
        for bracketed, angled in _LINK.findall(text):
            yield kind, id, place, bracketed or angled
