"""How many queries the screens of the admin take as the register grows: as many for ten rows as for ten thousand.

    python -m bench.asked_queries [--rows 10 10000]

One registry is measured, grown by importing pages of so many rows, and measured again: the desk, each list, a search, and
a form and time line of each kind that such a page has (no footnote, no publication). Seconds are of one answer, for a look; the queries must be equal.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.staging import SLUG, cast, staged

if TYPE_CHECKING:
    from django.test import Client

_HEAD = "# Bench\n\n| Model | Provider | Trains | Keeps | Policies |\n|--|--|--|--|--|\n"
_ROW = "| Engine {0} | Host {0} | No | 30 days | [Host {0} Privacy Policy](https://host{0}.example/privacy) |\n"


def grow(rows: int) -> None:
    """Import a page of so many rows, each with a model, a provider and a document of its own."""
    from compliance.page.formats import markdown
    from compliance.workingcopy.importing import import_page

    page = _HEAD + "".join(_ROW.format(number) for number in range(rows))
    import_page(markdown.parse(page), slug=SLUG, reason="Bench", by=None, label="bench")


def addresses() -> Iterator[str]:
    """Give the address of each screen that is measured."""
    from django.apps import apps
    from django.contrib import admin

    from compliance.admin import site

    yield from ("/admin/", "/admin/search/?q=Engine")
    for model in apps.get_app_config("compliance").get_models():
        if model in site._registry and isinstance(site._registry[model], admin.ModelAdmin):
            base = f"/admin/compliance/{model._meta.model_name}/"
            yield base
            named = {"aimodel": "Engine 3", "provider": "Host 3"}.get(model._meta.model_name)
            if (
                record := model._default_manager.filter(**{"name": named} if named else {})
                .order_by("pk")
                .first()
            ):
                yield from (f"{base}{record.pk}/change/", f"{base}{record.pk}/history/")


def asked(client: "Client") -> dict[str, tuple[int, float]]:
    """Return how many queries each screen took, and how many seconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for address in addresses():
        client.get(address)  # Django remembers content types
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        if answer.status_code == 200:
            name = "/".join(
                part for part in address.split("/") if not any(sign.isdigit() for sign in part[:8])
            )
            counts[name] = (len(queries), round(time.perf_counter() - began, 2))
    return counts


def main() -> None:
    """Measure, and print the figures as JSON; exit 1 when a screen took another number of queries."""
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
            figures[rows] = asked(client)
    few, many = figures.values()
    for name in few | many:
        print(
            json.dumps({"screen": name, **{str(rows): figures[rows].get(name) for rows in figures}})
        )
    if differing := [
        name for name in few | many if few.get(name, (0,))[0] != many.get(name, (0,))[0]
    ]:
        sys.exit(f"The queries grow with the register: {', '.join(differing)}.")


if __name__ == "__main__":
    main()
