"""Checks that the admin's screens cost little more for a large register than for a small one.

    python -m bench.asked_queries [--models 100 10000] [--writes 1000 2000 4000]

For each size a register is filled in a process and a database of its own: that many models in
three tenths as many rows. A provider stands in three rows, and so do the wording and the footnote
that are previewed: what is changed is of one size. It is published, and a few rows are edited
since. Each screen is opened once, as a warm-up. Then it is measured twice over: opened again while
nothing changed, and opened as the first screen after somebody saved a row. Measured are the
processor time, the least of three, and the queries.

Fails if a screen takes more than 60 queries, or more than 75 as the first one after a save, which
brings the working copy up to date. Fails too if it takes for the larger register more than twice
the time that it takes for the smaller one. A time below 0.05 s counts as that: nobody sees the
difference.
Lists show up to a hundred records, the search looks through all texts, and the first publication
changes the whole page: their times are shown and have no limit.

--writes measures instead how long it takes to submit and to approve registers of several sizes, of
which a tenth of the rows differ, in microseconds a model.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.databases import fresh
from bench.staging import SLUG, cast, collect_static, publish, submit, word_training

if TYPE_CHECKING:
    from django.test import Client

MOST_QUERIES, MOST_QUERIES_AFTER_SAVE, MOST_TIMES = 60, 75, 2
IMPERCEPTIBLE = 0.05  # seconds
RUNS = 3
# The screens whose time has a limit, by their names.
LIMITED = re.compile(r"desk|review|submit|history|(?<!/publication)/change/")
# The rows with a wording and a footnote of their own, whose forms are previewed.
SPECIAL = range(10, 13)


class Figures(NamedTuple):
    """The most queries of a screen, and its processor time in seconds."""

    queries: int
    queries_after_save: int
    unchanged: float
    after_save: float


def page(models: int) -> str:
    """Return a page in Markdown with this many models in three tenths as many rows."""
    providers = max(4, models // 5)
    rows, first = [], 0
    for number in range(models * 3 // 10):
        size = 4 if number % 3 == 0 else 3
        names = [f"Engine {engine}" for engine in range(first, min(first + size, models))]
        first += size
        hosts = dict.fromkeys([number % providers, (number * 7 + 1) % providers])
        cells = [
            _bullets(names),
            _bullets([f"Host {host}" for host in hosts]),
            "No",
            "60 days¹" if number in SPECIAL else "30 days",
            _bullets(
                [f"[Host {host} Privacy Policy](https://host{host}.example/)" for host in hosts]
            ),
        ]
        rows.append(f"| {' | '.join(cells)} |\n")
    labels = "| Model | Provider | Trains on prompts | Retention | Policies |\n|--|--|--|--|--|\n"
    return f"# Bench\n\nA page.\n\n{labels}{''.join(rows)}\n¹ A note.\n"


def _bullets(items: list[str]) -> str:
    return "<br>".join(f"• {item}" for item in items)


def fill(models: int) -> None:
    """Fill an empty database with a register, an editor and an approver."""
    import io

    from django.contrib.auth.models import Group
    from django.core.management import call_command

    from compliance.models import User
    from compliance.page.formats import markdown
    from compliance.published import writer
    from compliance.workingcopy.importing import import_page

    call_command("migrate", verbosity=0)
    call_command("make_signing_key", stdout=io.StringIO())
    parsed = markdown.parse(page(models))
    import_page(parsed, slug=SLUG, reason="Bench", by=None, label="bench")
    for role in ("editor", "approver"):
        User.objects.create_user(role, is_staff=True).groups.add(Group.objects.get(name=role))
    writer.complete()


def edit(count: int, text: str) -> None:
    """Give the first rows of the register new words, each in a changeset of its own."""
    from compliance.models.changesets import changeset

    register, editor, _ = cast()
    for listing in list(register.listings.order_by("position")[:count]):
        with changeset(by=editor, reason="Bench"):
            word_training(listing, text)


class Screens:
    """The screens of the admin as a person sees them; measures each by its name."""

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.figures: dict[str, Figures] = {}
        self._saves = 0

    def measure(self, name: str, visit: Callable[[], Any]) -> None:
        """Measure a screen: opened again, and opened after a save."""
        response = visit()
        if response.status_code != 200:
            print(name, response.status_code, file=sys.stderr)
            return
        unchanged = [self._visit(visit) for _ in range(RUNS)]
        after_save = []
        for _ in range(RUNS):
            self._saves += 1
            edit(1, f"No ({self._saves})")
            after_save.append(self._visit(visit))
        self.figures[name] = Figures(
            max(queries for queries, _ in unchanged),
            max(queries for queries, _ in after_save),
            round(min(seconds for _, seconds in unchanged), 3),
            round(min(seconds for _, seconds in after_save), 3),
        )

    def _visit(self, visit: Callable[[], Any]) -> tuple[int, float]:
        from django.db import connection

        queries = 0

        def count(execute: Any, *arguments: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*arguments)

        began = process_time()
        with connection.execute_wrapper(count):
            visit()
        return queries, process_time() - began

    def open(self, address: str, name: str = "") -> None:
        """Measure the screen at an address, whose name is that without the keys of records."""
        self.measure(name or _name(address), lambda: self.client.get(address))

    def preview(self, address: str, **typed: str) -> None:
        """Measure the preview of a form in which something was typed."""

        def press() -> Any:
            response = self.client.post(address, values)
            assert response.context_data["preview"].registers, f"{address} previews no change"
            return response

        values = {**form_values(self.client.get(address).content), **typed, "_preview": "Preview"}
        self.measure(f"{_name(address)} preview", press)


def _name(address: str) -> str:
    return re.sub(r"/\d[^/]*|/[0-9a-f-]{36}", "", address).removeprefix("/admin/compliance")


def form_values(content: bytes) -> dict[str, Any]:
    """Return the values of a page's own form by field name, as a browser would send them."""
    from tests.forms import form_values

    return form_values(content)


def records() -> Iterator[tuple[str, Any]]:
    """Yield each kind of record that has screens, by its name, with one that is on the page."""
    from django.apps import apps
    from django.contrib import admin

    from compliance.admin import site

    for model in apps.get_app_config("compliance").get_models():
        if model in site._registry and isinstance(site._registry[model], admin.ModelAdmin):
            name = str(model._meta.model_name)
            found = model._default_manager.order_by("pk")
            if name == "listing":
                # The first rows are edited meanwhile: a form of theirs would be out of date.
                found = found.order_by("-position")
            elif name == "changeset":
                found = found.order_by("-pk")  # the first one imported the page
            elif name == "retentionterm":
                found = found.filter(wording="60 days")
            elif name in ("aimodel", "provider"):
                found = found.filter(name={"aimodel": "Engine 40", "provider": "Host 13"}[name])
            yield name, found.first()


def signed_in(user: Any) -> "Client":
    """Return a browser in which somebody has signed in with a second factor."""
    from importlib import import_module

    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.contrib.auth import login
    from django.http import HttpRequest
    from django.test import Client

    client, request = Client(), HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, user, "django.contrib.auth.backends.ModelBackend")
    record_authentication(request, user, "mfa", type="totp")
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


# What is typed into the form of each kind before it is previewed.
TYPED = {
    "listing": {"cell_training_text": "No, never", "cell_training": "never"},
    "provider": {"name": "Host three"},
    "aimodel": {"name": "Engine thirty"},
    "retentionterm": {"wording": "one month"},
    "footnote": {"text": "Another note."},
    "register": {"title": "Benchmark"},
}


def measure_screens(models: int) -> None:
    """Fill a register, and print the figures of each screen as a line of JSON."""
    import django

    django.setup()
    collect_static()
    fill(models)
    publish()
    edit(5, "No (edited)")
    register, editor, approver = cast()
    screens = Screens(signed_in(editor))
    screens.open("/admin/", "desk of an editor")
    screens.open("/admin/search/?q=Engine", "search")
    for name, record in records():
        base = f"/admin/compliance/{name}/"
        screens.open(base)
        if record:
            screens.open(f"{base}{record.pk}/change/")
            screens.open(f"{base}{record.pk}/history/")
            if name in TYPED:
                screens.preview(f"{base}{record.pk}/change/", **TYPED[name])
    screens.open(f"/admin/compliance/publication/submit/{register.pk}/")
    submitted = submit(register, editor)
    screens.client = signed_in(approver)
    screens.open(f"/admin/compliance/publication/{submitted.pk}/change/", "review")
    screens.open("/admin/", "desk of an approver")
    for name, figures in screens.figures.items():
        print(json.dumps([name, figures]), flush=True)


def measure_writes(models: int) -> None:
    """Fill a register, and print the processor time of a submission and of its approval."""
    import django

    django.setup()
    from django.utils import timezone

    from compliance import publishing

    fill(models)
    publish()
    edit(models * 3 // 100, "No (edited)")
    register, editor, approver = cast()
    times = {}
    began = process_time()
    submitted = submit(register, editor)
    times["submit"], began = process_time() - began, process_time()
    at, sha256 = timezone.now(), submitted.approval_sha256
    publishing.approve(submitted, by=approver, at=at, approval_sha256=sha256)
    times["approve"] = process_time() - began
    print(json.dumps(times), flush=True)


def run(mode: str, models: int) -> list[Any]:
    """Measure a size in a process of its own; return the lines that it printed."""
    with tempfile.TemporaryDirectory() as name, fresh(Path(name), f"s{models}") as environment:
        command = [sys.executable, "-m", "bench.asked_queries", mode, str(models)]
        output = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith(("[", "{"))]


def ratio(small: float, large: float) -> float:
    """Return how many times as long the larger register takes."""
    return max(large, IMPERCEPTIBLE) / max(small, IMPERCEPTIBLE)


def main() -> None:
    """Print a table of the screens, and exit with 1 if one of them costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs=2, default=[100, 10_000])
    parser.add_argument("--writes", type=int, nargs="+")
    parser.add_argument("--one-of-screens", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--one-of-writes", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    os.environ |= {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "testserver", "DEMO": "True"}
    if options.one_of_screens:
        measure_screens(options.one_of_screens)
    elif options.one_of_writes:
        measure_writes(options.one_of_writes)
    elif options.writes:
        print_writes(options.writes)
    else:
        print_screens(*options.models)


def print_writes(sizes: list[int]) -> None:
    """Print how long it takes to submit and approve, for each size."""
    print(f"{'models':>8}{'submit s':>10}{'µs a model':>12}{'approve s':>11}{'µs a model':>12}")
    for models in sizes:
        [times] = run("--one-of-writes", models)
        submitted, approved = times["submit"], times["approve"]
        print(
            f"{models:8}{submitted:10.2f}{submitted / models * 1e6:12.0f}"
            f"{approved:11.2f}{approved / models * 1e6:12.0f}",
            flush=True,
        )


def print_screens(few: int, many: int) -> None:
    """Print the figures of each screen for both sizes."""
    small, large = (
        {name: Figures(*figures) for name, figures in run("--one-of-screens", models)}
        for models in (few, many)
    )
    costly = []
    print(f"{'':40}{'queries':>16}{'unchanged s':>18}{'':>7}{'after a save s':>18}{'':>7}")
    for name in dict.fromkeys([*small, *large]):
        if name not in small or name not in large:
            costly.append(name)
            print(f"{name:40} is missing for one of the sizes")
            continue
        before, after = small[name], large[name]
        times = ratio(before.unchanged, after.unchanged), ratio(before.after_save, after.after_save)
        is_slow = max(times) > MOST_TIMES and LIMITED.search(name)
        has_many = (
            max(before.queries, after.queries) > MOST_QUERIES
            or max(before.queries_after_save, after.queries_after_save) > MOST_QUERIES_AFTER_SAVE
        )
        if has_many or is_slow:
            costly.append(name)
        print(
            f"{name:40}{after.queries:8}{after.queries_after_save:8}"
            f"{before.unchanged:9.3f}{after.unchanged:9.3f}{times[0]:6.1f}×"
            f"{before.after_save:9.3f}{after.after_save:9.3f}{times[1]:6.1f}×",
            flush=True,
        )
    if costly:
        sys.exit(f"The cost grows with the register: {', '.join(costly)}.")


if __name__ == "__main__":
    main()
