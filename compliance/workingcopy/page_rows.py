"""The rows of the database behind a register's page, and what they print and mean."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from compliance.models import (
    AIModel,
    Cell,
    Citation,
    Column,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.page import inline, snapshot, table
from compliance.page.derived import derived_cell, term_in
from compliance.page.rules.facts import KnownModel
from compliance.page.training import training_text
from compliance.page.vocabulary import Basis, ColumnRole, DocumentKind, TrainingUse
from compliance.workingcopy.countries import country_named

# A row that was read as a tuple: with 100,000 listed models, making instances takes most of the
# time.
_Tuple = Any
Numbers = tuple[int, ...]


def register_texts(register: Register) -> snapshot.Register:
    """Return the texts of a register itself."""
    return snapshot.Register(
        slug=register.slug,
        title=register.title,
        link_base=register.link_base,
        language=register.language,
    )


def footnotes_of(register: Register) -> tuple[snapshot.Footnote, ...]:
    """Return the footnotes of a register by number, in one query."""
    return tuple(
        snapshot.Footnote(str(note.id), note.position, note.text, note.valid_until)
        for note in register.footnotes.all()
    )


def sections_of(register: Register) -> tuple[table.Section, ...]:
    """Return the sections of a register with their columns, and without their listings."""
    return tuple(
        table.Section(
            str(section.pk),
            section.prose,
            tuple(column.to_snapshot() for column in section.columns.all()),
        )
        for section in register.sections.prefetch_related("columns")
    )


def known_models(keys: Collection[int] | None = None) -> dict[int, KnownModel]:
    """Return every model by its key, listed or not, or those with some keys; in one query."""
    known = {}
    models = AIModel.objects.all() if keys is None else AIModel.objects.filter(pk__in=keys)
    for key, id, name, aliases in models.order_by("pk").values_list(
        "pk", "slug", "name", "aliases"
    ):
        known[key] = KnownModel(id, name, _lines(aliases))
    return known


class PageRows:
    """All rows behind a register's page, each kind read by one query.

    With `only`, the keys of listings, it is as if these were all the listings of the register.
    `columns` are those of its sections, by section and key in the database, where they are known.
    """

    def __init__(
        self,
        register: Register,
        only: Collection[Any] | None = None,
        columns: Mapping[UUID, dict[int, table.Column]] | None = None,
    ) -> None:
        self.register = register
        self._columns = _columns(register) if columns is None else columns
        of_register = {"section__register": register} if only is None else {"pk__in": only}
        listings = _keyed(Listing.objects.filter(**of_register), "pk")
        self._listings = _grouped(
            "section_id", _tuples(listings, "listing_key", "section_id", "pk")
        )
        listed = {f"listing__{field}": value for field, value in of_register.items()}
        self.marks = _Marks(register)
        self.rows = _ListedRows(listed)
        self.catalogue = _Catalogue(self.rows)
        self.models = _ListedModels(listed, self.marks, self.catalogue)
        self.claims = _Claims(self.rows, self.models, self.catalogue)

    def columns(self, section: UUID) -> dict[int, table.Column]:
        """Return the columns of a section in order, by their keys in the database."""
        return self._columns.get(section, {})

    def listings(self, section: UUID) -> tuple[table.Listing, ...]:
        """Return the listings of a section in order, resolved."""
        columns = list(self.columns(section).items())
        return tuple(self._listing(listing, columns) for listing in self._listings[section])

    def _listing(self, listing: _Tuple, columns: list[tuple[int, table.Column]]) -> table.Listing:
        key = listing.listing_key
        return table.Listing(
            id=str(listing.pk),
            cells={column.key: self._cell(key, pk, column) for pk, column in columns},
        )

    def _cell(self, listing: str, pk: int, column: table.Column) -> table.Cell:
        if column.role is ColumnRole.MODELS:
            return table.Cell(tuple(self.models.items.get(listing, ())))
        if column.role is ColumnRole.PROVIDERS:
            return table.Cell(tuple(map(self._provider, self.rows.providers[listing])))
        stated = self.rows.cells.get((listing, pk), [])
        if column.role is ColumnRole.DOCUMENTS:
            return self._documents(listing, stated)
        if column.role.is_claim:
            return self._claim(listing, column, stated)
        return table.Cell(tuple(self._text(column, cell) for cell in stated))

    def _provider(self, listed: _Tuple) -> table.ProviderItem:
        provider = self.catalogue.providers[listed.provider_id]
        return table.ProviderItem(
            provider.slug,
            listed.text or inline.escape(provider.name),
            self.marks.on("listed_provider", listed.pk, "provider", provider.pk),
        )

    def _text(self, column: table.Column, cell: _Tuple) -> table.TextItem:
        country = None
        if column.role is ColumnRole.PLACES:
            country = country_named(inline.plain(cell.text), self.register.language)
        return table.TextItem(cell.text, country, self.marks.on("cell", cell.pk))

    def _claim(self, listing: str, column: table.Column, stated: list[_Tuple]) -> table.Cell:
        if not stated:
            return self.claims.derived(listing, column)
        [cell] = stated
        if cell.is_blank:
            return table.empty_cell(column.role)
        return self.claims.stated(column, cell, self.marks.on("cell", cell.pk))

    def _documents(self, listing: str, blank: list[_Tuple]) -> table.Cell:
        if named := self.rows.documents[listing]:
            items = [
                _document(row.document, self.marks.on("listed_document", row.pk)) for row in named
            ]
            return table.Cell(tuple(items), Basis.STATED)
        # Real rows show no document although their provider has some.
        if blank:
            return table.empty_cell(ColumnRole.DOCUMENTS)
        derived: list[table.Item] = []
        for provider in dict.fromkeys(row.provider_id for row in self.rows.providers[listing]):
            derived += self.catalogue.default_documents[provider]
        return table.Cell(tuple(derived), Basis.DERIVED)


class _ListedRows:
    """What the listings of a register list, but for models, and state: by the key of a listing."""

    def __init__(self, of_register: Mapping[str, Any]) -> None:
        self.listed_providers = ListedProvider.objects.filter(**of_register)
        providers = _keyed(self.listed_providers)
        self.providers = _grouped(
            "listing_key", _tuples(providers, "listing_key", "pk", "text", "provider_id")
        )
        named = ListedDocument.objects.filter(**of_register).select_related("document__provider")
        self.documents = _grouped("listing_key", _keyed(named))
        # By listing and column.
        self.cells: defaultdict[tuple[str, int], list[_Tuple]] = defaultdict(list)
        for cell in _tuples(
            _keyed(Cell.objects.filter(**of_register)),
            *("listing_key", "column_id", "pk", "text", "use", "term_id", "is_blank"),
        ):
            self.cells[cell.listing_key, cell.column_id].append(cell)


class _Catalogue:
    """The providers, terms and documents behind listed rows."""

    def __init__(self, rows: _ListedRows) -> None:
        self._rows = rows
        listed = rows.listed_providers.values("provider")
        self.providers = {
            provider.pk: provider for provider in Provider.objects.filter(pk__in=listed)
        }
        # A document that an import added to a provider of another page is not a default (ADR 0002).
        documents = PolicyDocument.objects.filter(provider__in=listed, is_default=True)
        self.default_documents: defaultdict[int | None, list[table.DocumentItem]]
        self.default_documents = defaultdict(list)
        for document in documents.select_related("provider"):
            self.default_documents[document.provider_id].append(_document(document, ()))
        self.terms = {
            term.pk: term.to_snapshot()
            for term in RetentionTerm.objects.prefetch_related("clauses")
        }

    def term(self, pk: int | None) -> table.Term | None:
        return None if pk is None else self.terms[pk]

    def snapshot_providers(self) -> dict[str, snapshot.Provider]:
        """Return what is known of each provider that is listed or has a listed document, by id."""
        providers = list(self.providers.values())
        for named_documents in self._rows.documents.values():
            for named in named_documents:
                if named.document.provider:
                    providers.append(named.document.provider)
        return {provider.slug: self._snapshot_provider(provider) for provider in providers}

    def declared(self, provider: int) -> snapshot.Declared | None:
        """Return what a listed provider declares, by its key; None where it declares nothing."""
        return self._declared(self.providers[provider])

    def _declared(self, provider: Provider) -> snapshot.Declared | None:
        training = provider.declared_training
        retention = self.term(provider.declared_retention_id)
        if not training and not retention:
            return None
        return snapshot.Declared(TrainingUse(training) if training else None, retention)

    def _snapshot_provider(self, provider: Provider) -> snapshot.Provider:
        return snapshot.Provider(
            id=provider.slug,
            name=provider.name,
            legal_entity=provider.legal_entity,
            website=provider.website,
            processing_countries=tuple(country.code for country in provider.processing_countries),
            storage_countries=tuple(country.code for country in provider.storage_countries),
            aliases=_lines(provider.aliases),
            declared=self._declared(provider),
        )


class _ListedModels:
    """The models of a register's listings: their items, their floors, and what is known of them."""

    def __init__(
        self, of_register: Mapping[str, Any], marks: "_Marks", catalogue: _Catalogue
    ) -> None:
        # By the key of the listing.
        self.items: defaultdict[str, list[table.ModelItem]] = defaultdict(list)
        self.floors: defaultdict[str, set[int]] = defaultdict(set)
        # By the id of the model.
        self.known: dict[str, snapshot.Model] = {}
        listed = _keyed(ListedModel.objects.filter(**of_register))
        of_model = ("slug", "name", "developer", "aliases", "retention_floor_id", "continues")
        rows = listed.values_list(
            "listing_key", "pk", "text", "model_id", *(f"model__{field}" for field in of_model)
        )
        # Each row is let go at once: 100,000 that are kept cost more time than reading them.
        for key, pk, text, model, slug, *facts in rows.iterator():
            name, developer, aliases, floor, continues = facts
            marked = marks.on("listed_model", pk, "model", model)
            self.items[key].append(table.ModelItem(slug, text or inline.escape(name), marked))
            if floor is not None:
                self.floors[key].add(floor)
            if slug not in self.known:
                self.known[slug] = snapshot.Model(
                    id=slug,
                    name=name,
                    developer=developer,
                    aliases=_lines(aliases),
                    retention_floor=catalogue.term(floor),
                    continues=_lines(continues),
                )


class _Claims:
    """The claims of listings, stated and derived."""

    def __init__(self, rows: _ListedRows, models: _ListedModels, catalogue: _Catalogue) -> None:
        self._rows = rows
        self._models = models
        self._catalogue = catalogue
        # Few terms and few sets of providers stand behind many rows.
        self._terms: dict[tuple[table.Column, int], table.Term] = {}
        self._derived: dict[tuple[Any, ...], table.Cell] = {}

    def stated(self, column: table.Column, cell: _Tuple, marks: Numbers) -> table.Cell:
        """Return the cell that a listing states."""
        if column.role is ColumnRole.TRAINING:
            use = TrainingUse(cell.use)
            text = cell.text or inline.escape(training_text(use, asks=column.asks))
            return table.Cell((table.ClaimItem(text, marks),), Basis.STATED, use=use)
        key = (column, cell.term_id)
        if key not in self._terms:
            self._terms[key] = term_in(column, self._catalogue.terms[cell.term_id])
        term = self._terms[key]
        item = table.ClaimItem(cell.text or term.text, marks)
        return table.Cell((item,), Basis.STATED, clauses=term.clauses)

    def derived(self, listing: str, column: table.Column) -> table.Cell:
        """Return the cell that follows from the providers and models of a listing."""
        providers = tuple(row.provider_id for row in self._rows.providers[listing])
        floors = self._models.floors.get(listing, ())
        key = (column, providers, tuple(sorted(floors)))
        if key not in self._derived:
            self._derived[key] = self._derive(*key)
        return self._derived[key]

    def _derive(
        self, column: table.Column, providers: Sequence[int], floors: Iterable[int]
    ) -> table.Cell:
        declared = [self._catalogue.declared(provider) for provider in providers]
        terms = self._catalogue.terms
        return derived_cell(column, declared, [terms[floor] for floor in floors])


class _Marks:
    """The numbers of the footnotes that mark each target of a register."""

    def __init__(self, register: Register) -> None:
        # By the field of a citation that points at the target, and the key of the target.
        self._numbers: dict[str, defaultdict[Any, Numbers]]
        self._numbers = {target: defaultdict(tuple) for target in Citation.TARGETS}
        # Registers share providers and models, but no footnotes: only this register's may mark.
        citations = Citation.objects.filter(footnote__register=register)
        keys = [f"{target}_id" for target in Citation.TARGETS]
        for number, *targets in citations.values_list("footnote__position", *keys):
            for target, key in zip(Citation.TARGETS, targets, strict=True):
                if key is not None:
                    self._numbers[target][key] += (number,)

    def on(self, target: str, key: Any, everywhere: str = "", record: Any = None) -> Numbers:
        """Return the numbers on an item, each once, in order.

        `everywhere` and `record` are the target that marks it wherever it is listed.
        """
        numbers = self._numbers[target].get(key, ())
        if everywhere:
            numbers += self._numbers[everywhere].get(record, ())
        return tuple(sorted(set(numbers))) if numbers else ()


def _columns(register: Register) -> Mapping[UUID, dict[int, table.Column]]:
    columns: defaultdict[UUID, dict[int, table.Column]] = defaultdict(dict)
    for column in Column.objects.filter(section__register=register):
        columns[column.section_id][column.pk] = column.to_snapshot()
    return columns


def _document(document: PolicyDocument, marks: Numbers) -> table.DocumentItem:
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
    return tuple(line.strip() for line in text.splitlines() if line.strip()) if text else ()


def _keyed(rows: QuerySet[Any], listing: str = "listing_id") -> QuerySet[Any]:
    """Return rows with the key of their listing as `listing_key`, in the database's own text.

    To make a UUID of each would take as long as all the rest.
    """
    keyed: QuerySet[Any] = rows.annotate(listing_key=Cast(listing, TextField()))
    return keyed


def _tuples(rows: QuerySet[Any], *columns: str) -> Iterable[_Tuple]:
    return rows.values_list(*columns, named=True)


def _grouped(attribute: str, records: Iterable[Any]) -> defaultdict[Any, list[Any]]:
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for record in records:
        grouped[getattr(record, attribute)].append(record)
    return grouped
