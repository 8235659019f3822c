"""Every address behind the sign-in, as every role, by every method: the answers are those of the checked-in table.

After a deliberate change: `WRITE_DOORS=1 .venv/bin/python -m pytest tests/admin/test_matrix.py -n 0`, and read the
difference line by line before it is committed.
"""

import os

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.admin.doors import (
    METHODS,
    ROLES,
    address,
    answered,
    read,
    routes,
    samples,
    signed_in,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "role",
    [role if role == "anonymous" else pytest.param(role, marks=pytest.mark.slow) for role in ROLES],
)
def test_every_door_answers_as_the_table_says(role):
    scene, client = samples(), signed_in(role)
    cookies = dict(client.cookies)
    answers = {}

    for route in routes():
        url = address(route, scene)
        for method in METHODS:
            client.cookies.clear()
            client.cookies.update(cookies)
            with transaction.atomic():
                answers[route, method] = answered(client, method, url)
                transaction.set_rollback(True)
            cache.clear()

    if os.environ.get("WRITE_DOORS"):
        write(role, answers)
    table = read()
    assert set(answers) == set(table), "A new address has no row, or a row has no address."
    assert {door: answer for door, answer in answers.items() if table[door][role] != answer} == {}


def test_nobody_from_outside_is_let_into_the_admin():
    shut = {"sign in", "302", "403", "405"}

    for (route, method), answers in read().items():
        if route.startswith("admin/"):
            assert {answers["anonymous"], answers["outsider"]} <= shut, (route, method)


def test_no_door_of_the_record_takes_more_than_its_reader_may():
    """Whoever only reads posts to nothing that an editor posts to with a form of its own."""
    for (route, method), answers in read().items():
        if method != "GET" and route.startswith("admin/") and route.endswith(("add/", "delete/")):
            assert answers["auditor"] in {"403", "405"}, (route, method)
