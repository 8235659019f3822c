"""The read API.

No test here uses the database, so a query is an error.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO

import pytest
import time_machine
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from compliance.api.schemas import register_schema
from compliance.page import canonical
from compliance.page.diff import compare
from compliance.page.formats import FORMATS
from compliance.page.slugs import slug
from compliance.page.snapshot import Model, Provider
from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from tests.stores import (
    MODELS,
    PROVIDERS,
    SECOND,
    listing,
    models_cell,
    publish,
    retention_cell,
    snapshot,
    training_cell,
)
from tests.strategies import snapshots

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
API = "/api/v1/registers/"
REGISTER = f"{API}models-and-privacy/"
OLD, NEW = snapshot(listing("first")), snapshot(listing("first"), listing("second"))
WORSE = snapshot(listing("first", training=training_cell("Yes")))
ADDRESSES = [
    API,
    REGISTER,
    f"{REGISTER}publications/",
    f"{REGISTER}publications/1/",
    f"{REGISTER}publications/current/",
    f"{REGISTER}export/",
    f"{REGISTER}listings/",
    f"{REGISTER}offerings/",
    f"{REGISTER}models/",
    f"{REGISTER}providers/",
    f"{REGISTER}changes/",
    f"{REGISTER}fit/",
    "/api/v1/openapi.json",
    "/schema/register/1",
]
# The lists of parts of one publication, and all lists.
PARTS = [f"{REGISTER}{name}/" for name in ("listings", "offerings", "models", "providers")]
LISTS = [API, f"{REGISTER}publications/", f"{REGISTER}changes/", *PARTS]


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def get(client):
    """Return `client.get`, which checks every response against the OpenAPI document."""

    def checked(address, *args, **options):
        response = client.get(address, *args, **options)
        check_against_description(address, response)
        return response

    return checked


@cache
def openapi_document() -> dict:
    return json.loads(Client().get("/api/v1/openapi.json").content)


def check_against_description(address, response):
    """Fail unless the OpenAPI document describes the response, if it has the address."""
    document = openapi_document()
    for path, operations in document["paths"].items():
        if not re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), address.partition("?")[0]):
            continue
        described = operations["get"]["responses"].get(str(response.status_code))
        if response.status_code == 304 or ("current" in address and "{number}" in path):
            continue
        assert described, f"{path} does not describe {response.status_code}"
        if response.status_code == 308:
            continue
        content = described["content"][response["Content-Type"]]
        schema = {**content["schema"], "components": document["components"]}
        faults = list(Draft202012Validator(schema).iter_errors(json.loads(response.content)))
        assert faults == [], path


def problem(response) -> dict:
    """Return the problem document in a response; fails if it is malformed."""
    assert response["Content-Type"] == "application/problem+json"
    value = json.loads(response.content)
    assert set(value) == {"type", "title", "status", "detail"}
    assert value["status"] == response.status_code
    assert value["detail"].endswith(".")
    return value


def test_registers_are_listed_with_the_publication_in_force(get):
    publish(OLD, NEW)

    answer = get(API).json()

    assert (answer["count"], answer["next"]) == (1, None)
    register = answer["results"][0]
    assert register["slug"] == "models-and-privacy"
    assert register["title"] == "Models and privacy"
    assert register["publisher"] == "Acme Search"
    assert register["url"] == "http://testserver/models-and-privacy/"
    assert register["current"]["number"] == 2
    assert get(REGISTER).json() == register


def test_a_publication_names_its_hash_and_files(get):
    index = publish(OLD, NEW)

    answer = get(f"{REGISTER}publications/2/").json()

    json_file = answer["files"].pop("json")
    assert answer == {
        "number": 2,
        "title": "Models and privacy",
        "source": "native",
        "effective_from": "2026-08-11T14:00:00Z",
        "approved_at": "2026-08-11T14:00:00Z",
        "in_force": True,
        "content_sha256": NEW.content_sha256(),
        "url": "http://testserver/models-and-privacy/2/",
        "files": answer["files"],
    }
    assert {"json", *answer["files"]} == set(FORMATS)
    assert json_file == {
        "url": "http://testserver/models-and-privacy/2.json",
        "media_type": "application/json",
        "sha256": NEW.content_sha256(),
        "size": index.entry(2).files["json"].size,
    }


def test_every_file_address_in_the_api_works(get):
    publish(NEW)

    for file in get(f"{REGISTER}publications/1/").json()["files"].values():
        content = get(file["url"]).content
        assert (canonical.sha256(content), len(content)) == (file["sha256"], file["size"])


def test_current_is_the_publication_in_force(get):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(days=1)}})

    assert get(f"{REGISTER}publications/current/").json()["number"] == 1
    assert [entry["number"] for entry in get(f"{REGISTER}publications/").json()["results"]] == [1]


def test_a_publication_that_is_not_in_force_yet_is_not_found_unless_announced(get):
    waiting = {"effective_from": NOW + timedelta(days=1)}
    publish(OLD, NEW, changes={2: waiting})
    assert "There is no publication 2" in problem(get(f"{REGISTER}publications/2/"))["detail"]

    publish(OLD, NEW, changes={2: {**waiting, "announced": True}})
    assert get(f"{REGISTER}publications/2/").json()["in_force"] is False


def test_a_withdrawn_publication_is_gone(get):
    publish(OLD, NEW, changes={2: {"withdrawn_at": SECOND + timedelta(days=1)}})

    assert problem(get(f"{REGISTER}publications/2/"))["status"] == 410
    assert [entry["number"] for entry in get(f"{REGISTER}publications/").json()["results"]] == [1]


def test_export_returns_the_canonical_bytes(get):
    publish(OLD, NEW)

    response = get(f"{REGISTER}export/")

    assert response.content == NEW.canonical_bytes()
    assert response["Content-Type"] == "application/json"
    assert response["ETag"] == f'"{NEW.content_sha256()}"'
    assert response["Publication-Number"] == "2"
    assert get(f"{REGISTER}export/", headers={"If-None-Match": response["ETag"]}).status_code == 304


def walked(get, address) -> list:
    """Return the entries of a list from part to part, as a program reads it."""
    entries = []
    while address:
        answer = get(address).json()
        entries += answer["results"]
        address = answer["next"]
    return entries


@pytest.mark.parametrize("path", LISTS)
def test_a_walk_gives_every_entry_of_a_list_once(get, path):
    publish(*[snapshot(listing("a"), listing(str(number))) for number in range(5)])

    whole = get(f"{path}?limit=200").json()

    assert walked(get, f"{path}?limit=2") == whole["results"]
    assert whole["count"] == len(whole["results"]) > 0


def test_a_walk_misses_nothing_that_stays_while_others_come_and_go(get):
    pages = [snapshot(listing(str(number))) for number in range(6)]
    publish(*pages[:5])
    first = get(f"{REGISTER}publications/?limit=2").json()

    gone = {"withdrawn_at": NOW - timedelta(days=1)}
    publish(*pages, changes={4: gone, 2: gone}, revision=2)
    rest = walked(get, first["next"])

    assert [entry["number"] for entry in first["results"] + rest] == [5, 4, 3, 1]


def test_a_walk_of_the_changes_goes_on_where_it_was_whatever_happens_meanwhile(get):
    pages = [snapshot(listing(str(number))) for number in range(6)]
    announced = {"effective_from": NOW + timedelta(days=9), "announced": True}
    publish(*pages[:5], changes={5: announced})
    first = get(f"{REGISTER}changes/?limit=2").json()

    renewal = {**announced, "renews": 5, "approved_at": NOW - timedelta(days=1)}
    renewed = {**announced, "renewed_by": 6, "renewed_at": NOW - timedelta(days=1)}
    gone = {"withdrawn_at": NOW - timedelta(hours=1)}
    publish(*pages, changes={4: gone, 5: renewed, 6: renewal}, revision=2)
    rest = walked(get, first["next"])

    assert [entry["id"] for entry in first["results"] + rest] == ["5", "4", "3", "2", "1"]
    ids = [entry["id"] for entry in walked(get, f"{REGISTER}changes/?limit=2")]
    assert ids == ["5", "4-withdrawn", "4", "3", "2", "1"]
    assert problem(get(f"{REGISTER}changes/?after=7"))["status"] == 400


@pytest.mark.parametrize("path", PARTS)
def test_a_walk_keeps_to_the_publication_with_which_it_began(get, path):
    rows = [listing(str(number)) for number in range(3)]
    publish(snapshot(*rows))
    first = get(f"{path}?limit=1").json()

    publish(snapshot(*rows), snapshot(listing("new"), *rows), revision=2)
    rest = walked(get, first["next"])

    assert first["publication"] == 1
    assert first["results"] + rest == get(f"{path}?publication=1&limit=200").json()["results"]
    assert get(path).json()["publication"] == 2


@pytest.mark.parametrize("path", [*PARTS, f"{REGISTER}fit/"])
def test_parts_are_of_the_publication_asked_for(get, path):
    publish(OLD, NEW)

    assert get(path).json()["publication"] == 2
    assert get(f"{path}?publication=1").json()["publication"] == 1
    assert get(f"{path}?as_of=2026-03-05").json()["publication"] == 1
    assert problem(get(f"{path}?publication=9"))["status"] == 404
    assert problem(get(f"{path}?publication=x"))["status"] == 400
    assert problem(get(f"{path}?as_of=yesterday"))["status"] == 400
    assert problem(get(f"{path}?as_of=2026-03-05&publication=1"))["status"] == 400


def test_an_earlier_publication_is_exported_byte_for_byte(get):
    publish(OLD, NEW)

    response = get(f"{REGISTER}export/?publication=1")

    assert response.content == OLD.canonical_bytes()
    assert response["Publication-Number"] == "1"


@pytest.mark.parametrize(
    "query",
    [
        "limit=abc",
        "limit=0",
        "limit=-1",
        "limit=201",
        f"limit={'9' * 5000}",
        "limit=",
        "limit=١",
        "after=x",
        "after=-1",
        f"after={'9' * 99}",
    ],
)
def test_an_invalid_limit_or_key_is_refused(get, query):
    publish(OLD)

    response = get(f"{REGISTER}publications/?{query}")

    assert problem(response)["status"] == 400
    assert query.split("=")[0] in problem(response)["detail"]


@pytest.mark.parametrize("path", ["nothing", "registers/%0Ak/", "registers/%0Al~F/publications/1/"])
def test_an_unknown_address_gets_a_problem_document(get, path):
    response = get(f"/api/v1/{path}")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_unknown_parameter_is_refused_by_name(get, path):
    publish(OLD)

    detail = problem(get(f"{path}?utm_source=x"))["detail"]

    assert detail.startswith("utm_source is not a query parameter of this address. Known: ")
    assert ("limit" in detail and "after" in detail) == (path in LISTS)


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_methods_other_than_get_and_head_are_refused(client, path, method):
    publish(OLD)

    response = getattr(client, method)(path)

    assert problem(response)["status"] == 405
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_client_that_does_not_accept_json_is_refused(get, path):
    publish(OLD)

    assert problem(get(path, headers={"Accept": "text/html"}))["status"] == 406


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_response_has_an_etag_and_no_cookie(client, path):
    publish(OLD)

    response = client.get(path, headers={"Cookie": "sessionid=x"})

    head = client.head(path)
    assert response.status_code == head.status_code == 200
    assert response["ETag"] == head["ETag"] == f'"{canonical.sha256(response.content)}"'
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1/",
        "/api/v1/nothing/",
        "/api/v2/registers/",
        "/api/v1/registers",
        f"{API}nothing/",
        f"{API}nothing/export/",
        f"{REGISTER}publications/0/",
        f"{REGISTER}publications/9/",
        f"{REGISTER}publications/{'9' * 5000}/",
        f"{REGISTER}publications/x/",
        f"{API}..%2f..%2frecord/",
        f"{API}x%00/",
    ],
)
def test_an_unknown_register_or_publication_gets_a_problem_document(get, path):
    publish(OLD)

    assert problem(get(path))["status"] == 404


@pytest.mark.parametrize("path", [API, REGISTER, f"{REGISTER}export/"])
def test_a_damaged_store_gets_a_problem_document(get, published_root, path):
    publish(OLD)
    (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")
    if not path.endswith("export/"):
        (published_root / "models-and-privacy" / "index.json").write_bytes(b"{}")

    response = get(path)

    assert problem(response)["status"] == 503
    assert response["Retry-After"] == "60"


def test_html_in_texts_is_returned_unchanged(get):
    title = '</script><script>alert("x")</script>\\'
    publish(snapshot(title=title), changes={1: {"title": title}})

    response = get(REGISTER)

    assert response["Content-Type"] == "application/json"
    assert response.json()["title"] == title


@pytest.mark.slow
def test_the_openapi_document_is_valid(get):
    response = get("/api/v1/openapi.json")

    document = response.json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.1"
    assert set(document["paths"]) == {
        "/api/v1/openapi.json",
        "/api/v1/registers/",
        "/api/v1/registers/{slug}/",
        "/api/v1/registers/{slug}/changes/",
        "/api/v1/registers/{slug}/export/",
        "/api/v1/registers/{slug}/fit/",
        "/api/v1/registers/{slug}/listings/",
        "/api/v1/registers/{slug}/models/",
        "/api/v1/registers/{slug}/offerings/",
        "/api/v1/registers/{slug}/providers/",
        "/api/v1/registers/{slug}/publications/",
        "/api/v1/registers/{slug}/publications/current/",
        "/api/v1/registers/{slug}/publications/{number}/",
    }
    assert {method for path in document["paths"].values() for method in path} == {"get"}


def test_every_component_and_property_is_described(get):
    components = get("/api/v1/openapi.json").json()["components"]["schemas"]

    for name, component in components.items():
        assert component["description"], name
        for property_name, value in component.get("properties", {}).items():
            assert "description" in value, f"{name}.{property_name}"


@pytest.mark.parametrize("path", ["publications/", "listings/", "offerings/"])
def test_the_document_says_which_keys_go_on_after_an_entry_with_a_number(path):
    [operation] = [
        item["get"] for name, item in openapi_document()["paths"].items() if name.endswith(path)
    ]

    [after] = [each for each in operation["parameters"] if each["name"] == "after"]

    accepted = Draft202012Validator(after["schema"])
    assert [accepted.is_valid(key) for key in ("0", "50", "1" * 9)] == [True] * 3
    assert not any(accepted.is_valid(key) for key in ("", "x", "-1", "1" * 10))


def test_responses_match_the_openapi_document(get):
    publish(OLD, NEW)
    document = get("/api/v1/openapi.json").json()

    for path, address in {
        "/api/v1/registers/": API,
        "/api/v1/registers/{slug}/": REGISTER,
        "/api/v1/registers/{slug}/changes/": f"{REGISTER}changes/",
        "/api/v1/registers/{slug}/export/": f"{REGISTER}export/",
        "/api/v1/registers/{slug}/fit/": f"{REGISTER}fit/?longest=P1D",
        "/api/v1/registers/{slug}/listings/": f"{REGISTER}listings/",
        "/api/v1/registers/{slug}/models/": f"{REGISTER}models/",
        "/api/v1/registers/{slug}/offerings/": f"{REGISTER}offerings/",
        "/api/v1/registers/{slug}/providers/": f"{REGISTER}providers/",
        "/api/v1/registers/{slug}/publications/": f"{REGISTER}publications/",
        "/api/v1/registers/{slug}/publications/current/": f"{REGISTER}publications/current/",
        "/api/v1/registers/{slug}/publications/{number}/": f"{REGISTER}publications/2/",
    }.items():
        answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        schema = {**answer, "components": document["components"]}
        assert list(Draft202012Validator(schema).iter_errors(get(address).json())) == [], path


@pytest.mark.slow
def test_the_openapi_document_is_generated_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_the_examples_match_the_openapi_document(get):
    document = get("/api/v1/openapi.json").json()

    shown = 0
    for path in document["paths"].values():
        answer = path["get"]["responses"]["200"]["content"]["application/json"]
        for example in answer.get("examples", {}).values():
            schema = {**answer["schema"], "components": document["components"]}
            assert list(Draft202012Validator(schema).iter_errors(example["value"])) == []
            shown += 1
    assert shown == 3


def offered(get, query=""):
    return [
        (each["model"]["id"], each["provider"]["id"])
        for each in get(f"{REGISTER}offerings/{query}").json()["results"]
    ]


def test_offerings_are_every_model_at_every_provider(get):
    publish(OLD)

    assert offered(get) == [(m, p) for m in ("acme-one", "acme-two") for p in ("acme", "borealis")]
    first = get(f"{REGISTER}offerings/").json()["results"][0]
    cells = OLD.to_dict()["sections"][0]["listings"][0]["cells"]
    assert (first["listing"], first["section"]) == ("first", "section-1")
    assert first["cells"] == {"training": cells["training"], "retention": cells["retention"]}
    assert first["footnotes"] == [1, 2]
    assert [each["provider"] for each in first["documents"]] == ["acme"]


PURPOSES = replace(
    OLD,
    sections=(
        Section(
            "plain",
            "",
            (Column("purpose", "Purpose", ColumnRole.TEXT),),
            (Listing("support", {"purpose": Cell((TextItem("Help [desk](https://x.eu)"),))}),),
        ),
        *OLD.sections,
    ),
)


def test_listings_are_every_row_of_every_table(get):
    publish(PURPOSES)

    support, first = get(f"{REGISTER}listings/").json()["results"]

    assert (support["id"], support["section"], support["name"]) == ("support", "plain", "Help desk")
    assert support["cells"] == PURPOSES.to_dict()["sections"][0]["listings"][0]["cells"]
    assert first["id"] == "first"
    assert get(f"{REGISTER}listings/?section=plain").json()["results"] == [support]
    assert get(f"{REGISTER}listings/?training=never").json()["results"] == [first]


def test_the_clauses_that_count_are_given_beside_those_that_are_read(get):
    flagged = retention_cell("Flagged prompts: 2 years")
    publish(snapshot(listing("first"), listing("second", retention=flagged)))
    not_stated = {
        "data_class": "all_content",
        "kind": "not_stated",
        "duration": None,
        "bound": "exact",
        "trigger": "always",
    }

    first, second = get(f"{REGISTER}listings/").json()["results"]
    offering = get(f"{REGISTER}offerings/").json()["results"][-1]
    verdict = get(f"{REGISTER}fit/").json()["verdicts"][0]

    read = second["cells"]["retention"]["clauses"]
    assert first["effective"] == first["cells"]["retention"]["clauses"]
    assert second["effective"] == [*read, not_stated]
    assert offering["effective"] == second["effective"]
    assert verdict["effective"] == [*first["effective"], *second["effective"]]


def test_a_row_without_a_retention_column_gives_that_nothing_is_stated(get):
    publish(PURPOSES)

    support, _ = get(f"{REGISTER}listings/").json()["results"]

    assert [clause["kind"] for clause in support["effective"]] == ["not_stated"]


def test_fit_judges_a_row_without_models_by_its_first_cell(get):
    publish(PURPOSES)

    answer = get(f"{REGISTER}fit/?training=never").json()["verdicts"]

    assert [(each["listing"], each["model"], each["name"], each["fits"]) for each in answer] == [
        ("support", None, "Help desk", False),
        (None, "acme-one", "Acme One", True),
        (None, "acme-two", "Acme Two", True),
    ]


def test_models_and_providers_are_given_with_what_is_published_about_them(get):
    model = Model("acme-one", "Acme One", developer="Acme", aliases=("acme-1",))
    provider = Provider("acme", "Acme AI", legal_entity="Acme Ltd.", storage_countries=("IE",))
    publish(snapshot(models=(model, MODELS[1]), providers=(provider, PROVIDERS[1])))

    models = get(f"{REGISTER}models/").json()["results"]
    providers = get(f"{REGISTER}providers/").json()["results"]

    assert (models[0]["developer"], models[0]["aliases"]) == ("Acme", ["acme-1"])
    assert (providers[0]["legal_entity"], providers[0]["storage_countries"]) == (
        "Acme Ltd.",
        ["IE"],
    )
    assert len(get(f"{REGISTER}offerings/?model=ACME-1").json()["results"]) == 2


RENAMED = Model("acme-1-1", "Acme 1.1", continues=("acme-one",))
CONTINUED = snapshot(
    listing("first", models=models_cell(RENAMED, MODELS[1]), training=training_cell("Yes")),
    models=(RENAMED, MODELS[1]),
)


@pytest.mark.parametrize("model", ["acme-one", "acme-1-1"])
@pytest.mark.parametrize(("query", "id"), [("", "acme-1-1"), ("&publication=1", "acme-one")])
def test_each_id_of_a_continued_model_finds_its_offerings(get, model, query, id):
    publish(OLD, CONTINUED)

    assert offered(get, f"?model={model}{query}") == [(id, "acme"), (id, "borealis")]


@pytest.mark.parametrize("model", ["acme-one", "acme-1-1"])
def test_each_id_of_a_continued_model_finds_its_changes(get, model):
    only_two = snapshot(listing("first", models=models_cell(MODELS[1])))
    publish(OLD, WORSE, CONTINUED, only_two)

    found = get(f"{REGISTER}changes/?model={model}").json()["results"]

    assert [event["publication"] for event in found] == [4, 3, 2, 1]


@pytest.mark.parametrize(("query", "count"), [
    ("?model=acme-one", 2), ("?model=ACME%20One", 2), ("?model=acme", 0), ("?provider=Borealis%20cloud", 2),
    ("?model=acme-two&provider=acme", 1), ("?training=never", 4), ("?longest=P30D", 4), ("?longest=P29D", 0),
    ("?longest=P0D", 0), ("?training=opt_out&longest=P2Y&provider=acme", 2), ("?limit=1", 1), ("?model=%00", 0),
])  # fmt: skip
def test_parameters_select_offerings(get, query, count):
    publish(OLD)

    assert len(offered(get, query)) == count


@pytest.mark.parametrize("query", [
    "offerings/?training=yes", "offerings/?longest=30", "offerings/?longest=%00", f"fit/?longest=P{'9' * 5000}D",
    "fit/?training=NEVER", "fit/?model=x", "changes/?effect=x", "changes/?effect=", "changes/?weaker=1", "fit/?training=", "fit/?longest=",
    "offerings/?model=", "changes/?limit=201", "offerings/?limit=201",
])  # fmt: skip
def test_an_invalid_parameter_is_refused(get, query):
    publish(OLD)

    assert problem(get(REGISTER + query))["status"] == 400


def test_changes_are_listed_by_publication(get):
    publish(OLD, NEW)

    newest, oldest = get(f"{REGISTER}changes/").json()["results"]

    assert (newest["publication"], newest["before"], oldest["before"]) == (2, 1, None)
    assert (newest["kind"], newest["after"], newest["withdrawn_at"]) == ("published", 2, None)
    assert [each["sentence"] for each in newest["changes"]] == [
        each.sentence for each in compare(OLD, NEW)
    ]
    assert newest["changes"][0]["models"] == ["acme-one", "acme-two"]
    assert get(newest["url"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [2, 1]),
        ("?provider=acme", [2, 1]),
        ("?effect=stronger", []),
        ("?effect=neutral", [2, 1]),
    ],
)
def test_parameters_select_the_publications_with_such_changes(get, query, numbers):
    publish(OLD, NEW)

    answer = get(f"{REGISTER}changes/{query}").json()

    assert [step["publication"] for step in answer["results"]] == numbers
    assert answer["count"] == len(numbers)
    assert all(step["changes"] for step in answer["results"])


@pytest.mark.parametrize("query", ["?model=nobody", "?provider=acme-one", "?model=%00"])
def test_the_id_of_no_model_or_provider_is_refused(get, query):
    publish(OLD, NEW)

    refused = problem(get(f"{REGISTER}changes/{query}"))

    assert refused["status"] == 404
    assert "was ever listed" in refused["detail"]


@pytest.mark.parametrize("query", ["effect=weaker&effect=stronger", "limit=1&limit=1"])
def test_a_parameter_that_is_given_twice_is_refused(get, query):
    publish(OLD)

    refused = problem(get(f"{REGISTER}changes/?{query}"))

    assert refused["status"] == 400
    assert refused["detail"] == f"{query.partition('=')[0]} is given more than once. Give it once."
    assert get(f"{REGISTER}changes/?effect=weaker&limit=1").status_code == 200


def test_weaker_is_told_to_be_asked_for_as_an_effect(get):
    publish(OLD)

    assert "effect=weaker" in problem(get(f"{REGISTER}changes/?weaker=1"))["detail"]


@pytest.mark.parametrize(("page", "number"), [(WORSE, 3), (OLD, None)])
def test_a_called_off_change_names_the_publication_with_which_it_took_effect(get, page, number):
    called_off = {
        "effective_from": NOW + timedelta(days=9),
        "approved_at": NOW - timedelta(days=2),
        "announced": True,
        "withdrawn_at": NOW - timedelta(days=1),
    }
    at_once = dict.fromkeys(["effective_from", "approved_at"], NOW - timedelta(days=1))
    publish(OLD, WORSE, page, changes={2: called_off, 3: at_once})

    events = get(f"{REGISTER}changes/").json()["results"]

    assert {event["id"]: event["fulfilled_by"] for event in events} == {
        "3": None,
        "2-called_off": number,
        "2": number,
        "1": None,
    }


def test_a_withdrawal_and_a_called_off_change_are_entries_with_what_they_undo(get):
    withdrawn = {"withdrawn_at": SECOND + timedelta(seconds=43)}
    called_off = {
        "effective_from": NOW + timedelta(days=9),
        "approved_at": NOW - timedelta(days=2),
        "announced": True,
        "withdrawn_at": NOW - timedelta(days=1),
    }
    publish(OLD, NEW, WORSE, changes={2: withdrawn, 3: called_off})

    answer = get(f"{REGISTER}changes/").json()["results"]

    assert [(each["id"], each["kind"], each["before"], each["after"]) for each in answer] == [
        ("3-called_off", "called_off", 1, 1),
        ("3", "published", 1, 3),
        ("2-withdrawn", "withdrawn", 2, 1),
        ("2", "published", 1, 2),
        ("1", "published", None, 1),
    ]
    assert [each["effect"] for each in answer[0]["changes"]] == ["weaker"]
    # Readers gain nothing: the announced change does not come.
    assert answer[1]["changes"] == answer[0]["changes"]
    assert answer[3]["withdrawn_at"] == "2026-08-11T14:00:43Z"
    assert get(answer[2]["url"].partition("#")[0]).status_code == 200


def test_a_renewed_publication_is_redirected_to_the_newest(get):
    announced = {
        "effective_from": NOW + timedelta(days=9),
        "approved_at": SECOND,
        "announced": True,
    }
    publish(
        OLD,
        NEW,
        NEW,
        changes={
            2: {**announced, "renewed_by": 3, "renewed_at": NOW},
            3: {**announced, "approved_at": NOW, "renews": 2},
        },
    )

    for path in ("publications/2/", "export/?publication=2", "listings/?limit=1&publication=2"):
        response = get(f"{REGISTER}{path}")
        assert response.status_code == 308
        assert get(response["Location"]).status_code == 200
        assert "publication=3" in response["Location"] or "/3/" in response["Location"]


def test_changes_leave_out_publications_that_are_not_announced(get):
    waiting = {"effective_from": NOW + timedelta(days=1), "approved_at": SECOND}

    publish(OLD, NEW, changes={2: waiting})
    assert get(f"{REGISTER}changes/").json()["count"] == 1
    publish(OLD, NEW, changes={2: {**waiting, "announced": True}})
    assert get(f"{REGISTER}changes/").json()["results"][0]["announced"] is True


def test_fit_says_what_does_not_fit_and_where(get):
    publish(OLD)

    answer = get(f"{REGISTER}fit/?training=never&longest=P1D").json()

    assert answer["publication"] == 1
    assert [each["fits"] for each in answer["verdicts"]] == [False, False]
    [reason] = answer["verdicts"][0]["reasons"]
    assert [each["name"] for each in reason["providers"]] == ["Acme AI", "Borealis Cloud"]
    assert get(f"{REGISTER}fit/?longest=P30D").json()["verdicts"][0]["fits"] is True


def test_the_served_json_keeps_to_its_schema(get):
    publish(NEW)
    schema = get("/schema/register/1")
    Draft202012Validator.check_schema(schema.json())

    assert schema["Content-Type"] == "application/schema+json"
    assert schema.json()["$id"] == "http://testserver/schema/register/1"
    assert (
        list(
            Draft202012Validator(schema.json()).iter_errors(get("/models-and-privacy.json").json())
        )
        == []
    )


@pytest.mark.slow
@given(snapshots())
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_snapshot_keeps_to_the_schema(value):
    assert list(Draft202012Validator(register_schema("x:y")).iter_errors(value.to_dict())) == []


@given(st.text(min_size=1))
def test_the_schema_takes_every_key_that_a_column_can_have(label):
    schema = register_schema("x:y")["$defs"]["Column"]["properties"]["key"]

    assert list(Draft202012Validator(schema).iter_errors(slug(label))) == []


ROW = ("sections", 0, "listings", 0)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ((), "schema", "register/2"),
        (("register",), "title", None),
        (("footnotes", 0), "number", 0),
        ((*ROW, "cells", "training"), "use", "perhaps"),
        ((*ROW, "cells", "retention", "clauses", 0), "duration", "30 days"),
        ((*ROW, "cells", "retention", "clauses", 0), "duration", "P0D"),
        ((*ROW, "cells", "retention", "clauses", 0), "duration", "about P30D"),
        ((*ROW, "cells", "models"), "items", {}),
        ((*ROW,), "cells", []),
        (("sections", 0, "columns", 0), "role", "model"),
        (("sections", 0, "columns", 0), "key", "The model"),
        (("sections", 0, "columns", 0), "key", "model--id"),
        (("sections", 0, "columns", 0), "key", ""),
    ],
)
def test_the_schema_refuses_an_invalid_snapshot(place, name, value):
    data = OLD.to_dict()
    target = data
    for step in place:
        target = target[step]
    target[name] = value

    assert list(Draft202012Validator(register_schema("x:y")).iter_errors(data))


@pytest.mark.parametrize("path", [*ADDRESSES, f"{REGISTER}nothing/", f"{API}?x=y", "/models-and-privacy.json", "/models-and-privacy/feed.atom", "/models-and-privacy/9.json"])  # fmt: skip
def test_scripts_of_every_site_may_read_files_feeds_and_the_api(get, path):
    publish(OLD)

    response = get(path, headers={"Origin": "https://other.example"})

    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert "ETag" in response["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["/", "/models-and-privacy/", "/admin/login/", "/accounts/login/"])
def test_scripts_of_other_sites_may_not_read_pages(get, path):
    publish(OLD)

    assert "Access-Control-Allow-Origin" not in get(path)


class TestThrottle:
    """The counter of requests of each address and minute, in this process's memory."""

    @pytest.fixture(autouse=True)
    def _limit(self, settings):
        openapi_document()  # whichever test is the first asks for it, and that would count
        settings.API_REQUESTS_A_MINUTE = 3
        caches["api"].clear()

    def test_refuses_an_address_with_too_many_requests_until_the_next_minute(self, get):
        publish(OLD)
        assert [get(REGISTER).status_code for _ in range(4)] == [200, 200, 200, 429]

        refused = get(REGISTER)
        assert problem(refused)["status"] == 429
        assert refused["Retry-After"] == "60"
        assert get("/models-and-privacy.json").status_code == 200
        with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
            assert get(REGISTER).status_code == 200

    def test_counts_each_address_by_itself(self, get):
        publish(OLD)

        assert [get(REGISTER, REMOTE_ADDR="192.0.2.1").status_code for _ in range(4)][-1] == 429
        assert get(REGISTER, REMOTE_ADDR="192.0.2.2").status_code == 200

    def test_counts_an_address_with_its_ports_as_one(self, get):
        publish(OLD)
        ports = ("", ":4000", ":4001", ":4002")

        asked = [get(REGISTER, REMOTE_ADDR=f"192.0.2.1{port}").status_code for port in ports]

        assert asked == [200, 200, 200, 429]

    def test_trusts_the_header_of_a_proxy_only_if_the_settings_name_it(self, get, settings):
        publish(OLD)
        asked = [get(REGISTER, headers={"X-Real-IP": f"192.0.2.{n}"}).status_code for n in range(4)]
        assert asked[-1] == 429

        settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
        assert get(REGISTER, headers={"X-Real-IP": "192.0.2.9"}).status_code == 200

    def test_is_off_at_0(self, get, settings):
        settings.API_REQUESTS_A_MINUTE = 0
        publish(OLD)

        assert {get(REGISTER).status_code for _ in range(9)} == {200}
