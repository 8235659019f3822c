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

from compliance.page import rules
from compliance.page.retention import read_clauses
from compliance.page.rules.facts import DocumentValidity, Facts, KnownModel
from compliance.page.snapshot import Footnote, Snapshot, Term
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
            f"[{name} Privacy Policy](https://{name.split()[0].lower()}.example/privacy)"
            for name in two
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
        retention = replace(
            listings[at].retention, footnotes=(*listings[at].retention.footnotes, number)
        )
        listings[at] = replace(listings[at], retention=retention)
    after = replace(snapshot, listings=tuple(listings), footnotes=tuple(notes))
    known = [(model.id, model.name) for listing in listings for model in listing.models]
    facts = Facts(
        today=DAY,
        models=tuple(
            KnownModel(id, name, (f"{id}-2026",), Term("1 day", read_clauses("1 day")))
            for id, name in known
        ),
        validities=tuple(
            DocumentValidity(name, name.lower(), f"{name} Privacy Policy", DAY)
            for name in providers
        ),
    )
    return snapshot, after, facts


def main() -> None:
    """Measure both sizes in turns, print a line for each and the ratio; the least of the rounds counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--footnotes", type=int, default=500)
    options = parser.parse_args()
    sizes = [(options.models * times, options.footnotes * times) for times in (1, 2)]
    registers = [register(*size) for size in sizes]
    gc.freeze()  # what is checked was there before: it is not the check's to be collected
    least, found = [float("inf")] * 2, [0, 0]
    for _ in range(ROUNDS):
        for number, (before, after, facts) in enumerate(registers):
            gc.collect()
            started = process_time()
            found[number] = len(rules.findings(after, before=before, facts=facts))
            least[number] = min(least[number], process_time() - started)
    for (models, footnotes), seconds, findings in zip(sizes, least, found, strict=True):
        print(
            f"{models:8} models {footnotes:6} footnotes {seconds:8.2f} s {findings:7} findings",
            flush=True,
        )
    print(f"ratio at double size: {least[1] / least[0]:.2f} (at most {MOST})")
    sys.exit(least[1] > MOST * least[0] or found[1] <= found[0])


if __name__ == "__main__":
    main()
