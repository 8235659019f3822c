import hashlib
from typing import Any

import pytest

from compliance.page import canonical
from compliance.page.formats import markdown
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import Section
from compliance.page.values import MalformedSnapshot
from tests.page.formats.markdown.test_writer import PAGE

COLUMNS = ["sections", 0, "columns"]
LISTINGS = ["sections", 0, "listings"]
ITEMS = [*LISTINGS, 0, "cells"]


@pytest.fixture
def shape() -> dict[str, Any]:
    return markdown.parse(PAGE).to_dict()


def test_a_snapshot_comes_back_from_its_public_shape(shape: dict[str, Any]):
    assert Snapshot.from_dict(shape) == markdown.parse(PAGE)
    assert list(shape) == [
        "schema",
        "register",
        "sections",
        "models",
        "providers",
        "footnotes",
    ]


def test_unknown_keys_are_ignored(shape: dict[str, Any]):
    assert Snapshot.from_dict(shape | {"later": 1}) == markdown.parse(PAGE)


def test_the_canonical_bytes_are_those_of_the_public_shape(shape: dict[str, Any]):
    assert markdown.parse(PAGE).canonical_bytes() == canonical.encode(shape)


def test_the_hash_is_that_of_the_canonical_bytes():
    snapshot = markdown.parse(PAGE)

    assert snapshot.content_sha256() == hashlib.sha256(snapshot.canonical_bytes()).hexdigest()


def test_marks_come_in_the_order_of_the_page():
    assert list(markdown.parse(PAGE).marks()) == [12, 2, 4, 1, 2, 1]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["schema"], "register/2", "is not a snapshot"),
        (["register", "title"], 1, r"\$\.register\.title must be a text"),
        (["sections"], {}, r"\$\.sections must be a list"),
        ([*LISTINGS, 0, "cells", "training", "use"], "maybe", "'maybe'; it must be one of never"),
        (["footnotes", 1, "number"], True, r"\$\.footnotes\[1\]\.number must be a whole number"),
        (["footnotes", 1, "number"], 0, r"\$\.footnotes\[1\]\.number is 0, which is below 1"),
        (["footnotes", 1, "number"], 1, r"\$\.footnotes\[1\]\.number is 1, which is there twice"),
        (
            [*ITEMS, "training", "items", 0, "footnotes"],
            [3],
            r"listings\[0\]\.cells\.training cites footnote 3, which is not there",
        ),
        (
            [*ITEMS, "documents", "items", 0, "url"],
            "",
            r"cells\.documents\.items\[0\]: url is empty",
        ),
        (
            [*ITEMS, "retention", "clauses", 0, "duration"],
            None,
            r"clauses\[0\]: duration is None; write for",
        ),
        ([*ITEMS, "retention", "clauses", 0, "duration"], "30 days", r"is '30 days'; write for"),
        ([*ITEMS, "retention", "clauses", 0, "duration"], "P0D", r"is 'P0D'; write for"),
        ([*ITEMS, "retention", "clauses", 0, "kind"], "none", r"for the kind none it must be null"),
        ([*ITEMS, "models", "items", 0], None, r"cells\.models\.items\[0\] must be an object"),
        (
            [*ITEMS, "models", "items", 0, "model"],
            "tre",
            r"cells\.models names the model 'tre', which is not in \$\.models",
        ),
        ([*ITEMS, "training", "items"], [], r"cells\.training\.use is .*, and the cell is empty"),
        ([*ITEMS, "retention", "items"], [], r"cells\.retention\.clauses says something, and"),
        ([*ITEMS, "training", "items"], [{"text": "No"}] * 2, r"has 2 items; a claim has one"),
        ([*LISTINGS, 1, "id"], "uno", r"listings\[1\]\.id, 'uno', is there twice"),
        ([*ITEMS, "later"], {"items": []}, r"cells\.later is in no column"),
        ([*COLUMNS, 1, "role"], "models", r"two columns of the role models"),
        ([*COLUMNS, 1, "key"], "models", r"two columns with one key"),
        (
            [*COLUMNS, 3, "key"],
            "retention_blank",
            r"columns\[3\]: The key “retention_blank” is not",
        ),
        ([*COLUMNS, 3, "key"], '"><script>x', r"Use letters, digits and hyphens\."),
        ([*COLUMNS, 3, "key"], "Retention", r"columns\[3\]: The key “Retention” is not one"),
        ([*COLUMNS, 3, "key"], "", r"columns\[3\]: The key “” is not one"),
        ([*COLUMNS, 2, "asks"], "how_long", r"A training column cannot ask how_long"),
        ([*COLUMNS, 0, "unit"], "days", r"columns\[0\]: A models column has neither"),
    ],
)
def test_a_malformed_shape_is_refused_with_its_place(
    shape: dict[str, Any], path: list[Any], value: Any, message: str
):
    target: Any = shape
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value

    with pytest.raises(MalformedSnapshot, match=message):
        Snapshot.from_dict(shape)


@pytest.mark.parametrize("kind", ["models", "providers"])
def test_two_entries_of_one_name_are_refused_with_the_place(shape: dict[str, Any], kind: str):
    first = shape[kind][0]
    shape[kind].append(first | {"id": "another", "name": f" {first['name']}"})
    place = rf"\$\.{kind}\[{len(shape[kind]) - 1}\]\.name, .*, is there twice"

    with pytest.raises(MalformedSnapshot, match=place):
        Snapshot.from_dict(shape)


def test_a_cell_that_a_column_needs_is_refused_where_it_is_missing(shape: dict[str, Any]):
    del shape["sections"][0]["listings"][1]["cells"]["retention"]

    with pytest.raises(MalformedSnapshot, match=r'listings\[1\]\.cells has no "retention"'):
        Snapshot.from_dict(shape)


def test_a_page_prints_text_without_a_table_above_the_next_table():
    table = markdown.parse(PAGE).sections[0]
    above = Section("above", "Above.")
    below = Section("below", "Below.")
    snapshot = Snapshot(Register("a", "A"), (above, table, below))

    first, second = snapshot.printed()["sections"]

    assert first["prose"] == f"Above.\n\n{table.prose}"
    assert second == {"prose": "Below.", "columns": [], "listings": []}


def test_a_model_that_continues_itself_is_refused_with_the_place(shape: dict[str, Any]):
    first, second = shape["models"][:2]
    first["continues"] = [second["id"]]
    assert Snapshot.from_dict(shape).models[0].continues == (second["id"],)

    second["continues"] = [first["id"]]
    with pytest.raises(MalformedSnapshot, match=r"\$\.models\[0\]\.continues leads back to"):
        Snapshot.from_dict(shape)
