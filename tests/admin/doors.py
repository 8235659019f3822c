"""Every address behind the sign-in, and the checked-in table of what each answers to each role and method."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
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
ROLES = ["anonymous", "outsider", "staff", "auditor", "editor", "approver", "superuser"]
METHODS = ["GET", "POST", "PUT", "DELETE"]
_PLACEHOLDER = re.compile(
    r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\((?:[^()?][^()]*)\)"
)


def routes() -> list[str]:
    """Return the pattern of every address of the admin and of the accounts, in order, as the URLconf writes it."""
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
    """Return a client of somebody of a role: anonymous, an account that is no staff, staff without rights, …"""
    client = Client()
    if role != "anonymous":
        client.force_login(make_user(role, **_ACCOUNTS.get(role, {"role": role})))
    return client


def samples() -> dict[tuple[str, str], Any]:
    """Make a record of each kind; give the keys by the kind and the name of the placeholder that takes them."""
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
        "group": Group.objects.get(name="auditor"),
    }
    keys: dict[tuple[str, str], Any] = {(kind, "id"): record.pk for kind, record in records.items()}
    keys |= {
        ("submit", "id"): listing.register.pk,
        ("keys", "id"): 1,
        ("r", "content_type_id"): 1,
        ("r", "id"): 1,
    }
    keys |= {
        (kind, "act"): act
        for kind, act in (("listing", "add"), ("aimodel", "rename"), ("register", "reorder"))
    }
    keys |= {("admin", "app_label"): "compliance", ("admin", "url"): "nowhere/"}
    for kind, record in records.items():
        history = getattr(record, "history", None)
        keys[kind, "row_id"] = history.latest("history_id").history_id if history else 1
    return keys


def address(route: str, samples: Mapping[tuple[str, str], Any]) -> str:
    """Return an address of a route, its placeholders filled from samples by (kind of record, placeholder's name).

    The kind is the part of the route before the first placeholder. Raises KeyError where no sample is known: add one.
    """
    first = _PLACEHOLDER.search(route)
    kind = route[: first.start()].split("/")[-2] if first else ""
    unnamed = iter(["object_id", "row_id"])

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or next(unnamed)
        return str(samples[kind, "id" if name in ("object_id", "pk") else name])

    filled = _PLACEHOLDER.sub(value, route)
    return "/" + filled.replace("\\.", ".").replace("\\Z", "").replace("$", "")


def answered(client: Client, method: str, url: str) -> str:
    """Return a door's answer in a word: its status, and whether it leads to the sign-in or to the second factor."""
    answer = client.generic(method, url)
    if answer.status_code != 302:
        return str(answer.status_code)
    if "/accounts/login/" in answer.url or "/admin/login/" in answer.url:
        return "sign in"
    return "302"


def read() -> dict[tuple[str, str], dict[str, str]]:
    """Return the checked-in answers by role, by route and method."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {(row.pop("route"), row.pop("method")): row for row in rows}


def write(role: str, answers: Mapping[tuple[str, str], str]) -> None:
    """Put a role's answers in the table; other roles' stay, addresses that are gone go."""
    known = read() if TABLE.exists() else {}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["route", "method", *ROLES])
        for door, answer in answers.items():
            row = {**known.get(door, {}), role: answer}
            writer.writerow([*door, *(row.get(each, "") for each in ROLES)])
