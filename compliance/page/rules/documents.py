"""Rules for documents: each provider has one that readers can open, and each names its provider."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import chain

from compliance.page.diff.sentences import FEW, capitalised, join_names
from compliance.page.documents import is_contact, is_document, is_placeholder
from compliance.page.names import spelling_key
from compliance.page.remembered import by_identity, values_of
from compliance.page.rules.context import (
    Claim,
    RuleContext,
    ShownDocument,
    provider_names,
    quoted,
    row_claims,
)
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, Rank, rule
from compliance.page.table import DocumentItem, Row
from compliance.page.vocabulary import ClauseKind, ColumnRole, DocumentKind, TrainingUse, Trigger

_POLICIES = {DocumentKind.PRIVACY_POLICY, DocumentKind.DPA, DocumentKind.AGREEMENT}
_SOON = timedelta(days=30)


@rule("no-document", Severity.WARNING, rank=Rank.DOCUMENTS)
def no_document(context: RuleContext) -> Iterator[Fault]:
    """Each provider of a listing has a document in it, where its table has a column for them.

    Without a document a reader has to believe the page. A row that also claims "never" or "not
    stored" is reported by the rule `claim-without-document` instead.
    """
    bare_rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row, ids in context.rows_with(_without_documents):
        for id in ids if not _claims(row) else ():
            bare_rows[id].append(row)
    for id in context.rows_of_provider:
        if bare := bare_rows.get(id):
            name = context.recipients[id]
            message = (
                f"{capitalised(context.the_rows(bare))} {_shows(bare)} no document of {name}. "
                "Add its privacy policy, or say in the answer that it has none."
            )
            parts = [row.id for row in bare]
            yield Fault(SubjectKind.PROVIDER, id, message, parts=parts)


@rule("claim-without-document", Severity.WARNING, rank=Rank.DOCUMENTS)
def claim_without_document(context: RuleContext) -> Iterator[Fault]:
    """A claim that prompts are never trained on or not stored has a document that readers can open.

    Where a row claims "Not stored" for a provider whose only document is a private agreement, it
    may be true, but readers cannot check it. So the answer says who has read the agreement.
    """
    bare_rows: defaultdict[str, list[Row]] = defaultdict(list)
    private_rows: defaultdict[str, list[Row]] = defaultdict(list)
    for found, function in ((bare_rows, _without_documents), (private_rows, _without_links)):
        for row, ids in context.rows_with(function):
            for id in ids if _claims(row) else ():
                found[id].append(row)
    for id in context.rows_of_provider:
        bare, private = bare_rows.get(id, []), private_rows.get(id, [])
        name = context.recipients[id]
        if bare:
            shown = (
                f"but {_shows(bare)} no document of {name}. Add the one that says so, or "
                "claim only what one says."
            )
            yield _claimed(context, id, bare, shown, "nothing")
        if private:
            labels = _labels(private, id)
            shown = (
                f"but for {name} {_shows(private)} only {quoted(labels)}, which readers cannot "
                "open. Link what says so, or say in the answer who has read it."
            )
            yield _claimed(context, id, private, shown, "private")


def _without_documents(row: Row) -> list[str]:
    """Return the providers without a document in a row that could show some."""
    ids = dict.fromkeys(item.provider for item in row.providers)
    return [id for id in ids if _has_documents(row) and not _documents(row, id)]


def _without_links(row: Row) -> list[str]:
    """Return the providers of a row that have documents there, none of which can be opened."""
    ids = dict.fromkeys(item.provider for item in row.providers)
    return [id for id in ids if _documents(row, id) and not any(_urls(row, id))]


def _claimed(context: RuleContext, id: str, rows: list[Row], shown: str, documents: str) -> Fault:
    """Return the fault of rows in which a provider has private documents, or nothing."""
    wordings = dict.fromkeys(claim.quoted for row in rows for claim in _claims(row))
    claims = join_names(wordings, limit=FEW)
    verb = "claims" if len(rows) == 1 else "claim"
    message = f"{capitalised(context.the_rows(rows))} {verb} {claims}, {shown}"
    parts = [
        (row.id, claim.column.key, claim.text, sorted(_labels([row], id)))
        for row in rows
        for claim in _claims(row)
    ]
    return Fault(SubjectKind.PROVIDER, id, message, values=(documents,), parts=parts)


@rule("no-privacy-policy", Severity.WARNING)
def no_privacy_policy(context: RuleContext) -> Iterator[Fault]:
    """Each provider shows a privacy policy, a data processing agreement or a private agreement.

    The terms of service of a provider do not say what it does with prompts.
    """
    without = _without_policy(values_of(_kinds_of_documents, context.rows))
    for id in context.rows_of_provider if without else ():
        if id in without:
            labels = _labels(context.rows_of_provider[id], id)
            message = (
                f"{context.recipients[id]} shows {quoted(labels)}, but no privacy policy. "
                "Add it, or say in the answer where it says what it does with prompts."
            )
            yield Fault(SubjectKind.PROVIDER, id, message, values=tuple(sorted(labels)))


@by_identity(8)
def _without_policy(kinds: list[list[tuple[str, DocumentKind]]]) -> set[str]:
    """Return the ids of the providers that show documents, but no policy."""
    shown: defaultdict[str, set[DocumentKind]] = defaultdict(set)
    for kinds_of_row in kinds:
        for id, kind in kinds_of_row:
            shown[id].add(kind)
    return {
        id for id, kinds_of_provider in shown.items() if kinds_of_provider.isdisjoint(_POLICIES)
    }


def _kinds_of_documents(row: Row) -> list[tuple[str, DocumentKind]]:
    """Return the kinds of the documents that a row shows of each of its providers."""
    ids = dict.fromkeys(item.provider for item in row.providers)
    return [(id, item.kind) for id in ids for item in _documents(row, id)]


@rule("foreign-document", Severity.WARNING, rank=Rank.DOCUMENTS)
def foreign_document(context: RuleContext) -> Iterator[Fault]:
    """A document belongs to a provider of its listing, where its table has a column for them.

    It is broken by a provider that leaves a row while its link stays, and by a link whose label
    does not say whose it is.
    """
    for row, documents in context.rows_with(_foreign_documents):
        ids = {item.provider for item in row.providers}
        for document in documents:
            message = (
                f"{capitalised(context.the_row(row))} shows “{document.plain}”, "
                "which is none of its providers' documents. Say whose it is, or show "
                "it in the rows of its own provider."
            )
            values = (document.plain, document.provider, *sorted(ids))
            yield Fault(SubjectKind.LISTING, row.id, message, values=values)


def _foreign_documents(row: Row) -> list[DocumentItem]:
    """Return the documents of a row that are of none of its providers."""
    if not row.section.column(ColumnRole.PROVIDERS):
        return []
    ids = {item.provider for item in row.providers}
    return [
        document
        for document in row.documents
        if document.provider not in ids and is_document(document.plain, document.url)
    ]


@rule("contact-as-document", Severity.WARNING)
def contact_as_document(context: RuleContext) -> Iterator[Fault]:
    """A column of documents holds documents, no mail addresses or telephone numbers.

    Whoever looks for what a provider promises cannot read it in a mail address. It does not count
    as a document of the provider, nor as an agreement with it.
    """
    for item, rows in context.documents_where(_is_contact):
        leads = f", which leads to {item.url}," if item.url else ""
        message = (
            f"“{item.plain}”{leads} in {context.the_rows(rows)} is a contact, no document. "
            "Put the address of the policy here, and the contact in a column of text or in the "
            "text before the table."
        )
        yield _in_place_of_a_document(item, rows, message)


def _is_contact(item: DocumentItem) -> bool:
    return is_contact(item.plain, item.url)


@rule("placeholder-as-document", Severity.WARNING)
def placeholder_as_document(context: RuleContext) -> Iterator[Fault]:
    """A column of documents holds documents, no bare answers.

    "No", a cross, "pending" and "see above" say nothing that a reader can open or ask for. None of
    them counts as a document of the provider, nor as an agreement with it.
    """
    for item, rows in context.documents_where(_is_placeholder):
        message = (
            f"“{item.plain}” in {context.the_rows(rows)} is no document. Link the document, name "
            "the agreement, or leave the cell empty."
        )
        yield _in_place_of_a_document(item, rows, message)


def _is_placeholder(item: DocumentItem) -> bool:
    return is_placeholder(item.plain, item.url)


def _in_place_of_a_document(item: DocumentItem, rows: list[Row], message: str) -> Fault:
    return Fault(
        SubjectKind.LISTING,
        rows[0].id,
        message,
        values=(item.plain, item.url),
        parts=[row.id for row in rows],
        is_anywhere=True,
    )


@rule("label-names-nobody", Severity.NOTE)
def label_names_nobody(context: RuleContext) -> Iterator[Fault]:
    """A document's label says which provider it belongs to.

    Read aloud in a list of links, or once the row has a second provider, a link called only
    "Privacy Policy" could be anybody's.
    """
    for id, labels in _unclear_labels(context.documents, context.providers).items():
        does = "does" if len(set(labels)) == 1 else "do"
        message = (
            f"{quoted(labels)} of {context.providers[id]} {does} not say whose. "
            "Name the provider in the label."
        )
        yield Fault(SubjectKind.PROVIDER, id, message, parts=labels)


@by_identity(8)
def _unclear_labels(
    documents: tuple[ShownDocument, ...], providers: dict[str, str]
) -> dict[str, list[str]]:
    """Return the labels that name no provider, by the id of the document's own."""
    bare: defaultdict[str, list[str]] = defaultdict(list)
    for document in documents:
        item = document.item
        if (
            item.provider in providers
            and is_document(item.plain, item.url)
            and not _names_its_provider(item, providers)
            and not _other_provider(item, providers)
        ):
            bare[item.provider].append(item.plain)
    return dict(bare)


@rule("label-names-another", Severity.WARNING)
def label_names_another(context: RuleContext) -> Iterator[Fault]:
    """A document's label names its own provider, no other.

    When a provider is split into two, a label with the other's name sends readers to the wrong one.
    A label that names its own provider may also name another's service: "Azure OpenAI Service".
    """
    for owner, label, other in _foreign_labels(context.documents, context.providers):
        message = (
            f"“{label}” is a document of {context.providers[owner]}, "
            f"but names {other}. Mend the label, or the document's provider."
        )
        yield Fault(SubjectKind.PROVIDER, owner, message, values=(label, other))


@by_identity(8)
def _foreign_labels(
    documents: tuple[ShownDocument, ...], providers: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Return the labels that name another provider: the id of the own one, label and other name."""
    found = []
    for document in documents:
        item = document.item
        other = _other_provider(item, providers)
        if item.provider and other and not _names_its_provider(item, providers):
            found.append((item.provider, item.plain, other))
    return found


@rule("agreement-lapsed", Severity.WARNING)
def agreement_lapsed(context: RuleContext) -> Iterator[Fault]:
    """A document that is shown is still valid.

    A row may rest on a private agreement. An agreement ends, and nothing in the row shows it.
    """
    today = context.facts.today
    for document, last_day in _dated(context):
        if today and last_day < today:
            message = (
                f"“{document.plain}” lapsed on {last_day}. Renew it, or say what holds without it."
            )
            values = (last_day.isoformat(),)
            yield Fault(SubjectKind.DOCUMENT, document.document, message, values=values)


@rule("agreement-lapsing", Severity.NOTE)
def agreement_lapsing(context: RuleContext) -> Iterator[Fault]:
    """A document that is shown stays valid for another 30 days.

    To renew an agreement takes weeks; on the day it ends it is too late.
    """
    today = context.facts.today
    for document, last_day in _dated(context):
        if today and today <= last_day <= today + _SOON:
            message = (
                f"“{document.plain}” lapses on {last_day}. "
                "Renew it, or prepare what the page is to say without it."
            )
            values = (last_day.isoformat(),)
            yield Fault(SubjectKind.DOCUMENT, document.document, message, values=values)


def _dated(context: RuleContext) -> Iterator[tuple[DocumentItem, date]]:
    """Give the shown documents that have a last day, with it."""
    for document in context.documents:
        if document.item.valid_until:
            yield document.item, document.item.valid_until


def _has_documents(row: Row) -> bool:
    """Return whether the table of a row has a column for documents."""
    return row.section.column(ColumnRole.DOCUMENTS) is not None


def _documents(row: Row, id: str) -> list[DocumentItem]:
    """Return the documents of a provider in a row; a contact and a placeholder are none."""
    return [
        item for item in row.documents if item.provider == id and is_document(item.plain, item.url)
    ]


def _labels(rows: list[Row], id: str) -> list[str]:
    """Return the labels of a provider's documents in rows, each once."""
    return list(dict.fromkeys(item.plain for row in rows for item in _documents(row, id)))


def _urls(row: Row, id: str) -> Iterator[str | None]:
    return (item.url for item in _documents(row, id))


def _claims(row: Row) -> list[Claim]:
    """Return what a row claims of "never trained on" or "not stored"."""
    claims = [
        claim
        for claim in row_claims(row, ColumnRole.TRAINING)
        if claim.cell.use is TrainingUse.NEVER
    ]
    for claim in row_claims(row, ColumnRole.RETENTION):
        # "Not stored (flagged prompts: 2 years)" is a claim too: what is conditional does not
        # count.
        always = [clause for clause in claim.cell.clauses or () if clause.trigger is Trigger.ALWAYS]
        if always and all(clause.kind is ClauseKind.NONE for clause in always):
            claims.append(claim)
    return claims


def _shows(rows: list[Row]) -> str:
    return "shows" if len(rows) == 1 else "show"


def _names_its_provider(item: DocumentItem, providers: Mapping[str, str]) -> bool:
    """Return whether a label holds its provider's name or one of its distinctive words."""
    id = item.provider or ""
    if spelling_key(providers[id]) in spelling_key(item.plain):
        return True
    return not _distinctive_words(providers)[id].isdisjoint(_words(item.plain))


@by_identity(8)
def _distinctive_words(providers: Mapping[str, str]) -> dict[str, set[str]]:
    """Return, by provider id, the words of its name that no other provider's name has."""
    words: dict[str, set[str]] = {}
    for id, name in providers.items():
        # Shorter words are in too many names: "AI", "v2".
        words[id] = {word for word in _words(name) if len(word) > len("AI")}
    count = Counter(chain.from_iterable(words.values()))
    for id, own_words in words.items():
        words[id] = {word for word in own_words if count[word] == 1}
    return words


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _other_provider(item: DocumentItem, providers: dict[str, str]) -> str | None:
    """Return the provider that a label names instead of the document's own, if there is one."""
    own = providers.get(item.provider or "")
    found = provider_names(providers).found_in(item.plain, in_title=True)
    named = [mention.name for mention in found]
    return named[0] if own and named and own not in named else None
