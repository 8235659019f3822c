"""The read API, without a database: these tests do not ask for one, so a query is an error."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from compliance import canonical
from tests.published import SECOND, listing, publish, snapshot

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
API = "/api/v1/registers/"
REGISTER = f"{API}models-and-privacy/"
OLD, NEW = snapshot(listing("first")), snapshot(listing("first"), listing("second"))
ADDRESSES = [
    API,
    REGISTER,
    f"{REGISTER}publications/",
    f"{REGISTER}publications/1/",
    f"{REGISTER}publications/current/",
    f"{REGISTER}export/",
    "/api/v1/openapi.json",
]


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def get(client):
    return client.get


def problem(response) -> dict:
    """Return the problem document that an answer must be, checked for its form."""
    assert response["Content-Type"] == "application/problem+json"
    value = json.loads(response.content)
    assert set(value) == {"type", "title", "status", "detail"}
    assert value["status"] == response.status_code
    assert value["detail"].endswith(".")
    return value


def test_registers_are_listed_with_the_publication_in_force(get):
    publish(OLD, NEW)

    answer = get(API).json()

    assert (answer["count"], answer["next"], answer["previous"]) == (1, None, None)
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
    assert set(answer["files"]) == {"md", "csv"}
    assert json_file == {
        "url": "http://testserver/models-and-privacy/2.json",
        "media_type": "application/json",
        "sha256": NEW.content_sha256(),
        "size": index.entry(2).files["json"].size,
    }


def test_every_file_is_where_the_api_says(get):
    publish(NEW)

    for file in get(f"{REGISTER}publications/1/").json()["files"].values():
        content = get(file["url"]).content
        assert (canonical.sha256(content), len(content)) == (file["sha256"], file["size"])


def test_current_is_the_one_in_force(get):
    publish(OLD, NEW, changes={2: {"effective_from": NOW + timedelta(days=1)}})

    assert get(f"{REGISTER}publications/current/").json()["number"] == 1
    assert [entry["number"] for entry in get(f"{REGISTER}publications/").json()["results"]] == [1]


def test_a_waiting_publication_is_not_there_unless_announced(get):
    waiting = {"effective_from": NOW + timedelta(days=1)}
    publish(OLD, NEW, changes={2: waiting})
    assert "There is no publication 2" in problem(get(f"{REGISTER}publications/2/"))["detail"]

    publish(OLD, NEW, changes={2: {**waiting, "announced": True}})
    assert get(f"{REGISTER}publications/2/").json()["in_force"] is False


def test_a_withdrawn_publication_is_gone(get):
    publish(OLD, NEW, changes={2: {"withdrawn_at": SECOND + timedelta(days=1)}})

    assert problem(get(f"{REGISTER}publications/2/"))["status"] == 410
    assert [entry["number"] for entry in get(f"{REGISTER}publications/").json()["results"]] == [1]


def test_export_is_the_canonical_bytes(get):
    publish(OLD, NEW)

    response = get(f"{REGISTER}export/")

    assert response.content == NEW.canonical_bytes()
    assert response["Content-Type"] == "application/json"
    assert response["ETag"] == f'"{NEW.content_sha256()}"'
    assert response["Publication-Number"] == "2"
    assert get(f"{REGISTER}export/", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_lists_are_cut(get):
    publish(*[snapshot(listing(str(number))) for number in range(5)])

    first = get(f"{REGISTER}publications/?limit=2").json()
    second = get(first["next"]).json()

    assert [entry["number"] for entry in first["results"] + second["results"]] == [5, 4, 3, 2]
    assert first["count"] == 5
    assert get(f"{REGISTER}publications/?offset=99").json()["results"] == []


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
        "offset=x",
        "offset=-1",
        f"offset={'9' * 99}",
    ],
)
def test_a_senseless_page_is_refused(get, query):
    publish(OLD)

    response = get(f"{REGISTER}publications/?{query}")

    assert problem(response)["status"] == 400
    assert query.split("=")[0] in problem(response)["detail"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_unknown_parameter_is_refused_by_name(get, path):
    publish(OLD)

    detail = problem(get(f"{path}?utm_source=x"))["detail"]

    assert detail.startswith("utm_source is not a query parameter of this address. Known: ")
    assert ("limit, offset" in detail) == (path in (API, f"{REGISTER}publications/"))


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_only_reading_is_answered(client, path, method):
    publish(OLD)

    response = getattr(client, method)(path)

    assert problem(response)["status"] == 405
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_client_that_takes_no_json_is_told(get, path):
    publish(OLD)

    assert problem(get(path, headers={"Accept": "text/html"}))["status"] == 406


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_has_a_tag_and_no_cookie(client, path):
    publish(OLD)

    response = client.get(path, headers={"Cookie": "sessionid=x"})

    assert response.status_code == client.head(path).status_code == 200
    assert response["ETag"]
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
def test_what_is_not_there_is_a_problem(get, path):
    publish(OLD)

    assert problem(get(path))["status"] == 404


@pytest.mark.parametrize("path", [API, REGISTER, f"{REGISTER}export/"])
def test_a_damaged_store_is_a_problem(get, published_root, path):
    publish(OLD)
    (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")
    if not path.endswith("export/"):
        (published_root / "models-and-privacy" / "index.json").write_bytes(b"{}")

    response = get(path)

    assert problem(response)["status"] == 503
    assert response["Retry-After"] == "60"


def test_hostile_texts_are_exact(get):
    title = '</script><script>alert("x")</script>\\'
    publish(snapshot(title=title), changes={1: {"title": title}})

    response = get(REGISTER)

    assert response["Content-Type"] == "application/json"
    assert response.json()["title"] == title


def test_the_document_is_openapi(get):
    response = get("/api/v1/openapi.json")

    document = response.json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.1"
    assert set(document["paths"]) == {
        "/api/v1/openapi.json",
        "/api/v1/registers/",
        "/api/v1/registers/{slug}/",
        "/api/v1/registers/{slug}/export/",
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


def test_answers_are_as_the_document_says(get):
    publish(OLD, NEW)
    document = get("/api/v1/openapi.json").json()

    for path, address in {
        "/api/v1/registers/": API,
        "/api/v1/registers/{slug}/": REGISTER,
        "/api/v1/registers/{slug}/export/": f"{REGISTER}export/",
        "/api/v1/registers/{slug}/publications/": f"{REGISTER}publications/",
        "/api/v1/registers/{slug}/publications/current/": f"{REGISTER}publications/current/",
        "/api/v1/registers/{slug}/publications/{number}/": f"{REGISTER}publications/2/",
    }.items():
        answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**answer, "components": document["components"]}
        assert list(Draft202012Validator(schema).iter_errors(get(address).json())) == [], path


def test_the_document_is_made_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())
