"""Rules for documents: each provider has one that readers can open, and each names its provider."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from compliance.page.names import spelling_key
from compliance.page.rules.context import RuleContext, quoted, sentence, the_row, the_rows
from compliance.page.rules.facts import DocumentValidity
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Document
from compliance.page.table import Listing
from compliance.page.vocabulary import ClauseKind, DocumentKind, TrainingUse, Trigger

_POLICIES = {DocumentKind.PRIVACY_POLICY, DocumentKind.DPA, DocumentKind.AGREEMENT}
_SOON = timedelta(days=30)


@rule("no-document", Severity.WARNING)
def no_document(context: RuleContext) -> Iterator[Fault]:
    """Each provider of a listing has a document in it.

    Without a document a reader has to believe the page. A row that also claims "never" or "not
    stored" is reported by the rule `claim-without-document` instead.
    """
    for id, listings in context.listings_of_provider.items():
        bare = [row for row in listings if not _documents(row, id) and not _claims(row)]
        if bare:
            name = context.providers[id]
            message = (
                f"{sentence(the_rows(bare))} {_shows(bare)} no document of {name}. "
                "Add its privacy policy."
            )
            values = tuple(sorted(row.id for row in bare))
            yield Fault(SubjectKind.PROVIDER, id, message, values=values)


@rule("claim-without-document", Severity.WARNING)
def claim_without_document(context: RuleContext) -> Iterator[Fault]:
    """A claim that prompts are never trained on or not stored has a document that readers can open.

    Real rows claim "Not stored" for a provider whose only document is a private agreement. It may
    be true, but readers cannot check it, so the answer says who has read the agreement.
    """
    for id, listings in context.listings_of_provider.items():
        claiming = [row for row in listings if _claims(row)]
        bare = [row for row in claiming if not _documents(row, id)]
        private = [row for row in claiming if _documents(row, id) and not any(_urls(row, id))]
        name = context.providers[id]
        if bare:
            yield _claimed(
                id, bare, f"but {_shows(bare)} no document of {name}. Add the one that says so."
            )
        if private:
            labels = quoted(document.label for row in private for document in _documents(row, id))
            shown = f"but for {name} {_shows(private)} only {labels}, which readers cannot open."
            asks = "Link what says so, or say in the answer who has read it."
            yield _claimed(id, private, f"{shown} {asks}", labels)


def _claimed(id: str, listings: list[Listing], shown: str, *values: str) -> Fault:
    claims = quoted(claim for listing in listings for claim in _claims(listing))
    claim = "claims" if len(listings) == 1 else "claim"
    message = f"{sentence(the_rows(listings))} {claim} {claims}, {shown}"
    claimed = tuple(sorted((listing.id, *_claims(listing)) for listing in listings))
    return Fault(SubjectKind.PROVIDER, id, message, values=(*values, *claimed))


@rule("no-privacy-policy", Severity.WARNING)
def no_privacy_policy(context: RuleContext) -> Iterator[Fault]:
    """Each provider shows a privacy policy, a data processing agreement or a private agreement.

    A real row showed only the terms of service of a provider that was new to the page.
    """
    for id, listings in context.listings_of_provider.items():
        shown = [document for listing in listings for document in _documents(listing, id)]
        if shown and not any(document.kind in _POLICIES for document in shown):
            labels = quoted(document.label for document in shown)
            message = (
                f"{context.providers[id]} shows {labels}, but no privacy policy. "
                "Add it, or say in the answer where it says what it does with prompts."
            )
            yield Fault(SubjectKind.PROVIDER, id, message, values=(labels,))


@rule("foreign-document", Severity.WARNING)
def foreign_document(context: RuleContext) -> Iterator[Fault]:
    """A document belongs to a provider of its listing.

    It is broken by a provider that leaves a row while its link stays, and by a link whose label
    does not say whose it is. No real page has broken it.
    """
    for listing in context.snapshot.listings:
        ids = {provider.id for provider in listing.providers}
        for document in listing.documents:
            if document.provider not in ids:
                message = (
                    f"{sentence(the_row(listing))} shows “{document.label}”, "
                    "which is none of its providers' documents. Remove it, or say whose it is."
                )
                yield Fault(
                    SubjectKind.LISTING,
                    listing.id,
                    message,
                    values=(document.label, document.provider),
                )


@rule("label-names-nobody", Severity.NOTE)
def label_names_nobody(context: RuleContext) -> Iterator[Fault]:
    """A document's label says which provider it belongs to.

    A link called only "Privacy Policy" stood on a real page for 340 days. Read aloud in a list of
    links, or once the row has a second provider, it could be anybody's.
    """
    words = _distinctive_words(context)
    bare: defaultdict[str, list[str]] = defaultdict(list)
    for document in context.documents:
        id = document.provider or ""
        if (
            id in context.providers
            and not _names_provider(document.label, context.providers[id], words[id])
            and not _other_provider(context, document)
        ):
            bare[id].append(document.label)
    for id, labels in bare.items():
        does = "does" if len(set(labels)) == 1 else "do"
        message = (
            f"{quoted(labels)} of {context.providers[id]} {does} not say whose. "
            "Name the provider in the label."
        )
        yield Fault(SubjectKind.PROVIDER, id, message, values=tuple(labels))


@rule("label-names-another", Severity.WARNING)
def label_names_another(context: RuleContext) -> Iterator[Fault]:
    """A document's label names its own provider, no other.

    When a real provider was split into two, a label with the other's name would have sent readers
    to the wrong one. No real page has broken the rule. A label that names its own provider may
    also name another's service: "Azure OpenAI Service".
    """
    words = _distinctive_words(context)
    for document in context.documents:
        owner = document.provider or ""
        other = _other_provider(context, document)
        if other and not _names_provider(document.label, context.providers[owner], words[owner]):
            message = (
                f"“{document.label}” is a document of {context.providers[owner]}, "
                f"but names {other}. Mend the label, or the document's provider."
            )
            yield Fault(SubjectKind.PROVIDER, owner, message, values=(document.label, other))


@rule("agreement-lapsed", Severity.WARNING)
def agreement_lapsed(context: RuleContext) -> Iterator[Fault]:
    """A document that is shown is still valid.

    Real rows rest on private agreements. An agreement ends, and nothing in the row shows it.
    """
    today = context.facts.today
    for document in _dated(context):
        if today and document.valid_until < today:
            message = (
                f"“{document.label}” lapsed on {document.valid_until}. "
                "Renew it, or remove what rests on it."
            )
            values = (document.valid_until.isoformat(),)
            yield Fault(SubjectKind.DOCUMENT, document.id, message, values=values)


@rule("agreement-lapsing", Severity.NOTE)
def agreement_lapsing(context: RuleContext) -> Iterator[Fault]:
    """A document that is shown stays valid for another 30 days.

    To renew an agreement takes weeks; on the day it ends it is too late.
    """
    today = context.facts.today
    for document in _dated(context):
        if today and today <= document.valid_until <= today + _SOON:
            message = (
                f"“{document.label}” lapses on {document.valid_until}. "
                "Renew it, or prepare to remove what rests on it."
            )
            values = (document.valid_until.isoformat(),)
            yield Fault(SubjectKind.DOCUMENT, document.id, message, values=values)


def _dated(context: RuleContext) -> Iterator[DocumentValidity]:
    """Give the shown documents that have a last day."""
    for document in context.facts.validities:
        if (document.provider, document.label) in context.shown:
            yield document


def _documents(listing: Listing, id: str) -> list[Document]:
    return [document for document in listing.documents if document.provider == id]


def _urls(listing: Listing, id: str) -> Iterator[str | None]:
    return (document.url for document in _documents(listing, id))


def _claims(listing: Listing) -> list[str]:
    """Return the texts with which a listing claims "never trained on" or "not stored"."""
    claims = [listing.training.text] if listing.training.use == TrainingUse.NEVER else []
    # "Not stored (flagged prompts: 2 years)" is a claim too: what is conditional does not count.
    always = [
        clause.kind for clause in listing.retention.clauses if clause.trigger == Trigger.ALWAYS
    ]
    if always and all(kind == ClauseKind.NONE for kind in always):
        claims.append(listing.retention.text)
    return claims


def _shows(listings: list[Listing]) -> str:
    return "shows" if len(listings) == 1 else "show"


def _names_provider(label: str, name: str, words: set[str]) -> bool:
    """Return whether a label holds a provider's name or one of its distinctive words."""
    return spelling_key(name) in spelling_key(label) or not words.isdisjoint(_words(label))


def _distinctive_words(context: RuleContext) -> dict[str, set[str]]:
    """Return, by provider id, the words of its name that no other provider's name has."""
    words: dict[str, set[str]] = {}
    for id, name in context.providers.items():
        # Shorter words are in too many names: "AI", "v2".
        words[id] = {word for word in _words(name) if len(word) > len("AI")}
    count = Counter(chain.from_iterable(words.values()))
    for id, own_words in words.items():
        words[id] = {word for word in own_words if count[word] == 1}
    return words


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _other_provider(context: RuleContext, document: Document) -> str | None:
    """Return the provider that a label names instead of the document's own, if there is one."""
    own = context.providers.get(document.provider or "")
    named = [
        mention.name for mention in context.provider_names.found_in(document.label, in_title=True)
    ]
    return named[0] if own and named and own not in named else None
