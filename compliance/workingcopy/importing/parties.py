"""Models, providers and retention terms: what a page names, found among the records or made."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from compliance.models import (
    AIModel,
    PolicyDocument,
    Provider,
    Register,
    RetentionClause,
    RetentionTerm,
)
from compliance.models.positions import STEP
from compliance.models.tracked import Named
from compliance.page import slugs, snapshot

N = TypeVar("N", bound=Named)


def models_named(page: snapshot.Snapshot, register: Register) -> dict[str, AIModel]:
    """Return the page's models by name; a name not known yet becomes a new model or the new name of an old one."""
    names = dict.fromkeys(model.name for listing in page.listings for model in listing.models)
    return _named(AIModel, names, register, renamed={})


def providers_named(page: snapshot.Snapshot, register: Register) -> dict[str, Provider]:
    """Return the page's providers by name; one that left while another came with its document was renamed."""
    names = dict.fromkeys(
        provider.name for listing in page.listings for provider in listing.providers
    )
    return _named(Provider, names, register, renamed=_by_document(page, register, names))


def terms_worded(page: snapshot.Snapshot) -> dict[str, RetentionTerm]:
    """Return the page's retention terms by wording; a new one gets the clauses that were read from its wording."""
    terms = {term.wording: term for term in RetentionTerm.objects.all()}
    for listing in page.listings:
        if listing.retention.text not in terms:
            terms[listing.retention.text] = _new_term(
                listing.retention.text, listing.retention.clauses
            )
    return terms


def term_worded(term: snapshot.Term) -> RetentionTerm:
    """Return the retention term with this wording; a new one gets these clauses."""
    return RetentionTerm.objects.filter(wording=term.text).first() or _new_term(
        term.text, term.clauses
    )


def _new_term(wording: str, clauses: Iterable[snapshot.Clause]) -> RetentionTerm:
    term = RetentionTerm(wording=wording)
    term.save()
    for position, clause in enumerate(clauses, start=1):
        RetentionClause(
            term=term, position=position * STEP, **RetentionClause.values_of(clause)
        ).save()
    return term


def _named(
    model: type[N], names: Collection[str], register: Register, *, renamed: dict[str, N]
) -> dict[str, N]:
    found = {record.name: record for record in model._default_manager.all()}
    by_slug = {record.slug: record for record in found.values()}
    elsewhere: set[int] | None = None
    for name in names:
        if name in found:
            continue
        record = renamed.get(name) or by_slug.get(slugs.slug(name))
        if record is not None and record.name not in names:
            elsewhere = _listed_elsewhere(model, register) if elsewhere is None else elsewhere
        if record is None or record.name in names or record.pk in (elsewhere or ()):
            record = model()
        record.set(name=name)
        found[name] = record
    return {name: found[name] for name in names}


def _listed_elsewhere(model: type[Named], register: Register) -> set[int]:
    """Return the ids of those that another register lists too: renaming them would change its page."""
    relation: Any = model._meta.get_field("listed")  # type: ignore[misc]  # every Named model has it
    listed = relation.related_model.objects.exclude(listing__register=register)
    return set(listed.values_list(relation.field.attname, flat=True))


def _by_document(
    page: snapshot.Snapshot, register: Register, names: Iterable[str]
) -> dict[str, Provider]:
    """Return, by new name, the providers that left this page while a new name came with one of their documents."""
    known = set(Provider.objects.values_list("name", flat=True))
    documents = PolicyDocument.objects.filter(provider__listed__listing__register=register).exclude(
        url=""
    )
    gone = documents.exclude(provider__name__in=list(names)).select_related("provider")
    left = {document.url: document.provider for document in gone if document.provider}
    renamed: dict[str, Provider] = {}
    for listing in page.listings:
        named = {provider.id: provider.name for provider in listing.providers}
        for document in listing.documents:
            name = named.get(document.provider or "")
            provider = left.get(document.url or "")
            if name and provider and name not in known and provider not in renamed.values():
                renamed.setdefault(name, provider)
    return renamed
