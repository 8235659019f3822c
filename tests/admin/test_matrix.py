"""Requests every address behind the sign-in as every role by every method; doors.tsv has the results.

After a deliberate change run `WRITE_DOORS=1 .venv/bin/python -m pytest tests/admin/test_matrix.py
-m "" -n 0`, and read the difference line by line before it is committed.
"""

import os

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.admin.doors import (
    METHODS,
    ROLES,
    address,
    make_samples,
    outcome,
    read_table,
    routes,
    signed_in,
    write_table,
)

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.parametrize(
    "role",
    [role if role == "anonymous" else pytest.param(role, marks=pytest.mark.slow) for role in ROLES],
)
def test_every_address_responds_as_doors_tsv_says(role):
    scene, client = make_samples(), signed_in(role)
    cookies = dict(client.cookies)
    answers = {}

    for route in routes():
        url = address(route, scene)
        for method in METHODS:
            client.cookies.clear()
            client.cookies.update(cookies)
            with transaction.atomic():
                answers[route, method] = outcome(client, method, url)
                transaction.set_rollback(True)
            cache.clear()

    if os.environ.get("WRITE_DOORS"):
        write_table(role, answers)
    table = read_table()
    assert set(answers) == set(table), "A new address has no row, or a row has no address."
    assert {door: answer for door, answer in answers.items() if table[door][role] != answer} == {}


def test_nobody_who_is_not_staff_opens_the_admin():
    shut = {"sign in", "302", "403", "405"}

    for (route, method), answers in read_table().items():
        if route.startswith("admin/"):
            assert {answers["anonymous"], answers["outsider"]} <= shut, (route, method)


def test_auditors_cannot_add_or_delete_anything():
    for (route, method), answers in read_table().items():
        if method != "GET" and route.startswith("admin/") and route.endswith(("add/", "delete/")):
            assert answers["auditor"] in {"403", "405"}, (route, method)
