"""Find the models, providers and retention terms that a page names, or create them.

A page in Markdown knows them by their names only. A new name may belong to a new record or be the
new name of a known one; renaming keeps the record's public address and history. A page in JSON has
ids and facts too.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from compliance.models import (
    AIModel,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.models.ledger import chunks
from compliance.models.tracked import Named
from compliance.page import inline, slugs, snapshot, table
from compliance.workingcopy.importing.elsewhere import Elsewhere
from compliance.workingcopy.importing.terms import write_terms
from compliance.workingcopy.writes import Writes

N = TypeVar("N", bound=Named)


@dataclass(frozen=True)
class Parties:
    """The records that a page names: terms by wording, models and providers by the page's ids.

    `clauses` has the terms as snapshots, by their keys. `all_models` and `all_providers` are those
    that were there before, by their keys. `listed_elsewhere` are the keys of the providers that
    another register lists: what belongs to them must not change its page.
    """

    terms: dict[str, RetentionTerm]
    clauses: dict[int, table.Term]
    models: dict[str, AIModel]
    providers: dict[str, Provider]
    all_models: dict[int, AIModel]
    all_providers: dict[int, Provider]
    listed_elsewhere: frozenset[int]


def write_parties(page: snapshot.Snapshot, register: Register, *, with_facts: bool) -> Parties:
    """Return the page's terms, models and providers, creating or renaming those that are new.

    A model or provider is renamed if the slug of the new name is its own: "GPT-6" renames "GPT 6".
    A provider is renamed also if it left the page while the new name came with one of its
    documents. With `with_facts` their facts become those of the page, unless another register lists
    them, whose page would change.
    """
    elsewhere = Elsewhere(register)
    terms, clauses = write_terms(page, elsewhere, with_facts=with_facts)
    models = _Namesakes(AIModel, page.models, elsewhere, with_facts=with_facts)
    providers = _Namesakes(Provider, page.providers, elsewhere, with_facts=with_facts)
    provider_names = [provider.name for provider in page.providers]
    renamed = _by_document(page, register, provider_names) if providers.has_new_names else {}
    writes = Writes()
    parties = Parties(
        terms,
        clauses,
        models.write(writes, lambda model: _model_facts(model, terms), {}),
        providers.write(writes, lambda provider: _provider_facts(provider, terms), renamed),
        models.by_key,
        providers.by_key,
        elsewhere.of(Provider),
    )
    writes.write()
    return parties


class _Namesakes(Generic[N]):
    """The records of one model that the entries of a page's catalogue stand for."""

    def __init__(
        self,
        model: type[N],
        entries: Sequence[Any],
        elsewhere: Elsewhere,
        *,
        with_facts: bool,
    ) -> None:
        self._model = model
        self._entries = entries
        self._elsewhere = elsewhere
        self._with_facts = with_facts
        records = list(model._default_manager.all())
        self.by_key: dict[int, N] = {record.pk: record for record in records}
        self._by_name: dict[str, N] = {record.name: record for record in records}
        self._by_slug: dict[str, N] = {record.slug: record for record in records}
        self._names = {entry.name for entry in entries}

    @property
    def has_new_names(self) -> bool:
        """Whether an entry has a name that no record has."""
        return any(name not in self._by_name for name in self._names)

    def write(
        self,
        writes: Writes,
        facts: Callable[[Any], dict[str, Any]],
        renamed: dict[str, N],
    ) -> dict[str, N]:
        """Return the record of each entry by its id; add to `writes` what is new or renamed.

        `facts` gives the values of an entry, `renamed` has the records to rename, by new name.
        """
        free_slugs = self._free_slugs() if self._with_facts else set[str]()
        found: dict[str, N] = {}
        taken: set[int] = set()
        for entry in self._entries:
            record = self._known(entry, renamed)
            if record is None or id(record) in taken:
                record = self._model()
                record.slug = entry.id if entry.id in free_slugs else ""
            taken.add(id(record))
            found[entry.id] = record
            writes.set(record, **self._values(record, entry, facts))
        return found

    def _known(self, entry: Any, renamed: dict[str, N]) -> N | None:
        """Return the record that an entry stands for, None if it is new."""
        if self._with_facts and entry.id in self._by_slug:
            return self._by_slug[entry.id]
        if entry.name in self._by_name:
            return self._by_name[entry.name]
        record = renamed.get(entry.name) or self._by_slug.get(slugs.whole_slug(entry.name))
        # A record that the page still names by its old name is another one.
        if record is None or record.name in self._names or self._is_elsewhere(record):
            return None
        return record

    def _values(
        self, record: N, entry: Any, facts: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return what changes in a record; its name stays where another one has the new name."""
        if record._state.adding:
            return {"name": entry.name} | (facts(entry) if self._with_facts else {})
        if record.name == entry.name and not self._with_facts:
            return {}
        if self._is_elsewhere(record):
            return {}
        values = facts(entry) if self._with_facts else {}
        if entry.name not in self._by_name:
            values["name"] = entry.name
        return values

    def _is_elsewhere(self, record: N) -> bool:
        return record.pk in self._elsewhere.of(self._model)

    def _free_slugs(self) -> set[str]:
        """Return the ids of entries that can become slugs: no record has or had them."""
        free = {entry.id for entry in self._entries if slugs.slug(entry.id) == entry.id}
        for batch in chunks(sorted(free)):
            ever_given = self._model.history.filter(slug__in=batch)
            free.difference_update(ever_given.values_list("slug", flat=True))
        return free


def _model_facts(model: snapshot.Model, terms: dict[str, RetentionTerm]) -> dict[str, Any]:
    floor = model.retention_floor
    return {
        "developer": model.developer,
        "aliases": "\n".join(model.aliases),
        "retention_floor": terms[inline.plain(floor.text)] if floor else None,
        "continues": "\n".join(model.continues),
    }


def _provider_facts(provider: snapshot.Provider, terms: dict[str, RetentionTerm]) -> dict[str, Any]:
    declared = provider.declared or snapshot.Declared(None, None)
    term = declared.retention
    return {
        "legal_entity": provider.legal_entity,
        "website": provider.website,
        "processing_countries": sorted(set(provider.processing_countries)),
        "storage_countries": sorted(set(provider.storage_countries)),
        "aliases": "\n".join(provider.aliases),
        "declared_training": declared.training.value if declared.training else "",
        "declared_retention": terms[inline.plain(term.text)] if term else None,
    }


def _by_document(
    page: snapshot.Snapshot, register: Register, names: Collection[str]
) -> dict[str, Provider]:
    """Return by new name the providers that were renamed, as their documents show.

    Such a provider is no longer named on the page, while a name that nobody had comes with the URL
    of one of its documents.
    """
    known_names = set(Provider.objects.values_list("name", flat=True))
    documents = PolicyDocument.objects.filter(
        provider__listed__listing__section__register=register
    ).exclude(url="")
    unnamed_by_url = {
        document.url: document.provider
        for document in documents.select_related("provider")
        if document.provider and document.provider.name not in set(names)
    }
    names_by_id = {provider.id: provider.name for provider in page.providers}
    renamed: dict[str, Provider] = {}
    for row in page.rows():
        for document in row.documents:
            name = names_by_id.get(document.provider or "")
            provider = unnamed_by_url.get(document.url or "")
            if not name or name in known_names:
                continue
            if provider and provider not in renamed.values():
                renamed.setdefault(name, provider)
    return renamed
