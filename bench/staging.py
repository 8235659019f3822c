"""A temporary registry for a benchmark, its users, and readers of its published store."""

import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.databases import fresh

if TYPE_CHECKING:
    from compliance.models import Listing, Publication, Register, User

SLUG = "bench"
READERS = 2


class Report(NamedTuple):
    """What readers read: how often, which texts (as SHA-256), and the faults they found."""

    answers: int
    texts: set[str]
    faults: list[str]


def set_up_django() -> None:
    """Set up Django for the database and the store that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    import django

    django.setup()


@contextmanager
def staged(slugs: Sequence[str] = (SLUG,)) -> Iterator[Path]:
    """Fill a new registry, set the environment to it, and yield a temporary folder.

    It has a register for each slug. The registry and the folder are deleted afterwards.
    """
    with tempfile.TemporaryDirectory() as name, fresh(Path(name)) as environment:
        os.environ.update(environment)
        set_up_django()
        from django.db import connection

        try:
            _fill(slugs)
            yield Path(name)
        finally:
            if connection.vendor == "postgresql":
                connection.close_pool()  # or it would connect again after the database is dropped


def collect_static() -> None:
    """Collect the static files beside the published store, where the screens need them."""
    from django.conf import settings
    from django.core.management import call_command

    settings.STATIC_ROOT = Path(os.environ["PUBLISHED_ROOT"]).parent / "static"
    call_command("collectstatic", interactive=False, verbosity=0)


def _fill(slugs: Sequence[str]) -> None:
    from django.contrib.auth.models import Group
    from django.core.management import call_command

    from compliance.models import User

    call_command("migrate", verbosity=0)
    call_command("make_signing_key", stdout=io.StringIO())
    from compliance.page.formats import markdown
    from compliance.published import writer
    from compliance.workingcopy.importing import import_page

    head = "| Model | Provider | Trains | Retention | Policies |\n|--|--|--|--|--|\n"
    policy = "[Provider {0} Privacy Policy](https://provider{0}.example/privacy)"
    rows = "".join(
        f"| Model {n} | Provider {n} | No | 30 days | {policy.format(n)} |\n" for n in range(8)
    )
    for slug in slugs:
        import_page(
            markdown.parse(f"# Bench\n\n{head}{rows}"),
            slug=slug,
            reason="Bench",
            by=None,
            label="bench",
        )
    for role in ("editor", "approver"):
        User.objects.create_user(role, is_staff=True).groups.add(Group.objects.get(name=role))
    writer.complete()


def cast(slug: str = SLUG) -> tuple["Register", "User", "User"]:
    """Return a register, its editor and its approver."""
    from compliance.models import Register, User

    editor, approver = (User.objects.get(username=role) for role in ("editor", "approver"))
    return Register.objects.get(slug=slug), editor, approver


def publish(slug: str = SLUG) -> int:
    """Submit and approve a register; return the number that is now in force."""
    from django.utils import timezone

    from compliance import publishing

    register, editor, approver = cast(slug)
    submitted = submit(register, editor)
    publishing.approve(
        submitted, by=approver, at=timezone.now(), approval_sha256=submitted.approval_sha256
    )
    assert submitted.number
    return submitted.number


def submit(register: "Register", editor: "User") -> "Publication":
    """Submit a register with an answer to each warning, and grade its changes as neutral."""
    from django.db import transaction
    from django.utils import timezone

    from compliance import publishing
    from compliance.models.changesets import take_editing_lock

    with transaction.atomic():
        take_editing_lock()  # nobody edits between the question and its answer
        at = timezone.now()
        content = publishing.candidate(register, at=at)
        return publishing.submit(
            register,
            by=editor,
            at=at,
            reason="Bench",
            answers={finding.key: "Bench." for finding in content.findings},
            grades={change.key: "neutral" for change in content.to_grade},
        )


def edit(register: "Register", editor: "User") -> int:
    """Set the training wording of a random listing to a new text; return the changeset's key."""
    from compliance.models.changesets import changeset

    with changeset(by=editor, reason="Bench") as opened:
        word_training(register.listings.order_by("?")[0], f"No ({random.getrandbits(40)})")
    return opened.changeset.pk


def word_training(listing: "Listing", text: str) -> None:
    """Let a listing state that its prompts are never trained on, in these words."""
    from compliance.models import Cell

    column = listing.section.columns.get(role="training")
    cell = Cell.objects.filter(listing=listing, column=column).first() or Cell(column=column)
    # The same instance, so that it gets the version that the write gives the listing.
    cell.listing = listing
    cell.set(use="never", text=text)


def start(module: str, *args: object) -> subprocess.Popen[bytes]:
    """Run a module in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", module, *map(str, args)])


@contextmanager
def read_all_along(folder: Path, *others: subprocess.Popen[bytes]) -> Iterator[None]:
    """Run readers beside the `with` block, and stop them and the other processes afterwards.

    The processes stop when the file `stop` appears in the folder.
    """
    stop = folder / "stop"
    readers = [
        start("bench.staging", folder / f"reader-{number}", stop) for number in range(READERS)
    ]
    try:
        yield
    finally:
        stop.touch()
        exit_codes = [process.wait() for process in (*readers, *others)]
    if any(exit_codes):
        sys.exit("A reader or an editor failed, so the result does not count. See its error above.")


def report(folder: Path) -> Report:
    """Return the reports of all readers as one."""
    answers, texts, faults = zip(
        *(json.loads(file.read_text()) for file in folder.glob("reader-*")), strict=True
    )
    return Report(sum(answers), set(chain(*texts)), list(chain(*faults)))


def read(file: Path, stop: Path) -> None:
    """Read the publication in force until the file `stop` exists, then write the report."""
    set_up_django()
    from django.utils import timezone

    from compliance.page import canonical
    from compliance.published import reader
    from compliance.published.errors import StoreFault

    last = answers = 0
    texts: set[str] = set()
    faults: list[str] = []
    while not stop.exists():
        time.sleep(0.01)  # leave processor time to the writers
        try:
            index = reader.read_index(SLUG)
            entry = index.in_force(timezone.now()) if index else None
            if index is None or entry is None:
                continue
            texts.update(
                canonical.sha256(reader.read_file(index, entry, format)) for format in entry.files
            )
            if entry.number < last:
                faults.append(f"the number in force went from {last} back to {entry.number}")
            last = max(last, entry.number)
        except StoreFault as fault:
            faults.append(str(fault))
        answers += 1
    file.write_text(json.dumps(Report(answers, sorted(texts), faults)))


if __name__ == "__main__":
    read(*map(Path, sys.argv[1:]))
