"""Resolve the working copy of a register into a snapshot: what its page would print now."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from compliance.models import (
    Citation,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.models.changesets import take_editing_lock
from compliance.page import inline, snapshot, table
from compliance.page.catalogue import catalogue
from compliance.page.retention import read_clauses, worst_term
from compliance.page.training import training_text
from compliance.page.vocabulary import Asks, Basis, ColumnRole, DocumentKind, TrainingUse

# Printed where neither the listing nor any provider states a retention.
_NOT_SPECIFIED = "Not specified"
_NOT_STATED = TrainingUse.NOT_STATED
# A register has one table, whose id is derived from the register's.
_SECTIONS = UUID("5e1f3f0c-5a0f-4d0a-9a7e-0d3c3b1f7c11")
Marks = dict[tuple[str, Any], list[int]]


def capture(register: Register) -> snapshot.Snapshot:
    """Return the working copy of a register as a snapshot of one instant.

    Waits for an edit that is under way, and keeps others waiting until everything is read. Takes a
    fixed number of queries, whatever the size of the register.
    """
    with transaction.atomic():
        # On PostgreSQL several queries may see different commits, even in one transaction.
        take_editing_lock()
        return _Working(register).to_snapshot()


class _Working:
    """All rows behind a register's page, each kind read by one query."""

    def __init__(self, register: Register) -> None:
        register.refresh_from_db()
        of_register = {"listing__register": register}
        self.register = register
        self.listings = list(register.listings.all())
        self.footnotes = list(register.footnotes.all())
        models = ListedModel.objects.filter(**of_register)
        # Tuples instead of instances: with 100,000 listed models, making instances takes most of
        # the time.
        columns = (
            "listing_id",
            "pk",
            "model_id",
            "model__slug",
            "model__name",
            "model__developer",
            "model__aliases",
            "model__retention_floor_id",
        )
        self.models = _by("listing_id", models.values_list(*columns, named=True))
        providers = ListedProvider.objects.filter(**of_register)
        self.providers = _by(
            "listing_id", providers.values_list("listing_id", "pk", "provider_id", named=True)
        )
        listed = providers.values("provider")
        self.provider = {
            provider.pk: provider for provider in Provider.objects.filter(pk__in=listed)
        }
        named = ListedDocument.objects.filter(**of_register).select_related("document__provider")
        self.named_documents = _by("listing_id", named)
        # A document that an import added to a provider of another page is not a default (ADR 0002).
        documents = PolicyDocument.objects.filter(
            provider__in=listed, is_default=True
        ).select_related("provider")
        self.documents = _by("provider_id", documents)
        self.terms = {
            term.pk: term.to_snapshot()
            for term in RetentionTerm.objects.prefetch_related("clauses")
        }
        self.marks = _marks(register)

    def to_snapshot(self) -> snapshot.Snapshot:
        section = table.Section(
            id=str(uuid5(_SECTIONS, str(self.register.pk))),
            prose=self.register.intro,
            columns=columns_of(self.register),
            listings=tuple(self._listing(listing) for listing in self.listings),
        )
        models, providers = catalogue([section], self._models_by_slug(), self._providers_by_slug())
        return snapshot.Snapshot(
            register=_head(self.register),
            sections=(section,),
            models=models,
            providers=providers,
            footnotes=tuple(
                snapshot.Footnote(str(note.id), note.position, note.text) for note in self.footnotes
            ),
        )

    def _listing(self, listing: Listing) -> table.Listing:
        models, providers = self.models[listing.pk], self.providers[listing.pk]
        return table.Listing(
            id=str(listing.pk),
            cells={
                "models": table.Cell(tuple(self._model(listed) for listed in models)),
                "providers": table.Cell(tuple(self._provider(listed) for listed in providers)),
                "training": self._training(listing, providers),
                "retention": self._retention(listing, providers, models),
                "documents": self._documents(listing, providers),
            },
        )

    def _model(self, listed: Any) -> table.ModelItem:
        marks = self._marks(("listed_model", listed.pk), ("model", listed.model_id))
        return table.ModelItem(listed.model__slug, inline.escape(listed.model__name), marks)

    def _provider(self, listed: Any) -> table.ProviderItem:
        provider = self.provider[listed.provider_id]
        marks = self._marks(("listed_provider", listed.pk), ("provider", provider.pk))
        return table.ProviderItem(provider.slug, inline.escape(provider.name), marks)

    def _training(self, listing: Listing, providers: list[Any]) -> table.Cell:
        use = TrainingUse(listing.training_use or self._derived_use(providers))
        text = inline.escape(listing.training_text or training_text(use))
        return table.Cell(
            items=(table.ClaimItem(text, self._marks(("training", listing.pk))),),
            basis=Basis.STATED if listing.training_use else Basis.DERIVED,
            use=use,
        )

    def _derived_use(self, providers: list[Any]) -> TrainingUse:
        declared = (self.provider[listed.provider_id].declared_training for listed in providers)
        uses = [TrainingUse(use or _NOT_STATED) for use in declared]
        return max(uses, key=lambda use: use.severity, default=_NOT_STATED)

    def _retention(self, listing: Listing, providers: list[Any], models: list[Any]) -> table.Cell:
        stated = self._term(listing.retention_term_id)
        term = stated or self._derived_term(providers, models)
        return table.Cell(
            items=(table.ClaimItem(term.text, self._marks(("retention", listing.pk))),),
            basis=Basis.STATED if stated else Basis.DERIVED,
            clauses=term.clauses,
        )

    def _derived_term(self, providers: list[Any], models: list[Any]) -> table.Term:
        # A provider that declares nothing is worse for users than one that declares a time.
        silent = table.Term(_NOT_SPECIFIED, read_clauses(_NOT_SPECIFIED))
        declared = [
            self._term(self.provider[listed.provider_id].declared_retention_id) or silent
            for listed in providers
        ]
        floors = [self._term(listed.model__retention_floor_id) for listed in models]
        return worst_term([*(declared or [silent]), *(floor for floor in floors if floor)])

    def _documents(self, listing: Listing, providers: list[Any]) -> table.Cell:
        # An empty list is meant too: real rows show no document although their provider has some.
        if listing.departs:
            stated = [
                _document(named.document, self._marks(("listed_document", named.pk)))
                for named in self.named_documents[listing.pk]
            ]
            return table.Cell(tuple(stated), Basis.STATED)
        derived: list[table.Item] = []
        for id in dict.fromkeys(listed.provider_id for listed in providers):
            derived += [_document(document, ()) for document in self.documents[id]]
        return table.Cell(tuple(derived), Basis.DERIVED)

    def _models_by_slug(self) -> dict[str, snapshot.Model]:
        models: dict[str, snapshot.Model] = {}
        for listed in chain.from_iterable(self.models.values()):
            if listed.model__slug not in models:
                models[listed.model__slug] = snapshot.Model(
                    id=listed.model__slug,
                    name=listed.model__name,
                    developer=listed.model__developer,
                    aliases=_lines(listed.model__aliases),
                    retention_floor=self._term(listed.model__retention_floor_id),
                )
        return models

    def _providers_by_slug(self) -> dict[str, snapshot.Provider]:
        records = set(self.provider.values())
        for named in chain.from_iterable(self.named_documents.values()):
            if named.document.provider:
                records.add(named.document.provider)
        return {provider.slug: self._to_snapshot(provider) for provider in records}

    def _to_snapshot(self, provider: Provider) -> snapshot.Provider:
        training = TrainingUse(provider.declared_training) if provider.declared_training else None
        retention = self._term(provider.declared_retention_id)
        return snapshot.Provider(
            id=provider.slug,
            name=provider.name,
            legal_entity=provider.legal_entity,
            website=provider.website,
            processing_countries=tuple(country.code for country in provider.processing_countries),
            storage_countries=tuple(country.code for country in provider.storage_countries),
            aliases=_lines(provider.aliases),
            declared=snapshot.Declared(training, retention) if training or retention else None,
        )

    def _term(self, id: int | None) -> table.Term | None:
        return None if id is None else self.terms[id]

    def _marks(self, *targets: tuple[str, Any]) -> tuple[int, ...]:
        numbers: set[int] = set()
        for target in targets:
            numbers.update(self.marks.get(target, ()))
        return tuple(sorted(numbers))


def _head(register: Register) -> snapshot.Register:
    return snapshot.Register(
        slug=register.slug,
        title=register.title,
        link_base=register.link_base,
        language=register.language,
    )


def columns_of(register: Register) -> tuple[table.Column, ...]:
    """Return the columns of a register's table in their order."""
    return (
        table.Column("models", register.models_label, ColumnRole.MODELS),
        table.Column("providers", register.providers_label, ColumnRole.PROVIDERS),
        table.Column("training", register.training_label, ColumnRole.TRAINING, Asks.TRAINS),
        table.Column("retention", register.retention_label, ColumnRole.RETENTION, Asks.HOW_LONG),
        table.Column("documents", register.documents_label, ColumnRole.DOCUMENTS),
    )


def _document(document: PolicyDocument, marks: tuple[int, ...]) -> table.DocumentItem:
    return table.DocumentItem(
        document=str(document.pk),
        provider=document.provider.slug if document.provider else None,
        kind=DocumentKind(document.kind),
        text=inline.escape(document.printed_label),
        url=document.url or None,
        valid_from=document.valid_from,
        valid_until=document.valid_until,
        footnotes=marks,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _marks(register: Register) -> Marks:
    marks: Marks = defaultdict(list)
    # Registers share providers and models, but no footnotes: only this register's may mark them.
    for citation in Citation.objects.filter(footnote__register=register).select_related("footnote"):
        marks[citation.marked].append(citation.footnote.position)
    return marks


def _by(attribute: str, records: Iterable[Any]) -> defaultdict[Any, list[Any]]:
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for record in records:
        grouped[getattr(record, attribute)].append(record)
    return grouped
