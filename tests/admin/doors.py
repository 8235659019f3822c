"""The addresses behind the sign-in, and the table of expected responses by role and method."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLResolver, get_resolver

from compliance.models import Changeset
from tests.factories import (
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_register,
    make_term,
    make_user,
)
from tests.publications import submitted

TABLE = Path(__file__).with_name("doors.tsv")
ROLES = [
    "anonymous",
    "outsider",
    "staff",
    "auditor",
    "editor",
    "approver",
    "administrator",
    "superuser",
]
METHODS = ["GET", "POST", "PUT", "DELETE"]
_PLACEHOLDER = re.compile(
    r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\((?:[^()?][^()]*)\)"
)


def routes() -> list[str]:
    """Return the URL patterns of the admin and the account pages, sorted."""
    return sorted(
        {route for route in _walked(get_resolver()) if route.startswith(("admin/", "accounts/"))}
    )


def _walked(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _walked(pattern, route)
        else:
            yield route


_ACCOUNTS: dict[str, dict[str, Any]] = {
    "outsider": {"is_staff": False},
    "staff": {},
    "superuser": {"is_superuser": True},
}


def signed_in(role: str) -> Client:
    """Return a client with the session of a role.

    "outsider" is a user who is not staff, "staff" is staff without permissions.
    """
    client = Client()
    if role != "anonymous":
        client.force_login(make_user(role, **_ACCOUNTS.get(role, {"role": role})))
    return client


def make_samples() -> dict[tuple[str, str], Any]:
    """Create a record of each kind; return keys by kind and name of the URL argument."""
    listing = make_listing(make_register(slug="models-and-privacy"))
    records = {
        "listing": listing,
        "register": listing.register,
        "provider": make_document().provider,
        "retentionterm": make_term(),
        "aimodel": make_model(),
        "footnote": make_footnote(listing.register),
        "publication": submitted(listing.register, make_user("submitter", role="editor")),
        "changeset": Changeset.objects.last(),
        "user": make_user("somebody"),
    }
    keys: dict[tuple[str, str], Any] = {(kind, "id"): record.pk for kind, record in records.items()}
    keys |= {
        ("submit", "id"): listing.register.pk,
        ("keys", "id"): 1,
        ("lookup", "kind"): "models",
        ("choose", "key"): "MQ",
        ("choose", "token"): "none",
        ("r", "content_type_id"): 1,
        ("r", "id"): 1,
    }
    keys |= {
        (kind, "act"): act
        for kind, act in (("listing", "add"), ("aimodel", "rename"), ("register", "reorder"))
    }
    keys |= {(kind, "kind"): kind for kind in records}
    keys |= {("admin", "app_label"): "compliance", ("admin", "url"): "nowhere/"}
    for kind, record in records.items():
        history = getattr(record, "history", None)
        keys[kind, "row_id"] = history.latest("history_id").history_id if history else 1
    return keys


def address(route: str, samples: Mapping[tuple[str, str], Any]) -> str:
    """Return the address of a route, with its arguments filled in from samples.

    Samples are found by the part of the route before the first argument, and the argument's name.
    Raises KeyError if there is none: add one.
    """
    first = _PLACEHOLDER.search(route)
    kind = route[: first.start()].split("/")[-2] if first else ""
    unnamed = iter(["object_id", "row_id"])

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or next(unnamed)
        return str(samples[kind, "id" if name in ("object_id", "pk") else name])

    filled = _PLACEHOLDER.sub(value, route)
    return "/" + filled.replace("\\.", ".").replace("\\Z", "").replace("$", "")


def outcome(client: Client, method: str, url: str) -> str:
    """Return the status of a response, or "sign in" for a redirect to the sign-in."""
    answer = client.generic(method, url)
    if answer.status_code != 302:
        return str(answer.status_code)
    if "/accounts/login/" in answer.url or "/admin/login/" in answer.url:
        return "sign in"
    return "302"


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    """Return the expected responses by route and method: a dictionary from role to response."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {(row.pop("route"), row.pop("method")): row for row in rows}


def write_table(role: str, answers: Mapping[tuple[str, str], str]) -> None:
    """Replace the responses of one role in the table, and drop addresses that no longer exist."""
    known = read_table() if TABLE.exists() else {}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["route", "method", *ROLES])
        for door, answer in answers.items():
            row = {**known.get(door, {}), role: answer}
            writer.writerow([*door, *(row.get(name, "") for name in ROLES)])
