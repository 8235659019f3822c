"""Rules for listings: each says something, and says it once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from compliance.page.diff.sentences import capitalised
from compliance.page.rules.context import RuleContext, rows_with_providers
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.table import Row
from compliance.page.vocabulary import ColumnRole


@rule("no-model", Severity.BLOCKER)
def no_model(context: RuleContext) -> Iterator[Fault]:
    """A listing has a model, where its table has a column for them.

    A row whose last model was retired is a promise about nothing.
    """
    for row, _ in context.rows_with(_lacks_models):
        name = capitalised(context.the_row(row))
        message = f"{name} has no model. Name the one that it is about, or retire the row."
        yield Fault(SubjectKind.LISTING, row.id, message)


@rule("no-provider", Severity.BLOCKER)
def no_provider(context: RuleContext) -> Iterator[Fault]:
    """A listing has a provider, where its table has a column for them.

    The page exists to say who gets the prompts; a row without providers says that nobody does.
    """
    for row, _ in context.rows_with(_lacks_providers):
        name = capitalised(context.the_row(row))
        message = f"{name} has no provider. Name who gets the prompts, or retire the row."
        yield Fault(SubjectKind.LISTING, row.id, message)


@rule("no-listing", Severity.WARNING)
def no_listing(context: RuleContext) -> Iterator[Fault]:
    """A page lists something, and so does each of its tables.

    A page that lists nothing says that nobody gets prompts. It can be the result of a mistake when
    listings are chosen for publication.
    """
    slug = context.snapshot.register.slug
    if not context.rows:
        message = (
            "The page lists nothing. Choose a row, or say in the answer why nobody gets prompts."
        )
        yield Fault(SubjectKind.REGISTER, slug, message)
        return
    for section in context.snapshot.sections:
        if section.columns and not section.listings:
            name = capitalised(context.section_names[section.id])
            message = f"{name} lists nothing. Choose a row of it, or hold its columns back."
            yield Fault(SubjectKind.REGISTER, slug, message, among=(section.id,))


@rule("model-twice-in-listing", Severity.WARNING)
def model_twice_in_listing(context: RuleContext) -> Iterator[Fault]:
    """A listing names a model once.

    Who adds a model to a long row may not see that it stands there already, and who retires it
    later may take away one of the two.
    """
    for row, repeated in context.rows_with(_repeated_models):
        for id, count in repeated.items():
            message = (
                f"{context.models[id]} stands {count} times in {context.the_row(row)}. "
                "Name it once, or write the model meant."
            )
            yield Fault(SubjectKind.MODEL, id, message, among=(row.id,))


@rule("provider-twice-in-listing", Severity.WARNING)
def provider_twice_in_listing(context: RuleContext) -> Iterator[Fault]:
    """A listing names a provider once.

    A reader who counts the recipients of a prompt would count it twice, and an editor who removes
    one of the two lines may believe the provider gone.
    """
    for row, repeated in context.rows_with(_repeated_providers):
        for id, count in repeated.items():
            message = (
                f"{context.recipients[id]} stands {count} times in {context.the_row(row)}. "
                "Name it once, or write the provider meant."
            )
            yield Fault(SubjectKind.PROVIDER, id, message, among=(row.id,))


@rule("model-in-two-listings", Severity.WARNING)
def model_in_two_listings(context: RuleContext) -> Iterator[Fault]:
    """A model stands in one listing of a table, or in one for each provider.

    A reader who finds a model in one row does not look for another. Where both rows name the same
    provider, they may promise different things about the same prompts. One row for each host, or
    for each region or plan that a column names, is no fault.
    """
    for id in context.rows_of_model.repeated:
        doubled = _not_told_apart(context.rows_of_model[id])
        if doubled:
            message = (
                f"{context.models[id]} stands in {len(doubled)} rows: {context.the_rows(doubled)}. "
                "Say in a column what tells them apart, name it in one of them, or say "
                "in the answer why it needs them."
            )
            parts = [part for row in doubled for part in rows_with_providers(row)]
            yield Fault(SubjectKind.MODEL, id, message, parts=parts)


def _not_told_apart(rows: list[Row]) -> list[Row]:
    """Return the rows that have another beside them in their table for the same thing."""
    rows_about: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        for thing in _things(row):
            rows_about[thing].append(row)
    doubled: dict[str, Row] = {}
    for alike in rows_about.values():
        if len(alike) > 1:
            doubled.update((row.id, row) for row in alike)
    return [row for row in rows if row.id in doubled]


def _things(row: Row) -> list[Any]:
    """Return what a row of a model is about: a provider, and what its text and place cells say."""
    words = tuple(cell.plain for column, cell in row.cells if column.role.is_text)
    providers = dict.fromkeys(item.provider for item in row.providers) or [None]
    return [(row.section.id, provider, words) for provider in providers]


@rule("row-twice", Severity.WARNING)
def row_twice(context: RuleContext) -> Iterator[Fault]:
    """No two rows of a table say the same.

    Two equal rows look like two entries, and an editor who changes one of them leaves the other as
    it was. Rows with models are judged by the rule `model-in-two-listings` instead.
    """
    for rows in _equal_rows(context):
        message = (
            f"{len(rows)} rows of a table say the same: {context.the_row(rows[0])}. "
            "Keep one of them, or say in a column what tells them apart."
        )
        values = tuple(cell.plain for _, cell in rows[0].cells)
        yield Fault(SubjectKind.LISTING, rows[0].id, message, values=values, is_anywhere=True)


def _lacks_models(row: Row) -> bool:
    return row.section.column(ColumnRole.MODELS) is not None and not row.models


def _lacks_providers(row: Row) -> bool:
    return row.section.column(ColumnRole.PROVIDERS) is not None and not row.providers


def _repeated_models(row: Row) -> dict[str, int]:
    return _repeated(item.model for item in row.models)


def _repeated_providers(row: Row) -> dict[str, int]:
    return _repeated(item.provider for item in row.providers)


def _repeated(ids: Iterable[str]) -> dict[str, int]:
    return {id: count for id, count in Counter(ids).items() if count > 1}


def _words_without_models(row: Row) -> tuple[str, ...]:
    """Return what the cells of a row read, where it names no model and says something."""
    words = () if row.models else tuple(cell.plain for _, cell in row.cells)
    return words if any(words) else ()


def _equal_rows(context: RuleContext) -> list[list[Row]]:
    """Return the groups of rows without models in which each cell reads the same, by table."""
    alike: defaultdict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    for row, words in context.rows_with(_words_without_models):
        alike[row.section.id, words].append(row)
    return [rows for rows in alike.values() if len(rows) > 1]
