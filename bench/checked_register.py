"""How checking a register grows: seconds of processor for a size and for its double, all rules, against a page in force.

    python -m bench.checked_register [--models 10000] [--footnotes 500]

The register is generated, half of it with faults: listings of ten models of many names, providers that share no word,
footnotes that name models here and elsewhere, aliases, floors. Ends with 1 when the double takes more
than 2.3 times as long, or when an answer of the rules does not grow with the register.
"""

import argparse
import gc
import random
import sys
from dataclasses import replace
from datetime import date
from time import process_time

from compliance import rules
from compliance.rules.facts import Facts, KnownModel, Validity
from compliance.snapshot import Footnote, Snapshot, Term
from compliance.wording import clauses
from tests.pages import page, row

MOST, ROUNDS, MODELS_A_LISTING = 2.3, 5, 10
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "al", "en", "or")]
DAY = date(2026, 3, 1)


def word(dice: random.Random) -> str:
    """Return a word of three syllables."""
    return "".join(dice.choice(SYLLABLES) for _ in range(3)).capitalize()


def register(models: int, footnotes: int) -> tuple[Snapshot, Snapshot, Facts]:
    """Return a page, the page before it and the facts, with so many models and footnotes."""
    dice = random.Random(models)
    names = [f"{word(dice)} {number % 90 / 10:.1f} {word(dice)}" for number in range(models)]
    names[::50] = [f"{name} (reasoning)" for name in names[::50]]
    providers = [f"{word(dice)} {word(dice)}" for _ in range(models // 100)]
    terms = ["30 days", "Not stored", "24 hours", "1 year"]
    rows = []
    for start in range(0, models, MODELS_A_LISTING):
        two = dice.sample(providers, 2)
        documents = "<br>".join(
            f"[{name} Privacy Policy](https://{name.split()[0].lower()}.example/privacy)" for name in two
        )
        listing = ", ".join(names[start : start + MODELS_A_LISTING])
        rows.append(row(listing, ", ".join(two), retention=dice.choice(terms), documents=documents))
    snapshot = page(*rows)
    notes, listings = [], list(snapshot.listings)
    for number in range(1, footnotes + 1):
        at = dice.randrange(len(listings))
        here, elsewhere = dice.choice(listings[at].models).name, dice.choice(names)
        text = f"{here} and {elsewhere} go to {listings[at].providers[0].name} for now."
        notes.append(Footnote(f"note-{number}", number, text))
        retention = replace(listings[at].retention, footnotes=(*listings[at].retention.footnotes, number))
        listings[at] = replace(listings[at], retention=retention)
    after = replace(snapshot, listings=tuple(listings), footnotes=tuple(notes))
    known = [(model.id, model.name) for listing in listings for model in listing.models]
    facts = Facts(
        today=DAY,
        models=tuple(KnownModel(id, name, (f"{id}-2026",), Term("1 day", clauses("1 day"))) for id, name in known),
        validities=tuple(Validity(name, name.lower(), f"{name} Privacy Policy", DAY) for name in providers),
    )
    return snapshot, after, facts


def measured(models: int, footnotes: int) -> tuple[float, int]:
    """Return the least seconds of processor of a check, and how many findings it made."""
    before, after, facts = register(models, footnotes)
    least, found = float("inf"), []
    for _ in range(ROUNDS):
        gc.collect()
        started = process_time()
        found = rules.findings(after, before=before, facts=facts)
        least = min(least, process_time() - started)
    return least, len(found)


def main() -> None:
    """Measure both sizes, print a line for each and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--footnotes", type=int, default=500)
    options = parser.parse_args()
    told = []
    for times in (1, 2):
        models, footnotes = options.models * times, options.footnotes * times
        seconds, found = measured(models, footnotes)
        told.append((seconds, found))
        print(f"{models:8} models {footnotes:6} footnotes {seconds:8.2f} s {found:7} findings", flush=True)
    ratio = told[1][0] / told[0][0]
    print(f"ratio at double size: {ratio:.2f} (at most {MOST})")
    sys.exit(ratio > MOST or told[1][1] <= told[0][1])


if __name__ == "__main__":
    main()
