"""Checks over HTTP that editors who save the same listing at once lose no edit.

    python -m bench.raced_editors [--editors 50] [--edits 2] [--seconds 900] [--stock]

Each editor has a session with a real server, opens the form of the same listing, adds a character
to its training wording, and saves. An editor who is shown a conflict opens the form again and
repeats the edit. In the end every saved character must be in the listing, every refusal must have
shown the change that came in between, and no response may be a server error. `--stock` is the
control: it uses Django's own admin for the same models (`bench.stock`), which must lose edits.

The database is a SQLite file, or one created for the run on the PostgreSQL server that DATABASE_URL
names.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bench.serving import DEMO, gunicorn, with_style_sheets
from bench.sessions import Answer, Session
from bench.staging import SLUG, staged
from tests.forms import form_values

if TYPE_CHECKING:
    from compliance.models import User

# Each edit adds a different character (Chinese ones, for they are many): the wording must be short.
_FIRST_CHARACTER = 0x4E00


class Editor:
    """A signed-in editor, with a count of the outcomes of their requests."""

    def __init__(self, session: Session, path: str, field: str) -> None:
        self._session, self._path, self._field = session, path, field
        self.outcomes: Counter[str] = Counter()

    def edit(self, character: str, deadline: float) -> bool:
        """Add a character to the training wording, again after each conflict, until the deadline.

        Returns whether it was saved. An editor who does not get the form gives up.
        """
        while time.monotonic() < deadline:
            form = self._session.get(self._path)
            if form.status != 200:
                self.outcomes[f"{form.status} for the form"] += 1
                return False
            values = form_values(form.content)
            values[self._field] += character
            values["reason"] = f"Add {character}"
            time.sleep(random.uniform(0, 0.5))  # the time to type
            outcome = _outcome(self._session.post(self._path, values))
            self.outcomes[outcome] += 1
            if outcome == "saved":
                return True
        return False


def _outcome(answer: Answer) -> str:
    from compliance.models.outages import BUSY

    if answer.status == 302:
        return "saved"
    html = " ".join(answer.content.decode().split())
    is_conflict = "was changed after you opened the form" in html
    if answer.status == 200 and is_conflict and '<p class="why">Add ' in html:
        return "conflict shown"
    if answer.status == 503 and BUSY in html:
        return "asked to repeat"
    return "server error" if answer.status >= 500 else f"{answer.status}, unexplained"


def _make_editors(number: int) -> list["User"]:
    from django.contrib.auth.models import Group

    from compliance.models import User

    group = Group.objects.get(name="editor")
    users = [User.objects.create_user(f"editor-{place}", is_staff=True) for place in range(number)]
    for user in users:
        user.groups.add(group)
    return users


def race(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Let the editors edit at the same time, and return the figures."""
    from django.db import connection

    from compliance.models import Cell, Changeset, Listing
    from compliance.models.changesets import changeset

    listing = Listing.objects.filter(section__register__slug=SLUG)[0]
    column = listing.section.columns.get(role="training")
    with changeset(by=None, label="bench", reason="Bench", source="command"):
        cell = listing.cells.filter(column=column).first() or Cell(listing=listing, column=column)
        cell.set(use="never", text="No")
    index = list(listing.cells.all()).index(cell)
    field = f"cells-{index}-text" if options.stock else f"cell_{column.key}_text"
    place = "admin/stock" if options.stock else "admin"
    path = f"/{place}/compliance/listing/{listing.pk}/change/"
    edits = range(options.editors * options.edits)
    characters = [chr(_FIRST_CHARACTER + number) for number in edits]
    started_at = time.monotonic()
    deadline = started_at + options.seconds
    environment = {
        **with_style_sheets(folder),
        "DJANGO_SETTINGS_MODULE": "bench.stock" if options.stock else "registry.settings",
    }
    server = gunicorn("registry.wsgi", environment, threads=4, path="/accounts/login/")
    with server as site, ThreadPoolExecutor(options.editors) as pool:
        editors = [
            Editor(Session(user, site), path, field) for user in _make_editors(options.editors)
        ]

        def work(number: int) -> list[str]:
            own = characters[number :: options.editors]
            return [character for character in own if editors[number].edit(character, deadline)]

        saved = list(chain.from_iterable(pool.map(work, range(options.editors))))
    text = Cell.objects.get(pk=cell.pk).text
    outcomes: Counter[str] = sum((editor.outcomes for editor in editors), Counter())
    recorded = Changeset.objects.filter(by__username__startswith="editor-").count()
    return {
        "database": connection.vendor,
        "admin": "stock" if options.stock else "registry",
        "saved": len(saved),
        "lost": sum(character not in text for character in saved),
        "unrecorded": len(saved) - recorded,
        "outcomes": dict(outcomes.most_common()),
        "seconds": round(time.monotonic() - started_at),
    }


def main() -> None:
    """Print the figures as JSON; exit with 1 if an edit was lost, or if the control lost none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editors", type=int, default=50)
    parser.add_argument("--edits", type=int, default=2, help="edits of each editor")
    parser.add_argument("--seconds", type=int, default=900, help="stop after this time")
    parser.add_argument(
        "--stock", action="store_true", help="use Django's own admin, which must lose edits"
    )
    options = parser.parse_args()
    os.environ |= DEMO
    with staged() as folder:
        figures = race(folder, options)
    print(json.dumps(figures))
    if options.stock:
        sys.exit(
            None
            if figures["lost"]
            else "Django's own admin lost nothing, so the edits did not meet."
        )
    unexpected = set(figures["outcomes"]) - {"saved", "conflict shown", "asked to repeat"}
    if figures["lost"] or figures["unrecorded"] or unexpected:
        sys.exit("An edit was lost or not recorded, or a refusal was not explained.")
    if figures["saved"] < options.editors * options.edits:
        sys.exit(f"Not every edit was saved in {options.seconds} seconds.")
    if "conflict shown" not in figures["outcomes"]:
        sys.exit("No two edits met, so nothing was measured.")


if __name__ == "__main__":
    main()
