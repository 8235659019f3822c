"""Rules for links: each can be followed safely, and leads to one document under one label."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.documents import document_kind, is_document
from compliance.page.redirects import redirector
from compliance.page.remembered import by_identity
from compliance.page.rules.context import RuleContext, ShownDocument, quoted, row_claims
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.table import DocumentItem, Row
from compliance.page.vocabulary import ColumnRole, DocumentKind

_AGREEMENT = re.compile(r"\b(?:agreement|contract|addendum|dpa)\b", re.IGNORECASE)
_PUBLIC = {DocumentKind.PRIVACY_POLICY, DocumentKind.FAQ, DocumentKind.TERMS}
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(https?:[^>\s]+)>")
_ADDRESS = re.compile(r"https?://[^\s<>)|]+")
# A link within the page (`#…`) needs no host.
_HAS_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")


@rule("no-url", Severity.WARNING)
def no_url(context: RuleContext) -> Iterator[Fault]:
    """Only an agreement has no URL.

    A private agreement cannot be linked. A policy without a link has lost it.
    """
    for item, rows in context.documents_where(_lacks_url):
        message = (
            f"“{item.plain}” in {context.the_rows(rows)} has no link. "
            "Give its URL, or call it an agreement if it is one."
        )
        yield _about(item, message)


def _lacks_url(item: DocumentItem) -> bool:
    if item.url:
        return False
    # Every document without a URL is read as an agreement, so the label has to confirm it.
    is_agreement = item.kind is DocumentKind.AGREEMENT and not _is_public(item.plain)
    # What is none is reported by `contact-as-document` or `placeholder-as-document` instead.
    return is_document(item.plain, item.url) and not is_agreement


@rule("shared-url", Severity.WARNING)
def shared_url(context: RuleContext) -> Iterator[Fault]:
    """No two providers show the same document.

    A company that stands on a page under two names shows the same links twice, often with
    different terms.
    """
    for ids, urls in _shared_urls(context.documents, context.recipients).items():
        terms, retention = _terms(context, ids)
        owners = join_names([context.recipients[id] for id in ids], limit=FEW)
        addresses = join_names(sorted(urls), limit=FEW)
        message = (
            f"{owners} show the same document: {addresses}. {terms}"
            "If they are one provider, list it under one name; else link what each says itself."
        )
        parts = [*urls, *retention]
        yield Fault(SubjectKind.PROVIDER, ids[0], message, among=ids[1:], parts=parts)


@by_identity(8)
def _shared_urls(
    documents: tuple[ShownDocument, ...], recipients: dict[str, str]
) -> dict[tuple[str, ...], list[str]]:
    """Return the addresses that several recipients show, by the ids of these."""
    urls_by_owner: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for document in documents:
        url, owner = document.item.url, document.item.provider
        if url and owner in recipients:
            urls_by_owner[_same(url)].setdefault(owner, url)
    shared: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for providers in urls_by_owner.values():
        if len(providers) > 1:
            shared[tuple(sorted(providers))].append(next(iter(providers.values())))
    return dict(shared)


def _terms(context: RuleContext, ids: tuple[str, ...]) -> tuple[str, list[tuple[str, str]]]:
    """Return a sentence on the retention of each provider, and each wording with its provider.

    Both are empty where it is the same for all.
    """
    retention: dict[str, list[str]] = {}
    for id in ids:
        claims = {
            claim.quoted
            for row in context.rows_of_provider[id]
            for claim in row_claims(row, ColumnRole.RETENTION)
        }
        retention[id] = sorted(claims)
    wordings = list(retention.values())
    if all(same == wordings[0] for same in wordings):
        return "", []
    by_provider = [
        f"{join_names(claims, limit=FEW) or 'nothing'} of {context.recipients[id]}"
        for id, claims in retention.items()
    ]
    sentence = f"The page says {join_names(by_provider, limit=FEW)}. "
    return sentence, [(id, wording) for id, claims in retention.items() for wording in claims]


@rule("one-url-two-labels", Severity.NOTE)
def one_url_two_labels(context: RuleContext) -> Iterator[Fault]:
    """A provider's document has one label.

    Under two labels it looks like two documents. Two providers that show one link under different
    labels are reported by the rule `shared-url` instead.
    """
    for url, named in _called_differently(context.documents):
        message = f"{url} is called {quoted(named)}. Choose one label."
        yield _about(named[min(named)], message, labels=named)


@by_identity(8)
def _called_differently(
    documents: tuple[ShownDocument, ...],
) -> list[tuple[str, dict[str, DocumentItem]]]:
    """Return the addresses of a provider that have several labels, with a document by each."""
    labels: defaultdict[tuple[str | None, str], dict[str, DocumentItem]] = defaultdict(dict)
    for document in documents:
        item = document.item
        if item.url:
            labels[item.provider, item.url][item.plain] = item
    return [(url, named) for (_, url), named in labels.items() if len(named) > 1]


@rule("not-https", Severity.WARNING)
def not_https(context: RuleContext) -> Iterator[Fault]:
    """A link is encrypted.

    What is fetched by http can be read and changed on the way.
    """
    for item, rows in context.documents_where(_is_unencrypted):
        message = f"{item.url} in {context.the_rows(rows)} is not encrypted. Use its https address."
        yield _about(item, message)
    for kind, id, place, url in _links(context):
        if url.startswith("http://"):
            message = f"{url} in {place} is not encrypted. Use its https address."
            yield Fault(kind, id, message, values=(url,))


def _is_unencrypted(item: DocumentItem) -> bool:
    return item.url is not None and not item.url.startswith("https://")


@rule("redirecting-link", Severity.WARNING)
def redirecting_link(context: RuleContext) -> Iterator[Fault]:
    """A link leads straight to what it names.

    An address copied from a mail, a chat or a search leads through the site that it was copied
    from: that site learns of each reader's click, and decides where it ends. So does a short link.
    A copy in an archive is linked on purpose and is no fault.
    """
    for item, rows in context.documents_where(_redirects):
        message = f"“{item.plain}” in {context.the_rows(rows)} {_straight(item.url or '')}"
        yield _about(item, message)
    for kind, id, place, url in _addresses(context):
        if advice := _straight(url):
            yield Fault(kind, id, f"{url} in {place} {advice}", among=(url,))


def _redirects(item: DocumentItem) -> bool:
    return bool(item.url and _straight(item.url))


# A page repeats few addresses on many rows.
@lru_cache(maxsize=10_000)
def _straight(url: str) -> str:
    """Return the end of a sentence on an address that leads through another, else ""."""
    found = redirector(url)
    if found is None:
        return ""
    host, target = found
    if target is None:
        return (
            f"is a link through {host}, which does not say where it leads. "
            "Open it, and give the address where it ends."
        )
    return f"leads through {host}. Give the address that it leads to: {target}"


def _addresses(context: RuleContext) -> Iterator[tuple[SubjectKind, str, str, str]]:
    """Give every address of the texts, linked or not, and the websites of providers."""
    for kind, id, place, words in _texts(context):
        for written in dict.fromkeys(_ADDRESS.findall(words)):
            yield kind, id, place, html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", written))
    for provider in context.snapshot.providers:
        if provider.website:
            place = f"the facts of {provider.name}"
            yield SubjectKind.PROVIDER, provider.id, place, provider.website


@rule("relative-link", Severity.NOTE)
def relative_link(context: RuleContext) -> Iterator[Fault]:
    """A link without a host needs the link base of the register.

    A page may link to its neighbours by path. Where the register has no link base, such a link is
    printed as text.
    """
    if not context.snapshot.register.link_base:
        for kind, id, place, url in _links(context):
            if not _HAS_HOST.match(url):
                message = (
                    f"“{url}” in {place} prints as text: it has no host. "
                    "Write the whole address, or set a link base in the register."
                )
                yield Fault(kind, id, message, values=(url,))


def _is_public(label: str) -> bool:
    """Return whether a label names a public document, not an agreement."""
    return document_kind(label, "https://") in _PUBLIC and not _AGREEMENT.search(label)


def _about(document: DocumentItem, message: str, labels: Iterable[str] = ()) -> Fault:
    """Return a fault of a document; its subject is the provider, on whose page it is mended.

    `labels` are all labels of the document, where the fault is about them.
    """
    label = document.plain
    kind, subject = SubjectKind.DOCUMENT, label
    if document.provider:
        kind, subject = SubjectKind.PROVIDER, document.provider
    labels = list(labels)
    values = (document.url,) if labels else (label, document.url)
    return Fault(kind, subject, message, values=values, parts=labels)


def _same(url: str) -> str:
    """Return a URL without what does not matter: http or https, `www.`, a slash at the end."""
    host, slash, rest = re.sub(r"\Ahttps?://(?:www\.)?", "", url).partition("/")
    return f"{host.casefold()}{slash}{rest}".rstrip("/")


def _links(context: RuleContext) -> Iterator[tuple[SubjectKind, str, str, str]]:
    """Give every link of the prose, cells and footnotes as (kind, id, place in words, URL).

    Not the addresses of documents, which are no part of a text.
    """
    for kind, id, place, text in _texts(context):
        for bracketed, angled in _LINK.findall(text):
            yield kind, id, place, bracketed or angled


def _texts(context: RuleContext) -> Iterator[tuple[SubjectKind, str, str, str]]:
    """Give every text that may hold a link or an address as (kind, id, place in words, text)."""
    slug = context.snapshot.register.slug
    for number, section in enumerate(context.snapshot.sections):
        name = context.section_names[section.id]
        place = "the introduction" if number == 0 else f"the text of {name}"
        yield SubjectKind.REGISTER, slug, place, section.prose
    for row, texts in context.rows_with(_texts_with_links):
        for text in texts:
            yield SubjectKind.LISTING, row.id, context.the_row(row), text
    for note in context.snapshot.footnotes:
        yield SubjectKind.FOOTNOTE, note.id, f"footnote {note.number}", note.text


def _texts_with_links(row: Row) -> list[str]:
    """Return the texts of a row that may hold a link or an address; few do."""
    return [text for text in dict.fromkeys(_cell_texts(row)) if "](" in text or "http" in text]


def _cell_texts(row: Row) -> Iterator[str]:
    for _, cell in row.cells:
        for item in cell.items:
            if not isinstance(item, DocumentItem):
                yield item.text
