"""A snapshot as CSV: one line for each offering (a model at a provider)."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product

from compliance.page import inline
from compliance.page.claims import effective
from compliance.page.descriptions import describe_clauses
from compliance.page.severity import worst_clause
from compliance.page.snapshot import Declared, Model, Provider, Snapshot
from compliance.page.table import (
    Cell,
    Clause,
    Column,
    DocumentItem,
    Item,
    ModelItem,
    ProviderItem,
    Row,
)
from compliance.page.vocabulary import ONCE_IN_A_TABLE, ColumnRole

ABOUT = (
    "One offering a line: a model at a provider. A cell that begins with = + - @, their "
    "full-width forms, a tabulator, a line break or an apostrophe has an apostrophe before it: "
    "take one off every cell that begins with one."
)
# In the words of https://www.w3.org/TR/tabular-metadata/#dialect-descriptions.
DIALECT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "quoteChar": '"',
    "doubleQuote": True,
    "lineTerminators": ["\r\n"],
    "header": True,
    "commentPrefix": None,
    "trim": False,
}
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# And the apostrophe, so that one can be taken off every cell that begins with one.
_GUARDED = (*FORMULA_STARTS, "'")
_OFFERING_ROLES = sorted(
    (
        ColumnRole.MODELS,
        ColumnRole.PROVIDERS,
        ColumnRole.TRAINING,
        ColumnRole.RETENTION,
        ColumnRole.DOCUMENTS,
    )
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A listing with one of its models and one of its providers, where it has them."""

    heading: str
    row: Row
    model_item: ModelItem | None
    provider_item: ProviderItem | None
    model: Model | None
    provider: Provider | None

    @property
    def declared(self) -> Declared:
        """What the provider declares."""
        found = self.provider.declared if self.provider else None
        return found or Declared(None, None)

    @property
    def documents(self) -> list[DocumentItem]:
        """The documents of the row without those of its other providers.

        A document of a provider that the row does not name has no line of its own.
        """
        others = {item.provider for item in self.row.providers}
        if self.provider:
            others.discard(self.provider.id)
        return [document for document in self.row.documents if document.provider not in others]

    def claim(self, role: ColumnRole) -> Cell:
        """Return the cell of the first column with a role, an empty one where there is none."""
        return next((cell for _, cell in self.row.claims(role)), Cell())

    def footnotes(self) -> list[int]:
        """Return the numbers of the notes that mark what the line shows, in their order."""
        items: list[Item | None] = [self.model_item, self.provider_item, *self.documents]
        for column, cell in self.row.cells:
            if column.role not in ONCE_IN_A_TABLE:
                items.extend(cell.items)
        return sorted({number for item in items if item for number in item.footnotes})


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of the file: its name, a sentence about it, and its cell in a line."""

    name: str
    about: str
    value: Callable[[_Line], str]


def render(snapshot: Snapshot) -> bytes:
    """Return RFC 4180 lines in UTF-8, all cells quoted, with a header.

    A listing without models or providers still has a line. A cell that begins like a formula or
    with an apostrophe gets an apostrophe before it.
    """
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    wanted = _fields(snapshot)
    writer.writerow(field.name for field in wanted)
    for line in _lines(snapshot):
        writer.writerow(guard_formula(field.value(line)) for field in wanted)
    return target.getvalue().encode("utf-8")


def columns(snapshot: Snapshot) -> dict[str, str]:
    """Return the names of the file's columns, each with a sentence about it."""
    return {field.name: field.about for field in _fields(snapshot)}


def guard_formula(cell: str) -> str:
    """Return a cell with an apostrophe before it if a spreadsheet could take it for a formula."""
    return f"'{cell}" if cell.startswith(_GUARDED) else cell


def _fields(snapshot: Snapshot) -> tuple[_Field, ...]:
    tables = [section.columns for section in snapshot.sections if section.columns]
    if all(sorted(column.role for column in table) == _OFFERING_ROLES for table in tables):
        return _OFFERING_FIELDS
    return (*_PLACE_FIELDS, *_table_fields(tables), *_FACT_FIELDS)


def _lines(snapshot: Snapshot) -> Iterator[_Line]:
    models = {model.id: model for model in snapshot.models}
    providers = {provider.id: provider for provider in snapshot.providers}
    headings = {section.id: section.heading for section in snapshot.sections}
    for row in snapshot.rows():
        for model, provider in product(row.models or (None,), row.providers or (None,)):
            yield _Line(
                headings[row.section.id],
                row,
                model,
                provider,
                models[model.model] if model else None,
                providers[provider.provider] if provider else None,
            )


def _table_fields(tables: Sequence[Sequence[Column]]) -> Iterator[_Field]:
    """Give the fields of the tables' columns, those with one key together."""
    taken = {field.name for field in (*_PLACE_FIELDS, *_FACT_FIELDS)}
    seen: dict[str, Column] = {}
    for table in tables:
        for column in table:
            seen.setdefault(column.key, column)
    for key, column in seen.items():
        # A key cannot hold an underscore, so that this is no other key.
        name = f"{key}_column" if key in taken else key
        yield _Field(name, f"The column “{column.label}” as printed.", partial(_printed, key))
        if column.role is ColumnRole.TRAINING:
            about = f"What “{name}” means: {_USES}"
            yield _Field(f"{name}_use", about, partial(_use_in, key))
        elif column.role is ColumnRole.RETENTION:
            about = f"What “{name}” means, in the words of the registry."
            yield _Field(f"{name}_clauses", about, partial(_clauses_in, key))


def _printed(key: str, line: _Line) -> str:
    """Return what a line prints in a column: of models and providers, its own alone."""
    column = next((column for column in line.row.section.columns if column.key == key), None)
    if column is None:
        return ""
    if column.role is ColumnRole.MODELS:
        return _words(line.model_item.text) if line.model_item else ""
    if column.role is ColumnRole.PROVIDERS:
        return _words(line.provider_item.text) if line.provider_item else ""
    if column.role is ColumnRole.DOCUMENTS:
        return _documents(line)
    return "; ".join(_words(item.text) for item in _cell(line, key).items)


@lru_cache(maxsize=10_000)
def _words(text: str) -> str:
    """Return the words of a text. It is remembered, as a row repeats its texts on many lines."""
    return inline.plain(text)


def _use_in(key: str, line: _Line) -> str:
    return _use(_cell(line, key))


def _clauses_in(key: str, line: _Line) -> str:
    return _clauses(_cell(line, key))


def _cell(line: _Line, key: str) -> Cell:
    return line.row.listing.cells.get(key, Cell())


def _use(cell: Cell) -> str:
    return cell.use.value if cell.use else ""


def _clauses(cell: Cell) -> str:
    return describe_clauses(cell.clauses) if cell.clauses else ""


def _worst(line: _Line) -> Clause:
    """Return the worst clause that always applies, over all retention columns of the row."""
    return worst_clause(effective(line.row))


def _documents(line: _Line) -> str:
    return "; ".join(map(_reference, line.documents))


def _reference(document: DocumentItem) -> str:
    address = f" <{document.url}>" if document.url else ""
    since = f" from {document.valid_from}" if document.valid_from else ""
    until = f" until {document.valid_until}" if document.valid_until else ""
    valid = f" (valid{since}{until})" if since or until else ""
    return f"{_words(document.text)}{address}{valid}"


_USES = "never, opt_in, conditional, opt_out, by_default, not_stated or unknown."
_PLACE_FIELDS = (
    _Field("listing_id", "The row of the page, by an id that stays.", lambda line: line.row.id),
    _Field(
        "section",
        "The first heading above the row's table; empty where there is none.",
        lambda line: line.heading,
    ),
)
_MODEL_FIELDS = (
    _Field(
        "model_id",
        "The model, by an id that stays; empty where the row names none.",
        lambda line: line.model.id if line.model else "",
    ),
    _Field(
        "developer", "Who made the model.", lambda line: line.model.developer if line.model else ""
    ),
    _Field(
        "model_aliases",
        "Other names and API ids of the model, apart by semicolons.",
        lambda line: "; ".join(line.model.aliases) if line.model else "",
    ),
    _Field(
        "model_continues",
        "The ids of the models whose history it takes on, apart by semicolons.",
        lambda line: "; ".join(line.model.continues) if line.model else "",
    ),
)
_PROVIDER_FIELDS = (
    _Field(
        "provider_id",
        "The provider, by an id that stays; empty where the row names none.",
        lambda line: line.provider.id if line.provider else "",
    ),
    _Field(
        "legal_entity",
        "The company behind the provider.",
        lambda line: line.provider.legal_entity if line.provider else "",
    ),
    _Field(
        "website",
        "The provider's website.",
        lambda line: line.provider.website if line.provider else "",
    ),
    _Field(
        "provider_aliases",
        "Other names of the provider, apart by semicolons.",
        lambda line: "; ".join(line.provider.aliases) if line.provider else "",
    ),
    _Field(
        "processing_countries",
        "Where the provider processes data: ISO 3166 codes, apart by blanks.",
        lambda line: " ".join(line.provider.processing_countries) if line.provider else "",
    ),
    _Field(
        "storage_countries",
        "Where the provider stores data: ISO 3166 codes, apart by blanks.",
        lambda line: " ".join(line.provider.storage_countries) if line.provider else "",
    ),
    _Field(
        "declared_training_use",
        "What the provider declares for all it is sent; empty where it declares nothing.",
        lambda line: line.declared.training.value if line.declared.training else "",
    ),
    _Field(
        "declared_retention",
        "How long the provider declares to keep data; empty where it declares nothing.",
        lambda line: line.declared.retention.text if line.declared.retention else "",
    ),
)
_MARKS_FIELD = _Field(
    "footnotes",
    "The numbers of the notes that mark any of these, apart by blanks.",
    lambda line: " ".join(map(str, line.footnotes())),
)
_FACT_FIELDS = (*_MODEL_FIELDS, *_PROVIDER_FIELDS, _MARKS_FIELD)
_OFFERING_FIELDS = (
    *_PLACE_FIELDS,
    _Field(
        "model",
        "The model as printed.",
        lambda line: line.model_item.plain if line.model_item else "",
    ),
    *_MODEL_FIELDS,
    _Field(
        "provider",
        "The provider as printed.",
        lambda line: line.provider_item.plain if line.provider_item else "",
    ),
    *_PROVIDER_FIELDS,
    _Field(
        "training_use",
        f"Whether prompts are used for training: {_USES}",
        lambda line: _use(line.claim(ColumnRole.TRAINING)),
    ),
    _Field(
        "training",
        "The same as printed.",
        lambda line: line.claim(ColumnRole.TRAINING).plain,
    ),
    _Field(
        "retention",
        "How long data are kept, as printed for the row.",
        lambda line: line.claim(ColumnRole.RETENTION).plain,
    ),
    _Field(
        "retention_clauses",
        "The same in the words of the registry, clauses apart by semicolons.",
        lambda line: _clauses(line.claim(ColumnRole.RETENTION)),
    ),
    _Field(
        "retention_kind",
        "How the worst clause that always applies ends: none, duration, until_event, indefinite, "
        "kept, not_stated or unknown. A row that does not say how long all prompts and outputs are "
        "kept has one that is not_stated.",
        lambda line: _worst(line).kind.value,
    ),
    _Field(
        "retention_duration",
        "The duration of that clause in ISO 8601; empty where it has none.",
        lambda line: _worst(line).duration or "",
    ),
    _Field(
        "documents",
        "The documents of the row without those of its other providers, apart by semicolons, each "
        "with its address in angle brackets and its validity.",
        _documents,
    ),
    _MARKS_FIELD,
)
