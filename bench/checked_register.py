"""Checks that the time to check a register with all rules grows no faster than the register.

    python -m bench.checked_register [--models 10000] [--footnotes 500]

Measures the processor seconds for a generated register and for one twice its size, each compared
with the page in force. The register has faults for the rules to find: listings of ten models with
different names, providers whose names share no word, footnotes that name models of their own row
and of others, aliases, and retention shorter than the model's minimum. Exits with 1 if the larger
register takes more than 2.3 times as long, or if it does not have more findings.
"""

import argparse
import gc
import random
import sys
from dataclasses import replace
from datetime import date
from time import process_time

from bench.staging import set_up_django
from compliance.page import rules
from compliance.page.retention import read_clauses
from compliance.page.rules.facts import Facts
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import DocumentItem, Listing, Term

LARGEST_RATIO, ROUNDS, MODELS_PER_LISTING = 2.3, 5, 10
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "al", "en", "or")]
DAY = date(2026, 3, 1)


def word(dice: random.Random) -> str:
    """Return a word of three syllables."""
    return "".join(dice.choice(SYLLABLES) for _ in range(3)).capitalize()


def register(models: int, footnotes: int) -> tuple[Snapshot, Snapshot, Facts]:
    """Return the page in force, the page to check, and the facts about its models."""
    from tests.pages import page, row  # needs the settings

    dice = random.Random(models)
    names = [f"{word(dice)} {number % 90 / 10:.1f} {word(dice)}" for number in range(models)]
    names[::50] = [f"{name} (reasoning)" for name in names[::50]]
    providers = [f"{word(dice)} {word(dice)}" for _ in range(models // 100)]
    terms = ["30 days", "Not stored", "24 hours", "1 year"]
    rows = []
    for start in range(0, models, MODELS_PER_LISTING):
        pair = dice.sample(providers, 2)
        documents = "<br>".join(
            f"[{name} Privacy Policy](https://{name.split()[0].lower()}.example/privacy)"
            for name in pair
        )
        models_cell = ", ".join(names[start : start + MODELS_PER_LISTING])
        rows.append(
            row(models_cell, ", ".join(pair), retention=dice.choice(terms), documents=documents)
        )
    snapshot = page(*rows)
    [section] = snapshot.sections
    names_of = {model.id: model.name for model in snapshot.models}
    notes, listings = [], [_dated(listing) for listing in section.listings]
    for number in range(1, footnotes + 1):
        place = dice.randrange(len(listings))
        cells = listings[place].cells
        here = names_of[dice.choice(cells["models"].items).model]
        elsewhere, recipient = dice.choice(names), cells["providers"].items[0].text
        text = f"{here} and {elsewhere} go to {recipient} for now."
        notes.append(Footnote(f"note-{number}", number, text))
        [item] = cells["retention"].items
        marked = replace(item, footnotes=(*item.footnotes, number))
        retention = replace(cells["retention"], items=(marked,))
        listings[place] = replace(listings[place], cells={**cells, "retention": retention})
    floor = Term("1 day", read_clauses("1 day"))
    after = replace(
        snapshot,
        sections=(replace(section, listings=tuple(listings)),),
        models=tuple(
            replace(model, aliases=(f"{model.id}-2026",), retention_floor=floor)
            for model in snapshot.models
        ),
        footnotes=tuple(notes),
    )
    return snapshot, after, Facts(today=DAY)


def _dated(listing: Listing) -> Listing:
    """Return a listing whose documents are valid until the day."""
    documents = listing.cells["documents"]
    items = tuple(_dated_document(item) for item in documents.items)
    return replace(listing, cells={**listing.cells, "documents": replace(documents, items=items)})


def _dated_document(item: DocumentItem) -> DocumentItem:
    return replace(item, valid_until=DAY)


def main() -> None:
    """Measure both sizes alternately, and print the shortest time of each and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--footnotes", type=int, default=500)
    options = parser.parse_args()
    set_up_django()
    sizes = [(options.models * times, options.footnotes * times) for times in (1, 2)]
    registers = [register(*size) for size in sizes]
    gc.freeze()  # garbage collection of the registers is no cost of checking them
    shortest, finding_counts = [float("inf")] * 2, [0, 0]
    for _ in range(ROUNDS):
        for number, (before, after, facts) in enumerate(registers):
            gc.collect()
            started = process_time()
            finding_counts[number] = len(rules.findings(after, before=before, facts=facts))
            shortest[number] = min(shortest[number], process_time() - started)
    for (models, footnotes), seconds, findings in zip(sizes, shortest, finding_counts, strict=True):
        print(
            f"{models:8} models {footnotes:6} footnotes {seconds:8.2f} s {findings:7} findings",
            flush=True,
        )
    ratio = shortest[1] / shortest[0]
    print(f"ratio at double size: {ratio:.2f} (at most {LARGEST_RATIO})")
    sys.exit(ratio > LARGEST_RATIO or finding_counts[1] <= finding_counts[0])


if __name__ == "__main__":
    main()
