"""Find the models, providers and retention terms that a page names, or create them.

A page knows them by their names only. A new name may belong to a new record or be the new name of a
known one; renaming keeps the record's public address and history.
"""

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
from compliance.page import inline, slugs, snapshot, table
from compliance.page.vocabulary import ColumnRole

N = TypeVar("N", bound=Named)


def models_named(page: snapshot.Snapshot, register: Register) -> dict[str, AIModel]:
    """Return the page's models by name, creating or renaming those whose names are new.

    A model is renamed if the slug of the new name is its own: "GPT-6" renames "GPT 6".
    """
    names = dict.fromkeys(model.plain for row in page.rows() for model in row.models)
    return _named(AIModel, names, register, renamed={})


def providers_named(page: snapshot.Snapshot, register: Register) -> dict[str, Provider]:
    """Return the page's providers by name, creating or renaming those whose names are new.

    A provider is renamed as models are, and also if it left the page while the new name came with
    one of its documents.
    """
    names = dict.fromkeys(provider.plain for row in page.rows() for provider in row.providers)
    return _named(Provider, names, register, renamed=_by_document(page, register, names))


def terms_worded(page: snapshot.Snapshot) -> dict[str, RetentionTerm]:
    """Return the page's retention terms by wording, creating those that are new.

    A new term gets the clauses that were read from its wording.
    """
    terms = {term.wording: term for term in RetentionTerm.objects.all()}
    for row in page.rows():
        for _, cell in row.claims(ColumnRole.RETENTION):
            if cell.plain not in terms:
                terms[cell.plain] = _new_term(cell.plain, cell.clauses or ())
    return terms


def term_worded(term: table.Term) -> RetentionTerm:
    """Return the retention term with this wording; create it with these clauses if it is new."""
    wording = inline.plain(term.text)
    return RetentionTerm.objects.filter(wording=wording).first() or _new_term(wording, term.clauses)


def _new_term(wording: str, clauses: Iterable[table.Clause]) -> RetentionTerm:
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
    """Return the records with these names; `renamed` has the records to rename, by new name."""
    records = {record.name: record for record in model._default_manager.all()}
    by_slug = {record.slug: record for record in records.values()}
    new_names = [name for name in names if name not in records]
    # Most imports bring no new name, and then need not ask this.
    listed_elsewhere = _listed_elsewhere(model, register) if new_names else set[int]()
    for name in new_names:
        record = renamed.get(name) or by_slug.get(slugs.slug(name))
        # A record that the page still names by its old name is another one.
        if record is None or record.name in names or record.pk in listed_elsewhere:
            record = model()
        record.set(name=name)
        records[name] = record
    return {name: records[name] for name in names}


def _listed_elsewhere(model: type[Named], register: Register) -> set[int]:
    """Return the ids of the records that another register lists.

    They are not renamed, because that would change the other register's page.
    """
    relation: Any = model._meta.get_field("listed")  # type: ignore[misc]  # every Named model has it
    listed = relation.related_model.objects.exclude(listing__register=register)
    return set(listed.values_list(relation.field.attname, flat=True))


def _by_document(
    page: snapshot.Snapshot, register: Register, names: Iterable[str]
) -> dict[str, Provider]:
    """Return by new name the providers that were renamed, as their documents show.

    Such a provider is no longer named on the page, while a name that nobody had comes with the URL
    of one of its documents.
    """
    known_names = set(Provider.objects.values_list("name", flat=True))
    documents = PolicyDocument.objects.filter(provider__listed__listing__register=register)
    documents_of_unnamed = (
        documents.exclude(url="").exclude(provider__name__in=list(names)).select_related("provider")
    )
    unnamed_by_url = {
        document.url: document.provider for document in documents_of_unnamed if document.provider
    }
    renamed: dict[str, Provider] = {}
    for row in page.rows():
        names_by_id = {provider.provider: provider.plain for provider in row.providers}
        for document in row.documents:
            name = names_by_id.get(document.provider or "")
            provider = unnamed_by_url.get(document.url or "")
            if not name or name in known_names:
                continue
            if provider and provider not in renamed.values():
                renamed.setdefault(name, provider)
    return renamed
