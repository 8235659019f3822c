"""Checks that the admin's screens take as many queries for ten rows as for ten thousand.

    python -m bench.asked_queries [--rows 10 10000]

A page with the smaller number of rows is imported and measured, then one with the larger number.
Measured are the desk, a search, each list, and a form and a history page of each kind of record
that the page contains (it has no footnotes and no publications). The queries must be equal. The
seconds are those of one response and only informative.
"""

import argparse
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.staging import SLUG, cast, staged

if TYPE_CHECKING:
    from django.test import Client

_HEAD = "# Bench\n\n| Model | Provider | Trains | Retention | Policies |\n|--|--|--|--|--|\n"
_ROW = (
    "| Engine {0} | Host {0} | No | 30 days "
    "| [Host {0} Privacy Policy](https://host{0}.example/privacy) |\n"
)


def grow(rows: int) -> None:
    """Import a page of rows, each with a model, a provider and a document of its own."""
    from compliance.page.formats import markdown
    from compliance.workingcopy.importing import import_page

    page = _HEAD + "".join(_ROW.format(number) for number in range(rows))
    import_page(markdown.parse(page), slug=SLUG, reason="Bench", by=None, label="bench")


def addresses() -> Iterator[str]:
    """Yield the address of each screen that is measured."""
    from django.apps import apps
    from django.contrib import admin

    from compliance.admin import site

    yield from ("/admin/", "/admin/search/?q=Engine")
    for model in apps.get_app_config("compliance").get_models():
        if model in site._registry and isinstance(site._registry[model], admin.ModelAdmin):
            base = f"/admin/compliance/{model._meta.model_name}/"
            yield base
            records = model._default_manager.order_by("pk")
            name = {"aimodel": "Engine 3", "provider": "Host 3"}.get(model._meta.model_name)
            if name:
                records = records.filter(name=name)
            record = records.first()
            if record:
                yield f"{base}{record.pk}/change/"
                yield f"{base}{record.pk}/history/"


def measure(client: "Client") -> dict[str, tuple[int, float]]:
    """Return the number of queries and the seconds that each screen took, by its name."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for address in addresses():
        client.get(address)  # so that Django has cached the content types
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        if response.status_code == 200:
            # The keys of records differ between the two sizes.
            name = re.sub(r"/\d[^/]*|/[0-9a-f-]{36}", "", address)
            counts[name] = (len(queries), round(time.perf_counter() - began, 2))
    return counts


def main() -> None:
    """Print the figures of both sizes as JSON; exit with 1 if the queries of a screen differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs=2, default=[10, 10_000])
    options = parser.parse_args()
    os.environ |= {
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "testserver",
        "DEMO": "True",
    }
    with staged() as folder:
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        settings.STATIC_ROOT = folder / "static"
        call_command("collectstatic", interactive=False, verbosity=0)
        client = Client()
        client.force_login(cast()[1])
        figures = {}
        for rows in options.rows:
            grow(rows)
            figures[rows] = measure(client)
    few, many = figures.values()
    differing = []
    for name in few | many:
        by_size = {str(rows): screens.get(name) for rows, screens in figures.items()}
        print(json.dumps({"screen": name, **by_size}))
        if name not in few or name not in many or few[name][0] != many[name][0]:
            differing.append(name)
    if differing:
        sys.exit(f"The queries grow with the register: {', '.join(differing)}.")


if __name__ == "__main__":
    main()
