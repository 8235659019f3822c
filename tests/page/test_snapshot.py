import hashlib
from typing import Any

import pytest

from compliance.page.formats import markdown
from compliance.page.snapshot import Snapshot
from compliance.page.values import MalformedSnapshot
from tests.page.formats.markdown.test_writer import PAGE


@pytest.fixture
def shape() -> dict[str, Any]:
    return markdown.parse(PAGE).to_dict()


def test_a_snapshot_comes_back_from_its_public_shape(shape: dict[str, Any]):
    assert Snapshot.from_dict(shape) == markdown.parse(PAGE)
    assert list(shape) == ["schema", "register", "listings", "footnotes"]


def test_unknown_keys_are_ignored(shape: dict[str, Any]):
    assert Snapshot.from_dict(shape | {"later": 1}) == markdown.parse(PAGE)


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
        (["listings"], {}, r"\$\.listings must be a list"),
        (["listings", 0, "training", "use"], "maybe", "'maybe'; it must be one of never"),
        (["footnotes", 1, "number"], True, r"\$\.footnotes\[1\]\.number must be a whole number"),
        (["footnotes", 1, "number"], 0, r"\$\.footnotes\[1\]\.number is 0, which is below 1"),
        (["footnotes", 1, "number"], 1, r"\$\.footnotes\[1\]\.number is 1, which is there twice"),
        (
            ["listings", 1, "training", "footnotes"],
            [3],
            r"\$\.listings\[1\] cites footnote 3, which is not there",
        ),
        (
            ["listings", 0, "documents", 0, "url"],
            "",
            r"\$\.listings\[0\]\.documents\[0\]\.url is empty",
        ),
        (
            ["listings", 0, "retention", "clauses", 0, "duration"],
            None,
            r"clauses\[0\]\.duration is None; write for",
        ),
        (
            ["listings", 0, "retention", "clauses", 0, "duration"],
            "30 days",
            r"duration is '30 days'; write for",
        ),
        (
            ["listings", 0, "retention", "clauses", 0, "duration"],
            "P0D",
            r"duration is 'P0D'; write for",
        ),
        (
            ["listings", 0, "retention", "clauses", 0, "kind"],
            "none",
            r"'P30D'; for the kind none it must be null",
        ),
        (["listings", 0, "models", 0], None, r"\$\.listings\[0\]\.models\[0\] must be an object"),
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
