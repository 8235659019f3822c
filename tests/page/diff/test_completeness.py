"""compliance.page.diff: no difference between two pages goes untold, whatever the field.

What is changed is derived from the dataclasses, so that a field that is added later is tried too.
"""

import datetime
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest

from compliance.page.catalogue import catalogue
from compliance.page.diff import compare
from compliance.page.snapshot import Snapshot
from compliance.page.table import DocumentItem, ModelItem, ProviderItem
from tests.page.diff.shapes import PAGE

UNTOLD = "The page differs in a detail that no sentence describes."
# What tells which part of a page continues which: ids, numbers of footnotes, and of a column its key
# and its role. A register's slug is its address.
IDENTITIES = {"id", "document", "number", "slug", "key", "role"}
# Fields that name something else on the page, which must be there.
REFERENCES = {
    (ModelItem, "model"): "atlas",
    (ProviderItem, "provider"): "bolt",
    (DocumentItem, "provider"): "bolt",
}


def altered(value: Any, hint: Any, name: str) -> Iterator[Any]:
    """Give other values of a field's type."""
    options = [option for option in get_args(hint) if option is not type(None)]
    kind = options[0] if options and value is None else type(value)
    if value is not None and type(None) in get_args(hint):
        yield None
    if name == "duration":
        yield "P90D"
    elif name == "footnotes" and value in ((), (1,), (2,)):
        yield (2,) if value == (1,) else (1,)
    elif isinstance(value, tuple):
        if value:
            yield value[1:]
        if len(value) > 1:
            yield value[::-1]
        if hint == tuple[str, ...]:
            yield (*value, "other")
    elif issubclass(kind, StrEnum):
        yield from [member for member in kind if member is not value][:1]
    elif kind is datetime.date:
        yield datetime.date(2031, 1, 1)
    elif issubclass(kind, str):
        yield f"{value or ''} other"
    elif kind is int:
        yield value + 100


def variants(value: Any) -> Iterator[tuple[str, Any]]:
    """Give a value changed in one place, each with the path to the place."""
    hints = get_type_hints(type(value))
    for field in fields(value):
        name, current = field.name, getattr(value, field.name)
        if name in IDENTITIES:
            continue
        if (type(value), name) in REFERENCES:
            others = [REFERENCES[type(value), name]]
        elif name == "cells":
            others = []
        else:
            others = list(altered(current, hints[name], name))
        for number, other in enumerate(others):
            if other != current:
                yield f"{name}-{number}", replace(value, **{name: other})
        for path, changed in inner_variants(current):
            yield f"{name}.{path}", replace(value, **{name: changed})


def inner_variants(value: Any) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value):
        yield from variants(value)
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            if is_dataclass(item):
                for path, changed in variants(item):
                    yield f"{place}.{path}", (*value[:place], changed, *value[place + 1 :])
    elif isinstance(value, dict):
        for key, item in value.items():
            for path, changed in inner_variants(item):
                yield f"{key}.{path}", {**value, key: changed}


def is_sound(page: Snapshot) -> bool:
    """Return whether a page can be: its JSON gives it back, and its notes are in order."""
    try:
        if Snapshot.from_dict(page.to_dict()) != page:
            return False
    except ValueError:
        return False
    numbers = [note.number for note in page.footnotes]
    # A page prints its footnotes in the order of their numbers.
    return numbers == sorted(numbers)


def with_catalogue(page: Snapshot) -> Snapshot:
    """Return a page whose catalogue holds what its sections name."""
    known_models = {model.id: model for model in (*PAGE.models, *page.models)}
    known_providers = {provider.id: provider for provider in (*PAGE.providers, *page.providers)}
    models, providers = catalogue(page.sections, known_models, known_providers)
    return replace(page, models=models, providers=providers)


@pytest.fixture(scope="module")
def pages() -> dict[str, Snapshot]:
    """The pages that differ from PAGE in one place, by the path to the place."""
    changed = {path: with_catalogue(page) for path, page in variants(PAGE)}
    return {path: page for path, page in changed.items() if page != PAGE and is_sound(page)}


def test_a_difference_in_one_place_is_told_by_a_sentence(pages):
    for path, page in pages.items():
        there, back = compare(PAGE, page), compare(page, PAGE)

        assert there, path
        assert back, path
        assert UNTOLD not in [change.sentence for change in (*there, *back)], path
        assert len({change.key for change in there}) == len(there), path


def test_every_field_that_a_page_has_is_changed_by_some_variant(pages):
    tried = {step.split("-")[0] for path in pages for step in path.split(".")}
    named = {field.name for kind in _kinds(PAGE) for field in fields(kind)}

    assert named - tried == IDENTITIES


def _kinds(value: Any) -> Iterator[Any]:
    if is_dataclass(value):
        yield type(value)
        for field in fields(value):
            yield from _kinds(getattr(value, field.name))
    for item in value.values() if isinstance(value, dict) else ():
        yield from _kinds(item)
    for item in value if isinstance(value, tuple) else ():
        yield from _kinds(item)


def test_a_page_has_no_changes_from_itself():
    assert compare(PAGE, PAGE) == ()
