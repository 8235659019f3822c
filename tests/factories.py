"""Factories: each call creates one record, with default values for what is not given.

A factory opens a changeset if none is open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from compliance.models import (
    AIModel,
    Cell,
    Citation,
    Column,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionClause,
    RetentionTerm,
    Section,
    User,
)
from compliance.models.changesets import NoChangeset, changeset, current_changeset

# All have five digits, so that records sorted by name are in the order of their creation.
_numbers = count(10_001)


@contextmanager
def recorded() -> Iterator[None]:
    """Use the open changeset, or open one."""
    try:
        current_changeset()
    except NoChangeset:
        with changeset(by=None, label="tests", reason="Set the scene", source="command"):
            yield
    else:
        yield


def _saved(record: Any) -> Any:
    with recorded():
        record.save()
    return record


def make_user(name: str = "", *, role: str = "", **values: Any) -> User:
    """Create a member of staff; `role` is "editor", "approver", "auditor" or none.

    Nobody invited them: bulk_create() sends no signal, so the record of a test has only what it is
    about.
    """
    values = {"is_staff": True, **values}
    user = User(username=name or f"user{next(_numbers)}", **values)
    user.set_password(values.get("password"))
    User.objects.bulk_create([user])
    if user.is_superuser:
        user.save()  # to record it
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


# The columns of a register's table unless a test says otherwise: role, label, what it asks.
STANDARD_COLUMNS = (
    {"role": "models", "label": "Model"},
    {"role": "providers", "label": "Model Provider"},
    {"role": "training", "label": "Trains on User Data via API", "asks": "trains"},
    {"role": "retention", "label": "Data Retention for API", "asks": "how_long"},
    {"role": "documents", "label": "Privacy Policy / FAQ"},
)
# The value of a cell that is empty on purpose.
BLANK = object()


def make_register(
    *, columns: Sequence[dict[str, Any]] = STANDARD_COLUMNS, prose: str = "", **values: Any
) -> Register:
    """Create a register with one section, whose table has these columns; none without `columns`."""
    values.setdefault("slug", f"register-{next(_numbers)}")
    values.setdefault("title", "Models and privacy")
    with recorded():
        register = _saved(Register(**values))
        if columns or prose:
            make_section(register, columns=columns, prose=prose)
    return register


def make_section(
    register: Register | None = None, *, columns: Sequence[dict[str, Any]] = (), **values: Any
) -> Section:
    """Create a section at the end of a register; `columns` has the fields of each column."""
    with recorded():
        register = register or make_register(columns=())
        values.setdefault("position", 10 * (register.sections.count() + 1))
        section = _saved(Section(register=register, **values))
        for column in columns:
            make_column(section, **column)
    return section


def make_column(section: Section, role: str = "text", **values: Any) -> Column:
    """Create a column at the end of a section's table."""
    values.setdefault("position", 10 * (section.columns.count() + 1))
    return _saved(Column(section=section, role=role, **values))


def make_term(
    wording: str = "", *, clauses: Sequence[dict[str, Any]] = (), **values: Any
) -> RetentionTerm:
    """Create a retention term; `clauses` has the fields of each clause."""
    with recorded():
        term = _saved(RetentionTerm(wording=wording or f"{next(_numbers)} days", **values))
        for position, clause in enumerate(clauses, start=1):
            RetentionClause(term=term, position=position * 10, **clause).save()
    return term


def make_provider(name: str = "", **values: Any) -> Provider:
    """Create a provider without documents."""
    return _saved(Provider(name=name or f"Provider {next(_numbers)}", **values))


def make_document(provider: Provider | None = None, **values: Any) -> PolicyDocument:
    """Create a policy document with a URL, and a provider for it if none is given."""
    values.setdefault("url", f"https://example.com/privacy/{next(_numbers)}")
    return _saved(PolicyDocument(provider=provider or make_provider(), **values))


def make_model(name: str = "", **values: Any) -> AIModel:
    return _saved(AIModel(name=name or f"Model {next(_numbers)}", **values))


def make_listing(
    place: Register | Section | None = None,
    *,
    models: Sequence[str | AIModel] = ("GPT 6",),
    providers: Sequence[str | Provider] = ("Acme AI",),
    documents: Sequence[PolicyDocument] | object = (),
    **values: Any,
) -> Listing:
    """Create a listing at the end of a section, or of the first table of a register.

    Models and providers given by name are created if they do not exist; where the table has no such
    column, the listing has none. `values` are fields of the listing, or cells by the key of their
    column; see `make_cells`.
    """
    with recorded():
        section = _section(place)
        columns = {column.key: column for column in section.columns.all()}
        cells = {key: values.pop(key) for key in list(values) if key in columns}
        values.setdefault("position", 10 * (section.listings.count() + 1))
        listing = _saved(Listing(section=section, **values))
        for position, model in enumerate(models if "models" in columns else (), start=1):
            ListedModel(listing=listing, model=_model(model), position=position * 10).save()
        for position, provider in enumerate(providers if "providers" in columns else (), start=1):
            ListedProvider(
                listing=listing, provider=_provider(provider), position=position * 10
            ).save()
        if documents is BLANK:
            cells["documents"] = BLANK
        else:
            for position, document in enumerate(documents, start=1):
                ListedDocument(listing=listing, document=document, position=position * 10).save()
        for key, value in cells.items():
            make_cells(listing, columns[key], value)
    return listing


def make_cells(listing: Listing, column: Column, value: Any) -> list[Cell]:
    """Create the cells that state a value in a column.

    That is BLANK, or else by the role of the column: a training use, or that and its text; a
    retention term or its wording, or that and the text; one text or several.
    """
    return [
        _saved(Cell(listing=listing, column=column, position=position * 10, **item))
        for position, item in enumerate(_items(column, value), start=1)
    ]


_NOTHING = {"text": "", "use": "", "term": None, "is_blank": False}


def _items(column: Column, value: Any) -> list[dict[str, Any]]:
    if value is BLANK:
        return [{"is_blank": True}]
    if column.role == "training":
        use, text = value if isinstance(value, tuple) else (value, "")
        return [{"use": use, "text": text}]
    if column.role == "retention":
        term, text = value if isinstance(value, tuple) else (value, "")
        return [{"term": _term(term), "text": text}]
    return [{"text": text} for text in ([value] if isinstance(value, str) else value)]


def cell_of(listing: Listing, key: str) -> Cell:
    """Return the cell that a listing states in the column with a key."""
    return listing.cells.get(column__key=key)


def state(listing: Listing, **values: Any) -> None:
    """Make what a listing states exactly this, by the key of the column; None derives it again.

    A cell that is there already stays the same row. See `make_cells` for the values.
    """
    with recorded():
        for key, value in values.items():
            column = listing.section.columns.get(key=key)
            present = list(listing.cells.filter(column=column))
            items = [] if value is None else _items(column, value)
            for cell in present[len(items) :]:
                cell.delete()
            for index, item in enumerate(items):
                cell = Cell(listing=listing, column=column)
                if index < len(present):
                    cell = present[index]
                cell.set(position=10 * (index + 1), **{**_NOTHING, **item})


def _section(place: Register | Section | None) -> Section:
    if isinstance(place, Section):
        return place
    register = place or make_register()
    return register.sections.exclude(columns=None).first() or make_section(
        register, columns=STANDARD_COLUMNS
    )


def _term(term: str | RetentionTerm) -> RetentionTerm:
    if isinstance(term, RetentionTerm):
        return term
    return RetentionTerm.objects.filter(wording=term).first() or make_term(term)


def _model(model: str | AIModel) -> AIModel:
    if isinstance(model, AIModel):
        return model
    return AIModel.objects.filter(name=model).first() or make_model(model)


def _provider(provider: str | Provider) -> Provider:
    if isinstance(provider, Provider):
        return provider
    return Provider.objects.filter(name=provider).first() or make_provider(provider)


def make_footnote(register: Register, **values: Any) -> Footnote:
    """Create the next footnote of a register."""
    values.setdefault("position", register.footnotes.count() + 1)
    values.setdefault("text", "A note.")
    return _saved(Footnote(register=register, **values))


def cite(footnote: Footnote, **target: Any) -> Citation:
    """Cite a footnote on a target: `cell=`, `listed_model=`, `provider=` …"""
    return _saved(Citation(footnote=footnote, **target))
