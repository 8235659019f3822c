"""Fields that a later version adds to the snapshot: older files are still read and served."""

from dataclasses import dataclass, field, fields, is_dataclass
from itertools import chain, combinations
from typing import Any

import pytest
from jsonschema import Draft202012Validator

# The fixture `later` must not be in place when a view is first imported.
import compliance.urls  # noqa: F401
from compliance.api import schemas
from compliance.api.snapshot_fields import FIELD_DESCRIPTIONS
from compliance.page import snapshot as snapshot_module
from compliance.page.formats import json
from compliance.page.snapshot import Footnote, Model, Register, Snapshot
from compliance.page.values import MalformedSnapshot, required_fields
from compliance.page.vocabulary import Basis
from compliance.published import changelog
from tests.stores import listing, publish, snapshot


@dataclass(frozen=True, slots=True)
class LaterFootnote(Footnote):
    """A footnote with a text more."""

    shown_as: str = "note"


@dataclass(frozen=True, slots=True)
class LaterModel(Model):
    """A model with a choice and a list more."""

    basis: Basis = Basis.STATED
    places: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class LaterRegister(Register):
    """A register with a text more that may be None."""

    review: str | None = None


@dataclass(frozen=True, slots=True)
class LaterSnapshot(Snapshot):
    """The snapshot of a later version."""

    register: LaterRegister
    models: tuple[LaterModel, ...] = ()
    footnotes: tuple[LaterFootnote, ...] = ()
    period: int = 7


# No other test may have this page: what is read of a page is kept for the next reader.
OLDER = snapshot(listing("first"), listing("second"), title="A page from before")
ADDED = {
    "$": ["period"],
    "$.register": ["review"],
    "$.models[0]": ["basis", "places"],
    "$.footnotes[1]": ["shown_as"],
}
ADDED_NAMES = [name for names in ADDED.values() for name in names]
ADDED_PLACES = [(place, name) for place, names in ADDED.items() for name in names]


def objects(value: Any, place: str = "$") -> dict[str, dict[str, Any]]:
    """Return every object in a JSON value by its place."""
    inner = (
        {f"{place}[{n}]": each for n, each in enumerate(value)} if isinstance(value, list) else {}
    )
    if isinstance(value, dict):
        inner = {f"{place}.{name}": each for name, each in value.items()}
    found = {place: value} if isinstance(value, dict) else {}
    return found | {
        key: each for place, part in inner.items() for key, each in objects(part, place).items()
    }


def required(value: Any, place: str = "$") -> list[tuple[str, str]]:
    """Return place and name of every field of a snapshot's objects that has no default."""
    if isinstance(value, tuple):
        return [each for n, part in enumerate(value) for each in required(part, f"{place}[{n}]")]
    if isinstance(value, dict):
        return [each for key, part in value.items() for each in required(part, f"{place}.{key}")]
    if not is_dataclass(value):
        return []
    named = required_fields(value)
    inner = [
        part
        for each in fields(value)
        for part in required(getattr(value, each.name), f"{place}.{each.name}")
    ]
    return [(place, name) for name in named] + inner


CURRENT = LaterSnapshot.from_dict(OLDER.to_dict())


def test_what_was_written_before_a_field_reads_as_its_default():
    assert CURRENT.period == 7
    assert [(model.basis, model.places) for model in CURRENT.models] == [(Basis.STATED, ())] * 2
    assert CURRENT.register.review is None
    assert {note.shown_as for note in CURRENT.footnotes} == {"note"}
    assert LaterSnapshot.from_dict(CURRENT.to_dict()) == CURRENT


def test_any_fields_with_a_default_may_be_missing():
    choices = [combinations(ADDED_PLACES, count) for count in range(len(ADDED_PLACES) + 1)]

    for missing in chain(*choices):
        data = CURRENT.to_dict()
        for place, name in missing:
            del objects(data)[place][name]

        assert LaterSnapshot.from_dict(data) == CURRENT, missing


@pytest.mark.parametrize(("place", "name"), ADDED_PLACES)
def test_a_field_with_a_default_that_is_there_must_be_sound(place, name):
    data = CURRENT.to_dict()
    objects(data)[place][name] = {}

    with pytest.raises(MalformedSnapshot) as refused:
        LaterSnapshot.from_dict(data)

    assert str(refused.value).startswith(f"{place}.{name}")


@pytest.mark.parametrize(("place", "name"), required(CURRENT))
def test_a_field_without_a_default_that_is_missing_is_refused_with_its_place(place, name):
    data = CURRENT.to_dict()
    del objects(data)[place][name]

    with pytest.raises(MalformedSnapshot) as refused:
        LaterSnapshot.from_dict(data)

    assert str(refused.value).startswith(f'{place} has no "{name}". Add it')


@pytest.fixture
def later(monkeypatch):
    """Run with the snapshot of the later version, wherever frozen JSON is read or described."""
    for module in (changelog, json, snapshot_module):
        monkeypatch.setattr(module, "Snapshot", LaterSnapshot)
    for part in (LaterSnapshot, LaterRegister, LaterModel, LaterFootnote):
        described = {**FIELD_DESCRIPTIONS[part.__base__], **dict.fromkeys(ADDED_NAMES, "Added.")}
        monkeypatch.setitem(FIELD_DESCRIPTIONS, part, described)
    _forget_snapshots()
    yield
    # Other tests publish the same bytes, and would get the later version's snapshots of them.
    _forget_snapshots()


def _forget_snapshots():
    changelog._read_snapshot.cache_clear()
    changelog._compare.cache_clear()


def test_the_json_schema_requires_the_fields_without_a_default_alone(later):
    schema = schemas.register_schema("x:y")

    assert schema["required"] == ["schema", "register", "sections"]
    model = schema["$defs"]["LaterModel"]
    assert {"basis", "places"} < model["properties"].keys()
    assert not {"basis", "places"} & {*model["required"]}
    for sound in (OLDER, CURRENT):
        assert list(Draft202012Validator(schema).iter_errors(sound.to_dict())) == []
    [fault] = Draft202012Validator(schema).iter_errors({**CURRENT.to_dict(), "period": "P1W"})
    assert list(fault.absolute_path) == ["period"]


def test_an_older_file_is_read_as_the_later_snapshot(later):
    reading = json.parse(OLDER.canonical_bytes())

    assert (reading.snapshot, reading.notes) == (CURRENT, ("The JSON was not in canonical form.",))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "1/",
        "fit/?training=never",
        "filter/",
        "changes/",
        "changes/2/",
        "compare/1/2/",
        "models/",
        "feed.atom",
    ],
)
def test_publications_from_before_a_field_are_served(client, later, path):
    publish(
        OLDER,
        snapshot(listing("second"), title="From before"),
        changes={2: {"title": "From before"}},
    )

    assert client.get(f"/models-and-privacy/{path}").status_code == 200


def test_the_file_of_a_publication_from_before_a_field_keeps_its_bytes(client, later):
    publish(OLDER)

    assert client.get("/models-and-privacy.json").content == OLDER.canonical_bytes()
