"""Rules over the documents: that each provider has one that readers can open, and that each says whose it is."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from compliance.page.names import spelling_key
from compliance.page.rules.context import RuleContext, quoted, sentence, the_row, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import (
    ClauseKind,
    Document,
    DocumentKind,
    Listing,
    TrainingUse,
    Trigger,
)

_POLICIES = {DocumentKind.PRIVACY_POLICY, DocumentKind.DPA, DocumentKind.AGREEMENT}
_SOON = timedelta(days=30)


@rule("no-document", Severity.WARNING)
def no_document(case: RuleContext) -> Iterator[Fault]:
    """A provider of a listing has a document in it.

    Without one a reader must believe the page. Where the row claims "never" or "not stored" on top of it, the rule
    over such claims says so instead.
    """
    for id, listings in case.listings_of_provider.items():
        bare = [each for each in listings if not _documents(each, id) and not _claims(each)]
        if bare:
            said = f"{sentence(the_rows(bare))} {_shows(bare)} no document of {case.providers[id]}"
            values = tuple(sorted(each.id for each in bare))
            yield Fault(SubjectKind.PROVIDER, id, f"{said}. Add its privacy policy.", values=values)


@rule("claim-without-document", Severity.WARNING)
def claim_without_document(case: RuleContext) -> Iterator[Fault]:
    """A claim that prompts are never trained on or not stored stands on a document that readers can open.

    Real rows claim "Not stored" of a provider whose only document is a private agreement. It may be true; nobody
    outside can tell, so whoever has read the agreement says so in the answer.
    """
    for id, listings in case.listings_of_provider.items():
        claiming = [each for each in listings if _claims(each)]
        bare = [each for each in claiming if not _documents(each, id)]
        private = [each for each in claiming if _documents(each, id) and not any(_urls(each, id))]
        name = case.providers[id]
        if bare:
            yield _claimed(
                id, bare, f"but {_shows(bare)} no document of {name}. Add the one that says so."
            )
        if private:
            labels = quoted(document.label for each in private for document in _documents(each, id))
            shown = f"but for {name} {_shows(private)} only {labels}, which readers cannot open."
            asks = "Link what says so, or say in the answer who has read it."
            yield _claimed(id, private, f"{shown} {asks}", labels)


def _claimed(id: str, listings: list[Listing], shown: str, *values: str) -> Fault:
    claims = quoted(claim for listing in listings for claim in _claims(listing))
    message = f"{sentence(the_rows(listings))} {'claims' if len(listings) == 1 else 'claim'} {claims}, {shown}"
    claimed = tuple(sorted((listing.id, *_claims(listing)) for listing in listings))
    return Fault(SubjectKind.PROVIDER, id, message, values=(*values, *claimed))


@rule("no-privacy-policy", Severity.WARNING)
def no_privacy_policy(case: RuleContext) -> Iterator[Fault]:
    """A provider shows a privacy policy, a data processing agreement or a private one.

    A real row showed only the terms of service of a provider that had joined the page.
    """
    for id, listings in case.listings_of_provider.items():
        shown = [document for listing in listings for document in _documents(listing, id)]
        if shown and not any(document.kind in _POLICIES for document in shown):
            labels = quoted(document.label for document in shown)
            message = (
                f"{case.providers[id]} shows {labels}, but no privacy policy. Add it, or say in the answer "
                "where it says what it does with prompts."
            )
            yield Fault(SubjectKind.PROVIDER, id, message, values=(labels,))


@rule("foreign-document", Severity.WARNING)
def foreign_document(case: RuleContext) -> Iterator[Fault]:
    """A document belongs to a provider of its listing.

    It is what stays when a provider leaves a row and its link does not, or when a link says so little that nobody can
    tell whose it is. No real page had it.
    """
    for listing in case.snapshot.listings:
        ids = {provider.id for provider in listing.providers}
        for document in listing.documents:
            if document.provider not in ids:
                message = (
                    f"{sentence(the_row(listing))} shows “{document.label}”, which is none of its providers' documents. "
                    "Remove it, or say whose it is."
                )
                yield Fault(
                    SubjectKind.LISTING,
                    listing.id,
                    message,
                    values=(document.label, document.provider),
                )


@rule("label-names-nobody", Severity.NOTE)
def label_names_nobody(case: RuleContext) -> Iterator[Fault]:
    """A document's label says whose it is.

    A link called only "Privacy Policy" stood on a real page for 340 days; read aloud in a list of links, or after a
    second provider joins the row, it is anybody's.
    """
    words = _telling_words(case)
    bare: defaultdict[str, list[str]] = defaultdict(list)
    for document in case.documents:
        id = document.provider or ""
        if (
            id in case.providers
            and not _says(document.label, case.providers[id], words[id])
            and not _other(case, document)
        ):
            bare[id].append(document.label)
    for id, labels in bare.items():
        does = "does" if len(set(labels)) == 1 else "do"
        message = f"{quoted(labels)} of {case.providers[id]} {does} not say whose. Name the provider in the label."
        yield Fault(SubjectKind.PROVIDER, id, message, values=tuple(labels))


@rule("label-names-another", Severity.WARNING)
def label_names_another(case: RuleContext) -> Iterator[Fault]:
    """A document's label names its own provider, no other.

    A real provider was split into two with two names; a label that keeps the other's sends readers to the wrong one.
    No real page had it. A label that says its own provider too may speak of another's service: "Azure OpenAI Service".
    """
    words = _telling_words(case)
    for document in case.documents:
        owner = document.provider or ""
        other = _other(case, document)
        if other and not _says(document.label, case.providers[owner], words[owner]):
            message = (
                f"“{document.label}” is a document of {case.providers[owner]}, but names {other}. Mend the label, or "
                "the document's provider."
            )
            yield Fault(SubjectKind.PROVIDER, owner, message, values=(document.label, other))


@rule("agreement-lapsed", Severity.WARNING)
def agreement_lapsed(case: RuleContext) -> Iterator[Fault]:
    """A document that is shown is still valid.

    Real rows rest on private agreements, and an agreement ends; the row that rests on it does not know.
    """
    for each in case.facts.validities:
        if (
            case.facts.today
            and each.valid_until < case.facts.today
            and (each.provider, each.label) in case.shown
        ):
            message = f"“{each.label}” lapsed on {each.valid_until}. Renew it, or remove what rests on it."
            yield Fault(
                SubjectKind.DOCUMENT, each.id, message, values=(each.valid_until.isoformat(),)
            )


@rule("agreement-lapsing", Severity.NOTE)
def agreement_lapsing(case: RuleContext) -> Iterator[Fault]:
    """A document that is shown stays valid for another 30 days.

    Renewing an agreement takes weeks; who learns of its end on the day cannot renew it.
    """
    for each in case.facts.validities:
        today = case.facts.today
        if (
            today
            and today <= each.valid_until <= today + _SOON
            and (each.provider, each.label) in case.shown
        ):
            message = f"“{each.label}” lapses on {each.valid_until}. Renew it, or prepare to remove what rests on it."
            yield Fault(
                SubjectKind.DOCUMENT, each.id, message, values=(each.valid_until.isoformat(),)
            )


def _documents(listing: Listing, id: str) -> list[Document]:
    return [document for document in listing.documents if document.provider == id]


def _urls(listing: Listing, id: str) -> Iterator[str | None]:
    return (document.url for document in _documents(listing, id))


def _claims(listing: Listing) -> list[str]:
    """Return what a listing says that leaves readers nothing to fear: never trained on, not stored."""
    claims = [listing.training.text] if listing.training.use == TrainingUse.NEVER else []
    always = [
        clause.kind for clause in listing.retention.clauses if clause.trigger == Trigger.ALWAYS
    ]
    if always and all(kind == ClauseKind.NONE for kind in always):
        claims.append(listing.retention.text)
    return claims


def _shows(listings: list[Listing]) -> str:
    return "shows" if len(listings) == 1 else "show"


def _says(label: str, name: str, words: set[str]) -> bool:
    """Return whether a label says a provider's name, or a word of it that no other provider's name holds."""
    said = set(_words(label))
    return spelling_key(name) in spelling_key(label) or not words.isdisjoint(said)


def _telling_words(case: RuleContext) -> dict[str, set[str]]:
    """Return, for each provider, the words of its name that tell it from every other."""
    words = {
        id: {word for word in _words(name) if len(word) > len("AI")}
        for id, name in case.providers.items()
    }
    count = Counter(word for each in words.values() for word in each)
    return {id: {word for word in each if count[word] == 1} for id, each in words.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _other(case: RuleContext, document: Document) -> str | None:
    """Return the provider that a label names instead of its document's own, which is listed; None where it does not."""
    own = case.providers.get(document.provider or "")
    named = [
        mention.name for mention in case.provider_names.found_in(document.label, in_title=True)
    ]
    return named[0] if own and named and own not in named else None
