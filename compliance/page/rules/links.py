"""Rules over the links: that each can be followed, safely, and leads to one thing under one name."""

import re
from collections import defaultdict
from collections.abc import Iterator

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.documents import document_kind
from compliance.page.rules.context import RuleContext, quoted, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Document, DocumentKind

_AGREEMENT = re.compile(r"\b(?:agreement|contract|addendum|dpa)\b", re.IGNORECASE)
_PUBLIC = {DocumentKind.PRIVACY_POLICY, DocumentKind.FAQ, DocumentKind.TERMS}
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(https?:[^>\s]+)>")
_HAS_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")


@rule("no-url", Severity.WARNING)
def no_url(case: RuleContext) -> Iterator[Fault]:
    """Only an agreement has no URL.

    On a real page the first document without a link was a private agreement; a policy without one is a lost link.
    """
    for document, listings in case.documents.items():
        is_agreement = document.kind == DocumentKind.AGREEMENT and not _is_public(document.label)
        if not document.url and not is_agreement:
            message = f"“{document.label}” in {the_rows(listings)} has no link. Give its URL, or name the agreement."
            yield _about(document, message)


@rule("shared-url", Severity.WARNING)
def shared_url(case: RuleContext) -> Iterator[Fault]:
    """Two providers do not share a document.

    A company stood on a real page under two names, with the same two links and different terms, for 234 days.
    """
    urls_by_owner: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for document in case.documents:
        if document.url and document.provider in case.providers:
            urls_by_owner[_same(document.url)].setdefault(document.provider, document.url)
    shared: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for providers in urls_by_owner.values():
        if len(providers) > 1:
            shared[tuple(sorted(providers))].append(next(iter(providers.values())))
    for ids, urls in shared.items():
        terms = _terms(case, ids)
        owners = join_names([case.providers[id] for id in ids], limit=FEW)
        addresses = join_names(sorted(urls), limit=FEW)
        message = (
            f"{owners} show the same document: {addresses}. {terms}If they are one provider, list it "
            "under one name; else link what each says itself."
        )
        yield Fault(
            SubjectKind.PROVIDER, ids[0], message, among=ids[1:], values=(*sorted(urls), terms)
        )


def _terms(case: RuleContext, ids: tuple[str, ...]) -> str:
    """Return in a sentence what the page says of the retention of each provider, nothing where it is the same."""
    said = {
        id: quoted(listing.retention.text for listing in case.listings_of_provider[id])
        for id in ids
    }
    if len(set(said.values())) == 1:
        return ""
    by_provider = [f"{terms} of {case.providers[id]}" for id, terms in said.items()]
    return f"The page says {join_names(by_provider, limit=FEW)}. "


@rule("one-url-two-labels", Severity.NOTE)
def one_url_two_labels(case: RuleContext) -> Iterator[Fault]:
    """A provider's document has one label.

    Under two labels it looks like two documents. On a real page two providers shared a link, each under a label of its
    own: the rule over shared documents says so, this one speaks of a single provider.
    """
    labels: defaultdict[tuple[str | None, str], dict[str, Document]] = defaultdict(dict)
    for document in case.documents:
        if document.url:
            labels[document.provider, document.url][document.label] = document
    for (_, url), named in labels.items():
        if len(named) > 1:
            message = f"{url} is called {quoted(named)}. Choose one label."
            yield _about(next(iter(named.values())), message, *named)


@rule("not-https", Severity.WARNING)
def not_https(case: RuleContext) -> Iterator[Fault]:
    """A link is encrypted.

    What a reader opens by http can be changed, and is seen, on the way.
    """
    for document, listings in case.documents.items():
        if document.url and not document.url.startswith("https://"):
            message = (
                f"{document.url} in {the_rows(listings)} is not encrypted. Use its https address."
            )
            yield _about(document, message)
    for kind, id, place, url in _links(case):
        if url.startswith("http://"):
            yield Fault(
                kind,
                id,
                f"{url} in {place} is not encrypted. Use its https address.",
                values=(url,),
            )


@rule("relative-link", Severity.NOTE)
def relative_link(case: RuleContext) -> Iterator[Fault]:
    """A link without a host has a base to be joined to.

    The real page links to its neighbours by path; where the register does not say where those are, it prints as text.
    """
    if not case.snapshot.register.link_base:
        for kind, id, place, url in _links(case):
            if not _HAS_HOST.match(url):
                message = f"“{url}” in {place} prints as text: it has no host. Give it one, or the register a link base."
                yield Fault(kind, id, message, values=(url,))


def _is_public(label: str) -> bool:
    """Return whether a label names a document that is for everybody, and no agreement."""
    return document_kind(label, "https://") in _PUBLIC and not _AGREEMENT.search(label)


def _about(document: Document, message: str, *values: str) -> Fault:
    """Return a fault of a document: it is mended on its provider's page, where it has a provider."""
    kind, subject = SubjectKind.DOCUMENT, document.label
    if document.provider:
        kind, subject = SubjectKind.PROVIDER, document.provider
    return Fault(kind, subject, message, values=(document.label, document.url, *values))


def _same(url: str) -> str:
    """Return what is equal for the ways to write one address: http or https, www or none, with / at the end or not."""
    host, slash, rest = re.sub(r"\Ahttps?://(?:www\.)?", "", url).partition("/")
    return f"{host.casefold()}{slash}{rest}".rstrip("/")


def _links(case: RuleContext) -> Iterator[tuple[SubjectKind, str, str, str]]:
    """Give every link of the introduction and the footnotes: what it stands in, in words too, and its address."""
    register = case.snapshot.register
    texts = [(SubjectKind.REGISTER, register.slug, "the introduction", register.intro)]
    texts += [
        (SubjectKind.FOOTNOTE, note.id, f"footnote {note.number}", note.text)
        for note in case.snapshot.footnotes
    ]
    for kind, id, place, text in texts:
        for bracketed, angled in _LINK.findall(text):
            yield kind, id, place, bracketed or angled
